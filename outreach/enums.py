"""Closed sets of finding people and writing to them."""

from django.db import models


class ResearchState(models.TextChoices):
    QUEUED = "queued", "queued"
    PROCESSING = "processing", "running"
    DONE = "done", "done"
    PARTIAL = "partial", "partly done"
    FAILED = "failed", "failed"
    CANCELLED = "cancelled", "cancelled"


class ProspectState(models.TextChoices):
    NEW = "new", "new"
    SELECTED = "selected", "selected"
    DISMISSED = "dismissed", "dismissed"


class CampaignKind(models.TextChoices):
    OUTREACH = "outreach", "outreach"
    RE_ENGAGEMENT = "re_engagement", "re-engagement"
    NURTURE = "nurture", "nurture"
    EVENT_FOLLOW_UP = "event_follow_up", "event follow-up"
    EXPANSION = "expansion", "expansion"


class CampaignState(models.TextChoices):
    DRAFT = "draft", "draft"
    READY = "ready", "ready"
    ACTIVE = "active", "scheduled"
    RUNNING = "running", "running"
    PAUSED = "paused", "paused"
    COMPLETED = "completed", "completed"
    ARCHIVED = "archived", "archived"


class EnrollmentState(models.TextChoices):
    ACTIVE = "active", "active"
    PAUSED = "paused", "paused"
    FINISHED = "finished", "finished"


class Outcome(models.TextChoices):
    NONE = "", "none yet"
    INTERESTED = "interested", "interested"
    NOT_INTERESTED = "not_interested", "not interested"
    REPLIED = "replied", "replied"
    MEETING = "meeting", "meeting"
    BOUNCED = "bounced", "bounced"
    UNSUBSCRIBED = "unsubscribed", "unsubscribed"
    COMPLAINED = "complained", "complained"
    NO_REPLY = "no_reply", "no reply"
    CANCELLED = "cancelled", "cancelled"


class Channel(models.TextChoices):
    EMAIL = "email", "e-mail"


class TouchState(models.TextChoices):
    SCHEDULED = "scheduled", "scheduled"
    CLAIMED = "claimed", "being prepared"
    HANDING = "handing", "being handed over"
    SENT = "sent", "sent"
    FAILED = "failed", "failed"
    IN_DOUBT = "in_doubt", "in doubt"
    CANCELLED = "cancelled", "cancelled"
    LATE = "late", "late, waits for a person"


class ExperimentState(models.TextChoices):
    RUNNING = "running", "running"
    PROMOTED = "promoted", "promoted by the rule"
    PROMOTED_BY_HAND = "promoted_by_hand", "promoted by a person"
    INCONCLUSIVE = "inconclusive", "inconclusive"


class Metric(models.TextChoices):
    REPLY = "reply_rate", "human replies"
    OPEN = "open_rate", "human opens"
    CLICK = "click_rate", "human clicks"
    MEETING = "meeting_rate", "meetings"
    UNSUBSCRIBE = "unsubscribe_rate", "unsubscribes"


class EngagementKind(models.TextChoices):
    OPEN = "open", "open"
    CLICK = "click", "click"


class ProviderFact(models.TextChoices):
    """What a provider tells of a mail, in our words."""

    TAKEN = "taken", "taken over by the provider"
    DEFERRED = "deferred", "put off by the reader's server"
    DELIVERED = "delivered", "delivered"
    OPENED = "opened", "opened"
    CLICKED = "clicked", "clicked"
    BOUNCED = "bounced", "not delivered"
    FAILED = "failed", "not sent by the provider"
    COMPLAINED = "complained", "reported as spam"
    UNSUBSCRIBED = "unsubscribed", "unsubscribed"
    MAIL = "mail", "mail that came in"
    OTHER = "other", "something else"


class ProviderEventState(models.TextChoices):
    NEW = "new", "new"
    APPLIED = "applied", "applied"
    PARKED = "parked", "waits for its mail"
    FOREIGN = "foreign", "of no mail of ours"


class MailKind(models.TextChoices):
    WAITING = "waiting", "not read yet"
    REPLY = "reply", "reply"
    AUTO_REPLY = "auto_reply", "automatic reply"
    BOUNCE = "bounce", "bounce"
    COMPLAINT = "complaint", "complaint"
    UNSUBSCRIBE = "unsubscribe", "unsubscribe"
    OTHER = "other", "other"


class ReplyCategory(models.TextChoices):
    INTERESTED = "interested", "interested"
    MEETING = "meeting", "wants a meeting"
    QUESTION = "question", "question"
    OBJECTION = "objection", "objection"
    REFERRAL = "referral", "referral"
    LATER = "later", "later"
    NOT_INTERESTED = "not_interested", "not interested"
    UNSUBSCRIBE = "unsubscribe", "wants no more mail"
    OUT_OF_OFFICE = "out_of_office", "out of office"
    OTHER = "other", "other"


class SuppressionReason(models.TextChoices):
    UNSUBSCRIBED = "unsubscribed", "unsubscribed"
    HARD_BOUNCE = "hard_bounce", "hard bounce"
    COMPLAINT = "complaint", "complaint"
    BY_HAND = "by_hand", "by a person"
    IMPORTED = "imported", "opted out before the import"
    ERASED = "erased", "erased on request"


class WeightsState(models.TextChoices):
    DRAFT = "draft", "draft"
    ACTIVE = "active", "active"
    RETIRED = "retired", "retired"
