"""What a batch is made of: the rows as they came, what is known of them, and what became of each."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from django.db.models import QuerySet

from crm.models import Company, Contact, Deal
from crm.selectors.visibility import visible_companies, visible_contacts, visible_deals
from crm.services import companies, contacts, deals
from crm.services.identity import fill_company_keys
from crm.services.stating import restate_company, state_company, state_deal
from gtmos.kernel import clock
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.history.models import Change

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """What differs between the kinds of records."""

    model: Any
    visible: Callable[..., QuerySet[Any]]
    keys: Mapping[str, str]  # what a row may be matched on, and its column
    create: Callable[..., Any]
    update: Callable[..., Any]
    category: str = ""
    editable: frozenset[str] = frozenset()
    prepare: Callable[[Any], list[str]] | None = None  # without it each row goes through the verb
    by_verb: frozenset[str] = frozenset()  # what a row cannot be given in a set

    @property
    def noun(self) -> str:
        return str(self.model._meta.model_name)


KINDS = {
    "company": Kind(
        Company,
        visible_companies,
        {"id": "pk", "domain": "domain", "external_id": "external_id"},
        state_company,
        restate_company,
        "COMPANY_CLASSIFICATION",
        companies.EDITABLE,
        fill_company_keys,
        frozenset({"parent", "customer_state"}),
    ),
    "contact": Kind(
        Contact,
        visible_contacts,
        {"id": "pk", "email": "email_key", "external_id": "external_id"},
        contacts.create_contact,
        contacts.update_contact,
        "CONTACT_INFO",
        contacts.EDITABLE,
        contacts.prepare,
        frozenset({"is_primary", "opted_out_at", "do_not_email", "authority_override"}),
    ),
    "deal": Kind(
        Deal,
        visible_deals,
        {"id": "pk", "external_id": "external_id"},
        state_deal,
        deals.update_deal,
    ),
}  # fmt: skip -- a table


class Row(NamedTuple):
    """One row as it was sent: what it is matched on, and the values it states; or why it cannot be read."""

    key: Any
    values: Values
    version: int | None = None
    refused: DomainError | None = None


class Outcome(NamedTuple):
    result: str
    id: UUID | None = None
    problem: DomainError | None = None


@dataclass
class Batch:
    """Rows on their way in."""

    kind: Kind
    rows: Sequence[Row]
    operation: str
    column: str
    actor: Actor
    id: UUID = field(default_factory=uuid4)
    at: datetime = field(default_factory=clock.now)
    outcomes: dict[int, Outcome] = field(default_factory=dict)

    def known(self, keys: Iterable[Any]) -> dict[Any, Any]:
        """The rows that are there, held until the transaction ends; of two with one key the older."""
        wanted = {key for key in keys if key not in (None, "")}
        if not wanted or self.operation == "create":
            return {}
        found = self.kind.visible(actor=self.actor).filter(**{f"{self.column}__in": wanted})
        records = self.kind.model._default_manager.filter(pk__in=found.order_by().values("pk"))
        held = records.select_related(*self._linked()).select_for_update(of=("self",))
        return {getattr(record, self.column): record for record in held.order_by("-created_at", "pk")}

    def _linked(self) -> list[str]:
        """What rows point to: history compares it with what they pointed to before."""
        named = {name for row in self.rows for name in row.values}
        return [
            field.name for field in self.kind.model._meta.fields if field.is_relation and field.name in named
        ]

    def counted(self) -> dict[str, int]:
        results = [each.result for each in self.outcomes.values()]
        return {name: results.count(name) for name in ("created", "updated", "rejected")}


@dataclass
class Written:
    """What one pass over the rows will write, each kind in one statement."""

    made: list[Any] = field(default_factory=list)
    unnamed: list[UUID] = field(default_factory=list)  # of those made, where no row said whose it is
    moved: list[Any] = field(default_factory=list)
    columns: set[str] = field(default_factory=set)
    changes: list[Change] = field(default_factory=list)
