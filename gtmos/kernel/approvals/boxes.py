"""The rules of a policy as boxes of a form, and back."""

import json
from collections.abc import Mapping
from typing import Any

from django import forms

from gtmos.kernel.approvals import approvers
from gtmos.kernel.approvals.actions import governed
from gtmos.kernel.approvals.enums import Needs
from gtmos.kernel.desk_values import ValueBox
from gtmos.kernel.fields.objects import values_for_browser
from gtmos.kernel.rules.conditions import UNRANKED

BRANCHES, CONDITIONS, STEPS = 3, 3, 3
SETTINGS = ("expires_hours", "own_allowed", "time_zone", "day_from", "day_to")
ALL, ANY = "all", "any"
ORDINALS = ("First", "Second", "Third")


def compared() -> list[Any]:
    groups = [(action.label, list(action.known.items())) for action in governed().values()]
    return [("", "Choose"), *groups]


def known_values() -> str:
    named = {name: each() for action in governed().values() for name, each in action.named.items()}
    return values_for_browser(named)


def ways() -> list[tuple[str, str]]:
    return [("", "Choose"), *UNRANKED.items()]


def somebody() -> list[Any]:
    return [("", "Nobody else"), *approvers.choices()]


def fields() -> dict[str, forms.Field]:
    return {name: each for number in range(1, BRANCHES + 1) for name, each in _branch_fields(number).items()}


def lines(number: int) -> list[str | tuple[str, ...]]:
    """The boxes of a branch as they stand beside each other: a condition on one line, a step on two."""
    at = f"b{number}"
    conditions = [
        tuple(f"{at}c{place}_{box}" for box in ("field", "operator", "value"))
        for place in range(1, CONDITIONS + 1)
    ]
    steps = [
        line
        for place in range(1, STEPS + 1)
        for line in (
            (f"{at}s{place}_approvers", f"{at}s{place}_needs"),
            (f"{at}s{place}_hours", f"{at}s{place}_business", f"{at}s{place}_escalate"),
        )
    ]
    return [f"{at}_name", f"{at}_join", *conditions, *steps]


def _branch_fields(number: int) -> dict[str, forms.Field]:
    at = f"b{number}"
    found: dict[str, forms.Field] = {
        f"{at}_name": forms.CharField(
            label="Name of the branch",
            max_length=120,
            required=number == 1,
            initial="Large discount" if number == 1 else "",
            help_text="Whoever decides reads it. The first branch whose conditions hold counts; the rest are not asked.",
        ),
        f"{at}_join": forms.ChoiceField(
            label="It fits where",
            choices=[(ALL, "all conditions hold"), (ANY, "any condition holds")],
            required=False,
            help_text="Without conditions it always fits; only the last branch may be so.",
        ),
    }
    for place in range(1, CONDITIONS + 1):
        found |= _condition_fields(f"{at}c{place}", place)
    for place in range(1, STEPS + 1):
        found |= _step_fields(f"{at}s{place}", place, is_first=number == place == 1)
    return found


def _condition_fields(at: str, place: int) -> dict[str, forms.Field]:
    return {
        f"{at}_field": forms.ChoiceField(
            label=f"Condition {place}", choices=compared, required=False, help_text="What is looked at."
        ),
        f"{at}_operator": forms.ChoiceField(
            label="Compared", choices=ways, required=False, help_text="Compared how."
        ),
        f"{at}_value": forms.CharField(
            label="With",
            required=False,
            widget=ValueBox(),
            help_text="With what. A discount as a part: 0.2 is 20 %.",
        ),
    }


