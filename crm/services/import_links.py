"""Links to records that come later: kept under the key of the other system, tied when the record arrives."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from crm.enums import DealState
from crm.models import Company, Contact, Deal, PendingLink, SourceKey
from crm.selectors.visibility import visible_deals
from crm.services.deal_stages import company_is_buying
from crm.services.deals import update_deal
from crm.services.import_matching import Merge
from crm.services.import_merging import CREATED, UPDATED
from crm.services.import_statements import HISTORY
from gtmos.kernel.exceptions import DomainError

BY_ADDRESS = "e-mail"  # stands as the system of a person who is named by their address
MODELS: dict[str, type[Company | Contact]] = {"company": Company, "contact": Contact}


def wait_for(noun: str, record: UUID, target: str, *, system: str, key: str, batch_id: UUID) -> None:
    """The line named a record that is not there yet."""
    PendingLink.objects.update_or_create(
        record_type=noun,
        record_id=record,
        target_type=target,
        defaults={"system": system, "key": key, "tied_by": None},
        create_defaults={"system": system, "key": key, "cause_id": batch_id},
    )


def wait_for_many(links: Sequence[PendingLink]) -> None:
    """The set form of `wait_for`; of two links of one record to one kind the last one counts."""
    last = {(link.record_type, link.record_id, link.target_type): link for link in links}
    PendingLink.objects.bulk_create(
        last.values(),
        update_conflicts=True,
        unique_fields=("record_type", "record_id", "target_type"),
        update_fields=("system", "key", "tied_by"),
    )


def tie_people(merge: Merge) -> int:
    """People whose company has come meanwhile. Whoever has one by now keeps it; the link counts as tied."""
    if not _waits("contact", "company", merge):
        return 0
    merge.run(
        "CREATE TEMPORARY TABLE tied ON COMMIT DROP AS SELECT DISTINCT ON (p.id) p.id AS link, t.id, t.name, t.version, "
        "t.company_id AS had, k.id AS company_id, k.name AS company, "
        f"t.id IN (SELECT id FROM counted_contact WHERE kind = {CREATED}) AS is_own FROM ({_arrived('company')}) p "
        "JOIN crm_company k ON k.id = p.found JOIN crm_contact t ON t.id = p.record_id "
        "LEFT JOIN kernel_fieldlock l ON l.subject_id = t.id "
        f"WHERE p.record_type = 'contact' AND {merge.seen('k')} AND {merge.seen('t', Contact)} "
        "AND (l.id IS NULL OR NOT l.fields ? 'company') ORDER BY p.id, k.created_at"
    )
    tied = merge.run(
        "UPDATE crm_contact c SET company_id = t.company_id, updated_at = clock_timestamp(), "
        "version = c.version + CASE WHEN t.is_own THEN 0 ELSE 1 END FROM tied t WHERE c.id = t.id AND t.had IS NULL"
    )
    merge.run(f"INSERT INTO counted_contact SELECT id, {UPDATED} FROM tied WHERE had IS NULL AND NOT is_own")
    words = "'company from nothing to ' || left(t.company, 60)"
    merge.run(
        f"INSERT INTO kernel_change ({HISTORY}) SELECT 'crm.contact', t.id, %(now)s, 'MINOR', 'CONTACT_INFO', "
        f"'[\"company_id\"]'::jsonb, {words}, t.name || ': ' || {words}, 'import', %(owner)s, %(label)s, "
        "'{\"company_id\": null}'::jsonb, jsonb_build_object('company_id', t.company_id), t.version + 1, %(batch)s "
        "FROM tied t WHERE had IS NULL AND NOT is_own"
    )
    merge.run("UPDATE crm_pendinglink p SET tied_by = %(batch)s FROM tied t WHERE p.id = t.link")
    merge.run("DROP TABLE tied")
    return tied


def tie_deals(merge: Merge) -> int:
    """One by one through the verb of a deal. One that a rule or a lock keeps as it is goes on waiting."""
    return sum(_tie_deals(target, merge) for target in MODELS if _waits("deal", target, merge))


def _tie_deals(target: str, merge: Merge) -> int:
    merge.run(
        f"SELECT DISTINCT ON (p.id) p.id, p.record_id, c.id FROM ({_arrived(target)}) p JOIN crm_{target} c "
        f"ON c.id = p.found WHERE p.record_type = 'deal' AND {merge.seen('c', MODELS[target])} ORDER BY p.id, c.created_at"
    )
    found = list(merge.cursor.fetchall())
    records = MODELS[target].objects.in_bulk([key for _, _, key in found])
    deals = visible_deals(actor=merge.actor).in_bulk([deal for _, deal, _ in found])
    return sum(_tie(link, deals.get(deal), target, records[key], merge) for link, deal, key in found)


def _tie(link: UUID, deal: Deal | None, target: str, record: Any, merge: Merge) -> bool:
    if deal is None:
        return False
    batch = merge.values["batch"]
    is_free = getattr(deal, f"{target}_id") is None
    try:
        if is_free:
            update_deal(deal, changes={target: record}, actor=merge.actor, cause_id=batch)
            if isinstance(record, Company) and deal.deal_state == DealState.OPEN:
                company_is_buying(record, batch)
    except DomainError:
        return False
    PendingLink.objects.filter(pk=link).update(tied_by=batch)
    return is_free


def _waits(noun: str, target: str, merge: Merge) -> bool:
    return PendingLink.objects.filter(
        record_type=noun, target_type=target, tied_by=None, system__in=(merge.values["shape"], BY_ADDRESS)
    ).exists()


def _arrived(target: str) -> str:
    """The waiting links of this file's system whose record is there; of an address, whoever has it."""
    waiting = f"p.target_type = '{target}' AND p.tied_by IS NULL"
    by_key = (
        f"SELECT p.*, c.id AS found FROM crm_pendinglink p JOIN crm_{target} c ON c.external_id = p.key "
        "AND c.external_source IN (p.system, CASE p.system WHEN 'plain' THEN '' END) "
        f"WHERE {waiting} AND p.system = %(shape)s AND c.external_id <> ''"
    )
    by_further_key = (
        "SELECT p.*, k.record_id AS found FROM crm_pendinglink p JOIN crm_sourcekey k ON k.key = p.key "
        f"AND k.system = p.system AND k.record_type = '{target}' WHERE {waiting} AND p.system = %(shape)s"
    )
    if target == "company":
        return f"{by_key} UNION ALL {by_further_key}"
    by_address = (
        "SELECT p.*, c.id AS found FROM crm_pendinglink p JOIN crm_contact c ON c.email_key = p.key "
        f"WHERE {waiting} AND p.system = '{BY_ADDRESS}' AND c.email_key <> ''"
    )
    return f"{by_key} UNION ALL {by_further_key} UNION ALL {by_address}"


