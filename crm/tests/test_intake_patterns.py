"""No pattern that reads a file or what a person wrote can be made to take ever longer by its text."""

import ast
import re._constants as named
import re._parser as reading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crm import intake
from crm.intake import reasons

CALLS = {"compile", "sub", "match", "search", "split", "fullmatch", "findall", "finditer"}
ENDLESS = 64  # more repetitions than this count as without a bound
REPEATS = {named.MAX_REPEAT, named.MIN_REPEAT}
EVERYTHING = frozenset(map(chr, range(0x180)))


def written_patterns() -> list[tuple[str, str | bytes]]:
    found = []
    for path in sorted(Path(intake.__path__[0]).glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {f"re.{call}" for call in CALLS}:
                found.append((f"{path.name}:{node.lineno}", node.args[0]))
    written = [(place, text) for place, node in found for text in _texts(node)]
    return [*written, *(("reasons.py", words) for _, words in reasons._WORDS)]


def _texts(node: ast.expr) -> list[str | bytes]:
    if isinstance(node, ast.Constant):
        return [node.value]
    if isinstance(node, ast.JoinedStr):  # words put in stand for plain ones
        return ["".join(each.value if isinstance(each, ast.Constant) else "w" for each in node.values)]
    if isinstance(node, ast.BinOp):
        return [one + other for one in _texts(node.left) for other in _texts(node.right)]
    return []


def faults(pattern: str | bytes) -> list[str]:
    return list(_faults(list(reading.parse(pattern)), is_inside=False))


def _faults(items: list[Any], *, is_inside: bool) -> Iterator[str]:
    before: frozenset[str] = frozenset()
    for operation, value in items:
        here: frozenset[str] = frozenset()
        if operation in REPEATS and value[1] > ENDLESS:
            here = _letters(list(value[2]))
            if is_inside:
                yield "a repetition without a bound inside of one"
            if before & here:
                yield "two repetitions without a bound that take the same letters, side by side"
            yield from _faults(list(value[2]), is_inside=True)
        else:
            for part in _parts(operation, value):
                yield from _faults(part, is_inside=is_inside)
        if here or not _may_be_nothing(operation, value):
            before = here
        # what may be nothing leaves its neighbours side by side


def _parts(operation: Any, value: Any) -> list[list[Any]]:
    if operation in REPEATS:
        return [list(value[2])]
    if operation is named.SUBPATTERN:
        return [list(value[3])]
    if operation is named.BRANCH:
        return [list(each) for each in value[1]]
    if operation in {named.ASSERT, named.ASSERT_NOT}:
        return [list(value[1])]
    return []


def _may_be_nothing(operation: Any, value: Any) -> bool:
    if operation in REPEATS:
        return bool(value[0] == 0)
    if operation is named.SUBPATTERN:
        return all(_may_be_nothing(*each) for each in value[3])
    if operation is named.BRANCH:
        return any(all(_may_be_nothing(*each) for each in part) for part in value[1])
    return operation in {named.AT, named.ASSERT, named.ASSERT_NOT}


def _letters(items: list[Any]) -> frozenset[str]:
    """Which letters it may take, out of the first few hundred."""
    found: frozenset[str] = frozenset()
    for operation, value in items:
        if operation is named.LITERAL:
            found |= {chr(value)}
        elif operation is named.NOT_LITERAL:
            found |= EVERYTHING - {chr(value)}
        elif operation is named.ANY:
            found |= EVERYTHING - {"\n"}
        elif operation is named.IN:
            found |= _of_set(value)
        else:
            for part in _parts(operation, value):
                found |= _letters(part)
    return found


def _of_set(members: list[Any]) -> frozenset[str]:
    found: frozenset[str] = frozenset()
    for operation, value in members:
        if operation is named.LITERAL:
            found |= {chr(value)}
        elif operation is named.RANGE:
            found |= {each for each in EVERYTHING if value[0] <= ord(each) <= value[1]}
        elif operation is named.CATEGORY:
            found |= CATEGORIES[value]
    return EVERYTHING - found if members[0][0] is named.NEGATE else found


_DIGITS = frozenset(each for each in EVERYTHING if each.isdigit())
_SPACES = frozenset(each for each in EVERYTHING if each.isspace())
_WORDS = frozenset(each for each in EVERYTHING if each.isalnum() or each == "_")
CATEGORIES = {
    named.CATEGORY_DIGIT: _DIGITS,
    named.CATEGORY_NOT_DIGIT: EVERYTHING - _DIGITS,
    named.CATEGORY_SPACE: _SPACES,
    named.CATEGORY_NOT_SPACE: EVERYTHING - _SPACES,
    named.CATEGORY_WORD: _WORDS,
    named.CATEGORY_NOT_WORD: EVERYTHING - _WORDS,
}


def test_no_pattern_that_reads_what_others_wrote_repeats_without_a_bound_in_two_ways() -> None:
    patterns = written_patterns()

    assert len(patterns) > 70
    assert {place: found for place, text in patterns if (found := faults(text))} == {}


@pytest.mark.parametrize(
    "pattern", [r"(a+)+b", r"(?:\w*,)*", r"\s*\s+x", r"\d+\w*", r".*x?.*", r"(?:a|b+)*c"]
)
def test_patterns_that_can_be_made_to_take_ever_longer_are_found(pattern: str) -> None:
    assert len(faults(pattern)) == 1


@pytest.mark.parametrize("pattern", [r"a+b+", r"\s+\d+", r"(?:ab)+c", r"[^,]*,.*", r"\d{1,3}\d{2}"])
def test_harmless_ones_are_not(pattern: str) -> None:
    assert faults(pattern) == []
