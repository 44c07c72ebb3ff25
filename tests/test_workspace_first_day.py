"""The first day of somebody who has read nothing: ten things, found by what stands on the page.

No address is typed: each test begins at Today and goes by the words of links, buttons and labels.
"""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.boards import a_deal, fresh
from tests.browser import wait_for_quiet
from tests.conftest import Seat
from tests.test_workspace_workflows import RUNS_MS, only_for, titles_of

LATER_MS = 20_000


@pytest.fixture
def me(seat: Callable[..., Seat]) -> Seat:
    somebody = seat("admin")
    somebody.expects("favicon.ico")  # the desk asks for one
    somebody.expects("htmx:")  # what is on its way when the next page is opened
    somebody.open("/")
    return somebody


def go(seat: Seat, name: str) -> None:
    """By the left column."""
    seat.page.locator(".side").get_by_role("link", name=name, exact=True).click()
    seat.page.get_by_role("heading", name=name, exact=True).first.wait_for()
    wait_for_quiet(seat.page)


def press(seat: Seat, name: str, role: Any = "button") -> None:
    seat.page.get_by_role(role, name=name, exact=True).first.click()


def find(seat: Seat, text: str) -> None:
    """By the field above the list."""
    field = seat.page.locator("[data-filter]").first
    field.fill(text)
    seat.page.wait_for_url("**q=**")
    wait_for_quiet(seat.page)


def rows(seat: Seat) -> list[str]:
    return sorted(seat.page.locator("[data-list] tbody td.yield a").all_inner_texts())


def tick(seat: Seat, *names: str) -> None:
    for name in names:
        row = seat.page.locator("[data-list] tbody tr", has_text=name)
        row.get_by_role("checkbox").check()


def test_contacts_and_deals_are_imported_together_and_found(me: Seat, tmp_path: Path) -> None:
    word = fresh("Harborlight")
    people, deals = tmp_path / "people.csv", tmp_path / "deals.csv"
    people.write_text(
        f"First name,Last name,Work email,Account\nInes,Okafor,ines@{word.replace(' ', '')}.example,{word}\n"
    )
    deals.write_text(f'Deal,Account,Amount,Currency,Stage\n{word} rollout,{word},"48,000",USD,Discovery\n')

    go(me, "Contacts")
    press(me, "Import", "link")
    me.page.get_by_label("Drop lists here, or choose them").set_input_files([people, deals])
    press(me, "Upload")
    me.page.wait_for_url("**/moves/**")
    wait_for_quiet(me.page)
    me.page.get_by_text("Waiting for your word").first.wait_for()
    kinds = me.page.locator("table tbody td:nth-child(2)").all_inner_texts()
    press(me, "Import all")
    me.page.get_by_role("button", name="Take the move back").wait_for(timeout=LATER_MS)
    go(me, "Contacts")
    find(me, "Ines Okafor")
    found = me.page.locator("[data-list] tbody tr", has_text=word).count()
    go(me, "Pipeline")
    press(me, "List", "link")
    wait_for_quiet(me.page)
    find(me, word)

    assert (sorted(kinds), found, rows(me)) == (["Contacts", "Deals"], 1, [f"{word} rollout"])


def test_a_wrong_guess_about_a_file_is_put_right_on_its_page(me: Seat, tmp_path: Path) -> None:
    word, file = fresh("Guessed"), tmp_path / "list.csv"
    file.write_text(f"Name,Account,Amount\n{word} rollout,{word},900\n")

    go(me, "Imports")
    me.page.get_by_label("Drop lists here, or choose them").set_input_files(file)
    press(me, "Upload")
    press(me, "Deals")
    me.page.locator("[aria-pressed=true]", has_text="Deals").wait_for()
    me.page.get_by_role("button", name="Import Ctrl").click()
    me.page.get_by_role("heading", name="Imported", exact=True).wait_for(timeout=LATER_MS)
    press(me, "Deals", "link")
    wait_for_quiet(me.page)
    find(me, word)

    assert rows(me) == [f"{word} rollout"]


