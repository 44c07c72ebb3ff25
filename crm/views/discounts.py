"""The price of a deal on its page, and what waits for a decision about it."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from crm.models import Deal
from crm.scoring.prices import in_percent
from crm.selectors.deal_health import get_deal_with_facts
from crm.selectors.deals import get_deal
from crm.services.deal_stages import CLOSED
from crm.services.discounts import ACTION, request_discount
from crm.views.deals import detail_context
from gtmos.kernel.actors import Actor
from gtmos.kernel.approvals.cards import card_of, cards_of
from gtmos.kernel.approvals.models import Approval
from gtmos.kernel.approvals.selectors import approvals_about
from gtmos.kernel.exceptions import DomainError, InvalidInputError
from gtmos.kernel.permissions import allows
from gtmos.kernel.rights import fixed_fields, hidden_fields
from gtmos.kernel.web import actor_of, found, page, refusal, toast
from gtmos.kernel.wording import money

PRICED = {"discount", "deal_amount"}


def price_of(deal: Deal, *, actor: Actor) -> dict[str, Any]:
    known = approvals_about(deal).filter(action=ACTION)
    newest = cards_of(known[:1], actor=actor)
    is_open = bool(newest) and newest[0].approval.state == "requested"
    may_ask = allows(actor, "crm.edit_deal", deal) and not PRICED & fixed_fields(Deal, actor=actor)
    return {
        "open": newest if is_open else [],
        "last": newest[0] if newest and not is_open else None,
        "may_ask": may_ask and deal.deal_state not in CLOSED,
    }


@login_required
def price(request: HttpRequest, deal_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    return _shown(request, found(get_deal, deal_id, actor=actor), actor)


def _shown(request: HttpRequest, deal: Deal, actor: Actor) -> HttpResponse:
    """Nothing for whom a part of it is hidden."""
    if PRICED & hidden_fields(Deal, actor=actor):
        return HttpResponse("")
    return render(request, "crm/deals/_price.html", {"deal": deal, "price": price_of(deal, actor=actor)})


@login_required
@require_POST
def discount(request: HttpRequest, deal_id: UUID) -> HttpResponse:
    """Given at once, or asked for where a policy wants a word on it."""
    actor = actor_of(request)
    deal = found(get_deal, deal_id, actor=actor)
    try:
        part = _part_of(request.POST.get("percent", ""))
        waiting = request_discount(deal, discount=part, reason=request.POST.get("reason", ""), actor=actor)
    except DomainError as error:
        return refusal(error)
    return _whole(request, deal_id, actor, part, waiting)


def _whole(
    request: HttpRequest, deal_id: UUID, actor: Actor, part: Decimal, waiting: Approval | None
) -> HttpResponse:
    """The whole page of the deal, since its amount and what is said about it follow the price."""
    deal = found(get_deal_with_facts, deal_id, actor=actor)
    context = {**detail_context(deal, request, actor), "price": price_of(deal, actor=actor)}
    answer = page(request, "crm/deals/detail.html", context)
    if waiting is not None:
        asked = card_of(waiting, actor=actor).waits_for
        return toast(answer, f"A discount of {in_percent(part)} waits for {asked}. The amount stays.")
    amount = (
        ""
        if deal.deal_amount is None
        else f", the amount {money(deal.deal_amount, deal.deal_amount_currency)}"
    )
    return toast(answer, f"The discount is {in_percent(part)} now{amount}")


def _part_of(percent: str) -> Decimal:
    """People say 25, the record holds 0.25."""
    try:
        return Decimal(percent.strip().replace(",", ".")) / 100
    except ArithmeticError as error:
        raise InvalidInputError("Write the discount as a number, such as 25.", code="bad_discount") from error
