"""At the desk every configuration has its past, and each state of the past can be brought back."""

import pytest
from django.test import Client
from django.urls import reverse

from crm.models import Pipeline, Stage
from crm.services.pipelines import (
    create_pipeline,
    ensure_default_pipeline,
    update_pipeline,
    update_stage,
)
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.history.models import Change
from gtmos.kernel.people.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage(revops: User) -> Stage:
    """Yesterday 10 days and half sure; since then changed twice."""
    stage = ensure_default_pipeline(actor=SYSTEM).stages.get(key="proposal")
    actor = Actor.of(revops, source="admin")
    stage = update_stage(stage, changes={"rot_days": 10}, actor=actor)
    stage = update_stage(stage, changes={"rot_days": 21, "probability": 0.8}, actor=actor)
    return update_stage(stage, changes={"name": "Offer"}, actor=actor)


def address(stage: Stage, *change: int) -> str:
    return reverse(f"admin:crm_stage_{'version' if change else 'history'}", args=[stage.pk, *change])


def change_of(stage: Stage, place: int) -> Change:
    return list(Change.objects.filter(subject_id=stage.pk).order_by("pk"))[place]


def test_the_history_says_who_changed_what_from_which_value(desk: Client, stage: Stage) -> None:
    page = desk.get(address(stage))

    assert page.content.decode().count("Compare with now") == 2
    assert [
        (each.change.user_name, [(line.label, line.then, line.now) for line in each.lines])
        for each in page.context["versions"]
    ] == [
        ("Dana", [("Name", "Proposal", "Offer")]),
        ("Dana", [("Rot days", "10", "21"), ("Probability", "0.5", "0.8")]),
        ("Dana", [("Rot days", "14", "10")]),
    ]


def test_what_would_come_back_is_shown_first(desk: Client, stage: Stage) -> None:
    page = desk.get(address(stage, change_of(stage, 0).pk))

    assert [(each.label, each.now, each.then) for each in page.context["differences"]] == [
        ("Name", "Offer", "Proposal"),
        ("Rot days", "21", "10"),
        ("Probability", "0.8", "0.5"),
    ]
    assert Stage.objects.get(pk=stage.pk).rot_days == 21


def test_a_state_of_the_past_is_brought_back_as_one_new_change(desk: Client, stage: Stage) -> None:
    before = Change.objects.count()

    answer = desk.post(address(stage, change_of(stage, 0).pk), follow=True)

    back = Stage.objects.get(pk=stage.pk)
    assert (back.name, back.rot_days, back.probability) == ("Proposal", 10, 0.5)
    assert Change.objects.count() == before + 1
    assert "stands as it did then" in answer.content.decode()


def test_what_the_verb_refuses_stays_as_it_is_and_is_said(desk: Client, stage: Stage) -> None:
    """The name of then belongs to another pipeline now."""
    first = Pipeline.objects.get()
    update_pipeline(first, changes={"name": "New business"}, actor=SYSTEM)
    update_pipeline(Pipeline.objects.get(), changes={"name": "Sales again"}, actor=SYSTEM)
    create_pipeline("New business", actor=SYSTEM)
    change = Change.objects.filter(subject_id=first.pk).order_by("pk").first()
    assert change

    answer = desk.post(reverse("admin:crm_pipeline_version", args=[first.pk, change.pk]), follow=True)

    assert Pipeline.objects.get(pk=first.pk).name == "Sales again"
    assert "stands as it did then" not in answer.content.decode()


def test_whoever_may_not_configure_finds_no_version(client: Client, stage: Stage, user: User) -> None:
    client.force_login(user)

    answer = client.post(address(stage, change_of(stage, 0).pk))

    assert answer.status_code in {302, 403, 404}
    assert Stage.objects.get(pk=stage.pk).name == "Offer"
