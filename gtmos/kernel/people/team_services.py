"""A team and its people in one step."""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from django.db import transaction

from gtmos.kernel import history
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import InvalidInputError
from gtmos.kernel.people.models import Team, User
from gtmos.kernel.people.services import add_member, create_team, remove_member, rename_team
from gtmos.kernel.permissions import require
from gtmos.kernel.records import save_changes

UNCHANGED: Final = object()


@transaction.atomic
def found_team(name: str, *, members: Iterable[User], actor: Actor, manager: User | None = None) -> Team:
    """A new team; refused where there is one of this name."""
    require(actor, "kernel.manage_people")
    if not name.strip() or Team.objects.filter(name=name.strip()).exists():
        raise InvalidInputError("A team needs a name of its own.", code="name_taken")
    team = create_team(name, members=members, actor=actor)
    return set_manager(team, manager, actor=actor) if manager is not None else team


@transaction.atomic
def change_team(
    team: Team,
    *,
    actor: Actor,
    name: str | None = None,
    members: Iterable[User] | None = None,
    manager: object = UNCHANGED,
) -> Team:
    """Another name, other people, another manager or none. Who is left out no longer sees what the team owns."""
    require(actor, "kernel.manage_people")
    if name is not None:
        team = rename_team(team, name, actor=actor)
    if members is not None:
        _set_members(team, {user.pk: user for user in members}, actor=actor)
    if manager is None or isinstance(manager, User):
        team = set_manager(team, manager, actor=actor)
    return team


@transaction.atomic
def set_manager(team: Team, manager: User | None, *, actor: Actor) -> Team:
    """Who is asked where something of the team's people needs a decision; they need not be in the team."""
    require(actor, "kernel.manage_people")
    team = Team.objects.select_for_update(of=("self",)).get(pk=team.pk)
    if manager is not None and not manager.is_active:
        raise InvalidInputError(f"{manager} no longer works here.", code="not_active")
    before, team.manager = team.manager, manager
    if history.record(
        team, before={"manager": before}, after={"manager": manager}, actor=actor, category="TEAM"
    ):
        save_changes(team, "manager")
    return team


def _set_members(team: Team, wanted: dict[UUID, User], *, actor: Actor) -> None:
    present = {each.user_id: each for each in team.memberships.select_related("user", "team")}
    for key in present.keys() - wanted.keys():
        remove_member(present[key], actor=actor)
    for key in wanted.keys() - present.keys():
        add_member(team, wanted[key], actor=actor)
    if present.keys() != wanted.keys():
        save_changes(team)
