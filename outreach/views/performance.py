"""How messages do, by what they have in common: a page, and the same table as a file."""

import csv
import io
import math
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from crm.services.import_tally import harmless
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError, InvalidInputError
from gtmos.kernel.permissions import require
from gtmos.kernel.signin.doors import confirmed
from gtmos.kernel.web import actor_of, page
from gtmos.kernel.wording import LEAST_EVENTS_FOR_A_RATE, percent, wilson
from outreach.selectors.breakdown import BY, MEASURES, PERIODS, Breakdown, Group, breakdown, choices
from outreach.selectors.campaigns import get_campaign, visible_campaigns

CAMPAIGNS = 200
SHOWN = ("replied", "meetings", "opened", "clicked", "bounced", "unsubscribed")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address says."""

    by: str
    period: str
    measure: str
    campaign: str

    @classmethod
    def of(cls, request: HttpRequest) -> "Asked":
        def given(name: str, default: str) -> str:
            return request.GET.get(name) or default

        measure = given("measure", "replied")
        return cls(
            given("by", "step"),
            given("period", "90"),
            measure if measure in MEASURES else "replied",
            _key(request.GET.get("campaign", "")),
        )

    def found(self, actor: Actor) -> Breakdown:
        if self.campaign:
            get_campaign(self.campaign, actor=actor)
        return breakdown(self.by, actor=actor, period=self.period, campaign=self.campaign)

    def url(self, name: str) -> str:
        words = {"by": self.by, "period": self.period, "measure": self.measure, "campaign": self.campaign}
        return f"{reverse(name)}?{urlencode({key: value for key, value in words.items() if value})}"


def _key(text: str) -> str:
    try:
        return str(UUID(text)) if text else ""
    except ValueError as error:
        raise InvalidInputError("There is no such campaign.", code="campaign_not_found") from error


@login_required
@require_safe
def performance(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    context: dict[str, Any] = {
        "choices": choices(actor=actor),
        "periods": PERIODS,
        "measures": MEASURES,
        "campaigns": visible_campaigns(actor=actor).values_list("pk", "name")[:CAMPAIGNS],
        "tab": "outreach",
        "here": request.get_full_path(),
    }
    try:
        asked = Asked.of(request)
        found = asked.found(actor)
    except DomainError as error:
        return page(request, "outreach/performance/page.html", {**context, "refused": error.message})
    shown = [name for name in SHOWN if name != asked.measure]
    most = _most(found, asked.measure)
    context |= {
        "asked": asked,
        "found": found,
        "label": BY[asked.by].label,
        "measure": MEASURES[asked.measure],
        "title": f"{MEASURES[asked.measure]} by {BY[asked.by].label.lower()}",
        "heads": [MEASURES[name] for name in shown],
        "rows": [_row(group, asked.measure, shown, most) for group in (*found.groups, found.total)],
        "most": most,
        "csv_url": asked.url("outreach:performance-csv"),
    }
    return page(request, "outreach/performance/page.html", context)


def _most(found: Breakdown, measure: str) -> float:
    """Where the axis of the intervals ends: the next full twentieth above the highest of them."""
    highest = [
        wilson(group.count(measure), group.sent)[1]
        for group in (*found.groups, found.total)
        if group.count(measure) >= LEAST_EVENTS_FOR_A_RATE
    ]
    return min(1.0, math.ceil(max(highest, default=0.05) * 20) / 20)


def _percent(group: Group, measure: str) -> str:
    count = group.count(measure)
    return percent(count / group.sent) if count >= LEAST_EVENTS_FOR_A_RATE else ""


def _row(group: Group, measure: str, shown: list[str], most: float) -> dict[str, Any]:
    count = group.count(measure)
    low, high = wilson(count, group.sent)
    is_drawn = count >= LEAST_EVENTS_FOR_A_RATE
    places = {"low": low, "at": count / group.sent, "high": high} if is_drawn else {}
    return {
        "group": group,
        "count": count,
        "line": {name: f"{value / most * 100:.2f}" for name, value in places.items()},
        "cells": [(MEASURES[name], group.count(name), _percent(group, name)) for name in shown],
    }


@login_required
@require_safe
@confirmed
def performance_csv(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    try:
        require(actor, "crm.export_records", "contact")
        asked = Asked.of(request)
        found = asked.found(actor)
    except DomainError as error:
        return HttpResponse(error.message, status=error.status_code, content_type="text/plain; charset=utf-8")
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow([asked.by, "campaign", "sent", *MEASURES])
    for group in (*found.every, found.total):
        words = harmless(group.name), harmless(group.detail)
        table.writerow([*words, group.sent, *(group.count(name) for name in MEASURES)])
    answer = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="performance by {asked.by}.csv"'
    answer["Cache-Control"] = "no-store"
    return answer
