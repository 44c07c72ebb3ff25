"""Closed sets of the customer record."""

from django.db import models


class CustomerState(models.TextChoices):
    DORMANT = "dormant", "dormant"
    EXPLORING = "exploring", "exploring"
    BUYING = "buying", "buying"
    USING = "using", "using"
    CHURNED = "churned", "churned"


class BusinessModel(models.TextChoices):
    B2B = "b2b", "B2B"
    B2C = "b2c", "B2C"
    BOTH = "both", "B2B and B2C"


class EmailStatus(models.TextChoices):
    UNKNOWN = "unknown", "not checked"
    VERIFIED = "verified", "verified"
    EXTRAPOLATED = "extrapolated", "guessed from a pattern"
    CATCH_ALL = "catch_all", "catch-all domain"
    UNAVAILABLE = "unavailable", "unavailable"
    BOUNCED = "bounced", "bounced"


class Seniority(models.TextChoices):
    FOUNDER = "founder", "founder"
    C_LEVEL = "c_level", "C level"
    VP = "vp", "vice president"
    HEAD = "head", "head"
    DIRECTOR = "director", "director"
    MANAGER = "manager", "manager"
    SENIOR = "senior", "senior"
    IC = "ic", "individual contributor"


class InfluenceRole(models.TextChoices):
    CHAMPION = "champion", "champion"
    DECISION_MAKER = "decision_maker", "decision maker"
    INFLUENCER = "influencer", "influencer"
    USER = "user", "user"
    BLOCKER = "blocker", "blocker"
    UNKNOWN = "unknown", "unknown"


class Lifecycle(models.TextChoices):
    PROSPECT = "prospect", "prospect"
    LEAD = "lead", "lead"
    QUALIFIED = "qualified", "qualified"
    CUSTOMER = "customer", "customer contact"


class SignalType(models.TextChoices):
    HIRING = "hiring", "hiring"
    FUNDING = "funding", "funding"
    LAYOFF = "layoff", "layoff"
    NEWS = "news", "news"
    LEADERSHIP_CHANGE = "leadership_change", "leadership change"
    TECH_CHANGE = "tech_change", "technology change"
    EXPANSION = "expansion", "expansion"
    WEBSITE_VISIT = "website_visit", "website visit"
    REVIEW = "review", "review"
    PRODUCT_USAGE = "product_usage", "product usage"


class StageKind(models.TextChoices):
    OPEN = "open", "open"
    WON = "won", "won"
    LOST = "lost", "lost"


class DealState(models.TextChoices):
    OPEN = "open", "open"
    WON = "won", "won"
    LOST = "lost", "lost"
    ON_HOLD = "on_hold", "on hold"


class DealHealth(models.TextChoices):
    GREEN = "green", "green"
    YELLOW = "yellow", "yellow"
    RED = "red", "red"


class ForecastCategory(models.TextChoices):
    COMMIT = "commit", "commit"
    BEST_CASE = "best_case", "best case"
    UPSIDE = "upside", "upside"
    OMITTED = "omitted", "omitted"


class LossReason(models.TextChoices):
    PRICE = "price", "price"
    NO_BUDGET = "no_budget", "no budget"
    COMPETITOR = "competitor", "chose a competitor"
    NO_DECISION = "no_decision", "no decision"
    TIMING = "timing", "timing"
    MISSING_FEATURE = "missing_feature", "something is missing in the product"
    NO_ANSWER = "no_answer", "no answer any more"
    OTHER = "other", "another reason"


class PaymentStatus(models.TextChoices):
    NONE = "none", "none"
    INVOICED = "invoiced", "invoiced"
    PARTIAL = "partial", "partly paid"
    PAID = "paid", "paid"
    OVERDUE = "overdue", "overdue"


class PolicyState(models.TextChoices):
    OK = "ok", "within policy"
    NEEDS_APPROVAL = "needs_approval", "needs approval"
    APPROVED = "approved", "approved"
    REJECTED = "rejected", "rejected"


class PaymentFrequency(models.TextChoices):
    ONCE = "once", "once"
    MONTHLY = "monthly", "monthly"
    QUARTERLY = "quarterly", "quarterly"
    YEARLY = "yearly", "yearly"


class ActivityType(models.TextChoices):
    CALL = "call", "call"
    MEETING = "meeting", "meeting"
    EMAIL = "email", "e-mail"
    NOTE = "note", "note"


class MeetingState(models.TextChoices):
    PLANNED = "planned", "planned"
    HELD = "held", "held"
    NO_SHOW = "no_show", "nobody came"
    CANCELLED = "cancelled", "cancelled"


