"""RevOps writes what must hold, tries it, switches it on; then every door refuses with the same sentence."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agents.selectors.resolving import Call
from agents.tools.work import change_deal
from crm.models import Deal
from crm.services.companies import update_company
from crm.services.deals import update_deal
from crm.tests.builders import a_company, a_deal
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.exceptions import InvalidInputError
from gtmos.kernel.fields.tests.builders import an_arr_band
from gtmos.kernel.people.models import Role
from gtmos.kernel.rules.models import ValidationRule
from gtmos.kernel.rules.services.rules import activate_rule, create_rule, deactivate_rule, try_rule
from gtmos.kernel.tests.api_client import Api
from gtmos.kernel.tests.builders import a_user

pytestmark = pytest.mark.django_db
SENTENCE = "From Proposal on, a deal needs its expected signing date."


@pytest.fixture
def me() -> Actor:
    return Actor.of(a_user())


def a_rule(**values: Any) -> ValidationRule:
    usual: dict[str, Any] = {
        "conditions": [{"field": "stage", "operator": "from", "value": "proposal"}],
        "requirement": {"field": "deal_expected_signing_date", "operator": "filled"},
        "sentence": SENTENCE,
    }
    return create_rule("deal", "Signing date", actor=SYSTEM, **{**usual, **values})


def active() -> ValidationRule:
    return activate_rule(a_rule(), actor=SYSTEM)


def test_a_rule_that_is_not_switched_on_says_nothing(me: Actor) -> None:
    a_rule()
    deal = a_deal(actor=me)

    moved = update_deal(deal, changes={"stage": "proposal"}, actor=me)

    assert moved.stage.key == "proposal"


def test_page_api_and_agent_refuse_with_the_same_sentence_and_nothing_changes(
    client: Client, me: Actor
) -> None:
    deal = a_deal(actor=me)
    active()
    assert me.user is not None
    client.force_login(me.user)

    page = client.post(reverse("crm:deal-move", args=[deal.pk]), {"stage": "proposal"})
    api = Api.of(me.user).patch("deals", deal.pk, {"stage": "proposal"}, match=deal.etag)
    agent = Actor.for_agent("pipeline", me.user)
    with pytest.raises(InvalidInputError) as said:
        change_deal({"deal": str(deal.name), "set": {"stage": "proposal"}}, Call(actor=agent))

    left = Deal.objects.get(pk=deal.pk)
    assert SENTENCE in page["HX-Trigger"]
    assert (api.status_code, api.json()["detail"], api.json()["code"]) == (422, SENTENCE, "rule_broken")
    assert said.value.message == SENTENCE
    assert (left.stage, left.version) == (deal.stage, deal.version)


def test_the_desk_refuses_with_the_same_sentence(client: Client) -> None:
    deal = a_deal()
    active()
    revops = a_user(role=Role.REVOPS)
    revops.is_staff = True
    revops.save()
    client.force_login(revops)
    address = reverse("admin:crm_deal_change", args=[deal.pk])
    form = client.get(address).context["adminform"].form
    values = {name: form[name].value() for name in form.fields if form[name].value() is not None}

    proposal = deal.stage.pipeline.stages.get(key="proposal")
    answer = client.post(address, {**values, "tags": "[]", "custom": "{}", "stage": proposal.pk})

    assert answer.context["adminform"].form.non_field_errors() == [SENTENCE]
    assert Deal.objects.get(pk=deal.pk).stage == deal.stage


def test_with_the_date_the_deal_may_move_and_later_stages_ask_too(me: Actor) -> None:
    active()
    deal = a_deal(actor=me)

    moved = update_deal(
        deal, changes={"stage": "proposal", "deal_expected_signing_date": timezone.now().date()}, actor=me
    )
    with pytest.raises(InvalidInputError):
        update_deal(moved, changes={"deal_expected_signing_date": None}, actor=me)

    assert Deal.objects.get(pk=deal.pk).stage.key == "proposal"


def test_a_deal_is_not_opened_in_a_stage_whose_rule_it_breaks(me: Actor) -> None:
    a_deal()
    active()

    with pytest.raises(InvalidInputError, match="From Proposal on"):
        a_deal(actor=me, stage="proposal")

    assert Deal.objects.count() == 1


def test_a_change_that_has_nothing_to_do_with_a_rule_is_not_refused(me: Actor) -> None:
    deal = a_deal(actor=me, stage="proposal")
    active()

    changed = update_deal(deal, changes={"next_step": "Call"}, actor=me)

    assert changed.next_step == "Call"


def test_trying_a_rule_counts_what_it_would_refuse_and_names_examples(me: Actor) -> None:
    a_deal(actor=me, name="Late one", stage="proposal")
    a_deal(actor=me, stage="lead")

    trial = try_rule(a_rule(), actor=SYSTEM)

    assert (trial.count, trial.broken, trial.examples) == (2, 1, ["Late one"])
    assert trial.sentence == "1 of 2 records break the rule, such as Late one."


def test_a_rule_may_ask_for_a_custom_field(me: Actor) -> None:
    an_arr_band()
    activate_rule(
        create_rule(
            "company",
            "Band",
            conditions=[{"field": "employee_size", "operator": "at_least", "value": "100"}],
            requirement={"field": "custom.arr_band", "operator": "filled"},
            sentence="Large companies need an ARR band.",
            actor=SYSTEM,
        ),
        actor=SYSTEM,
    )
    company = a_company(actor=me, employee_size=20)

    with pytest.raises(InvalidInputError, match="Large companies need an ARR band"):
        update_company(company, changes={"employee_size": 200}, actor=me)
    grown = update_company(company, changes={"employee_size": 200, "custom": {"arr_band": "<1M"}}, actor=me)

    assert (grown.employee_size, grown.custom) == (200, {"arr_band": "<1M"})


def test_a_rule_that_was_switched_off_says_nothing_any_more(me: Actor) -> None:
    deactivate_rule(active(), actor=SYSTEM)
    deal = a_deal(actor=me)

    assert update_deal(deal, changes={"stage": "proposal"}, actor=me).stage.key == "proposal"


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"requirement": {"field": "bogus", "operator": "filled"}}, "There is no field bogus."),
        ({"requirement": {"field": "name", "operator": "like"}}, "Choose how the field is compared."),
        ({"requirement": {"field": "name", "operator": "is"}}, "Write the value that it is compared with."),
        ({"sentence": " "}, "A rule needs a name, and the sentence that people read."),
        (
            {"conditions": [{"field": "deal_amount", "operator": "above", "value": "much"}]},
            "Deal: amount is a number; 'much' is none.",
        ),
        (
            {"requirement": {"field": "deal_expected_signing_date", "operator": "at_least", "value": "soon"}},
            "Deal: expected signing date is a date; write 'soon' as 2026-12-31.",
        ),
        (
            {"conditions": [{"field": "name", "operator": "from", "value": "proposal"}]},
            "Choose how the field is compared.",
        ),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(values: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        a_rule(**values)

    assert refused.value.message == sentence
    assert not ValidationRule.objects.exists()


def test_a_rule_names_a_choice_of_a_custom_field_or_is_refused() -> None:
    an_arr_band()
    band = {"conditions": [], "sentence": "Small ones only.", "actor": SYSTEM}

    with pytest.raises(InvalidInputError, match="; not huge"):
        create_rule(
            "company",
            "Band",
            requirement={"field": "custom.arr_band", "operator": "is", "value": "huge"},
            **band,
        )
    refused = ValidationRule.objects.count()
    create_rule(
        "company",
        "Band",
        requirement={"field": "custom.arr_band", "operator": "is", "value": "<1M"},
        **band,
    )

    assert (refused, ValidationRule.objects.count()) == (0, 1)
