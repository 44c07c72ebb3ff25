"""What a criterion would hold up today, before it holds anybody up."""

from dataclasses import dataclass

from crm.enums import CriterionMoment, DealState
from crm.models import StageCriterion
from crm.selectors.criteria import facts_of, unmet
from crm.selectors.visibility import visible_deals
from gtmos.kernel.actors import Actor
from gtmos.kernel.permissions import require

MOST_TRIED = 100
EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class CriterionTrial:
    """Of the open deals that it would be asked of next: how many there are, how many were looked at, and who lacks it."""

    total: int
    count: int
    lacking: tuple[str, ...]

    @property
    def sentence(self) -> str:
        if not self.count:
            return "No open deal stands where it would be asked."
        is_part = self.count < self.total
        newest = f"the newest {self.count:,} of " if is_part else ""
        base = f"{newest}{self.total:,} open deals that it would be asked of"
        if not self.lacking:
            return f"All {'of ' if is_part else ''}{base} have it."
        such = ", ".join(self.lacking[:EXAMPLES])
        return f"{len(self.lacking):,} of {base} lack it, such as {such}."


def tried(criterion: StageCriterion, *, actor: Actor) -> CriterionTrial:
    """Asked of the newest open deals: on the way out of those in the stage, on the way in of those before it."""
    require(actor, "crm.configure_pipelines", criterion)
    stage = criterion.stage
    where = (
        {"stage": stage}
        if criterion.moment == CriterionMoment.EXIT
        else {"stage__pipeline": stage.pipeline_id, "stage__position__lt": stage.position}
    )
    deals = visible_deals(actor=actor).filter(deal_state=DealState.OPEN, **where)
    asked = list(deals.select_related("team").order_by("-created_at", "-id")[:MOST_TRIED])
    facts = facts_of(asked, [criterion])
    lacking = tuple(str(each) for each in asked if unmet(each, [criterion], facts=facts))
    return CriterionTrial(deals.count(), len(asked), lacking)
