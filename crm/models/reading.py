"""What was read out of a text: the text as it came, what was decided, and each change that a person may accept."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from crm.enums import InteractionType, ProposalKind, ProposalState, ReadingDecision
from crm.models.activity import Activity
from crm.models.company import Company
from crm.models.contact import Contact
from crm.models.deal import Deal
from gtmos.kernel.records import OwnedRecord, Record


class Reading(OwnedRecord):
    """One line of the log: who had which text read, and what came of it."""

    stays_with_author = True  # nobody takes it over when its owner leaves

    raw_input = models.TextField()
    employee = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    employee_name = models.CharField(max_length=150, blank=True)
    interaction_type = models.CharField(max_length=10, choices=InteractionType.choices)
    company = models.ForeignKey(
        Company, null=True, blank=True, on_delete=models.SET_NULL, related_name="readings"
    )
    contact = models.ForeignKey(
        Contact, null=True, blank=True, on_delete=models.SET_NULL, related_name="readings"
    )
    deal = models.ForeignKey(Deal, null=True, blank=True, on_delete=models.SET_NULL, related_name="readings")
    # Who may read the note or the mail may read this, and it goes with it.
    activity = models.ForeignKey(
        Activity, null=True, blank=True, on_delete=models.CASCADE, related_name="readings"
    )
    is_untrusted = models.BooleanField(default=False, help_text="The text came from outside the house.")
    extracted = models.JSONField(default=dict, help_text="What the text says, as it was understood.")
    decision = models.CharField(max_length=10, choices=ReadingDecision.choices)
    model = models.CharField(max_length=60, default="rules", help_text="Who read it.")
    confidence = models.FloatField(default=0)

    account_path: ClassVar[str | None] = "company"

    class Meta:
        ordering = ("-created_at", "-id")
        constraints = (
            models.CheckConstraint(
                condition=Q(confidence__range=(0, 1)), name="crm_reading_confidence_is_0_to_1"
            ),
        )
        indexes = (models.Index(fields=("-created_at", "-id"), name="crm_reading_newest"),)

    def __str__(self) -> str:
        return " ".join(self.raw_input.split())[:80] or "Nothing"


class Proposal(Record):
    """One change. A contradiction keeps the old value until a person says otherwise; what is held back is only shown."""

    reading = models.ForeignKey(Reading, on_delete=models.CASCADE, related_name="proposals")
    place = models.PositiveSmallIntegerField(default=0)
    kind = models.CharField(max_length=16, choices=ProposalKind.choices)
    record_type = models.CharField(
        max_length=20, choices=[(each, each) for each in ("company", "contact", "deal")]
    )
    record_id = models.UUIDField(null=True, blank=True)
    field = models.CharField(max_length=60, blank=True, help_text="The first of the columns it changes.")
    before = models.JSONField(default=dict, blank=True)
    after = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=10, choices=ProposalState.choices, default=ProposalState.OPEN)
    reason = models.CharField(max_length=300, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    # The changes of the history that accepting it made, to take them back.
    cause_id = models.UUIDField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ("reading", "place")
        constraints = (models.UniqueConstraint(fields=("reading", "place"), name="crm_proposal_place_once"),)
        indexes = (
            models.Index(
                fields=("state",), name="crm_proposal_waiting", condition=Q(state__in=("open", "conflict"))
            ),
            models.Index(fields=("record_id",), name="crm_proposal_of_record"),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display().capitalize()} {self.record_type}"

    @property
    def is_waiting(self) -> bool:
        return self.state in {ProposalState.OPEN, ProposalState.CONFLICT}
