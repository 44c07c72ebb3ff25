"""The configuration as a file: what one installation has set, compared and saved in another."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from crm.models import Pipeline, Stage, StageCriterion
from crm.services.pipelines import add_criterion, create_pipeline, create_stage, update_stage
from gtmos.kernel.actors import SYSTEM
from gtmos.kernel.desk_transfer import look, packed
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.history.models import Change
from gtmos.kernel.people.models import Team, User
from gtmos.kernel.tests.builders import a_team

pytestmark = pytest.mark.django_db
PAGE = "/admin/configuration/"


@pytest.fixture
def pipeline(db: None) -> Pipeline:
    """One stage that asks for an amount, and a team with its manager."""
    made = create_pipeline("Partners", actor=SYSTEM)
    stage = create_stage(made, name="Talk", key="talk", probability=0.2, rot_days=9, actor=SYSTEM)
    add_criterion(stage, moment="exit", kind="field", field="deal_amount", label="An amount", actor=SYSTEM)
    a_team()
    return made


def as_file(text: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("configuration.json", text.encode(), "application/json")


def forgotten() -> None:
    """As in an installation that never had it."""
    StageCriterion.objects.all().delete()
    Stage.objects.all().delete()
    Pipeline.objects.all().delete()
    Team.objects.all().delete()


def test_what_was_taken_out_is_brought_in_elsewhere_and_is_the_same(desk: Client, pipeline: Pipeline) -> None:
    text = desk.get(PAGE, {"as": "file"}).content.decode()
    forgotten()

    shown = desk.post(PAGE, {"file": as_file(text)})
    nothing_yet = Pipeline.objects.exists()
    desk.post(PAGE, {"text": text, "save": "1"})

    assert [each.reason for each in shown.context["comparison"].lines if each.outcome == "refused"] == []
    assert nothing_yet is False
    assert json.loads(packed()) == json.loads(text)
    assert StageCriterion.objects.get().stage.pipeline.name == "Partners"


def test_what_differs_is_said_before_it_is_saved_and_has_its_history(
    desk: Client, pipeline: Pipeline
) -> None:
    text = packed()
    stage = update_stage(pipeline.stages.get(), changes={"rot_days": 30}, actor=SYSTEM)
    before = Change.objects.filter(subject_id=stage.pk).count()

    comparison = desk.post(PAGE, {"file": as_file(text)}).context["comparison"]
    desk.post(PAGE, {"text": text, "save": "1"})

    changed = [each for each in comparison.lines if each.outcome == "changed"]
    assert [(each.kind, [(d.label, d.now, d.then) for d in each.differences]) for each in changed] == [
        ("stage", [("Rot days", "30", "9")])
    ]
    assert Stage.objects.get(pk=stage.pk).rot_days == 9
    assert Change.objects.filter(subject_id=stage.pk).count() == before + 1


def test_one_row_that_cannot_be_keeps_the_whole_file_out(desk: Client, pipeline: Pipeline) -> None:
    told = json.loads(packed())
    stages = next(each for each in told["configuration"] if each["kind"] == "crm.stage")["rows"]
    stages[0]["rot_days"] = 77
    stages.append({**stages[0], "key": "lost-in-space", "pipeline": ["Nowhere"]})
    before = json.loads(packed())

    shown = desk.post(PAGE, {"file": as_file(json.dumps(told))})
    answer = desk.post(PAGE, {"text": json.dumps(told), "save": "1"})

    refused = [each for each in shown.context["comparison"].lines if each.outcome == "refused"]
    assert [each.reason for each in refused] == ["Pipeline: there is no Nowhere here."]
    assert "Nothing was saved" in answer.content.decode()
    assert json.loads(packed()) == before


@pytest.mark.parametrize("named", [[], ["Partners", "Partners"], "Nowhere"], ids=str)
def test_a_row_that_does_not_say_the_whole_name_of_another_is_refused(
    named: object, pipeline: Pipeline
) -> None:
    told = json.loads(packed())
    stages = next(each for each in told["configuration"] if each["kind"] == "crm.stage")["rows"]
    stages.append({**stages[0], "key": "lost-in-space", "pipeline": named})

    refused = [each for each in look(json.dumps(told), actor=SYSTEM).lines if each.outcome == "refused"]

    assert [each.reason.partition(" ")[0] for each in refused] == ["Pipeline:"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "bad_file"),
        ("[]", "bad_file"),
        ("[" * 100_000, "bad_file"),
        ('{"format": 1, "configuration": [{"kind": "crm.stage"}]}', "bad_file"),
        ('{"format": 1, "configuration": [{"kind": "crm.stage", "rows": ["x"]}]}', "bad_file"),
        ('{"format": 2, "configuration": []}', "other_format"),
        ('{"format": 1, "configuration": [{"kind": "kernel.user", "rows": []}]}', "unknown_kind"),
    ],
    ids=range(7),
)
def test_what_is_no_configuration_is_refused_in_words(db: None, text: str, code: str) -> None:
    with pytest.raises(DomainError) as refused:
        look(text, actor=SYSTEM)

    assert refused.value.code == code


def test_whoever_does_not_configure_neither_takes_nor_brings(
    client: Client, pipeline: Pipeline, user: User
) -> None:
    client.force_login(user)
    text = packed()
    forgotten()

    answers = [client.get(PAGE, {"as": "file"}), client.post(PAGE, {"text": text, "save": "1"})]

    assert [each.status_code for each in answers] == [302, 302]
    assert not Pipeline.objects.exists()
