"""What can be done to a webhook."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from gtmos.kernel import history, jobs
from gtmos.kernel.actors import Actor
from gtmos.kernel.events.catalogue import is_known
from gtmos.kernel.events.models import DeliveryState, EventRecord
from gtmos.kernel.exceptions import InvalidInputError
from gtmos.kernel.fsm import move
from gtmos.kernel.outgoing import target_of
from gtmos.kernel.permissions import require
from gtmos.kernel.records import save_changes
from gtmos.kernel.secrets import seal
from gtmos.kernel.webhooks.models import Webhook, WebhookDelivery
from gtmos.kernel.webhooks.signing import new_secret

MOST_NAMES = 100
LONGEST_URL = 500
BOTH_SIGN = timedelta(hours=24)
EDITABLE = frozenset({"name", "url", "event_names"})


@transaction.atomic
def create_webhook(name: str, *, url: str, event_names: Iterable[str], actor: Actor) -> tuple[Webhook, str]:
    """Tell an address of facts from now on. The secret is returned once and cannot be read again."""
    require(actor, "kernel.manage_webhooks")
    secret = new_secret()
    webhook = Webhook.objects.create(
        name=_named(name),
        url=_reachable(url),
        event_names=_known(event_names),
        secret=seal(secret),
        owner=actor.user,
    )
    history.record_creation(webhook, actor=actor)
    return webhook, secret


@transaction.atomic
def update_webhook(webhook: Webhook, *, changes: dict[str, Any], actor: Actor) -> Webhook:
    require(actor, "kernel.manage_webhooks", webhook)
    webhook = _locked(webhook)
    unknown = sorted(set(changes) - EDITABLE)
    if unknown:
        raise InvalidInputError(f"A webhook has no {', '.join(unknown)} to change.", code="unknown_field")
    checks = {"name": _named, "url": _reachable, "event_names": _known}
    after = {name: checks[name](value) for name, value in changes.items()}
    before = history.changed_values(webhook, after)
    for name, value in after.items():
        setattr(webhook, name, value)
    if history.record(webhook, before=before, after=after, actor=actor, category="WEBHOOK"):
        save_changes(webhook, *after)
    return webhook


@transaction.atomic
def pause_webhook(webhook: Webhook, *, actor: Actor) -> Webhook:
    """Facts wait until it is resumed."""
    require(actor, "kernel.manage_webhooks", webhook)
    return _moved(webhook, "pause", actor=actor)


@transaction.atomic
def resume_webhook(webhook: Webhook, *, actor: Actor) -> Webhook:
    """What waited is sent, in its order."""
    require(actor, "kernel.manage_webhooks", webhook)
    jobs.enqueue("kernel.send_webhooks")
    return _moved(webhook, "resume", actor=actor)


@transaction.atomic
def disable_webhook(webhook: Webhook, *, reason: str, actor: Actor) -> Webhook:
    """From now on no facts are added; what waits stays, should it be resumed."""
    require(actor, "kernel.manage_webhooks", webhook)
    return _moved(webhook, "disable", reason=reason, actor=actor)


@transaction.atomic
def rotate_webhook_secret(webhook: Webhook, *, actor: Actor) -> tuple[Webhook, str]:
    """A new secret, returned once; for a day every message carries the signatures of both."""
    require(actor, "kernel.manage_webhooks", webhook)
    webhook, secret = _locked(webhook), new_secret()
    webhook.old_secret, webhook.secret = webhook.secret, seal(secret)
    webhook.old_secret_until = timezone.now() + BOTH_SIGN
    save_changes(webhook, "secret", "old_secret", "old_secret_until")
    _note(webhook, {"secret": "old"}, {"secret": "new"}, "New secret", actor)
    return webhook, secret


@transaction.atomic
def delete_webhook(webhook: Webhook, *, actor: Actor) -> None:
    """Gone with its log; its history stays."""
    require(actor, "kernel.manage_webhooks", webhook)
    webhook = _locked(webhook)
    _note(webhook, {"created": webhook.name}, {"created": None}, f"Deleted webhook {webhook}", actor)
    webhook.delete()


@transaction.atomic
def replay_webhook_delivery(delivery: WebhookDelivery, *, actor: Actor) -> WebhookDelivery:
    """Send again from the start, with the same message id."""
    require(actor, "kernel.manage_webhooks", delivery.webhook)
    delivery = WebhookDelivery.objects.select_for_update(of=("self",)).get(pk=delivery.pk)
    delivery.state = DeliveryState.WAITING
    delivery.attempts = 0
    delivery.next_at = timezone.now()
    delivery.leased_until = delivery.done_at = None
    delivery.save(update_fields=["state", "attempts", "next_at", "leased_until", "done_at"])
    jobs.enqueue("kernel.send_webhooks")
    return delivery


def send_event(webhook: Webhook, event: EventRecord) -> WebhookDelivery:
    """Once to this webhook, also where it has not asked for such events. Whoever publishes the event calls this beside it."""
    delivery, _ = WebhookDelivery.objects.get_or_create(
        webhook=webhook, event=event, defaults={"order_key": event.subject_id or event.pk}
    )
    jobs.enqueue("kernel.send_webhooks")
    return delivery


def _locked(webhook: Webhook) -> Webhook:
    return Webhook.objects.select_for_update(of=("self",)).get(pk=webhook.pk)


def _moved(webhook: Webhook, verb: str, *, actor: Actor, reason: str = "") -> Webhook:
    webhook = _locked(webhook)
    before = webhook.state
    move(getattr(webhook, verb), refusal=f"{webhook} is {before}, so it cannot be changed like this.")
    webhook.reason = reason[:200]
    save_changes(webhook, "state", "reason", "held_until")
    summary = f"{verb.capitalize()} webhook" + (f": {reason}" if reason else "")
    _note(webhook, {"state": before}, {"state": webhook.state}, summary, actor)
    return webhook


def _note(
    webhook: Webhook, before: dict[str, Any], after: dict[str, Any], summary: str, actor: Actor
) -> None:
    history.record(webhook, before=before, after=after, actor=actor, category="WEBHOOK", summary=summary)


def _named(name: str) -> str:
    if not name.strip():
        raise InvalidInputError("A webhook needs a name.", code="name_missing")
    return name.strip()[:100]


def _reachable(url: str) -> str:
    """Its spelling is checked now; where it leads is checked whenever something is sent."""
    target_of(url)
    if len(url) > LONGEST_URL:
        raise InvalidInputError("This address is too long.", code="address_refused")
    return url


def _known(event_names: Iterable[str]) -> list[str]:
    names = list(dict.fromkeys(event_names))
    unknown = [name for name in names if not is_known(name)]
    if unknown or not 0 < len(names) <= MOST_NAMES:
        raise InvalidInputError(
            f"Name from 1 to {MOST_NAMES} events that exist; not {', '.join(unknown[:5]) or 'none'}.",
            code="unknown_event",
        )
    return names
