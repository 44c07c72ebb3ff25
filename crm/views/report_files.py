"""Reports as files to take away: the table of the page with the same filters."""

import csv
import io
from collections.abc import Callable, Iterable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from crm.enums import ActivityType
from crm.selectors.activity_report import activity_report
from crm.selectors.currencies import Total
from crm.selectors.deal_health import audit, judged_deals
from crm.selectors.deal_reports import Row, deal_report
from crm.selectors.forecast import PeriodForecast, period_forecast
from crm.selectors.hygiene import findings
from crm.selectors.pipeline_report import pipeline_groups
from crm.selectors.report_rows import SPANS, period_named
from crm.services.import_tally import harmless
from crm.views.report_pages import TIMED
from crm.views.report_scopes import asked, narrow_by
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.permissions import require
from gtmos.kernel.signin.doors import confirmed
from gtmos.kernel.web import actor_of

Cells = Iterable[Iterable[Any]]
# Whose lists somebody must be allowed to take away, where it is not deals.
OF_KIND = {"activity": "activity", "quality": "company"}


@login_required
@require_safe
@confirmed
def report_csv(request: HttpRequest, report: str) -> HttpResponse:
    if report not in FILES:
        raise Http404("There is no such report.")
    actor = actor_of(request)
    try:
        require(actor, "crm.export_records", OF_KIND.get(report, "deal"))
        text = _written(FILES[report](request, actor))
    except DomainError as error:
        return HttpResponse(error.message, status=error.status_code, content_type="text/plain; charset=utf-8")
    answer = HttpResponse(text, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{report}.csv"'
    answer["Cache-Control"] = "no-store"
    return answer


def _written(rows: Cells) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([harmless("" if cell is None else str(cell)) for cell in row] for row in rows)
    return out.getvalue()


def _stages(request: HttpRequest, actor: Actor) -> Cells:
    by = request.GET.get("by") or "stage"
    groups = pipeline_groups(by, actor=actor, narrow=narrow_by(asked(request), actor))
    yield by, "deals", "amount", "weighted", "currency", "left out"
    for each in groups:
        money = _amount(each.amount), _amount(each.weighted), _currency(each.amount)
        yield each.key, each.deals, *money, _left_out(each.amount)


def _activity(request: HttpRequest, actor: Actor) -> Cells:
    by = request.GET.get("by") or "person"
    lines = activity_report(by, asked(request), actor=actor)
    yield by, *ActivityType.values, "all", "before"
    for each in lines:
        yield each.key, *(each.counts.get(kind, 0) for kind in ActivityType.values), each.count, each.before


def _deals(request: HttpRequest, actor: Actor) -> Cells:
    scope, by = asked(request), request.GET.get("by") or "nothing"
    timed = any(request.GET.get(name) for name in TIMED)
    days: dict[str, Any] = {"since": scope.since, "until": scope.until} if timed else {}
    found = deal_report(by, actor=actor, narrow=narrow_by(scope, actor), **days)
    yield (
        by,
        "deals",
        "open",
        "won",
        "lost",
        "won amount",
        "currency",
        "average won",
        "days to win, median",
        "n",
        "left out",
    )
    for each in found:
        money = _amount(each.won_amount), _currency(each.won_amount), each.average_won
        yield each.key, each.deals, each.open, each.won, each.lost, *money, *_days(each)


def _forecast(request: HttpRequest, actor: Actor) -> Cells:
    narrow = narrow_by(asked(request), actor)
    found = [period_forecast(period_named(span), actor=actor, narrow=narrow) for span in SPANS]
    yield (
        "period",
        "from",
        "to",
        "won",
        "commit",
        "best case",
        "upside",
        "weighted",
        "currency",
        "deals",
        "left out",
    )
    for each in found:
        sums = each.figures
        money = sums.won, sums.commit, sums.best_case, sums.upside, sums.weighted, each.currency
        yield (
            each.period.label,
            each.period.starts_on,
            each.period.ends_on,
            *money,
            sums.deals,
            _left_out(each),
        )


def _review(request: HttpRequest, actor: Actor) -> Cells:
    judged = judged_deals(actor=actor, narrow=narrow_by(asked(request), actor))
    yield "check", "failing", "of open deals"
    for each in audit(judged):
        yield each.label, each.failing, each.base


def _quality(request: HttpRequest, actor: Actor) -> Cells:
    yield "kind", "check", "records", "of"
    for each in findings(actor=actor, scope=asked(request)):
        yield each.check.kind, each.check.title, each.count, each.base


def _amount(total: Total | None) -> Any:
    return None if total is None else total.amount


def _currency(total: Total | None) -> str:
    return "" if total is None else total.currency


def _days(row: Row) -> tuple[Any, ...]:
    return row.median_days_to_win, row.won, _left_out(row.won_amount)


def _left_out(sums: Total | PeriodForecast | None) -> str:
    """Amounts for which no rate is known; they are in no sum of the line."""
    return "; ".join(f"{currency} {amount:.2f}" for currency, amount in sums.left_out) if sums else ""


FILES: dict[str, Callable[[HttpRequest, Actor], Cells]] = {
    "stages": _stages,
    "activity": _activity,
    "deals": _deals,
    "forecast": _forecast,
    "review": _review,
    "quality": _quality,
}
