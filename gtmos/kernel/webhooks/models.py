"""Who is told what, what is still to be told, and how each attempt went."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from gtmos.kernel.events.models import DeliveryState, EventRecord
from gtmos.kernel.fsm import StateField, StateMixin, transition
from gtmos.kernel.records import Record
from gtmos.kernel.secrets import SealedField


class WebhookState(models.TextChoices):
    ACTIVE = "active", "active"
    PAUSED = "paused", "paused"
    DISABLED = "disabled", "disabled"


class Webhook(StateMixin, Record):
    """An address of another system, and the facts it is told. Paused, facts wait; disabled, none are added."""

    name = models.CharField(max_length=100)
    url = models.CharField(max_length=500)
    event_names = models.JSONField(default=list, help_text='Names of facts; "*" is all, "crm.*" an area.')
    state = StateField(choices=WebhookState.choices, default=WebhookState.ACTIVE)
    reason = models.CharField(max_length=200, blank=True, help_text="Why it is disabled.")
    secret = SealedField(blank=True, editable=False)
    old_secret = SealedField(blank=True, editable=False)
    old_secret_until = models.DateTimeField(null=True, blank=True, editable=False)
    held_until = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="The other side asked us to wait until then."
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ("-created_at", "-id")

    def __str__(self) -> str:
        return self.name

    @transition(field=state, source=WebhookState.ACTIVE, target=WebhookState.PAUSED)
    def pause(self) -> None:
        pass

    @transition(field=state, source=(WebhookState.PAUSED, WebhookState.DISABLED), target=WebhookState.ACTIVE)
    def resume(self) -> None:
        self.reason = ""
        self.held_until = None

    @transition(field=state, source=(WebhookState.ACTIVE, WebhookState.PAUSED), target=WebhookState.DISABLED)
    def disable(self) -> None:
        pass


class WebhookDelivery(models.Model):
    """One fact for one webhook. Its message id never changes, however often it is sent."""

    id = models.BigAutoField(primary_key=True)
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    event = models.ForeignKey(EventRecord, on_delete=models.CASCADE, related_name="+")
    order_key = models.UUIDField(help_text="Facts about one subject are sent in order.")
    state = models.CharField(max_length=10, choices=DeliveryState.choices, default=DeliveryState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(default=timezone.now)
    leased_until = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        verbose_name_plural = "webhook deliveries"
        constraints = (
            models.UniqueConstraint(fields=("webhook", "event"), name="kernel_webhook_delivery_once"),
        )
        indexes = (
            models.Index(
                fields=("next_at", "id"), name="kernel_webhook_due", condition=models.Q(state="waiting")
            ),
            models.Index(
                fields=("webhook", "order_key", "id"),
                name="kernel_webhook_order",
                condition=models.Q(state="waiting"),
            ),
        )

    def __str__(self) -> str:
        return self.message_id

    @property
    def message_id(self) -> str:
        return f"msg_{self.event_id.hex}"


class WebhookAttempt(models.Model):
    """One sending of a delivery, and what the other side answered."""

    id = models.BigAutoField(primary_key=True)
    delivery = models.ForeignKey(WebhookDelivery, on_delete=models.CASCADE, related_name="log")
    attempted_at = models.DateTimeField(default=timezone.now)
    milliseconds = models.PositiveIntegerField(default=0)
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    response = models.TextField(blank=True, help_text="The beginning of the answer.")
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.status or self.error} at {self.attempted_at:%d %b %H:%M}"
