"""Values that a person keeps: an import leaves them as they are."""

from typing import Any

# What follows from a column is kept with it.
FOLLOWS = {
    "name_key": "name",
    "city_key": "city",
    "email_key": "email",
    "linkedin_key": "linkedin_url",
    "revenue_currency": "revenue_amount",
    "last_funding_currency": "last_funding_amount",
    "external_source": "external_id",
    "company_id": "company",
}
# A person's wish not to be written to or called is taken whatever is locked.
NEVER = frozenset({"do_not_email", "do_not_call", "opted_out_at", "dated_on"})
JOIN = "LEFT JOIN kernel_fieldlock l ON l.subject_id = c.id"
KEPT_KEYS = "ARRAY(SELECT substr(k, 8) FROM jsonb_object_keys(l.fields) k WHERE k LIKE 'custom.%%')"


def has_locks(noun: str, merge: Any) -> bool:
    merge.cursor.execute(
        "SELECT EXISTS (SELECT 1 FROM kernel_fieldlock WHERE subject_type = %s)", [f"crm.{noun}"]
    )
    return bool(merge.cursor.fetchone()[0])


def with_locks(after: dict[str, str]) -> dict[str, str]:
    """The same expressions, each giving the present value where that is locked."""
    kept = {
        name: value
        if name in NEVER
        else f"CASE WHEN l.fields ? '{FOLLOWS.get(name, name)}' THEN c.{name} ELSE {value} END"
        for name, value in after.items()
        if name != "custom"
    }
    present = (
        "(SELECT coalesce(jsonb_object_agg(key, value), '{}'::jsonb) FROM jsonb_each(c.custom) "
        "WHERE l.fields ? ('custom.' || key))"
    )
    kept["custom"] = (
        f"CASE WHEN l.id IS NULL THEN {after['custom']} ELSE (({after['custom']}) - {KEPT_KEYS}) || {present} END"
    )
    return kept
