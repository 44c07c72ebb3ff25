"""A record that is made by hand is tied at once to what files said about it before it was there."""

import pytest

from crm.models import Company, Contact, Deal, PendingLink
from crm.services.batches import Row, write_batch
from crm.services.companies import create_company, update_company
from crm.services.contacts import create_contact, update_contact
from crm.tests.import_builders import imported
from crm.tests.moving import waiting
from gtmos.kernel.actors import Actor
from gtmos.kernel.fields.relations import ties_of
from gtmos.kernel.fields.services.locks import lock_fields
from gtmos.kernel.history.models import Change
from gtmos.kernel.tests.builders import an_actor

pytestmark = pytest.mark.django_db
DEAL = b"Deal Name,Deal Stage,Amount,Contact Email\nBig,Lead,5,ada@a.example;bo@a.example\n"
BELOW = b"Company,Website,Parent Company\nBelow,below.example,Above\n"
PERSON = b"Record ID,First Name,Last Name,Email,Lifecycle Stage,Associated Company IDs (Primary)\n51,Ada,Young,ada@a.example,lead,9001\n"


def test_a_person_made_by_hand_becomes_the_contact_of_the_deal_that_waited(me: Actor) -> None:
    imported(DEAL, me)

    create_contact(name="Ada", email="Ada@a.example", actor=me)
    create_contact(name="Bo", email="bo@a.example", actor=me)

    deal = Deal.objects.get()
    assert (str(deal.contact), [tie.name for tie in ties_of(deal, actor=me)]) == ("Ada", ["Bo"])
    assert waiting() == []


def test_an_address_that_is_given_later_ties_too(me: Actor) -> None:
    imported(DEAL, me)
    ada = create_contact(name="Ada", actor=me)

    update_contact(ada, changes={"email": "ada@a.example"}, actor=me)

    assert Deal.objects.get().contact == ada


def test_a_company_made_by_hand_stands_above_those_that_named_it(me: Actor) -> None:
    imported(BELOW, me)
    waited = waiting()

    above = create_company("Above", actor=me)

    below = Company.objects.get(name="Below")
    assert (waited, below.parent, waiting()) == (["parent above of name"], above, [])
    assert Change.objects.get(subject_id=below.pk, changed_fields=["parent"]).source == "import"


def test_a_company_that_is_renamed_is_found_too(me: Actor) -> None:
    imported(BELOW, me)
    above = create_company("Old name", actor=me)

    update_company(above, changes={"name": "ABOVE"}, actor=me)

    assert Company.objects.get(name="Below").parent == above


def test_a_company_with_the_key_of_a_plain_list_gets_the_people_that_named_it(me: Actor) -> None:
    imported(b"Name,Email,Account ID\nAda,ada@a.example,A-1\n", me)

    acme = create_company("Acme", external_id="A-1", actor=me)

    assert (Contact.objects.get().company, waiting()) == (acme, [])


def test_a_number_of_another_system_says_nothing(me: Actor) -> None:
    imported(PERSON, me)

    create_company("Acme", external_id="9001", actor=me)

    assert (Contact.objects.get().company, waiting()) == (None, ["company 9001 of hubspot"])


def test_a_batch_of_the_api_ties_as_one_record_does(me: Actor) -> None:
    imported(DEAL, me)

    row = Row("ada@a.example", {"name": "Ada", "email": "ada@a.example"})
    write_batch("contact", [row], operation="create", match_on="email", actor=me)

    assert str(Deal.objects.get().contact) == "Ada"


def test_what_a_person_locked_goes_on_waiting(me: Actor) -> None:
    imported(DEAL, me)
    lock_fields(Deal.objects.get(), ["contact"], actor=me)

    create_contact(name="Ada", email="ada@a.example", actor=me)

    assert Deal.objects.get().contact is None
    assert PendingLink.objects.get(place=0).tied_by is None


def test_somebody_who_may_not_see_the_deal_does_not_change_it(me: Actor) -> None:
    imported(DEAL, me)

    create_contact(name="Ada", email="ada@a.example", actor=an_actor())

    assert Deal.objects.get().contact is None
    assert len(waiting()) == 2
