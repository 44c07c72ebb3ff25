"""Who we are: the one row that every mail's footer is made from."""

import re
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import transaction

from gtmos.context.models import Organisation
from gtmos.context.selectors.organisation import ONCE
from gtmos.kernel import history
from gtmos.kernel.actors import Actor
from gtmos.kernel.currencies import currency_of
from gtmos.kernel.exceptions import InvalidInputError
from gtmos.kernel.once import forget
from gtmos.kernel.permissions import require

DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")
TURNED = {"currency": currency_of, "domain": str.lower}
EDITABLE = frozenset({"name", "domain", "postal_address", "time_zone", "currency", "is_demo"})


@transaction.atomic
def update_organisation(*, changes: dict[str, Any], actor: Actor) -> Organisation:
    """Change who we are; the row is made when there is none yet."""
    require(actor, "context.edit_organisation")
    changes = _checked(changes)
    organisation, _ = Organisation.objects.select_for_update().get_or_create(
        pk=1, defaults={"name": "Our company"}
    )
    before = history.changed_values(organisation, changes)
    for name, value in changes.items():
        setattr(organisation, name, value)
    if history.record(organisation, before=before, after=changes, actor=actor, category="ORGANISATION"):
        organisation.save()
    forget(ONCE)
    return organisation


def _checked(changes: dict[str, Any]) -> dict[str, Any]:
    """Domain and currency as they are compared everywhere."""
    changes = {
        name: TURNED[name](str(value).strip()) if name in TURNED else value for name, value in changes.items()
    }
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
    if changes.get("domain") and not DOMAIN.fullmatch(changes["domain"]):
        raise InvalidInputError(
            f"{changes['domain']} is no domain; write it like contoso.com.", code="bad_domain"
        )
    return changes
