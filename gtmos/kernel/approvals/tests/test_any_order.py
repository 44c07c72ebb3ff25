"""Whatever is done to approvals in whatever order: one outcome each, never two decisions for a step, never one's own."""

import os
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from crm.models import Deal
from crm.services.discounts import request_discount
from crm.tests.approval_builders import QUARTER, a_priced_deal
from gtmos.kernel import clock
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.approvals.models import Approval, ApprovalDecision, ApprovalPolicy, ApprovalStep, Delegation
from gtmos.kernel.approvals.services import decide, withdraw_approval
from gtmos.kernel.approvals.services.delegations import delegate, end_delegation
from gtmos.kernel.approvals.services.overdue import see_to_due
from gtmos.kernel.approvals.services.policies import update_policy
from gtmos.kernel.approvals.tests.builders import a_branch, a_policy, above
from gtmos.kernel.events.models import EventRecord
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.people.models import Role, Team
from gtmos.kernel.tests.builders import a_team, a_user

EXAMPLES = int(os.environ.get("GTMOS_TEST_APPROVAL_EXAMPLES", "6"))
picks = st.integers(0, 10_000)
ENDS = ("granted", "rejected", "expired", "withdrawn")


def rules_of(hours: int, needs: str, *, chain: bool) -> dict[str, Any]:
    branch = a_branch(
        above("0.2"),
        name="Large",
        needs=needs,
        hours=hours,
        in_business_hours=False,
        escalate_to="role:executive",
    )
    branch["steps"] += [{"approvers": ["role:executive"], "needs": needs}] if chain else []
    return {"branches": [branch], "expires_hours": 30}


class Deciding(RuleBasedStateMachine):
    """Three sellers, two of whom are each other's deputies at times, a manager and two above."""

    def __init__(self) -> None:
        super().__init__()
        ApprovalPolicy.objects.update(is_active=False)
        Delegation.objects.all().delete()
        team = a_team()
        self.people = [Actor.of(a_user(team=team)) for _ in range(4)]
        self.people += [Actor.of(a_user(role=Role.EXECUTIVE)) for _ in range(2)]
        Team.objects.filter(pk=team.pk).update(manager=self.people[3].user)
        self.deals: list[Deal] = [a_priced_deal(self.people[0]) for _ in range(3)]
        self.policy = a_policy(*rules_of(4, "any", chain=True)["branches"], expires_hours=30)
        self.approvals: list[Approval] = []

    def one(self, pick: int) -> Approval | None:
        return self.approvals[pick % len(self.approvals)] if self.approvals else None

    def attempt(self, verb: Any) -> None:
        """A refusal is an answer too; it changes nothing."""
        try:
            verb()
        except DomainError:
            return

    @rule(deal=picks, who=st.integers(0, 3))
    def ask(self, deal: int, who: int) -> None:
        def verb() -> None:
            chosen = self.deals[deal % 3]
            made = request_discount(chosen, discount=QUARTER, reason="x", actor=self.people[who])
            self.approvals += [made] if made else []

        self.attempt(verb)

    @rule(pick=picks, who=st.integers(0, 5), granted=st.booleans())
    def decide(self, pick: int, who: int, granted: bool) -> None:
        approval = self.one(pick)
        if approval:
            self.attempt(lambda: decide(approval, granted=granted, reason="x", actor=self.people[who]))

    @rule(pick=picks, who=st.integers(0, 5))
    def withdraw(self, pick: int, who: int) -> None:
        approval = self.one(pick)
        if approval:
            self.attempt(lambda: withdraw_approval(approval, actor=self.people[who]))

    @rule(who=st.integers(0, 5), deputy=st.integers(0, 5), hours=st.integers(1, 20))
    def go_away(self, who: int, deputy: int, hours: int) -> None:
        now, away = clock.now(), self.people[who]
        self.attempt(
            lambda: delegate(
                away.user,
                deputy=self.people[deputy].user,
                starts_at=now,
                ends_at=now + timedelta(hours=hours),
                actor=away,
            )
        )

    @rule(pick=picks)
    def come_back(self, pick: int) -> None:
        known = list(Delegation.objects.select_related("person"))
        if known:
            away = known[pick % len(known)]
            self.attempt(lambda: end_delegation(away, actor=Actor.of(away.person)))

    @rule(hours=st.integers(1, 12))
    def wait(self, hours: int) -> None:
        clock.advance(timedelta(hours=hours), actor=SYSTEM)
        see_to_due()

    @rule(hours=st.integers(1, 8), needs=st.sampled_from(["any", "all"]), chain=st.booleans())
    def change_the_policy(self, hours: int, needs: str, chain: bool) -> None:
        changes = {"definition": rules_of(hours, needs, chain=chain)}
        self.attempt(lambda: update_policy(self.policy, changes=changes, actor=SYSTEM, confirmed=True))

    @invariant()
    def each_has_one_outcome(self) -> None:
        for approval in self.approvals:
            facts = EventRecord.objects.filter(subject_id=approval.pk)
            ends = [name for name in ENDS if facts.filter(name=f"kernel.approval_{name}").count()]
            state = Approval.objects.get(pk=approval.pk).state
            assert ends == ([] if state == "requested" else [state])
            assert facts.filter(name=f"kernel.approval_{state}").count() == 1

    @invariant()
    def no_step_is_decided_twice_or_by_whoever_asked(self) -> None:
        closing = ApprovalDecision.objects.filter(closes_step=True).values_list("step_id", flat=True)
        assert len(closing) == len(set(closing))
        for decision in ApprovalDecision.objects.select_related("step__approval"):
            assert decision.step.approval.requested_by_id not in {decision.given_by_id, decision.person_id}

    @invariant()
    def granted_means_that_every_step_was(self) -> None:
        for approval in Approval.objects.filter(state="granted"):
            steps = ApprovalStep.objects.filter(approval=approval)
            assert not steps.exclude(decisions__closes_step=True, decisions__is_granted=True).exists()

    @invariant()
    def the_price_says_what_was_decided(self) -> None:
        for deal in Deal.objects.filter(pk__in=[each.pk for each in self.deals]):
            granted = Approval.objects.filter(subject_id=deal.pk, state="granted").exists()
            assert (deal.discount == QUARTER) == granted
            waits = Approval.objects.filter(subject_id=deal.pk, state="requested").count()
            assert waits == (1 if deal.deal_policy_state == "needs_approval" else 0)


@pytest.mark.django_db
def test_in_any_order_each_approval_ends_one_way(settings: Any) -> None:
    settings.SANDBOX = True

    run_state_machine_as_test(Deciding, settings=ORDERS)


ORDERS = settings(
    max_examples=EXAMPLES,
    stateful_step_count=25,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
