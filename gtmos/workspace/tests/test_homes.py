"""The five homes: whose is shown, what stands there, at what cost, and the first steps found by what is there."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agents.services.suggestions import suggest
from agents.tests.builders import a_run
from crm.models import Alert, Company, Contact, Deal
from crm.services.activities import log_activity
from crm.services.deal_stages import lose_deal, win_deal
from crm.services.notes import write_note
from crm.services.target_lists import create_target_list
from crm.tests.builders import a_company, a_contact, a_deal, a_meeting, a_task
from gtmos.kernel import clock
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.exceptions import InvalidInputError
from gtmos.kernel.people.models import Role
from gtmos.kernel.tests.builders import a_user
from gtmos.kernel.workflows.models import Workflow, WorkflowRun, WorkflowVersion
from gtmos.workspace.models import HomeSetting
from gtmos.workspace.selectors.homes import HOMES, home_of, home_page
from gtmos.workspace.selectors.priority import priority_items
from gtmos.workspace.services.homes import choose_home, pin_report, show_quick_start, unpin_report
from outreach.tests.campaign_builders import a_campaign, a_touch, an_approved_campaign, running

pytestmark = pytest.mark.django_db

MOST_STATEMENTS = 20
HOME_OF = {
    Role.AE: "rep",
    Role.SDR: "rep",
    Role.MARKETING: "marketer",
    Role.CSM: "success",
    Role.REVOPS: "revops",
    Role.EXECUTIVE: "executive",
    Role.VIEWER: "executive",
}


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def fill(me):
    """One of everything that a home shows."""
    today = clock.now().date()
    customer = a_company(actor=me)
    a_task(actor=me, due_at=clock.now() - timedelta(hours=1))
    a_meeting(actor=me, starts_at=clock.now() + timedelta(minutes=1))
    a_deal(actor=me, company=customer, owner=me.user, amount=Decimal(500), close_on=today)
    a_deal(actor=me, company=customer, owner=me.user, amount=Decimal(70), close_on=today - timedelta(days=9))
    won = a_deal(actor=me, company=customer, owner=me.user, amount=Decimal(900))
    win_deal(won, actor=SYSTEM, signed_on=today)
    Deal.objects.filter(pk=won.pk).update(deal_end_date=today + timedelta(days=20))
    lose_deal(a_deal(actor=me), reason="price", actor=SYSTEM)
    Alert.objects.create(kind="usage", fact_key=str(won.pk), company=customer, what="Usage falls", why="Why")
    a_contact(actor=me, company=customer)
    a_run(("task.create", {"title": "later"}), actor=me)
    suggest(
        key=str(won.pk),
        owner=me.user,
        kind="task.create",
        title="Call",
        command="remind me to call",
        actor=me,
    )


def statements(browser, url):
    with CaptureQueriesContext(connection) as caught:
        response = browser.get(url)
    assert response.status_code == 200
    return len(caught)


@pytest.mark.parametrize(("role", "home"), HOME_OF.items())
def test_the_home_is_the_one_of_the_role(role, home):
    shown, _ = home_of(Actor.of(a_user(role=role)))

    assert shown.key == home


def test_another_home_is_remembered_until_it_is_changed_back():
    user = a_user(role=Role.AE)
    browser = signed_in(user)

    browser.post(reverse("workspace:home-choose"), {"home": "executive"})
    chosen = browser.get(reverse("workspace:home")).context["home"].key
    browser.post(reverse("workspace:home-choose"), {"home": ""})

    assert chosen == "executive"
    assert home_of(Actor.of(user))[0].key == "rep"


def test_a_home_that_does_not_exist_is_refused():
    actor = Actor.of(a_user())

    with pytest.raises(InvalidInputError):
        choose_home("boss", actor=actor)

    assert not HomeSetting.objects.exists()


@pytest.mark.parametrize("home", HOMES)
def test_a_home_asks_the_same_number_of_statements_for_one_row_and_for_three(home):
    me = Actor.of(a_user(role=Role.ADMIN))
    choose_home(home, actor=me)
    browser = signed_in(me.user)
    fill(me)
    a_campaign(actor=me)
    browser.get(reverse("workspace:home"))
    few = statements(browser, reverse("workspace:home"))

    fill(me)
    fill(me)

    assert statements(browser, reverse("workspace:home")) == few
    assert few <= MOST_STATEMENTS


def test_a_rep_reads_the_own_pipeline_in_the_numbers_counted_by_hand():
    me = Actor.of(a_user(role=Role.AE))
    today = clock.now().date()
    a_deal(actor=me, owner=me.user, amount=Decimal(500), close_on=today, forecast_category="commit")
    a_deal(actor=me, owner=me.user, amount=Decimal(70))
    a_deal(owner=a_user(), amount=Decimal(9000), close_on=today)

    figures = {each.label.split()[0]: each.value for each in home_page(actor=me)["figures"]}

    assert (figures["Open"], figures["Commit"], figures["Won"]) == ("$570", "$500", "$0")


def test_meetings_that_one_attends_stand_on_the_home_as_in_the_calendar():
    me, host = Actor.of(a_user(role=Role.ADMIN)), Actor.of(a_user(role=Role.AE))
    choose_home("rep", actor=me)
    later = clock.now() + timedelta(seconds=1)
    company = a_company(actor=me)
    own = a_meeting(actor=me, starts_at=later, company=company)
    asked = a_meeting(actor=host, starts_at=later, company=company, users=[host.user, me.user])
    a_meeting(actor=host, starts_at=later, company=company)

    assert {each.pk for each in home_page(actor=me)["meetings"]} == {own.pk, asked.pk}


def test_money_for_which_there_is_no_rate_is_named_in_the_notes_of_the_figures():
    rep, chief = Actor.of(a_user(role=Role.AE)), Actor.of(a_user(role=Role.EXECUTIVE))
    today = clock.now().date()
    mine = {"actor": rep, "owner": rep.user, "currency": "EUR"}
    a_deal(**mine, amount=Decimal(300), close_on=today)
    a_deal(**mine, amount=Decimal(40))
    win_deal(a_deal(**mine, amount=Decimal(700)), actor=SYSTEM, signed_on=today)
    missing = {"Open": "€340 left out", "Forecast": "€1,000 left out", "Won": "€700 left out"}

    for actor in (rep, chief):
        notes = {each.label.split()[0]: each.note for each in home_page(actor=actor)["figures"]}

        for label, words in missing.items():
            assert notes[label].endswith(f"{words}, no rate")
    assert "€300 left out, no rate" in notes["Coverage"]


def test_a_marketer_reads_figures_of_all_campaigns_and_people_however_few_are_shown():
    me = Actor.of(a_user(role=Role.ADMIN))
    choose_home("marketer", actor=me)
    for _ in range(8):
        (enrollment,) = running(an_approved_campaign(1)).enrollments.all()
        a_touch(enrollment)
    for number in range(8):
        a_contact(actor=me, source=f"source {number}")

    found = home_page(actor=me)

    sent = found["figures"][0]
    assert (sent.value, sent.note, len(found["campaigns"])) == ("8", "in 8 campaigns", 6)
    assert (found["sources_total"], len(found["sources"])) == (Contact.objects.count(), 6)


def test_an_executive_sees_what_slips_and_the_rate_with_its_base():
    actor = Actor.of(a_user(role=Role.EXECUTIVE))
    late = a_deal(amount=Decimal(70), close_on=clock.now().date() - timedelta(days=9))
    win_deal(a_deal(amount=Decimal(100)), actor=SYSTEM)
    lose_deal(a_deal(), reason="price", actor=SYSTEM)

    found = home_page(actor=actor)

    assert [each.pk for each in found["slipping"]] == [late.pk]
    assert (found["win"]["won"], found["win"]["closed"]) == (1, 2)


def test_customers_are_shown_by_health_with_the_reason():
    me = Actor.of(a_user(role=Role.CSM))
    well, quiet, bad = (a_company(actor=me, name=name) for name in "ABC")
    Company.objects.update(customer_state="using")
    for company in (well, bad):
        log_activity(type="call", subject="Talk", company=company, actor=me)
    Alert.objects.create(kind="usage", fact_key="x", company=bad, what="Usage falls", why="Why")

    found = home_page(actor=me)["accounts"]

    assert [(each.company.pk, each.health.tone) for each in found] == [
        (bad.pk, "bad"),
        (quiet.pk, "warn"),
        (well.pk, "good"),
    ]
    assert found[1].health.reasons == ("no activity yet",)


def test_the_first_steps_are_found_done_by_what_is_there():
    me = Actor.of(a_user(role=Role.AE))

    def done():
        days = home_page(actor=me)["quick_start"].days
        return {each.step.key for _, steps in days for each in steps if each.is_done}

    before = done()
    for _ in range(10):
        a_contact(actor=me)
    a_deal(actor=me, next_step="Call them")
    a_meeting(actor=me)
    create_target_list("Wanted", actor=Actor.of(a_user(role=Role.ADMIN)))

    assert before == set()
    assert done() == {"leads", "deal", "next_step", "meeting", "target_list"}


def test_what_only_an_administrator_can_do_has_no_address_for_others():
    seller, keeper = a_user(role=Role.AE), a_user(role=Role.ADMIN)
    keeper.is_staff = True

    def first_address(user):
        return home_page(actor=Actor.of(user))["quick_start"].next.url

    assert first_address(seller) == ""
    assert first_address(keeper) == reverse("admin:context_organisation_changelist")


def test_what_waits_for_one_person_stands_on_no_other_home():
    me = Actor.of(a_user(role=Role.ADMIN, name="Nina Waits"))
    other = Actor.of(a_user(role=Role.ADMIN))
    company = a_company(actor=me)
    suggest(key="k", owner=me.user, kind="task.create", title="Call", command="remind me to call", actor=me)
    Alert.objects.create(
        kind="usage", fact_key="x", company=company, owner=me.user, what="Usage falls", why="Why"
    )
    write_note("@Nina, look at this", company=company, actor=other)

    def waits(actor):
        found = home_page(actor=actor)
        return [len(found[name]) for name in ("suggestions", "alerts", "mentions")]

    assert waits(me) == [1, 1, 1]
    assert waits(other) == [0, 0, 0]


def test_nine_people_are_not_yet_ten():
    me = Actor.of(a_user(role=Role.AE))
    for _ in range(9):
        a_contact(actor=me)

    assert home_page(actor=me)["quick_start"].done == 0


def test_the_first_steps_are_put_away_and_called_back():
    user = a_user(role=Role.AE)
    browser, address = signed_in(user), reverse("workspace:home-first-steps")

    browser.post(address)
    away = browser.get(reverse("workspace:home"))
    browser.post(address, {"show": "1"})
    back = browser.get(reverse("workspace:home"))

    assert (away.context["quick_start"], back.context["quick_start"].done) == (None, 0)
    assert b"Show the first steps" in away.content


def test_a_report_is_kept_on_the_home_and_taken_off():
    me = Actor.of(a_user())
    url = "/reports/stages/?by=owner&owner=me"

    pin_report(url, title="Mine by owner", actor=me)
    pin_report(url, title="Mine", actor=me)
    kept = home_page(actor=me)["pins"]
    unpin_report(url, actor=me)

    assert kept == [{"title": "Mine", "url": url}]
    assert home_page(actor=me)["pins"] == []


@pytest.mark.parametrize(
    "url", ["https://evil.example/reports/", "//evil.example/reports/", "/settings/", "/reports/../admin/"]
)
def test_only_a_report_of_this_house_is_kept(url):
    with pytest.raises(InvalidInputError):
        pin_report(url, title="Bait", actor=Actor.of(a_user()))


def test_who_changes_nothing_here_has_no_first_steps():
    viewer = Actor.of(a_user(role=Role.VIEWER))

    show_quick_start(is_shown=True, actor=viewer)

    assert home_page(actor=viewer)["quick_start"] is None


def test_what_needs_somebody_first_is_theirs_alone():
    me = Actor.of(a_user(role=Role.AE))
    late = clock.now() - timedelta(hours=1)
    for actor, name in ((me, "Mine"), (Actor.of(a_user(role=Role.AE)), "Theirs")):
        a_task(actor=actor, title=name, due_at=late)
        a_deal(actor=actor, owner=actor.user, name=f"{name} deal")

    found = priority_items(actor=me)
    page = signed_in(me.user).get(reverse("workspace:priority")).content.decode()

    assert [each.label for each in found] == ["Mine", "Mine deal"]
    assert ("Mine deal" in page, "Theirs" in page) == (True, False)


def test_revops_sees_the_runs_of_workflows_that_are_under_way_and_that_failed():
    actor = Actor.of(a_user(role=Role.REVOPS))
    workflow = Workflow.objects.create(name="Welcome")
    version = WorkflowVersion.objects.create(workflow=workflow, number=1)
    for state in ("running", "running", "failed", "done", "done"):
        WorkflowRun.objects.create(workflow=workflow, definition=version, event_key=uuid4(), state=state)

    found = home_page(actor=actor)["workflow_runs"]

    assert (found["running"], found["ended"], found["failed"]) == (2, 3, 1)
    assert [each.workflow.name for each in found["newest"]] == ["Welcome"]
    assert b"Runs of workflows" in signed_in(actor.user).get(reverse("workspace:home")).content
