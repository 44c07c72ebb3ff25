"""People, keys, facts, history and schedules at the RevOps desk."""

from typing import Any, ClassVar

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest

from gtmos.kernel.actors import Actor
from gtmos.kernel.admin_access import RoleAdmin
from gtmos.kernel.api_models import RequestCount, StoredAnswer
from gtmos.kernel.approvals import admin as approvals_admin
from gtmos.kernel.approvals import admin_records as approvals_records_admin
from gtmos.kernel.clock import BusinessClock
from gtmos.kernel.desk import Desk, DeskForm, ReadOnlyInline, actor_of
from gtmos.kernel.events import dispatch
from gtmos.kernel.events.models import Delivery, EventRecord
from gtmos.kernel.fields import admin as fields_admin
from gtmos.kernel.fields import connections_admin
from gtmos.kernel.flags import admin as flags_admin
from gtmos.kernel.history.models import Change, Redaction, Seal, SealMark
from gtmos.kernel.lists import admin as lists_admin
from gtmos.kernel.notifications import admin as notifications_admin
from gtmos.kernel.people import services
from gtmos.kernel.people.access_services import role_names
from gtmos.kernel.people.models import ApiToken, Membership, Role, Team, User
from gtmos.kernel.people.team_services import set_manager
from gtmos.kernel.privacy import admin as privacy_admin
from gtmos.kernel.rules import admin as rules_admin
from gtmos.kernel.schedule import admin as schedule_admin
from gtmos.kernel.schedule.models import Heartbeat, Occurrence
from gtmos.kernel.search.models import Embedding, EmbeddingJob, ReadingPlace
from gtmos.kernel.signin.models import BrowserSession, FailedTry, SignInLink
from gtmos.kernel.undo import admin as undo_admin
from gtmos.kernel.webhooks import services as webhook_services
from gtmos.kernel.webhooks.models import Webhook, WebhookAttempt, WebhookDelivery
from gtmos.kernel.workflows import admin as workflows_admin

__all__ = [
    "RoleAdmin",
    "approvals_admin",
    "approvals_records_admin",
    "connections_admin",
    "fields_admin",
    "flags_admin",
    "lists_admin",
    "notifications_admin",
    "privacy_admin",
    "rules_admin",
    "schedule_admin",
    "undo_admin",
    "workflows_admin",
]

# The library's own pages would show and change factors past the services.
admin.site.unregister((Authenticator, EmailAddress))
admin.site.unregister(Group)  # roles decide what people may do; groups would say it a second time


class PersonForm(DeskForm):
    new_password = forms.CharField(
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="Leave empty to keep the present one. At least ten characters.",
    )

    role = forms.ChoiceField(choices=lambda: list(role_names().items()), initial=Role.AE)

    class Meta:
        model = User
        fields = ("email", "name", "role", "time_zone", "mail_visibility", "is_active")


class MembershipInline(ReadOnlyInline):
    model = Membership
    fields = ("user", "team", "created_at")


@admin.register(User)
class UserAdmin(Desk):
    says = "Everybody who signs in. Inviting, sending a link again and handing over what somebody owned are on the page of people."
    helps: ClassVar = {
        "email": "They sign in with it, and mail of the product goes there.",
        "name": "As colleagues read it.",
        "role": "What they may see and do. Roles are set up on their own page.",
        "time_zone": "Their days begin by it, such as Europe/Berlin.",
        "mail_visibility": "Who else reads the mail they have with customers.",
        "is_active": "Off: they are signed out at once and cannot come in. What they own stays and can be handed over.",
    }
    asks_again = True
    form = PersonForm
    list_display = ("email", "name", "role", "is_active", "last_login")
    list_filter = ("role", "is_active")
    search_fields = ("email", "name")
    fields = ("email", "name", "role", "time_zone", "mail_visibility", "is_active", "new_password")
    inlines = (MembershipInline,)

    def create(self, values: dict[str, Any], *, actor: Actor) -> User:
        user = services.create_user(
            values["email"],
            name=values.get("name", ""),
            role=values.get("role", Role.AE),
            password=values.get("new_password") or None,
            actor=actor,
        )
        rest: dict[str, Any] = {
            name: values[name] for name in ("time_zone", "mail_visibility", "is_active") if name in values
        }
        return services.update_user(user, changes=rest, actor=actor)

    def change(self, record: User, changes: dict[str, Any], *, actor: Actor) -> User:
        password = changes.pop("new_password", "")
        if password:
            services.set_password(record, password, actor=actor)
        return services.update_user(record, changes=changes, actor=actor)


