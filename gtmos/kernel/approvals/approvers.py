"""Who is meant by `manager`, `team:…`, `team_manager:…`, `role:…` and `person:…`."""

from uuid import UUID

from django.db.models import QuerySet

from gtmos.kernel.people.access_services import role_names
from gtmos.kernel.people.models import Team, User

MANAGER = "manager"
KINDS = ("person", "role", "team", "team_manager")


def choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Everybody who can be named, in groups, as a form shows them."""
    teams = list(Team.objects.all())
    people = User.objects.filter(is_active=True).order_by("name", "email")
    return [
        ("By place", [(MANAGER, "The manager of whoever asks")]),
        ("Managers", [(f"team_manager:{each.pk}", f"Manager of {each}") for each in teams]),
        ("Roles", [(f"role:{key}", name.capitalize()) for key, name in role_names().items()]),
        ("Teams", [(f"team:{each.pk}", f"Team {each}") for each in teams]),
        ("People", [(f"person:{each.pk}", str(each)) for each in people]),
    ]


def names() -> dict[str, str]:
    return {key: words for _, group in choices() for key, words in group}


def people_of(name: str, *, requester: User | None) -> list[User]:
    """The active people that it means now, the requester among them if they are."""
    kind, _, key = name.partition(":")
    if name == MANAGER:
        return _managers_of(requester)
    if kind == "role":
        return list(_active().filter(role=key))
    if kind == "person":
        return list(_active().filter(pk=UUID(key)))
    if kind == "team":
        return list(_active().filter(memberships__team=UUID(key)).distinct())
    return list(_active().filter(managed_teams=UUID(key)))


def _managers_of(requester: User | None) -> list[User]:
    """Of their teams; whoever manages a team themselves has no manager by it."""
    if requester is None:
        return []
    teams = Team.objects.filter(memberships__user=requester).exclude(manager=requester)
    return list(_active().filter(managed_teams__in=teams).distinct())


def last_resort() -> list[User]:
    """Those who configure: nothing waits for nobody."""
    return [each for each in _active().filter(is_staff=True) if each.may_configure]


def _active() -> QuerySet[User]:
    return User.objects.filter(is_active=True).order_by("name", "email")
