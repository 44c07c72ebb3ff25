"""Discounts on deals: given at once below the threshold, above it when they are granted."""

import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from crm.models import Deal
from crm.services.deal_stages import win_deal
from crm.services.deals import update_deal
from crm.services.discounts import request_discount
from crm.services.pipelines import add_criterion
from crm.tests.approval_builders import QUARTER, a_priced_deal, a_seller_and_a_manager, asked
from crm.tests.builders import a_company
from gtmos.kernel import history
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.approvals.models import Approval, ApprovalDecision
from gtmos.kernel.approvals.selectors import approvals_waiting
from gtmos.kernel.approvals.services import decide, withdraw_approval
from gtmos.kernel.approvals.tests.builders import a_branch, a_policy, above
from gtmos.kernel.events.models import EventRecord
from gtmos.kernel.exceptions import DomainError, NotPermittedError
from gtmos.kernel.people.models import Role, User
from gtmos.kernel.tests.builders import a_user

pytestmark = pytest.mark.django_db
THREADS = 50


def prices(deal: Deal) -> tuple[Decimal, Decimal | None, Decimal | None, str]:
    deal = Deal.objects.get(pk=deal.pk)
    return deal.discount, deal.list_price, deal.deal_amount, deal.deal_policy_state


def names() -> list[str]:
    told = EventRecord.objects.filter(name__startswith="kernel.approval").order_by("happened_at")
    return list(told.values_list("name", flat=True))


def test_a_quarter_off_goes_to_the_manager_and_is_given_with_the_decision() -> None:
    seller, manager = a_seller_and_a_manager()
    a_policy()
    deal = a_priced_deal(seller)

    approval = asked(deal, seller)

    assert prices(deal) == (0, 10000, 10000, "needs_approval")
    assert list(approvals_waiting(actor=manager)) == [approval]
    assert list(approvals_waiting(actor=seller)) == []

    decide(approval, granted=True, actor=manager)

    assert prices(deal) == (QUARTER, 10000, 7500, "approved")
    assert names() == ["kernel.approval_requested", "kernel.approval_granted"]
    assert list(approvals_waiting(actor=manager)) == []


def test_what_is_rejected_returns_with_its_reason_and_leaves_the_price() -> None:
    seller, manager = a_seller_and_a_manager()
    a_policy()
    deal = a_priced_deal(seller)
    approval = asked(deal, seller)

    decide(approval, granted=False, reason="Their budget is larger", actor=manager)

    approval.refresh_from_db()
    assert (approval.state, approval.answer) == ("rejected", "Their budget is larger")
    assert prices(deal) == (0, 10000, 10000, "rejected")
    assert names() == ["kernel.approval_requested", "kernel.approval_rejected"]


def test_a_rejection_needs_a_reason() -> None:
    seller, manager = a_seller_and_a_manager()
    a_policy()
    approval = asked(a_priced_deal(seller), seller)

    with pytest.raises(DomainError, match="Say why"):
        decide(approval, granted=False, reason=" ", actor=manager)

    assert Approval.objects.get().state == "requested"


@pytest.mark.parametrize("discount", [Decimal("0.2"), Decimal("0.05")])
def test_up_to_the_threshold_it_is_given_at_once(discount: Decimal) -> None:
    seller, _ = a_seller_and_a_manager()
    a_policy()
    deal = a_priced_deal(seller)

    assert request_discount(deal, discount=discount, reason="", actor=seller) is None
    assert prices(deal) == (discount, 10000, 10000 * (1 - discount), "ok")


def test_without_an_active_policy_nobody_is_asked() -> None:
    seller, _ = a_seller_and_a_manager()
    a_policy(is_active=False)
    deal = a_priced_deal(seller)

    assert request_discount(deal, discount=QUARTER, reason="", actor=seller) is None


def test_nobody_decides_on_what_they_asked_for() -> None:
    seller, _ = a_seller_and_a_manager()
    a_policy(a_branch(above("0.2"), approvers=["role:ae"]))
    approval = asked(a_priced_deal(seller), seller)

    with pytest.raises(NotPermittedError, match="asked for themselves"):
        decide(approval, granted=True, actor=seller)


def test_whoever_is_not_asked_may_not_decide() -> None:
    seller, _ = a_seller_and_a_manager()
    a_policy()
    approval = asked(a_priced_deal(seller), seller)

    with pytest.raises(NotPermittedError, match="not asked"):
        decide(approval, granted=True, actor=Actor.of(a_user(role=Role.ADMIN)))


