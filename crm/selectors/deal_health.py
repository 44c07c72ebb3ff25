"""Which open deals are at risk, what stands in their way, and what a review of the pipeline has to talk about."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery
from django.utils import timezone

from crm.enums import DealState, InfluenceRole
from crm.models import Activity, Contact, Deal, Signal
from crm.scoring.deals import DealScore, score_deal
from crm.scoring.health import Finding, Health, Judgement, Standing, judge
from crm.selectors.deal_reports import Narrow
from crm.selectors.visibility import one, visible_activities, visible_deals, visible_signals
from gtmos.kernel import clock
from gtmos.kernel.actors import Actor

ANSWERS_FROM_DAYS, SIGNALS_FROM_DAYS = 42, 90
MOST_JUDGED = 2000
LARGEST = F("deal_amount").desc(nulls_last=True)
CHECKS = {
    "no_next_step": "No next step",
    "late_step": "Next step is late",
    "slipped": "Day of signing has passed",
    "undated": "No day of signing",
    "no_activity": "Too quiet for its stage",
    "stuck": "Too long in its stage",
    "no_decision_maker": "No decision maker",
    "no_amount": "No amount",
    "no_company": "No company",
}


@dataclass(frozen=True, slots=True)
class Judged:
    """A deal with what was found. `deal` carries company, stage and owner."""

    deal: Deal
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the audit: how many of all open deals fail it, and the first of them."""

    code: str
    label: str
    failing: int
    base: int
    deals: tuple[Deal, ...]


@dataclass(frozen=True, slots=True)
class Agenda:
    """What to talk about, for a week, a month or a quarter: deals to close, to rescue, to decide about, and new ones."""

    starts_on: date
    ends_on: date
    closing: tuple[Judged, ...]
    at_risk: tuple[Judged, ...]
    slipped: tuple[Judged, ...]
    new: tuple[Deal, ...]
    closed: tuple[Deal, ...]


def judged_deals(*, actor: Actor, most: int = MOST_JUDGED, narrow: Narrow | None = None) -> list[Judged]:
    """The open deals the actor sees, the worst first and within that the largest; one statement."""
    deals = visible_deals(actor=actor).filter(deal_state=DealState.OPEN)
    deals = with_facts(narrow(deals) if narrow is not None else deals)
    now = clock.now()
    found = [Judged(deal, judgement_of(deal, now)) for deal in deals.order_by(LARGEST, "id")[:most]]
    worst = {Health.RED: 0, Health.YELLOW: 1, Health.GREEN: 2}
    return sorted(found, key=lambda each: worst[each.judgement.health])


def stuck_deals(*, actor: Actor) -> list[Judged]:
    """Deals with something in their way, each with a blocker, an action and a word about the manager where it is time."""
    return [each for each in judged_deals(actor=actor) if each.judgement.findings]


def audit(judged: Iterable[Judged], *, shown: int = 5) -> list[Check]:
    """Every check over the same open deals, so that each count has the same base."""
    everything = list(judged)
    failing: dict[str, list[Deal]] = {code: [] for code in CHECKS}
    for each in everything:
        for code in _failed(each):
            failing[code].append(each.deal)
    return [
        Check(code, label, len(failing[code]), len(everything), tuple(failing[code][:shown]))
        for code, label in CHECKS.items()
    ]


def failing(code: str, *, actor: Actor, narrow: Narrow | None = None) -> list[Deal]:
    """The open deals that fail one check of the audit."""
    return [each.deal for each in judged_deals(actor=actor, narrow=narrow) if code in _failed(each)]


def agenda(days: int, *, actor: Actor, judged: Iterable[Judged], narrow: Narrow | None = None) -> Agenda:
    """For the `days` from today on; new and closed ones are those of as many days back."""
    today = clock.today()
    until, since = today + timedelta(days=days), today - timedelta(days=days)
    everything = list(judged)
    recent = visible_deals(actor=actor).order_by(LARGEST, "id")
    recent = narrow(recent) if narrow is not None else recent
    return Agenda(
        today,
        until,
        closing=tuple(each for each in everything if _signs_within(each.deal, today, until)),
        at_risk=tuple(each for each in everything if each.judgement.health is Health.RED),
        slipped=tuple(each for each in everything if "slipped" in _failed(each)),
        new=tuple(recent.filter(deal_state=DealState.OPEN, created_at__date__gte=since)[:50]),
        closed=tuple(
            recent.filter(deal_state__in=(DealState.WON, DealState.LOST), stage_entered_at__date__gte=since)[
                :50
            ]
        ),
    )


