"""Lists of one move in any order: links to what comes later are kept and tied, nothing is doubled or lost."""

import os
import random
from itertools import permutations

import pytest

from crm.models import Company, Contact, Deal
from crm.services.companies import update_company
from crm.services.contacts import update_contact
from crm.services.import_undo import undo_import
from crm.services.importing import run_import
from crm.tests.builders import a_company
from crm.tests.import_builders import imported
from crm.tests.moving import FILES, MOVED, NOTHING, begun, left_over, there, waiting
from gtmos.kernel.actors import Actor
from gtmos.kernel.history.models import Change

pytestmark = pytest.mark.django_db
ALL = sorted(permutations(FILES))
ORDERS = random.Random(7).sample(ALL, int(os.environ.get("GTMOS_TEST_ORDERS", "6")))  # of 24


@pytest.mark.parametrize("order", ORDERS, ids=" ".join)
def test_lists_in_any_order_and_twice_end_alike_and_are_taken_back(order: tuple[str, ...], me: Actor) -> None:
    batches = [run_import(begun(name, me).pk) for name in order]
    once = there()
    batches += [run_import(begun(name, me).pk) for name in order]
    twice = there()
    rejected = [batch.result["rejected"] for batch in batches]

    for batch in reversed(batches):
        undo_import(batch, actor=me)

    assert rejected == [0] * 8
    assert once == MOVED
    assert twice == MOVED
    assert (there(), left_over()) == (NOTHING, 0)


def test_a_deal_waits_for_its_person_and_is_tied_with_history(me: Actor) -> None:
    run_import(begun("deals", me).pk)
    before = Deal.objects.get(name="Nordic pilot")
    waited = sorted(waiting())

    came = run_import(begun("contacts-es", me).pk)

    deal = Deal.objects.get(pk=before.pk)
    noted = Change.objects.get(subject_id=deal.pk, cause_id=came.pk)
    assert waited == [
        "company 9002 of hubspot",
        "contact 52 of hubspot",
        "contact 52 of hubspot",
        "contact 53 of hubspot",
        "contact 54 of hubspot",
        "contact 55 of hubspot",
    ]
    assert (before.contact, str(deal.contact), noted.changed_fields) == (None, "Dee Olsen", ["contact"])
    assert came.result["links_tied"] == 2
    assert sorted(waiting()) == [
        "company 9002 of hubspot",
        "company 9002 of hubspot",
        "contact 52 of hubspot",
        "contact 52 of hubspot",
        "contact 53 of hubspot",
    ]


def test_a_link_that_was_tied_waits_again_once_its_record_is_taken_back(me: Actor) -> None:
    run_import(begun("contacts-es", me).pk)
    waited = waiting()
    came = run_import(begun("companies", me).pk)
    tied = (waiting(), Contact.objects.get(name="Dee Olsen").company.name)

    undo_import(came, actor=me)
    alone = (waiting(), Contact.objects.get(name="Dee Olsen").company)
    run_import(begun("companies", me).pk)

    assert waited == ["company 9002 of hubspot", "company 9004 of hubspot"]
    assert tied == ([], "Acme Tools Nordic")
    assert (sorted(alone[0]), alone[1]) == (sorted(waited), None)
    assert Contact.objects.get(name="Dee Olsen").company.name == "Acme Tools Nordic"


def test_whom_a_person_put_elsewhere_meanwhile_stays_there(me: Actor) -> None:
    run_import(begun("contacts-es", me).pk)
    dee = Contact.objects.get(name="Dee Olsen")
    update_contact(dee, changes={"company": a_company(actor=me, name="Elsewhere")}, actor=me)

    run_import(begun("companies", me).pk)

    dee.refresh_from_db()
    assert dee.company.name == "Elsewhere"
    assert waiting() == []


def test_a_company_above_others_may_come_in_a_later_file(me: Actor) -> None:
    head = "Id,IsDeleted,Name,Website,ParentId,SystemModstamp\n"
    below = imported(f"{head}002,0,Below,below.example,001,\n".encode(), me)
    waited = waiting()

    above = imported(f"{head}001,0,Above,above.example,,\n".encode(), me)

    tied = Company.objects.get(name="Below")
    assert (below.shape, waited) == ("salesforce", ["parent 001 of salesforce"])
    assert (str(tied.parent), waiting()) == ("Above", [])
    assert Change.objects.get(subject_id=tied.pk, cause_id=above.pk).changed_fields == ["parent_id"]


def test_a_deal_names_its_person_by_an_address_that_comes_later(me: Actor) -> None:
    imported(
        b"Deal Name,Amount,Company Name,Deal Stage,Contact Email\nNew,5,Fresh,Lead,ed@fresh.example\n", me
    )

    imported(b"Name,Email,Company\nEd Low,Ed@Fresh.example,Fresh\n", me)

    assert str(Deal.objects.get().contact) == "Ed Low"


def test_an_edit_between_two_imports_is_not_taken_back_with_them(me: Actor) -> None:
    first = run_import(begun("deals", me).pk)
    company = Company.objects.get(name="Acme Tools")
    update_company(company, changes={"description": "Ours"}, actor=me)
    second = run_import(begun("companies", me).pk)

    undo_import(second, actor=me)
    undo_import(first, actor=me)

    assert [each.description for each in Company.objects.all()] == ["Ours"]


def test_an_address_of_several_numbers_stays_with_the_deal(me: Actor) -> None:
    run_import(begun("deals", me).pk)

    assert Deal.objects.get(name="Tools for Acme").custom["Associated Contact IDs"] == "53;52"
    assert "Associated Contact IDs" not in Deal.objects.get(name="Nordic pilot").custom


def test_deals_that_name_one_person_by_further_numbers_all_find_them(me: Actor) -> None:
    head = "Record ID,First Name,Last Name,Email,Lifecycle Stage"
    people = "".join(f"\n{number},Ada,Young,ada@acme.example,lead" for number in (51, 53, 57))
    imported(f"{head}{people}\n".encode(), me)
    deals = "".join(f"\n{number},Deal {number},Qualification,5,{number}" for number in (51, 53, 57))

    batch = imported(f"Record ID,Deal Name,Deal Stage,Amount,Associated Contact IDs{deals}\n".encode(), me)

    assert (batch.result["created"]["deals"], batch.result["links_tied"]) == (3, 0)
    assert list(Deal.objects.values_list("contact__name", flat=True)) == ["Ada Young"] * 3
