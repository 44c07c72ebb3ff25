"""The front door: what a sentence means to this person, on this screen, with these rights."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from agents.planner.context import Context
from agents.planner.plan import Plan, Step
from agents.planner.planner import Planner
from agents.planner.schema import REGISTRY
from agents.selectors.screen import planner_view, screen_context
from agents.selectors.world import world_for
from agents.services.authorising import authorised
from agents.services.chips import edited
from gtmos.kernel.actors import Actor

LONGEST_COMMAND = 2000
READING = "reading:"


@dataclass(frozen=True, slots=True)
class Said:
    """One sentence and everything around it: the page, edits of its chips, the reading that was chosen."""

    text: str
    page: Mapping[str, Any] = field(default_factory=dict)
    overrides: Mapping[str, str | None] = field(default_factory=dict)
    choice: str = ""


@dataclass(frozen=True, slots=True)
class Meaning:
    """The plan, and the context it was made in."""

    plan: Plan
    context: dict[str, Any]


def understand(said: Said, *, thread_context: Mapping[str, Any], actor: Actor) -> Meaning:
    """Plan one sentence. Nothing is changed by it, and nothing from outside is read as an instruction."""
    context = screen_context(said.page, thread_context, actor=actor)
    world = world_for(actor)
    standing = actor.user.standing if actor.user else None
    role = standing.based_on if standing else ""
    plan = Planner(world).plan(
        said.text[:LONGEST_COMMAND], Context.from_mapping(planner_view(context), role=role)
    )
    plan = chosen(plan, said.choice)
    plan = edited(opened(plan, said.overrides), said.overrides, world.now.date(), world.currency)
    plan = closed(plan)
    return Meaning(authorised(plan, standing), context)


def opened(plan: Plan, overrides: Mapping[str, str | None]) -> Plan:
    """A question that a person answers: what was understood so far becomes the step that the answer completes."""
    if plan.outcome != "clarify" or not overrides or not plan.missing or not plan.readings:
        return plan
    first = plan.readings[0]
    return replace(plan, steps=(Step(first.intent, dict(first.slots)),))


def closed(plan: Plan) -> Plan:
    """Once everything that was asked for is there, the question is an order; else it stays a question."""
    if plan.outcome != "clarify" or not plan.steps:
        return plan
    slots = plan.steps[0].slots
    missing = tuple(name for name in plan.missing if slots.get(name) in (None, "", [], {}))
    if missing or REGISTRY[plan.steps[0].intent].unmet(slots):
        return replace(plan, steps=(), missing=missing or plan.missing)
    return replace(plan, outcome="act", missing=(), candidates=(), question="", readings=(), confidence=1.0)


def chosen(plan: Plan, choice: str) -> Plan:
    """One of the readings the planner offered, when a person has picked it."""
    number = choice.removeprefix(READING)
    if not choice.startswith(READING) or not number.isdigit() or int(number) >= len(plan.readings):
        return plan
    reading = plan.readings[int(number)]
    return replace(
        plan,
        outcome="act",
        steps=(Step(reading.intent, dict(reading.slots)),),
        intent=reading.intent,
        missing=(),
        candidates=(),
        question="",
        confidence=1.0,
        understood=(),
        readings=(),
    )
