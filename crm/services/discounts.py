"""A discount on a deal: given at once where no policy asks, else when it is granted."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction

from crm.enums import PolicyState
from crm.events import DealChanged
from crm.models import Deal
from crm.scoring.prices import STEP, discounted, in_percent
from crm.services.changing import locked
from crm.services.deal_stages import CLOSED, tell
from gtmos.kernel import events, history
from gtmos.kernel.actors import Actor
from gtmos.kernel.approvals.models import Approval
from gtmos.kernel.approvals.selectors import hold_open
from gtmos.kernel.approvals.services import request_approval
from gtmos.kernel.exceptions import DomainError, InvalidInputError
from gtmos.kernel.fields.services.locks import refuse_locked
from gtmos.kernel.permissions import require
from gtmos.kernel.records import save_changes
from gtmos.kernel.rights import refuse_fixed
from gtmos.kernel.rules.checking import refuse_broken

ACTION = "crm.discount_deal"
PRICED = ("discount", "list_amount", "deal_amount")
APPROVALS = Actor.system("approvals")


@transaction.atomic
def request_discount(deal: Deal, *, discount: Decimal, reason: str, actor: Actor) -> Approval | None:
    """Ask for a discount. None: it is on the deal already, because no policy wanted a word on it.

    A smaller discount than the present one needs nobody's word.
    """
    require(actor, "crm.edit_deal", deal)
    refuse_fixed(Deal, ("discount", "deal_amount"), actor=actor)
    open_now = hold_open(deal, action=ACTION)
    deal = locked(deal)
    discount = _sound(discount)
    _refuse_unfit(deal, discount, waiting=open_now)
    refuse_locked(deal, {"deal_amount"}, actor=actor)
    approval = None
    if discount > deal.discount:
        approval = request_approval(
            deal,
            action=ACTION,
            values={"discount": discount},
            present=_present(deal, discount),
            reason=reason,
            actor=actor,
        )
    if approval is None:
        _apply(deal, discount, actor=actor)
        _follow(deal, PolicyState.OK, actor=actor)
    tell(deal)
    return approval


def apply_granted(approval: Approval, deal: Deal) -> None:
    """In the transaction of the decision."""
    if deal.deal_state in CLOSED:
        raise DomainError(f"{deal} is {deal.get_deal_state_display()}; its price stays.", code="wrong_state")
    _refuse_other_price(approval, deal)
    summary = (
        f"{approval}: {in_percent(Decimal(approval.values['discount']))}, as {approval.requested_label} asked"
    )
    _apply(deal, Decimal(approval.values["discount"]), actor=APPROVALS, summary=summary)
    _follow(deal, PolicyState.APPROVED, actor=APPROVALS)
    tell(deal)


def _refuse_other_price(approval: Approval, deal: Deal) -> None:
    """What is granted is the price that was shown, or more: a lower one is asked for anew."""
    shown, price = _read(approval.present.get("amount_after")), deal.list_price
    if shown is None:
        return
    after = discounted(price, Decimal(approval.values["discount"])) if price is not None else None
    if after is None or after < shown or deal.deal_amount_currency != approval.present["currency"]:
        raise DomainError(
            f"The amount of {deal} is lower than when this was asked, or in another currency. "
            "Reject it or let it be asked anew.",
            code="changed_since",
        )


def wait_for_decision(approval: Approval, deal: Deal) -> None:
    del approval
    _follow(deal, PolicyState.NEEDS_APPROVAL, actor=APPROVALS)


def return_to_requester(approval: Approval, deal: Deal) -> None:
    """The price stays as it was."""
    state = PolicyState.REJECTED if approval.state == "rejected" else PolicyState.OK
    _follow(deal, state, actor=APPROVALS)
    tell(deal)


def refuse_hidden_discount(deal: Deal, changes: Mapping[str, Any]) -> None:
    """A lower price on top of a discount is a larger discount, and that is asked for."""
    if not deal.discount or deal.deal_amount is None:
        return
    amount = _read(changes.get("deal_amount", deal.deal_amount))
    currency = changes.get("deal_amount_currency", deal.deal_amount_currency)
    if amount is None or amount < deal.deal_amount or currency != deal.deal_amount_currency:
        raise DomainError(
            f"{deal} has a discount of {in_percent(deal.discount)}. Ask for a larger one, "
            "or set it to 0 % before the price changes.",
            code="discounted",
        )


def _read(amount: Any) -> Decimal | None:
    """Some doors hand on a text. What is no number counts as none."""
    try:
        return None if amount is None else Decimal(str(amount))
    except ArithmeticError:
        return None


def _sound(discount: Decimal) -> Decimal:
    if not discount.is_finite() or not 0 <= discount < 1:
        raise InvalidInputError("A discount is at least 0 and less than 100 %.", code="bad_discount")
    if discount != (rounded := discount.quantize(STEP)):
        raise InvalidInputError("A discount has at most two decimals of a percent.", code="bad_discount")
    return rounded


def _refuse_unfit(deal: Deal, discount: Decimal, *, waiting: list[Approval]) -> None:
    if waiting:
        raise DomainError(
            f"A discount on {deal} waits for a decision already. Withdraw that request first.",
            code="approval_open",
        )
    if deal.deal_state in CLOSED:
        raise DomainError(
            f"{deal} is {deal.get_deal_state_display()}. Reopen it before its price changes.",
            code="wrong_state",
        )
    if deal.discount == discount:
        raise DomainError(f"{deal} has this discount already.", code="same_state")


def _present(deal: Deal, discount: Decimal) -> dict[str, Any]:
    """What whoever decides is shown: before and after."""
    price = deal.list_price
    after = discounted(price, discount) if price is not None else None
    currency = deal.deal_amount_currency
    return {
        "discount": deal.discount,
        "amount": deal.deal_amount,
        "amount_after": after,
        "currency": currency,
    }


def _apply(deal: Deal, discount: Decimal, *, actor: Actor, summary: str = "") -> None:
    before = history.changed_values(deal, dict.fromkeys(PRICED))
    price = deal.list_price
    deal.discount, deal.list_amount = discount, price if discount else None
    deal.deal_amount = discounted(price, discount) if price is not None else None
    after = history.changed_values(deal, dict.fromkeys(PRICED))
    save_changes(deal, *PRICED)
    history.record(deal, before=before, after=after, actor=actor, category="DEAL", summary=summary)
    changed = tuple(name for name in PRICED if before[name] != after[name])
    refuse_broken(deal, changed)
    events.publish(DealChanged(deal_id=deal.pk, fields=changed), subject=deal, actor=actor)


def _follow(deal: Deal, state: str, *, actor: Actor) -> None:
    before = deal.deal_policy_state
    deal.deal_policy_state = state
    if history.record(
        deal,
        before={"deal_policy_state": before},
        after={"deal_policy_state": str(state)},
        actor=actor,
        category="DEAL",
    ):
        save_changes(deal, "deal_policy_state")
