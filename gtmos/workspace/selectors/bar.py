"""What the command bar shows while somebody types."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from agents.planner.plan import Plan
from agents.planner.schema import REGISTRY
from agents.services.chips import Chip, chips_of, in_words, label
from agents.services.registry import find_tool
from agents.services.understanding import READING, Meaning, Said
from gtmos.kernel.actors import Actor
from gtmos.workspace.selectors.elsewhere import elsewhere
from gtmos.workspace.selectors.finding import address, best_records

MOST_READINGS = 3
MOST_CANDIDATES = 5
MOST_RECORDS = 3
LEAST_OF_A_NAME = 3
SHORT = 60
TOLD_BY_SENTENCE = frozenset({"activity", "task"})  # what was written says more than when
NOTHING_CHANGED = "Nothing was changed."
EFFECTS = {
    "read": "reads your own records, changes nothing",
    "write": "changes your records, can be undone",
    "bulk": "shows you exactly what it would do first",
    "external": "shows you exactly what it would do first",
    "admin": "shows you exactly what it would do first",
}
ICONS = {
    "research": "radar-2",
    "prospects": "user-check",
    "campaign": "send",
    "ab": "arrows-split-2",
    "records": "list-search",
    "activity": "note",
    "task": "checkbox",
    "deal": "cash",
    "system": "arrow-back-up",
}


def bar(meaning: Meaning, said: Said, *, seconds: float, key: str, actor: Actor) -> dict[str, Any]:
    """The context of `components/command_plan.html`."""
    plan = meaning.plan
    shown: dict[str, Any] = {"elapsed_ms": max(1, round(seconds * 1000)), "key": key}
    if plan.outcome == "act":
        shown |= _acting(plan, actor)
    elif plan.outcome == "clarify":
        shown |= {
            "question": plan.question or "What should I do?",
            "readings": readings_of(plan, said, key=key),
        }
        shown |= {"spans": _spans(plan)}
    else:
        shown["nothing"] = f"{plan.question or 'I cannot do that here.'} {NOTHING_CHANGED}".replace(
            f"{NOTHING_CHANGED} {NOTHING_CHANGED}", NOTHING_CHANGED
        )
    if len(said.text) <= SHORT:
        shown["records"] = records(said.text, actor=actor)
        if plan.outcome != "act" and _is_a_name(said.text, shown["records"]):
            shown = {"elapsed_ms": shown["elapsed_ms"], "key": key, "records": shown["records"]}
    return _led_to_the_page(shown, plan)


def _is_a_name(text: str, found: list[dict[str, str]]) -> bool:
    """Whoever types only how a record begins wants the record, not a question about it."""
    typed = text.strip().casefold()
    return len(typed) >= LEAST_OF_A_NAME and any(each["name"].casefold().startswith(typed) for each in found)


def _led_to_the_page(shown: dict[str, Any], plan: Plan) -> dict[str, Any]:
    known = elsewhere(plan)
    if known is None:
        return shown
    said, link = known
    kept = {name: value for name, value in shown.items() if name not in {"question", "readings"}}
    return {**kept, "nothing": f"{said} {NOTHING_CHANGED}", "records": [link, *shown.get("records", [])]}


def records(text: str, *, actor: Actor) -> list[dict[str, str]]:
    return [
        {
            "url": address(hit),
            "name": hit.shown.name,
            "kind": hit.kind.name,
            "detail": hit.sentence if hit.kind.name in TOLD_BY_SENTENCE else hit.shown.detail,
        }
        for hit in best_records(text, actor=actor, limit=MOST_RECORDS).hits
    ]


def _acting(plan: Plan, actor: Actor) -> dict[str, Any]:
    tools = [(find_tool(step.intent), step) for step in plan.steps]
    missing = [step.intent for tool, step in tools if tool is None]
    if missing:
        title = REGISTRY[missing[0]].title.lower()
        return {"nothing": f"I understood: {title}. That is not part of this release. {NOTHING_CHANGED}"}
    titles = ", then ".join(REGISTRY[step.intent].title.lower() for step in plan.steps)
    risks = {tool.risk_of(step.slots, actor) for tool, step in tools if tool}
    worst = next(risk for risk in ("admin", "external", "bulk", "write", "read") if risk in risks)
    option = {
        "choice": "run",
        "title": titles.capitalize(),
        "detail": EFFECTS[worst],
        "icon": ICONS.get(plan.steps[0].intent.partition(".")[0], "arrow-right"),
    }
    chips = chips_of(plan)
    return {
        "intent_label": titles,
        "spans": _spans(plan),
        "chips": [_chip(chip) for chip in chips],
        "options": [option],
    }


def _chip(chip: Chip) -> dict[str, Any]:
    return {
        "key": chip.key,
        "name": chip.name,
        "value": chip.value,
        "choices": list(chip.choices),
        "why": chip.why,
    }


def _spans(plan: Plan) -> list[tuple[int, int]]:
    return sorted({(part.start, part.end) for part in plan.understood})


def readings_of(plan: Plan, said: Said, *, key: str) -> list[dict[str, str]]:
    """The records that fit, or the best ways to read the sentence; choosing one does exactly that one."""
    if plan.missing:
        place = f"0.{plan.missing[0]}"
        return [
            {"title": name, "detail": "", "url": run_url(said, key=key, overrides={place: name})}
            for name in plan.candidates[:MOST_CANDIDATES]
        ]
    return [
        {
            "title": reading.title,
            "detail": words_of(reading.slots),
            "url": run_url(said, key=key, choice=f"{READING}{number}"),
        }
        for number, reading in enumerate(plan.readings[:MOST_READINGS])
        if not REGISTRY[reading.intent].unmet({**REGISTRY[reading.intent].defaults, **reading.slots})
    ]


def words_of(slots: Mapping[str, Any]) -> str:
    return ", ".join(f"{label(slot).lower()} {in_words(value)}" for slot, value in slots.items())


def run_url(
    said: Said, *, key: str = "", choice: str = "", overrides: Mapping[str, str | None] | None = None
) -> str:
    """The address that does one reading of a sentence when it is posted to."""
    values = {
        "text": said.text,
        "context": json.dumps(dict(said.page)),
        "overrides": json.dumps({**said.overrides, **(overrides or {})}),
        "choice": choice,
        "key": _derived(key, choice, overrides),
    }
    return f"{reverse('workspace:command-run')}?{urlencode(values)}"


def _derived(key: str, *parts: object) -> str:
    """Another reading of the same sentence is another thing to do; the same one twice is not."""
    return hashlib.sha256(f"{key}{parts}".encode()).hexdigest()[:40] if key else ""
