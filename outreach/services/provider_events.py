"""Facts that providers told, each counted once and applied to its mail; what has no mail yet is parked."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from gtmos.kernel import jobs
from gtmos.kernel.actors import Actor
from gtmos.kernel.permissions import require
from outreach.channels.email.providers import Told
from outreach.enums import ProviderEventState, ProviderFact
from outreach.models import EmailProvider, ProviderEvent
from outreach.selectors.providers import parked_events, touches_named
from outreach.services.inbound import store_mail
from outreach.services.provider_facts import Fact, apply_facts

AT_ONCE = 500
FIRST_LOOK, LATEST_LOOK = timedelta(seconds=10), timedelta(hours=6)
MOST_LOOKS = 25  # about four days
OF_NO_MAIL = frozenset({ProviderFact.MAIL, ProviderFact.OTHER})
# What is known from the mail itself is not kept a second time; of a parked fact everything is.
KEEP = """
INSERT INTO outreach_providerevent
    (provider_id, key, kind, happened_at, is_hard, machine_reason, state, touch_id, recipient, names, token, detail,
     url, user_agent, tries, next_at, created_at)
SELECT provider, key, kind, happened_at, is_hard, machine, state, touch, recipient, names, token, detail,
       url, user_agent, 0, CASE WHEN state = 'parked' THEN %(next_at)s END, clock_timestamp()
FROM unnest(%(provider)s::uuid[], %(key)s::text[], %(kind)s::text[], %(happened_at)s::timestamptz[],
            %(is_hard)s::bool[], %(machine)s::text[], %(state)s::text[], %(touch)s::bigint[], %(recipient)s::text[],
            %(names)s::jsonb[], %(token)s::text[], %(detail)s::text[], %(url)s::text[], %(user_agent)s::text[])
    n (provider, key, kind, happened_at, is_hard, machine, state, touch, recipient, names, token, detail, url, user_agent)
ON CONFLICT (key) DO NOTHING
RETURNING key
"""


@dataclass(frozen=True, slots=True)
class Heard:
    """A fact, whose provider told it, and when it happened by the provider's clock."""

    provider_id: UUID
    told: Told
    at: datetime


def take_in(heard: Sequence[Heard]) -> None:
    """Keep what is new and apply it, each fact once. Called in the transaction that ends the posts."""
    once: dict[str, Heard] = {}
    for each in heard:
        once.setdefault(each.told.key, each)
    # In one order everywhere, so that two batches with the same facts never wait for each other.
    heard = [once[key] for key in sorted(once)]
    touches = touches_named([_named(each) for each in heard])
    new = _keep(heard, touches)
    news = [pair for pair in zip(heard, touches, strict=True) if pair[0].told.key in new]
    _store_mails([each.told for each, _ in news if each.told.kind == ProviderFact.MAIL])
    apply_facts([_fact(each, touch) for each, touch in news if touch is not None])


def _store_mails(told: list[Told]) -> None:
    for mail in told:
        store_mail(mail.mail, sender=mail.sender, recipients=mail.recipients)
    if told:
        jobs.enqueue("outreach.process_inbound")


def apply_parked() -> int:
    """Look for the mails of what is parked; returns how many were found."""
    done = 0
    while found := _apply_parked():
        done += found[1]
        if found[0] < AT_ONCE:
            break
    return done


@transaction.atomic
def _apply_parked() -> tuple[int, int] | None:
    now = timezone.now()
    parked = list(parked_events(now).select_for_update(skip_locked=True)[:AT_ONCE])
    if not parked:
        return None
    touches = touches_named(parked)
    facts = []
    for event, touch in zip(parked, touches, strict=True):
        if touch is None:
            _park_again(event, now)
        else:
            facts.append(_of_parked(event, touch))
            event.state, event.touch_id = ProviderEventState.APPLIED, touch
            _forget(event)
    apply_facts(facts)
    changed = [
        "state",
        "touch",
        "tries",
        "next_at",
        "recipient",
        "names",
        "token",
        "detail",
        "url",
        "user_agent",
    ]
    ProviderEvent.objects.bulk_update(parked, changed)
    return len(parked), len(facts)


def look_again(provider: EmailProvider, *, actor: Actor) -> int:
    """Look for the mails of everything that is parked now; returns how many facts that are."""
    require(actor, "outreach.configure_providers", provider)
    jobs.enqueue("outreach.apply_provider_posts")
    rows = ProviderEvent.objects.filter(provider=provider, state=ProviderEventState.PARKED)
    return rows.update(next_at=timezone.now())


def _park_again(event: ProviderEvent, now: datetime) -> None:
    """Later each time; what has no mail after days belongs to somebody else who uses the same account."""
    event.tries += 1
    event.next_at = now + min(FIRST_LOOK * 2 ** min(event.tries, 12), LATEST_LOOK)
    if event.tries >= MOST_LOOKS:
        event.state = ProviderEventState.FOREIGN
        _forget(event)


def _forget(event: ProviderEvent) -> None:
    event.next_at, event.names = None, []
    event.recipient = event.token = event.detail = event.url = event.user_agent = ""


@dataclass(slots=True)
class _Name:
    names: list[str]
    token: str
    recipient: str


def _named(heard: Heard) -> _Name:
    told = heard.told
    if told.kind in OF_NO_MAIL:
        return _Name([], "", "")
    return _Name([_text(each) for each in told.names], _text(told.token), _text(told.recipient))


def _keep(heard: Sequence[Heard], touches: Sequence[int | None]) -> set[str]:
    if not heard:
        return set()
    rows = [_row(each, touch) for each, touch in zip(heard, touches, strict=True)]
    columns: dict[str, Any] = {name: [row[name] for row in rows] for name in rows[0]}
    with connection.cursor() as cursor:
        cursor.execute(KEEP, {**columns, "next_at": timezone.now() + FIRST_LOOK})
        return {key for (key,) in cursor.fetchall()}


def _row(heard: Heard, touch: int | None) -> dict[str, Any]:
    told = heard.told
    is_parked = touch is None and told.kind not in OF_NO_MAIL
    words = {"recipient": told.recipient, "token": told.token, "detail": told.detail}
    words |= {"url": told.url, "user_agent": told.user_agent}
    return {
        "provider": heard.provider_id,
        "key": told.key,
        "kind": str(told.kind),
        "happened_at": heard.at,
        "is_hard": told.is_hard,
        "machine": told.machine,
        "state": str(ProviderEventState.PARKED if is_parked else ProviderEventState.APPLIED),
        "touch": touch,
        "names": json.dumps([_text(each) for each in told.names] if is_parked else []),
        **{name: _text(value) if is_parked else "" for name, value in words.items()},
    }


def _fact(heard: Heard, touch: int) -> Fact:
    told = heard.told
    return Fact(
        touch_id=touch,
        kind=told.kind,
        at=heard.at,
        detail=_text(told.detail),
        is_hard=told.is_hard,
        machine=told.machine,
        url=_text(told.url),
        user_agent=_text(told.user_agent),
    )


def _of_parked(event: ProviderEvent, touch: int) -> Fact:
    return Fact(
        touch_id=touch,
        kind=ProviderFact(event.kind),
        at=event.happened_at,
        detail=event.detail,
        is_hard=event.is_hard,
        machine=event.machine_reason,
        url=event.url,
        user_agent=event.user_agent,
    )


def _text(value: str) -> str:
    """Without the one character that the database refuses."""
    return value.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
