"""Pairs that may be one: found for what changed, shown to who sees both, dismissed for good."""

from typing import Any

import pytest
from django.test import Client

from crm.models import DuplicatePair
from crm.scoring.duplicates import Firm, Person, companies_alike, contacts_alike
from crm.selectors.duplicates import companies_like, contacts_like, open_pairs
from crm.services.companies import update_company
from crm.services.duplicates import dismiss_pair, find_duplicates
from crm.tests.builders import a_company, a_contact
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.people.models import Role
from gtmos.kernel.tests.builders import a_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        (Firm("acme robotics", "oslo"), Firm("acme robotics", "oslo"), True),
        (Firm("acme robotics", "oslo"), Firm("acme robotic", "oslo"), True),
        (Firm("acme", "", "acme.com"), Firm("acme", "", "acme.io"), True),
        (Firm("acme robotics", "oslo"), Firm("acme robotics", "lima"), False),
        (Firm("acme robotics"), Firm("zenith robotics"), False),
        (Firm("delta", "oslo", "delta.com"), Firm("delta", "lima", "delta-faucets.com"), False),
    ],
)
def test_companies_are_alike_by_name_place_and_domain(one: Firm, other: Firm, alike: bool) -> None:
    assert (companies_alike(one, other).score > 0) is alike


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        (Person("Ann Lee", linkedin_key="in/ann"), Person("A. Lee", linkedin_key="in/ann"), True),
        (Person("Ann Lee", "ann+crm@x.com"), Person("Ann", "ann@x.com"), True),
        (Person("Ann Lee", "a.nn@gmail.com"), Person("Ann", "ann@gmail.com"), True),
        (Person("Ann Lee", company="1"), Person("Lee Ann", company="1"), True),
        (Person("Ann Lee", company="1"), Person("Ann Lee", company="2"), False),
        (Person("Ann Lee", company="1"), Person("Bob Ray", company="1"), False),
    ],
)
def test_contacts_are_alike_by_profile_mailbox_or_name_at_one_company(
    one: Any, other: Any, alike: bool
) -> None:
    assert (contacts_alike(one, other).score > 0) is alike


def test_new_and_changed_records_are_compared_and_each_only_once() -> None:
    one, other = a_company(name="Acme Robotics", city="Oslo"), a_company(name="Zenith", city="Oslo")
    a_contact(company=one, name="Ann Lee")
    a_contact(company=one, name="Lee Ann")
    find_duplicates()
    assert [pair.contact_id is not None for pair in DuplicatePair.objects.all()] == [True]

    update_company(other, changes={"name": "Acme Robotic Ltd"}, actor=SYSTEM)
    find_duplicates()
    find_duplicates()

    pair = DuplicatePair.objects.get(company__isnull=False)
    assert {pair.company_id, pair.other_company_id} == {one.pk, other.pk}
    assert "the same city" in pair.reasons


def test_what_no_longer_looks_alike_leaves_the_queue() -> None:
    a_company(name="Acme Robotics", domain="")
    other = a_company(name="Acme Robotics AG", domain="")
    find_duplicates()
    assert DuplicatePair.objects.count() == 1

    update_company(other, changes={"name": "Something Else"}, actor=SYSTEM)
    find_duplicates()

    assert DuplicatePair.objects.count() == 0


def test_a_dismissed_pair_is_not_proposed_again() -> None:
    one = a_company(name="Acme Robotics", domain="")
    a_company(name="Acme Robotics AG", domain="")
    find_duplicates()
    dismiss_pair(DuplicatePair.objects.get(), actor=SYSTEM)

    update_company(one, changes={"city": "Oslo"}, actor=SYSTEM)
    find_duplicates()

    assert DuplicatePair.objects.get().state == "dismissed"


def test_a_pair_is_seen_only_by_who_sees_both() -> None:
    me, somebody = Actor.of(a_user(role=Role.AE)), Actor.of(a_user(role=Role.AE))
    a_company(name="Acme Robotics", domain="", actor=me)
    a_company(name="Acme Robotics AG", domain="", actor=somebody)
    find_duplicates()

    assert (open_pairs("", actor=me).count(), open_pairs("", actor=SYSTEM).count()) == (0, 1)


