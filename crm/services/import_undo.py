"""Taking an import back: what it made goes, what it changed gets its old values, what was used since stays."""

from typing import Any

from django.db import models, transaction
from django.db.models import Exists, F, Max, OuterRef, QuerySet, Subquery

from crm.events import ImportUndone
from crm.models import ImportBatch, Signal
from crm.selectors.visibility import visible_companies, visible_contacts, visible_deals
from crm.services.deals import delete_deal
from crm.services.import_restoring import restore, restore_deals
from gtmos.kernel import events, live
from gtmos.kernel.actors import Actor
from gtmos.kernel.fsm import move
from gtmos.kernel.history.models import Change
from gtmos.kernel.permissions import require
from gtmos.kernel.records import save_changes

AT_ONCE = 10_000


@transaction.atomic
def undo_import(batch: ImportBatch, *, actor: Actor) -> ImportBatch:
    """One click back. An opt-out that the file brought stays: it is the person's word, not ours."""
    require(actor, "crm.undo_import", batch)
    batch = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    move(batch.undo, refusal=f"{batch} is {batch.get_state_display()} and cannot be taken back.")
    removed = {"deals": _remove_deals(batch, actor)}
    removed["signals"] = Signal.objects.filter(cause_id=batch.pk).delete()[0]
    outcomes = [
        restore_deals(batch, actor),
        *(restore(noun, batch, actor) for noun in ("company", "contact")),
    ]
    removed["contacts"] = _remove(visible_contacts(actor=actor), batch)
    removed["companies"] = _remove(visible_companies(actor=actor), batch)
    made = sum(batch.result.get("created", {}).values())
    kept = made - removed["deals"] - removed["contacts"] - removed["companies"]
    batch.result = {
        **batch.result,
        "undone": {
            "removed": removed,
            "restored": sum(outcome.restored for outcome in outcomes),
            "left": sum(outcome.left for outcome in outcomes),
            "kept": max(kept, 0),
        },
    }
    save_changes(batch, "state", "result")
    events.publish(ImportUndone(batch_id=batch.pk), subject=batch, actor=actor)
    live.push(f"import:{batch.pk}", "undone")
    return batch


def _remove_deals(batch: ImportBatch, actor: Actor) -> int:
    unused = list(_unused(visible_deals(actor=actor), batch))
    for deal in unused:
        delete_deal(deal, actor=actor)
    return len(unused)


def _remove(records: QuerySet[Any], batch: ImportBatch) -> int:
    """Again until nothing goes any more: a company above others of the file is free once they are gone."""
    removed = 0
    while keys := list(_unused(records, batch).values_list("pk", flat=True)):
        removed += _deleted(records.model, keys)
    return removed


def _deleted(model: type[models.Model], keys: list[Any]) -> int:
    count = 0
    for start in range(0, len(keys), AT_ONCE):
        chunk = model._default_manager.filter(pk__in=keys[start : start + AT_ONCE])
        count += chunk.delete()[1].get(model._meta.label, 0)
    return count


def _unused(records: QuerySet[Any], batch: ImportBatch) -> QuerySet[Any]:
    """Rows made by the import, as the import left them, that nothing refers to."""
    noted = Change.objects.filter(cause_id=batch.pk, subject_type=records.model._meta.label_lower)
    newest = noted.filter(subject_id=OuterRef("pk")).order_by().values("subject_id")
    rows: QuerySet[Any] = (
        records.order_by()
        .filter(pk__in=noted.filter(change_category="CREATED").values("subject_id"))
        .annotate(left_at=Subquery(newest.annotate(last=Max("version")).values("last")))
        .filter(version=F("left_at"))
    )
    for field in _pointing(records.model):
        rows = rows.exclude(Exists(field.model._default_manager.filter(**{field.name: OuterRef("pk")})))
    return rows


def _pointing(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    """Every column of any table that refers to the model, named on it or not."""
    relations = model._meta.get_fields(include_hidden=True)
    return [
        relation.field
        for relation in relations
        if isinstance(relation, models.ManyToOneRel) and isinstance(relation.field, models.ForeignKey)
    ]
