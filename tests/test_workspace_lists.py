"""Lists as people use them: filters, saved views, columns, cells, changes to many, files."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.boards import cell, fresh
from tests.browser import wait_for_quiet
from tests.conftest import Seat

LATER_MS = 15_000


def names(seat: Seat) -> list[str]:
    return seat.page.locator("[data-list] tbody td.yield a").all_inner_texts()


def condition(seat: Seat, place: int, field: str, how: str, value: str) -> None:
    """One row of the builder, filled in."""
    seat.page.get_by_label("Field", exact=True).nth(place).select_option(label=field)
    seat.page.get_by_label("Compared how").nth(place).select_option(label=how)
    seat.page.locator(".condition").nth(place).locator(".values input").fill(value)


def test_a_rep_builds_a_filter_with_and_and_or_which_stands_in_the_address(seat: Callable[..., Seat]) -> None:
    rep, city = seat("rep"), fresh("Town")
    for name, size in (("Small", 10), ("Middle", 60), ("Large", 900)):
        rep.make("companies", {"name": f"{name} {city}", "city": city, "employee_size": size})
    rep.open("/companies/")

    rep.page.keyboard.press("l")
    condition(rep, 0, "Place", "is", city)
    rep.page.get_by_role("button", name="Group").click()
    condition(rep, 1, "People", "is below", "20")
    condition(rep, 2, "People", "is above", "500")
    rep.page.get_by_role("button", name="Show", exact=True).click()
    rep.page.wait_for_url("**where=**")
    rep.page.locator("[data-list] tbody tr").nth(1).wait_for()
    shown, address = names(rep), rep.page.url
    rep.page.reload()

    assert (sorted(shown), sorted(names(rep))) == ([f"Large {city}", f"Small {city}"],) * 2
    condition_text = f"city:is:{city.replace(' ', '+')},(employee_size:below:20|employee_size:above:500)"
    assert address.endswith(f"?where={condition_text}")
    assert rep.page.locator(".chips-row .chip .v").count() == 2


def test_a_view_is_saved_and_shared_and_a_colleague_opens_it(seat: Callable[..., Seat]) -> None:
    rep, revops, city = seat("rep"), seat("revops"), fresh("Port")
    rep.make("companies", {"name": f"Seen {city}", "city": city})
    revops.open(f'/companies/?where=city:is:"{city}"')

    revops.page.get_by_role("button", name="Save view").click()
    revops.page.get_by_label("Name", exact=True).fill(f"All of {city}")
    revops.page.get_by_label("Shared with").select_option(label="Everybody")
    revops.page.get_by_role("dialog").get_by_role("button", name="Save view").click()
    revops.page.get_by_text(f"“All of {city}” is kept and shared").wait_for()
    rep.open("/companies/")
    rep.page.get_by_role("link", name=f"All of {city}").click()
    rep.page.wait_for_url("**saved=**")
    rep.page.locator("[data-list] tbody tr").first.wait_for()

    assert names(rep) == [f"Seen {city}"]
    assert rep.page.locator(".views [aria-current=page]").inner_text() == f"All of {city}"


def test_a_view_that_was_saved_as_a_board_opens_as_a_board(seat: Callable[..., Seat]) -> None:
    rep, city = seat("rep"), fresh("Cape")
    company = rep.make("companies", {"name": f"Boarded {city}", "city": city})
    rep.make("companies", {"name": f"Left out {city}"})
    rep.open(f'/companies/board/?where=city:is:"{city}"')

    rep.page.get_by_role("button", name="Save view").click()
    rep.page.get_by_label("Name", exact=True).fill(f"Board of {city}")
    rep.page.get_by_role("dialog").get_by_role("button", name="Save view").click()
    rep.page.get_by_text(f"Kept as “Board of {city}”").wait_for()
    rep.open("/companies/?saved=")
    rep.page.get_by_role("link", name=f"Board of {city}").click()
    rep.page.wait_for_url("**/companies/board/?saved=**")

    assert rep.page.locator(".deal").evaluate_all("all => all.map(each => each.id)") == [
        f"company-{company['id']}"
    ]


def test_columns_are_chosen_and_stay_for_this_person(seat: Callable[..., Seat]) -> None:
    rep = seat("marketer")
    rep.open("/contacts/")
    rep.page.keyboard.press("v")
    dialog = rep.page.get_by_role("dialog")

    dialog.get_by_label("E-mail", exact=True).uncheck()
    dialog.get_by_label("Department", exact=True).check()
    for _ in range(12):
        dialog.get_by_role("button", name="Department further left").click()
    dialog.get_by_role("button", name="Show these").click()
    rep.page.locator("thead", has_text="Department").wait_for()
    rep.open("/contacts/")
    heads = rep.page.locator("[data-list] thead th[scope=col]").all_inner_texts()
    rep.page.keyboard.press("v")
    rep.page.get_by_role("dialog").get_by_role("button", name="The usual ones").click()
    rep.page.locator("thead", has_text="E-mail").wait_for()

    assert heads == ["Person", "Department", "Title", "Company", "Mail"]


def test_a_cell_is_edited_in_its_place_and_the_change_undone(seat: Callable[..., Seat]) -> None:
    rep, city = seat("rep"), fresh("Bay")
    company = rep.make("companies", {"name": f"Edited {city}", "city": city})
    rep.open(f'/companies/?where=city:is:"{city}"')

    cell(rep, company, "employee_size").dblclick()
    box = rep.page.get_by_label("People", exact=True)
    box.fill("420")
    box.press("Enter")
    rep.page.get_by_text(f"People of Edited {city} is saved").wait_for()
    saved = cell(rep, company, "employee_size").inner_text()
    kept = rep.ask("GET", f"/api/v1/companies/{company['id']}/")["employee_size"]
    rep.page.keyboard.press("z")
    rep.page.get_by_text(f"Edited {city} is as before").wait_for()

    assert (saved, kept) == ("420", 420)
    assert rep.ask("GET", f"/api/v1/companies/{company['id']}/")["employee_size"] is None


def test_arrows_look_through_the_choices_of_a_cell_and_enter_saves_one(seat: Callable[..., Seat]) -> None:
    rep, city = seat("rep"), fresh("Cape")
    company = rep.make("companies", {"name": f"Chosen {city}", "city": city})
    address = f"/api/v1/companies/{company['id']}/"
    rep.open(f'/companies/?where=city:is:"{city}"')

    cell(rep, company, "customer_state").dblclick()
    box = rep.page.get_by_label("State", exact=True).and_(rep.page.locator("select[name=value]"))
    before = box.input_value()
    rep.page.keyboard.press("ArrowDown")
    looked_at, kept = box.input_value(), rep.ask("GET", address)["customer_state"]
    rep.page.keyboard.press("Enter")
    rep.page.get_by_text(f"State of Chosen {city} is saved").wait_for()

    assert (kept, looked_at != before) == (before, True)
    assert rep.ask("GET", address)["customer_state"] == looked_at


@pytest.mark.parametrize("stays", ["mine", "theirs"])
def test_two_people_write_in_one_cell_and_the_second_chooses(seat: Callable[..., Seat], stays: str) -> None:
    rep, colleague, region = seat("rep"), seat("admin"), fresh("Region")
    company = rep.make("companies", {"name": f"Both {region}", "region": region, "city": "Bonn"})
    for each in (rep, colleague):
        each.open(f'/companies/?where=region:is:"{region}"')
    cell(rep, company, "city").dblclick()
    mine = rep.page.get_by_label("Place", exact=True)
    mine.fill("Berlin")
    cell(colleague, company, "city").dblclick()
    colleague.page.get_by_label("Place", exact=True).fill("Paris")
    colleague.page.get_by_label("Place", exact=True).press("Enter")
    colleague.page.get_by_text("is saved").wait_for()

    mine.press("Enter")
    choice = rep.page.locator("[data-clash]")
    choice.wait_for()
    words = choice.inner_text()
    before = rep.ask("GET", f"/api/v1/companies/{company['id']}/")["city"]
    button = "Save mine" if stays == "mine" else "Keep that of Kim Demo"
    choice.get_by_role("button", name=button).click()
    choice.wait_for(state="hidden")
    wanted = {"mine": "Berlin", "theirs": "Paris"}[stays]
    rep.page.locator(f"#row-{company['id']}", has_text=wanted).wait_for()

    assert ("Kim Demo changed it" in words, "Paris" in words, "Berlin" in words) == (True, True, True)
    assert (before, rep.ask("GET", f"/api/v1/companies/{company['id']}/")["city"]) == ("Paris", wanted)


def test_many_records_go_to_a_colleague_after_a_preview_and_come_back(seat: Callable[..., Seat]) -> None:
    revops, city = seat("revops"), fresh("Haven")
    made = [revops.make("companies", {"name": f"{n} {city}", "city": city}) for n in range(3)]
    revops.open(f'/companies/?where=city:is:"{city}"')

    def owners() -> set[str | None]:
        found = (revops.ask("GET", f"/api/v1/companies/{each['id']}/") for each in made)
        return {str(each["owner_id"]) for each in found}

    first = owners()
    revops.page.get_by_label("Tick all").check()
    revops.page.keyboard.press("b")
    dialog = revops.page.get_by_role("dialog")
    dialog.get_by_label("What", exact=True).select_option(label="Owner")
    dialog.locator("#bulk-value option", has_text="Peter").first.wait_for(state="attached")
    dialog.locator("#bulk-value").select_option(
        label=dialog.locator("#bulk-value option", has_text="Peter").first.inner_text()
    )
    dialog.get_by_role("button", name="Preview").click()
    dialog.get_by_role("heading", name="Change 3 of 3 companies").wait_for(timeout=LATER_MS)
    previewed = owners()
    dialog.get_by_role("button", name="Change 3").click()
    revops.page.get_by_text("3 companies changed").wait_for(timeout=LATER_MS)
    changed = owners()
    revops.page.locator("#toasts").get_by_role("button", name="Undo").click()
    revops.page.get_by_text("3 companies as before").wait_for(timeout=LATER_MS)

    assert (previewed, owners()) == (first, first)
    assert (len(changed), changed == first) == (1, False)


def test_an_admin_adds_a_custom_field_and_everybody_filters_by_it(seat: Callable[..., Seat]) -> None:
    admin, rep, label = seat("admin"), seat("rep"), fresh("Seats")
    page = admin.page
    page.goto(f"{admin.product.address}/admin/kernel/customfield/add/")
    admin.expects("favicon.ico")
    page.locator("[name=object_type]").select_option("company")
    page.locator("[name=label]").fill(label)
    page.locator("[name=type]").select_option("number")
    page.locator("[name=_save]").click()
    page.wait_for_url("**/admin/kernel/customfield/")
    rep.open("/companies/")
    key = label.lower().replace(" ", "_")
    for name, seats in ((f"Few {label}", "3"), (f"Many {label}", "40")):
        rep.make("companies", {"name": name, "custom": {key: seats}})

    rep.page.keyboard.press("l")
    condition(rep, 0, label, "is above", "10")
    rep.page.get_by_role("button", name="Show", exact=True).click()
    rep.page.wait_for_url("**where=custom.**")
    rep.page.locator("[data-list] tbody tr").first.wait_for()

    assert names(rep) == [f"Many {label}"]


def imports(seat: Seat, file: Path, text: str) -> None:
    """Looked at first, then brought in."""
    file.write_text(text)
    seat.open("/imports/")
    seat.page.set_input_files("input[type=file]", str(file))
    seat.page.get_by_role("button", name="Upload").click()
    seat.page.get_by_text("Nothing has been changed yet").wait_for()
    seat.page.locator("[data-key='mod+enter']").click()
    seat.page.get_by_role("heading", name="Imported", exact=True).wait_for(timeout=LATER_MS)


def test_people_and_then_their_deals_are_imported_from_files(
    seat: Callable[..., Seat], tmp_path: Path
) -> None:
    rep, word = seat("rep"), fresh("Imported")
    mail = f"ada@{word.lower().replace(' ', '-')}.example"

    imports(rep, tmp_path / "people.csv", f"Company,First Name,Last Name,Email\n{word},Ada,Miller,{mail}\n")
    imports(
        rep,
        tmp_path / "deals.csv",
        f"Deal Name,Amount,Company,Email\n{word} first,1200,{word},{mail}\n{word} second,900,{word},\n",
    )

    rep.open(f'/contacts/?where=email:is:"{mail}"')
    people = names(rep)
    rep.open(f'/deals/?where=company.name:is:"{word}"')
    assert (people, sorted(names(rep))) == (["Ada Miller"], [f"{word} first", f"{word} second"])


def test_the_list_as_it_stands_is_taken_as_a_file(seat: Callable[..., Seat]) -> None:
    admin, city = seat("admin"), fresh("Quay")
    for name in ("One", "Two"):
        admin.make("companies", {"name": f"{name} {city}", "city": city})
    admin.make("companies", {"name": f"Elsewhere {city}"})
    admin.open(f'/companies/?where=city:is:"{city}"&columns=name,city')

    with admin.page.expect_download() as taken:
        admin.page.get_by_role("link", name="as CSV").click()
    rows = list(csv.reader(io.StringIO(taken.value.path().read_text(encoding="utf-8-sig"))))

    assert rows[0] == ["GTM OS record ID", "Company name", "City"]
    assert sorted(row[1:] for row in rows[1:]) == [[f"One {city}", city], [f"Two {city}", city]]


def test_two_companies_are_merged_and_the_merge_taken_back(seat: Callable[..., Seat]) -> None:
    admin, word = seat("admin"), fresh("Twin")
    keep, other = (admin.make("companies", {"name": f"{n} {word}", "city": n}) for n in ("First", "Second"))
    admin.open(f"/companies/{keep['id']}/merge/{other['id']}/")

    admin.page.get_by_role("button", name="Merge", exact=True).click()
    admin.page.wait_for_url(f"**/companies/{keep['id']}/")
    merged = admin.page.context.request.get(
        f"{admin.product.address}/api/v1/companies/{other['id']}/", max_redirects=0
    ).status
    admin.page.get_by_text(f"Second {word} is part of First {word} now").wait_for()
    admin.page.keyboard.press("z")
    admin.page.wait_for_url(f"**/companies/{other['id']}/")

    assert merged in {301, 308, 404, 410}
    assert admin.ask("GET", f"/api/v1/companies/{other['id']}/")["name"] == f"Second {word}"


def test_a_rep_finds_an_account_and_logs_a_call(seat: Callable[..., Seat]) -> None:
    rep, word = seat("rep"), fresh("Caller")
    rep.expects("htmx:")  # what is on its way when the palette leads to another page
    company = rep.make("companies", {"name": word})
    rep.make("contacts", {"name": f"Ana {word}", "company_id": company["id"]})
    rep.open("/")

    rep.page.keyboard.press("Control+k")
    rep.page.fill("#palette textarea[name=text]", word)
    rep.page.locator("#palette a", has_text=word).first.wait_for()
    rep.page.wait_for_selector("body:not(:has(.htmx-request))")
    rep.page.locator("#palette a", has_text=word).first.click()
    rep.page.wait_for_url(f"**/companies/{company['id']}/")
    rep.page.get_by_role("button", name="Log a call").first.click()
    line = rep.page.locator("#palette textarea[name=text]")
    line.wait_for()
    line.press("End")
    line.type("they want a quote")
    rep.page.wait_for_selector("#command-plan .option, #command-plan .card")
    rep.page.keyboard.press("Enter")
    rep.page.locator(f"#timeline-{company['id']}", has_text="they want a quote").wait_for(timeout=LATER_MS)


def test_what_is_ticked_goes_on_a_target_list_after_a_look_at_what_is_new(seat: Callable[..., Seat]) -> None:
    marketer, city = seat("admin"), fresh("Mart")
    for n in range(3):
        marketer.make("companies", {"name": f"{n} {city}", "city": city})
    wanted = marketer.make("target-lists", {"name": f"Wanted in {city}"})
    page = marketer.page
    marketer.open(f'/companies/?where=city:is:"{city}"')

    page.locator("[data-select]").first.check()
    page.get_by_label("Target list", exact=True).select_option(wanted["id"])
    page.get_by_role("button", name="Add ticked").click()
    page.get_by_role("button", name="Add 1", exact=True).click()
    page.get_by_text(f"1 company added to Wanted in {city}").wait_for()
    page.locator("[data-select]").first.uncheck()
    page.get_by_label("Target list", exact=True).select_option(wanted["id"])
    page.get_by_role("button", name="Add all shown here").click()
    words = page.get_by_role("dialog").inner_text()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    marketer.open(f"/target-lists/{wanted['id']}/")

    assert (f"Add 2 companies to Wanted in {city}" in words, "On it already\n1" in words) == (True, True)
    assert page.locator("[data-list] tbody tr").count() == 1


def test_a_task_is_made_done_and_opened_again_in_its_list(seat: Callable[..., Seat]) -> None:
    rep, title = seat("rep"), fresh("Send it")
    page = rep.page
    rep.open("/tasks/")

    page.get_by_label("New task").fill(title)
    page.get_by_role("button", name="Add", exact=True).click()
    page.locator("[data-list] tbody tr", has_text=title).wait_for()
    wait_for_quiet(page)
    page.get_by_role("button", name=f"{title} is done").click()
    page.get_by_text(f"Done: {title}").wait_for()
    open_ones = page.locator("[data-list] tbody tr", has_text=title).count()
    page.get_by_role("link", name="Done").click()
    page.get_by_role("button", name=f"Open {title} again").click()
    page.get_by_text(f"Open again: {title}").wait_for()
    rep.open(f'/tasks/?where=title:is:"{title}"')

    assert (open_ones, page.locator("[data-list] tbody tr").count()) == (0, 1)


@pytest.mark.parametrize("path", ["/companies/", "/pipeline/", "/deals/", "/contacts/", "/companies/board/"])
def test_on_a_phone_the_top_is_one_line_the_views_another_and_no_key_is_shown(
    seat: Callable[..., Seat], path: str
) -> None:
    rep = seat("rep", width=375)
    rep.open(path)
    page = rep.page

    top, views = page.locator(".topbar").bounding_box(), page.locator(".views").bounding_box()
    keys = page.locator("kbd").evaluate_all("all => all.filter((each) => each.checkVisibility()).length")
    named = page.locator(".topbar a, .topbar button").evaluate_all(
        "all => all.filter((each) => each.checkVisibility() && !each.innerText.trim() && !each.ariaLabel).length"
    )

    assert (top["height"] < 60, views["height"] < 60, keys, named) == (True, True, 0, 0)
    assert page.locator("nav.tabs").count() == 1
