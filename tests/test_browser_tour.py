"""The tour of the README in a real browser: import, ask, look, draft, approve, read what came back."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.browser import (
    CHROMIUM,
    QUIET,
    Product,
    audit,
    axe,
    every_page,
    faults_of,
    move_clock,
    running_product,
    sign_in,
    tell,
    understood,
    wait_for_quiet,
)
from tests.pictures import write_index

playwright = pytest.importorskip("playwright.sync_api")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.enable_socket,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason=f"{CHROMIUM} is not installed"),
]

FIND = "Find me CMOs at Series B fintech companies in NYC who are actively hiring for growth teams"
CREATE = (
    "Create a 3-touch hiring-themed campaign for the prospects I just found. "
    "A/B test the subject line between 'Join our growth' and 'Scale with us'"
)
LEADS = """Company,Website,City,First Name,Last Name,Email,Job Title
Contoso,contoso.example,Berlin,Ada,Miller,ada@contoso.example,CMO
Northwind,northwind.example,Oslo,Bo,Holm,bo@northwind.example,Head of Marketing
,,,,,not-an-address,
"""
SOON, LATER = 15_000, 45_000
PHONE = 375
ARTEFACTS = Path(__file__).parent.parent / "artefacts"
LISTS = (
    "research",
    "campaigns",
    "pipeline",
    "companies",
    "contacts",
    "tasks",
    "imports",
    "sandbox",
    "help",
)
OTHERS = {
    "home": "/",
    "search": "/search/?q=growth",
    "company-new": "/companies/new/",
    "contact-new": "/contacts/new/",
    "deal-new": "/deals/new/",
}


@dataclass(frozen=True, slots=True)
class Tour:
    """What went wrong on the way, and the addresses of all pages."""

    faults: list[str]
    places: dict[str, str]


@pytest.fixture(scope="module")
def product() -> Iterator[Product]:
    with running_product() as started:
        yield started


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def tour(chromium: Any, product: Product, tmp_path_factory: pytest.TempPathFactory) -> Tour:
    """Walked once; the other tests look at what it left."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    faults = faults_of(page)
    sign_in(page, product)
    imports_a_list(page, product, tmp_path_factory.mktemp("leads"))
    finds_people(page)
    drafts_a_campaign(page)
    approves_it(page)
    lets_an_audience_answer(page, product)
    answers_as_a_reader(page, product)
    sees_the_answers_arrive(page)
    asks_how_b_is_doing(page)
    promotes_b_before_it_is_proven(page)
    finds_the_deal_and_the_task(page, product)
    comes_back_to_the_thread(page, product)
    asks_from_a_terminal(product)
    places = addresses(page, product)
    context.close()
    return Tour(faults, places)


def expect(what: Any, timeout: float = SOON) -> Any:
    playwright.expect.set_options(timeout=timeout)
    return playwright.expect(what)


def test_the_tour_from_a_list_to_an_honest_verdict(tour: Tour) -> None:
    assert tour.faults == [], "\n".join(tour.faults)


def imports_a_list(page: Any, product: Product, folder: Path) -> None:
    """Look first, then import, then see each rejected row with its reason; the way back is one button."""
    leads = folder / "leads.csv"
    leads.write_text(LEADS)
    page.goto(f"{product.address}/imports/")
    page.set_input_files("input[type=file]", str(leads))
    page.get_by_role("button", name="Upload").click()

    expect(page.get_by_text("Nothing has been changed yet")).to_be_visible()
    expect(page.get_by_label("Field of Job Title")).to_have_value("contact.title")
    page.keyboard.press("Control+Enter")

    expect(page.locator("[data-outcome=created]")).to_have_text("4")
    expect(page.locator("[data-outcome=updated]")).to_have_text("0")
    expect(page.locator("[data-outcome=unchanged]")).to_have_text("0")
    expect(page.locator("[data-outcome=rejected]")).to_have_text("1")
    expect(page.get_by_role("table", name="Rows that were rejected").locator("tbody tr")).to_have_count(1)
    page.get_by_role("button", name="Take this import back").click()
    expect(page.get_by_role("heading", name="Taken back")).to_be_visible()


def finds_people(page: Any) -> None:
    """The sentence as chips, then cards that show why each is one; keys select and dismiss."""
    understood(page, FIND)
    chips = page.locator("#command-plan [data-chip] [data-chip-value]")
    values = [chips.nth(place).input_value() for place in range(chips.count())]
    assert {"CMO", "New York City", "fintech", "hiring", "Series B"} <= set(values)
    page.keyboard.press("Enter")

    page.wait_for_url("**/research/**")
    expect(page.locator("#research-state")).to_contain_text("Done")
    cards = page.locator("[data-prospect]")
    expect(cards).to_have_count(18)
    first = cards.first
    expect(first.locator(".grade")).to_have_text(re.compile("[A-F]"))
    expect(first.locator(".scores")).to_contain_text(
        re.compile(r"Fit.*[01]\.\d\d.*Intent.*0\.\d\d.*Priority.*0\.\d\d", re.DOTALL)
    )
    expect(first.locator(".signal").first).to_contain_text("Hiring")

    page.keyboard.press("j")
    page.keyboard.press("ArrowRight")
    expect(first.get_by_text("Selected")).to_be_visible()
    expect(page.locator("#research-actions")).to_contain_text("Start outreach, 1")
    page.keyboard.press("ArrowLeft")
    expect(cards.nth(1).get_by_text("Dismissed")).to_be_visible()
    for card in (cards.nth(1), first):
        card.get_by_role("button", name="Undo").click()
        expect(card.get_by_role("button", name="Dismiss")).to_be_visible()


