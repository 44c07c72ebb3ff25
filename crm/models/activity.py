"""What happened with a customer, and what is to be done."""

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from crm.enums import ActivityOutcome, ActivityType, Direction
from crm.models.company import Company
from crm.models.contact import Contact
from crm.models.deal import Deal
from gtmos.kernel.records import OwnedRecord


class Activity(OwnedRecord):
    """A call, a meeting, a mail or a note. Rows are kept; a mistake is undone by a verb."""

    stays_with_author = True  # nobody takes it over when its owner leaves

    type = models.CharField(max_length=10, choices=ActivityType.choices)
    direction = models.CharField(max_length=3, choices=Direction.choices, default=Direction.OUT)
    subject = models.CharField(max_length=300)
    body = models.TextField(blank=True)
    company = models.ForeignKey(
        Company, null=True, blank=True, on_delete=models.CASCADE, related_name="activities"
    )
    contact = models.ForeignKey(
        Contact, null=True, blank=True, on_delete=models.CASCADE, related_name="activities"
    )
    deal = models.ForeignKey(Deal, null=True, blank=True, on_delete=models.CASCADE, related_name="activities")
    happened_at = models.DateTimeField(default=timezone.now)
    duration_minutes = models.PositiveIntegerField(null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=ActivityOutcome.choices, blank=True)
    is_untrusted = models.BooleanField(default=False, help_text="The text came from outside the house.")
    source_type = models.CharField(max_length=60, blank=True)
    source_id = models.UUIDField(null=True, blank=True)

    account_path: ClassVar[str | None] = "company"

    class Meta:
        ordering = ("-happened_at",)
        verbose_name_plural = "activities"
        constraints = (
            models.UniqueConstraint(
                fields=("source_type", "source_id"),
                name="crm_activity_once_per_source",
                condition=Q(source_id__isnull=False),
            ),
        )
        indexes = (
            models.Index(fields=("company", "-happened_at"), name="crm_activity_of_company"),
            models.Index(fields=("contact", "-happened_at"), name="crm_activity_of_contact"),
            models.Index(fields=("deal", "-happened_at"), name="crm_activity_of_deal"),
            models.Index(fields=("updated_at",), name="crm_activity_changed"),
            models.Index(OpClass(Lower("subject"), name="text_pattern_ops"), name="crm_activity_begins"),
            GinIndex(SearchVector("subject", "body", config="simple"), name="crm_activity_words"),
        )

    def __str__(self) -> str:
        return self.subject


class Task(OwnedRecord):
    """Something to do. The owner is who does it."""

    title = models.CharField(max_length=300)
    note = models.TextField(blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    company = models.ForeignKey(
        Company, null=True, blank=True, on_delete=models.CASCADE, related_name="tasks"
    )
    contact = models.ForeignKey(
        Contact, null=True, blank=True, on_delete=models.CASCADE, related_name="tasks"
    )
    deal = models.ForeignKey(Deal, null=True, blank=True, on_delete=models.CASCADE, related_name="tasks")
    source_type = models.CharField(max_length=60, blank=True)
    source_id = models.UUIDField(null=True, blank=True)

    account_path: ClassVar[str | None] = "company"

    class Meta:
        ordering = ("due_at", "created_at")
        constraints = (
            models.UniqueConstraint(
                fields=("source_type", "source_id"),
                name="crm_task_once_per_source",
                condition=Q(source_id__isnull=False),
            ),
        )
        indexes = (
            models.Index(fields=("owner", "due_at"), name="crm_task_open", condition=Q(done_at__isnull=True)),
            models.Index(fields=("updated_at",), name="crm_task_changed"),
            models.Index(OpClass(Lower("title"), name="text_pattern_ops"), name="crm_task_begins"),
            GinIndex(SearchVector("title", "note", config="simple"), name="crm_task_words"),
        )

    def __str__(self) -> str:
        return self.title
