"""Who did what, on whose behalf, from which value to which: for RevOps and whoever audits."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from gtmos.kernel.actors import Actor
from gtmos.kernel.events.models import EventRecord
from gtmos.kernel.history.models import Change
from gtmos.kernel.people.models import User
from gtmos.kernel.permissions import require

AT_A_TIME = 1000


@dataclass(frozen=True, slots=True)
class Asked:
    """`what` is `changes` (values before and after) or `actions` (facts that the product told itself)."""

    what: str = "changes"
    person: str = ""
    kind: str = ""
    about: str = ""
    record: str = ""
    door: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    at: datetime
    actor_kind: str
    actor: str
    on_behalf_of: str
    door: str
    action: str
    object_type: str
    object_id: str
    before: dict[str, Any]
    after: dict[str, Any]
    run_id: str
    request_id: str
    cause_id: str
    summary: str
    log_id: str


COLUMNS = tuple(each.name for each in fields(Entry))


def changes_asked(asked: Asked, *, actor: Actor) -> QuerySet[Change]:
    require(actor, "kernel.view_audit")
    rows = _between(Change.objects.all(), "timestamp", asked)
    if asked.door:
        rows = rows.filter(source=asked.door)
    if asked.kind:
        rows = rows.filter(actor_kind=asked.kind)
    if asked.person:
        rows = rows.filter(Q(user_name__icontains=asked.person) | Q(user_id__in=_people(asked.person)))
    found: QuerySet[Change] = _about(rows, asked)
    return found


def actions_asked(asked: Asked, *, actor: Actor) -> QuerySet[EventRecord]:
    require(actor, "kernel.view_audit")
    rows = _between(EventRecord.objects.select_related("user"), "happened_at", asked)
    if asked.kind:
        rows = rows.filter(actor_kind=asked.kind)
    if asked.person:
        rows = rows.filter(Q(actor_label__icontains=asked.person) | Q(user__in=_people(asked.person)))
    found: QuerySet[EventRecord] = _about(rows, asked)
    return found


def entries(asked: Asked, *, actor: Actor) -> Iterator[Entry]:
    """All of them, the oldest first, read piece by piece."""
    if asked.what == "actions":
        for event in actions_asked(asked, actor=actor).order_by("happened_at", "id").iterator(AT_A_TIME):
            yield entry_of_event(event)
        return
    names = people_by_id()
    for change in changes_asked(asked, actor=actor).order_by("timestamp", "id").iterator(AT_A_TIME):
        yield entry_of_change(change, names)


def entry_of_change(change: Change, names: dict[UUID, str]) -> Entry:
    person = names.get(change.user_id, "") if change.user_id else ""
    return Entry(
        at=change.timestamp,
        actor_kind=change.actor_kind or ("user" if change.user_id else "system"),
        actor=change.user_name,
        on_behalf_of=person if change.source == "agent" or change.actor_kind in {"agent", "workflow"} else "",
        door=change.source,
        action=change.change_category,
        object_type=change.subject_type,
        object_id=str(change.subject_id),
        before=change.previous_values,
        after=change.new_values,
        run_id=_text(change.run_id),
        request_id=change.request_id,
        cause_id=_text(change.cause_id),
        summary=change.summary,
        log_id=str(change.pk),
    )


def entry_of_event(event: EventRecord) -> Entry:
    return Entry(
        at=event.happened_at,
        actor_kind=event.actor_kind,
        actor=event.actor_label,
        on_behalf_of=event.user.email if event.user and event.actor_kind == "agent" else "",
        door="",
        action=event.name,
        object_type=event.subject_type,
        object_id=_text(event.subject_id),
        before={},
        after=event.payload,
        run_id=_text(event.run_id),
        request_id="",
        cause_id="",
        summary=event.name.partition(".")[2].replace("_", " ").capitalize(),
        log_id=str(event.pk),
    )


def people_by_id() -> dict[UUID, str]:
    return dict(User.objects.values_list("pk", "email"))


def _people(text: str) -> QuerySet[User, UUID]:
    return User.objects.filter(Q(email__icontains=text) | Q(name__icontains=text)).values_list(
        "pk", flat=True
    )


def _between(rows: Any, moment: str, asked: Asked) -> Any:
    if asked.since:
        rows = rows.filter(**{f"{moment}__gte": _midnight(asked.since)})
    if asked.until:
        rows = rows.filter(**{f"{moment}__lt": _midnight(asked.until + timedelta(days=1))})
    return rows


def _about(rows: Any, asked: Asked) -> Any:
    if asked.about:
        rows = rows.filter(subject_type=asked.about)
    return rows.filter(subject_id=asked.record) if asked.record else rows


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def _text(key: object) -> str:
    return str(key) if key else ""
