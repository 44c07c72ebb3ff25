"""What one currency is worth in another, by day."""

from django.db import models
from django.db.models import F, Q

from gtmos.kernel.records import Record


class ExchangeRate(Record):
    """One unit of `currency` is `rate` units of `base` from this day on, until a newer row says otherwise."""

    currency = models.CharField(max_length=3)
    base = models.CharField(max_length=3)
    dated_on = models.DateField()
    rate = models.DecimalField(max_digits=20, decimal_places=10)
    source = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ("-dated_on", "currency")
        constraints = (
            models.UniqueConstraint(fields=("currency", "base", "dated_on"), name="crm_rate_once_a_day"),
            models.CheckConstraint(condition=Q(rate__gt=0), name="crm_rate_is_above_0"),
            models.CheckConstraint(condition=~Q(currency=F("base")), name="crm_rate_of_two_currencies"),
        )
        indexes = (models.Index(fields=("base", "currency", "-dated_on"), name="crm_rate_newest"),)

    def __str__(self) -> str:
        return f"1 {self.currency} is {self.rate.normalize():f} {self.base}, {self.dated_on}"
