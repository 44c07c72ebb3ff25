"""What is switched on for whom."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from gtmos.kernel.records import Record


class FeatureFlag(Record):
    """One feature of the code, and who has it. Without a row it is as the code declares it."""

    key = models.CharField(max_length=80, unique=True, help_text="Declared in the code.")
    is_active = models.BooleanField(
        "for everybody", default=False, help_text="On for everybody, whatever stands below."
    )
    share = models.FloatField(
        default=0.0,
        validators=[MinValueValidator(0.0), MaxValueValidator(1.0)],
        help_text="From 0 to 1: on for this part of all people. The same people stay in as it grows.",
    )
    roles = models.JSONField(default=list, blank=True, help_text="On for these roles, by their keys.")
    teams = models.JSONField(default=list, blank=True, help_text="On for the people of these teams.")
    people = models.JSONField(default=list, blank=True, help_text="On for these people.")

    class Meta:
        ordering = ("key",)
        constraints = (
            models.CheckConstraint(
                condition=Q(share__gte=0, share__lte=1), name="kernel_flag_share_is_0_to_1"
            ),
        )

    def __str__(self) -> str:
        return self.key
