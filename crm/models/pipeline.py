"""How deals move: rows that RevOps edits. Code tests a stage's kind, never its name."""

from django.db import models
from django.db.models import Q

from crm.enums import (
    ActivityType,
    CriterionKind,
    CriterionMoment,
    ForecastCategory,
    InfluenceRole,
    StageKind,
)
from gtmos.kernel.records import Record


class Pipeline(Record):
    name = models.CharField(max_length=100, unique=True)
    is_default = models.BooleanField(default=False)

    class Meta:
        ordering = ("-is_default", "name")
        constraints = (
            models.UniqueConstraint(
                fields=("is_default",), name="crm_one_default_pipeline", condition=Q(is_default=True)
            ),
        )

    def __str__(self) -> str:
        return self.name


class Stage(Record):
    """One column of the board."""

    pipeline = models.ForeignKey(Pipeline, on_delete=models.CASCADE, related_name="stages")
    name = models.CharField(max_length=100)
    key = models.SlugField(max_length=60, help_text="What the command bar and imports call it.")
    position = models.PositiveSmallIntegerField(default=0)
    kind = models.CharField(max_length=4, choices=StageKind.choices, default=StageKind.OPEN)
    probability = models.FloatField(default=0.1)
    forecast_category = models.CharField(
        max_length=9,
        choices=ForecastCategory.choices,
        blank=True,
        help_text="How its deals count in the forecast; empty is by the probability.",
    )
    required_fields = models.JSONField(
        default=list, blank=True, help_text="Columns of the deal that must be filled to enter."
    )
    rot_days = models.PositiveSmallIntegerField(default=14)

    class Meta:
        ordering = ("pipeline", "position")
        constraints = (
            models.UniqueConstraint(fields=("pipeline", "key"), name="crm_stage_key_once"),
            models.CheckConstraint(
                condition=Q(probability__gte=0, probability__lte=1), name="crm_stage_probability_is_0_to_1"
            ),
        )

    def __str__(self) -> str:
        return self.name


class StageCriterion(Record):
    """What must be true of a deal before it enters a stage, or before it goes on from it."""

    stage = models.ForeignKey(Stage, on_delete=models.CASCADE, related_name="criteria")
    moment = models.CharField(max_length=5, choices=CriterionMoment.choices, default=CriterionMoment.EXIT)
    kind = models.CharField(max_length=8, choices=CriterionKind.choices)
    field = models.CharField(max_length=60, blank=True, help_text="For a field: its column.")
    activity_type = models.CharField(max_length=10, choices=ActivityType.choices, blank=True)
    role = models.CharField(max_length=20, choices=InfluenceRole.choices, blank=True)
    least = models.DecimalField(
        max_digits=16, decimal_places=2, default=1, help_text="How many, or how much for an amount."
    )
    label = models.CharField(max_length=120, blank=True, help_text="What people read when it is missing.")

    class Meta:
        ordering = ("stage", "moment", "created_at")
        verbose_name_plural = "stage criteria"
        constraints = (
            models.CheckConstraint(condition=Q(least__gt=0), name="crm_criterion_asks_for_something"),
        )

    def __str__(self) -> str:
        return (
            self.label
            or f"{self.get_kind_display()}: {self.field or self.activity_type or self.role or self.least}"
        )
