"""Who sees webhooks: those who configure."""

from uuid import UUID

from django.db.models import Count, Q, QuerySet

from gtmos.kernel.actors import Actor
from gtmos.kernel.events.models import DeliveryState
from gtmos.kernel.exceptions import NotFoundError
from gtmos.kernel.permissions import allows
from gtmos.kernel.webhooks.models import Webhook, WebhookAttempt, WebhookDelivery


def visible_webhooks(*, actor: Actor) -> QuerySet[Webhook]:
    webhooks = Webhook.objects.all()
    return webhooks if allows(actor, "kernel.manage_webhooks") else webhooks.none()


def visible_deliveries(*, actor: Actor) -> QuerySet[WebhookDelivery]:
    deliveries = WebhookDelivery.objects.select_related("event", "webhook")
    return deliveries if allows(actor, "kernel.manage_webhooks") else deliveries.none()


def get_webhook(webhook_id: UUID, *, actor: Actor) -> Webhook:
    webhook = visible_webhooks(actor=actor).filter(pk=webhook_id).first()
    if webhook is None:
        raise NotFoundError("There is no such webhook.", code="not_found")
    return webhook


def get_delivery(delivery_id: int, *, actor: Actor) -> WebhookDelivery:
    delivery = visible_deliveries(actor=actor).filter(pk=delivery_id).first()
    if delivery is None:
        raise NotFoundError("There is no such delivery.", code="not_found")
    return delivery


def attempts_of(delivery: WebhookDelivery) -> QuerySet[WebhookAttempt]:
    return delivery.log.all()


def counted(webhooks: QuerySet[Webhook]) -> QuerySet[Webhook]:
    """With how many messages wait, were taken and were given up."""
    return webhooks.annotate(
        **{
            state.value: Count("deliveries", filter=Q(deliveries__state=state.value))
            for state in DeliveryState
        }
    )
