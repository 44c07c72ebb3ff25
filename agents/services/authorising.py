"""Which roles may ask for what, before anything is looked up. The verbs themselves check again."""

from dataclasses import replace

from agents.planner.plan import Plan
from agents.planner.schema import REGISTRY
from gtmos.kernel.people.models import CONFIGURES, EDITS, SENDS, Role

# What makes messages leave by the hundred needs the right to send; a single meeting or export does not.
SENDING = ("campaign.", "ab.", "play.")
DECIDING = "approval.decide"


def role_may(role: str, intent: str) -> bool:
    known = REGISTRY[intent]
    if known.risk == "read":
        return True
    if intent == DECIDING:
        return role != Role.VIEWER
    if known.risk == "admin":
        return role in CONFIGURES
    if known.risk in {"external", "bulk"} and intent.startswith(SENDING):
        return role in SENDS
    return role in EDITS


def authorised(plan: Plan, role: str) -> Plan:
    """The same plan, or a refusal when one of its steps is not this role's to ask for."""
    asked = [step.intent for step in plan.steps]
    if plan.outcome == "clarify" and plan.intent:
        asked.append(plan.intent)
    refused = next((name for name in asked if name in REGISTRY and not role_may(role, name)), None)
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
