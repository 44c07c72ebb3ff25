"""Leaving and coming back: what somebody owns goes to others in whole sets, and every door closes at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models, transaction
from django.db.models import F
from django.utils import timezone

from gtmos.kernel import events, history
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError, InvalidInputError
from gtmos.kernel.people import services as people
from gtmos.kernel.people.models import Team, User
from gtmos.kernel.permissions import require
from gtmos.kernel.signin.events import PersonDeactivated, PersonReactivated

AT_A_TIME = 2000
Heir = User | Team


@dataclass(frozen=True, slots=True)
class Owned:
    """How many records of one kind somebody owns. Only what can belong to a team can go to one."""

    key: str
    words: str
    count: int
    takes_team: bool


def kinds() -> Iterator[tuple[type[models.Model], str]]:
    """Every kind of record with an owner, and the column; what says who did something stays as it is."""
    for model in apps.get_models():
        for field in model._meta.fields:
            is_owner = field.name == "owner" or field.name.endswith("_owner")
            if is_owner and field.related_model is User and not getattr(model, "stays_with_author", False):
                yield model, field.name


def owned_by(user: User, *, actor: Actor) -> list[Owned]:
    require(actor, "kernel.manage_people")
    found = []
    for model, column in kinds():
        count = model._default_manager.filter(**{column: user}).count()
        if count:
            takes_team = column == "owner" and any(field.name == "team" for field in model._meta.fields)
            found.append(
                Owned(f"{model._meta.label_lower}.{column}", _words(model, column, count), count, takes_team)
            )
    return found


def _words(model: type[models.Model], column: str, count: int) -> str:
    words = str(model._meta.verbose_name if count == 1 else model._meta.verbose_name_plural)
    return words if column == "owner" else f"{words} ({column.removesuffix('_owner').replace('_', ' ')})"


@transaction.atomic
def deactivate_person(user: User, *, heirs: Mapping[str, Heir], actor: Actor) -> dict[str, int]:
    """Hand over everything, end sessions and keys, and close the door: all of it or nothing."""
    require(actor, "kernel.manage_people")
    user = User.objects.select_for_update().get(pk=user.pk)
    if actor.user == user:
        raise DomainError("Nobody deactivates themselves. Ask a colleague.", code="own_account")
    if not user.is_active:
        raise DomainError(f"{user} is deactivated already.", code="already_inactive")
    moved = hand_over(user, heirs=heirs, actor=actor)
    people.update_user(user, changes={"is_active": False}, actor=actor)
    events.publish(PersonDeactivated(user_id=user.pk, moved=moved), subject=user, actor=actor)
    return moved


@transaction.atomic
def hand_over(user: User, *, heirs: Mapping[str, Heir], actor: Actor) -> dict[str, int]:
    """Each kind to its heir. Refused when a kind is left out: nothing may stay with somebody who has left."""
    require(actor, "kernel.manage_people")
    owned = {each.key: each for each in owned_by(user, actor=actor)}
    left = [each.words for key, each in owned.items() if key not in heirs]
    if left:
        raise InvalidInputError(f"Say who gets the {', '.join(left)}.", code="heir_missing")
    chosen = {key: _checked(heirs[key], user, each) for key, each in owned.items()}
    return {key: _move(key, user, heir, actor) for key, heir in chosen.items()}


def _checked(heir: Heir, user: User, owned: Owned) -> Heir:
    if isinstance(heir, User) and (heir == user or not heir.is_active):
        raise InvalidInputError(f"{heir} cannot take over.", code="bad_heir")
    if isinstance(heir, Team) and not owned.takes_team:
        raise InvalidInputError(f"The {owned.words} need a person.", code="bad_heir")
    return heir


def _move(key: str, user: User, heir: Heir, actor: Actor) -> int:
    """Whole sets at a time, each row with its history."""
    label, _, column = key.rpartition(".")
    model: Any = apps.get_model(label)
    after: dict[str, Any] = {column: heir} if isinstance(heir, User) else {column: None, "team": heir}
    has_version = any(field.name == "version" for field in model._meta.fields)
    moved = 0
    read = model._default_manager.select_related("team") if "team" in after else model._default_manager
    while rows := list(
        read.select_for_update(of=("self",)).filter(**{column: user}).order_by("pk")[:AT_A_TIME]
    ):
        history.record_many(
            model,
            [
                (
                    row.pk,
                    str(row),
                    getattr(row, "version", 0) + 1,
                    _before(row, user, after),
                    after,
                )
                for row in rows
            ],
            actor=actor,
            category="OWNER",
        )
        values = (
            {**after, "version": F("version") + 1, "updated_at": timezone.now()} if has_version else after
        )
        model._default_manager.filter(pk__in=[row.pk for row in rows]).update(**values)
        moved += len(rows)
    return moved


def _before(row: Any, user: User, after: Mapping[str, Any]) -> dict[str, Any]:
    """The owner is known; to read it from each row would be a question to the database for each."""
    return {name: row.team if name == "team" else user for name in after}


@transaction.atomic
def reactivate_person(user: User, *, actor: Actor) -> User:
    """They sign in again with the password they had; keys and sessions from before stay ended."""
    require(actor, "kernel.manage_people")
    user = User.objects.select_for_update().get(pk=user.pk)
    if user.is_active:
        raise DomainError(f"{user} is active.", code="already_active")
    user = people.update_user(user, changes={"is_active": True}, actor=actor)
    events.publish(PersonReactivated(user_id=user.pk), subject=user, actor=actor)
    return user
