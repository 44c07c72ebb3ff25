"""Telling people, once for each fact and person, and what they do with it."""

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from uuid import UUID, uuid4, uuid5
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import transaction
from django.utils import timezone

from gtmos.kernel import clock, history, jobs, live
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import InvalidInputError
from gtmos.kernel.notifications import kinds
from gtmos.kernel.notifications.models import (
    Notification,
    NotificationMail,
    NotificationPreference,
    Rhythm,
)
from gtmos.kernel.notifications.selectors import Choice, choices_for, default_of, unread
from gtmos.kernel.people.models import User
from gtmos.kernel.permissions import require
from gtmos.kernel.records import save_changes

JOB = "outreach.send_notices"
DIGEST_AT = time(7, 30)
# A digest that is about to leave takes nothing more in.
LEAD = timedelta(minutes=15)


@transaction.atomic
def notify(
    people: Iterable[User],
    *,
    kind: str,
    title: str,
    text: str = "",
    url: str = "",
    key: str,
    actor: Actor,
) -> int:
    """Tell each of them once, as they want it; returns how many are told now. However many they are: four statements."""
    readers = _readers(people, kinds.find(kind), actor)
    if not readers:
        return 0
    choices, now = choices_for(readers, kind), clock.now()
    told: list[Notification] = []
    mails: dict[UUID, NotificationMail] = {}
    for person in readers:
        choice = choices[person.pk]
        if choice.is_muted:
            continue
        mail = _mail_for(person, choice)
        if mail is not None:
            mails[mail.pk] = mail
        told.append(
            Notification(
                person=person,
                kind=kind,
                key=key[:200],
                title=title[:300],
                text=text[:500],
                url=url[:300],
                caused_by=actor.label[:150],
                is_shown=choice.in_app,
                mail_id=mail.pk if mail else None,
                created_at=now,
            )
        )
    return _write(told, mails) if told else 0


def _readers(people: Iterable[User], kind: kinds.Kind, actor: Actor) -> list[User]:
    """Who causes something knows of it already."""
    return [
        each
        for each in dict.fromkeys(people)
        if each.is_active and (kind.tells_oneself or actor.user is None or each.pk != actor.user.pk)
    ]


def _mail_for(person: User, choice: Choice) -> NotificationMail | None:
    if choice.by_mail == Rhythm.NEVER:
        return None
    if choice.by_mail == Rhythm.AT_ONCE:
        return NotificationMail(pk=uuid4(), person=person, due_at=timezone.now())
    due = next_digest(person.time_zone, timezone.now())
    return NotificationMail(pk=uuid5(person.pk, due.isoformat()), person=person, due_at=due, is_digest=True)


def zone_of(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def next_digest(zone: str, now: datetime) -> datetime:
    """The next morning of the reader."""
    place = zone_of(zone)
    here = (now + LEAD).astimezone(place)
    day = here.date() if here.time() < DIGEST_AT else here.date() + timedelta(days=1)
    return datetime.combine(day, DIGEST_AT, place)


def _write(told: Sequence[Notification], mails: dict[UUID, NotificationMail]) -> int:
    """Of two that tell the same side by side, the second waits here and finds it told; its mail is never made."""
    Notification.objects.bulk_create(told, ignore_conflicts=True)
    keys = [each.pk for each in told]
    new = Notification.objects.filter(pk__in=keys).values_list("person_id", "mail_id")
    written = dict(new)
    wanted = [mails[key] for key in set(written.values()) & set(mails)]
    if wanted:
        NotificationMail.objects.bulk_create(wanted, ignore_conflicts=True)
    if any(not mail.is_digest for mail in wanted):
        jobs.enqueue(JOB)
    for person in written:
        live.push(f"user:{person}", "notifications")
    return len(written)


@transaction.atomic
def mark_read(notification: Notification, *, is_read: bool = True, actor: Actor) -> Notification:
    require(actor, "kernel.read_notification", notification)
    row = Notification.objects.select_for_update(of=("self",)).get(pk=notification.pk)
    if (row.read_at is not None) != is_read:
        row.read_at = clock.now() if is_read else None
        row.save(update_fields=["read_at"])
        live.push(f"user:{row.person_id}", "notifications")
    return row


@transaction.atomic
def mark_all_read(*, actor: Actor) -> int:
    """Everything that was told until now."""
    if actor.user is None:
        return 0
    marked = unread(actor=actor).update(read_at=clock.now())
    live.push(f"user:{actor.user.pk}", "notifications")
    return marked


@transaction.atomic
def set_preference(
    user: User, kind: str, *, in_app: bool, by_mail: str, actor: Actor
) -> NotificationPreference:
    """How this person is told of this kind from now on."""
    require(actor, "kernel.choose_notifications", user)
    if kind not in {each.name for each in kinds.known()} or by_mail not in Rhythm.values:
        raise InvalidInputError("There is no such notification.", code="unknown_kind")
    usual = default_of(kinds.find(kind))
    NotificationPreference.objects.bulk_create(
        [NotificationPreference(person=user, kind=kind, in_app=usual.in_app, by_mail=usual.by_mail)],
        ignore_conflicts=True,
    )
    row = NotificationPreference.objects.select_for_update(of=("self",)).get(person=user, kind=kind)
    before = {"in_app": row.in_app, "by_mail": row.by_mail}
    after = {"in_app": in_app, "by_mail": by_mail}
    if history.record(row, before=before, after=after, actor=actor, category="NOTIFICATION"):
        row.in_app, row.by_mail = in_app, by_mail
        save_changes(row, "in_app", "by_mail")
    return row


def mute(user: User, kind: str, *, actor: Actor) -> NotificationPreference:
    return set_preference(user, kind, in_app=False, by_mail=Rhythm.NEVER, actor=actor)
