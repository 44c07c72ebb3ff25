"""Facts about definitions."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from gtmos.kernel.events.publishing import Event


@dataclass(frozen=True, slots=True)
class FieldDefined(Event):
    """A custom field was added, changed or put away."""

    name: ClassVar[str] = "kernel.field_defined"
    field_id: UUID
    object_type: str
    key: str


@dataclass(frozen=True, slots=True)
class RecordsLinked(Event):
    name: ClassVar[str] = "kernel.records_linked"
    relation: str
    from_id: UUID
    to_id: UUID


@dataclass(frozen=True, slots=True)
class RecordsUnlinked(Event):
    name: ClassVar[str] = "kernel.records_unlinked"
    relation: str
    from_id: UUID
    to_id: UUID
