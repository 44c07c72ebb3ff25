"""What people do on the pages of deals: turns, next steps, objections, pipelines, rates and groups."""

import json
import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from crm.models import Company, Contact, Deal, ExchangeRate, Objection
from crm.services.currencies import record_rate
from crm.services.pipelines import create_pipeline, create_stage
from crm.tests.builders import a_company, a_contact, a_deal
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.people.models import Role, User
from gtmos.kernel.tests.builders import a_team, a_user

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def owner() -> User:
    return a_user(team=a_team())


@pytest.fixture
def browser(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


def top_state(page: str) -> list[tuple[str, str]]:
    """What the badge of the top bar says, and whether it goes there by itself."""
    badge = r'<span id="top-state"(?: hx-swap-oob="(true)")?><span class="[^"]*">(?:<span[^>]*></span>)?([^<]*)</span>'
    return [(found[1] or "", found[2]) for found in re.finditer(badge, page)]


def test_a_deal_is_held_resumed_lost_and_reopened_on_its_page(browser: Client) -> None:
    deal = a_deal()
    states = []
    turns = (("hold", {"reason": "Merger"}), ("resume", {}), ("lose", {"reason": "price"}), ("reopen", {}))

    for verb, body in turns:
        answer = browser.post(reverse("crm:deal-turn", args=[deal.pk, verb]), body)
        states.append((answer.status_code, Deal.objects.get().deal_state))

    assert states == [(200, "on_hold"), (200, "open"), (200, "lost"), (200, "open")]


@pytest.mark.parametrize(
    ("verb", "body", "becomes"),
    [("win", {}, "won"), ("lose", {"reason": "price"}, "lost"), ("hold", {"reason": "Merger"}, "on_hold")],
)
def test_a_turn_says_what_it_did_shows_it_in_the_top_bar_and_is_taken_back(
    verb: str, body: dict[str, str], becomes: str, browser: Client
) -> None:
    deal = a_deal(name="Renewal")
    page = browser.get(reverse("crm:deal", args=[deal.pk])).content.decode()

    turned = browser.post(reverse("crm:deal-turn", args=[deal.pk, verb]), body, headers=HTMX)
    deal.refresh_from_db()
    after, stage = deal.deal_state, deal.stage.name
    toast = json.loads(turned["HX-Trigger"])["toast"]
    browser.post(toast["undo_url"], headers={**HTMX, "X-Undo": "1"})

    deal.refresh_from_db()
    says = "Renewal is on hold" if verb == "hold" else f"Renewal is in {stage}"
    assert (toast["text"], after, deal.deal_state) == (says, becomes, "open")
    assert top_state(turned.content.decode()) == [("true", stage)]
    assert top_state(page) == [("", deal.stage.name)]


def test_a_closed_deal_that_is_reopened_says_so_and_is_closed_again_by_its_undo(browser: Client) -> None:
    deal = a_deal(name="Renewal")
    before = deal.stage.name
    browser.post(reverse("crm:deal-turn", args=[deal.pk, "win"]))

    opened = browser.post(reverse("crm:deal-turn", args=[deal.pk, "reopen"]), headers=HTMX)
    toast = json.loads(opened["HX-Trigger"])["toast"]
    browser.post(toast["undo_url"], headers={**HTMX, "X-Undo": "1"})

    assert (toast["text"], top_state(opened.content.decode())) == (
        f"Renewal is in {before}",
        [("true", before)],
    )
    assert Deal.objects.get().deal_state == "won"


@pytest.mark.parametrize("place", ["board", "detail"])
def test_a_move_says_where_the_deal_is_now_and_is_taken_back(place: str, browser: Client) -> None:
    deal = a_deal(name="Renewal")
    home, further = deal.stage.pipeline.stages.all()[:2]
    body = {"stage": further.key, "from": place}

    moved = browser.post(reverse("crm:deal-move", args=[deal.pk]), body, headers=HTMX)
    deal.refresh_from_db()
    there = deal.stage
    toast = json.loads(moved["HX-Trigger"])["toast"]
    browser.post(toast["undo_url"], headers={**HTMX, "X-Undo": "1"})

    deal.refresh_from_db()
    assert (toast["text"], there, deal.stage) == (f"Renewal is in {further.name}", further, home)


def test_a_discount_shows_the_new_amount_at_once_and_says_it(browser: Client) -> None:
    deal = a_deal(amount=Decimal(10000), currency="USD")

    answer = browser.post(reverse("crm:deal-discount", args=[deal.pk]), {"percent": "25"}, headers=HTMX)

    shown = answer.content.decode()
    assert f'id="deal-detail-{deal.pk}"' in shown
    assert ("<b>$7,500</b>" in shown, "25.0\u00a0%" in shown, "$10,000" in shown) == (True, True, True)
    assert json.loads(answer["HX-Trigger"])["toast"] == {
        "level": "good",
        "text": "The discount is 25 % now, the amount $7,500",
        "undo_url": "",
    }


def test_a_loss_without_a_reason_is_refused_with_a_sentence(browser: Client) -> None:
    deal = a_deal()

    answer = browser.post(reverse("crm:deal-turn", args=[deal.pk, "lose"]))

    assert (answer.status_code, Deal.objects.get().deal_state) == (422, "open")
    assert "Say why it was lost" in answer.headers["HX-Trigger"]
    assert json.loads(answer.headers["HX-Trigger"])["toast"]["undo_url"] == ""


def test_a_next_step_has_an_owner_and_a_day_and_its_absence_is_found(browser: Client, owner: User) -> None:
    planned, bare = a_deal(name="Planned deal"), a_deal(name="Bare deal")

    browser.post(
        reverse("crm:deal-next-step", args=[planned.pk]),
        {"next_step": "Send it", "next_step_owner": str(owner.pk), "next_step_due_on": "2026-05-01"},
    )

    planned.refresh_from_db()
    text = browser.get(reverse("crm:pipeline"), {"where": "next_step:empty"}).content.decode()
    assert (planned.next_step_owner, planned.next_step_due_on) == (owner, date(2026, 5, 1))
    assert (f"deal-{bare.pk}" in text, f"deal-{planned.pk}" in text) == (True, False)


def test_the_board_shows_the_pipeline_that_was_chosen(browser: Client) -> None:
    first = a_deal()
    renewals = create_pipeline("Renewals", actor=SYSTEM)
    create_stage(renewals, name="Due", key="due", kind="open", actor=SYSTEM)
    browser.post(reverse("crm:deal-move", args=[first.pk]), {"pipeline": str(renewals.pk), "from": "detail"})

    boards = [
        browser.get(reverse("crm:pipeline"), query).content.decode()
        for query in ({}, {"pipeline": str(renewals.pk)})
    ]

    assert [f"deal-{first.pk}" in text for text in boards] == [False, True]


def test_an_objection_on_a_deal_is_counted_by_kind(browser: Client) -> None:
    deal = a_deal()

    browser.post(
        reverse("crm:deal-objection", args=[deal.pk]), {"category": "price", "text": "Twice the rival"}
    )

    text = browser.get(reverse("crm:objections")).content.decode()
    assert Objection.objects.get().deal == deal
    assert ("n = 1" in text, "0 of 1" in text, "Twice the rival" in text) == (True, True, True)


def test_revops_brings_a_file_of_rates_and_others_may_not(client: Client) -> None:
    statuses = []
    for role in (Role.AE, Role.REVOPS):
        client.force_login(a_user(role=role))
        file = SimpleUploadedFile("r.csv", b"dated_on,currency,base,rate\n2020-01-01,EUR,USD,1.1\n")
        statuses.append(client.post(reverse("crm:rate-record"), {"file": file}).status_code)

    assert (statuses, ExchangeRate.objects.get().rate) == ([403, 200], Decimal("1.1"))
    assert "1 EUR in USD" in client.get(reverse("crm:rates")).content.decode()


def test_a_deal_of_another_currency_shows_its_worth_with_the_day_of_the_rate(browser: Client) -> None:
    record_rate(currency="EUR", base="USD", dated_on=date(2020, 3, 4), rate=Decimal(2), actor=SYSTEM)
    deal, other = a_deal(amount=500, currency="EUR"), a_deal(amount=500, currency="CHF")

    texts = [browser.get(reverse("crm:deal", args=[each.pk])).content.decode() for each in (deal, other)]

    assert ("$1,000" in texts[0], "the rate of 4 Mar 2020" in texts[0], "no rate to USD yet" in texts[1]) == (
        True,
        True,
        True,
    )


def test_a_company_is_put_below_another_and_a_circle_is_refused(browser: Client) -> None:
    top, low = a_company(name="Top"), a_company(name="Low")
    a_deal(company=low, amount=100)

    browser.post(reverse("crm:company-parent", args=[low.pk]), {"parent": "top"})
    refused = browser.post(reverse("crm:company-parent", args=[top.pk]), {"parent": low.domain})

    text = browser.get(reverse("crm:company", args=[top.pk])).content.decode()
    assert (Company.objects.get(pk=low.pk).parent, refused.status_code) == (top, 409)
    assert ("Open, all" in text, ">$100</b>" in text) == (True, True)


def test_another_person_is_made_the_primary_contact(browser: Client) -> None:
    company = a_company()
    a_contact(company=company, is_primary=True)
    chosen = a_contact(company=company)

    browser.post(reverse("crm:company-primary", args=[company.pk, chosen.pk]))

    assert Contact.objects.get(is_primary=True) == chosen


@pytest.mark.parametrize(("name", "most"), [("crm:company", 20), ("crm:deal", 20)])
def test_a_page_costs_the_same_with_one_row_and_with_three(
    name: str, most: int, browser: Client, owner: User, django_assert_max_num_queries: Any
) -> None:
    actor = Actor.of(owner)
    company = a_company(actor=actor, parent=a_company(actor=actor))
    deal = a_deal(actor=actor, company=company)
    record = company if name == "crm:company" else deal
    counts = []
    for rows in (1, 2):
        for _ in range(rows):
            a_contact(actor=actor, company=company)
            a_deal(actor=actor, company=a_company(actor=actor, parent=company))
            browser.post(reverse("crm:deal-objection", args=[deal.pk]), {"category": "price", "text": "Much"})
        with django_assert_max_num_queries(most) as captured:
            assert browser.get(reverse(name, args=[record.pk])).status_code == 200
        counts.append(len(captured))

    print(name, counts)
    assert counts[0] == counts[1]
