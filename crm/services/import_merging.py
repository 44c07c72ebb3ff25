"""Staged rows → companies, contacts and signals, set by set, with a history row for each that changed.

The set form of `create_company`, `update_company`, `create_contact` and `update_contact`: same rows, same history.
"""

from crm.services.import_columns import COMPANY, COMPANY_DEFAULTS, CONTACT, CONTACT_DEFAULTS, Filled
from crm.services.import_likeness import note_near
from crm.services.import_locks import JOIN as LOCKS
from crm.services.import_locks import has_locks, with_locks
from crm.services.import_matching import Merge, find_companies, match_companies, match_contacts
from crm.services.import_rules import broken
from crm.services.import_source_keys import (
    keep_folded_keys,
    keep_replaced_keys,
    keep_unlike_keys,
    note_missing_companies,
    store_keys,
)
from crm.services.import_statements import DIFFERENCES, HISTORY, search_text

Counts = dict[str, int]


MATCHED, UPDATED, CREATED = 1, 2, 3
_SYSTEM_OF_KEY = "CASE WHEN s.external_id = '' THEN '' ELSE %(shape)s END"


def merge_companies(merge: Merge) -> None:
    """Match by domain, else by name and city; a newer dated row wins, a blank value never does.

    Only what the importing person may see is matched; `import_refusals` has taken out the lines that hit the rest.
    """
    merge.refused["company"] = {}
    if "company" not in merge.holds:
        return
    _fold("company", COMPANY, ("tags", "technologies"), ("parent_name", "parent_external_id"), merge)
    merge.run("ANALYZE stage_company (key)")
    matched = match_companies(merge)
    after, joins = _after("company", COMPANY, ("tags", "technologies"), merge)
    merge.refused["company"] = broken("company", after, joins, merge)
    _leave_out(merge)
    if matched:
        keep_unlike_keys("company", merge)
        _update("company", "stage_company", after, joins, merge)
    note_near("company", merge)
    _create("company", "stage_company", COMPANY, merge)
    store_keys("company", merge)
    merge.run("UPDATE stage_company SET id = new_id WHERE id IS NULL")  # people and signals find theirs by it
    merge.run("INSERT INTO known_company SELECT key, id FROM stage_company ON CONFLICT DO NOTHING")
    if not merge.holds & {"company.parent_name", "company.parent_external_id"}:
        return
    merge.run(
        "INSERT INTO stage_parent SELECT id, parent_name, parent_external_id FROM stage_company "
        "WHERE parent_name <> '' OR parent_external_id <> ''"
    )


def merge_contacts(merge: Merge) -> None:
    merge.refused["contact"] = {}
    if "contact" not in merge.holds:
        return
    _fold("contact", CONTACT, (), ("company_key", "company_external_id", "source"), merge)
    merge.run("ANALYZE stage_contact (key)")
    find_companies(merge)
    matched = match_contacts(merge)
    if matched:
        keep_unlike_keys("contact", merge)
        # Two lines may lead to one person by different keys; the later line has already been folded into neither.
        merge.run(
            "DELETE FROM stage_contact a USING stage_contact b WHERE a.id = b.id AND a.id IS NOT NULL AND a.no < b.no"
        )
    after, joins = _after("contact", CONTACT, (), merge)
    merge.refused["contact"] = broken("contact", after, joins, merge)
    if matched:
        _update("contact", "stage_contact", after, joins, merge)
    note_near("contact", merge)
    _create("contact", "stage_contact", CONTACT, merge)
    store_keys("contact", merge)
    if "contact.company_external_id" in merge.holds:
        note_missing_companies(merge)


def _leave_out(merge: Merge) -> None:
    """People and signals of a company that is refused stand in lines that are refused."""
    keys = list(merge.refused["company"])
    if keys:
        merge.run("DELETE FROM stage_contact WHERE company_key = ANY(%(broken)s)", broken=keys)
        merge.run("DELETE FROM stage_signal WHERE company_key = ANY(%(broken)s)", broken=keys)


def counts(noun: str, merge: Merge) -> Counts:
    """Of each record the most that happened to it, however many lines of the file name it."""
    merge.run(
        "SELECT count(*) FILTER (WHERE kind = 3), count(*) FILTER (WHERE kind = 2), count(*) FILTER (WHERE kind = 1) "
        f"FROM (SELECT max(kind) AS kind FROM counted_{noun} GROUP BY id) each"
    )
    return dict(zip(("created", "updated", "unchanged"), merge.cursor.fetchone(), strict=True))


def merge_signals(merge: Merge) -> int:
    return merge.run(
        "INSERT INTO crm_signal (id, created_at, updated_at, version, company_id, type, detail, source, url, "
        "occurred_on, cause_id) SELECT gen_random_uuid(), now(), now(), 1, c.id, s.type, left(s.detail, 300), "
        "left(s.source, 160), left(s.url, 500), s.occurred_on, %(batch)s "
        "FROM (SELECT DISTINCT * FROM stage_signal) s JOIN known_company c ON c.key = s.company_key "
        "ON CONFLICT DO NOTHING"
    )


