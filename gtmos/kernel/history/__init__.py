"""Change history: written by the verb that changed the record, never by a signal."""

from gtmos.kernel.history.alike import record_alike
from gtmos.kernel.history.recording import (
    change_of,
    changed_values,
    creations_of,
    of_record,
    record,
    record_creation,
    record_many,
)

__all__ = [
    "change_of",
    "changed_values",
    "creations_of",
    "of_record",
    "record",
    "record_alike",
    "record_creation",
    "record_many",
]
