"""E-mail providers at the desk: read only. They are connected on their own page, and their secrets show nowhere."""

from django.contrib import admin

from gtmos.kernel.desk import Desk
from outreach.models.provider import EmailProvider, ProviderEvent, ProviderPost


@admin.register(EmailProvider)
class EmailProviderAdmin(Desk):
    says = "Services that send for us and tell what became of the mails."
    list_display = ("key", "refused", "refused_at", "refusal")
    search_fields = ("key",)
    fields = ("key", "refused", "refused_at", "refusal")


@admin.register(ProviderPost)
class ProviderPostAdmin(Desk):
    list_display = ("digest", "provider", "kind", "received_at", "processed_at", "attempts", "facts", "error")
    list_select_related = ("provider",)
    search_fields = ("=digest",)
    fields = (
        *("provider", "kind", "digest", "content_type", "post_id", "received_at", "processed_at"),
        *("attempts", "facts", "error"),
    )


@admin.register(ProviderEvent)
class ProviderEventAdmin(Desk):
    list_display = ("provider", "kind", "recipient", "happened_at", "state", "touch", "tries")
    list_filter = ("kind", "state")
    list_select_related = ("provider", "touch")
    search_fields = ("=recipient", "=key")
