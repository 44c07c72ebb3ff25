"""Sending what waits: claimed under a lease, posted, noted; tried again over days, then given up visibly."""

import http.client
import json
import logging
import random
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from gtmos.kernel.actors import Actor
from gtmos.kernel.events.models import DeliveryState
from gtmos.kernel.outgoing import SECONDS, TargetRefusedError, post
from gtmos.kernel.schedule.place_services import note_place
from gtmos.kernel.secrets import unseal
from gtmos.kernel.webhooks.catalogue import payload_of
from gtmos.kernel.webhooks.models import Webhook, WebhookAttempt, WebhookDelivery, WebhookState
from gtmos.kernel.webhooks.services import disable_webhook
from gtmos.kernel.webhooks.signing import signed_headers

logger = logging.getLogger(__name__)
AT_ONCE = 8
LEASE = timedelta(seconds=4 * SECONDS)
# The pauses that Standard Webhooks recommends: three days and a half in all.
PAUSES = tuple(
    timedelta(seconds=seconds) for seconds in (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
)
JITTER = 0.2
LONGEST_WAIT = timedelta(hours=24)
KEPT = timedelta(days=30)
GONE = 410
BUSY = (429, 503)
KEPT_RESPONSE = 2000


@dataclass(frozen=True, slots=True)
class Message:
    """All that a thread without a database needs to send one delivery."""

    url: str
    body: bytes
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Outcome:
    milliseconds: int
    status: int | None = None
    response: str = ""
    retry_after: str = ""
    error: str = ""

    @property
    def is_taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def send_waiting(*, limit: int = 1000) -> int:
    """Send what is due until nothing is or the limit is reached; returns how many attempts were made."""
    sent = 0
    if note_place():
        return sent
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="webhook") as threads:
        while sent < limit and (claimed := _claim(min(AT_ONCE, limit - sent))):
            outcomes = list(threads.map(_post, map(_message, claimed)))
            for delivery, outcome in zip(claimed, outcomes, strict=True):
                _note(delivery, outcome)
            sent += len(claimed)
    return sent


def is_anything_due() -> bool:
    return _due().exists()


def forget_old() -> int:
    """What was taken a month ago, with its log. What was given up stays until somebody decides."""
    past = timezone.now() - KEPT
    return WebhookDelivery.objects.filter(state=DeliveryState.DONE, done_at__lt=past).delete()[0]


def _due() -> QuerySet[WebhookDelivery]:
    """In order for each subject: a later fact waits while an earlier one is still to be sent."""
    waiting = WebhookDelivery.objects.filter(state=DeliveryState.WAITING)
    earlier = waiting.filter(
        webhook=OuterRef("webhook"), order_key=OuterRef("order_key"), id__lt=OuterRef("id")
    )
    return (
        waiting.filter(Q(leased_until=None) | Q(leased_until__lt=Now()), next_at__lte=Now())
        .filter(Q(webhook__held_until=None) | Q(webhook__held_until__lt=Now()))
        .filter(~Exists(earlier), webhook__state=WebhookState.ACTIVE)
        .order_by("next_at", "id")
    )


@transaction.atomic
def _claim(limit: int) -> list[WebhookDelivery]:
    """Under a lease, which a worker that dies leaves to the next one."""
    rows = _due().select_for_update(skip_locked=True, of=("self",)).select_related("event", "webhook")[:limit]
    claimed = list(rows)
    keys = [each.pk for each in claimed]
    WebhookDelivery.objects.filter(pk__in=keys).update(leased_until=Now() + LEASE, attempts=F("attempts") + 1)
    for each in claimed:
        each.attempts += 1
    return claimed


def _message(delivery: WebhookDelivery) -> Message:
    webhook, now = delivery.webhook, timezone.now()
    payload = payload_of(delivery.event, message_id=delivery.message_id)
    body = json.dumps(payload, sort_keys=True, ensure_ascii=False).encode()
    headers = signed_headers(
        _secrets(webhook, now), message_id=delivery.message_id, timestamp=int(now.timestamp()), body=body
    )
    return Message(webhook.url, body, headers)


def _secrets(webhook: Webhook, now: datetime) -> Iterable[str]:
    yield unseal(webhook.secret)
    if webhook.old_secret and webhook.old_secret_until and webhook.old_secret_until > now:
        yield unseal(webhook.old_secret)


def _post(message: Message) -> Outcome:
    """Runs in a thread; touches no database."""
    began = time.monotonic()
    try:
        answer = post(message.url, message.body, message.headers)
    except TargetRefusedError as error:
        return Outcome(_since(began), error=error.message[:300])
    except (OSError, http.client.HTTPException, UnicodeError) as error:
        return Outcome(_since(began), error=f"{type(error).__name__}: {error}"[:300])
    text = answer.body[:KEPT_RESPONSE].decode("utf-8", "replace").replace("\x00", "")
    return Outcome(_since(began), answer.status, text, answer.headers.get("retry-after", ""))


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)


@transaction.atomic
def _note(claimed: WebhookDelivery, outcome: Outcome) -> None:
    """What came of it; somebody who replayed the delivery meanwhile is not overruled."""
    delivery = WebhookDelivery.objects.select_for_update(of=("self",)).filter(pk=claimed.pk).first()
    if delivery is None:
        return
    WebhookAttempt.objects.create(
        delivery=delivery,
        milliseconds=outcome.milliseconds,
        status=outcome.status,
        response=outcome.response,
        error=outcome.error,
    )
    if delivery.attempts != claimed.attempts:
        return
    delivery.leased_until = None
    if outcome.is_taken:
        delivery.state, delivery.done_at = DeliveryState.DONE, timezone.now()
    else:
        _not_taken(delivery, claimed.webhook, outcome)
    delivery.save(update_fields=["leased_until", "state", "done_at", "next_at"])


def _not_taken(delivery: WebhookDelivery, webhook: Webhook, outcome: Outcome) -> None:
    if delivery.attempts > len(PAUSES):
        delivery.state = DeliveryState.DEAD
        return
    delivery.next_at = timezone.now() + pause_after(delivery.attempts)
    if outcome.status == GONE:
        _disable(webhook, "The other side answered that this address is gone (410).")
    elif outcome.status in BUSY and outcome.retry_after:
        held = timezone.now() + wait_of(outcome.retry_after, timezone.now())
        Webhook.objects.filter(pk=webhook.pk).update(held_until=held)
        delivery.next_at = max(delivery.next_at, held)


def _disable(webhook: Webhook, reason: str) -> None:
    present = Webhook.objects.select_for_update(of=("self",)).get(pk=webhook.pk)
    if present.state != WebhookState.DISABLED:
        disable_webhook(present, reason=reason, actor=Actor.system("webhooks", source="system"))


def pause_after(attempts: int) -> timedelta:
    """Longer each time, and spread so that not all come back at once."""
    return PAUSES[min(attempts, len(PAUSES)) - 1] * (1 + random.uniform(0, JITTER))


def wait_of(retry_after: str, now: datetime) -> timedelta:
    """Seconds or a date, never more than a day; what cannot be read asks for nothing."""
    text = retry_after.strip()
    if text.isascii() and text.isdecimal():
        return min(timedelta(seconds=int(text[:9])), LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return timedelta(0)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max(moment - now, timedelta(0)), LONGEST_WAIT)
