"""What colleagues said about the records that somebody may see."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet

from crm.intake.mentions import Colleague, named
from crm.models import ColleagueMessage, Company, Contact, Deal, MessagesRead
from crm.selectors.visibility import one, visible_companies, visible_contacts, visible_deals
from gtmos.kernel.actors import Actor
from gtmos.kernel.people.models import User
from gtmos.kernel.people.selectors import active_users
from gtmos.kernel.records import may_see

Record = Company | Contact | Deal
SHOWN = 50
VISIBLE = {"company": visible_companies, "contact": visible_contacts, "deal": visible_deals}


@dataclass(frozen=True, slots=True)
class Conversation:
    """The newest messages, the oldest of them first; `unread` are others' since the reader last looked."""

    messages: list[ColleagueMessage]
    unread: int
    has_earlier: bool


def kind_of(record: Record) -> str:
    return str(record._meta.model_name)


def visible_messages(*, actor: Actor) -> QuerySet[ColleagueMessage]:
    """Those of records that the actor may see, decided inside the query."""
    rows = ColleagueMessage.objects.select_related("author")
    if actor.is_system:
        return rows
    seen = Q(pk__in=[])
    for kind, visible in VISIBLE.items():
        keys = visible(actor=actor).select_related(None).order_by().values("pk")
        seen |= Q(**{f"{kind}__in": keys})
    return rows.filter(seen)


def get_message(key: UUID | str, *, actor: Actor) -> ColleagueMessage:
    return one(visible_messages(actor=actor), key)


def conversation(record: Record, *, actor: Actor) -> Conversation:
    """Of a record that the actor was found to see; two statements."""
    kind = kind_of(record)
    rows = ColleagueMessage.objects.select_related("author").filter(**{kind: record})
    found = list(rows[: SHOWN + 1])
    shown = found[:SHOWN][::-1]
    return Conversation(shown, _unread(shown, kind, record.pk, actor), has_earlier=len(found) > SHOWN)


def _unread(messages: list[ColleagueMessage], kind: str, key: UUID, actor: Actor) -> int:
    others = [each for each in messages if actor.user and each.author_id != actor.user.pk]
    if not others:
        return 0
    read = MessagesRead.objects.filter(user=actor.user, subject_type=kind, subject_id=key)
    until = read.values_list("read_at", flat=True).first()
    return sum(1 for each in others if until is None or each.created_at > until)


def mentioned_in(message: ColleagueMessage) -> list[User]:
    """Colleagues whom the text names and who may see the record."""
    if "@" not in message.text:
        return []
    people = {each.pk: each for each in active_users(actor=Actor.system("names"))}
    keys = named(message.text, [Colleague(each.pk, each.name, each.email) for each in people.values()])
    found = [people[key] for key in keys]  # type: ignore[index]  # keys that were given
    return [each for each in found if each.pk != message.author_id and may_see(Actor.of(each), message.about)]


__all__ = [
    "Conversation",
    "conversation",
    "get_message",
    "kind_of",
    "mentioned_in",
    "visible_messages",
]
