"""Home of who leads: won, forecast and pipeline against the period before, what slips, what moved."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from crm.selectors.deal_reports import win_figures
from crm.selectors.forecast import quarter_of
from crm.selectors.pipeline_report import pipeline_trend
from crm.selectors.standing_figures import (
    Standing,
    largest_moves,
    slipping_deals,
    snapshot_of_last_week,
    standing,
    won_by,
)
from gtmos.kernel import clock, wording
from gtmos.kernel.actors import Actor
from gtmos.workspace.selectors.figure import Figure, changed, with_left_out
from gtmos.workspace.selectors.home_rep import forecast_rows_url, open_pipeline, weighted_forecast
from gtmos.workspace.selectors.lines import deal_lines

SHOWN = 6
WIN_DAYS = 365


def executive_home(actor: Actor) -> dict[str, Any]:
    found = standing(actor=actor)
    kept = snapshot_of_last_week(actor=actor)
    slipping = list(deal_lines(slipping_deals(actor=actor))[: SHOWN + 1])
    return {
        "standing": found,
        "figures": _figures(actor, found, kept) if found is not None and not found.is_empty else [],
        "win": _wins(actor),
        "trend": pipeline_trend(actor=actor),
        "slipping": slipping[:SHOWN],
        "slipping_more": len(slipping) > SHOWN,
        "moves": list(deal_lines(largest_moves(actor=actor))[:SHOWN]),
    }


def _wins(actor: Actor) -> dict[str, Any]:
    """Of the deals that were closed in the last year; a rate says its count and base."""
    since = clock.today() - timedelta(days=WIN_DAYS)
    won, closed, middle = win_figures(actor=actor, since=since)
    query = urlencode({"by": "nothing", "period": "days", "since": since.isoformat()})
    return {
        "won": won,
        "closed": closed,
        "median": middle,
        "url": f"{reverse('crm:report-rows', args=['deals'])}?{query}&figure=closed",
    }


def _figures(actor: Actor, found: Standing, kept: dict[str, Any] | None) -> list[Figure]:
    quarter, money, sums = found.quarter, found.currency, found.forecast
    before = quarter_of(quarter.starts_on - timedelta(days=1))
    so_far = _same_day(before.starts_on, before.ends_on)
    won_whole, won_before = won_by(so_far, before, actor=actor)
    return [
        Figure(
            f"Won {quarter.label}",
            wording.money(sums.won, money),
            note=with_left_out(
                changed(sums.won, won_before, currency=money, than=f"by this day of {before.label}"),
                found.left_out.won,
            ),
            url=forecast_rows_url("won", ""),
        ),
        weighted_forecast(found, kept, f"commit {wording.money(sums.commit, money)}"),
        open_pipeline(found),
        _coverage(found, won_whole, before.label),
    ]


def _coverage(found: Standing, won_before: Decimal, label: str) -> Figure:
    """How many times what is due this quarter covers what is missing to what the quarter before brought."""
    missing = won_before - found.forecast.won
    url = forecast_rows_url("upside", "")
    due = with_left_out(f"{wording.money(found.due, found.currency)} due this quarter", found.left_out.due)
    if not won_before:
        return Figure("Coverage", wording.NOT_KNOWN, note=f"{due}; nothing was won in {label}", url=url)
    if missing <= 0:
        return Figure("Coverage", "Reached", note=f"as much was won as in {label}; {due}", url=url)
    note = f"{due} ÷ {wording.money(missing, found.currency)} missing to {label}"
    return Figure("Coverage", f"{found.due / missing:.1f}×", note=note, url=url)


def _same_day(starts_on: date, ends_on: date) -> date:
    """As many days into the quarter before as this one has now."""
    passed = clock.today() - quarter_of(clock.today()).starts_on
    return min(starts_on + passed, ends_on)