def _step_fields(at: str, place: int, *, is_first: bool) -> dict[str, forms.Field]:
    return {
        f"{at}_approvers": forms.MultipleChoiceField(
            label=f"Step {place}: who is asked",
            choices=approvers.choices,
            required=is_first,
            help_text="Looked up when the step begins. Nobody is asked about their own request.",
        ),
        f"{at}_needs": forms.ChoiceField(
            label="Needs",
            choices=Needs.choices,
            required=False,
            help_text="Where several are asked: how many of them have to agree.",
        ),
        f"{at}_hours": forms.FloatField(
            label="Due within, in hours", required=False, help_text="Empty is without a due time."
        ),
        f"{at}_business": forms.BooleanField(
            label="Count only working hours",
            required=False,
            initial=True,
            help_text="Monday to Friday between the hours under “Times and own requests”; holidays are not known.",
        ),
        f"{at}_escalate": forms.ChoiceField(
            label="When that time is over, ask also",
            choices=somebody,
            required=False,
            help_text="From then on either of them decides.",
        ),
    }


def shown(definition: Mapping[str, Any]) -> dict[str, Any]:
    """What the boxes hold; nothing where there are not enough of them for these rules."""
    if not definition or not _fits(definition):
        return {}
    found = {name: definition[name] for name in SETTINGS}
    for number, branch in enumerate(definition["branches"], start=1):
        found |= _branch_shown(f"b{number}", branch)
    return found


def _fits(definition: Mapping[str, Any]) -> bool:
    branches = definition["branches"]
    return len(branches) <= BRANCHES and all(
        len(each["steps"]) <= STEPS
        and sum(map(len, each["groups"])) <= CONDITIONS
        and (len(each["groups"]) <= 1 or all(len(group) == 1 for group in each["groups"]))
        for each in branches
    )


def _branch_shown(at: str, branch: Mapping[str, Any]) -> dict[str, Any]:
    groups = branch["groups"]
    found = {f"{at}_name": branch["name"], f"{at}_join": ANY if len(groups) > 1 else ALL}
    for place, part in enumerate((each for group in groups for each in group), start=1):
        found |= {f"{at}c{place}_{box}": part[box] for box in ("field", "operator", "value")}
    for place, step in enumerate(branch["steps"], start=1):
        spot = f"{at}s{place}"
        found |= {
            f"{spot}_approvers": step["approvers"],
            f"{spot}_needs": step["needs"],
            f"{spot}_hours": step["hours"],
            f"{spot}_business": step["in_business_hours"],
            f"{spot}_escalate": step["escalate_to"],
        }
    return found


def read(values: Mapping[str, Any]) -> dict[str, Any]:
    """The rules that stand in the boxes, or in the text where one was given."""
    if values.get("rules_text"):
        return _read_text(values["rules_text"])
    branches = [_branch_read(f"b{number}", values) for number in range(1, BRANCHES + 1)]
    settings = {name: values[name] for name in SETTINGS if values.get(name) not in (None, "")}
    return {"branches": [each for each in branches if each["name"]], **settings}


def _read_text(text: str) -> dict[str, Any]:
    try:
        stored = json.loads(text)
    except ValueError as error:
        raise forms.ValidationError("The rules are no JSON.") from error
    found = stored.get("definition", stored) if isinstance(stored, dict) else stored
    return found if isinstance(found, dict) else {}


def _branch_read(at: str, values: Mapping[str, Any]) -> dict[str, Any]:
    parts = [_condition_read(f"{at}c{place}", values) for place in range(1, CONDITIONS + 1)]
    conditions = [each for each in parts if each["field"]]
    together = [conditions] if conditions else []
    steps = [_step_read(f"{at}s{place}", values) for place in range(1, STEPS + 1)]
    return {
        "name": (values.get(f"{at}_name") or "").strip(),
        "groups": [[each] for each in conditions] if values.get(f"{at}_join") == ANY else together,
        "steps": [each for each in steps if each["approvers"]],
    }


def _condition_read(at: str, values: Mapping[str, Any]) -> dict[str, str]:
    return {box: values.get(f"{at}_{box}") or "" for box in ("field", "operator", "value")}


def _step_read(at: str, values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "approvers": list(values.get(f"{at}_approvers") or []),
        "needs": values.get(f"{at}_needs") or Needs.ANY,
        "hours": values.get(f"{at}_hours"),
        "in_business_hours": bool(values.get(f"{at}_business")),
        "escalate_to": values.get(f"{at}_escalate") or "",
    }
