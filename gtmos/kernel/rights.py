"""The rights that follow from a role alone. Apps register theirs in `permissions.py` with these."""

from collections.abc import Collection

from django.db import models

from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import NotPermittedError
from gtmos.kernel.people.roles import note_cell
from gtmos.kernel.permissions import Predicate
from gtmos.kernel.records import OwnedRecord, may_see, subject_of


def may(action: str, subject: str) -> Predicate:
    """A cell of the grid: this action on this kind of record, and only on a row that they may see."""
    note_cell(action, subject)

    def predicate(actor: Actor, record: object) -> bool:
        user = actor.user
        if user is None or not user.is_active or not user.standing.may(action, subject):
            return False
        return may_see(actor, record) if isinstance(record, OwnedRecord) else True

    return predicate


def edits(actor: Actor, subject: object) -> bool:
    """May change something, and this if it belongs to somebody. For what has no row in the grid."""
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


def hidden_fields(model: type[models.Model], *, actor: Actor) -> frozenset[str]:
    """What this reader must not be shown, for sums and filters that no single row passes through."""
    return actor.user.standing.hidden(subject_of(model)) if actor.user else frozenset()


def fixed_fields(model: type[models.Model], *, actor: Actor) -> frozenset[str]:
    """What this person must not change, hidden or only to be read."""
    return actor.user.standing.fixed(subject_of(model)) if actor.user else frozenset()


def refuse_fixed(model: type[models.Model], names: Collection[str], *, actor: Actor) -> None:
    """A field that the role may not change is refused in the same words by every door."""
    fixed = sorted(fixed_fields(model, actor=actor) & set(names))
    if fixed and actor.user is not None:
        words = ", ".join(name.replace("_", " ") for name in fixed)
        raise NotPermittedError(
            f"{actor.label} may not change {words}: the role {actor.user.role_name} has no right to it.",
            code="field_not_permitted",
        )


note_cell("configure", "settings")
