"""The turns of a repeating appointment within a period: by the wall clock, in a bounded number of steps."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import islice

from dateutil.rrule import rrulestr

MOST_TIMES_A_DAY = 96
# What one step of a rule costs the library beside a day: a year is walked through day by day.
COSTS = {"YEARLY": 30, "MONTHLY": 5, "WEEKLY": 1, "DAILY": 1, "HOURLY": 1}
LENGTHS = {
    "YEARLY": timedelta(days=365),
    "MONTHLY": timedelta(days=28),
    "WEEKLY": timedelta(days=7),
    "DAILY": timedelta(days=1),
    "HOURLY": timedelta(hours=1),
}
IN_EVERY_MONTH = 28
PARTS = frozenset(
    {"BYMONTH", "BYWEEKNO", "BYYEARDAY", "BYMONTHDAY", "BYDAY", "BYHOUR", "BYMINUTE", "BYSETPOS", "WKST"}
)


class UnreadableRuleError(ValueError):
    """The rule is none, or would take too long."""


@dataclass(slots=True)
class Budget:
    """How many steps all rules of a calendar may take together."""

    left: int = 400_000

    def take(self, steps: int) -> None:
        if steps > self.left:
            raise UnreadableRuleError("The repetitions of this calendar take too long to follow.")
        self.left -= steps


@dataclass(frozen=True, slots=True)
class Rule:
    frequency: str
    interval: int
    count: int | None
    until: str
    rest: str


def read_rule(text: str) -> Rule:
    parts = dict(each.split("=", 1) for each in text.upper().split(";") if "=" in each)
    frequency = parts.pop("FREQ", "")
    if frequency not in LENGTHS:
        raise UnreadableRuleError("The appointment repeats more often than by the hour.")
    if parts.pop("RSCALE", "GREGORIAN") != "GREGORIAN":
        raise UnreadableRuleError("The appointment repeats by another calendar.")
    interval, until, count = int(parts.pop("INTERVAL", "1")), parts.pop("UNTIL", ""), parts.pop("COUNT", "")
    parts.pop("SKIP", None)
    times = _length(parts, "BYHOUR") * _length(parts, "BYMINUTE")
    if interval < 1 or times > MOST_TIMES_A_DAY or not parts.keys() <= PARTS:
        raise UnreadableRuleError("The appointment repeats in a way that nobody's calendar does.")
    rest = ";".join(f"{name}={value}" for name, value in parts.items())
    return Rule(frequency, interval, int(count) if count else None, until, rest)


def _length(parts: dict[str, str], name: str) -> int:
    return parts.get(name, "").count(",") + 1


def turns(
    text: str, start: datetime, period: tuple[datetime, datetime], zone: tzinfo | None, budget: Budget
) -> list[datetime]:
    """The wall-clock beginnings in the period; `start` and the period are the wall clock of `zone`."""
    rule = read_rule(text)
    begin, end = period
    last = min(end, _until(rule.until, zone)) if rule.until else end
    # Without a count it does not matter how many turns there were: begin shortly before the period.
    first = start if rule.count is not None else _nearer(start, begin, rule)
    stride = LENGTHS[rule.frequency] * rule.interval
    budget.take(max((last - first) // stride + 1, 0) * COSTS[rule.frequency])
    wording = f"FREQ={rule.frequency};INTERVAL={rule.interval};UNTIL={last:%Y%m%dT%H%M%S}"
    found = rrulestr(f"{wording};{rule.rest}".rstrip(";"), dtstart=first)
    kept = []
    for each in islice(found, rule.count):
        budget.take(1)
        if each >= begin:
            kept.append(each)
    return kept


def _until(text: str, zone: tzinfo | None) -> datetime:
    """The last moment that still belongs to the row, by its wall clock."""
    if "T" not in text:
        return datetime.strptime(text, "%Y%m%d").replace(hour=23, minute=59, second=59)  # noqa: DTZ007 -- a wall clock
    found = datetime.strptime(text.rstrip("Z"), "%Y%m%dT%H%M%S")  # noqa: DTZ007 -- a wall clock, or made one below
    if text.endswith("Z") and zone is not None:
        found = found.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)
    return found


def _nearer(start: datetime, begin: datetime, rule: Rule) -> datetime:
    """A later beginning of the same row: whole strides on, and not yet in the period."""
    if rule.frequency not in {"YEARLY", "MONTHLY"}:
        stride = LENGTHS[rule.frequency] * rule.interval
        return start + max((begin - start) // stride - 1, 0) * stride
    if start.day > IN_EVERY_MONTH:
        return start
    months = rule.interval * (12 if rule.frequency == "YEARLY" else 1)
    gone = (begin.year - start.year) * 12 + begin.month - start.month
    later = start.month - 1 + max(gone // months - 1, 0) * months
    return start.replace(year=start.year + later // 12, month=later % 12 + 1)
