"""Workflows as RevOps meets them: pages, the desk, and the API."""

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from crm.models import Deal, Task
from crm.services.deals import update_deal
from crm.tests.builders import a_deal
from crm.tests.test_subscribers_workflows import a_task_step, a_workflow, carried_out, made, where
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.people.models import Role, User
from gtmos.kernel.tests.api_client import Api
from gtmos.kernel.tests.builders import a_user
from gtmos.kernel.workflows.models import Workflow, WorkflowRun
from gtmos.kernel.workflows.services.workflows import activate_version, save_version, update_workflow
from gtmos.kernel.workflows.starters import STARTERS

pytestmark = pytest.mark.django_db
HOME = "/settings/events/workflows/"


@pytest.fixture
def keeper() -> User:
    user = a_user(name="Kim Keeper", role=Role.REVOPS)
    User.objects.filter(pk=user.pk).update(is_staff=True)
    return user


@pytest.fixture
def browser(client: Client, keeper: User) -> Client:
    client.force_login(keeper)
    return client


def as_sent(form: Any) -> dict[str, str]:
    """What a browser sends of a form that is opened and saved as it stands."""
    values = {name: form[name].value() for name in ("name", "event_name")}
    sent = {name: str(value) for name, value in values.items()}
    sent["owner"] = str(form["owner"].value())
    for place, line in enumerate(form["steps"].subwidgets[0].data["lines"]):
        sent[f"steps-{place}-do"] = line["do"]
        for part in line["parts"]:
            sent |= {box["name"]: box["value"] for box in part["boxes"]}
        sent |= lines_sent(line["branch"])
    return sent | lines_sent(form["conditions"].subwidgets[0].data)


def lines_sent(conditions: dict[str, Any]) -> dict[str, str]:
    prefix = conditions["prefix"]
    sent = {f"{prefix}-kept": conditions["kept"]}
    for place, line in conditions["lines"]:
        sent |= {f"{prefix}-{place}-{box}": str(value) for box, value in line.items()}
    return sent


def won(deal: Deal) -> Deal:
    stage = deal.pipeline.stages.get(kind="won")
    return update_deal(deal, changes={"stage": stage, "custom": {"won_reason": "price"}}, actor=SYSTEM)


def test_a_newcomer_has_three_tasks_for_every_won_deal_after_two_clicks(
    browser: Client, keeper: User
) -> None:
    listed = browser.get(HOME).content.decode()
    opened = browser.get(f"{HOME}new/deal-won/")
    saved = browser.post(f"{HOME}new/deal-won/", as_sent(opened.context["form"]))
    on = browser.post(f"{saved['Location']}switch/", {"to": "on"})
    won(a_deal(name="Alpine"))

    carried_out()

    assert "When a deal is won, create three tasks" in listed
    assert (saved.status_code, on.status_code) == (302, 302)
    assert made() == [
        "Thank Alpine and say what comes next",
        "Hand Alpine over to customer success",
        "Plan the kick-off for Alpine",
    ]


@pytest.mark.parametrize("starter", STARTERS, ids=lambda each: each.key)
def test_whatever_there_is_to_begin_with_can_be_saved_as_it_stands_and_is_kept_whole(
    starter: Any, browser: Client
) -> None:
    opened = browser.get(f"{HOME}new/{starter.key}/")

    browser.post(f"{HOME}new/{starter.key}/", as_sent(opened.context["form"]))

    newest = Workflow.objects.get().newest
    assert (newest.event_name, newest.conditions) == (starter.event_name, starter.conditions)
    assert [each["do"] for each in newest.steps] == [each["do"] for each in starter.steps]


def test_stage_change_creates_task_is_built_at_the_desk_and_fires_once(browser: Client, keeper: User) -> None:
    values = {
        "name": "Proposals",
        "event_name": "crm.deal_stage_changed",
        "conditions-0-field": "after",
        "conditions-0-operator": "is",
        "conditions-0-value": "closed_won",
        "steps-0-do": "create_task",
        "steps-0-create_task-title": "Celebrate {record}",
        "steps-0-create_task-due_days": "2",
        "owner": str(keeper.pk),
        "versions-TOTAL_FORMS": "0",
        "versions-INITIAL_FORMS": "0",
    }

    saved = browser.post("/admin/kernel/workflow/add/", values)
    workflow = Workflow.objects.get()
    browser.post("/admin/kernel/workflow/", {"action": "switch_on", "_selected_action": [str(workflow.pk)]})
    won(a_deal(name="Alpine"))
    carried_out()
    carried_out()

    assert (saved.status_code, made()) == (302, ["Celebrate Alpine"])
    assert WorkflowRun.objects.get().definition.conditions == where("after", "is", "closed_won")


