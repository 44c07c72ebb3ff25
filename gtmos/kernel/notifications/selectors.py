"""What one person was told. Nobody reads another's."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet

from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import NotFoundError
from gtmos.kernel.notifications.kinds import Kind, find, known
from gtmos.kernel.notifications.models import Notification, NotificationPreference, Rhythm
from gtmos.kernel.people.models import User

MOST_COUNTED = 99


@dataclass(frozen=True, slots=True)
class Choice:
    """How one person is told of one kind."""

    kind: Kind
    in_app: bool
    by_mail: str

    @property
    def is_muted(self) -> bool:
        return not self.in_app and self.by_mail == Rhythm.NEVER


def own_notifications(*, actor: Actor) -> QuerySet[Notification]:
    return Notification.objects.filter(person=actor.user, is_shown=True)


def unread(*, actor: Actor) -> QuerySet[Notification]:
    return own_notifications(actor=actor).filter(read_at=None)


def unread_count(*, actor: Actor) -> int:
    """Up to one more than is shown; nobody counts thousands."""
    return unread(actor=actor).order_by()[: MOST_COUNTED + 1].count()


def get_notification(key: UUID | str, *, actor: Actor) -> Notification:
    found = own_notifications(actor=actor).filter(pk=key).first()
    if found is None:
        raise NotFoundError("There is no such notification.", code="not_found")
    return found


def default_of(kind: Kind) -> Choice:
    return Choice(kind, kind.default_in_app, Rhythm.AT_ONCE if kind.default_mail else Rhythm.NEVER)


def choices_of(user: User) -> list[Choice]:
    """Every kind with what this person said, or its default."""
    rows = {row.kind: row for row in NotificationPreference.objects.filter(person=user)}
    return [_choice(kind, rows.get(kind.name)) for kind in known()]


def choices_for(people: Collection[User], kind: str) -> dict[UUID, Choice]:
    """In one statement for however many people."""
    rows = NotificationPreference.objects.filter(Q(kind=kind), person__in=people)
    said = {row.person_id: row for row in rows}
    return {each.pk: _choice(find(kind), said.get(each.pk)) for each in people}


def _choice(kind: Kind, row: NotificationPreference | None) -> Choice:
    return Choice(kind, row.in_app, row.by_mail) if row else default_of(kind)
