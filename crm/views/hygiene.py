"""How clean the records are, and the rows behind each number."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse

from crm.selectors.hygiene import CHECKS, duplicates_found, findings, rows_of
from crm.views.report_scopes import asked, filters
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.paging import newest_first
from gtmos.kernel.web import actor_of, page


@login_required
def hygiene(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    context: dict[str, Any] = {"tab": "quality", "duplicates": duplicates_found(actor=actor)}
    try:
        scope = asked(request)
        context |= filters(request, "quality", scope, actor=actor)
        found = findings(actor=actor, scope=scope)
        context["groups"] = [
            (group, [each for each in found if each.check.group == group])
            for group in ("missing", "stale", "conflicting")
        ]
    except DomainError as error:
        context["refused"] = error.message
    return page(request, "crm/hygiene/report.html", context)


@login_required
def rows(request: HttpRequest, check: str) -> HttpResponse:
    if check not in CHECKS:
        raise Http404("There is no such check.")
    wanted, actor = CHECKS[check], actor_of(request)
    try:
        found = rows_of(wanted, actor=actor, scope=asked(request))
    except DomainError as error:
        raise Http404(error.message) from error
    shown = newest_first(found, after=request.GET.get("after", ""))
    context = {"check": wanted, "page": shown, "kind": wanted.kind, "count": found.order_by().count()}
    return page(request, "crm/hygiene/rows.html", context)
