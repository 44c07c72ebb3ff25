"""Who we are: the one row that every mail's footer is made from."""

from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import transaction

from gtmos.context.models import Organisation
from gtmos.context.selectors.organisation import ONCE
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import InvalidInputError
from gtmos.kernel.once import forget
from gtmos.kernel.permissions import require

EDITABLE = frozenset({"name", "domain", "postal_address", "time_zone", "currency", "is_demo"})


@transaction.atomic
def update_organisation(*, changes: dict[str, Any], actor: Actor) -> Organisation:
    """Change who we are; the row is made when there is none yet."""
    require(actor, "context.edit_organisation")
    _check(changes)
    organisation, _ = Organisation.objects.select_for_update().get_or_create(
        pk=1, defaults={"name": "Our company"}
    )
    for name, value in changes.items():
        setattr(organisation, name, value)
    organisation.save()
    forget(ONCE)
    return organisation


def _check(changes: dict[str, Any]) -> None:
    unknown = sorted(set(changes) - EDITABLE)
    if unknown:
        raise InvalidInputError(f"An organisation has no {', '.join(unknown)}.", code="unknown_field")
    if "name" in changes and not str(changes["name"]).strip():
        raise InvalidInputError("The organisation needs a name.", code="name_missing")
    try:
        ZoneInfo(changes.get("time_zone", "UTC"))
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise InvalidInputError(
            f"{changes['time_zone']} is no time zone; write it like America/New_York.", code="unknown_zone"
        ) from error
