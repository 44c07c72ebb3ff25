"""What lists, boards and numbers are made of, with invented values, for the page of components."""

from dataclasses import dataclass
from typing import Any

from gtmos.kernel.lists.filters import parse_filter
from gtmos.kernel.lists.offering import tree_of
from gtmos.kernel.lists.operators import OPERATORS

WHERE = "city:is:Rotterdam,(people:below:20|people:above:500)"


@dataclass(frozen=True, slots=True)
class Edit:
    """A change to many records, as its dialog shows it."""

    pk: str = "00000000-0000-0000-0000-000000000000"
    state: str = "previewed"
    operation: str = "set"
    is_working: bool = False
    total: int = 120
    done: int = 120
    changed: int = 113
    unchanged: int = 4
    refused: int = 3


def list_samples() -> dict[str, Any]:
    return {
        "bar": {
            "tabs": [
                {"label": "All companies", "url": "#", "is_here": True},
                {"label": "Harbours", "url": "#", "is_pinned": True},
                {"label": "By state", "url": "#", "is_board": True, "by": "Paul Okoye"},
            ],
            "chips": [
                {"words": "Place is Rotterdam", "url": "#", "joint": ""},
                {"words": "People is below 20 or People is above 500", "url": "#", "joint": "and"},
            ],
        },
        "builder": {
            "fields": [_field("city", "Place", "text"), _field("people", "People", "number")],
            "tree": tree_of(parse_filter(WHERE)),
        },
        "cell": {"field": {"label": "People", "kind": "number"}, "value": "210"},
        "bulk": {
            "edit": Edit(),
            "label": "Owner",
            "said": "Ines Okafor",
            "records": "120 companies",
            "refusals": [
                {"count": 3, "samples": [{"url": "#", "why": "Delta Lines: you may not give it away."}]}
            ],
        },
        "clash": {
            "title": "Next step of Delta Lines, 20 seats",
            "by": "Paul Okoye",
            "clashes": [{"label": "Next step", "theirs": "Call Mara", "mine": "Send the quote"}],
            "mine": [("next_step", "Send the quote")],
        },
        **_numbers(),
    }


def _field(key: str, label: str, kind: str) -> dict[str, Any]:
    operators = [{"key": one.key, "words": one.words, "values": one.values} for one in OPERATORS[kind]]
    return {"key": key, "label": label, "kind": kind, "operators": operators, "choices": [], "spans": []}


def _numbers() -> dict[str, Any]:
    return {
        "key_figures": [
            {"label": "Open deals", "value": "$31,600", "note": "2 deals", "url": "#"},
            {"label": "Weighted", "value": "$7,300", "note": "chance 20 and 40 %", "url": "#"},
            {"label": "Won so far", "value": "$0", "note": "0 deals", "url": "#"},
        ],
        "bars": [
            {"name": "Offer", "value": 26_700, "text": "$26,700", "part": 10_680, "url": "#"},
            {"name": "Qualify", "value": 4_900, "text": "$4,900", "part": 490, "url": "#"},
        ],
        "points": [
            {"value": count, "label": f"Week {week}", "text": f"{count} calls"}
            for week, count in enumerate((12, 18, 9, 21), start=44)
        ],
        "trend": [3, 5, 4, 8, 9, 12],
    }
