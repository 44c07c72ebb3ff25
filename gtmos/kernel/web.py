"""Small pieces for server-rendered pages and their HTMX fragments."""

import json
from collections.abc import Callable
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django_htmx.middleware import HtmxDetails

from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError, NotFoundError
from gtmos.kernel.people.models import User


class Request(HttpRequest):
    """What a view behind `login_required` receives."""

    htmx: HtmxDetails
    user: User


T = TypeVar("T")
FOCUS = "gtmos.focus"  # in the request's META: the name of the record that its page is about


def actor_of(request: HttpRequest) -> Actor:
    """The signed-in person; views behind `login_required` always have one."""
    return Actor.of(request.user, source="page")


def found(get: Callable[..., T], key: object, *, actor: Actor) -> T:
    """The record, or the page that says there is none; one of somebody else's does not exist."""
    try:
        return get(key, actor=actor)
    except NotFoundError as error:
        raise Http404(error.message) from error
    except ValidationError as error:  # an address may hold what cannot be a key
        raise Http404("There is no such record.") from error


def page(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """Render `x/detail.html` for a visit and `x/_detail.html` for an HTMX swap."""
    htmx: HtmxDetails | None = getattr(request, "htmx", None)
    if htmx and not htmx.boosted:
        folder, _, name = template.rpartition("/")
        template = f"{folder}/_{name}"
    request.META[FOCUS] = context.get("page_context", {}).get("focus", {}).get("name", "")
    return render(request, template, context, status=status)


def toast(response: HttpResponse, text: str, *, level: str = "good", undo_url: str = "") -> HttpResponse:
    """Say in the corner of the page what happened, with a way back where there is one."""
    payload = {"toast": {"level": level, "text": text, "undo_url": undo_url}}
    response["HX-Trigger"] = json.dumps(payload, ensure_ascii=True)
    return response


def with_way_back(response: HttpResponse, text: str, undo_url: str) -> HttpResponse:
    """For what was done and is answered with a page instead of a toast: it can be taken back later."""
    response["HX-Trigger"] = json.dumps({"way-back": {"text": text, "undo_url": undo_url}}, ensure_ascii=True)
    return response


def refusal(error: DomainError) -> HttpResponse:
    """Leave the page as it is and tell the person why."""
    return toast(HttpResponse(status=error.status_code), error.message, level="bad")


def kept_file(file: Any, name: str) -> HttpResponse:
    """A stored file, always to be kept: a browser shows nothing of it and runs nothing in it."""
    if not file or not file.storage.exists(str(file.name)):
        raise Http404("The file is no longer there.")
    with file.open("rb") as opened:  # bounded when it came in, so it is read whole and nothing stays open
        answer = HttpResponse(opened.read(), content_type="application/octet-stream")
    answer["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["Cache-Control"] = "private, no-store"
    return answer
