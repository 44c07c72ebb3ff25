"""The page of an account: its parts and tabs, what is remembered, what is recommended and why."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agents.models import Suggestion
from agents.selectors.recommendations import KINDS, advice
from agents.services.recommending import recommend_to_owner
from crm.models import Company, Task
from crm.services.activities import log_activity
from crm.services.deals import update_deal
from crm.services.pipelines import add_criterion, ensure_default_pipeline
from crm.tests.builders import a_company, a_contact, a_deal
from gtmos.kernel import clock
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.events.models import EventRecord
from gtmos.kernel.exceptions import NotFoundError
from gtmos.kernel.people.models import Role, User
from gtmos.kernel.tests.builders import a_team, a_user
from gtmos.workspace.models import WorkspaceState
from gtmos.workspace.services.layouts import note_action, open_tab
from gtmos.workspace.services.presence import change_component

pytestmark = pytest.mark.django_db
TABS = ("action", "assets", "message-tree", "inspect")


@pytest.fixture
def me() -> User:
    return a_user(name="Ada Byron", role=Role.AE, team=a_team())


@pytest.fixture
def browser(client: Client, me: User) -> Client:
    client.force_login(me)
    return client


def a_busy_company(me: User) -> Company:
    """One deal with a late step and a day of signing that has passed, two criteria before its next stage, a mail unanswered."""
    actor = Actor.of(me)
    stage = ensure_default_pipeline(actor=SYSTEM).stages.get(key="qualification")
    add_criterion(stage, moment="entry", kind="field", field="deal_amount", actor=SYSTEM)
    add_criterion(stage, moment="entry", kind="role", role="decision_maker", actor=SYSTEM)
    contact = a_contact(actor=actor, name="Nora Field")
    deal = a_deal(actor=actor, company=contact.company, name="Pilot")
    late = clock.now().date() - timedelta(days=2)
    step = {"next_step": "Send the proposal", "next_step_due_on": late, "deal_expected_signing_date": late}
    update_deal(deal, changes=step, actor=actor)
    log_activity(type="email", subject="When?", contact=contact, direction="in", actor=actor)
    assert contact.company is not None
    return Company.objects.get(pk=contact.company.pk)


def page_of(browser: Client, company: Company, **given: str) -> str:
    return browser.get(reverse("crm:company", args=[company.pk]), given).content.decode()


def test_the_seven_parts_of_an_account_are_on_its_page(browser: Client, me: User) -> None:
    company = a_company(actor=Actor.of(me), tags=["Digital Native", "Top 100"])
    page = page_of(browser, company)

    named = [
        word for word in ("Overview", "Tags and classes", "Current state", "Opportunities") if word in page
    ]
    later = [word for word in ("Suggested", "People", "Timeline") if word in page]

    assert (named, later) == (
        ["Overview", "Tags and classes", "Current state", "Opportunities"],
        ["Suggested", "People", "Timeline"],
    )
    assert ("Digital Native" in page, "Top 100" in page) == (True, True)


def test_each_tab_is_read_only_when_it_is_opened(browser: Client, me: User) -> None:
    company = a_busy_company(me)
    page = page_of(browser, company)
    urls = {tab: reverse("workspace:company-context", args=[company.pk, tab]) for tab in TABS}

    told = {tab: browser.get(url).content.decode() for tab, url in urls.items()}
    marks = {"action": "Log a call", "assets": "Campaigns that reached them", "inspect": "who did it"}

    assert [page.count(f'hx-get="{url}"') for url in urls.values()] == [1, 0, 0, 0]
    assert {tab: word in told[tab] for tab, word in marks.items()} == dict.fromkeys(marks, True)
    assert [word for word in marks.values() if word in page] == []
    assert browser.get(reverse("workspace:company-context", args=[company.pk, "other"])).status_code == 404


def test_the_page_costs_at_most_twenty_statements(browser: Client, me: User) -> None:
    company = a_busy_company(me)
    page_of(browser, company)

    with CaptureQueriesContext(connection) as asked:
        page_of(browser, company)

    assert len(asked) <= 20


def test_an_opened_tab_is_remembered_for_this_person_and_told_to_nobody_else(
    browser: Client, me: User
) -> None:
    company, other = a_company(actor=Actor.of(me)), a_user(role=Role.REVOPS)
    browser.get(reverse("workspace:company-context", args=[company.pk, "assets"]))
    read_only = WorkspaceState.objects.count()

    browser.post(reverse("workspace:company-context", args=[company.pk, "inspect"]))
    browser.post(reverse("workspace:company-context", args=[company.pk, "inspect"]))
    fact = EventRecord.objects.get(name="workspace.workspace_context_changed")
    seat = Client()
    seat.force_login(other)

    chosen = 'id="tab-inspect" data-tab'
    assert read_only == 0
    assert (fact.payload["user_id"], fact.payload["tab"]) == (str(me.pk), "inspect")
    assert "inspect/" in page_of(browser, company).split('id="context-')[1].split(">")[0]
    assert "action/" in page_of(seat, company).split('id="context-')[1].split(">")[0]
    assert chosen in page_of(browser, company)


def test_the_tab_in_the_address_comes_before_the_remembered_one(browser: Client, me: User) -> None:
    company = a_company(actor=Actor.of(me))
    open_tab("company", company.pk, tab="inspect", actor=Actor.of(me))

    page = page_of(browser, company, tab="assets")

    assert "assets/" in page.split('id="context-')[1].split(">")[0]


def test_a_workspace_state_has_nine_fields() -> None:
    assert {each.attname for each in WorkspaceState._meta.concrete_fields} == {
        "id",
        "user_id",
        "entity_id",
        "entity_type",
        "tab_states",
        "panel_configuration",
        "recent_actions",
        "created_at",
        "updated_at",
    }


def test_the_width_and_what_is_folded_come_back_also_on_the_next_account(browser: Client, me: User) -> None:
    company, other = a_company(actor=Actor.of(me)), a_company(actor=Actor.of(me))
    url = reverse("workspace:company-layout", args=[company.pk])

    saved = browser.post(url, {"split": "61", "collapsed": "group people"})
    wrong = browser.post(url, {"collapsed": "everything"})
    pages = [page_of(browser, each) for each in (company, other)]

    assert (saved.status_code, wrong.status_code) == (204, 422)
    assert ["split-60" in page for page in pages] == [True, True]
    folded = ['data-fold="people" open' in page or 'data-fold="group" open' in page for page in pages]
    assert (folded, ['data-fold="team" open' in page for page in pages]) == ([False, False], [True, True])


def test_the_last_ten_things_begun_are_kept_and_only_on_what_one_may_see(me: User) -> None:
    company, theirs = a_company(actor=Actor.of(me)), a_company(actor=Actor.of(a_user(team=a_team())))
    for number in range(12):
        note_action("company", company.pk, action=f"log_call {number}", actor=Actor.of(me))

    kept = WorkspaceState.objects.get().recent_actions
    assert (len(kept), kept[0]["action"]) == (10, "log_call 11")
    with pytest.raises(NotFoundError):
        note_action("company", theirs.pk, action="log_call", actor=Actor.of(me))


def test_sales_and_success_see_different_actions_on_the_same_account(client: Client, me: User) -> None:
    team = a_team()
    company = a_company(actor=SYSTEM)
    url = reverse("workspace:company-context", args=[company.pk, "action"])
    told = {}
    for role in (Role.AE, Role.CSM, Role.VIEWER):
        client.force_login(a_user(role=role, team=team))
        page = client.get(url).content.decode()
        told[role] = re.findall(r'data-begin="(\w+)"', page)

    assert told == {
        Role.AE: ["log_call", "plan_meeting", "create_deal", "start_campaign", "remind"],
        Role.CSM: ["check_in", "plan_review", "renewal", "add_contact", "remind"],
        Role.VIEWER: [],
    }


def test_all_four_kinds_are_recommended_each_with_its_reason(browser: Client, me: User) -> None:
    company = a_busy_company(me)
    found = advice(company, actor=Actor.of(me)).recommendations

    page = browser.get(reverse("workspace:company-context", args=[company.pk, "action"])).content.decode()

    assert {each.kind for each in found} == set(KINDS)
    assert [each.title for each in found if not each.reason] == []
    assert [each.reason for each in found if each.kind == "guidance"] == [
        "0 of 2 things that the stage asks for are there; missing: amount, a decision maker among the people."
    ]
    assert [label for label in KINDS.values() if label in page] == list(KINDS.values())
    assert "Before Pilot moves to Qualification" in page


def test_where_the_next_stage_asks_for_nothing_the_usual_is_recommended(me: User) -> None:
    company = a_company(actor=Actor.of(me))
    a_deal(actor=Actor.of(me), company=company, name="Pilot")

    found = [each for each in advice(company, actor=Actor.of(me)).recommendations if each.kind == "guidance"]

    assert [each.reason for each in found] == [
        "No day of signing is known. Nobody who decides is among the people of the company."
    ]


def test_what_is_answered_is_no_longer_recommended(me: User) -> None:
    company = a_busy_company(me)
    contact = company.contacts.get()
    before = [each.title for each in advice(company, actor=Actor.of(me)).recommendations]

    log_activity(type="email", subject="Tomorrow", contact=contact, direction="out", actor=Actor.of(me))

    after = [each.title for each in advice(company, actor=Actor.of(me)).recommendations]
    assert [title for title in before if title not in after] == ["Answer Nora Field"]


def test_a_dismissed_recommendation_stays_away_until_it_is_taken_back(browser: Client, me: User) -> None:
    company = a_busy_company(me)
    first = advice(company, actor=Actor.of(me)).recommendations[0]
    url = reverse("workspace:company-recommendation", args=[company.pk, "dismiss"])

    answer = browser.post(url, {"key": first.key})
    gone = [each.key for each in advice(company, actor=Actor.of(me)).recommendations]
    browser.post(reverse("workspace:suggestion-reopen", args=[Suggestion.objects.get().pk]))
    back = [each.key for each in advice(company, actor=Actor.of(me)).recommendations]

    assert (answer.status_code, first.key in gone, first.key in back) == (200, False, True)
    assert browser.post(url, {"key": "made-up"}).status_code == 404


@pytest.mark.parametrize("kind", list(KINDS))
def test_doing_what_is_recommended_makes_a_task_once(kind: str, browser: Client, me: User) -> None:
    company = a_busy_company(me)
    wanted = next(each for each in advice(company, actor=Actor.of(me)).recommendations if each.kind == kind)
    url = reverse("workspace:company-recommendation", args=[company.pk, "run"])

    done = browser.post(url, {"key": wanted.key}, headers={"HX-Request": "true"})
    again = browser.post(url, {"key": wanted.key}, headers={"HX-Request": "true"})

    assert (done.status_code, again.status_code, Task.objects.count()) == (200, 404, 1)


def test_a_new_recommendation_is_a_fact_once_and_goes_to_the_owner(me: User) -> None:
    company = a_busy_company(me)
    Company.objects.filter(pk=company.pk).update(owner=me)
    company.refresh_from_db()

    counts = [recommend_to_owner(company, actor=SYSTEM) for _ in range(2)]

    facts = EventRecord.objects.filter(name="agents.action_recommended")
    assert (counts, facts.count()) == ([counts[0]] * 2, counts[0])
    assert {each.payload["user_id"] for each in facts} == {str(me.pk)}


def test_working_on_a_field_is_a_fact_about_the_record(me: User) -> None:
    company = a_company(actor=Actor.of(me))
    stranger = Actor.of(a_user(team=a_team()))

    change_component("company", company.pk, component="city", state="editing", actor=Actor.of(me))

    fact = EventRecord.objects.get(name="workspace.component_state_changed")
    assert (fact.subject_id, fact.payload["component"], fact.payload["state"]) == (
        company.pk,
        "city",
        "editing",
    )
    with pytest.raises(NotFoundError):
        change_component("company", company.pk, component="city", state="editing", actor=stranger)


def test_the_message_tree_counts_what_they_heard(browser: Client, me: User) -> None:
    company = a_company(actor=Actor.of(me))

    page = browser.get(
        reverse("workspace:company-context", args=[company.pk, "message-tree"])
    ).content.decode()

    assert "No product yet" in page


def test_inspect_tells_changes_events_and_sources_apart(browser: Client, me: User) -> None:
    company = a_company(actor=Actor.of(me), source="YC directory")
    url = reverse("workspace:company-context", args=[company.pk, "inspect"])

    told: dict[str, Any] = {
        which: browser.get(url, {"show": which}).content.decode() for which in ("", "changes", "events")
    }

    assert "YC directory" in told[""]
    assert ["crm.company_created" in page for page in told.values()] == [True, False, True]
    assert ["Created company" in page for page in told.values()] == [True, True, False]


def test_a_tag_is_added_and_taken_away(browser: Client, me: User) -> None:
    company = a_company(actor=Actor.of(me), tags=["East"])
    url = reverse("crm:company-tags", args=[company.pk])

    browser.post(url, {"tag": " Top  100 "})
    added = Company.objects.get().tags
    browser.post(url, {"remove": "East"})

    assert (added, Company.objects.get().tags) == (["East", "Top 100"], ["Top 100"])
