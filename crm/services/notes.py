"""Notes: written, edited and taken back, with their history and those they name."""

from django.db import transaction

from crm.enums import ActivityType
from crm.events import NoteChanged
from crm.models import Activity, Company, Contact, Deal
from crm.services.activities import log_activity, topics
from crm.services.changing import apply_changes, locked
from crm.services.mentions import tell_mentioned
from gtmos.kernel import events, live
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError, InvalidInputError
from gtmos.kernel.permissions import require

LONGEST_TITLE = 120


def write_note(
    text: str,
    *,
    actor: Actor,
    company: Company | None = None,
    contact: Contact | None = None,
    deal: Deal | None = None,
) -> Activity:
    words = _values(text)
    return log_activity(
        type=ActivityType.NOTE,
        subject=words["subject"],
        body=words["body"],
        company=company,
        contact=contact,
        deal=deal,
        actor=actor,
    )


@transaction.atomic
def edit_note(note: Activity, *, text: str, actor: Actor) -> Activity:
    """New words; the history keeps the old ones. What came from outside stays as it came."""
    require(actor, "crm.edit_activity", note)
    note = locked(note)
    if note.type != ActivityType.NOTE or note.is_untrusted or note.source_id is not None:
        raise DomainError("Only a note that somebody wrote here can be changed.", code="not_a_note")
    changed = apply_changes(
        note, dict(_values(text)), allowed={"subject", "body"}, actor=actor, category="NOTE"
    )
    if changed:
        tell_mentioned(note, actor=actor)
        events.publish(NoteChanged(activity_id=note.pk), subject=note, actor=actor)
        for topic in topics(note):
            live.push(topic)
    return note


def _values(text: str) -> dict[str, str]:
    if not text.strip():
        raise InvalidInputError("Write something first.", code="empty_note")
    return {"subject": " ".join(text.split())[:LONGEST_TITLE], "body": text.strip()}
