"""The calendar as people use it: seen four ways, moved by the mouse, the keys and a finger, and live."""

from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from tests.conftest import Seat

LIVE_MS = 5000
_numbers = count(1)  # each test has days of its own, since a month shows four entries of a day


def a_task(rep: Seat, day: str) -> Any:
    return rep.make("tasks", {"title": f"Offer {next(_numbers)}", "due_at": f"{day}T10:00:00Z"})


def a_meeting(rep: Seat, day: str) -> Any:
    times = {"starts_at": f"{day}T08:00:00Z", "ends_at": f"{day}T08:30:00Z"}
    return rep.make("meetings", {"title": f"Demo {next(_numbers)}", **times})


def on_day(somebody: Seat, day: str, title: str) -> Any:
    return somebody.page.locator(f'[data-day="{day}"]').get_by_role("link", name=title)


def entry(somebody: Seat, task: Any) -> Any:
    return somebody.page.locator(f'[data-id="{task["id"]}"]')


@pytest.mark.parametrize(
    ("view", "day", "days"),
    [
        ("month", "2031-03-12", 42),
        ("week", "2031-06-11", 7),
        ("day", "2031-07-09", 1),
        ("agenda", "2031-09-10", 30),
    ],
)
def test_a_rep_sees_tasks_and_meetings_by_month_week_day_and_agenda(
    view: str, day: str, days: int, seat: Callable[..., Seat]
) -> None:
    rep = seat("rep")
    task, meeting = a_task(rep, day), a_meeting(rep, day)
    rep.open(f"/calendar/?on={day}")

    rep.page.get_by_role("link", name=view.capitalize(), exact=True).click()
    rep.page.locator(f".calendar.is-{view}").wait_for()

    assert on_day(rep, day, task["title"]).is_visible()
    assert on_day(rep, day, meeting["title"]).is_visible()
    assert rep.page.locator("[data-day]").count() == days


def test_a_rep_drags_a_task_to_another_day_and_the_other_browser_sees_it(seat: Callable[..., Seat]) -> None:
    rep, elsewhere = seat("rep"), seat("rep")
    wednesday, friday = "2032-03-10", "2032-03-12"
    task = a_task(rep, wednesday)
    for browser in (rep, elsewhere):
        browser.open(f"/calendar/?on={wednesday}")
    on_day(elsewhere, wednesday, task["title"]).wait_for()

    entry(rep, task).drag_to(rep.page.locator(f'[data-day="{friday}"]'))
    on_day(rep, friday, task["title"]).wait_for()

    on_day(elsewhere, friday, task["title"]).wait_for(timeout=LIVE_MS)
    assert on_day(elsewhere, wednesday, task["title"]).count() == 0
    assert rep.ask("GET", f"/api/v1/tasks/{task['id']}/")["due_at"] == f"{friday}T10:00:00Z"


def test_a_rep_moves_a_task_with_the_keys_and_takes_it_back_with_z(seat: Callable[..., Seat]) -> None:
    rep = seat("rep")
    task = a_task(rep, "2033-03-09")
    rep.open("/calendar/?on=2033-03-09")

    entry(rep, task).focus()
    for key, day in (("ArrowRight", "2033-03-10"), ("ArrowDown", "2033-03-17"), ("ArrowUp", "2033-03-10")):
        rep.page.keyboard.press(f"Shift+{key}")
        rep.page.locator(f'[data-day="{day}"] [data-id="{task["id"]}"]:focus').wait_for()
    rep.page.locator("#toasts").get_by_role("button", name="Undo").wait_for()
    with rep.page.expect_navigation():  # the calendar is read again as a whole
        rep.page.keyboard.press("z")

    rep.page.locator(f'[data-day="2033-03-17"] [data-id="{task["id"]}"]').wait_for()


def test_on_a_phone_a_task_is_moved_by_its_own_button(seat: Callable[..., Seat]) -> None:
    rep = seat("rep", width=375)
    task = a_task(rep, "2034-03-08")
    rep.open("/calendar/?on=2034-03-08")

    rep.page.get_by_role("button", name=f"Move {task['title']} to another day").click()
    rep.page.get_by_label("Day", exact=True).last.fill("2034-03-10")
    rep.page.get_by_role("button", name="Move", exact=True).click()

    on_day(rep, "2034-03-10", task["title"]).wait_for()
    assert rep.page.locator("#calendar-moving").is_hidden()


def test_a_click_on_a_free_place_makes_a_task_on_that_day(seat: Callable[..., Seat]) -> None:
    rep = seat("rep")
    title = f"From the calendar {next(_numbers)}"
    rep.open("/calendar/?on=2032-05-01&view=week")

    rep.page.locator('[data-day="2032-04-29"]').click(position={"x": 60, "y": 300})
    rep.page.get_by_label("What is to be done").fill(title)
    rep.page.get_by_role("button", name="Create", exact=True).click()

    on_day(rep, "2032-04-29", title).wait_for()


def test_a_meeting_that_was_held_stays_on_its_day(seat: Callable[..., Seat]) -> None:
    rep, day = seat("rep"), "2020-03-11"
    meeting = a_meeting(rep, day)
    rep.ask("POST", f"/api/v1/meetings/{meeting['id']}/complete/", {"outcome": "Good"})
    rep.open(f"/calendar/?on={day}")

    assert on_day(rep, day, meeting["title"]).get_attribute("draggable") is None
    assert rep.page.get_by_role("button", name=f"Move {meeting['title']}").count() == 0
