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
from crm.services.involving import involve
from crm.services.waiting import BY_ADDRESS
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.permissions import allows

Waiting = tuple[UUID, Deal, Any]
MODELS: dict[str, type[Company | Contact]] = {"company": Company, "contact": Contact}


def wait_for_many(links: Sequence[PendingLink]) -> None:
    """The lines named records that are not there yet; of two links for one place the last one counts."""
    last = {(link.record_type, link.record_id, link.target_type, link.place): link for link in links}
    PendingLink.objects.bulk_create(
        last.values(),
        update_conflicts=True,
        unique_fields=("record_type", "record_id", "target_type", "place"),
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
        f"SELECT DISTINCT ON (p.id) p.id, p.record_id, c.id, p.place > 0 FROM ({_arrived(target)}) p JOIN crm_{target} c "
        f"ON c.id = p.found WHERE p.record_type = 'deal' AND {merge.seen('c', MODELS[target])} ORDER BY p.id, c.created_at"
    )
    found = list(merge.cursor.fetchall())
    main = _read(target, [each[:3] for each in found if not each[3]], merge)
    tied = sum(_tie(link, deal, target, record, merge) for link, deal, record in main)
    return tied + _involve(_read(target, [each[:3] for each in found if each[3]], merge), merge)


def _read(target: str, found: list[tuple[UUID, UUID, UUID]], merge: Merge) -> list[Waiting]:
    """The link, the deal as it is now, and the record that came; deals that are hidden go on waiting."""
    records = MODELS[target].objects.in_bulk([key for _, _, key in found])
    deals = visible_deals(actor=merge.actor).in_bulk([deal for _, deal, _ in found])
    return [(link, deals[deal], records[key]) for link, deal, key in found if deal in deals]


def _involve(further: list[Waiting], merge: Merge) -> int:
    """People besides the contact. Of a deal that the importing person may not change they go on waiting."""
    batch = merge.values["batch"]
    own = [each for each in further if allows(merge.actor, "crm.edit_deal", each[1])]
    PendingLink.objects.filter(pk__in=[link for link, _, _ in own]).update(tied_by=batch)
    return len(involve([(deal, person) for _, deal, person in own], actor=merge.actor, cause_id=batch))


def _tie(link: UUID, deal: Deal, target: str, record: Any, merge: Merge) -> bool:
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


def forget_links(batch_id: UUID) -> None:
    """Of an import that is taken back: what it told is not waited for, what it tied waits again."""
    PendingLink.objects.filter(cause_id=batch_id).delete()
    PendingLink.objects.filter(tied_by=batch_id).update(tied_by=None)
    SourceKey.objects.filter(cause_id=batch_id).delete()
