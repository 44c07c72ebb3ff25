"""Taking an import back: what it made goes, what it changed gets its old values, what was used since stays."""

from typing import Any

from django.db import models, transaction
from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Subquery

from crm.events import ImportUndone, SignalDeleted
from crm.models import ImportBatch, Signal
from crm.selectors.visibility import visible_companies, visible_contacts, visible_deals
from crm.services.deals import delete_deal
from crm.services.import_links import forget_links
from crm.services.import_places import place_restored
from crm.services.import_restoring import restore, restore_deals
from crm.services.merge_relations import Relation, Treatment, rule_of
from crm.services.telling import tell_of_deleted
from gtmos.kernel import events, live
from gtmos.kernel.actors import Actor
from gtmos.kernel.fields.services.relations import forget_links_of, unlink_caused
from gtmos.kernel.fsm import move
from gtmos.kernel.history.models import Change
from gtmos.kernel.permissions import require
from gtmos.kernel.records import save_changes
from gtmos.kernel.webhooks.set_services import tell_of_each

AT_ONCE = 10_000
# What the product itself works out of a record is no use that somebody made of it.
DERIVED = ("DEAL_HEALTH",)


@transaction.atomic
def undo_import(batch: ImportBatch, *, actor: Actor) -> ImportBatch:
    """One click back. An opt-out that the file brought stays: it is the person's word, not ours."""
    require(actor, "crm.undo_import", batch)
    batch = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    move(batch.undo, refusal=f"{batch} is {batch.get_state_display()} and cannot be taken back.")
    unlink_caused(batch.pk, actor=actor)
    removed = {"deals": _remove_deals(batch, actor)}
    removed["signals"] = _remove_signals(batch, actor)
    outcomes = [
        restore_deals(batch, actor),
        *(restore(noun, batch, actor) for noun in ("company", "contact")),
    ]
    place_restored(batch, actor)
    removed["contacts"] = _remove(visible_contacts(actor=actor), batch, actor)
    removed["companies"] = _remove(visible_companies(actor=actor), batch, actor)
    forget_links(batch.pk)
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
    keys = [deal.pk for deal in unused]
    for deal in unused:
        delete_deal(deal, actor=actor)
    forget_links_of(keys)
    return len(unused)


def _remove_signals(batch: ImportBatch, actor: Actor) -> int:
    signals = Signal.objects.filter(cause_id=batch.pk)
    facts = ((key, SignalDeleted(signal_id=key)) for key in signals.values_list("pk", flat=True))
    tell_of_each(SignalDeleted, facts, subject_type="crm.signal", actor=actor)
    return signals.delete()[0]


def _remove(records: QuerySet[Any], batch: ImportBatch, actor: Actor) -> int:
    """Again until nothing goes any more: a company above others of the file is free once they are gone."""
    removed = 0
    while keys := list(_unused(records, batch).values_list("pk", flat=True)):
        tell_of_deleted(records.model._meta.label_lower, keys, actor=actor)
        removed += _deleted(records.model, keys)
    return removed


def _deleted(model: type[models.Model], keys: list[Any]) -> int:
    count = 0
    for start in range(0, len(keys), AT_ONCE):
        chunk = model._default_manager.filter(pk__in=keys[start : start + AT_ONCE])
        count += chunk.delete()[1].get(model._meta.label, 0)
    return count


def _unused(records: QuerySet[Any], batch: ImportBatch) -> QuerySet[Any]:
    """Rows made by the import that nothing refers to, and that only imports changed which are taken back too."""
    noted = Change.objects.filter(subject_type=records.model._meta.label_lower)
    made = noted.filter(cause_id=batch.pk, change_category="CREATED")
    gone = Q(cause_id=batch.pk) | Q(cause_id__in=ImportBatch.objects.filter(state="undone").values("pk"))
    gone |= Q(change_category__in=DERIVED)
    of_row = noted.filter(subject_id=OuterRef("pk")).order_by()
    newest = of_row.filter(gone).values("subject_id").annotate(last=Max("version")).values("last")
    rows: QuerySet[Any] = (
        records.order_by()
        .filter(pk__in=made.values("subject_id"))
        .annotate(left_at=Subquery(newest))
        .filter(~Exists(of_row.exclude(gone)), version=F("left_at"))
    )
    for field in _pointing(records.model):
        rows = rows.exclude(Exists(field.model._default_manager.filter(**{field.name: OuterRef("pk")})))
    return rows


def _pointing(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    """Every column of any table that refers to the model, named on it or not, except what is derived and made anew."""
    relations = [each for each in model._meta.get_fields(include_hidden=True) if _is_made_by_hand(each)]
    return [relation.field for relation in relations]  # type: ignore[union-attr]  # of these kinds only


def _is_made_by_hand(relation: Any) -> bool:
    if not isinstance(relation, models.ManyToOneRel) or not isinstance(relation.field, models.ForeignKey):
        return False
    return rule_of(Relation(relation.related_model, relation.field.attname)).treatment is not Treatment.GOES
