"""What outreach does when others tell it something."""

from django.urls import reverse

from crm.enums import ActivityType, MeetingState
from crm.events import (
    ActivityLogged,
    ContactOptedOut,
    ImportFinished,
    MeetingChanged,
    MeetingClosed,
    MeetingPlanned,
)
from crm.models import Activity, Contact, Deal, Meeting
from crm.selectors.imports import opted_out_by
from crm.services.contacts import mark_bounced
from crm.services.meetings import SOURCE as PLANNED_HERE
from gtmos.kernel import events
from gtmos.kernel.actors import SYSTEM
from gtmos.kernel.events.models import EventRecord
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.notifications.kinds import kind
from gtmos.kernel.notifications.services import notify
from gtmos.kernel.workflows import actions as workflow
from outreach.enums import CampaignState, Outcome, ReplyCategory, SuppressionReason
from outreach.events import ReplyReceived, TouchBounced, TouchesSent
from outreach.models import Campaign, Touch
from outreach.selectors.campaigns import get_campaign
from outreach.selectors.readiness import WORDS
from outreach.services.enrollments import lock_touches_of, stop_enrollments_of
from outreach.services.meetings import credit_invited, credit_meeting, follow_up
from outreach.services.recipients import add_recipients
from outreach.services.suppression import suppress, suppress_all
from outreach.services.timeline import note_sent_mails

# Nothing leaves without an approval of exactly that; a campaign that runs has one, so it takes nobody more.
TAKES_PEOPLE = (CampaignState.DRAFT, CampaignState.READY, CampaignState.ACTIVE, CampaignState.PAUSED)
REPLY = kind("reply_received", label="Somebody I write to answers", default_mail=True).name


@events.subscribe(ContactOptedOut)
def refuse_the_address(record: EventRecord) -> None:
    """An opt-out by any door holds for every address of the person that we know, and ends what is under way."""
    contact = Contact.objects.filter(pk=record.payload["contact_id"]).first()
    if contact is not None:
        lock_touches_of(contact.pk)
    for email in {record.payload["email"], contact.email if contact else ""} - {""}:
        suppress(email, reason=SuppressionReason.UNSUBSCRIBED, detail="Opted out.", actor=SYSTEM)
    if contact is not None:
        stop_enrollments_of(contact, outcome=Outcome.UNSUBSCRIBED, actor=SYSTEM)


@events.subscribe(ImportFinished)
def refuse_the_imported(record: EventRecord) -> None:
    """Who a list says has opted out stays refused, also when the list is taken back and the person is added anew."""
    emails = opted_out_by(record.payload["batch_id"])
    suppress_all(emails, reason=SuppressionReason.IMPORTED, detail="Opted out in a list.", actor=SYSTEM)


@events.subscribe(TouchBounced)
def stop_after_refusal(record: EventRecord) -> None:
    """The server refused the address while we spoke to it."""
    touch = Touch.objects.filter(pk=record.payload["touch_id"]).select_related("contact").first()
    if touch is None:
        return
    stop_enrollments_of(touch.contact, outcome=Outcome.BOUNCED, actor=SYSTEM)
    if touch.contact.email.lower() == touch.recipient.lower():
        mark_bounced(touch.contact, actor=SYSTEM)


@events.subscribe(ActivityLogged)
def count_the_meeting(record: EventRecord) -> None:
    """A meeting that somebody noted counts for the last mail that the person had got before."""
    if record.payload["type"] != ActivityType.MEETING:
        return
    noted = Activity.objects.filter(pk=record.payload["activity_id"], contact__isnull=False)
    # One that was planned here counted when it was planned.
    activity = noted.exclude(source_type=PLANNED_HERE).first()
    if activity is None or activity.contact_id is None:
        return
    credit_meeting(activity.contact_id, at=activity.happened_at)


@events.subscribe(MeetingPlanned)
def count_the_booking(record: EventRecord) -> None:
    """It counts from when it is agreed, not only once it was held: until then nobody writes that campaign on."""
    meeting = Meeting.objects.filter(pk=record.payload["meeting_id"]).first()
    if meeting is not None:
        credit_invited(meeting, record)


