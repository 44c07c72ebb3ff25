"""Touches scheduled in every zone, around every change of its clocks, for readers of every country that is known.

Each due time is checked by other means than it was made with: the wall clock of the zone and the calendar of the
country as the package gives it.

    python -m benchmarks.windows [--quick]
"""

import itertools
import json
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from random import Random
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import holidays

from outreach.timing.cadence import Gap, first_touch_at, next_touch_at
from outreach.timing.windows import Window

TOUCHES = 1_000_000
QUICK = 50_000
YEARS = range(2024, 2032)
ZONES = sorted(available_timezones() - {"localtime", "Factory"})
COUNTRIES = sorted(code for code in holidays.list_supported_countries() if len(code) == 2)
SPACING = 140.0  # seconds, 200 mails in a day of eight hours
NEAR = 3 * 86_400


@lru_cache(maxsize=1024)
def changes(name: str) -> tuple[datetime, ...]:
    """The days on which the clocks of a zone change; the beginnings of the years where they never do."""
    zone = ZoneInfo(name)
    first = datetime(YEARS[0], 1, 1, tzinfo=UTC)
    days = [first + timedelta(days=day) for day in range(366 * len(YEARS))]
    found = [
        b
        for a, b in itertools.pairwise(days)
        if a.astimezone(zone).utcoffset() != b.astimezone(zone).utcoffset()
    ]
    return tuple(found) or tuple(datetime(year, 1, 1, tzinfo=UTC) for year in YEARS)


def scheduled(count: int, chance: Random) -> Iterator[tuple[datetime, Window, ZoneInfo]]:
    """First and following touches by turns, half of them within three days of a change of the clocks."""
    for number in range(count):
        name = ZONES[number % len(ZONES)]
        zone = ZoneInfo(name)
        moment = chance.choice(changes(name)) + timedelta(seconds=chance.randint(-NEAR, NEAR))
        if number % 2:
            moment += timedelta(days=chance.randrange(365))
        closed = frozenset(
            moment.date() + timedelta(days=chance.randrange(9)) for _ in range(chance.randrange(3))
        )
        window = Window(country=COUNTRIES[number % len(COUNTRIES)], closed=closed)
        if number % 3:
            gap = Gap(timedelta(days=chance.randrange(14)))
            due = next_touch_at(moment - timedelta(days=3), moment, gap, window, zone, seed=str(number))
        else:
            place = chance.randrange(400)
            due = first_touch_at(moment, place, SPACING, window, zone, seed=str(number))
        yield due, window, zone


def is_broken(due: datetime, window: Window, zone: ZoneInfo) -> bool:
    local = due.astimezone(zone)
    day = local.date()
    in_hours = window.start <= local.time() < window.end
    weekend, known = country_year(window.country, day.year)
    return not in_hours or day.weekday() in weekend or day in known or day in window.closed


@cache
def country_year(country: str, year: int) -> tuple[set[int], dict[date, str]]:
    found = holidays.country_holidays(country, years=year)
    return set(found.weekend), dict(found)


def main() -> int:
    count = QUICK if "--quick" in sys.argv else TOUCHES
    started = time.perf_counter()
    broken, last = 0, ""
    for due, window, zone in scheduled(count, Random(5)):
        if is_broken(due, window, zone):
            broken, last = broken + 1, f"{due} {window} {zone}"
    took = time.perf_counter() - started
    figures: dict[str, Any] = {
        "touches scheduled": count,
        "zones": len(ZONES),
        "changes of clocks": sum(len(changes(name)) for name in ZONES),
        "countries": len(COUNTRIES),
        "outside hours, on days off or closed days": broken,
        "scheduled and checked a second": round(count / took),
        "ok": broken == 0,
    }
    if last:
        figures["such as"] = last
    print(json.dumps(figures))
    return 0 if figures["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
