"""Carrying out one step: the change, its record and its events in one transaction, so it happens exactly once."""

import hashlib
import json
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from agents.enums import StepState
from agents.models import Run, Step
from agents.selectors.resolving import Call
from agents.services.registry import ToolResult, checked, find_tool
from gtmos.kernel.actors import Actor
from gtmos.kernel.events.publishing import plain
from gtmos.kernel.exceptions import DomainError


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What the steps would do, found out by doing them and taking everything back."""

    results: tuple[ToolResult, ...]
    resolved: tuple[dict[str, Any], ...]

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.resolved)


def call_of(run: Run, step: Step, actor: Actor, *, is_approved: bool) -> Call:
    return Call(
        actor=replace(actor, run_id=run.pk),
        context=dict(run.plan.get("context") or {}),
        command=run.command,
        step_id=step.pk,
        is_approved=is_approved,
    )


def rehearse(run: Run, steps: list[Step], *, actor: Actor) -> Rehearsal:
    """Try all steps in one transaction that is rolled back: questions and refusals come before any change."""
    results: list[ToolResult] = []
    resolved: list[dict[str, Any]] = []
    with transaction.atomic():
        for step in steps:
            call = call_of(run, step, actor, is_approved=True)
            results.append(_body(step, call))
            resolved.append({"tool": step.tool, "arguments": step.arguments, "resolved": call.resolved})
        transaction.set_rollback(True)
    return Rehearsal(tuple(results), tuple(resolved))


@transaction.atomic
def carry_out(step_id: UUID, *, actor: Actor, bound_to: dict[str, Any] | None = None) -> Step:
    """Do one planned step. A second caller waits for the lock, finds it done and leaves it.

    `bound_to` is what a person approved: when the names now mean other records, or a record has moved on, nothing
    is done.
    """
    step = Step.objects.select_for_update().get(pk=step_id)
    if step.state != StepState.PLANNED:
        return step
    step.started_at = timezone.now()
    call = call_of(step.run, step, actor, is_approved=bound_to is not None)
    result = _body(step, call)
    if bound_to is not None and bound_to != plain(call.resolved):
        raise DomainError(
            "What you approved has changed since. Nothing was done; look at it again.", code="changed_since"
        )
    step.state = StepState.DONE
    step.summary = result.summary[:500]
    step.result = plain({"card": result.card, "subject": result.subject, "context": result.context})
    step.undo = plain(result.undo)
    step.finished_at = timezone.now()
    step.save()
    return step


def fingerprint(resolved: tuple[dict[str, Any], ...]) -> str:
    """A hash of exactly this: the tools, their arguments, and the records as they were."""
    text = json.dumps(plain(list(resolved)), sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _body(step: Step, call: Call) -> ToolResult:
    tool = find_tool(step.tool)
    if tool is None:
        raise DomainError(f"{step.tool} is not part of this release.", code="not_in_this_release")
    return tool.run(checked(tool, step.arguments), call)
