"""What people are told is theirs alone."""

from gtmos.kernel.actors import Actor
from gtmos.kernel.notifications.models import Notification
from gtmos.kernel.permissions import rule


@rule("kernel.read_notification")
def may_read(actor: Actor, subject: object) -> bool:
    return isinstance(subject, Notification) and actor.user is not None and subject.person_id == actor.user.pk


@rule("kernel.choose_notifications")
def may_choose(actor: Actor, subject: object) -> bool:
    return actor.user is not None and actor.user.is_active and actor.user == subject