def with_facts(deals: QuerySet[Deal]) -> QuerySet[Deal]:
    """With `last_activity_at` and `has_decision_maker`, which the judgement asks for."""
    last = Activity.objects.filter(deal=OuterRef("pk")).order_by("-happened_at").values("happened_at")[:1]
    deciding = Contact.objects.filter(
        company=OuterRef("company_id"), influence_role=InfluenceRole.DECISION_MAKER
    )
    return deals.annotate(last_activity_at=Subquery(last), has_decision_maker=Exists(deciding))


def judgement_of(deal: Deal, now: datetime) -> Judgement:
    """Of an open deal read by `with_facts`; one that is not open has nothing in its way."""
    if deal.deal_state != DealState.OPEN:
        return Judgement(Health.GREEN, ())
    facts = cast("Any", deal)
    today = timezone.localdate(now)
    return judge(
        Standing(
            rot_days=deal.stage.rot_days,
            days_in_stage=_days(deal.stage_entered_at, now),
            days_since_activity=_days(facts.last_activity_at, now),
            has_next_step=bool(deal.next_step),
            next_step_late_days=_late(deal.next_step_due_on, today) if deal.next_step else None,
            signing_late_days=_late(deal.deal_expected_signing_date, today),
            has_signing_date=deal.deal_expected_signing_date is not None,
            has_decision_maker=facts.has_decision_maker,
        )
    )


def get_deal_with_facts(key: UUID | str, *, actor: Actor) -> Deal:
    return one(with_facts(visible_deals(actor=actor)), key)


def judgement_for(deal: Deal) -> Judgement:
    """The same for one deal in hand; one statement, or none when it was read with the facts."""
    if hasattr(deal, "last_activity_at"):
        return judgement_of(deal, clock.now())
    found = with_facts(Deal.objects.select_related("stage").filter(pk=deal.pk)).get()
    return judgement_of(found, clock.now())


def deal_score(deal: Deal, *, actor: Actor) -> DealScore:
    """From what the actor may see of the last weeks; two statements."""
    now = clock.now()
    answers = visible_activities(actor=actor).filter(
        deal=deal, direction="in", happened_at__gte=now - timedelta(days=ANSWERS_FROM_DAYS)
    )
    rows: QuerySet[Signal] = visible_signals(actor=actor).filter(
        company=deal.company_id, occurred_on__gte=timezone.localdate(now) - timedelta(days=SIGNALS_FROM_DAYS)
    )
    signals = rows.values_list("type", "occurred_on") if deal.company_id else ()
    return score_deal(
        answers=[(kind, _age(at, now)) for kind, at in answers.values_list("type", "happened_at")],
        fit=deal.company.product_fit_score if deal.company else None,
        signals=[(kind, float((timezone.localdate(now) - day).days)) for kind, day in signals],
    )


def _failed(each: Judged) -> list[str]:
    codes = [finding.code for finding in each.judgement.findings]
    codes += [] if each.deal.deal_amount not in (None, Decimal(0)) else ["no_amount"]
    return codes + ([] if each.deal.company_id else ["no_company"])


def _signs_within(deal: Deal, today: date, until: date) -> bool:
    day = deal.deal_expected_signing_date
    return day is not None and today <= day <= until


def _days(moment: datetime | None, now: datetime) -> int | None:
    return None if moment is None else max((now - moment).days, 0)


def _late(day: date | None, today: date) -> int | None:
    return None if day is None else (today - day).days


def _age(moment: datetime, now: datetime) -> float:
    return (now - moment).total_seconds() / 86_400


__all__ = [
    "CHECKS",
    "Agenda",
    "Check",
    "Finding",
    "Judged",
    "agenda",
    "audit",
    "deal_score",
    "failing",
    "get_deal_with_facts",
    "judged_deals",
    "judgement_for",
    "judgement_of",
    "stuck_deals",
    "with_facts",
]
