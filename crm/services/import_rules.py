"""Validation rules in an import: asked of each record as it would be, before anything of it is merged."""

import json
from collections.abc import Mapping
from typing import Any

from crm.intake.rows import Record
from gtmos.kernel.fields.schema import schema
from gtmos.kernel.rules.conditions import Rule


def broken(noun: str, after: Mapping[str, str], joins: str, merge: Any) -> dict[str, str]:
    """The keys of staged rows that would break a rule, with its sentence; they are taken out of the stage."""
    rules = schema().rules.get(noun, ())
    if not rules:
        return {}
    names = {name.partition(".")[0] for rule in rules for name in rule.fields} & {*after, "customer_state"}
    pairs = ", ".join(f"'{name}', {after.get(name, f'c.{name}')}" for name in sorted(names))
    merge.cursor.execute(
        f"SELECT s.key, jsonb_build_object({pairs}), c.id IS NULL, to_jsonb(c) FROM stage_{noun} s "
        f"LEFT JOIN crm_{noun} c ON c.id = s.id {joins}",
        merge.values,
    )
    sentences = {}
    for key, values, is_new, before in merge.cursor.fetchall():
        sentence = _sentence(rules, json.loads(values), {} if is_new else json.loads(before), is_new=is_new)
        if sentence:
            sentences[key] = sentence
    if sentences:
        merge.run(f"DELETE FROM stage_{noun} WHERE key = ANY(%(broken)s)", broken=list(sentences))
    return sentences


def _sentence(
    rules: tuple[Rule, ...], values: dict[str, Any], before: dict[str, Any], *, is_new: bool
) -> str:
    """As the verbs do: of a record that is there only rules are asked whose values change."""
    after, old = _flat({**before, **values}), _flat(before)
    for rule in rules:
        touched = is_new or any(after.get(name) != old.get(name) for name in rule.fields)
        if touched and rule.is_broken(after, {}):
            return rule.sentence
    return ""


def _flat(values: Mapping[str, Any]) -> dict[str, Any]:
    custom = values.get("custom") or {}
    return {**values, **{f"custom.{key}": value for key, value in custom.items()}}


def refused(lines: Mapping[str, list[Record]], noun: str, sentences: Mapping[str, str]) -> list[Record]:
    """The lines of the file that are not taken. A deal of such a line is refused by its own verb."""
    found: dict[int, Record] = {}
    for key, sentence in sentences.items():
        for record in lines.get(f"{noun}:{key}", ()):
            if record.deal is None:
                found.setdefault(record.line, record._replace(rejected=sentence))
    return list(found.values())