def test_while_typing_the_exact_key_and_similar_names_are_told_apart() -> None:
    a_company(name="Acme Robotics", domain="acme.example", city="Oslo")

    exact = companies_like(name="Whatever", website="https://www.acme.example/x", actor=SYSTEM)
    near = companies_like(name="ACME Robotics Inc.", city="Oslo", actor=SYSTEM)

    assert [each.is_taken for each in exact] == [True]
    assert [each.is_taken for each in near] == [False]


def test_a_person_is_found_by_address_while_typing() -> None:
    contact = a_contact(email="ann@people.example")

    found = contacts_like(name="", email="Ann@People.example", actor=SYSTEM)

    assert [(each.record, each.is_taken) for each in found] == [(contact, True)]


def test_nobody_is_told_of_a_record_they_may_not_see() -> None:
    a_company(name="Acme Robotics", domain="acme.example", actor=Actor.of(a_user()))

    assert companies_like(name="Acme Robotics", website="acme.example", actor=Actor.of(a_user())) == []


@pytest.fixture
def revops(client: Client) -> Client:
    client.force_login(a_user(role=Role.REVOPS))
    return client


def test_the_pages_of_quality_show_pairs_merge_them_and_restore(revops: Client) -> None:
    keep = a_company(name="Acme Robotics", domain="", city="Oslo")
    other = a_company(name="Acme Robotics AG", domain="", city="Oslo", industry_vertical="Robots")
    find_duplicates()

    queue = revops.get("/duplicates/?kind=company").content.decode()
    assert "the same city" in queue.lower()
    address = f"/companies/{keep.pk}/merge/{other.pk}/"
    assert "Acme Robotics AG" in revops.get(address).content.decode()
    assert revops.post(address, {"choice-name": "keep"}).status_code == 302
    keep.refresh_from_db()
    assert (keep.name, keep.industry_vertical) == ("Acme Robotics", "Robots")

    shown = revops.get(f"/companies/{keep.pk}/history/")
    change = shown.context["rows"][1]["change"]
    assert change.changed_fields == ["industry_vertical"]
    revops.post(f"/companies/{keep.pk}/history/{change.pk}/restore/", {"field": "industry_vertical"})
    keep.refresh_from_db()
    assert keep.industry_vertical == ""


def test_the_whole_record_goes_back_to_a_version_and_nothing_is_deleted(revops: Client) -> None:
    company = a_company(city="Oslo")
    for city, size in (("Bergen", 10), ("Lund", 20)):
        update_company(company, changes={"city": city, "employee_size": size}, actor=SYSTEM)
    rows = revops.get(f"/companies/{company.pk}/history/").context["rows"]
    assert len(rows) == 3

    revops.post(f"/companies/{company.pk}/history/{rows[1]['change'].pk}/restore/", {"whole": "1"})

    company.refresh_from_db()
    assert (company.city, company.employee_size) == ("Bergen", 10)
    assert len(revops.get(f"/companies/{company.pk}/history/").context["rows"]) == 4


def test_the_hygiene_report_counts_with_its_base_and_opens_the_rows(revops: Client) -> None:
    a_company(domain="")
    a_company()

    shown = revops.get("/hygiene/")
    found = {
        each.check.key: (each.count, each.base) for _, group in shown.context["groups"] for each in group
    }

    assert found["companies-without-domain"] == (1, 2)
    assert len(revops.get("/hygiene/companies-without-domain/").context["page"].rows) == 1
    assert revops.get("/hygiene/nothing/").status_code == 404


def test_a_new_company_shows_what_is_here_already(revops: Client) -> None:
    a_company(name="Acme Robotics", domain="acme.example")

    hint = revops.get("/companies/like/", {"website_url": "acme.example", "name": "A"}).content.decode()

    assert "This one is here already." in hint


def test_a_merge_is_done_and_taken_back_over_the_api(revops: Client) -> None:
    keep, other = a_company(), a_company()

    done = revops.post(
        f"/api/v1/companies/{keep.pk}/merge/", {"other_id": str(other.pk)}, content_type="application/json"
    )
    back = revops.post(f"/api/v1/merges/{done.json()['id']}/undo/", content_type="application/json")

    assert (done.status_code, back.status_code) == (201, 200)
    assert revops.get(f"/companies/{other.pk}/").status_code == 200
    assert revops.get("/api/v1/hygiene/").json()["results"][0]["base"] == 2
