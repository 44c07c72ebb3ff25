"""What of a change is sealed, and with which key. The keys are outside the database."""

import hashlib
import hmac
import json
from collections.abc import Iterable
from datetime import UTC
from typing import Any

from django.conf import settings

# The order is part of the digest. A new column goes to the end and into a new list for the rows after it.
COLUMNS = (
    "id",
    "subject_type",
    "subject_id",
    "timestamp",
    "change_type",
    "change_category",
    "changed_fields",
    "summary",
    "vector_searchable_text",
    "source",
    "user_id",
    "user_name",
    "previous_values",
    "new_values",
    "version",
    "cause_id",
    "actor_kind",
    "run_id",
    "request_id",
)
SIZE = 32


def digest(values: Iterable[Any]) -> bytes:
    """Of the values of COLUMNS, in that order."""
    return hashlib.sha256(json.dumps([*values], default=_plain, sort_keys=True).encode()).digest()


def _plain(value: Any) -> str:
    if hasattr(value, "astimezone"):
        return str(value.astimezone(UTC).isoformat())
    return str(value)


def newest_key() -> str:
    return name_of(settings.SECRETS_KEYS[0])


def name_of(key: str) -> str:
    return hashlib.sha256(b"audit key name" + key.encode()).hexdigest()[:16]


def code(key_name: str, *parts: object) -> str:
    """The keyed code of the parts; empty where the key is none of this installation."""
    key = next((each for each in settings.SECRETS_KEYS if name_of(each) == key_name), None)
    if key is None:
        return ""
    secret = hashlib.sha256(b"audit chain" + key.encode()).digest()
    message = json.dumps([str(part) for part in parts]).encode()
    return hmac.new(secret, message, hashlib.sha256).hexdigest()


def same(one: str, other: str) -> bool:
    return bool(one) and hmac.compare_digest(one, other)
