"""The reader of notes, measured on notes that were written before it."""

from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from crm.intake.notes.reading import read_note

TODAY = date(2026, 11, 21)
HELD_OUT = Path(__file__).parent / "held_out" / "notes.txt"
STAGES = ("Lead", "Qualified", "Proposal", "Negotiation")
Facts = set[tuple[str, str]]


def blocks() -> list[tuple[str, Facts]]:
    lines = [line for line in HELD_OUT.read_text().splitlines() if not line.startswith("#")]
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


def measured() -> dict[str, tuple[int, int, int]]:
    """By field: found rightly, found, there."""
    right, found, there = Counter[str](), Counter[str](), Counter[str]()
    for text, expected in blocks():
        got = read(text)
        right.update(name for name, _ in got & expected)
        found.update(name for name, _ in got)
        there.update(name for name, _ in expected)
    return {name: (right[name], found[name], there[name]) for name in sorted(there)}
