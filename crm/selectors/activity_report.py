"""What was done with customers: by person, kind, day or week, against as many days before."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import CharField, Count, F, QuerySet, TextField, Value
from django.db.models.functions import Cast, Coalesce, NullIf, TruncDate, TruncWeek

from crm.enums import ActivityType
from crm.models import Activity
from crm.selectors.report_scope import ME, Scope
from crm.selectors.visibility import visible_activities
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import InvalidInputError

BY = {"person": "Person", "kind": "Kind", "day": "Day", "week": "Week"}
KINDS = tuple(ActivityType.values)


@dataclass(frozen=True, slots=True)
class Line:
    """One group with its count for each kind of activity; `before` is of the time that it is compared with."""

    key: str
    counts: dict[str, int]
    before: int | None

    @property
    def count(self) -> int:
        return sum(self.counts.values())


def activity_report(by: str, scope: Scope, *, actor: Actor) -> list[Line]:
    """Two statements; days and weeks have no counterpart before."""
    now = _counts(by, scope, (scope.since, scope.until), actor)
    has_before = by in {"person", "kind"}
    before = _counts(by, scope, scope.before, actor) if has_before else {}
    keys = {*now, *before}
    lines = [
        Line(key, now.get(key, {}), sum(before.get(key, {}).values()) if has_before else None) for key in keys
    ]
    if not has_before:
        return sorted(lines, key=lambda line: line.key)
    return sorted(lines, key=lambda line: (-line.count, line.key))


def activity_total(scope: Scope, *, actor: Actor) -> tuple[int, int]:
    """How many in the period and before it; two statements."""
    spans = ((scope.since, scope.until), scope.before)
    now, before = (_within(scope, span, actor).count() for span in spans)
    return now, before


def activity_rows(
    by: str, scope: Scope, *, actor: Actor, key: str = "", kind: str = ""
) -> QuerySet[Activity]:
    """The activities behind the numbers."""
    rows = _within(scope, (scope.since, scope.until), actor).annotate(key=_key(by))
    if key:
        rows = rows.filter(key=key)
    return rows.filter(type=kind) if kind else rows


def _counts(by: str, scope: Scope, span: tuple[date, date], actor: Actor) -> dict[str, dict[str, int]]:
    rows: Any = _within(scope, span, actor).annotate(key=_key(by)).values_list("key", "type")
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for key, kind, count in rows.annotate(Count("pk")):
        found[key][kind] = count
    return dict(found)


def _within(scope: Scope, span: tuple[date, date], actor: Actor) -> QuerySet[Activity]:
    asked: dict[str, Any] = {
        "owner": actor.user if scope.owner == ME else scope.owner,
        "team": scope.team,
        "deal__stage__pipeline": scope.pipeline,
    }
    rows: Any = visible_activities(actor=actor).select_related(None).order_by()
    rows = rows.annotate(day=TruncDate("happened_at")).filter(day__range=span)
    found: QuerySet[Activity] = rows.filter(**{path: value for path, value in asked.items() if value})
    return found


def _key(by: str) -> Any:
    parts: dict[str, Any] = {
        "person": F("owner__name"),
        "kind": F("type"),
        "day": TruncDate("happened_at"),
        "week": TruncDate(TruncWeek("happened_at")),
    }
    if by not in parts:
        raise InvalidInputError(f"Activities can be grouped by {', '.join(BY)}.", code="unknown_group")
    words = NullIf(Cast(parts[by], TextField()), Value("", output_field=CharField()))
    return Coalesce(words, Value("Not known"), output_field=TextField())
