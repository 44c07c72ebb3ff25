"""What a change looks like in a thread."""

from collections.abc import Mapping
from typing import Any

from gtmos.kernel.history.models import Change


def diff(change: Change) -> dict[str, str]:
    name = ", ".join(field.removeprefix("deal_").replace("_", " ") for field in change.changed_fields)
    return {
        "name": name,
        "before": ", ".join(_plain(change.previous_values.get(field)) for field in change.changed_fields),
        "after": ", ".join(_plain(change.new_values.get(field)) for field in change.changed_fields),
    }


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        return str(
            value.get("name") or "; ".join(f"{key} {item}" for key, item in value.items()) or "nothing"
        )
    return str(value) if value not in (None, "") else "nothing"


def subject_of(record: Any) -> dict[str, str]:
    return {"type": record._meta.model_name, "id": str(record.pk), "name": str(record)}
