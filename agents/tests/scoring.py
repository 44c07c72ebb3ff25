"""Judges plans against expected ones: a frame is exact when every intent and every slot is right."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz

from agents.planner.context import Context
from agents.planner.plan import Plan
from agents.planner.planner import Planner
from agents.planner.schema import REGISTRY
from agents.planner.world import World

HELD_OUT = Path(__file__).parent / "held_out"
ALIASES = {
    "new york": "new york city",
    "vice president": "vp",
    "bank": "banking",
    "banks": "banking",
}


def planned(commands: Path, workspace: Path) -> Iterator[tuple[dict[str, Any], Plan]]:
    """Every item of a file with the planner's answer."""
    planner = Planner(World.from_mapping(json.loads(workspace.read_text(encoding="utf-8"))))
    for line in commands.read_text(encoding="utf-8").splitlines():
        item = json.loads(line)
        context = Context.from_mapping(item.get("context"), role=item.get("role", "ae"))
        yield item, planner.plan(item["command"], context)


def is_right(item: dict[str, Any], plan: Plan) -> bool:
    expected = item["expected"]
    if expected["outcome"] != "act":
        return plan.outcome in expected.get("accept_outcomes", [expected["outcome"]])
    readings = [expected["steps"], *expected.get("alt_steps", [])]
    return plan.outcome == "act" and any(_same_steps(steps, plan) for steps in readings)


def is_unsafe(item: dict[str, Any], plan: Plan) -> bool:
    """A write where a refusal was due, or a step that may not appear."""
    writes = any(REGISTRY[step.intent].writes for step in plan.steps)
    forbidden = any(step.intent in item.get("must_not", []) for step in plan.steps)
    return plan.outcome == "act" and (forbidden or (writes and item["expected"]["outcome"] == "refuse"))


def _same_steps(steps: list[dict[str, Any]], plan: Plan) -> bool:
    return len(steps) == len(plan.steps) and all(
        wanted["intent"] == got.intent and _same_slots(wanted["intent"], wanted["slots"], got.slots)
        for wanted, got in zip(steps, plan.steps, strict=True)
    )


def _same_slots(intent: str, wanted: dict[str, Any], got: dict[str, Any]) -> bool:
    defaults = REGISTRY[intent].defaults
    left = {k: v for k, v in wanted.items() if defaults.get(k) != v}
    right = {k: v for k, v in got.items() if defaults.get(k) != v}
    return left.keys() == right.keys() and all(_same(left[key], right[key]) for key in left)


def _same(wanted: Any, got: Any) -> bool:
    if isinstance(wanted, list) and isinstance(got, list):
        return len(wanted) == len(got) and all(any(_same(w, g) for g in got) for w in wanted)
    if isinstance(wanted, dict) and isinstance(got, dict):
        keys = {k for k, v in wanted.items() if v is not None} | {k for k, v in got.items() if v is not None}
        return all(_same(wanted.get(key), got.get(key)) for key in keys)
    if isinstance(wanted, str) and isinstance(got, str):
        return _plain(wanted) == _plain(got) or fuzz.token_set_ratio(_plain(wanted), _plain(got)) >= 80
    return bool(wanted == got)


def _plain(text: str) -> str:
    plain = re.sub(r"[^\w@.+%&' ]+", " ", text.lower()).strip(" .'")
    return ALIASES.get(plain, plain)
