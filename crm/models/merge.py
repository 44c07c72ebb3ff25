"""Two records that were one: what was merged, and pairs that may have to be."""

from django.db import models
from django.db.models import F, Q

from crm.enums import PairState
from crm.models.company import Company
from crm.models.contact import Contact
from gtmos.kernel.records import Record


class Merge(Record):
    """All that is needed to take a merge back."""

    subject_type = models.CharField(max_length=20, help_text="company, contact or deal")
    kept_id = models.UUIDField()
    absorbed_id = models.UUIDField()
    absorbed_name = models.CharField(max_length=255)
    absorbed_values = models.JSONField(help_text="Every column of the record that is gone.")
    changed = models.JSONField(default=dict, help_text="Column of the kept record → value before and after.")
    moved = models.JSONField(default=dict, help_text="Relation → keys of the rows that were moved.")
    folded = models.JSONField(
        default=list, help_text="Rows that both had, as they stood at the absorbed record."
    )
    settled = models.JSONField(
        default=dict, help_text="Relation → keys of clashing rows that a rule settled."
    )
    user_name = models.CharField(max_length=150)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_notes = models.JSONField(default=list, help_text="What could not be taken back.")

    class Meta:
        ordering = ("-created_at",)
        indexes = (
            models.Index(fields=("kept_id",), name="crm_merge_kept"),
            models.Index(fields=("absorbed_id",), name="crm_merge_absorbed"),
        )

    def __str__(self) -> str:
        return f"{self.absorbed_name} merged"


class DuplicatePair(Record):
    """Two companies, or two contacts, that look like one. The smaller key stands first."""

    company = models.ForeignKey(
        Company, null=True, blank=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    other_company = models.ForeignKey(
        Company, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    contact = models.ForeignKey(
        Contact, null=True, blank=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    other_contact = models.ForeignKey(
        Contact, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    reasons = models.JSONField(default=list)
    score = models.FloatField(help_text="From 0 to 1.")
    state = models.CharField(max_length=10, choices=PairState.choices, default=PairState.OPEN)
    decided_by = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at",)
        constraints = (
            models.UniqueConstraint(
                fields=("company", "other_company"),
                name="crm_pair_of_companies_once",
                condition=Q(company__isnull=False),
            ),
            models.UniqueConstraint(
                fields=("contact", "other_contact"),
                name="crm_pair_of_contacts_once",
                condition=Q(contact__isnull=False),
            ),
            models.CheckConstraint(
                condition=Q(company__lt=F("other_company"), contact__isnull=True)
                | Q(contact__lt=F("other_contact"), company__isnull=True),
                name="crm_pair_is_in_order",
            ),
        )
        indexes = (models.Index(fields=("state", "-created_at", "-id"), name="crm_pair_newest"),)

    def __str__(self) -> str:
        return f"{self.company or self.contact} and {self.other_company or self.other_contact}"


class DuplicateSearch(models.Model):
    """How far the search for duplicates has come, for each kind of record."""

    subject_type = models.CharField(max_length=20, primary_key=True)
    changed_at = models.DateTimeField(null=True, blank=True)
    last_id = models.UUIDField(null=True, blank=True)

    def __str__(self) -> str:
        return self.subject_type
