"""What a deal still lacks for a move in its pipeline, in words and for programs."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet

from crm.enums import ActivityOutcome, CriterionKind, CriterionMoment, StageKind
from crm.models import Activity, Contact, Deal, Stage, StageCriterion
from gtmos.kernel import clock
from gtmos.kernel.approvals.selectors import waiting_among
from gtmos.kernel.exceptions import DomainError

EMPTY: tuple[Any, ...] = (None, "", [], {})


@dataclass(frozen=True, slots=True)
class Missing:
    """One unmet criterion. `detail` is what people read, the rest is for programs."""

    stage: str
    moment: str
    kind: str
    name: str
    needed: str
    found: str
    detail: str


class StageCriteriaError(DomainError):
    """The deal stays where it is; `missing` names every criterion of `stage` that is not met."""

    def __init__(self, deal: Deal, stage: Stage, missing: list[Missing]) -> None:
        self.stage = stage
        words = [each.detail for each in missing]
        listed = words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
        super().__init__(
            f"{deal} cannot enter {stage}: {listed} {'is' if len(words) == 1 else 'are'} missing.",
            code="stage_criteria_missing",
            missing=tuple(asdict(each) for each in missing),
        )


def criteria_of(stage: Stage, moment: str) -> list[StageCriterion]:
    """As configured; the stage's own list of fields comes first among those to enter."""
    rows = [each for each in stage.criteria.all() if each.moment == moment]
    if moment == CriterionMoment.EXIT:
        return rows
    named = [
        StageCriterion(stage=stage, moment=moment, kind=CriterionKind.FIELD, field=name)
        for name in stage.required_fields
    ]
    return [*named, *rows]


def asked_of_a_move(target: Stage, *, origin: Stage | None) -> list[StageCriterion]:
    """The way out of every open stage that is left or passed over, then the way into the new one.

    Back, to lost, or into another pipeline nothing asks for the way out; a new deal has left no stage.
    """
    entry = criteria_of(target, CriterionMoment.ENTRY)
    if origin is None or not _is_forward(origin, target):
        return entry
    passed = [
        stage
        for stage in Stage.objects.filter(pipeline_id=target.pipeline_id, kind=StageKind.OPEN)
        .prefetch_related("criteria")
        .order_by("position", "created_at")
        if origin.position <= stage.position and stage.pk != target.pk and _is_before(stage, target)
    ]
    return [*(each for stage in passed for each in criteria_of(stage, CriterionMoment.EXIT)), *entry]


@dataclass(frozen=True, slots=True)
class Facts:
    """What criteria look at beside the columns of a deal: by kind or role, how many there are."""

    held: Mapping[str, int]
    roles: Mapping[str, int]
    waits: bool


def facts_of(deals: Collection[Deal], criteria: Collection[StageCriterion]) -> dict[UUID, Facts]:
    """At most three statements, however many deals and criteria."""
    kinds, keys = {each.kind for each in criteria}, {each.pk for each in deals}
    held = _held(keys) if CriterionKind.ACTIVITY in kinds else {}
    roles = _roles({each.company_id for each in deals}) if CriterionKind.ROLE in kinds else {}
    waiting = waiting_among(Deal, keys) if CriterionKind.APPROVAL in kinds else set()
    return {
        each.pk: Facts(held.get(each.pk, {}), roles.get(each.company_id, {}), each.pk in waiting)
        for each in deals
    }


def unmet(
    deal: Deal, criteria: Iterable[StageCriterion], *, facts: Mapping[UUID, Facts] | None = None
) -> list[Missing]:
    """Whoever asks for many deals brings the facts of all of them."""
    asked = list(criteria)
    known = (facts_of([deal], asked) if facts is None else facts)[deal.pk]
    return [missing for each in asked if (missing := _missing(deal, each, known)) is not None]


def refuse_unmet(deal: Deal, target: Stage, *, origin: Stage | None = None) -> None:
    missing = unmet(deal, asked_of_a_move(target, origin=origin))
    if missing:
        raise StageCriteriaError(deal, target, missing)


