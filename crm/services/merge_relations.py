"""What a merge does to each row that names a company, a contact or a deal. A test fails for one that is not declared."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet

from crm.models import Company, Contact, Deal
from gtmos.kernel.approvals.models import Approval
from gtmos.kernel.fields.models import RelationLink

MERGED: dict[str, type[models.Model]] = {"company": Company, "contact": Contact, "deal": Deal}


class Treatment(StrEnum):
    MOVES = "moves"  # to the kept record; what both have is folded into one, or settled by a rule
    STAYS = "stays"  # a fact about the record as it was then
    GOES = "goes"  # is derived, and made anew


Settle = Callable[[QuerySet[Any], Any], list[Any]]
Unsettle = Callable[[list[Any]], None]


@dataclass(frozen=True, slots=True)
class Rule:
    """`settle(clashing rows of the absorbed record, kept record)` makes them movable, and returns their keys."""

    treatment: Treatment
    settle: Settle | None = None
    unsettle: Unsettle | None = None


@dataclass(frozen=True, slots=True)
class Relation:
    """A foreign key (`column`), or a pair of columns that name a record of any kind (`type_column` too)."""

    model: type[models.Model]
    column: str
    type_column: str = ""

    @property
    def name(self) -> str:
        return f"{self.model._meta.label_lower}.{self.column}"

    def of(self, kind: str, key: UUID) -> QuerySet[Any]:
        rows = self.model._default_manager.filter(**{self.column: key})
        if not self.type_column:
            return rows
        return rows.filter(**{f"{self.type_column}__in": (kind, f"crm.{kind}")})

    def noun(self) -> str:
        return str(self.model._meta.verbose_name_plural)


@dataclass(slots=True)
class Declared:
    rules: dict[str, Rule] = field(default_factory=dict)
    locks: list[Callable[[str, list[UUID]], None]] = field(default_factory=list)


_declared = Declared()


def declare(
    treatment: Treatment, *names: str, settle: Settle | None = None, unsettle: Unsettle | None = None
) -> None:
    for name in names:
        _declared.rules[name] = Rule(treatment, settle, unsettle)


def lock_first(lock: Callable[[str, list[UUID]], None]) -> None:
    """Rows of other apps that are locked before the records themselves, where that app locks them so."""
    _declared.locks.append(lock)


def lock_all(kind: str, keys: list[UUID]) -> None:
    for lock in _declared.locks:
        lock(kind, keys)


def rule_of(relation: Relation) -> Rule:
    """Nothing is lost where a rule was forgotten."""
    return _declared.rules.get(relation.name, Rule(Treatment.MOVES))


def is_declared(relation: Relation) -> bool:
    return relation.name in _declared.rules


def relations_of(model: type[models.Model]) -> list[Relation]:
    """Read off the models: every foreign key to the model, then every pair of columns that can name any record."""
    fields: Iterable[Any] = model._meta.get_fields(include_hidden=True)
    keys = [
        Relation(found.related_model, found.field.attname)
        for found in fields
        if found.auto_created and (found.one_to_many or found.one_to_one)
    ]
    # The type of these stands at the kind of tie; keys are never used twice.
    ties = [Relation(RelationLink, "from_id"), Relation(RelationLink, "to_id")]
    return [*keys, *generic_relations(), *ties]


def generic_relations() -> list[Relation]:
    return [
        Relation(model, column.name, f"{column.name.removesuffix('_id')}_type")
        for model in apps.get_models()
        for column in model._meta.local_fields
        if isinstance(column, models.UUIDField) and _has_type(model, column.name)
    ]


def _has_type(model: type[models.Model], name: str) -> bool:
    wanted = f"{name.removesuffix('_id')}_type"
    return any(column.name == wanted for column in model._meta.local_fields)


def clashing(relation: Relation, kind: str, *, keep: UUID, other: UUID) -> QuerySet[Any]:
    """Rows of the absorbed record that would stand beside an equal one of the kept record."""
    rows = relation.of(kind, other)
    same = [_equal(relation, kind, constraint, keep) for constraint in _constraints(relation)]
    if not same:
        return rows.none()
    return rows.filter(reduce(or_, same))


def _constraints(relation: Relation) -> Iterator[models.UniqueConstraint]:
    column = _field(relation)
    if relation.model._meta.get_field(column).unique:  # type: ignore[union-attr]  # a column of the table
        yield models.UniqueConstraint(fields=(column,), name="of_the_column")
    for constraint in relation.model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint) and column in constraint.fields:
            yield constraint


def _field(relation: Relation) -> str:
    """As constraints call the column."""
    columns = relation.model._meta.local_fields
    return next(each.name for each in columns if relation.column in {each.attname, each.name})


def _equal(relation: Relation, kind: str, constraint: models.UniqueConstraint, keep: UUID) -> Q:
    """The constraint's condition holds for both rows, and its other columns are equal."""
    kept = relation.of(kind, keep)
    column = _field(relation)
    rest = [name for name in constraint.fields if name not in {column, relation.type_column}]
    kept = kept.filter(**{name: OuterRef(name) for name in rest})
    condition = constraint.condition
    if condition is None:
        return Q(Exists(kept))
    return Q(Exists(kept.filter(condition))) & condition