def drafts_a_campaign(page: Any) -> None:
    """Three touches on a line of days, the messages as each person gets them, and what the test cannot tell."""
    tell(page, CREATE)
    page.wait_for_url("**/campaigns/**")

    expect(page.locator("#campaign-state")).to_have_text("Draft")
    expect(page.locator("#campaign-sequence svg.plot[role=img]")).to_have_attribute(
        "aria-label", re.compile("Day 0: E-mail, for 18 people. Day 3: E-mail 2, .* Day 7: E-mail 3, ")
    )
    expect(page.locator("#campaign-sequence .variant-b").first).to_be_visible()
    expect(
        page.get_by_text(re.compile("^18 people cannot decide this test: it needs 875 in each arm")).first
    ).to_be_visible()
    expect(page.locator("#campaign-test")).to_contain_text("0 of 875")
    message = page.locator("#campaign-message")
    expect(message.get_by_text("1 of 18")).to_be_visible()
    expect(message).to_contain_text(re.compile("Join our growth|Scale with us"))
    expect(message).to_contain_text("Unsubscribe")
    message.get_by_role("button", name="Next person").click()
    expect(message.get_by_text("2 of 18")).to_be_visible()
    message.get_by_role("button", name="Variant B").click()
    expect(message).to_contain_text("Scale with us")


def approves_it(page: Any) -> None:
    page.keyboard.press("a")

    expect(page.locator("#campaign-state")).to_have_text("Scheduled")
    expect(page.get_by_role("button", name="Cancel start")).to_be_visible()


def lets_an_audience_answer(page: Any, product: Product) -> None:
    """Somebody who is never away: what they are like is written down before the first mail."""
    campaign = page.url
    page.goto(f"{product.address}/sandbox/")
    page.get_by_label("Variants of").select_option(index=1)
    page.get_by_label("Seed").fill("5")
    page.get_by_role("button", name="Let them answer").click()
    expect(page.get_by_role("button", name="Stop answering")).to_be_visible()
    page.goto(campaign)
    expect(page.locator("html[data-connection=live]")).to_be_attached()
    move_clock(page, "To the next mail")
    move_clock(page, "1 hour")

    expect(page.locator("#campaign-state"), LATER).to_have_text("Running")
    expect(page.locator("#campaign-funnel [data-step=Sent]"), LATER).to_have_text("18")


def answers_as_a_reader(page: Any, product: Product) -> None:
    """The mail as its reader sees it, and their answer over SMTP."""
    page.evaluate("window.stays = 1")
    reader = page.context.new_page()
    reader.goto(f"{product.address}/sandbox/?q=joshua.perry")
    reader.locator("#sandbox-list tbody a").first.click()
    mail = reader.frame_locator("iframe.mail-frame")
    expect(mail.get_by_text(re.compile("^Hi "))).to_be_visible()
    expect(mail.get_by_role("link", name="Unsubscribe")).to_be_visible()
    reader.get_by_role("button", name="Wants a meeting").click()
    expect(reader.get_by_text("The answer is on its way")).to_be_visible()
    reader.close()


def sees_the_answers_arrive(page: Any) -> None:
    """Without reading the page again: it is the same document as before."""
    more = page.locator("#campaign-more")
    expect(more.get_by_text(re.compile("meeting", re.IGNORECASE)).first, LATER).to_be_visible()
    for step in ("Opened", "Replied"):
        expect(page.locator(f"#campaign-funnel [data-step={step}]"), LATER).not_to_have_text("0")
    # As when the panel is drawn anew between the click and its answer.
    page.get_by_role("button", name="Look now").evaluate("button => { button.click(); button.remove(); }")
    expect(page.locator("#campaign-test .figure").first).to_be_visible()
    expect(page.locator("#campaign-test")).to_contain_text("p, always valid")
    assert page.evaluate("window.stays") == 1


def asks_how_b_is_doing(page: Any) -> None:
    tell(page, "Show me how variant B is performing")

    expect(page.locator("#thread")).to_contain_text(re.compile(r"B\b.*\d+ of \d+", re.DOTALL))


def promotes_b_before_it_is_proven(page: Any) -> None:
    tell(page, "Promote B")
    expect(page.locator("#thread [data-approval]")).to_be_visible()
    page.locator("#thread [data-approval]").get_by_role("button", name="Approve").click()

    expect(page.locator("#campaign-test")).to_contain_text("not proven")


