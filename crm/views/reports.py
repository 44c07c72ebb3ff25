"""Reports about deals: the forecast, won and lost, and what a review of the pipeline has to talk about."""

from datetime import date

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse

from crm.models import Pipeline
from crm.selectors.deal_health import agenda, audit, judged_deals
from crm.selectors.deal_reports import BY, days_per_stage, deal_report, pipeline_velocity
from crm.selectors.deals import pipelines
from crm.selectors.forecast import accuracy, after, month_of, overall_error, period_forecast, quarter_of
from gtmos.kernel import clock
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.web import actor_of, page

SHOWN = 50
SPANS = (("week", "Week", 7), ("month", "Month", 30), ("quarter", "Quarter", 91))


@login_required
def forecast(request: HttpRequest) -> HttpResponse:
    """This and the next month and quarter, and how right the last ones were."""
    actor, today = actor_of(request), clock.now().date()
    chosen = _pipeline(request)
    context: dict[str, object] = {"pipelines": pipelines(), "pipeline": chosen, "tab": "forecast"}
    try:
        periods = (month_of(today), quarter_of(today))
        context["forecasts"] = [
            period_forecast(each, actor=actor, pipeline=chosen)
            for period in periods
            for each in (period, after(period))
        ]
        context["past"] = past = accuracy(actor=actor, pipeline=chosen)
        context["error"], context["error_periods"] = overall_error(past)
    except DomainError as error:
        context["refused"] = error.message
    return page(request, "crm/reports/forecast.html", context)


@login_required
def deals(request: HttpRequest) -> HttpResponse:
    """Won and lost by what the reader chooses; the choice is in the address."""
    actor, by = actor_of(request), request.GET.get("by") or "nothing"
    context: dict[str, object] = {"tab": "deals", "by": by, "choices": BY.items()}
    try:
        since, until = _day(request, "since"), _day(request, "until")
        context |= {"since": since, "until": until, "label": BY.get(by, by.removeprefix("custom."))}
        context["rows"] = deal_report(by, actor=actor, since=since, until=until)
        context["velocity"] = pipeline_velocity(actor=actor, since=since)
        context["stages"] = days_per_stage(actor=actor)
    except (DomainError, ValueError) as error:
        context["refused"] = (
            error.message if isinstance(error, DomainError) else "Write days like 2026-01-31."
        )
    return page(request, "crm/reports/deals.html", context)


@login_required
def review(request: HttpRequest) -> HttpResponse:
    """The audit of the pipeline, the deals that are stuck, and an agenda for the week, month or quarter."""
    actor, chosen = actor_of(request), request.GET.get("span", "week")
    days = next((days for key, _, days in SPANS if key == chosen), 7)
    judged = judged_deals(actor=actor)
    stuck = [each for each in judged if each.judgement.findings]
    shown = SHOWN * _parts(request)
    context = {
        "tab": "review",
        "span": chosen,
        "spans": SPANS,
        "checks": audit(judged),
        "stuck": stuck[:shown],
        "stuck_total": len(stuck),
        "more": shown // SHOWN + 1 if shown < len(stuck) else 0,
        "open_deals": len(judged),
        "agenda": agenda(days, actor=actor, judged=judged),
    }
    return page(request, "crm/reports/review.html", context)


def _parts(request: HttpRequest) -> int:
    """How many parts of a long list are shown."""
    asked = request.GET.get("parts", "")[:3]
    return max(1, int(asked)) if asked.isascii() and asked.isdecimal() else 1


def _pipeline(request: HttpRequest) -> Pipeline | None:
    wanted = request.GET.get("pipeline", "")
    return next((each for each in pipelines() if str(each.pk) == wanted), None)


def _day(request: HttpRequest, name: str) -> date | None:
    text = request.GET.get(name, "")
    return date.fromisoformat(text) if text else None