@admin.register(Team)
class TeamAdmin(Desk):
    says = "People who work together: what belongs to a team is seen by all of it. The manager is asked where an approval says so."
    helps: ClassVar = {
        "name": "As it stands in lists and filters.",
        "manager": "Whoever decides for the team in approvals. It need not be a member.",
    }
    told_apart_by = ("name",)
    file_place = 20
    list_display = ("name", "manager", "created_at")
    list_select_related = ("manager",)
    search_fields = ("name",)
    autocomplete_fields = ("manager",)
    fields = ("name", "manager")
    inlines = (MembershipInline,)

    def create(self, values: dict[str, Any], *, actor: Actor) -> Team:
        team = services.create_team(values["name"], members=(), actor=actor)
        return set_manager(team, values.get("manager"), actor=actor)

    def change(self, record: Team, changes: dict[str, Any], *, actor: Actor) -> Team:
        if "manager" in changes:
            record = set_manager(record, changes["manager"], actor=actor)
        return services.rename_team(record, changes.get("name", record.name), actor=actor)


@admin.register(Membership)
class MembershipAdmin(Desk):
    says = "Who is in which team."
    helps: ClassVar = {
        "user": "Whoever comes in.",
        "team": "They see what belongs to it from the next page on.",
    }
    list_display = ("user", "team", "created_at")
    list_filter = ("team",)
    list_select_related = ("user", "team")
    search_fields = ("user__email", "team__name")
    autocomplete_fields = ("user", "team")
    fields = ("user", "team")

    def create(self, values: dict[str, Any], *, actor: Actor) -> Membership:
        return services.add_member(values["team"], values["user"], actor=actor)

    def remove(self, record: Membership, *, actor: Actor) -> None:
        services.remove_member(record, actor=actor)


@admin.register(ApiToken)
class ApiTokenAdmin(Desk):
    """Keys are made on the command line, where they are shown once; here they are revoked."""

    says = "Keys that programs come in with, as the person who made them. Revoked ones open nothing any more."
    list_display = ("prefix", "user", "name", "scopes", "expires_at", "last_used_at", "revoked_at")
    list_filter = ("revoked_at",)
    list_select_related = ("user",)
    search_fields = ("prefix", "name", "user__email")
    exclude = ("digest",)
    actions = ("revoke",)

    @admin.action(description="Revoke the chosen keys")
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        self.for_each(request, queryset, services.revoke_token, done="Keys revoked")


@admin.register(BrowserSession)
class BrowserSessionAdmin(Desk):
    """Who is signed in where. The key of a session would open it, so it is not shown."""

    list_display = ("user", "browser", "network_address", "signed_in_at", "seen_at")
    list_select_related = ("user",)
    list_display_links = None
    search_fields = ("user__email",)
    exclude = ("session_key", "session_data")


@admin.register(FailedTry)
class FailedTryAdmin(Desk):
    list_display = ("since", "failures")


@admin.register(SignInLink)
class SignInLinkAdmin(Desk):
    """Invitations are made, sent anew and taken back on the page of people."""

    list_display = ("email", "kind", "mail_state", "expires_at", "used_at", "revoked_at")
    list_filter = ("kind", "mail_state")
    search_fields = ("email",)


class DeliveryInline(ReadOnlyInline):
    model = Delivery
    fields = ("subscriber", "state", "attempts", "next_at", "done_at", "error")


@admin.register(EventRecord)
class EventRecordAdmin(Desk):
    list_display = ("name", "subject_type", "actor_label", "happened_at")
    list_filter = ("actor_kind",)
    search_fields = ("=name", "=subject_id")
    inlines = (DeliveryInline,)


