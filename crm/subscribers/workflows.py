"""What workflows can look at and do in the customer record."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import QuerySet

from crm.events import CustomerStateChanged, DealHealthChanged, DealStageChanged
from crm.models import Activity, Company, Contact, Deal, Task
from crm.selectors.deals import stage_names
from crm.services.tasks import create_task
from gtmos.kernel import clock
from gtmos.kernel.actors import Actor
from gtmos.kernel.events.models import EventRecord
from gtmos.kernel.fields.objects import names_of
from gtmos.kernel.people.models import User
from gtmos.kernel.records import visible_to
from gtmos.kernel.wording import plural
from gtmos.kernel.workflows.about import Seen, finds_records, names_values
from gtmos.kernel.workflows.actions import LONG, NUMBER, PERSON, Call, Outcome, Param, action
from gtmos.kernel.workflows.basics import people

MODELS: dict[str, type[Company | Contact | Deal]] = {"deal": Deal, "contact": Contact, "company": Company}
BESIDE = {"deal": ("owner", "stage__pipeline"), "contact": ("owner",), "company": ("owner",)}
BELOW = {"deal": ("stage__pipeline__stages",), "contact": (), "company": ()}
LINKS = {"deal": ("contact", "company"), "contact": ("company",)}
THROUGH: dict[str, type[Activity | Task]] = {"activity": Activity, "task": Task}
LONGEST_DUE = 365
SOURCE = "kernel.workflow"
Keys = dict[str, str]
Rows = dict[str, dict[str, Any]]


def nouns_of(values: Collection[str]) -> tuple[str, ...]:
    """A deal or a person brings its company along; an activity and a task bring what they are about."""
    named = {noun for noun in MODELS if f"{noun}_id" in values}
    if any(f"{noun}_id" in values for noun in THROUGH) and not named:
        return tuple(MODELS)
    return tuple(noun for noun in MODELS if noun in named or (noun == "company" and named))


def find(events: Sequence[EventRecord], seers: Sequence[Actor]) -> Mapping[UUID, Seen]:
    """The records of many events: one statement for each kind, and only what all of these people may see."""
    keys, closed = _keys_through(events, {event.pk: _keys_named(event) for event in events}, seers)
    rows = _rows(keys.values(), seers)
    gone = _hidden(keys.values(), rows)
    return {
        event_id: Seen(_records_of(each, rows), event_id in closed or _nearest(each) in gone)
        for event_id, each in keys.items()
    }


def _keys_named(event: EventRecord) -> Keys:
    named = {noun: event.payload.get(f"{noun}_id") for noun in MODELS}
    return {noun: str(key) for noun, key in named.items() if key}


def _keys_through(
    events: Sequence[EventRecord], keys: dict[UUID, Keys], seers: Sequence[Actor]
) -> tuple[dict[UUID, Keys], set[UUID]]:
    """Of events that name only an activity or a task: what that is about, and which of them is there and not seen."""
    closed = set()
    for noun, model in THROUGH.items():
        via = {
            event.pk: str(event.payload[f"{noun}_id"])
            for event in events
            if not keys[event.pk] and event.payload.get(f"{noun}_id")
        }
        rows = _seen(model._default_manager.all(), set(via.values()), seers)
        there = _there(model, set(via.values()) - set(rows))
        closed |= {event_id for event_id, key in via.items() if key in there}
        for event_id, key in via.items():
            about = {name: getattr(rows[key], f"{name}_id") for name in MODELS} if key in rows else {}
            keys[event_id] = {name: str(value) for name, value in about.items() if value}
    return keys, closed


def _rows(keys: Collection[Keys], seers: Sequence[Actor]) -> Rows:
    """By kind and key. What a record is linked to is left empty where it is not theirs to see."""
    found: Rows = {}
    for noun, model in MODELS.items():
        holders = [
            row for kind, links in LINKS.items() if noun in links for row in found.get(kind, {}).values()
        ]
        linked = {str(key) for row in holders if (key := getattr(row, f"{noun}_id"))}
        rows = model._default_manager.select_related(*BESIDE[noun]).prefetch_related(*BELOW[noun])
        found[noun] = _seen(rows, {each[noun] for each in keys if noun in each} | linked, seers)
        for row in holders:
            setattr(row, noun, found[noun].get(str(getattr(row, f"{noun}_id"))))
    _without_hidden_parents(found["company"].values(), seers)
    return found


def _without_hidden_parents(companies: Collection[Any], seers: Sequence[Actor]) -> None:
    parents = {str(each.parent_id) for each in companies if each.parent_id}
    seen = _seen(Company.objects.all(), parents, seers)
    for each in companies:
        each.parent = seen.get(str(each.parent_id))


def _seen(rows: QuerySet[Any], keys: Collection[str], seers: Sequence[Actor]) -> dict[str, Any]:
    for seer in seers:
        rows = visible_to(seer, rows)
    return {str(key): row for key, row in rows.in_bulk(keys).items()} if keys else {}


def _hidden(keys: Collection[Keys], rows: Rows) -> set[tuple[str, str]]:
    """What is there and was not found; what is not there at all is hidden from nobody."""
    return {
        (noun, key)
        for noun, model in MODELS.items()
        for key in _there(model, {each[noun] for each in keys if noun in each} - set(rows[noun]))
    }


def _there(model: type[models.Model], keys: Collection[str]) -> set[str]:
    if not keys:
        return set()
    return {str(key) for key in model._default_manager.filter(pk__in=keys).values_list("pk", flat=True)}


def _nearest(keys: Keys) -> tuple[str, str]:
    """The deal, or else the person, or else the company: who may not see that has nothing to do with the event."""
    return next(((noun, keys[noun]) for noun in MODELS if noun in keys), ("", ""))


def _records_of(keys: Keys, rows: Rows) -> dict[str, models.Model]:
    """Those that it names; the deal or the person brings its company along."""
    own = {noun: rows[noun][key] for noun, key in keys.items() if key in rows[noun]}
    holder = own.get("deal") or own.get("contact")
    if "company" not in keys and holder is not None and holder.company is not None:
        own["company"] = holder.company
    return own


finds_records(find, nouns=nouns_of)
for moment in ("before", "after"):
    names_values(DealStageChanged.name, moment, stage_names)
    names_values(CustomerStateChanged.name, moment, partial(names_of, "company", "customer_state"))
    names_values(DealHealthChanged.name, moment, partial(names_of, "deal", "deal_health"))


def _assignee(call: Call) -> User | None:
    """Who owns the record; where nobody does, or they have left, who was named; else the workflow's owner."""
    return call.owner or call.person("assignee") or call.actor.user


