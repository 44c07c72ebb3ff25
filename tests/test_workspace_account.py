"""Two people at one account: who is here, what the other writes, and nothing of either lost."""

import time
from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Any

import pytest

LIVE_MS = 5000
_numbers = count(1)
# How wide the page is, and what is wider than the screen, where something is.
WIDE = """() => { const all = document.documentElement.scrollWidth; return all <= innerWidth ? [all] :
  [all, ...[...document.querySelectorAll("body *")].filter(each => each.getBoundingClientRect().right > innerWidth + 0.01)
    .map(each => `${each.tagName}.${each.className}: ${each.textContent.trim().slice(0, 60)}`)]; }"""


@pytest.fixture
def account(seat: Callable[..., Any]) -> tuple[Any, str]:
    """A rep on the page of a company of theirs."""
    rep = seat("rep")
    name = f"Account {next(_numbers)} {time.monotonic_ns()}"
    company = rep.make("companies", {"name": name, "city": "Boston", "region": "East"})
    return rep, f"/companies/{company['id']}/"


def both(account: tuple[Any, str], seat: Callable[..., Any]) -> tuple[Any, Any]:
    """The rep and a colleague, who comes second, at one account."""
    rep, path = account
    rep.open(path)
    colleague = seat("admin")
    colleague.open(path)
    return rep, colleague


def test_a_rep_sees_that_a_colleague_opened_the_account_and_left_it(
    account: tuple[Any, str], seat: Callable[..., Any]
) -> None:
    rep, colleague = both(account, seat)

    rep.page.wait_for_selector(".presence .avatar", timeout=LIVE_MS)
    words = rep.page.locator(".presence").inner_text()
    colleague.page.goto(colleague.product.address + "/tasks/")
    rep.page.wait_for_selector(".presence .avatar", state="detached", timeout=LIVE_MS)

    assert "Kim Demo is here too" in words


def test_a_rep_sees_which_field_a_colleague_is_in(account: tuple[Any, str], seat: Callable[..., Any]) -> None:
    rep, path = account
    rep.open(path)
    colleague = seat("admin")
    colleague.open(f"{path}edit/")

    colleague.page.locator("#id_city").focus()

    rep.page.get_by_text("Kim Demo is editing City").wait_for(timeout=LIVE_MS)


def test_a_message_to_the_team_appears_at_the_colleague_at_once(
    account: tuple[Any, str], seat: Callable[..., Any]
) -> None:
    rep, colleague = both(account, seat)
    colleague.page.wait_for_selector(".messages")
    line = rep.page.get_by_placeholder("Write to the team")

    line.fill("I know David from before")
    began = time.monotonic()
    line.press("Enter")
    colleague.page.locator(".messages").get_by_text("I know David from before").wait_for(timeout=LIVE_MS)

    print(f"in the other browser after {time.monotonic() - began:.2f} s")
    assert line.input_value() == ""
    assert "1 new" in colleague.page.locator(".messages").inner_text()


def test_two_people_save_one_field_and_the_second_chooses(
    account: tuple[Any, str], seat: Callable[..., Any]
) -> None:
    rep, path = account
    colleague = seat("admin")
    for each in (rep, colleague):
        each.open(f"{path}edit/")
    colleague.page.fill("#id_city", "Denver")
    colleague.page.get_by_role("button", name="Save", exact=True).click()
    colleague.page.wait_for_url(f"**{path}")

    rep.page.fill("#id_city", "Chicago")
    rep.page.fill("#id_region", "Midwest")
    rep.page.get_by_role("button", name="Save", exact=True).click()
    choice = rep.page.locator("[data-merge=city]")
    choice.wait_for()
    words = choice.inner_text()
    choice.get_by_text("Denver").click()
    rep.page.get_by_role("button", name="Save", exact=True).click()
    rep.page.wait_for_url(f"**{path}")

    kept = rep.ask("GET", f"/api/v1{path}")
    assert ("Chicago" in words, "Denver" in words, "Kim Demo" in words) == (True, True, True)
    assert (kept["city"], kept["region"]) == ("Denver", "Midwest")


def test_the_panels_the_folded_parts_and_the_tab_are_as_they_were_left(account: tuple[Any, str]) -> None:
    rep, path = account
    page = rep.page
    rep.open(path)
    begins = int(page.locator(".splitter").get_attribute("aria-valuenow"))  # as on the last account
    page.locator(".splitter").focus()
    with page.expect_response(lambda answer: answer.url.endswith("/layout/")):
        for _ in range(3):
            page.keyboard.press("ArrowRight")
    with page.expect_response(lambda answer: answer.url.endswith("/layout/")):
        page.locator("[data-fold=group] > summary").click()
    page.keyboard.press("Alt+4")
    page.get_by_text("What happened, and who did it").wait_for()

    rep.open(path)
    page.get_by_text("What happened, and who did it").wait_for()

    assert page.locator(".splitter").get_attribute("aria-valuenow") == str(begins + 6)
    assert page.locator("[data-fold=group]").get_attribute("open") is None
    assert page.locator("#tab-inspect").get_attribute("aria-selected") == "true"
    assert page.evaluate("document.documentElement.scrollWidth") <= 1440


