"""What RevOps does with workflows: write, save a version, put one in force, go back, switch, delete."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from gtmos.kernel import history, live
from gtmos.kernel.actors import Actor
from gtmos.kernel.approvals.enums import ApprovalState
from gtmos.kernel.approvals.models import Approval
from gtmos.kernel.approvals.services import withdraw_approval
from gtmos.kernel.exceptions import DomainError, InvalidInputError, NotPermittedError
from gtmos.kernel.people.models import User
from gtmos.kernel.permissions import allows, require
from gtmos.kernel.records import save_changes
from gtmos.kernel.workflows.asking import STEP
from gtmos.kernel.workflows.checking import fault_in
from gtmos.kernel.workflows.failing import ENGINE
from gtmos.kernel.workflows.models import RunState, Workflow, WorkflowVersion
from gtmos.kernel.workflows.words import lines_of

RIGHT = "kernel.configure_workflows"
TOPIC = "workflows:all"
LONGEST_NAME, LONGEST_NOTE = 120, 200


@transaction.atomic
def create_workflow(
    name: str,
    *,
    event_name: str,
    steps: Sequence[Mapping[str, Any]],
    actor: Actor,
    conditions: Mapping[str, Any] | None = None,
    owner: User | None = None,
    note: str = "",
) -> Workflow:
    """Write one with its first version. It starts nothing until it is switched on."""
    require(actor, RIGHT)
    workflow = Workflow(name=_named(name), owner=_owned(owner or actor.user))
    _refuse_in_name_of(workflow.owner, actor)
    workflow.save(force_insert=True)
    _write(workflow, event_name, conditions or {}, steps, note=note, actor=actor)
    history.record_creation(workflow, actor=actor, values={"name": workflow.name, "owner": workflow.owner})
    return workflow


@transaction.atomic
def save_version(
    workflow: Workflow,
    *,
    event_name: str,
    steps: Sequence[Mapping[str, Any]],
    actor: Actor,
    conditions: Mapping[str, Any] | None = None,
    note: str = "",
) -> WorkflowVersion:
    """Keep what was written as a version of its own. What is in force stays until another version is activated."""
    require(actor, RIGHT, workflow)
    workflow = _locked(workflow)
    newest = newest_of(workflow)
    same = newest and (newest.event_name, newest.conditions, newest.steps) == (
        event_name,
        conditions or {},
        list(steps),
    )
    if newest and same:
        return newest
    _refuse_in_name_of(workflow.owner, actor)
    version = _write(workflow, event_name, conditions or {}, steps, note=note, actor=actor)
    before = {"version": newest.number if newest else None, "steps": lines_of(newest) if newest else None}
    after = {"version": version.number, "steps": lines_of(version)}
    _note(workflow, before, after, actor=actor, summary=f"Saved version {version.number}")
    return version


@transaction.atomic
def update_workflow(workflow: Workflow, *, changes: Mapping[str, Any], actor: Actor) -> Workflow:
    """Its name and on whose behalf it acts."""
    require(actor, RIGHT, workflow)
    workflow = _locked(workflow)
    unknown = sorted(set(changes) - {"name", "owner"})
    if unknown:
        raise InvalidInputError(f"A workflow has no {', '.join(unknown)} to change.", code="unknown_field")
    before = {name: getattr(workflow, name) for name in changes}
    if "name" in changes:
        workflow.name = _named(changes["name"], workflow)
    if "owner" in changes:
        workflow.owner = _owned(changes["owner"])
        _refuse_in_name_of(workflow.owner, actor)
    after = {name: getattr(workflow, name) for name in changes}
    if _note(workflow, before, after, actor=actor):
        save_changes(workflow, "name", "owner")
    return workflow


@transaction.atomic
def update_and_save(
    workflow: Workflow, *, changes: Mapping[str, Any], actor: Actor, **written: Any
) -> WorkflowVersion:
    """What a form saves at once."""
    return save_version(update_workflow(workflow, changes=changes, actor=actor), **written, actor=actor)


@transaction.atomic
def activate_version(version: WorkflowVersion, *, actor: Actor) -> Workflow:
    """From the next event on. Runs that have begun finish on the version they began with."""
    require(actor, RIGHT, version.workflow)
    workflow = _locked(version.workflow)
    if workflow.is_active and workflow.active_id == version.pk:
        raise DomainError(f"{version.__str__().capitalize()} is in force already.", code="same_state")
    _refuse_wrong(version.event_name, version.conditions, version.steps)
    _owned(workflow.owner)
    if version.created_by is None or not version.created_by.is_superuser:
        _refuse_in_name_of(workflow.owner, actor)
    before = {"active": workflow.is_active, "version": _number(workflow.active)}
    workflow.active, workflow.event_name, workflow.is_active = version, version.event_name, True
    save_changes(workflow, "active", "event_name", "is_active")
    _note(workflow, before, {"active": True, "version": version.number}, actor=actor)
    return workflow


@transaction.atomic
def switch_on(workflow: Workflow, *, actor: Actor) -> Workflow:
    """The newest version comes into force."""
    require(actor, RIGHT, workflow)
    newest = newest_of(workflow)
    if newest is None or _locked(workflow).is_active:
        raise DomainError(f"{workflow} is on already.", code="same_state")
    return activate_version(newest, actor=actor)


@transaction.atomic
def switch_off(workflow: Workflow, *, actor: Actor) -> Workflow:
    """Nothing starts any more, not even for events that wait. Runs that have begun are finished."""
    require(actor, RIGHT, workflow)
    workflow = _locked(workflow)
    if not workflow.is_active:
        raise DomainError(f"{workflow} is off already.", code="same_state")
    workflow.is_active = False
    save_changes(workflow, "is_active")
    _note(workflow, {"active": True}, {"active": False}, actor=actor)
    return workflow


@transaction.atomic
def roll_back(version: WorkflowVersion, *, actor: Actor) -> WorkflowVersion:
    """What stood in an earlier version becomes the newest one; where the workflow is on, it is in force at once."""
    require(actor, RIGHT, version.workflow)
    workflow = _locked(version.workflow)
    again = save_version(
        workflow,
        event_name=version.event_name,
        conditions=version.conditions,
        steps=version.steps,
        note=f"Back to version {version.number}",
        actor=actor,
    )
    if workflow.is_active and workflow.active_id != again.pk:
        activate_version(again, actor=actor)
    return again


@transaction.atomic
def go_back(workflow: Workflow, *, actor: Actor) -> WorkflowVersion:
    """To the version before the one in force, or before the newest where none is."""
    workflow = _locked(workflow)
    present = workflow.active or newest_of(workflow)
    before = workflow.versions.filter(number__lt=present.number).order_by("-number") if present else None
    if before is None or not before.exists():
        raise DomainError(f"{workflow} has no earlier version.", code="no_version")
    return roll_back(before[0], actor=actor)


@transaction.atomic
def delete_workflow(workflow: Workflow, *, actor: Actor) -> None:
    """Gone with its versions and its log. What it has made stays, and so does its history."""
    require(actor, RIGHT, workflow)
    workflow = _locked(workflow)
    newest = newest_of(workflow)
    before = {"name": workflow.name, "steps": lines_of(newest) if newest else None}
    history.record(
        workflow, before=before, after={"name": None, "steps": None}, actor=actor, category="DELETED"
    )
    live.push(TOPIC)
    _take_questions_back(workflow)
    workflow.delete()


def _take_questions_back(workflow: Workflow) -> None:
    """Nobody decides on what nothing waits for any more."""
    runs = workflow.runs.filter(state=RunState.RUNNING).values("pk")
    for approval in Approval.objects.filter(action=STEP, state=ApprovalState.REQUESTED, subject_id__in=runs):
        withdraw_approval(approval, actor=ENGINE)


def newest_of(workflow: Workflow) -> WorkflowVersion | None:
    return workflow.versions.order_by("-number").first()


def _write(
    workflow: Workflow,
    event_name: str,
    conditions: Mapping[str, Any],
    steps: Sequence[Mapping[str, Any]],
    *,
    note: str,
    actor: Actor,
) -> WorkflowVersion:
    kept = list(steps) if isinstance(steps, list | tuple) else steps
    _refuse_wrong(event_name, conditions, kept)
    newest = newest_of(workflow)
    version = WorkflowVersion(
        workflow=workflow,
        number=newest.number + 1 if newest else 1,
        event_name=event_name,
        conditions=conditions,
        steps=kept,
        note=note[:LONGEST_NOTE],
        created_by=actor.user,
    )
    version.save(force_insert=True)
    live.push(TOPIC)
    return version


def _locked(workflow: Workflow) -> Workflow:
    return Workflow.objects.select_for_update(of=("self",)).get(pk=workflow.pk)


def _number(version: WorkflowVersion | None) -> int | None:
    return version.number if version else None


def _note(
    workflow: Workflow, before: dict[str, Any], after: dict[str, Any], *, actor: Actor, summary: str = ""
) -> bool:
    live.push(TOPIC)
    noted = history.record(
        workflow, before=before, after=after, actor=actor, category="WORKFLOW", summary=summary
    )
    return noted is not None


def _named(name: str, workflow: Workflow | None = None) -> str:
    text = str(name).strip()
    if not text or len(text) > LONGEST_NAME:
        raise InvalidInputError(
            f"A workflow needs a name of at most {LONGEST_NAME} characters.", code="bad_workflow"
        )
    same = Workflow.objects.filter(name=text)
    if (same.exclude(pk=workflow.pk) if workflow else same).exists():
        raise InvalidInputError(f"There is a workflow {text} already.", code="bad_workflow")
    return text


def _owned(owner: User | None) -> User:
    if owner is None or not owner.is_active:
        raise InvalidInputError(
            "A workflow acts on behalf of somebody, with their rights. Choose an owner who is active.",
            code="no_owner",
        )
    return owner


def _refuse_in_name_of(owner: User | None, actor: Actor) -> None:
    """Whoever writes what an administrator's rights do has those rights."""
    if owner is None or not owner.is_superuser or owner == actor.user:
        return
    if not allows(actor, "kernel.make_administrators"):
        raise NotPermittedError(
            f"{owner} is an administrator: only administrators write what a workflow does with those rights.",
            code="not_permitted",
        )


def _refuse_wrong(event_name: str, conditions: Any, steps: Any) -> None:
    fault = fault_in(event_name, conditions, steps)
    if fault:
        raise InvalidInputError(fault, code="bad_workflow")
