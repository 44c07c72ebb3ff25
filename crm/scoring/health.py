"""Whether an open deal is well, and if not, what stands in the way and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum

from crm.scoring.words import many

SLIPPED_TOO_FAR_DAYS = 14


class Health(StrEnum):
    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of an open deal today. Days are whole days; None is "never" or "not set".

    `rot_days` is how long the stage allows.
    """

    rot_days: int
    days_in_stage: int | None
    days_since_activity: int | None
    has_next_step: bool
    next_step_late_days: int | None
    signing_late_days: int | None
    has_signing_date: bool
    has_decision_maker: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """One blocker, why it counts, and the next thing to do. `is_grave` alone makes a deal red."""

    code: str
    blocker: str
    action: str
    is_grave: bool = False


@dataclass(frozen=True, slots=True)
class Judgement:
    health: Health
    findings: tuple[Finding, ...]
    escalate: str = ""


def judge(deal: Standing) -> Judgement:
    """Red with a grave finding or three others; yellow with any; green with none.

    A red deal that is also longer than twice the allowed time in its stage is one for the manager.
    """
    findings = tuple(finding for rule in RULES if (finding := rule(deal)) is not None)
    if any(each.is_grave for each in findings) or len(findings) >= 3:
        health = Health.RED
    else:
        health = Health.YELLOW if findings else Health.GREEN
    return Judgement(health, findings, _escalation(deal, health))


def _silence(deal: Standing) -> Finding | None:
    quiet = deal.days_since_activity if deal.days_since_activity is not None else deal.days_in_stage
    if quiet is None or quiet <= deal.rot_days:
        return None
    never = deal.days_since_activity is None
    words = f"Nothing has happened {'yet in' if never else 'for'} {many(quiet, 'day')}"
    return Finding(
        "no_activity",
        f"{words}; the stage allows {deal.rot_days}.",
        "Write or call today, with a reason that is new to them.",
        is_grave=quiet > 2 * deal.rot_days,
    )


def _stuck(deal: Standing) -> Finding | None:
    if deal.days_in_stage is None or deal.days_in_stage <= deal.rot_days:
        return None
    return Finding(
        "stuck",
        f"It has stood {many(deal.days_in_stage, 'day')} in a stage that allows {deal.rot_days}.",
        "Agree with them on what would move it on, or move it back.",
    )


def _no_next_step(deal: Standing) -> Finding | None:
    if deal.has_next_step:
        return None
    return Finding(
        "no_next_step", "Nobody knows what comes next.", "Set a next step with a person and a day."
    )


def _late_step(deal: Standing) -> Finding | None:
    if not deal.next_step_late_days or deal.next_step_late_days < 1:
        return None
    return Finding(
        "late_step",
        f"The next step is {many(deal.next_step_late_days, 'day')} late.",
        "Do it or give it a new day that you will keep.",
    )


def _slipped(deal: Standing) -> Finding | None:
    late = deal.signing_late_days
    if not late or late < 1:
        return None
    return Finding(
        "slipped",
        f"It was to be signed {many(late, 'day')} ago.",
        "Ask what changed, and set the day they say.",
        is_grave=late > SLIPPED_TOO_FAR_DAYS,
    )


def _undated(deal: Standing) -> Finding | None:
    if deal.has_signing_date:
        return None
    return Finding(
        "undated", "No day of signing is known.", "Ask by when they want it in use and count back from there."
    )


def _no_decision_maker(deal: Standing) -> Finding | None:
    if deal.has_decision_maker:
        return None
    return Finding(
        "no_decision_maker",
        "Nobody who decides is among the people of the company.",
        "Ask who signs, and ask to meet them.",
    )


def _escalation(deal: Standing, health: Health) -> str:
    if health is not Health.RED or (deal.days_in_stage or 0) <= 2 * deal.rot_days:
        return ""
    return f"Red and {deal.days_in_stage} days in the stage: talk it through with the manager this week."


RULES = (_silence, _stuck, _no_next_step, _late_step, _slipped, _undated, _no_decision_maker)
