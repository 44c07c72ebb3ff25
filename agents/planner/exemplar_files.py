"""Reads the exemplar files and fills their templates with names and values."""

import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from agents.planner.world import World

FOLDER = Path(__file__).parent / "exemplars"
FILES = ("research", "campaigns", "records", "work", "agents", "background")
SLOT = re.compile(r"\{(\w+)\}")
_POOLS = {
    "company": "companies", "deal": "deals", "campaign": "campaigns", "product": "products", "user": "users",
    "team": "teams", "issue": "issues", "project": "projects", "play": "plays", "agent": "agents",
    "assumption": "assumptions", "approval": "approvals", "contact": "contacts", "first": "contacts",
}  # fmt: skip


def templates() -> Iterator[tuple[str, str]]:
    """(intent, template) of every file."""
    for name in FILES:
        intent = ""
        for line in (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines():
            if line.startswith("= "):
                intent = line[2:].strip()
            elif line.strip():
                yield intent, line.strip()


def world_data() -> dict[str, Any]:
    data: dict[str, Any] = json.loads((FOLDER / "world.json").read_text(encoding="utf-8"))
    return data


def training_world() -> World:
    return World.from_mapping(world_data())


class Filler:
    """Fills templates, the same way for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._data = world_data()
        self._values: dict[str, list[str]] = {}
        for line in (FOLDER / "fillers.txt").read_text(encoding="utf-8").splitlines():
            key, _, values = line.partition(": ")
            self._values[key] = values.split("|")

    def everyday_words(self) -> set[str]:
        """Words of the values that are no names: themes, summaries, to-dos, problems."""
        kinds = (
            "theme",
            "summary",
            "todo",
            "problem",
            "agenttask",
            "agentrule",
            "helptopic",
            "howto",
            "state",
            "stage",
            "segment",
            "kind",
        )
        text = " ".join(value for kind in kinds for value in self._values[kind])
        return set(re.findall(r"[^\W\d_]+", SLOT.sub(" ", text).lower()))

    def fill(self, template: str) -> str:
        while SLOT.search(template):
            template = SLOT.sub(lambda match: self._value(match.group(1)), template)
        return template

    def _value(self, slot: str) -> str:
        value = self._random.choice(self._values[slot])
        return self._name(slot) if value.startswith("@") else value

    def _name(self, slot: str) -> str:
        row = self._random.choice(self._data[_POOLS[slot]])
        name = str(row if isinstance(row, str) else row.get("id") or row["name"])
        if slot == "agent":
            return name.replace("_", " ")
        return self._shortened(slot, name)

    def _shortened(self, slot: str, name: str) -> str:
        """People say "Kestrel" as often as "Kestrel Robotics", and seldom capital letters."""
        first_only = slot == "first" or (
            slot in {"company", "contact", "user"} and self._random.random() < 0.5
        )
        name = name.split(maxsplit=1)[0] if first_only else name
        return name.lower() if self._random.random() < 0.25 else name
