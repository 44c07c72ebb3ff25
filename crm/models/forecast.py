"""What was expected of a period, kept each week, so that it can be held against what came."""

from django.db import models

from crm.models.pipeline import Pipeline
from gtmos.kernel.records import OwnedRecord


class ForecastSnapshot(OwnedRecord):
    """One owner's forecast for one period as it stood on a Monday. Amounts in `currency`, totals as in `scoring.forecast`."""

    pipeline = models.ForeignKey(Pipeline, on_delete=models.CASCADE, related_name="snapshots")
    taken_on = models.DateField()
    starts_on = models.DateField(help_text="First day of the period.")
    ends_on = models.DateField(help_text="Last day of the period.")
    won = models.DecimalField(max_digits=18, decimal_places=2)
    commit = models.DecimalField(max_digits=18, decimal_places=2)
    best_case = models.DecimalField(max_digits=18, decimal_places=2)
    upside = models.DecimalField(max_digits=18, decimal_places=2)
    weighted = models.DecimalField(max_digits=18, decimal_places=2)
    deals = models.PositiveIntegerField()
    currency = models.CharField(max_length=3)

    class Meta:
        ordering = ("-taken_on", "starts_on")
        constraints = (
            models.UniqueConstraint(
                fields=("pipeline", "taken_on", "starts_on", "owner", "team"),
                name="crm_snapshot_once_a_week",
                nulls_distinct=False,
            ),
        )
        indexes = (models.Index(fields=("starts_on", "taken_on"), name="crm_snapshot_of_period"),)

    def __str__(self) -> str:
        return f"{self.pipeline} {self.starts_on} as of {self.taken_on}"
