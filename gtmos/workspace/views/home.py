"""The five homes, and the banner above every page."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from gtmos.kernel import wording
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.web import actor_of, page, refusal, toast
from gtmos.workspace.selectors.homes import home_page
from gtmos.workspace.selectors.lately import lately as lately_of
from gtmos.workspace.selectors.priority import priority_items
from gtmos.workspace.selectors.troubles import troubles
from gtmos.workspace.services.homes import choose_home, pin_report, show_quick_start, unpin_report
from outreach.services.reopening import open_sending


@login_required
def home(request: HttpRequest) -> HttpResponse:
    return page(request, "workspace/home/home.html", home_page(actor=actor_of(request)))


@login_required
def lately(request: HttpRequest) -> HttpResponse:
    return render(request, "workspace/home/_lately.html", lately_of(actor=actor_of(request)))


@login_required
def priority(request: HttpRequest) -> HttpResponse:
    items = priority_items(actor=actor_of(request))
    return render(request, "workspace/home/priority.html", {"items": items})


@login_required
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    try:
        choose_home(request.POST.get("home", ""), actor=actor_of(request))
    except DomainError as error:
        return refusal(error)
    return _to_home()


@login_required
@require_POST
def quick_start(request: HttpRequest) -> HttpResponse:
    """Put the first steps away, or call them back."""
    show_quick_start(is_shown=bool(request.POST.get("show")), actor=actor_of(request))
    return _to_home()


@login_required
@require_POST
def pin(request: HttpRequest) -> HttpResponse:
    """Keep a report on the own home, or take it off."""
    url, actor = request.POST.get("url", ""), actor_of(request)
    try:
        if request.POST.get("remove"):
            unpin_report(url, actor=actor)
            return _to_home()
        pin_report(url, title=request.POST.get("title", ""), actor=actor)
    except DomainError as error:
        return refusal(error)
    return toast(HttpResponse(status=204), "The report is on your home.")


def _to_home() -> HttpResponse:
    answer = HttpResponse(status=204)
    answer["HX-Redirect"] = reverse("workspace:home")
    return answer


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