def test_a_withdrawn_request_leaves_the_price_and_makes_room_for_another() -> None:
    seller, manager = a_seller_and_a_manager()
    a_policy()
    deal = a_priced_deal(seller)
    approval = asked(deal, seller)

    with pytest.raises(DomainError, match="waits for a decision already"):
        request_discount(deal, discount=Decimal("0.1"), reason="", actor=seller)
    withdraw_approval(approval, actor=seller)

    assert prices(deal) == (0, 10000, 10000, "ok")
    assert asked(deal, seller).state == "requested"
    with pytest.raises(DomainError, match="withdrawn already"):
        decide(approval, granted=True, actor=manager)


def test_a_deal_that_was_won_meanwhile_keeps_its_price_and_the_request_stays_open() -> None:
    seller, manager = a_seller_and_a_manager()
    a_policy()
    deal = a_priced_deal(seller)
    approval = asked(deal, seller)
    win_deal(deal, actor=seller)

    with pytest.raises(DomainError, match="its price stays"):
        decide(approval, granted=True, actor=manager)

    assert Approval.objects.get().state == "requested"
    assert ApprovalDecision.objects.count() == 0


def test_a_deal_that_grew_so_that_others_would_decide_is_not_granted() -> None:
    seller, manager = a_seller_and_a_manager()
    a_policy(a_branch(above("50000", field="amount"), approvers=["role:executive"]), a_branch(above("0.2")))
    a_user(role=Role.EXECUTIVE)
    deal = a_priced_deal(seller)
    approval = asked(deal, seller)
    update_deal(deal, changes={"deal_amount": Decimal(900000)}, actor=seller)

    with pytest.raises(DomainError, match="changed since"):
        decide(approval, granted=True, actor=manager)


ROUTES = [
    ("60000", "Enterprise", "executive"),
    ("60000", "SMB", "manager"),
    ("40000", "Enterprise", "manager"),
    ("50000", "Enterprise", "executive"),
    ("49999.99", "Enterprise", "manager"),
    ("60000", "", "manager"),
]


@pytest.mark.parametrize(
    "changes",
    [{"deal_amount": Decimal(9999)}, {"deal_amount": None}, {"deal_amount_currency": "JPY"}],
)
def test_a_price_that_was_lowered_while_it_was_asked_for_is_not_granted(changes: dict[str, Any]) -> None:
    seller, manager = a_seller_and_a_manager()
    a_policy()
    deal = a_priced_deal(seller)
    approval = asked(deal, seller)
    update_deal(Deal.objects.get(pk=deal.pk), changes=changes, actor=seller)
    before = prices(deal)

    with pytest.raises(DomainError, match="Reject it or let it be asked anew"):
        decide(approval, granted=True, actor=manager)

    assert (prices(deal), ApprovalDecision.objects.count()) == (before, 0)
    assert decide(approval, granted=False, reason="Ask anew", actor=manager).state == "rejected"


def test_a_price_that_was_raised_meanwhile_gets_the_discount_that_was_granted() -> None:
    seller, manager = a_seller_and_a_manager()
    a_policy()
    deal = a_priced_deal(seller)
    approval = asked(deal, seller)
    update_deal(Deal.objects.get(pk=deal.pk), changes={"deal_amount": Decimal(12000)}, actor=seller)

    decide(approval, granted=True, actor=manager)

    assert prices(deal) == (QUARTER, 12000, 9000, "approved")


@pytest.mark.parametrize(("amount", "segment", "expected"), ROUTES)
def test_amount_and_segment_say_who_is_asked(amount: str, segment: str, expected: str) -> None:
    seller, manager = a_seller_and_a_manager()
    executive = a_user(role=Role.EXECUTIVE)
    large = {"field": "amount", "operator": "at_least", "value": "50000"}
    enterprise = {"field": "segment", "operator": "is", "value": "Enterprise"}
    a_policy(
        a_branch(above("0.2"), large, enterprise, name="Large", approvers=["role:executive"]),
        a_branch(above("0.2"), name="Other"),
    )
    company = a_company(actor=seller, customer_segment_label=segment)

    approval = asked(a_priced_deal(seller, amount, company=company), seller)

    people: dict[str, User | None] = {"executive": executive, "manager": manager.user}
    assert [each.person for each in approval.steps.get().asked.all()] == [people[expected]]


def test_a_stage_can_ask_that_nothing_waits() -> None:
    seller, manager = a_seller_and_a_manager()
    a_policy()
    deal = a_priced_deal(seller)
    stage = deal.stage.pipeline.stages.get(key="proposal")
    add_criterion(stage, kind="approval", moment="entry", actor=SYSTEM)
    approval = asked(deal, seller)

    with pytest.raises(DomainError, match="the decision on what waits"):
        update_deal(deal, changes={"stage": "proposal"}, actor=seller)
    decide(approval, granted=True, actor=manager)

    assert update_deal(deal, changes={"stage": "proposal"}, actor=seller).stage == stage


