"""The language of filters: a text that stands in an address, and the tree it means.

    customer_state:is:using,(industry_vertical:is:Fintech|employee_size:at_least:200)

A condition is field:operator:values; several values have semicolons between. A comma is "and", a bar is "or", and
brackets hold a group; one level has either commas or bars. What the language itself uses stands in quotes.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from gtmos.kernel.exceptions import InvalidInputError

Mode = Literal["all", "any"]
MARKS: dict[Mode, str] = {"all": ",", "any": "|"}
LONGEST, MOST_CONDITIONS, DEEPEST, MOST_VALUES = 4000, 50, 4, 100
_NAME = re.compile(r"[a-z][a-z0-9_.]{0,80}")
_WORD = re.compile(r'[^,|():;"\\\s](?:[^,|():;"\\]*[^,|():;"\\\s])?')
_BARE = re.compile(r'[^,|():;"\\]+')
_QUOTED = re.compile(r'"((?:[^"\\]|\\["\\])*)"')


class FilterError(InvalidInputError):
    """A filter that cannot be read. The message is a sentence for whoever wrote it."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="bad_filter")


@dataclass(frozen=True, slots=True)
class Condition:
    field: str
    operator: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """All of its parts, or any of them. Of one part both are the same, and it is called "all"."""

    mode: Mode = "all"
    parts: tuple["Condition | Group", ...] = ()

    def __post_init__(self) -> None:
        if len(self.parts) < 2:
            object.__setattr__(self, "mode", "all")

    def conditions(self) -> Iterator[Condition]:
        for part in self.parts:
            if isinstance(part, Group):
                yield from part.conditions()
            else:
                yield part

    def __bool__(self) -> bool:
        return bool(self.parts)


Node = Condition | Group
NOTHING = Group()


def format_filter(tree: Group) -> str:
    """The text of a tree; `parse_filter` reads the same tree from it."""
    return MARKS[tree.mode].join(_format(part) for part in tree.parts)


def _format(part: Node) -> str:
    if isinstance(part, Group):
        return f"({format_filter(part)})"
    head = f"{part.field}:{part.operator}"
    return f"{head}:{';'.join(map(_written, part.values))}" if part.values else head


def _written(value: str) -> str:
    if _WORD.fullmatch(value):
        return value
    return '"{}"'.format(value.replace("\\", "\\\\").replace('"', '\\"'))


def parse_filter(text: str) -> Group:
    """The tree of a text; an empty text filters nothing. Raises FilterError."""
    if len(text) > LONGEST:
        raise FilterError(f"A filter has at most {LONGEST:,} letters.")
    if not text.strip():
        return NOTHING
    tree = _Reader(text).whole()
    if sum(1 for _ in tree.conditions()) > MOST_CONDITIONS:
        raise FilterError(f"A filter has at most {MOST_CONDITIONS} conditions.")
    return tree


class _Reader:
    """Reads from left to right; `at` is the place."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0

    def whole(self) -> Group:
        tree = self._group(1)
        if self.at < len(self.text):
            raise FilterError(f"The filter cannot be read from “{self._rest()}” on.")
        return tree

    def _group(self, depth: int) -> Group:
        if depth > DEEPEST:
            raise FilterError(f"Groups of a filter stand at most {DEEPEST} deep.")
        parts, mark = [self._part(depth)], ""
        while self._next() in {",", "|"}:
            mark = self._same_mark(mark)
            parts.append(self._part(depth))
        return Group("any" if mark == "|" else "all", tuple(parts))

    def _same_mark(self, before: str) -> str:
        mark = self._next()
        if before and mark != before:
            raise FilterError("A filter with both “,” and “|” needs brackets that say what belongs together.")
        self.at += 1
        return mark

    def _part(self, depth: int) -> Node:
        self._skip_spaces()
        if self._next() != "(":
            return self._condition()
        self.at += 1
        inner = self._group(depth + 1)
        if self._next() != ")":
            raise FilterError("A bracket of the filter is not closed.")
        self.at += 1
        self._skip_spaces()
        return inner

    def _condition(self) -> Condition:
        field = self._name("a field")
        if self._next() != ":":
            raise FilterError(f"After “{field}” comes a colon and how it is compared, such as {field}:is:….")
        self.at += 1
        operator = self._name("how to compare")
        values: tuple[str, ...] = ()
        if self._next() == ":":
            self.at += 1
            values = self._values()
        self._skip_spaces()
        return Condition(field, operator, values)

    def _name(self, what: str) -> str:
        found = _NAME.match(self.text, self.at)
        if found is None:
            raise FilterError(f"The filter names no {what.partition(' ')[2]} at “{self._rest()}”.")
        self.at = found.end()
        return found.group()

    def _values(self) -> tuple[str, ...]:
        values = [self._value()]
        while self._next() == ";":
            self.at += 1
            values.append(self._value())
        if len(values) > MOST_VALUES:
            raise FilterError(f"A condition has at most {MOST_VALUES} values.")
        return tuple(values)

    def _value(self) -> str:
        self._skip_spaces()
        quoted = _QUOTED.match(self.text, self.at)
        if quoted:
            self.at = quoted.end()
            self._skip_spaces()
            return re.sub(r"\\(.)", r"\1", quoted.group(1))
        bare = _BARE.match(self.text, self.at)
        if bare is None:
            raise FilterError("A value of the filter is missing or its quotes are not closed.")
        self.at = bare.end()
        return bare.group().strip()

    def _next(self) -> str:
        return self.text[self.at : self.at + 1]

    def _skip_spaces(self) -> None:
        while self._next().isspace():
            self.at += 1

    def _rest(self) -> str:
        rest = self.text[self.at :]
        return f"{rest[:30]}…" if len(rest) > 30 else rest
