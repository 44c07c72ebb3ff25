"""How much of what notes and forwarded mails say is found: `python -m benchmarks.readings [file …] [--show]`.

A file holds texts, each with what a careful person takes from it: `= company Acme`, `= title Ana: CFO`. What is marked `~` may be
taken or left. Whatever else is found is wrong; a title, an address or a number belongs to its person.
"""

import json
import sys
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from crm.intake.notes.reading import read_note
from crm.intake.notes.shapes import Said

HELD_OUT = Path(__file__).parent.parent / "crm" / "tests" / "held_out"
SETS = ("dialogues_tuned.txt", "dialogues_unseen.txt")
PRECISE = 0.95  # a wrong fact is worse than a missing one
TODAY = date(2026, 11, 21)
Facts = set[str]


@dataclass(slots=True)
class Score:
    """`found` of `there`; `wrong` of what was found."""

    texts: int = 0
    there: int = 0
    found: int = 0
    wrong: int = 0
    faults: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, float]:
        taken = self.found + self.wrong
        return {
            "texts": self.texts,
            "there": self.there,
            "found": self.found,
            "missed": self.there - self.found,
            "wrong": self.wrong,
            "precision": round(self.found / taken, 3) if taken else 1.0,
            "recall": round(self.found / self.there, 3) if self.there else 1.0,
        }


def plain(fact: str) -> str:
    return " ".join(fact.lower().replace(" :", ":").split()).rstrip(".")


def parts_of(block: str) -> tuple[str, Facts, Facts]:
    """The text, what it says, and what may be taken from it."""
    lines = block.strip().splitlines()
    told = {plain(line[2:]) for line in lines if line.startswith("= ")}
    either = {plain(line[2:]) for line in lines if line.startswith("~ ")}
    return "\n".join(line for line in lines if not line.startswith(("= ", "~ "))), told, either


def facts_of(said: Said) -> Facts:
    facts = [f"company {said.company}"] if said.company else []
    facts += [f"employees {said.employees}"] if said.employees else []
    facts += [f"amount {said.amount:.0f} {said.currency}"] if said.amount is not None else []
    facts += [f"on {said.close_on}"] if said.close_on else []
    for person in said.people:
        facts.append(f"person {person['name']}")
        facts += [
            f"{name} {person['name']}: {person[name]}"
            for name in ("title", "email", "phone")
            if person.get(name)
        ]
    return {plain(each) for each in facts}


def measured(name: str | Path) -> Score:
    score = Score()
    for block in (HELD_OUT / name).read_text().split("\n---\n"):
        text, told, either = parts_of(block)
        got = facts_of(read_note(text, today=TODAY))
        score.texts += 1
        score.there += len(told)
        score.found += len(got & told)
        score.wrong += len(got - told - either)
        missed, wrong = sorted(told - got), sorted(got - told - either)
        if missed or wrong:
            score.faults.append(f"{text}\n  missed: {missed}\n  wrong: {wrong}\n")
    return score


def main() -> int:
    names = [each for each in sys.argv[1:] if not each.startswith("--")] or SETS
    scores = {Path(name).stem: measured(name) for name in names}
    for name, score in scores.items():
        print(f"{name}: {json.dumps(score.as_json())}")
        if "--show" in sys.argv:
            print("\n".join(score.faults))
    figures = {name: score.as_json() for name, score in scores.items()}
    is_precise = all(each["precision"] >= PRECISE for each in figures.values())
    print(json.dumps({**figures, "ok": is_precise}))
    return 0 if is_precise else 1


if __name__ == "__main__":
    sys.exit(main())
