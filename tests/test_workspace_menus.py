"""What is done in place: the menu of a row, a choice between two people, a card that goes ahead and comes back."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.boards import a_deal, cell, drag, fresh
from tests.conftest import Seat


def offered(seat: Seat) -> list[str]:
    return list(seat.page.get_by_role("menuitem").all_inner_texts())


def test_a_right_click_on_a_row_offers_what_can_be_done_with_it(seat: Callable[..., Seat]) -> None:
    rep, city = seat("rep"), fresh("Cove")
    company = rep.make("companies", {"name": f"Menu {city}", "city": city})
    rep.open(f'/companies/?where=city:is:"{city}"&columns=name,city')

    cell(rep, company, "city").click(button="right")
    words = offered(rep)
    rep.page.get_by_role("menuitem", name="Change Place").click()
    box = rep.page.get_by_label("Place", exact=True)
    box.fill(f"New {city}")
    box.press("Enter")
    rep.page.get_by_text(f"Place of Menu {city} is saved").wait_for()

    assert words == ["Open", "Open in a new tab", "Change Place", "Tick", "Copy the link"]
    assert rep.ask("GET", f"/api/v1/companies/{company['id']}/")["city"] == f"New {city}"


def test_the_menu_of_a_row_is_opened_and_left_by_keys(seat: Callable[..., Seat]) -> None:
    rep, city = seat("rep"), fresh("Bight")
    company = rep.make("companies", {"name": f"Keys {city}", "city": city})
    rep.open(f'/companies/?where=city:is:"{city}"&columns=name,city')
    focused = "document.activeElement.textContent.trim() || document.activeElement.id"

    rep.page.locator(f"#row-{company['id']}").focus()
    rep.page.keyboard.press("Shift+F10")
    rep.page.get_by_role("menu").wait_for()
    seen = [rep.page.evaluate(focused)]
    for key in ("ArrowDown", "End", "ArrowDown", "t"):
        rep.page.keyboard.press(key)
        seen.append(rep.page.evaluate(focused))
    rep.page.keyboard.press("Enter")
    ticked = rep.page.locator(f"#row-{company['id']} [data-select]").is_checked()
    rep.page.keyboard.press("Shift+F10")
    rep.page.get_by_role("menu").wait_for()
    rep.page.keyboard.press("Escape")

    assert seen == ["Open", "Open in a new tab", "Copy the link", "Open", "Tick"]
    assert (ticked, rep.page.get_by_role("menu").count()) == (True, 0)
    assert rep.page.evaluate("document.activeElement.id") == f"row-{company['id']}"


def test_the_menu_of_a_card_moves_it_and_a_link_keeps_that_of_the_browser(
    seat: Callable[..., Seat], pipeline: str
) -> None:
    rep = seat("rep")
    deal = a_deal(rep, pipeline, fresh("menu"))
    rep.open(f"/pipeline/?pipeline={pipeline}")
    card = rep.page.locator(f"#deal-{deal['id']}")

    card.locator("a").click(button="right")
    over_link = rep.page.get_by_role("menu").count()
    card.click(button="right", position={"x": 6, "y": 6})
    rep.page.get_by_role("menuitem", name=f"Move {deal['name']}").click()
    rep.page.get_by_role("dialog").get_by_role("button", name="Free", exact=True).click()
    rep.page.wait_for_selector(f"[data-stage=free] #deal-{deal['id']}:not(.is-moving)")

    assert over_link == 0
    assert rep.ask("GET", f"/api/v1/deals/{deal['id']}/")["stage"] == "free"


@pytest.mark.parametrize("stays", ["mine", "theirs"])
def test_two_people_name_the_next_step_and_the_second_chooses(
    seat: Callable[..., Seat], pipeline: str, stays: str
) -> None:
    rep, colleague = seat("rep"), seat("admin")
    deal = a_deal(rep, pipeline, fresh("steps"))
    address = f"/api/v1/deals/{deal['id']}/"
    rep.open(f"/deals/{deal['id']}/")
    box = rep.page.get_by_label("Next step", exact=True)
    box.fill("Send the quote")

    colleague.ask("PATCH", address, {"next_step": "Call Ana"})
    box.press("Enter")
    choice = rep.page.locator("[data-clash]")
    choice.wait_for()
    words, before = choice.inner_text(), rep.ask("GET", address)["next_step"]
    button = "Save mine" if stays == "mine" else "Keep that of Kim Demo"
    choice.get_by_role("button", name=button).click()
    choice.wait_for(state="hidden")
    wanted = {"mine": "Send the quote", "theirs": "Call Ana"}[stays]
    rep.page.locator(f"[aria-label='Next step'][value='{wanted}']").wait_for()

    assert ("Call Ana" in words, "Send the quote" in words, before) == (True, True, "Call Ana")
    assert rep.ask("GET", address)["next_step"] == wanted


def test_a_card_goes_ahead_at_once_and_comes_back_with_the_reason(seat: Callable[..., Seat]) -> None:
    rep, word = seat("rep"), fresh("Ahead")
    company = rep.make("companies", {"name": word})
    rep.open(f'/companies/board/?where=name:is:"{word}"')
    held, card = list[Any](), f"#company-{company['id']}"

    def hold(route: Any) -> None:
        held.append(route)

    rep.page.route("**/move/", hold)

    drag(rep, card, "churned")
    rep.page.wait_for_selector(f"[data-stage=churned] {card}.is-moving")
    before = rep.ask("GET", f"/api/v1/companies/{company['id']}/")["customer_state"]
    held[0].continue_()
    rep.page.get_by_text("cannot become churned").wait_for()
    rep.page.wait_for_selector(f"[data-stage=dormant] {card}")

    assert (before, len(held)) == ("dormant", 1)
    assert rep.ask("GET", f"/api/v1/companies/{company['id']}/")["customer_state"] == "dormant"


def test_a_cell_that_is_refused_shows_what_it_was_and_why(seat: Callable[..., Seat]) -> None:
    rep, city = seat("rep"), fresh("Sound")
    rep.expects("422")
    company = rep.make("companies", {"name": f"Refused {city}", "city": city, "employee_size": 7})
    rep.open(f'/companies/?where=city:is:"{city}"')

    cell(rep, company, "employee_size").dblclick()
    box = rep.page.get_by_label("People", exact=True)
    box.fill("many")
    box.press("Enter")
    rep.page.locator("#toasts [data-level=bad]").wait_for()
    cell(rep, company, "employee_size").filter(has_text="7").wait_for()

    assert rep.ask("GET", f"/api/v1/companies/{company['id']}/")["employee_size"] == 7
