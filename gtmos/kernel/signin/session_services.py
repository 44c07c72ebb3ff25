"""Sessions: how long they last, when somebody last said who they are, and ending them."""

import hashlib
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from gtmos.kernel import history
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import NotFoundError
from gtmos.kernel.people.models import User
from gtmos.kernel.signin.models import BrowserSession
from gtmos.kernel.signin.session_store import CONFIRMED, SIGNED_IN

SEEN_EVERY = timedelta(minutes=1)
CONFIRMED_FOR = timedelta(minutes=15)


def is_over(row: BrowserSession, now: datetime) -> bool:
    """After so long without a request, or so long after signing in, whatever was done meanwhile."""
    idle = timedelta(minutes=settings.SESSION_IDLE_MINUTES)
    longest = timedelta(hours=settings.SESSION_LONGEST_HOURS)
    seen, began = row.seen_at or now, row.signed_in_at or now
    return now - seen >= idle or now - began >= longest


def note_seen(row: BrowserSession, now: datetime) -> None:
    """At most once a minute, in its own column: what else stands in the session is not written over."""
    if row.seen_at is None or now - row.seen_at >= SEEN_EVERY:
        BrowserSession.objects.filter(pk=row.pk).update(seen_at=now)


def is_confirmed(session: Any) -> bool:
    """Whether whoever sits there said who they are within the last quarter of an hour."""
    said = parse_datetime(session.get(CONFIRMED, "") or session.get(SIGNED_IN, ""))
    return said is not None and timezone.now() - said < CONFIRMED_FOR


def confirm(session: Any) -> None:
    session[CONFIRMED] = timezone.now().isoformat()


def sessions_of(user: User) -> list[BrowserSession]:
    """Those that are still open, the one seen last first."""
    now = timezone.now()
    rows = BrowserSession.objects.filter(user=user, expire_date__gt=now).order_by("-seen_at")
    return [row for row in rows if not is_over(row, now)]


def name_of(session_key: str | None) -> str:
    """What a page may call a session; the key itself would open it."""
    return hashlib.sha256(f"session {session_key}".encode()).hexdigest()[:20]


def drop_sessions(user: User, *, keep: str | None = None) -> int:
    """From the next request on nobody is signed in as this person, except in the session that is kept."""
    ended, _ = BrowserSession.objects.filter(user=user).exclude(pk=keep or "").delete()
    return ended


@transaction.atomic
def end_sessions(user: User, *, actor: Actor, keep: str | None = None) -> int:
    ended = drop_sessions(user, keep=keep)
    if ended:
        words = f"Ended {ended} session{'s' if ended != 1 else ''}"
        history.record(
            user,
            before={"sessions": ended},
            after={"sessions": 0},
            actor=actor,
            category="SIGN_IN",
            summary=words,
        )
    return ended


@transaction.atomic
def end_session(user: User, name: str, *, actor: Actor) -> None:
    row = next((each for each in sessions_of(user) if name_of(each.pk) == name), None)
    if row is None:
        raise NotFoundError("That session has ended already.", code="session_not_found")
    row.delete()
    history.record(
        user,
        before={"session": str(row)},
        after={"session": None},
        actor=actor,
        category="SIGN_IN",
        summary=f"Ended session {row}",
    )


def forget_sessions() -> int:
    """Rows that open nothing any more."""
    now = timezone.now()
    longest = now - timedelta(hours=settings.SESSION_LONGEST_HOURS)
    forgotten, _ = BrowserSession.objects.filter(expire_date__lt=now).delete()
    old, _ = BrowserSession.objects.filter(signed_in_at__lt=longest).delete()
    return forgotten + old
