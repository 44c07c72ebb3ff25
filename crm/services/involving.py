"""People who have to do with a deal besides its contact: tied by a relation that the product brings itself."""

from collections.abc import Iterable
from uuid import UUID

from django.db import IntegrityError, transaction

from crm.models import Contact, Deal
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.fields.models import Relation
from gtmos.kernel.fields.services.relations import create_relation, link_many

KEY = "deal__contact"  # what RevOps names never makes this key: theirs have single underscores


def involve(
    pairs: Iterable[tuple[Deal, Contact]], *, actor: Actor, cause_id: UUID | None
) -> list[tuple[Deal, Contact]]:
    """In sets; the deal's own contact is no further one. Returns those that were not tied before."""
    further = [(deal, person) for deal, person in pairs if deal.contact_id != person.pk]
    return link_many(involvement(), further, actor=actor, cause_id=cause_id) if further else []


def involvement() -> Relation:
    """Made when the first further person comes. RevOps may call it otherwise."""
    try:
        with transaction.atomic():
            return Relation.objects.filter(key=KEY).first() or create_relation(
                "Also involved",
                reverse_label="Involved in",
                from_type="deal",
                to_type="contact",
                actor=SYSTEM,
                key=KEY,
            )
    except IntegrityError:  # another import made it at the same moment
        return Relation.objects.get(key=KEY)
