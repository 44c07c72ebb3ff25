"""The old values of what an import changed, given back where nobody changed them again; each with its history."""

from typing import NamedTuple

from django.db import connection

from crm.models import Company, Contact, Deal, ImportBatch
from crm.selectors.visibility import visible_deals
from crm.services.import_columns import COMPANY, COMPANY_LISTS, CONTACT
from crm.services.import_matching import Merge
from crm.services.import_statements import DIFFERENCES, HISTORY, search_text
from crm.services.restoring import restore_values
from gtmos.kernel import clock
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.history.models import Change

# What a person's wish not to be written to or called set is not given back: it is their word, not ours.
RESTORABLE = {
    "company": {field.column: field.type for field in COMPANY}
    | dict.fromkeys((*COMPANY_LISTS, "custom"), "jsonb")
    | {"dated_on": "date", "external_source": "text", "parent_id": "uuid", "customer_state": "text"},
    "contact": {field.column: field.type for field in CONTACT}
    | {"custom": "jsonb", "dated_on": "date", "external_source": "text", "company_id": "uuid"},
}
# Old values that nobody took away are still not right when this does not hold any more.
STILL_RIGHT = {
    "company_id": "(h.old->>'company_id' IS NULL OR EXISTS "
    "(SELECT 1 FROM crm_company x WHERE x.id = (h.old->>'company_id')::uuid))",
    "customer_state": "NOT EXISTS (SELECT 1 FROM crm_deal d WHERE d.company_id = c.id "
    "AND d.deal_state IN ('open', 'on_hold', 'won'))",
}
# What may be there once only and somebody else has by now.
TAKEN = {
    "company": "m.domain <> '' AND EXISTS (SELECT 1 FROM crm_company o WHERE o.domain = m.domain AND o.id <> m.id)",
    "contact": "(m.email_key <> '' AND EXISTS (SELECT 1 FROM crm_contact o WHERE o.email_key = m.email_key "
    "AND o.id <> m.id)) OR (m.is_primary AND EXISTS (SELECT 1 FROM crm_contact o WHERE o.is_primary "
    "AND o.company_id = m.company_id AND o.id <> m.id))",
}
SEEN = {"company": Company, "contact": Contact}
# A record may have been changed more than once by one file: its first old values and its last new ones count.
_FIRST_AND_LAST = (
    "WITH one AS (SELECT subject_id, version, key, previous_values->key AS old, value AS new, "
    "change_category = 'CREATED' AS made FROM kernel_change, jsonb_each(new_values) "
    "WHERE cause_id = %(batch)s AND subject_type = %(subject)s), "
    "h AS (SELECT subject_id, jsonb_object_agg(key, old ORDER BY version DESC) AS old, "
    "jsonb_object_agg(key, new ORDER BY version) AS new FROM one GROUP BY subject_id HAVING NOT bool_or(made))"
)


class Outcome(NamedTuple):
    """How many records got old values back, and how many did not because somebody else has theirs by now."""

    restored: int
    left: int


def restore(noun: str, batch: ImportBatch, actor: Actor) -> Outcome:
    """Companies or contacts, set by set: only fields that still hold what the import wrote."""
    with connection.cursor() as cursor:
        back = Merge(
            cursor, actor, batch_id=batch.pk, source=batch.file_name, shape=batch.shape, now=clock.now()
        )
        _collect(noun, back)
        back.run("DELETE FROM taken_back WHERE before = after")
        left = back.run(f"DELETE FROM taken_back m WHERE {TAKEN[noun]}")
        sets = ", ".join(f"{name} = m.{name}" for name in RESTORABLE[noun])
        restored = back.run(
            f"UPDATE crm_{noun} c SET {sets}, search_text = {search_text(noun, 'm', back.searched[noun])}, version = c.version + 1, "
            "updated_at = clock_timestamp() FROM taken_back m WHERE m.id = c.id"
        )
        _note(noun, actor, back)
        back.run("DROP TABLE taken_back")
    return Outcome(restored, left)


def _collect(noun: str, back: Merge) -> None:
    """Each changed record with the values that it has and those that it should have, kept still meanwhile."""
    columns = RESTORABLE[noun]
    values = ", ".join(f"{_value(name, kind)} AS {name}" for name, kind in columns.items())
    before = ", ".join(f"'{name}', c.{name}" for name in columns)
    after = ", ".join(f"'{name}', b.{name}" for name in columns)
    primary = ", c.is_primary" if noun == "contact" else ""
    back.run(
        f"CREATE TEMPORARY TABLE taken_back ON COMMIT DROP AS {_FIRST_AND_LAST} "
        f"SELECT b.*, jsonb_build_object({after}) AS after FROM (SELECT c.id, c.version{primary}, {values}, "
        f"jsonb_build_object({before}) AS before FROM h JOIN crm_{noun} c ON c.id = h.subject_id "
        f"WHERE {back.seen('c', SEEN[noun])} FOR UPDATE OF c) b",
        subject=f"crm.{noun}",
    )


def _value(name: str, kind: str) -> str:
    old = f"h.old->'{name}'" if kind == "jsonb" else f"(h.old->>'{name}')::{kind}"
    same = f"to_jsonb(c.{name}) IS NOT DISTINCT FROM nullif(h.new->'{name}', 'null'::jsonb)"
    right = STILL_RIGHT.get(name, "TRUE")
    return f"CASE WHEN h.new ? '{name}' AND {same} AND {right} THEN {old} ELSE c.{name} END"


def _note(noun: str, actor: Actor, back: Merge) -> None:
    words = "'Took back the import: ' || d.words"
    back.run(
        f"INSERT INTO kernel_change ({HISTORY}) SELECT 'crm.{noun}', m.id, %(now)s, "
        f"'{'MINOR' if noun == 'contact' else 'MAJOR'}', 'RESTORED', d.fields, left({words}, 500), "
        f"m.name || ': ' || {words}, %(door)s, %(owner)s, %(label)s, d.old, d.new, m.version + 1, %(batch)s "
        f"FROM taken_back m {DIFFERENCES}",
        door=actor.source,
    )


def restore_deals(batch: ImportBatch, actor: Actor) -> Outcome:
    """One by one, the newest change first, through the verbs of a deal; refused where it moved on since."""
    of_deals = Change.objects.filter(cause_id=batch.pk, subject_type="crm.deal")
    changes = of_deals.exclude(change_category="RELATION")  # ties have been taken back already
    made = changes.filter(change_category="CREATED").values("subject_id")
    restored, left = set(), set()
    for change in changes.exclude(subject_id__in=made).order_by("-id"):
        deal: Deal | None = visible_deals(actor=actor).filter(pk=change.subject_id).first()
        try:
            if deal is not None:
                restore_values(deal, change, actor=actor, cause_id=batch.pk)
                restored.add(deal.pk)
        except DomainError:
            left.add(change.subject_id)
    return Outcome(len(restored), len(left - restored))
