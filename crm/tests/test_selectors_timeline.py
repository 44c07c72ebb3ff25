"""The timeline: every kind in one order, page by page at the same cost, and nothing that may not be read."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm.models import Activity, Company, Task
from crm.selectors.companies import get_company
from crm.selectors.timeline import KIND_NAMES, Happening, timeline
from crm.services.activities import log_activity
from crm.services.companies import change_state
from crm.services.deals import update_deal
from crm.services.signals import NewSignal, record_signals
from crm.services.tasks import create_task
from crm.tests.builders import a_company, a_contact, a_deal
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.people.models import User
from gtmos.kernel.people.services import update_user
from gtmos.kernel.tests.api_client import Api
from gtmos.kernel.tests.builders import a_team, a_user

pytestmark = pytest.mark.django_db
START = datetime(2026, 3, 1, 12, tzinfo=UTC)


def every_page(company: Company, actor: Actor, *, kind: str = "", size: int = 30) -> list[list[Happening]]:
    pages, cursor = [], ""
    while True:
        page = timeline(company, actor=actor, kind=kind, after=cursor, size=size)
        pages.append(page.items)
        cursor = page.next_cursor
        if not cursor:
            return pages


def many_notes(company: Company, count: int, *, apart: timedelta = timedelta(minutes=1)) -> None:
    Activity.objects.bulk_create(
        Activity(type="note", subject=f"Note {number}", company=company, happened_at=START + number * apart)
        for number in range(count)
    )


def test_every_kind_stands_on_the_timeline_of_a_company() -> None:
    company = a_company()
    contact = a_contact(company=company)
    for kind in ("note", "call", "meeting", "email"):
        log_activity(type=kind, subject=f"A {kind}", company=company, actor=SYSTEM)
    create_task(title="A task", contact=contact, actor=SYSTEM)
    deal = a_deal(company=company)
    update_deal(deal, changes={"stage": "proposal"}, actor=SYSTEM)
    change_state(Company.objects.get(pk=company.pk), "dormant", actor=SYSTEM)
    signal = NewSignal(company=company, type="news", source="Paper", occurred_on=date(2026, 1, 2))
    record_signals([signal], actor=SYSTEM)

    kinds = {each.kind for each in timeline(company, actor=SYSTEM).items}
    stages = [each.title for each in timeline(company, actor=SYSTEM, kind="stage").items]

    assert kinds == KIND_NAMES
    assert [title for title in stages if "Proposal" in title] == ["stage from Lead to Proposal"]


def test_a_person_and_a_deal_have_their_own(client: Client) -> None:
    user = a_user()
    client.force_login(user)
    contact = a_contact(actor=Actor.of(user))
    deal = a_deal(actor=Actor.of(user), company=contact.company)
    log_activity(type="call", subject="With Ana", contact=contact, actor=Actor.of(user))
    log_activity(type="note", subject="On the deal", deal=deal, actor=Actor.of(user))

    told = {
        name: client.get(reverse(f"crm:{name}-timeline", args=[key])).content.decode()
        for name, key in (("contact", contact.pk), ("deal", deal.pk), ("company", contact.company_id))
    }

    assert {name: "With Ana" in text for name, text in told.items()} == {
        "contact": True,
        "deal": False,
        "company": True,
    }
    assert {name: "On the deal" in text for name, text in told.items()} == {
        "contact": False,
        "deal": True,
        "company": True,
    }


def test_a_thousand_things_come_in_pages_of_the_same_cost() -> None:
    company, actor = a_company(), Actor.of(a_user())
    many_notes(company, 1000)
    counts, seen, cursor = [], [], ""
    while not seen or cursor:
        with CaptureQueriesContext(connection) as caught:
            page = timeline(company, actor=actor, after=cursor)
        counts.append(len(caught))
        seen += [each.title for each in page.items if each.kind == "note"]
        cursor = page.next_cursor

    assert seen == [f"Note {number}" for number in reversed(range(1000))]
    assert len(counts) == 34
    assert len(set(counts[1:])) == 1


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    moments=st.lists(st.tuples(st.sampled_from("ntscs"), st.integers(0, 3)), max_size=25),
    size=st.integers(1, 7),
)
def test_pages_are_the_whole_in_order_and_nothing_twice(moments: list[tuple[str, int]], size: int) -> None:
    company = a_company()
    for number, (kind, minute) in enumerate(moments):
        at = START + timedelta(minutes=minute)
        if kind == "n":
            log_activity(type="note", subject=f"{number}", company=company, happened_at=at, actor=SYSTEM)
        elif kind == "t":
            task = create_task(title=f"{number}", company=company, actor=SYSTEM)
            Task.objects.filter(pk=task.pk).update(created_at=at)
        else:
            signal = NewSignal(company, "news", f"{number}", START.date())
            record_signals([signal], actor=SYSTEM)

    whole = every_page(company, SYSTEM, size=200)[0]
    paged = [each for page in every_page(company, SYSTEM, size=size) for each in page]

    assert paged == whole
    assert len({(each.source, each.key) for each in paged}) == len(moments) + 1
    assert [each.at for each in paged] == sorted((each.at for each in paged), reverse=True)


@pytest.mark.parametrize("cursor", ["x", "%", "bm90aGluZw", "MjAyNnxhY3Rpdml0eXx4"])
def test_a_cursor_that_is_none_starts_at_the_beginning(cursor: str) -> None:
    company = a_company()

    assert timeline(company, actor=SYSTEM, after=cursor) == timeline(company, actor=SYSTEM)


def test_a_private_mail_does_not_leave_the_database() -> None:
    writer = a_user(team=a_team())
    update_user(writer, changes={"mail_visibility": "private"}, actor=SYSTEM)
    company = a_company()
    mail = log_activity(type="email", subject="Plum", body="Apricot", company=company, actor=SYSTEM)
    Activity.objects.filter(pk=mail.pk).update(owner=writer)
    reader = Actor.of(a_user(role="executive"))

    with CaptureQueriesContext(connection) as caught:
        shown = timeline(company, actor=reader, kind="email").items
    with connection.cursor() as cursor:
        cursor.execute(next(each["sql"] for each in caught if "told_subject" in each["sql"]))
        raw = str(cursor.fetchall())

    assert [(each.title, each.detail) for each in shown] == [("E-mail", "")]
    assert ("Plum" in raw, "Apricot" in raw) == (False, False)
    own = timeline(company, actor=Actor.of(User.objects.get(pk=writer.pk)), kind="email").items
    assert [each.title for each in own] == ["Plum"]


def test_the_kind_stays_in_the_address_and_the_button_leads_to_what_was_earlier(client: Client) -> None:
    user = a_user()
    client.force_login(user)
    company = a_company(actor=Actor.of(user))
    many_notes(company, 40)

    address = reverse("crm:company-timeline", args=[company.pk])
    page = client.get(reverse("crm:company", args=[company.pk]), {"kind": "note"}).content.decode()
    whole = client.get(address, {"kind": "note"})
    cursor = whole.context["timeline"].next_cursor
    rest = client.get(address, {"kind": "note", "after": cursor}, headers={"HX-Request": "true"})

    assert f'hx-get="{address}?kind=note"' in page
    assert whole.context["timeline"].kind == "note"
    assert rest.content.decode().count('<li class="item">') == 10
    assert "Earlier" not in rest.content.decode()


def test_programs_read_it_by_pages() -> None:
    user = a_user(team=a_team())
    api = Api.of(user)
    company = get_company(a_company(actor=Actor.of(user)).pk, actor=Actor.of(user))
    many_notes(company, 5)
    address = f"companies/{company.pk}/timeline"
    wrong = [{"kind": "x"}, {"cursor": "x"}, {"limit": "0"}, {"y": "1"}]

    first: dict[str, Any] = api.get(address, kind="note", limit="3").json()
    second = api.get(address, kind="note", limit="3", cursor=first["next_cursor"]).json()
    bad = [api.get(address, **words).status_code for words in wrong]

    assert [each["title"] for each in first["results"] + second["results"]] == [
        f"Note {number}" for number in (4, 3, 2, 1, 0)
    ]
    assert (second["next_cursor"], bad) == (None, [400, 400, 400, 400])
