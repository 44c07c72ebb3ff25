"""Today, and the banner above every page."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from gtmos.kernel import wording
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.web import actor_of, page, refusal, toast
from gtmos.workspace.selectors.today import today
from gtmos.workspace.selectors.troubles import troubles
from outreach.services.reopening import open_sending


@login_required
def home(request: HttpRequest) -> HttpResponse:
    return page(request, "workspace/home/today.html", today(actor=actor_of(request)))


@login_required
def banner(request: HttpRequest) -> HttpResponse:
    return render(request, "workspace/home/banner.html", {"troubles": troubles(actor=actor_of(request))})


@login_required
@require_POST
def sending_open(request: HttpRequest) -> HttpResponse:
    """A person says that this copy may send."""
    try:
        why, held = open_sending(actor=actor_of(request))
    except DomainError as error:
        return refusal(error)
    waiting = wording.plural(held, "mail that was due waits", "mails that were due wait")
    said = f"Sending is open. {waiting} for a decision." if held else "Sending is open."
    return toast(HttpResponse(status=204), said if why else "Sending was open already.")
