"""Counting what was tried in vain, exactly, in the database, before anything is compared.

A try is counted first and given back when it succeeds: of a hundred guesses at once no more are looked at than
of a hundred one after the other. Known and unknown addresses are counted alike.
"""

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.signin.models import FailedTry

WINDOW_MINUTES = 15
_COUNT = """
INSERT INTO kernel_failedtry AS t (key, failures, since) VALUES (%(key)s, 1, now())
ON CONFLICT (key) DO UPDATE SET
    failures = CASE WHEN t.since <= now() - make_interval(mins => %(minutes)s) THEN 1 ELSE t.failures + 1 END,
    since = CASE WHEN t.since <= now() - make_interval(mins => %(minutes)s) THEN now() ELSE t.since END
RETURNING failures
"""


@dataclass(frozen=True, slots=True)
class Limit:
    kind: str
    most: int


PASSWORD = Limit("password", 10)
SECOND_FACTOR = Limit("second factor", 6)
# Somebody who guesses many addresses from one place; a whole office may sit behind one address.
NETWORK = Limit("network", 100)
MAILS = Limit("mails", 3)


class TooManyTriesError(DomainError):
    status_code = 429


def _key(limit: Limit, name: str) -> str:
    return hashlib.sha256(f"{limit.kind} {name.strip().lower()}".encode()).hexdigest()


def count_try(limit: Limit, name: str) -> bool:
    """Count one more; false when there were too many. Committed at once, whatever happens afterwards."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_COUNT, {"key": _key(limit, name), "minutes": WINDOW_MINUTES})
        (failures,) = cursor.fetchone()
    return bool(failures <= limit.most)


def refuse_after_too_many(limit: Limit, name: str) -> None:
    if not count_try(limit, name):
        raise TooManyTriesError(
            f"Too many tries. Wait {WINDOW_MINUTES} minutes, then try again.", code="too_many_tries"
        )


def forget_tries(limit: Limit, name: str) -> None:
    """It succeeded: what came before counts no more."""
    FailedTry.objects.filter(pk=_key(limit, name)).delete()


def give_back(limit: Limit, name: str) -> None:
    """It succeeded, but others may have failed meanwhile: only this one counts no more."""
    FailedTry.objects.filter(pk=_key(limit, name), failures__gt=0).update(failures=F("failures") - 1)


def forget_old_tries() -> int:
    old = timezone.now() - timedelta(minutes=WINDOW_MINUTES)
    return FailedTry.objects.filter(since__lt=old).delete()[0]
