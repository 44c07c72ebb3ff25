"""What another system is told of a fact."""

from typing import Any

from gtmos.kernel.events.models import EventRecord


def payload_of(record: EventRecord, *, message_id: str) -> dict[str, Any]:
    """What is posted; the same for every attempt."""
    subject = {"type": record.subject_type, "id": str(record.subject_id)} if record.subject_id else None
    return {
        "type": record.name,
        "version": record.schema_version,
        "timestamp": record.happened_at.isoformat(),
        "id": message_id,
        "subject": subject,
        "actor": {"kind": record.actor_kind, "name": record.actor_label},
        "data": record.payload,
    }
