"""The rules of a policy: branches with conditions, each with a chain of steps. Pure but for the words of its faults."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gtmos.kernel.approvals.business_time import Office
from gtmos.kernel.approvals.enums import Needs
from gtmos.kernel.rules.conditions import Condition, condition_of, fault_of, is_number

NUMERIC = frozenset({"above", "below", "at_least", "at_most"})
MOST_BRANCHES, MOST_STEPS, MOST_CONDITIONS = 10, 10, 20
LONGEST_HOURS = 24 * 365
SETTINGS = frozenset({"branches", "expires_hours", "own_allowed", "time_zone", "day_from", "day_to"})


@dataclass(frozen=True, slots=True)
class StepPlan:
    """Who is asked, how many of them, and what happens when they do not answer in time."""

    approvers: tuple[str, ...]
    needs: str = Needs.ANY
    hours: float | None = None
    in_business_hours: bool = True
    escalate_to: str = ""


@dataclass(frozen=True, slots=True)
class Branch:
    """`groups`: one of them has to hold whole. Without groups it always fits; without steps nobody is asked."""

    name: str
    groups: tuple[tuple[Condition, ...], ...] = ()
    steps: tuple[StepPlan, ...] = ()

    def fits(self, values: Mapping[str, Any]) -> bool:
        if not self.groups:
            return True
        return any(all(each.holds(values, {}) for each in group) for group in self.groups)


@dataclass(frozen=True, slots=True)
class Definition:
    branches: tuple[Branch, ...] = ()
    expires_hours: float = 0
    own_allowed: bool = False
    office: Office = field(default_factory=Office)

    def branch_for(self, values: Mapping[str, Any]) -> Branch | None:
        """The first that fits; none where nothing has to be asked."""
        found = next((each for each in self.branches if each.fits(values)), None)
        return found if found and found.steps else None


def definition_of(stored: Mapping[str, Any]) -> Definition:
    return Definition(
        branches=tuple(_branch(each) for each in stored.get("branches", [])),
        expires_hours=float(stored.get("expires_hours") or 0),
        own_allowed=bool(stored.get("own_allowed")),
        office=Office(stored.get("time_zone") or "UTC", stored.get("day_from", 9), stored.get("day_to", 17)),
    )


def _branch(stored: Mapping[str, Any]) -> Branch:
    return Branch(
        name=stored.get("name", ""),
        groups=tuple(tuple(condition_of(part) for part in group) for group in stored.get("groups", [])),
        steps=tuple(_step(each) for each in stored.get("steps", [])),
    )


def _step(stored: Mapping[str, Any]) -> StepPlan:
    hours = stored.get("hours")
    return StepPlan(
        approvers=tuple(stored.get("approvers", [])),
        needs=stored.get("needs", Needs.ANY),
        hours=None if hours in (None, "") else float(hours),
        in_business_hours=bool(stored.get("in_business_hours", True)),
        escalate_to=stored.get("escalate_to", ""),
    )


def stored_of(plan: Definition) -> dict[str, Any]:
    """As it is kept: every setting said, nothing left to a default that may change."""
    return {
        "branches": [
            {
                "name": branch.name,
                "groups": [[asdict(each) for each in group] for group in branch.groups],
                "steps": [{**asdict(each), "approvers": list(each.approvers)} for each in branch.steps],
            }
            for branch in plan.branches
        ],
        "expires_hours": plan.expires_hours,
        "own_allowed": plan.own_allowed,
        "time_zone": plan.office.time_zone,
        "day_from": plan.office.day_from,
        "day_to": plan.office.day_to,
    }


def shape_fault(stored: Any) -> str:
    """Whether it can be read at all, before anything is asked of it."""
    if not isinstance(stored, dict) or not isinstance(stored.get("branches"), list):
        return "The rules are a list of branches."
    if unknown := sorted(set(stored) - SETTINGS):
        return f"The rules know no {unknown[0]}."
    try:
        plan = definition_of(stored)
    except (TypeError, ValueError, AttributeError, OverflowError):
        return "The rules cannot be read: a branch has a name, groups of conditions, and steps."
    if not all(isinstance(each, str) for each in _texts(plan)):
        return "Names, fields, operators, values, approvers and the time zone are text: write 0.2 as “0.2”."
    return ""


def _texts(plan: Definition) -> Iterator[object]:
    """What has to be text, whatever a program or a file said."""
    yield plan.office.time_zone
    for branch in plan.branches:
        yield branch.name
        for each in (part for group in branch.groups for part in group):
            yield from (each.field, each.operator, each.value)
        for step in branch.steps:
            yield from (*step.approvers, step.needs, step.escalate_to)


def fault(plan: Definition, *, known: Collection[str], approvers: Collection[str]) -> str:
    """What is wrong with rules that somebody wrote, in words for them; nothing where they can be asked."""
    if not 0 < len(plan.branches) <= MOST_BRANCHES:
        return f"A policy has 1 to {MOST_BRANCHES} branches."
    if not any(each.steps for each in plan.branches):
        return "Nobody is asked by any branch: name an approver."
    if len({each.name for each in plan.branches}) < len(plan.branches):
        return "Give each branch a name of its own."
    faults = (_branch_fault(each, known, approvers) for each in plan.branches)
    return next(filter(None, faults), "") or _unreachable(plan) or _time_fault(plan)


def _branch_fault(branch: Branch, known: Collection[str], approvers: Collection[str]) -> str:
    if not branch.name.strip():
        return "Give each branch a name."
    if len(branch.steps) > MOST_STEPS or sum(map(len, branch.groups)) > MOST_CONDITIONS:
        return f"{branch.name}: at most {MOST_STEPS} steps and {MOST_CONDITIONS} conditions."
    if any(not group for group in branch.groups):
        return f"{branch.name}: a group without conditions always holds. Leave it out."
    parts = [each for group in branch.groups for each in group]
    faults = [_condition_fault(each, known) for each in parts]
    faults += [_step_fault(each, approvers) for each in branch.steps]
    words = next(filter(None, faults), "")
    return f"{branch.name}: {words}" if words else ""


def _condition_fault(each: Condition, known: Collection[str]) -> str:
    words = fault_of(each, known, noun="value", unknown="There is no value {} to compare.")
    if words or each.operator not in NUMERIC or is_number(each.value):
        return words
    return f"{each.value} is no number. Write 0.2 for 20 %."


def _step_fault(step: StepPlan, approvers: Collection[str]) -> str:
    if not step.approvers:
        return "Each step needs somebody who is asked."
    unknown = [each for each in (*step.approvers, step.escalate_to) if each and each not in approvers]
    if unknown:
        return f"There is nobody like {unknown[0]} to ask."
    if step.needs not in Needs.values:
        return "A step needs any or all of those who are asked."
    if step.hours is not None and not 0 < step.hours <= LONGEST_HOURS:
        return f"A step is due within more than 0 and at most {LONGEST_HOURS} hours."
    if step.escalate_to and step.hours is None:
        return "Say after how many hours the step goes to somebody else."
    return ""


def _unreachable(plan: Definition) -> str:
    for number, each in enumerate(plan.branches[:-1], start=1):
        if not each.groups:
            return f"{each.name} always fits, so {plan.branches[number].name} is never reached."
    return ""


def _time_fault(plan: Definition) -> str:
    office = plan.office
    try:
        ZoneInfo(office.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        return f"{office.time_zone} is no time zone; write it like America/New_York."
    hours = (office.day_from, office.day_to)
    if not all(isinstance(each, int) for each in hours) or not 0 <= office.day_from < office.day_to <= 24:
        return "The working day begins before it ends, in full hours from 0 to 24."
    if not 0 <= plan.expires_hours <= LONGEST_HOURS:
        return f"A request expires after at most {LONGEST_HOURS} hours, or with 0 never."
    return ""
