"""Reports on pages: their filters stand in the address, and the rows behind a number add up to it."""

import csv
import io
import random
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from crm.enums import ActivityType
from crm.models import Deal, Stage
from crm.selectors.activity_report import activity_report, activity_rows
from crm.selectors.deal_reports import deal_report
from crm.selectors.forecast import period_forecast
from crm.selectors.pipeline_report import pipeline_groups, pipeline_rows, pipeline_trend, whole
from crm.selectors.report_rows import SPANS, behind, count_and_sum, period_named
from crm.selectors.report_scope import Scope, scope_of
from crm.services.activities import log_activity
from crm.services.deal_stages import lose_deal, win_deal
from crm.tests.builders import a_company, a_deal
from gtmos.kernel import clock
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.exceptions import InvalidInputError
from gtmos.kernel.people.models import Role
from gtmos.kernel.tests.builders import a_user

pytestmark = pytest.mark.django_db

DEALS = 40
PAGES = ("forecast", "stages", "deals", "activity", "pipeline")


@pytest.fixture
def chief() -> Actor:
    return Actor.of(a_user(role=Role.ADMIN))


@pytest.fixture
def browser(chief: Actor) -> Client:
    client = Client()
    client.force_login(chief.user)  # type: ignore[arg-type]  # a person
    return client


def scope(**given: str) -> Scope:
    return scope_of(given, today=clock.now().date())


def some_deals(seed: int) -> None:
    """Open, won and lost deals of several owners, stages, countries and days; the same for the same seed."""
    dice, today = random.Random(seed), clock.now().date()
    owners = [a_user(name=name) for name in ("Ada", "Ben")]
    homes = [a_company(country_hq=country) for country in ("US", "DE", "")]
    for _ in range(DEALS):
        deal = a_deal(
            company=dice.choice(homes),
            owner=dice.choice([*owners, None]),
            amount=Decimal(dice.randrange(1, 10_000)) / 100,
            close_on=dice.choice([None, today + timedelta(days=dice.randrange(-40, 120))]),
        )
        fate = dice.randrange(4)
        if fate == 0:
            win_deal(deal, actor=SYSTEM, signed_on=today - timedelta(days=dice.randrange(200)))
        elif fate == 1:
            lose_deal(deal, reason=dice.choice(("price", "timing")), actor=SYSTEM)
        else:
            stages = Stage.objects.filter(pipeline=deal.stage.pipeline, kind="open")
            Deal.objects.filter(pk=deal.pk).update(
                stage=dice.choice(list(stages)), forecast_category=dice.choice(("", "commit", "omitted"))
            )
        deal.company.refresh_from_db()  # type: ignore[union-attr]  # every one has a company
    for home in homes:
        home.refresh_from_db()


def found(report: str, actor: Actor, *, timed: bool = True, **given: str) -> tuple[int, Decimal]:
    rows = behind(report, given, scope(), is_timed=timed, actor=actor)
    count, total = count_and_sum(rows, actor=actor)
    return count, total.amount if total else Decimal(0)


@pytest.mark.parametrize("seed", range(3))
def test_the_rows_behind_every_number_add_up_to_it(seed: int, chief: Actor) -> None:
    some_deals(seed)

    for by in ("stage", "owner", "country"):
        for group in pipeline_groups(by, actor=chief):
            assert group.amount is not None
            assert found("stages", chief, by=by, key=group.key) == (group.deals, group.amount.amount)
    for by in ("owner", "loss_reason", "closed_quarter", "nothing"):
        for row in deal_report(by, actor=chief):
            given = {"by": by, "key": row.key}
            assert row.won_amount is not None
            assert found("deals", chief, timed=False, figure="won", **given) == (
                row.won,
                row.won_amount.amount,
            )
            counts = [
                found("deals", chief, timed=False, figure=each, **given)[0] for each in ("lost", "open")
            ]
            assert counts == [row.lost, row.open]
    for span in SPANS:
        sums = period_forecast(period_named(span), actor=chief).figures
        said = {name: getattr(sums, name) for name in ("won", "commit", "best_case", "upside", "weighted")}
        rows = {name: found("forecast", chief, span=span, figure=name)[1] for name in said}
        assert {name: round(each, 2) for name, each in rows.items()} == said


