"""The reader's time zone for every page, and what they opened last."""

import zoneinfo
from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from crm.models import Company, Contact, Deal
from gtmos.kernel.people.models import User
from gtmos.workspace.selectors.links import PAGES
from gtmos.workspace.services.recents import note_opened
from outreach.models import Campaign, ResearchJob

MODELS: dict[str, Any] = {
    "company": Company,
    "contact": Contact,
    "deal": Deal,
    "campaign": Campaign,
    "research": ResearchJob,
}
KINDS = {PAGES[kind]: kind for kind in MODELS}


def person_context(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    def middleware(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            timezone.activate(_zone(request.user.time_zone))
        try:
            return get_response(request)
        finally:
            timezone.deactivate()

    return middleware


def opened_last(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Note which record's page a person opened, for the list beside every page."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        match = request.resolver_match
        if match and request.method == "GET" and response.status_code == HTTPStatus.OK:
            opened = KINDS.get(match.view_name)
            if opened and request.user.is_authenticated and not getattr(request, "htmx", None):
                _note(request, opened, next(iter(match.kwargs.values())))
        return response

    return middleware


def _note(request: HttpRequest, kind: str, key: UUID) -> None:
    label = MODELS[kind].objects.filter(pk=key).values_list("name", flat=True).first()
    if label and isinstance(request.user, User):
        note_opened(request.user, kind=kind, key=key, label=label, url=request.path)


def _zone(name: str) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo("UTC")
