"""One box over all records, and what can be asked for."""

from itertools import groupby

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from agents.services.registry import Tool, tools
from gtmos.kernel.search.kinds import kinds
from gtmos.kernel.web import actor_of, page
from gtmos.workspace.selectors.finding import find_everything

GROUPS = {
    "research": "Find people",
    "prospects": "Find people",
    "campaign": "Campaigns",
    "ab": "Tests",
    "records": "Records",
    "activity": "Records",
    "task": "Records",
    "deal": "Records",
    "company": "Records",
    "contact": "Records",
    "system": "This product",
}


@login_required
def search(request: HttpRequest) -> HttpResponse:
    text, kind = request.GET.get("q", "").strip(), request.GET.get("kind", "")
    choices = [(each.name, each.title) for each in kinds().values()]
    only = {"name": "kind", "label": "Kind", "value": kind, "choices": choices}
    found = find_everything(text, kind=kind, actor=actor_of(request))
    return page(request, "workspace/search/results.html", {"q": text, "filters": [only], **found})


@login_required
def help_page(request: HttpRequest) -> HttpResponse:
    """Every tool with its sentences, from the registry itself."""
    rows = [(GROUPS[name.partition(".")[0]], entry) for name, entry in tools().items()]
    rows.sort(key=lambda row: list(GROUPS.values()).index(row[0]))
    groups = [
        {"title": title, "tools": [_shown(entry) for _, entry in part]}
        for title, part in groupby(rows, key=lambda row: row[0])
    ]
    return page(request, "workspace/help/help.html", {"groups": groups})


@login_required
def keys_page(request: HttpRequest) -> HttpResponse:
    """The same list as behind the question mark."""
    return render(request, "workspace/help/keys.html")


def _shown(entry: Tool) -> dict[str, object]:
    return {"title": entry.intent.title, "examples": entry.examples, "risk": entry.risk.label}