class CriterionMoment(models.TextChoices):
    ENTRY = "entry", "before a deal enters the stage"
    EXIT = "exit", "before a deal goes on from the stage"


class CriterionKind(models.TextChoices):
    FIELD = "field", "a field of the deal is filled"
    AMOUNT = "amount", "the amount is at least"
    ACTIVITY = "activity", "an activity took place"
    ROLE = "role", "the company's people include a role"
    APPROVAL = "approval", "nothing waits for approval"


class ObjectionCategory(models.TextChoices):
    PRICE = "price", "price"
    BUDGET = "budget", "budget"
    TIMING = "timing", "timing"
    AUTHORITY = "authority", "not theirs to decide"
    NEED = "need", "no need"
    TRUST = "trust", "trust"
    COMPETITOR = "competitor", "competitor"
    PRODUCT = "product", "product"
    SECURITY = "security", "security and law"
    OTHER = "other", "other"


class ObjectionOutcome(models.TextChoices):
    OPEN = "open", "not answered"
    ANSWERED = "answered", "answered"
    RESOLVED = "resolved", "resolved"
    STANDS = "stands", "still stands"


class ActivityOutcome(models.TextChoices):
    CONNECTED = "connected", "connected"
    VOICEMAIL = "voicemail", "voicemail"
    NO_ANSWER = "no_answer", "no answer"
    POSITIVE = "positive", "positive"
    NEGATIVE = "negative", "negative"
    NEUTRAL = "neutral", "neutral"


class Direction(models.TextChoices):
    IN = "in", "in"
    OUT = "out", "out"


class ImportState(models.TextChoices):
    UPLOADED = "uploaded", "waiting for your word"
    RUNNING = "running", "running"
    DONE = "done", "done"
    FAILED = "failed", "failed"
    UNDONE = "undone", "undone"


class AccountRole(models.TextChoices):
    """What somebody does for an account besides its owner."""

    SALES = "sales", "sales"
    MARKETING = "marketing", "marketing"
    SUCCESS = "success", "customer success"
    ENGINEER = "engineer", "sales engineer"
    EXECUTIVE = "executive", "executive sponsor"
    MEMBER = "member", "member"


class PairState(models.TextChoices):
    """What was decided about two records that look like one."""

    OPEN = "open", "open"
    DISMISSED = "dismissed", "not the same"


class RoutingState(models.TextChoices):
    DRAFT = "draft", "draft"
    ACTIVE = "active", "active"
    RETIRED = "retired", "retired"


class RoutingTarget(models.TextChoices):
    """Who gets what a rule of routing finds."""

    PERSON = "person", "one person"
    TEAM = "team", "in turn in a team"
    TERRITORY = "territory", "owner of the territory"
    ACCOUNT = "account", "owner of the account"


class ReadingDecision(models.TextChoices):
    """What came of reading a text."""

    NOTHING = "nothing", "nothing new"
    CREATE = "create", "new records"
    UPDATE = "update", "changes"
    CONFLICT = "conflict", "a contradiction"
    HELD_BACK = "held_back", "held back"


class InteractionType(models.TextChoices):
    NOTE = "note", "note"
    CALL = "call", "call"
    MEETING = "meeting", "meeting"
    EMAIL = "email", "e-mail"
    TEXT = "text", "text"


class ProposalKind(models.TextChoices):
    CREATE_COMPANY = "create_company", "new company"
    CREATE_CONTACT = "create_contact", "new contact"
    CREATE_DEAL = "create_deal", "new deal"
    SET_FIELD = "set_field", "change"


class ProposalState(models.TextChoices):
    OPEN = "open", "open"
    CONFLICT = "conflict", "contradicts"
    HELD_BACK = "held_back", "held back"
    ACCEPTED = "accepted", "accepted"
    REJECTED = "rejected", "rejected"


class AlertKind(models.TextChoices):
    CHAMPION = "champion", "a champion leaves or changes"
    USAGE = "usage", "usage falls"
    RENEWAL = "renewal", "a renewal is near and nobody speaks"
    DETRACTOR = "detractor", "a customer says no"
    SCORE = "score", "a survey score is low"
    SETBACK = "setback", "a deal goes back"


class AlertState(models.TextChoices):
    OPEN = "open", "open"
    ACKNOWLEDGED = "acknowledged", "seen to"
    DONE = "done", "done"


class DocumentSubject(models.TextChoices):
    """Beside what a document is kept."""

    CONTACT = "contact", "contact"
    COMPANY = "company", "company"
    DEAL = "deal", "deal"
    PRODUCT = "product", "product"
    CAMPAIGN = "campaign", "campaign"
