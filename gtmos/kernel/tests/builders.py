"""Rows that tests start from. Each call makes a new, distinct one."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from gtmos.kernel.actors import Actor
from gtmos.kernel.people.models import Membership, Role, Team, User

_numbers = itertools.count(1)


def serial(word: str) -> str:
    return f"{word} {next(_numbers)}"


def a_user(
    *, name: str = "", role: Role = Role.AE, team: Team | None = None, password: str | None = None
) -> User:
    label = name or serial("Person")
    user = User.objects.create_user(
        f"{label.lower().replace(' ', '.')}@gtmos.example", password, name=label, role=role
    )
    if team is not None:
        Membership.objects.create(user=user, team=team)
    return user


def a_team(name: str = "") -> Team:
    return Team.objects.create(name=name or serial("Team"))


def an_actor(role: Role = Role.AE, *, team: Team | None = None) -> Actor:
    return Actor.of(a_user(role=role, team=team))


@contextmanager
def unguarded() -> Iterator[None]:
    """As the owner of the whole server may: the triggers that guard the history do not look."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        try:
            yield
        finally:
            cursor.execute("SET session_replication_role = origin")
