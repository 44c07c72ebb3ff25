"""Policies as files: people and teams by address and name, so that another installation can read them."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction

from gtmos.kernel.actors import Actor
from gtmos.kernel.approvals.models import ApprovalPolicy
from gtmos.kernel.approvals.services.policies import RIGHT, create_policy, update_policy
from gtmos.kernel.exceptions import InvalidInputError
from gtmos.kernel.people.models import Team, User
from gtmos.kernel.permissions import require

FORMAT = "gtmos-approval-policy-1"


def exported(policy: ApprovalPolicy, *, actor: Actor) -> dict[str, Any]:
    require(actor, RIGHT, policy)
    return {
        "format": FORMAT,
        "name": policy.name,
        "action": policy.action,
        "note": policy.note,
        "definition": written_names(policy.definition),
    }


TEAMED = ("team", "team_manager")


@transaction.atomic
def import_policy(stored: Any, *, actor: Actor, confirmed: bool = False) -> ApprovalPolicy:
    """A policy of this name gets these rules; without one it is written, and switched on by whoever looked at it."""
    require(actor, RIGHT)
    if not isinstance(stored, Mapping) or stored.get("format") != FORMAT:
        raise InvalidInputError("This is no policy that was exported here.", code="bad_file")
    definition = read_names(stored.get("definition"))
    name, note = str(stored.get("name", "")), str(stored.get("note", ""))
    present = ApprovalPolicy.objects.filter(name=name.strip()).first()
    if present is None:
        return create_policy(
            name, action=str(stored.get("action", "")), definition=definition, note=note, actor=actor
        )
    if present.action != stored.get("action"):
        raise InvalidInputError(f"{present} is a policy for {present.action}.", code="bad_file")
    changes = {"definition": definition, "note": note}
    return update_policy(present, changes=changes, actor=actor, confirmed=confirmed)


def written_names(definition: Any) -> Any:
    """Keys of people and teams become addresses and names."""
    people = {f"person:{each.pk}": f"person:{each.email}" for each in User.objects.all()}
    teams = {f"{kind}:{each.pk}": f"{kind}:{each.name}" for each in Team.objects.all() for kind in TEAMED}
    return _renamed(definition, {**people, **teams}.get)


def read_names(definition: Any) -> Any:
    """Addresses and names of teams become keys; what is a key already stays."""
    people = {f"person:{each.email}": f"person:{each.pk}" for each in User.objects.filter(is_active=True)}
    teams = {f"{kind}:{each.name}": f"{kind}:{each.pk}" for each in Team.objects.all() for kind in TEAMED}
    return _renamed(definition, {**people, **teams}.get)


def _renamed(definition: Any, name_of: Callable[[str, str], str]) -> Any:
    """Left as it is where it is no definition; then it is refused in words when it is saved."""
    if not isinstance(definition, Mapping) or not isinstance(definition.get("branches"), list):
        return definition
    return {**definition, "branches": [_branch(each, name_of) for each in definition["branches"]]}


def _branch(branch: Any, name_of: Callable[[str, str], str]) -> Any:
    if not isinstance(branch, Mapping) or not isinstance(branch.get("steps"), list):
        return branch
    return {**branch, "steps": [_step(each, name_of) for each in branch["steps"]]}


def _step(step: Any, name_of: Callable[[str, str], str]) -> Any:
    if not isinstance(step, Mapping) or not isinstance(step.get("approvers"), list):
        return step
    named = [name_of(str(each), str(each)) for each in step["approvers"]]
    last = str(step.get("escalate_to", ""))
    return {**step, "approvers": named, "escalate_to": name_of(last, last)}
