"""Boards, and what two people see of each other: live, after a lost connection, and after one of them is gone."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.boards import LATER_MS, LIVE_MS, Line, a_deal, column, drag, fresh
from tests.browser import CHROMIUM, QUIET, wait_for_quiet
from tests.conftest import PEOPLE, Seat, signed_in


def test_a_rep_drags_a_deal_and_what_is_missing_is_filled_in_at_once(
    seat: Callable[..., Seat], pipeline: str
) -> None:
    rep, word = seat("rep"), fresh("dragged")
    deal = a_deal(rep, pipeline, word)
    rep.open(f"/pipeline/?pipeline={pipeline}")

    drag(rep, f"#deal-{deal['id']}", "strict")
    dialog = rep.page.get_by_role("dialog")
    dialog.wait_for()
    words, back = dialog.inner_text(), column(rep, deal)
    dialog.get_by_label("Amount").fill("12000")
    dialog.get_by_label("Next step").fill("Call Ana")
    dialog.get_by_role("button", name="Save and move").click()
    rep.page.wait_for_selector(f"[data-stage=strict] #deal-{deal['id']}")

    kept = rep.ask("GET", f"/api/v1/deals/{deal['id']}/")
    assert ("Strict asks for more" in words, "amount" in words.lower(), back) == (True, True, "open")
    assert (kept["stage"], kept["deal_amount"], kept["next_step"]) == ("strict", "12000.00", "Call Ana")


def test_a_company_that_may_not_go_to_a_state_goes_back_and_says_why(seat: Callable[..., Seat]) -> None:
    rep, word = seat("rep"), fresh("Lifecycle")
    company = rep.make("companies", {"name": word})
    rep.open(f'/companies/board/?where=name:is:"{word}"')

    drag(rep, f"#company-{company['id']}", "churned")
    rep.page.get_by_text("cannot become churned").wait_for()
    rep.page.wait_for_selector(f"[data-stage=dormant] #company-{company['id']}")
    drag(rep, f"#company-{company['id']}", "exploring")
    rep.page.get_by_text(f"{word} is exploring", exact=False).wait_for()

    assert rep.ask("GET", f"/api/v1/companies/{company['id']}/")["customer_state"] == "exploring"


def test_a_card_is_moved_by_its_menu_with_the_keyboard(seat: Callable[..., Seat], pipeline: str) -> None:
    rep = seat("rep")
    deal = a_deal(rep, pipeline, fresh("keyed"))
    rep.open(f"/pipeline/?pipeline={pipeline}")

    rep.page.locator(f"#deal-{deal['id']}").focus()
    rep.page.keyboard.press("m")
    rep.page.get_by_role("dialog").get_by_role("button", name="Free", exact=True).press("Enter")
    rep.page.wait_for_selector(f"[data-stage=free] #deal-{deal['id']}")

    assert rep.page.evaluate("document.activeElement.id") == f"deal-{deal['id']}"


def test_a_move_of_a_colleague_is_on_my_board_and_in_my_list_within_a_second(
    seat: Callable[..., Seat], pipeline: str
) -> None:
    rep, watcher, colleague = seat("rep"), seat("revops"), seat("admin")
    deal = a_deal(rep, pipeline, fresh("moved"))
    rep.open(f"/pipeline/?pipeline={pipeline}")
    watcher.open(f'/deals/?where=name:is:"{deal["name"]}"')
    colleague.open(f"/pipeline/?pipeline={pipeline}")

    drag(colleague, f"#deal-{deal['id']}", "free")
    colleague.page.wait_for_selector(f"[data-stage=free] #deal-{deal['id']}")
    began = time.monotonic()
    rep.page.wait_for_selector(f"[data-stage=free] #deal-{deal['id']}", timeout=LIVE_MS)
    on_board = time.monotonic() - began
    watcher.page.locator(f"#row-{deal['id']}", has_text="Free").wait_for(timeout=LIVE_MS)
    in_list = time.monotonic() - began
    new = a_deal(colleague, pipeline, fresh("opened"))
    rep.page.wait_for_selector(f"#deal-{new['id']}", timeout=LIVE_MS)

    print(f"on the board after {on_board:.2f} s, in the list after {in_list:.2f} s")


def test_ticks_and_what_is_typed_stay_while_a_colleague_changes_the_list(seat: Callable[..., Seat]) -> None:
    rep, colleague, region = seat("rep"), seat("admin"), fresh("Coast")
    one, two = (rep.make("companies", {"name": f"{n} {region}", "region": region}) for n in ("One", "Two"))
    rep.open(f'/companies/?where=region:is:"{region}"')

    rep.page.locator(f"#row-{one['id']} [data-select]").check()
    colleague.ask("PATCH", f"/api/v1/companies/{two['id']}/", {"city": "Turin"})
    rep.page.locator(f"#row-{two['id']}", has_text="Turin").wait_for(timeout=LIVE_MS)
    ticked = rep.page.locator("[data-select]:checked").evaluate_all("all => all.map(each => each.value)")
    rep.page.locator(f"#row-{one['id']} > td[data-cell=city]").dblclick()
    box = rep.page.get_by_label("Place", exact=True)
    box.fill("Mil")
    colleague.ask("PATCH", f"/api/v1/companies/{two['id']}/", {"city": "Parma"})
    box.press_sequentially("an", delay=300)
    typed = box.input_value()
    box.press("Enter")
    rep.page.locator(f"#row-{two['id']}", has_text="Parma").wait_for(timeout=LIVE_MS)

    assert (ticked, typed) == ([one["id"]], "Milan")
    assert rep.ask("GET", f"/api/v1/companies/{one['id']}/")["city"] == "Milan"


def test_a_page_whose_connection_was_lost_catches_up(seat: Callable[..., Seat], pipeline: str) -> None:
    rep, colleague = seat("rep"), seat("admin")
    deal, line = a_deal(rep, pipeline, fresh("missed")), Line(rep)
    rep.open(f"/pipeline/?pipeline={pipeline}")

    line.cut()
    colleague.ask("PATCH", f"/api/v1/deals/{deal['id']}/", {"stage": "free"})
    rep.page.get_by_text("The connection is lost.").wait_for()
    old = column(rep, deal)
    line.mend()
    rep.page.wait_for_selector(f"[data-stage=free] #deal-{deal['id']}", timeout=LATER_MS)
    rep.page.get_by_text("The connection is lost.").wait_for(state="detached")

    assert old == "open"


def test_what_is_done_without_a_connection_is_kept_and_sent_when_it_is_back(
    seat: Callable[..., Seat], pipeline: str
) -> None:
    rep = seat("rep")
    first, second = (a_deal(rep, pipeline, fresh("kept")) for _ in range(2))
    line = Line(rep)
    rep.open(f"/pipeline/?pipeline={pipeline}")

    line.cut()
    drag(rep, f"#deal-{first['id']}", "free")
    rep.page.get_by_text(f"Kept, to be sent when it is back: {first['name']} to Free.").wait_for()
    drag(rep, f"#deal-{second['id']}", "free")
    rep.page.get_by_text("2 things are kept").wait_for()
    shown = [column(rep, each) for each in (first, second)]
    line.mend()
    rep.page.locator("#offline .banner").wait_for(state="detached", timeout=LATER_MS)
    wait_for_quiet(rep.page)

    kept = [rep.ask("GET", f"/api/v1/deals/{each['id']}/") for each in (first, second)]
    assert (shown, [each["stage"] for each in kept]) == (["free", "free"], ["free", "free"])
    assert rep.page.locator(".is-kept").count() == 0


def test_what_was_kept_does_not_go_past_what_a_colleague_did_meanwhile(
    seat: Callable[..., Seat], pipeline: str
) -> None:
    rep, colleague = seat("rep"), seat("admin")
    deal, line = a_deal(rep, pipeline, fresh("raced")), Line(rep)
    colleague.ask("PATCH", f"/api/v1/deals/{deal['id']}/", {"deal_amount": "5", "next_step": "Call"})
    rep.open(f"/pipeline/?pipeline={pipeline}")

    line.cut()
    drag(rep, f"#deal-{deal['id']}", "free")
    rep.page.get_by_text("Kept, to be sent").wait_for()
    colleague.ask("PATCH", f"/api/v1/deals/{deal['id']}/", {"stage": "strict"})
    line.mend()
    rep.page.get_by_text("stands in Strict by now, Kim Demo moved it. It stays there.").wait_for(
        timeout=LATER_MS
    )
    rep.page.wait_for_selector(f"[data-stage=strict] #deal-{deal['id']}", timeout=LIVE_MS)

    assert rep.ask("GET", f"/api/v1/deals/{deal['id']}/")["stage"] == "strict"


def test_somebody_whose_browser_died_is_no_longer_shown(
    seat: Callable[..., Seat], browser: Any, workspace: Any
) -> None:
    rep = seat("rep")
    company = rep.make("companies", {"name": fresh("Left")})
    rep.open(f"/companies/{company['id']}/")
    theirs = browser.browser_type.launch(executable_path=CHROMIUM, args=QUIET)
    kept = signed_in(theirs, workspace, PEOPLE["admin"])
    page = theirs.new_context(storage_state=kept).new_page()

    page.goto(f"{workspace.address}/companies/{company['id']}/")
    rep.page.wait_for_selector(".presence .avatar", timeout=LIVE_MS)
    session = theirs.new_browser_cdp_session()
    with pytest.raises(Exception, match="closed"):
        session.send("Browser.crash")
    rep.page.wait_for_selector(".presence .avatar", state="detached", timeout=LIVE_MS)


def read_while_a_menu_is_open(seat: Seat, row: str, address: str, change: Callable[[], object]) -> None:
    """What is read anew comes when somebody has begun to choose in a row, so it is not drawn."""
    page, held = seat.page, list[Any]()

    def hold(route: Any) -> None:
        if held:
            route.continue_()
        else:
            held.append(route)

    page.route(address, hold)
    with page.expect_request(address):
        change()
    page.locator(row).click(button="right")
    page.locator(".row-menu").wait_for()
    held[0].continue_()
    wait_for_quiet(page)


SOMETHING_ELSE = """htmx.swap(document.getElementById("announcer"), "<p>Read</p>", {swapStyle: "innerHTML"},
  {eventInfo: {target: document.getElementById("announcer")}})"""


def test_what_is_ticked_beside_an_open_menu_stays_ticked(seat: Callable[..., Seat]) -> None:
    rep, colleague, city = seat("rep"), seat("admin"), fresh("Ticked")
    made = [rep.make("companies", {"name": f"{n} {city}", "city": city}) for n in range(2)]
    rep.open(f'/companies/?where=city:is:"{city}"')
    boxes = [rep.page.locator(f"#row-{each['id']} [data-select]") for each in made]

    boxes[0].check()
    address = f"/api/v1/companies/{made[1]['id']}/"
    read_while_a_menu_is_open(
        rep,
        f"#row-{made[0]['id']}",
        "**/companies/?*",
        lambda: colleague.ask("PATCH", address, {"region": "Elsewhere"}),
    )
    boxes[1].evaluate("box => box.click()")
    rep.page.evaluate(SOMETHING_ELSE)

    assert [box.is_checked() for box in boxes] == [True, True]


def test_a_board_stays_where_it_was_scrolled_beside_an_open_menu(
    seat: Callable[..., Seat], pipeline: str
) -> None:
    rep, colleague = seat("rep", width=375), seat("admin")
    one, other = (a_deal(rep, pipeline, fresh("Scrolled")) for _ in range(2))
    rep.open(f"/pipeline/?pipeline={pipeline}")

    read_while_a_menu_is_open(
        rep,
        f"#deal-{one['id']}",
        "**/pipeline/?*",
        lambda: colleague.ask("PATCH", f"/api/v1/deals/{other['id']}/", {"stage": "free"}),
    )
    board = rep.page.locator(".board")
    board.evaluate("board => { board.scrollLeft = board.scrollWidth }")
    stands = board.evaluate("board => board.scrollLeft")
    rep.page.evaluate(SOMETHING_ELSE)

    assert (stands > 0, board.evaluate("board => board.scrollLeft")) == (True, stands)
