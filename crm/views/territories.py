"""The page of territories: the tree, and what would move."""

from django.contrib import admin, messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
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


def desk(request: HttpRequest) -> HttpResponse:
    """The same at the RevOps desk: looked at first, moved with the button."""
    actor = actor_of(request)
    try:
        if request.method == "POST":
            moved = apply_territories(actor=actor)
            messages.success(request, f"Moved: {moved}. Each has a line in its history.")
            return redirect("desk-territories")
        preview = preview_territories(actor=actor)
    except NotPermittedError as error:
        raise Http404(error.message) from error
    shown = {"title": "What would move", "preview": preview, "territories": territories_in_order()}
    return TemplateResponse(request, "desk/territories.html", {**admin.site.each_context(request), **shown})


@login_required
@require_POST
def apply(request: HttpRequest) -> HttpResponse:
    try:
        apply_territories(actor=actor_of(request))
    except NotPermittedError as error:
        return refusal(error)
    return redirect("crm:territories")
