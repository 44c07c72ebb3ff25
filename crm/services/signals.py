"""Dated signals, brought by an import or the API."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction

from crm.enums import SignalType
from crm.events import SignalRecorded, SignalsRecorded
from crm.models import Company, Contact, Signal
from gtmos.kernel import events
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import InvalidInputError
from gtmos.kernel.permissions import require
from gtmos.kernel.webhooks.set_services import tell_of_each


@dataclass(frozen=True, slots=True)
class NewSignal:
    """A signal is known only with its source and date."""

    company: Company
    type: str
    source: str
    occurred_on: date
    detail: str = ""
    url: str = ""
    contact: Contact | None = None


@transaction.atomic
def record_signals(rows: Iterable[NewSignal], *, actor: Actor, cause_id: UUID | None = None) -> int:
    """Store what is new; the same signal from the same source is stored once. Returns how many were new."""
    require(actor, "crm.record_signals")
    signals = [_as_row(row, cause_id) for row in rows]
    Signal.objects.bulk_create(signals, batch_size=1000, ignore_conflicts=True)
    # The keys are ours, so those that are there now are new.
    stored = set(Signal.objects.filter(pk__in=[each.pk for each in signals]).values_list("pk", flat=True))
    if stored:
        events.publish(SignalsRecorded(recorded=len(stored)), actor=actor)
        facts = (
            (each.pk, SignalRecorded(signal_id=each.pk, company_id=each.company_id, type=each.type))
            for each in signals
            if each.pk in stored
        )
        tell_of_each(SignalRecorded, facts, subject_type="crm.signal", actor=actor)
    return len(stored)


def _as_row(row: NewSignal, cause_id: UUID | None) -> Signal:
    if row.type not in SignalType.values:
        raise InvalidInputError(
            f"{row.type} is no kind of signal. There are: {', '.join(SignalType.values)}.",
            code="unknown_signal",
        )
    if not row.source.strip():
        raise InvalidInputError("A signal needs the source that it comes from.", code="source_missing")
    return Signal(
        company=row.company,
        contact=row.contact,
        type=row.type,
        detail=row.detail[:300],
        source=row.source[:160],
        url=row.url[:500],
        occurred_on=row.occurred_on,
        cause_id=cause_id,
    )