def _is_forward(origin: Stage, target: Stage) -> bool:
    if origin.pipeline_id != target.pipeline_id or origin.kind != StageKind.OPEN:
        return False
    return target.kind == StageKind.WON or _is_before(origin, target)


def _is_before(stage: Stage, target: Stage) -> bool:
    if target.kind == StageKind.WON:
        return True
    return target.kind == StageKind.OPEN and stage.position < target.position


def _missing(deal: Deal, criterion: StageCriterion, facts: Facts) -> Missing | None:
    name, found, is_met = _looked_at(deal, criterion, facts)
    if is_met:
        return None
    return Missing(
        stage=criterion.stage.key,
        moment=criterion.moment,
        kind=criterion.kind,
        name=name,
        needed="" if criterion.kind == CriterionKind.FIELD else f"{Decimal(criterion.least).normalize():f}",
        found=found,
        detail=_in_words(criterion),
    )


def _looked_at(deal: Deal, criterion: StageCriterion, facts: Facts) -> tuple[str, str, bool]:
    """The criterion's name, what was found, and whether that is enough."""
    if criterion.kind == CriterionKind.FIELD:
        return criterion.field, "", getattr(deal, criterion.field, None) not in EMPTY
    if criterion.kind == CriterionKind.APPROVAL:
        return "approval", "waiting" if facts.waits else "", not facts.waits
    if criterion.kind == CriterionKind.AMOUNT:
        amount = deal.deal_amount
        return "deal_amount", str(amount or ""), amount is not None and Decimal(amount) >= criterion.least
    counts = facts.held if criterion.kind == CriterionKind.ACTIVITY else facts.roles
    name = criterion.activity_type if criterion.kind == CriterionKind.ACTIVITY else criterion.role
    count = counts.get(name, 0)
    return name, str(count), count >= criterion.least


def _in_words(criterion: StageCriterion) -> str:
    return criterion.label or f"{_thing(criterion)}{_when(criterion)}"


def _thing(criterion: StageCriterion) -> str:
    least = f"{Decimal(criterion.least).normalize():f}"
    several = criterion.least > 1
    if criterion.kind == CriterionKind.FIELD:
        return criterion.field.removeprefix("deal_").replace("_", " ")
    if criterion.kind == CriterionKind.APPROVAL:
        return "the decision on what waits for approval"
    if criterion.kind == CriterionKind.AMOUNT:
        return f"an amount of at least {least}"
    if criterion.kind == CriterionKind.ACTIVITY:
        return _counted(criterion.get_activity_type_display(), least, several=several)
    return f"{_counted(criterion.get_role_display(), least, several=several)} among the people"


def _counted(word: str, least: str, *, several: bool) -> str:
    return f"{least} {word}s" if several else f"{'an' if word[0] in 'aeiou' else 'a'} {word}"


def _when(criterion: StageCriterion) -> str:
    return f" (to leave {criterion.stage})" if criterion.moment == CriterionMoment.EXIT else ""


def _held(deals: Collection[UUID]) -> dict[UUID, dict[str, int]]:
    """What took place on the deals; a meeting that is still to come, or a call that nobody took, did not."""
    rows = Activity.objects.filter(deal__in=deals, happened_at__lte=clock.now()).exclude(
        outcome__in=[ActivityOutcome.NO_ANSWER, ActivityOutcome.VOICEMAIL]
    )
    return _counts(rows, "deal_id", "type")


def _roles(companies: set[UUID | None]) -> dict[UUID | None, dict[str, int]]:
    return _counts(Contact.objects.filter(company__in=companies - {None}), "company_id", "influence_role")


def _counts(rows: QuerySet[Any], whose: str, what: str) -> dict[Any, dict[str, int]]:
    found: dict[Any, dict[str, int]] = defaultdict(dict)
    for key, name, count in rows.order_by().values_list(whose, what).annotate(count=Count("pk")):
        found[key][name] = count
    return found
