"""The page of domain health: each domain with its checks, its mailboxes, and what is still to be done."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from gtmos.kernel import clock, wording
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.exceptions import InvalidInputError
from gtmos.kernel.people.models import Role, User
from gtmos.kernel.tests.builders import a_team, a_user
from gtmos.workspace.selectors.topics import may_follow
from outreach.models import InboundMail, Mailbox, MailboxDay, SendingDomain
from outreach.services.domain_checks import check_due_domains
from outreach.services.domains import update_domain
from outreach.services.mailboxes import save_mailbox

pytestmark = pytest.mark.django_db
PAGE = "outreach:domains"


def a_sender(address: str, *, owner: User | None = None) -> Mailbox:
    values = {"address": address, "display_name": "Kim", "owner": owner, "daily_cap": 40}
    return save_mailbox(Mailbox(), changes=values, actor=SYSTEM)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def shown(client: Client) -> str:
    return client.get(reverse(PAGE)).content.decode()


def test_a_domain_stands_there_with_its_checks_and_what_of_today_is_used():
    mailbox = a_sender("kim@ours.example")
    MailboxDay.objects.create(mailbox=mailbox, day=clock.now().date(), used=7, cap=40)
    check_due_domains()

    page = shown(signed_in(a_user(role=Role.REVOPS)))

    assert "7 of 40 today" in page
    assert "v=spf1 include:_spf.sandbox.example ~all" in page
    assert "these are the sandbox's own answers" in page
    assert "Checking…" not in page


def test_a_domain_that_nobody_looked_at_yet_says_so():
    a_sender("kim@ours.example")

    page = shown(signed_in(a_user(role=Role.REVOPS)))

    assert "Checking…" in page
    assert "Its records were not looked at yet." in page


def test_who_configures_asks_for_a_check_and_sees_that_it_is_under_way():
    a_sender("kim@ours.example")
    check_due_domains()
    domain = SendingDomain.objects.get()

    answer = signed_in(a_user(role=Role.REVOPS)).post(reverse("outreach:domain-check", args=[domain.pk]))

    domain.refresh_from_db()
    assert answer.status_code == 200
    assert "Checking…" in answer.content.decode()
    assert domain.wanted_at is not None


def test_a_rep_sees_the_domains_of_mailboxes_that_are_theirs_and_asks_for_nothing():
    rep, other = a_user(role=Role.AE, team=a_team()), a_user(role=Role.AE, team=a_team())
    a_sender("kim@ours.example", owner=rep)
    a_sender("ann@theirs.example", owner=other)
    client = signed_in(rep)
    ours, theirs = SendingDomain.objects.order_by("name")

    page = shown(client)
    answers = [
        client.post(reverse("outreach:domain-check", args=[each.pk])).status_code for each in (ours, theirs)
    ]

    assert "ours.example" in page
    assert "theirs.example" not in page
    assert "Check again" not in page
    assert answers == [403, 404]
    assert [may_follow("domain", each.pk, actor=Actor.of(rep)) for each in (ours, theirs)] == [True, False]
    assert SendingDomain.objects.filter(wanted_at__isnull=False).count() == 0


def test_without_a_domain_the_page_says_how_the_first_comes():
    assert "Add a mailbox" in shown(signed_in(a_user(role=Role.REVOPS)))
    assert "No domain sends for you yet" in shown(signed_in(a_user(role=Role.AE)))


def test_three_domains_cost_no_more_statements_than_one(django_assert_max_num_queries):
    client = signed_in(a_user(role=Role.REVOPS))
    a_sender("kim@one.example")
    shown(client)
    with django_assert_max_num_queries(100) as one:
        shown(client)
    for name in ("two", "three"):
        a_sender(f"kim@{name}.example")
        a_sender(f"ann@{name}.example")

    with django_assert_max_num_queries(len(one)):
        shown(client)


def test_what_is_still_missing_before_sending_is_listed_with_evidence():
    a_sender("kim@ours.example")
    check_due_domains()

    answer = signed_in(a_user(role=Role.REVOPS)).get(reverse(PAGE))

    assert [each["key"] for each in answer.context["ready"]] == [
        "spf", "dkim", "dmarc", "mx", "postal", "unsubscribe", "access", "inbox", "calendar",
    ]  # fmt: skip
    states = {each["key"]: each["state"] for each in answer.context["ready"]}
    assert (states["mx"], states["postal"], states["access"]) == ("pass", "fail", "unknown")


def test_a_warm_up_is_drawn_and_said_and_the_cap_of_the_domain_stands_there():
    mailbox = a_sender("kim@ours.example")
    today = clock.now().date()
    changes = {"ramp_from": today - timedelta(days=1), "ramp_first": 10, "ramp_step": 5}
    save_mailbox(mailbox, changes=changes, actor=SYSTEM)
    update_domain(SendingDomain.objects.get(), changes={"daily_cap": 300}, actor=SYSTEM)

    page = shown(signed_in(a_user(role=Role.REVOPS)))

    top = today + timedelta(days=5)
    assert f"Warm-up: 15 today, 5 more every day, 40 from {top:%d %B} on." in page
    assert "0 of 15 today" in page
    assert "0 of 300 today" in page
    assert '<figure class="columns">' in page


def test_a_warm_up_that_is_over_is_said_and_no_longer_drawn():
    mailbox = a_sender("kim@ours.example")
    first = clock.now().date() - timedelta(days=30)
    save_mailbox(mailbox, changes={"ramp_from": first, "ramp_first": 10, "ramp_step": 5}, actor=SYSTEM)

    page = shown(signed_in(a_user(role=Role.REVOPS)))

    assert f"The warm-up ended on {first + timedelta(days=6):%d %B}: 40 a day since then." in page
    assert '<figure class="columns">' not in page


@pytest.mark.parametrize("changes", [{"ramp_step": 0}, {"ramp_first": -1}])
def test_a_warm_up_that_cannot_be_is_refused_and_changes_nothing(changes):
    mailbox = a_sender("kim@ours.example")
    before = Mailbox.objects.values().get()

    with pytest.raises(InvalidInputError):
        save_mailbox(mailbox, changes=changes, actor=SYSTEM)

    assert Mailbox.objects.values().get() == before


@pytest.mark.parametrize("daily_cap", [40, 2_000_000_000])
def test_a_warm_up_that_ends_beyond_every_calendar_is_shown_all_the_same(daily_cap):
    """As a database may hold it from before the caps were bounded; a first day may lie at the end of time as well."""
    mailbox = a_sender("kim@ours.example")
    values = {"daily_cap": daily_cap, "ramp_first": 1, "ramp_step": 1}
    Mailbox.objects.update(ramp_from=clock.now().date(), **values)
    soon = shown(signed_in(a_user(role=Role.REVOPS)))
    Mailbox.objects.update(ramp_from=date.max - timedelta(days=1))

    late = shown(signed_in(a_user(role=Role.REVOPS)))

    assert "Warm-up: 1 today, 1 more every day" in soon
    assert "Warm-up from 30 December on." in late
    assert mailbox.address in late


def test_a_cap_beyond_a_million_is_refused_in_words_and_changes_nothing():
    mailbox = a_sender("kim@ours.example")
    domain = SendingDomain.objects.get()

    with pytest.raises(InvalidInputError, match="A mailbox sends at most 1,000,000 mails a day"):
        save_mailbox(mailbox, changes={"daily_cap": 1_000_001}, actor=SYSTEM)
    with pytest.raises(InvalidInputError, match="A domain sends at most 1,000,000 mails a day"):
        update_domain(domain, changes={"daily_cap": 1_000_001}, actor=SYSTEM)

    assert Mailbox.objects.get().daily_cap == 40
    assert SendingDomain.objects.get().daily_cap is None


def test_the_use_of_a_domain_counts_mailboxes_that_the_reader_does_not_see():
    rep, other = a_user(role=Role.AE, team=a_team()), a_user(role=Role.AE, team=a_team())
    for address, owner, used in (("kim@ours.example", rep, 3), ("ann@ours.example", other, 8)):
        box = a_sender(address, owner=owner)
        MailboxDay.objects.create(mailbox=box, day=clock.now().date(), used=used, cap=40)
    update_domain(SendingDomain.objects.get(), changes={"daily_cap": 60}, actor=SYSTEM)

    page = shown(signed_in(rep))

    assert "11 of 60 today" in page
    assert "3 of 40 today" in page
    assert "ann@ours.example" not in page


def test_a_silent_mail_server_names_only_mailboxes_that_the_reader_sees():
    rep, other = a_user(role=Role.AE, team=a_team()), a_user(role=Role.AE, team=a_team())
    a_sender("kim@ours.example", owner=rep)
    a_sender("ann@ours.example", owner=other)
    Mailbox.objects.filter(owner=other).update(failing_since=clock.now())

    of_the_rep, of_all = shown(signed_in(rep)), shown(signed_in(a_user(role=Role.REVOPS)))

    assert "The server does not answer for a mailbox of others." in of_the_rep
    assert "ann@ours.example" not in of_the_rep
    assert "The server does not answer for ann@ours.example." in of_all


def test_the_last_answer_is_found_without_reading_all_mails(django_assert_max_num_queries):
    moment = clock.now()
    for number in (3, 2, 1):
        at = moment - timedelta(days=number)
        InboundMail.objects.create(digest=str(number), raw=b"", received_at=at)
    client = signed_in(a_user(role=Role.REVOPS))

    with django_assert_max_num_queries(100) as asked:
        page = shown(client)

    (question,) = [each["sql"] for each in asked if 'FROM "outreach_inboundmail"' in each["sql"]]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan TO off")
        cursor.execute(f"EXPLAIN {question}")
        plan = " ".join(line for (line,) in cursor.fetchall())
    assert f"The last came on {wording.exact(moment - timedelta(days=1))}." in page
    assert "Index Scan" in plan
    assert "Seq Scan" not in plan
