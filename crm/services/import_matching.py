"""Which staged row is which record that is there; asked only for what a segment holds."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Model

from crm.models import Company, Contact
from crm.services.import_source_keys import by_further_key
from gtmos.kernel.actors import Actor
from gtmos.kernel.fields.schema import fields_of
from gtmos.kernel.fields.values import searchable_keys
from gtmos.kernel.records import visible_condition

# A key of another system says nothing. Records made by hand name no system, and neither does a plain list.
SYSTEMS = ("%(shape)s", "CASE %(shape)s WHEN 'plain' THEN '' END")
_NOT_TWO_ADDRESSES = "(c.email_key = '' OR s.email_key = '')"
# What a row needs, and what makes a record the same person.
SAME_PERSON = {
    "email_key": ("s.email_key <> ''", "c.email_key = s.email_key AND c.email_key <> ''"),
    "linkedin_key": (
        "s.linkedin_key <> ''",
        f"c.linkedin_key = s.linkedin_key AND c.linkedin_key <> '' AND {_NOT_TWO_ADDRESSES}",
    ),
    # A number may have been given anew, so the name has to be the same; by it nobody is looked for.
    "external_id": (
        "s.external_id <> ''",
        (
            f"c.external_id = s.external_id AND c.external_id <> '' AND {_NOT_TWO_ADDRESSES} "
            f"AND c.external_source IN ({', '.join(SYSTEMS)}) AND lower(c.name) || '' = lower(s.name)"
        ),
    ),
    "unkeyed": ("s.key LIKE 'n:%%'", "c.company_id = s.company_id AND lower(c.name) = lower(s.name)"),
}
_ALWAYS_UNLIKE = frozenset({"company.domain", "contact.email_key"})  # lines that share one have become one


class Merge:
    """What every statement needs: who imports, from which file and system, when."""

    def __init__(
        self, cursor: Any, actor: Actor, *, batch_id: UUID, source: str, shape: str, now: datetime
    ) -> None:
        self.cursor = cursor
        self.actor = actor
        self.searched = {noun: searchable_keys(fields_of(noun)) for noun in ("company", "contact")}
        self.refused: dict[str, dict[str, str]] = {}
        self.has_further_keys: dict[str, bool] = {}
        self.looked_at: dict[str, int] = {}
        self.is_alone: dict[str, bool] = {}
        self.near: dict[str, list[tuple[UUID, UUID]]] = {"company": [], "contact": []}
        self.new: dict[str, list[UUID]] = {"company": [], "contact": []}
        self.holds: frozenset[str] = frozenset()  # of the segment, see `import_staging`
        self.values: dict[str, Any] = {
            "source": source[:120],
            "shape": shape,
            "now": now,
            "batch": batch_id,
            "label": actor.label[:150],
            "owner": actor.user.pk if actor.user else None,
            "team": next(iter(actor.user.team_ids), None) if actor.user else None,
            **{f"searched_{noun}": keys for noun, keys in self.searched.items()},
        }

    def seen(self, alias: str, model: type[Model] = Company) -> str:
        """The condition that a row is one the importing person may see, and so change."""
        condition, seer = visible_condition(self.actor, alias, model)
        self.values.update(seer)
        return condition

    def run(self, statement: str, **values: Any) -> int:
        self.cursor.execute(statement, {**self.values, **values})
        return max(int(self.cursor.rowcount), 0)

    def match(self, statement: str) -> int:
        """Rows of the file against rows there, always by hash: inside an import nothing is known of their numbers."""
        self.cursor.execute("SET LOCAL enable_nestloop = off")
        matched = self.run(statement)
        self.cursor.execute("SET LOCAL enable_nestloop = on")
        return matched

    def find(self, noun: str, key: str, wanted: str, same: str) -> int:
        """The record of each row of the stage that has a key; `wanted` asks of the row `s`, `same` of a record `c` too.

        By the index of the key where every row has its own, however many records are there; else by hash.
        """
        if f"{noun}.{key}" not in _ALWAYS_UNLIKE and f"{noun}.{key}.unlike" not in self.holds:
            return self.match(
                f"UPDATE stage_{noun} s SET id = c.id FROM crm_{noun} c WHERE {wanted} AND {same}"
            )
        self.cursor.execute("SET LOCAL enable_seqscan = off")
        found = self.run(
            f"WITH found AS MATERIALIZED (SELECT s.key, (SELECT c.id FROM crm_{noun} c WHERE {same} LIMIT 1) AS id "
            f"FROM stage_{noun} s WHERE {wanted}) "
            f"UPDATE stage_{noun} s SET id = f.id FROM found f WHERE f.id IS NOT NULL AND s.key = f.key"
        )
        self.cursor.execute("SET LOCAL enable_seqscan = on")
        return found

    def check_references(self) -> None:
        """Of the rows of a segment while the next one is read, not of all rows at the end."""
        self.cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def match_companies(merge: Merge) -> int:
    """Returns how many rows of the stage have found their company."""
    matched = 0
    if "company.domain" in merge.holds:
        same = f"c.domain = s.domain AND c.domain <> '' AND {merge.seen('c')}"
        matched += merge.find("company", "domain", "s.domain <> ''", same)
    # A system keeps its own keys apart; a plain list may number its rows anew, so the name has to be the same.
    if "company.external_id" in merge.holds:
        matched += merge.find(
            "company",
            "external_id",
            "s.id IS NULL AND s.external_id <> ''",
            "c.external_id = s.external_id AND c.external_id <> '' AND c.external_source = %(shape)s "
            "AND (c.domain = '' OR s.domain = '') AND (%(shape)s <> 'plain' OR c.name_key = s.name_key) "
            f"AND {merge.seen('c')}",
        )
        matched += by_further_key(
            "company", "s.id IS NULL", "s.external_id", "id", merge, also="(c.domain = '' OR s.domain = '')"
        )
    if "company.name_key" in merge.holds:
        matched += merge.match(
            "UPDATE stage_company s SET id = c.id FROM (SELECT DISTINCT ON (name_key, city_key) "
            "id, name_key, city_key, domain FROM crm_company v "
            "WHERE name_key IN (SELECT name_key FROM stage_company WHERE id IS NULL AND name_key <> '') "
            f"AND {merge.seen('v')} ORDER BY name_key, city_key, created_at) c WHERE s.id IS NULL AND s.name_key <> '' "
            "AND c.name_key = s.name_key AND (c.city_key = s.city_key OR s.city_key = '') "
            "AND (c.domain = '' OR s.domain = '')"
        )
    return matched


def find_companies(merge: Merge) -> None:
    if "contact.company_key" in merge.holds:
        merge.run(
            "UPDATE stage_contact s SET company_id = c.id FROM known_company c WHERE c.key = s.company_key AND s.company_key <> ''"
        )
    if "contact.company_external_id" not in merge.holds:
        return
    for system in SYSTEMS:
        merge.match(
            "UPDATE stage_contact s SET company_id = c.id FROM crm_company c WHERE s.company_id IS NULL "
            "AND s.company_external_id <> '' AND c.external_id = s.company_external_id "
            f"AND c.external_source = {system} AND {merge.seen('c')}"
        )
    by_further_key("company", "s.company_id IS NULL", "s.company_external_id", "company_id", merge)


def match_contacts(merge: Merge) -> int:
    """Returns how many rows of the stage have found their person."""
    matched = 0
    seen = merge.seen("c", Contact)
    for key, (wanted, same) in SAME_PERSON.items():
        if f"contact.{key}" in merge.holds:
            matched += merge.find("contact", key, f"s.id IS NULL AND {wanted}", f"{same} AND {seen}")
    if "contact.external_id" in merge.holds:
        matched += by_further_key(
            "contact",
            "s.id IS NULL",
            "s.external_id",
            "id",
            merge,
            also=f"{_NOT_TWO_ADDRESSES} AND lower(c.name) = lower(s.name)",
        )
    return matched
