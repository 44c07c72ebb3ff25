"""Taking back what was done, newest first, through the same verbs as everything else."""

from typing import Any
from uuid import UUID

from django.db import transaction

from agents.enums import StepState
from agents.events import StepUndone
from agents.models import Run, Step
from agents.services.registry import run_undo, undo_asks
from agents.services.threads import say
from crm.services.restoring import MovedOnError
from gtmos.kernel import events, live
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.permissions import require

MOST_STEPS = 20


def undo_run(run: Run, *, actor: Actor) -> str:
    """Take back every step of a run that can be; all of them or none. A refusal stands in the thread as well."""
    require(actor, "agents.undo_run", run)
    try:
        with transaction.atomic():
            sentence, _ = undo_last(actor=actor, target=str(run.pk))
            _say(run, sentence, {"kind": "result"}, actor=actor)
    except MovedOnError as error:
        _say(run, error.message, {"kind": "refusal", "subject": error.subject}, actor=actor)
        raise
    return sentence


def _say(run: Run, sentence: str, card: dict[str, Any], *, actor: Actor) -> None:
    if run.thread is not None:
        say(run.thread, sentence, actor=actor, card=card)


@transaction.atomic
def undo_last(
    *, actor: Actor, steps: int = 1, target: str = "", is_approved: bool = False
) -> tuple[str, int]:
    """Take back this person's last steps; with `target` only those that mention it, or those of one run."""
    chosen = steps_to_undo(actor=actor, steps=steps, target=target)
    if not chosen:
        raise DomainError(_nothing(target), code="nothing_to_undo")
    if asks_first(chosen) and not is_approved:
        raise DomainError(
            "Taking this back changes what is sent. Say undo, and confirm it. Nothing was changed.",
            code="needs_confirmation",
        )
    for step in chosen:
        require(actor, "agents.undo_run", step.run)
    return " ".join(_undo(step, actor=actor) for step in chosen), len(chosen)


def steps_to_undo(*, actor: Actor, steps: int = 1, target: str = "") -> list[Step]:
    """What an undo would take back now, newest first."""
    rows = Step.objects.filter(run__owner=actor.user, state=StepState.DONE).exclude(undo={})
    rows = rows.order_by("-finished_at", "-number").select_related("run")
    run = _run_key(target)
    if run is not None:
        return list(rows.filter(run=run).order_by("-number"))
    chosen = [step for step in rows[: MOST_STEPS * 5] if _mentions(step, target)]
    return chosen[: max(1, min(steps, MOST_STEPS))]


def asks_first(steps: list[Step]) -> bool:
    """Would mail leave by taking these back, or other mail than now?"""
    return any(undo_asks(step.undo) for step in steps)


def _run_key(target: str) -> UUID | None:
    try:
        return UUID(target)
    except ValueError:
        return None


def _nothing(target: str) -> str:
    if _run_key(target) is not None:
        return "There is nothing left to take back here."
    about = f" about {target}" if target else ""
    return f"You did nothing{about} that can be taken back."


def _mentions(step: Step, target: str) -> bool:
    words = [word for word in target.lower().split() if word not in {"the", "last", "my", "that", "change"}]
    text = f"{step.tool} {step.summary} {step.run.command}".lower().replace(".", " ")
    return all(word in text for word in words)


def _undo(step: Step, *, actor: Actor) -> str:
    step = Step.objects.select_for_update().get(pk=step.pk)
    if step.state != StepState.DONE:
        raise DomainError("This was taken back already.", code="nothing_to_undo")
    sentence = run_undo(step.undo, actor=actor)
    step.state = StepState.UNDONE
    step.save(update_fields=["state", "updated_at"])
    undone = StepUndone(run_id=step.run_id, step_id=step.pk, tool=step.tool)
    events.publish(undone, subject=step, actor=actor)
    live.push(f"run:{step.run_id}")
    return sentence
