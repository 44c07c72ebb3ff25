"""Reports about what is open and what was done: a picture, a table, and the rows behind each number."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse

from crm.enums import ActivityType
from crm.selectors.activity_report import BY as ACTIVITY_BY
from crm.selectors.activity_report import Line, activity_report, activity_total
from crm.selectors.currencies import Total
from crm.selectors.pipeline_report import BY as PIPELINE_BY
from crm.selectors.pipeline_report import pipeline_groups, pipeline_trend, whole
from crm.selectors.report_rows import Behind, behind, count_and_sum
from crm.selectors.report_scope import Scope
from crm.views.report_scopes import asked, filters, narrow_by, rows_url
from gtmos.kernel import wording
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError, NotFoundError
from gtmos.kernel.paging import newest_first
from gtmos.kernel.web import actor_of, page

BARS_AT_MOST = 14
TIMED = ("period", "since", "until")


@login_required
def stages(request: HttpRequest) -> HttpResponse:
    """What is open, by stage, owner or segment, and how it stood at the end of each of the last weeks."""
    actor, by = actor_of(request), request.GET.get("by") or "stage"
    context: dict[str, Any] = {"tab": "stages", "by": by, "choices": PIPELINE_BY.items()}
    try:
        scope = asked(request)
        narrow = narrow_by(scope, actor)
        groups = pipeline_groups(by, actor=actor, narrow=narrow)
        everything = whole(groups)
        trend = pipeline_trend(actor=actor, narrow=narrow)
        context |= filters(request, "stages", scope, actor=actor)
        context |= {
            "label": PIPELINE_BY.get(by, by.removeprefix("custom.")),
            "rows": [_with_url(each, by, scope) for each in groups],
            "whole": everything,
            "whole_url": rows_url("stages", scope, by=by),
            "trend": trend,
            "bars": [_bar(each, by, scope) for each in groups[:BARS_AT_MOST]],
        }
    except DomainError as error:
        context["refused"] = error.message
    return page(request, "crm/reports/stages.html", context)


@login_required
def activity(request: HttpRequest) -> HttpResponse:
    """What was done in a period by person, kind, day or week, against as many days before."""
    actor, by = actor_of(request), request.GET.get("by") or "person"
    context: dict[str, Any] = {
        "tab": "activity",
        "by": by,
        "choices": ACTIVITY_BY.items(),
        "kinds": ActivityType.choices,
    }
    try:
        scope = asked(request)
        lines = activity_report(by, scope, actor=actor)
        now, before = activity_total(scope, actor=actor)
        context |= filters(request, "activity", scope, actor=actor)
        context |= {
            "label": ACTIVITY_BY[by],
            "rows": [_line(each, by, scope) for each in lines],
            "now": now,
            "before": before,
            "now_url": rows_url("activity", scope, by=by),
            "bars": [
                {
                    "name": each.key,
                    "value": each.count,
                    "before": each.before,
                    "text": wording.counted(each.count),
                    "url": rows_url("activity", scope, by=by, key=each.key),
                }
                for each in lines[:BARS_AT_MOST]
            ],
        }
    except DomainError as error:
        context["refused"] = error.message
    return page(request, "crm/reports/activity.html", context)


@login_required
def rows(request: HttpRequest, report: str) -> HttpResponse:
    """The rows behind one number of a report."""
    actor: Actor = actor_of(request)
    given = request.GET.dict()
    context: dict[str, Any] = {"tab": report}
    try:
        timed = any(given.get(name) for name in TIMED)
        found = behind(report, given, asked(request), is_timed=timed, actor=actor)
        records = _shown(found)
        moment = "created_at" if found.deals is not None else "happened_at"
        context["count"], context["sum"] = count_and_sum(found, actor=actor)
        context |= {
            "found": found,
            "page": newest_first(records, after=given.get("after", ""), moment=moment),
        }
    except NotFoundError as error:
        raise Http404(error.message) from error
    except DomainError as error:
        context["refused"] = error.message
    return page(request, "crm/reports/rows.html", context)


def _shown(found: Behind) -> Any:
    """With what a line names, read along with the rows."""
    if found.deals is not None:
        return found.deals.select_related("company", "owner", "stage")
    assert found.activities is not None
    return found.activities.select_related("company", "owner")


def _with_url(group: Any, by: str, scope: Scope) -> dict[str, Any]:
    return {"group": group, "url": rows_url("stages", scope, by=by, key=group.key)}


def _bar(group: Any, by: str, scope: Scope) -> dict[str, Any]:
    """Amounts, with the weighted part solid; counts where the role hides amounts."""
    url = rows_url("stages", scope, by=by, key=group.key)
    deals = wording.plural(group.deals, "deal")
    if group.amount is None:
        return {"name": group.key, "value": group.deals, "text": deals, "url": url}
    return {
        "name": group.key,
        "value": group.amount.amount,
        "part": group.weighted.amount,
        "text": _said(group.amount),
        "note": deals,
        "url": url,
    }


def _said(sum_of: Total) -> str:
    """A sum of which nothing could be converted is not known, and not nothing."""
    return wording.NOT_KNOWN if sum_of.is_empty else wording.money(sum_of.amount, sum_of.currency)


def _line(line: Line, by: str, scope: Scope) -> dict[str, Any]:
    cells = [
        (line.counts.get(kind, 0), rows_url("activity", scope, by=by, key=line.key, kind=kind), name)
        for kind, name in ActivityType.choices
    ]
    return {"line": line, "cells": cells, "url": rows_url("activity", scope, by=by, key=line.key)}
