"""Pages and addresses for programs, where what was read is looked at and decided on."""

import pytest
from django.test import Client
from django.urls import reverse

from crm.models import Company, Contact, Deal, Reading
from crm.services.activities import log_activity
from crm.services.pipelines import ensure_default_pipeline
from crm.services.readings import read_text
from crm.tests.builders import a_company
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.people.models import User
from gtmos.kernel.tests.api_client import Api
from gtmos.kernel.tests.builders import a_team, a_user

pytestmark = pytest.mark.django_db
MET_ANA = "Met Ana, CFO at Acme, budget 40k, wants pilot in May"


@pytest.fixture
def me(client: Client) -> User:
    ensure_default_pipeline(actor=SYSTEM)
    user = a_user(team=a_team())
    client.force_login(user)
    return user


def test_a_saved_note_says_how_many_changes_were_found_and_leads_to_them(client: Client, me: User) -> None:
    company = a_company(name="Acme", actor=Actor.of(me))

    client.post(reverse("crm:company-note", args=[company.pk]), {"text": MET_ANA})
    saved = client.get(reverse("crm:company-timeline", args=[company.pk])).content.decode()
    note = Reading.objects.get().activity_id
    page = client.get(reverse("crm:activity-reading", args=[note]), follow=True).content.decode()
    itself = client.get(reverse("crm:note", args=[note])).content.decode()

    assert ["2 changes found: look" in each for each in (saved, itself)] == [True, True]
    assert ["New contact: Ana" in page, "New deal: Acme pilot" in page, "$40,000" in page] == [True] * 3


def test_changes_are_accepted_rejected_and_taken_back_on_their_page(client: Client, me: User) -> None:
    reading = read_text(MET_ANA, actor=Actor.of(me))
    _, contact, deal = reading.proposals.all()

    client.post(reverse("crm:proposal", args=[deal.pk, "reject"]))
    early = client.post(reverse("crm:proposal", args=[contact.pk, "accept"]))
    done = client.post(reverse("crm:reading-all", args=[reading.pk, "accept"]))
    counts = (Company.objects.count(), Contact.objects.count(), Deal.objects.count())
    undone = client.post(reverse("crm:reading-all", args=[reading.pk, "undo"]))

    assert (early.status_code, counts) == (409, (1, 1, 0))
    assert [
        "2 changes accepted." in done.headers["HX-Trigger"],
        "2 changes taken back." in undone.headers["HX-Trigger"],
    ] == [True, True]
    assert Company.objects.count() == 0


def test_the_queue_shows_what_waits_and_what_contradicts(client: Client, me: User) -> None:
    a_company(name="Acme", employee_size=100, actor=Actor.of(me))
    for text in ("Acme has 250 employees", "Had coffee with Dave. Nice guy.", "Met Bo Lund, CTO at Globex"):
        read_text(text, actor=Actor.of(me))

    shown = {
        view: client.get(reverse("crm:readings"), {"view": view}).content.decode()
        for view in ("waiting", "conflicts", "log")
    }
    mails = client.get(reverse("crm:readings"), {"view": "log", "type": "email"}).content.decode()

    words = ("250 employees", "Dave", "Globex")
    assert [[word in shown[view] for word in words] for view in shown] == [
        [True, False, True],
        [True, False, False],
        [True, True, True],
    ]
    assert [word in mails for word in words] == [False] * 3


def test_a_pasted_text_and_a_mail_are_read_with_a_click(client: Client, me: User) -> None:
    company = a_company(name="Acme", actor=Actor.of(me))
    mail = log_activity(
        type="email", subject="Hello", body=MET_ANA, company=company, is_untrusted=True, actor=Actor.of(me)
    )

    pasted = client.post(reverse("crm:readings-read"), {"text": MET_ANA})
    read = client.post(reverse("crm:activity-reading", args=[mail.pk]), headers={"HX-Request": "true"})
    empty = client.post(reverse("crm:readings-read"), {"text": " "})
    timeline = client.get(reverse("crm:company-timeline", args=[company.pk])).content.decode()
    page = client.get(read.headers["HX-Redirect"]).content.decode()

    assert (pasted.status_code, empty.status_code, Reading.objects.count()) == (302, 422, 2)
    assert ("2 changes found: look" in timeline, "From outside" in page) == (True, True)


def test_programs_have_a_text_read_and_decide(me: User) -> None:
    api = Api.of(me)

    made = api.post("readings", {"text": MET_ANA})
    body = made.json()
    first = body["proposals"][0]["id"]
    post = {"content_type": "application/json", "headers": api.headers}
    accepted = api.client.post(f"/api/v1/proposals/{first}/accept/", {}, **post).json()
    rest = api.client.post(f"/api/v1/readings/{body['id']}/accept/", {}, **post).json()
    again = api.client.post(f"/api/v1/proposals/{first}/reject/", {}, **post)

    assert (made.status_code, [each["kind"] for each in body["proposals"]]) == (
        201,
        ["create_company", "create_contact", "create_deal"],
    )
    assert (accepted["state"], len(rest["done"]), rest["refused"], again.status_code) == (
        "accepted",
        2,
        [],
        409,
    )
