"""Without a connection: what is typed and done is kept, said, and sent when it is back, each once."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from tests.boards import LATER_MS, Line, a_deal, cell, column, fresh
from tests.browser import understood, wait_for_quiet
from tests.conftest import PEOPLE, Seat, enter

MANY = 30


def is_sent(seat: Seat) -> None:
    """The line above the page is gone, and what it spoke of has arrived."""
    seat.page.locator("#offline .banner").wait_for(state="detached", timeout=LATER_MS)
    wait_for_quiet(seat.page)


def loses_an_answer(page: Any, path: str) -> list[int]:
    """The server does what the first request asks and its answer is lost; the list says what it had answered."""
    lost = list[int]()

    def half(route: Any) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.fetch().status)
        route.abort()

    page.route(path, half)
    return lost


def said(seat: Seat, text: str, **about: str) -> int:
    """How many entries of the timeline say it."""
    about_what = "&".join(f"{name}={key}" for name, key in about.items())
    found = seat.ask("GET", f"/api/v1/activities/?{about_what}")["results"]
    return sum(text in f"{each['subject']} {each['body']}" for each in found)


def test_a_note_a_next_step_and_a_call_typed_without_a_connection_arrive_once(
    seat: Callable[..., Seat], pipeline: str
) -> None:
    rep, word = seat("rep"), fresh("tunnel")
    deal, line = a_deal(rep, pipeline, word), Line(rep)
    rep.make("contacts", {"name": f"Ana {word}", "company_id": deal["company_id"]})
    rep.open(f"/deals/{deal['id']}/")
    page = rep.page

    line.cut()
    page.get_by_label("Note", exact=True).fill(f"They want a quote, {word}")
    page.get_by_role("button", name="Save note").click()
    page.get_by_text(f"Kept, to be sent when it is back: Note “They want a quote, {word}”.").wait_for()
    emptied = page.get_by_label("Note", exact=True).input_value()
    page.get_by_label("Next step", exact=True).fill("Send the quote")
    page.locator("form[data-kept^='Next step']").get_by_role("button", name="Save").click()
    page.get_by_text("2 things are kept").wait_for()
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    page.fill("#palette textarea[name=text]", f"Log call with Ana {word}: they called back")
    page.get_by_text("Enter keeps this sentence here").wait_for()
    page.keyboard.press("Enter")
    page.get_by_text("3 things are kept").wait_for()
    line.mend()
    is_sent(rep)

    kept = rep.ask("GET", f"/api/v1/deals/{deal['id']}/")
    assert (emptied, kept["next_step"]) == ("", "Send the quote")
    assert said(rep, f"They want a quote, {word}", deal_id=deal["id"]) == 1
    assert said(rep, "they called back", company_id=deal["company_id"]) == 1


def test_a_task_typed_without_a_connection_is_made_when_it_is_back(seat: Callable[..., Seat]) -> None:
    rep, titles = seat("rep"), [fresh("Write it"), fresh("Send it")]
    line, page = Line(rep), rep.page
    rep.open("/tasks/")

    line.cut()
    for title in titles:
        page.get_by_label("New task").fill(title)
        page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_text(
        f"2 things are kept, to be sent when it is back; the last: Task “{titles[1]}”."
    ).wait_for()
    line.mend()
    is_sent(rep)
    for title in titles:
        page.locator("[data-list] tbody tr", has_text=title).wait_for(timeout=LATER_MS)

    assert [page.locator("[data-list] tbody tr", has_text=title).count() for title in titles] == [1, 1]


def test_a_note_of_which_only_the_answer_was_lost_is_there_once(
    seat: Callable[..., Seat], pipeline: str
) -> None:
    rep, word = seat("rep"), fresh("halfway")
    deal = a_deal(rep, pipeline, word)
    rep.expects("ERR_FAILED")
    rep.expects("htmx:")
    rep.open(f"/deals/{deal['id']}/")
    lost = loses_an_answer(rep.page, "**/note/")
    rep.page.get_by_label("Note", exact=True).fill(f"Said once, {word}")
    with rep.page.expect_response(lambda answer: "/note/" in answer.url) as again:
        with rep.page.expect_event("requestfailed"):
            rep.page.get_by_role("button", name="Save note").click()
        rep.page.evaluate("window.dispatchEvent(new Event('online'))")
    is_sent(rep)

    assert (lost, again.value.headers["idempotency-replayed"]) == ([200], "true")
    assert said(rep, f"Said once, {word}", deal_id=deal["id"]) == 1


def test_cells_edited_without_a_connection_show_what_was_typed_and_are_saved(
    seat: Callable[..., Seat],
) -> None:
    rep, region = seat("rep"), fresh("Moor")
    company = rep.make("companies", {"name": f"Offline {region}", "region": region, "city": "Bonn"})
    line = Line(rep)
    rep.open(f'/companies/?where=region:is:"{region}"')

    cell(rep, company, "city").dblclick()
    box = rep.page.get_by_label("Place", exact=True)
    box.fill("Genoa")
    line.cut()
    box.press("Enter")
    rep.page.get_by_text(f"Kept, to be sent when it is back: Place of Offline {region}.").wait_for()
    shown = cell(rep, company, "city").inner_text(), cell(rep, company, "city").get_attribute("class")
    line.mend()
    is_sent(rep)
    rep.page.locator(f"#row-{company['id']} .is-kept").wait_for(state="detached")

    assert (shown[0], "is-kept" in str(shown[1])) == ("Genoa", True)
    assert rep.ask("GET", f"/api/v1/companies/{company['id']}/")["city"] == "Genoa"


def test_a_cell_edited_without_a_connection_is_not_written_over_that_of_a_colleague(
    seat: Callable[..., Seat],
) -> None:
    rep, colleague, region = seat("rep"), seat("admin"), fresh("Fen")
    company = rep.make("companies", {"name": f"Raced {region}", "region": region, "city": "Bonn"})
    line = Line(rep)
    rep.open(f'/companies/?where=region:is:"{region}"')

    cell(rep, company, "city").dblclick()
    rep.page.get_by_label("Place", exact=True).fill("Genoa")
    line.cut()
    rep.page.get_by_label("Place", exact=True).press("Enter")
    rep.page.get_by_text(f"Kept, to be sent when it is back: Place of Raced {region}.").wait_for()
    colleague.ask("PATCH", f"/api/v1/companies/{company['id']}/", {"city": "Paris"})
    line.mend()
    choice = rep.page.locator("[data-clash]")
    choice.wait_for(timeout=LATER_MS)
    before = rep.ask("GET", f"/api/v1/companies/{company['id']}/")["city"]
    choice.get_by_role("button", name="Keep that of Kim Demo").click()
    cell(rep, company, "city").filter(has_text="Paris").wait_for()

    assert (before, rep.ask("GET", f"/api/v1/companies/{company['id']}/")["city"]) == ("Paris", "Paris")


def test_what_is_not_to_be_sent_is_thrown_away_and_the_page_is_as_it_was(
    seat: Callable[..., Seat], pipeline: str
) -> None:
    rep, word = seat("rep"), fresh("regretted")
    deal, line = a_deal(rep, pipeline, word), Line(rep)
    rep.open(f"/deals/{deal['id']}/")

    line.cut()
    rep.page.get_by_label("Note", exact=True).fill(f"Never mind, {word}")
    rep.page.get_by_role("button", name="Save note").click()
    rep.page.get_by_role("button", name="Do not send them").click()
    rep.page.get_by_text("What you do is kept here").wait_for()
    line.mend()
    is_sent(rep)

    assert said(rep, f"Never mind, {word}", deal_id=deal["id"]) == 0


def test_a_page_that_missed_the_changes_of_a_minute_shows_all_of_them(
    seat: Callable[..., Seat], pipeline: str
) -> None:
    """A minute of a busy team: cards moved, made and renamed; a list beside; the bell."""
    rep, colleague, region = seat("rep"), seat("admin"), fresh("Minute")
    deals = [a_deal(colleague, pipeline, f"{region} {n}") for n in range(3)]
    company = rep.make("companies", {"name": f"Watched {region}", "region": region})
    board, listed = Line(rep), seat("rep")
    cut = Line(listed)
    rep.open(f"/pipeline/?pipeline={pipeline}")
    listed.open(f'/companies/?where=region:is:"{region}"')

    board.cut()
    cut.cut()
    for n in range(MANY):
        colleague.ask("PATCH", f"/api/v1/companies/{company['id']}/", {"city": f"Town {n}"})
        colleague.ask("PATCH", f"/api/v1/deals/{deals[n % 3]['id']}/", {"stage": ("free", "open")[n % 2]})
    new = a_deal(colleague, pipeline, f"{region} new")
    wanted = {each["id"]: colleague.ask("GET", f"/api/v1/deals/{each['id']}/")["stage"] for each in deals}
    board.mend()
    cut.mend()
    rep.page.wait_for_selector(f"#deal-{new['id']}", timeout=LATER_MS)
    is_sent(rep)
    is_sent(listed)
    cell(listed, company, "city").filter(has_text=f"Town {MANY - 1}").wait_for(timeout=LATER_MS)

    assert {each["id"]: column(rep, each) for each in deals} == wanted
    assert rep.page.locator(f"[id='deal-{new['id']}']").count() == 1


def kept_of(seat: Seat) -> list[str]:
    """What this tab keeps to be sent, as it is said to the person."""
    kept = seat.page.evaluate("JSON.parse(sessionStorage.getItem('gtmos.kept') || '[]')")
    return [str(each["words"]) for each in kept]


def note(seat: Seat, text: str) -> None:
    """Typed and saved without a connection."""
    seat.page.get_by_label("Note", exact=True).fill(text)
    seat.page.get_by_role("button", name="Save note").click()
    seat.page.get_by_text(f"Kept, to be sent when it is back: Note “{text}”.").wait_for()


def test_what_was_typed_waits_for_whoever_was_signed_out_meanwhile_and_arrives_once(
    seat: Callable[..., Seat], pipeline: str
) -> None:
    rep, word = seat("rep"), fresh("expired")
    deal, line, page = a_deal(rep, pipeline, word), Line(rep), rep.page
    rep.expects("WebSocket")  # which is closed for whoever is signed out
    rep.open(f"/deals/{deal['id']}/")

    line.cut()
    note(rep, f"Before the night, {word}")
    page.context.clear_cookies(name="sessionid")
    page.route("**/login/**", lambda route: route.fulfill(status=204))  # the page stays, to be read
    line.mend()
    page.get_by_text("You are signed out. When you have signed in again, it is sent").wait_for()
    waiting = kept_of(rep)
    page.unroute("**/login/**")
    page.locator("#offline").get_by_role("link", name="Sign in").click()
    page.wait_for_url("**/login/**")
    enter(page, PEOPLE["rep"])
    page.wait_for_url(f"**/deals/{deal['id']}/")
    wait_for_quiet(page)
    page.wait_for_function("() => sessionStorage.getItem('gtmos.kept') === null")

    assert waiting == [f"Note “Before the night, {word}”"]
    assert said(rep, f"Before the night, {word}", deal_id=deal["id"]) == 1


def test_what_a_server_in_trouble_does_not_take_is_kept_and_sent_later(
    seat: Callable[..., Seat], pipeline: str
) -> None:
    rep, word = seat("rep"), fresh("trouble")
    deal, line, page = a_deal(rep, pipeline, word), Line(rep), rep.page
    rep.expects("the server responded with a status of")
    trouble = {"status": 503}
    rep.open(f"/deals/{deal['id']}/")

    line.cut()
    note(rep, f"Not lost, {word}")
    page.route("**/note/", lambda route: route.fulfill(status=trouble["status"]))
    line.mend()
    page.get_by_text("Not sent yet. The server answered 503.").wait_for()
    waiting = [kept_of(rep)]
    trouble["status"] = 429
    page.evaluate("window.dispatchEvent(new Event('online'))")
    page.get_by_text("Not sent yet. The server answered 429.").wait_for()
    waiting.append(kept_of(rep))
    page.unroute("**/note/")
    page.evaluate("window.dispatchEvent(new Event('online'))")
    is_sent(rep)

    assert waiting == [[f"Note “Not lost, {word}”"]] * 2
    assert said(rep, f"Not lost, {word}", deal_id=deal["id"]) == 1


def test_what_was_typed_before_signing_in_anew_in_another_tab_arrives(
    seat: Callable[..., Seat], pipeline: str
) -> None:
    """Signing in makes another token; the page that is still open has the old one."""
    rep, word = seat("rep"), fresh("two tabs")
    deal, line, page = a_deal(rep, pipeline, word), Line(rep), rep.page
    rep.open(f"/deals/{deal['id']}/")

    token = {"name": "csrftoken", "value": "a" * 32, "url": rep.product.address}
    page.context.add_cookies([token])
    line.cut()
    note(rep, f"With an old token, {word}")
    line.mend()
    is_sent(rep)

    assert said(rep, f"With an old token, {word}", deal_id=deal["id"]) == 1


def test_what_is_refused_is_said_and_not_tried_again(seat: Callable[..., Seat], pipeline: str) -> None:
    rep, word = seat("rep"), fresh("refused")
    deal, line, page = a_deal(rep, pipeline, word), Line(rep), rep.page
    rep.expects("the server responded with a status of 404")
    rep.open(f"/deals/{deal['id']}/")

    line.cut()
    note(rep, f"Too late, {word}")
    page.route("**/note/", lambda route: route.fulfill(status=404))
    line.mend()
    page.get_by_text(f"Not done: Note “Too late, {word}”.").wait_for()

    assert kept_of(rep) == []


def amount_of(seat: Seat, deal: Any) -> str:
    return str(seat.ask("GET", f"/api/v1/deals/{deal['id']}/")["deal_amount"])


def test_a_sentence_whose_criterion_was_changed_is_kept_as_it_was_shown(
    seat: Callable[..., Seat], pipeline: str
) -> None:
    rep, word = seat("rep"), fresh("chipped")
    deal, line, page = a_deal(rep, pipeline, word), Line(rep), rep.page
    rep.open(f"/deals/{deal['id']}/")

    understood(page, "update the amount to 300k")
    chip = page.locator("#command-plan [data-chip*='amount'] input")
    chip.fill("400k")
    with page.expect_response("**/command/"):
        page.keyboard.press("Enter")
    wait_for_quiet(page)
    line.cut()
    page.locator("#palette textarea[name=text]").press("Enter")
    page.get_by_text("Kept, to be sent when it is back: “update the amount to 300k”.").wait_for()
    line.mend()
    is_sent(rep)

    assert Decimal(amount_of(rep, deal)) == Decimal(400_000)


def test_a_sentence_of_which_only_the_answer_was_lost_is_done_once(
    seat: Callable[..., Seat], pipeline: str
) -> None:
    rep, word = seat("rep"), fresh("answerless")
    deal, line, page = a_deal(rep, pipeline, word), Line(rep), rep.page
    rep.make("contacts", {"name": f"Ana {word}", "company_id": deal["company_id"]})
    rep.expects("ERR_FAILED")
    rep.open(f"/deals/{deal['id']}/")
    done = loses_an_answer(page, "**/command/run/")
    understood(page, f"Log call with Ana {word}: they called back")
    with page.expect_event("requestfailed", lambda request: "/command/run/" in request.url):
        page.keyboard.press("Enter")
    line.cut()
    page.locator("#palette textarea[name=text]").press("Enter")
    page.get_by_text("Kept, to be sent when it is back: “Log call").wait_for()
    line.mend()
    is_sent(rep)

    assert done == [200]
    assert said(rep, "they called back", company_id=deal["company_id"]) == 1


def test_a_reading_of_a_sentence_is_sent_with_the_key_of_the_sentence_alone(
    seat: Callable[..., Seat],
) -> None:
    rep, word = seat("rep"), fresh("twofold")
    for _ in range(2):
        company = rep.make("companies", {"name": fresh("Home")})
        rep.make("contacts", {"name": f"Ana {word}", "company_id": company["id"]})
    rep.open("/")

    rep.page.keyboard.press("Control+k")
    rep.page.fill("#palette textarea[name=text]", f"Log call with Ana {word}: they called back")
    with rep.page.expect_request("**/command/run/**") as sent:
        rep.page.locator("#command-plan .reading").first.click()
    wait_for_quiet(rep.page)

    assert "key=" in sent.value.url
    assert "idempotency-key" not in sent.value.headers
