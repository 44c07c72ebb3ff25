"""Every day is the reader's own: the same moments are other days at the two ends of the world."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from crm.models import Activity, Deal
from crm.selectors.accounts import renewals_ahead
from crm.selectors.activity_report import activity_report
from crm.selectors.deal_health import deal_score, get_deal_with_facts, judgement_for
from crm.selectors.deal_reports import days_per_stage, deal_report
from crm.selectors.report_scope import scope_of
from crm.services.activities import log_activity
from crm.services.deal_stages import lose_deal, win_deal
from crm.services.deals import update_deal
from crm.services.signals import NewSignal, record_signals
from crm.tests.builders import a_company, a_deal
from gtmos.kernel import clock
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.people.models import Role, User
from gtmos.kernel.tests.api_client import Api
from gtmos.kernel.tests.builders import a_user

pytestmark = pytest.mark.django_db

EARLY, LATE = "Pacific/Kiritimati", "America/Los_Angeles"
# 21:30 of Saturday in London is Sunday on Kiritimati and Saturday noon in Los Angeles;
# 05:00 of Sunday in London is still Saturday evening in Los Angeles.
EVENING = datetime(2026, 11, 21, 21, 30, tzinfo=UTC)
MORNING = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
SATURDAY, SUNDAY = date(2026, 11, 21), date(2026, 11, 22)


@pytest.fixture
def at(settings: object) -> Iterator[Callable[[datetime], None]]:
    """The clock stands at a moment."""
    settings.SANDBOX = True  # type: ignore[attr-defined]  # pytest-django's
    held = []

    def stand(moment: datetime) -> None:
        frame = clock.as_if_on(moment)
        frame.__enter__()
        held.append(frame)

    yield stand
    for frame in reversed(held):
        frame.__exit__(None, None, None)


@pytest.fixture
def reader() -> Iterator[Callable[[str], Actor]]:
    def sits_in(zone: str) -> Actor:
        timezone.activate(ZoneInfo(zone))
        return Actor.of(a_user(role=Role.ADMIN))

    yield sits_in
    timezone.deactivate()


@pytest.mark.parametrize(
    ("zone", "moment", "day"),
    [
        (EARLY, EVENING, SUNDAY),
        (LATE, EVENING, SATURDAY),
        (EARLY, MORNING, SUNDAY),
        (LATE, MORNING, SATURDAY),
    ],
)
def test_what_is_won_is_won_on_the_day_of_whoever_wins_it(
    zone: str, moment: datetime, day: date, at: Callable[[datetime], None], reader: Callable[[str], Actor]
) -> None:
    at(moment)
    me = reader(zone)

    won = win_deal(a_deal(actor=me, amount=Decimal(70)), actor=me)
    found = deal_report("nothing", actor=me, since=day, until=day)
    other = deal_report("nothing", actor=me, since=day + timedelta(days=1), until=day + timedelta(days=9))

    assert (clock.today(), won.deal_signing_date, won.deal_start_date) == (day, day, day)
    assert ([row.won for row in found], [row.won for row in other]) == ([1], [])


@pytest.mark.parametrize(("zone", "days"), [(EARLY, ["2026-11-22"] * 2), (LATE, ["2026-11-21"] * 2)])
def test_activities_are_counted_on_the_day_on_which_they_were_for_the_reader(
    zone: str, days: list[str], at: Callable[[datetime], None], reader: Callable[[str], Actor]
) -> None:
    at(MORNING)
    me = reader(zone)
    for moment in (EVENING, MORNING):
        log_activity(type="call", subject="spoke", company=a_company(actor=me), happened_at=moment, actor=me)

    scope = scope_of({"period": "days", "since": days[0], "until": days[0]}, today=clock.today())
    lines = activity_report("day", scope, actor=me)

    assert Activity.objects.count() == 2
    assert [(line.key, line.count) for line in lines] == [(days[0], 2)]


@pytest.mark.parametrize(("zone", "is_shown"), [(EARLY, False), (LATE, True)])
def test_a_contract_that_ends_today_is_ahead_only_where_it_is_still_today(
    zone: str, is_shown: bool, at: Callable[[datetime], None], reader: Callable[[str], Actor]
) -> None:
    at(EVENING)
    me = reader(zone)
    won = win_deal(a_deal(actor=me), actor=me)
    Deal.objects.filter(pk=won.pk).update(deal_end_date=SATURDAY)

    assert renewals_ahead(actor=me).filter(pk=won.pk).exists() is is_shown


@pytest.mark.parametrize(("zone", "day"), [(EARLY, SUNDAY), (LATE, SATURDAY)])
def test_a_next_step_is_late_from_the_readers_midnight_on(
    zone: str, day: date, at: Callable[[datetime], None], reader: Callable[[str], Actor]
) -> None:
    at(EVENING)
    me, late = reader(zone), {}

    for due in (day - timedelta(days=1), day):
        deal = a_deal(actor=me, next_step="Call", next_step_due_on=due)
        findings = judgement_for(get_deal_with_facts(deal.pk, actor=me)).findings
        late[due == day] = [each.blocker for each in findings if each.code == "late_step"]

    assert late == {False: ["The next step is 1 day late."], True: []}


def a_reader_in(zone: str) -> User:
    me = a_user(role=Role.ADMIN)
    User.objects.filter(pk=me.pk).update(time_zone=zone)
    return me


class Seated(Api):
    """The same addresses from a browser: a session and no token."""

    @property
    def headers(self) -> dict[str, str]:
        return {}


def by_session(me: User) -> Api:
    seated = Seated("")
    seated.client.force_login(me)
    return seated


@pytest.mark.parametrize("door", [by_session, Api.of])
@pytest.mark.parametrize(("zone", "label"), [(EARLY, "January 2027"), (LATE, "December 2026")])
def test_the_forecast_of_the_api_begins_with_the_month_of_the_reader(
    zone: str, label: str, door: Callable[[User], Api], at: Callable[[datetime], None]
) -> None:
    at(datetime(2026, 12, 31, 21, 30, tzinfo=UTC))

    periods = door(a_reader_in(zone)).get("reports", "forecast").json()["periods"]

    assert (periods[0]["name"], timezone.get_current_timezone_name()) == (label, "UTC")


@pytest.mark.parametrize(("zone", "day"), [(EARLY, SUNDAY), (LATE, SATURDAY)])
def test_what_a_program_makes_begins_on_the_day_of_whoever_it_acts_for(
    zone: str, day: date, at: Callable[[datetime], None]
) -> None:
    at(MORNING)
    api, company = Api.of(a_reader_in(zone)), a_deal().company

    made = api.post("deals", {"name": "Alpine", "company_id": str(company.pk)}).json()

    assert made["deal_start_date"] == str(day)


@pytest.mark.parametrize("door", [by_session, Api.of])
@pytest.mark.parametrize(
    "given", ["2026-05-04T10:00:00", "2026-05-04T10:00:00Z", "2026-05-04T12:00:00+02:00"]
)
def test_moments_of_the_api_are_those_of_utc_wherever_the_caller_is(
    given: str, door: Callable[[User], Api]
) -> None:
    api = door(a_reader_in(EARLY))
    body = {"type": "call", "subject": "spoke", "company_id": str(a_company().pk), "happened_at": given}

    made = api.post("activities", body).json()
    read = api.get("activities", made["id"]).json()

    assert {made["happened_at"], read["happened_at"]} == {"2026-05-04T10:00:00Z"}
    assert Activity.objects.get().happened_at == datetime(2026, 5, 4, 10, tzinfo=UTC)


def test_a_deal_of_the_evening_stands_in_its_first_stage_from_then_on_and_not_from_midnight(
    at: Callable[[datetime], None], reader: Callable[[str], Actor]
) -> None:
    at(MORNING)
    me = reader(LATE)
    deal = a_deal(actor=me)
    Deal.objects.filter(pk=deal.pk).update(created_at=MORNING)

    at(MORNING + timedelta(days=2))
    moved = update_deal(deal, changes={"stage": "qualification"}, actor=me)
    (found,) = days_per_stage(actor=me)

    assert (moved.deal_start_date, found.mean_days) == (SATURDAY, 2.0)


def test_what_was_lost_late_in_the_evening_stands_in_no_other_day(
    at: Callable[[datetime], None], reader: Callable[[str], Actor]
) -> None:
    at(MORNING)
    me = reader(LATE)
    lose_deal(a_deal(actor=me), reason="price", actor=SYSTEM)

    on = {day: deal_report("nothing", actor=me, since=day, until=day) for day in (SATURDAY, SUNDAY)}

    assert [sum(row.lost for row in rows) for rows in on.values()] == [1, 0]


@pytest.mark.parametrize(("zone", "age"), [(EARLY, "1 day"), ("UTC", "0 days"), (LATE, "0 days")])
def test_a_signal_of_today_is_never_of_tomorrow(
    zone: str, age: str, at: Callable[[datetime], None], reader: Callable[[str], Actor]
) -> None:
    """At 05:00 of Sunday in London it is Sunday on Kiritimati too; Los Angeles still has Saturday."""
    at(MORNING)
    me = reader(zone)
    company = a_company(actor=me)
    record_signals([NewSignal(company, "hiring", "jobs", SATURDAY if zone == EARLY else SUNDAY)], actor=me)

    because = deal_score(a_deal(actor=me, company=company), actor=me).because

    assert because[-1] == f"1 signal, the newest {age} old."
