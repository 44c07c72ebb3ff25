"""Which company of a file stands below which, once every company of the file is there."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from crm.services.companies import lock_hierarchy
from crm.services.import_matching import SYSTEMS, Merge
from crm.services.import_merging import CREATED, UPDATED
from crm.services.import_statements import HISTORY
from crm.services.waiting import BY_NAME, NAME_LENGTH

Edge = tuple[UUID, UUID]


def merge_parents(merge: Merge) -> int:
    """Fill parents that are not known yet. Returns how many were left out because they closed a circle."""
    _add_waiting(merge)
    if not merge.run("SELECT 1 FROM stage_parent LIMIT 1"):
        return 0
    circles = _tie_parents(merge) if _find_parents(merge) else 0
    _note_missing(merge)
    return circles


def _tie_parents(merge: Merge) -> int:
    lock_hierarchy()
    circles = closing_a_circle(_fetched(_NEW, merge), dict(_fetched(_ABOVE, merge)))
    merge.run("DELETE FROM stage_edge WHERE id = ANY(%(circles)s)", circles=circles)
    merge.run(
        "UPDATE crm_company c SET parent_id = e.parent_id, updated_at = clock_timestamp(), "
        "version = c.version + CASE WHEN e.is_own THEN 0 ELSE 1 END FROM stage_edge e WHERE c.id = e.id"
    )
    _note(merge)
    return len(circles)


def _add_waiting(merge: Merge) -> None:
    """Companies of earlier files join those of this one that look for the company above them."""
    merge.run(
        f"INSERT INTO stage_parent SELECT record_id, CASE system WHEN '{BY_NAME}' THEN key ELSE '' END, "
        f"CASE system WHEN '{BY_NAME}' THEN '' ELSE key END FROM crm_pendinglink WHERE record_type = 'company' "
        f"AND target_type = 'parent' AND tied_by IS NULL AND system IN (%(shape)s, '{BY_NAME}')"
    )


def _note_missing(merge: Merge) -> None:
    """After the parents were looked for: who found one waits no longer, who named one that is not there waits."""
    merge.run(
        "UPDATE crm_pendinglink p SET tied_by = %(batch)s FROM crm_company c WHERE c.id = p.record_id "
        "AND p.record_type = 'company' AND p.target_type = 'parent' AND p.tied_by IS NULL AND c.parent_id IS NOT NULL"
    )
    _wait_for(
        "%(shape)s",
        "s.parent_external_id",
        "s.parent_external_id <> '' AND NOT EXISTS (SELECT 1 FROM crm_company k "
        "WHERE k.external_id = s.parent_external_id AND k.external_source = %(shape)s)",
        merge,
    )
    _wait_for(
        f"'{BY_NAME}'",
        f"left(lower(s.parent_name), {NAME_LENGTH})",
        "s.parent_external_id = '' AND s.parent_name <> '' AND NOT EXISTS (SELECT 1 FROM crm_company k "
        f"WHERE lower(k.name) = lower(s.parent_name) AND {merge.seen('k')})",
        merge,
    )


def _wait_for(system: str, key: str, missing: str, merge: Merge) -> None:
    merge.match(
        "INSERT INTO crm_pendinglink (id, record_type, record_id, target_type, place, system, key, cause_id) "
        f"SELECT DISTINCT ON (c.id) uuidv7(), 'company', c.id, 'parent', 0, {system}, {key}, %(batch)s "
        f"FROM stage_parent s JOIN crm_company c ON c.id = s.id WHERE c.parent_id IS NULL AND {missing} "
        "ON CONFLICT (record_type, record_id, target_type, place) DO UPDATE SET system = EXCLUDED.system, key = EXCLUDED.key"
    )


_NEW = "SELECT id, parent_id FROM stage_edge ORDER BY id"
_ABOVE = (
    "WITH RECURSIVE up AS (SELECT id, parent_id FROM crm_company WHERE id IN (SELECT parent_id FROM stage_edge) "
    "UNION SELECT c.id, c.parent_id FROM up JOIN crm_company c ON c.id = up.parent_id) "
    "SELECT id, parent_id FROM up WHERE parent_id IS NOT NULL"
)


def _find_parents(merge: Merge) -> int:
    """By key of the same system, else by name, among what the importing person may see."""
    by_key = (
        "SELECT s.id AS child, p.id AS parent, p.created_at FROM stage_parent s JOIN crm_company p "
        f"ON p.external_id = s.parent_external_id AND p.external_source IN ({', '.join(SYSTEMS)}) "
        f"WHERE s.parent_external_id <> '' AND {merge.seen('p')}"
    )
    by_name = (
        "SELECT s.id, p.id, p.created_at FROM stage_parent s JOIN crm_company p "
        "ON lower(p.name) = lower(s.parent_name) "
        f"WHERE s.parent_external_id = '' AND s.parent_name <> '' AND {merge.seen('p')}"
    )
    return merge.match(
        "INSERT INTO stage_edge SELECT DISTINCT ON (c.id) c.id, f.parent, "
        f"c.name, c.version, c.id IN (SELECT id FROM counted_company WHERE kind = {CREATED}) AS is_own "
        f"FROM ({by_key} UNION ALL {by_name}) f JOIN crm_company c ON c.id = f.child "
        "WHERE c.parent_id IS NULL AND f.parent <> c.id ORDER BY c.id, f.created_at, f.parent"
    )


def _fetched(statement: str, merge: Merge) -> list[Edge]:
    merge.run(statement)
    return list(merge.cursor.fetchall())


def closing_a_circle(edges: Iterable[Edge], above: Mapping[UUID, UUID]) -> list[UUID]:
    """The children whose new parent stands below them already. Each edge starts from a company without a parent."""
    up = dict(above)
    circles = []
    for child, parent in edges:
        if _top(parent, up) == child:
            circles.append(child)
        else:
            up[child] = parent
    return circles


def _top(node: UUID, up: dict[UUID, UUID]) -> UUID:
    """Where the way up ends. The way is shortened, so that a long chain is not walked again and again."""
    passed: set[UUID] = set()
    while node in up and node not in passed:
        passed.add(node)
        node = up[node]
    for each in passed - {node}:
        up[each] = node
    return node


def _note(merge: Merge) -> None:
    merge.run(f"INSERT INTO counted_company SELECT id, {UPDATED} FROM stage_edge WHERE NOT is_own")
    words = "'parent from nothing to ' || left(p.name, 60)"
    merge.run(
        f"INSERT INTO kernel_change ({HISTORY}) SELECT 'crm.company', e.id, %(now)s, 'MAJOR', 'COMPANY_CLASSIFICATION', "
        f"'[\"parent_id\"]'::jsonb, {words}, e.name || ': ' || {words}, 'import', %(owner)s, %(label)s, "
        "'{\"parent_id\": null}'::jsonb, jsonb_build_object('parent_id', p.id), e.version + 1, %(batch)s "
        "FROM stage_edge e JOIN crm_company p ON p.id = e.parent_id WHERE NOT e.is_own"
    )
