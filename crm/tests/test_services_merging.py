"""Merging two records: everything moves, the stricter refusal wins, and all of it can be taken back."""

from datetime import UTC, datetime
from typing import Any

import pytest

from crm.models import AccountTeamMember, Company, Contact, Deal, Merge, Signal
from crm.services.activities import log_activity
from crm.services.companies import update_company
from crm.services.contacts import opt_out, update_contact
from crm.services.merge_relations import MERGED, clashing, is_declared, relations_of
from crm.services.merging import merge_companies, merge_contacts, merge_deals, preview
from crm.services.unmerging import undo_merge
from crm.tests.builders import a_company, a_contact, a_deal, a_task
from gtmos.kernel import history
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.exceptions import DomainError, InvalidInputError, NotPermittedError
from gtmos.kernel.models import EventRecord
from gtmos.kernel.people.models import Role
from gtmos.kernel.tests.builders import a_user
from outreach.models import Enrollment
from outreach.tests.campaign_builders import a_reader, an_approved_campaign

pytestmark = pytest.mark.django_db


def test_every_relation_of_a_record_that_can_be_merged_says_what_becomes_of_it() -> None:
    names = {
        relation.name
        for model in MERGED.values()
        for relation in relations_of(model)
        if not is_declared(relation)
    }

    assert names == set()


def a_full_company(name: str) -> Company:
    """With a row in everything that hangs on a company."""
    company = a_company(name=name, city="Oslo")
    contact = a_contact(company=company, is_primary=True)
    deal = a_deal(company=company, contact=contact)
    a_task(company=company, contact=contact, deal=deal)
    log_activity(type="call", subject="Call", company=company, contact=contact, deal=deal, actor=SYSTEM)
    Signal.objects.create(
        company=company, type="hiring", detail="CMO", source="list", occurred_on="2026-01-01"
    )
    AccountTeamMember.objects.create(company=company, user=a_user())
    a_company(parent=company)
    return company


def children(record: Any) -> dict[str, set[Any]]:
    kind = record._meta.model_name
    return {
        relation.name: set(relation.of(kind, record.pk).values_list("pk", flat=True))
        for relation in relations_of(type(record))
        if relation.model._meta.app_label in {"crm", "outreach"}
    }


def test_all_that_hangs_on_a_company_moves_and_comes_back() -> None:
    keep, other = a_full_company("Keep"), a_full_company("Other")
    mine, theirs = children(keep), children(other)

    merge = merge_companies(keep, other, choices={}, actor=SYSTEM)

    merged = children(keep)
    folded = {each["relation"] for each in merge.folded}
    assert folded == {"crm.signal.company_id"}
    for name in mine:
        both = mine[name] | theirs[name]
        assert merged[name] == (mine[name] if name in folded else both), name
    assert not Company.objects.filter(pk=other.pk).exists()

    undone = undo_merge(merge, actor=SYSTEM)

    assert undone.undone_notes == []
    assert (children(keep), children(other)) == (mine, theirs)
    assert Contact.objects.filter(is_primary=True).count() == 2


def test_what_was_changed_since_stays_and_is_said() -> None:
    keep, other = a_company(name="Keep"), a_company(name="Other", city="Oslo")
    deal = a_deal(company=other)
    merge = merge_companies(keep, other, choices={}, actor=SYSTEM)
    keep.refresh_from_db()
    assert keep.city == "Oslo"
    update_company(keep, changes={"city": "Bergen"}, actor=SYSTEM)
    Deal.objects.filter(pk=deal.pk).delete()

    undone = undo_merge(merge, actor=SYSTEM)

    keep.refresh_from_db()
    assert keep.city == "Bergen"
    assert undone.undone_notes == [
        "City was changed since and stays as it is.",
        "1 deals were moved or deleted since and stay where they are.",
    ]


def test_each_field_can_be_chosen() -> None:
    keep, other = a_company(name="Keep", city="Oslo"), a_company(name="Other", city="Bergen")

    merge_companies(keep, other, choices={"city": "other", "name": "keep", "domain": "other"}, actor=SYSTEM)

    keep.refresh_from_db()
    assert (keep.name, keep.city, keep.domain) == ("Keep", "Bergen", "other.example")


def test_the_newer_value_wins_where_nobody_chose() -> None:
    keep, other = a_company(name="Keep", city="Oslo"), a_company(name="Other", city="Bergen")
    update_company(keep, changes={"city": "Lund"}, actor=SYSTEM)

    wins = {side.name: side.wins for side in preview(keep, other, actor=SYSTEM).sides}

    assert (wins["city"], wins["name"]) == ("keep", "other")


