"""What is told of customers and open deals, to whom, and that it is told once."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from crm.enums import AccountRole
from crm.models import Alert, Company, Contact, Deal, UsageEvent
from crm.selectors.alerts import my_alerts, visible_alerts
from crm.services.account_teams import add_account_member
from crm.services.activities import log_activity
from crm.services.alerts import acknowledge_alert, raise_alert, rule_of, set_alert_rule
from crm.services.companies import change_state
from crm.services.contacts import mark_bounced, update_contact
from crm.services.deals import update_deal
from crm.services.watching import tell_left, watch_accounts, watch_people, watch_usage
from crm.tests.builders import a_company, a_contact, a_deal
from gtmos.kernel import clock
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.events.dispatch import dispatch_pending
from gtmos.kernel.exceptions import NotPermittedError
from gtmos.kernel.people.models import Role, User
from gtmos.kernel.tests.builders import a_team, a_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager() -> User:
    return a_user(role=Role.CSM, team=a_team())


@pytest.fixture
def customer(manager: User) -> Company:
    company = a_company(name="Acme", domain="acme.example")
    for state in ("buying", "using"):
        change_state(company, state, reason="They use it.", actor=SYSTEM)
        company.refresh_from_db()
    add_account_member(company, manager, role=AccountRole.SUCCESS, actor=SYSTEM)
    return company


def a_champion(company: Company, **fields: Any) -> Contact:
    return a_contact(company=company, name="Ana Silva", influence_role="champion", title="CFO", **fields)


def told() -> list[tuple[str, str]]:
    return list(Alert.objects.order_by("created_at").values_list("kind", "what"))


def pages_with_alerts(client: Client, company: Company) -> list[str]:
    places = (
        reverse("workspace:home"),
        reverse("crm:alerts"),
        reverse("crm:alerts-of-company", args=[company.pk]),
    )
    return [client.get(url).content.decode() for url in places]


def used(company: Company, count: int, *, days_ago: int, name: str) -> None:
    at = clock.now() - timedelta(days=days_ago)
    UsageEvent.objects.bulk_create(
        UsageEvent(source="app", external_id=f"{name}{each}", name="login", occurred_at=at, company=company)
        for each in range(count)
    )


def test_a_champion_leaves_and_the_success_manager_is_alerted(customer: Company, manager: User):
    ana = a_champion(customer)

    update_contact(ana, changes={"company": a_company(name="Elsewhere")}, actor=SYSTEM)
    dispatch_pending()

    alert = Alert.objects.get()
    assert (alert.what, alert.company, alert.contact, alert.owner, alert.state) == (
        "Ana Silva may have left Acme",
        customer,
        ana,
        manager,
        "open",
    )
    assert alert.why == "Ana Silva is a champion. Their company is now Elsewhere."
    assert list(my_alerts(actor=Actor.of(manager))) == [alert]


def test_one_departure_is_told_once_however_many_signs_there_are(customer: Company):
    ana = a_champion(customer)

    mark_bounced(ana, actor=SYSTEM)
    dispatch_pending()
    tell_left(ana, why="Their mail program says that they have left.")
    update_contact(ana, changes={"company": a_company()}, actor=SYSTEM)
    dispatch_pending()
    watch_people()
    watch_people()

    assert told() == [("champion", "Ana Silva may have left Acme")]


def test_another_title_is_told_with_both(customer: Company):
    ana = a_champion(customer)

    update_contact(ana, changes={"title": "Adviser"}, actor=SYSTEM)
    dispatch_pending()

    assert Alert.objects.get().why == "Ana Silva is a champion. It was CFO, now it is Adviser."


def test_who_has_no_weight_and_accounts_that_do_not_matter_are_not_told_of(customer: Company):
    user = a_contact(company=customer, influence_role="user")
    stranger = a_champion(a_company())

    for contact in (user, stranger):
        update_contact(contact, changes={"title": "Something else"}, actor=SYSTEM)
        mark_bounced(contact, actor=SYSTEM)
    dispatch_pending()

    assert told() == []


def test_without_a_success_manager_the_owner_of_the_open_deal_is_told():
    seller = a_user(team=a_team())
    company = a_company()
    a_deal(company=company, owner=seller)
    ana = a_champion(company)

    mark_bounced(ana, actor=SYSTEM)
    dispatch_pending()

    assert Alert.objects.get().owner == seller


def test_usage_that_falls_is_told_once_with_both_figures(customer: Company):
    used(customer, 40, days_ago=20, name="before")
    used(customer, 10, days_ago=3, name="lately")

    found = watch_usage(), watch_usage()

    alert = Alert.objects.get()
    assert found == (1, 0)
    assert alert.what == "Usage at Acme falls by 75 %"
    assert alert.why == "10 events in the last 14 days, 40 in the 14 days before."


def test_an_earlier_fall_and_a_later_alert_of_another_kind_hide_no_new_fall(customer: Company):
    raise_alert("usage", fact_key="last year", company=customer, what="Usage fell", why="It did.")
    Alert.objects.update(created_at=clock.now() - timedelta(days=300))
    raise_alert("renewal", fact_key="today", company=customer, what="It renews", why="Soon.")
    used(customer, 40, days_ago=20, name="before")

    assert watch_usage() == 1


@pytest.mark.parametrize(("before", "lately"), [(40, 21), (19, 0)])
def test_a_small_fall_and_few_events_are_not_told(customer: Company, before: int, lately: int):
    used(customer, before, days_ago=20, name="before")
    used(customer, lately, days_ago=3, name="lately")

    assert watch_usage() == 0


def test_the_thresholds_are_those_of_the_rule(customer: Company):
    used(customer, 40, days_ago=20, name="before")
    used(customer, 30, days_ago=3, name="lately")
    revops = Actor.of(a_user(role=Role.REVOPS))

    set_alert_rule(rule_of("usage"), changes={"percent": 25}, actor=revops)

    assert watch_usage() == 1


def test_a_rule_that_is_switched_off_tells_nothing(customer: Company):
    set_alert_rule(
        rule_of("champion"), changes={"is_active": False}, actor=Actor.of(a_user(role=Role.REVOPS))
    )

    mark_bounced(a_champion(customer), actor=SYSTEM)
    dispatch_pending()

    assert told() == []
    with pytest.raises(NotPermittedError):
        set_alert_rule(rule_of("champion"), changes={"is_active": True}, actor=Actor.of(a_user()))


@pytest.mark.parametrize(("days", "when"), [(20, "in 20 days"), (1, "in 1 day"), (0, "today")])
def test_a_renewal_near_without_activity_is_told_once(customer: Company, days: int, when: str):
    deal = a_deal(company=customer, name="Acme contract")
    end = clock.now().date() + timedelta(days=days)
    Deal.objects.filter(pk=deal.pk).update(deal_state="won", deal_end_date=end)

    watch_accounts()
    watch_accounts()

    assert told() == [("renewal", f"Acme renews {when} and nobody speaks with them")]


def test_a_renewal_with_a_recent_call_is_not_told(customer: Company):
    deal = a_deal(company=customer)
    end = clock.now().date() + timedelta(days=20)
    Deal.objects.filter(pk=deal.pk).update(deal_state="won", deal_end_date=end)
    log_activity(type="call", subject="Renewal", company=customer, actor=SYSTEM)

    watch_accounts()

    assert told() == []


def test_a_customer_who_says_no_is_told_with_the_mail(customer: Company):
    ana = a_contact(company=customer, name="Bo Holm")

    said = log_activity(
        type="email", subject="Re: x", contact=ana, direction="in", outcome="negative", actor=SYSTEM
    )
    dispatch_pending()

    alert = Alert.objects.get()
    assert (alert.kind, alert.what, alert.activity) == ("detractor", "Bo Holm says no", said)


def test_a_deal_that_goes_back_is_told_and_one_that_goes_on_is_not():
    company = a_company()
    deal = a_deal(company=company, name="Acme pilot")
    stages = list(deal.stage.pipeline.stages.filter(kind="open").order_by("position"))

    Deal.objects.filter(pk=deal.pk).update(stage=stages[1])
    deal.refresh_from_db()
    update_deal(deal, changes={"stage": stages[0]}, actor=SYSTEM)
    dispatch_pending()

    assert told() == [("setback", f"Acme pilot went back to {stages[0].name}")]


def test_another_team_sees_no_alert(customer: Company):
    hidden = a_company(actor=Actor.of(a_user(team=a_team())))
    raise_alert("usage", fact_key="x", company=hidden, what="Usage falls", why="It does.")

    assert list(visible_alerts(actor=Actor.of(a_user(team=a_team())))) == []


def test_an_alert_about_a_deal_or_a_person_of_another_team_does_not_name_them(customer: Company):
    other = Actor.of(a_user(team=a_team()))
    deal, person = a_deal(company=customer, actor=other), a_contact(company=customer, actor=other)
    raise_alert("setback", fact_key="x", company=customer, deal=deal, what="It went back", why="It did.")
    raise_alert("champion", fact_key="y", company=customer, contact=person, what="They left", why="So.")
    raise_alert("usage", fact_key="z", company=customer, what="Usage falls", why="It does.")

    assert {each.kind for each in visible_alerts(actor=Actor.of(a_user(team=a_team())))} == {"usage"}
    assert visible_alerts(actor=other).count() == 3


def test_it_stands_on_home_and_on_the_company_and_is_seen_to(
    client: Client, customer: Company, manager: User
):
    alert = raise_alert("usage", fact_key="x", company=customer, what="Usage falls", why="It does.")
    client.force_login(manager)

    pages = pages_with_alerts(client, customer)
    listed = client.get("/api/v1/alerts/", {"state": "open"}).json()["results"]
    seen = client.post(f"/api/v1/alerts/{alert.pk}/acknowledge/").json()
    done = client.post(reverse("crm:alert-decide", args=[alert.pk, "finish"]))

    assert ["Usage falls" in each for each in pages] == [True, True, True]
    assert [each["id"] for each in listed] == [str(alert.pk)]
    assert (seen["state"], seen["decided_by_id"], done.status_code) == (
        "acknowledged",
        str(manager.pk),
        200,
    )
    assert Alert.objects.get().state == "done"


def test_a_viewer_looks_and_decides_nothing(customer: Company):
    alert = raise_alert("usage", fact_key="x", company=customer, what="Usage falls", why="It does.")

    with pytest.raises(NotPermittedError):
        acknowledge_alert(alert, actor=Actor.of(a_user(role=Role.VIEWER)))


@pytest.mark.parametrize(("role", "buttons"), [(Role.VIEWER, 0), (Role.AE, 1)])
def test_no_page_shows_a_button_that_would_be_refused(
    client: Client, customer: Company, role: Role, buttons: int
):
    reader = a_user(role=role)
    alert = raise_alert("usage", fact_key="x", company=customer, what="Usage falls", why="It does.")
    Alert.objects.update(owner=reader)
    Company.objects.update(owner=None, team=None)
    client.force_login(reader)

    pages = pages_with_alerts(client, customer)
    answer = client.post(reverse("crm:alert-decide", args=[alert.pk, "acknowledge"]))

    assert [each.count("Usage falls") > 0 for each in pages] == [True, True, True]
    assert [each.count("I see to it") for each in pages] == [buttons] * 3
    assert answer.status_code == (200 if buttons else 403)
