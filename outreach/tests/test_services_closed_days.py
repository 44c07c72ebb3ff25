"""Days of ours on which no campaign writes: closed, changed, opened again, and kept by planning and sending."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from benchmarks.outbox import a_mailbox, a_running_campaign, due_touches
from gtmos.kernel import clock
from gtmos.kernel.actors import SYSTEM
from gtmos.kernel.exceptions import DomainError, NotPermittedError
from gtmos.kernel.history import of_record
from gtmos.kernel.people.models import Role
from gtmos.kernel.tests.builders import an_actor
from outreach.models import ClosedDay
from outreach.services import closed_days
from outreach.services.closed_days import change_closed_day, close_day, open_day
from outreach.services.touches import plan_touches
from outreach.tests.sending import a_post

COMING = date(2031, 3, 4)


def rows() -> list[tuple[date, str]]:
    return list(ClosedDay.objects.values_list("day", "name"))


@pytest.mark.django_db
def test_a_day_is_closed_moved_and_opened_with_a_line_of_history_each() -> None:
    closed = close_day(COMING, name="  Company   retreat ", actor=SYSTEM)
    made = rows()

    change_closed_day(closed, changes={"day": COMING + timedelta(days=1)}, actor=SYSTEM)
    moved = rows()
    lines = of_record(closed).count()
    open_day(closed, actor=SYSTEM)

    assert (made, moved, rows()) == (
        [(COMING, "Company retreat")],
        [(COMING + timedelta(days=1), "Company retreat")],
        [],
    )
    assert (lines, of_record(closed).count()) == (lines, lines + 1)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"name": " "}, "bad_name"),
        ({"name": "x" * 81}, "bad_name"),
        ({"day": None}, "bad_day"),
        ({"day": date(2020, 1, 1)}, "day_over"),
        ({"day": COMING}, "closed_already"),
    ],
)
def test_what_cannot_be_closed_is_said_and_changes_nothing(values: dict[str, object], code: str) -> None:
    close_day(COMING, name="Retreat", actor=SYSTEM)
    given = {"day": COMING + timedelta(days=7), "name": "Another", **values}

    with pytest.raises(DomainError) as refused:
        close_day(given["day"], name=given["name"], actor=SYSTEM)

    assert (refused.value.code, rows()) == (code, [(COMING, "Retreat")])


@pytest.mark.django_db
def test_so_many_days_cannot_be_closed_that_nothing_would_ever_leave(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(closed_days, "MOST", 1)
    over = ClosedDay.objects.create(day=date(2020, 1, 1), name="Over")
    close_day(COMING, name="Retreat", actor=SYSTEM)
    before = rows()

    for attempt in (
        lambda: close_day(COMING + timedelta(days=1), name="Another", actor=SYSTEM),
        lambda: change_closed_day(over, changes={"day": COMING + timedelta(days=1)}, actor=SYSTEM),
    ):
        with pytest.raises(DomainError) as refused:
            attempt()
        assert refused.value.code == "too_many_closed_days"

    assert rows() == before


@pytest.mark.django_db
def test_a_day_that_is_over_keeps_its_day_and_takes_another_name() -> None:
    over = ClosedDay.objects.create(day=date(2020, 1, 1), name="Retrat")

    change_closed_day(over, changes={"day": date(2020, 1, 1), "name": "Retreat"}, actor=SYSTEM)
    with pytest.raises(DomainError) as refused:
        change_closed_day(over, changes={"day": date(2020, 1, 2)}, actor=SYSTEM)

    assert (refused.value.code, rows()) == ("day_over", [(date(2020, 1, 1), "Retreat")])


@pytest.mark.django_db
def test_today_is_closed_for_readers_whose_day_has_not_ended() -> None:
    with clock.as_if_on(datetime(2031, 3, 5, 3, tzinfo=UTC)):
        close_day(date(2031, 3, 4), name="Retreat", actor=SYSTEM)

    assert rows() == [(date(2031, 3, 4), "Retreat")]


@pytest.mark.django_db
def test_who_does_not_configure_closes_opens_and_moves_nothing() -> None:
    rep = an_actor(Role.SDR)
    closed = close_day(COMING, name="Retreat", actor=SYSTEM)

    for attempt in (
        lambda: close_day(COMING + timedelta(days=1), name="Mine", actor=rep),
        lambda: change_closed_day(closed, changes={"name": "Mine"}, actor=rep),
        lambda: open_day(closed, actor=rep),
    ):
        with pytest.raises(NotPermittedError):
            attempt()

    assert rows() == [(COMING, "Retreat")]


@pytest.mark.django_db
def test_first_mails_are_planned_after_the_holiday_and_the_closed_day() -> None:
    close_day(date(2031, 11, 28), name="Inventory", actor=SYSTEM)  # the Friday after Thanksgiving
    office = a_mailbox(window_start=time(9), window_end=time(17), sends_on_weekends=False)
    starts_at = datetime(2031, 11, 27, 12, tzinfo=UTC)
    campaign = a_running_campaign(3, mailbox=office, starts_at=starts_at, country="US")

    plan_touches()

    days = {due.date() for due in campaign.touches.values_list("due_at", flat=True)}
    assert days == {date(2031, 12, 1)}


@pytest.mark.django_db
def test_the_country_of_the_company_counts_where_that_of_the_person_is_not_known() -> None:
    office = a_mailbox(window_start=time(9), window_end=time(17), sends_on_weekends=False)
    starts_at = datetime(2031, 10, 3, 10, tzinfo=UTC)  # a Friday, and the day of the German unity
    campaign = a_running_campaign(1, mailbox=office, starts_at=starts_at)
    company = campaign.enrollments.get().contact.company
    company.country_hq = "DE"
    company.save(update_fields=["country_hq"])

    plan_touches()

    assert campaign.touches.get().due_at.date() == date(2031, 10, 6)


@pytest.mark.django_db(transaction=True)
def test_what_is_due_on_a_day_closed_since_waits_for_the_next_and_says_why(tmp_path) -> None:
    campaign = due_touches(2)
    today = clock.now().date()
    ClosedDay.objects.bulk_create(
        ClosedDay(day=today + timedelta(days=days), name="Retreat") for days in (-1, 0, 1)
    )

    with a_post(tmp_path) as post:
        post.send()
        accepted = list(post.sink.accepted)

    waiting = list(campaign.touches.values_list("state", "last_error", "next_at__date", "attempts"))
    assert accepted == []
    assert waiting == [("scheduled", "a closed day of ours", today + timedelta(days=2), 0)] * 2
