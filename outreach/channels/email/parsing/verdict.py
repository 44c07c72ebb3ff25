"""What one inbound mail means: the answer types of this package."""

from dataclasses import asdict, dataclass, field
from datetime import date
from enum import StrEnum


class Kind(StrEnum):
    REPLY = "reply"
    AUTO_REPLY = "auto_reply"
    BOUNCE = "bounce"
    COMPLAINT = "complaint"
    UNSUBSCRIBE = "unsubscribe"
    OTHER = "other"


class Category(StrEnum):
    INTERESTED = "interested"
    MEETING = "meeting"
    QUESTION = "question"
    OBJECTION = "objection"
    REFERRAL = "referral"
    LATER = "later"
    NOT_INTERESTED = "not_interested"
    UNSUBSCRIBE = "unsubscribe"
    OUT_OF_OFFICE = "out_of_office"
    OTHER = "other"


@dataclass(frozen=True)
class Intent:
    category: Category
    confidence: float


@dataclass(frozen=True)
class BouncedRecipient:
    """One recipient of a delivery report; `action` is failed, delayed or delivered."""

    recipient: str
    reason: str
    status: str = ""
    reply_code: str = ""
    hard: bool = False
    action: str = "failed"
    diagnostic: str = ""


@dataclass(frozen=True)
class MailVerdict:
    kind: Kind
    recipient: str = ""
    hard: bool = False
    reason: str = ""
    status: str = ""
    reply_text: str = ""
    return_on: date | None = None
    intent: Category | None = None
    confidence: float = 0.0
    alternate_contact: str = ""
    message_id: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    original_message_id: str = ""
    language: str = ""
    sender: str = ""
    subject: str = ""
    bounced: tuple[BouncedRecipient, ...] = field(default=())

    def as_row(self) -> dict[str, object]:
        """The verdict as plain values that go into JSON."""
        row = asdict(self)
        row["kind"] = self.kind.value
        row["intent"] = self.intent.value if self.intent else None
        row["return_on"] = self.return_on.isoformat() if self.return_on else None
        return row
