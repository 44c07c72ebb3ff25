"""Roles: what RevOps changes about the built-in ones, and roles of its own."""

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.db import models, transaction
from django.utils.text import slugify

from gtmos.kernel import history
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError, InvalidInputError
from gtmos.kernel.people import roles
from gtmos.kernel.people.access_models import AccessRole
from gtmos.kernel.people.models import Role, User
from gtmos.kernel.permissions import require
from gtmos.kernel.records import OwnedRecord, save_changes, subject_of

CHANGEABLE = frozenset({"name", "scope", "rights", "fields"})
# What a record is known and found by cannot be taken out of it.
_NEVER = frozenset({"id", "version", "created_at", "updated_at", "name", "subject", "title", "deal_id"})


@transaction.atomic
def create_role(name: str, *, based_on: str, actor: Actor, key: str = "", **fields: Any) -> AccessRole:
    """A role of the house's own; what it does not say is as in the built-in role that it is based on."""
    require(actor, "kernel.configure_roles")
    key = key or slugify(name)[:20]
    if based_on not in Role.values or based_on == Role.ADMIN:
        raise InvalidInputError(f"A role is based on one of {', '.join(_bases())}.", code="unknown_role")
    if not key or key == Role.ADMIN or AccessRole.objects.filter(key=key).exists():
        raise InvalidInputError(f"There is a role {name} already.", code="role_exists")
    role = AccessRole(key=key, name=name.strip(), based_on=based_on, scope=roles.default_scope(based_on))
    _fill(role, fields)
    role.save(force_insert=True)
    history.record_creation(role, actor=actor)
    return role


@transaction.atomic
def change_role(role: AccessRole, *, changes: dict[str, Any], actor: Actor) -> AccessRole:
    """Counts from the next request of everybody who has the role."""
    require(actor, "kernel.configure_roles")
    role = AccessRole.objects.select_for_update().get(pk=role.pk)
    before = history.changed_values(role, changes)
    _fill(role, changes)
    after = history.changed_values(role, changes)
    if history.record(role, before=before, after=after, actor=actor, category="ROLE"):
        save_changes(role, *changes)
    return role


@transaction.atomic
def delete_role(role: AccessRole, *, actor: Actor) -> None:
    """A built-in role goes back to what it was; one of the house's own must not be anybody's any more."""
    require(actor, "kernel.configure_roles")
    if role.key not in Role.values and User.objects.filter(role=role.key).exists():
        raise DomainError(f"Somebody still has the role {role}. Give them another first.", code="role_in_use")
    gone = {"name": role.name, "scope": role.scope, "rights": role.rights, "fields": role.fields}
    history.record(role, before=gone, after=dict.fromkeys(gone), actor=actor, category="ROLE")
    role.delete()


def role_names() -> dict[str, str]:
    """Every role that somebody can have, by key."""
    built_in = {str(key): str(label) for key, label in Role.choices}
    return built_in | dict(AccessRole.objects.values_list("key", "name"))


def check_role(key: str) -> None:
    if key not in Role.values and not AccessRole.objects.filter(key=key).exists():
        raise InvalidInputError(f"There is no role {key}.", code="unknown_role")


def field_names() -> dict[str, tuple[str, ...]]:
    """Of each kind of record, the fields that a role may be kept from."""
    kinds = {subject_of(each): each for each in apps.get_models() if issubclass(each, OwnedRecord)}
    return {name: tuple(_fields(kinds[name])) for name in sorted(set(kinds) & set(roles.grid()))}


def _fields(model: type[models.Model]) -> Iterable[str]:
    for field in model._meta.fields:
        if field.name in _NEVER or not field.editable or field.is_relation or field.name.startswith("search"):
            continue
        yield field.name


def _fill(role: AccessRole, values: dict[str, Any]) -> None:
    unknown = sorted(set(values) - CHANGEABLE)
    if unknown:
        raise InvalidInputError(f"A role has no {', '.join(unknown)}.", code="unknown_field")
    _check_scope(values.get("scope", role.scope))
    _check_keys(values.get("rights", {}), roles.cells(), (True, False))
    fields = {f"{subject}.{name}" for subject, names in field_names().items() for name in names}
    _check_keys(values.get("fields", {}), fields, (roles.HIDDEN, roles.READ_ONLY))
    for name, value in values.items():
        setattr(role, name, value)


def _check_scope(scope: str) -> None:
    if scope not in roles.SCOPES:
        raise InvalidInputError(f"A role sees {', '.join(roles.SCOPES)}; not {scope}.", code="unknown_scope")


def _check_keys(given: dict[str, Any], known: Iterable[str], words: tuple[Any, ...]) -> None:
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise InvalidInputError(f"There is no {', '.join(unknown)} to allow or refuse.", code="unknown_right")
    if any(each not in words for each in given.values()):
        raise InvalidInputError(f"Say one of {', '.join(map(str, words))}.", code="unknown_word")


def _bases() -> list[str]:
    return [each for each in Role.values if each != Role.ADMIN]
