"""The action that asks people: the run waits until they have decided, and goes on on the side of their answer."""

from collections.abc import Mapping
from typing import Any

from gtmos.kernel import jobs, live
from gtmos.kernel.approvals import approvers
from gtmos.kernel.approvals.actions import ApprovalAction, register
from gtmos.kernel.approvals.definitions import Branch, Definition, StepPlan
from gtmos.kernel.approvals.models import Approval
from gtmos.kernel.approvals.services.requests import Question, ask_people
from gtmos.kernel.fields.kinds import Field
from gtmos.kernel.workflows.actions import CHOICE, LONG, NUMBER, OWNER, Call, Outcome, Param, action
from gtmos.kernel.workflows.models import StepState, WorkflowRun, WorkflowStepRun
from gtmos.kernel.workflows.running import TOPIC, finish
from gtmos.kernel.workflows.starting import JOB
from gtmos.kernel.workflows.steps import APPROVAL, SIDES

STEP = "kernel.workflow_step"
GRANTED, REFUSED = SIDES
LONGEST_DAYS = 365


def deciders() -> list[tuple[str, str]]:
    """Those whom a policy can name, too; whoever asks is the owner of the workflow."""
    named = [each for _, group in approvers.choices() for each in group if each[0] != approvers.MANAGER]
    manager = (approvers.MANAGER, "the manager of the workflow's owner")
    return [(OWNER, "the owner of the record"), manager, *named]


def _who(call: Call) -> str:
    """Where the record has no owner, whoever the workflow acts for."""
    chosen = str(call.values["to"])
    owner = call.owner or call.actor.user
    return f"person:{owner.pk}" if chosen == OWNER and owner is not None else chosen


def _says(call: Call) -> str:
    named = {**approvers.names(), approvers.MANAGER: "the manager of the workflow's owner"}
    return (
        f"Asks {named.get(_who(call), 'somebody')}: “{call.text('question')}”. The run waits for the answer."
    )


def _plan(call: Call, workflow: str) -> Definition:
    """Any one of those who are asked decides. The owner of the workflow may: it is not they who ask."""
    branch = Branch(f"Asked by the workflow {workflow}", (), (StepPlan((_who(call),)),))
    hours = 24.0 * int(call.values.get("days") or 0)
    return Definition(branches=(branch,), expires_hours=hours, own_allowed=True)


def _fault(values: Mapping[str, Any], fields: Mapping[str, Field]) -> str:
    del fields
    too_long = int(values.get("days") or 0) > LONGEST_DAYS
    return f"A question is answered within {LONGEST_DAYS} days." if too_long else ""


@action(
    APPROVAL,
    label="Ask for approval",
    icon="shield-check",
    words="Ask {to}: “{question}”",
    dry=_says,
    fault=_fault,
    params=(
        Param("question", "Question", is_required=True, help_text="{record} is what the event is about."),
        Param("to", "Who decides", CHOICE, "Any one of them.", is_required=True, choices=deciders),
        Param("days", "Days to answer", NUMBER, "After that it counts as refused. 0: no limit.", default=0),
        Param("text", "Why it is asked", LONG, most=500),
    ),
)
def ask_for_approval(call: Call) -> Outcome:
    """What stands below it is done when it is granted; what stands under “Otherwise”, when it is not."""
    assert call.actor.run_id is not None
    run = WorkflowRun.objects.select_related("workflow").get(pk=call.actor.run_id)
    question = Question(
        about=str(call.nearest or call.event.name),
        values={"about": str(call.nearest or ""), "workflow": run.workflow.name},
        present={"question": call.text("question")[:300], "url": call.url},
        reason=call.text("text"),
        key=str(call.key),
    )
    plan = _plan(call, run.workflow.name)
    asked = ask_people(run, question, action=STEP, plan=plan, actor=call.actor)
    return Outcome(_says(call), made=asked, waits=True)


def _go_on(approval: Approval, run: WorkflowRun, side: str) -> None:
    """In the transaction of the decision, so the run goes on exactly once."""
    rows = WorkflowStepRun.objects.select_for_update(of=("self",)).filter(run=run, state=StepState.ASKED)
    step = rows.select_related("run__workflow", "run__definition").filter(made_id=approval.pk).first()
    if step is None:
        return
    said = f": {approval.answer}" if approval.answer else "."
    finish(step, Outcome(f"{approval.get_state_display().capitalize()}{said}", made=approval), side=side)
    jobs.enqueue(JOB)
    live.push(TOPIC)


register(
    ApprovalAction(
        name=STEP,
        label="Step of a workflow",
        model=WorkflowRun,
        values={},
        fields={},
        facts=lambda _: {},
        granted=lambda approval, run: _go_on(approval, run, GRANTED),
        closed=lambda approval, run: _go_on(approval, run, REFUSED),
        question=lambda approval: str(approval.present.get("question", approval)),
        changes=lambda _: [],
        url=lambda approval: str(approval.present.get("url", "")),
        has_policy=False,
    )
)