def test_what_cannot_work_is_said_on_the_form_at_the_desk_and_nothing_written_is_lost(
    browser: Client, keeper: User
) -> None:
    values = {
        "name": "Wrong",
        "event_name": "crm.deal_won",
        "steps-0-do": "create_task",
        "steps-0-create_task-title": "Look at {nothing}",
        "owner": str(keeper.pk),
    }

    answer = browser.post("/admin/kernel/workflow/add/", values)

    text = answer.content.decode()
    assert (answer.status_code, Workflow.objects.count()) == (200, 0)
    assert "Step 1: The event has no value nothing." in text
    assert "Look at {nothing}" in text


def test_groups_of_groups_that_a_program_wrote_stay_when_the_form_is_saved(
    browser: Client, keeper: User
) -> None:
    deep = {"all": [{"any": [where("after", "is", "won"), where("after", "is", "lost")]}]}
    workflow = a_workflow(keeper, a_task_step("X"), conditions=deep, on=False)
    opened = browser.get(f"{HOME}{workflow.pk}/edit/").context["form"]

    answer = browser.post(f"{HOME}{workflow.pk}/edit/", {**as_sent(opened), "steps-0-create_task-title": "Y"})

    newest = workflow.versions.order_by("-number")[0]
    assert (answer.status_code, newest.number, newest.conditions) == (302, 2, deep)
    assert newest.steps[0]["with"]["title"] == "Y"


def test_saving_what_was_not_changed_makes_no_version(browser: Client, keeper: User) -> None:
    workflow = a_workflow(keeper, a_task_step("X", note="Two words"), conditions=where("after", "is", "won"))
    opened = browser.get(f"{HOME}{workflow.pk}/edit/").context["form"]

    browser.post(f"{HOME}{workflow.pk}/edit/", as_sent(opened))

    assert workflow.versions.count() == 1


def test_otherwise_without_an_if_is_refused_in_words(browser: Client, keeper: User) -> None:
    opened = browser.get(f"{HOME}new/deal-won/").context["form"]

    answer = browser.post(f"{HOME}new/", {**as_sent(opened), "steps-0-do": "otherwise"})

    assert answer.status_code == 422
    assert "“Otherwise” needs an “If” or “Ask for approval” above it." in answer.content.decode()


def test_the_page_shows_the_steps_the_trial_and_the_versions_with_their_difference(
    browser: Client, keeper: User
) -> None:
    a_deal(name="Alpine rollout")
    workflow = a_workflow(keeper, a_task_step("Welcome {record}"), event_name="crm.deal_created", on=False)
    save_version(
        workflow, event_name="crm.deal_created", steps=[a_task_step("Greet {record}")], actor=Actor.of(keeper)
    )

    page = browser.get(f"{HOME}{workflow.pk}/").content.decode()
    versions = browser.get(f"{HOME}{workflow.pk}/versions/").context["versions"]

    assert "Greet Alpine rollout" in page
    assert Task.objects.count() == 0
    assert versions[0]["lines"] == [
        (" ", "When deal created"),
        ("-", "Create the task “Welcome {record}”, due in 1 day"),
        ("+", "Create the task “Greet {record}”, due in 1 day"),
    ]


def test_yesterdays_workflow_is_taken_back_on_its_page(browser: Client, keeper: User) -> None:
    actor = Actor.of(keeper)
    workflow = a_workflow(keeper, a_task_step("Good"), event_name="crm.deal_created")
    wrong = save_version(workflow, event_name="crm.deal_created", steps=[a_task_step("Bad")], actor=actor)
    activate_version(wrong, actor=actor)

    answer = browser.post(f"{HOME}{workflow.pk}/versions/1/", {"to": "back"})
    a_deal()
    carried_out()

    assert (answer.status_code, made()) == (302, ["Good"])


