"""Reports about deals on pages and by the API: what they say equals what was counted by hand."""

import csv
import io
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from crm.models import Deal, ForecastSnapshot
from crm.selectors.deal_health import audit, deal_score, judged_deals
from crm.selectors.deal_reports import days_per_stage, deal_report
from crm.selectors.forecast import accuracy, overall_error, period_forecast, quarter_of
from crm.services.activities import log_activity
from crm.services.deal_health import judge_deals
from crm.services.deal_stages import lose_deal, win_deal
from crm.services.deals import update_deal
from crm.services.forecasting import keep_forecast
from crm.services.importing import run_import, start_import, upload_import
from crm.services.pipelines import create_pipeline, create_stage
from crm.tests.builders import a_company, a_deal
from gtmos.context.models import Organisation
from gtmos.kernel import clock, history
from gtmos.kernel.actors import SYSTEM, Actor
from gtmos.kernel.exceptions import NotPermittedError
from gtmos.kernel.people.models import Role
from gtmos.kernel.tests.api_client import Api
from gtmos.kernel.tests.builders import a_team, a_user, an_actor

pytestmark = pytest.mark.django_db

WIN_RATE_BY_PRODUCT = {
    "GTK 500": 0.5714,
    "GTX Basic": 0.6156,
    "GTX Plus Basic": 0.6241,
    "GTX Plus Pro": 0.6254,
    "GTXPro": 0.643,
    "MG Advanced": 0.6239,
    "MG Special": 0.6118,
}


def test_a_forecast_equals_the_sums_made_by_hand() -> None:
    this = quarter_of(clock.now().date())
    won = a_deal(amount=Decimal(1000), close_on=this.ends_on)
    win_deal(won, actor=SYSTEM, signed_on=this.starts_on)
    a_deal(amount=Decimal(500), close_on=this.ends_on, forecast_category="commit")
    a_deal(amount=Decimal(300), close_on=this.ends_on, forecast_category="best_case")
    by_stage = a_deal(amount=Decimal(200), close_on=this.ends_on)
    a_deal(amount=Decimal(70), close_on=this.ends_on, forecast_category="omitted")
    a_deal(amount=Decimal(9), close_on=this.starts_on - timedelta(days=1))
    a_deal(amount=Decimal(8))
    chance = Decimal(str(by_stage.stage.probability))

    found = period_forecast(this, actor=SYSTEM)

    figures = found.figures
    assert (figures.won, figures.commit, figures.best_case, figures.upside) == (1000, 1500, 1800, 2000)
    assert figures.weighted == 1000 + (500 + 300 + 200) * chance
    assert (found.slipped, found.undated) == (1, 1)


def test_an_amount_with_no_rate_is_named_and_not_counted_as_nothing() -> None:
    this = quarter_of(clock.now().date())
    a_deal(amount=Decimal(500), close_on=this.ends_on, forecast_category="commit")
    a_deal(amount=Decimal(300), currency="EUR", close_on=this.ends_on, forecast_category="commit")

    found = period_forecast(this, actor=SYSTEM)

    assert (found.figures.commit, found.left_out) == (Decimal(500), (("EUR", Decimal(300)),))


def test_a_forecast_is_kept_once_a_week_and_held_against_what_came() -> None:
    today = clock.now().date()
    last = quarter_of(quarter_of(today).starts_on - timedelta(days=1))
    deal = a_deal(amount=Decimal(1000))
    win_deal(deal, actor=SYSTEM, signed_on=last.starts_on)
    kept = ForecastSnapshot.objects.create(
        pipeline=deal.stage.pipeline,
        taken_on=last.starts_on,
        starts_on=last.starts_on,
        ends_on=last.ends_on,
        won=0,
        commit=800,
        best_case=900,
        upside=1000,
        weighted=1200,
        deals=3,
        currency="USD",
    )

    past = accuracy(actor=SYSTEM)

    assert [(each.actual, each.won_deals) for each in past] == [(Decimal(1000), 1)]
    assert [(week.commit_error, week.weighted_error) for week in past[0].weeks] == [(-0.2, 0.2)]
    assert overall_error(past) == (0.2, 1)
    a_deal(amount=Decimal(50), close_on=today, forecast_category="commit")
    assert keep_forecast(actor=SYSTEM) > 0
    assert keep_forecast(actor=SYSTEM) == 0
    assert (
        ForecastSnapshot.objects.exclude(pk=kept.pk)
        .filter(commit=50, starts_on=quarter_of(today).starts_on)
        .count()
        == 1
    )


