"""Rules of routing that tests start from."""

from typing import Any

from crm.models import Company, RoutingVersion
from crm.services.companies import create_company
from crm.services.routing import activate_routing, save_routing
from gtmos.kernel.actors import SYSTEM
from gtmos.kernel.people.models import Team, User
from gtmos.kernel.tests.builders import an_actor


def a_rule(to: User | Team | str, *conditions: tuple[str, str, str], **fields: Any) -> dict[str, Any]:
    """To a person, in turn in a team, or to whoever "territory" or "account" says."""
    name = fields.pop("name", "Everything")
    parts = [{"field": field, "operator": operator, "value": value} for field, operator, value in conditions]
    taker = {"target": to} if isinstance(to, str) else {"target": _target(to), "to": str(to.pk)}
    return {"name": name, "about": "company", "conditions": parts, **taker, **fields}


def _target(to: User | Team) -> str:
    return "team" if isinstance(to, Team) else "person"


def routed_by(*rules: dict[str, Any]) -> RoutingVersion:
    return activate_routing(save_routing(rules, actor=SYSTEM), actor=SYSTEM)


def owners(records: Any) -> list[str]:
    return [str(each.owner) for each in records]


def by_verb(name: str, **fields: Any) -> Company:
    return create_company(name, actor=an_actor(), **fields)
