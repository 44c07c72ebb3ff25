"""Pages of mail providers."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from gtmos.kernel.history.models import Change
from gtmos.kernel.people.models import Role
from gtmos.kernel.privacy.holdings import Person
from gtmos.kernel.secrets import unseal
from gtmos.kernel.tests.builders import a_user
from outreach.models import EmailProvider, ProviderEvent, ProviderPost
from outreach.personal_data import _empty_posts
from outreach.selectors.providers import waiting_posts
from outreach.tests.provider_builders import MAILGUN_KEY, connected, sent_by, verification_key

pytestmark = pytest.mark.django_db
PLACE = "/settings/mail-providers/"


@pytest.fixture
def browser(client: Client) -> Client:
    client.force_login(a_user(role=Role.REVOPS))
    return client


def a_parked(row: EmailProvider, key: str, **fields) -> ProviderEvent:
    return ProviderEvent.objects.create(
        provider=row, key=key, kind="delivered", happened_at=timezone.now(), state="parked", **fields
    )


def test_a_key_is_kept_sealed_and_never_shown(browser):
    shown = browser.post(f"{PLACE}mailgun/", {"signing_key": f" {MAILGUN_KEY}\n"})
    again = browser.get(f"{PLACE}mailgun/")

    row = EmailProvider.objects.get()
    assert (shown.status_code, unseal(row.signing_key), row.credentials) == (200, MAILGUN_KEY, "")
    assert MAILGUN_KEY not in row.signing_key + shown.content.decode() + again.content.decode()
    assert Change.objects.get(subject_id=row.pk).summary == "Connected Mailgun"


def test_a_password_is_made_and_shown_once(browser):
    shown = browser.post(f"{PLACE}postmark/", {})
    again = browser.get(f"{PLACE}postmark/")

    (password,) = re.findall(r'data-copy="([\w-]{30,})"', shown.content.decode())
    assert unseal(EmailProvider.objects.get().credentials) == f"gtmos:{password}"
    assert (shown["Cache-Control"], password in again.content.decode()) == ("no-store", False)


@pytest.mark.parametrize("key", ["", "no key", "é"])
def test_what_is_no_key_is_told_on_the_form_and_nothing_is_kept(key, browser):
    answer = browser.post(f"{PLACE}sendgrid/", {"signing_key": key})

    assert (answer.status_code, EmailProvider.objects.count()) == (422, 0)


def test_the_addresses_to_enter_stand_on_the_page(browser):
    text = browser.get(f"{PLACE}sendgrid/").content.decode()

    assert ("/hooks/email/sendgrid/<" in text, "/hooks/email/sendgrid/inbound/<" in text) == (True, True)


def test_a_disconnected_provider_is_refused_and_what_it_told_stays(browser):
    row, _ = connected("sendgrid")
    a_parked(row, "a")

    browser.post(f"{PLACE}sendgrid/change/", {"verb": "disconnect"})

    row.refresh_from_db()
    assert (row.signing_key, row.credentials, ProviderEvent.objects.count()) == ("", "", 1)
    assert sent_by("sendgrid", b"[]", {}).status_code == 404


def test_how_a_provider_does_is_counted(browser):
    row, _ = connected("mailgun")
    sent_by("mailgun", b"{}", {})
    a_parked(row, "a")
    a_parked(row, "b")
    ProviderPost.objects.create(
        provider=row, kind="tracking", digest="a", body=b"", received_at=timezone.now(), error="KeyError: 'x'"
    )

    text = browser.get(f"{PLACE}mailgun/").content.decode()

    assert ("Waiting for their mail: 2" in text, "Refused: 1" in text, "KeyError" in text) == (
        True,
        True,
        True,
    )


def test_parked_facts_are_looked_for_at_once_when_asked(browser):
    row, _ = connected("mailgun")
    parked = a_parked(row, "a", next_at=None)

    browser.post(f"{PLACE}mailgun/change/", {"verb": "look"})

    parked.refresh_from_db()
    assert parked.next_at <= timezone.now()


def a_post(row: EmailProvider, digest: str, **fields) -> ProviderPost:
    return ProviderPost.objects.create(
        provider=row, kind="tracking", digest=digest, body=b"{}", received_at=timezone.now(), **fields
    )


def test_posts_that_were_given_up_are_tried_again_when_asked(browser):
    row, _ = connected("mailgun")
    a_post(row, "a", attempts=5)
    before = waiting_posts().count(), "Try again" in browser.get(f"{PLACE}mailgun/").content.decode()

    browser.post(f"{PLACE}mailgun/change/", {"verb": "try_again"})

    after = waiting_posts().count(), "Try again" in browser.get(f"{PLACE}mailgun/").content.decode()
    assert (before, after) == ((0, True), (1, False))


def test_a_post_that_failed_is_tried_again_later_each_time():
    row, _ = connected("mailgun")
    for attempts, minutes in ((1, 0), (1, 1), (2, 1), (2, 3), (3, 3), (4, 60)):
        post = a_post(row, f"{attempts} after {minutes} minutes", attempts=attempts)
        ProviderPost.objects.filter(pk=post.pk).update(
            received_at=timezone.now() - timedelta(minutes=minutes)
        )

    assert [each.digest for each in waiting_posts()] == ["1 after 1 minutes", "2 after 3 minutes"]


def test_erasure_empties_posts_that_were_given_up():
    row, _ = connected("mailgun")
    given_up, waiting = a_post(row, "a", attempts=5), a_post(row, "b")

    _empty_posts([given_up.pk, waiting.pk], Person(uuid4()))

    assert list(ProviderPost.objects.order_by("pk").values_list("body", flat=True)) == [b"", b"{}"]


def test_a_page_asks_as_much_with_many_providers_as_with_one(browser):
    counts = []
    for keys in (["mailgun"], ["sendgrid", "postmark"]):
        for key in keys:
            row, _ = connected(key)
            a_parked(row, key)
        browser.get(PLACE)
        with CaptureQueriesContext(connection) as asked:
            browser.get(PLACE)
        counts.append(len(asked))

    assert counts[0] == counts[1]


@pytest.mark.parametrize("role", [Role.AE, Role.MARKETING, Role.EXECUTIVE])
def test_who_does_not_configure_finds_no_such_page_and_changes_nothing(role, client):
    connected("mailgun")
    client.force_login(a_user(role=role))

    answers = [
        client.get(PLACE),
        client.get(f"{PLACE}mailgun/"),
        client.post(f"{PLACE}sendgrid/", {"signing_key": verification_key()}),
        client.post(f"{PLACE}mailgun/change/", {"verb": "disconnect"}),
        client.post(f"{PLACE}mailgun/change/", {"verb": "try_again"}),
    ]

    assert [answer.status_code for answer in answers] == [404] * 5
    assert [row.key for row in EmailProvider.objects.exclude(signing_key="")] == ["mailgun"]
