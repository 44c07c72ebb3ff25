"""What a check of a sending domain found: a state, the record that was seen, and what to do."""

from dataclasses import dataclass
from typing import Protocol

PASS, WARN, FAIL, UNKNOWN = "pass", "warn", "fail", "unknown"
# From the best to the worst; what nobody could ask says nothing about the domain.
ORDER = (PASS, UNKNOWN, WARN, FAIL)


class SilentError(Exception):
    """The name server gave no answer, so nothing is known."""


class Names(Protocol):
    """The domain system, or something that answers in its place. An empty list means that there is no such record."""

    def texts(self, name: str) -> list[str]: ...

    def mail_servers(self, name: str) -> list[str]: ...

    def addresses(self, name: str) -> list[str]: ...


@dataclass(frozen=True, slots=True)
class Check:
    """`said` is for a person who never saw a DNS record; `seen` is the evidence, `todo` empty when all is well."""

    key: str
    label: str
    state: str
    said: str
    seen: str = ""
    todo: str = ""

    def as_row(self) -> dict[str, str]:
        return {
            "key": self.key,
            "label": self.label,
            "state": self.state,
            "said": self.said,
            "seen": self.seen,
            "todo": self.todo,
        }


def worst(states: list[str]) -> str:
    return max(states, key=ORDER.index, default=UNKNOWN)
