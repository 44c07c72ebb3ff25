"""Policies that tests start from."""

from typing import Any

from gtmos.kernel.actors import SYSTEM
from gtmos.kernel.approvals.models import ApprovalPolicy
from gtmos.kernel.approvals.services.policies import activate_policy, create_policy
from gtmos.kernel.tests.builders import serial

DISCOUNT = "crm.discount_deal"


def above(part: str, *, field: str = "discount") -> dict[str, str]:
    return {"field": field, "operator": "above", "value": part}


def a_branch(*conditions: dict[str, str], name: str = "", **step: Any) -> dict[str, Any]:
    """All conditions, and one step."""
    return {
        "name": name or serial("Branch"),
        "groups": [list(conditions)] if conditions else [],
        "steps": [{"approvers": ["manager"], **step}],
    }


def a_policy(*branches: dict[str, Any], is_active: bool = True, **settings: Any) -> ApprovalPolicy:
    chosen = list(branches) or [a_branch(above("0.2"))]
    policy = create_policy(
        settings.pop("name", serial("Policy")),
        action=settings.pop("action", DISCOUNT),
        definition={"branches": chosen, **settings},
        actor=SYSTEM,
    )
    return activate_policy(policy, actor=SYSTEM) if is_active else policy
