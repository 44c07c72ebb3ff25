"""The page of everything that is connected."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse

from gtmos.kernel.permissions import allows
from gtmos.kernel.web import actor_of, page
from gtmos.workspace.selectors.connections import connections


@login_required
def connections_page(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    if not allows(actor, "crm.configure_pipelines"):
        raise Http404("This page is for those who configure.")
    return page(request, "workspace/connections/list.html", {"connections": connections(actor=actor)})
