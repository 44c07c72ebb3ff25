"""What was understood, as chips a person can edit, and the edits read back into typed slots."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from agents.planner.grammar.dates import find_dates
from agents.planner.grammar.numbers import parse_money, parse_number
from agents.planner.grammar.periods import as_period, find_periods
from agents.planner.grammar.ranges import find_ranges
from agents.planner.plan import Plan, Step
from agents.planner.schema import REGISTRY
from agents.planner.text import Text
from gtmos.kernel.exceptions import InvalidInputError

LABELS = {
    "ab_variants": "Variants",
    "ab_element": "Test of",
    "ab_metric": "Judged by",
    "ab_split": "Split",
    "audience_ref": "List",
    "close_date": "Close",
    "duration_min": "Minutes",
    "funding_stages": "Funding",
    "interval_days": "Days between",
    "no_reply_days": "No reply for days",
    "signal_detail": "About",
    "top_n": "Best",
}
FROM_CONTEXT = "from the screen"


@dataclass(frozen=True, slots=True)
class Chip:
    """One criterion. `key` names the slot: step, slot, and the field or place inside it."""

    key: str
    name: str
    value: str
    choices: tuple[tuple[str, str], ...] = ()
    why: str = ""
    error: str = field(default="", compare=False)


def chips_of(plan: Plan) -> list[Chip]:
    said = {(part.step, part.slot) for part in plan.understood}
    return [
        replace(chip, why=FROM_CONTEXT if _is_inferred(step, slot) and (index, slot) not in said else "")
        for index, step in enumerate(plan.steps)
        for slot, chip in _chips_of_step(index, step)
    ]


def _is_inferred(step: Step, slot: str) -> bool:
    """A record or an audience that was not said came from what is open."""
    kind = REGISTRY[step.intent].slots.get(slot, "")
    return kind.startswith("entity:") or slot == "audience"


def _chips_of_step(index: int, step: Step) -> Iterator[tuple[str, Chip]]:
    intent = REGISTRY[step.intent]
    for slot, value in step.slots.items():
        kind = intent.slots.get(slot, "text")
        if value == intent.defaults.get(slot) or value in (None, "", [], {}):
            continue
        if isinstance(value, Mapping) and kind.startswith("fields:"):
            for name, part in value.items():
                yield slot, Chip(f"{index}.{slot}.{name}", label(name), in_words(part))
        elif kind == "filters":
            for place, part in enumerate(value):
                words = f"{part.get('op', '=')} {in_words(part.get('value'))}".removeprefix("= ")
                yield slot, Chip(f"{index}.{slot}.{place}", label(str(part["field"])), words)
        else:
            yield slot, Chip(f"{index}.{slot}", label(slot), in_words(value), _choices(kind))


def label(slot: str) -> str:
    return LABELS.get(slot, slot.removeprefix("custom.").replace("_", " ").capitalize())


def in_words(value: Any) -> str:
    """A typed value as a person would write it; what is written here can be read back."""
    if isinstance(value, Mapping):
        return _mapping_in_words(value)
    if isinstance(value, list | tuple):
        return ", ".join(in_words(item) for item in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _mapping_in_words(value: Mapping[str, Any]) -> str:
    if not {"amount", "start", "min", "max"} & set(value) or isinstance(value.get("amount"), Mapping):
        return "; ".join(f"{name.replace('_', ' ')} {in_words(part)}" for name, part in value.items())
    if "amount" in value:
        return f"{value['amount']:,} {value.get('currency', '')}".strip()
    if "start" in value:
        return f"{value['start']} to {value['end']}"
    low, high = value.get("min"), value.get("max")
    if low is not None and high is not None:
        return f"{in_words(low)} to {in_words(high)}"
    return f"at least {in_words(low)}" if low is not None else f"at most {in_words(high)}"


def _choices(kind: str) -> tuple[tuple[str, str], ...]:
    if not kind.startswith("enum:"):
        return ()
    return tuple((code, code.replace("_", " ")) for code in kind.removeprefix("enum:").split("|"))


def edited(plan: Plan, overrides: Mapping[str, str | None], today: dt.date, currency: str) -> Plan:
    """The plan with a person's edits; a chip taken away is a slot that was not said."""
    if not overrides or not plan.steps:
        return plan
    steps = [Step(step.intent, dict(step.slots)) for step in plan.steps]
    for key, text in overrides.items():
        index, _, rest = key.partition(".")
        if index.isdigit() and int(index) < len(steps):
            _edit(steps[int(index)], rest, text, today, currency)
    return replace(plan, steps=tuple(steps), confidence=1.0, understood=())


