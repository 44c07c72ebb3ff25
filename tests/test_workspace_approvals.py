"""A discount above 20 % waits for a word: given, refused, or given by a deputy."""

import time
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest

LIVE_MS = 30_000
_numbers = count(1)
LARGE = {
    "name": "Large",
    "groups": [[{"field": "discount", "operator": "above", "value": "0.2"}]],
    "steps": [{"approvers": ["role:executive"]}],
}


@pytest.fixture
def policy(seat: Callable[..., Any]) -> None:
    """The executive is asked above 20 %; made once for all tests of the run."""
    revops = seat("revops")
    known = revops.ask("GET", "/api/v1/approval-policies/")["results"]
    if any(each["is_active"] and each["action"] == "crm.discount_deal" for each in known):
        return
    rules = {"branches": [LARGE]}
    values = {"name": f"Discounts {time.monotonic_ns()}", "action": "crm.discount_deal", "definition": rules}
    made = revops.make("approval-policies", values)
    revops.ask("POST", f"/api/v1/approval-policies/{made['id']}/activate/", {})


def a_deal(rep: Any) -> Any:
    name = f"Priced {next(_numbers)} {time.monotonic_ns()}"
    return rep.make("deals", {"name": name, "deal_amount": "10000"})


def ask_for(rep: Any, deal: Any, percent: str) -> None:
    rep.open(f"/deals/{deal['id']}/")
    rep.page.get_by_label("Discount in percent").fill(percent)
    rep.page.get_by_label("Why this discount").fill("They sign today")
    rep.page.get_by_role("button", name="Ask for discount").click()


def amount_of(seat: Any, deal: Any) -> Decimal:
    return Decimal(seat.ask("GET", f"/api/v1/deals/{deal['id']}/")["deal_amount"])


def card_of(seat: Any, deal: Any) -> Any:
    return seat.page.locator(".approval-request").filter(has_text=deal["name"])


@pytest.mark.usefixtures("policy")
def test_a_discount_above_a_fifth_waits_and_is_given_with_the_word_of_whoever_is_asked(
    seat: Callable[..., Any],
) -> None:
    rep, executive = seat("rep"), seat("executive")
    deal = a_deal(rep)
    executive.open("/approvals/")
    ask_for(rep, deal, "25")
    rep.page.get_by_text("Waits for approval").wait_for()
    waiting = amount_of(rep, deal)

    card_of(executive, deal).wait_for(timeout=LIVE_MS)
    shown = card_of(executive, deal).inner_text()
    card_of(executive, deal).get_by_role("button", name="Approve").click()
    rep.page.get_by_text("Approved", exact=True).wait_for(timeout=LIVE_MS)

    assert f"Give {deal['name']} a discount of 25 %?" in shown
    assert (waiting, amount_of(rep, deal)) == (Decimal(10000), Decimal(7500))


@pytest.mark.usefixtures("policy")
def test_up_to_a_fifth_it_is_given_at_once(seat: Callable[..., Any]) -> None:
    rep = seat("rep")
    deal = a_deal(rep)

    ask_for(rep, deal, "20")
    rep.page.locator("dd", has_text="20.0 %").wait_for()

    assert amount_of(rep, deal) == Decimal(8000)


@pytest.mark.usefixtures("policy")
def test_what_is_refused_changes_nothing_and_comes_back_with_its_reason(seat: Callable[..., Any]) -> None:
    rep, executive = seat("rep"), seat("executive")
    deal = a_deal(rep)
    ask_for(rep, deal, "30")
    rep.page.get_by_text("Waits for approval").wait_for()
    executive.open("/approvals/")

    card_of(executive, deal).get_by_role("button", name="Reject").click()
    executive.page.get_by_label("Reason").fill("Not before the quarter ends")
    executive.page.get_by_role("dialog").get_by_role("button", name="Reject").click()
    rep.page.get_by_text("Not before the quarter ends").first.wait_for(timeout=LIVE_MS)

    assert amount_of(rep, deal) == Decimal(10000)


@pytest.mark.usefixtures("policy")
def test_a_deputy_decides_for_somebody_who_is_away_and_both_are_named(seat: Callable[..., Any]) -> None:
    rep, executive, deputy = seat("rep"), seat("executive"), seat("success")
    deal = a_deal(rep)
    executive.open("/settings/account/away/")
    executive.page.get_by_label("Who decides in my name").select_option(label="Peter Alvarez")
    executive.page.get_by_label("First day away").fill(str(date.today() - timedelta(days=1)))
    executive.page.get_by_label("Last day away").fill(str(date.today() + timedelta(days=2)))
    executive.page.get_by_role("button", name="Save").click()
    executive.page.get_by_text("decides in my name").first.wait_for()
    ask_for(rep, deal, "40")
    rep.page.get_by_text("Waits for approval").wait_for()

    deputy.open("/approvals/")
    shown = card_of(deputy, deal).inner_text()
    card_of(deputy, deal).get_by_role("button", name="Approve").click()
    rep.page.get_by_text("Approved", exact=True).wait_for(timeout=LIVE_MS)
    executive.page.get_by_role("button", name="I am back").first.click()
    executive.page.get_by_text("From now on you decide alone.").wait_for()

    assert "who is away" in shown
    assert amount_of(rep, deal) == Decimal(6000)
