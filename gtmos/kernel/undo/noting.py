"""What a page's form did is noted when its answer is good: the way back that it offers, or the changes it wrote."""

import json
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from gtmos.kernel.people.models import User
from gtmos.kernel.undo.collecting import collected
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
    elif made:
        note_changes(person, made)


def _offered(response: HttpResponse) -> tuple[str, str]:
    """The toast with a way back, or the way back alone, if the answer has one."""
    said = response.get("HX-Trigger", "")
    if "undo_url" not in said:
        return "", ""
    try:
        told = json.loads(said)
        toast = told.get("toast") or told.get("way-back", {})
    except ValueError:
        return "", ""
    return toast.get("text", ""), toast.get("undo_url", "")
