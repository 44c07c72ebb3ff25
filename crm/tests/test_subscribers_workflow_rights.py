"""Whose records a workflow looks at: its owner's when it runs, and only the reader's where it is tried."""

from datetime import timedelta
from typing import Any

import pytest

from crm.models import Contact, Deal, Task
from crm.tests.builders import a_company, a_contact, a_deal
from crm.tests.test_subscribers_workflows import a_task_step, a_workflow, carried_out, made, where
from gtmos.kernel import clock
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.events.models import EventRecord
from gtmos.kernel.once import burst
from gtmos.kernel.people.access_services import create_role
from gtmos.kernel.people.models import Role, Team, User
from gtmos.kernel.tests.builders import a_team, a_user
from gtmos.kernel.workflows.models import Workflow, WorkflowRun, WorkflowStepRun
from gtmos.kernel.workflows.selectors import Tried, tried

pytestmark = pytest.mark.django_db
CREATED = "crm.deal_created"
TRIAL = (
    10  # statements: who reads with the clock, the events, four for the records, for the reader and for both
)


@pytest.fixture
def team() -> Team:
    return a_team()


@pytest.fixture
def narrow(team: Team) -> User:
    """Configures, and sees no further than her team."""
    create_role("Careful", based_on="revops", scope="team", actor=SYSTEM)
    user = a_user(name="Nell Narrow", role=Role.REVOPS, team=team)
    User.objects.filter(pk=user.pk).update(role="careful")
    return User.objects.get(pk=user.pk)


@pytest.fixture
def stranger() -> Actor:
    return Actor.of(a_user(name="Sam Stranger", team=a_team()))


def a_step(title: str) -> dict[str, Any]:
    return a_task_step(title)


def tried_by(workflow: Workflow, reader: User) -> list[Tried]:
    return tried(workflow.newest, actor=Actor.of(User.objects.get(pk=reader.pk)))


def told(rows: list[Tried]) -> list[tuple[str, bool, list[str], str]]:
    return [
        (each.about, each.fits, [line.partition(" for ")[0] for line in each.lines], each.error)
        for each in rows
    ]


def test_a_trial_shows_only_events_about_records_that_its_reader_may_see(
    narrow: User, stranger: Actor
) -> None:
    workflow = a_workflow(
        a_user(role=Role.REVOPS), a_step("Call {record}"), on=False, name="Calls", event_name=CREATED
    )
    a_deal(name="Ours", actor=Actor.of(narrow))
    a_deal(name="Secret", actor=stranger)

    assert told(tried_by(workflow, narrow)) == [("Ours", True, ["Task “Call Ours”"], "")]
    assert [each.about for each in tried_by(workflow, a_user(role=Role.REVOPS))] == ["Secret", "Ours"]


def test_a_trial_says_so_where_the_owner_may_not_see_what_the_reader_sees(
    narrow: User, stranger: Actor
) -> None:
    workflow = a_workflow(narrow, a_step("Call {record}"), on=False, name="Calls", event_name=CREATED)
    a_deal(name="Secret", actor=stranger)

    rows = tried_by(workflow, a_user(role=Role.REVOPS))

    assert told(rows) == [("Secret", False, [], "Nell Narrow may not see this.")]


def test_texts_leave_empty_what_the_reader_of_a_trial_or_the_owner_of_a_run_may_not_see(
    narrow: User, stranger: Actor
) -> None:
    text = "{deal.name} {deal.contact} {deal.company} {company.name} {deal.next_step}"
    company = a_company(name="Hidden works", actor=stranger)
    contact = a_contact(name="Hidden Hilda", company=company, actor=stranger)
    workflow = a_workflow(narrow, a_step(text), name="Texts", event_name=CREATED)
    a_deal(name="Ours", owner=narrow, company=company, contact=contact)
    unseen = "Ours not known not known not known not known"

    carried_out()

    assert told(tried_by(workflow, narrow)) == [("Ours", True, [f"Task “{unseen}”"], "")]
    assert made() == [unseen]
    assert Task.objects.get(source_type="kernel.workflow").company is None


