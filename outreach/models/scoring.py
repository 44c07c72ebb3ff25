"""How much each criterion counts in the fit score, in versions."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from gtmos.kernel.fsm import StateField, StateMixin, transition
from gtmos.kernel.records import Record
from outreach.enums import WeightsState
from outreach.scoring.formulas import FIT_SHARE

S = WeightsState


class ScoringWeights(StateMixin, Record):
    """One version. Research that begins scores by the active one, and finishes by the one it began with.

    Once active a version is never changed; a change is another version. Without an active one the built-in
    weights count (`outreach.scoring.judging.WEIGHTS`).
    """

    name = models.CharField(max_length=120, unique=True, help_text="What is different in it, in words.")
    weights = models.JSONField(default=dict, help_text="For each criterion a number from 0 to 10.")
    fit_share = models.FloatField(
        default=FIT_SHARE,
        help_text="How much of the priority is fit; the rest is intent. From 0 to 1.",
    )
    state = StateField(choices=S.choices, default=S.DRAFT)
    activated_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at",)
        verbose_name = "scoring weights"
        verbose_name_plural = "scoring weights"
        constraints: ClassVar = (
            models.UniqueConstraint(
                fields=("state",), condition=Q(state=S.ACTIVE), name="outreach_weights_one_active"
            ),
            models.CheckConstraint(
                condition=Q(fit_share__range=(0, 1)), name="outreach_weights_share_is_0_to_1"
            ),
        )

    def __str__(self) -> str:
        return self.name

    @transition(field=state, source=[S.DRAFT, S.RETIRED], target=S.ACTIVE)
    def activate(self) -> None:
        pass

    @transition(field=state, source=S.ACTIVE, target=S.RETIRED)
    def retire(self) -> None:
        pass
