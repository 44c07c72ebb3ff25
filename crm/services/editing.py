"""Saving a page that was open for a while: what the person changed, and nothing that somebody else did since."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction

from crm.models import Company, Contact, Deal
from crm.services.changing import locked
from crm.services.companies import change_state
from crm.services.restoring import UPDATES
from gtmos.kernel import history
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.rights import refuse_fixed


@dataclass(frozen=True, slots=True)
class Clash:
    """A column that two people changed: what stands there now, and who wrote it."""

    column: str
    value: Any
    by: str


class ChangedSinceError(DomainError):
    """Nothing was saved. `clashes` are the columns that somebody else changed while the page was open."""

    def __init__(self, record: models.Model, clashes: tuple[Clash, ...]) -> None:
        super().__init__(
            f"{record} was changed by somebody else while you had it open. Nothing was saved yet. "
            "What you wrote is still here; save again to keep it.",
            code="changed_since",
        )
        self.clashes = clashes


@transaction.atomic
def save_edit(
    record: Company | Contact | Deal, *, opened: Mapping[str, Any], typed: Mapping[str, Any], actor: Actor
) -> None:
    """Change only what differs from the values the page was opened with; refused where another changed the same."""
    present = locked(record)
    mine = {name: value for name, value in typed.items() if not _same(value, opened[name])}
    refuse_fixed(type(present), mine, actor=actor)
    clashes = tuple(
        Clash(name, value_of(present, name), last_writer(present, name))
        for name, value in mine.items()
        if not _same(value_of(present, name), opened[name]) and not _same(value_of(present, name), value)
    )
    if clashes:
        raise ChangedSinceError(present, clashes)
    UPDATES[type(present)](present, changes=_collected(mine), actor=actor)


@transaction.atomic
def move_as_seen(deal: Deal, *, was: str, changes: dict[str, Any], actor: Actor) -> None:
    """Move a deal from the stage in which the mover saw it; refused where somebody else moved it since.

    Asked for again it is there already, and nothing happens.
    """
    present = locked(deal)
    if was and present.stage.key not in {was, changes.get("stage")}:
        by = last_writer(present, "stage")
        raise DomainError(
            f"{present} stands in {present.stage} by now{f', {by} moved it' if by else ''}. It stays there.",
            code="changed_since",
        )
    UPDATES[Deal](present, changes=changes, actor=actor)


@transaction.atomic
def state_as_seen(company: Company, to: str, *, was: str, actor: Actor) -> None:
    """The same for the lifecycle of a company."""
    present = locked(company)
    if was and present.customer_state not in {was, to}:
        by = last_writer(present, "customer_state")
        words = f"{present} is {present.get_customer_state_display()} by now"
        raise DomainError(f"{words}{f', {by} moved it' if by else ''}. It stays there.", code="changed_since")
    change_state(present, to, actor=actor)


def value_of(record: models.Model, column: str) -> Any:
    """Of a column, or of a custom field by `custom.` and its key."""
    head, _, key = column.partition(".")
    value = getattr(record, head)
    return value.get(key) if key else value


def _collected(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Custom values under `custom`, as the verbs take them."""
    custom = {name.partition(".")[2]: value for name, value in changes.items() if "." in name}
    rest = {name: value for name, value in changes.items() if "." not in name}
    return {**rest, "custom": custom} if custom else rest


def _same(one: Any, other: Any) -> bool:
    return bool(_bare(one) == _bare(other))


def _bare(value: Any) -> Any:
    """Browsers send other line ends than they were given; an empty box is no value."""
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, str):
        return value.replace("\r\n", "\n").strip() or None
    return value


def last_writer(record: models.Model, column: str) -> str:
    last = history.of_record(record).filter(changed_fields__contains=[column.partition(".")[0]]).first()
    return last.user_name if last else ""
