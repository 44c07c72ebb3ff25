"""What workflows can look at and do in the customer record."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import models

from crm.models import Activity, Company, Contact, Deal, Task
from crm.services.tasks import create_task
from gtmos.kernel import clock
from gtmos.kernel.events.models import EventRecord
from gtmos.kernel.people.models import User
from gtmos.kernel.wording import plural
from gtmos.kernel.workflows.about import Records, finds_records
from gtmos.kernel.workflows.actions import LONG, NUMBER, PERSON, Call, Outcome, Param, action
from gtmos.kernel.workflows.basics import people

MODELS: dict[str, type[Company | Contact | Deal]] = {"deal": Deal, "contact": Contact, "company": Company}
BESIDE = {"deal": ("owner", "stage__pipeline"), "contact": ("owner",), "company": ("owner",)}
THROUGH: dict[str, type[Activity | Task]] = {"activity": Activity, "task": Task}
LONGEST_DUE = 365
SOURCE = "kernel.workflow"


def nouns_of(values: Collection[str]) -> tuple[str, ...]:
    """A deal or a person brings its company along; an activity and a task bring what they are about."""
    named = {noun for noun in MODELS if f"{noun}_id" in values}
    if any(f"{noun}_id" in values for noun in THROUGH) and not named:
        return tuple(MODELS)
    return tuple(noun for noun in MODELS if noun in named or (noun == "company" and named))


def find(events: Sequence[EventRecord]) -> Mapping[UUID, Records]:
    """The records of many events: one statement for each kind."""
    keys = _keys_through(events, {event.pk: _keys_named(event) for event in events})
    found = _rows(keys)
    for event_id in keys:
        own = found[event_id]
        holder = own.get("deal") or own.get("contact")
        if "company" not in own and holder is not None and holder.company_id:
            keys[event_id] = {**keys[event_id], "company": holder.company_id}
    companies = {key: {"company": each["company"]} for key, each in keys.items() if "company" in each}
    for event_id, rows in _rows(companies).items():
        found[event_id] = {**found[event_id], **rows}
    return found


def _keys_named(event: EventRecord) -> dict[str, Any]:
    named = {noun: event.payload.get(f"{noun}_id") for noun in MODELS}
    return {noun: key for noun, key in named.items() if key}


def _keys_through(
    events: Sequence[EventRecord], keys: dict[UUID, dict[str, Any]]
) -> dict[UUID, dict[str, Any]]:
    """Of events that name only an activity or a task: what that is about."""
    for noun, model in THROUGH.items():
        via = {
            event.pk: str(event.payload[f"{noun}_id"])
            for event in events
            if not keys[event.pk] and event.payload.get(f"{noun}_id")
        }
        rows: Any = {str(key): row for key, row in model._default_manager.in_bulk(set(via.values())).items()}
        for event_id, key in via.items():
            about = {name: getattr(rows[key], f"{name}_id") for name in MODELS} if key in rows else {}
            keys[event_id] = {name: value for name, value in about.items() if value}
    return keys


def _rows(keys: Mapping[UUID, Mapping[str, Any]]) -> dict[UUID, dict[str, Any]]:
    found: dict[UUID, dict[str, models.Model]] = defaultdict(dict)
    for noun, model in MODELS.items():
        wanted = {str(each[noun]) for each in keys.values() if noun in each}
        rows: Any = model._default_manager.select_related(*BESIDE[noun]).in_bulk(wanted) if wanted else {}
        by_text = {str(key): row for key, row in rows.items()}
        for event_id, each in keys.items():
            row = by_text.get(str(each.get(noun)))
            if row is not None:
                found[event_id][noun] = row
    return {event_id: found[event_id] for event_id in keys}


finds_records(find, nouns=nouns_of)


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
