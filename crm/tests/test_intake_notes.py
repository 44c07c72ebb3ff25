"""The reader of notes, measured on notes that were written before it."""

from collections import Counter
from datetime import date
from pathlib import Path
from time import perf_counter

import pytest

from benchmarks import readings
from crm.intake.notes.reading import read_note

TODAY = date(2026, 11, 21)
HELD_OUT = Path(__file__).parent / "held_out"
STAGES = ("Lead", "Qualified", "Proposal", "Negotiation")
Facts = set[tuple[str, str]]


def blocks(name: str) -> list[tuple[str, Facts]]:
    lines = [line for line in (HELD_OUT / name).read_text().splitlines() if not line.startswith("#")]
    found = []
    for block in "\n".join(lines).split("\n\n"):
        text, _, told = block.strip().partition("\n")
        pairs = [part.strip().partition(" ") for part in told.split(" | ") if part]
        found.append((text, {(name, value.lower().strip(".")) for name, _, value in pairs}))
    return [each for each in found if each[0]]


def read(text: str) -> Facts:
    reading = read_note(text, today=TODAY, stages=STAGES)
    facts = {("company", reading.company), ("employees", str(reading.employees or ""))}
    facts |= {("amount", f"{reading.amount:.0f}" if reading.amount else "")}
    facts |= {("on", str(reading.close_on or ""))}
    for each in reading.people:
        facts |= {
            ("person", each["name"]),
            *((name, each.get(name, "")) for name in ("title", "email", "phone")),
        }
    return {(name, value.lower().strip(".")) for name, value in facts if value}


def measured(name: str) -> dict[str, tuple[int, int, int]]:
    """By field: found rightly, found, there."""
    right, found, there = Counter[str](), Counter[str](), Counter[str]()
    for text, expected in blocks(name):
        got = read(text)
        right.update(name for name, _ in got & expected)
        found.update(name for name, _ in got)
        there.update(name for name, _ in expected)
    return {each: (right[each], found[each], there[each]) for each in sorted(there)}


@pytest.mark.parametrize(
    ("name", "right", "wrong", "there"), [("notes.txt", 150, 2, 151), ("notes_second.txt", 66, 0, 67)]
)
def test_what_is_found_in_the_first_notes_becomes_no_less(
    name: str, right: int, wrong: int, there: int
) -> None:
    found, taken, told = (sum(column) for column in zip(*measured(name).values(), strict=True))

    assert (found >= right, taken - found <= wrong, told) == (True, True, there)


@pytest.mark.parametrize(
    ("name", "right", "wrong", "there"),
    [("dialogues_tuned.txt", 91, 0, 91), ("dialogues_unseen.txt", 94, 3, 101)],
)
def test_of_notes_and_mails_as_many_facts_are_found_and_as_few_are_wrong(
    name: str, right: int, wrong: int, there: int
) -> None:
    """Both halves were written before the reader and drawn by lot; of the unseen one no fault was ever looked at."""
    score = readings.measured(name)

    assert (score.found >= right, score.wrong <= wrong, score.there) == (True, True, there)
    assert score.as_json()["precision"] >= 0.95


def test_the_scorer_counts_what_is_missed_and_what_is_wrong(tmp_path: Path) -> None:
    """A title of somebody else is wrong, an amount in another currency too; what may be left is neither."""
    name = tmp_path / "notes.txt"
    name.write_text(
        "Met Ana Costa, CFO at Acme. Budget 40k EUR.\n= company Acme\n= person Ana Costa\n"
        "= title Bo Holm: CFO\n= amount 40000 USD\n~ on 2027-01-31\n"
    )

    score = readings.measured(name)

    assert (score.there, score.found, score.wrong) == (4, 2, 2)


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("Call w/ Initech. Bill Lumbergh (VP Engineering) wants it", ("company", "initech")),
        ("Halden hat 30.000 € Budget", ("amount", "30000")),
        ("They would like an offer over 90,000 EUR until 15 March", ("on", "2027-03-15")),
        ("The contract starts on 1 July", ("on", "2027-07-01")),
        ("Demo for Duff Beer. Contact: Barney Gumble, Head of Sales", ("company", "duff beer")),
        ("Sign by 31 April or 30 April", ("on", "2027-04-30")),
        ("The contract is 3 out of 10 pages", ("on", "")),
    ],
)
def test_values_in_a_sentence(text: str, fact: tuple[str, str]) -> None:
    found = dict(read(text))

    assert found.get(fact[0], "") == fact[1]


def test_a_long_text_is_read_quickly() -> None:
    begun = perf_counter()

    for text in ("Aaa " * 1250, "a" * 5000, "1," * 2500, "Head of a and " * 350, "Aaa, CFO (Bbb " * 350):
        read_note(text, today=TODAY)

    assert perf_counter() - begun < 10