@events.subscribe(MeetingChanged)
def count_the_joining(record: EventRecord) -> None:
    """Who is added later is booked from then on, and nobody writes that campaign on to them either."""
    if "attendees" not in record.payload["fields"]:
        return
    took_place = (MeetingState.PLANNED, MeetingState.HELD)
    meeting = Meeting.objects.filter(pk=record.payload["meeting_id"], state__in=took_place).first()
    if meeting is not None:
        credit_invited(meeting, record)


@events.subscribe(MeetingClosed)
def follow_up_on_the_meeting(record: EventRecord) -> None:
    """One that was cancelled and one to which nobody came each ask for something else."""
    meeting = Meeting.objects.filter(pk=record.payload["meeting_id"]).select_related("owner").first()
    if meeting is not None:
        follow_up(meeting, record.payload["state"])


@events.subscribe(ReplyReceived)
def tell_of_reply(record: EventRecord) -> None:
    """Whoever has the person hears of the answer at once."""
    contact = (
        Contact.objects.select_related("owner", "company").filter(pk=record.payload["contact_id"]).first()
    )
    if contact is None or contact.owner is None:
        return
    category = str(ReplyCategory(record.payload["category"]).label).capitalize()
    notify(
        [contact.owner],
        kind=REPLY,
        title=f"{contact} answered",
        text=f"{category} · {contact.company}" if contact.company else category,
        url=reverse("crm:contact", args=[contact.pk]),
        key=f"reply:{record.payload['mail_id']}",
        actor=SYSTEM,
    )


@events.subscribe(TouchesSent)
def keep_sent_mails(record: EventRecord) -> None:
    """A batch of mails left; each stands in its reader's timeline."""
    note_sent_mails(record.payload["touch_ids"])


def _campaigns() -> list[tuple[str, str]]:
    rows = Campaign.objects.filter(state__in=TAKES_PEOPLE).order_by("name")
    return [(str(each.pk), f"{each.name} ({each.get_state_display()})") for each in rows]


def _person(call: workflow.Call) -> Contact:
    """Whom the event names, or whom the deal is with."""
    deal, contact = call.records.get("deal"), call.records.get("contact")
    found = contact or (deal.contact if isinstance(deal, Deal) else None)
    if not isinstance(found, Contact):
        raise DomainError(f"{call.nearest} has no person to write to.", code="no_person")
    return found


def _says_sequence(call: workflow.Call) -> str:
    campaign = get_campaign(str(call.values["campaign"]), actor=call.actor)
    return f"Adds {_person(call)} to {campaign}. Its mails wait for their approval."


@workflow.action(
    "start_sequence",
    label="Start a sequence",
    icon="send",
    words="Add the person to the campaign {campaign}",
    dry=_says_sequence,
    needs=("contact", "deal"),
    params=(
        workflow.Param(
            "campaign",
            "Campaign",
            workflow.CHOICE,
            "The person joins it; somebody approves the mails before any leaves. One that runs already has its approval and takes nobody more: pause it first.",
            is_required=True,
            choices=_campaigns,
        ),
    ),
)
def start_sequence(call: workflow.Call) -> workflow.Outcome:
    """Whoever may not be written to is left out, as by hand, and the log says why."""
    campaign = get_campaign(str(call.values["campaign"]), actor=call.actor)
    person = _person(call)
    if campaign.enrollments.filter(contact=person).exists():
        return workflow.Outcome(f"{person} is in {campaign} already.", made=campaign)
    left_out = add_recipients(campaign, [person], actor=call.actor)
    if left_out:
        why = ", ".join(WORDS.get(code, code) for code in left_out)
        return workflow.Outcome(f"{person} was left out of {campaign}: {why}.", made=campaign)
    return workflow.Outcome(f"{person} is in {campaign}; its mails wait for their approval.", made=campaign)
