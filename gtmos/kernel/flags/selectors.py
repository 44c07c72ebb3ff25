"""Whether somebody has a feature: asked in memory, read anew when a flag was changed."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from gtmos.kernel.actors import Actor
from gtmos.kernel.flags.declared import Feature, feature_of
from gtmos.kernel.flags.models import FeatureFlag
from gtmos.kernel.people.models import Membership, User
from gtmos.kernel.permissions import allows, require
from gtmos.kernel.pictures import Picture, token_now

PARTS = 10_000
NAMED = 5


@dataclass(frozen=True, slots=True)
class Audience:
    """Who has it."""

    is_everybody: bool
    share: float
    roles: frozenset[str]
    teams: frozenset[str]
    people: frozenset[str]


def is_on(flag: str | Feature, actor: Actor) -> bool:
    """The system has what everybody has; an agent what the person has for whom it acts."""
    known = feature_of(flag.key if isinstance(flag, Feature) else flag)
    audience = _PICTURE.now().get(known.key)
    if audience is None:
        return known.is_on
    user = actor.user
    if audience.is_everybody or user is None:
        return audience.is_everybody
    is_member = bool(audience.teams) and not audience.teams.isdisjoint(map(str, user.team_ids))
    return _is_of(audience, known.key, user, is_member=is_member)


def _is_of(audience: Audience, key: str, user: User, *, is_member: bool) -> bool:
    """Whoever stands in any of the boxes, or falls into the part of the people."""
    if is_member or str(user.pk) in audience.people or user.role in audience.roles:
        return True
    return place_of(key, str(user.pk)) < audience.share


def place_of(key: str, person: str) -> float:
    """From 0 up to 1, always the same for one person and feature, and unlike for another feature."""
    digest = hashlib.sha256(f"{key}:{person}".encode()).digest()
    return int.from_bytes(digest[:8]) % PARTS / PARTS


def _read() -> Mapping[str, Audience]:
    if token_now() is None:  # whoever sets a flag makes one
        return {}
    return {row.key: _audience(row) for row in FeatureFlag.objects.all()}


def _audience(row: FeatureFlag) -> Audience:
    return Audience(
        row.is_active, row.share, frozenset(row.roles), frozenset(row.teams), frozenset(row.people)
    )


_PICTURE = Picture(_read)


@dataclass(frozen=True, slots=True)
class Having:
    """Of everybody who may sign in, those who have a feature."""

    flag: str
    names: tuple[str, ...]
    count: int

    @property
    def sentence(self) -> str:
        such = f": {', '.join(self.names[:NAMED])}{' and others' if len(self.names) > NAMED else ''}"
        return (
            f"{self.flag}: {len(self.names):,} of {self.count:,} people have it{such if self.names else ''}."
        )


def who_has(flag: FeatureFlag, *, actor: Actor) -> Having:
    """As the row says it now, person by person."""
    require(actor, "kernel.configure_flags")
    audience = _audience(flag)
    people = User.objects.filter(is_active=True).order_by("name", "email")
    members = set(Membership.objects.filter(team__in=[*map(UUID, flag.teams)]).values_list("user", flat=True))
    having = [
        each
        for each in people
        if audience.is_everybody or _is_of(audience, flag.key, each, is_member=each.pk in members)
    ]
    return Having(flag.key, tuple(str(each) for each in having), len(people))


def visible_flags(*, actor: Actor) -> QuerySet[FeatureFlag]:
    flags = FeatureFlag.objects.all()
    return flags if allows(actor, "kernel.configure_flags") else flags.none()
