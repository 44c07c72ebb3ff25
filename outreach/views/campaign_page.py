"""What the campaign page shows, in the shapes that its components draw."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from gtmos.kernel import wording
from gtmos.kernel.actors import Actor
from outreach.enums import (
    CampaignState,
    EnrollmentState,
    ExperimentState,
    MailKind,
    Metric,
    ReplyCategory,
    TouchState,
)
from outreach.models import Campaign, Experiment, InboundMail, Step, Touch
from outreach.selectors.campaigns import shown_fingerprint
from outreach.selectors.performance import Figures, Performance, performance
from outreach.selectors.readiness import Finding, approval_findings, findings
from outreach.services.experiments import LOOK_EVERY
from outreach.views.experiment_panel import experiment_panel, variants_of

S = CampaignState
TONES = {S.RUNNING: "good", S.ACTIVE: "accent", S.PAUSED: "warn", S.READY: "accent"}
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Trouble:
    """A mail that waits for a person, with what can be done about it."""

    touch: Touch
    tone: str
    text: str
    choices: tuple[tuple[str, str], ...]


TROUBLES = {
    TouchState.IN_DOUBT: (
        "warn",
        "The server gave no reply. Nobody knows yet whether it arrived.",
        (("was-sent", "It arrived"), ("not-sent", "Send again")),
    ),
    TouchState.LATE: (
        "warn",
        "It was due while nothing ran.",
        (("release", "Send now"), ("cancel", "Do not send")),
    ),
    TouchState.FAILED: ("bad", "", (("retry", "Try again"),)),
}


def page_context(campaign: Campaign, *, actor: Actor) -> dict[str, Any]:
    """Everything but the message, in a number of statements that does not grow with the campaign."""
    experiment = getattr(campaign, "experiment", None)
    figures = performance(campaign, actor=actor)
    steps = list(campaign.steps.order_by("number"))
    people = _people(campaign)
    is_open = campaign.state in {S.DRAFT, S.READY}
    is_underway = campaign.state in {S.ACTIVE, S.RUNNING, S.PAUSED} and bool(campaign.approved_hash)
    has_drifted = is_underway and figures.total.unapproved > 0
    needs_approval = is_open or has_drifted or (campaign.state == S.PAUSED and not campaign.approved_hash)
    found = approval_findings(campaign) if has_drifted else findings(campaign) if needs_approval else []
    return {
        "campaign": campaign,
        "state": {
            "text": campaign.get_state_display().capitalize(),
            "tone": TONES.get(S(campaign.state), ""),
        },
        "freshness": _freshness(campaign, experiment),
        "people": people,
        "sequence": _sequence(campaign, steps, experiment, figures, people["total"]),
        "test": experiment_panel(campaign, experiment, figures, people["total"], actor=actor),
        "funnel": _funnel(steps, experiment, figures, people["total"]) if not is_open else None,
        "per_touch": _per_touch(steps, figures) if figures.total.sent else [],
        "findings": found,
        "approval": _approval(campaign, steps, experiment, people, found) if needs_approval else None,
        "troubles": _troubles(campaign, figures.total),
        "replies": _replies(campaign) if figures.total.replied or figures.total.out_of_office else [],
        "actions": _actions(campaign),
        "can_cancel": campaign.state == S.ACTIVE,
        "page_context": {"focus": {"type": "campaign", "id": campaign.name}},
    }


def _people(campaign: Campaign) -> dict[str, int]:
    return campaign.enrollments.aggregate(
        total=Count("pk"),
        open=Count("pk", filter=~Q(state=EnrollmentState.FINISHED)),
        started=Count("pk", filter=Q(first_sent_at__isnull=False)),
    )


def _freshness(campaign: Campaign, experiment: Experiment | None) -> str:
    if experiment is None or experiment.looked_at is None:
        return ""
    text = f"Numbers of {_clock(experiment.looked_at)}"
    if experiment.state == ExperimentState.RUNNING and campaign.state == S.RUNNING:
        text += f", next {_clock(experiment.looked_at + LOOK_EVERY)}"
    return f"{text}."


def _clock(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%H:%M}"


def _sequence(
    campaign: Campaign, steps: list[Step], experiment: Experiment | None, figures: Performance, people: int
) -> dict[str, Any]:
    letters = [variant.letter for variant in variants_of(experiment)]
    touches = [
        {
            "day": step.offset_days,
            "name": "E-mail" if step.number == 1 else f"E-mail {step.number}",
            "icon": "mail",
            "note": _step_note(step, figures.step(step.number), people),
            "variants": letters if step.number == 1 else [],
        }
        for step in steps
    ]
    last = steps[-1].offset_days if steps else 0
    mailbox = campaign.mailbox
    note = (
        f"{wording.counted(mailbox.daily_cap)} a day, {mailbox.window_start:%H:%M} to {mailbox.window_end:%H:%M} "
        "in the reader’s time zone" + ("" if mailbox.sends_on_weekends else ", on working days there")
        if mailbox
        else "No mailbox chosen"
    )
    return {
        "touches": touches,
        "last_day": last + campaign.answer_days,
        "window_from": last + 1,
        "note": note,
        "steps": steps,
    }


def _step_note(step: Step, figures: Figures, people: int) -> str:
    if not figures.sent:
        return f"for {wording.plural(people, 'person', 'people')}" if step.number == 1 else "not sent yet"
    waiting = people - figures.sent if step.number == 1 else figures.waiting
    return f"{wording.counted(figures.sent)} sent, {wording.counted(max(0, waiting))} waiting"


def _funnel(
    steps: list[Step], experiment: Experiment | None, figures: Performance, people: int
) -> dict[str, Any]:
    """The first touch, where everybody begins; the later ones stand in the table below."""
    del steps
    total = figures.step(1)
    by_letter = {variant.letter: figures.variant(variant.pk, step=1) for variant in variants_of(experiment)}

    def row(name: str, field: str, *, machines: int = 0, aside: str = "", note: str = "") -> dict[str, Any]:
        return {
            "name": name,
            "count": getattr(total, field),
            "machines": machines,
            "aside": aside,
            "note": note,
            "arms": [{"label": letter, "count": getattr(each, field)} for letter, each in by_letter.items()],
        }

    answers = f"{total.positive} yes, {total.neutral} neutral, {total.negative} no" if total.replied else ""
    return {
        "base": total.sent,
        "steps": [
            row("Sent", "sent", note=f"of {wording.counted(people)} planned"),
            row("Delivered", "delivered", aside=f"{wording.counted(total.bounced)} bounced"),
            row("Opened", "opened", machines=total.machine_opened),
            row("Clicked", "clicked", machines=total.machine_clicked),
            row("Replied", "replied", aside=answers),
            row("Meetings", "meetings"),
        ],
        "footnote": (
            f"All rates of {wording.counted(total.sent)} sent. Not replies: "
            f"{wording.counted(total.out_of_office)} out of office. "
            f"Unsubscribed: {wording.rate(total.unsubscribed, total.sent)}."
        ),
    }


def _per_touch(steps: list[Step], figures: Performance) -> list[dict[str, Any]]:
    return [{"step": step, "figures": figures.step(step.number)} for step in steps]


def _approval(
    campaign: Campaign,
    steps: list[Step],
    experiment: Experiment | None,
    people: dict[str, int],
    found: list[Finding],
) -> dict[str, Any]:
    mailbox = campaign.mailbox
    days = ", ".join(str(step.offset_days) for step in steps)
    arguments = [
        ("what", f"{wording.plural(len(steps), 'message')} each, on days {days}", "the sequence below"),
        ("to", wording.plural(people["open"], "person", "people"), "who waits in this campaign"),
        ("from", str(mailbox) if mailbox else wording.NOT_KNOWN, "mailbox"),
        (
            "first mail",
            "15 minutes after the approval, inside the window",
            "until then it can be called back",
        ),
    ]
    if mailbox:
        arguments.append(("at most", f"{wording.counted(mailbox.daily_cap)} a day", "limit of the mailbox"))
    if experiment is not None:
        texts = " · ".join(f"{variant.letter} {variant.text}" for variant in variants_of(experiment))
        arguments.append((f"{experiment.element} test", texts, f"by {Metric(experiment.metric).label}"))
    blocking = [finding for finding in found if finding.blocks]
    return {
        "question": f"Send “{campaign.name}” to {wording.plural(people['open'], 'person', 'people')}?",
        "arguments": arguments,
        "blocking": blocking,
        "is_again": campaign.state not in {S.DRAFT, S.READY},
        "is_underway": campaign.state in {S.ACTIVE, S.RUNNING},
        "fingerprint": shown_fingerprint(campaign),
    }


def _troubles(campaign: Campaign, total: Figures) -> list[Trouble]:
    if not (total.in_doubt or total.late or total.failed):
        return []
    touches = (
        Touch.objects.filter(campaign=campaign, state__in=list(TROUBLES))
        .select_related("contact")
        .defer("contact__search_text", "body")
        .order_by("state", "due_at", "pk")
    )
    return [_trouble(touch) for touch in touches[:SHOWN]]


def _trouble(touch: Touch) -> Trouble:
    tone, text, choices = TROUBLES[TouchState(touch.state)]
    return Trouble(touch, tone, text or touch.last_error or "It could not be sent.", choices)


def _replies(campaign: Campaign) -> QuerySet[InboundMail]:
    kinds = (MailKind.REPLY, MailKind.AUTO_REPLY)
    return (
        InboundMail.objects.filter(touch__campaign=campaign, kind__in=kinds)
        .select_related("contact", "touch__variant")
        .defer("raw", "contact__search_text")
        .order_by("-received_at", "-pk")[:SHOWN]
    )


def reply_tone(category: str) -> str:
    if category in {ReplyCategory.INTERESTED, ReplyCategory.MEETING}:
        return "good"
    return "bad" if category in {ReplyCategory.NOT_INTERESTED, ReplyCategory.UNSUBSCRIBE} else ""


def _actions(campaign: Campaign) -> list[dict[str, str]]:
    """What can be done in this state, the likely one last."""
    archive = {"verb": "archive", "label": "Archive", "icon": "archive", "style": "btn-quiet"}
    complete = {"verb": "complete", "label": "Complete", "icon": "flag", "style": "btn-quiet", "ask": "1"}
    return {
        S.DRAFT: [archive],
        S.READY: [archive],
        S.ACTIVE: [{"verb": "pause", "label": "Pause", "icon": "player-pause", "style": ""}],
        S.RUNNING: [{"verb": "pause", "label": "Pause", "icon": "player-pause", "style": ""}],
        S.PAUSED: [
            complete,
            {"verb": "resume", "label": "Resume", "icon": "player-play", "style": "btn-main"},
        ],
        S.COMPLETED: [archive],
        S.ARCHIVED: [],
    }[S(campaign.state)]
