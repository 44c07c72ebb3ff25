"""What every page gets on its way in and out: the reader's zone, what they opened last, compression, the way to the login."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from crm.models import Company, Contact, Deal
from gtmos.kernel.api_parsing import NUL
from gtmos.kernel.notifications.services import zone_of
from gtmos.kernel.people.models import User
from gtmos.kernel.signin.doors import ask_again
from gtmos.kernel.signin.factor_services import has_factor, needs_factor
from gtmos.kernel.signin.session_store import SECOND_FACTOR
from gtmos.kernel.web import FOCUS
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
WITHOUT_FACTOR = (
    "/login/",
    "/logout/",
    "/settings/account/",
    "/static/",
    "/healthz",
    "/readyz",
    "/admin/login/",
)
FACTOR_FIRST = "Your role needs a second factor first. Set one up under your account."
KINDS = {PAGES[kind]: kind for kind in MODELS}


def no_nul(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """A character that no column holds is refused at the door; the API says it in its own words.

    What a mail provider posts is verified byte by byte and read later, so nobody reads it here.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(("/api/", "/hooks/")) and (
            _holds_nul(request.GET) or _holds_nul(request.POST)
        ):
            return HttpResponse("The request holds a NUL character.", status=HTTPStatus.BAD_REQUEST)
        return get_response(request)

    return middleware


def _holds_nul(given: QueryDict) -> bool:
    return any(NUL in value for _, values in given.lists() for value in values)


def packed_pages(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Pages go out compressed, each padded differently so that its length tells nothing (BREACH).

    Only pages: the API's ETags are exact, and what is exported comes in pieces.
    """
    packing = GZipMiddleware(get_response)

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if not response.headers.get("Content-Type", "").startswith("text/html"):
            return response
        return packing.process_response(request, response)  # type: ignore[return-value]

    return middleware


def signed_out(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """A fragment for somebody who is no longer signed in leads the whole page to the login, and from there back."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        login = reverse(settings.LOGIN_URL)
        if (
            not request.headers.get("HX-Request")
            or urlsplit(response.headers.get("Location", "")).path != login
        ):
            return response
        here = urlsplit(request.headers.get("HX-Current-URL", "/"))
        back = urlencode({"next": f"{here.path}?{here.query}" if here.query else here.path})
        return HttpResponse(status=HTTPStatus.NO_CONTENT, headers={"HX-Redirect": f"{login}?{back}"})

    return middleware


def second_factor_first(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Whose role needs a second factor sees nothing but the page that sets it up, or the one that asks for it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        user = request.user
        if not settings.SECOND_FACTOR_REQUIRED or request.path.startswith(WITHOUT_FACTOR):
            return get_response(request)
        if isinstance(user, User) and not request.session.get(SECOND_FACTOR) and needs_factor(user):
            return _factor_asked(request, user)
        return get_response(request)

    return middleware


def _factor_asked(request: HttpRequest, user: User) -> HttpResponse:
    if request.path.startswith("/api/"):
        problem = {"title": FACTOR_FIRST, "status": 403, "code": "second_factor_needed"}
        return JsonResponse(problem, status=403, content_type="application/problem+json")
    if has_factor(user):
        return ask_again(request)
    url = reverse("workspace:account-app")
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return redirect(url)


def person_context(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    def middleware(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            timezone.activate(zone_of(request.user.time_zone))
        try:
            return get_response(request)
        finally:  # also of a token, whose person is known only further in
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
    label = (
        request.META.get(FOCUS) or MODELS[kind].objects.filter(pk=key).values_list("name", flat=True).first()
    )
    if label and isinstance(request.user, User):
        note_opened(request.user, kind=kind, key=key, label=label, url=request.path)
