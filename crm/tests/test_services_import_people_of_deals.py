"""A line of a deal that names several people: the first is its contact, all others are tied to it, now or when they come."""

import pytest
from django.test import Client
from django.urls import reverse

from crm.models import Contact, Deal
from crm.services.deals import update_deal
from crm.services.import_undo import undo_import
from crm.services.involving import involvement
from crm.tests.builders import a_contact
from crm.tests.import_builders import imported
from crm.tests.moving import waiting
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.fields.models import Relation, RelationLink
from gtmos.kernel.fields.relations import ties_of
from gtmos.kernel.fields.services.relations import link, update_relation
from gtmos.kernel.history.models import Change
from gtmos.kernel.tests.builders import a_user

pytestmark = pytest.mark.django_db
PEOPLE = b"Record ID,First Name,Last Name,Email,Lifecycle Stage\n51,Ada,Young,ada@a.example,lead\n52,Bo,Zhang,bo@a.example,lead\n53,Cy,Moss,cy@a.example,lead\n"
DEALS = "Record ID,Deal Name,Deal Stage,Amount,Associated Contact IDs\n71,Big,Qualification,5,{people}\n"


def deals(me: Actor, people: str) -> Deal:
    imported(DEALS.format(people=people).encode(), me)
    return Deal.objects.get(name="Big")


def involved(deal: Deal, me: Actor) -> list[str]:
    return [f"{tie.label}: {tie.name}" for tie in ties_of(deal, actor=me)]


def unlink_all() -> None:
    """As when a person unties whom the link had tied when they came."""
    RelationLink.objects.all().delete()


def test_all_people_of_a_line_are_tied_to_its_deal(me: Actor) -> None:
    imported(PEOPLE, me)

    deal = deals(me, "52;51;53")

    assert str(deal.contact) == "Bo Zhang"
    assert involved(deal, me) == ["Also involved: Ada Young", "Also involved: Cy Moss"]
    assert [tie.label for tie in ties_of(Contact.objects.get(name="Cy Moss"), actor=me)] == ["Involved in"]
    assert waiting() == []


def test_those_who_come_later_are_tied_when_they_come(me: Actor) -> None:
    deal = deals(me, "52;51;53")
    waited = sorted(waiting())

    came = imported(PEOPLE, me)

    deal.refresh_from_db()
    assert waited == ["contact 51 of hubspot", "contact 52 of hubspot", "contact 53 of hubspot"]
    assert (str(deal.contact), sorted(involved(deal, me))) == (
        "Bo Zhang",
        ["Also involved: Ada Young", "Also involved: Cy Moss"],
    )
    assert (came.result["links_tied"], waiting()) == (3, [])
    noted = Change.objects.filter(subject_id=deal.pk, cause_id=came.pk, change_category="RELATION")
    assert sorted(noted.values_list("summary", flat=True)) == [
        "Also involved: Ada Young",
        "Also involved: Cy Moss",
    ]


def test_people_are_named_by_their_addresses_too(me: Actor) -> None:
    imported(PEOPLE, me)

    imported(
        b"Deal Name,Deal Stage,Amount,Contact Email\nBig,Lead,5,ada@a.example; CY@a.example; new@a.example\n",
        me,
    )

    deal = Deal.objects.get()
    assert (str(deal.contact), involved(deal, me)) == ("Ada Young", ["Also involved: Cy Moss"])
    assert waiting() == ["contact new@a.example of e-mail"]


def test_the_same_file_once_more_ties_nobody_twice(me: Actor) -> None:
    imported(PEOPLE, me)
    deal = deals(me, "52;51")
    noted = Change.objects.count()

    again = imported(DEALS.format(people="52;51").encode(), me)

    assert (again.result["unchanged"], RelationLink.objects.count()) == (1, 1)
    assert Change.objects.exclude(subject_type="crm.importbatch").count() == noted - 2
    assert involved(deal, me) == ["Also involved: Ada Young"]


