"""Sellers with a manager, and discounts that wait for their word."""

from decimal import Decimal
from typing import Any

from crm.models import Deal
from crm.services.discounts import request_discount
from crm.tests.builders import a_deal
from gtmos.kernel.actors import Actor
from gtmos.kernel.approvals.models import Approval
from gtmos.kernel.approvals.tests.builders import a_branch, a_policy, above
from gtmos.kernel.people.models import Role, Team
from gtmos.kernel.tests.builders import a_team, a_user

QUARTER = Decimal("0.25")


def a_seller_and_a_manager() -> tuple[Actor, Actor]:
    team = a_team()
    manager = a_user(name="Mona", role=Role.AE, team=team)
    Team.objects.filter(pk=team.pk).update(manager=manager)
    return Actor.of(a_user(name="Sam", team=team)), Actor.of(manager)


def a_priced_deal(actor: Actor, amount: str = "10000", **fields: Any) -> Deal:
    return a_deal(actor=actor, amount=Decimal(amount), **fields)


def asked(deal: Deal, actor: Actor, discount: Decimal = QUARTER) -> Approval:
    approval = request_discount(deal, discount=discount, reason="They sign this week", actor=actor)
    assert approval is not None
    return approval


def an_approval(actor: Actor, **fields: Any) -> Approval:
    """Asked by somebody of a stranger."""
    stranger = a_user(role=Role.EXECUTIVE)
    a_policy(a_branch(above("0.2"), approvers=[f"person:{stranger.pk}"]))
    return asked(a_priced_deal(actor, **fields), actor)
