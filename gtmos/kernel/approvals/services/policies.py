"""What RevOps does with policies: write, switch on and off, change their times, go back to an earlier version."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import IntegrityError, transaction

from gtmos.kernel import history
from gtmos.kernel.actors import Actor
from gtmos.kernel.approvals import approvers
from gtmos.kernel.approvals.actions import ApprovalAction, action_of
from gtmos.kernel.approvals.definitions import Definition, definition_of, fault, shape_fault, stored_of
from gtmos.kernel.approvals.models import ApprovalPolicy, PolicyVersion
from gtmos.kernel.approvals.services.due_times import due_moves, move_due_times, refuse_unconfirmed
from gtmos.kernel.exceptions import DomainError, InvalidInputError, NotFoundError
from gtmos.kernel.permissions import require
from gtmos.kernel.records import save_changes
from gtmos.kernel.rules.conditions import WITHOUT_VALUE

RIGHT = "kernel.configure_approvals"
EXACT = frozenset({"is", "is_not"})
EDITABLE = frozenset({"name", "note", "definition"})


@transaction.atomic
def create_policy(
    name: str, *, action: str, definition: Mapping[str, Any], actor: Actor, note: str = ""
) -> ApprovalPolicy:
    """Write the rules of one action. They ask for nothing until they are switched on."""
    require(actor, RIGHT)
    policy = ApprovalPolicy(name=name.strip(), action=action, note=note.strip(), definition=dict(definition))
    _make_sound(policy)
    policy.save(force_insert=True)
    _keep_version(policy, actor)
    history.record_creation(policy, actor=actor, values={"definition": policy.definition})
    return policy


@transaction.atomic
def update_policy(
    policy: ApprovalPolicy, *, changes: Mapping[str, Any], actor: Actor, confirmed: bool = False
) -> ApprovalPolicy:
    """Other rules are another version; what waits finishes on its own, but for the times of its steps.

    Where those move, of steps that wait or are to come, it is refused once with how many and how, until it is `confirmed`.
    """
    require(actor, RIGHT, policy)
    if unknown := sorted(set(changes) - EDITABLE):
        raise InvalidInputError(f"A policy has no {unknown[0]} to change.", code="unknown_field")
    policy = _locked(policy)
    before = _described(policy)
    for name, value in changes.items():
        setattr(policy, name, value.strip() if isinstance(value, str) else value)
    _make_sound(policy)
    if policy.definition != before["definition"]:
        moves = due_moves(policy, earlier=definition_of(before["definition"]))
        refuse_unconfirmed(moves, confirmed=confirmed)
        policy.number += 1
        _keep_version(policy, actor)
        move_due_times(moves, actor=actor)
    if history.record(policy, before=before, after=_described(policy), actor=actor, category="POLICY"):
        save_changes(policy, "name", "note", "definition", "number")
    return policy


@transaction.atomic
def restore_version(
    policy: ApprovalPolicy, number: int, *, actor: Actor, confirmed: bool = False
) -> ApprovalPolicy:
    """The rules of an earlier version become the newest one."""
    require(actor, RIGHT, policy)
    version = policy.versions.filter(number=number).first()
    if version is None:
        raise NotFoundError(f"{policy} has no version {number}.", code="not_found")
    return update_policy(policy, changes={"definition": version.definition}, actor=actor, confirmed=confirmed)


@transaction.atomic
def activate_policy(policy: ApprovalPolicy, *, actor: Actor) -> ApprovalPolicy:
    """From the next request on."""
    try:
        with transaction.atomic():
            return _switch(policy, on=True, actor=actor)
    except IntegrityError as error:
        raise DomainError(
            f"Another policy for {policy.action} is active. Switch that one off first.", code="policy_active"
        ) from error


@transaction.atomic
def deactivate_policy(policy: ApprovalPolicy, *, actor: Actor) -> ApprovalPolicy:
    """Nothing new is asked for; what waits already is still decided."""
    return _switch(policy, on=False, actor=actor)


def _switch(policy: ApprovalPolicy, *, on: bool, actor: Actor) -> ApprovalPolicy:
    require(actor, RIGHT, policy)
    policy = _locked(policy)
    if policy.is_active == on:
        raise DomainError(f"{policy} is {'on' if on else 'off'} already.", code="same_state")
    if on:
        _make_sound(policy)  # whom it names may have gone since it was written
    policy.is_active = on
    save_changes(policy, "is_active")
    history.record(policy, before={"active": not on}, after={"active": on}, actor=actor, category="POLICY")
    return policy


def _locked(policy: ApprovalPolicy) -> ApprovalPolicy:
    return ApprovalPolicy.objects.select_for_update().get(pk=policy.pk)


def _described(policy: ApprovalPolicy) -> dict[str, Any]:
    return {name: getattr(policy, name) for name in (*sorted(EDITABLE), "number")}


def _keep_version(policy: ApprovalPolicy, actor: Actor) -> None:
    PolicyVersion(
        policy=policy, number=policy.number, definition=policy.definition, made_by=actor.label[:150]
    ).save(force_insert=True)


def _make_sound(policy: ApprovalPolicy) -> None:
    """Rules that could not be asked are refused, and what is left out is written down."""
    words = _fault(policy)
    if words:
        raise InvalidInputError(words, code="bad_policy")
    policy.definition = stored_of(definition_of(policy.definition))


def _fault(policy: ApprovalPolicy) -> str:
    if not policy.name:
        return "A policy needs a name."
    if ApprovalPolicy.objects.filter(name=policy.name).exclude(pk=policy.pk).exists():
        return f"There is a policy {policy.name} already."
    return fault_of_rules(policy.definition, action=policy.action)


def fault_of_rules(definition: Any, *, action: str) -> str:
    """What is wrong with rules that somebody wrote; nothing where they can be asked."""
    asked = action_of(action)
    if not asked.has_policy:
        return f"{asked.label}: whoever asks names who is asked, so there are no rules for it."
    return (
        shape_fault(definition)
        or fault(definition_of(definition), known=asked.known, approvers=approvers.names())
        or _value_fault(definition_of(definition), asked)
    )


def _value_fault(plan: Definition, asked: ApprovalAction) -> str:
    """A value that there is not would never hold."""
    named = {name: each() for name, each in asked.named.items()}
    parts = (part for branch in plan.branches for group in branch.groups for part in group)
    for each in parts:
        if each.field in asked.parts and each.operator not in WITHOUT_VALUE and not _is_part(each.value):
            return f"{each.field.capitalize()} is a part of 1, and {each.value} is none. Write 0.2 for 20 %."
        known = named.get(each.field)
        if (
            known
            and each.operator in EXACT
            and each.value.casefold() not in {key.casefold() for key in known}
        ):
            return f"{asked.known[each.field].capitalize()} is one of {', '.join(known)}; not {each.value}."
    return ""


def _is_part(text: str) -> bool:
    try:
        return 0 <= Decimal(text) <= 1
    except InvalidOperation:
        return False
