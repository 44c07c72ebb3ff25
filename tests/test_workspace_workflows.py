"""RevOps lets things start by themselves."""

import time
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]
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
    assert titles_of(revops, deal) == [f"Hand over {name}", f"Kick off {name}", f"Thank {name}"]
    assert page.locator("#workflow tbody tr").count() == 1


def test_whoever_chooses_an_if_gets_its_end_at_once(seat: Callable[..., Any]) -> None:
    revops = seat("revops")
    revops.open(f"{HOME}new/")
    page = revops.page

    page.select_option("[name=steps-0-do]", "branch")

    chosen = page.eval_on_selector_all("[data-workflow-do]", "all => all.map(each => each.value)")
    assert chosen == ["branch", "", "end"]
