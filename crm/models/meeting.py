"""Meetings that are planned, and what became of them."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from crm.enums import MeetingState
from crm.models.company import Company
from crm.models.contact import Contact
from crm.models.deal import Deal
from gtmos.kernel.fsm import StateField, StateMixin, transition
from gtmos.kernel.records import OwnedRecord, Record

S = MeetingState


class Meeting(StateMixin, OwnedRecord):
    """One appointment. When it was held, an activity stands beside it."""

    title = models.CharField(max_length=300)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    place = models.CharField(max_length=300, blank=True)
    link = models.URLField(max_length=500, blank=True)
    agenda = models.TextField(blank=True)
    outcome = models.TextField(blank=True, help_text="What came of it, or why it did not take place.")
    state = StateField(choices=S.choices, default=S.PLANNED)
    company = models.ForeignKey(
        Company, null=True, blank=True, on_delete=models.CASCADE, related_name="meetings"
    )
    deal = models.ForeignKey(Deal, null=True, blank=True, on_delete=models.CASCADE, related_name="meetings")

    account_path: ClassVar[str | None] = "company"

    class Meta:
        ordering = ("starts_at",)
        constraints = (
            models.CheckConstraint(condition=Q(ends_at__gte=F("starts_at")), name="crm_meeting_ends_after"),
        )
        indexes = (
            models.Index(fields=("company", "-starts_at"), name="crm_meeting_of_company"),
            models.Index(fields=("owner", "starts_at"), name="crm_meeting_of_owner"),
        )

    def __str__(self) -> str:
        return self.title

    @transition(field=state, source=S.PLANNED, target=S.HELD)
    def hold(self) -> None:
        pass

    @transition(field=state, source=S.PLANNED, target=S.NO_SHOW)
    def miss(self) -> None:
        pass

    @transition(field=state, source=S.PLANNED, target=S.CANCELLED)
    def cancel(self) -> None:
        pass


class MeetingAttendee(Record):
    """Somebody of the customer, or of the house."""

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="attendees")
    contact = models.ForeignKey(
        Contact, null=True, blank=True, on_delete=models.CASCADE, related_name="meetings"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )

    class Meta:
        ordering = ("created_at",)
        constraints = (
            models.UniqueConstraint(fields=("meeting", "contact"), name="crm_attendee_contact_once"),
            models.UniqueConstraint(fields=("meeting", "user"), name="crm_attendee_user_once"),
            models.CheckConstraint(
                condition=Q(contact__isnull=False, user__isnull=True)
                | Q(contact__isnull=True, user__isnull=False),
                name="crm_attendee_is_one",
            ),
        )

    def __str__(self) -> str:
        return str(self.contact or self.user)