def test_the_parent_of_a_company_is_named_only_to_whom_it_is_shown(narrow: User, stranger: Actor) -> None:
    parents = [a_company(name="Ours above", owner=narrow), a_company(name="Hidden above", actor=stranger)]
    a_workflow(narrow, a_step("{company.parent}"), name="Parents", event_name="crm.company_created")

    for parent in parents:
        a_company(owner=narrow, parent=parent)
    carried_out()

    assert sorted(made())[-2:] == ["Ours above", "not known"]


def test_an_event_about_what_the_owner_may_not_see_starts_nothing(narrow: User, stranger: Actor) -> None:
    a_workflow(narrow, a_step("Call {record}"), name="Calls", event_name=CREATED)
    a_workflow(a_user(role=Role.REVOPS), a_step("Look at {record}"), name="Looks", event_name=CREATED)
    a_deal(name="Ours", actor=Actor.of(narrow))
    a_deal(name="Secret", actor=stranger)

    carried_out()

    assert sorted(made()) == ["Call Ours", "Look at Ours", "Look at Secret"]
    assert WorkflowRun.objects.filter(workflow__name="Calls").count() == 1


def test_conditions_look_only_at_what_the_owner_may_see(narrow: User, stranger: Actor) -> None:
    company = a_company(name="Hidden works", actor=stranger)
    for name, operator in (("Filled", "filled"), ("Empty", "empty")):
        a_workflow(
            narrow,
            a_step(name),
            name=name,
            event_name=CREATED,
            conditions=where("company.name", operator),
        )
    a_deal(owner=narrow, company=company)

    carried_out()

    assert made() == ["Empty"]


def test_a_record_that_is_gone_is_hidden_from_nobody(narrow: User) -> None:
    a_workflow(narrow, a_step("{record}"), name="Gone", event_name=CREATED)
    deal = a_deal(name="Short", actor=Actor.of(narrow))
    Deal.objects.filter(pk=deal.pk).delete()

    carried_out()

    assert made() == [CREATED]


def test_a_run_whose_owner_loses_sight_of_the_record_stops_with_a_sentence(
    narrow: User, stranger: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait = {"do": "wait", "with": {"days": 1}}
    a_workflow(narrow, wait, a_step("Call {record}"), name="Later", event_name=CREATED)
    deal = a_deal(name="Ours", actor=Actor.of(narrow))
    carried_out()
    Deal.objects.filter(pk=deal.pk).update(owner=stranger.user, team=a_team())
    later = clock.now() + timedelta(days=2)

    monkeypatch.setattr(clock, "now", lambda: later)
    carried_out()

    assert made() == []
    assert list(WorkflowRun.objects.values_list("state", "reason")) == [
        ("failed", "Later acts for Nell Narrow, who may not see what this event is about.")
    ]
    assert WorkflowStepRun.objects.get(path="0").state == "failed"


@pytest.mark.parametrize("count", [1, 3])
def test_a_trial_asks_as_many_statements_for_one_event_as_for_three(
    count: int, narrow: User, django_assert_num_queries: Any
) -> None:
    conditions = where("deal.stage", "from", "lead")
    workflow = a_workflow(
        narrow,
        a_step("{deal.contact} {company.parent}"),
        on=False,
        name="Counted",
        event_name=CREATED,
        conditions=conditions,
    )
    for _ in range(count):
        contact = a_contact(actor=Actor.of(narrow))
        a_deal(actor=Actor.of(narrow), contact=contact)
    version, reader = workflow.newest, Actor.of(User.objects.get(pk=narrow.pk))
    names = Contact.objects.values_list("name", flat=True)

    with burst(), django_assert_num_queries(TRIAL):
        found = tried(version, actor=reader)

    assert {line for each in found for line in told([each])[0][2]} <= {
        f"Task “{name} not known”" for name in names
    }
    assert EventRecord.objects.filter(name=CREATED).count() == len(found) == count
