"""Done lately: what I did, and taking it back."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.undo.models import Deed
from gtmos.kernel.undo.selectors import get_deed, last_done, last_undone, own_deeds
from gtmos.kernel.undo.services import do_again, take_back
from gtmos.kernel.web import Request, actor_of, found, page, refusal, toast

SHOWN = 50


@login_required
def done_lately(request: Request) -> HttpResponse:
    deeds = list(own_deeds(actor=actor_of(request))[:SHOWN])
    return page(request, "workspace/undo/list.html", {"deeds": deeds})


def _url(deed: Deed) -> str:
    return deed.undo_url or reverse("workspace:deed-undo", args=[deed.pk])


@login_required
@require_POST
def offer(request: Request) -> HttpResponse:
    """The last thing that can be taken back, in words, with the button that does it."""
    deed = last_done(actor=actor_of(request))
    if deed is None:
        return toast(HttpResponse(status=204), "There is nothing to take back.", level="warn")
    return toast(HttpResponse(status=204), f"Take back: {deed}?", level="warn", undo_url=_url(deed))


@login_required
@require_POST
def undo(request: Request, deed_id: int) -> HttpResponse:
    actor = actor_of(request)
    deed = found(get_deed, deed_id, actor=actor)
    return _turned(request, deed, take_back, "Taken back")


@login_required
@require_POST
def redo(request: Request, deed_id: int) -> HttpResponse:
    deed = found(get_deed, deed_id, actor=actor_of(request))
    return _turned(request, deed, do_again, "Done again")


@login_required
@require_POST
def redo_last(request: Request) -> HttpResponse:
    deed = last_undone(actor=actor_of(request))
    if deed is None:
        return toast(HttpResponse(status=204), "There is nothing to do again.", level="warn")
    return _turned(request, deed, do_again, "Done again")


def _turned(request: Request, deed: Deed, verb: Callable[..., Deed], said: str) -> HttpResponse:
    """The page is read again, since anything on it may show what was changed."""
    try:
        verb(deed, actor=actor_of(request))
    except DomainError as error:
        if request.htmx:
            return refusal(error)
        messages.error(request, error.message)
        return redirect("workspace:done-lately")
    messages.success(request, f"{said}: {deed}")
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    return redirect("workspace:done-lately")
