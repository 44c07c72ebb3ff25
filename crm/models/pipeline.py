"""How deals move: rows that RevOps edits. Code tests a stage's kind, never its name."""

from django.db import models
from django.db.models import Q

from crm.enums import StageKind
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
