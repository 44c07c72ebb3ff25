"""What the customer record does when others tell it something."""

from datetime import timedelta
from typing import Any
from uuid import uuid5

from crm.events import ContactChanged, DealStageChanged, NewCustomerActivity, ScoresGiven
from crm.models import Activity, Company, Contact, Deal, Task, UsageEvent
from crm.services.tasks import create_task
from crm.services.watching import WATCHED, tell_of_refusal, tell_of_score, tell_of_setback, watch_people
from gtmos.kernel import clock, events
from gtmos.kernel.events.models import EventRecord
from gtmos.kernel.triggers.firing import ACTOR, RECORD, Planned, filled, starts
from gtmos.kernel.triggers.models import EventTrigger

NAMED: dict[str, type[Company | Contact | Deal]] = {"deal": Deal, "contact": Contact, "company": Company}
THROUGH: dict[str, type[Activity | Task]] = {"activity": Activity, "task": Task}


@starts
def make_task(record: EventRecord, trigger: EventTrigger, is_trial: bool) -> Planned:  # noqa: FBT001 -- the kernel's signature
    """The task of one event; its key comes of both, so that it is made once however often it is asked for."""
    about = _about(record)
    nearest = about.get("deal") or about.get("contact") or about.get("company")
    owner = nearest.owner if nearest and nearest.owner and nearest.owner.is_active else trigger.assignee
    values = {**record.payload, RECORD: nearest or record.name}
    title, note = filled(trigger.title, values)[:300], filled(trigger.note, values)
    if not is_trial:
        create_task(
            title=title,
            note=note,
            owner=owner,
            due_at=clock.now() + timedelta(days=trigger.due_days),
            source_type="kernel.eventtrigger",
            source_id=uuid5(trigger.pk, str(record.pk)),
            actor=ACTOR,
            **about,
        )
    return Planned(title, note, str(owner or ""), str(nearest or ""))


def _about(record: EventRecord) -> dict[str, Any]:
    """The deal, person and company that the event names, by itself or by an activity or task."""
    found: dict[str, Any] = {}
    for noun, model in NAMED.items():
        key = record.payload.get(f"{noun}_id")
        each = model.objects.select_related("owner").filter(pk=key).first() if key else None
        found |= {noun: each} if each else {}
    for noun, through in THROUGH.items():
        key = record.payload.get(f"{noun}_id")
        via = through.objects.select_related(*NAMED).filter(pk=key).first() if key and not found else None
        found |= {name: getattr(via, name) for name in NAMED if via and getattr(via, name)}
    return found


@events.subscribe(ContactChanged)
def watch_the_person(record: EventRecord) -> None:
    """A champion who changes is told of at once."""
    if set(WATCHED) & set(record.payload["fields"]):
        watch_people(contact_id=record.payload["contact_id"])


@events.subscribe(NewCustomerActivity)
def watch_the_words(record: EventRecord) -> None:
    activity = (
        Activity.objects.select_related("company__owner", "contact")
        .filter(pk=record.payload["activity_id"])
        .first()
    )
    if activity is not None:
        tell_of_refusal(activity)


@events.subscribe(ScoresGiven)
def watch_the_scores(record: EventRecord) -> None:
    rows = UsageEvent.objects.filter(pk__in=record.payload["usage_event_ids"])
    for given in rows.select_related("company__owner", "contact").order_by("pk"):
        tell_of_score(given)


@events.subscribe(DealStageChanged)
def watch_the_deal(record: EventRecord) -> None:
    deal = Deal.objects.select_related("company__owner", "owner", "stage").filter(
        pk=record.payload["deal_id"]
    )
    found = deal.first()
    if found is not None:
        tell_of_setback(
            found, before=record.payload["before"], after=record.payload["after"], fact_key=str(record.pk)
        )
