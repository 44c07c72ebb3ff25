"""Addresses we write from."""

from typing import Any

from django.db import transaction

from gtmos.kernel import history
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import DomainError, InvalidInputError
from gtmos.kernel.permissions import require
from gtmos.kernel.records import save_changes
from outreach.models import Mailbox

EDITABLE = frozenset(
    {
        "display_name",
        "signature",
        "daily_cap",
        "window_start",
        "window_end",
        "sends_on_weekends",
        "is_active",
        "owner",
        "team",
    }
)  # fmt: skip -- a list of names


@transaction.atomic
def create_mailbox(address: str, *, display_name: str, actor: Actor, **fields: Any) -> Mailbox:
    """Add a sender. Its address cannot change later, since sent mail names it."""
    require(actor, "outreach.configure_mailbox")
    _check(fields)
    if Mailbox.objects.filter(address__iexact=address).exists():
        raise DomainError(f"{address} is a mailbox already.", code="mailbox_exists")
    mailbox = Mailbox.objects.create(address=address.lower(), display_name=display_name, **fields)
    history.record_creation(mailbox, actor=actor)
    return mailbox


@transaction.atomic
def update_mailbox(mailbox: Mailbox, *, changes: dict[str, Any], actor: Actor) -> Mailbox:
    require(actor, "outreach.configure_mailbox", mailbox)
    _check(changes)
    mailbox = Mailbox.objects.select_for_update().get(pk=mailbox.pk)
    before = history.changed_values(mailbox, changes)
    for name, value in changes.items():
        setattr(mailbox, name, value)
    save_changes(mailbox, *changes)
    history.record(mailbox, before=before, after=changes, actor=actor, category="MAILBOX")
    return mailbox


def _check(values: dict[str, Any]) -> None:
    unknown = sorted(set(values) - EDITABLE)
    if unknown:
        raise InvalidInputError(f"A mailbox has no {', '.join(unknown)}.", code="unknown_field")
    start, end = values.get("window_start"), values.get("window_end")
    if start is not None and end is not None and start >= end:
        raise InvalidInputError("The sending window must end after it begins.", code="bad_window")
