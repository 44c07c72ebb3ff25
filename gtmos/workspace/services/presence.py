"""Telling that somebody began or ended working on a part of a record's page."""

import re
from uuid import UUID

from django.db import transaction

from gtmos.kernel import events
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import InvalidInputError, NotFoundError
from gtmos.kernel.people.models import User
from gtmos.kernel.records import visible_to
from gtmos.workspace.events import ComponentStateChanged
from gtmos.workspace.selectors.topics import NOUNS, RECORDS

EDITING, IDLE = "editing", "idle"
COMPONENT = re.compile(r"[a-z][a-z0-9_.]{0,59}")


@transaction.atomic
def change_component(kind: str, key: UUID, *, component: str, state: str, actor: Actor) -> None:
    """The fact behind "Ada is editing Amount"; the open pages of the record are told by the socket itself."""
    if not COMPONENT.fullmatch(component) or state not in {EDITING, IDLE}:
        raise InvalidInputError("There is no such part of a page.", code="unknown_part")
    record = visible_to(actor, NOUNS[kind]()).filter(pk=key).first() if kind in RECORDS else None
    if record is None or not isinstance(actor.user, User):
        raise NotFoundError("There is no such record, or you may not see it.", code="not_found")
    changed = ComponentStateChanged(
        user_id=actor.user.pk, entity_type=kind, entity_id=key, component=component, state=state
    )
    events.publish(changed, subject=record, actor=actor)