def parents_that_waited(merge: Merge) -> None:
    """Companies of earlier files join those of this one that look for the company above them."""
    merge.run(
        "INSERT INTO stage_parent SELECT record_id, '', key FROM crm_pendinglink WHERE record_type = 'company' "
        "AND target_type = 'parent' AND tied_by IS NULL AND system = %(shape)s"
    )


def note_missing_parents(merge: Merge) -> None:
    """After the parents were looked for: who found one waits no longer, who named one by a key and did not waits."""
    merge.run(
        "UPDATE crm_pendinglink p SET tied_by = %(batch)s FROM crm_company c WHERE c.id = p.record_id "
        "AND p.record_type = 'company' AND p.target_type = 'parent' AND p.tied_by IS NULL AND c.parent_id IS NOT NULL"
    )
    merge.run(
        "INSERT INTO crm_pendinglink (id, record_type, record_id, target_type, system, key, cause_id) "
        "SELECT DISTINCT ON (c.id) uuidv7(), 'company', c.id, 'parent', %(shape)s, s.parent_external_id, %(batch)s "
        "FROM stage_parent s JOIN crm_company c ON c.id = s.id WHERE s.parent_external_id <> '' AND c.parent_id IS NULL "
        "AND NOT EXISTS (SELECT 1 FROM crm_company k WHERE k.external_id = s.parent_external_id AND k.external_source = %(shape)s) "
        "ON CONFLICT (record_type, record_id, target_type) DO UPDATE SET system = EXCLUDED.system, key = EXCLUDED.key"
    )


def forget_links(batch_id: UUID) -> None:
    """Of an import that is taken back: what it told is not waited for, what it tied waits again."""
    PendingLink.objects.filter(cause_id=batch_id).delete()
    PendingLink.objects.filter(tied_by=batch_id).update(tied_by=None)
    SourceKey.objects.filter(cause_id=batch_id).delete()
