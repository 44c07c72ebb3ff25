"""How clean the records are, and the rows behind each number."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse

from crm.selectors.hygiene import CHECKS, duplicates_found, findings, rows_of
from gtmos.kernel.paging import newest_first
from gtmos.kernel.web import actor_of, page


@login_required
def hygiene(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    found = findings(actor=actor)
    groups = [
        (group, [each for each in found if each.check.group == group])
        for group in ("missing", "stale", "conflicting")
    ]
    context = {"groups": groups, "duplicates": duplicates_found(actor=actor)}
    return page(request, "crm/hygiene/report.html", context)


@login_required
def rows(request: HttpRequest, check: str) -> HttpResponse:
    if check not in CHECKS:
        raise Http404("There is no such check.")
    asked = CHECKS[check]
    shown = newest_first(rows_of(asked, actor=actor_of(request)), after=request.GET.get("after", ""))
    return page(request, "crm/hygiene/rows.html", {"check": asked, "page": shown, "kind": asked.kind})
