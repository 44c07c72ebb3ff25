"""The test of a campaign: promoting, taking back, adding an arm."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.web import refusal
from gtmos.kernel.wording import counted
from outreach.models import Campaign, Experiment
from outreach.services import experiments
from outreach.services.verdicts import judge
from outreach.views.campaigns import answered, campaign_or_404


@login_required
@require_http_methods(["GET", "POST"])
def variant_promote(request: HttpRequest, key: UUID, letter: str) -> HttpResponse:
    campaign, actor = campaign_or_404(request, key)
    try:
        if request.method == "GET":
            return render(request, "components/dialog.html", _question(campaign, letter.upper()))
        experiment = experiments.promote_variant(campaign, letter, actor=actor)
    except DomainError as error:
        return refusal(error)
    undo_url = reverse("outreach:variant-unpromote", args=[campaign.pk])
    text = f"Promoted {letter.upper()}, {experiment.decision.get('words', 'not proven')}"
    return answered(request, campaign, actor, text, undo_url=undo_url)


def _question(campaign: Campaign, letter: str) -> dict[str, str]:
    experiment = experiments.experiment_of(campaign)
    return {
        "id": "promote",
        "title": f"Promote {letter} before the test has decided?",
        "text": _why_not(experiment, letter),
        "action": f"Promote {letter}, not proven",
        "action_url": reverse("outreach:variant-promote", args=[campaign.pk, letter]),
        "keep": "Keep testing",
    }


def _why_not(experiment: Experiment, letter: str) -> str:
    evaluation = judge(experiment)
    counts = ", ".join(
        f"{result.arm.name} {counted(result.arm.successes)} of {counted(result.arm.trials)}"
        for result in evaluation.arms
    )
    return (
        f"So far: {counts}. Always-valid p = {evaluation.main.always_valid_p:.2g}, limit {evaluation.alpha:g}.\n\n"
        f"Everybody who waits gets {letter}. It is noted as not proven, with these figures. You can take it back: "
        "who was written to meanwhile does not count as a trial."
    )


@login_required
@require_POST
def variant_unpromote(request: HttpRequest, key: UUID) -> HttpResponse:
    campaign, actor = campaign_or_404(request, key)
    try:
        experiments.unpromote(campaign, actor=actor)
    except DomainError as error:
        return refusal(error)
    return answered(request, campaign, actor, "The test goes on. Who waits is split again")


@login_required
@require_http_methods(["GET", "POST"])
def variant_add(request: HttpRequest, key: UUID) -> HttpResponse:
    campaign, actor = campaign_or_404(request, key)
    text = request.POST.get("text", "")
    context: dict[str, object] = {"campaign": campaign, "text": text}
    if request.method == "GET":
        return render(request, "outreach/campaigns/_variant_dialog.html", context)
    try:
        variant = experiments.add_variant(campaign, text=text, actor=actor)
    except DomainError as error:
        context["error"] = error.message
        return render(request, "outreach/campaigns/_variant_dialog.html", context, status=422)
    return answered(
        request, campaign, actor, f"{variant.letter} is in the test. A new split counts from here"
    )