def finds_the_deal_and_the_task(page: Any, product: Product) -> None:
    page.goto(f"{product.address}/pipeline/")
    expect(page.locator("[data-board] .deal").first).to_be_visible()
    page.goto(f"{product.address}/tasks/")
    expect(page.locator("#tasks-list").get_by_text("Fix a time with Joshua Perry")).to_be_visible()


def comes_back_to_the_thread(page: Any, product: Product) -> None:
    """A browser that was closed and kept what a browser keeps."""
    context = page.context.browser.new_context(
        storage_state=page.context.storage_state(), viewport={"width": 1440, "height": 900}
    )
    again = context.new_page()
    again.goto(product.address)
    thread = again.locator("#thread")
    for sentence in (FIND, CREATE, "Promote B"):
        expect(thread.get_by_text(sentence).first).to_be_visible()
    context.close()


def asks_from_a_terminal(product: Product) -> None:
    """In the thread of the same person, on the stores that run: the draft it makes stands on the page."""
    said = product.manage("ask", "Show me how variant B is performing")
    drafted = product.manage("ask", CREATE)

    assert re.search(r"\d+ of \d+", said)
    assert "Nothing is sent before you approve it" in drafted


def addresses(page: Any, product: Product) -> dict[str, str]:
    """Every page there is, by a name for its picture; of lists the first record."""
    found = {name: f"/{name}/" for name in LISTS}
    for name in ("companies", "contacts", "research", "imports", "sandbox"):
        page.goto(f"{product.address}/{name}/")
        found[f"{name}-one"] = page.locator("[data-list] tbody a").first.get_attribute("href")
    page.goto(f"{product.address}/campaigns/")
    for state in ("Draft", "Running"):
        row = page.locator("tbody tr", has_text=state).first
        found[f"campaign-{state.lower()}"] = row.get_attribute("data-href")
    page.goto(f"{product.address}/pipeline/")
    found["deal"] = page.locator(".deal").first.get_attribute("data-href")
    known = {*found.values(), *OTHERS.values()}
    further = {name: path for name, path in every_page(page, product).items() if path not in known}
    return found | OTHERS | further


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 375])
def test_every_page_opens_without_a_fault_and_without_sideways_scroll(
    chromium: Any, product: Product, tour: Tour, theme: str, width: int
) -> None:
    ARTEFACTS.mkdir(exist_ok=True)
    context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)
    page = context.new_page()
    faults = faults_of(page)
    sign_in(page, product)

    refused, wide, hard = list[str](), list[str](), list[str]()
    for name, path in tour.places.items():
        answer = page.goto(product.address + path)
        wait_for_quiet(page)
        page.screenshot(path=str(ARTEFACTS / f"{name}-{theme}-{width}.png"))
        if answer.status != 200:
            refused.append(f"{path} {answer.status}")
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            wide.append(f"{path} scrolls sideways")
        hard += audit(page) + (axe(page) if width > PHONE else [])
    context.close()
    write_index(ARTEFACTS)

    found = [*refused, *faults, *wide, *hard]
    assert found == [], "\n".join(found)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 375])
def test_pages_without_a_frame_open_too(chromium: Any, product: Product, theme: str, width: int) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)
    page = context.new_page()

    found = {}
    for name, path in (("login", "/login/"), ("not-found", "/nowhere/"), ("unsubscribe", "/u/unknown/")):
        answer = page.goto(product.address + path)
        page.screenshot(path=str(ARTEFACTS / f"{name}-{theme}-{width}.png"))
        wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
        found[name] = (answer.status, wide, audit(page) + axe(page))
    context.close()

    assert found == {
        "login": (200, False, []),
        "not-found": (404, False, []),
        "unsubscribe": (404, False, []),
    }


def test_words_that_are_not_saved_survive_what_others_write(
    chromium: Any, product: Product, tour: Tour
) -> None:
    context = chromium.new_context()
    mine, other = context.new_page(), context.new_page()
    sign_in(mine, product)
    wait_for_quiet(mine)
    with mine.expect_websocket() as opened:
        mine.goto(product.address + tour.places["contacts-one"])
    wait_for_quiet(mine)
    other.goto(mine.url)
    note = mine.get_by_label("Note")
    note.fill("Half a sentence")
    note.blur()

    for words in ("First", "Second"):
        with opened.value.expect_event("framereceived", timeout=SOON):
            other.get_by_label("Note").fill(words)
            other.get_by_role("button", name="Save note").click()
            expect(other.locator(".timeline").get_by_text(words)).to_be_visible()
    kept = note.input_value()
    note.fill("")
    note.blur()
    wait_for_quiet(other)
    other.get_by_label("Note").fill("Third")
    other.get_by_role("button", name="Save note").click()

    expect(mine.locator(".timeline").get_by_text("Third")).to_be_visible()
    assert kept == "Half a sentence"
    context.close()
