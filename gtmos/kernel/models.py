"""The kernel's tables, gathered where Django looks for them."""

from gtmos.kernel.api_models import RequestCount, StoredAnswer
from gtmos.kernel.approvals.models import (
    Approval,
    ApprovalAsked,
    ApprovalDecision,
    ApprovalPolicy,
    ApprovalStep,
    Delegation,
    PolicyVersion,
)
from gtmos.kernel.clock import BusinessClock
from gtmos.kernel.events.models import Delivery, EventRecord
from gtmos.kernel.fields.models import (
    CustomField,
    FieldLock,
    FieldSuggestion,
    FieldVersion,
    Relation,
    RelationLink,
    SchemaState,
)
from gtmos.kernel.flags.models import FeatureFlag
from gtmos.kernel.history.models import Change, Redaction, Seal, SealMark
from gtmos.kernel.lists.models import ListPreference, SavedView
from gtmos.kernel.notifications.models import Notification, NotificationMail, NotificationPreference
from gtmos.kernel.people.access_models import AccessRole, Territory, TerritoryMember
from gtmos.kernel.people.models import ApiToken, Membership, Team, User
from gtmos.kernel.privacy.models import PrivacyRequest, RetentionRule
from gtmos.kernel.rules.models import ValidationRule
from gtmos.kernel.schedule.models import Heartbeat, Occurrence, ScheduleSetting
from gtmos.kernel.search.models import Embedding, EmbeddingJob, ReadingPlace
from gtmos.kernel.signin.models import BrowserSession, FailedTry, SignInLink
from gtmos.kernel.undo.models import Deed
from gtmos.kernel.webhooks.models import Webhook, WebhookAttempt, WebhookDelivery
from gtmos.kernel.workflows.models import Workflow, WorkflowRun, WorkflowStepRun, WorkflowVersion

__all__ = [
    "AccessRole",
    "ApiToken",
    "Approval",
    "ApprovalAsked",
    "ApprovalDecision",
    "ApprovalPolicy",
    "ApprovalStep",
    "BrowserSession",
    "BusinessClock",
    "Change",
    "CustomField",
    "Deed",
    "Delegation",
    "Delivery",
    "Embedding",
    "EmbeddingJob",
    "EventRecord",
    "FailedTry",
    "FeatureFlag",
    "FieldLock",
    "FieldSuggestion",
    "FieldVersion",
    "Heartbeat",
    "ListPreference",
    "Membership",
    "Notification",
    "NotificationMail",
    "NotificationPreference",
    "Occurrence",
    "PolicyVersion",
    "PrivacyRequest",
    "ReadingPlace",
    "Redaction",
    "Relation",
    "RelationLink",
    "RequestCount",
    "RetentionRule",
    "SavedView",
    "ScheduleSetting",
    "SchemaState",
    "Seal",
    "SealMark",
    "SignInLink",
    "StoredAnswer",
    "Team",
    "Territory",
    "TerritoryMember",
    "User",
    "ValidationRule",
    "Webhook",
    "WebhookAttempt",
    "WebhookDelivery",
    "Workflow",
    "WorkflowRun",
    "WorkflowStepRun",
    "WorkflowVersion",
]