@admin.register(Delivery)
class DeliveryAdmin(Desk):
    list_display = ("event", "subscriber", "state", "attempts", "next_at", "done_at")
    list_filter = ("state",)
    list_select_related = ("event",)
    search_fields = ("subscriber", "event__name")
    actions = ("deliver_again",)

    @admin.action(description="Deliver again from the start")
    def deliver_again(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        self.for_each(request, queryset, dispatch.replay, done="Waiting to be delivered again")


@admin.register(Change)
class ChangeAdmin(Desk):
    list_display = ("summary", "subject_type", "change_category", "user_name", "source", "timestamp")
    list_filter = ("change_type", "source")
    search_fields = ("=subject_id", "=cause_id", "summary")


@admin.register(Seal)
class SealAdmin(Desk):
    list_display = ("number", "rows_until_here", "sealed_at", "key_name")
    exclude = ("change_ids", "digests")


@admin.register(SealMark)
class SealMarkAdmin(Desk):
    list_display = ("settled_id", "noted_id", "noted_transaction")


@admin.register(Redaction)
class RedactionAdmin(Desk):
    list_display = ("change_id", "reason", "user_name", "redacted_at")
    search_fields = ("=change_id", "reason")


@admin.register(Occurrence)
class OccurrenceAdmin(Desk):
    list_display = ("schedule", "due_at", "done_at", "attempts", "error")
    search_fields = ("schedule",)


@admin.register(Embedding)
class EmbeddingAdmin(Desk):
    """What search by meaning has read; made again from the records."""

    list_display = ("subject_type", "subject_id", "number", "model", "dimensions")
    list_filter = ("subject_type", "model")
    search_fields = ("=subject_id",)
    exclude = ("vector",)
    show_full_result_count = False


@admin.register(EmbeddingJob)
class EmbeddingJobAdmin(Desk):
    list_display = ("subject_type", "subject_id", "changed_at", "attempts", "next_at")
    list_filter = ("subject_type",)


@admin.register(ReadingPlace)
class ReadingPlaceAdmin(Desk):
    list_display = ("kind", "forward_at", "backward_at", "model")


@admin.register(Heartbeat)
class HeartbeatAdmin(Desk):
    list_display = ("process", "beat_at", "detail")


@admin.register(BusinessClock)
class BusinessClockAdmin(Desk):
    """Moved on the sandbox page, forward only."""

    list_display = ("base_at", "set_at", "rate")


@admin.register(StoredAnswer)
class StoredAnswerAdmin(Desk):
    list_display = ("method", "path", "key", "caller", "status", "created_at")
    search_fields = ("=key", "=caller")
    exclude = ("body",)


@admin.register(RequestCount)
class RequestCountAdmin(Desk):
    list_display = ("caller", "minute", "used")
    search_fields = ("caller",)


@admin.register(Webhook)
class WebhookAdmin(Desk):
    """The secret is shown once, when it is made."""

    says = "Programs elsewhere that are told what happens here. The secret is shown once, when the webhook is made."
    helps: ClassVar = {
        "name": "So that you know it again.",
        "url": "Where the facts are posted to. It must answer within some seconds.",
    }
    list_display = ("name", "url", "state", "reason", "held_until")
    list_filter = ("state",)
    search_fields = ("name", "url")
    fields = ("name", "url", "event_names")
    actions = ("pause", "resume", "new_secret")

    def save_model(self, request: HttpRequest, obj: Any, form: forms.ModelForm[Any], change: bool) -> None:  # noqa: FBT001 -- the framework's signature
        if change:
            super().save_model(request, obj, form, change)
            return
        given = {name: form.cleaned_data[name] for name in self.fields}
        webhook, secret = webhook_services.create_webhook(**given, actor=actor_of(request))
        obj.pk = webhook.pk
        self.message_user(request, f"The signing secret, shown this once: {secret}")

    def create(self, values: dict[str, Any], *, actor: Actor) -> Webhook:
        return webhook_services.create_webhook(**values, actor=actor)[0]

    def change(self, record: Webhook, changes: dict[str, Any], *, actor: Actor) -> Webhook:
        return webhook_services.update_webhook(record, changes=changes, actor=actor)

    @admin.action(description="Pause the chosen webhooks")
    def pause(self, request: HttpRequest, queryset: QuerySet[Webhook]) -> None:
        self.for_each(request, queryset, webhook_services.pause_webhook, done="Webhooks paused")

    @admin.action(description="Resume the chosen webhooks")
    def resume(self, request: HttpRequest, queryset: QuerySet[Webhook]) -> None:
        self.for_each(request, queryset, webhook_services.resume_webhook, done="Webhooks resumed")

    @admin.action(description="Make new secrets for the chosen webhooks")
    def new_secret(self, request: HttpRequest, queryset: QuerySet[Webhook]) -> None:
        for webhook in queryset:
            _, secret = webhook_services.rotate_webhook_secret(webhook, actor=actor_of(request))
            self.message_user(request, f"{webhook}: the new signing secret, shown this once: {secret}")


class AttemptInline(ReadOnlyInline):
    model = WebhookAttempt
    fields = ("attempted_at", "status", "milliseconds", "response", "error")


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(Desk):
    list_display = ("message_id", "webhook", "state", "attempts", "next_at", "done_at")
    list_filter = ("state",)
    list_select_related = ("webhook", "event")
    search_fields = ("=event__id", "webhook__name")
    inlines = (AttemptInline,)
    actions = ("send_again",)

    @admin.action(description="Send again with the same id")
    def send_again(self, request: HttpRequest, queryset: QuerySet[WebhookDelivery]) -> None:
        replay = webhook_services.replay_webhook_delivery
        self.for_each(request, queryset, replay, done="Waiting to be sent again")


@admin.register(WebhookAttempt)
class WebhookAttemptAdmin(Desk):
    list_display = ("delivery", "attempted_at", "status", "milliseconds", "error")
    list_select_related = ("delivery__event",)
    search_fields = ("=delivery__event__id",)
