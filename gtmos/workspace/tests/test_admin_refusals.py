"""What cannot be is said in words at the desk, what was written stays in the form, and nothing was changed."""

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from crm.models import AlertRule, ExchangeRate, Pipeline, Stage, StageCriterion
from crm.services.alerts import rule_of
from crm.services.pipelines import add_criterion, create_pipeline, create_stage
from crm.tests.builders import a_deal
from gtmos.kernel.actors import SYSTEM
from gtmos.kernel.flags.declared import features
from gtmos.kernel.flags.services.setting import set_flag
from gtmos.kernel.people.access_models import Territory
from gtmos.kernel.people.models import Role, User
from gtmos.kernel.people.services import create_user
from gtmos.kernel.privacy.models import RetentionRule
from gtmos.kernel.privacy.retention import kinds, set_rule
from gtmos.kernel.tests.builders import a_team
from gtmos.kernel.webhooks.models import Webhook
from outreach.models import MailTemplate, ScoringWeights

pytestmark = pytest.mark.django_db


def said(answer: Any) -> list[str]:
    """The words over the form, which came again."""
    assert answer.status_code == 200
    found: list[str] = answer.context["adminform"].form.non_field_errors()
    return list(found)


@pytest.fixture
def pipeline() -> Pipeline:
    made = create_pipeline("Partners", actor=SYSTEM)
    create_stage(made, name="Talk", key="talk", actor=SYSTEM)
    return made


def test_a_share_of_deals_above_one_is_refused_in_words(desk: Client, pipeline: Pipeline) -> None:
    form = {
        "pipeline": pipeline.pk,
        "name": "Odd",
        "key": "odd",
        "position": "1",
        "kind": "open",
        "rot_days": "14",
    }

    form |= {"criteria-TOTAL_FORMS": "0", "criteria-INITIAL_FORMS": "0"}
    words = said(desk.post("/admin/crm/stage/add/", {**form, "probability": "7"}))

    assert words == ["Odd needs a name and key of its own, and a probability from 0 to 1."]
    assert pipeline.stages.count() == 1


def test_a_criterion_that_asks_for_nothing_is_refused_in_words(desk: Client, pipeline: Pipeline) -> None:
    form = {"stage": pipeline.stages.get().pk, "moment": "exit", "kind": "amount", "least": "-1"}

    words = said(desk.post("/admin/crm/stagecriterion/add/", form))

    assert words == ["Ask for more than 0, or nothing is asked for."]
    assert not StageCriterion.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"rate": "-1"}, "A rate is above 0."),
        ({"base": "EUR"}, ""),
        ({"currency": "E1"}, "A currency is three letters, such as EUR."),
        ({"currency": "XXQ"}, "There is no currency XXQ."),
    ],
    ids=str,
)
def test_a_rate_that_cannot_be_is_refused_in_words(wrong: dict[str, str], words: str, desk: Client) -> None:
    form = {"currency": "EUR", "base": "USD", "dated_on": "2026-01-01", "rate": "1.1"}

    found = said(desk.post("/admin/crm/exchangerate/add/", {**form, **wrong}))

    assert [each for each in found if "Constraint" in each] == []
    assert len(found) == 1
    assert not words or found == [words]
    assert not ExchangeRate.objects.exists()


def test_what_was_written_stays_where_a_service_refuses_it(desk: Client) -> None:
    form = {"name": "Fair", "subject": "Hi {Nick}", "body": "A long text that nobody types twice."}

    answer = desk.post("/admin/outreach/mailtemplate/add/", form)

    assert said(answer)[0].startswith("Nobody can fill {Nick}.")
    assert answer.context["adminform"].form["body"].value() == form["body"]
    assert not MailTemplate.objects.exists()


def test_a_share_of_fit_above_one_is_refused_in_words(desk: Client) -> None:
    page = desk.get("/admin/outreach/scoringweights/add/").context["adminform"].form
    form = {name: page[name].value() for name in page.fields if page[name].value() is not None}

    words = said(desk.post("/admin/outreach/scoringweights/add/", {**form, "name": "Odd", "fit_share": "3"}))

    assert words == ["The share of fit is a number from 0 to 1."]
    assert not ScoringWeights.objects.exists()


def test_a_territory_that_no_company_can_fall_into_is_refused(desk: Client) -> None:
    form = {"name": "None", "priority": "1", "employees_from": "50", "employees_to": "10"}
    form |= {"members-TOTAL_FORMS": "0", "members-INITIAL_FORMS": "0"}

    words = said(desk.post("/admin/kernel/territory/add/", form))

    assert words == ["No company has at least more people than at most."]
    assert not Territory.objects.exists()


def test_usage_does_not_fall_by_more_than_all_of_it(desk: Client) -> None:
    rule = rule_of("usage")
    address = f"/admin/crm/alertrule/{rule.pk}/change/"
    page = desk.get(address).context["adminform"].form
    form = {name: page[name].value() for name in page.fields if page[name].value() is not None}

    words = said(desk.post(address, {**form, "percent": "900"}))

    assert words == ["Usage falls by 1 to 100 percent."]
    assert AlertRule.objects.get(pk=rule.pk).percent == rule.percent


