"""The words and cards of an answer: what was done, what is asked, why not."""

from collections.abc import Mapping
from typing import Any

from agents.enums import StepState
from agents.models import Run, Step
from agents.planner.plan import Plan
from agents.planner.plan import Step as PlannedStep
from agents.planner.schema import REGISTRY
from agents.selectors.resolving import ClarifyError
from agents.services.chips import chips_of, in_words, label
from agents.services.journal import Rehearsal
from agents.services.registry import ASKING
from crm.services.restoring import MovedOnError
from gtmos.kernel.exceptions import DomainError

NOTHING_CHANGED = "Nothing was changed."
Answer = tuple[str, dict[str, Any]]


def not_acting(plan: Mapping[str, Any]) -> Answer:
    """A question or a refusal of the planner."""
    text = plan.get("question") or "I do not understand that yet. Say it in other words."
    if plan["outcome"] == "refuse":
        return text, {"kind": "refusal", "note": NOTHING_CHANGED, "reason": plan.get("reason") or ""}
    return text, {"kind": "question", "readings": _readings(plan)[:5], "note": NOTHING_CHANGED}


def _readings(plan: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The records that fit where one is missing, else the ways to read the sentence that could be done."""
    if plan.get("missing"):
        return [{"title": name, "answer": name} for name in plan.get("candidates") or ()]
    rows = []
    for number, reading in enumerate(plan.get("readings") or ()):
        intent = REGISTRY[reading["intent"]]
        if not intent.unmet({**intent.defaults, **reading["slots"]}):
            rows.append({"title": reading["title"], "choice": f"reading:{number}"})
    return rows


def not_in_this_release(names: list[str]) -> Answer:
    titles = ", ".join(REGISTRY[name].title.lower() for name in names)
    return (
        f"I understood: {titles}. That is not part of this release. {NOTHING_CHANGED}",
        {"kind": "refusal", "note": NOTHING_CHANGED, "reason": "not_in_this_release"},
    )


def question(run: Run, step: Step, error: ClarifyError) -> Answer:
    """Which one is meant: each candidate answers with the record's own key."""
    readings = [
        {
            "title": candidate.title,
            "detail": candidate.detail,
            "overrides": {f"{step.number - 1}.{error.slot}": candidate.value},
        }
        for candidate in error.candidates
    ]
    return error.message, {"kind": "question", "readings": readings, "note": _what_was_done(run)}


def refusal(run: Run, error: DomainError) -> Answer:
    return error.message, {
        "kind": "refusal",
        "note": _what_was_done(run),
        "reason": error.code,
        **to_open(error),
    }


def to_open(error: DomainError) -> dict[str, Any]:
    """The record that somebody else worked on, one click away."""
    return {"subject": error.subject} if isinstance(error, MovedOnError) else {}


def done(run: Run) -> Answer:
    """The summaries of all steps, the numbers, and the way back."""
    steps = list(run.steps.all())
    cards = [step.result.get("card") or {} for step in steps]
    findings = [finding for card in cards for finding in card.get("findings", ())]
    subjects = [step.result["subject"] for step in steps if step.result.get("subject")]
    card = {
        "kind": "result",
        "findings": findings,
        "tables": [card["table"] for card in cards if card.get("table")],
        "actions": [action for card in cards for action in card.get("actions", ())],
        "subject": subjects[-1] if subjects else {},
        "can_undo": any(step.undo for step in steps),
        "chips": [[chip.name, chip.value] for chip in chips_of(plan_of(run))] if _writes(steps) else [],
    }
    return " ".join(step.summary for step in steps), card


def confirmation(run: Run, rehearsal: Rehearsal) -> dict[str, Any]:
    """The resolved call, with where each argument comes from; approving approves exactly this."""
    steps = list(run.steps.all())
    title = ", then ".join(REGISTRY[step.tool].title.lower() for step in steps)
    wanted = "; ".join(result.summary for result in rehearsal.results)
    outside = any(step.risk in ASKING for step in steps)
    return {
        "kind": "approval",
        "approval": {
            "id": str(run.pk),
            "question": f"I understood: {title}. {'Do it?' if outside else 'Is that right?'}",
            "explanation": wanted,
            "arguments": _arguments(run, rehearsal),
            "undo_text": _undo_text(rehearsal),
            "fingerprint": rehearsal.fingerprint,
        },
    }


def plan_of(run: Run) -> Plan:
    """The journalled plan in the planner's own shape."""
    steps = tuple(PlannedStep(step.tool, dict(step.arguments)) for step in run.steps.all())
    return Plan("act", steps=steps, confidence=run.confidence)


def _arguments(run: Run, rehearsal: Rehearsal) -> list[dict[str, str]]:
    rows = []
    for entry in rehearsal.resolved:
        for slot, value in entry["arguments"].items():
            record = entry["resolved"].get(slot)
            words = f"{record['name']} ({record['id'][:8]}, version {record['version']})" if record else None
            rows.append(
                {"name": label(slot), "value": words or in_words(value), "source": _source(run, value)}
            )
    return rows


def _source(run: Run, value: Any) -> str:
    words = in_words(value)
    return (
        "your words" if words.lower() in run.command.lower() else "understood from your words or the screen"
    )


def _undo_text(rehearsal: Rehearsal) -> str:
    if all(result.undo for result in rehearsal.results):
        return "This can be taken back. What was sent by then stays sent."
    return "This cannot be taken back."


def _what_was_done(run: Run) -> str:
    before = [step.summary for step in run.steps.all() if step.state == StepState.DONE]
    return f"Done before: {' '.join(before)}" if before else NOTHING_CHANGED


def _writes(steps: list[Step]) -> bool:
    return any(step.risk != "read" for step in steps)
