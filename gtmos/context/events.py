"""Facts of the company context. The names are a contract with subscribers, rules and webhooks."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from gtmos.kernel.events import Event


@dataclass(frozen=True, slots=True)
class ProductCreated(Event):
    name: ClassVar[str] = "context.product_created"
    product_id: UUID


@dataclass(frozen=True, slots=True)
class MessageTreeChanged(Event):
    name: ClassVar[str] = "context.message_tree_changed"
    product_id: UUID
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AssumptionMoved(Event):
    """Evidence came in and changed how much a statement is believed."""

    name: ClassVar[str] = "context.assumption_moved"
    assumption_id: UUID
    code: str
    confidence_before: float
    confidence_after: float
    status: str