@pytest.mark.parametrize("refuser", ["keep", "other"])
def test_a_merge_and_its_way_back_never_revive_a_refusal(refuser: str) -> None:
    people = {"keep": a_contact(), "other": a_contact()}
    opt_out(people[refuser], at=datetime(2026, 1, 1, tzinfo=UTC), detail="", actor=SYSTEM)
    told = EventRecord.objects.filter(name="crm.contact_opted_out").count()

    merge = merge_contacts(people["keep"], people["other"], choices={}, actor=SYSTEM)

    kept = people["keep"]
    kept.refresh_from_db()
    assert (kept.do_not_email, kept.opted_out_at) == (True, datetime(2026, 1, 1, tzinfo=UTC))
    assert EventRecord.objects.filter(name="crm.contact_opted_out").count() == told + 2
    undo_merge(merge, actor=SYSTEM)
    kept.refresh_from_db()
    assert kept.do_not_email is True


def test_a_refusal_cannot_be_chosen_away() -> None:
    keep, other = a_contact(), a_contact(do_not_email=True)

    with pytest.raises(InvalidInputError):
        merge_contacts(keep, other, choices={"do_not_email": "keep"}, actor=SYSTEM)


def test_two_people_of_one_campaign_become_one_and_only_one_goes_on() -> None:
    keep, other = a_reader(), a_reader()
    campaign = an_approved_campaign(1)
    for contact in (keep, other):
        Enrollment.objects.create(campaign=campaign, contact=contact)

    merge = merge_contacts(keep, other, choices={}, actor=SYSTEM)

    rows = list(
        Enrollment.objects.filter(contact=keep).order_by("created_at").values_list("state", flat=True)
    )
    assert rows == ["active", "finished"]
    undo_merge(merge, actor=SYSTEM)
    assert Enrollment.objects.get(contact=other).superseded_by is None


def test_a_company_is_not_merged_into_one_below_it() -> None:
    top = a_company()
    below = a_company(parent=top)

    with pytest.raises(DomainError, match="stands below"):
        merge_companies(below, top, choices={}, actor=SYSTEM)

    merge_companies(top, below, choices={}, actor=SYSTEM)
    top.refresh_from_db()
    assert top.parent_id is None


def test_deals_are_merged_and_stay_where_the_kept_one_stands() -> None:
    company = a_company()
    keep, other = a_deal(company=company), a_deal(company=company, amount=100)
    task = a_task(deal=other)
    stage = keep.stage_id

    merge_deals(keep, other, choices={}, actor=SYSTEM)

    keep.refresh_from_db()
    task.refresh_from_db()
    assert (keep.stage_id, keep.deal_amount, task.deal_id) == (stage, 100, keep.pk)


def test_both_histories_tell_of_the_merge() -> None:
    keep, other = a_contact(name="Ann One"), a_contact(name="Ann Two")

    merge_contacts(keep, other, choices={}, actor=SYSTEM)

    assert history.of_record(keep)[0].summary == "Merged Ann Two into this"
    assert history.of_record(other)[0].summary == "Merged into Ann One"


def test_whoever_sees_only_one_of_them_merges_nothing() -> None:
    me, somebody = Actor.of(a_user(role=Role.AE)), Actor.of(a_user(role=Role.AE))
    mine, theirs = a_company(actor=me), a_company(actor=somebody)

    with pytest.raises(NotPermittedError):
        merge_companies(mine, theirs, choices={}, actor=me)

    assert Merge.objects.count() == 0


def test_an_absorbed_address_that_somebody_else_got_since_cannot_stand_again() -> None:
    keep, other = a_contact(), a_contact(email="old@people.example")
    merge = merge_contacts(keep, other, choices={"email": "keep"}, actor=SYSTEM)
    a_contact(email="old@people.example")

    with pytest.raises(DomainError, match="cannot stand again"):
        undo_merge(merge, actor=SYSTEM)


def test_an_address_of_both_is_never_lost_from_the_record_of_the_merge() -> None:
    keep, other = a_contact(), a_contact(email="second@people.example")
    update_contact(keep, changes={"title": "CEO"}, actor=SYSTEM)

    merge = merge_contacts(keep, other, choices={"email": "keep"}, actor=SYSTEM)

    assert merge.absorbed_values["email"] == "second@people.example"


def test_clashes_are_found_by_the_constraints_of_the_tables() -> None:
    keep, other = a_full_company("Keep"), a_full_company("Other")

    found = {
        relation.name: clashing(relation, "company", keep=keep.pk, other=other.pk).count()
        for relation in relations_of(Company)
    }

    assert {name for name, count in found.items() if count} == {
        "crm.signal.company_id",
        "crm.contact.company_id",
    }
