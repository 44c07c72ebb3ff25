"""The front door: what a sentence means to this person, on this screen, with these rights."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from agents.planner.context import Context
from agents.planner.plan import Plan, Step
from agents.planner.planner import Planner
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
    role = actor.user.role if actor.user else ""
    plan = Planner(world).plan(
        said.text[:LONGEST_COMMAND], Context.from_mapping(planner_view(context), role=role)
    )
    plan = edited(chosen(plan, said.choice), said.overrides, world.now.date(), world.currency)
    return Meaning(authorised(plan, role), context)


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
