"""The facts that other systems may be told, and the shape of each."""

from dataclasses import fields
from typing import Any, get_type_hints

from gtmos.kernel.events.models import EventRecord
from gtmos.kernel.events.publishing import Event

ALL = "*"


def event_names() -> tuple[str, ...]:
    return tuple(sorted(_classes()))


def is_known(name: str) -> bool:
    """A name, or an area as `crm.*`, or everything."""
    if name.endswith(".*"):
        return any(each.startswith(name[:-1]) for each in _classes())
    return name == ALL or name in _classes()


def described() -> list[dict[str, Any]]:
    """Each fact with the names and types of its values."""
    return [
        {
            "name": name,
            "description": (each.__doc__ or "").strip().split("\n")[0],
            "values": {field.name: _type_name(get_type_hints(each)[field.name]) for field in fields(each)},
        }
        for name, each in sorted(_classes().items())
    ]


def payload_of(record: EventRecord, *, message_id: str) -> dict[str, Any]:
    """What is posted; the same for every attempt."""
    subject = {"type": record.subject_type, "id": str(record.subject_id)} if record.subject_id else None
    return {
        "type": record.name,
        "timestamp": record.happened_at.isoformat(),
        "id": message_id,
        "subject": subject,
        "actor": {"kind": record.actor_kind, "name": record.actor_label},
        "data": record.payload,
    }


def _classes() -> dict[str, type[Event]]:
    return {
        each.name: each for each in Event.__subclasses__() if isinstance(getattr(each, "name", None), str)
    }


def _type_name(hint: Any) -> str:
    return hint.__name__ if isinstance(hint, type) else str(hint)
