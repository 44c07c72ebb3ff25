"""Writing workflows: with whose rights they act, and what is refused before it is kept."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.exceptions import InvalidInputError, NotPermittedError
from gtmos.kernel.people.models import Role, User
from gtmos.kernel.people.services import create_user
from gtmos.kernel.tests.builders import a_user
from gtmos.kernel.workflows.models import Workflow, WorkflowVersion
from gtmos.kernel.workflows.services.workflows import (
    activate_version,
    create_workflow,
    roll_back,
    save_version,
    switch_on,
    update_workflow,
)

pytestmark = pytest.mark.django_db
WON = "crm.deal_won"
EDIT, VERSIONS = 17, 12  # statements, those of signing in among them


@pytest.fixture
def admin() -> User:
    return create_user("ada@gtmos.example", name="Ada", role=Role.ADMIN, password=None, actor=SYSTEM)


@pytest.fixture
def revops() -> Actor:
    return Actor.of(a_user(role=Role.REVOPS))


def waits(days: int = 1) -> dict[str, Any]:
    return {"do": "wait", "with": {"days": days}}


def test_revops_lets_no_workflow_act_with_the_rights_of_an_administrator(admin: User, revops: Actor) -> None:
    own = create_workflow("Own", event_name=WON, steps=[waits()], actor=revops)
    theirs = create_workflow("Theirs", event_name=WON, steps=[waits()], actor=Actor.of(admin))
    save_version(theirs, event_name=WON, steps=[waits(2)], actor=Actor.of(admin))
    turns = [
        lambda: create_workflow("New", event_name=WON, steps=[waits()], owner=admin, actor=revops),
        lambda: update_workflow(own, changes={"owner": admin}, actor=revops),
        lambda: save_version(theirs, event_name=WON, steps=[waits(3)], actor=revops),
        lambda: roll_back(theirs.versions.get(number=1), actor=revops),
    ]

    for turn in turns:
        with pytest.raises(NotPermittedError, match="only administrators write"):
            turn()

    owners = dict(Workflow.objects.values_list("name", "owner__name"))
    assert owners == {"Own": revops.user.name if revops.user else "", "Theirs": "Ada"}
    assert WorkflowVersion.objects.count() == 3
    assert switch_on(theirs, actor=revops).is_active  # what an administrator wrote


def test_what_others_wrote_before_an_administrator_took_it_over_comes_into_force_by_administrators(
    admin: User, revops: Actor
) -> None:
    workflow = create_workflow("Own", event_name=WON, steps=[waits()], actor=revops)
    update_workflow(workflow, changes={"owner": admin}, actor=Actor.of(admin))
    first = workflow.versions.get()

    with pytest.raises(NotPermittedError, match="only administrators write"):
        activate_version(first, actor=revops)

    assert not Workflow.objects.get().is_active
    assert activate_version(first, actor=Actor.of(admin)).is_active


@pytest.mark.parametrize(
    ("field", "operator", "value", "words"),
    [
        ("deal.deal_amount", "above", "much", "'much' is none"),
        ("deal.deal_amount", "below", "", "Write the value"),
        ("deal.deal_expected_signing_date", "is", "31.12.", "write '31.12.' as 2026-12-31"),
        ("deal.deal_expected_signing_date", "above", "soon", "write 'soon' as 2026-12-31"),
        ("deal.deal_state", "is", "finished", "is one of"),
        ("deal.deal_state", "above", "open", "is no number; compare it with “is”."),
    ],
)
def test_a_condition_that_could_never_be_asked_is_refused_when_it_is_written(
    field: str, operator: str, value: str, words: str, revops: Actor
) -> None:
    conditions = {"all": [{"field": field, "operator": operator, "value": value}]}

    with pytest.raises(InvalidInputError, match=words):
        create_workflow(
            "Own",
            event_name="crm.deal_stage_changed",
            steps=[waits()],
            conditions=conditions,
            actor=revops,
        )

    assert Workflow.objects.count() == 0


@pytest.mark.parametrize("count", [1, 3])
def test_its_pages_ask_as_many_statements_for_one_step_as_for_three(
    count: int, admin: User, client: Client, django_assert_max_num_queries: Any
) -> None:
    told = {"do": "notify", "with": {"title": "Won", "to": f"{admin.pk}"}}
    steps = [told] * count
    workflow = create_workflow("Own", event_name=WON, steps=steps, actor=Actor.of(admin))
    save_version(workflow, event_name=WON, steps=[waits(), *steps], actor=Actor.of(admin))
    client.force_login(admin)

    with django_assert_max_num_queries(EDIT):
        edit = client.get(reverse("workspace:workflow-edit", args=[workflow.pk]))
    with django_assert_max_num_queries(VERSIONS):
        versions = client.get(reverse("workspace:workflow-versions", args=[workflow.pk]))

    assert (edit.status_code, versions.content.decode().count("Tell Ada")) == (200, 2 * count)


def test_the_form_at_the_desk_shows_what_the_newest_version_says(admin: User, client: Client) -> None:
    """One that is off has no event in force, and saving its form must not give it another one."""
    actor = Actor.of(admin)
    workflow = create_workflow("Own", event_name=WON, steps=[waits()], actor=actor)
    save_version(workflow, event_name="crm.deal_lost", steps=[waits(2)], actor=actor)
    client.force_login(admin)

    form = client.get(reverse("admin:kernel_workflow_change", args=[workflow.pk])).context["adminform"].form

    assert (form["event_name"].value(), form.initial["steps"]) == ("crm.deal_lost", [waits(2)])


def test_an_administrator_lets_a_workflow_act_for_themselves_and_for_others(
    admin: User, revops: Actor
) -> None:
    workflow = create_workflow("Own", event_name=WON, steps=[waits()], actor=revops)

    update_workflow(workflow, changes={"owner": admin}, actor=Actor.of(admin))

    assert Workflow.objects.get().owner == admin


def nested(times: int) -> dict[str, Any]:
    step = waits()
    held = {"conditions": {"all": [{"field": "deal_id", "operator": "filled", "value": ""}]}}
    for _ in range(times):
        step = {"do": "branch", "with": held, "then": [step], "else": []}
    return step


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ({"do": "branch", "with": {"conditions": {"all": 5}}}, "A group is a list"),
        ({"do": "branch", "with": {"conditions": {"all": [5]}}}, "A condition has a field"),
        (nested(200), "decisions stand at most"),
        (nested(2000), "decisions stand at most"),
    ],
    ids=["a group of a number", "a number as condition", "deep", "very deep"],
)
def test_steps_of_no_sound_shape_are_refused_in_words(
    step: dict[str, Any], words: str, revops: Actor
) -> None:
    with pytest.raises(InvalidInputError, match=words):
        create_workflow("Own", event_name=WON, steps=[step], actor=revops)

    assert Workflow.objects.count() == 0
