"""Facts about saved views."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from gtmos.kernel.events.publishing import Event


@dataclass(frozen=True, slots=True)
class ViewChanged(Event):
    """A saved view was made, changed, deleted or brought back."""

    name: ClassVar[str] = "kernel.view_changed"
    view_id: UUID
    noun: str
