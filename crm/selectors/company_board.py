"""Companies by their state: how many stand in each, and the newest of them as cards."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from crm.enums import CustomerState
from crm.models import Company
from gtmos.kernel.actors import Actor
from gtmos.kernel.rights import hidden_fields

CARDS, COUNTED = 30, 10_000
READ = ("name", "industry_vertical", "city", "employee_size", "owner__name")


@dataclass(frozen=True, slots=True)
class StateColumn:
    """`count` stops at 10,000; `is_more` says that there are more than that."""

    state: str
    name: str
    cards: list[dict[str, Any]]
    count: int
    is_more: bool


def company_board(companies: QuerySet[Company], *, actor: Actor, only: str = "") -> list[StateColumn]:
    """Of companies that are narrowed already; one count and one reading for each state."""
    hidden = hidden_fields(Company, actor=actor)
    states = [] if "customer_state" in hidden else [each for each in CustomerState if only in {"", each}]
    read = [name for name in READ if name not in hidden]
    plain = companies.defer(None).select_related(None)
    return [_column(plain.filter(customer_state=state), state, read, bool(only)) for state in states]


def _column(rows: QuerySet[Company], state: CustomerState, read: list[str], is_alone: bool) -> StateColumn:  # noqa: FBT001 -- one of four plain facts
    count = rows.order_by()[: COUNTED + 1].count()
    newest = rows.order_by("-created_at", "-id")[: CARDS * 5 if is_alone else CARDS]
    cards = list(newest.values("pk", *read)) if count else []
    return StateColumn(state.value, str(state.label), cards, min(count, COUNTED), count > COUNTED)