def test_a_deal_that_gains_only_further_people_is_changed_and_named_and_taken_back(
    me: Actor, client: Client
) -> None:
    """The same line once more: nothing of the deal differs, but who was not there before is there now."""
    text = b"Deal Name,Deal Stage,Amount,Contact Email\nBig,Lead,5,ada@a.example; new@a.example\n"
    a_contact(actor=me, name="Ada Young", email="ada@a.example")
    imported(text, me)
    a_contact(actor=me, name="Ny Holm", email="new@a.example")
    unlink_all()

    second = imported(text, me)
    third = imported(text, me)
    client.force_login(me.user)
    page = client.get(reverse("crm:import", args=[second.pk])).content.decode()
    undo_import(second, actor=me)

    told = [(each.result["updated"]["deals"], each.result["unchanged"]) for each in (second, third)]
    assert told == [(1, 0), (0, 1)]
    assert second.result["involved"] == [{"line": 2, "deal": "Big", "people": ["Ny Holm"]}]
    assert third.result["involved"] == []
    assert "Also involved now" in page
    assert involved(Deal.objects.get(), me) == []


def test_a_new_deal_and_one_that_changes_otherwise_are_counted_once(me: Actor) -> None:
    imported(PEOPLE, me)

    first = imported(DEALS.format(people="52;51").encode(), me)
    second = imported(DEALS.replace(",5,", ",6,").format(people="52;51;53").encode(), me)

    told = [(each.result["created"]["deals"], each.result["updated"]["deals"]) for each in (first, second)]
    assert (told, first.result["involved"]) == ([(1, 0), (0, 1)], [])
    assert [each["people"] for each in second.result["involved"]] == [["Cy Moss"]]


def test_a_person_under_two_numbers_is_no_further_one_of_their_own_deal(me: Actor) -> None:
    head = "Record ID,First Name,Last Name,Email,Lifecycle Stage"
    imported(f"{head}\n51,Ada,Young,ada@a.example,lead\n54,Ada,Young,ada@a.example,lead\n".encode(), me)

    deal = deals(me, "51;54")

    assert (str(deal.contact), involved(deal, me)) == ("Ada Young", [])


def test_taking_the_file_back_unties_whom_it_tied_and_nobody_else(me: Actor) -> None:
    first = imported(PEOPLE, me)
    deal = deals(me, "52")
    other = a_contact(actor=me, name="Dee Own")
    link(involvement(), deal, other, actor=me)
    second = imported(DEALS.format(people="52;51").encode(), me)
    tied = sorted(involved(deal, me))

    undo_import(second, actor=me)

    assert tied == ["Also involved: Ada Young", "Also involved: Dee Own"]
    assert involved(deal, me) == ["Also involved: Dee Own"]
    assert (first.result["rejected"], Deal.objects.count()) == (0, 1)


def test_what_was_tied_waits_again_once_the_people_are_taken_back(me: Actor) -> None:
    deal = deals(me, "52;51")
    came = imported(PEOPLE, me)

    undo_import(came, actor=me)

    assert (involved(deal, me), Contact.objects.count()) == ([], 0)
    assert sorted(waiting()) == ["contact 51 of hubspot", "contact 52 of hubspot"]


def test_revops_may_call_the_tie_otherwise(me: Actor) -> None:
    imported(PEOPLE, me)
    deals(me, "52;51")
    update_relation(Relation.objects.get(), changes={"label": "Sits in the committee"}, actor=SYSTEM)

    deal = deals(me, "52;53")

    assert involved(deal, me) == ["Sits in the committee: Ada Young", "Sits in the committee: Cy Moss"]


def test_a_deal_that_the_importing_person_may_not_change_gets_nobody(me: Actor) -> None:
    imported(PEOPLE, me)
    deal = deals(me, "52")
    update_deal(deal, changes={"owner": a_user(), "team": None}, actor=SYSTEM)

    batch = imported(DEALS.format(people="52;51").encode(), me)

    assert (batch.result["rejected"], RelationLink.objects.count()) == (1, 0)
