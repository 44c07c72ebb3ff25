"""Second factors: an authenticator app, passkeys, and recovery codes for when both are lost."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.webauthn.internal import auth as webauthn
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from gtmos.kernel import events, history
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError, InvalidInputError, NotFoundError
from gtmos.kernel.people.models import User
from gtmos.kernel.permissions import require
from gtmos.kernel.secrets import reseal, seal, unseal
from gtmos.kernel.signin import limit_services as limits
from gtmos.kernel.signin.events import SecondFactorAdded, SecondFactorRemoved

TOTP, PASSKEY = Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN
CODES = Authenticator.Type.RECOVERY_CODES
DRAFT = "authenticator_draft"
LONGEST_NAME = 60
AT_A_TIME = 200
WRONG = "That code is not right, or it was used already."


@dataclass(frozen=True, slots=True)
class Factors:
    """What somebody has besides the password."""

    app: Authenticator | None
    passkeys: tuple[Authenticator, ...]
    codes_left: int | None

    def __bool__(self) -> bool:
        return self.app is not None or bool(self.passkeys)


def factors_of(user: User) -> Factors:
    rows = list(Authenticator.objects.filter(user=user).order_by("created_at"))
    codes = next((row for row in rows if row.type == CODES), None)
    return Factors(
        app=next((row for row in rows if row.type == TOTP), None),
        passkeys=tuple(row for row in rows if row.type == PASSKEY),
        codes_left=len(RecoveryCodes(codes).get_unused_codes()) if codes else None,
    )


def has_factor(user: User) -> bool:
    return bool(Authenticator.objects.filter(user=user, type__in=(TOTP, PASSKEY)).exists())


def needs_factor(user: User) -> bool:
    """Administrators and RevOps, and whoever else may configure; nobody where no mail leaves the machine."""
    return bool(settings.SECOND_FACTOR_REQUIRED) and (
        user.is_staff or user.is_superuser or user.standing.may_somewhere("configure")
    )


def refuse_without_factor(user: User) -> None:
    if needs_factor(user) and not has_factor(user):
        raise DomainError(
            "Your role needs a second factor first. Set one up under your account.",
            code="second_factor_needed",
        )


# The authenticator app


def draft_secret(session: Any) -> str:
    """The secret that the app is to take over; sealed while it waits in the session."""
    sealed = session.get(DRAFT)
    if sealed:
        return unseal(sealed)
    secret: str = totp.generate_totp_secret()
    session[DRAFT] = seal(secret)
    return secret


def picture_of(user: User, secret: str) -> tuple[str, str]:
    """The address that the app reads, and its QR code as SVG."""
    adapter = get_adapter()
    url = adapter.build_totp_url(user, secret)
    return url, adapter.build_totp_svg(url)


@transaction.atomic
def add_app(user: User, secret: str, code: str, *, actor: Actor) -> None:
    """Only once the app has shown that it knows the secret."""
    require(actor, "kernel.change_own_sign_in", user)
    user = User.objects.select_for_update().get(pk=user.pk)
    if Authenticator.objects.filter(user=user, type=TOTP).exists():
        raise DomainError("There is an authenticator app already. Remove it first.", code="app_exists")
    counter = _counter_of(secret, code, after=0)
    if counter is None:
        raise InvalidInputError(WRONG, code="wrong_code")
    row = totp.TOTP.activate(user, secret).instance
    row.data["last_counter"] = counter
    row.save(update_fields=["data"])
    _note(user, added="authenticator app", actor=actor)


def _counter_of(secret: str, code: str, *, after: int) -> int | None:
    """Which half minute the code is of; one that was used, or an earlier one, is of none."""
    for counter in totp.yield_hotp_counters_from_time():
        right = totp.format_hotp_value(totp.hotp_value(secret, counter))
        if counter > after and compare_user_code(actual=code, expected=right):
            return int(counter)
    return None


# Passkeys. Challenges wait in the session of the request that the library knows.


def passkey_to_make(user: User) -> dict[str, Any]:
    return dict(webauthn.begin_registration(user, passwordless=True))


@transaction.atomic
def add_passkey(user: User, name: str, credential: str, *, actor: Actor) -> None:
    require(actor, "kernel.change_own_sign_in", user)
    given = _parsed(credential)
    try:
        webauthn.parse_registration_response(given)
        webauthn.complete_registration(given)
    except (ValidationError, ValueError, KeyError, TypeError) as error:
        raise InvalidInputError("The passkey could not be taken. Try again.", code="bad_passkey") from error
    User.objects.select_for_update().get(pk=user.pk)
    webauthn.WebAuthn.add(user, name.strip()[:LONGEST_NAME] or "Passkey", given)
    _note(user, added="passkey", actor=actor)


def passkey_to_ask(user: User | None = None) -> dict[str, Any]:
    return dict(webauthn.begin_authentication(user))


def person_of_passkey(credential: str) -> User:
    """Who signs in with a passkey alone; it has itself asked for a finger or a PIN."""
    given = _parsed(credential)
    try:
        user = webauthn.extract_user_from_response(given)
    except (ValidationError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidInputError("No passkey of this product was given.", code="bad_passkey") from error
    if not isinstance(user, User) or not user.is_active:
        raise InvalidInputError("No passkey of this product was given.", code="bad_passkey")
    check_passkey(user, credential)
    return user


def check_passkey(user: User, credential: str) -> None:
    try:
        row = webauthn.complete_authentication(user, _parsed(credential))
    except (ValidationError, ValueError, KeyError, TypeError) as error:
        raise InvalidInputError("No passkey of this product was given.", code="bad_passkey") from error
    row.record_usage()


def _parsed(credential: str) -> dict[str, Any]:
    try:
        given = json.loads(credential)
    except ValueError as error:
        raise InvalidInputError("No passkey was given.", code="bad_passkey") from error
    if not isinstance(given, dict):
        raise InvalidInputError("No passkey was given.", code="bad_passkey")
    return given


# Checking and taking away


def check_code(user: User, code: str) -> None:
    """A code of the app or a recovery code; each is good once, also for two who type it at the same moment."""
    limits.refuse_after_too_many(limits.SECOND_FACTOR, str(user.pk))
    with transaction.atomic():
        right = _is_app_code(user, code) or _is_recovery_code(user, code)
    if not right:
        raise InvalidInputError(WRONG, code="wrong_code")
    limits.forget_tries(limits.SECOND_FACTOR, str(user.pk))


def _is_app_code(user: User, code: str) -> bool:
    row = Authenticator.objects.select_for_update().filter(user=user, type=TOTP).first()
    if row is None:
        return False
    counter = _counter_of(unseal(row.data["secret"]), code, after=row.data.get("last_counter", 0))
    if counter is None:
        return False
    row.data["last_counter"] = counter
    row.last_used_at = timezone.now()
    row.save(update_fields=["data", "last_used_at"])
    return True


def _is_recovery_code(user: User, code: str) -> bool:
    row = Authenticator.objects.filter(user=user, type=CODES).first()
    if row is None or not RecoveryCodes(row).validate_code(code.replace(" ", "").replace("-", "")):
        return False
    Authenticator.objects.filter(pk=row.pk).update(last_used_at=timezone.now())
    return True


@transaction.atomic
def make_recovery_codes(user: User, *, actor: Actor) -> list[str]:
    """Ten new ones; those from before open nothing any more. Shown this once."""
    require(actor, "kernel.change_own_sign_in", user)
    user = User.objects.select_for_update().get(pk=user.pk)
    if not has_factor(user):
        raise DomainError("Set up an authenticator app or a passkey first.", code="no_second_factor")
    Authenticator.objects.filter(user=user, type=CODES).delete()
    codes: list[str] = RecoveryCodes.activate(user).generate_codes()
    _note(user, added="recovery codes", actor=actor)
    return codes


@transaction.atomic
def remove_factor(user: User, key: int, *, actor: Actor) -> None:
    """The last one stays where the role needs one; with it go the recovery codes."""
    require(actor, "kernel.change_own_sign_in", user)
    user = User.objects.select_for_update().get(pk=user.pk)
    row = Authenticator.objects.filter(user=user, type__in=(TOTP, PASSKEY), pk=key).first()
    if row is None:
        raise NotFoundError("There is no such second factor.", code="factor_not_found")
    others = Authenticator.objects.filter(user=user, type__in=(TOTP, PASSKEY)).exclude(pk=row.pk)
    if not others.exists():
        if needs_factor(user):
            raise DomainError(
                "Your role needs a second factor. Add another first.", code="second_factor_needed"
            )
        Authenticator.objects.filter(user=user, type=CODES).delete()
    row.delete()
    _note(user, removed="authenticator app" if row.type == TOTP else "passkey", actor=actor)


@transaction.atomic
def reset_factors(user: User, *, actor: Actor) -> int:
    """For somebody who has lost everything: an administrator's word; the sessions end with it."""
    require(actor, "kernel.reset_factors", user)
    user = User.objects.select_for_update().get(pk=user.pk)
    gone, _ = Authenticator.objects.filter(user=user).delete()
    if gone:
        _note(user, removed="all second factors", actor=actor)
    return int(gone)