def _fold(
    noun: str, fields: tuple[Filled, ...], lists: tuple[str, ...], plain: tuple[str, ...], merge: Merge
) -> None:
    """Lines with the same key become one: of each value the newest that is not blank."""
    if f"{noun}.repeated" not in merge.holds:
        return
    table = f"stage_{noun}"
    newest = "ORDER BY dated_on DESC NULLS LAST, no DESC"
    texts = [f.column for f in fields if f.type == "text"] + list(plain)
    picked = [f"(array_agg({c} {newest}) FILTER (WHERE {c} <> ''))[1] AS {c}" for c in texts]
    picked += [
        f"(array_agg({f.column} {newest}) FILTER (WHERE {f.column} IS NOT NULL))[1] AS {f.column}"
        for f in fields
        if f.type != "text"
    ]
    picked += [f"(array_agg({c} {newest}) FILTER (WHERE {c} <> '[]'::jsonb))[1] AS {c}" for c in lists]
    picked += [f"(array_agg(custom {newest}))[1] AS custom", "max(dated_on) AS dated_on", "max(no) AS no"]
    if table == "stage_contact":
        picked += ["bool_or(do_not_email) AS do_not_email", "bool_or(do_not_call) AS do_not_call"]
        picked += ["min(opted_out_at) AS opted_out_at"]
    merge.run(
        f"CREATE TEMPORARY TABLE folded ON COMMIT DROP AS SELECT key, {', '.join(picked)} FROM {table} "
        f"WHERE key IN (SELECT key FROM {table} GROUP BY key HAVING count(*) > 1) GROUP BY key"
    )
    keep_folded_keys(noun, merge)
    merge.run(f"DELETE FROM {table} WHERE key IN (SELECT key FROM folded)")
    blank = list(texts)
    names = [f.column for f in fields if f.type != "text"] + ["custom", "dated_on", "no", "key"]
    if table == "stage_contact":
        names += ["do_not_email", "do_not_call", "opted_out_at"]
    values = [f"coalesce({c}, '')" for c in blank] + [f"coalesce({c}, '[]'::jsonb)" for c in lists] + names
    merge.run(
        f"INSERT INTO {table} ({', '.join([*blank, *lists, *names])}) SELECT {', '.join(values)} FROM folded"
    )
    merge.run("DROP TABLE folded")


def _create(noun: str, table: str, fields: tuple[Filled, ...], merge: Merge) -> None:
    """Insert what matched nothing, and a history row for each."""
    columns = [f.column for f in fields]
    values = [f"s.{c}" for c in columns]
    if noun == "contact":
        values[columns.index("email_status")] = "coalesce(nullif(s.email_status, ''), 'unknown')"
        values[columns.index("influence_role")] = "coalesce(nullif(s.influence_role, ''), 'unknown')"
        columns += ["do_not_email", "do_not_call", "opted_out_at", "company_id", "source"]
        values += [
            "s.do_not_email", "s.do_not_call", "s.opted_out_at", "s.company_id",
            "coalesce(nullif(s.source, ''), %(source)s)",
        ]  # fmt: skip
        defaults = CONTACT_DEFAULTS
    else:
        columns += ["tags", "technologies", "source"]
        values += ["s.tags", "s.technologies", "%(source)s"]
        defaults = COMPANY_DEFAULTS
    columns += [
        *defaults,
        "external_source",
        "custom",
        "dated_on",
        "search_text",
        "id",
        "owner_id",
        "team_id",
    ]
    columns += ["version"]
    values += [
        *defaults.values(),
        _SYSTEM_OF_KEY,
        "s.custom",
        "s.dated_on",
        search_text(noun, "s", merge.searched[noun]),
        "s.new_id",
        "%(owner)s",
        "%(team)s",
        "1",
    ]
    merge.run(f"INSERT INTO counted_{noun} SELECT new_id, {CREATED} FROM {table} WHERE id IS NULL")
    merge.run(
        f"INSERT INTO crm_{noun} ({', '.join(columns)}, created_at, updated_at) SELECT {', '.join(values)}, "
        f"clock_timestamp(), clock_timestamp() FROM {table} s WHERE s.id IS NULL"
    )
    label = "coalesce(nullif(s.name, ''), s.email)" if noun == "contact" else "s.name"
    merge.run(
        f"INSERT INTO kernel_change ({HISTORY}) SELECT 'crm.{noun}', s.new_id, %(now)s, 'MAJOR', 'CREATED', '[\"created\"]'::jsonb, "
        f"left('Created {noun} ' || {label}, 500), {label} || ': Created {noun} ' || {label}, 'import', %(owner)s, "
        "%(label)s, '{\"created\": null}'::jsonb, jsonb_build_object('created', " + label + "), 1, %(batch)s "
        f"FROM {table} s WHERE s.id IS NULL"
    )


