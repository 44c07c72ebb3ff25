"""The addresses we write from."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from gtmos.kernel import clock, history
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import InvalidInputError
from gtmos.kernel.permissions import require
from outreach.governor.limits import MOST_A_DAY
from outreach.models import Mailbox
from outreach.services.domains import ensure_domain

EDITABLE = frozenset(
    {
        *("address", "display_name", "signature", "booking_url", "daily_cap", "window_start", "window_end"),
        *("ramp_from", "ramp_first", "ramp_step"),
        *("sends_on_weekends", "is_active", "paused_reason", "owner", "team"),
    }
)


@transaction.atomic
def save_mailbox(mailbox: Mailbox, *, changes: dict[str, Any], actor: Actor) -> Mailbox:
    """Add a sender or change one; a lower limit counts from the next day on."""
    require(actor, "outreach.configure_mailboxes", mailbox)
    unknown = sorted(set(changes) - EDITABLE)
    if unknown:
        raise InvalidInputError(f"A mailbox has no {', '.join(unknown)}.", code="unknown_field")
    known = Mailbox.objects.select_for_update().filter(pk=mailbox.pk).first()
    mailbox = known or mailbox
    if known and changes.get("is_active") and not mailbox.is_active:
        changes = {"paused_reason": "", **changes}
        mailbox.watched_from = clock.now()
    before = history.changed_values(mailbox, changes) if known else {}
    for name, value in changes.items():
        setattr(mailbox, name, value)
    _check(mailbox)
    mailbox.domain = ensure_domain(mailbox.address, actor=actor)
    mailbox.version += 1 if known else 0
    mailbox.save()
    if known:
        history.record(mailbox, before=before, after=changes, actor=actor, category="MAILBOX")
    else:
        history.record_creation(mailbox, actor=actor)
    return mailbox


def _check(mailbox: Mailbox) -> None:
    if mailbox.window_start >= mailbox.window_end:
        raise InvalidInputError("The window has to end after it starts.", code="bad_window")
    try:
        mailbox.clean_fields()
    except ValidationError as error:
        raise InvalidInputError(" ".join(error.messages), code="bad_mailbox") from error
    if mailbox.daily_cap > MOST_A_DAY:
        raise InvalidInputError(f"A mailbox sends at most {MOST_A_DAY:,} mails a day.", code="bad_mailbox")
