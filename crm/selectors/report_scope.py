"""What a report is about: its period and whose deals. It is written in the address, so that an address is a saved report."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import QuerySet

from crm.models import Deal
from crm.selectors.deal_reports import group_key
from gtmos.kernel.actors import Actor
from gtmos.kernel.exceptions import InvalidInputError

PERIODS = {
    "month": "This month",
    "quarter": "This quarter",
    "year": "This year",
    "last_month": "Last month",
    "last_quarter": "Last quarter",
    "last_year": "Last year",
    "days": "From and to",
}
MONTHS = {"month": 1, "quarter": 3, "year": 12}
ME = "me"


@dataclass(frozen=True, slots=True)
class Scope:
    """`since` and `until` are both included. `field` and `value` name a segment, as reports group by it."""

    since: date
    until: date
    period: str = "quarter"
    owner: str = ""
    team: str = ""
    pipeline: str = ""
    field: str = ""
    value: str = ""
    currency: str = ""

    @property
    def before(self) -> tuple[date, date]:
        """As many days of the period before; of a period that is over, the whole one before it."""
        first = _first(self.period, self.since)
        if first is None:
            length = self.until - self.since
            return self.since - length - timedelta(days=1), self.since - timedelta(days=1)
        earlier = _months(first, -_length(self.period))
        if self.period.startswith("last_"):
            return earlier, self.since - timedelta(days=1)
        return earlier, min(earlier + (self.until - self.since), self.since - timedelta(days=1))

    @property
    def query(self) -> str:
        """The address's part that brings this scope back."""
        return urlencode({name: value for name, value in self.values().items() if value})

    def values(self) -> dict[str, str]:
        given = {
            each.name: str(getattr(self, each.name))
            for each in fields(self)
            if each.name not in {"since", "until"}
        }
        days = {"since": self.since.isoformat(), "until": self.until.isoformat()}
        return given | (days if self.period == "days" else {})

    @property
    def is_narrowed(self) -> bool:
        return bool(self.owner or self.team or self.pipeline or self.field or self.currency)


def scope_of(given: Mapping[str, str], *, today: date) -> Scope:
    """From the words of an address; what is no period, day or key is refused with a sentence."""
    since, until = _day(given, "since"), _day(given, "until")
    period = given.get("period", "") or ("days" if since or until else "quarter")
    if period not in PERIODS:
        raise InvalidInputError(f"Periods are {', '.join(PERIODS)}.", code="unknown_period")
    if period == "days":
        since, until = since or today - timedelta(days=29), until or today
    else:
        since, until = _span(period, today)
    if since > until:
        raise InvalidInputError("The first day comes after the last one.", code="bad_period")
    words = {name: given.get(name, "")[:200] for name in ("field", "value", "currency")}
    keys = {name: _key(given, name) for name in ("owner", "team", "pipeline")}
    return Scope(since, until, period, **keys, **words)


def whose(scope: Scope, actor: Actor) -> dict[str, Any]:
    """What of the scope a kept forecast knows too: its pipeline, its owner and its team."""
    owner = actor.user if scope.owner == ME else scope.owner
    asked = {"pipeline": scope.pipeline, "owner": owner, "team": scope.team}
    return {name: value for name, value in asked.items() if value}


def narrowed(deals: QuerySet[Deal], scope: Scope | None, *, actor: Actor) -> QuerySet[Deal]:
    """The deals of the scope, whenever they were closed."""
    if scope is None:
        return deals
    asked: dict[str, Any] = {
        "owner": actor.user if scope.owner == ME else scope.owner,
        "team": scope.team,
        "stage__pipeline": scope.pipeline,
        "deal_amount_currency": scope.currency,
    }
    deals = deals.filter(**{path: value for path, value in asked.items() if value})
    if not scope.field:
        return deals
    return deals.annotate(segment=group_key(scope.field, actor)).filter(segment=scope.value)


def _span(period: str, today: date) -> tuple[date, date]:
    first = _first(period, today)
    assert first is not None, "every period but `days` has a first day"
    if not period.startswith("last_"):
        return first, today
    return _months(first, -_length(period)), first - timedelta(days=1)


def _first(period: str, day: date) -> date | None:
    """The first day of the month, quarter or year in which the day lies."""
    length = MONTHS.get(period.removeprefix("last_"))
    return date(day.year, length * ((day.month - 1) // length) + 1, 1) if length else None


def _length(period: str) -> int:
    return MONTHS[period.removeprefix("last_")]


def _months(first: date, months: int) -> date:
    years, month = divmod(first.month - 1 + months, 12)
    return date(first.year + years, month + 1, 1)


def _day(given: Mapping[str, str], name: str) -> date | None:
    text = given.get(name, "")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise InvalidInputError("Write days like 2026-01-31.", code="bad_day") from error


def _key(given: Mapping[str, str], name: str) -> str:
    text = given.get(name, "")
    if not text or (name == "owner" and text == ME):
        return text
    try:
        return str(UUID(text))
    except ValueError as error:
        raise InvalidInputError(f"There is no such {name}.", code="bad_key") from error