def test_the_groups_of_the_pipeline_are_all_of_it(chief: Actor) -> None:
    some_deals(7)

    everything = whole(pipeline_groups("country", actor=chief))

    assert everything.deals == Deal.objects.filter(deal_state="open").count()
    assert everything.deals == pipeline_rows("country", actor=chief).count()


def test_activities_are_counted_by_person_and_kind_and_open_to_their_rows() -> None:
    ada = a_user(name="Ada")
    company = a_company(actor=Actor.of(ada))
    for kind in (ActivityType.CALL, ActivityType.CALL, ActivityType.NOTE):
        log_activity(type=kind, subject="Talk", company=company, actor=Actor.of(ada))
    asked = scope(period="month")

    lines = activity_report("person", asked, actor=SYSTEM)

    assert [(each.key, each.count, each.counts, each.before) for each in lines] == [
        ("Ada", 3, {"call": 2, "note": 1}, 0)
    ]
    assert activity_rows("person", asked, actor=SYSTEM, key="Ada", kind="call").count() == 2


def test_the_trend_shows_a_deal_in_the_weeks_in_which_it_was_open(chief: Actor) -> None:
    today = clock.now().date()
    deal = a_deal(amount=Decimal(100), deal_start_date=today - timedelta(days=20))
    win_deal(deal, actor=SYSTEM, signed_on=today - timedelta(days=3))

    points = {(today - each.day).days: each.deals for each in pipeline_trend(actor=chief)}

    assert (points[21], points[14], points[7], points[0]) == (0, 1, 1, 0)


@pytest.mark.parametrize(
    ("period", "span", "before"),
    [
        ("quarter", (date(2026, 10, 1), date(2026, 11, 22)), (date(2026, 7, 1), date(2026, 8, 22))),
        ("month", (date(2026, 11, 1), date(2026, 11, 22)), (date(2026, 10, 1), date(2026, 10, 22))),
        ("year", (date(2026, 1, 1), date(2026, 11, 22)), (date(2025, 1, 1), date(2025, 11, 22))),
        ("last_quarter", (date(2026, 7, 1), date(2026, 9, 30)), (date(2026, 4, 1), date(2026, 6, 30))),
        ("last_month", (date(2026, 10, 1), date(2026, 10, 31)), (date(2026, 9, 1), date(2026, 9, 30))),
    ],
)
def test_a_period_is_compared_with_as_many_days_before(
    period: str, span: tuple[date, date], before: tuple[date, date]
) -> None:
    asked = scope_of({"period": period}, today=date(2026, 11, 22))

    assert (asked.since, asked.until) == span
    assert asked.before == before


def test_a_scope_comes_back_from_its_own_address() -> None:
    given = {
        "period": "days",
        "since": "2026-01-05",
        "until": "2026-02-01",
        "owner": "me",
        "field": "country",
    }
    asked = scope(**given, value="US")

    again = scope_of(dict(pair.split("=") for pair in asked.query.split("&")), today=clock.now().date())

    assert again == asked
    assert asked.before == (date(2025, 12, 8), date(2026, 1, 4))


@pytest.mark.parametrize(
    "given", [{"period": "soon"}, {"since": "yesterday"}, {"owner": "x' OR 1=1"}, {"since": "2027-01-01"}]
)
def test_a_scope_that_makes_no_sense_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(InvalidInputError):
        scope_of(given, today=date(2026, 11, 22))


def test_a_segment_and_an_owner_narrow_the_report(chief: Actor, browser: Client) -> None:
    assert chief.user is not None
    mine = a_deal(owner=chief.user, company=a_company(country_hq="DE"), amount=Decimal(5))
    a_deal(owner=chief.user, company=a_company(country_hq="US"), amount=Decimal(7))
    a_deal(owner=a_user(), company=a_company(country_hq="DE"), amount=Decimal(9))

    answer = browser.get("/reports/stages/", {"owner": "me", "field": "country", "value": "DE"})
    rows = browser.get(answer.context["whole_url"])

    assert (answer.context["whole"].deals, answer.context["whole"].amount.amount) == (1, Decimal(5))
    assert [each.pk for each in rows.context["page"].rows] == [mine.pk]


