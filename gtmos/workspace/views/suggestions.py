"""Deciding what the product proposes."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST

from agents.selectors.suggestions import get_suggestion
from agents.services.suggestions import accept_suggestion, dismiss_suggestion, reopen_suggestion
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.web import actor_of, found, refusal, toast
from gtmos.workspace.views.command import answered


@login_required
@require_POST
def accept(request: HttpRequest, suggestion_id: UUID) -> HttpResponse:
    """Run its sentence; what acts outside still asks."""
    actor = actor_of(request)
    try:
        run = accept_suggestion(found(get_suggestion, suggestion_id, actor=actor), actor=actor)
    except DomainError as error:
        return refusal(error)
    return answered(request, run)


@login_required
@require_POST
def dismiss(request: HttpRequest, suggestion_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    suggestion = dismiss_suggestion(found(get_suggestion, suggestion_id, actor=actor), actor=actor)
    undo_url = reverse("workspace:suggestion-reopen", args=[suggestion.pk])
    return toast(HttpResponse(), "Dismissed", undo_url=undo_url)


@login_required
@require_POST
def reopen(request: HttpRequest, suggestion_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    try:
        reopen_suggestion(found(get_suggestion, suggestion_id, actor=actor), actor=actor)
    except DomainError as error:
        return refusal(error)
    return toast(HttpResponse(headers={"HX-Refresh": "true"}), "Back again")
