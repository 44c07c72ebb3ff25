"""Which days are working days, country by country: public holidays and the days of the weekend.

The days are those of the `holidays` package: the whole country's, with the days that stand in for one that falls on a
weekend. Days of one region only are not among them. A country that nobody knows has no holidays and rests on Saturday
and Sunday.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from types import MappingProxyType

import holidays

SATURDAY, SUNDAY = 5, 6
NOT_KNOWN = frozenset({SATURDAY, SUNDAY})
WORDS = "en_US"


@dataclass(frozen=True, slots=True)
class Year:
    """The days off of one country in one year. `weekend` counts from Monday, which is 0."""

    weekend: frozenset[int] = NOT_KNOWN
    holidays: Mapping[date, str] = field(default_factory=dict)


def is_working_day(day: date, country: str = "") -> bool:
    """`country` is a code of two letters, in capitals, or empty where nobody knows it."""
    year = year_of(country, day.year)
    return day.weekday() not in year.weekend and day not in year.holidays


def holiday_on(day: date, country: str) -> str:
    """The name of the holiday, in English where the package has it; empty on any other day."""
    return year_of(country, day.year).holidays.get(day, "")


@lru_cache(maxsize=4096)
def year_of(country: str, year: int) -> Year:
    if not country:
        return Year()
    try:
        found = holidays.country_holidays(country, years=year, expand=False, language=WORDS)
    except NotImplementedError:
        return Year()
    return Year(frozenset(found.weekend), MappingProxyType(dict(found)))