def test_nobody_finds_others_deals_behind_a_number() -> None:
    mine, other = a_user(), a_user()
    a_deal(actor=Actor.of(other), owner=other, company=a_company(actor=Actor.of(other)), name="Theirs")
    client = Client()
    client.force_login(mine)

    for report in ("stages", "deals", "forecast"):
        answer = client.get(f"/reports/rows/{report}/")
        assert (answer.context["count"], b"Theirs" in answer.content) == (0, False)


@pytest.mark.parametrize("report", PAGES)
def test_a_report_opens_empty_filled_and_with_a_wrong_address(report: str, browser: Client) -> None:
    empty = browser.get(f"/reports/{report}/")
    a_deal(amount=Decimal(5), close_on=clock.now().date())
    filled = browser.get(f"/reports/{report}/")
    wrong = browser.get(f"/reports/{report}/", {"by": "shoe_size", "owner": "nobody", "span": "x"})

    assert {empty.status_code, filled.status_code, wrong.status_code} == {200}


@pytest.mark.parametrize("path", ["stages/?by=owner", "activity/?by=kind", "rows/stages/"])
def test_a_report_costs_as_many_statements_for_three_rows_as_for_one(path: str, browser: Client) -> None:
    counts = []
    for _ in range(2):
        deal = a_deal(amount=Decimal(5), close_on=clock.now().date())
        log_activity(type="call", subject="Talk", deal=deal, company=deal.company, actor=SYSTEM)
        browser.get(f"/reports/{path}")
        with CaptureQueriesContext(connection) as captured:
            answer = browser.get(f"/reports/{path}")
        assert answer.status_code == 200
        counts.append(len(captured))
        a_deal(amount=Decimal(7), close_on=clock.now().date())

    assert counts[0] == counts[1]


def test_a_report_is_taken_as_a_file_that_is_harmless_in_a_spreadsheet(browser: Client) -> None:
    a_deal(amount=Decimal(5), company=a_company(industry_vertical="=HYPERLINK(1)"))

    answer: Any = browser.get("/reports/stages.csv", {"by": "industry"})

    rows = list(csv.reader(io.StringIO(answer.content.decode())))
    assert rows == [
        ["industry", "deals", "amount", "weighted", "currency", "left out"],
        ["'=HYPERLINK(1)", "1", "5.00", "0.25", "USD", ""],
    ]


def test_who_may_not_export_gets_no_file() -> None:
    client = Client()
    client.force_login(a_user(role=Role.EXECUTIVE))

    for report in ("stages", "activity", "deals", "forecast", "review", "quality"):
        assert client.get(f"/reports/{report}.csv").status_code == 403


def test_the_review_and_its_rows_are_narrowed_to_one_owner(browser: Client) -> None:
    ada, ben = (a_user(name=name) for name in ("Ada", "Ben"))
    for owner in (ada, ben, ben):
        a_deal(owner=owner, actor=Actor.of(owner))
    narrowed = {"owner": str(ada.pk)}

    everybody = browser.get("/reports/pipeline/").context
    hers = browser.get("/reports/pipeline/", narrowed).context
    check, address = next(each for each in hers["checks"] if each[0].failing)
    rows = browser.get(address)
    taken = browser.get("/reports/review.csv", narrowed).content.decode()

    assert (everybody["open_deals"], hers["open_deals"]) == (3, 1)
    assert [each.owner for each in rows.context["page"].rows] == [ada]
    assert [check.label, "1", "1"] in list(csv.reader(io.StringIO(taken)))


def test_data_quality_is_narrowed_to_one_owner_and_taken_as_a_file(browser: Client) -> None:
    ada, ben = (a_user(name=name) for name in ("Ada", "Ben"))
    for owner in (ada, ben, ben):
        a_company(actor=Actor.of(owner), domain="")
    narrowed = {"owner": str(ada.pk)}

    def bases(given: dict[str, str]) -> set[int]:
        groups = browser.get("/hygiene/", given).context["groups"]
        return {each.base for _, found in groups for each in found if each.check.kind == "company"}

    rows = browser.get("/hygiene/companies-without-domain/", narrowed).context["page"].rows
    taken = list(csv.reader(io.StringIO(browser.get("/reports/quality.csv", narrowed).content.decode())))

    assert (bases({}), bases(narrowed)) == ({3}, {1})
    assert [each.owner for each in rows] == [ada]
    assert ["company", "Companies without a domain", "1", "1"] in taken
    assert browser.get("/hygiene/", {"owner": "x"}).context["refused"] == "There is no such owner."
