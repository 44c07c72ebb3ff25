"""Rules of routing: the values of a record in, the rules that fit it out. Nothing is read here."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from crm.enums import RoutingTarget
from gtmos.kernel.rules.conditions import OPERATORS, WITHOUT_VALUE, Condition, condition_of


@dataclass(frozen=True, slots=True)
class Line:
    """One rule: what it is about, when it fits, and who then gets the record. `to` is the key of a person or a team."""

    name: str
    about: str
    conditions: tuple[Condition, ...]
    target: str
    to: str = ""

    def fits(self, about: str, values: Mapping[str, Any]) -> bool:
        """All conditions hold; a rule without any fits everything of its kind."""
        return about == self.about and all(each.holds(values, {}) for each in self.conditions)

    @property
    def words(self) -> str:
        """When it fits."""
        return " and ".join(in_words(each) for each in self.conditions) or f"Every {self.about}"


def line_of(stored: Mapping[str, Any]) -> Line:
    conditions = tuple(condition_of(each) for each in stored.get("conditions", ()))
    return Line(stored["name"], stored["about"], conditions, stored["target"], stored.get("to", ""))


def stored_line(line: Line) -> dict[str, Any]:
    conditions = [
        {"field": each.field, "operator": each.operator, "value": each.value} for each in line.conditions
    ]
    return {
        "name": line.name,
        "about": line.about,
        "conditions": conditions,
        "target": line.target,
        "to": line.to,
    }


def in_words(condition: Condition) -> str:
    field = condition.field.replace("custom.", "").replace(".", " ").replace("_", " ")
    value = "" if condition.operator in WITHOUT_VALUE else f" {condition.value}"
    return f"{field} {OPERATORS[condition.operator]}{value}"


def fitting(lines: Iterable[Line], about: str, values: Mapping[str, Any]) -> Iterator[Line]:
    return (line for line in lines if line.fits(about, values))


def next_place(places: Iterable[str], last: str) -> str:
    """Whose turn it is: the first after the last, whether that one is still there or not, and then from the top."""
    ordered = sorted(places)
    return next((each for each in ordered if each > last), ordered[0])


def differences(
    before: Iterable[Line], after: Iterable[Line], names: Mapping[str, str]
) -> list[dict[str, str]]:
    """What one version says other than another, rule by rule, with the place where it stands."""
    old, new = _sentences(before, names), _sentences(after, names)
    return [
        {"name": name, "before": old.get(name, ""), "after": new.get(name, "")}
        for name in dict.fromkeys([*old, *new])
        if old.get(name) != new.get(name)
    ]


def whom(line: Line, names: Mapping[str, str]) -> str:
    """Who gets it, in words."""
    if not line.to:
        return f"the {RoutingTarget(line.target).label}"
    name = names.get(line.to, "somebody who is no longer here")
    return f"in turn in {name}" if line.target == RoutingTarget.TEAM else name


def _sentences(lines: Iterable[Line], names: Mapping[str, str]) -> dict[str, str]:
    return {
        line.name: f"{place}. {line.words}: {whom(line, names)}" for place, line in enumerate(lines, start=1)
    }
