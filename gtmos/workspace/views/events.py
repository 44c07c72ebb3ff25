"""Pages of events: the catalogue of what can happen."""

from itertools import groupby

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse

from gtmos.kernel.actors import Actor
from gtmos.kernel.events import catalogue
from gtmos.kernel.permissions import allows
from gtmos.kernel.web import actor_of, page


def watcher(request: HttpRequest) -> Actor:
    """For everybody else there is no such page."""
    actor = actor_of(request)
    if not allows(actor, "kernel.watch_events"):
        raise Http404("There is no such page, or you may not see it.")
    return actor


@login_required
def catalogue_page(request: HttpRequest) -> HttpResponse:
    watcher(request)
    wanted = request.GET.get("q", "").strip().lower()
    shown = [
        each for each in catalogue.entries() if wanted in each.name or wanted in each.description.lower()
    ]
    shown.sort(key=lambda each: (each.category, each.name))
    groups = [(name, list(rows)) for name, rows in groupby(shown, key=lambda each: each.category)]
    return page(request, "workspace/events/catalogue.html", {"groups": groups, "q": wanted})
