"""What a filter can be built of, as plain data for the page and for programs."""

from collections.abc import Mapping
from typing import Any

from gtmos.kernel.actors import Actor
from gtmos.kernel.lists.dates import SPANS
from gtmos.kernel.lists.fields import ListField
from gtmos.kernel.lists.filters import Group, Node
from gtmos.kernel.lists.operators import OPERATORS
from gtmos.kernel.people.selectors import active_users

MOST_OFFERED = 500


def offered(fields: Mapping[str, ListField], *, actor: Actor) -> list[dict[str, Any]]:
    """Every field with its comparisons and, where there is a closed set, its values."""
    people = _people(actor) if any(each.kind == "person" for each in fields.values()) else []
    return [
        {
            "key": each.key,
            "label": each.label,
            "kind": each.kind,
            "operators": [
                {"key": one.key, "words": one.words, "values": one.values} for one in OPERATORS[each.kind]
            ],
            "choices": people if each.kind == "person" else _choices(each, actor),
            "spans": [[key, words] for key, words in SPANS.items()]
            if each.kind in {"date", "moment"}
            else [],
        }
        for each in fields.values()
        if each.kind != "link"
    ]


def _choices(each: ListField, actor: Actor) -> list[list[str]]:
    if each.kind == "boolean":
        return [["yes", "Yes"], ["no", "No"]]
    return [[value, label[:1].upper() + label[1:]] for value, label in each.choices_for(actor)][:MOST_OFFERED]


def _people(actor: Actor) -> list[list[str]]:
    rows = active_users(actor=actor).order_by("name", "email").values_list("email", "name")[:MOST_OFFERED]
    return [["me", "me"], ["nobody", "nobody"], *([email, name or email] for email, name in rows)]


def tree_of(node: Group) -> dict[str, Any]:
    """The tree as lists and words, as the builder draws it."""
    return {"mode": node.mode, "parts": [_plain(part) for part in node.parts]}


def _plain(part: Node) -> dict[str, Any]:
    if isinstance(part, Group):
        return tree_of(part)
    return {"field": part.field, "operator": part.operator, "values": list(part.values)}
