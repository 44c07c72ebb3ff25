"""Product-usage and web events that customers' systems post, by the batch."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from psycopg.types.json import Jsonb

from crm.events import UsageStored
from crm.intake.usage import PostedEvent, read_event
from crm.models import Company, Contact
from gtmos.kernel import events
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import InvalidInputError
from gtmos.kernel.permissions import require

MOST_IN_A_BATCH = 1000
STORED, DUPLICATE, REJECTED = "stored", "duplicate", "rejected"
# One statement for a batch; what is already there is left as it is and not returned.
STORE = """
    INSERT INTO crm_usageevent (source, external_id, name, occurred_at, received_at, company_id, contact_id,
                                company_domain, contact_email, properties)
    SELECT source, external_id, name, occurred_at, now(), company_id, contact_id,
           company_domain, contact_email, properties
    FROM unnest(%s::text[], %s::text[], %s::text[], %s::timestamptz[], %s::uuid[], %s::uuid[],
                %s::text[], %s::text[], %s::jsonb[])
         AS posted (source, external_id, name, occurred_at, company_id, contact_id,
                    company_domain, contact_email, properties)
    ORDER BY source, external_id
    ON CONFLICT (source, external_id) DO NOTHING
    RETURNING source, external_id
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one posted event, in the order of the batch."""

    id: str
    result: str
    reason: str = ""


@transaction.atomic
def store_events(items: Sequence[object], *, actor: Actor) -> list[Outcome]:
    """Store each event once by its source and id; one that cannot be read does not stop the others."""
    require(actor, "crm.store_usage")
    if len(items) > MOST_IN_A_BATCH:
        raise InvalidInputError(f"A batch holds at most {MOST_IN_A_BATCH} events.", code="batch_too_large")
    posted = [read_event(item) for item in items]
    unique = {_key(event): event for event in reversed(posted) if isinstance(event, PostedEvent)}
    stored = _store(list(unique.values()))
    if stored:
        events.publish(UsageStored(stored=len(stored)), actor=actor)
    return list(_outcomes(items, posted, stored))


def _key(event: PostedEvent) -> tuple[str, str]:
    return event.source, event.external_id


def _store(posted: list[PostedEvent]) -> set[tuple[str, str]]:
    if not posted:
        return set()
    companies = _companies({event.domain for event in posted})
    contacts = _contacts({event.email for event in posted})
    owners = [
        (companies.get(event.domain) or contacts.get(event.email, (None, None))[1], contacts.get(event.email))
        for event in posted
    ]
    columns: list[list[Any]] = [
        [event.source for event in posted],
        [event.external_id for event in posted],
        [event.name for event in posted],
        [event.occurred_at for event in posted],
        [company for company, _ in owners],
        [contact[0] if contact else None for _, contact in owners],
        [event.company_domain for event in posted],
        [event.contact_email for event in posted],
        [Jsonb(event.properties) for event in posted],
    ]
    with connection.cursor() as cursor:
        cursor.execute(STORE, columns)
        return set(cursor.fetchall())


def _companies(domains: set[str]) -> dict[str, UUID]:
    domains.discard("")
    return dict(Company.objects.filter(domain__in=domains).values_list("domain", "pk")) if domains else {}


def _contacts(emails: set[str]) -> dict[str, tuple[UUID, UUID | None]]:
    emails.discard("")
    rows = Contact.objects.filter(email_key__in=emails) if emails else Contact.objects.none()
    return {
        email: (key, company) for email, key, company in rows.values_list("email_key", "pk", "company_id")
    }


def _outcomes(
    items: Sequence[object], posted: Sequence[PostedEvent | str], stored: set[tuple[str, str]]
) -> Iterable[Outcome]:
    """Of two with one key in a batch the first is the stored one."""
    left = set(stored)
    for item, event in zip(items, posted, strict=True):
        if isinstance(event, str):
            given = item.get("id", "") if isinstance(item, dict) else ""
            yield Outcome(str(given)[:160], REJECTED, event)
        elif _key(event) in left:
            left.discard(_key(event))
            yield Outcome(event.external_id, STORED)
        else:
            yield Outcome(event.external_id, DUPLICATE)
