"""What of the customer record can need an approval."""

from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from typing import Any

from django.urls import reverse

from crm.models import Deal
from crm.scoring.prices import in_percent
from crm.selectors.currencies import Amount, organisation_currency, total
from crm.selectors.deals import stage_names
from crm.selectors.visibility import get_deal, visible_deals
from crm.services import discounts
from gtmos.kernel import clock
from gtmos.kernel.actors import Actor
from gtmos.kernel.approvals.actions import ApprovalAction, Sample, register
from gtmos.kernel.approvals.models import Approval
from gtmos.kernel.exceptions import InvalidInputError
from gtmos.kernel.fields.objects import names_of
from gtmos.kernel.people.access_services import role_names
from gtmos.kernel.wording import money

COMPARED = {
    "amount": "amount before the discount, in the currency of the house",
    "currency": "currency of the deal",
    "stage": "stage of the deal",
    "segment": "segment of the company",
    "industry": "industry of the company",
    "country": "country of the company, two letters",
    "employees": "employees of the company",
    "customer_state": "state of the company",
    "owner_role": "role of the deal's owner",
}

WATCHES = (
    "Watched is a discount that is asked for on a deal. The amount of a deal without a discount is an estimate: whoever may edit the deal "
    "raises and lowers it, and nobody is asked. Once a discount is on the deal the amount cannot be lowered any more, and one that was "
    "lowered while the request waits is not granted."
)


def facts(deal: Deal) -> dict[str, Any]:
    company = deal.company
    return {
        "amount": _in_house_currency(deal),
        "currency": deal.deal_amount_currency,
        "stage": deal.stage.key,
        "segment": company.customer_segment_label if company else "",
        "industry": company.industry_vertical if company else "",
        "country": company.country_hq if company else "",
        "employees": company.employee_size if company else None,
        "customer_state": company.customer_state if company else "",
        "owner_role": deal.owner.role if deal.owner else "",
    }


def _in_house_currency(deal: Deal) -> Decimal | None:
    """As it stands where there is no rate: a threshold must not be passed by because of a missing one."""
    price = deal.list_price
    house = organisation_currency()
    if price is None or deal.deal_amount_currency == house:
        return price
    converted = total([Amount(price, deal.deal_amount_currency, clock.today())], currency=house)
    return price if converted.is_empty else converted.amount


def question(approval: Approval) -> str:
    return f"Give {approval.subject_name} a discount of {in_percent(Decimal(approval.values['discount']))}?"


def changes(approval: Approval) -> list[dict[str, Any]]:
    shown, currency = approval.present, approval.present.get("currency", "")
    before, after = (
        money(Decimal(each), currency) if each else "Not known"
        for each in (shown.get("amount"), shown.get("amount_after"))
    )
    return [
        {
            "name": "discount",
            "field": "discount",
            "before": in_percent(Decimal(shown.get("discount") or 0)),
            "after": in_percent(Decimal(approval.values["discount"])),
        },
        {"name": "amount", "field": "deal_amount", "before": before, "after": after},
    ]


def ask(*, subject_id: Any, values: dict[str, Any], reason: str, actor: Actor) -> Approval | None:
    deal = get_deal(subject_id, actor=actor)
    if set(values) != {"discount"} or not isinstance(values["discount"], str | int | float):
        raise InvalidInputError('Say the discount, such as {"discount": "0.25"}.', code="bad_discount")
    try:
        discount = Decimal(str(values["discount"]))
    except ArithmeticError as error:
        raise InvalidInputError("A discount is a number from 0 to 1.", code="bad_discount") from error
    return discounts.request_discount(deal, discount=discount, reason=reason, actor=actor)


def samples(*, actor: Actor, limit: int) -> Iterator[Sample]:
    """Open deals of today with the discount that they have, and those without any with one of 25 %."""
    deals = visible_deals(actor=actor).filter(deal_state="open").order_by("-created_at", "-id")
    for deal in deals[:limit]:
        yield deal, {"discount": str(deal.discount or Decimal("0.25"))}


register(
    ApprovalAction(
        name=discounts.ACTION,
        label="Discount on a deal",
        model=Deal,
        values={"discount": "discount asked for; 0.2 is 20 %"},
        fields=COMPARED,
        facts=facts,
        granted=discounts.apply_granted,
        question=question,
        changes=changes,
        asked=discounts.wait_for_decision,
        closed=discounts.return_to_requester,
        ask=ask,
        visible=visible_deals,
        samples=samples,
        watches=WATCHES,
        named={
            "stage": stage_names,
            "customer_state": partial(names_of, "company", "customer_state"),
            "owner_role": role_names,
        },
        parts=frozenset({"discount"}),
        url=lambda approval: reverse("crm:deal", args=[approval.subject_id]),
    )
)