def test_nobody_reads_what_others_forecast() -> None:
    mine, other = a_user(team=a_team()), a_user(team=a_team())
    this = quarter_of(clock.now().date())
    a_deal(actor=Actor.of(mine), owner=mine, amount=Decimal(500), close_on=this.ends_on)

    assert period_forecast(this, actor=Actor.of(mine)).figures.upside == 500
    assert period_forecast(this, actor=Actor.of(other)).figures.upside == 0


def test_a_quiet_deal_is_flagged_at_risk_with_history_and_told_of_once() -> None:
    deal = a_deal()
    Deal.objects.filter(pk=deal.pk).update(stage_entered_at=clock.now() - timedelta(days=60))

    assert judge_deals(actor=SYSTEM) == 1
    assert judge_deals(actor=SYSTEM) == 0

    deal.refresh_from_db()
    assert deal.deal_health == "red"
    assert history.of_record(deal).filter(change_category="DEAL_HEALTH").count() == 1


def test_only_who_may_configure_judges_deals_by_hand() -> None:
    deal = a_deal()
    Deal.objects.filter(pk=deal.pk).update(stage_entered_at=clock.now() - timedelta(days=60))

    with pytest.raises(NotPermittedError):
        judge_deals(actor=an_actor())

    deal.refresh_from_db()
    assert deal.deal_health == "green"


def test_the_audit_counts_every_check_over_the_same_deals() -> None:
    a_deal(name="Bare")
    a_deal(
        name="Priced", amount=Decimal(10), next_step="Call", close_on=clock.now().date() + timedelta(days=9)
    )

    checks = {each.code: (each.failing, each.base) for each in audit(judged_deals(actor=SYSTEM))}

    assert checks["no_next_step"] == (1, 2)
    assert checks["no_amount"] == (1, 2)
    assert checks["undated"] == (1, 2)
    assert checks["no_company"] == (0, 2)


def test_an_answered_mail_raises_the_score_of_the_deal() -> None:
    deal = a_deal(company=a_company(product_fit_score=0.8))
    before = deal_score(deal, actor=SYSTEM)

    log_activity(type="email", direction="in", subject="Yes", deal=deal, company=deal.company, actor=SYSTEM)

    after = deal_score(deal, actor=SYSTEM)
    assert dict(before.parts)["engagement"] == 0.0
    assert dict(after.parts)["engagement"] == pytest.approx(0.2835, abs=0.0005)
    assert after.because[0] == "They answered 1 time in the last weeks."


def test_earlier_forecasts_and_days_in_stages_are_those_of_the_pipeline_that_was_chosen() -> None:
    today = clock.now().date()
    last = quarter_of(quarter_of(today).starts_on - timedelta(days=1))
    other = create_pipeline("Renewals", actor=SYSTEM)
    create_stage(other, actor=SYSTEM, key="waiting", name="Waiting", position=1)
    create_stage(other, actor=SYSTEM, key="signed", name="Signed", kind="won", position=2, probability=1.0)
    here, there = a_deal(amount=Decimal(1000)), a_deal(amount=Decimal(50), pipeline=other)
    for deal in (here, there):
        win_deal(deal, actor=SYSTEM, signed_on=last.starts_on)
        ForecastSnapshot.objects.create(
            pipeline=deal.stage.pipeline,
            taken_on=last.starts_on,
            starts_on=last.starts_on,
            ends_on=last.ends_on,
            **dict.fromkeys(("won", "commit", "best_case", "upside", "weighted"), deal.deal_amount),
            deals=1,
            currency="USD",
        )
    browser = Client()
    browser.force_login(a_user(role=Role.ADMIN))
    asked = {"pipeline": str(other.pk)}

    past = browser.get("/reports/forecast/", asked).context["past"]
    stages = browser.get("/reports/deals/", asked).context["stages"]

    assert [(each.actual, [week.commit for week in each.weeks]) for each in past] == [(50, [50])]
    assert [each.stage for each in stages] == ["Waiting"]


