"""Rules for what needs a decision, the decisions that are asked for, and who decides while somebody is away."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from gtmos.kernel.approvals.enums import ApprovalState, Needs
from gtmos.kernel.fsm import StateField, StateMixin, transition
from gtmos.kernel.records import Record

S = ApprovalState


class ApprovalPolicy(Record):
    """What of one action needs whose decision. Requests finish on the version that they began with."""

    name = models.CharField(max_length=120, unique=True)
    action = models.CharField(max_length=60, help_text="What is asked for, such as crm.discount_deal.")
    note = models.CharField(max_length=300, blank=True, help_text="Why there is this policy.")
    number = models.PositiveIntegerField(
        "version of the rules",
        default=1,
        editable=False,
        help_text="Counts up with each change of the rules.",
    )
    definition = models.JSONField(
        "rules",
        default=dict,
        help_text="The branches in their order: the first whose conditions hold says who is asked.",
    )
    is_active = models.BooleanField("active", default=False, editable=False)

    class Meta:
        ordering = ("action", "name")
        verbose_name_plural = "approval policies"
        constraints = (
            models.UniqueConstraint(
                fields=("action",), name="kernel_one_policy_of_action", condition=Q(is_active=True)
            ),
        )

    def __str__(self) -> str:
        return self.name


class PolicyVersion(Record):
    """The rules as they once were; never changed."""

    policy = models.ForeignKey(ApprovalPolicy, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    definition = models.JSONField()
    made_by = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ("policy", "-number")
        constraints = (
            models.UniqueConstraint(fields=("policy", "number"), name="kernel_policy_version_once"),
        )

    def __str__(self) -> str:
        return f"{self.policy}, version {self.number}"


class Approval(StateMixin, Record):
    """One thing that waits for a decision, or got it. `values` are exactly what is decided on."""

    action = models.CharField(max_length=60)
    policy_version = models.ForeignKey(
        PolicyVersion,
        null=True,
        on_delete=models.PROTECT,
        related_name="approvals",
        help_text="Empty where whoever asked named who is asked.",
    )
    named_rules = models.JSONField(default=dict, help_text="The rules where no policy has them.")
    branch = models.CharField(max_length=120, help_text="The branch of the rules that fitted.")
    subject_type = models.CharField(max_length=80)
    subject_id = models.UUIDField()
    subject_name = models.CharField(max_length=255)
    key = models.CharField(max_length=120, blank=True, help_text="Of several open ones about one record.")
    values = models.JSONField(default=dict)
    present = models.JSONField(
        default=dict, help_text="What the record said of these values when it was asked."
    )
    reason = models.CharField(max_length=500, blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    requested_label = models.CharField(max_length=150)
    state = StateField(choices=S.choices, default=S.REQUESTED)
    step = models.PositiveSmallIntegerField(default=0, help_text="Which step of the chain waits.")
    requested_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=500, blank=True, help_text="Why it was decided so.")

    class Meta:
        ordering = ("-requested_at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("action", "subject_id", "key"),
                name="kernel_approval_open_once",
                condition=Q(state="requested"),
            ),
        )
        indexes = (
            models.Index(fields=("-requested_at", "-id"), name="kernel_approval_newest"),
            models.Index(fields=("requested_by", "-requested_at"), name="kernel_approval_of_person"),
            models.Index(fields=("subject_id", "-requested_at"), name="kernel_approval_of_subject"),
            models.Index(
                fields=("expires_at",), name="kernel_approval_expiring", condition=Q(state="requested")
            ),
        )

    def __str__(self) -> str:
        return f"{self.action.rpartition('.')[2].replace('_', ' ')}: {self.subject_name}"

    @property
    def rules(self) -> dict[str, Any]:
        """Those of the version that it began with, or those that came with the question."""
        rules: dict[str, Any] = self.policy_version.definition if self.policy_version else self.named_rules
        return rules

    @property
    def asked_under(self) -> str:
        """What decided who is asked, for the foot of a card."""
        return f"{self.policy_version}: {self.branch}" if self.policy_version else self.branch

    @transition(field=state, source=S.REQUESTED, target=S.GRANTED)
    def grant(self) -> None:
        pass

    @transition(field=state, source=S.REQUESTED, target=S.REJECTED)
    def reject(self) -> None:
        pass

    @transition(field=state, source=S.REQUESTED, target=S.EXPIRED)
    def expire(self) -> None:
        pass

    @transition(field=state, source=S.REQUESTED, target=S.WITHDRAWN)
    def withdraw(self) -> None:
        pass


class ApprovalStep(Record):
    """One link of the chain. People are looked up when it opens."""

    approval = models.ForeignKey(Approval, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    approvers = models.JSONField(default=list)
    needs = models.CharField(max_length=3, choices=Needs.choices, default=Needs.ANY)
    hours = models.DecimalField(max_digits=7, decimal_places=2, null=True, blank=True)
    in_business_hours = models.BooleanField(default=True)
    escalate_to = models.CharField(max_length=60, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    escalated_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("approval", "position")
        constraints = (
            models.UniqueConstraint(fields=("approval", "position"), name="kernel_approval_step_once"),
        )
        indexes = (
            models.Index(
                fields=("due_at",),
                name="kernel_approval_step_due",
                condition=Q(closed_at=None, escalated_at=None) & ~Q(escalate_to=""),
            ),
        )

    def __str__(self) -> str:
        return f"step {self.position + 1}"


class ApprovalAsked(Record):
    """Somebody whose word a step waits for."""

    step = models.ForeignKey(ApprovalStep, on_delete=models.CASCADE, related_name="asked")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    is_escalation = models.BooleanField(default=False)

    class Meta:
        ordering = ("created_at",)
        verbose_name = "asked for approval"
        verbose_name_plural = "asked for approvals"
        constraints = (models.UniqueConstraint(fields=("step", "person"), name="kernel_approval_asked_once"),)

    def __str__(self) -> str:
        return str(self.person)


class ApprovalDecision(Record):
    """One word on a step. `person` is whose word it is, `given_by` who said it: a deputy, or the same."""

    step = models.ForeignKey(ApprovalStep, on_delete=models.CASCADE, related_name="decisions")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    is_granted = models.BooleanField()
    closes_step = models.BooleanField(default=True)
    reason = models.CharField(max_length=500, blank=True)
    decided_at = models.DateTimeField()

    class Meta:
        ordering = ("decided_at",)
        constraints = (
            models.UniqueConstraint(fields=("step", "person"), name="kernel_approval_word_once"),
            models.UniqueConstraint(
                fields=("step",), name="kernel_approval_decided_once", condition=Q(closes_step=True)
            ),
        )

    def __str__(self) -> str:
        return f"{'granted' if self.is_granted else 'rejected'} by {self.given_by}"


class Delegation(Record):
    """While somebody is away, a deputy decides in their name."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="delegations")
    deputy = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="deputations")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("-starts_at",)
        constraints = (
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="kernel_delegation_ends_later"
            ),
            models.CheckConstraint(condition=~Q(person=F("deputy")), name="kernel_delegation_to_another"),
        )
        indexes = (models.Index(fields=("deputy", "ends_at"), name="kernel_delegation_to"),)

    def __str__(self) -> str:
        return f"{self.deputy} for {self.person}"
