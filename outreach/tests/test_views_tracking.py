from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from crm.models import Contact
from outreach.channels.email.links import click_url, trap_url
from outreach.models import Engagement, Touch
from outreach.selectors.suppression import is_suppressed
from outreach.tests.answering import a_written_to, state_of

pytestmark = pytest.mark.django_db
PERSON = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
TARGET = "https://ours.example/proof?utm_source=mail&utm_campaign=fintech&x=1"


@pytest.fixture
def touch():
    (sent,) = a_written_to()
    Touch.objects.filter(pk=sent.pk).update(handed_at=timezone.now() - timedelta(minutes=5))
    return sent


@pytest.fixture
def bare():
    """A client without cookies that is asked for them where they are needed."""
    return Client(enforce_csrf_checks=True)


def link(url):
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


def test_a_person_who_opens_counts_once(touch, bare):
    answers = [bare.get(f"/t/o/{touch.token}.gif", headers=PERSON) for _ in range(2)]

    sent, _ = state_of(touch)
    assert [answer["Content-Type"] for answer in answers] == ["image/gif"] * 2
    assert "no-store" in answers[0]["Cache-Control"]
    assert not answers[0].cookies
    assert sent.opened_at == Engagement.objects.earliest("id").happened_at
    assert (sent.machine_opens, Engagement.objects.count()) == (0, 2)


def test_a_token_that_nobody_knows_gets_the_same_picture(bare):
    answer = bare.get("/t/o/nobody-knows-this.gif", headers=PERSON)

    assert (answer.status_code, answer["Content-Type"], Engagement.objects.count()) == (200, "image/gif", 0)


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"User-Agent": "Mozilla/5.0"}, "Apple Mail Privacy Protection"),
        ({"User-Agent": ""}, "names no program"),
        ({"User-Agent": "Barracuda Sentinel (EE)"}, "a scanner: barracuda"),
        ({"User-Agent": "python-requests/2.32"}, "a scanner: python"),
        ({**PERSON, "Sec-Purpose": "prefetch"}, "a prefetch by its own word"),
    ],
)
def test_machines_that_open_do_not_count(touch, bare, headers, reason):
    bare.get(f"/t/o/{touch.token}.gif", headers=headers)

    sent, _ = state_of(touch)
    assert (sent.opened_at, sent.machine_opens) == (None, 1)
    assert Engagement.objects.get().machine_reason == reason


def test_asking_for_headers_only_does_not_count(touch, bare):
    bare.head(f"/t/o/{touch.token}.gif", headers=PERSON)

    assert (state_of(touch)[0].opened_at, Engagement.objects.get().is_machine) == (None, True)


def test_nobody_opens_within_two_seconds_of_sending(touch, bare):
    Touch.objects.filter(pk=touch.pk).update(handed_at=timezone.now())

    bare.get(f"/t/o/{touch.token}.gif", headers=PERSON)

    assert (state_of(touch)[0].opened_at, Engagement.objects.get().is_machine) == (None, True)


def test_a_click_leads_where_the_mail_says_and_keeps_its_origin(touch, bare):
    answer = bare.get(link(click_url(touch.token, TARGET)), headers=PERSON)

    assert (answer.status_code, answer["Location"], dict(answer.cookies)) == (302, TARGET, {})
    assert state_of(touch)[0].clicked_at == Engagement.objects.get().happened_at
    assert Engagement.objects.get().utm == {"utm_source": "mail", "utm_campaign": "fintech"}


def test_a_changed_link_leads_nowhere(touch, bare):
    other = a_written_to()[0]
    signed = parse_qs(urlsplit(click_url(touch.token, TARGET)).query)["u"][0]
    changed = [
        (touch.token, signed.replace("ours.example", "evil.example")),
        (touch.token, "https://evil.example/"),
        (touch.token, ""),
        (other.token, signed),
        ("nobody", signed),
    ]

    answers = [bare.get(f"/t/c/{token}/", {"u": url}, headers=PERSON) for token, url in changed]

    assert [answer.status_code for answer in answers] == [404] * 5
    assert Engagement.objects.count() == 0


def test_who_follows_two_links_within_a_second_is_a_machine(touch, bare):
    for url in (TARGET, "https://ours.example/other"):
        bare.get(link(click_url(touch.token, url)), headers=PERSON)

    sent, _ = state_of(touch)
    assert (sent.clicked_at, sent.machine_clicks) == (None, 2)


def test_who_follows_the_hidden_link_is_a_machine(touch, bare):
    bare.get(link(click_url(touch.token, TARGET)), headers=PERSON)

    answer = bare.get(link(trap_url(touch.token)), headers=PERSON)

    sent, _ = state_of(touch)
    assert (answer.status_code, sent.clicked_at, sent.machine_clicks) == (204, None, 2)


def test_an_open_proves_that_a_doubtful_mail_has_left(touch, bare):
    Touch.objects.filter(pk=touch.pk).update(state="in_doubt", sent_at=None)

    bare.get(f"/t/o/{touch.token}.gif", headers={"User-Agent": "Mozilla/5.0"})

    assert state_of(touch)[0].state == "sent"


def test_looking_at_the_way_out_never_unsubscribes(touch, bare):
    shown = bare.get(f"/u/{touch.token}/", headers=PERSON)
    bare.head(f"/u/{touch.token}/", headers={"User-Agent": "Barracuda"})

    assert touch.recipient in shown.content.decode()
    assert (state_of(touch)[0].unsubscribed_at, is_suppressed(touch.recipient)) == (None, False)


def test_one_click_by_a_bare_program_unsubscribes_at_once(touch, bare):
    answers = [bare.post(f"/u/{touch.token}/", {"List-Unsubscribe": "One-Click"}) for _ in range(2)]

    sent, enrollment = state_of(touch)
    assert [answer.status_code for answer in answers] == [200, 200]
    assert not answers[0].cookies
    assert (enrollment.state, enrollment.outcome) == ("finished", "unsubscribed")
    assert Contact.objects.get(pk=touch.contact_id).opted_out_at == sent.unsubscribed_at
    assert is_suppressed(touch.recipient)


def test_the_button_of_the_page_unsubscribes_without_a_cookie(touch, bare):
    answer = bare.post(f"/u/{touch.token}/")

    assert "You are unsubscribed" in answer.content.decode()
    assert is_suppressed(touch.recipient)


def test_a_way_out_that_nobody_knows_is_not_found(bare):
    answers = [bare.get("/u/nobody/"), bare.post("/u/nobody/", {"List-Unsubscribe": "One-Click"})]

    assert [answer.status_code for answer in answers] == [404, 404]
