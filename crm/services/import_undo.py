"""Taking an import back: what it made goes, what it changed gets its old values, what was used since stays."""

from typing import Any

from django.db import connection, models, transaction

from crm.events import ImportUndone
from crm.models import Company, Contact, Deal, ImportBatch, Signal
from crm.services.deals import delete_deal
from crm.services.import_columns import COMPANY, COMPANY_LISTS, CONTACT, CONTACT_FINAL
from gtmos.kernel import clock, events, live
from gtmos.kernel.actors import Actor
from gtmos.kernel.fsm import move
from gtmos.kernel.history.models import Change
from gtmos.kernel.permissions import require
from gtmos.kernel.records import save_changes

RESTORABLE = {
    "company": {field.column: field.type for field in COMPANY}
    | dict.fromkeys((*COMPANY_LISTS, "custom"), "jsonb")
    | {"dated_on": "date"},
    "contact": {field.column: field.type for field in CONTACT}
    | dict.fromkeys(CONTACT_FINAL, "boolean")
    | {"custom": "jsonb", "dated_on": "date", "opted_out_at": "timestamptz", "company_id": "uuid"},
}
# A record may have been changed more than once by one file: its first old values and its last new ones count.
_FIRST_AND_LAST = """
    WITH one AS (
        SELECT subject_id, version, key, previous_values->key AS old, value AS new
        FROM kernel_change, jsonb_each(new_values)
        WHERE cause_id = %s AND subject_type = %s AND change_category <> 'CREATED'
    ), h AS (
        SELECT subject_id, jsonb_object_agg(key, old ORDER BY version DESC) AS previous_values,
               jsonb_object_agg(key, new ORDER BY version) AS new_values
        FROM one GROUP BY subject_id
    )
"""
_TOUCHED = "version = c.version + 1, updated_at = clock_timestamp() FROM h WHERE h.subject_id = c.id"
KEPT_ONCE_SET = frozenset({"do_not_email", "do_not_call", "opted_out_at"})


@transaction.atomic
def undo_import(batch: ImportBatch, *, actor: Actor) -> ImportBatch:
    """One click back. An opt-out that the file brought stays: it is the person's word, not ours."""
    require(actor, "crm.undo_import", batch)
    batch = ImportBatch.objects.select_for_update().get(pk=batch.pk)
    move(batch.undo, refusal=f"{batch} is {batch.get_state_display()} and cannot be taken back.")
    removed = {
        "deals": _remove_deals(batch, actor),
        "signals": Signal.objects.filter(cause_id=batch.pk).delete()[0],
        "contacts": _remove(Contact, batch),
        "companies": _remove(Company, batch),
    }
    restored = sum(_restore(noun, batch, actor) for noun in RESTORABLE)
    made = sum(batch.result.get("created", {}).values())
    kept = made - removed["deals"] - removed["contacts"] - removed["companies"]
    batch.result = {
        **batch.result,
        "undone": {"removed": removed, "restored": restored, "kept": max(kept, 0)},
    }
    save_changes(batch, "state", "result")
    events.publish(ImportUndone(batch_id=batch.pk), subject=batch, actor=actor)
    live.push(f"import:{batch.pk}", "undone")
    return batch


def _made_by(batch: ImportBatch, noun: str) -> models.QuerySet[Change, Any]:
    return Change.objects.filter(
        cause_id=batch.pk, subject_type=f"crm.{noun}", change_category="CREATED"
    ).values("subject_id")


def _remove_deals(batch: ImportBatch, actor: Actor) -> int:
    deals = Deal.objects.filter(pk__in=_made_by(batch, "deal"), activities__isnull=True, tasks__isnull=True)
    found = list(deals)
    for deal in found:
        delete_deal(deal, actor=actor)
    return len(found)


def _remove(model: type[Company] | type[Contact], batch: ImportBatch) -> int:
    """Rows made by the import, unchanged since, that nothing refers to."""
    noun = model._meta.model_name or ""
    rows = model.objects.filter(pk__in=_made_by(batch, noun), version=1)
    for relation in model._meta.related_objects:
        field = relation.field
        pointing = field.model._default_manager.filter(**{field.name: models.OuterRef("pk")})
        rows = rows.exclude(models.Exists(pointing))
    return model.objects.filter(pk__in=list(rows.values_list("pk", flat=True))).delete()[0]


def _restore(noun: str, batch: ImportBatch, actor: Actor) -> int:
    """The old values of what the import changed, where nobody changed them again; noted in history."""
    columns = {name: kind for name, kind in RESTORABLE[noun].items() if name not in KEPT_ONCE_SET}
    sets = ", ".join(
        f"{name} = CASE WHEN h.previous_values ? '{name}' AND to_jsonb(c.{name}) IS NOT DISTINCT FROM "
        f"nullif(h.new_values->'{name}', 'null'::jsonb) THEN {_read(name, kind)} ELSE c.{name} END"
        for name, kind in columns.items()
    )
    statement = f"{_FIRST_AND_LAST} UPDATE crm_{noun} c SET {sets}, {_TOUCHED}"  # noqa: S608 -- names from tables in this file
    with connection.cursor() as cursor:
        cursor.execute(statement, [batch.pk, f"crm.{noun}"])
        restored = cursor.rowcount
        cursor.execute(
            "INSERT INTO kernel_change (subject_type, subject_id, timestamp, change_type, change_category, "
            "changed_fields, summary, vector_searchable_text, source, user_id, user_name, previous_values, "
            "new_values, version, cause_id) SELECT subject_type, subject_id, %s, change_type, 'RESTORED', "
            "changed_fields, left('Took back the import: ' || summary, 500), '', %s, %s, %s, new_values, "
            "previous_values, version + 1, NULL FROM kernel_change WHERE cause_id = %s AND subject_type = %s "
            "AND change_category <> 'CREATED'",
            [
                clock.now(),
                actor.source,
                actor.user.pk if actor.user else None,
                actor.label,
                batch.pk,
                f"crm.{noun}",
            ],
        )  # fmt: skip -- the arguments in the order of the statement
    return int(restored)


def _read(name: str, kind: str) -> str:
    if kind == "jsonb":
        return f"h.previous_values->'{name}'"
    return f"(h.previous_values->>'{name}')::{kind}"
