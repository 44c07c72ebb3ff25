"""Colleagues talk about a record: written, taken back, read."""

from django.db import transaction
from django.utils import timezone

from crm.events import ColleagueMessageDeleted, ColleagueMessagePosted
from crm.models import ColleagueMessage, Company, Contact, Deal, MessagesRead
from crm.selectors.conversations import kind_of, mentioned_in
from crm.services.notifying import tell_of_message
from gtmos.kernel import events, history, live
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import InvalidInputError, NotFoundError
from gtmos.kernel.permissions import require
from gtmos.kernel.records import may_see

Record = Company | Contact | Deal
LONGEST = 5000


@transaction.atomic
def post_message(record: Record, *, text: str, actor: Actor) -> ColleagueMessage:
    """Say something to whoever may see the record; those it names are told."""
    require(actor, "crm.post_message")
    if not may_see(actor, record):
        raise NotFoundError("There is no such record, or you may not see it.", code="not_found")
    words = text.strip()
    if not words:
        raise InvalidInputError("Write something first.", code="empty_message")
    if len(words) > LONGEST:
        raise InvalidInputError(f"A message has at most {LONGEST:,} characters.", code="message_too_long")
    kind = kind_of(record)
    message = ColleagueMessage(author=actor.user, text=words, **{kind: record})
    message.save(force_insert=True)
    history.record_creation(message, actor=actor)
    people = mentioned_in(message)
    posted = ColleagueMessagePosted(
        message_id=message.pk,
        entity_type=kind,
        entity_id=record.pk,
        mentioned_ids=tuple(each.pk for each in people),
    )
    events.publish(posted, subject=record, actor=actor)
    live.push(f"conversation:{record.pk}", "posted")
    if people:
        tell_of_message(message, people, actor=actor)
    return message


@transaction.atomic
def delete_message(message: ColleagueMessage, *, actor: Actor) -> None:
    """Whoever wrote it takes it back; the history says that it was there."""
    require(actor, "crm.delete_message", message)
    message = ColleagueMessage.objects.select_for_update(of=("self",)).get(pk=message.pk)
    record = message.about
    history.record(
        message,
        before={"text": message.text},
        after={"text": None},
        actor=actor,
        category="DELETED",
        summary="Took a message back",
    )
    gone = ColleagueMessageDeleted(message_id=message.pk, entity_type=kind_of(record), entity_id=record.pk)
    events.publish(gone, subject=record, actor=actor)
    message.delete()
    live.push(f"conversation:{record.pk}", "deleted")


def read_messages(record: Record, *, actor: Actor) -> None:
    """From now on what was said until now is no longer new to this person."""
    if actor.user is not None and may_see(actor, record):
        MessagesRead.objects.update_or_create(
            user=actor.user,
            subject_type=kind_of(record),
            subject_id=record.pk,
            defaults={"read_at": timezone.now()},
        )
