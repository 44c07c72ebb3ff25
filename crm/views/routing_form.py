"""One rule of routing as boxes: what it is about, up to three conditions, and who gets it."""

from collections.abc import Mapping
from typing import Any

from django import forms

from crm.enums import RoutingTarget
from crm.selectors.routing import field_choices
from crm.selectors.routing_rules import Line
from gtmos.kernel.actors import Actor
from gtmos.kernel.people.models import Team, User
from gtmos.kernel.rules.conditions import UNRANKED

MOST_CONDITIONS = 3
KINDS = (("company", "Company"), ("contact", "Contact"))


def _fields() -> list[Any]:
    groups = [
        (label, [(f"{about}:{name}", words) for name, words in field_choices(about)])
        for about, label in KINDS
    ]
    return [("", "Any"), *groups]


def _takers() -> list[Any]:
    people = [(f"person:{each.pk}", str(each)) for each in User.objects.filter(is_active=True)]
    teams = [(f"team:{each.pk}", f"In turn in {each}") for each in Team.objects.all()]
    others = [
        (RoutingTarget.TERRITORY.value, "The owner of the territory"),
        (RoutingTarget.ACCOUNT.value, "The owner of the account"),
    ]
    return [("", "Choose"), ("Teams", teams), ("By record", others), ("People", people)]


class RoutingRuleForm(forms.Form):
    """Read here; whether the rule can be is for the service to say."""

    name = forms.CharField(label="Name of the rule", max_length=120)
    about = forms.ChoiceField(label="About", choices=KINDS)
    taker = forms.ChoiceField(label="Who gets it", choices=_takers)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields, operators = _fields(), [*UNRANKED.items()]
        for place in range(1, MOST_CONDITIONS + 1):
            when = "When" if place == 1 else "And"
            self.fields[f"field_{place}"] = forms.ChoiceField(label=when, choices=fields, required=False)
            self.fields[f"operator_{place}"] = forms.ChoiceField(
                label=f"How condition {place} compares", choices=operators, required=False
            )
            self.fields[f"value_{place}"] = forms.CharField(
                label=f"With what condition {place} compares", required=False
            )

    def conditions(self) -> list[tuple[forms.BoundField, ...]]:
        """The boxes of each condition, for the page."""
        names = ("field", "operator", "value")
        return [tuple(self[f"{name}_{place}"] for name in names) for place in range(1, MOST_CONDITIONS + 1)]

    def rule(self) -> dict[str, Any]:
        """As `save_routing` takes it. A field of the other kind is passed on, so that it is refused with a sentence."""
        values = self.cleaned_data
        target, _, to = values["taker"].partition(":")
        conditions = [
            {
                "field": values[f"field_{place}"].removeprefix(f"{values['about']}:"),
                "operator": values[f"operator_{place}"],
                "value": values[f"value_{place}"].strip(),
            }
            for place in range(1, MOST_CONDITIONS + 1)
            if values[f"field_{place}"]
        ]
        return {
            "name": values["name"],
            "about": values["about"],
            "conditions": conditions,
            "target": target,
            "to": to,
        }


def boxes_of(line: Line) -> Mapping[str, str]:
    """What the form shows of a rule that is there."""
    boxes = {
        "name": line.name,
        "about": line.about,
        "taker": f"{line.target}:{line.to}" if line.to else line.target,
    }
    for place, each in enumerate(line.conditions, start=1):
        boxes[f"field_{place}"] = f"{line.about}:{each.field}"
        boxes[f"operator_{place}"], boxes[f"value_{place}"] = each.operator, each.value
    return boxes


def owner_said(boxes: Mapping[str, Any], *, actor: Actor) -> dict[str, Any]:
    """Whoever ticks that it stays theirs names themselves as the owner."""
    return {"owner": actor.user} if boxes.get("is_mine") else {}
