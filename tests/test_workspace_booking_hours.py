"""Booking hours as people set them: the times that are left show while somebody writes."""

from collections.abc import Callable

from tests.conftest import Seat

PAGE = "/settings/account/hours/"


def test_the_free_times_follow_what_is_written_and_saving_keeps_it(seat: Callable[..., Seat]) -> None:
    rep = seat("rep")
    rep.open(PAGE)
    for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday"):
        rep.page.get_by_label(day).fill("")
    rep.page.get_by_text("No time that suits both").wait_for()

    rep.page.get_by_label("Wednesday").fill("9-12, 13-15")
    rep.page.get_by_text("Three to offer").wait_for()
    rep.page.get_by_role("button", name="Save").click()
    rep.page.get_by_text("Saved.").wait_for()

    assert rep.page.get_by_label("Wednesday").input_value() == "09:00–12:00, 13:00–15:00"
    assert rep.page.get_by_label("Monday").input_value() == ""


def test_an_hour_that_cannot_be_read_is_said_beside_its_day(seat: Callable[..., Seat]) -> None:
    manager = seat("revops")
    manager.open(PAGE)
    manager.page.get_by_label("Tuesday").fill("17-9")
    manager.page.get_by_text("when every field can be read").wait_for()

    manager.expects("422")
    manager.page.get_by_role("button", name="Save").click()
    manager.page.get_by_text("Hours end after they begin").wait_for()

    assert manager.page.get_by_label("Tuesday").input_value() == "17-9"
