"""Colleagues talk about a record: who reads it, who is told, what is new to whom."""

import pytest
from django.test import Client
from django.urls import reverse

from crm.models import ColleagueMessage
from crm.selectors.conversations import conversation, visible_messages
from crm.services.conversations import delete_message, post_message, read_messages
from crm.tests.builders import a_company, a_contact, a_deal
from gtmos.kernel.actors import Actor
from gtmos.kernel.events.models import EventRecord
from gtmos.kernel.exceptions import InvalidInputError, NotFoundError, NotPermittedError
from gtmos.kernel.history.models import Change
from gtmos.kernel.notifications.models import Notification
from gtmos.kernel.people.models import Role, Team
from gtmos.kernel.tests.api_client import Api
from gtmos.kernel.tests.builders import a_team, a_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def team() -> Team:
    return a_team()


@pytest.fixture
def ada(team: Team) -> Actor:
    return Actor.of(a_user(name="Ada Byron", team=team))


@pytest.fixture
def bo(team: Team) -> Actor:
    return Actor.of(a_user(name="Bo Lund", team=team))


def test_a_message_is_read_by_whoever_sees_the_record_and_by_nobody_else(ada: Actor, bo: Actor) -> None:
    stranger = Actor.of(a_user(team=a_team()))
    company = a_company(actor=ada)
    post_message(company, text="I know David from before", actor=ada)

    assert [each.text for each in visible_messages(actor=bo)] == ["I know David from before"]
    assert list(visible_messages(actor=stranger)) == []
    with pytest.raises(NotFoundError):
        post_message(company, text="Hello", actor=stranger)


def test_a_message_about_a_person_or_a_deal_stays_with_it(ada: Actor, bo: Actor) -> None:
    contact = a_contact(actor=ada)
    deal = a_deal(actor=ada, company=contact.company)
    post_message(contact, text="Called twice", actor=ada)
    post_message(deal, text="Needs legal", actor=ada)

    told = [[each.text for each in conversation(record, actor=bo).messages] for record in (contact, deal)]

    assert told == [["Called twice"], ["Needs legal"]]
    assert conversation(contact.company, actor=bo).messages == []


def test_what_others_said_is_new_until_it_was_read(ada: Actor, bo: Actor) -> None:
    company = a_company(actor=ada)
    post_message(company, text="One", actor=ada)
    post_message(company, text="Two", actor=ada)

    before = (conversation(company, actor=bo).unread, conversation(company, actor=ada).unread)
    read_messages(company, actor=bo)
    after = conversation(company, actor=bo).unread
    post_message(company, text="Three", actor=ada)

    assert (before, after, conversation(company, actor=bo).unread) == ((2, 0), 0, 1)


def test_the_fact_names_whom_the_text_names_and_only_who_may_see_the_record(ada: Actor, bo: Actor) -> None:
    a_user(name="Cy Far", team=a_team())
    company = a_company(actor=ada)

    post_message(company, text="@Bo please call, @Cy too", actor=ada)

    fact = EventRecord.objects.get(name="crm.colleague_message_posted")
    assert bo.user is not None
    assert (fact.subject_id, fact.payload["mentioned_ids"]) == (company.pk, [str(bo.user.pk)])


def test_only_its_author_takes_a_message_back_and_the_history_keeps_it(ada: Actor, bo: Actor) -> None:
    message = post_message(a_company(actor=ada), text="Wrong account", actor=ada)

    with pytest.raises(NotPermittedError):
        delete_message(message, actor=bo)
    delete_message(message, actor=ada)

    change = Change.objects.get(subject_id=message.pk, change_category="DELETED")
    assert (ColleagueMessage.objects.count(), change.previous_values) == (0, {"text": "Wrong account"})


@pytest.mark.parametrize("text", ["  ", "x" * 5001])
def test_nothing_and_far_too_much_are_refused(text: str, ada: Actor) -> None:
    with pytest.raises(InvalidInputError):
        post_message(a_company(actor=ada), text=text, actor=ada)


def test_a_viewer_reads_and_does_not_write(ada: Actor, team: Team) -> None:
    company = a_company(actor=ada)
    viewer = Actor.of(a_user(role=Role.VIEWER, team=team))

    with pytest.raises(NotPermittedError):
        post_message(company, text="Hello", actor=viewer)


def test_the_page_shows_what_was_said_and_the_line_to_write(client: Client, ada: Actor, bo: Actor) -> None:
    company = a_company(actor=ada, name="Acme")
    post_message(company, text="<b>Ask</b> for legal", actor=ada)
    assert bo.user is not None
    client.force_login(bo.user)
    url = reverse("crm:company-messages", args=[company.pk])

    card = client.get(url, {"card": "1"}).content.decode()
    said = client.post(url, {"text": "Will do"}).content.decode()
    read = client.post(reverse("crm:company-messages-read", args=[company.pk])).content.decode()

    assert ("&lt;b&gt;Ask&lt;/b&gt; for legal" in card, "1 new" in card, "<textarea" in card) == (
        True,
        True,
        True,
    )
    assert ("Will do" in said, "1 new" in read) == (True, False)


def test_programs_read_and_write_what_colleagues_say(ada: Actor) -> None:
    company = a_company(actor=ada)
    assert ada.user is not None
    api = Api.of(ada.user)

    made = api.post(f"companies/{company.pk}/messages", {"text": "From a program"})
    told = api.get(f"companies/{company.pk}/messages").json()

    assert (made.status_code, made.json()["text"]) == (201, "From a program")
    assert ([each["text"] for each in told["results"]], told["unread"]) == (["From a program"], 0)


def test_whom_a_message_names_is_told_with_the_way_to_the_record(ada: Actor, bo: Actor) -> None:
    company = a_company(actor=ada, name="Acme")

    post_message(company, text="@Bo please call", actor=ada)

    notice = Notification.objects.get()
    assert (notice.person, notice.title) == (bo.user, "Ada Byron named you about Acme")
    assert notice.url == reverse("crm:company", args=[company.pk])