def test_the_discount_is_no_field_that_can_be_typed() -> None:
    seller, _ = a_seller_and_a_manager()
    deal = a_priced_deal(seller)

    with pytest.raises(DomainError, match="no field discount"):
        update_deal(deal, changes={"discount": QUARTER}, actor=seller)


@pytest.mark.parametrize(
    "changes",
    [
        {"deal_amount": Decimal(7000)},
        {"deal_amount": Decimal(7499), "name": "Else"},
        {"deal_amount": None},
        {"deal_amount_currency": "JPY"},
    ],
)
def test_a_lower_price_on_top_of_a_granted_discount_is_refused_and_changes_nothing(
    changes: dict[str, Any],
) -> None:
    seller, manager = a_seller_and_a_manager()
    a_policy()
    deal = a_priced_deal(seller)
    decide(asked(deal, seller), granted=True, actor=manager)
    before = Deal.objects.filter(pk=deal.pk).values().get()

    with pytest.raises(DomainError, match="has a discount of 25 %"):
        update_deal(deal, changes=changes, actor=seller)

    assert Deal.objects.filter(pk=deal.pk).values().get() == before


def test_the_price_changes_again_once_the_discount_is_taken_back_and_then_it_is_asked_for_anew() -> None:
    seller, manager = a_seller_and_a_manager()
    a_policy()
    deal = a_priced_deal(seller)
    decide(asked(deal, seller), granted=True, actor=manager)

    request_discount(deal, discount=Decimal(0), reason="Fewer seats", actor=seller)
    update_deal(deal, changes={"deal_amount": Decimal(6000)}, actor=seller)
    asked(Deal.objects.get(pk=deal.pk), seller)

    assert prices(deal) == (0, 6000, 6000, "needs_approval")


def test_nobody_types_what_only_a_decision_sets() -> None:
    seller, _ = a_seller_and_a_manager()
    deal = a_priced_deal(seller)

    with pytest.raises(DomainError, match="no field deal_policy_state"):
        update_deal(deal, changes={"deal_policy_state": "approved"}, actor=seller)

    assert prices(deal) == (0, 10000, 10000, "ok")


@pytest.mark.parametrize("discount", ["1", "-0.1", "NaN", "0.12345"])
def test_a_discount_is_a_part_of_the_price(discount: str) -> None:
    seller, _ = a_seller_and_a_manager()

    with pytest.raises(DomainError, match="A discount"):
        request_discount(a_priced_deal(seller), discount=Decimal(discount), reason="", actor=seller)


def test_the_price_before_the_discount_comes_back_to_the_cent() -> None:
    seller, _ = a_seller_and_a_manager()
    deal = a_priced_deal(seller, "1000.04")

    for discount in (Decimal("0.9"), Decimal("0.3333"), Decimal(0)):
        request_discount(deal, discount=discount, reason="", actor=seller)

    assert prices(deal) == (0, Decimal("1000.04"), Decimal("1000.04"), "ok")


def test_history_names_who_asked_and_what_changed() -> None:
    seller, manager = a_seller_and_a_manager()
    a_policy()
    deal = a_priced_deal(seller)
    approval = asked(deal, seller)
    decide(approval, granted=True, actor=manager)

    assert history.of_record(approval).filter(change_category="STATE").get().summary == (
        f"discount deal: {deal}: granted by Mona"
    )
    assert history.of_record(deal).filter(changed_fields__contains=["discount"]).get().summary == (
        f"discount deal: {deal}: 25 %, as Sam asked"
    )


@pytest.mark.django_db(transaction=True)
def test_of_fifty_who_decide_at_once_one_does() -> None:
    seller, _ = a_seller_and_a_manager()
    approvers = [Actor.of(a_user(role=Role.EXECUTIVE)) for _ in range(THREADS)]
    a_policy(a_branch(above("0.2"), approvers=["role:executive"]))
    deal = a_priced_deal(seller)
    approval = asked(deal, seller)
    together = threading.Barrier(THREADS, timeout=60)

    def attempt(number: int) -> bool:
        together.wait()
        granted = number % 2 == 0
        try:
            decide(approval, granted=granted, reason="No", actor=approvers[number])
        except DomainError:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(THREADS) as pool:
        decided = list(pool.map(attempt, range(THREADS)))

    approval.refresh_from_db()
    assert (sum(decided), ApprovalDecision.objects.count()) == (1, 1)
    assert approval.state == ("granted" if decided.index(True) % 2 == 0 else "rejected")
    assert prices(deal)[0] == (QUARTER if approval.state == "granted" else 0)