def _after(
    noun: str, fields: tuple[Filled, ...], lists: tuple[str, ...], merge: Merge
) -> tuple[dict[str, str], str]:
    """What each column becomes, of a staged row `s` and the row `c` there. An older dated row only fills what is blank.

    What a person locked stays; the join says where.
    """
    older = "(c.dated_on IS NOT NULL AND s.dated_on IS NOT NULL AND s.dated_on < c.dated_on)"
    after: dict[str, str] = {}
    for field in fields:
        column = field.column
        blank = f"s.{column} = ''" if field.type == "text" else f"s.{column} IS NULL"
        empty = f"c.{column} <> ''" if field.type == "text" else f"c.{column} IS NOT NULL"
        keep = f"{blank} OR ({older} AND {empty})"
        if column == "email_status":
            keep += " OR c.email_status = 'bounced'"  # a dead address is not revived by a list
        after[column] = f"CASE WHEN {keep} THEN c.{column} ELSE s.{column} END"
        if column == "external_id":
            # The first key of a system stays; further ones are kept beside it, whichever file comes first.
            keep += " OR (c.external_id <> '' AND c.external_source = %(shape)s AND %(shape)s <> 'plain')"
            after[column] = f"CASE WHEN {keep} THEN c.{column} ELSE s.{column} END"
            after["external_source"] = f"CASE WHEN {keep} THEN c.external_source ELSE %(shape)s END"
    for column in lists:
        after[column] = (
            f"CASE WHEN s.{column} = '[]'::jsonb OR ({older} AND c.{column} <> '[]'::jsonb) THEN c.{column} ELSE s.{column} END"
        )
    after["custom"] = (
        f"CASE WHEN c.id IS NULL THEN s.custom WHEN {older} THEN s.custom || c.custom ELSE c.custom || s.custom END"
    )
    after["dated_on"] = "greatest(c.dated_on, s.dated_on)"
    if noun == "contact":
        after["do_not_email"] = "c.do_not_email OR s.do_not_email"
        after["do_not_call"] = "c.do_not_call OR s.do_not_call"
        after["opted_out_at"] = "coalesce(c.opted_out_at, s.opted_out_at)"
        after["company_id"] = "coalesce(s.company_id, c.company_id)"
    return (with_locks(after), LOCKS) if has_locks(noun, merge) else (after, "")


def _update(noun: str, table: str, after: dict[str, str], joins: str, merge: Merge) -> None:
    """Change what matched and differs.

    What this import itself made a moment ago nobody has seen yet: it is completed, without a version and a history row.
    """
    names = list(after)
    moved = merge.run(
        f"CREATE TEMPORARY TABLE moved ON COMMIT DROP AS SELECT c.id, c.version, s.no, "
        f"c.id IN (SELECT id FROM counted_{noun} WHERE kind = {CREATED}) AS is_own, "
        f"jsonb_build_object({', '.join(f'{_quoted(n)}, c.{n}' for n in names)}) AS before, "
        f"jsonb_build_object({', '.join(f'{_quoted(n)}, {after[n]}' for n in names)}) AS after, "
        f"{', '.join(f'{after[n]} AS {n}' for n in names)} FROM {table} s JOIN crm_{noun} c ON c.id = s.id {joins} "
        f"WHERE ({', '.join(f'c.{n}' for n in names)}) IS DISTINCT FROM ({', '.join(after[n] for n in names)})"
    )
    merge.run(f"INSERT INTO counted_{noun} SELECT id, {MATCHED} FROM {table} WHERE id IS NOT NULL")
    if moved:
        _carry_over(noun, names, merge)
    merge.run("DROP TABLE moved")


def _carry_over(noun: str, names: list[str], merge: Merge) -> None:
    merge.run(f"INSERT INTO counted_{noun} SELECT id, {UPDATED} FROM moved")
    keep_replaced_keys(noun, merge)
    merge.run(
        f"UPDATE crm_{noun} c SET {', '.join(f'{n} = m.{n}' for n in names)}, "
        "version = c.version + CASE WHEN m.is_own THEN 0 ELSE 1 END, "
        f"source = %(source)s, search_text = {search_text(noun, 'm', merge.searched[noun])}, updated_at = clock_timestamp() "
        "FROM moved m WHERE m.id = c.id"
    )
    category = "CONTACT_INFO" if noun == "contact" else "COMPANY_CLASSIFICATION"
    merge.run(
        f"INSERT INTO kernel_change ({HISTORY}) SELECT 'crm.{noun}', m.id, %(now)s, '{'MINOR' if noun == 'contact' else 'MAJOR'}', '{category}', d.fields, "
        "left(d.words, 500), m.name || ': ' || d.words, 'import', %(owner)s, %(label)s, d.old, d.new, m.version + 1, "
        f"%(batch)s FROM moved m {DIFFERENCES} WHERE NOT m.is_own"
    )


def _quoted(name: str) -> str:
    return f"'{name}'"
