"""The map of keys, walked: each key of it does what it says, on the page where it says so."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.boards import fresh
from tests.browser import wait_for_quiet
from tests.conftest import Seat


@pytest.fixture
def me(seat: Callable[..., Seat]) -> Seat:
    somebody = seat("admin")
    somebody.expects("htmx:")  # what is on its way when a key leads to another page
    return somebody


def press(seat: Seat, *keys: str) -> None:
    for key in keys:
        seat.page.keyboard.press(key)


def test_question_mark_shows_the_map_and_g_goes_to_every_place_of_it(me: Seat) -> None:
    me.open("/")
    places = me.page.locator(".side a[data-go]").evaluate_all(
        "all => all.map(each => [each.dataset.go, new URL(each.href).pathname])"
    )

    press(me, "?")
    words = me.page.get_by_role("dialog").inner_text()
    press(me, "Escape")
    reached = []
    for letter, path in places:
        with me.page.expect_navigation(url=f"**{path}**"):  # also where one is there already
            press(me, "g", letter)
        wait_for_quiet(me.page)
        reached.append(letter)

    assert "Go to Companies" in words
    assert reached == [letter for letter, _ in places]
    assert len(set(reached)) == len(reached) > 8


def test_a_list_is_walked_ticked_changed_and_opened(me: Seat) -> None:
    city = fresh("Keyport")
    for name in ("One", "Two"):
        me.make("companies", {"name": f"{name} {city}", "city": city})
    me.open(f'/companies/?where=city:is:"{city}"')
    here = "() => document.querySelector('[data-row].is-current')?.innerText.split('\\n')[0] ?? ''"
    first = me.page.locator("[data-list] tbody tr").first.locator("td.yield a").inner_text()

    press(me, "j", "j", "k")
    at = me.page.locator("[data-row].is-current td.yield a").inner_text()
    press(me, "x")
    ticked = me.page.locator("[data-selected-count]").first.inner_text()
    press(me, "b")
    me.page.get_by_role("dialog").get_by_role("heading").first.wait_for()
    press(me, "Escape")
    press(me, "l")
    me.page.get_by_label("Compared how").first.wait_for()
    me.page.get_by_role("button", name="Close").first.click()
    press(me, "f")
    focused = me.page.evaluate("document.activeElement.hasAttribute('data-filter')")
    press(me, "Escape")
    press(me, "j")
    assert me.page.evaluate(here)
    press(me, "Enter")
    me.page.get_by_role("heading", name=city).first.wait_for()

    assert (at, ticked.split()[0], focused) == (first, "1", True)


def test_a_cell_is_chosen_by_arrows_and_edited_with_e_and_z_takes_it_back(me: Seat) -> None:
    city = fresh("Cellport")
    company = me.make("companies", {"name": f"Only {city}", "city": city})
    me.open(f'/companies/?where=name:contains:"{city}"&columns=name,city')

    press(me, "j", "ArrowRight")
    me.page.wait_for_function(
        "() => document.activeElement.dataset.cell || document.querySelector('.is-cell')"
    )
    press(me, "e")
    box = me.page.locator("[data-cell-box] input[name=value]").first
    box.fill("Oslo")
    press(me, "Enter")
    me.page.locator(f"#row-{company['id']}", has_text="Oslo").wait_for()
    press(me, "z")
    me.page.get_by_text("is as before").wait_for()

    assert me.ask("GET", f"/api/v1/companies/{company['id']}/")["city"] == city


def test_a_task_is_put_off_with_p_and_w_and_done_with_d(me: Seat) -> None:
    title = fresh("Ring")
    task = me.make("tasks", {"title": title, "due_at": "2026-01-05T09:00:00Z"})
    me.open(f'/tasks/?where=title:contains:"{title}"')

    def due() -> str:
        return str(me.ask("GET", f"/api/v1/tasks/{task['id']}/")["due_at"])

    before = due()
    press(me, "j", "p")
    me.page.get_by_text("put off to").wait_for()
    tomorrow = due()
    me.page.locator("#toasts").get_by_role("button", name="Undo").wait_for()
    with me.page.expect_navigation():  # the list is read again as a whole
        press(me, "z")
    wait_for_quiet(me.page)
    back = due()
    press(me, "j")
    me.page.locator("[data-row].is-current").wait_for()
    wait_for_quiet(me.page)
    press(me, "w")
    me.page.get_by_text("put off to Monday").wait_for()
    week = due()
    press(me, "j", "d")
    me.page.get_by_text(f"Done: {title}").wait_for()

    assert (back, before < tomorrow, before < week) == (before, True, True)
    assert me.ask("GET", f"/api/v1/tasks/{task['id']}/")["done_at"]


@pytest.mark.parametrize("path", ["/", '/tasks/?where=title:contains:"{word}"'])
def test_a_letter_does_nothing_to_a_task_until_it_is_the_current_one(me: Seat, path: str) -> None:
    word = fresh("Stray")
    first, second = (
        me.make("tasks", {"title": f"{word} {which}", "due_at": f"2019-01-0{day}T09:00:00Z"})
        for day, which in enumerate(("first", "second"), 1)
    )
    me.open(path.format(word=word))

    press(me, "p", "w")
    me.page.locator("[data-row]", has_text=f"{word} second").focus()
    press(me, "p")
    me.page.get_by_text("put off to").wait_for()

    due = [me.ask("GET", f"/api/v1/tasks/{each['id']}/")["due_at"] for each in (first, second)]
    assert (due[0], due[1] > second["due_at"]) == (first["due_at"], True)


def test_an_account_is_worked_on_by_letters_and_its_tabs_by_numbers(me: Seat) -> None:
    company = me.make("companies", {"name": fresh("Lettered")})
    path = f"/companies/{company['id']}/"
    me.open(path)
    me.page.get_by_role("button", name="Log a call").first.wait_for()
    shown: list[Any] = []

    press(me, "l")
    me.page.wait_for_selector("#palette[open]")
    shown.append(me.page.locator("#palette textarea[name=text]").input_value().startswith("Log a call with"))
    press(me, "Escape")
    for number, tab in ((2, "assets"), (3, "message-tree"), (4, "inspect"), (1, "action")):
        press(me, f"Alt+{number}")
        me.page.locator(f"#tab-{tab}[aria-selected=true]").wait_for()
    press(me, "e")
    me.page.wait_for_url(f"**{path}edit/")

    assert shown == [True]


def test_create_notifications_thread_and_the_bar_open_by_their_keys(me: Seat) -> None:
    me.open("/companies/")

    press(me, "c")
    me.page.wait_for_function(
        "() => document.querySelector('dialog[open]') || location.pathname.includes('new')"
    )
    me.open("/companies/")
    press(me, "t")
    opened = me.page.evaluate("document.documentElement.dataset.thread")
    press(me, "t")
    press(me, "n")
    me.page.get_by_role("dialog").first.wait_for()
    press(me, "Escape")
    press(me, "Control+k")
    me.page.wait_for_selector("#palette[open]")
    press(me, "Control+k")
    me.page.wait_for_selector("#palette:not([open])", state="attached")

    assert opened == "open"


def test_letters_can_be_switched_off_and_on_again(me: Seat) -> None:
    me.open("/help/keys/")
    switch = me.page.get_by_label("Single letters do something").first

    switch.uncheck()
    press(me, "t")
    off = me.page.evaluate("document.documentElement.dataset.thread")
    switch.check()
    me.page.evaluate("document.activeElement.blur()")
    press(me, "t")
    on = me.page.evaluate("document.documentElement.dataset.thread")
    press(me, "t")

    assert (off == "open", on) == (False, "open")
