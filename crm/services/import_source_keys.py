"""Further keys of the same record, in set form: no key by which another system names a record is forgotten."""

from typing import Any

from crm.models import Company, Contact

MODELS = {"company": Company, "contact": Contact}


def keep_folded_keys(noun: str, merge: Any) -> None:
    """Lines of one record that are folded into one, each with its own key."""
    if not _is_system(merge):
        return
    merge.run(
        f"INSERT INTO stage_key SELECT '{noun}', key, NULL, external_id FROM stage_{noun} "
        "WHERE external_id <> '' AND key IN (SELECT key FROM folded)"
    )


def keep_unlike_keys(noun: str, merge: Any) -> None:
    """A record that is there keeps its key of the same system; the line's one stands beside it."""
    if not _is_system(merge):
        return
    merge.run(
        f"INSERT INTO stage_key SELECT '{noun}', s.key, s.id, s.external_id FROM stage_{noun} s "
        f"JOIN crm_{noun} c ON c.id = s.id WHERE s.external_id <> '' "
        "AND (c.external_source <> %(shape)s OR c.external_id <> s.external_id)"
    )


def keep_replaced_keys(noun: str, merge: Any) -> None:
    """The key of another system, before the one of this file takes its place on the record."""
    _store(
        noun,
        "SELECT id, before->>'external_source' AS system, before->>'external_id' AS key FROM moved "
        "WHERE before->>'external_id' <> '' AND before->>'external_source' NOT IN ('', 'plain') "
        "AND before->>'external_source' <> after->>'external_source'",
        merge,
    )


def store_keys(noun: str, merge: Any) -> None:
    """What was kept aside, once every line has its record; the key on the record itself is no further one."""
    if not merge.run(f"SELECT 1 FROM stage_key WHERE noun = '{noun}' LIMIT 1"):
        return
    _store(
        noun,
        f"SELECT c.id, %(shape)s AS system, k.external_id AS key FROM stage_key k "
        f"LEFT JOIN stage_{noun} s ON s.key = k.key JOIN crm_{noun} c ON c.id = coalesce(k.id, s.id, s.new_id) "
        f"WHERE k.noun = '{noun}' AND (c.external_source <> %(shape)s OR c.external_id <> k.external_id)",
        merge,
    )


def _store(noun: str, found: str, merge: Any) -> None:
    stored = merge.run(
        "INSERT INTO crm_sourcekey (id, record_type, record_id, system, key, cause_id) "
        f"SELECT DISTINCT ON (f.system, f.key) uuidv7(), '{noun}', f.id, f.system, f.key, %(batch)s FROM ({found}) f "
        "ON CONFLICT (record_type, system, key) DO UPDATE SET record_id = EXCLUDED.record_id"
    )
    if stored:
        merge.has_further_keys[noun] = True


def by_further_key(noun: str, wanted: str, key: str, column: str, merge: Any, *, also: str = "TRUE") -> int:
    """Find the record of a staged row by a key that stands beside it. Most databases hold none."""
    if not _is_system(merge) or not _has_keys(noun, merge):
        return 0
    table = "contact" if noun == "contact" or column == "company_id" else "company"
    found: int = merge.match(
        f"UPDATE stage_{table} s SET {column} = c.id FROM crm_sourcekey k JOIN crm_{noun} c ON c.id = k.record_id "
        f"WHERE {wanted} AND {key} <> '' AND k.record_type = '{noun}' AND k.system = %(shape)s AND k.key = {key} "
        f"AND {also} AND {merge.seen('c', MODELS[noun])}"
    )
    return found


def _is_system(merge: Any) -> bool:
    """A plain list may number its rows anew with each file, so its numbers say nothing later."""
    return bool(merge.values["shape"] != "plain")


def _has_keys(noun: str, merge: Any) -> bool:
    if noun not in merge.has_further_keys:
        merge.cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM crm_sourcekey WHERE record_type = %s AND system = %s)",
            [noun, merge.values["shape"]],
        )
        merge.has_further_keys[noun] = bool(merge.cursor.fetchone()[0])
    return bool(merge.has_further_keys[noun])


def note_missing_companies(merge: Any) -> None:
    """People whose company the file names by a key that nobody here has yet."""
    missing = "company_id IS NULL AND company_external_id <> ''"
    if not merge.run(f"SELECT 1 FROM stage_contact WHERE {missing} LIMIT 1"):
        return
    merge.run(
        "INSERT INTO crm_pendinglink (id, record_type, record_id, target_type, place, system, key, cause_id) "
        "SELECT DISTINCT ON (c.id) uuidv7(), 'contact', c.id, 'company', 0, %(shape)s, s.company_external_id, %(batch)s "
        "FROM stage_contact s JOIN crm_contact c ON c.id = coalesce(s.id, s.new_id) "
        "WHERE s.company_id IS NULL AND s.company_external_id <> '' AND c.company_id IS NULL "
        "ON CONFLICT (record_type, record_id, target_type, place) DO UPDATE SET system = EXCLUDED.system, key = EXCLUDED.key"
    )
