"""The bell: who is told of what, at once, and how they have it otherwise."""

import time
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from tests.conftest import PEOPLE, Seat

LIVE_MS = 15_000
_numbers = count(1)
BELL = "#bell-count .bell-number"


@pytest.fixture
def boss(seat: Callable[..., Seat]) -> Seat:
    return seat("admin")


def key_of(boss: Seat, role: str) -> str:
    found = boss.ask("GET", "/api/v1/users/?limit=100")["results"]
    return next(str(each["id"]) for each in found if each["email"] == PEOPLE[role])


def give_task(boss: Seat, role: str) -> str:
    task = boss.make(
        "tasks",
        {"title": f"Call back {next(_numbers)} {time.monotonic_ns()}", "owner_id": key_of(boss, role)},
    )
    return str(task["title"])


def read_everything(somebody: Seat) -> None:
    somebody.open("/notifications/")
    somebody.page.get_by_role("button", name="Mark all as read").click()
    somebody.page.locator(BELL).wait_for(state="detached")


def rings(somebody: Seat, number: int) -> None:
    somebody.page.locator(BELL, has_text=str(number)).wait_for(timeout=LIVE_MS)


def told(somebody: Seat, words: str) -> Any:
    return somebody.page.locator(".notification", has_text=words)


def test_a_task_given_to_a_rep_rings_the_bell_at_once_and_leads_there(
    boss: Seat, seat: Callable[..., Seat]
) -> None:
    rep = seat("rep")
    read_everything(rep)

    title = give_task(boss, "rep")
    rings(rep, 1)
    rep.page.keyboard.press("n")
    rep.page.get_by_role("dialog", name="Notifications").get_by_role("link", name=title).press("Enter")

    rep.page.wait_for_url("**/tasks/**")
    assert rep.page.locator(BELL).count() == 0


def test_a_mention_rings_the_bell_of_the_colleague(boss: Seat, seat: Callable[..., Seat]) -> None:
    manager = seat("success")
    read_everything(manager)
    company = boss.make("companies", {"name": f"Mentioned {next(_numbers)}"})
    boss.open(f"/companies/{company['id']}/")

    values = {"type": "note", "subject": "@Peter please read this", "company_id": company["id"]}
    boss.make("activities", {**values, "body": "@Peter please read this"})

    rings(manager, 1)
    manager.open("/notifications/?view=unread")
    assert told(manager, "Kim Demo").count() == 1


def test_a_question_to_decide_rings_the_bell_of_who_decides(boss: Seat, seat: Callable[..., Seat]) -> None:
    executive = seat("executive")
    read_everything(executive)
    step = {"approvers": [f"person:{key_of(boss, 'executive')}"]}
    rule = {"field": "discount", "operator": "above", "value": "0.2"}
    policy = boss.make(
        "approval-policies",
        {
            "name": f"Large discounts {next(_numbers)}",
            "action": "crm.discount_deal",
            "definition": {"branches": [{"name": "All", "groups": [[rule]], "steps": [step]}]},
        },
    )
    boss.ask("POST", f"/api/v1/approval-policies/{policy['id']}/activate/")
    deal = boss.make(
        "deals",
        {"name": f"Orchard {next(_numbers)}", "deal_amount": "1000", "deal_amount_currency": "USD"},
    )

    asked = {"action": "crm.discount_deal", "subject_id": deal["id"], "values": {"discount": "0.25"}}
    boss.make("approval-requests", asked)

    rings(executive, 1)
    executive.open("/notifications/?view=unread")
    assert told(executive, deal["name"]).count() == 1
    boss.ask("POST", f"/api/v1/approval-policies/{policy['id']}/deactivate/")


def test_a_muted_kind_rings_no_more_and_the_others_still_do(boss: Seat, seat: Callable[..., Seat]) -> None:
    marketer = seat("marketer")
    read_everything(marketer)
    marketer.open("/settings/notifications/")
    marketer.page.get_by_label("Show: A task is given to me").uncheck()
    marketer.page.get_by_role("button", name="Save").click()
    marketer.page.get_by_text("Saved.").wait_for()

    muted = give_task(boss, "marketer")
    company = boss.make("companies", {"name": f"Still told {next(_numbers)}"})
    note = {"type": "note", "subject": "@Mina look", "body": "@Mina look", "company_id": company["id"]}
    boss.make("activities", note)
    rings(marketer, 1)
    marketer.open("/notifications/?view=unread")

    assert told(marketer, muted).count() == 0
    assert marketer.page.locator(".notification").count() == 1
    marketer.open("/settings/notifications/")
    marketer.page.get_by_label("Show: A task is given to me").check()
    marketer.page.get_by_role("button", name="Save").click()
    marketer.page.get_by_text("Saved.").wait_for()


def test_everything_is_read_with_one_key_in_every_browser_of_the_person(
    boss: Seat, seat: Callable[..., Seat]
) -> None:
    person, elsewhere = seat("revops"), seat("revops")
    read_everything(person)
    elsewhere.open("/tasks/")
    for _ in range(2):
        give_task(boss, "revops")
    rings(elsewhere, 2)
    person.open("/notifications/?view=unread")

    person.page.keyboard.press("a")

    elsewhere.page.locator(BELL).wait_for(state="detached", timeout=LIVE_MS)
    person.page.get_by_text("Nothing here").wait_for()
