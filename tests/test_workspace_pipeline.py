"""What stands in the way of deals, what is next, and what they will bring, as a rep and a manager see it."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.boards import column, fresh
from tests.conftest import Seat

# A pipeline of its own with one deal that was left alone for forty days, so that the figures of a report are known.
STANDING = """
import json
from datetime import timedelta
from crm.services.companies import create_company
from crm.services.deals import create_deal
from crm.services.pipelines import create_pipeline, create_stage
from gtmos.kernel import clock
from gtmos.kernel.actors import SYSTEM
from gtmos.kernel.people.models import User
pipeline = create_pipeline("{name}", actor=SYSTEM)
stages = [create_stage(pipeline, key=key, name=key.capitalize(), kind=kind, probability=chance, position=place, actor=SYSTEM)
          for place, (key, kind, chance) in enumerate([("talk", "open", 0.5), ("signed", "won", 1.0)])]
with clock.as_if_on(clock.now() - timedelta(days=40)):
    owner = User.objects.get(email="jonas@gtmos.example")
    company = create_company("{name}", actor=SYSTEM)
    deal = create_deal(name="Standing {name}", company=company, pipeline=pipeline, owner=owner, amount=1000, actor=SYSTEM)
print(json.dumps({{"pipeline": str(pipeline.pk), "deal": str(deal.pk), "name": deal.name}}))
"""


@pytest.fixture
def standing(seat: Callable[..., Seat]) -> dict[str, Any]:
    script = STANDING.format(name=fresh("Motion"))
    said = seat("rep").product.manage("shell", "--no-imports", "-c", script)
    return dict(json.loads(said.strip().splitlines()[-1]))


def words(found: Any) -> str:
    return " ".join(str(found.inner_text()).split())


def in_days(days: int) -> str:
    return (datetime.now(UTC).date() + timedelta(days=days)).isoformat()


def another(rep: Seat, standing: dict[str, Any], **values: Any) -> dict[str, Any]:
    """A deal beside it, which moves."""
    company = rep.make("companies", {"name": fresh("Beside")})
    deal = rep.make("deals", {"name": fresh("Moving"), "company_id": company["id"]})
    path = f"/api/v1/deals/{deal['id']}/"
    return dict(rep.ask("PATCH", path, {"pipeline_id": standing["pipeline"], **values}))


def test_a_deal_that_stands_still_is_at_risk_and_says_what_to_do_about_it(
    standing: dict[str, Any], seat: Callable[..., Seat]
) -> None:
    rep = seat("rep")

    rep.open(f"/deals/{standing['deal']}/")

    told = words(rep.page.locator("main"))
    assert "At risk" in told
    assert "Nothing has happened yet in 40 days" in told
    assert "Write or call today, with a reason that is new to them." in told
    assert "Set a next step with a person and a day." in told


def test_the_review_lists_what_stands_in_the_way_and_each_check_opens_its_deals(
    standing: dict[str, Any], seat: Callable[..., Seat]
) -> None:
    executive = seat("executive")
    another(seat("rep"), standing, next_step="Call", next_step_due_on=in_days(3))
    executive.open(f"/reports/pipeline/?pipeline={standing['pipeline']}")

    at_risk = words(executive.page.locator(".columns-3 > *", has_text="At risk").first)
    check = executive.page.locator("tr", has_text="No next step").get_by_role("link").first
    counted = words(check)
    check.click()
    rows = executive.page.locator("[data-count]")
    rows.wait_for()

    assert standing["name"] in at_risk
    assert counted == "1 of 2"
    assert rows.get_attribute("data-count") == "1"
    assert executive.page.get_by_role("link", name=standing["name"]).count() == 1


def test_the_agenda_of_a_month_has_what_that_of_a_week_has_not(
    standing: dict[str, Any], seat: Callable[..., Seat]
) -> None:
    rep = seat("rep")
    deal = another(rep, standing, deal_expected_signing_date=in_days(20))
    rep.open(f"/reports/pipeline/?pipeline={standing['pipeline']}")
    signed = rep.page.locator(".columns-3 > *", has_text="To be signed").first

    of_week = words(signed)
    rep.page.get_by_role("link", name="Month", exact=True).click()
    rep.page.wait_for_url("**span=month**")
    of_month = words(signed)

    assert (deal["name"] in of_week, deal["name"] in of_month) == (False, True)


def test_what_owners_stand_for_and_what_stages_say_are_the_forecast(
    standing: dict[str, Any], seat: Callable[..., Seat]
) -> None:
    rep, today = seat("rep"), in_days(0)
    for amount, category in ((40_000, "commit"), (10_000, "best_case"), (6_000, "upside")):
        values = {"deal_amount": amount, "deal_amount_currency": "USD", "forecast_category": category}
        another(rep, standing, deal_expected_signing_date=today, **values)

    rep.open(f"/reports/forecast/?pipeline={standing['pipeline']}&currency=USD")
    row = rep.page.locator("table").first.locator("tbody tr").first
    cells = [" ".join(each.split()) for each in row.locator("a").all_inner_texts()]
    row.get_by_role("link").nth(1).click()
    rows = rep.page.locator("[data-count]")
    rows.wait_for()

    assert cells == ["$0", "$40,000", "$50,000", "$56,000", "$28,000"]
    assert rows.get_attribute("data-count") == "1"


def test_deals_without_a_next_step_are_a_view_and_leave_it_when_they_have_one(
    standing: dict[str, Any], seat: Callable[..., Seat]
) -> None:
    rep = seat("rep")
    rep.open(f"/pipeline/?pipeline={standing['pipeline']}")

    rep.page.get_by_role("link", name="No next step", exact=True).click()
    card = rep.page.locator(f"#deal-{standing['deal']}")
    card.wait_for()
    rep.ask(
        "PATCH",
        f"/api/v1/deals/{standing['deal']}/",
        {"next_step": "Send the offer", "next_step_due_on": in_days(2)},
    )

    card.wait_for(state="detached")
    rep.open(f"/deals/{standing['deal']}/")
    assert rep.page.get_by_label("Next step", exact=True).input_value() == "Send the offer"
    assert rep.page.get_by_label("Who does it").locator("option:checked").inner_text().startswith("Jonas")


def test_how_fast_the_pipeline_earns_is_shown_with_what_it_is_made_of(
    standing: dict[str, Any], seat: Callable[..., Seat]
) -> None:
    rep = seat("rep")
    another(rep, standing)
    rep.ask("POST", f"/api/v1/deals/{standing['deal']}/win/", {})

    rep.open(f"/reports/deals/?pipeline={standing['pipeline']}&currency=USD")

    velocity = rep.page.locator("section.card", has=rep.page.get_by_role("heading", name="Velocity"))
    assert words(velocity) == (
        "Velocity $25 a day 1 open deal × win rate 1 of 1 × average won $1,000 ÷ 40.0 days"
    )


def test_a_won_deal_says_so_in_the_top_bar_and_goes_back_with_the_undo_beside_it(
    standing: dict[str, Any], seat: Callable[..., Seat]
) -> None:
    rep = seat("rep")
    rep.open(f"/deals/{standing['deal']}/")

    rep.page.get_by_role("button", name="Won", exact=True).click()
    said = rep.page.locator(".toast", has_text=f"{standing['name']} is in Signed")
    said.wait_for()
    badge = words(rep.page.locator("#top-state"))
    with rep.page.expect_navigation():
        said.get_by_role("button", name="Undo").click()

    rep.page.get_by_role("button", name="Won", exact=True).wait_for()
    assert (badge, words(rep.page.locator("#top-state"))) == ("Signed", "Talk")


def test_a_discount_is_said_and_the_amount_is_the_new_one_at_once(
    standing: dict[str, Any], seat: Callable[..., Seat]
) -> None:
    rep = seat("rep")
    rep.open(f"/deals/{standing['deal']}/")

    rep.page.get_by_label("Discount in percent").fill("10")
    rep.page.get_by_role("button", name="Ask for discount").click()
    rep.page.locator(".toast", has_text="The discount is 10 % now, the amount $900").wait_for()

    assert rep.page.locator("dl.facts dd b").first.inner_text() == "$900"


def test_the_menu_of_a_card_begins_with_the_next_stage_and_the_arrows_go_over_the_others(
    seat: Callable[..., Seat],
) -> None:
    rep = seat("rep")
    company = rep.make("companies", {"name": fresh("Buyer")})
    deal = rep.make("deals", {"name": fresh("Stepping"), "company_id": company["id"]})
    pipelines = rep.ask("GET", "/api/v1/pipelines/")["results"]
    first, second, third, fourth = next(each for each in pipelines if each["is_default"])["stages"][:4]
    rep.ask("PATCH", f"/api/v1/deals/{deal['id']}/", {"stage": second["key"]})
    rep.open("/pipeline/")
    rep.page.locator(f"#deal-{deal['id']}").focus()
    rep.page.keyboard.press("m")
    focused = rep.page.locator(".move-menu :focus")
    focused.wait_for()

    names = [words(focused)]
    for key in ("ArrowDown", "ArrowUp", "ArrowUp", "ArrowDown"):
        rep.page.keyboard.press(key)
        names.append(words(focused))
    rep.page.keyboard.press("Enter")
    said = rep.page.locator(".toast", has_text=f"{deal['name']} is in {third['name']}")
    said.get_by_role("button", name="Undo").wait_for()

    assert names == [each["name"] for each in (third, fourth, third, first, third)]
    assert column(rep, deal) == third["key"]