def _edit(step: Step, path: str, text: str | None, today: dt.date, currency: str) -> None:
    slot, _, part = path.partition(".")
    kind = REGISTRY[step.intent].slots.get(slot)
    if kind is None:
        return
    if part and kind.startswith("fields:"):
        _edit_field(step, (slot, part), text, today, currency)
    elif part and kind == "filters":
        _edit_filter(step, (slot, int(part)), text, today, currency)
    elif text is None or not text.strip():
        step.slots.pop(slot, None)
    else:
        step.slots[slot] = parsed(kind, text, today, currency)


def _edit_field(step: Step, place: tuple[str, str], text: str | None, today: dt.date, currency: str) -> None:
    slot, name = place
    fields = dict(step.slots.get(slot) or {})
    before = fields.pop(name, None)
    if text is not None and text.strip():
        fields[name] = _like(before, text, today, currency)
    step.slots[slot] = fields


def _edit_filter(step: Step, place: tuple[str, int], text: str | None, today: dt.date, currency: str) -> None:
    slot, number = place
    filters = list(step.slots.get(slot) or [])
    if number >= len(filters):
        return
    if text is None or not text.strip():
        filters[number] = None
    else:
        filters[number] = _filter(filters[number], text.strip(), today, currency)
    step.slots[slot] = [item for item in filters if item is not None]


def _filter(before: Mapping[str, Any], text: str, today: dt.date, currency: str) -> dict[str, Any]:
    op = next((sign for sign in (">=", "<=", ">", "<", "=") if text.startswith(sign)), before.get("op", "="))
    words = text.lstrip("<>= ").strip()
    return {**before, "op": op, "value": _like(before.get("value"), words, today, currency)}


def _like(before: Any, text: str, today: dt.date, currency: str) -> Any:
    """Read the text as the same kind of value that stood there."""
    if isinstance(before, Mapping) and "amount" in before:
        return parsed("money", text, today, currency)
    if isinstance(before, Mapping) and "start" in before:
        return parsed("period", text, today, currency)
    if isinstance(before, int | float) and not isinstance(before, bool):
        return parsed("number", text, today, currency)
    if isinstance(before, str) and _is_day(before):
        return parsed("date", text, today, currency)
    return text.strip()


def parsed(kind: str, text: str, today: dt.date, currency: str) -> Any:
    """A typed value from what a person wrote into a chip."""
    text = text.strip()
    if kind.startswith("list:"):
        return [parsed(kind.removeprefix("list:"), item, today, currency) for item in text.split(",")]
    if kind.startswith("enum:"):
        return _one_of(kind.removeprefix("enum:").split("|"), text)
    reader = READERS.get(kind)
    if reader is None:
        return text
    value = reader(text, today, currency)
    if value is None:
        raise InvalidInputError(f"I cannot read “{text}” as {WANTED[kind]}.", code="unreadable_chip")
    return value


def _one_of(choices: list[str], text: str) -> str:
    key = text.lower().replace(" ", "_").replace("-", "_")
    for choice in choices:
        if key == choice.lower().replace(" ", "_"):
            return choice
    raise InvalidInputError(f"“{text}” is none of: {', '.join(choices)}.", code="unreadable_chip")


def _range(text: str, today: dt.date, currency: str) -> dict[str, Any] | None:
    del today
    found = find_ranges(Text.of(f"{text} employees").low, currency) or find_ranges(
        Text.of(text).low, currency
    )
    if not found:
        return None
    return {end: found[0].value[end] for end in ("min", "max") if found[0].value[end] is not None}


def _date(text: str, today: dt.date, currency: str) -> str | None:
    del currency
    if _is_day(text):
        return text
    found = find_dates(Text.of(text).low, today)
    if not found:
        return None
    said = found[0].value
    return str(said.moment()) if said.time else str(said.coming.isoformat())


def _period(text: str, today: dt.date, currency: str) -> dict[str, str] | None:
    del currency
    start, _, end = text.partition(" to ")
    if _is_day(start) and _is_day(end):
        return {"start": start, "end": end}
    low = Text.of(text).low
    found = find_periods(low, find_dates(low, today), today)
    return as_period(found[0].value) if found else None


def _is_day(text: str) -> bool:
    try:
        dt.datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


Reader = Callable[[str, dt.date, str], Any]
READERS: dict[str, Reader] = {
    "number": lambda text, _today, _currency: parse_number(text.lower().replace(",", "")),
    "money": lambda text, _today, currency: parse_money(text.lower(), currency),
    "date": _date,
    "period": _period,
    "range:number": _range,
    "range:money": _range,
    "variant": lambda text, _today, _currency: (
        text.upper()[-1:] if text.upper()[-1:] in {*"ABCDEFGH"} else None
    ),
}
WANTED = {
    "number": "a number",
    "money": "an amount",
    "date": "a date",
    "period": "a period",
    "range:number": "a range",
    "range:money": "a range of amounts",
    "variant": "the letter of a variant",
}
