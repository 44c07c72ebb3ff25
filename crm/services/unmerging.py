"""Taking a merge back: both records stand again, each with its own. What cannot be taken back is said."""

from typing import Any

from django.apps import apps
from django.db import IntegrityError, models, transaction

from crm.events import MergeUndone
from crm.models import Company, Merge
from crm.services import companies
from crm.services.changing import apply_changes
from crm.services.merge_relations import MERGED, Relation, lock_all, relations_of, rule_of
from crm.services.merge_values import FIELDS, STRICTER
from crm.services.merging import DERIVE, bare, set_custom
from gtmos.kernel import clock, events, history, live
from gtmos.kernel.actors import Actor
from gtmos.kernel.events.publishing import plain
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.permissions import require


@transaction.atomic
def undo_merge(merge: Merge, *, actor: Actor) -> Merge:
    model = MERGED[merge.subject_type]
    merge = Merge.objects.select_for_update().get(pk=merge.pk)
    if merge.undone_at is not None:
        raise DomainError("This merge was taken back already.", code="undone_already")
    lock_all(merge.subject_type, sorted((merge.kept_id, merge.absorbed_id)))
    if model is Company:
        companies.lock_hierarchy()
    keep: Any = model._default_manager.select_for_update(of=("self",)).filter(pk=merge.kept_id).first()
    if keep is None:
        raise DomainError(
            "The kept record is gone or was merged into another since. Take that merge back first.",
            code="gone",
        )
    require(actor, "crm.merge_records", keep)
    notes: list[str] = []
    _give_values_back(merge, keep, notes, actor)
    other = _stand_again(merge, model)
    _give_rows_back(merge, model, notes)
    merge.undone_at, merge.undone_notes = clock.now(), notes
    merge.save(update_fields=["undone_at", "undone_notes", "updated_at"])
    _tell(merge, keep, other, actor)
    return merge


def _give_values_back(merge: Merge, keep: Any, notes: list[str], actor: Actor) -> None:
    changes: dict[str, Any] = {}
    for name, (before, after) in merge.changed.items():
        label = name.replace("_", " ")
        if name in STRICTER:
            notes.append(f"{label.capitalize()} stays as strict as it is: a refusal is never taken back.")
        elif plain(bare(getattr(keep, name))) != after:
            notes.append(f"{label.capitalize()} was changed since and stays as it is.")
        else:
            changes[name] = _value(keep, name, before)
    custom = changes.pop("custom", None)
    if custom is not None:
        set_custom(keep, custom, category="RESTORED", actor=actor, cause_id=merge.pk)
    if changes:
        apply_changes(
            keep,
            changes,
            allowed=FIELDS[type(keep)],
            actor=actor,
            category="RESTORED",
            derive=DERIVE[type(keep)],
            cause_id=merge.pk,
        )


def _value(record: models.Model, name: str, value: Any) -> Any:
    field = record._meta.get_field(name)
    if isinstance(field, models.ForeignKey):
        return field.remote_field.model._default_manager.filter(pk=value).first() if value else None
    assert isinstance(field, models.Field)
    return field.to_python(value)


def made_again(model: type[models.Model], values: dict[str, Any]) -> models.Model:
    """A row as it was; a link to what is gone since is left empty."""
    fields = {each.attname: each for each in model._meta.local_fields if not each.generated}
    row = model(**{name: fields[name].to_python(value) for name, value in values.items() if name in fields})
    for name, field in fields.items():
        if isinstance(field, models.ForeignKey) and getattr(row, name) is not None:
            target = field.remote_field.model._default_manager
            if not target.filter(pk=getattr(row, name)).exists() and field.null:
                setattr(row, name, None)
    return row


def _stand_again(merge: Merge, model: type[models.Model]) -> Any:
    other: Any = made_again(model, merge.absorbed_values)
    other.version += 1
    try:
        with transaction.atomic():
            other.save(force_insert=True)
            model._default_manager.filter(pk=other.pk).update(created_at=other.created_at)
    except IntegrityError as error:
        raise DomainError(
            f"{merge.absorbed_name} cannot stand again: its domain or address belongs to another record by now.",
            code="value_taken",
        ) from error
    return other


def _give_rows_back(merge: Merge, model: type[models.Model], notes: list[str]) -> None:
    for relation in relations_of(model):
        keys = merge.moved.get(relation.name, [])
        moved = relation.of(merge.subject_type, merge.kept_id).filter(pk__in=keys)
        count = moved.update(**{relation.column: merge.absorbed_id})
        if count < len(keys):
            notes.append(
                f"{len(keys) - count} {relation.noun()} were moved or deleted since and stay where they are."
            )
        rule = rule_of(relation)
        if rule.unsettle is not None and relation.name in merge.settled:
            rule.unsettle(merge.settled[relation.name])
        for folded in merge.folded:
            if folded["relation"] == relation.name:
                _unfold(folded, relation, notes)


def _unfold(folded: dict[str, Any], relation: Relation, notes: list[str]) -> None:
    row = made_again(relation.model, folded["values"])
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        notes.append(f"One of the {relation.noun()} that both had could not be made again.")
        return
    for name, keys in folded["hung"].items():
        label, _, column = name.rpartition(".")
        rows = apps.get_model(label)._default_manager.filter(pk__in=keys, **{column: folded["kept"]})
        rows.update(**{column: row.pk})


def _tell(merge: Merge, keep: Any, other: Any, actor: Actor) -> None:
    for record, words in (
        (keep, f"Took back the merge with {merge.absorbed_name}"),
        (other, f"Stands again: the merge into {keep} was taken back"),
    ):
        history.record(
            record,
            before={"merge": str(merge.pk)},
            after={"merge": None},
            actor=actor,
            category="UNMERGED",
            summary=words,
            cause_id=merge.pk,
        )
        live.push(f"{merge.subject_type}:{record.pk}")
    events.publish(
        MergeUndone(
            merge_id=merge.pk, kind=merge.subject_type, kept_id=merge.kept_id, absorbed_id=merge.absorbed_id
        ),
        subject=keep,
        actor=actor,
    )
