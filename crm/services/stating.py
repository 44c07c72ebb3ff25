"""A record made or changed by the values of its columns, for doors that know it by no others."""

from typing import Any
from uuid import UUID

from django.db import transaction

from crm.models import Company, Deal
from crm.services.companies import change_state, create_company, update_company
from crm.services.deals import create_deal
from gtmos.kernel.actors import Actor

DEAL_WORDS = {
    "deal_amount": "amount",
    "deal_amount_currency": "currency",
    "deal_expected_signing_date": "close_on",
}


@transaction.atomic
def state_company(*, actor: Actor, cause_id: UUID | None = None, **values: Any) -> Company:
    """Add a company, in the customer state that is stated."""
    state = values.pop("customer_state", None)
    company = create_company(values.pop("name", ""), actor=actor, cause_id=cause_id, **values)
    return change_state(company, state, actor=actor, cause_id=cause_id) if state else company


@transaction.atomic
def restate_company(
    company: Company, *, changes: dict[str, Any], actor: Actor, cause_id: UUID | None = None
) -> Company:
    """Change a company, and its customer state where that is stated."""
    state = changes.pop("customer_state", None)
    company = update_company(company, changes=changes, actor=actor, cause_id=cause_id)
    return change_state(company, state, actor=actor, cause_id=cause_id) if state else company


def state_deal(*, actor: Actor, cause_id: UUID | None = None, **values: Any) -> Deal:
    """Open a deal."""
    said = {DEAL_WORDS.get(name, name): value for name, value in values.items()}
    company, name = said.pop("company", None), said.pop("name", "")
    return create_deal(name=name, company=company, actor=actor, cause_id=cause_id, **said)
