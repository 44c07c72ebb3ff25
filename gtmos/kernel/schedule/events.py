"""Facts of the installation itself. The names are a contract with subscribers, rules and webhooks."""

from dataclasses import dataclass
from typing import ClassVar

from gtmos.kernel.events import Event


@dataclass(frozen=True, slots=True)
class SendingOpened(Event):
    """A restored copy was allowed to send."""

    name: ClassVar[str] = "kernel.sending_opened"
    why: str
