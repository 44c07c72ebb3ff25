"""What could never work is said when a version is saved, not when it runs."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gtmos.kernel.events import catalogue
from gtmos.kernel.fields.kinds import DATE, Field
from gtmos.kernel.rules.comparing import typed_fault
from gtmos.kernel.rules.conditions import Condition
from gtmos.kernel.workflows.about import fields_about, nouns_of
from gtmos.kernel.workflows.actions import CHOICE as CHOICE_PARAM
from gtmos.kernel.workflows.actions import NUMBER as NUMBER_PARAM
from gtmos.kernel.workflows.actions import PERSON as PERSON_PARAM
from gtmos.kernel.workflows.actions import RECORD, Action, Param, actions, named_in
from gtmos.kernel.workflows.conditions import parts_of, shape_fault
from gtmos.kernel.workflows.steps import BRANCH, DECIDING, DEEPEST, SIDES, walk

MOST_STEPS = 30
LARGEST_NUMBER = 1000
SHAPE = "A step has “do” and “with”; one that decides has “then” and “else”, lists of steps."
TOO_MANY = f"A workflow has at most {MOST_STEPS} steps, and decisions stand at most {DEEPEST} deep."


def fault_in(event_name: str, conditions: Any, steps: Any) -> str:
    """The first thing that is wrong, in a sentence; nothing where all can be done."""
    if catalogue.find(event_name) is None:
        return f"There is no event {event_name or 'chosen'}."
    fields = fields_about(event_name)
    return (
        tree_fault(conditions, fields)
        or shape_of_steps(steps)
        or next(filter(None, _step_faults(steps, event_name, fields)), "")
    )


def tree_fault(tree: Any, fields: Mapping[str, Field]) -> str:
    has = f"The event has no value {{}}. It has {_has(fields)}."
    wrong = shape_fault(tree)
    return wrong or next((words for part in parts_of(tree) if (words := _part_fault(part, fields, has))), "")


def _has(fields: Mapping[str, Field]) -> str:
    """Its own values by name, its records by kind; all their fields would fill the page."""
    own = [name for name in fields if "." not in name]
    kinds = dict.fromkeys(f"the fields of its {name.partition('.')[0]}" for name in fields if "." in name)
    return ", ".join([*own, *kinds])


def _part_fault(part: Condition, fields: Mapping[str, Field], has: str) -> str:
    return typed_fault(part, fields, noun="value", unknown=has)


def shape_of_steps(steps: Any) -> str:
    wrong = _shape_fault(steps)
    if wrong:
        return wrong
    found = list(walk(steps))
    if not found:
        return "A workflow needs at least one step."
    return TOO_MANY if len(found) > MOST_STEPS else ""


def _shape_fault(steps: Any, depth: int = 0) -> str:
    """What stands deeper than steps may is refused unread, however deep it goes on."""
    if not isinstance(steps, list):
        return SHAPE
    if steps and depth > DEEPEST:
        return TOO_MANY
    return next(filter(None, (_shape_of_step(each, depth) for each in steps)), "")


def _shape_of_step(step: Any, depth: int) -> str:
    if not isinstance(step, dict) or not isinstance(step.get("do"), str):
        return SHAPE
    allowed = {"do", "with", *(SIDES if step["do"] in DECIDING else ())}
    if not set(step) <= allowed or not isinstance(step.get("with", {}), dict):
        return SHAPE
    return next(filter(None, (_shape_fault(step.get(side, []), depth + 1) for side in SIDES)), "")


def _step_faults(
    steps: Sequence[Mapping[str, Any]], event_name: str, fields: Mapping[str, Field]
) -> Iterator[str]:
    nouns = nouns_of(event_name)
    for number, (_, _, step) in enumerate(walk(steps), 1):
        fault = _step_fault(step, nouns, fields)
        yield f"Step {number}: {fault}" if fault else ""


def _step_fault(step: Mapping[str, Any], nouns: Sequence[str], fields: Mapping[str, Field]) -> str:
    known, values = actions().get(step["do"]), step.get("with", {})
    if known is None:
        return f"There is no action {step['do'] or 'chosen'}."
    if known.needs and not set(known.needs) & set(nouns):
        return f"“{known.label}” needs a {' or '.join(known.needs)}, and this event names none."
    if step["do"] == BRANCH:
        return _branch_fault(values, fields)
    return _params_fault(known, values, fields) or known.fault(values, fields)


def _branch_fault(values: Mapping[str, Any], fields: Mapping[str, Field]) -> str:
    tree = values.get("conditions") or {}
    wrong = tree_fault(tree, fields)
    if set(values) != {"conditions"} or (not wrong and not list(parts_of(tree))):
        return "“If” needs conditions."
    return wrong


def _params_fault(known: Action, values: Mapping[str, Any], fields: Mapping[str, Field]) -> str:
    unknown = sorted(set(values) - {each.name for each in known.params})
    if unknown:
        return f"“{known.label}” has no {unknown[0]}."
    return next((words for each in known.params if (words := _param_fault(each, values, fields))), "")


def _param_fault(param: Param, values: Mapping[str, Any], fields: Mapping[str, Field]) -> str:
    value = values.get(param.name)
    if value in (None, ""):
        return f"{param.label} is missing." if param.is_required else ""
    if param.kind == NUMBER_PARAM:
        return "" if _is_count(value) else f"{param.label} is a number from 0 to {LARGEST_NUMBER}."
    if not isinstance(value, str) or len(value) > param.most:
        return f"{param.label} is a text of at most {param.most} characters."
    if param.names_fields:
        unknown = sorted(named_in(value) - set(fields) - {RECORD})
        return f"The event has no value {unknown[0]}. It has {RECORD}, {_has(fields)}." if unknown else ""
    return _choice_fault(param, value, fields)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST_NUMBER


def _choice_fault(param: Param, value: str, fields: Mapping[str, Field]) -> str:
    if param.kind in {CHOICE_PARAM, PERSON_PARAM}:
        known = {key for key, _ in param.offered}
        return "" if value in known else f"{param.label}: choose one of the list."
    if value not in fields:
        return f"{param.label}: there is no field {value}."
    is_day = param.kind != "day_field" or fields[value].kind == DATE
    return "" if is_day else f"{param.label}: {fields[value].label} is no date."
