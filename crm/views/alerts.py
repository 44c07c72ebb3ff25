"""Alerts: all of them, those of one company, and seeing to one."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from crm.enums import AlertState
from crm.models import Alert
from crm.selectors.alerts import alerts_of, get_alert, visible_alerts
from crm.selectors.companies import get_company
from crm.services.alerts import acknowledge_alert, finish_alert, reopen_alert
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.paging import newest_first
from gtmos.kernel.permissions import allows
from gtmos.kernel.web import actor_of, found, page, refusal, toast

SHOWN = 20
VERBS: dict[str, Callable[..., Alert]] = {
    "acknowledge": acknowledge_alert,
    "finish": finish_alert,
    "reopen": reopen_alert,
}
SAID = {"acknowledge": "Seen to", "finish": "Done", "reopen": "Open again"}
VIEWS = (("mine", "Mine"), ("open", "Open"), ("all", "All"))


@login_required
def alerts(request: HttpRequest) -> HttpResponse:
    actor, view = actor_of(request), request.GET.get("view", "mine")
    rows = visible_alerts(actor=actor)
    if view != "all":
        rows = rows.exclude(state=AlertState.DONE)
    if view == "mine":
        rows = rows.filter(owner=actor.user)
    shown = newest_first(rows, after=request.GET.get("after", ""))
    context = {"page": shown, "lines": lines(shown.rows), "view": view, "tabs": VIEWS, "user": request.user}
    context["may_decide"] = allows(actor, "crm.decide_alerts")
    return page(request, "crm/alerts/list.html", context)


def lines(rows: list[Alert]) -> list[dict[str, Any]]:
    """Each with the page that shows what it tells of."""
    return [{"alert": each, "url": _evidence(each)} for each in rows]


def _evidence(alert: Alert) -> str:
    if alert.contact_id:
        return reverse("crm:contact", args=[alert.contact_id])
    if alert.deal_id:
        return reverse("crm:deal", args=[alert.deal_id])
    return reverse("crm:company", args=[alert.company_id])


@login_required
def of_company(request: HttpRequest, company_id: UUID) -> HttpResponse:
    """What is not done yet, for the company's page."""
    actor = actor_of(request)
    company = found(get_company, company_id, actor=actor)
    context = {
        "company": company,
        "lines": lines(list(alerts_of(company, actor=actor)[:SHOWN])),
        "may_decide": allows(actor, "crm.decide_alerts", company),
    }
    return page(request, "crm/alerts/of.html", context)


@login_required
@require_POST
def decide(request: HttpRequest, alert_id: UUID, verb: str) -> HttpResponse:
    actor = actor_of(request)
    alert = found(get_alert, alert_id, actor=actor)
    if verb not in VERBS:
        raise Http404("This cannot be done with an alert.")
    try:
        VERBS[verb](alert, actor=actor)
    except DomainError as error:
        return refusal(error)
    undo = "" if verb == "reopen" else reverse("crm:alert-decide", args=[alert.pk, "reopen"])
    return toast(HttpResponse(status=200), f"{SAID[verb]}: {alert}", undo_url=undo)
