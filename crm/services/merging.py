"""Making one record of two: choose the values, move what belongs to the second, keep all that is needed to take it back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, IntegrityError, models, transaction

from crm.events import ContactOptedOut, RecordsMerged
from crm.models import Company, Contact, Deal, Merge
from crm.services import companies, contacts
from crm.services.changing import apply_changes
from crm.services.identity import fill_company_keys, fill_deal_text
from crm.services.merge_relations import (
    Relation,
    Treatment,
    clashing,
    lock_all,
    relations_of,
    rule_of,
    same_row,
)
from crm.services.merge_values import FIELDS, Side, merged_values, renamed_in_custom, sides
from gtmos.kernel import events, history, live
from gtmos.kernel.actors import Actor
from gtmos.kernel.events.publishing import plain
from gtmos.kernel.exceptions import DomainError, InvalidInputError
from gtmos.kernel.permissions import require
from gtmos.kernel.records import save_changes

R = TypeVar("R", Company, Contact, Deal)
DERIVE: dict[type[models.Model], Any] = {
    Company: fill_company_keys,
    Contact: contacts.prepare,
    Deal: fill_deal_text,
}


@dataclass(frozen=True, slots=True)
class Preview:
    """What a merge would do; nothing is changed."""

    sides: list[Side]
    moves: list[tuple[str, int]]


def preview(keep: R, other: R, *, actor: Actor) -> Preview:
    _refuse(keep, other, actor)
    kind = kind_of(keep)
    counts = [
        (relation.noun(), relation.of(kind, other.pk).count())
        for relation in relations_of(type(keep))
        if rule_of(relation).treatment is Treatment.MOVES
    ]
    return Preview(sides(keep, other), [(noun, count) for noun, count in counts if count])


def merge_companies(keep: Company, other: Company, *, choices: Mapping[str, str], actor: Actor) -> Merge:
    """`choices`: field → `keep` or `other`; where nobody chose, see `merge_values`."""
    return _merge(keep, other, choices, actor)


def merge_contacts(keep: Contact, other: Contact, *, choices: Mapping[str, str], actor: Actor) -> Merge:
    return _merge(keep, other, choices, actor)


def merge_deals(keep: Deal, other: Deal, *, choices: Mapping[str, str], actor: Actor) -> Merge:
    """Where the kept deal stands in its pipeline is not touched."""
    return _merge(keep, other, choices, actor)


MERGE: dict[str, Any] = {"company": merge_companies, "contact": merge_contacts, "deal": merge_deals}


def kind_of(record: models.Model) -> str:
    return str(record._meta.model_name)


@transaction.atomic
def _merge(keep: R, other: R, choices: Mapping[str, str], actor: Actor) -> Merge:
    _refuse(keep, other, actor)
    keep, other = _locked(keep, other)
    values = merged_values(keep, other, choices)
    if kind_of(keep) == "company":
        _refuse_below(keep, other)
        _place_in_hierarchy(keep, values)
    if "custom" in values:
        values["custom"] = renamed_in_custom(values["custom"], other.pk, keep.pk)
    merge = Merge(
        subject_type=kind_of(keep),
        kept_id=keep.pk,
        absorbed_id=other.pk,
        absorbed_name=str(other)[:255],
        absorbed_values=snapshot(other),
        user_name=actor.label[:150],
    )
    for relation in relations_of(type(keep)):
        _treat(relation, merge, keep)
    history.record(
        other,
        before={"merged_into": None},
        after={"merged_into": {"id": keep.pk, "name": str(keep)}},
        actor=actor,
        category="MERGED",
        summary=f"Merged into {keep}",
        cause_id=merge.pk,
    )
    # No cascade: a row that still named the absorbed record would fail here, and nothing would have happened.
    rows: Any = type(other)._default_manager.filter(pk=other.pk)
    rows._raw_delete(using=DEFAULT_DB_ALIAS)  # noqa: SLF001 -- the public way cascades
    _fill(merge, keep, values, actor)
    merge.save(force_insert=True)
    _tell(merge, keep, actor)
    return merge


def _refuse(keep: R, other: R, actor: Actor) -> None:
    kind = kind_of(keep)
    if type(keep) is not type(other) or keep.pk == other.pk:
        raise InvalidInputError("Choose two different records of the same kind.", code="nothing_to_merge")
    for record in (keep, other):
        require(actor, "crm.merge_records", record)
        require(actor, f"crm.edit_{kind}", record)


def _locked(keep: R, other: R) -> tuple[R, R]:
    """Both, the smaller key first, so that two merges side by side never wait for each other."""
    keys = sorted((keep.pk, other.pk))
    lock_all(kind_of(keep), keys)
    if isinstance(keep, Company):
        companies.lock_hierarchy()
    rows = type(keep)._default_manager.select_for_update(of=("self",)).filter(pk__in=keys).order_by("pk")
    found = {row.pk: row for row in rows}
    if len(found) < 2:
        raise DomainError("One of the two is gone, perhaps merged by somebody else just now.", code="gone")
    return found[keep.pk], found[other.pk]


def _place_in_hierarchy(keep: Any, values: dict[str, Any]) -> None:
    parent = values.get("parent")
    if parent is not None and parent.pk == keep.pk:
        del values["parent"]


def _refuse_below(keep: Any, other: Any) -> None:
    """What stands below the absorbed company comes to stand below the kept one."""
    passed: set[UUID] = set()
    above = keep.parent_id
    while above is not None and above not in passed:
        if above == other.pk:
            raise DomainError(
                f"{keep} stands below {other}. Keep {other} and merge {keep} into it.",
                code="hierarchy_circle",
            )
        passed.add(above)
        above = Company.objects.values_list("parent_id", flat=True).filter(pk=above).first()


def snapshot(record: models.Model) -> dict[str, Any]:
    columns = [each for each in record._meta.local_fields if not each.generated]
    return {each.attname: plain(getattr(record, each.attname)) for each in columns}


def _treat(relation: Relation, merge: Merge, keep: models.Model) -> None:
    rule, kind = rule_of(relation), merge.subject_type
    if rule.treatment is Treatment.STAYS:
        return
    if rule.treatment is Treatment.GOES:
        relation.of(kind, merge.absorbed_id).delete()
        return
    both = clashing(relation, kind, keep=merge.kept_id, other=merge.absorbed_id)
    if rule.settle is not None:
        merge.settled[relation.name] = plain(rule.settle(both, keep))
    else:
        merge.folded += [_fold(row, relation, merge) for row in both]
    rows = relation.of(kind, merge.absorbed_id)
    keys = list(rows.values_list("pk", flat=True))
    if keys:
        merge.moved[relation.name] = merge.moved.get(relation.name, []) + plain(keys)
        rows.update(**{relation.column: merge.kept_id})


def _fold(row: Any, relation: Relation, merge: Merge) -> dict[str, Any]:
    """The kept record has an equal row: what hung on this one hangs on that one now."""
    kept = same_row(row, relation, merge.subject_type, merge.kept_id)
    hung: dict[str, list[Any]] = {}
    for link in relations_of(type(row)):
        if link.type_column:
            continue
        keys = list(link.of("", row.pk).values_list("pk", flat=True))
        if keys and kept is not None:
            hung[link.name] = plain(keys)
            link.of("", row.pk).update(**{link.column: kept.pk})
    noted = {
        "relation": relation.name,
        "values": snapshot(row),
        "kept": plain(kept.pk) if kept else None,
        "hung": hung,
    }
    type(row)._default_manager.filter(pk=row.pk).delete()
    return noted


def _fill(merge: Merge, keep: R, values: dict[str, Any], actor: Actor) -> None:
    before = {name: plain(bare(getattr(keep, name))) for name in values}
    custom = values.pop("custom", None)
    if custom is not None:
        set_custom(keep, custom, category="MERGED", actor=actor, cause_id=merge.pk)
    try:
        with transaction.atomic():
            apply_changes(
                keep,
                values,
                allowed=FIELDS[type(keep)],
                actor=actor,
                category="MERGED",
                derive=DERIVE[type(keep)],
                cause_id=merge.pk,
            )
    except IntegrityError as error:
        raise DomainError(
            "The chosen values belong to a third record: its domain, its address, or its place as primary contact.",
            code="value_taken",
        ) from error
    merge.changed = {
        name: [old, plain(bare(getattr(keep, name)))]
        for name, old in before.items()
        if old != plain(bare(getattr(keep, name)))
    }
    history.record(
        keep,
        before={"merged": None},
        after={"merged": {"id": merge.absorbed_id, "name": merge.absorbed_name}},
        actor=actor,
        category="MERGED",
        summary=f"Merged {merge.absorbed_name} into this",
        cause_id=merge.pk,
    )


def set_custom(record: Any, custom: dict[str, Any], *, category: str, actor: Actor, cause_id: UUID) -> None:
    """Values that were checked where they come from, those without a field among them."""
    before, record.custom = record.custom, custom
    save_changes(record, "custom")
    history.record(
        record,
        before={"custom": before},
        after={"custom": custom},
        actor=actor,
        category=category,
        cause_id=cause_id,
    )


def bare(value: Any) -> Any:
    return value.pk if isinstance(value, models.Model) else value


def _tell(merge: Merge, keep: Any, actor: Actor) -> None:
    events.publish(
        RecordsMerged(
            merge_id=merge.pk, kind=merge.subject_type, kept_id=merge.kept_id, absorbed_id=merge.absorbed_id
        ),
        subject=keep,
        actor=actor,
    )
    if merge.subject_type == "contact" and keep.opted_out_at:
        # Every address that either had stays refused.
        before = merge.changed.get("email", [""])[0]
        for email in sorted({keep.email, before, str(merge.absorbed_values["email"])} - {""}):
            events.publish(ContactOptedOut(contact_id=keep.pk, email=email), subject=keep, actor=actor)
    live.push(f"{merge.subject_type}:{keep.pk}")
    live.push(f"{merge.subject_type}:{merge.absorbed_id}")  # who has it open is led on
