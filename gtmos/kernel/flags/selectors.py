"""Whether somebody has a feature: asked in memory, read anew when a flag was changed."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import QuerySet

from gtmos.kernel.actors import Actor
from gtmos.kernel.flags.declared import Feature, feature_of
from gtmos.kernel.flags.models import FeatureFlag
from gtmos.kernel.permissions import allows
from gtmos.kernel.pictures import Picture, token_now

PARTS = 10_000


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
    return audience.is_everybody or _is_of(audience, known.key, actor)


def _is_of(audience: Audience, key: str, actor: Actor) -> bool:
    user = actor.user
    if user is None:
        return False
    if str(user.pk) in audience.people or user.role in audience.roles:
        return True
    if audience.teams and audience.teams & {str(each) for each in user.team_ids}:
        return True
    return place_of(key, str(user.pk)) < audience.share


def place_of(key: str, person: str) -> float:
    """From 0 up to 1, always the same for one person and feature, and unlike for another feature."""
    digest = hashlib.sha256(f"{key}:{person}".encode()).digest()
    return int.from_bytes(digest[:8]) % PARTS / PARTS


def _read() -> Mapping[str, Audience]:
    if token_now() is None:  # whoever sets a flag makes one
        return {}
    return {
        row.key: Audience(
            row.is_active, row.share, frozenset(row.roles), frozenset(row.teams), frozenset(row.people)
        )
        for row in FeatureFlag.objects.all()
    }


_PICTURE = Picture(_read)


def visible_flags(*, actor: Actor) -> QuerySet[FeatureFlag]:
    flags = FeatureFlag.objects.all()
    return flags if allows(actor, "kernel.configure_flags") else flags.none()
