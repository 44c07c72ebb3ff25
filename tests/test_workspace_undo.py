"""Taking back: Z for the last thing, a list of what was done, and a sentence where somebody went on."""

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from tests.boards import fresh
from tests.conftest import Seat

_numbers = count(1)


@pytest.fixture
def rep(seat: Callable[..., Seat]) -> Seat:
    return seat("rep")


@pytest.fixture
def company(rep: Seat) -> Any:
    return rep.make("companies", {"name": f"Undone {next(_numbers)}", "city": "Boston"})


def move_to(rep: Seat, company: Any, city: str) -> None:
    """On the edit page, as people do it."""
    rep.open(f"/companies/{company['id']}/edit/")
    rep.page.locator("#id_city").fill(city)
    rep.page.get_by_role("button", name="Save").first.click()
    rep.page.wait_for_url(f"**/companies/{company['id']}/")


def city_of(rep: Seat, company: Any) -> str:
    return str(rep.ask("GET", f"/api/v1/companies/{company['id']}/")["city"])


def test_z_says_what_was_last_and_a_second_z_takes_it_back(rep: Seat, company: Any) -> None:
    move_to(rep, company, "Lisbon")

    rep.page.keyboard.press("z")
    asked = rep.page.locator(".toast", has_text="Take back")
    asked.wait_for()
    before = city_of(rep, company)
    with rep.page.expect_navigation():
        rep.page.keyboard.press("z")

    assert (before, city_of(rep, company)) == ("Lisbon", "Boston")


def test_shift_z_does_again_what_was_taken_back(rep: Seat, company: Any) -> None:
    move_to(rep, company, "Lisbon")
    rep.page.keyboard.press("z")
    rep.page.locator(".toast", has_text="Take back").wait_for()
    with rep.page.expect_navigation():
        rep.page.keyboard.press("z")
    rep.page.locator(".toast", has_text="Taken back").wait_for()

    with rep.page.expect_navigation():
        rep.page.keyboard.press("Shift+Z")

    assert city_of(rep, company) == "Lisbon"


def test_the_list_of_what_was_done_takes_back_any_of_it(rep: Seat, company: Any) -> None:
    move_to(rep, company, "Lisbon")
    other = rep.make("companies", {"name": f"Undone {next(_numbers)}", "city": "Rome"})
    move_to(rep, other, "Oslo")
    rep.open("/done/")
    earlier = rep.page.locator("#done-lately .item").nth(1)

    with rep.page.expect_navigation():
        earlier.get_by_role("button", name="Undo").click()

    assert (city_of(rep, company), city_of(rep, other)) == ("Boston", "Oslo")
    assert rep.page.locator("#done-lately .item").nth(1).get_by_text("Taken back").is_visible()


def test_what_a_colleague_changed_since_is_refused_in_a_sentence(
    rep: Seat, company: Any, seat: Callable[..., Seat]
) -> None:
    move_to(rep, company, "Lisbon")
    seat("admin").ask("PATCH", f"/api/v1/companies/{company['id']}/", {"city": "Madrid"})
    rep.open("/done/")

    rep.page.locator("#done-lately .item").first.get_by_role("button", name="Undo").click()
    rep.page.locator(".toast[data-level=bad]").wait_for()

    rep.faults[:] = [each for each in rep.faults if "409" not in each]  # a console tells of every refusal
    assert "changed" in rep.page.locator(".toast[data-level=bad] .toast-text").inner_text()
    assert city_of(rep, company) == "Madrid"
    assert rep.page.locator("#done-lately .item").first.get_by_role("button", name="Undo").is_visible()


def test_a_change_of_many_is_sent_once_by_a_double_click_and_its_undo_is_said_at_once(
    seat: Callable[..., Seat],
) -> None:
    revops, before = seat("revops"), fresh("Haven")
    made = [revops.make("companies", {"name": f"{n} {before}", "city": before}) for n in range(3)]
    revops.open(f'/companies/?where=city:is:"{before}"')
    revops.page.get_by_label("Tick all").check()
    revops.page.keyboard.press("b")
    dialog = revops.page.get_by_role("dialog")
    dialog.get_by_label("What", exact=True).select_option(label="Place")
    dialog.locator("input#bulk-value").fill("Graz")
    dialog.get_by_role("button", name="Preview").click()

    dialog.get_by_role("button", name="Change 3").dblclick()
    revops.page.locator(".toast", has_text="3 companies changed: Place becomes Graz").wait_for()
    revops.open("/done/")
    line = revops.page.locator("#done-lately .item").first
    told = line.locator(".grow").inner_text()
    line.get_by_role("button", name="Undo").click()
    revops.page.locator(".toast[data-level=busy]", has_text="Taking back: 3 companies changed").wait_for()
    line.get_by_text("Taken back").wait_for()

    assert told == "3 companies changed: Place becomes Graz"
    assert revops.page.locator(".toast-text").all_inner_texts() == ["3 companies as before: Place"]
    assert [city_of(revops, each) for each in made] == [before] * 3
