"""The kernel's tables, gathered where Django looks for them."""

from gtmos.kernel.api_models import RequestCount, StoredAnswer
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
from gtmos.kernel.history.models import Change, Redaction, Seal, SealMark
from gtmos.kernel.people.access_models import AccessRole, Territory, TerritoryMember
from gtmos.kernel.people.models import ApiToken, Membership, Team, User
from gtmos.kernel.privacy.models import PrivacyRequest, RetentionRule
from gtmos.kernel.rules.models import ValidationRule
from gtmos.kernel.schedule.models import Heartbeat, Occurrence
from gtmos.kernel.search.models import Embedding, EmbeddingJob, ReadingPlace
from gtmos.kernel.signin.models import BrowserSession, FailedTry, SignInLink
from gtmos.kernel.triggers.models import EventTrigger
from gtmos.kernel.webhooks.models import Webhook, WebhookAttempt, WebhookDelivery

__all__ = [
    "AccessRole",
    "ApiToken",
    "BrowserSession",
    "BusinessClock",
    "Change",
    "CustomField",
    "Delivery",
    "Embedding",
    "EmbeddingJob",
    "EventRecord",
    "EventTrigger",
    "FailedTry",
    "FieldLock",
    "FieldSuggestion",
    "FieldVersion",
    "Heartbeat",
    "Membership",
    "Occurrence",
    "PrivacyRequest",
    "ReadingPlace",
    "Redaction",
    "Relation",
    "RelationLink",
    "RequestCount",
    "RetentionRule",
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
]
