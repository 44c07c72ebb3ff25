"""What to do next about one company: found in its facts at the moment of asking, each with its reason."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from agents.enums import SuggestionState
from agents.models import Suggestion
from crm.enums import DealState, Direction, ObjectionOutcome, StageKind
from crm.models import Activity, Company, Deal, Stage
from crm.scoring.health import Finding, Health
from crm.selectors.criteria import Missing, asked_of_a_move, unmet
from crm.selectors.deal_health import LARGEST, judgement_of, with_facts
from crm.selectors.visibility import visible_activities, visible_deals, visible_objections, visible_signals
from gtmos.kernel import clock
from gtmos.kernel.actors import Actor
from gtmos.kernel.rights import hidden_fields
from gtmos.kernel.wording import plural

NEXT_ACTION, ATTENTION, GUIDANCE, FOLLOW_UP = "next_action", "attention", "guidance", "follow_up"
KINDS = {
    NEXT_ACTION: "Next action",
    ATTENTION: "Needs attention",
    GUIDANCE: "Process",
    FOLLOW_UP: "Follow-up",
}
MOST_DEALS, MOST_OBJECTIONS = 3, 3
SILENT_AFTER = timedelta(days=5)
FRESH_SIGNAL_DAYS = 90
SPOKEN = ("email", "call", "meeting")
# What asks for somebody today, and what is a matter of how a deal is led; a missing or late step is a next action.
PRESSING = frozenset({"no_activity", "slipped"})
PRACTICE = frozenset({"stuck", "undated", "no_decision_maker"})


@dataclass(frozen=True, slots=True)
class Recommendation:
    """`key` tells it from others of the company and changes with the fact; `command` is the sentence that does it."""

    kind: str
    key: str
    title: str
    reason: str
    command: str
    subject: dict[str, str] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    is_urgent: bool = False

    @property
    def kind_label(self) -> str:
        return KINDS[self.kind]


@dataclass(frozen=True, slots=True)
class Step:
    """What the next stage asks of a deal: what is there, and what is still missing."""

    deal: Deal
    stage: Stage
    asked: int
    missing: tuple[Missing, ...]

    @property
    def met(self) -> int:
        return self.asked - len(self.missing)


@dataclass(frozen=True, slots=True)
class Advice:
    recommendations: list[Recommendation]
    steps: list[Step]


def advice(company: Company, *, actor: Actor) -> Advice:
    """Urgent ones first; what this person has decided on already is left out."""
    deals = list(_open_deals(company, actor))
    steps = [step for deal in deals if (step := _step(deal)) is not None]
    now = clock.now()
    found = [
        *_of_conversations(company, now, actor),
        *(each for deal in deals for each in _of_deal(deal, now, actor)),
        *_of_steps(steps),
        *_of_practice(deals, steps, now, actor),
        *([] if deals else _of_signals(company, now, actor)),
    ]
    decided = _decided(company, actor)
    open_ones = [each for each in found if key_of(company, each, actor) not in decided]
    return Advice(sorted(open_ones, key=lambda each: not each.is_urgent), steps)


def key_of(company: Company, recommendation: Recommendation, actor: Actor) -> str:
    owner = actor.user.pk.hex if actor.user else "system"
    return f"recommended:{owner}:{company.pk.hex}:{recommendation.key}"[:160]


def _decided(company: Company, actor: Actor) -> set[str]:
    rows = Suggestion.objects.filter(owner=actor.user, subject_id__isnull=False)
    rows = rows.filter(
        key__startswith=f"recommended:{actor.user.pk.hex}:{company.pk.hex}:" if actor.user else "-"
    )
    return set(rows.exclude(state=SuggestionState.OPEN).values_list("key", flat=True))


def _open_deals(company: Company, actor: Actor) -> QuerySet[Deal]:
    deals = visible_deals(actor=actor).filter(company=company, deal_state=DealState.OPEN)
    deals = with_facts(deals.select_related(None).select_related("stage__pipeline", "contact"))
    return deals.prefetch_related("stage__pipeline__stages__criteria").order_by(LARGEST, "id")[:MOST_DEALS]


def _subject(record: Any) -> dict[str, str]:
    return {"type": str(record._meta.model_name), "id": str(record.pk), "name": str(record)}


def _of_deal(deal: Deal, now: datetime, actor: Actor) -> Iterator[Recommendation]:
    judged = judgement_of(deal, now)
    hidden = hidden_fields(Deal, actor=actor)
    if "next_step" not in hidden:
        yield _next_action(deal, now)
    rest = [each for each in judged.findings if each.code in PRESSING]
    if rest and judged.health is not Health.GREEN and "deal_health" not in hidden:
        yield _attention(deal, rest, is_red=judged.health is Health.RED)


def _next_action(deal: Deal, now: datetime) -> Recommendation:
    day = deal.next_step_due_on
    is_late = day is not None and day < timezone.localdate(now)
    if not deal.next_step:
        reason = f"{deal} has no next step: nobody knows what comes next."
        title, words = f"Set a next step for {deal}", "set a next step for this deal"
    else:
        when = "no day is set" if day is None else f"{'it was due' if is_late else 'due'} {day:%-d %b}"
        reason = f"Agreed as the next step of {deal}; {when}."
        title, words = deal.next_step, "do the next step of this deal"
    return Recommendation(
        NEXT_ACTION,
        f"step:{deal.pk.hex}:{day or '-'}:{len(deal.next_step)}",
        title,
        reason,
        f"remind me to {words} today",
        _subject(deal),
        (f"Stage {deal.stage}",),
        is_late or not deal.next_step,
    )


def _attention(deal: Deal, findings: list[Finding], *, is_red: bool) -> Recommendation:
    worst = next((each for each in findings if each.is_grave), findings[0])
    return Recommendation(
        ATTENTION,
        f"health:{deal.pk.hex}:{worst.code}:{_since(deal)}",
        f"{deal}: {worst.action[0].lower()}{worst.action[1:].rstrip('.')}",
        " ".join(each.blocker for each in findings[:3]),
        "remind me to look at this deal today",
        _subject(deal),
        ("At risk" if is_red else "Look here", f"Stage {deal.stage}"),
        is_red,
    )


def _step(deal: Deal) -> Step | None:
    """The next open stage, where it or the way there asks for something."""
    stages = [each for each in deal.stage.pipeline.stages.all() if each.kind == StageKind.OPEN]
    later = sorted(
        (each.position, str(each.pk), each) for each in stages if each.position > deal.stage.position
    )
    if not later:
        return None
    target = later[0][2]
    asked = asked_of_a_move(target, origin=deal.stage)
    return Step(deal, target, len(asked), tuple(unmet(deal, asked))) if asked else None


def _of_steps(steps: list[Step]) -> Iterator[Recommendation]:
    for step in steps:
        if step.missing:
            words = ", ".join(each.detail for each in step.missing)
            yield Recommendation(
                GUIDANCE,
                f"criteria:{step.deal.pk.hex}:{step.stage.key}:{len(step.missing)}",
                f"Before {step.deal} moves to {step.stage}: {step.missing[0].detail}",
                f"{step.met} of {step.asked} things that the stage asks for are there; missing: {words}.",
                "remind me to complete what the next stage of this deal asks for today",
                _subject(step.deal),
                (f"{step.deal.stage} to {step.stage}",),
            )


def _of_practice(
    deals: list[Deal], steps: list[Step], now: datetime, actor: Actor
) -> Iterator[Recommendation]:
    """Where the next stage asks for nothing that is missing: what a deal in this stage usually has."""
    if "deal_health" in hidden_fields(Deal, actor=actor):
        return
    asked = {step.deal.pk for step in steps if step.missing}
    for deal in deals:
        found = [each for each in judgement_of(deal, now).findings if each.code in PRACTICE]
        if found and deal.pk not in asked:
            yield Recommendation(
                GUIDANCE,
                f"practice:{deal.pk.hex}:{found[0].code}:{_since(deal)}",
                f"{deal}: {found[0].action[0].lower()}{found[0].action[1:].rstrip('.')}",
                " ".join(each.blocker for each in found),
                "remind me to bring this deal back on its way today",
                _subject(deal),
                (f"Stage {deal.stage}",),
            )


def _of_conversations(company: Company, now: datetime, actor: Actor) -> Iterator[Recommendation]:
    rows = visible_activities(actor=actor).select_related(None).select_related("contact")
    rows = rows.filter(company=company, type__in=SPOKEN, happened_at__lte=now).defer("subject", "body")
    last = rows.order_by("-happened_at", "-pk").first()
    if last is not None and last.direction == Direction.IN:
        yield _answer(last)
    elif last is not None and now - last.happened_at > SILENT_AFTER:
        yield _ask_again(last, now)
    yield from _of_objections(company, actor)


def _answer(last: Activity) -> Recommendation:
    who, about = str(last.contact or "them"), last.contact or last.company
    return Recommendation(
        FOLLOW_UP,
        f"answer:{last.pk.hex}",
        f"Answer {who}",
        f"The last word is theirs: {last.get_type_display()} of {timezone.localtime(last.happened_at):%-d %b}, and nobody has answered since.",
        "remind me to answer them today",
        _subject(about),
        (f"{last.get_type_display().capitalize()}, {timezone.localtime(last.happened_at):%-d %b %H:%M}",),
        is_urgent=True,
    )


def _ask_again(last: Activity, now: datetime) -> Recommendation:
    days = (now - last.happened_at).days
    who, about = str(last.contact or "them"), last.contact or last.company
    return Recommendation(
        FOLLOW_UP,
        f"silence:{last.pk.hex}",
        f"Follow up with {who}",
        f"Ours was the last word, {plural(days, 'day')} ago, and nothing has come back.",
        "remind me to follow up with them today",
        _subject(about),
        (f"{last.get_type_display().capitalize()}, {timezone.localtime(last.happened_at):%-d %b}",),
    )


def _of_objections(company: Company, actor: Actor) -> Iterator[Recommendation]:
    rows = visible_objections(actor=actor).select_related(None).select_related("deal")
    rows = rows.filter(company=company, outcome=ObjectionOutcome.OPEN)
    for each in rows.order_by("raised_at", "pk")[:MOST_OBJECTIONS]:
        yield Recommendation(
            FOLLOW_UP,
            f"objection:{each.pk.hex}",
            f"Answer their objection about {each.get_category_display()}",
            f"Raised on {timezone.localtime(each.raised_at):%-d %b} and still open.",
            "remind me to answer their objection today",
            _subject(each.deal or company),
            ("Open objection",),
        )


def _of_signals(company: Company, now: datetime, actor: Actor) -> Iterator[Recommendation]:
    """Where there is no deal yet, the newest sign that they could need us now."""
    since = timezone.localdate(now) - timedelta(days=FRESH_SIGNAL_DAYS)
    rows = visible_signals(actor=actor).select_related(None).filter(company=company, occurred_on__gte=since)
    newest = rows.exclude(type="layoff").order_by("-occurred_on", "pk").first()
    if newest is not None:
        said = f"{newest.get_type_display()}{': ' if newest.detail else ''}{newest.detail}"
        yield Recommendation(
            NEXT_ACTION,
            f"signal:{newest.pk}",
            f"Write to {company}: {said}",
            f"Seen on {newest.occurred_on:%-d %b}, and there is no deal with them yet.",
            "remind me to write to this company today",
            _subject(company),
            (newest.source or "Signal",),
        )


def _since(deal: Deal) -> str:
    return f"{deal.stage_entered_at:%y%m%d}" if deal.stage_entered_at else "-"
