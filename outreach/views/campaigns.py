"""The list of campaigns, one campaign, and its verbs."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from gtmos.kernel import wording
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError, NotFoundError
from gtmos.kernel.web import page, refusal, toast
from outreach.enums import CampaignState
from outreach.models import Campaign
from outreach.selectors.campaigns import campaign_page, get_campaign, list_rows, state_counts
from outreach.services import campaigns, experiments
from outreach.views.campaign_page import TONES, page_context

Verb = Callable[[Campaign, Actor, HttpRequest], str]


def campaign_or_404(request: HttpRequest, key: UUID) -> tuple[Campaign, Actor]:
    actor = Actor.of(request.user)
    try:
        return get_campaign(key, actor=actor, with_test=True), actor
    except NotFoundError as error:
        raise Http404(error.message) from error


@login_required
@require_GET
def campaign_list(request: HttpRequest) -> HttpResponse:
    actor = Actor.of(request.user)
    state = request.GET.get("state", "")
    state = state if state in CampaignState.values else ""
    text = request.GET.get("q", "")
    shown = campaign_page(actor=actor, state=state, text=text, after=request.GET.get("after", ""))
    counts = state_counts(actor=actor)
    context = {
        "rows": [
            {"figures": row, "tone": TONES.get(CampaignState(row.campaign.state), "")}
            for row in list_rows(shown.rows)
        ],
        "q": text,
        "state": state,
        "next_cursor": shown.next_cursor,
        "has_previous": shown.has_previous,
        "is_empty": not counts,
        "states": [
            {"key": key, "label": CampaignState(key).label, "count": counts[key]}
            for key in CampaignState.values
            if counts.get(key)
        ],
        "total": sum(count for key, count in counts.items() if key != CampaignState.ARCHIVED),
    }
    return page(request, "outreach/campaigns/list.html", context)


@login_required
@require_GET
def campaign_detail(request: HttpRequest, key: UUID) -> HttpResponse:
    campaign, actor = campaign_or_404(request, key)
    return render(request, "outreach/campaigns/detail.html", page_context(campaign, actor=actor))


@login_required
@require_GET
def campaign_live(request: HttpRequest, key: UUID) -> HttpResponse:
    """Every part of the page that can change, to be put in its place."""
    campaign, actor = campaign_or_404(request, key)
    return live_parts(request, campaign, actor)


def live_parts(request: HttpRequest, campaign: Campaign, actor: Actor) -> HttpResponse:
    context: dict[str, Any] = {**page_context(campaign, actor=actor), "is_live": True}
    return render(request, "outreach/campaigns/_live.html", context)


def answered(
    request: HttpRequest, campaign: Campaign, actor: Actor, text: str, *, undo_url: str = ""
) -> HttpResponse:
    """The changed parts of the page, and a sentence about what happened."""
    fresh = get_campaign(campaign.pk, actor=actor, with_test=True)
    return toast(live_parts(request, fresh, actor), text, undo_url=undo_url)


def _make_ready(campaign: Campaign, actor: Actor, request: HttpRequest) -> str:
    del request
    campaigns.make_ready(campaign, actor=actor)
    return f"{campaign} is ready. Nothing is sent before it is approved"


def _approve(campaign: Campaign, actor: Actor, request: HttpRequest) -> str:
    shown = request.POST.get("fingerprint", "")
    approved = campaigns.approve_campaign(campaign, actor=actor, shown=shown)
    if approved.state == CampaignState.RUNNING:
        return "Approved again. The mails that waited leave in their turn"
    if approved.starts_at is None or approved.state == CampaignState.PAUSED:
        return "Approved again. It goes on when you resume it"
    return f"Approved. The first mail leaves after {timezone.localtime(approved.starts_at):%H:%M}"


def _cancel_start(campaign: Campaign, actor: Actor, request: HttpRequest) -> str:
    del request
    campaigns.cancel_start(campaign, actor=actor)
    return "Called back. Nothing was sent"


def _pause(campaign: Campaign, actor: Actor, request: HttpRequest) -> str:
    campaigns.pause_campaign(campaign, reason=request.POST.get("reason", ""), actor=actor)
    return f"Paused {campaign}. No mail leaves until it is resumed"


def _resume(campaign: Campaign, actor: Actor, request: HttpRequest) -> str:
    del request
    campaigns.resume_campaign(campaign, actor=actor)
    return f"Resumed {campaign}"


def _complete(campaign: Campaign, actor: Actor, request: HttpRequest) -> str:
    del request
    campaigns.complete_campaign(campaign, actor=actor)
    return f"Completed {campaign}. Nobody in it gets another mail"


def _archive(campaign: Campaign, actor: Actor, request: HttpRequest) -> str:
    del request
    campaigns.archive_campaign(campaign, actor=actor)
    return f"Archived {campaign}"


def _drop(campaign: Campaign, actor: Actor, request: HttpRequest) -> str:
    count = campaigns.drop_recipients(campaign, code=request.POST.get("code", ""), actor=actor)
    return f"Took {wording.plural(count, 'person', 'people')} out of the campaign"


def _look(campaign: Campaign, actor: Actor, request: HttpRequest) -> str:
    del request
    seen = experiments.look_at(experiments.experiment_of(campaign), actor=actor)
    return str(seen.evaluation.get("title", "Looked at the test"))


VERBS: dict[str, Verb] = {
    "ready": _make_ready,
    "approve": _approve,
    "cancel-start": _cancel_start,
    "pause": _pause,
    "resume": _resume,
    "complete": _complete,
    "archive": _archive,
    "drop": _drop,
    "look": _look,
}
UNDO = {"pause": "resume", "resume": "pause"}
# These change how the page is laid out, so it is read as a whole.
REDRAWS = frozenset({"ready", "approve", "cancel-start", "archive"})


@login_required
@require_POST
def campaign_verb(request: HttpRequest, key: UUID, verb: str) -> HttpResponse:
    campaign, actor = campaign_or_404(request, key)
    if verb not in VERBS:
        raise Http404("There is no such verb.")
    try:
        text = VERBS[verb](campaign, actor, request)
    except DomainError as error:
        return refusal(error)
    if verb in REDRAWS:
        return _redrawn(request, text)
    undo = UNDO.get(verb)
    undo_url = reverse("outreach:campaign-verb", args=[campaign.pk, undo]) if undo else ""
    return answered(request, campaign, actor, text, undo_url=undo_url)


def _redrawn(request: HttpRequest, text: str) -> HttpResponse:
    messages.success(request, text)
    response = HttpResponse(status=204)
    response["HX-Refresh"] = "true"
    return response


QUESTIONS = {
    "complete": (
        "Complete this campaign now?",
        (
            "Everybody who is still in it gets nothing more, and a test that runs ends without a decision. "
            "This cannot be undone."
        ),
        "Complete",
    ),
    "delete": (
        "Delete this draft?",
        (
            "Its messages and its list of people are gone. Nothing was sent to anybody, and the people stay in "
            "your records."
        ),
        "Delete",
    ),
}


@login_required
@require_GET
def campaign_question(request: HttpRequest, key: UUID, verb: str) -> HttpResponse:
    """Only what cannot be undone is asked about."""
    campaign, _ = campaign_or_404(request, key)
    if verb not in QUESTIONS:
        raise Http404("There is no such question.")
    title, text, action = QUESTIONS[verb]
    name = "outreach:campaign-delete" if verb == "delete" else "outreach:campaign-verb"
    arguments = [campaign.pk] if verb == "delete" else [campaign.pk, verb]
    context = {
        "id": f"{verb}-campaign",
        "title": title,
        "text": text,
        "action": action,
        "action_url": reverse(name, args=arguments),
        "keep": "Keep it",
        "tone": "bad",
    }
    return render(request, "components/dialog.html", context)


@login_required
@require_POST
def campaign_delete(request: HttpRequest, key: UUID) -> HttpResponse:
    campaign, actor = campaign_or_404(request, key)
    try:
        campaigns.delete_draft(campaign, actor=actor)
    except DomainError as error:
        return refusal(error)
    response = HttpResponse(status=204)
    response["HX-Redirect"] = reverse("outreach:campaigns")
    return response
