"""Conditions as lines of a form, “and” and “or” before each, and back as a tree. Pure. “And” binds closer."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gtmos.kernel.workflows.conditions import ALL, ANY, is_group

Line = dict[str, str]
LONGEST_PLACE = 3  # digits of a line's number
BOXES = ("join", "field", "operator", "value")


def tree_of(lines: Sequence[Line]) -> dict[str, Any]:
    """“A and B or C” is any of (A and B) and C."""
    groups: list[list[Line]] = []
    for line in lines:
        if not groups or line.get("join") == "or":
            groups.append([])
        groups[-1].append({name: line.get(name, "") for name in BOXES[1:]})
    if len(groups) <= 1:
        return {ALL: groups[0]} if groups else {}
    return {ANY: [each[0] if len(each) == 1 else {ALL: each} for each in groups]}


def lines_of(tree: Mapping[str, Any]) -> list[Line] | None:
    """None where a program wrote groups that have no place in lines."""
    if ANY not in tree:
        return _joined(tree.get(ALL, ()), "and")
    lines: list[Line] = []
    for each in tree[ANY]:
        inner = _joined(each[ALL], "and") if is_group(each) and ALL in each else _joined([each], "or")
        if inner is None:
            return None
        lines += [{**line, "join": "and" if place else "or"} for place, line in enumerate(inner)]
    return lines


def _joined(parts: Iterable[Mapping[str, Any]], join: str) -> list[Line] | None:
    parts = list(parts)
    if any(is_group(each) for each in parts):
        return None
    return [{"join": join, **{name: str(each.get(name, "")) for name in BOXES[1:]}} for each in parts]


def places_in(data: Iterable[str], name: str, box: str) -> list[int]:
    """The numbers of the lines that were sent, in their order."""
    begins, ends = f"{name}-", f"-{box}"
    middles = (
        each[len(begins) : -len(ends)] for each in data if each.startswith(begins) and each.endswith(ends)
    )
    return sorted({int(each) for each in middles if each.isdecimal() and len(each) <= LONGEST_PLACE})


def read_lines(data: Mapping[str, Any], name: str) -> list[Line]:
    """The lines of a form that name a field."""
    found = []
    for place in places_in(data, name, "field"):
        line = {box: str(data.get(f"{name}-{place}-{box}") or "").strip() for box in BOXES}
        if line["field"]:
            found.append(line)
    return found
