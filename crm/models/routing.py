"""Who gets what comes in: rules in versions, and whose turn it is in a team."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from crm.enums import RoutingState
from gtmos.kernel.fsm import StateField, StateMixin, transition
from gtmos.kernel.records import Record

S = RoutingState


class RoutingVersion(StateMixin, Record):
    """Rules in their order. Once active they are never changed; a change is another version."""

    number = models.PositiveIntegerField(unique=True, editable=False)
    note = models.CharField(max_length=200, blank=True, help_text="What is different in it, in words.")
    rules = models.JSONField(
        default=list, blank=True, help_text="name, about, conditions, target, and the person or team"
    )
    state = StateField(choices=S.choices, default=S.DRAFT)
    activated_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-number",)
        constraints: ClassVar = (
            models.UniqueConstraint(
                fields=("state",), condition=Q(state=S.ACTIVE), name="crm_routing_one_active"
            ),
            models.UniqueConstraint(
                fields=("state",), condition=Q(state=S.DRAFT), name="crm_routing_one_draft"
            ),
        )

    def __str__(self) -> str:
        return f"routing version {self.number}"

    @transition(field=state, source=[S.DRAFT, S.RETIRED], target=S.ACTIVE)
    def activate(self) -> None:
        pass

    @transition(field=state, source=S.ACTIVE, target=S.RETIRED)
    def retire(self) -> None:
        pass


class RoutingTurn(Record):
    """Who of a team was given something last. Whoever hands out next holds this row until it is done."""

    team = models.OneToOneField("kernel.Team", on_delete=models.CASCADE, related_name="+")
    last_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    place = models.CharField(
        max_length=80, blank=True, help_text="Where in the order of the team the last one stood."
    )
    given = models.PositiveBigIntegerField(default=0, help_text="How many were handed out by turn.")

    class Meta:
        ordering = ("created_at",)

    def __str__(self) -> str:
        return f"turn of {self.team}"
