"""RevOps lets things start by themselves, goes back to what stood there before, and tries again what failed."""

import time
from collections.abc import Callable
from itertools import count
from typing import Any

RUNS_MS = 60_000
HOME = "/settings/events/workflows/"
_numbers = count(1)


def a_name() -> str:
    return f"Flow {next(_numbers)} {time.monotonic_ns()}"


def only_for(page: Any, name: str) -> None:
    """The product is shared: nothing starts for the deals of others."""
    page.select_option("[name=conditions-0-field]", "deal.name")
    page.select_option("[name=conditions-0-operator]", "contains")
    page.fill("[name=conditions-0-value]", name)


def write_task(page: Any, place: int, title: str) -> None:
    page.select_option(f"[name=steps-{place}-do]", "create_task")
    page.fill(f"[name=steps-{place}-create_task-title]", title)


def save(page: Any, button: str = "Save") -> None:
    page.get_by_role("button", name=button, exact=True).click()
    page.wait_for_selector("#workflow")


def titles_of(seat: Any, deal: Any) -> list[str]:
    rows = seat.ask("GET", f"/api/v1/tasks/?deal_id={deal['id']}")["results"]
    return sorted(row["title"] for row in rows)


def a_workflow_at_new_deals(revops: Any, name: str, title: str) -> str:
    """Written in the editor and switched on; its address."""
    page = revops.page
    revops.open(f"{HOME}new/")
    page.fill("[name=name]", name)
    page.select_option("[name=event_name]", "crm.deal_created")
    only_for(page, name)
    write_task(page, 0, title)
    save(page)
    page.get_by_role("button", name="Switch on").click()
    page.get_by_text("In force").wait_for()
    return str(page.url)


def test_when_a_deal_is_won_three_tasks_are_there_once(seat: Callable[..., Any]) -> None:
    revops, name = seat("revops"), a_name()
    page = revops.page
    revops.open(f"{HOME}new/")
    page.fill("[name=name]", name)
    page.select_option("[name=event_name]", "crm.deal_won")
    only_for(page, name)
    for place, title in enumerate(("Thank {record}", "Hand over {record}", "Kick off {record}")):
        if place:
            page.get_by_role("button", name="Add a step").press("Enter")
            focused = page.evaluate("document.activeElement.name")
            assert focused == f"steps-{place}-do"
        write_task(page, place, title)
    save(page)
    tried_before = page.get_by_text("Nothing was written.").is_visible()
    page.get_by_role("button", name="Switch on").click()
    page.get_by_text("In force").wait_for()

    deal = revops.make("deals", {"name": name, "deal_amount": "900"})
    revops.ask("POST", f"/api/v1/deals/{deal['id']}/win/", {})
    page.locator("#workflow tbody").get_by_text("Done").wait_for(timeout=RUNS_MS)

    assert tried_before
    own = [title for title in titles_of(revops, deal) if name in title]  # others may have workflows too
    assert own == [f"Hand over {name}", f"Kick off {name}", f"Thank {name}"]
    assert page.locator("#workflow tbody tr").count() == 1


def test_whoever_chooses_an_if_gets_its_end_at_once(seat: Callable[..., Any]) -> None:
    revops = seat("revops")
    revops.open(f"{HOME}new/")
    page = revops.page

    page.select_option("[name=steps-0-do]", "branch")

    chosen = page.eval_on_selector_all("[data-workflow-do]", "all => all.map(each => each.value)")
    assert chosen == ["branch", "", "end"]


def test_yesterdays_version_is_back_with_one_click_and_in_force(seat: Callable[..., Any]) -> None:
    revops, name = seat("revops"), a_name()
    page = revops.page
    address = a_workflow_at_new_deals(revops, name, "Old {record}")
    page.goto(f"{address}edit/")
    page.fill("[name=steps-0-create_task-title]", "New {record}")
    save(page, "Save as a new version")
    page.get_by_role("button", name="Activate version 2").click()
    page.get_by_text("In force").wait_for()

    page.goto(f"{address}versions/")
    changed = page.locator(".wf-diff").first.inner_text()
    page.get_by_role("button", name="Go back to this version").click()
    page.get_by_text("Version 3").wait_for()
    deal = revops.make("deals", {"name": name})
    page.locator("#workflow tbody").get_by_text("Done").wait_for(timeout=RUNS_MS)

    assert "Old {record}" in changed
    assert "New {record}" in changed
    assert titles_of(revops, deal) == [f"Old {name}"]


def test_a_run_that_failed_is_told_and_tried_again_from_the_log(seat: Callable[..., Any]) -> None:
    revops, name = seat("revops"), a_name()
    page = revops.page
    revops.open(f"{HOME}new/")
    page.fill("[name=name]", name)
    page.select_option("[name=event_name]", "crm.deal_created")
    only_for(page, name)
    page.select_option("[name=steps-0-do]", "set_field")
    page.select_option("[name=steps-0-set_field-field]", "deal.owner")
    page.fill("[name=steps-0-set_field-value]", "{deal.next_step}")
    save(page)
    page.get_by_role("button", name="Switch on").click()
    page.get_by_text("In force").wait_for()
    deal = revops.make("deals", {"name": name})
    page.locator("#workflow tbody").get_by_text("Failed").wait_for(timeout=RUNS_MS)
    page.locator("#workflow tbody a").first.click()
    page.get_by_text("Nobody here has the address not known.").first.wait_for()
    revops.ask("PATCH", f"/api/v1/deals/{deal['id']}/", {"next_step": "jonas@gtmos.example"})

    page.get_by_role("button", name="Try the failed step again").click()
    page.locator("#workflow-run").get_by_text("Done", exact=True).first.wait_for(timeout=RUNS_MS)
    revops.open("/notifications/")

    assert page.get_by_text(f"{name} failed").count() == 1
    assert revops.ask("GET", f"/api/v1/deals/{deal['id']}/")["owner_id"] != deal["owner_id"]
