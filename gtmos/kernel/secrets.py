"""Secrets at rest: sealed with the newest key, readable with every key that is still listed.

A column that holds one is a `SealedField`, so that `manage.py rotate_secrets` finds them all.
"""

import base64
import hashlib
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.apps import apps
from django.conf import settings
from django.db import models, transaction

from gtmos.kernel.exceptions import UnavailableError

MARK = "sealed:"
AT_A_TIME = 200


class SealedField(models.TextField[str, str]):
    """Holds what `seal` returns and refuses anything else; reading it gives the sealed text, never the secret."""

    def get_prep_value(self, value: Any) -> Any:
        if value and not str(value).startswith(MARK):
            raise ValueError(f"{self.model.__name__}.{self.name} takes sealed text only")
        return super().get_prep_value(value)


def seal(secret: str) -> str:
    return MARK + _box().encrypt(secret.encode()).decode() if secret else ""


def seal_bytes(secret: bytes) -> bytes:
    """For what is kept a short while only; rotating leaves it as it is."""
    return _box().encrypt(secret)


def unseal_bytes(sealed: bytes) -> bytes:
    return _opened(sealed)


def unseal(sealed: str) -> str:
    if not sealed:
        return ""
    return _opened(sealed.removeprefix(MARK).encode()).decode()


def _opened(token: bytes) -> bytes:
    try:
        return _box().decrypt(token)
    except InvalidToken as error:
        raise UnavailableError(
            "A kept secret cannot be read with the keys of this installation. Enter it anew.",
            code="secret_unreadable",
        ) from error


def reseal(sealed: str) -> str:
    """The same secret under the newest key."""
    return MARK + _box().rotate(sealed.removeprefix(MARK)).decode() if sealed else ""


def rotate_all() -> int:
    """Seal every secret anew with the newest key. May be killed and run again; each batch is whole."""
    return sum(
        _rotate_column(model, field.name)
        for model in apps.get_models()
        for field in model._meta.local_fields
        if isinstance(field, SealedField)
    )


def _rotate_column(model: type[models.Model], column: str) -> int:
    done, last = 0, None
    while keys := _next_keys(model, column, last):
        done += _rotate_rows(model, column, keys)
        last = keys[-1]
    return done


def _next_keys(model: type[models.Model], column: str, last: Any) -> list[Any]:
    rows = model._default_manager.exclude(**{column: ""}).order_by("pk")
    if last is not None:
        rows = rows.filter(pk__gt=last)
    return list(rows.values_list("pk", flat=True)[:AT_A_TIME])


@transaction.atomic
def _rotate_rows(model: type[models.Model], column: str, keys: list[Any]) -> int:
    rows = list(model._default_manager.select_for_update(of=("self",)).filter(pk__in=keys).only("pk", column))
    for row in rows:
        setattr(row, column, reseal(getattr(row, column)))
    return model._default_manager.bulk_update(rows, [column])


def _box() -> MultiFernet:
    return _box_of(tuple(settings.SECRETS_KEYS))


@lru_cache(maxsize=4)
def _box_of(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet(
        [Fernet(base64.urlsafe_b64encode(hashlib.sha256(key.encode()).digest())) for key in keys]
    )
