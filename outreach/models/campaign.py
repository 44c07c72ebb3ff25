"""A sequence of touches sent to chosen people, and each person's way through it."""

from django.db import models
from django.db.models import Q

from crm.models import Contact
from gtmos.kernel.fsm import StateField, StateMixin, transition
from gtmos.kernel.records import OwnedRecord, Record
from outreach.enums import CampaignKind, CampaignState, EnrollmentState, Outcome
from outreach.models.mailbox import Mailbox
from outreach.models.research import Prospect, ResearchJob

S = CampaignState


class Campaign(StateMixin, OwnedRecord):
    """draft → ready → active (scheduled) → running → completed → archived; paused and back."""

    name = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=20, choices=CampaignKind.choices, default=CampaignKind.OUTREACH)
    theme = models.CharField(max_length=80, blank=True)
    product = models.ForeignKey(
        "context.Product", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    mailbox = models.ForeignKey(
        Mailbox, null=True, blank=True, on_delete=models.PROTECT, related_name="campaigns"
    )
    research = models.ForeignKey(
        ResearchJob, null=True, blank=True, on_delete=models.SET_NULL, related_name="campaigns"
    )
    state = StateField(choices=S.choices, default=S.DRAFT)
    paused_from = models.CharField(max_length=10, blank=True, help_text="Where resume goes back to.")
    pause_reason = models.CharField(max_length=300, blank=True)
    approved_by = models.ForeignKey(
        "kernel.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_hash = models.CharField(max_length=64, blank=True, help_text="Of exactly what was approved.")
    activated_at = models.DateTimeField(null=True, blank=True)
    starts_at = models.DateTimeField(null=True, blank=True, help_text="End of the window to cancel in.")
    completed_at = models.DateTimeField(null=True, blank=True)
    answer_days = models.PositiveSmallIntegerField(
        default=7, help_text="How long after the last touch answers are waited for."
    )
    skipped = models.JSONField(
        default=dict, blank=True, help_text="Who was chosen but may not be written to: reason → count."
    )

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return self.name

    @transition(field=state, source=S.DRAFT, target=S.READY)
    def make_ready(self) -> None:
        pass

    @transition(field=state, source=S.READY, target=S.DRAFT)
    def reopen(self) -> None:
        pass

    @transition(field=state, source=S.READY, target=S.ACTIVE)
    def activate(self) -> None:
        pass

    @transition(field=state, source=S.ACTIVE, target=S.RUNNING)
    def run(self) -> None:
        pass

    @transition(field=state, source=S.ACTIVE, target=S.READY)
    def cancel_start(self) -> None:
        pass

    @transition(field=state, source=[S.ACTIVE, S.RUNNING], target=S.PAUSED)
    def pause(self) -> None:
        pass

    @transition(field=state, source=S.PAUSED, target=S.ACTIVE)
    def resume_to_active(self) -> None:
        pass

    @transition(field=state, source=S.PAUSED, target=S.RUNNING)
    def resume_to_running(self) -> None:
        pass

    @transition(field=state, source=[S.RUNNING, S.PAUSED], target=S.COMPLETED)
    def complete(self) -> None:
        pass

    @transition(field=state, source=[S.DRAFT, S.READY, S.COMPLETED], target=S.ARCHIVED)
    def archive(self) -> None:
        pass


class Enrollment(StateMixin, Record):
    """One person in one campaign."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="enrollments")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="enrollments")
    prospect = models.ForeignKey(Prospect, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    variant = models.ForeignKey(
        "outreach.Variant", null=True, blank=True, on_delete=models.SET_NULL, related_name="enrollments"
    )
    split = models.PositiveSmallIntegerField(
        default=0, help_text="The planned split that chose the variant; 0 when a person chose it."
    )
    position = models.PositiveIntegerField(default=0, help_text="By priority: who is written to first.")
    state = StateField(choices=EnrollmentState.choices, default=EnrollmentState.ACTIVE)
    outcome = models.CharField(max_length=20, choices=Outcome.choices, blank=True)
    paused_until = models.DateTimeField(null=True, blank=True)
    superseded_by = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    first_sent_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("campaign", "position")
        constraints = (
            models.UniqueConstraint(
                fields=("campaign", "contact"),
                name="outreach_enrolled_once",
                condition=Q(superseded_by__isnull=True),
            ),
        )
        indexes = (
            models.Index(
                fields=("paused_until",), name="outreach_enrollment_paused", condition=Q(state="paused")
            ),
            models.Index(fields=("contact", "state"), name="outreach_enrollment_contact"),
        )

    def __str__(self) -> str:
        return f"{self.contact} in {self.campaign}"

    @transition(field=state, source=EnrollmentState.ACTIVE, target=EnrollmentState.PAUSED)
    def pause(self) -> None:
        pass

    @transition(field=state, source=EnrollmentState.PAUSED, target=EnrollmentState.ACTIVE)
    def resume(self) -> None:
        pass

    @transition(
        field=state,
        source=[EnrollmentState.ACTIVE, EnrollmentState.PAUSED],
        target=EnrollmentState.FINISHED,
    )
    def finish(self) -> None:
        pass