def test_the_log_shows_a_failed_step_and_the_button_tries_it_again(browser: Client, keeper: User) -> None:
    workflow = a_workflow(keeper, a_task_step("One"), event_name="crm.deal_created")
    leaver = a_user(name="Lou Leaver", role=Role.VIEWER)
    update_workflow(workflow, changes={"owner": leaver}, actor=Actor.of(keeper))
    a_deal()
    carried_out()
    run = WorkflowRun.objects.get()

    listed = browser.get(f"{HOME}runs/", {"state": "failed"}).content.decode()
    shown = browser.get(f"{HOME}runs/{run.pk}/").content.decode()
    update_workflow(workflow, changes={"owner": keeper}, actor=Actor.of(keeper))
    tried_again = browser.post(f"{HOME}runs/{run.pk}/retry/")
    carried_out()
    too_late = browser.post(f"{HOME}runs/{run.pk}/retry/")

    words = "may not create task: the role viewer has no right to it here."
    assert (words in listed, words in shown) == (True, True)
    assert (tried_again.status_code, made(), too_late.status_code) == (302, ["One"], 409)


def test_a_workflow_is_written_tried_switched_and_read_by_programs(keeper: User) -> None:
    api = Api.of(keeper)
    written = {
        "name": "Lost deals",
        "event_name": "crm.deal_created",
        "conditions": where("deal.deal_amount", "at_least", "10"),
        "steps": [a_task_step("Plan {record}")],
    }
    one = api.post("workflows", written).json()

    wrong = api.post("workflows", {**written, "name": "X", "event_name": "crm.no"})
    on = api.post(f"workflows/{one['id']}/activate", {}).json()
    a_deal(name="Large", amount=10)
    a_deal(name="Small", amount=9)
    trial = api.get(f"workflows/{one['id']}/trial").json()["results"]
    carried_out()
    (run,) = api.get("workflow-runs", workflow_id=one["id"]).json()["results"]

    assert (wrong.status_code, on["is_active"], on["active_version"]) == (422, True, 1)
    assert sorted((each["about"], each["fits"]) for each in trial) == [("Large", True), ("Small", False)]
    assert (run["state"], [step["outcome"] for step in run["steps"]]) == (
        "done",
        [f"Task “Plan Large” for {keeper}."],
    )


def test_versions_are_saved_activated_and_rolled_back_by_programs(keeper: User) -> None:
    api = Api.of(keeper)
    one = api.post(
        "workflows", {"name": "W", "event_name": "crm.deal_won", "steps": [a_task_step("A")]}
    ).json()
    api.post(f"workflows/{one['id']}/activate", {})

    api.patch("workflows", one["id"], {"steps": [a_task_step("B")]})
    draft = api.get(f"workflows/{one['id']}").json()
    back = api.post(f"workflows/{one['id']}/roll-back", {"number": 1}).json()
    numbers = [each["number"] for each in api.get(f"workflows/{one['id']}/versions").json()["results"]]

    assert (draft["newest_version"], draft["active_version"]) == (2, 1)
    assert (back["newest_version"], back["active_version"], numbers) == (3, 3, [3, 2, 1])
    assert back["steps"] == [a_task_step("A")]


def test_a_workflow_goes_out_as_a_file_and_comes_in_again_switched_off(browser: Client, keeper: User) -> None:
    workflow = a_workflow(keeper, a_task_step("Plan {record}"), conditions=where("after", "is", "won"))

    file = browser.get(f"{HOME}{workflow.pk}/export/").content
    told = json.loads(file)
    again = SimpleUploadedFile("w.json", json.dumps({**told, "name": "Copy"}).encode())
    taken = browser.post(f"{HOME}import/", {"file": again})
    refused = browser.post(f"{HOME}import/", {"file": SimpleUploadedFile("w.json", b"[]")})

    copy = Workflow.objects.get(name="Copy")
    assert (taken.status_code, refused.status_code) == (302, 422)
    assert (copy.is_active, copy.newest.steps, copy.newest.conditions) == (
        False,
        workflow.newest.steps,
        workflow.newest.conditions,
    )


def test_who_does_not_configure_finds_none_of_it(client: Client, keeper: User) -> None:
    workflow = a_workflow(keeper)
    seller = a_user(role=Role.AE)
    client.force_login(seller)

    pages = [
        client.get(address).status_code
        for address in (HOME, f"{HOME}new/", f"{HOME}{workflow.pk}/", f"{HOME}runs/")
    ]

    assert pages == [404] * 4
    assert Api.of(seller).get("workflows").json()["results"] == []
    assert Api.of(seller).get("workflow-runs").json()["results"] == []
