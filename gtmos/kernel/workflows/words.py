"""Versions in words: what starts them, their steps, and how two of them differ."""

from collections.abc import Mapping
from difflib import SequenceMatcher
from typing import Any

from gtmos.kernel.events import catalogue
from gtmos.kernel.fields.kinds import Field
from gtmos.kernel.workflows import about
from gtmos.kernel.workflows.actions import Action, Call, actions
from gtmos.kernel.workflows.conditions import compiled, in_words, parts_of
from gtmos.kernel.workflows.models import WorkflowVersion
from gtmos.kernel.workflows.steps import BRANCH, END, OTHERWISE, Row, rows_of


def branch_in_words(call: Call) -> tuple[bool, str]:
    """Whether the conditions of an “If” hold now, and that in a sentence."""
    tree = call.values.get("conditions") or {}
    names = {part.field for part in parts_of(tree)}
    values = about.values_of(names, call.event, call.records)
    holds = compiled(tree).holds(values, about.ranks_of(names, call.records))
    words = in_words(tree, about.fields_about(call.event.name))
    return holds, f"{words}: {'yes' if holds else 'no'}."


def row_in_words(row: Row, fields: Mapping[str, Field]) -> str:
    if row.do in {OTHERWISE, END}:
        return row.do.capitalize()
    if row.do == BRANCH:
        return f"If {in_words(row.values.get('conditions') or {}, fields)}"
    known = actions().get(row.do)
    return known.in_words(row.values, _shown(known, row.values, fields)) if known else row.do


def _shown(known: Action, values: Mapping[str, Any], fields: Mapping[str, Field]) -> dict[str, str]:
    """Keys as what people call them."""
    found = {}
    for each in known.params:
        value = str(values.get(each.name) or "")
        if value and each.choices:
            found[each.name] = dict(each.offered).get(value, value)
        elif value and each.value_of and (field := fields.get(str(values.get(each.value_of)))):
            found[each.name] = field.said(value)
        elif value and value in fields:
            found[each.name] = fields[value].label
    return found


def lines_of(version: WorkflowVersion) -> list[str]:
    """The whole version as lines to read."""
    fields = about.fields_about(version.event_name)
    conditions = in_words(version.conditions, fields)
    return [
        f"When {event_in_words(version.event_name)}",
        *([f"Only where {conditions}"] if conditions else []),
        *("  " * row.depth + row_in_words(row, fields) for row in rows_of(version.steps)),
    ]


def event_in_words(event_name: str) -> str:
    """“deal won” rather than crm.deal_won; one that is not known any more by its key."""
    said = event_name.partition(".")[2].replace("_", " ")
    return said if catalogue.find(event_name) else event_name


def difference(old: WorkflowVersion, new: WorkflowVersion) -> list[tuple[str, str]]:
    """Lines that went (“-”), came (“+”) or stayed (“ ”)."""
    one, other = lines_of(old), lines_of(new)
    found: list[tuple[str, str]] = []
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if kind == "equal":
            found += [(" ", line) for line in one[i1:i2]]
        else:
            found += [("-", line) for line in one[i1:i2]] + [("+", line) for line in other[j1:j2]]
    return found


def difference_in_words(old: WorkflowVersion, new: WorkflowVersion) -> str:
    """Only the lines that went or came, each with its sign."""
    return "\n".join(f"{sign} {line.strip()}" for sign, line in difference(old, new) if sign != " ")