def test_an_account_is_found_by_its_name_alone(me: Seat) -> None:
    word = fresh("Castell")
    me.make("companies", {"name": word})

    press(me, "Ask or do Ctrl K")
    me.page.get_by_label("Ask or do").last.type(word)
    me.page.get_by_role("option", name=word).first.wait_for()
    wait_for_quiet(me.page)
    me.page.keyboard.press("Enter")

    me.page.get_by_role("heading", name=word, level=1).wait_for()


def test_a_call_is_logged_by_typing_what_was_said(me: Seat) -> None:
    word = fresh("Caller")
    me.make("companies", {"name": word})
    go(me, "Companies")
    find(me, word)
    press(me, word, "link")
    wait_for_quiet(me.page)

    press(me, "Log a call L")
    me.page.wait_for_selector("#palette[open]")
    me.page.keyboard.type("they want a quote by Friday")
    me.page.get_by_role("option", name="Log an activity").wait_for()
    wait_for_quiet(me.page)
    me.page.keyboard.press("Enter")

    me.page.locator(".timeline, [id^=timeline]").get_by_text("they want a quote by Friday").first.wait_for(
        timeout=LATER_MS
    )


def test_a_deal_is_moved_and_says_what_is_missing(me: Seat, pipeline: str) -> None:
    word = fresh("Moved")
    deal = a_deal(me, pipeline, word)
    go(me, "Pipeline")
    me.page.get_by_label("Pipeline", exact=True).select_option(label="Strict")
    card = me.page.locator(f"#deal-{deal['id']}")
    card.wait_for()
    wait_for_quiet(me.page)

    card.drag_to(me.page.locator("[data-stage=strict]"), target_position={"x": 40, "y": 12})
    dialog = me.page.get_by_role("dialog")
    dialog.get_by_text("Strict asks for more").wait_for()
    dialog.get_by_label("Amount").fill("12000")
    dialog.get_by_label("Next step").fill("Call Ana")
    press(me, "Save and move")

    me.page.locator(f"[data-stage=strict] #deal-{deal['id']}").wait_for()


def test_a_field_is_added_and_companies_are_filtered_by_it(me: Seat) -> None:
    label = fresh("Seats")
    go(me, "Settings")
    me.page.get_by_role("link", name="Fields").first.click()
    # In words where there is none yet, a sign with a title beside those that are there.
    words = me.page.get_by_role("link", name="Add custom field")
    words.or_(me.page.get_by_title("Add custom field")).first.click()
    me.page.get_by_label("Record", exact=False).first.select_option(label="Company")
    me.page.get_by_label("Label", exact=False).first.fill(label)
    me.page.get_by_label("Type", exact=False).first.select_option(label="Number")
    press(me, "Save")
    me.page.get_by_text(label).first.wait_for()
    key = label.lower().replace(" ", "_")
    for name, seats in (("Few", "3"), ("Many", "40")):
        me.make("companies", {"name": f"{name} {label}", "custom": {key: seats}})
    me.open("/")

    go(me, "Companies")
    press(me, "Filter L")
    me.page.get_by_label("Field", exact=True).select_option(label=label)
    me.page.get_by_label("Compared how").select_option(label="is above")
    me.page.locator(".condition .values input").fill("10")
    press(me, "Show")
    me.page.wait_for_url("**where=custom.**")
    wait_for_quiet(me.page)

    assert rows(me) == [f"Many {label}"]


def test_a_view_is_saved_and_shared_with_everybody(me: Seat, seat: Callable[..., Seat]) -> None:
    city = fresh("Port")
    me.make("companies", {"name": f"Quay {city}", "city": city})
    go(me, "Companies")
    find(me, city)

    press(me, "Save view")
    me.page.get_by_label("Name", exact=True).fill(city)
    me.page.get_by_label("Shared with").select_option(label="Everybody")
    me.page.get_by_role("dialog").get_by_role("button", name="Save view").click()
    me.page.get_by_text("is kept and shared").wait_for()
    colleague = seat("revops")
    colleague.open("/")
    go(colleague, "Companies")
    press(colleague, city, "link")
    wait_for_quiet(colleague.page)

    assert rows(colleague) == [f"Quay {city}"]


