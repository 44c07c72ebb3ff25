"""The right panel of an account's page, what is suggested on its left, and deciding on that."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from agents.selectors.recommendations import advice
from agents.services.recommending import find_recommendation, keep_recommendation
from agents.services.suggestions import accept_suggestion, dismiss_suggestion
from crm.models import Company
from crm.selectors.companies import get_company
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.web import actor_of, found, refusal, toast
from gtmos.workspace.selectors.account_tabs import action_tab, assets_tab, inspect_tab, message_tree_tab
from gtmos.workspace.selectors.layouts import TAB_NAMES
from gtmos.workspace.services.layouts import note_action, open_tab
from gtmos.workspace.views.command import answered

SUGGESTED = 3
BODIES = {name: f"workspace/account_tabs/_{name.replace('-', '_')}.html" for name in TAB_NAMES}


@login_required
def context(request: HttpRequest, company_id: UUID, tab: str) -> HttpResponse:
    """A click on a tab posts, and is remembered; reading it again remembers nothing."""
    actor = actor_of(request)
    record = found(get_company, company_id, actor=actor)
    if tab not in BODIES:
        raise Http404("There is no such tab.")
    if request.method == "POST":
        open_tab("company", record.pk, tab=tab, actor=actor)
    return _panel(request, record, tab, actor)


def _panel(request: HttpRequest, record: Company, tab: str, actor: Actor) -> HttpResponse:
    url = reverse("workspace:company-context", args=[record.pk, tab])
    chosen = request.GET.urlencode()
    context = {
        "company": record,
        "key": record.pk,
        "tab": tab,
        "url": f"{url}?{chosen}" if chosen else url,
        "body": BODIES[tab],
        **_content(request, record, tab, actor),
    }
    return render(request, "components/context_tabs.html", context)


def _content(request: HttpRequest, record: Company, tab: str, actor: Actor) -> dict[str, Any]:
    given = request.GET
    builders: dict[str, Callable[[], dict[str, Any]]] = {
        "action": lambda: action_tab(record, actor=actor),
        "assets": lambda: assets_tab(record, actor=actor),
        "message-tree": lambda: message_tree_tab(
            record, actor=actor, product_key=_key(given.get("product", ""))
        ),
        "inspect": lambda: inspect_tab(record, actor=actor, which=given.get("show", "")),
    }
    return builders[tab]()


def _key(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        return ""


@login_required
def suggested(request: HttpRequest, company_id: UUID) -> HttpResponse:
    """The first few, for the left panel."""
    actor = actor_of(request)
    record = found(get_company, company_id, actor=actor)
    shown = advice(record, actor=actor).recommendations
    context = {"company": record, "recommendations": shown[:SUGGESTED], "count": len(shown)}
    return render(request, "workspace/account_tabs/_suggested.html", context)


@login_required
@require_POST
def decide(request: HttpRequest, company_id: UUID, verb: str) -> HttpResponse:
    """Run what is recommended, or leave it; either is this person's own decision."""
    actor = actor_of(request)
    record = found(get_company, company_id, actor=actor)
    if verb not in {"run", "dismiss"}:
        raise Http404("This cannot be decided.")
    try:
        wanted = find_recommendation(record, request.POST.get("key", ""), actor=actor)
        kept = keep_recommendation(record, wanted, actor=actor)
        if verb == "run":
            run = accept_suggestion(kept, actor=actor)
            note_action("company", record.pk, action=f"run {wanted.kind}", actor=actor)
            return answered(request, run)
        dismiss_suggestion(kept, actor=actor)
    except DomainError as error:
        return refusal(error)
    undo_url = reverse("workspace:suggestion-reopen", args=[kept.pk])
    return toast(HttpResponse(), "Dismissed", undo_url=undo_url)
