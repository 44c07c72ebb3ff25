"""Reading one posted event: what it must hold, and why it cannot be stored when it does not."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from crm.intake.faults import BadCellError
from crm.intake.keys import domain_key, email_key

LONGEST = {"source": 80, "id": 160, "name": 120, "company_domain": 253, "contact_email": 320}
NEEDED = ("source", "id", "name")
MOST_PROPERTIES = 100


@dataclass(frozen=True, slots=True)
class PostedEvent:
    """`domain` and `email` are the keys by which the company and the person are found."""

    source: str
    external_id: str
    name: str
    occurred_at: datetime
    company_domain: str
    contact_email: str
    domain: str
    email: str
    properties: dict[str, Any]


def read_event(item: object) -> PostedEvent | str:
    """The event, or the reason in words."""
    if not isinstance(item, Mapping):
        return "An event is an object."
    try:
        item = _first_version(item)
        texts = {name: _text(item, name) for name in LONGEST}
        return PostedEvent(
            source=texts["source"],
            external_id=texts["id"],
            name=texts["name"],
            occurred_at=_moment(item.get("occurred_at")),
            company_domain=texts["company_domain"],
            contact_email=texts["contact_email"],
            domain=domain_key(texts["company_domain"]),
            email=email_key(texts["contact_email"]) if texts["contact_email"] else "",
            properties=_properties(item.get("properties")),
        )
    except (BadCellError, ValueError) as error:
        return str(error)


def _first_version(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """Version 2 says `type`, `time`, `subject` and `data` where version 1 has flat names."""
    version = item.get("version", 1)
    if version in (1, "1"):
        return item
    if version not in (2, "2"):
        raise ValueError("version is 1 or 2.")
    subject = item.get("subject") or {}
    if not isinstance(subject, Mapping):
        raise BadCellError("subject is an object.")
    return {
        **{name: item.get(name) for name in ("source", "id")},
        **{name: subject.get(name) for name in ("company_domain", "contact_email")},
        "name": item.get("type"),
        "occurred_at": item.get("time"),
        "properties": item.get("data"),
    }


def _text(item: Mapping[str, Any], name: str) -> str:
    value = item.get(name)
    if value is not None and (isinstance(value, bool) or not isinstance(value, str | int)):
        raise BadCellError(f"{name} is a text.")
    text = "" if value is None else str(value).strip()
    if name in NEEDED and not text:
        raise ValueError(f"{name} is missing.")
    if len(text) > LONGEST[name]:
        raise ValueError(f"{name} is longer than {LONGEST[name]} characters.")
    return text


def _moment(value: object) -> datetime:
    """ISO 8601; without a zone it is UTC."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError("occurred_at is missing.")
    try:
        moment = datetime.fromisoformat(value.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError("occurred_at is no moment; write it like 2026-03-02T09:00:00Z.") from error


def _properties(value: object) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict) or len(value) > MOST_PROPERTIES:
        raise ValueError(f"properties is an object of at most {MOST_PROPERTIES} names.")
    return value
