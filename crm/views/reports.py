"""Reports about deals: the forecast, won and lost, and what a review of the pipeline has to talk about."""

from dataclasses import replace
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse

from crm.selectors.currencies import organisation_currency
from crm.selectors.deal_health import agenda, audit, judged_deals
from crm.selectors.deal_reports import BY, Row, days_per_stage, deal_report, pipeline_velocity
from crm.selectors.forecast import PeriodForecast, accuracy, overall_error, period_forecast
from crm.selectors.report_rows import SPANS as PERIODS
from crm.selectors.report_rows import period_named
from crm.selectors.report_scope import Scope, whose
from crm.views.report_pages import BARS_AT_MOST, TIMED
from crm.views.report_scopes import asked, filters, narrow_by, rows_url
from gtmos.kernel import wording
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.web import actor_of, page

SHOWN = 50
SPANS = (("week", "Week", 7), ("month", "Month", 30), ("quarter", "Quarter", 91))
FIGURES = ("won", "commit", "best_case", "upside", "weighted")


@login_required
def forecast(request: HttpRequest) -> HttpResponse:
    """This and the next month and quarter, and how right the last ones were."""
    actor = actor_of(request)
    context: dict[str, Any] = {"tab": "forecast"}
    try:
        scope = asked(request)
        narrow = narrow_by(scope, actor)
        context |= filters(request, "forecast", scope, actor=actor)
        found = {span: period_forecast(period_named(span), actor=actor, narrow=narrow) for span in PERIODS}
        context["forecasts"] = [_forecast(span, each, scope) for span, each in found.items()]
        context["first"] = found["month"]
        context["bars"] = _forecast_bars(found["quarter"], scope)
        context["quarter"] = found["quarter"].period.label
        context["past"] = past = accuracy(actor=actor, whose=whose(scope, actor))
        context["error"], context["error_periods"] = overall_error(past)
    except DomainError as error:
        context["refused"] = error.message
    return page(request, "crm/reports/forecast.html", context)


@login_required
def deals(request: HttpRequest) -> HttpResponse:
    """Won and lost by what the reader chooses; the choice is in the address."""
    actor, by = actor_of(request), request.GET.get("by") or "nothing"
    context: dict[str, Any] = {"tab": "deals", "by": by, "choices": BY.items()}
    try:
        scope = asked(request)
        narrow = narrow_by(scope, actor)
        timed = any(request.GET.get(name) for name in TIMED)
        days: dict[str, Any] = {"since": scope.since, "until": scope.until} if timed else {}
        found = deal_report(by, actor=actor, narrow=narrow, **days)
        context |= filters(request, "deals", scope, actor=actor)
        context |= {
            "label": BY.get(by, by.removeprefix("custom.")),
            "is_timed": timed,
            "is_ever": not timed,
            "rows": [_deals_row(row, by, scope, timed=timed) for row in found],
            "bars": [_won_bar(row, by, scope, timed=timed) for row in found if row.closed][:BARS_AT_MOST],
            "earlier": _earlier(scope, actor) if timed else None,
            "velocity": pipeline_velocity(actor=actor, narrow=narrow, **days),
            "currency": organisation_currency(),
            "stages": days_per_stage(actor=actor, narrow=narrow),
        }
    except DomainError as error:
        context["refused"] = error.message
    return page(request, "crm/reports/deals.html", context)


@login_required
def review(request: HttpRequest) -> HttpResponse:
    """The audit of the pipeline, the deals that are stuck, and an agenda for the week, month or quarter."""
    actor, chosen = actor_of(request), request.GET.get("span", "week")
    context: dict[str, Any] = {"tab": "review", "span": chosen, "spans": SPANS}
    try:
        scope = asked(request)
    except DomainError as error:
        return page(request, "crm/reports/review.html", context | {"refused": error.message})
    context |= filters(request, "review", scope, actor=actor)
    context |= _reviewed(scope, chosen, SHOWN * _parts(request), actor)
    return page(request, "crm/reports/review.html", context)


def _reviewed(scope: Scope, chosen: str, shown: int, actor: Actor) -> dict[str, Any]:
    days = next((days for key, _, days in SPANS if key == chosen), 7)
    narrow = narrow_by(scope, actor)
    judged = judged_deals(actor=actor, narrow=narrow)
    stuck = [each for each in judged if each.judgement.findings]
    checks = audit(judged)
    return {
        "checks": [(each, rows_url("review", scope, figure=each.code)) for each in checks],
        "stuck": stuck[:shown],
        "stuck_total": len(stuck),
        "more": shown // SHOWN + 1 if shown < len(stuck) else 0,
        "open_deals": len(judged),
        "agenda": agenda(days, actor=actor, judged=judged, narrow=narrow),
        "bars": [
            {
                "name": each.label,
                "value": each.failing,
                "text": wording.counted(each.failing),
                "url": rows_url("review", scope, figure=each.code),
            }
            for each in checks
        ],
    }


def _earlier(scope: Scope, actor: Actor) -> Row | None:
    """All deals of the scope that were closed in the time before."""
    since, until = scope.before
    found = deal_report(actor=actor, since=since, until=until, narrow=narrow_by(scope, actor))
    return next(iter(found), None)


def _forecast(span: str, found: PeriodForecast, scope: Scope) -> dict[str, Any]:
    cells = [
        (getattr(found.figures, name), rows_url("forecast", scope, span=span, figure=name), name)
        for name in FIGURES
    ]
    return {"found": found, "cells": cells}


def _forecast_bars(found: PeriodForecast, scope: Scope) -> list[dict[str, Any]]:
    """Each figure holds the one before it; what is won is solid."""
    sums = found.figures
    return [
        {
            "name": name.replace("_", " ").capitalize(),
            "value": getattr(sums, name),
            "part": sums.won,
            "text": wording.money(getattr(sums, name), found.currency),
            "url": rows_url("forecast", scope, span="quarter", figure=name),
        }
        for name in FIGURES
    ]


def _deals_row(row: Row, by: str, scope: Scope, *, timed: bool) -> dict[str, Any]:
    def url(figure: str) -> str:
        return _deals_url(row, by, scope, figure, timed=timed)

    return {"row": row, **{f"{figure}_url": url(figure) for figure in ("won", "closed", "lost", "open")}}


def _deals_url(row: Row, by: str, scope: Scope, figure: str, *, timed: bool) -> str:
    """Without days where the report has none: every deal that was ever closed, and the open ones."""
    about = scope if timed else replace(scope, period="")
    return rows_url("deals", about, by=by, key=row.key, figure=figure)


def _won_bar(row: Row, by: str, scope: Scope, *, timed: bool) -> dict[str, Any]:
    return {
        "name": row.key,
        "value": row.closed,
        "part": row.won,
        "text": wording.rate(row.won, row.closed),
        "url": _deals_url(row, by, scope, "closed", timed=timed),
    }


def _parts(request: HttpRequest) -> int:
    """How many parts of a long list are shown."""
    asked_for = request.GET.get("parts", "")[:3]
    return max(1, int(asked_for)) if asked_for.isascii() and asked_for.isdecimal() else 1