def _note(user: User, *, added: str = "", removed: str = "", actor: Actor) -> None:
    words = f"Added {added}" if added else f"Removed {removed}"
    history.record(
        user,
        before={"second_factor": removed or None},
        after={"second_factor": added or None},
        actor=actor,
        category="SIGN_IN",
        summary=words,
    )
    if added:
        events.publish(SecondFactorAdded(user_id=user.pk, kind=added), subject=user, actor=actor)
    else:
        events.publish(SecondFactorRemoved(user_id=user.pk, kind=removed), subject=user, actor=actor)


def rotate_factors() -> int:
    """Seal the secrets of all apps and recovery codes anew with the newest key."""
    done, last = 0, 0
    while keys := list(
        Authenticator.objects.filter(pk__gt=last, type__in=(TOTP, CODES))
        .order_by("pk")
        .values_list("pk", flat=True)[:AT_A_TIME]
    ):
        done += _rotate(keys)
        last = keys[-1]
    return done


@transaction.atomic
def _rotate(keys: list[int]) -> int:
    rows = list(Authenticator.objects.select_for_update().filter(pk__in=keys))
    for row in rows:
        name = "secret" if row.type == TOTP else "seed"
        row.data[name] = reseal(row.data[name])
        row.save(update_fields=["data"])
    return len(rows)
