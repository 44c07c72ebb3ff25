"""What a page's form did is noted when its answer is good: the way back that it offers, or the changes it wrote."""

import json
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from gtmos.kernel.people.models import User
from gtmos.kernel.undo.collecting import collected
from gtmos.kernel.undo.models import Deed
from gtmos.kernel.undo.services import note_changes, note_deed, note_undone

HEADER = "X-Undo"
# The list of deeds itself does nothing of its own.
NOT_PAGES = ("/api/", "/admin/", "/done/")


def middleware(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    def answer(request: HttpRequest) -> HttpResponse:
        if request.method != "POST" or request.path.startswith(NOT_PAGES):
            return get_response(request)
        with collected() as made:
            response = get_response(request)
        if response.status_code < 400 and isinstance(request.user, User):
            _note(request, request.user, response, made)
        return response

    return answer


def _note(request: HttpRequest, person: User, response: HttpResponse, made: list[int]) -> None:
    if HEADER in request.headers or HEADER in request.POST:
        note_undone(person, request.path)
        return
    text, undo_url = _offered(response)
    if undo_url:
        note_deed(person, title=text, undo_url=undo_url)
    elif made and (deed := note_changes(person, made)):
        _offer(response, deed)


def _offer(response: HttpResponse, deed: Deed) -> None:
    """A sentence about what was done gets the way back of what was noted, unless it says what went wrong."""
    told = _told(response)
    if told.get("toast", {}).get("level") == "good":
        told["toast"]["undo_url"] = reverse("workspace:deed-undo", args=[deed.pk])
        response["HX-Trigger"] = json.dumps(told, ensure_ascii=True)


def _offered(response: HttpResponse) -> tuple[str, str]:
    """The toast with a way back, or the way back alone, if the answer has one."""
    told = _told(response)
    toast = told.get("toast") or told.get("way-back", {})
    return toast.get("text", ""), toast.get("undo_url", "")


def _told(response: HttpResponse) -> dict[str, Any]:
    said = response.get("HX-Trigger", "")
    if "undo_url" not in said:
        return {}
    try:
        return dict(json.loads(said))
    except ValueError:
        return {}
