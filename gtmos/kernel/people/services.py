"""Users, teams, memberships and API tokens."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import InvalidInputError
from gtmos.kernel.people.models import ApiToken, Membership, Role, Team, User
from gtmos.kernel.permissions import require

TOKEN_PREFIX = "gtm_"  # noqa: S105 -- the public beginning of every key, so that scanners can find leaked ones
SCOPES = ("read", "write", "send")


@transaction.atomic
def create_user(email: str, *, name: str, role: Role, password: str | None, actor: Actor) -> User:
    """Add a person; with no password they cannot sign in until one is set."""
    require(actor, "kernel.manage_people")
    if User.objects.filter(email__iexact=email).exists():
        raise InvalidInputError(f"{email} already belongs to somebody here.", code="email_taken")
    return User.objects.create_user(
        email,
        password,
        name=name,
        role=role,
        is_staff=role in {Role.ADMIN, Role.REVOPS},
        is_superuser=role == Role.ADMIN,
    )


@transaction.atomic
def create_team(name: str, *, members: Iterable[User], actor: Actor) -> Team:
    require(actor, "kernel.manage_people")
    team, _ = Team.objects.get_or_create(name=name)
    for user in members:
        Membership.objects.get_or_create(user=user, team=team)
    return team


@transaction.atomic
def issue_token(
    user: User, *, scopes: Iterable[str], actor: Actor, name: str = "API", expires_at: datetime | None = None
) -> str:
    """Make a key and return it; it cannot be read again later."""
    require(actor, "kernel.issue_token", user)
    wanted = list(dict.fromkeys(scopes))
    unknown = sorted(set(wanted) - set(SCOPES))
    if unknown or not wanted:
        raise InvalidInputError(
            f"Scopes are {', '.join(SCOPES)}; not {', '.join(unknown) or 'none'}.", code="unknown_scope"
        )
    key = TOKEN_PREFIX + secrets.token_urlsafe(32)
    ApiToken.objects.create(
        user=user, name=name, prefix=key[:10], digest=digest_of(key), scopes=wanted, expires_at=expires_at
    )
    return key


def digest_of(key: str) -> str:
    """SHA-256 is enough: the key has 256 random bits, nothing can be guessed."""
    return hashlib.sha256(key.encode()).hexdigest()


def token_for_key(key: str) -> ApiToken | None:
    """The live token behind a key, or none; notes its use at most once a minute."""
    token = (
        ApiToken.objects.select_related("user")
        .filter(digest=digest_of(key), revoked_at__isnull=True, user__is_active=True)
        .first()
    )
    now = timezone.now()
    if token is None or (token.expires_at is not None and token.expires_at <= now):
        return None
    if token.last_used_at is None or (now - token.last_used_at).total_seconds() > 60:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token
