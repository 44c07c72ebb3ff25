"""Many records at once: created, changed or either, set by set, with an answer for each row.

The set form of the verbs of companies and contacts. What needs more than its own row (a locked value, an opt-out,
the place of the primary contact, a second row of the same record) goes through the verb, as deals always do.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from django.db import IntegrityError, models, transaction
from django.db.models import QuerySet
from django.utils import timezone

from crm.events import BatchWritten
from crm.models import Company, Contact, Deal
from crm.selectors.visibility import visible_companies, visible_contacts, visible_deals
from crm.services import companies, contacts, deals
from crm.services.changing import check, named, refuse_unknown, stated, with_custom
from crm.services.identity import fill_company_keys
from gtmos.kernel import clock, events, history, live
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError, InvalidInputError, NotPermittedError
from gtmos.kernel.fields.models import FieldLock
from gtmos.kernel.history.models import Change
from gtmos.kernel.once import burst
from gtmos.kernel.permissions import require
from gtmos.kernel.rights import refuse_fixed
from gtmos.kernel.rules.checking import refuse_broken

MOST_ROWS = 1000
OPERATIONS = ("create", "update", "upsert")
Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """What differs between the kinds of records."""

    noun: str
    visible: Callable[..., QuerySet[Any]]
    keys: dict[str, str]  # what a row may be matched on, and its column
    create: Callable[..., Any]
    update: Callable[..., Any]
    category: str = ""
    editable: frozenset[str] = frozenset()
    prepare: Callable[[Any], list[str]] | None = None  # without it each row goes through the verb
    by_verb: frozenset[str] = frozenset()


def _create_company(*, actor: Actor, **values: Any) -> Company:
    return companies.create_company(values.pop("name", ""), actor=actor, **values)


def _create_deal(*, actor: Actor, **values: Any) -> Deal:
    return deals.create_deal(
        name=values.pop("name", ""), company=values.pop("company", None), actor=actor, **values
    )


KINDS = {
    "company": Kind(
        "company",
        visible_companies,
        {"id": "pk", "domain": "domain", "external_id": "external_id"},
        _create_company,
        companies.update_company,
        "COMPANY_CLASSIFICATION",
        companies.EDITABLE,
        fill_company_keys,
        frozenset({"parent", "customer_state"}),
    ),
    "contact": Kind(
        "contact",
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
        "deal",
        visible_deals,
        {"id": "pk", "external_id": "external_id"},
        _create_deal,
        deals.update_deal,
    ),
}  # fmt: skip -- a table
MODELS: dict[str, type[models.Model]] = {"company": Company, "contact": Contact, "deal": Deal}


class Row(NamedTuple):
    """One row as it was sent: what it is matched on, and the values it states; or why it cannot be read."""

    key: Any
    values: Values
    refused: DomainError | None = None


class Outcome(NamedTuple):
    result: str
    id: UUID | None = None
    problem: DomainError | None = None


@dataclass
class Batch:
    """Rows on their way in."""

    kind: Kind
    operation: str
    column: str
    actor: Actor
    id: UUID = field(default_factory=uuid4)
    at: datetime = field(default_factory=clock.now)
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)

    @property
    def model(self) -> Any:
        return MODELS[self.kind.noun]

    def known(self, keys: Iterable[Any]) -> dict[Any, Any]:
        """The rows that are there, held until the transaction ends; of two with one key the older."""
        wanted = [key for key in keys if key not in (None, "")]
        found = self.kind.visible(actor=self.actor).filter(**{f"{self.column}__in": wanted})
        plain = self.model._default_manager.filter(pk__in=found.order_by().values("pk"))
        rows = plain.select_for_update(of=("self",)).order_by("-created_at", "pk")
        return {getattr(record, self.column): record for record in rows}


@transaction.atomic
def write_batch(
    noun: str, rows: Sequence[Row], *, operation: str, match_on: str, actor: Actor
) -> list[Outcome]:
    """Each row for itself: one that is refused changes nothing and says why."""
    kind = KINDS[noun]
    _refuse(kind, rows, operation, match_on)
    for verb in {"create": ["create"], "update": ["edit"], "upsert": ["create", "edit"]}[operation]:
        require(actor, f"crm.{verb}_{noun}")
    batch = Batch(kind, operation, kind.keys[match_on], actor)
    with burst(), live.quietly():
        left = _as_sets(batch, rows)
        for place in left:
            batch.outcomes[place] = _by_verb(batch, rows[place])
    live.push("workspace:all")
    outcomes = [batch.outcomes[place] for place in range(len(rows))]
    counted = {
        name: sum(each.result == name for each in outcomes) for name in ("created", "updated", "rejected")
    }
    events.publish(BatchWritten(batch_id=batch.id, kind=noun, **counted), actor=actor)
    return outcomes


def _refuse(kind: Kind, rows: Sequence[Row], operation: str, match_on: str) -> None:
    if match_on not in kind.keys:
        raise InvalidInputError(f"A {kind.noun} is matched on {', '.join(kind.keys)}.", code="unknown_match")
    if operation == "upsert" and match_on == "id":
        raise InvalidInputError("A new record has no id yet; match on another key.", code="unknown_match")
    if not 0 < len(rows) <= MOST_ROWS:
        raise InvalidInputError(f"A batch has from 1 to {MOST_ROWS} rows.", code="too_many_rows")


def _as_sets(batch: Batch, rows: Sequence[Row]) -> list[int]:
    """Returns the places of the rows that are left for the verbs; all, where the database refuses the set."""
    if batch.kind.prepare is None:
        return list(range(len(rows)))
    try:
        with transaction.atomic():
            return _written(batch, rows)
    except IntegrityError:
        batch.outcomes.clear()
        batch.changes.clear()
        return list(range(len(rows)))


def _written(batch: Batch, rows: Sequence[Row]) -> list[int]:
    known = batch.known(row.key for row in rows) if batch.operation != "create" else {}
    locked = set(FieldLock.objects.filter(subject_id__in=[each.pk for each in known.values()]).values_list("subject_id", flat=True))  # fmt: skip
    left, seen, made, moved = [], set(), [], []
    names: set[str] = set()
    for place, row in enumerate(rows):
        record = known.get(row.key)
        is_later = row.key in seen or (record is None and batch.operation == "update")
        is_own = bool(batch.kind.by_verb & row.values.keys()) or (record is not None and record.pk in locked)
        if (
            row.refused
            or is_later
            or is_own
            or (record is None and batch.operation == "upsert" and not row.key)
        ):
            left.append(place)
            seen.add(row.key)
            continue
        if row.key not in (None, ""):
            seen.add(row.key)
        try:
            if record is None:
                made.append(_made(batch, row))
                batch.outcomes[place] = Outcome("created", made[-1].pk)
            elif changed := _moved(batch, record, row):
                names |= changed
                moved.append(record)
                batch.outcomes[place] = Outcome("updated", record.pk)
            else:
                batch.outcomes[place] = Outcome("unchanged", record.pk)
        except DomainError as error:
            batch.outcomes[place] = Outcome("rejected", problem=error)
    batch.model.objects.bulk_create(made)
    if moved:
        batch.model.objects.bulk_update(moved, [*names, "version", "updated_at"], batch_size=250)
    Change.objects.bulk_create(batch.changes, batch_size=2000)
    return left


def _made(batch: Batch, row: Row) -> Any:
    """As the verb makes it, not yet saved."""
    values = with_custom(batch.model(), row.values, actor=batch.actor)
    record = batch.model(**{**companies.ownership(batch.actor), **values})
    refuse_unknown(record, values, batch.kind.editable)
    refuse_fixed(batch.model, stated(values), actor=batch.actor)
    record.name = record.name.strip()
    assert batch.kind.prepare is not None
    derived = batch.kind.prepare(record)
    if batch.kind.noun == "company" and not record.name:
        raise InvalidInputError("A company needs a name.", code="name_missing")
    check(record, ["name", *values, *derived])
    refuse_broken(record)
    _note(batch, record, {}, {"created": str(record)}, "CREATED", f"Created {batch.kind.noun} {record}")
    return record


def _moved(batch: Batch, record: Any, row: Row) -> set[str]:
    """As the verb changes it, not yet saved; the names of the columns that differ."""
    refuse_unknown(record, row.values, batch.kind.editable)
    refuse_fixed(batch.model, row.values, actor=batch.actor)
    changes = with_custom(record, row.values, actor=batch.actor)
    before = history.changed_values(record, changes)
    for name, value in changes.items():
        setattr(record, name, value)
    assert batch.kind.prepare is not None
    derived = batch.kind.prepare(record)
    check(record, [*changes, *derived])
    after = history.changed_values(record, changes)
    changed = {name for name in changes if before[name] != after[name]}
    if not changed:
        return set()
    refuse_broken(record, named(changed, before, after))
    record.version += 1
    record.updated_at = timezone.now()
    _note(batch, record, before, after, batch.kind.category, "")
    return changed | set(derived)


def _note(batch: Batch, record: Any, before: Values, after: Values, category: str, summary: str) -> None:
    change = history.change_of(
        record,
        before=before,
        after=after,
        actor=batch.actor,
        category=category,
        summary=summary,
        cause_id=batch.id,
        at=batch.at,
    )
    if change is not None:
        batch.changes.append(change)


def _by_verb(batch: Batch, row: Row) -> Outcome:
    try:
        with transaction.atomic():
            return _one(batch, row)
    except DomainError as error:
        return Outcome("rejected", problem=error)


def _one(batch: Batch, row: Row) -> Outcome:
    if row.refused:
        raise row.refused
    if batch.operation != "create" and row.key in (None, ""):
        raise InvalidInputError("The row states nothing to match it on.", code="key_missing")
    record = None if batch.operation == "create" else batch.known([row.key]).get(row.key)
    if record is None:
        if batch.operation == "update":
            raise NotPermittedError("There is no such record, or you may not see it.", code="not_found")
        made = batch.kind.create(actor=batch.actor, cause_id=batch.id, **row.values)
        return Outcome("created", made.pk)
    version = record.version
    after = batch.kind.update(record, changes=dict(row.values), actor=batch.actor, cause_id=batch.id)
    return Outcome("updated" if after.version != version else "unchanged", record.pk)
