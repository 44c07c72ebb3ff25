"""The rights that follow from a role alone. Apps register theirs in `permissions.py` with these."""

from gtmos.kernel.actors import Actor
from gtmos.kernel.records import OwnedRecord, may_see


def edits(actor: Actor, subject: object) -> bool:
    """May change records that they may see."""
    if actor.user is None or not actor.user.may_edit:
        return False
    return may_see(actor, subject) if isinstance(subject, OwnedRecord) else True


def sends(actor: Actor, subject: object) -> bool:
    """May make messages leave the house."""
    if actor.user is None or not actor.user.may_send:
        return False
    return may_see(actor, subject) if isinstance(subject, OwnedRecord) else True


def configures(actor: Actor, subject: object) -> bool:
    del subject
    return actor.user is not None and actor.user.may_configure


def signed_in(actor: Actor, subject: object) -> bool:
    del subject
    return actor.user is not None and actor.user.is_active
