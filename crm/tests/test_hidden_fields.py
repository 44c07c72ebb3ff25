"""What a role may not see is not confirmed by typing it, not brought in by a file and not in a sum."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from crm.models import Company, Contact
from crm.selectors.companies import named_company
from crm.selectors.duplicates import companies_like, contacts_like
from crm.selectors.hierarchy import family
from crm.selectors.lists import companies_matching, contacts_matching
from crm.services.importing import run_import
from crm.tests.builders import a_company, a_contact, a_deal
from crm.tests.import_builders import started
from crm.tests.test_roles import ann
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.exceptions import NotFoundError, NotPermittedError
from gtmos.kernel.people.access_models import AccessRole
from gtmos.kernel.people.access_services import change_role
from gtmos.kernel.tests.api_client import Api

pytestmark = pytest.mark.django_db
SENTENCE = (
    "Ann may not change email: the role Careful has no right to it. "
    "Choose “Line: ignored” for the column “Email”. Nothing was imported."
)


@pytest.fixture
def careful() -> Actor:
    return ann(fields={"contact.email": "hidden", "company.domain": "hidden"})


@pytest.mark.parametrize("text", ["pat.stone@secret.example", "pat.st", "secret.example"])
def test_a_hidden_address_is_not_found_by_typing_it(client: Client, careful: Actor, text: str) -> None:
    person = a_contact(name="Pat Stone", email="pat.stone@secret.example")
    client.force_login(careful.user)

    page = client.get(reverse("crm:contacts"), {"q": text}).content.decode()
    api = Api.of(careful.user)

    assert list(contacts_matching(text, actor=careful)) == []
    assert list(contacts_matching(text, actor=SYSTEM)) == [person]
    assert "Pat Stone" not in page
    assert api.get("contacts", q=text).json()["results"] == []
    assert api.get("contacts", email="pat.stone@secret.example").status_code == 400
    assert list(contacts_matching("Pat St", actor=careful)) == [person]


def test_nor_a_hidden_domain_nor_by_what_resembles_a_new_record(careful: Actor) -> None:
    company = a_company(name="Stoneworks", domain="secret.example")
    a_contact(name="Pat Stone", email="pat.stone@secret.example", company=company)

    assert list(companies_matching("secret.exa", actor=careful)) == []
    assert companies_like(name="Else", website="secret.example", actor=careful) == []
    assert contacts_like(name="Else", email="pat.stone@secret.example", actor=careful) == []
    with pytest.raises(NotFoundError):
        named_company("secret.example", actor=careful)
    assert named_company("stoneworks", actor=careful) == company


@pytest.mark.usefixtures("import_files")
@pytest.mark.parametrize("word", ["hidden", "read_only"])
def test_a_file_with_a_column_that_may_not_be_changed_is_refused_whole(client: Client, word: str) -> None:
    actor = ann(fields={"contact.email": word})
    raw = b"Full name,Email,Company\nPat Stone,pat@stone.example,Stoneworks\n"
    client.force_login(actor.user)

    with pytest.raises(NotPermittedError) as refused:
        started(raw, actor, into="contacts")
    address = _uploaded(client, raw)
    shown = client.get(address).content.decode()
    start_url = f"{address}start/"
    page = client.post(start_url)
    ignored = client.post(start_url, {"target-1": "line.ignored"})

    assert str(refused.value) == SENTENCE
    assert ("Choose “Line: ignored” for the column “Email”" in shown, page.status_code) == (True, 403)
    assert (Contact.objects.count(), Company.objects.count(), ignored.status_code) == (0, 0, 200)


def _uploaded(client: Client, raw: bytes) -> str:
    file = SimpleUploadedFile("list.csv", raw)
    return client.post(reverse("crm:import-upload"), {"file": file, "into": "contacts"})["Location"]


@pytest.mark.usefixtures("import_files")
def test_a_right_that_is_taken_away_after_the_start_stops_the_import() -> None:
    actor = ann(fields={})
    batch = started(b"Company,Company domain\nStoneworks,secret.example\n", actor, into="companies")
    role = AccessRole.objects.get()
    change_role(role, changes={"fields": {"company.domain": "hidden"}}, actor=SYSTEM)

    done = run_import(batch.pk)

    assert (done.state, done.error.split(":")[0]) == ("failed", "Ann may not change domain")
    assert Company.objects.count() == 0


def test_a_group_is_not_added_up_for_who_may_not_see_amounts() -> None:
    actor = ann(fields={"deal.deal_amount": "hidden"})
    top = a_company(name="Top")
    a_deal(company=a_company(name="Below", parent=top), amount=48123)

    told, whole = family(top, actor=actor), family(top, actor=SYSTEM)

    assert (told.open_count, told.open_total, [each.open_total for each in told.members]) == (
        1,
        None,
        [None, None],
    )
    assert whole.open_total.amount == 48123
