"""Today, and the banner above every page."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from gtmos.kernel.web import actor_of, page
from gtmos.workspace.selectors.today import today
from gtmos.workspace.selectors.troubles import troubles


@login_required
def home(request: HttpRequest) -> HttpResponse:
    return page(request, "workspace/home/today.html", today(actor=actor_of(request)))


@login_required
def banner(request: HttpRequest) -> HttpResponse:
    return render(request, "workspace/home/banner.html", {"troubles": troubles(actor=actor_of(request))})
