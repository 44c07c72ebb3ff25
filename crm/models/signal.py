"""Dated things that happened at a company, brought by an import or the API."""

from django.db import models
from django.db.models import Q

from crm.enums import SignalType
from crm.models.company import Company
from crm.models.contact import Contact
from gtmos.kernel.records import Record


class Signal(Record):
    """Known only with its source and date. No signal means "not known", never "did not happen"."""

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="signals")
    contact = models.ForeignKey(
        Contact, null=True, blank=True, on_delete=models.CASCADE, related_name="signals"
    )
    type = models.CharField(max_length=20, choices=SignalType.choices)
    detail = models.CharField(max_length=300, blank=True)
    source = models.CharField(max_length=160)
    url = models.CharField(max_length=500, blank=True)
    occurred_on = models.DateField()
    cause_id = models.UUIDField(null=True, blank=True, help_text="The import that brought it.")

    class Meta:
        ordering = ("-occurred_on", "-created_at")
        constraints = (
            models.UniqueConstraint(
                fields=("company", "type", "detail", "source", "occurred_on"), name="crm_signal_once"
            ),
        )
        indexes = (
            models.Index(fields=("type", "-occurred_on"), name="crm_signal_of_type"),
            models.Index(
                fields=("cause_id",), name="crm_signal_of_cause", condition=Q(cause_id__isnull=False)
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_type_display()}, {self.occurred_on}"