def _says_task(call: Call) -> str:
    owner = _assignee(call)
    due = clock.now() + timedelta(days=int(call.values.get("due_days") or 0))
    return f"Task “{call.text('title')}” for {owner}, due {due:%d %b %Y}."


def _due_in_words(days: Any) -> str:
    return f"in {plural(int(days or 0), 'day')}" if int(days or 0) else "on the same day"


@action(
    "create_task",
    label="Create a task",
    icon="list-check",
    words="Create the task “{title}”, due {due_days}",
    dry=_says_task,
    params=(
        Param(
            "title",
            "Title of the task",
            help_text="{record} is what the event is about; {after} or {deal.deal_amount} are values of it.",
            is_required=True,
            most=200,
        ),
        Param("due_days", "Due in days", NUMBER, default=1, said=_due_in_words),
        Param("note", "Note", LONG, most=2000),
        Param(
            "assignee",
            "For",
            PERSON,
            "Gets the task where the record has no owner. Empty: the workflow's owner.",
            choices=people,
        ),
    ),
    fault=lambda values, _: (
        f"A task is due within {LONGEST_DUE} days." if int(values.get("due_days") or 0) > LONGEST_DUE else ""
    ),
)
def make_task(call: Call) -> Outcome:
    """Its key comes of the run and the step, so it is made once however often it is asked for."""
    about: dict[str, Any] = dict(call.records)
    task = create_task(
        title=call.text("title")[:300],
        note=call.text("note"),
        owner=_assignee(call),
        due_at=clock.now() + timedelta(days=int(call.values.get("due_days") or 0)),
        source_type=SOURCE,
        source_id=call.key,
        actor=call.actor,
        **about,
    )
    return Outcome(f"Task “{task.title}” for {task.owner}.", made=task)
