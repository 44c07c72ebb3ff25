"""What RevOps writes in forms travels too: fields, rules, roles, territories, policies, workflows, flags, weights."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from crm.models import RoutingVersion
from crm.services.routing import activate_routing, save_routing
from gtmos.context.models import Organisation
from gtmos.context.services.organisation import update_organisation
from gtmos.kernel.actors import SYSTEM
from gtmos.kernel.approvals.models import ApprovalPolicy
from gtmos.kernel.approvals.services.policies import activate_policy, create_policy
from gtmos.kernel.desk_transfer import apply, look, packed
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.fields.models import CustomField
from gtmos.kernel.fields.services.definitions import archive_field, create_field
from gtmos.kernel.flags.declared import features
from gtmos.kernel.flags.models import FeatureFlag
from gtmos.kernel.flags.services.setting import set_flag
from gtmos.kernel.history.models import Change
from gtmos.kernel.people.access_models import AccessRole, Territory
from gtmos.kernel.people.access_services import create_role
from gtmos.kernel.people.models import Role, Team, User
from gtmos.kernel.people.services import create_user
from gtmos.kernel.people.territory_services import create_territory
from gtmos.kernel.rules.models import ValidationRule
from gtmos.kernel.rules.services.rules import activate_rule, create_rule
from gtmos.kernel.schedule.models import ScheduleSetting
from gtmos.kernel.schedule.setting_services import set_schedule
from gtmos.kernel.tests.builders import a_team
from gtmos.kernel.workflows.models import Workflow, WorkflowVersion
from gtmos.kernel.workflows.services.workflows import create_workflow, save_version, switch_on
from outreach.models import ClosedDay, MailTemplate, ScoringWeights
from outreach.services.closed_days import close_day
from outreach.services.mail_templates import create_template, offer_template
from outreach.services.scoring_weights import activate_weights, create_weights

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(db: None) -> User:
    return create_user("desk@gtmos.example", name="Dana", role=Role.REVOPS, password=None, actor=SYSTEM)


def a_definition(approver: str) -> dict[str, Any]:
    step = {"approvers": [approver], "needs": "any", "due_hours": 4}
    condition = {"field": "discount", "operator": "above", "value": "0.2"}
    return {"branches": [{"name": "Large", "groups": [[condition]], "steps": [step]}]}


def a_step(title: str) -> dict[str, Any]:
    return {"do": "notify", "with": {"title": title, "to": "owner"}}


def a_field(owner: User) -> None:
    archive_field(create_field("deal", "Old band", type="text", actor=SYSTEM), actor=SYSTEM)
    create_field("deal", "ARR band", type="choice", options={"choices": ["Low", "High"]}, actor=SYSTEM)


def a_rule(owner: User) -> None:
    need = {"field": "next_step", "operator": "filled", "value": ""}
    rule = create_rule("deal", "Next", conditions=[], requirement=need, sentence="Say it.", actor=SYSTEM)
    activate_rule(rule, actor=SYSTEM)


def a_role(owner: User) -> None:
    fields = {"deal.deal_amount": "hidden"}
    create_role("Partner desk", based_on=Role.AE, scope="own", fields=fields, actor=SYSTEM)


def two_territories(owner: User) -> None:
    above = create_territory("Zone", owner=owner, actor=SYSTEM)
    create_territory("Area", parent=above, conditions={"countries": ["Germany"]}, actor=SYSTEM)


def a_policy(owner: User) -> None:
    rules = a_definition(f"person:{owner.pk}")
    activate_policy(
        create_policy("Discounts", action="crm.discount_deal", definition=rules, actor=SYSTEM), actor=SYSTEM
    )


def a_workflow(owner: User) -> None:
    made = create_workflow(
        "Won", event_name="crm.deal_won", steps=[a_step("Flowers")], owner=owner, actor=SYSTEM
    )
    switch_on(made, actor=SYSTEM)


def a_flag(owner: User) -> None:
    people, teams = [str(owner.pk)], [str(a_team().pk)]
    set_flag(next(iter(features())), changes={"people": people, "teams": teams, "share": 0.2}, actor=SYSTEM)


def a_schedule(owner: User) -> None:
    set_schedule("crm.judge_deals", changes={"minutes": 60, "is_paused": True}, actor=SYSTEM)


def some_weights(owner: User) -> None:
    activate_weights(
        create_weights("Titles", weights={"titles": 9}, fit_share=0.6, actor=SYSTEM), actor=SYSTEM
    )
    create_weights("Ahead", weights={"titles": 5}, fit_share=0.5, actor=SYSTEM)


def two_templates(owner: User) -> None:
    offer_template(
        create_template("Fair", subject="{FirstName}", body="We met in {City}.", actor=SYSTEM), actor=SYSTEM
    )
    create_template("Later", purpose="After a year.", subject="Again", body="Hi", actor=SYSTEM)


def routing_rules(owner: User) -> None:
    team = str(a_team().pk)
    rules = [
        {"name": "Large", "about": "company", "conditions": [], "target": "team", "to": team},
        {"name": "Rest", "about": "company", "conditions": [], "target": "person", "to": str(owner.pk)},
    ]
    activate_routing(save_routing(rules, note="Two rules", actor=SYSTEM), actor=SYSTEM)


def two_closed_days(owner: User) -> None:
    close_day(date(2031, 3, 4), name="Retreat", actor=SYSTEM)
    close_day(date(2031, 3, 5), name="Inventory", actor=SYSTEM)


KINDS: dict[str, tuple[Callable[[User], None], type[Any]]] = {
    "custom fields": (a_field, CustomField),
    "validation rules": (a_rule, ValidationRule),
    "roles": (a_role, AccessRole),
    "territories": (two_territories, Territory),
    "approval policies": (a_policy, ApprovalPolicy),
    "workflows": (a_workflow, Workflow),
    "feature flags": (a_flag, FeatureFlag),
    "schedules": (a_schedule, ScheduleSetting),
    "scoring weights": (some_weights, ScoringWeights),
    "mail templates": (two_templates, MailTemplate),
    "closed days": (two_closed_days, ClosedDay),
    "routing rules": (routing_rules, RoutingVersion),
}
kinds = pytest.mark.parametrize(("build", "model"), KINDS.values(), ids=KINDS)


@kinds
def test_it_is_brought_in_where_it_never_was_and_is_the_same(
    build: Callable[[User], None], model: type[Any], owner: User
) -> None:
    build(owner)
    text = packed()
    Workflow.objects.update(active=None)
    Territory.objects.update(parent=None)
    WorkflowVersion.objects.all().delete()
    model.objects.all().delete()

    done = apply(text, actor=SYSTEM)

    assert done.count("refused") == 0
    assert json.loads(packed()) == json.loads(text)


@kinds
def test_brought_in_twice_it_changes_nothing_and_leaves_no_line(
    build: Callable[[User], None], model: type[Any], owner: User
) -> None:
    build(owner)
    text, lines = packed(), Change.objects.count()

    done = apply(text, actor=SYSTEM)

    assert {each.outcome for each in done.lines} == {"same"}
    assert Change.objects.count() == lines


@kinds
def test_looking_at_what_a_file_would_do_does_nothing(
    build: Callable[[User], None], model: type[Any], owner: User
) -> None:
    build(owner)
    text = packed()
    told = json.loads(text)
    rows = next(each["rows"] for each in told["configuration"] if each["kind"] == model._meta.label_lower)
    key = "label" if "label" in rows[0] else "key" if "key" in rows[0] and "name" not in rows[0] else "name"
    rows[0][key] = "Elsewhere" if key != "key" else "no.such.feature"

    look(json.dumps(told), actor=SYSTEM)

    assert packed() == text


def rows_of(told: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = next(each["rows"] for each in told["configuration"] if each["kind"] == kind)
    return found


@pytest.mark.parametrize(
    ("build", "kind", "changes", "words"),
    [
        (a_field, "kernel.customfield", {"type": "sound"}, ""),
        (a_rule, "kernel.validationrule", {"requirement": {"field": "no_such", "operator": "filled"}}, ""),
        (a_role, "kernel.accessrole", {"based_on": "viewer"}, "Its based on stays ae."),
        (
            a_role,
            "kernel.accessrole",
            {"rights": {"deal.fly": True}},
            "There is no deal.fly to allow or refuse.",
        ),
        (
            two_territories,
            "kernel.territory",
            {"owner": "nobody@gtmos.example"},
            "Owner: there is no nobody@gtmos.example here.",
        ),
        (two_territories, "kernel.territory", {"conditions": {"moons": ["Io"]}}, ""),
        (a_policy, "kernel.approvalpolicy", {"action": "other.thing"}, "Its action stays crm.discount_deal."),
        (a_policy, "kernel.approvalpolicy", {"definition": "none"}, ""),
        (a_workflow, "kernel.workflow", {"steps": [{"do": "fly", "with": {}}]}, ""),
        (a_workflow, "kernel.workflow", {"steps": 7}, ""),
        (
            a_flag,
            "kernel.featureflag",
            {"people": ["person:nobody@gtmos.example"]},
            "There is no person person:nobody@gtmos.example.",
        ),
        (a_schedule, "kernel.schedulesetting", {"minutes": 1_000_000}, ""),
        (
            a_schedule,
            "kernel.schedulesetting",
            {"name": "kernel.sweep_events"},
            "There is no such one here, and none can be added.",
        ),
        (some_weights, "outreach.scoringweights", {"weights": {"moons": 1}}, ""),
        (two_templates, "outreach.mailtemplate", {"body": "Hi {Nick}"}, ""),
        (two_closed_days, "outreach.closedday", {"name": " "}, ""),
        (
            two_closed_days,
            "outreach.closedday",
            {"day": "2020-01-01"},
            "This day is over: close one that comes.",
        ),
        (
            two_templates,
            "outreach.mailtemplate",
            {"name": "x" * 130},
            "Name: Ensure this value has at most 120 characters (it has 130).",
        ),
        (
            routing_rules,
            "crm.routingversion",
            {"state": "draft"},
            "Only rules that are active travel in a file.",
        ),
        (routing_rules, "crm.routingversion", {"rules": [{"name": "Odd"}]}, ""),
    ],
)
def test_one_row_that_cannot_be_is_named_and_nothing_of_the_file_is_saved(
    build: Callable[[User], None], kind: str, changes: dict[str, Any], words: str, owner: User
) -> None:
    build(owner)
    a_team("Late")
    told = json.loads(packed())
    team = next(each for each in rows_of(told, "kernel.team") if each["name"] == "Late")
    team["manager"] = owner.email
    rows_of(told, kind)[0].update(changes)
    before = packed()

    refused = [each for each in look(json.dumps(told), actor=SYSTEM).lines if each.outcome == "refused"]
    with pytest.raises(DomainError) as error:
        apply(json.dumps(told), actor=SYSTEM)

    assert len(refused) == 1
    assert not words or refused[0].reason == words
    assert error.value.message.endswith("Nothing was saved.")
    assert packed() == before
    assert Team.objects.get(name="Late").manager is None


@kinds
def test_a_text_that_no_column_holds_is_refused_in_words(
    build: Callable[[User], None], model: type[Any], owner: User
) -> None:
    build(owner)
    told = json.loads(packed())
    row = rows_of(told, model._meta.label_lower)[0]
    texts = {each.name: each.max_length for each in model._meta.fields if each.max_length}
    before, found = packed(), {}

    for name in texts.keys() & row.keys():
        kept, row[name] = row[name], "x" * (texts[name] + 1)
        (line,) = [each for each in look(json.dumps(told), actor=SYSTEM).lines if each.outcome == "refused"]
        found[name] = f"at most {texts[name]} characters" in line.reason
        row[name] = kept

    assert found == dict.fromkeys(texts.keys() & row.keys(), True)
    assert packed() == before


def test_a_workflow_travels_as_it_counts_not_as_it_is_being_written(owner: User) -> None:
    a_workflow(owner)
    flow = Workflow.objects.get()
    save_version(flow, event_name="crm.deal_won", steps=[a_step("A draft")], actor=SYSTEM)

    row = rows_of(json.loads(packed()), "kernel.workflow")[0]

    assert (row["is_active"], row["steps"][0]["with"]["title"]) == (True, "Flowers")


def test_a_file_that_changes_roles_asks_who_sits_there(client: Client, owner: User) -> None:
    a_role(owner)
    told = json.loads(packed())
    rows_of(told, "kernel.accessrole")[0]["scope"] = "all"
    client.force_login(owner)
    session = client.session
    session["confirmed_at"] = (timezone.now() - timedelta(minutes=16)).isoformat()
    session.save()

    answer = client.post("/admin/configuration/", {"text": json.dumps(told), "save": "1"})

    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/login/again/")
    assert AccessRole.objects.get().scope == "own"


def test_rules_of_routing_that_somebody_is_writing_are_not_overwritten_by_a_file(owner: User) -> None:
    routing_rules(owner)
    told = json.loads(packed())
    rows_of(told, "crm.routingversion")[0]["note"] = "Other words"
    draft = save_routing([], note="Half a thought", actor=SYSTEM)

    with pytest.raises(DomainError) as refused:
        apply(json.dumps(told), actor=SYSTEM)

    draft.refresh_from_db()
    assert "Somebody is writing rules of routing here" in refused.value.message
    assert (draft.note, RoutingVersion.objects.get(state="active").note) == ("Half a thought", "Two rules")


def test_the_currency_and_time_zone_of_the_house_travel_and_its_name_stays(db: None) -> None:
    update_organisation(changes={"name": "Ours", "currency": "EUR", "time_zone": "UTC"}, actor=SYSTEM)
    text = packed()
    update_organisation(changes={"name": "Theirs", "currency": "USD"}, actor=SYSTEM)

    done = apply(text, actor=SYSTEM)

    here = Organisation.objects.get()
    assert (here.name, here.currency, done.count("changed")) == ("Theirs", "EUR", 1)


def test_another_organisation_is_refused(db: None) -> None:
    update_organisation(changes={"name": "Ours"}, actor=SYSTEM)
    told = json.loads(packed())
    rows_of(told, "context.organisation")[0].update(id=2, currency="CHF")

    with pytest.raises(DomainError, match="There is one organisation"):
        apply(json.dumps(told), actor=SYSTEM)

    assert Organisation.objects.get().currency == "USD"
