"""Which roles may ask for what, before anything is looked up. The verbs themselves check again."""

from dataclasses import replace

from agents.planner.plan import Plan
from agents.planner.schema import REGISTRY
from gtmos.kernel.people.models import Role
from gtmos.kernel.people.roles import Standing

# What makes messages leave by the hundred needs the right to send; a single meeting or export does not.
SENDING = ("campaign.", "ab.", "play.")
DECIDING = "approval.decide"


def role_may(standing: Standing | None, intent: str) -> bool:
    known = REGISTRY[intent]
    if known.risk == "read":
        return True
    if standing is None:
        return False
    if intent == DECIDING:
        return standing.based_on != Role.VIEWER
    if known.risk == "admin":
        return standing.may("configure", "settings")
    if known.risk in {"external", "bulk"} and intent.startswith(SENDING):
        return standing.may("send", "campaign")
    return standing.may_somewhere("edit")


def authorised(plan: Plan, standing: Standing | None) -> Plan:
    """The same plan, or a refusal when one of its steps is not this role's to ask for."""
    asked = [step.intent for step in plan.steps]
    if plan.outcome == "clarify" and plan.intent:
        asked.append(plan.intent)
    refused = next((name for name in asked if name in REGISTRY and not role_may(standing, name)), None)
    if refused is None:
        return plan
    title = REGISTRY[refused].title.lower()
    return replace(
        plan,
        outcome="refuse",
        steps=(),
        intent=refused,
        missing=(),
        candidates=(),
        reason="permission",
        question=f"Your role may not do this: {title}. Nothing was changed.",
        readings=(),
    )