def test_many_are_given_to_a_colleague_after_a_look(me: Seat) -> None:
    city = fresh("Haven")
    made = [me.make("companies", {"name": f"{n} {city}", "city": city}) for n in ("One", "Two")]
    go(me, "Companies")
    find(me, city)

    tick(me, f"One {city}", f"Two {city}")
    press(me, "Change ticked B")
    dialog = me.page.get_by_role("dialog")
    dialog.get_by_label("What", exact=True).select_option(label="Owner")
    dialog.locator("#bulk-value option", has_text="Peter").first.wait_for(state="attached")
    peter = dialog.locator("#bulk-value option", has_text="Peter").first.inner_text()
    dialog.locator("#bulk-value").select_option(label=peter)
    dialog.get_by_role("button", name="Preview").click()
    dialog.get_by_role("heading", name="Change 2 of 2 companies").wait_for(timeout=LATER_MS)
    dialog.get_by_role("button", name="Change 2").click()
    me.page.get_by_text("2 companies changed").wait_for(timeout=LATER_MS)

    owners = {me.ask("GET", f"/api/v1/companies/{each['id']}/")["owner_id"] for each in made}
    assert (len(owners), owners == {made[0]["owner_id"]}) == (1, False)


def test_two_companies_are_merged_from_the_list_and_it_is_undone(me: Seat) -> None:
    word = fresh("Twin")
    made = [me.make("companies", {"name": f"{n} {word}"}) for n in ("First", "Second")]
    go(me, "Companies")
    find(me, word)

    tick(me, f"First {word}", f"Second {word}")
    press(me, "Merge")
    me.page.get_by_role("button", name="Merge", exact=True).wait_for()
    me.page.wait_for_url("**/merge/**")
    wait_for_quiet(me.page)
    press(me, "Merge")
    me.page.get_by_text("is part of").wait_for()
    kept = me.page.url
    other = next(each["id"] for each in made if each["id"] not in kept)
    me.page.get_by_role("button", name="Undo").first.click()
    me.page.wait_for_url(f"**/companies/{other}/")
    wait_for_quiet(me.page)
    go(me, "Companies")
    find(me, word)

    assert rows(me) == [f"First {word}", f"Second {word}"]


def test_a_won_deal_makes_three_tasks(me: Seat) -> None:
    name = fresh("Won")
    go(me, "Settings")
    me.page.get_by_role("link", name="Workflows").first.click()
    me.page.get_by_text("When a deal is won, create three tasks").first.click()
    me.page.get_by_label("Name", exact=True).fill(name)
    only_for(me.page, name)  # the product is shared
    press(me, "Save")
    press(me, "Switch on")
    me.page.get_by_text("In force").wait_for()

    deal = me.make("deals", {"name": name, "deal_amount": "900"})
    me.ask("POST", f"/api/v1/deals/{deal['id']}/win/", {})
    me.page.locator("#workflow tbody").get_by_text("Done").wait_for(timeout=RUNS_MS)

    assert len([title for title in titles_of(me, deal) if name in title]) == 3


def test_a_list_is_exported(me: Seat) -> None:
    city = fresh("Quayside")
    for name in ("One", "Two"):
        me.make("companies", {"name": f"{name} {city}", "city": city})
    go(me, "Companies")
    find(me, city)

    with me.page.expect_download() as taken:
        me.page.locator("footer", has_text="Export this list").get_by_role("link", name="as CSV").click()
    table = list(csv.DictReader(io.StringIO(taken.value.path().read_text(encoding="utf-8-sig"))))

    assert sorted(row["Company name"] for row in table) == [f"One {city}", f"Two {city}"]
