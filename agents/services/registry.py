"""The tools: what every door offers, with its risk, its arguments and its way back.

The bodies live in `agents.tools` and register themselves at start, so runs know tools only by name.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from agents.enums import Risk
from agents.planner.intent import Intent
from agents.planner.schema import REGISTRY as INTENTS
from agents.selectors.resolving import Call
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import InvalidInputError

Slots = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What happened, in words and for the page.

    `card` is what a thread draws, `subject` the record to open, `context` what "it" and "them" mean from now on,
    `undo` the verb and its arguments that take the step back.
    """

    summary: str
    card: dict[str, Any] = field(default_factory=dict)
    subject: dict[str, str] = field(default_factory=dict)
    context: dict[str, Any] = field(default_factory=dict)
    undo: dict[str, Any] = field(default_factory=dict)


Body = Callable[[Slots, Call], ToolResult]
Undoer = Callable[..., str]
Weigher = Callable[[Slots, Actor], Risk]
Asks = Callable[[Slots], bool]
# What leaves the house or touches many rows waits for a person's word.
ASKING = frozenset({Risk.EXTERNAL, Risk.BULK, Risk.ADMIN})


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool. `intent` holds its typed slots; `examples` are sentences for the help page.

    `weigh` tells the risk of one call, where it depends on what is asked for.
    """

    intent: Intent
    risk: Risk
    run: Body
    examples: tuple[str, ...]
    weigh: Weigher | None = None

    @property
    def name(self) -> str:
        return self.intent.name

    def risk_of(self, slots: Slots, actor: Actor) -> Risk:
        return self.weigh(slots, actor) if self.weigh else self.risk


_tools: dict[str, Tool] = {}
_undoers: dict[str, tuple[Undoer, Asks]] = {}


def tool(name: str, *, examples: tuple[str, ...], weigh: Weigher | None = None) -> Callable[[Body], Body]:
    """Register the body of an intent; its slots and risk come from the planners' schema."""

    def register(body: Body) -> Body:
        if name in _tools:
            raise ValueError(f"tool {name!r} is registered twice")
        intent = INTENTS[name]
        _tools[name] = Tool(intent, Risk(intent.risk), body, examples, weigh)
        return body

    return register


def undoer(verb: str, *, asks: Asks = lambda undo: False) -> Callable[[Undoer], Undoer]:  # noqa: ARG005
    """Register what takes a step back: `(arguments…, *, actor) -> sentence`.

    `asks`: does taking back make mail leave, or change what leaves? Then a person is asked first.
    """

    def register(body: Undoer) -> Undoer:
        if verb in _undoers:
            raise ValueError(f"undo verb {verb!r} is registered twice")
        _undoers[verb] = (body, asks)
        return body

    return register


def tools() -> Mapping[str, Tool]:
    return _tools


def find_tool(name: str) -> Tool | None:
    return _tools.get(name)


def run_undo(undo: Slots, *, actor: Actor) -> str:
    arguments = {key: value for key, value in undo.items() if key != "verb"}
    body, _ = _undoers[undo["verb"]]
    return body(**arguments, actor=actor)


def undo_asks(undo: Slots) -> bool:
    _, asks = _undoers[undo["verb"]]
    return asks(undo)


def checked(tool: Tool, slots: Slots) -> dict[str, Any]:
    """The slots with the intent's defaults; an unknown or missing one is refused."""
    unknown = sorted(set(slots) - set(tool.intent.slots))
    if unknown:
        raise InvalidInputError(f"{tool.intent.title} has no {', '.join(unknown)}.", code="unknown_argument")
    missing = tool.intent.unmet({**tool.intent.defaults, **slots})
    if missing:
        words = ", ".join(name.replace("_", " ") for name in missing)
        raise InvalidInputError(
            f"{tool.intent.title} needs {words}.", code="argument_missing", missing=missing
        )
    return {**tool.intent.defaults, **{key: value for key, value in slots.items() if value is not None}}
