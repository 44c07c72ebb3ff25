"""What every report page reads from its address, and shows as its filters."""

from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse

from crm.models import Deal
from crm.selectors.deal_reports import Narrow
from crm.selectors.deals import pipelines
from crm.selectors.report_scope import ME, PERIODS, Scope, narrowed, scope_of
from gtmos.kernel import clock
from gtmos.kernel.actors import Actor
from gtmos.kernel.people.models import Team
from gtmos.kernel.people.selectors import active_users

SEGMENTS = {"product": "Product", "industry": "Industry", "country": "Country", "channel": "Channel"}


def asked(request: HttpRequest) -> Scope:
    return scope_of(request.GET.dict(), today=clock.today())


def narrow_by(scope: Scope, actor: Actor) -> Narrow:
    def narrow(deals: QuerySet[Deal]) -> QuerySet[Deal]:
        return narrowed(deals, scope, actor=actor)

    return narrow


def filters(request: HttpRequest, tab: str, scope: Scope, *, actor: Actor) -> dict[str, Any]:
    """The choices of the filters, and the addresses that keep them."""
    return {
        "tab": tab,
        "scope": scope,
        "periods": PERIODS.items(),
        "people": [(ME, "Me"), *((str(each.pk), each.name) for each in active_users(actor=actor)[:200])],
        "teams": [(str(each.pk), each.name) for each in Team.objects.order_by("name")[:100]],
        "pipelines": [(str(each.pk), each.name) for each in pipelines().prefetch_related(None)],
        "segments": SEGMENTS.items(),
        "here": request.get_full_path(),
        "scope_query": scope.query,
        "csv_url": f"{reverse('crm:report-csv', args=[tab])}?{request.GET.urlencode()}",
    }


def rows_url(report: str, scope: Scope, **words: object) -> str:
    """The page of the rows behind one number."""
    given = {name: str(value) for name, value in words.items() if value not in {None, ""}}
    query = "&".join(part for part in (urlencode(given), scope.query) if part)
    return f"{reverse('crm:report-rows', args=[report])}?{query}"
