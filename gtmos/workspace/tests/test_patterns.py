"""No regular expression of the product can be made to take ever longer by the text it reads."""

import os
import re
import re._constants as named
import re._parser as reading
import time
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from regexploit.ast.sre import SreOpParser
from regexploit.redos import find

from agents.planner.planner import LONGEST, Planner
from agents.planner.world import World
from crm.intake.notes.reading import read_note
from gtmos.kernel.tests.patterns import Written, patterns
from outreach.channels.email.parsing.classify import classify

# These read at most a thousand characters of a command; they are attacked as a whole.
SHORT = ("agents/planner/",)
HARMLESS = {"gtmos/sandbox/mailbox.py"}  # nothing follows its repetitions that could fail
# Made of words that are escaped, or kept in tables whose patterns are read from there.
UNREAD = {
    "crm/intake/notes/reading.py moved",
    "crm/intake/reasons.py words",
    "crm/intake/text.py _separator(text)",
    "crm/intake/titles.py f'(?<![\\\\w])(?:{words})(?![\\\\w])'",
    "gtmos/kernel/fields/types/choice.py marks",
    "gtmos/sandbox/presets.py FIELD.sub('.{0,80}?', re.escape(text.strip()))",
    "gtmos/workspace/selectors/finding.py f'({pattern})'",
    "outreach/channels/email/parsing/intent_cues.py '|'.join(alternatives)",
    "outreach/channels/email/parsing/mime.py b'(?m)^' + re.escape(marker)",
    "outreach/channels/email/parsing/provider_rules.py pattern",
    "outreach/channels/email/parsing/reason_rules.py '|'.join(alternatives)",
    "outreach/selectors/providers.py f'(?<![\\\\w-]){re.escape(ref)}(?![\\\\w-])'",
}
LETTERS = int(os.environ.get("GTMOS_TEST_LETTERS", "4000"))
SIGNS = " a0.-\t\n,<=@/([A_'\""
ENDLESS = 64  # more repetitions than this count as without a bound
REPEATS = {named.MAX_REPEAT, named.MIN_REPEAT}
EVERYTHING = frozenset(map(chr, range(0x180)))


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


def of_long_texts() -> list[Written]:
    return [each for each in patterns().written if not each.place.startswith(SHORT)]


def seconds(read: Callable[..., object], *given: object) -> float:
    began = time.process_time()
    read(*given)
    return time.process_time() - began


def attacks(pattern: str | bytes) -> list[str | bytes]:
    """Of each letter that it repeats very many, and one that it does not expect."""
    texts = [f"{sign * LETTERS}\x07" for sign in sorted(set(_repeated(list(reading.parse(pattern)))))]
    return [text.encode() for text in texts] if isinstance(pattern, bytes) else list(texts)


def _repeated(items: list[Any]) -> Iterator[str]:
    for operation, value in items:
        if operation in REPEATS and value[1] > ENDLESS:
            yield from sorted(_letters(list(value[2])) & set(SIGNS))
        for part in _parts(operation, value):
            yield from _repeated(part)


def weak(pattern: str | bytes) -> int:
    text = pattern.decode("latin-1") if isinstance(pattern, bytes) else pattern
    return sum(1 for _ in find(SreOpParser().parse_sre(text)))


def slowest(each: Written) -> float:
    compiled: Any = re.compile(each.pattern)
    asked = compiled.match if each.is_anchored else compiled.search
    return max((seconds(asked, text) for text in attacks(each.pattern)), default=0.0)


def test_every_pattern_is_read_or_known_to_be_made_of_such() -> None:
    found = patterns()

    assert len(found.written) > 1000
    assert {each for each in found.unread if not each.startswith(SHORT[0])} == UNREAD


def test_the_checker_of_others_finds_no_pattern_that_backtracks_without_end() -> None:
    assert {each.place: each.pattern for each in patterns().written if weak(each.pattern)} == {}


def test_no_pattern_of_long_texts_repeats_without_a_bound_in_two_ways() -> None:
    found = {each.place.partition(":")[0] for each in of_long_texts() if faults(each.pattern)}

    assert found == HARMLESS


def test_thousands_of_one_letter_take_no_pattern_long() -> None:
    assert {each.place: each.pattern for each in of_long_texts() if slowest(each) > 0.2} == {}


def test_a_slow_pattern_is_found_by_its_time() -> None:
    assert (
        slowest(Written("here", r"\s+\d{5}$", is_anchored=False))
        > slowest(Written("here", r"(?<!\s)\s+\d{5}$", is_anchored=False)) * 20
    )


def test_commands_and_notes_of_one_sign_are_read_within_a_second() -> None:
    planner = Planner(World.from_mapping({"now": "2026-11-21T10:00:00"}))
    planner.plan("save this as a, b and c")  # reads its word lists

    for sign in SIGNS:
        assert seconds(planner.plan, f"save this as {sign * LONGEST}") < 1
        assert seconds(lambda text: read_note(text, today=date(2026, 11, 21)), sign * 1_000_000) < 1


@pytest.mark.parametrize("sign", SIGNS)
def test_a_mail_of_a_megabyte_of_one_sign_is_read_within_a_second(sign: str) -> None:
    raw = b"From: a@b.example\r\nTo: c@d.example\r\nSubject: Re: hi\r\n\r\n" + sign.encode() * 1_000_000

    assert seconds(classify, raw) < 1


@pytest.mark.parametrize(
    "pattern", [r"(a+)+b", r"(?:\w*,)*", r"\s*\s+x", r"\d+\w*", r".*x?.*", r"(?:a|b+)*c"]
)
def test_patterns_that_can_be_made_to_take_ever_longer_are_found(pattern: str) -> None:
    assert len(faults(pattern)) == 1


@pytest.mark.parametrize("pattern", [r"a+b+", r"\s+\d+", r"(?:ab)+c", r"[^,]*,.*", r"\d{1,3}\d{2}"])
def test_harmless_ones_are_not(pattern: str) -> None:
    assert faults(pattern) == []
