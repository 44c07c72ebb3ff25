"""The steps of a version as a tree: places in it, what comes next, and the same as rows of a form. Pure.

A step is {"do": action, "with": {…}}; one that decides has "then" and "else", lists of steps. A place is the
indexes on the way to a step: "2.then.0".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Step = Mapping[str, Any]
Steps = Sequence[Step]

WAIT, BRANCH, STOP, APPROVAL = "wait", "branch", "stop", "ask_approval"
OTHERWISE, END = "otherwise", "end"
DECIDING = frozenset({BRANCH, APPROVAL})
SIDES = ("then", "else")
DEEPEST = 4
FIRST = "0"


class UnbalancedError(ValueError):
    """Rows that are no tree; the message is for who wrote them."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the form. `depth` is how far it is moved in."""

    do: str
    values: Mapping[str, Any] = field(default_factory=dict)
    depth: int = 0


def step_at(steps: Steps, path: str) -> Step | None:
    """None where the version has no such place."""
    parts = path.split(".")
    here: Steps = steps
    for index, side in zip(parts[::2], [*parts[1::2], ""], strict=True):
        if int(index) >= len(here):
            return None
        step = here[int(index)]
        if not side:
            return step
        here = step.get(side, ())
    return None


def first_of(steps: Steps) -> str | None:
    return FIRST if steps else None


def inside(steps: Steps, path: str, side: str) -> str | None:
    """The first place on this side of a step that decided, or else what comes after it."""
    step = step_at(steps, path)
    if step is not None and step.get(side):
        return f"{path}.{side}.0"
    return after(steps, path)


def after(steps: Steps, path: str) -> str | None:
    """The place that follows a step when it is done: its neighbour, or the neighbour of what it stands in."""
    parts = path.split(".")
    while parts:
        following = [*parts[:-1], str(int(parts[-1]) + 1)]
        if step_at(steps, ".".join(following)) is not None:
            return ".".join(following)
        parts = parts[:-2]
    return None


def walk(steps: Steps, before: str = "", depth: int = 0) -> Iterator[tuple[str, int, Step]]:
    """Every step with its place and depth, in the order in which they are read."""
    for index, step in enumerate(steps):
        path = f"{before}{index}"
        yield path, depth, step
        for side in SIDES:
            yield from walk(step.get(side, ()), f"{path}.{side}.", depth + 1)


def rows_of(steps: Steps, depth: int = 0) -> list[Row]:
    """As lines: a step that decides, its one side, "otherwise", the other side, "end"."""
    rows = []
    for step in steps:
        rows.append(Row(step["do"], dict(step.get("with", {})), depth))
        if step["do"] in DECIDING:
            rows += rows_of(step.get("then", ()), depth + 1)
            if step.get("else"):
                rows += [Row(OTHERWISE, {}, depth), *rows_of(step["else"], depth + 1)]
            rows.append(Row(END, {}, depth))
    return rows


def steps_of(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The tree of the lines; one that is not closed ends with the last line."""
    steps, rest = _side(list(rows), is_inside=False)
    assert not rest
    return steps


def _side(rows: list[Row], *, is_inside: bool) -> tuple[list[dict[str, Any]], list[Row]]:
    steps: list[dict[str, Any]] = []
    while rows:
        row = rows[0]
        if row.do in {OTHERWISE, END}:
            if is_inside:
                return steps, rows
            raise UnbalancedError(f"“{row.do.capitalize()}” needs an “If” or “Ask for approval” above it.")
        rows = rows[1:]
        step: dict[str, Any] = {"do": row.do, "with": dict(row.values)}
        if row.do in DECIDING:
            rows = _sides(step, rows)
        steps.append(step)
    return steps, rows


def _sides(step: dict[str, Any], rows: list[Row]) -> list[Row]:
    for side in SIDES:
        step[side], rows = _side(rows, is_inside=True)
        if not rows or rows[0].do == END:
            break
        if side == SIDES[-1]:
            raise UnbalancedError("There is a second “Otherwise” before the “End”.")
        rows = rows[1:]
    step.setdefault("else", [])
    return rows[1:]
