"""What an answer leaves behind for people: the note in the history, the task, the deal."""

import uuid
from datetime import datetime, timedelta

from crm.models import Company, Contact, Deal
from crm.services.activities import log_activity
from crm.services.deals import create_deal
from crm.services.pipelines import ensure_default_pipeline
from crm.services.tasks import create_task
from crm.services.watching import tell_left
from gtmos.kernel import clock
from gtmos.kernel.actors import SYSTEM, Actor
from outreach.enums import ReplyCategory
from outreach.models import Campaign, InboundMail, Touch

INBOUND = Actor.system("inbound mail")
NAMESPACE = uuid.UUID("6f0c2f5e-8a38-4b53-9d0e-2f7f6b8f1c11")
ANSWER_WITHIN = timedelta(days=1)
LONGEST_BODY = 20_000
OUTCOMES = {
    ReplyCategory.INTERESTED: "positive",
    ReplyCategory.MEETING: "positive",
    ReplyCategory.NOT_INTERESTED: "negative",
    ReplyCategory.UNSUBSCRIBE: "negative",
    ReplyCategory.OUT_OF_OFFICE: "",
}
TITLES = {
    ReplyCategory.INTERESTED: "Propose a meeting to {name}",
    ReplyCategory.MEETING: "Fix a time with {name}",
    ReplyCategory.QUESTION: "Answer {name}'s question",
    ReplyCategory.OBJECTION: "Answer {name}'s objection",
    ReplyCategory.REFERRAL: "{name} points to somebody else",
    ReplyCategory.LATER: "{name} asked to be written to again",
    ReplyCategory.OTHER: "Read what {name} wrote",
}


def source_key(*parts: object) -> uuid.UUID:
    """The same facts give the same key, so that whatever is made from them is made once."""
    return uuid.uuid5(NAMESPACE, ":".join(map(str, parts)))


def note_answer(mail: InboundMail, contact: Contact, *, subject: str, body: str, category: str) -> None:
    """The mail in the person's history. Its words came from outside and are marked so."""
    log_activity(
        type="email",
        subject=subject.replace("\x00", "") or "Answer",
        body=body[:LONGEST_BODY],
        actor=INBOUND,
        contact=contact,
        happened_at=mail.received_at,
        direction="in",
        outcome=OUTCOMES.get(ReplyCategory(category), "neutral") if category else "",
        is_untrusted=True,
        source_type="outreach.inbound_mail",
        source_id=source_key("mail", mail.message_id or mail.digest),
    )


def ask_for_answer(
    contact: Contact, category: str, *, touch: Touch | None, note: str = "", due_at: datetime | None = None
) -> None:
    """A task for whoever owns the campaign; one for each kind of answer and person. The note never quotes the mail."""
    about = touch.enrollment_id if touch else contact.pk
    campaign = touch.campaign if touch else None
    create_task(
        title=TITLES[ReplyCategory(category)].format(name=contact),
        actor=INBOUND,
        due_at=due_at or clock.now() + ANSWER_WITHIN,
        owner=campaign.owner if campaign else contact.owner,
        note=note,
        contact=contact,
        source_type="outreach.answer",
        source_id=source_key("task", about, category),
    )


def warn_of_complaint(touch: Touch) -> None:
    create_task(
        title=f"{touch.contact} reported our mail as spam",
        actor=INBOUND,
        due_at=clock.now() + ANSWER_WITHIN,
        owner=touch.campaign.owner,
        note=f"Look at the list and the text of {touch.campaign}. Nobody writes to this address again.",
        contact=touch.contact,
        source_type="outreach.complaint",
        source_id=source_key("complaint", touch.enrollment_id),
    )


def tell_of_departure(touch: Touch, *, successor: str) -> None:
    tell_left(touch.contact, why="Their mail program says that they have left.")
    create_task(
        title=f"{touch.contact} has left {touch.contact.company or 'the company'}",
        actor=INBOUND,
        due_at=clock.now() + ANSWER_WITHIN,
        owner=touch.campaign.owner,
        note=f"Their mail program names {successor}." if successor else "",
        contact=touch.contact,
        source_type="outreach.departure",
        source_id=source_key("departure", touch.enrollment_id),
    )


def open_deal(touch: Touch) -> Deal | None:
    """One deal for each campaign and company, however many people there say yes."""
    company, campaign = touch.contact.company, touch.campaign
    if company is None:
        return None
    Company.objects.select_for_update(no_key=True, of=("self",)).get(pk=company.pk)
    source = campaign.name[:160]
    known = Deal.objects.filter(company=company, acquisition_campaign_source=source).first()
    return known or _new_deal(touch, company, campaign, source)


def _new_deal(touch: Touch, company: Company, campaign: Campaign, source: str) -> Deal:
    ensure_default_pipeline(actor=SYSTEM)
    return create_deal(
        name=f"{company.name}, {campaign.product.name if campaign.product else campaign.name}"[:200],
        company=company,
        contact=touch.contact,
        product=campaign.product,
        actor=INBOUND,
        owner=campaign.owner,
        team=campaign.team,
        acquisition_channel_source="email",
        acquisition_campaign_source=source,
    )
