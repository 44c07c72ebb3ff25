"""Taking an import back: only what it did goes, and history says what really happened."""

import pytest

from crm.models import Company, Contact, Deal, DuplicatePair
from crm.services.contacts import create_contact, update_contact
from crm.services.deal_health import judge_deals
from crm.services.deals import update_deal
from crm.services.duplicates import find_duplicates
from crm.services.import_undo import undo_import
from crm.tests.builders import a_company, a_contact, a_deal
from crm.tests.import_builders import imported
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.models import Change

pytestmark = pytest.mark.django_db

DEALS = b"Deal Name,Amount,Company Name,Deal Stage\nNew deal,500,Fresh Co,Lead\nOld deal,999,Old Co,Lead\n"


def test_deals_that_nobody_touched_go_and_their_companies_with_them(me: Actor) -> None:
    batch = imported(DEALS, me, into="deals")

    undone = undo_import(batch, actor=me)

    assert (Deal.objects.count(), Company.objects.count()) == (0, 0)
    assert undone.result["undone"]["removed"] == {"deals": 2, "signals": 0, "contacts": 0, "companies": 2}


def test_a_deal_that_was_worked_on_since_stays_with_its_company(me: Actor) -> None:
    batch = imported(DEALS, me, into="deals")
    worked_on = Deal.objects.get(name="New deal")
    update_deal(worked_on, changes={"deal_amount": 77_777, "stage": "Closed won"}, actor=me)

    undone = undo_import(batch, actor=me)

    assert [(deal.name, deal.deal_amount) for deal in Deal.objects.all()] == [("New deal", 77_777)]
    assert [company.name for company in Company.objects.all()] == ["Fresh Co"]
    assert undone.result["undone"]["kept"] == 2


def test_a_deal_that_the_import_changed_gets_its_values_back(me: Actor) -> None:
    deal = a_deal(actor=me, company=a_company(actor=me, name="Old Co"), name="Old deal", amount=100)
    stage = deal.stage
    batch = imported(DEALS.replace(b"Old Co,Lead", b"Old Co,Negotiation"), me, into="deals")
    deal.refresh_from_db()
    changed = (deal.deal_amount, deal.stage.name)

    undone = undo_import(batch, actor=me)

    deal.refresh_from_db()
    assert changed == (999, "Negotiation")
    assert (deal.deal_amount, deal.stage, undone.result["undone"]["restored"]) == (100, stage, 1)


def test_a_deal_that_moved_on_since_keeps_its_values(me: Actor) -> None:
    deal = a_deal(actor=me, company=a_company(actor=me, name="Old Co"), name="Old deal", amount=100)
    batch = imported(DEALS, me, into="deals")
    update_deal(deal, changes={"deal_amount": 1_000}, actor=me)

    undone = undo_import(batch, actor=me)

    deal.refresh_from_db()
    assert (deal.deal_amount, undone.result["undone"]["left"]) == (1_000, 1)


def test_a_company_that_bought_only_by_the_list_is_where_it_was(me: Actor) -> None:
    company = a_company(actor=me, name="Old Co")
    batch = imported(DEALS, me, into="deals")
    company.refresh_from_db()
    state = company.customer_state

    undo_import(batch, actor=me)

    company.refresh_from_db()
    assert (state, company.customer_state) == ("buying", "dormant")


def test_a_company_to_which_only_a_nameless_relation_points_stays(me: Actor) -> None:
    batch = imported(b"Name,Website\nAlpha,alpha.example\nBeta,beta.example\n", me)
    Company.objects.get(name="Alpha").account_team.add(me.user)

    undone = undo_import(batch, actor=me)

    alpha = Company.objects.get()
    assert (alpha.name, list(alpha.account_team.all())) == ("Alpha", [me.user])
    assert undone.result["undone"]["removed"]["companies"] == 1


def test_a_parent_that_the_list_made_goes_with_its_children(me: Actor) -> None:
    raw = b"Name,Website,Parent Company\nTop,top.example,\nMid,mid.example,Top\nLow,low.example,Mid\n"
    batch = imported(raw, me, into="companies")

    undone = undo_import(batch, actor=me)

    assert (Company.objects.count(), undone.result["undone"]["removed"]["companies"]) == (0, 3)


