"""Product-usage and web events that customers' systems post, by the batch."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from psycopg.types.json import Jsonb

from crm.events import ScoresGiven, UsageStored
from crm.intake.usage import PostedEvent, read_event
from crm.models import UsageEvent
from crm.scoring.surveys import score_in
from gtmos.kernel import events
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import InvalidInputError
from gtmos.kernel.permissions import require

MOST_IN_A_BATCH = 1000
STORED, DUPLICATE, REJECTED = "stored", "duplicate", "rejected"
# One statement for a batch: each event finds its company and person, and what is already there is left as it is.
STORE = """
    INSERT INTO crm_usageevent (source, external_id, name, occurred_at, received_at, company_id, contact_id,
                                company_domain, contact_email, properties)
    SELECT source, external_id, name, occurred_at, now(), coalesce(company.id, person.company_id), person.id,
           company_domain, contact_email, properties
    FROM unnest(%s::text[], %s::text[], %s::text[], %s::timestamptz[], %s::text[], %s::text[],
                %s::text[], %s::text[], %s::jsonb[])
         AS posted (source, external_id, name, occurred_at, domain, email,
                    company_domain, contact_email, properties)
    LEFT JOIN LATERAL (
        SELECT id FROM crm_company WHERE domain = posted.domain AND domain <> '' LIMIT 1
    ) company ON true
    LEFT JOIN LATERAL (
        SELECT id, company_id FROM crm_contact WHERE email_key = posted.email AND email_key <> '' LIMIT 1
    ) person ON true
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


@transaction.atomic(savepoint=False)
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
        _tell_scores([event for key, event in unique.items() if key in stored], actor)
    return list(_outcomes(items, posted, stored))


def _tell_scores(stored: list[PostedEvent], actor: Actor) -> None:
    """Answers to surveys are told by themselves: somebody is to see to a low one at once."""
    keys = Q()
    for event in stored:
        if score_in(event.name, event.properties) is not None:
            keys |= Q(source=event.source, external_id=event.external_id)
    if keys:
        given = UsageEvent.objects.filter(keys).order_by("pk").values_list("pk", flat=True)
        events.publish(ScoresGiven(usage_event_ids=tuple(given)), actor=actor)


def _key(event: PostedEvent) -> tuple[str, str]:
    return event.source, event.external_id


def _store(posted: list[PostedEvent]) -> set[tuple[str, str]]:
    if not posted:
        return set()
    columns: list[list[Any]] = [
        [event.source for event in posted],
        [event.external_id for event in posted],
        [event.name for event in posted],
        [event.occurred_at for event in posted],
        [event.domain for event in posted],
        [event.email for event in posted],
        [event.company_domain for event in posted],
        [event.contact_email for event in posted],
        [Jsonb(event.properties) for event in posted],
    ]
    with connection.cursor() as cursor:
        cursor.execute(STORE, columns)
        return set(cursor.fetchall())


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
