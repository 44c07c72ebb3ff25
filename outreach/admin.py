"""Sending at the RevOps desk: mailboxes are set up here, everything else is read."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from gtmos.kernel.actors import Actor
from outreach.models import (
    Campaign,
    ChannelAddress,
    Experiment,
    Mailbox,
    Prospect,
    ResearchJob,
    SavedSearch,
    Step,
    Touch,
    TouchAttempt,
    Variant,
)
from outreach.services.mailboxes import save_mailbox


class ReadOnly:
    """What happened is not edited here; the pages have the verbs."""

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        del request, obj
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        del request, obj
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        del request, obj
        return False


@admin.register(Mailbox)
class MailboxAdmin(ModelAdmin):
    list_display = ("address", "display_name", "daily_cap", "window_start", "window_end", "is_active")
    list_filter = ("is_active",)
    search_fields = ("address", "display_name")
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    fields = (
        *("address", "display_name", "signature", "booking_url", "daily_cap", "window_start", "window_end"),
        *("sends_on_weekends", "is_active", "paused_reason", "owner", "team"),
    )

    def save_model(
        self,
        request: HttpRequest,
        obj: Mailbox,
        form: forms.ModelForm[Mailbox],
        change: bool,  # noqa: FBT001 -- the framework's signature
    ) -> None:
        names = form.changed_data if change else list(form.cleaned_data)
        changes: dict[str, Any] = {name: form.cleaned_data[name] for name in names}
        save_mailbox(obj, changes=changes, actor=Actor.of(request.user, source="admin"))

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Sent mails refer to it; switch it off instead."""
        del request, obj
        return False


class StepInline(ReadOnly, TabularInline):
    model = Step
    fields = ("number", "offset_days", "subject", "body")
    extra = 0


@admin.register(Campaign)
class CampaignAdmin(ReadOnly, ModelAdmin):
    list_display = ("name", "state", "kind", "mailbox", "owner", "starts_at", "created_at")
    list_filter = ("state", "kind")
    list_select_related = ("mailbox", "owner")
    search_fields = ("name",)
    inlines = (StepInline,)


class VariantInline(ReadOnly, TabularInline):
    model = Variant
    extra = 0


@admin.register(Experiment)
class ExperimentAdmin(ReadOnly, ModelAdmin):
    list_display = ("campaign", "element", "metric", "state", "looks", "looked_at")
    list_filter = ("state",)
    list_select_related = ("campaign",)
    inlines = (VariantInline,)


class AttemptInline(ReadOnly, TabularInline):
    model = TouchAttempt
    extra = 0


@admin.register(Touch)
class TouchAdmin(ReadOnly, ModelAdmin):
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
    show_full_result_count = False
    inlines = (AttemptInline,)


@admin.register(ChannelAddress)
class ChannelAddressAdmin(ReadOnly, ModelAdmin):
    list_display = ("channel", "address_hmac", "reason", "suppressed_at", "expires_at")
    list_filter = ("reason",)
    show_full_result_count = False


@admin.register(ResearchJob)
class ResearchJobAdmin(ReadOnly, ModelAdmin):
    list_display = ("name", "owner", "state", "companies_examined", "contacts_found", "fence", "created_at")
    list_filter = ("state",)
    list_select_related = ("owner",)
    search_fields = ("name", "command")
    show_full_result_count = False


@admin.register(Prospect)
class ProspectAdmin(ReadOnly, ModelAdmin):
    list_display = ("__str__", "job", "company", "state", "priority_score", "tier", "blocked_reason")
    list_filter = ("state",)
    list_select_related = ("job", "company", "contact")
    search_fields = ("contact__name", "company__name")
    show_full_result_count = False


@admin.register(SavedSearch)
class SavedSearchAdmin(ReadOnly, ModelAdmin):
    list_display = ("name", "owner", "is_shared", "created_at")
    list_filter = ("is_shared",)
    list_select_related = ("owner",)
    search_fields = ("name",)
