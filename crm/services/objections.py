"""What people object, and what was answered."""

from datetime import datetime
from typing import Any

from django.db import transaction

from crm.enums import ObjectionOutcome
from crm.events import ObjectionAnswered, ObjectionDeleted, ObjectionRecorded
from crm.models import Activity, Company, Contact, Deal, Objection
from crm.services.activities import inherited
from crm.services.changing import apply_changes, check, locked
from crm.services.companies import ownership
from gtmos.kernel import clock, events, history, live
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import InvalidInputError
from gtmos.kernel.permissions import require

EDITABLE = frozenset({"category", "text", "response", "outcome", "raised_at", "responded_at"})


@transaction.atomic
def record_objection(  # noqa: PLR0913 -- a fact has as many sides as it has; all but three are optional
    *,
    category: str,
    text: str,
    actor: Actor,
    response: str = "",
    outcome: str = "",
    activity: Activity | None = None,
    deal: Deal | None = None,
    contact: Contact | None = None,
    company: Company | None = None,
    raised_at: datetime | None = None,
) -> Objection:
    """Note what somebody objected, on a call or a deal; what is not said is taken from the activity."""
    require(actor, "crm.record_objection")
    if not text.strip():
        raise InvalidInputError("Write what was objected.", code="text_missing")
    deal = deal or (activity.deal if activity else None)
    contact = contact or (activity.contact if activity else None) or (deal.contact if deal else None)
    company = company or _company(activity, deal, contact)
    moment = raised_at or (activity.happened_at if activity else clock.now())
    answered = bool(response.strip())
    objection = Objection(
        category=category,
        text=text.strip(),
        response=response.strip(),
        outcome=outcome or (ObjectionOutcome.ANSWERED if answered else ObjectionOutcome.OPEN),
        raised_at=moment,
        responded_at=moment if answered else None,
        activity=activity,
        deal=deal,
        contact=contact,
        company=company,
        **(ownership(actor) or inherited(deal or contact or company)),
    )
    check(objection, ["category", "text", "response", "outcome"])
    objection.save(force_insert=True)
    history.record_creation(objection, actor=actor)
    recorded = ObjectionRecorded(objection_id=objection.pk, category=objection.category)
    events.publish(recorded, subject=objection, actor=actor)
    _tell(objection)
    return objection


@transaction.atomic
def answer_objection(
    objection: Objection, *, response: str, actor: Actor, outcome: str = ObjectionOutcome.ANSWERED
) -> Objection:
    """What was answered, and whether the objection is out of the way."""
    if not response.strip():
        raise InvalidInputError("Write what was answered.", code="text_missing")
    changes = {"response": response.strip(), "outcome": outcome}
    return update_objection(objection, changes=changes, actor=actor)


@transaction.atomic
def update_objection(objection: Objection, *, changes: dict[str, Any], actor: Actor) -> Objection:
    require(actor, "crm.edit_objection", objection)
    objection = locked(objection)
    was = (objection.response, objection.outcome)
    if changes.get("response") and objection.responded_at is None:
        changes = {"responded_at": clock.now(), **changes}
    apply_changes(objection, changes, allowed=EDITABLE, actor=actor, category="OBJECTION")
    if (objection.response, objection.outcome) != was:
        answered = ObjectionAnswered(objection_id=objection.pk, outcome=objection.outcome)
        events.publish(answered, subject=objection, actor=actor)
    _tell(objection)
    return objection


@transaction.atomic
def delete_objection(objection: Objection, *, actor: Actor) -> None:
    """Take back one that was noted by mistake."""
    require(actor, "crm.edit_objection", objection)
    objection = locked(objection)
    history.record(
        objection,
        before={"text": objection.text},
        after={"text": None},
        actor=actor,
        category="DELETED",
        summary=f"Deleted objection {objection}",
    )
    events.publish(ObjectionDeleted(objection_id=objection.pk), subject=objection, actor=actor)
    _tell(objection)
    objection.delete()


def _company(activity: Activity | None, deal: Deal | None, contact: Contact | None) -> Company | None:
    homes = (record.company for record in (activity, deal, contact) if record is not None)
    return next((home for home in homes if home is not None), None)


def _tell(objection: Objection) -> None:
    for noun, key in (("deal", objection.deal_id), ("company", objection.company_id)):
        if key:
            live.push(f"{noun}:{key}")
