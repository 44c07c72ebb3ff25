"""Remembering how a person arranges a record's page, and what they began from it."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.web import actor_of, refusal
from gtmos.workspace.selectors.topics import may_follow
from gtmos.workspace.services.layouts import arrange_panels, note_action


@login_required
@require_POST
def layout(request: HttpRequest, kind: str, **keys: UUID) -> HttpResponse:
    """`split` in percent, `collapsed` the names of all folded parts, `action` what was just begun."""
    given, actor, key = request.POST, actor_of(request), keys[f"{kind}_id"]
    if not may_follow(kind, key, actor=actor):
        raise Http404("There is no such record.")
    folded = given.get("collapsed")
    try:
        if given.get("action"):
            note_action(kind, key, action=given["action"], actor=actor)
        if given.get("split", "").isdecimal() or folded is not None:
            arrange_panels(
                kind,
                key,
                split=int(given["split"]) if given.get("split", "").isdecimal() else None,
                collapsed=None if folded is None else folded.split(),
                actor=actor,
            )
    except DomainError as error:
        return refusal(error)
    return HttpResponse(status=204)
