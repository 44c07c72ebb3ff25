"""What every business row has, and who may see it."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, TypeVar

from django.conf import settings
from django.db import models
from django.db.models import Q, QuerySet

if TYPE_CHECKING:
    from gtmos.kernel.actors import Actor


class Record(models.Model):
    """The base of every business object: an opaque key, two timestamps, a row version."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        abstract = True

    @property
    def etag(self) -> str:
        return f'"{self.version}"'


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

    class Meta:
        abstract = True


R = TypeVar("R", bound=models.Model)


def visible_to(actor: Actor, records: QuerySet[R], *, through: str = "") -> QuerySet[R]:
    """Only the rows that the actor may see, decided inside the query.

    `through` is the path to the owned record ("company__" for a contact seen through its company).
    """
    if actor.is_system:
        return records
    if actor.user is None:
        return records.none()
    if actor.user.sees_everything:
        return records
    owner, team = f"{through}owner", f"{through}team"
    mine = Q(**{owner: actor.user}) | Q(**{f"{team}__in": actor.user.team_ids})
    everybodys: dict[str, Any] = {f"{owner}__isnull": True, f"{team}__isnull": True}
    return records.filter(mine | Q(**everybodys))


def visible_condition(actor: Actor, alias: str) -> tuple[str, dict[str, Any]]:
    """The same rule as `visible_to`, as a condition on a table of a hand-written statement, with its values."""
    if actor.is_system or (actor.user is not None and actor.user.sees_everything):
        return "TRUE", {}
    if actor.user is None:
        return "FALSE", {}
    mine = f"{alias}.owner_id = %(seer)s OR {alias}.team_id = ANY(%(seers_teams)s)"
    everybodys = f"({alias}.owner_id IS NULL AND {alias}.team_id IS NULL)"
    return f"({mine} OR {everybodys})", {"seer": actor.user.pk, "seers_teams": list(actor.user.team_ids)}


def may_see(actor: Actor, record: OwnedRecord) -> bool:
    """The same rule as `visible_to`, for one row in hand."""
    if actor.is_system:
        return True
    if actor.user is None:
        return False
    if actor.user.sees_everything or record.owner_id == actor.user.pk:
        return True
    if record.owner_id is None and record.team_id is None:
        return True
    return record.team_id is not None and record.team_id in actor.user.team_ids


def save_changes(record: Record, *fields: str) -> None:
    """Save the named columns and count the row version up, for `If-Match` and edits side by side."""
    record.version = record.version + 1
    record.save(update_fields=[*fields, "version", "updated_at"])
