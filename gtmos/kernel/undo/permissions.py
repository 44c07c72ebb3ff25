"""What a person did is theirs alone; what taking it back needs, its verb asks for."""

from gtmos.kernel.actors import Actor
from gtmos.kernel.permissions import rule
from gtmos.kernel.undo.models import Deed


@rule("kernel.undo_deed")
def may_undo(actor: Actor, subject: object) -> bool:
    return isinstance(subject, Deed) and actor.user is not None and subject.person_id == actor.user.pk