def test_money_without_a_rate_is_named_on_the_page_and_in_every_file() -> None:
    today = clock.now().date()
    a_deal(amount=Decimal(300), currency="EUR", close_on=quarter_of(today).ends_on)
    win_deal(a_deal(amount=Decimal(70), currency="EUR"), actor=SYSTEM, signed_on=today)
    next_quarter = quarter_of(quarter_of(today).ends_on + timedelta(days=1))
    a_deal(amount=Decimal(9), currency="EUR", close_on=next_quarter.ends_on)
    browser = Client()
    browser.force_login(a_user(role=Role.ADMIN))

    def lines(report: str) -> list[list[str]]:
        return list(csv.reader(io.StringIO(browser.get(f"/reports/{report}.csv").content.decode())))

    text = browser.get("/reports/forecast/").content.decode()

    assert f"{next_quarter.label}: €9 left out, no rate for EUR is known." in text
    assert [lines(each)[0][-1] for each in ("stages", "deals", "forecast")] == ["left out"] * 3
    assert lines("deals")[1][-1] == "EUR 70.00"
    assert [line[-1] for line in lines("forecast") if line[0] == next_quarter.label] == ["EUR 9.00"]
    assert sum(Decimal(line[-1].removeprefix("EUR ") or 0) for line in lines("stages")[1:]) == 309


def test_velocity_is_in_the_currency_of_the_organisation() -> None:
    Organisation.objects.update_or_create(pk=1, defaults={"name": "Northwind", "currency": "EUR"})
    won = a_deal(amount=Decimal(100), currency="EUR", deal_start_date=date(2026, 1, 1))
    win_deal(won, actor=SYSTEM, signed_on=date(2026, 1, 31))
    a_deal(amount=Decimal(5), currency="EUR")
    browser = Client()
    browser.force_login(a_user(role=Role.ADMIN))

    text = browser.get("/reports/deals/").content.decode()

    assert ("average won €100" in text, "$" in text) == (True, False)


def test_days_in_a_stage_are_read_from_the_history() -> None:
    deal = a_deal(next_step="Call")
    stages = list(deal.stage.pipeline.stages.filter(kind="open"))
    Deal.objects.filter(pk=deal.pk).update(created_at=clock.now() - timedelta(days=10))
    deal.refresh_from_db()

    update_deal(deal, changes={"stage": stages[1]}, actor=SYSTEM)

    found = days_per_stage(actor=SYSTEM)
    assert [(each.stage, each.passages, round(each.mean_days)) for each in found] == [(stages[0].name, 1, 10)]


def test_won_and_lost_are_counted_with_value_and_days() -> None:
    won = a_deal(amount=Decimal(100), deal_start_date=date(2026, 1, 1))
    win_deal(won, actor=SYSTEM, signed_on=date(2026, 1, 31))
    lose_deal(a_deal(), reason="price", actor=SYSTEM)
    a_deal()

    (row,) = deal_report(actor=SYSTEM)

    assert (row.deals, row.open, row.won, row.lost, row.win_rate) == (3, 1, 1, 1, 0.5)
    assert row.won_amount is not None
    assert (row.won_amount.amount, row.average_won, row.days_to_win) == (Decimal(100), Decimal(100), 30.0)


def test_the_reports_answer_to_the_api_with_counts_and_bases() -> None:
    win_deal(a_deal(amount=Decimal(100)), actor=SYSTEM)
    api = Api.of(a_user(role=Role.ADMIN))

    deals = api.get("reports", "deals", by="stage").json()
    refused = api.get("reports", "deals", by="shoe_size")
    forecast = api.get("reports", "forecast").json()
    review = api.get("reports", "pipeline-review").json()

    assert [(row["won"], row["closed"], row["win_rate"]) for row in deals["rows"]] == [(1, 1, 1.0)]
    assert deals["rows"][0]["won_amount"]["amount"] == "100.00"
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_input")
    assert len(forecast["periods"]) == 4
    assert {check["base"] for check in review["checks"]} == {0}


