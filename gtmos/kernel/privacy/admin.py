"""Retention rules and answered requests at the RevOps desk."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from gtmos.kernel.actors import Actor
from gtmos.kernel.desk import Desk, DeskForm
from gtmos.kernel.exceptions import DomainError
from gtmos.kernel.privacy import retention
from gtmos.kernel.privacy.models import PrivacyRequest, RetentionRule


def _kinds() -> list[tuple[str, str]]:
    return [(kept.name, kept.title) for kept in retention.kinds().values()]


def _actions() -> list[tuple[str, str]]:
    """Every kind says itself which of these it allows; the service refuses the others."""
    return [
        (name, name)
        for name in sorted({each for kept in retention.kinds().values() for each in kept.actions})
    ]


class RetentionForm(DeskForm):
    kind = forms.ChoiceField(choices=_kinds)
    action = forms.ChoiceField(choices=_actions)

    class Meta:
        model = RetentionRule
        fields = ("kind", "days", "action", "is_active")


@admin.register(RetentionRule)
class RetentionRuleAdmin(Desk):
    says = (
        "How long which data is kept, and what happens to it then. Every rule is off until it is switched on."
    )
    helps: ClassVar = {
        "kind": "What it is about. It stays.",
        "days": "Counted from the last change of the row.",
        "action": "Anonymise keeps the row without the person; delete takes it away.",
        "is_active": "On: the next run, within a quarter of an hour, does it.",
    }
    told_apart_by = ("kind",)
    set_once = ("kind",)  # what it is about stays; another kind has its own rule
    form = RetentionForm
    list_display = ("kind", "days", "action", "is_active", "last_run_at", "last_count")
    list_filter = ("is_active",)
    search_fields = ("kind",)
    fields = ("kind", "days", "action", "is_active")
    actions = ("try_on_rows",)

    @admin.action(description="Test: how many rows would go now")
    def try_on_rows(self, request: HttpRequest, queryset: QuerySet[RetentionRule]) -> None:
        for rule in queryset:
            try:
                count = retention.preview(rule.kind, rule.days)
            except DomainError as error:
                self.message_user(request, error.message, messages.ERROR)
                continue
            self.message_user(
                request, f"{rule}: {count:,} of the rows of today are older. Nothing was touched."
            )

    def create(self, values: dict[str, Any], *, actor: Actor) -> RetentionRule:
        return retention.set_rule(
            values["kind"],
            days=values["days"],
            action=values["action"],
            is_active=values.get("is_active", False),
            actor=actor,
        )

    def change(self, record: RetentionRule, changes: dict[str, Any], *, actor: Actor) -> RetentionRule:
        now = {"days": record.days, "action": record.action, "is_active": record.is_active}
        return retention.set_rule(record.kind, **{**now, **changes}, actor=actor)


@admin.register(PrivacyRequest)
class PrivacyRequestAdmin(Desk):
    list_display = ("made_at", "kind", "made_by", "reason")
    list_filter = ("kind",)
    search_fields = ("=made_by", "reason")
