"""From a sentence to what it does: understood, authorised, confirmed where needed, done once, answered."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from agents.enums import Risk, RunState, StepState, Trust
from agents.events import RunFinished
from agents.models import Message, Run, Step, Thread
from agents.planner.plan import Plan
from agents.planner.plan import Step as PlannedStep
from agents.selectors.resolving import ClarifyError
from agents.services import answers
from agents.services.authorising import authorised
from agents.services.journal import Rehearsal, carry_out, rehearse
from agents.services.registry import ASKING, find_tool
from agents.services.threads import open_thread, remember, say
from agents.services.understanding import Meaning, Said, understand
from gtmos.kernel import events, live
from gtmos.kernel.actors import Actor
from gtmos.kernel.events.publishing import plain
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.fsm import move
from gtmos.kernel.permissions import require

# A write below this confidence shows what was understood and waits for a word.
SURE_ENOUGH = 0.6
UNDO = "system.undo"
OPEN_STATES = (RunState.QUEUED, RunState.RUNNING)


def submit(
    text: str,
    *,
    actor: Actor,
    thread: Thread | None = None,
    context: Mapping[str, Any] | None = None,
    overrides: Mapping[str, str | None] | None = None,
    choice: str = "",
    key: str = "",
    run_id: UUID | None = None,
) -> Run:
    """Do what a sentence says. The same key is done once, however often it is sent."""
    require(actor, "agents.ask")
    known = _known(key, actor)
    if known is not None:
        return known
    thread = thread or open_thread(actor=actor)
    require(actor, "agents.continue_thread", thread)
    said = Said(text.strip(), context or {}, overrides or {}, choice)
    meaning = understand(said, thread_context=thread.context, actor=actor)
    return start_run(meaning, said, thread=thread, key=key, run_id=run_id, actor=actor)


def start_run(
    meaning: Meaning,
    said: Said,
    *,
    thread: Thread,
    key: str = "",
    run_id: UUID | None = None,
    actor: Actor,
) -> Run:
    """Do what was understood, whoever understood it: every planner comes through here."""
    require(actor, "agents.ask")
    require(actor, "agents.continue_thread", thread)
    try:
        run = _note(meaning, said, thread=thread, key=key, run_id=run_id, actor=actor)
    except IntegrityError:
        # The same key came twice at the same moment; the other one is doing it.
        return Run.objects.get(owner=actor.user, key=key)
    return proceed(run, actor=actor)


def ask_to_undo(run: Run, *, actor: Actor) -> Run:
    """A run that waits for a word before it takes another back; asked once while it waits."""
    require(actor, "agents.undo_run", run)
    waiting = Run.objects.filter(owner=actor.user, state=RunState.WAITING, steps__tool=UNDO)
    asked = waiting.filter(steps__arguments__target=str(run.pk)).first()
    if asked is not None:
        return asked
    plan = Plan("act", steps=(PlannedStep(UNDO, {"target": str(run.pk)}),), intent=UNDO, confidence=1.0)
    meaning = Meaning(authorised(plan, actor.user.standing if actor.user else None), {})
    thread = run.thread or open_thread(actor=actor)
    return start_run(meaning, Said(f"undo: {run.command}"), thread=thread, actor=actor)


def proceed(run: Run, *, actor: Actor) -> Run:
    """Ask, wait for a word, or carry out; safe to call again after a crash."""
    if run.state not in OPEN_STATES:
        return run
    if run.plan["outcome"] != "act":
        return _answer_only(run, answers.not_acting(run.plan), actor=actor)
    steps = list(run.steps.all())
    missing = [step.tool for step in steps if find_tool(step.tool) is None]
    if missing:
        return _answer_only(run, answers.not_in_this_release(missing), actor=actor)
    try:
        if run.state == RunState.QUEUED and (_asks_first(run, steps) or len(steps) > 1):
            rehearsal = rehearse(run, steps, actor=actor)
            if _asks_first(run, steps):
                return _wait(run, rehearsal, actor=actor)
        return _execute(run, actor=actor)
    except DomainError as error:
        return _refused(run, error, actor=actor)


@transaction.atomic
def confirm(run: Run, *, fingerprint: str, actor: Actor) -> Run:
    """Approve exactly what was shown; void when the call or a record has changed since."""
    require(actor, "agents.confirm_run", run)
    run = Run.objects.select_for_update().get(pk=run.pk)
    if run.state != RunState.WAITING:
        return run
    if not fingerprint or fingerprint != run.plan.get("fingerprint"):
        raise DomainError("This approval belongs to another call. Nothing was done.", code="changed_since")
    try:
        with transaction.atomic():
            return _execute(run, actor=actor)
    except DomainError as error:
        run.refresh_from_db()
        return _refused(run, error, actor=actor)


@transaction.atomic
def reject(run: Run, *, actor: Actor) -> Run:
    """Say no; nothing is done."""
    require(actor, "agents.confirm_run", run)
    run = Run.objects.select_for_update().get(pk=run.pk)
    if run.state == RunState.WAITING:
        _close(run, run.cancel, actor=actor)
        _reply(run, "Not done. Nothing was changed.", actor=actor)
    return run


def give_up(run: Run, *, attempts: int, actor: Actor) -> Run:
    """End a run that a fault of ours keeps from being finished, and say so; what was done stays done."""
    error = DomainError(
        f"This could not be finished: it was tried {attempts} times and failed each time. "
        "The server's log names the fault.",
        code="gave_up",
    )
    return _refused(run, error, actor=actor, is_failure=True)


def _known(key: str, actor: Actor) -> Run | None:
    return Run.objects.filter(owner=actor.user, key=key).first() if key else None


@transaction.atomic
def _note(
    meaning: Meaning, said: Said, *, thread: Thread, key: str, run_id: UUID | None, actor: Actor
) -> Run:
    """The intention is written before anything is done: a crash leaves a run that is taken up again."""
    plan = meaning.plan
    run = Run.objects.create(
        **({"pk": run_id} if run_id else {}),
        owner=actor.user,
        thread=thread,
        command=said.text,
        planner=plan.planner,
        plan=plain(_journalled(plan, meaning, said)),
        confidence=plan.confidence,
        permission_snapshot=_rights(actor),
        key=key,
    )
    for number, step in enumerate(plan.steps, start=1):
        tool = find_tool(step.intent)
        risk = tool.risk_of(step.slots, actor) if tool else Risk.READ
        Step.objects.create(run=run, number=number, tool=step.intent, arguments=plain(step.slots), risk=risk)
    card = {"context": {name: value for name, value in thread.context.items() if name != "head"}}
    say(thread, said.text, actor=actor, trust=Trust.USER, card=card, run=run)
    return run


def _journalled(plan: Plan, meaning: Meaning, said: Said) -> dict[str, Any]:
    return {
        **plan.to_prediction(""),
        "question": plan.question,
        "readings": [
            {"intent": reading.intent, "slots": reading.slots, "title": reading.title}
            for reading in plan.readings
        ],
        "context": meaning.context,
        "overrides": dict(said.overrides),
        "choice": said.choice,
        "page": {
            name: said.page[name] for name in ("focus", "selection", "list_filter") if name in said.page
        },
    }


def _rights(actor: Actor) -> dict[str, Any]:
    user = actor.user
    return {"role": user.role, "edits": user.may_edit, "sends": user.may_send} if user else {}


def _asks_first(run: Run, steps: list[Step]) -> bool:
    """What leaves the house always waits; a write waits when the planner was not sure."""
    risks = {Risk(step.risk) for step in steps}
    unsure = run.confidence < SURE_ENOUGH and not run.plan.get("overrides")
    return bool(risks & ASKING) or (unsure and risks != {Risk.READ})


@transaction.atomic
def _wait(run: Run, rehearsal: Rehearsal, *, actor: Actor) -> Run:
    run = Run.objects.select_for_update().get(pk=run.pk)
    if run.state != RunState.QUEUED:
        return run
    run.plan = {**run.plan, "fingerprint": rehearsal.fingerprint, "resolved": plain(list(rehearsal.resolved))}
    run.wait()
    run.save()
    card = answers.confirmation(run, rehearsal)
    _reply(run, card["approval"]["question"], actor=actor, card=card)
    return run


def _execute(run: Run, *, actor: Actor) -> Run:
    """Each step in a transaction of its own; what is done already stays done."""
    approved = [entry["resolved"] for entry in run.plan.get("resolved") or ()]
    for index, step in enumerate(run.steps.all()):
        if step.state != StepState.PLANNED:
            continue
        with transaction.atomic():
            run = Run.objects.select_for_update().get(pk=run.pk)
            bound_to = approved[index] if index < len(approved) else None
            done = carry_out(step.pk, actor=actor, bound_to=bound_to)
            if run.state != RunState.RUNNING:
                run.begin()
                run.save()
            if run.thread is not None:
                remember(run.thread, done.result.get("context") or {})
    return _finish(run, actor=actor)


@transaction.atomic
def _finish(run: Run, *, actor: Actor) -> Run:
    run = Run.objects.select_for_update().get(pk=run.pk)
    if run.state != RunState.RUNNING:
        return run
    _close(run, run.finish, actor=actor)
    text, card = answers.done(run)
    _reply(run, text, actor=actor, card=card)
    return run


@transaction.atomic
def _answer_only(run: Run, answer: tuple[str, dict[str, Any]], *, actor: Actor) -> Run:
    run = Run.objects.select_for_update().get(pk=run.pk)
    if run.state == RunState.QUEUED:
        _close(run, run.cancel, actor=actor)
        _reply(run, answer[0], actor=actor, card=answer[1])
    return run


@transaction.atomic
def _refused(run: Run, error: DomainError, *, actor: Actor, is_failure: bool = False) -> Run:
    """Say why; a question that came up on the way keeps its candidates."""
    run = Run.objects.select_for_update().get(pk=run.pk)
    step = run.steps.filter(state=StepState.PLANNED).first()
    if step is not None:
        Step.objects.filter(pk=step.pk).update(state=StepState.FAILED, error=error.message[:500])
    run.error = error.message[:500]
    is_failure = is_failure or run.state == RunState.RUNNING
    _close(run, run.fail if is_failure else run.cancel, actor=actor)
    if isinstance(error, ClarifyError) and step is not None:
        text, card = answers.question(run, step, error)
    else:
        text, card = answers.refusal(run, error)
    _reply(run, text, actor=actor, card=card)
    return run


def _close(run: Run, step: Any, *, actor: Actor) -> None:
    move(step, refusal=f"This run is {run.get_state_display()} already.")
    run.finished_at = timezone.now()
    run.save()
    events.publish(RunFinished(run_id=run.pk, state=run.state), subject=run, actor=actor)
    live.push(f"run:{run.pk}")


def _reply(run: Run, text: str, *, actor: Actor, card: dict[str, Any] | None = None) -> Message | None:
    if run.thread is None:
        return None
    return say(run.thread, text, actor=actor, card=card, run=run)