@pytest.mark.parametrize(
    "path", ["/reports/forecast/", "/reports/deals/?by=owner", "/reports/pipeline/?span=month"]
)
def test_a_report_costs_as_many_statements_for_three_deals_as_for_one(path: str) -> None:
    browser = Client(SERVER_NAME="127.0.0.1")
    browser.force_login(a_user(role=Role.ADMIN))
    counts = []
    for _ in range(2):
        a_deal(amount=Decimal(5), close_on=clock.now().date())
        browser.get(path)
        with CaptureQueriesContext(connection) as captured:
            answer = browser.get(path)
        assert answer.status_code == 200
        counts.append(len(captured))
        a_deal(amount=Decimal(7), close_on=clock.now().date())

    assert counts[0] == counts[1]


def test_a_real_sales_pipeline_gives_its_known_rates_values_and_times(
    shared_data: Callable[[str], Path], me: Actor
) -> None:
    path = shared_data("deals/maven_crm/sales_pipeline.csv")
    batch = upload_import(file_name=path.name, content=io.BytesIO(path.read_bytes()), into="deals", actor=me)
    start_import(batch, actor=me)
    batch = run_import(batch.pk)
    assert me.user is not None
    api = Api.of(me.user)

    (whole,) = api.get("reports", "deals").json()["rows"]
    products = api.get("reports", "deals", by="product").json()["rows"]
    sellers = {row["key"]: row for row in api.get("reports", "deals", by="custom.owner_name").json()["rows"]}
    quarters = {row["key"]: row for row in api.get("reports", "deals", by="closed_quarter").json()["rows"]}

    assert batch.result["created"]["deals"] == 3750
    assert (whole["won"], whole["lost"], whole["open"]) == (1700, 1028, 1022)
    assert round(whole["win_rate"], 4) == 0.6232
    assert whole["won_amount"]["amount"] == "4023081.00"
    assert whole["average_won"] == "2366.52"
    assert (whole["days_to_win"], whole["median_days_to_win"], whole["days_to_lose"]) == (52.84, 58.5, 40.16)
    assert {row["key"]: round(row["win_rate"], 4) for row in products} == WIN_RATE_BY_PRODUCT
    best = sellers["Darcel Schlecht"]
    assert (best["won"], best["closed"], best["win_rate"]) == (111, 185, 0.6)
    assert best["won_amount"]["amount"] == "371260.00"
    assert quarters["2017 Q2"]["won_amount"]["amount"] == "1355500.00"
    assert {key: quarters[f"2017 Q{key}"]["won"] for key in (1, 2, 3, 4)} == {1: 207, 2: 520, 3: 491, 4: 482}


def test_a_long_review_shows_the_largest_first_and_says_how_many_there_are() -> None:
    for number in range(12):
        a_deal(name=f"Deal {number}", amount=Decimal(number) if number else None)
    browser = Client()
    browser.force_login(a_user(role=Role.ADMIN))

    answer = browser.get("/reports/pipeline/", {"parts": "1"})

    names = [each.deal.name for each in answer.context["stuck"]]
    assert names == [f"Deal {number}" for number in (*range(11, 0, -1), 0)]
    assert (answer.context["stuck_total"], answer.context["more"]) == (12, 0)
    assert browser.get("/reports/pipeline/", {"parts": "9" * 5000}).status_code == 200


def test_a_deal_that_began_before_it_was_written_down_stood_in_its_first_stage_since_then() -> None:
    deal = a_deal(deal_start_date=clock.today() - timedelta(days=30))
    update_deal(deal, changes={"stage": "qualification"}, actor=SYSTEM)

    stages = {each.stage: each for each in days_per_stage(actor=SYSTEM)}

    assert stages["Lead"].mean_days == pytest.approx(30.5, abs=0.51)
