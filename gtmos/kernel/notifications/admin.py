"""What was told, at the RevOps desk: to look at only."""

from django.contrib import admin

from gtmos.kernel.desk import Desk
from gtmos.kernel.notifications.models import Notification, NotificationMail, NotificationPreference


@admin.register(Notification)
class NotificationAdmin(Desk):
    list_display = ("title", "person", "kind", "read_at", "created_at")
    list_filter = ("kind",)
    list_select_related = ("person",)
    search_fields = ("title", "person__email")


@admin.register(NotificationMail)
class NotificationMailAdmin(Desk):
    list_display = ("person", "is_digest", "state", "due_at", "tries", "answer")
    list_filter = ("state", "is_digest")
    list_select_related = ("person",)
    search_fields = ("person__email",)


@admin.register(NotificationPreference)
class NotificationPreferenceAdmin(Desk):
    list_display = ("person", "kind", "in_app", "by_mail")
    list_filter = ("kind",)
    list_select_related = ("person",)
    search_fields = ("person__email",)
