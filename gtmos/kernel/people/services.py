"""Users, teams, memberships and API tokens."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone

from gtmos.kernel import history
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError, InvalidInputError
from gtmos.kernel.people.access_models import AccessRole
from gtmos.kernel.people.access_services import check_role
from gtmos.kernel.people.models import ApiToken, MailVisibility, Membership, Role, Team, User
from gtmos.kernel.permissions import require
from gtmos.kernel.records import save_changes
from gtmos.kernel.signin.factor_services import refuse_without_factor
from gtmos.kernel.signin.session_services import drop_sessions

TOKEN_PREFIX = "gtm_"  # noqa: S105 -- the public beginning of every key, so that scanners can find leaked ones
PERSON_FIELDS = frozenset({"email", "name", "role", "time_zone", "is_active", "mail_visibility"})
PROFILE_FIELDS = frozenset({"name", "time_zone", "mail_visibility"})
SCOPES = ("read", "write", "send", "export", "admin")


@transaction.atomic
def create_user(email: str, *, name: str, role: str, password: str | None, actor: Actor) -> User:
    """Add a person; with no password they cannot sign in until one is set."""
    require(actor, "kernel.manage_people")
    check_role(role)
    if User.objects.filter(email__iexact=email).exists():
        raise InvalidInputError(f"{email} already belongs to somebody here.", code="email_taken")
    if role == Role.ADMIN:
        require(actor, "kernel.make_administrators")
    if (
        password is not None and not actor.is_system
    ):  # an installation's first password is its operator's word
        check_password(password)
    user = User.objects.create_user(email, password, name=name, role=role, **_doors(role))
    history.record_creation(user, actor=actor)
    return user


@transaction.atomic
def update_user(user: User, *, changes: dict[str, Any], actor: Actor) -> User:
    """Change who somebody is here. Only administrators make administrators, and one always stays."""
    require(actor, "kernel.manage_people")
    user = User.objects.select_for_update().get(pk=user.pk)
    _check_person(user, changes)
    before = history.changed_values(user, changes)
    if Role.ADMIN in {user.role, changes.get("role")}:
        require(actor, "kernel.make_administrators")
    for name, value in changes.items():
        setattr(user, name, value)
    for name, value in _doors(user.role).items():
        setattr(user, name, value)
    user.save(update_fields=[*changes, *_doors(user.role)])
    if (
        not User.objects.filter(role=Role.ADMIN, is_active=True).exists()
        and before.get("role", user.role) == Role.ADMIN
    ):
        raise DomainError("Somebody has to stay administrator.", code="last_administrator")
    history.record(user, before=before, after=changes, actor=actor, category="PERSON")
    if before.get("is_active") and not user.is_active:
        _close_doors(user, actor=actor)
    return user


@transaction.atomic
def update_profile(user: User, *, changes: dict[str, Any], actor: Actor) -> User:
    """What everybody says about themselves."""
    require(actor, "kernel.change_own_sign_in", user)
    unknown = sorted(set(changes) - PROFILE_FIELDS)
    if unknown:
        raise InvalidInputError(f"A profile has no {', '.join(unknown)}.", code="unknown_field")
    user = User.objects.select_for_update().get(pk=user.pk)
    _check_person(user, changes)
    before = history.changed_values(user, changes)
    for name, value in changes.items():
        setattr(user, name, value)
    user.save(update_fields=[*changes])
    history.record(user, before=before, after=changes, actor=actor, category="PERSON")
    return user


@transaction.atomic
def change_place(user: User, *, role: str, teams: Iterable[Team], actor: Actor) -> User:
    """The role and the teams at once."""
    if role != user.role:
        user = update_user(user, changes={"role": role}, actor=actor)
    require(actor, "kernel.manage_people")
    wanted = {team.pk: team for team in teams}
    for membership in user.memberships.select_related("team", "user"):
        if membership.team_id not in wanted:
            remove_member(membership, actor=actor)
    for team in wanted.values():
        add_member(team, user, actor=actor)
    return user


def _close_doors(user: User, *, actor: Actor) -> None:
    """Whoever has left is out with the next request, in every browser and with every key."""
    drop_sessions(user)
    for token in ApiToken.objects.filter(user=user, revoked_at=None):
        _revoke(token, actor=actor)


def _doors(role: str) -> dict[str, bool]:
    """Who may open the RevOps desk follows from the role."""
    base = AccessRole.objects.filter(key=role).values_list("based_on", flat=True).first() or role
    return {"is_staff": base in {Role.ADMIN, Role.REVOPS}, "is_superuser": role == Role.ADMIN}


def _check_person(user: User, changes: dict[str, Any]) -> None:
    unknown = sorted(set(changes) - PERSON_FIELDS)
    if unknown:
        raise InvalidInputError(f"A person has no {', '.join(unknown)}.", code="unknown_field")
    changes.update({"email": changes["email"].lower()} if "email" in changes else {})
    if "role" in changes:
        check_role(changes["role"])
    if changes.get("mail_visibility", MailVisibility.ALL) not in MailVisibility.values:
        raise InvalidInputError("Mails are seen by private, team or all.", code="unknown_visibility")
    others = User.objects.exclude(pk=user.pk)
    if "email" in changes and others.filter(email__iexact=changes["email"]).exists():
        raise InvalidInputError(f"{changes['email']} already belongs to somebody here.", code="email_taken")
    try:
        ZoneInfo(changes.get("time_zone", "UTC"))
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise InvalidInputError(
            f"{changes['time_zone']} is no time zone; write it like America/New_York.", code="unknown_zone"
        ) from error


@transaction.atomic
def set_password(user: User, password: str, *, actor: Actor, keep_session: str | None = None) -> User:
    """Everybody sets their own; RevOps those of others, an administrator's only an administrator.

    Every session of this person ends but the one that is named: where the password was just changed.
    """
    require(actor, "kernel.set_password", user)
    check_password(password)
    user = User.objects.select_for_update().get(pk=user.pk)
    user.set_password(password)
    user.save(update_fields=["password"])
    drop_sessions(user, keep=keep_session)
    history.record(
        user,
        before={"password": "old"},
        after={"password": "new"},
        actor=actor,
        category="PERSON",
        summary="New password",
    )
    return user


def check_password(password: str) -> None:
    try:
        validate_password(password)
    except ValidationError as error:
        raise InvalidInputError(" ".join(error.messages), code="weak_password") from error


@transaction.atomic
def create_team(name: str, *, members: Iterable[User], actor: Actor) -> Team:
    require(actor, "kernel.manage_people")
    team, is_new = Team.objects.get_or_create(name=name.strip())
    if is_new:
        history.record_creation(team, actor=actor)
    for user in members:
        add_member(team, user, actor=actor)
    return team


@transaction.atomic
def rename_team(team: Team, name: str, *, actor: Actor) -> Team:
    require(actor, "kernel.manage_people")
    team = Team.objects.select_for_update().get(pk=team.pk)
    if not name.strip() or Team.objects.filter(name=name.strip()).exclude(pk=team.pk).exists():
        raise InvalidInputError("A team needs a name of its own.", code="name_taken")
    before = {"name": team.name}
    team.name = name.strip()
    if history.record(team, before=before, after={"name": team.name}, actor=actor, category="TEAM"):
        save_changes(team, "name")
    return team


@transaction.atomic
def add_member(team: Team, user: User, *, actor: Actor) -> Membership:
    """From now on this person sees what the team owns."""
    require(actor, "kernel.manage_people")
    membership, is_new = Membership.objects.get_or_create(user=user, team=team)
    if is_new:
        _note_member(team, user, before=None, after=str(user), actor=actor)
    return membership


@transaction.atomic
def remove_member(membership: Membership, *, actor: Actor) -> None:
    """From now on this person no longer sees what the team owns."""
    require(actor, "kernel.manage_people")
    _note_member(membership.team, membership.user, before=str(membership.user), after=None, actor=actor)
    membership.delete()


def _note_member(team: Team, user: User, *, before: str | None, after: str | None, actor: Actor) -> None:
    words = f"{user} joined {team}" if after else f"{user} left {team}"
    history.record(
        team,
        before={"member": before},
        after={"member": after},
        actor=actor,
        category="TEAM",
        summary=words,
    )


@transaction.atomic
def issue_token(
    user: User, *, scopes: Iterable[str], actor: Actor, name: str = "API", expires_at: datetime | None = None
) -> str:
    """Make a key and return it; it cannot be read again later."""
    require(actor, "kernel.issue_token", user)
    if actor.user is not None:
        refuse_without_factor(actor.user)
    wanted = list(dict.fromkeys(scopes))
    unknown = sorted(set(wanted) - set(SCOPES))
    if unknown or not wanted:
        raise InvalidInputError(
            f"Scopes are {', '.join(SCOPES)}; not {', '.join(unknown) or 'none'}.", code="unknown_scope"
        )
    key = TOKEN_PREFIX + secrets.token_urlsafe(32)
    if expires_at is not None and expires_at <= timezone.now():
        raise InvalidInputError("A key ends in the future, or never.", code="bad_expiry")
    token = ApiToken.objects.create(
        user=user,
        name=name[:100],
        prefix=key[:10],
        digest=digest_of(key),
        scopes=wanted,
        expires_at=expires_at,
    )
    history.record_creation(token, actor=actor, values={"scopes": wanted, "expires_at": expires_at})
    return key


@transaction.atomic
def revoke_token(token: ApiToken, *, actor: Actor) -> ApiToken:
    """The key opens nothing from now on."""
    require(actor, "kernel.issue_token", token.user)
    token = ApiToken.objects.select_for_update().get(pk=token.pk)
    if token.revoked_at is None:
        _revoke(token, actor=actor)
    return token


def _revoke(token: ApiToken, *, actor: Actor) -> None:
    token.revoked_at = timezone.now()
    save_changes(token, "revoked_at")
    history.record(
        token,
        before={"revoked_at": None},
        after={"revoked_at": token.revoked_at},
        actor=actor,
        category="TOKEN",
    )


def digest_of(key: str) -> str:
    """SHA-256 is enough: the key has 256 random bits, nothing can be guessed."""
    return hashlib.sha256(key.encode()).hexdigest()


def token_for_key(key: str) -> ApiToken | None:
    """The live token behind a key, or none; notes its use at most once a minute."""
    token = _live_token(digest_of(key))
    now = timezone.now()
    if token is None or (token.expires_at is not None and token.expires_at <= now):
        return None
    if token.last_used_at is None or (now - token.last_used_at).total_seconds() > 60:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token


def _live_token(digest: str) -> ApiToken | None:
    """The token with its person, in one statement that is written once: every request with a key waits for it."""
    with connection.cursor() as cursor:
        cursor.execute(_token_statement(), (digest,))
        row = cursor.fetchone()
    if row is None:
        return None
    columns = _columns(ApiToken)
    token = ApiToken.from_db(connection.alias, columns, _values(ApiToken, row[: len(columns)]))
    token.user = User.from_db(connection.alias, _columns(User), _values(User, row[len(columns) :]))
    return token


@cache
def _token_statement() -> str:
    live = ApiToken.objects.filter(digest="", revoked_at__isnull=True, user__is_active=True)
    names = [*_columns(ApiToken), *(f"user__{name}" for name in _columns(User))]
    statement, _ = live.order_by().values_list(*names).query.sql_with_params()
    return statement


@cache
def _columns(model: type[Model]) -> tuple[str, ...]:
    return tuple(field.attname for field in model._meta.concrete_fields)


@cache
def _converters(model: type[Model]) -> tuple[Any, ...]:
    """What turns a stored value into the field's (JSON arrives as text)."""
    return tuple(getattr(field, "from_db_value", None) for field in model._meta.concrete_fields)


def _values(model: type[Model], row: tuple[Any, ...]) -> list[Any]:
    found = zip(row, _converters(model), strict=True)
    return [convert(value, None, connection) if convert else value for value, convert in found]
