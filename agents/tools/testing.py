"""Figures of a campaign and its test: shown, extended, decided."""

from typing import Any

from agents.selectors.resolving import Call, ClarifyError
from agents.services.registry import Slots, ToolResult, tool, undoer
from agents.tools.campaigns import campaign_by_key, can_send, subject_of
from gtmos.kernel import wording
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import NotFoundError
from outreach.enums import ExperimentState
from outreach.experiments.wording import describe
from outreach.models import Campaign, Experiment, Variant
from outreach.rendering.phrases import OPENINGS, theme_of
from outreach.selectors.performance import Figures, performance
from outreach.services.experiments import add_variant, promote_variant, remove_variant, unpromote
from outreach.services.verdicts import arms_of, judge

COUNTS = {
    "open_rate": ("human opens", "opened"),
    "click_rate": ("human clicks", "clicked"),
    "reply_rate": ("human replies", "replied"),
    "meeting_rate": ("meetings", "meetings"),
    "unsubscribe_rate": ("unsubscribes", "unsubscribed"),
    "bounce_rate": ("bounces", "bounced"),
}
ALL_TOLD = ("reply_rate", "open_rate", "click_rate", "meeting_rate", "unsubscribe_rate", "bounce_rate")


@tool(
    "campaign.performance",
    examples=("how is variant B performing", "reply rate of NYC Fintech CMOs"),
)
def show(slots: Slots, call: Call) -> ToolResult:
    """Show the numbers of a campaign or of one variant, people and machines apart."""
    campaign = call.campaign(str(slots["campaign"]))
    experiment = Experiment.objects.filter(campaign=campaign).prefetch_related("variants").first()
    wanted = [str(slots[name]) for name in ("variant", "compare_to") if slots.get(name)]
    variants = [_variant(experiment, letter, campaign) for letter in wanted] or _ranked(experiment, slots)
    metrics = (str(slots["metric"]),) if slots.get("metric") in COUNTS else ALL_TOLD
    measured = performance(campaign, actor=call.actor)
    arms = [(f"{row.letter}, “{row.text}”", measured.variant(row.pk)) for row in variants]
    arms = arms or [(campaign.name, measured.total)]
    note = (
        " These figures count from the start; a period cannot be asked for yet."
        if slots.get("period")
        else ""
    )
    if experiment and wanted and experiment.metric == metrics[0]:
        told = _told_by_the_test(experiment, wanted)
    else:
        told = f"{_first(arms, metrics)}{_verdict(experiment)}"
    return ToolResult(
        f"{told}{note}",
        card={"table": _table(arms, metrics)},
        subject=subject_of(campaign),
        context={
            "focus": subject_of(campaign),
            **({"last_test": subject_of(campaign)} if experiment else {}),
        },
    )


@tool("ab.add_variant", examples=("add variant C “Before the next people start”",))
def add(slots: Slots, call: Call) -> ToolResult:
    """Add a variant to a campaign's test. Nobody is judged with it who was written to before."""
    campaign = call.campaign(str(slots["campaign"]))
    text = str(slots.get("text") or "").strip()
    proposed = text or _proposal(campaign, str(slots.get("element") or ""))
    letter = str(slots["variant"]) if slots.get("variant") else None
    variant = add_variant(campaign, text=proposed, letter=letter, actor=call.actor)
    how = "" if text else " The words are a proposal from the same theme; change them on the campaign."
    return ToolResult(
        f"Added variant {variant.letter} “{variant.text}” to {campaign}.{how}",
        card={
            "findings": [
                {"count": variant.experiment.variants.count(), "text": "variants now"},
                {"count": variant.experiment.planned_per_arm, "text": "people needed in each arm"},
            ]
        },
        subject=subject_of(campaign),
        context={"focus": subject_of(campaign), "last_test": subject_of(campaign)},
        undo={"verb": "ab.remove_variant", "campaign": str(campaign.pk), "letter": variant.letter},
    )


@undoer("ab.remove_variant", asks=can_send)
def undo_add(campaign: str, letter: str, *, actor: Actor) -> str:
    row = campaign_by_key(campaign, actor)
    remove_variant(row, letter, actor=actor)
    return f"Variant {letter} is out of {row}. Who waits for it gets another one."


