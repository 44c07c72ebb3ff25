"""Trying rules on the records of today: who would be asked about which. Nothing is written."""

from dataclasses import dataclass, field

from gtmos.kernel.actors import Actor
from gtmos.kernel.approvals import approvers
from gtmos.kernel.approvals.actions import action_of
from gtmos.kernel.approvals.definitions import definition_of
from gtmos.kernel.approvals.models import ApprovalPolicy
from gtmos.kernel.events.publishing import plain
from gtmos.kernel.permissions import require

LIMIT = 200
EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Tried:
    """One record, what was asked for it, the branch that fits and whom its first step would ask."""

    record: str
    values: dict[str, str]
    branch: str
    people: tuple[str, ...]


@dataclass(slots=True)
class Trial:
    count: int = 0
    needing: list[Tried] = field(default_factory=list)

    @property
    def sentence(self) -> str:
        if not self.needing:
            return f"None of the {self.count:,} records would need approval."
        shown = "; ".join(
            f"{each.record} ({each.branch}, by {', '.join(each.people) or 'nobody yet'})"
            for each in self.needing[:EXAMPLES]
        )
        return (
            f"{len(self.needing):,} of {self.count:,} records would need approval, as if each asked for the "
            f"discount it has, or 25 % where it has none: {shown}."
        )


def try_policy(policy: ApprovalPolicy, *, actor: Actor, limit: int = LIMIT) -> Trial:
    """As if something were asked for each of the newest records now."""
    require(actor, "kernel.configure_approvals")
    action, plan, trial = action_of(policy.action), definition_of(policy.definition), Trial()
    for record, values in action.samples(actor=actor, limit=limit):
        trial.count += 1
        branch = plan.branch_for(plain({**action.facts(record), **values}))
        if branch is not None:
            owner = getattr(record, "owner", None)
            people = {
                str(each)
                for name in branch.steps[0].approvers
                for each in approvers.people_of(name, requester=owner)
                if plan.own_allowed or each != owner
            }
            trial.needing.append(
                Tried(
                    str(record),
                    {key: str(each) for key, each in values.items()},
                    branch.name,
                    tuple(sorted(people)),
                )  # fmt: skip -- one row
            )
    return trial
