"""A test of one element of a campaign, and its variants."""

from django.db import models
from django.db.models import Q

from gtmos.kernel.fsm import StateField, StateMixin, transition
from gtmos.kernel.records import Record
from outreach.enums import ExperimentState, Metric
from outreach.models.campaign import Campaign

S = ExperimentState


class Experiment(StateMixin, Record):
    """Decided by the always-valid rule, or by a person, and then recorded as not proven when it is not."""

    campaign = models.OneToOneField(Campaign, on_delete=models.CASCADE, related_name="experiment")
    element = models.CharField(max_length=20, default="subject")
    metric = models.CharField(max_length=20, choices=Metric.choices, default=Metric.REPLY)
    alpha = models.FloatField(default=0.05)
    minimum_per_arm = models.PositiveIntegerField(default=100)
    baseline_rate = models.FloatField(default=0.05)
    target_rate = models.FloatField(default=0.10)
    planned_per_arm = models.PositiveIntegerField(default=0, help_text="Needed by the deciding rule.")
    promotes_itself = models.BooleanField(default=True, help_text="Off: the rule only suggests.")
    split = models.PositiveSmallIntegerField(
        default=1, help_text="Counts up when variants or shares change; only the present split is judged."
    )
    state = StateField(choices=S.choices, default=S.RUNNING)
    promoted = models.ForeignKey(
        "outreach.Variant", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        "kernel.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    decision = models.JSONField(default=dict, help_text="The figures as they stood when it was decided.")
    looks = models.PositiveIntegerField(default=0)
    looked_at = models.DateTimeField(null=True, blank=True)
    evaluation = models.JSONField(default=dict, help_text="The figures of the last look.")

    class Meta:
        ordering = ("-created_at",)
        constraints = (
            models.CheckConstraint(condition=Q(alpha__gt=0, alpha__lt=0.5), name="outreach_alpha_in_range"),
        )

    def __str__(self) -> str:
        return f"{self.element} test of {self.campaign}"

    @transition(field=state, source=S.RUNNING, target=S.PROMOTED)
    def promote_by_rule(self) -> None:
        pass

    @transition(field=state, source=[S.RUNNING, S.INCONCLUSIVE], target=S.PROMOTED_BY_HAND)
    def promote_by_hand(self) -> None:
        pass

    @transition(field=state, source=S.RUNNING, target=S.INCONCLUSIVE)
    def end_inconclusive(self) -> None:
        pass

    @transition(field=state, source=[S.PROMOTED_BY_HAND, S.INCONCLUSIVE], target=S.RUNNING)
    def reopen(self) -> None:
        pass


class Variant(Record):
    """One arm, called by its letter. The first is the control."""

    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="variants")
    letter = models.CharField(max_length=1)
    text = models.CharField(max_length=300)
    weight = models.FloatField(default=1.0)
    added_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("experiment", "letter")
        constraints = (
            models.UniqueConstraint(fields=("experiment", "letter"), name="outreach_variant_letter_once"),
            models.CheckConstraint(condition=Q(weight__gte=0), name="outreach_weight_not_negative"),
        )

    def __str__(self) -> str:
        return f"{self.letter} {self.text}"
