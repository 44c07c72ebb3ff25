"""What the customer record does when others tell it something."""

from crm.events import ContactChanged, DealStageChanged, NewCustomerActivity, ScoresGiven
from crm.models import Activity, Deal, UsageEvent
from crm.services.notifying import tell_of_move
from crm.services.watching import WATCHED, tell_of_refusal, tell_of_score, tell_of_setback, watch_people
from crm.subscribers import workflow_fields, workflow_records, workflows
from gtmos.kernel import events
from gtmos.kernel.events.models import EventRecord

__all__ = ["workflow_fields", "workflow_records", "workflows"]


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
        tell_of_move(found, record)
        tell_of_setback(
            found, before=record.payload["before"], after=record.payload["after"], fact_key=str(record.pk)
        )
