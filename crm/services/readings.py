"""Having a text read: what it says is kept as proposals, and nothing of it is done until a person says so."""

from typing import Any

from django.db import transaction

from crm.enums import InteractionType, ProposalKind, ProposalState, ReadingDecision
from crm.events import TextRead
from crm.models import Activity, Company, Contact, Deal, Proposal, Reading
from crm.selectors.mail import may_read
from crm.selectors.note_offers import Offer, is_of, offers_of, said_in
from crm.selectors.readings import WAITING
from crm.selectors.visibility import get_activity
from crm.services.activities import topics
from crm.services.companies import ownership
from crm.services.reading_drafts import Context, Draft, drafts_of
from gtmos.kernel import clock, events, live
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import InvalidInputError, NotFoundError
from gtmos.kernel.permissions import require

LONGEST = 20_000
MOST = 60


def read_activity(activity: Activity, *, actor: Actor) -> Reading:
    """A note, or a mail that the actor may read. The same words are read again only once something was decided."""
    activity = get_activity(activity.pk, actor=actor)
    _refuse_unreadable(activity, actor)
    text = (activity.body or activity.subject)[:LONGEST]
    known = Reading.objects.filter(activity=activity).order_by("-created_at", "-pk").first()
    if known is not None and known.raw_input == text and _waits(known):
        return known
    return read_text(
        text,
        source=activity,
        company=activity.company,
        contact=activity.contact,
        deal=activity.deal,
        actor=actor,
    )


@transaction.atomic
def read_text(
    text: str,
    *,
    actor: Actor,
    source: Activity | None = None,
    company: Company | None = None,
    contact: Contact | None = None,
    deal: Deal | None = None,
) -> Reading:
    """Find out what a text says of whom, and propose what follows from it."""
    require(actor, "crm.read_texts", source)
    if not text.strip():
        raise InvalidInputError("Write something first.", code="empty_text")
    text = text[:LONGEST]
    company = company or (contact.company if contact else None) or (deal.company if deal else None)
    about = Context(actor, company, contact, deal)
    said = said_in(text, company, actor=actor)
    drafts = drafts_of(said, about)[:MOST]
    reading = Reading(
        raw_input=text,
        employee=actor.user,
        employee_name=actor.label[:150],
        company=about.company,
        contact=about.contact,
        deal=about.deal,
        extracted=said.as_json(),
        decision=_decision(drafts),
        confidence=said.confidence,
        **_origin(source, actor),
    )
    reading.save(force_insert=True)
    if source is not None:
        _replace_earlier(source, reading)
    Proposal.objects.bulk_create([_proposal(reading, place, each) for place, each in enumerate(drafts)])
    _tell(reading, actor)
    return reading


def offers_for(record: Company | Contact | Deal, text: str, *, actor: Actor) -> list[Offer]:
    """What the text would fill in on this record's form. Nothing is kept: whoever saves the form decides."""
    require(actor, "crm.read_texts", record)
    text = text.strip()[:LONGEST]
    if not text:
        raise InvalidInputError("Write something first.", code="empty_text")
    about = Context(
        actor,
        company=record if isinstance(record, Company) else record.company,
        contact=record if isinstance(record, Contact) else None,
        deal=record if isinstance(record, Deal) else None,
    )
    drafts = drafts_of(said_in(text, about.company, actor=actor), about)
    return offers_of([each for each in drafts if is_of(each, record)], text)


def _origin(source: Activity | None, actor: Actor) -> dict[str, Any]:
    """It belongs to whom the note or the mail belongs to."""
    if source is None:
        return {"interaction_type": InteractionType.TEXT, **ownership(actor)}
    return {
        "interaction_type": source.type,
        "activity": source,
        "is_untrusted": source.is_untrusted,
        "owner_id": source.owner_id,
        "team_id": source.team_id,
    }


def _decision(drafts: list[Draft]) -> str:
    states = {each.state for each in drafts}
    if ProposalState.CONFLICT in states:
        return ReadingDecision.CONFLICT
    if ProposalState.OPEN in states:
        new = any(each.kind != ProposalKind.SET_FIELD and each.state == ProposalState.OPEN for each in drafts)
        return ReadingDecision.CREATE if new else ReadingDecision.UPDATE
    return ReadingDecision.HELD_BACK if states else ReadingDecision.NOTHING


def _proposal(reading: Reading, place: int, draft: Draft) -> Proposal:
    return Proposal(
        reading=reading,
        place=place,
        kind=draft.kind,
        record_type=draft.noun,
        record_id=draft.record.pk if draft.record is not None else None,
        field=next(iter(draft.values), "") if draft.kind == ProposalKind.SET_FIELD else "",
        before=draft.before,
        after=draft.values,
        state=draft.state,
        reason=draft.reason,
    )


def _replace_earlier(source: Activity, reading: Reading) -> None:
    """What nobody decided on yet is asked only once: as it was read last."""
    earlier = Proposal.objects.filter(reading__activity=source, state__in=WAITING).exclude(reading=reading)
    earlier.update(state=ProposalState.REJECTED, reason="It was read again.", decided_at=clock.now())


def _refuse_unreadable(activity: Activity, actor: Actor) -> None:
    user = actor.user
    if user is None:
        return
    visibility = activity.owner.mail_visibility if activity.owner else ""
    if not may_read(user, activity, visibility):
        raise NotFoundError("There is no such mail, or you may not read it.", code="not_found")


def _waits(reading: Reading) -> bool:
    return reading.proposals.filter(state__in=WAITING).exists()


def _tell(reading: Reading, actor: Actor) -> None:
    waiting = reading.proposals.filter(state__in=WAITING).count()
    told = TextRead(reading_id=reading.pk, decision=reading.decision, waiting=waiting)
    events.publish(told, subject=reading, actor=actor)
    for topic in topics(reading.activity) if reading.activity else ():
        live.push(topic)
