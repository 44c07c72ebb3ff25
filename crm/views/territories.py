"""The page of territories: the tree, and what would move."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from crm.selectors.placing import territories_in_order
from crm.services.territories import apply_territories, preview_territories
from gtmos.kernel.exceptions import NotPermittedError
from gtmos.kernel.web import actor_of, page, refusal


@login_required
def territories(request: HttpRequest) -> HttpResponse:
    try:
        preview = preview_territories(actor=actor_of(request))
    except NotPermittedError as error:
        raise Http404(error.message) from error
    context = {"territories": territories_in_order(), "preview": preview}
    return page(request, "crm/territories/list.html", context)


@login_required
@require_POST
def apply(request: HttpRequest) -> HttpResponse:
    try:
        apply_territories(actor=actor_of(request))
    except NotPermittedError as error:
        return refusal(error)
    return redirect("crm:territories")
