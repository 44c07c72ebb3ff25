"""The pages of approvals: what waits, deciding by a click, and naming a deputy."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from crm.models import Deal
from crm.tests.approval_builders import QUARTER, a_priced_deal, a_seller_and_a_manager, asked
from gtmos.kernel import clock
from gtmos.kernel.actors import Actor
from gtmos.kernel.approvals.models import Approval, Delegation
from gtmos.kernel.approvals.services.delegations import delegate
from gtmos.kernel.approvals.tests.builders import a_policy
from gtmos.kernel.people.access_services import change_role, create_role
from gtmos.kernel.people.models import Role
from gtmos.kernel.tests.builders import a_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> tuple[Actor, Actor]:
    return a_seller_and_a_manager()


@pytest.fixture
def waiting(people: tuple[Actor, Actor]) -> Approval:
    a_policy()
    return asked(a_priced_deal(people[0], name="Orchard renewal"), people[0])


def seat(actor: Actor) -> Client:
    browser = Client()
    assert actor.user is not None
    browser.force_login(actor.user)
    return browser


def text_of(browser: Client, name: str = "workspace:approvals", *keys: Any, **query: str) -> str:
    answer = browser.get(reverse(name, args=keys), query)
    assert answer.status_code == 200
    return answer.content.decode()


def press(browser: Client, approval: Approval, verb: str, **values: str) -> Any:
    return browser.post(reverse("workspace:approval-verb", args=[approval.pk, verb]), values)


QUESTION = "Give Orchard renewal a discount of 25 %?"


def test_the_manager_finds_it_decides_and_it_moves_to_the_decided(people: Any, waiting: Approval) -> None:
    manager = seat(people[1])
    before = text_of(manager)

    answer = press(manager, waiting, "grant")

    assert (QUESTION in before, "Approve" in before, answer.status_code) == (True, True, 200)
    assert "Nothing waits for you" in text_of(manager)
    assert QUESTION in text_of(manager, view="decided")
    assert Deal.objects.get().discount == QUARTER


def test_the_seller_sees_what_they_asked_for_and_cannot_decide(people: Any, waiting: Approval) -> None:
    seller = seat(people[0])

    shown = text_of(seller, view="asked")

    assert (QUESTION in shown, "Mona" in shown, "Withdraw" in shown, "Approve <" in shown) == (
        True,
        True,
        True,
        False,
    )
    assert press(seller, waiting, "grant").status_code == 403
    assert Approval.objects.get().state == "requested"


def test_a_rejection_asks_why_and_the_seller_reads_it(people: Any, waiting: Approval) -> None:
    manager = seat(people[1])

    dialog = text_of(manager, "workspace:approval-rejecting", waiting.pk)
    without = press(manager, waiting, "reject")
    press(manager, waiting, "reject", reason="Ask for 15")

    assert ("Why is this rejected?" in dialog, without.status_code) == (True, 422)
    assert "Ask for 15" in text_of(seat(people[0]), "crm:deal-price", waiting.subject_id)


def test_it_is_asked_for_on_the_page_of_the_deal(people: Any) -> None:
    a_policy()
    deal = a_priced_deal(people[0])
    address = reverse("crm:deal-discount", args=[deal.pk])

    answer = seat(people[0]).post(
        address, {"percent": "25", "reason": "Three years"}, headers={"HX-Request": "true"}
    )

    assert answer.status_code == 200
    assert "Waits for approval" in answer.content.decode()
    said = json.loads(answer["HX-Trigger"])["toast"]["text"]
    assert said == f"A discount of 25 % waits for {people[1].user}. The amount stays."
    assert Approval.objects.get().values == {"discount": "0.2500"}


def test_a_discount_that_is_no_number_is_refused_in_words(people: Any) -> None:
    deal = a_priced_deal(people[0])

    answer = seat(people[0]).post(reverse("crm:deal-discount", args=[deal.pk]), {"percent": "much"})

    assert (answer.status_code, "Write the discount as a number" in answer["HX-Trigger"]) == (422, True)


def test_whom_the_price_is_hidden_from_sees_no_price_of_the_deal(people: Any) -> None:
    role = create_role("Juniors", based_on=Role.AE, actor=Actor.system("test"))
    change_role(role, changes={"fields": {"deal.deal_amount": "hidden"}}, actor=Actor.system("test"))
    deal = a_priced_deal(people[0])
    junior = Actor.of(a_user(role=role.key, team=people[0].user.memberships.get().team))

    shown = [text_of(seat(each), "crm:deal-price", deal.pk) for each in (junior, people[0])]

    assert ["10,000" in each for each in shown] == [False, True]


def test_somebody_uninvolved_finds_no_approval(waiting: Approval) -> None:
    stranger = seat(Actor.of(a_user()))

    assert stranger.get(reverse("workspace:approval", args=[waiting.pk])).status_code == 404
    assert QUESTION not in text_of(stranger, view="decided")


def test_a_deputy_is_named_with_days_decides_and_both_are_named(people: Any, waiting: Approval) -> None:
    deputy, manager = a_user(name="Dora"), seat(people[1])
    today = clock.now().date()
    days = {"first_day": today.isoformat(), "last_day": (today + timedelta(days=3)).isoformat()}

    answer = manager.post(reverse("workspace:account-away"), {"deputy": str(deputy.pk), **days})
    shown = text_of(seat(Actor.of(deputy)))
    press(seat(Actor.of(deputy)), waiting, "grant")

    assert (answer.status_code, "You decide for Mona, who is away." in shown) == (302, True)
    assert "Dora for Mona" in text_of(seat(people[0]), view="asked")


def test_whoever_is_back_decides_alone(people: Any, waiting: Approval) -> None:
    deputy, now = Actor.of(a_user()), clock.now()
    away = delegate(
        people[1].user,
        deputy=deputy.user,
        starts_at=now - timedelta(hours=1),
        ends_at=now + timedelta(days=2),
        actor=people[1],
    )

    seat(people[1]).post(reverse("workspace:account-back", args=[away.pk]))

    assert Delegation.objects.get().ends_at <= clock.now()
    assert press(seat(deputy), waiting, "grant").status_code == 404


def test_somebody_elses_time_away_cannot_be_ended(people: Any) -> None:
    now = clock.now()
    away = delegate(
        people[1].user, deputy=people[0].user, starts_at=now, ends_at=now + timedelta(days=2), actor=people[1]
    )

    answer = seat(people[0]).post(reverse("workspace:account-back", args=[away.pk]))

    assert (answer.status_code, Delegation.objects.get().ends_at) == (404, away.ends_at)


def test_long_lists_come_in_pages(people: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("gtmos.workspace.views.approvals.SHOWN", 2)
    a_policy()
    for number in range(3):
        asked(a_priced_deal(people[0], name=f"Plan {number}"), people[0])

    first = text_of(seat(people[1]))
    cursor = first.split("after=")[1].split('"')[0].split("&")[0]
    second = text_of(seat(people[1]), after=cursor)

    assert [f"Plan {number}" in first for number in range(3)] == [False, True, True]
    assert [f"Plan {number}" in second for number in range(3)] == [True, False, False]
