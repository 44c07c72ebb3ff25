"""Approvals at the desk, to look at: they are asked for and decided on their pages."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from gtmos.kernel.actors import Actor
from gtmos.kernel.approvals.models import (
    Approval,
    ApprovalAsked,
    ApprovalDecision,
    ApprovalStep,
    Delegation,
    PolicyVersion,
)
from gtmos.kernel.approvals.services.policies import restore_version
from gtmos.kernel.desk import Desk, ReadOnlyInline


class StepInline(ReadOnlyInline):
    model = ApprovalStep
    fields = ("position", "needs", "opened_at", "due_at", "escalated_at", "closed_at")


@admin.register(Approval)
class ApprovalAdmin(Desk):
    list_display = ("subject_name", "action", "state", "requested_label", "requested_at", "closed_at")
    list_filter = ("state", "action")
    search_fields = ("subject_name", "=subject_id", "requested_label")
    inlines = (StepInline,)


class AskedInline(ReadOnlyInline):
    model = ApprovalAsked
    fields = ("person", "is_escalation", "created_at")


class DecisionInline(ReadOnlyInline):
    model = ApprovalDecision
    fields = ("person", "given_by", "is_granted", "reason", "decided_at")


@admin.register(ApprovalStep)
class ApprovalStepAdmin(Desk):
    list_display = ("approval", "position", "needs", "due_at", "escalated_at", "closed_at")
    list_select_related = ("approval",)
    search_fields = ("approval__subject_name",)
    inlines = (AskedInline, DecisionInline)


@admin.register(ApprovalAsked)
class ApprovalAskedAdmin(Desk):
    list_display = ("person", "step", "is_escalation", "created_at")
    list_select_related = ("person", "step")
    search_fields = ("person__email",)


@admin.register(ApprovalDecision)
class ApprovalDecisionAdmin(Desk):
    list_display = ("step", "person", "given_by", "is_granted", "decided_at")
    list_select_related = ("step", "person", "given_by")
    search_fields = ("given_by__email",)


@admin.register(Delegation)
class DelegationAdmin(Desk):
    """Said by each person under their account."""

    list_display = ("person", "deputy", "starts_at", "ends_at")
    list_select_related = ("person", "deputy")
    search_fields = ("person__email", "deputy__email")


@admin.register(PolicyVersion)
class PolicyVersionAdmin(Desk):
    """What each request began with. A version is put back on the page of its policy."""

    list_display = ("policy", "number", "made_by", "created_at")
    list_select_related = ("policy",)
    search_fields = ("policy__name",)
    actions = ("put_back", "put_back_with_times")

    @admin.action(description="Put the rules of this version back")
    def put_back(self, request: HttpRequest, queryset: QuerySet[PolicyVersion]) -> None:
        self._put_back(request, queryset, confirmed=False)

    @admin.action(description="Put them back and move the due times of what waits")
    def put_back_with_times(self, request: HttpRequest, queryset: QuerySet[PolicyVersion]) -> None:
        self._put_back(request, queryset, confirmed=True)

    def _put_back(self, request: HttpRequest, chosen: QuerySet[PolicyVersion], *, confirmed: bool) -> None:
        def restore(version: PolicyVersion, *, actor: Actor) -> None:
            restore_version(version.policy, version.number, actor=actor, confirmed=confirmed)

        self.for_each(request, chosen, restore, done="Put back as the newest version")