def same_row(row: Any, relation: Relation, kind: str, keep: UUID) -> Any:
    """The kept record's row that equals this one."""
    for constraint in _constraints(relation):
        column = _field(relation)
        rest = [name for name in constraint.fields if name not in {column, relation.type_column}]
        found = relation.of(kind, keep).filter(**{name: getattr(row, name) for name in rest}).first()
        if found is not None:
            return found
    return None


declare(
    Treatment.MOVES,
    "crm.deal.company_id",
    "crm.deal.contact_id",
    "crm.company.parent_id",
    "crm.accountteammember.company_id",
    "crm.targetaccount.company_id",
    "crm.colleaguemessage.company_id",
    "crm.colleaguemessage.contact_id",
    "crm.colleaguemessage.deal_id",
    "crm.activity.company_id",
    "crm.activity.contact_id",
    "crm.activity.deal_id",
    "crm.task.company_id",
    "crm.task.contact_id",
    "crm.task.deal_id",
    "crm.objection.company_id",
    "crm.objection.contact_id",
    "crm.objection.deal_id",
    "crm.meeting.company_id",
    "crm.meeting.deal_id",
    "crm.meetingattendee.contact_id",
    "crm.reading.company_id",
    "crm.reading.contact_id",
    "crm.reading.deal_id",
    "crm.proposal.record_id",
    "crm.document.subject_id",
    "crm.alert.company_id",
    "crm.alert.contact_id",
    "crm.alert.deal_id",
    "crm.signal.company_id",
    "crm.signal.contact_id",
    "crm.usageevent.company_id",
    "crm.usageevent.contact_id",
    "crm.sourcekey.record_id",
    "crm.pendinglink.record_id",
    "kernel.fieldlock.subject_id",
    "kernel.workflowrun.subject_id",
    "kernel.workflowsteprun.made_id",
    "kernel.relationlink.from_id",
    "kernel.relationlink.to_id",
)
# Facts as they were told, and where a row came from.
declare(
    Treatment.STAYS,
    "kernel.change.subject_id",
    "kernel.eventrecord.subject_id",
    "crm.activity.source_id",
    "crm.task.source_id",
    "context.evidence.source_id",
)
declare(
    Treatment.GOES,
    "crm.messagesread.subject_id",
    "kernel.embedding.subject_id",
    "kernel.embeddingjob.subject_id",
    "crm.duplicatepair.company_id",
    "crm.duplicatepair.other_company_id",
    "crm.duplicatepair.contact_id",
    "crm.duplicatepair.other_contact_id",
)


def demote(clashing: QuerySet[Any], kept: Any) -> list[Any]:
    """A company has one primary contact: that of the kept one."""
    del kept
    keys = list(clashing.values_list("pk", flat=True))
    Contact.objects.filter(pk__in=keys).update(is_primary=False)
    return keys


def promote(keys: list[Any]) -> None:
    """Back at their own company they are primary again, where nobody else is by now."""
    taken = Contact.objects.filter(company=OuterRef("company"), is_primary=True)
    Contact.objects.filter(~Exists(taken), pk__in=keys).update(is_primary=True)


declare(Treatment.MOVES, "crm.contact.company_id", settle=demote, unsettle=promote)


MARK = "|merged|"
LONGEST_KEY = 76  # with the mark and a key of a row it fits the column


def keep_asking(clashing: QuerySet[Any], kept: Any) -> list[Any]:
    """Both ask for the same: each request waits on, under a key of its own."""
    del kept
    rows = list(clashing)
    for row in rows:
        row.key = f"{row.key[:LONGEST_KEY]}{MARK}{row.pk}"
    Approval.objects.bulk_update(rows, ["key"])
    return [row.pk for row in rows]


def ask_as_before(keys: list[Any]) -> None:
    rows = list(Approval.objects.filter(pk__in=keys))
    for row in rows:
        row.key = row.key.partition(MARK)[0]
    Approval.objects.bulk_update(rows, ["key"])


declare(Treatment.MOVES, "kernel.approval.subject_id", settle=keep_asking, unsettle=ask_as_before)
