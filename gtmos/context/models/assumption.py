"""What we believe about the market, and the evidence that moves the belief."""

from django.db import models

from gtmos.context.enums import AssumptionStatus
from gtmos.kernel.fsm import StateField, StateMixin, transition
from gtmos.kernel.records import Record

S = AssumptionStatus


class Assumption(StateMixin, Record):
    """A statement whose confidence is computed from evidence and never typed.

    The confidence is the mean of a Beta distribution: prior weight spread evenly, plus the evidence for and
    against. `confidence_low` is the lower end of its 95 % interval.
    """

    code = models.CharField(max_length=10, unique=True)
    statement = models.CharField(max_length=300)
    canvas_section = models.CharField(max_length=60, default="10 assumptions")
    status = StateField(choices=S.choices, default=S.UNTESTED)
    prior_weight = models.FloatField(
        default=2.0, help_text="Pieces of evidence that the first guess is worth."
    )
    evidence_for = models.FloatField(default=0)
    evidence_against = models.FloatField(default=0)
    confidence = models.FloatField(default=0.5)
    confidence_low = models.FloatField(default=0.025)
    confidence_high = models.FloatField(default=0.975)

    class Meta:
        ordering = ("code",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(confidence__gte=0, confidence__lte=1), name="context_confidence_is_0_to_1"
            ),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.statement}"

    @transition(field=status, source=[S.UNTESTED, S.PARTIALLY_VALIDATED, S.INVALIDATED], target=S.VALIDATED)
    def validate(self) -> None:
        pass

    @transition(field=status, source=[S.UNTESTED, S.VALIDATED, S.INVALIDATED], target=S.PARTIALLY_VALIDATED)
    def validate_partially(self) -> None:
        pass

    @transition(field=status, source=[S.UNTESTED, S.PARTIALLY_VALIDATED, S.VALIDATED], target=S.INVALIDATED)
    def invalidate(self) -> None:
        pass


class Evidence(Record):
    """One finding and what it did to the belief: confidence before and after."""

    assumption = models.ForeignKey(Assumption, on_delete=models.CASCADE, related_name="evidence")
    text = models.CharField(max_length=500)
    supports = models.BooleanField()
    weight = models.FloatField(default=1.0)
    confidence_before = models.FloatField()
    confidence_after = models.FloatField()
    source_type = models.CharField(max_length=60, blank=True)
    source_id = models.UUIDField(null=True, blank=True)
    thread_id = models.UUIDField(null=True, blank=True, help_text="The conversation that moved it.")

    class Meta:
        ordering = ("-created_at",)
        verbose_name_plural = "evidence"
        constraints = (
            models.UniqueConstraint(
                fields=("assumption", "source_type", "source_id"),
                name="context_evidence_once",
                condition=models.Q(source_id__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return self.text
