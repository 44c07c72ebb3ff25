"""Which weights count, and what other weights would have made of what was found already."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gtmos.kernel.actors import Actor
from gtmos.kernel.permissions import require
from outreach.enums import ResearchState, WeightsState
from outreach.models import Prospect, ResearchJob, ScoringWeights
from outreach.scoring.formulas import FIT_SHARE, GRADES, Part, fit, grade, priority
from outreach.scoring.judging import WEIGHTS

MOST_SCORED = 500
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Weighing:
    """What a score is made with."""

    weights: Mapping[str, float]
    fit_share: float

    def weighed(self, part: Part) -> Part:
        return Part(part.criterion, part.value, self.weights.get(part.criterion, part.weight), part.reason)


BUILT_IN = Weighing(WEIGHTS, FIT_SHARE)


@dataclass(frozen=True, slots=True)
class Moved:
    """One prospect: its place and grade as found, and as the other weights would have it."""

    prospect: Prospect
    place_before: int
    place_after: int
    grade_before: str
    grade_after: str
    fit_after: float
    priority_after: float


@dataclass(frozen=True, slots=True)
class Trial:
    """`job` is None where nobody searched yet. `grades` are (letter, before, after) over all that were scored."""

    job: ResearchJob | None
    count: int
    moved: list[Moved]
    grades: list[tuple[str, int, int]]
    changed: int


def weighing_of(version: ScoringWeights | None) -> Weighing:
    return Weighing({**WEIGHTS, **version.weights}, version.fit_share) if version else BUILT_IN


def active_weights() -> ScoringWeights | None:
    return ScoringWeights.objects.filter(state=WeightsState.ACTIVE).first()


def tried(version: ScoringWeights, *, actor: Actor) -> Trial:
    """The prospects of the last finished research, scored anew from their kept parts. Nothing is written."""
    require(actor, "outreach.configure_scoring", version)
    job = (
        ResearchJob.objects.filter(state=ResearchState.DONE, contacts_found__gt=0)
        .order_by("-created_at")
        .first()
    )
    if job is None:
        return Trial(None, 0, [], [], 0)
    found = list(Prospect.objects.filter(job=job).select_related("company", "contact")[:MOST_SCORED])
    moved = _placed(found, weighing_of(version))
    before = Counter(each.grade_before for each in moved)
    after = Counter(each.grade_after for each in moved)
    return Trial(
        job,
        len(moved),
        sorted(moved, key=lambda each: each.place_after)[:SHOWN],
        [(letter, before[letter], after[letter]) for letter, _ in GRADES],
        sum(each.grade_before != each.grade_after for each in moved),
    )


def _placed(found: list[Prospect], weighing: Weighing) -> list[Moved]:
    scored = [(each, *_scores(each, weighing)) for each in found]
    best_first = sorted(
        range(len(scored)), key=lambda number: (-scored[number][2], str(scored[number][0].pk))
    )
    places = {number: place for place, number in enumerate(best_first, start=1)}
    return [
        Moved(
            each,
            number + 1,
            places[number],
            grade(each.priority_score),
            grade(priority_after),
            fit_after,
            priority_after,
        )
        for number, (each, fit_after, priority_after) in enumerate(scored)
    ]  # fmt: skip -- one record


def _scores(prospect: Prospect, weighing: Weighing) -> tuple[float, float]:
    fit_after = fit([weighing.weighed(_part(kept)) for kept in prospect.parts])
    return fit_after, priority(fit_after, prospect.intent_score, fit_share=weighing.fit_share)


def _part(kept: Mapping[str, Any]) -> Part:
    return Part(kept["criterion"], kept["value"], kept["weight"], kept["reason"])