def test_a_form_that_somebody_saved_meanwhile_shows_how_it_stands_now(
    desk: Client, pipeline: Pipeline
) -> None:
    stage = pipeline.stages.get()
    address = f"/admin/crm/stage/{stage.pk}/change/"
    page = desk.get(address).context["adminform"].form
    form = {name: page[name].value() for name in page.fields if page[name].value() is not None}
    Stage.objects.filter(pk=stage.pk).update(name="Theirs", version=stage.version + 1)

    none = {"criteria-TOTAL_FORMS": "0", "criteria-INITIAL_FORMS": "0"}
    answer = desk.post(address, {**form, **none, "name": "Mine"})

    assert answer.status_code == 302
    assert "was changed by somebody else" in str(next(iter(get_messages(answer.wsgi_request))))
    assert Stage.objects.get().name == "Theirs"


def test_a_webhook_is_added_and_its_secret_is_shown_once(desk: Client) -> None:
    form = {"name": "Hook", "url": "https://hooks.example/x", "event_names": "crm.deal_won\ncrm.deal_lost"}

    answer = desk.post("/admin/kernel/webhook/add/", form)

    hook = Webhook.objects.get()
    assert (hook.name, hook.event_names) == ("Hook", ["crm.deal_won", "crm.deal_lost"])
    assert str(next(iter(get_messages(answer.wsgi_request)))).startswith(
        "The signing secret, shown this once: "
    )


# Tested before it counts


def pressed(desk: Client, where: str, row: Any, verb: str) -> list[str]:
    answer = desk.post(f"/admin/{where}/{row.pk}/do/", {"verb": verb})
    return [str(each) for each in get_messages(answer.wsgi_request)]


def test_a_criterion_says_which_open_deals_would_be_held_up(desk: Client) -> None:
    deal = a_deal(name="Bare")
    a_deal(name="Rich", amount=Decimal(9000))
    a_deal(name="Elsewhere", stage=deal.stage.pipeline.stages.get(key="discovery"))
    asked = add_criterion(deal.stage, moment="exit", kind="amount", least=Decimal(5000), actor=SYSTEM)

    words = pressed(desk, "crm/stagecriterion", asked, "try_on_deals")

    asked.refresh_from_db()
    assert words == [f"{asked}: 1 of 2 open deals that it would be asked of lack it, such as Bare."]


def test_a_criterion_of_a_stage_where_no_deal_stands_says_so(desk: Client, pipeline: Pipeline) -> None:
    asked = add_criterion(pipeline.stages.get(), moment="exit", kind="amount", least=1, actor=SYSTEM)

    words = pressed(desk, "crm/stagecriterion", asked, "try_on_deals")

    asked.refresh_from_db()
    assert words == [f"{asked}: No open deal stands where it would be asked."]


def test_a_flag_says_who_has_the_feature_now(desk: Client, revops: User) -> None:
    team = a_team()
    flag = set_flag(next(iter(features())), changes={"people": [str(revops.pk)]}, actor=SYSTEM)
    other = create_user("ada@gtmos.example", name="Ada", role=Role.AE, password=None, actor=SYSTEM)

    one = pressed(desk, "kernel/featureflag", flag, "who_has_it")
    set_flag(flag.key, changes={"people": [], "teams": [str(team.pk)]}, actor=SYSTEM)
    none = pressed(desk, "kernel/featureflag", flag, "who_has_it")

    assert User.objects.filter(pk__in=[other.pk, revops.pk]).count() == 2
    assert one[-1] == f"{flag.key}: 1 of 2 people have it: Dana."
    assert none[-1] == f"{flag.key}: 0 of 2 people have it."


def test_a_retention_rule_says_how_many_rows_would_go_and_touches_none(desk: Client) -> None:
    kind, kept = next(iter(kinds().items()))
    rule = set_rule(kind, days=30, action=next(iter(kept.actions)), is_active=False, actor=SYSTEM)

    words = pressed(desk, "kernel/retentionrule", rule, "try_on_rows")

    assert words == [f"{rule}: 0 of the rows of today are older. Nothing was touched."]
    assert RetentionRule.objects.get().last_run_at is None


def test_a_retention_rule_whose_kind_is_gone_says_so_and_the_others_are_tried(desk: Client) -> None:
    kind, kept = next(iter(kinds().items()))
    known = set_rule(kind, days=30, action=next(iter(kept.actions)), is_active=False, actor=SYSTEM)
    gone = RetentionRule.objects.create(kind="gone.rows", days=30, action="delete")
    ticked = {"action": "try_on_rows", "_selected_action": [str(gone.pk), str(known.pk)]}

    answer = desk.post("/admin/kernel/retentionrule/", ticked)

    assert {str(each) for each in get_messages(answer.wsgi_request)} == {
        "gone.rows is no kind of data any more. The rule does nothing.",
        f"{known}: 0 of the rows of today are older. Nothing was touched.",
    }
