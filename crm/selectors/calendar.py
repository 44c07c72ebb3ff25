"""Tasks and meetings by the reader's days. However many there are: one statement for each kind, a few rows of each day."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Window
from django.db.models.functions import RowNumber, TruncDate
from django.urls import reverse
from django.utils import timezone

from crm.enums import MeetingState
from crm.models import Meeting, Task
from crm.selectors.visibility import visible_meetings, visible_tasks
from gtmos.kernel import clock
from gtmos.kernel.actors import Actor
from gtmos.kernel.people.models import User

VIEWS = ("month", "week", "day", "agenda")
WHOSE = ("mine", "team", "all")
KINDS = ("task", "meeting")
IN_MONTH, IN_DAY = 4, 200
AGENDA_DAYS = 30
WEEK = 7
FIRST, LAST = date(1970, 1, 1), date(2200, 1, 1)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address asks for; what it says wrongly is as if it said nothing."""

    view: str
    on: date
    whose: str
    kind: str

    @classmethod
    def of(cls, values: Mapping[str, str]) -> "Wanted":
        view, whose, kind = values.get("view", ""), values.get("whose", ""), values.get("kind", "")
        return cls(
            view if view in VIEWS else "month",
            read_day(values.get("on", "")) or clock.today(),
            whose if whose in WHOSE else "mine",
            kind if kind in KINDS else "",
        )

    @property
    def days(self) -> list[date]:
        if self.view == "month":
            first = self.on.replace(day=1)
            start = first - timedelta(days=first.weekday())
            last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
            return _days(start, last + timedelta(days=WEEK - last.weekday()))
        if self.view == "week":
            start = self.on - timedelta(days=self.on.weekday())
            return _days(start, start + timedelta(days=WEEK))
        length = 1 if self.view == "day" else AGENDA_DAYS
        return _days(self.on, self.on + timedelta(days=length))

    @property
    def previous(self) -> date:
        if self.view == "month":
            return (self.on.replace(day=1) - timedelta(days=1)).replace(day=1)
        return self.on - timedelta(days={"week": WEEK, "day": 1}.get(self.view, AGENDA_DAYS))

    @property
    def next(self) -> date:
        if self.view == "month":
            return (self.on.replace(day=1) + timedelta(days=31)).replace(day=1)
        return self.on + timedelta(days={"week": WEEK, "day": 1}.get(self.view, AGENDA_DAYS))


def read_day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if FIRST <= found <= LAST else None


def _days(start: date, end: date) -> list[date]:
    return [start + timedelta(days=number) for number in range((end - start).days)]


@dataclass(frozen=True, slots=True)
class Entry:
    """One task or meeting on its day."""

    kind: str
    key: Any
    title: str
    at: datetime
    detail: str
    url: str
    is_late: bool
    is_movable: bool


@dataclass(slots=True)
class Day:
    day: date
    is_today: bool
    is_outside: bool
    entries: list[Entry] = field(default_factory=list)
    more: int = 0


def calendar_days(wanted: Wanted, *, actor: Actor) -> list[Day]:
    """Each day of the view with its first entries and how many more there are."""
    days, now = wanted.days, clock.now()
    most = IN_MONTH if wanted.view == "month" else IN_DAY
    today = timezone.localdate(now)
    found = {
        day: Day(day, day == today, wanted.view == "month" and day.month != wanted.on.month) for day in days
    }
    for row, entry in _entries(wanted, days, now, most, actor):
        shown = found[timezone.localdate(entry.at)]
        shown.entries.append(entry)
        shown.more += row.of_day if row.place_in_day == 1 else 0
    for shown in found.values():
        shown.entries = sorted(shown.entries, key=lambda entry: entry.at)[:most]
        shown.more -= len(shown.entries)
    return list(found.values())


def _entries(
    wanted: Wanted, days: list[date], now: datetime, most: int, actor: Actor
) -> Iterator[tuple[Any, Entry]]:
    begin, end = _start_of(days[0]), _start_of(days[-1] + timedelta(days=1))
    if wanted.kind != "meeting":
        tasks = visible_tasks(actor=actor).filter(done_at=None, due_at__gte=begin, due_at__lt=end)
        tasks = tasks.filter(_whose(wanted, "", actor)).defer("company__search", "company__description")
        for row in _first_of_days(tasks, "due_at", most):
            yield row, _of_task(row, now)
    if wanted.kind != "task":
        meetings = visible_meetings(actor=actor).filter(starts_at__gte=begin, starts_at__lt=end)
        meetings = meetings.exclude(state=MeetingState.CANCELLED).filter(_whose(wanted, "meeting", actor))
        for row in _first_of_days(
            meetings.defer("company__search", "company__description"), "starts_at", most
        ):
            yield row, _of_meeting(row)


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time(), timezone.get_current_timezone())


def _first_of_days(rows: QuerySet[Any], moment: str, most: int) -> QuerySet[Any]:
    """Of each of the reader's days the first few, each with how many the day has."""
    day = TruncDate(moment, tzinfo=timezone.get_current_timezone())
    ranked: QuerySet[Any] = rows.annotate(
        place_in_day=Window(RowNumber(), partition_by=[day], order_by=[F(moment).asc(), F("pk").asc()]),
        of_day=Window(Count("pk"), partition_by=[day]),
    )
    return ranked.filter(place_in_day__lte=most).order_by(moment, "pk")


def _whose(wanted: Wanted, kind: str, actor: Actor) -> Q:
    if wanted.whose == "all" or actor.user is None:
        return Q()
    people = User.objects.filter(pk=actor.user.pk)
    if wanted.whose == "team":
        people = User.objects.filter(Q(memberships__team__in=actor.user.team_ids) | Q(pk=actor.user.pk))
    if kind == "meeting":
        attended = Meeting.objects.filter(attendees__user__in=people).values("pk")
        return Q(owner__in=people) | Q(pk__in=attended)
    return Q(owner__in=people)


def _of_task(task: Task, now: datetime) -> Entry:
    assert task.due_at is not None
    about = task.deal or task.contact or task.company
    page = next(
        (
            (noun, key)
            for noun, key in (
                ("deal", task.deal_id),
                ("contact", task.contact_id),
                ("company", task.company_id),
            )
            if key
        ),
        None,
    )
    url = reverse(f"crm:{page[0]}", args=[page[1]]) if page else reverse("crm:tasks")
    return Entry("task", task.pk, task.title, task.due_at, str(about or ""), url, task.due_at < now, True)


def _of_meeting(meeting: Meeting) -> Entry:
    url = reverse("crm:meeting", args=[meeting.pk])
    movable = meeting.state == MeetingState.PLANNED
    return Entry(
        "meeting",
        meeting.pk,
        meeting.title,
        meeting.starts_at,
        str(meeting.company or ""),
        url,
        False,
        movable,
    )
