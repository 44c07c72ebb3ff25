"""Taking back what was done, newest first, through the same verbs as everything else."""

from django.db import transaction

from agents.enums import StepState
from agents.events import StepUndone
from agents.models import Run, Step
from agents.services.registry import run_undo
from agents.services.threads import say
from gtmos.kernel import events, live
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.permissions import require

MOST_STEPS = 20


@transaction.atomic
def undo_run(run: Run, *, actor: Actor) -> str:
    """Take back every step of a run that can be; all of them or none."""
    require(actor, "agents.undo_run", run)
    steps = [step for step in run.steps.order_by("-number") if step.state == StepState.DONE and step.undo]
    if not steps:
        raise DomainError("There is nothing left to take back here.", code="nothing_to_undo")
    sentence = " ".join(_undo(step, actor=actor) for step in steps)
    if run.thread is not None:
        say(run.thread, sentence, actor=actor, card={"kind": "result"})
    return sentence


@transaction.atomic
def undo_last(*, actor: Actor, steps: int = 1, target: str = "") -> tuple[str, int]:
    """Take back this person's last steps; with `target` only those that mention it."""
    rows = Step.objects.filter(run__owner=actor.user, state=StepState.DONE).exclude(undo={})
    rows = rows.order_by("-finished_at", "-number").select_related("run")
    chosen = [step for step in rows[: MOST_STEPS * 5] if _mentions(step, target)]
    chosen = chosen[: max(1, min(steps, MOST_STEPS))]
    if not chosen:
        about = f" about {target}" if target else ""
        raise DomainError(f"You did nothing{about} that can be taken back.", code="nothing_to_undo")
    for step in chosen:
        require(actor, "agents.undo_run", step.run)
    return " ".join(_undo(step, actor=actor) for step in chosen), len(chosen)


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
