"""Facts and their deliveries: the outbox."""

import uuid

from django.db import models
from django.utils import timezone

from gtmos.kernel.events.enums import Priority


class EventRecord(models.Model):
    """A fact that happened, written in the transaction that made it true."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=100, db_index=True)
    schema_version = models.PositiveSmallIntegerField(default=1, db_default=1)
    subject_type = models.CharField(max_length=60, blank=True)
    subject_id = models.UUIDField(null=True, blank=True)
    payload = models.JSONField(default=dict)
    actor_kind = models.CharField(max_length=10)
    actor_label = models.CharField(max_length=150)
    user = models.ForeignKey(
        "kernel.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    run_id = models.UUIDField(null=True, blank=True)
    happened_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        ordering = ("happened_at", "id")
        indexes = (models.Index(fields=("subject_id", "happened_at"), name="kernel_event_of_subject"),)

    def __str__(self) -> str:
        return f"{self.name} by {self.actor_label}"


class DeliveryState(models.TextChoices):
    WAITING = "waiting", "waiting"
    DONE = "done", "done"
    DEAD = "dead", "given up"


class Delivery(models.Model):
    """One fact for one subscriber: tried until it worked, with growing pauses, then given up visibly."""

    id = models.BigAutoField(primary_key=True)
    event = models.ForeignKey(EventRecord, on_delete=models.CASCADE, related_name="deliveries")
    subscriber = models.CharField(max_length=150)
    order_key = models.UUIDField(help_text="Deliveries with the same key are handled in order.")
    state = models.CharField(max_length=10, choices=DeliveryState.choices, default=DeliveryState.WAITING)
    priority = models.PositiveSmallIntegerField(
        choices=Priority.choices, default=Priority.NORMAL, db_default=Priority.NORMAL.value
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    class Meta:
        ordering = ("id",)
        verbose_name_plural = "deliveries"
        constraints = (models.UniqueConstraint(fields=("event", "subscriber"), name="kernel_delivery_once"),)
        indexes = (
            models.Index(
                fields=("next_at", "id"), name="kernel_delivery_due", condition=models.Q(state="waiting")
            ),
            models.Index(
                fields=("priority", "next_at", "id"),
                name="kernel_delivery_turn",
                condition=models.Q(state="waiting"),
            ),
            models.Index(
                fields=("subscriber", "order_key", "id"),
                name="kernel_delivery_order",
                condition=models.Q(state="waiting"),
            ),
        )

    def __str__(self) -> str:
        return f"{self.event} → {self.subscriber}"
