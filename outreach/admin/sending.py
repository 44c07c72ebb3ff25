"""Sending at the RevOps desk: mailboxes are set up here, everything else is read."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db import models

from gtmos.kernel.actors import Actor
from gtmos.kernel.desk import Desk, ReadOnlyInline
from outreach.models import (
    ApprovedContent,
    Campaign,
    ChannelAddress,
    ClosedDay,
    Engagement,
    Enrollment,
    Experiment,
    InboundMail,
    Mailbox,
    MailboxDay,
    Prospect,
    ResearchJob,
    SavedSearch,
    Step,
    Touch,
    TouchAttempt,
    Variant,
)
from outreach.selectors.calendar import closed_from_today
from outreach.services import closed_days
from outreach.services.mailboxes import save_mailbox


@admin.register(Mailbox)
class MailboxAdmin(Desk):
    says = "The addresses that campaigns send from."
    helps: ClassVar = {
        "address": "What readers see as the sender, and where they answer to.",
        "display_name": "The name beside the address.",
        "signature": "Stands below every mail of the mailbox.",
        "daily_cap": "No more mails leave it on one day, whatever campaigns want.",
        "ramp_from": "Empty: no warm-up. With a date: on this day only the few mails below, then more every day up to the cap.",
        "ramp_first": "20 is careful, 50 is the most that a new address should send.",
        "ramp_step": "So many more on each day of the calendar.",
        "window_end": "No mail leaves after this hour.",
        "sends_on_weekends": "On: weekends and the public holidays of the reader's country count like other days; our own closed days never do.",
        "is_active": "Off: nothing is sent from it; what waits stays.",
        "paused_reason": "Whatever made it stop, for those who look.",
        "owner": "Whose mailbox it is.",
        "team": "Who else may use it.",
    }
    asks_again = True
    list_display = ("address", "display_name", "daily_cap", "window_start", "window_end", "is_active")
    list_filter = ("is_active",)
    search_fields = ("address", "display_name")
    list_select_related = ("owner",)
    autocomplete_fields = ("owner", "team")
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    fields = (
        *("address", "display_name", "signature", "booking_url", "daily_cap"),
        *("ramp_from", "ramp_first", "ramp_step", "window_start", "window_end"),
        *("sends_on_weekends", "is_active", "paused_reason", "owner", "team"),
    )

    def create(self, values: dict[str, Any], *, actor: Actor) -> Mailbox:
        return save_mailbox(Mailbox(), changes=values, actor=actor)

    def change(self, record: Mailbox, changes: dict[str, Any], *, actor: Actor) -> Mailbox:
        return save_mailbox(record, changes=changes, actor=actor)


@admin.register(ClosedDay)
class ClosedDayAdmin(Desk):
    says = "Days on which no campaign writes to anybody. Weekends and public holidays of the reader's country are known already."
    helps: ClassVar = {
        "day": "By the reader's own date. What is due on it goes out on the next open day.",
        "name": "Why, such as: company retreat.",
    }
    told_apart_by = ("day",)
    file_place = 72
    columns = ("day", "name")
    list_display = ("day", "name")
    search_fields = ("name",)
    fields = ("day", "name")

    def in_file(self) -> models.QuerySet[Any]:
        """Those that are over are of no use elsewhere."""
        return closed_from_today()

    def create(self, values: dict[str, Any], *, actor: Actor) -> ClosedDay:
        return closed_days.close_day(values.pop("day", None), name=values.pop("name", ""), actor=actor)

    def change(self, record: ClosedDay, changes: dict[str, Any], *, actor: Actor) -> ClosedDay:
        return closed_days.change_closed_day(record, changes=changes, actor=actor)

    def remove(self, record: ClosedDay, *, actor: Actor) -> None:
        closed_days.open_day(record, actor=actor)


class StepInline(ReadOnlyInline):
    model = Step
    fields = ("number", "offset_days", "subject", "body")


@admin.register(Campaign)
class CampaignAdmin(Desk):
    list_display = ("name", "state", "kind", "mailbox", "owner", "starts_at", "created_at")
    list_filter = ("state", "kind")
    list_select_related = ("mailbox", "owner")
    search_fields = ("name",)
    inlines = (StepInline,)


class VariantInline(ReadOnlyInline):
    model = Variant


@admin.register(Experiment)
class ExperimentAdmin(Desk):
    list_display = ("campaign", "element", "metric", "state", "looks", "looked_at")
    list_filter = ("state",)
    list_select_related = ("campaign",)
    search_fields = ("campaign__name",)
    inlines = (VariantInline,)


class AttemptInline(ReadOnlyInline):
    model = TouchAttempt


@admin.register(Touch)
class TouchAdmin(Desk):
    list_display = (
        "recipient",
        "campaign",
        "step_no",
        "state",
        "due_at",
        "sent_at",
        "attempts",
        "last_error",
    )
    list_filter = ("state",)
    list_select_related = ("campaign",)
    search_fields = ("recipient", "message_id")
    inlines = (AttemptInline,)


@admin.register(ApprovedContent)
class ApprovedContentAdmin(Desk):
    list_display = ("enrollment", "digests")
    list_select_related = ("enrollment__contact", "enrollment__campaign")
    search_fields = ("enrollment__contact__name",)


@admin.register(ChannelAddress)
class ChannelAddressAdmin(Desk):
    list_display = ("channel", "address_hmac", "reason", "suppressed_at", "expires_at")
    list_filter = ("reason",)
    search_fields = ("=address_hmac",)


@admin.register(ResearchJob)
class ResearchJobAdmin(Desk):
    list_display = ("name", "owner", "state", "companies_examined", "contacts_found", "fence", "created_at")
    list_filter = ("state",)
    list_select_related = ("owner",)
    search_fields = ("name", "command")


@admin.register(Prospect)
class ProspectAdmin(Desk):
    list_display = ("__str__", "job", "company", "state", "priority_score", "tier", "blocked_reason")
    list_filter = ("state",)
    list_select_related = ("job", "company", "contact")
    search_fields = ("contact__name", "company__name")


@admin.register(SavedSearch)
class SavedSearchAdmin(Desk):
    list_display = ("name", "owner", "is_shared", "created_at")
    list_filter = ("is_shared",)
    list_select_related = ("owner",)
    search_fields = ("name",)


@admin.register(Step)
class StepAdmin(Desk):
    list_display = ("campaign", "number", "offset_days", "channel", "subject")
    list_select_related = ("campaign",)
    search_fields = ("subject", "campaign__name")


@admin.register(Variant)
class VariantAdmin(Desk):
    list_display = ("experiment", "letter", "text", "weight", "added_at")
    list_select_related = ("experiment__campaign",)
    search_fields = ("text",)


@admin.register(Enrollment)
class EnrollmentAdmin(Desk):
    list_display = ("contact", "campaign", "state", "outcome", "paused_until", "first_sent_at")
    list_filter = ("state", "outcome")
    list_select_related = ("contact", "campaign")
    search_fields = ("contact__name", "campaign__name")


@admin.register(TouchAttempt)
class TouchAttemptAdmin(Desk):
    list_display = ("touch", "result", "detail", "worker", "epoch", "at")
    list_select_related = ("touch",)
    search_fields = ("=worker", "=result")


@admin.register(Engagement)
class EngagementAdmin(Desk):
    list_display = ("touch", "kind", "happened_at", "is_machine", "machine_reason")
    list_filter = ("kind", "is_machine")
    list_select_related = ("touch",)
    search_fields = ("=touch__recipient",)


@admin.register(InboundMail)
class InboundMailAdmin(Desk):
    """The text is what somebody outside wrote: it is shown and never followed."""

    list_display = ("subject", "sender", "kind", "category", "received_at", "processed_at", "error")
    list_filter = ("kind", "category")
    search_fields = ("sender", "subject", "=message_id", "=digest")
    exclude = ("raw",)


@admin.register(MailboxDay)
class MailboxDayAdmin(Desk):
    list_display = ("mailbox", "day", "used", "cap")
    list_filter = ("mailbox",)
    list_select_related = ("mailbox",)
