"""Around the records: the left column, what can be done on a page, the blocks of an account, long lists, and reading without scripts."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.boards import fresh
from tests.conftest import Seat

BLOCKS = ["Overview", "Tags and classes", "Current state", "Suggested", "People", "Timeline"]
GROUPS = ["Accounts", "Growth", "Analytics", "Roadmap", "Needs you", "Opened last"]

OWN_FIELD = """
from gtmos.kernel.actors import SYSTEM
from gtmos.kernel.fields.services.definitions import create_field
create_field("company", "{label}", type="text", actor=SYSTEM)
"""


def texts(found: Any) -> list[str]:
    return [" ".join(each.split()) for each in found.all_inner_texts()]


def test_the_left_column_leads_by_keys_to_accounts_of_a_kind_and_to_reports(
    seat: Callable[..., Seat],
) -> None:
    rep = seat("rep")
    company = rep.make("companies", {"name": fresh("Beside")})
    rep.open(f"/companies/{company['id']}/")
    rep.open("/tasks/")
    side = rep.page.get_by_role("navigation", name="Main")

    groups = texts(side.locator("summary.nav-title"))
    side.locator("summary", has_text="Accounts").focus()
    rep.page.keyboard.press("Enter")
    rep.page.keyboard.press("Tab")
    here = rep.page.evaluate("document.activeElement.innerText.trim()")
    rep.page.keyboard.press("Enter")
    rep.page.wait_for_url("**/companies/?state=using")
    is_open = side.locator("details", has_text="Accounts").first.evaluate("each => each.open")
    side.locator("summary", has_text="Analytics").click()
    side.get_by_role("link", name="Won and lost").click()

    rep.page.wait_for_url("**/reports/deals/**")
    assert (groups, here, is_open) == (GROUPS, "Support: customers", True)


def test_the_roadmap_shows_a_deal_in_the_month_in_which_it_is_expected_to_sign(
    seat: Callable[..., Seat],
) -> None:
    rep = seat("rep")
    name = fresh("Coming")
    company = rep.make("companies", {"name": name})
    deal = rep.make(
        "deals", {"name": name, "company_id": company["id"], "deal_expected_signing_date": "2031-05-20"}
    )
    rep.open("/tasks/")
    side = rep.page.get_by_role("navigation", name="Main")

    side.locator("summary", has_text="Roadmap").click()
    side.get_by_role("link", name="Expected to sign").click()
    rep.page.wait_for_url("**/roadmap/?kind=deal")
    rep.open("/roadmap/?kind=deal&from=2031-03")
    month = rep.page.get_by_role("region", name="May 2031")
    month.get_by_role("link", name=name).click()

    rep.page.wait_for_url(f"**/deals/{deal['id']}/")


def test_what_waits_for_somebody_is_named_in_the_left_column(seat: Callable[..., Seat]) -> None:
    success = seat("success")
    title = fresh("Call back")
    success.make("tasks", {"title": title, "due_at": "2020-01-01T09:00:00Z"})
    success.open("/companies/")

    success.page.get_by_role("navigation", name="Main").locator("summary", has_text="Needs you").click()

    success.page.get_by_role("navigation", name="Main").get_by_text(title).first.wait_for()


def test_the_ten_accounts_that_were_opened_last_are_one_click_away(seat: Callable[..., Seat]) -> None:
    marketer = seat("marketer")
    names = [fresh(f"Visited {number}") for number in range(11)]
    for name in names:
        marketer.open(f"/companies/{marketer.make('companies', {'name': name})['id']}/")
    marketer.open("/companies/")
    recents = marketer.page.locator("details[data-remembered=recents] .nav-item")

    shown = texts(recents.locator(".clip"))
    recents.nth(9).click()

    marketer.page.get_by_role("heading", level=1, name=names[1]).wait_for()
    assert shown == names[:0:-1]


def test_an_account_has_its_seven_blocks_on_one_page(seat: Callable[..., Seat]) -> None:
    revops = seat("revops")
    label = fresh("Grade")
    revops.product.manage("shell", "--no-imports", "-c", OWN_FIELD.format(label=label))
    company = revops.make("companies", {"name": fresh("Seven"), "tags": ["Digital Native", "Top 100"]})

    revops.open(f"/companies/{company['id']}/")

    heads = [each for each in texts(revops.page.locator(".panel").first.locator("h2")) if each in BLOCKS]
    tags = texts(revops.page.locator("form.tag"))
    assert (heads, tags) == (BLOCKS, ["Digital Native", "Top 100"])
    assert revops.page.locator("[data-fold=fields] dt", has_text=label).count() == 1


@pytest.mark.parametrize(
    ("role", "words"),
    [
        ("rep", ["Log a call", "Plan a meeting", "New deal", "Start a campaign", "Remind me"]),
        ("success", ["Log a check-in", "Plan a review", "Renewal", "Add a person", "Remind me"]),
    ],
)
def test_sales_and_success_are_offered_other_actions_on_an_account(
    role: str, words: list[str], seat: Callable[..., Seat]
) -> None:
    somebody = seat(role)
    company = somebody.make("companies", {"name": fresh("Acted on")})

    somebody.open(f"/companies/{company['id']}/")
    somebody.page.locator(".action-set .btn").first.wait_for()

    offered = [
        each.rsplit(" ", 1)[0] if each[-2:-1] == " " else each
        for each in texts(somebody.page.locator(".action-set .btn"))
    ]
    assert offered == words


def test_the_bar_says_what_can_be_done_on_the_page(seat: Callable[..., Seat]) -> None:
    rep = seat("rep")
    company = rep.make("companies", {"name": fresh("Offers")})
    rep.open(f"/companies/{company['id']}/")
    rep.page.locator(".action-set .btn").first.wait_for()

    rep.page.keyboard.press("Control+k")
    rep.page.locator("#palette-jump .option:visible").first.wait_for()

    offered = texts(rep.page.locator("#palette-jump .option:visible .title-of"))
    done = [
        each for each in ("Log a call", "Plan a meeting", "Edit") if any(each in words for words in offered)
    ]
    assert done == ["Log a call", "Plan a meeting", "Edit"]


def test_a_long_list_is_read_page_by_page_to_its_end(seat: Callable[..., Seat]) -> None:
    rep = seat("rep")
    word = fresh("Long").replace(" ", "")
    names = [f"{word} {number:03}" for number in range(120)]
    for name in names:
        rep.make("companies", {"name": name})
    rep.open(f"/companies/?q={word}&sort=name")

    read = texts(rep.page.locator("[data-list] tbody a.medium"))
    while rep.page.get_by_role("link", name="Next", exact=True).count():
        first = read[-1]
        rep.page.get_by_role("link", name="Next", exact=True).click()
        rep.page.locator("[data-list] tbody a.medium").get_by_text(first, exact=True).wait_for(
            state="detached"
        )
        read += texts(rep.page.locator("[data-list] tbody a.medium"))

    assert sorted(read) == names


def test_records_are_read_without_scripts(seat: Callable[..., Seat]) -> None:
    rep = seat("rep")
    name, note = fresh("Plain"), fresh("They like paper")
    company = rep.make("companies", {"name": name})
    deal = rep.make("deals", {"name": f"Deal {name}", "company_id": company["id"]})
    rep.make("activities", {"type": "note", "subject": note, "company_id": company["id"]})
    state = rep.page.context.storage_state()
    context = rep.page.context.browser.new_context(java_script_enabled=False, storage_state=state)
    page = context.new_page()

    page.goto(f"{rep.product.address}/companies/?q={name}")
    page.get_by_role("link", name=name, exact=True).first.click()
    heading = page.get_by_role("heading", level=1).inner_text()
    page.get_by_role("link", name="Read the timeline").click()
    page.get_by_text(note).first.wait_for()
    told = page.get_by_text(note).count()
    page.goto(f"{rep.product.address}/deals/{deal['id']}/")
    of_deal = page.get_by_role("heading", level=1).inner_text()
    page.goto(f"{rep.product.address}/pipeline/?q={deal['name']}")
    cards = page.get_by_text(deal["name"]).count()
    context.close()

    assert (heading, told, of_deal, cards > 0) == (name, 1, deal["name"], True)