def test_a_rep_drags_the_edge_between_the_panels(account: tuple[Any, str]) -> None:
    rep, path = account
    page = rep.page
    rep.open(path)
    box = page.locator(".splitter").bounding_box()
    before = page.locator(".is-arranged > .panel").first.bounding_box()["width"]

    page.mouse.move(box["x"], box["y"] + 200)
    page.mouse.down()
    page.mouse.move(box["x"] - 150, box["y"] + 200, steps=4)
    with page.expect_response(lambda answer: answer.url.endswith("/layout/")):
        page.mouse.up()

    after = page.locator(".is-arranged > .panel").first.bounding_box()["width"]
    assert before - after > 100


def test_a_rep_fills_the_form_from_notes_and_keeps_it_by_saving(account: tuple[Any, str]) -> None:
    rep, path = account
    page = rep.page
    name = rep.ask("GET", f"/api/v1{path}")["name"]
    rep.open(f"{path}edit/")

    page.get_by_text("Fill from notes").click()
    page.fill("#fill-notes", f"Good call. {name} has 250 employees by now.")
    page.get_by_role("button", name="Read", exact=True).click()
    page.get_by_role("button", name="Take", exact=True).click()
    shown = page.locator("#id_employee_size").input_value()
    before = rep.ask("GET", f"/api/v1{path}")["employee_size"]
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url(f"**{path}")

    assert (shown, before, rep.ask("GET", f"/api/v1{path}")["employee_size"]) == ("250", None, 250)


def test_an_account_fits_a_phone(seat: Callable[..., Any], account: tuple[Any, str]) -> None:
    rep, path = account
    key = path.split("/")[2]
    long = "bartholomew.featherstonehaugh@accounts.subsidiary.of-a-company.example"
    values = {"name": "Bartholomew Featherstonehaugh", "email": long, "company_id": key, "title": "Chief"}
    person = rep.make("contacts", values)
    phone = seat("rep", width=375)

    phone.open(path)
    cut = phone.page.locator(".person-row .who").first.evaluate("each => each.scrollWidth - each.clientWidth")
    wide = phone.page.evaluate(WIDE)
    phone.open(f"/contacts/{person['id']}/")

    assert (wide, phone.page.evaluate(WIDE)) == ([375], [375])
    assert cut <= 0


@pytest.mark.parametrize("letters", [30, 33, 36, 70])
def test_an_account_fits_a_phone_however_long_its_name(seat: Callable[..., Any], letters: int) -> None:
    """What stands behind the name, such as its lock, comes in the next line where there is no room."""
    phone = seat("rep", width=375)
    company = phone.make(
        "companies", {"name": f"{next(_numbers)} {time.monotonic_ns()} ".ljust(letters, "m")}
    )

    phone.open(f"/companies/{company['id']}/")

    assert phone.page.evaluate(WIDE) == [375]


def test_the_keys_of_the_tabs_are_those_of_the_keyboard_in_use(account: tuple[Any, str]) -> None:
    rep, path = account
    rep.open(path)

    rep.page.locator(".tab-keys").wait_for()

    assert rep.page.locator(".tab-keys kbd").all_inner_texts() == ["Alt 1", "Alt 4"]


LIVE = "panel => panel.dispatchEvent(new CustomEvent('live', {detail: {topic: 'company', kind: 'changed'}}))"


@pytest.mark.parametrize("held", ["choice", "reading"])
def test_the_tab_that_was_chosen_stays_whatever_comes_first(account: tuple[Any, str], held: str) -> None:
    """The panel is read anew for something live while a tab of it is on its way, or the other way round."""
    rep, path = account
    rep.open(path)
    page, key = rep.page, path.split("/")[2]
    page.locator("#tab-action[aria-selected=true]").wait_for()
    choose, read = page.locator("#tab-inspect").click, partial(page.locator(f"#context-{key}").evaluate, LIVE)
    first, second = (choose, read) if held == "choice" else (read, choose)
    address = f"**/companies/{key}/context/{'inspect' if held == 'choice' else 'action'}/"
    waiting: list[Any] = []

    def hold(route: Any) -> None:
        waiting.append(route)

    page.route(address, hold)
    panel = page.locator(f"#context-{key}").element_handle()

    with page.expect_request(address):
        first()
    second()
    page.wait_for_function("panel => !panel.isConnected", arg=panel)
    with page.expect_response(address):
        waiting[0].continue_()
    page.wait_for_function("() => !document.querySelector('.htmx-request')")
    page.locator("#tab-inspect[aria-selected=true]").wait_for()

    assert page.locator("#context-body-" + key).get_attribute("aria-labelledby") == "tab-inspect"
