"""New records of a file that are probably there already although no key says so, for people to decide about."""

from typing import Any
from uuid import UUID

from crm.models import Company, Contact
from crm.services.duplicates import SIMILAR_ENOUGH, keep_pairs, same_mailbox

# Looking costs some milliseconds for each; of longer files the first new ones tell enough.
MOST_LOOKED_AT = 1_000
_FIRST_NEW = "SELECT new_id, {columns} FROM stage_{noun} WHERE id IS NULL ORDER BY no LIMIT %(most)s"
_OLD = "NOT EXISTS (SELECT 1 FROM counted_{noun} o WHERE o.id = c.id AND o.kind = 3)"
NEAR: dict[str, tuple[str, ...]] = {
    "company": ("c.name_key %% s.name_key AND s.name_key <> ''",),
    "contact": (
        "c.company_id = s.company_id AND similarity(c.name, s.name) >= %(similar)s",
        "c.linkedin_key = s.linkedin_key AND s.linkedin_key <> ''",
    ),
}
COLUMNS = {"company": "name_key", "contact": "name, company_id, linkedin_key"}
MODELS: dict[str, type[Company | Contact]] = {"company": Company, "contact": Contact}


def note_near(noun: str, merge: Any) -> None:
    """Before the new ones are written: whom of those that are there they come near. Not those of this file."""
    if noun not in merge.looked_at:
        merge.looked_at[noun] = 0
        merge.is_alone[noun] = not MODELS[noun].objects.exists()
    most = MOST_LOOKED_AT - merge.looked_at[noun]
    if most <= 0 or merge.is_alone[noun]:
        return
    merge.run("SELECT set_config('pg_trgm.similarity_threshold', %(similar)s, true)", similar=SIMILAR_ENOUGH)
    new = _FIRST_NEW.format(columns=COLUMNS[noun], noun=noun)
    merge.run(f"CREATE TEMPORARY TABLE first_new ON COMMIT DROP AS {new}", most=most)
    merge.looked_at[noun] += merge.run("SELECT 1 FROM first_new")
    condition = f"{merge.seen('c', MODELS[noun])} AND {_OLD.format(noun=noun)}"
    for near in NEAR[noun]:
        merge.run(
            f"SELECT s.new_id, c.id FROM first_new s JOIN crm_{noun} c ON {near} WHERE {condition}",
            similar=float(SIMILAR_ENOUGH),
        )
        merge.near[noun] += merge.cursor.fetchall()
    merge.run("SELECT new_id FROM first_new")
    merge.new[noun] += [key for (key,) in merge.cursor.fetchall()]
    merge.run("DROP TABLE first_new")


def tell_alike(merge: Any) -> dict[str, int]:
    """Compares what came near, puts the probable pairs into the queue, and counts the new records in them."""
    told = {"looked_at": sum(merge.looked_at.values())}
    for noun, words in (("company", "companies"), ("contact", "contacts")):
        new = set(merge.new[noun])
        pairs = {(min(pair), max(pair)) for pair in merge.near[noun]}
        if noun == "contact":
            pairs |= {pair for pair in same_mailbox(list(new)) if _is_seen(pair, new, merge)}
        probable = {key for pair in keep_pairs(MODELS[noun], pairs) for key in pair}
        told[words] = len(new & probable)
    return told


def _is_seen(pair: tuple[UUID, UUID], new: set[UUID], merge: Any) -> bool:
    other = next((key for key in pair if key not in new), None)
    return other is not None and bool(
        merge.run(
            f"SELECT 1 FROM crm_contact c WHERE c.id = %(other)s AND {merge.seen('c', Contact)}", other=other
        )
    )
