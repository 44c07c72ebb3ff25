"""What every business row has, and who may see it."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from django.conf import settings
from django.db import models
from django.db.models import Q, QuerySet

from gtmos.kernel.masking import masked

if TYPE_CHECKING:
    from gtmos.kernel.actors import Actor
    from gtmos.kernel.people.models import User
    from gtmos.kernel.people.roles import Standing


class Record(models.Model):
    """The base of every business object: an opaque key, two timestamps, a row version."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        abstract = True

    def is_in_hand(self, name: str) -> bool:
        """Whether the record that this foreign key points to has been read."""
        return name in self._state.fields_cache

    @property
    def etag(self) -> str:
        return f'"{self.version}"'


class SwitchedRecord(Record):
    """A record that says nothing until it is switched on."""

    is_active = models.BooleanField("active", default=False, editable=False)

    class Meta:
        abstract = True


class OwnedRecord(Record):
    """A record that belongs to a person or a team; with neither it belongs to everybody."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,  # lists that filter by owner have an index of their own; imports pay for each one
    )
    team = models.ForeignKey(
        "kernel.Team", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )

    # The foreign key to the company whose territory and team open this record too; "" for the company itself.
    account_path: ClassVar[str | None] = None

    class Meta:
        abstract = True


R = TypeVar("R", bound=models.Model)


def visible_to(actor: Actor, records: QuerySet[R], *, through: str = "") -> QuerySet[R]:
    """Only the rows that the actor may see, decided inside the query; fields that the role hides come empty.

    `through` is the path to the owned record ("company__" for a contact seen through its company).
    """
    if actor.is_system:
        return records
    if actor.user is None:
        return records.none()
    standing = actor.user.standing
    owned = _owned_model(records.model, through)
    if not all(standing.may("view", subject_of(each)) for each in (owned, records.model)):
        return records.none()
    records = masked(records, standing)
    return records if actor.user.sees_everything else records.filter(_condition(actor.user, owned, through))


def subject_of(model: type[models.Model]) -> str:
    """What the grid of rights calls this kind of record."""
    return str(model._meta.model_name)


def _owned_model(model: type[models.Model], through: str) -> type[models.Model]:
    for name in filter(None, through.split("__")):
        model = model._meta.get_field(name).related_model  # type: ignore[assignment]  # a path of foreign keys
    return model


def _account_path(model: type[models.Model] | None) -> str | None:
    return getattr(model, "account_path", None)


def _condition(user: User, owned: type[models.Model], through: str) -> Q:
    standing, path = user.standing, _account_path(owned)
    condition = Q(**{f"{through}owner": user})
    if standing.team_scope:
        condition |= Q(**{f"{through}team__in": standing.team_scope})
    everybodys: dict[str, Any] = {f"{through}owner__isnull": True, f"{through}team__isnull": True}
    condition |= Q(**everybodys)
    if path is None:
        return condition
    account = f"{through}{path}__" if path else through
    if standing.territory_scope:
        condition |= Q(**{f"{account}territory__in": standing.territory_scope})
    if standing.accounts:
        condition |= Q(**{f"{account}id__in" if not path else f"{through}{path}__in": standing.accounts})
    return condition


def visible_condition(
    actor: Actor, alias: str, model: type[models.Model] | None = None
) -> tuple[str, dict[str, Any]]:
    """The same rule as `visible_to`, as a condition on a table of a hand-written statement, with its values.

    `model` is whose table the alias names; without it, what a territory or an account team opens stays closed.
    """
    if actor.is_system:
        return "TRUE", {}
    if actor.user is None or (model and not actor.user.standing.may("view", subject_of(model))):
        return "FALSE", {}
    if actor.user.sees_everything:
        return "TRUE", {}
    standing, path = actor.user.standing, _account_path(model)
    parts = [f"{alias}.owner_id = %(seer)s", f"{alias}.team_id = ANY(%(seers_teams)s)"]
    everybodys = f"{alias}.owner_id IS NULL AND {alias}.team_id IS NULL"
    parts.append(f"({everybodys})")
    if model is not None and path is not None:
        parts += _account_parts(alias, model, path)
    return f"({' OR '.join(parts)})", {
        "seer": actor.user.pk,
        "seers_teams": list(standing.team_scope),
        "seers_territories": list(standing.territory_scope),
        "seers_accounts": list(standing.accounts),
    }


def _account_parts(alias: str, model: type[models.Model], path: str) -> list[str]:
    territories, accounts = "= ANY(%(seers_territories)s)", "= ANY(%(seers_accounts)s)"
    if not path:
        return [f"{alias}.territory_id {territories}", f"{alias}.id {accounts}"]
    table = _owned_model(model, path)._meta.db_table
    key = f"{alias}.{path}_id"
    above = f"SELECT 1 FROM {table} account WHERE account.id = {key} AND account.territory_id {territories}"  # noqa: S608 -- names of our own models
    return [f"{key} {accounts}", f"EXISTS ({above})"]


def may_see(actor: Actor, record: OwnedRecord) -> bool:
    """The same rule as `visible_to`, for one row in hand."""
    if actor.is_system:
        return True
    if actor.user is None or not actor.user.standing.may("view", subject_of(type(record))):
        return False
    if actor.user.sees_everything or record.owner_id == actor.user.pk:
        return True
    if record.team_id is not None and record.team_id in actor.user.standing.team_scope:
        return True
    if record.owner_id is None and record.team_id is None:
        return True
    path = _account_path(type(record))
    return path is not None and _opened_by_account(actor.user.standing, record, path)


def _opened_by_account(standing: Standing, record: OwnedRecord, path: str) -> bool:
    key = getattr(record, f"{path}_id") if path else record.pk
    if key is not None and key in standing.accounts:
        return True
    if key is None or not standing.territory_scope:
        return False
    account: Any = getattr(record, path) if path else record
    return account.territory_id in standing.territory_scope


def save_changes(record: Record, *fields: str) -> None:
    """Save the named columns and count the row version up, for `If-Match` and edits side by side."""
    record.version = record.version + 1
    record.save(update_fields=[*fields, "version", "updated_at"])
