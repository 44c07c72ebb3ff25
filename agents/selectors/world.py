"""The workspace as the planner sees it: short lists at once, the long ones by one query for each look-up."""

from typing import Any

from django.utils import timezone

from agents.planner.world import World
from agents.selectors.names import DatabaseNames
from crm.models import Stage
from gtmos.context.models import Organisation, Product
from gtmos.kernel import clock
from gtmos.kernel.actors import Actor
from gtmos.kernel.fields.columns import open_fields
from gtmos.kernel.fields.objects import objects
from gtmos.kernel.fields.schema import Definition
from gtmos.kernel.people.selectors import active_users, teams
from gtmos.kernel.records import visible_to
from outreach.models import Campaign
from outreach.selectors.research import visible_searches

MOST_CAMPAIGN_ROWS = 600
MOST_SEARCHES = 300


def world_for(actor: Actor) -> World:
    """The names this actor may say. Rights are decided in the queries, so others' records do not exist here."""
    return World.from_mapping(vocabulary(actor), names=DatabaseNames(actor))


def vocabulary(actor: Actor) -> dict[str, Any]:
    """The short lists, as plain data."""
    house = Organisation.objects.filter(pk=1).first()
    zone = actor.user.time_zone if actor.user else "UTC"
    people = list(active_users(actor=actor).values_list("name", "email", "role"))
    return {
        "now": timezone.localtime(clock.now()),
        "timezone": zone,
        "currency": house.currency if house else "USD",
        "me": str(actor.user or ""),
        "users": [{"name": name or email, "role": role} for name, email, role in people],
        "teams": list(teams(actor=actor).values_list("name", flat=True)),
        "products": list(Product.objects.values_list("name", flat=True)),
        "deal_stages": list(
            Stage.objects.filter(pipeline__is_default=True).order_by("position").values_list("key", flat=True)
        ),
        "campaigns": _campaigns(actor),
        "custom_fields": _custom_fields(actor),
        "saved_searches": list(visible_searches(actor=actor).values_list("name", flat=True)[:MOST_SEARCHES]),
    }


def _custom_fields(actor: Actor) -> list[dict[str, Any]]:
    """What RevOps added, by the names people see; kept in memory until somebody changes a definition."""
    return [
        {
            "noun": noun,
            "key": each.key,
            "label": each.label,
            "choices": _choices(each),
            "is_number": each.type.is_numeric,
        }
        for noun in objects()
        for each in open_fields(noun, actor=actor).values()
    ]


def _choices(each: Definition) -> tuple[str, ...]:
    return ("Yes", "No") if each.type.key == "boolean" else tuple(each.options.get("choices", ()))


def _campaigns(actor: Actor) -> list[dict[str, Any]]:
    """One row for each variant, or one for a campaign without a test: read as plain values, once for each sentence."""
    rows = visible_to(actor, Campaign.objects.exclude(state="archived")).values_list(
        "pk", "name", "state", "experiment__variants__letter", "experiment__variants__text"
    )
    found: dict[Any, dict[str, Any]] = {}
    for key, name, state, letter, text in rows[:MOST_CAMPAIGN_ROWS]:
        campaign = found.setdefault(key, {"name": name, "state": state, "variants": {}})
        campaign["variants"].update({letter: text} if letter else {})
    return list(found.values())
