"""A customer answers a survey: who is told of a low score, with the number and the words."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from crm.models import Alert, Company
from crm.scoring.surveys import score_in
from crm.selectors.alerts import my_alerts
from crm.services.alerts import rule_of, set_alert_rule
from crm.services.companies import change_state
from crm.services.usage import store_events
from crm.tests.builders import a_company, a_contact
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.events.dispatch import dispatch_pending
from gtmos.kernel.people.models import Role, User
from gtmos.kernel.tests.builders import a_team, a_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> User:
    return a_user(role=Role.CSM, team=a_team())


@pytest.fixture
def customer(owner: User) -> Company:
    company = a_company(actor=Actor.of(owner), name="Acme", domain="acme.example")
    for state in ("buying", "using"):
        change_state(company, state, reason="They use it.", actor=SYSTEM)
        company.refresh_from_db()
    a_contact(company=company, name="Bo Holm", email="bo@acme.example")
    return company


def answered(score: object, *, key: str = "1", name: str = "nps_answered", **properties: Any) -> None:
    event = {
        "source": "survey",
        "id": key,
        "name": name,
        "occurred_at": "2026-11-20T10:00:00Z",
        "contact_email": "bo@acme.example",
        "properties": {"score": score, **properties},
    }
    store_events([event], actor=SYSTEM)
    dispatch_pending()


def told() -> list[str]:
    return list(Alert.objects.order_by("created_at").values_list("what", flat=True))


def test_a_detractor_is_told_to_the_owner_of_the_account_with_number_and_words(
    client: Client, customer: Company, owner: User
):
    answered(3, comment="The export fails each Monday.")

    (alert,) = my_alerts(actor=Actor.of(owner))
    client.force_login(owner)
    page = client.get(reverse("crm:alerts")).content.decode()
    assert (alert.kind, alert.what) == ("score", "Bo Holm gives NPS 3 of 10")
    assert alert.why == 'survey, 20 Nov 2026. "The export fails each Monday."'
    assert (alert.company, alert.contact and alert.contact.email) == (customer, "bo@acme.example")
    assert "Bo Holm gives NPS 3 of 10" in page


def test_the_same_answer_posted_again_is_told_once(customer: Company):
    answered(3)
    answered(3)

    assert told() == ["Bo Holm gives NPS 3 of 10"]


@pytest.mark.parametrize(
    ("score", "name", "extra", "is_told"),
    [
        (6, "nps", {}, True),
        (7, "nps", {}, False),
        ("0", "nps", {}, True),
        (2, "csat", {}, True),
        (3, "csat", {}, False),
        (40, "CSAT survey", {"scale": 100}, True),
        (41, "CSAT survey", {"scale": 100}, False),
        (3, "Survey answered", {"kind": "NPS"}, True),
        (3, "login", {}, False),
        (11, "nps", {}, False),
        ("bad", "nps", {}, False),
        (True, "nps", {}, False),
        ("nan", "nps", {}, False),
    ],
)
def test_what_counts_as_low(
    customer: Company, score: object, name: str, extra: dict[str, Any], is_told: bool
):
    answered(score, name=name, **extra)

    assert bool(told()) is is_told


def test_the_threshold_is_that_of_the_rule_and_a_rule_that_is_off_tells_nothing(customer: Company):
    rule = set_alert_rule(rule_of("score"), changes={"nps_at_most": 8}, actor=SYSTEM)
    answered(8)
    set_alert_rule(rule, changes={"is_active": False}, actor=SYSTEM)
    answered(1, key="2")

    assert told() == ["Bo Holm gives NPS 8 of 10"]


def test_the_threshold_stands_in_a_row_of_the_desk_and_stays_on_its_scale(client: Client, customer: Company):
    rule = rule_of("score")
    revops = a_user(role=Role.REVOPS)
    revops.is_staff = True
    revops.save()
    client.force_login(revops)
    url = reverse("admin:crm_alertrule_change", args=[rule.pk])
    form = client.get(url).context["adminform"].form
    given = {name: form[name].value() for name in form.fields if form[name].value() is not None}

    refused = client.post(url, {**given, "nps_at_most": 11})
    kept = client.post(url, {**given, "nps_at_most": 4})

    rule.refresh_from_db()
    assert (refused.status_code, kept.status_code, rule.nps_at_most) == (200, 302, 4)


def test_a_company_that_is_no_customer_is_not_told_of():
    company = a_company(name="Other", domain="acme.example")
    a_contact(company=company, name="Bo Holm", email="bo@acme.example")

    answered(1)

    assert told() == []


def test_an_answer_without_words_says_so_and_long_words_are_cut(customer: Company):
    answered(1, key="1")
    answered(1, key="2", comment="No. " * 400)

    first, second = Alert.objects.order_by("created_at").values_list("why", flat=True)
    assert (first.endswith("There is no comment."), len(second)) == (True, 500)


def test_words_of_other_kinds_are_no_comment():
    assert score_in("nps", {"score": 4, "comment": ["x"]}) == score_in("nps", {"Score": "4,0"})
