"""What people object, and what was answered."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from crm.enums import ObjectionCategory, ObjectionOutcome
from crm.models.activity import Activity
from crm.models.company import Company
from crm.models.contact import Contact
from crm.models.deal import Deal
from gtmos.kernel.records import OwnedRecord


class Objection(OwnedRecord):
    """One reason against buying, as it was said, with its answer where there is one."""

    category = models.CharField(max_length=12, choices=ObjectionCategory.choices)
    text = models.CharField(max_length=1000)
    response = models.CharField(max_length=2000, blank=True)
    outcome = models.CharField(max_length=10, choices=ObjectionOutcome.choices, default=ObjectionOutcome.OPEN)
    raised_at = models.DateTimeField(default=timezone.now)
    responded_at = models.DateTimeField(null=True, blank=True)
    activity = models.ForeignKey(
        Activity, null=True, blank=True, on_delete=models.SET_NULL, related_name="objections"
    )
    deal = models.ForeignKey(Deal, null=True, blank=True, on_delete=models.CASCADE, related_name="objections")
    contact = models.ForeignKey(
        Contact, null=True, blank=True, on_delete=models.SET_NULL, related_name="objections"
    )
    company = models.ForeignKey(
        Company, null=True, blank=True, on_delete=models.CASCADE, related_name="objections"
    )

    account_path: ClassVar[str | None] = "company"

    class Meta:
        ordering = ("-raised_at", "-id")
        indexes = (models.Index(fields=("category", "-raised_at"), name="crm_objection_of_category"),)

    def __str__(self) -> str:
        return f"{self.get_category_display().capitalize()}: {self.text[:80]}"
