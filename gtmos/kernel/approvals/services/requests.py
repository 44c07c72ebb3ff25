"""Asking for a decision, opening the next link of its chain, and taking the question back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Model

from gtmos.kernel import clock, events, history, live
from gtmos.kernel.actors import Actor
from gtmos.kernel.approvals import approvers
from gtmos.kernel.approvals.actions import action_of, subject_of
from gtmos.kernel.approvals.business_time import Office, due
from gtmos.kernel.approvals.definitions import Branch, Definition, StepPlan, definition_of, stored_of
from gtmos.kernel.approvals.events import ApprovalRequested, ApprovalWithdrawn
from gtmos.kernel.approvals.models import Approval, ApprovalAsked, ApprovalPolicy, ApprovalStep, PolicyVersion
from gtmos.kernel.approvals.selectors import deputies_of
from gtmos.kernel.approvals.services.telling import tell_asked, tell_requester
from gtmos.kernel.events.publishing import plain
from gtmos.kernel.exceptions import DomainError, InvalidInputError, NotPermittedError
from gtmos.kernel.fsm import move
from gtmos.kernel.people.models import User
from gtmos.kernel.permissions import require
from gtmos.kernel.records import save_changes

LONGEST_REASON, LONGEST_NAME = 500, 255


@dataclass(frozen=True, slots=True)
class Question:
    """What the caller asks of people whom it names. `about` is what they read that it is about."""

    about: str
    values: Mapping[str, Any]
    present: Mapping[str, Any]
    reason: str = ""
    key: str = ""


@transaction.atomic
def request_approval(
    subject: Model,
    *,
    action: str,
    values: Mapping[str, Any],
    reason: str,
    actor: Actor,
    key: str = "",
    present: Mapping[str, Any] | None = None,
) -> Approval | None:
    """Ask for a decision where an active policy wants one; none where the caller may go on at once.

    The caller has asked its own permission and locked the record. `key` tells several open ones about one record apart.
    """
    require(actor, "kernel.request_approval", subject)
    about = action_of(action)
    version = _version_in_force(action)
    if version is None:
        return None
    plan = definition_of(version.definition)
    branch = plan.branch_for(plain({**about.facts(subject), **values}))
    if branch is None:
        return None
    approval = _draft(subject, action, branch, actor)
    approval.policy_version = version
    approval.values, approval.present = plain(dict(values)), plain(dict(present or {}))
    approval.reason, approval.key = reason.strip()[:LONGEST_REASON], key
    return _ask(approval, subject, plan, branch, actor=actor)


@transaction.atomic
def ask_people(
    subject: Model, question: Question, *, action: str, plan: Definition, actor: Actor
) -> Approval:
    """Ask those whom the caller names, whatever policies there are."""
    require(actor, "kernel.request_approval", subject)
    branch = plan.branches[0]
    approval = _draft(subject, action, branch, actor)
    approval.subject_name, approval.named_rules = question.about[:LONGEST_NAME], stored_of(plan)
    approval.values, approval.present = plain(dict(question.values)), plain(dict(question.present))
    approval.reason, approval.key = question.reason.strip()[:LONGEST_REASON], question.key
    return _ask(approval, subject, plan, branch, actor=actor)


def _ask(approval: Approval, subject: Model, plan: Definition, branch: Branch, *, actor: Actor) -> Approval:
    approval.expires_at = _expiry(plan, approval)
    _write(approval, branch)
    history.record_creation(
        approval, actor=actor, values={"values": approval.values, "reason": approval.reason}
    )
    asked = open_next(approval, plan, actor=actor)
    action_of(approval.action).asked(approval, subject)
    events.publish(_requested(approval, asked), subject=approval, actor=actor)
    tell(approval)
    return approval


def _version_in_force(action: str) -> PolicyVersion | None:
    policy = (
        ApprovalPolicy.objects.select_for_update(of=("self",)).filter(action=action, is_active=True).first()
    )
    return policy.versions.get(number=policy.number) if policy else None


def _draft(subject: Model, action: str, branch: Branch, actor: Actor) -> Approval:
    return Approval(
        action=action,
        branch=branch.name,
        subject_type=subject._meta.label_lower,
        subject_id=subject.pk,
        subject_name=str(subject)[:LONGEST_NAME],
        requested_by=actor.user,
        requested_label=(str(actor.user) if actor.user else actor.label)[:150],
        requested_at=clock.now(),
    )


def _expiry(plan: Definition, approval: Approval) -> Any:
    return approval.requested_at + timedelta(hours=plan.expires_hours) if plan.expires_hours else None


def _write(approval: Approval, branch: Branch) -> None:
    try:
        with transaction.atomic():
            approval.save(force_insert=True)
    except IntegrityError as error:
        raise DomainError(
            f"{approval.subject_name} waits for a decision already. Withdraw that request first.",
            code="approval_open",
        ) from error
    ApprovalStep.objects.bulk_create(
        _step(approval, position, each) for position, each in enumerate(branch.steps)
    )


def _step(approval: Approval, position: int, plan: StepPlan) -> ApprovalStep:
    return ApprovalStep(
        approval=approval,
        position=position,
        approvers=list(plan.approvers),
        needs=plan.needs,
        hours=plan.hours,
        in_business_hours=plan.in_business_hours,
        escalate_to=plan.escalate_to,
    )


def _requested(approval: Approval, asked: list[User]) -> ApprovalRequested:
    return ApprovalRequested(
        approval_id=approval.pk,
        action=approval.action,
        subject_type=approval.subject_type,
        subject_id=approval.subject_id,
        asked_ids=tuple(each.pk for each in asked),
    )


def open_next(approval: Approval, plan: Definition, *, actor: Actor) -> list[User]:
    """Look up the people of the step that comes now and count its time from here."""
    # Under the lock that other times of a policy take: either they see this step open, or it reads them.
    step = approval.steps.select_for_update().get(position=approval.step)
    people = people_for(step, approval, plan)
    if not people:
        raise DomainError("There is nobody who could decide this. Tell RevOps.", code="nobody_to_ask")
    step.opened_at = clock.now()
    step.due_at = due_of(step, _office_of(approval, plan))
    save_changes(step, "opened_at", "due_at")
    ApprovalAsked.objects.bulk_create(ApprovalAsked(step=step, person=each) for each in people)
    tell_asked(approval, step, people, actor=actor)
    return people


def people_for(step: ApprovalStep, approval: Approval, plan: Definition) -> list[User]:
    """Whom the step means now."""
    found = [
        each for name in step.approvers for each in approvers.people_of(name, requester=approval.requested_by)
    ]
    return chosen(found, step, approval, plan)


def chosen(found: list[User], step: ApprovalStep, approval: Approval, plan: Definition) -> list[User]:
    """Each once and never the requester; where nobody is left, whom the step goes to next, then those who configure."""
    for name in (None, step.escalate_to or None, ""):
        if name is not None:
            requester = approval.requested_by
            found = approvers.people_of(name, requester=requester) if name else approvers.last_resort()
        allowed = {each.pk: each for each in found if plan.own_allowed or each.pk != approval.requested_by_id}
        if allowed:
            return list(allowed.values())
    return []


def _office_of(approval: Approval, plan: Definition) -> Office:
    """The working hours as the policy has them now: other ones were confirmed for steps to come too."""
    version = approval.policy_version
    return definition_of(version.policy.definition).office if version else plan.office


def due_of(step: ApprovalStep, office: Office) -> datetime | None:
    if step.hours is None or step.opened_at is None:
        return None
    return due(step.opened_at, float(step.hours), office=office if step.in_business_hours else None)


@transaction.atomic
def withdraw_approval(approval: Approval, *, actor: Actor) -> Approval:
    """Whoever asked no longer asks."""
    approval = locked(approval)
    if not actor.is_system and (actor.user is None or approval.requested_by_id != actor.user.pk):
        raise NotPermittedError("Only whoever asked may withdraw the request.", code="not_permitted")
    close(approval, approval.withdraw, ApprovalWithdrawn(**about(approval)), actor=actor)
    return approval


def locked(approval: Approval) -> Approval:
    """Everything that happens to an approval happens one after the other."""
    return (
        Approval.objects.select_for_update(of=("self",))
        .select_related("requested_by", "policy_version")
        .get(pk=approval.pk)
    )


def about(approval: Approval) -> dict[str, Any]:
    return {
        "approval_id": approval.pk,
        "action": approval.action,
        "subject_type": approval.subject_type,
        "subject_id": approval.subject_id,
    }


def close(
    approval: Approval, step: Any, fact: events.Event, *, actor: Actor, answer: str = "", summary: str = ""
) -> None:
    """The one outcome: state, history, fact, and what the record does about it, together."""
    before = {"state": approval.state, "answer": approval.answer}
    move(step, refusal=f"This was {approval.get_state_display()} already.")
    approval.answer, approval.closed_at = answer[:LONGEST_REASON], clock.now()
    save_changes(approval, "state", "answer", "closed_at")
    approval.steps.filter(closed_at=None).update(closed_at=approval.closed_at)
    after = {"state": approval.state, "answer": approval.answer}
    history.record(approval, before=before, after=after, actor=actor, category="STATE", summary=summary)
    _let_follow(approval)
    events.publish(fact, subject=approval, actor=actor)
    tell_requester(approval, actor=actor)
    tell(approval)


def _let_follow(approval: Approval) -> None:
    subject, action = subject_of(approval, locked=True), action_of(approval.action)
    if approval.state == "granted":
        if subject is None:
            raise InvalidInputError(f"{approval.subject_name} is no longer there.", code="subject_gone")
        action.granted(approval, subject)
    elif subject is not None:
        action.closed(approval, subject)


def tell(approval: Approval) -> None:
    """Open pages of all who are concerned read again."""
    asked = list(User.objects.filter(pk__in=approval.steps.values("asked__person")))
    keys = {each.pk for each in [*asked, *deputies_of(asked)]} | {approval.requested_by_id}
    for key in keys - {None}:
        live.push(f"user:{key}")
    live.push(f"{approval.subject_type.rpartition('.')[2]}:{approval.subject_id}")
