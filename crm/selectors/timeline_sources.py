"""Where the things of a timeline come from: a query for each kind of row, and how a row of it is told."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Case, CharField, DateTimeField, F, Model, Q, QuerySet, Value, When
from django.db.models.functions import Cast, Left

from crm.enums import Direction
from crm.models import Activity, Company, Contact, Deal, Meeting, Signal, Task
from crm.selectors.mail import UNREAD_SUBJECT, readable
from crm.selectors.readings import with_found
from crm.selectors.visibility import (
    visible_activities,
    visible_deals,
    visible_meetings,
    visible_signals,
    visible_tasks,
)
from gtmos.kernel.actors import Actor
from gtmos.kernel.history.models import Change
from gtmos.kernel.history.redacting import without
from gtmos.kernel.masking import hidden_on
from gtmos.kernel.rights import hidden_fields

Record = Company | Contact | Deal
FIELD: dict[type[Model], str] = {Company: "company", Contact: "contact", Deal: "deal"}
ICONS = {"call": "phone", "meeting": "calendar-event", "email": "mail", "note": "note"}
STAGE_CATEGORIES = ("DEAL_STAGE", "DEAL_STATE", "CUSTOMER_STATE")
READ_TYPES = frozenset({"note", "email"})
LONGEST = 160
MOST_DEALS = 200
# A day without an hour stands at its noon.
NOON = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing on a timeline. `source` and `key` tell which row it is; `found` changes wait that were read out of it."""

    source: str
    key: str
    kind: str
    icon: str
    title: str
    detail: str
    at: datetime
    actor: str = ""
    url: str = ""
    note: str = ""
    is_untrusted: bool = False
    found: int = 0
    can_be_read: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """`rows` is None where the record has none of this kind."""

    name: str
    kinds: tuple[str, ...]
    moment: str
    rows: Callable[..., QuerySet[Any] | None]
    show: Callable[[Any], Happening]
    key_of: Callable[[str], UUID | int]


def _about(record: Record) -> dict[str, Record]:
    return {FIELD[type(record)]: record}


def _activities(record: Record, kind: str, *, actor: Actor) -> QuerySet[Activity]:
    """Subject and text come out of the database only where the reader may read them."""
    rows = visible_activities(actor=actor).select_related(None).filter(**_about(record))
    rows = rows.exclude(source_type="crm.meeting")
    if kind:
        rows = rows.filter(type=kind)
    may_read = readable(actor)
    told = {
        "told_subject": Case(
            When(may_read, then=F("subject")), default=Value(UNREAD_SUBJECT), output_field=CharField()
        )
        if may_read
        else F("subject"),
        "told_body": Case(
            When(may_read, then=Left("body", LONGEST + 1)), default=Value(""), output_field=CharField()
        )
        if may_read
        else Left("body", LONGEST + 1),
    }
    return with_found(rows.annotate(**told)).defer("subject", "body")


def _activity(row: Any) -> Happening:
    hidden = hidden_on(row)
    is_closed = "body" in hidden or bool(row.__dict__.get("is_text_hidden"))
    return Happening(
        source="activity",
        key=str(row.pk),
        kind=row.type,
        icon=ICONS.get(row.type, "note"),
        title=row.get_type_display().capitalize() if "subject" in hidden else row.told_subject,
        detail="" if "body" in hidden else _shortened(row.told_body),
        at=row.happened_at,
        note=_way(row),
        is_untrusted=row.is_untrusted,
        found=0 if is_closed else row.found or 0,
        can_be_read=row.type in READ_TYPES and not is_closed,
    )


def _way(row: Any) -> str:
    if row.type == "email":
        return "received" if row.direction == Direction.IN else "sent"
    return row.get_outcome_display() if row.outcome else ""


def _meetings(record: Record, kind: str, *, actor: Actor) -> QuerySet[Meeting]:
    del kind
    rows = visible_meetings(actor=actor).select_related(None).select_related("owner")
    return (
        rows.filter(attendees__contact=record)
        if isinstance(record, Contact)
        else rows.filter(**_about(record))
    )


def _meeting(row: Meeting) -> Happening:
    hidden = hidden_on(row)
    words = "" if {"outcome", "agenda"} & hidden else row.outcome or row.agenda
    return Happening(
        source="meeting",
        key=str(row.pk),
        kind="meeting",
        icon="calendar-event",
        title=row.title,
        detail=_shortened(words),
        at=row.starts_at,
        actor=str(row.owner or ""),
        note=row.get_state_display(),
    )


def _tasks(record: Record, kind: str, *, actor: Actor) -> QuerySet[Task]:
    del kind
    return visible_tasks(actor=actor).select_related(None).select_related("owner").filter(**_about(record))


def _task(row: Task) -> Happening:
    return Happening(
        source="task",
        key=str(row.pk),
        kind="task",
        icon="checkbox",
        title=row.title,
        detail=_shortened(row.note or ""),
        at=row.created_at,
        actor=str(row.owner or ""),
        note="done" if row.done_at else "to do",
    )


def _changes(record: Record, kind: str, *, actor: Actor) -> QuerySet[Change]:
    """The record's own, and of a company also how its deals moved."""
    keys, hidden = [record.pk], hidden_on(record)
    if isinstance(record, Company) and kind != "change":
        deals = visible_deals(actor=actor).select_related(None).filter(company=record).order_by("-created_at")
        keys += deals.values_list("pk", flat=True)[:MOST_DEALS]
        hidden |= hidden_fields(Deal, actor=actor)
    moved = Q(change_category__in=STAGE_CATEGORIES)
    rows = Change.objects.filter(subject_id__in=keys)
    if kind:
        rows = rows.filter(moved if kind == "stage" else ~moved)
    elif len(keys) > 1:
        rows = rows.filter(moved | Q(subject_id=record.pk))
    return without(rows, hidden)


def _change(row: Change) -> Happening:
    is_stage = row.change_category in STAGE_CATEGORIES
    return Happening(
        source="change",
        key=f"{row.pk:020d}",  # as text, keys that count up sort like numbers
        kind="stage" if is_stage else "change",
        icon="layout-kanban" if is_stage else "history",
        title=row.summary,
        detail="",
        at=row.timestamp,
        actor=row.user_name,
    )


def _signals(record: Record, kind: str, *, actor: Actor) -> QuerySet[Signal] | None:
    del kind
    if isinstance(record, Deal):
        return None
    rows = visible_signals(actor=actor).select_related(None).filter(**_about(record))
    return rows.annotate(noon=Cast(F("occurred_on") + Value(NOON), DateTimeField()))


def _signal(row: Any) -> Happening:
    return Happening(
        source="signal",
        key=str(row.pk),
        kind="signal",
        icon="briefcase" if row.type == "hiring" else "news",
        title=f"{row.get_type_display().capitalize()}{': ' if row.detail else ''}{row.detail}",
        detail=row.source,
        at=row.noon,
        url=row.url if row.url.startswith(("http://", "https://")) else "",
    )


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


SOURCES = (
    Source("activity", ("note", "call", "meeting", "email"), "happened_at", _activities, _activity, UUID),
    Source("change", ("stage", "change"), "timestamp", _changes, _change, int),
    Source("meeting", ("meeting",), "starts_at", _meetings, _meeting, UUID),
    Source("signal", ("signal",), "noon", _signals, _signal, UUID),
    Source("task", ("task",), "created_at", _tasks, _task, UUID),
)