def test_a_parent_that_the_list_set_is_taken_away_again(me: Actor) -> None:
    child, _ = (
        a_company(actor=me, name=name, website_url=f"{name.lower()}.example") for name in ("Child", "Parent")
    )
    batch = imported(b"Name,Website,Parent Company\nChild,child.example,Parent\n", me, into="companies")

    undo_import(batch, actor=me)

    child.refresh_from_db()
    assert (child.parent, child.version) == (None, 3)


def test_history_says_only_what_was_really_given_back(me: Actor) -> None:
    person = create_contact(
        actor=me, name="Ann Lee", email="ann@x.example", title="VP", company=None, phone="1"
    )
    batch = imported(b"Name,Email,Title,Phone\nAnn Lee,ann@x.example,CMO,2\n", me, into="contacts")
    update_contact(person, changes={"title": "CEO"}, actor=me)

    undo_import(batch, actor=me)

    person.refresh_from_db()
    said = Change.objects.get(subject_id=person.pk, change_category="RESTORED")
    assert (person.title, person.phone) == ("CEO", "1")
    assert "title" not in said.changed_fields
    assert (said.previous_values["phone"], said.new_values["phone"]) == ("2", "1")
    assert (said.version, said.user_name) == (person.version, me.label)


def test_nothing_is_noted_where_nothing_was_given_back(me: Actor) -> None:
    person = a_contact(actor=me, name="Ann Lee", email="ann@x.example", phone="1")
    batch = imported(b"Email,Phone\nann@x.example,2\n", me, into="contacts")
    update_contact(person, changes={"phone": "3"}, actor=me)

    undone = undo_import(batch, actor=me)

    person.refresh_from_db()
    assert Change.objects.filter(subject_id=person.pk, change_category="RESTORED").count() == 0
    assert (person.version, undone.result["undone"]["restored"]) == (3, 0)


def test_a_record_is_found_by_its_old_name_again(me: Actor) -> None:
    company = a_company(actor=me, name="Zebra", domain="zebra.example", city="Boston")
    batch = imported(b"Company,Website,City\nQuagga,zebra.example,Denver\n", me, into="companies")

    undo_import(batch, actor=me)

    company.refresh_from_db()
    assert company.search_text == "Zebra zebra.example Boston"


def test_a_person_does_not_go_back_to_a_company_that_is_gone(me: Actor) -> None:
    old = a_company(actor=me, name="Old", domain="old.example")
    person = a_contact(actor=me, name="Ann", email="ann@x.example", company=old, title="VP")
    raw = b"Full name,Email,Title,Company,Website\nAnn,ann@x.example,CMO,New,new.example\n"
    batch = imported(raw, me, into="contacts")
    old.delete()

    undo_import(batch, actor=me)

    person.refresh_from_db()
    assert (person.title, person.company.name) == ("VP", "New")


def test_two_first_contacts_of_one_company_are_not_made_by_taking_back(me: Actor) -> None:
    old = a_company(actor=me, name="Old", domain="old.example")
    person = a_contact(actor=me, name="Ann", email="ann@x.example", company=old, is_primary=True)
    raw = b"Full name,Email,Company,Website\nAnn,ann@x.example,New,new.example\n"
    batch = imported(raw, me, into="contacts")
    a_contact(actor=me, name="Bo", company=old, is_primary=True)

    undone = undo_import(batch, actor=me)

    person.refresh_from_db()
    assert (person.company.name, undone.result["undone"]["left"]) == ("New", 1)
    assert Contact.objects.filter(company=old, is_primary=True).count() == 1


def test_what_the_product_worked_out_of_records_since_does_not_keep_them(me: Actor) -> None:
    a_company(actor=me, name="Bright Harbor Logistics")
    lines = "Late,500,2020-01-01,Bright Harbour Logistics,Lead\n"
    batch = imported(
        f"Deal Name,Amount,Close Date,Company Name,Deal Stage\n{lines}".encode(), me, into="deals"
    )
    judge_deals(actor=SYSTEM)
    find_duplicates()
    worked_out = (Deal.objects.exclude(deal_health="green").count(), DuplicatePair.objects.count())

    undo_import(batch, actor=me)

    assert worked_out == (1, 1)
    assert Deal.objects.count() == 0
    assert [each.name for each in Company.objects.all()] == ["Bright Harbor Logistics"]