@tool("ab.promote", examples=("promote B",))
def promote(slots: Slots, call: Call) -> ToolResult:
    """Give the rest of the people one variant. You confirm it first."""
    campaign = call.campaign(str(slots["campaign"]))
    experiment = promote_variant(campaign, str(slots["variant"]), actor=call.actor)
    proven = bool(experiment.decision.get("is_proven"))
    standing = "This is proven." if proven else "This is not proven; the decision notes that and the figures."
    return ToolResult(
        f"Everybody who waits in {campaign} gets variant {slots['variant']}. {standing}",
        subject=subject_of(campaign),
        context={"focus": subject_of(campaign), "last_test": subject_of(campaign)},
        undo={"verb": "ab.unpromote", "campaign": str(campaign.pk)},
    )


@undoer("ab.unpromote", asks=can_send)
def undo_promote(campaign: str, *, actor: Actor) -> str:
    row = campaign_by_key(campaign, actor)
    unpromote(row, actor=actor)
    return f"The test of {row} goes on: who waits is split again. What was sent in between stays sent."


def _variant(experiment: Experiment | None, letter: str, campaign: Campaign) -> Variant:
    found = experiment.variants.filter(letter=letter.upper()).first() if experiment else None
    if found is None:
        raise NotFoundError(f"{campaign} has no variant {letter}.", code="no_such_variant")
    return found


def _ranked(experiment: Experiment | None, slots: Slots) -> list[Variant]:
    """All arms when best or worst is asked for: the order is shown with its intervals, not declared."""
    return list(experiment.variants.all()) if experiment and slots.get("rank") else []


def _first(arms: list[tuple[str, Figures]], metrics: tuple[str, ...]) -> str:
    label, attribute = COUNTS[metrics[0]]
    parts = [f"{name}: {wording.rate(getattr(seen, attribute), seen.sent)} {label}" for name, seen in arms]
    return "; ".join(parts) + "."


def _told_by_the_test(experiment: Experiment, wanted: list[str]) -> str:
    """The figures that decide: of the people whose first mail was sent, who asked for first, then the others."""
    texts = {row.letter: f"{row.letter}, “{row.text}”" for row in experiment.variants.all()}
    arms = sorted(arms_of(experiment), key=lambda arm: (arm.name not in wanted, arm.name))
    seen = "; ".join(f"{texts[arm.name]}: {wording.rate(arm.successes, arm.trials)}" for arm in arms)
    return f"{COUNTS[experiment.metric][0].capitalize()} to the first mail: {seen}.{_verdict(experiment)}"


def _verdict(experiment: Experiment | None) -> str:
    """How the test stands, in its own fixed words."""
    if experiment is None:
        return ""
    if experiment.state == ExperimentState.RUNNING:
        return f" {describe(judge(experiment)).title}."
    name = f": {experiment.promoted.letter}" if experiment.promoted else ""
    return f" Ended: {experiment.get_state_display()}{name}."


def _table(arms: list[tuple[str, Figures]], metrics: tuple[str, ...]) -> dict[str, Any]:
    rows = [
        {
            "cells": [
                COUNTS[name][0],
                *(wording.rate(getattr(seen, COUNTS[name][1]), seen.sent) for _, seen in arms),
            ]
        }
        for name in metrics
    ]
    machines = {"cells": ["machine opens", *(wording.counted(seen.machine_opened) for _, seen in arms)]}
    return {"columns": ["of messages sent", *(name for name, _ in arms)], "rows": [*rows, machines]}


def _proposal(campaign: Campaign, element: str) -> str:
    """An unused subject of the campaign's theme; other elements are written by a person."""
    experiment = Experiment.objects.filter(campaign=campaign).prefetch_related("variants").first()
    if experiment is None or (element or experiment.element) != "subject":
        raise ClarifyError("What should the variant say?", slot="text")
    used = {variant.text for variant in experiment.variants.all()}
    theme = OPENINGS[theme_of(campaign.theme)].subjects
    free = [text for text in (*theme, *OPENINGS["neutral"].subjects) if text not in used]
    if not free:
        raise ClarifyError("What should the variant say?", slot="text")
    return free[0]
