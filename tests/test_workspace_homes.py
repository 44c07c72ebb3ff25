"""The homes and the reports as people use them."""

from collections.abc import Callable
from datetime import date

import pytest

from tests.conftest import Seat

HOMES = {
    "rep": "Deals that need you",
    "marketer": "Where people came from",
    "success": "Renewals ahead",
    "revops": "Workflows and events",
    "executive": "Largest changes this week",
}


@pytest.mark.parametrize("role", HOMES)
def test_each_role_opens_a_home_of_its_own(role: str, seat: Callable[..., Seat]) -> None:
    somebody = seat(role)

    somebody.open("/")

    assert somebody.page.get_by_role("heading", name=HOMES[role], exact=True).is_visible()
    assert somebody.page.locator(".topbar .segments [aria-pressed=true]").count() == 1


def test_a_rep_looks_at_the_home_of_the_executive_and_goes_back(seat: Callable[..., Seat]) -> None:
    rep = seat("rep")
    rep.open("/")

    rep.page.get_by_role("button", name="Executive").click()
    rep.page.get_by_role("heading", name=HOMES["executive"]).wait_for()
    rep.page.get_by_role("button", name="Sales", exact=True).click()

    rep.page.get_by_role("heading", name=HOMES["rep"]).wait_for()


def test_a_number_opens_its_rows_and_a_filtered_report_is_shared_by_its_address(
    seat: Callable[..., Seat],
) -> None:
    admin = seat("admin")
    company = admin.make("companies", {"name": "Addup", "country_hq": "IS"})
    for number in range(2):
        values = {"deal_amount": "40", "deal_amount_currency": "USD", "company_id": company["id"]}
        admin.make("deals", {"name": f"Addup {number}", **values})
    admin.open("/reports/stages/")

    admin.page.get_by_label("Segment", exact=True).select_option("country")
    admin.page.get_by_label("Value of the segment").fill("IS")
    admin.page.get_by_role("button", name="Show").click()
    admin.page.wait_for_url("**value=IS**")
    shared = admin.page.url.removeprefix(admin.product.address)
    reader = seat("revops", width=375)
    reader.open(shared)
    reader.page.locator("table tfoot a").first.click()

    reader.page.locator("[data-count]").wait_for()
    assert reader.page.locator("[data-count]").get_attribute("data-count") == "2"
    assert reader.page.get_by_text("$80").count() == 1


def test_a_newcomer_follows_the_first_steps(seat: Callable[..., Seat]) -> None:
    rep = seat("rep")
    rep.open("/")
    if not rep.page.locator("#first-steps").count():
        rep.page.get_by_role("button", name="Show the first steps").click()
    rep.page.locator("#first-steps").wait_for()
    rep.make("target-lists", {"name": f"Wanted {date.today().isoformat()}"})

    rep.open("/")

    assert rep.page.locator("#first-steps li", has_text="Keep a list of target accounts, done").count() == 1
    rep.page.get_by_role("button", name="Put away").click()
    rep.page.get_by_role("button", name="Show the first steps").wait_for()
