"""What happened around a record, of every kind, as one list, newest first, page by page at the same cost."""

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from crm.selectors.timeline_sources import SOURCES, Happening, Record, Source
from gtmos.kernel.actors import Actor
from gtmos.kernel.paging import PAGE_SIZE

KINDS = (
    ("note", "Notes"),
    ("call", "Calls"),
    ("meeting", "Meetings"),
    ("email", "E-mails"),
    ("task", "Tasks"),
    ("stage", "Stages"),
    ("signal", "Signals"),
    ("change", "Changes"),
)
KIND_NAMES = frozenset(name for name, _ in KINDS)
SHOWN = 30
__all__ = ["KINDS", "KIND_NAMES", "Happening", "TimelinePage", "timeline"]


@dataclass(frozen=True, slots=True)
class Place:
    """The last thing that was shown: its moment, and what tells it from others of the same moment."""

    at: datetime
    source: str
    key: str


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """`next_cursor` is empty on the last page."""

    items: list[Happening]
    next_cursor: str
    kind: str = ""
    has_previous: bool = False


def timeline(
    record: Record, *, actor: Actor, kind: str = "", after: str = "", size: int = SHOWN
) -> TimelinePage:
    """One statement for each source, whatever the page; a cursor that is none starts at the beginning."""
    kind = kind if kind in KIND_NAMES else ""
    place = _read(after)
    found = [each for source in SOURCES for each in _of(source, record, kind, place, size, actor)]
    newest = sorted(found, key=lambda each: (each.at, each.source, each.key), reverse=True)
    shown = newest[: min(size, PAGE_SIZE * 4)]
    more = len(newest) > len(shown)
    return TimelinePage(shown, _write(shown[-1]) if more else "", kind, place is not None)


def _of(
    source: Source, record: Record, kind: str, place: Place | None, size: int, actor: Actor
) -> list[Happening]:
    if kind and kind not in source.kinds:
        return []
    rows = source.rows(record, kind, actor=actor)
    if rows is None:
        return []
    if place is not None:
        rows = rows.filter(_older(source, place))
    return [source.show(row) for row in rows.order_by(f"-{source.moment}", "-pk")[: size + 1]]


def _older(source: Source, place: Place) -> Q:
    """Of the same moment those come later whose source, or key in the same source, is smaller."""
    before = Q(**{f"{source.moment}__lt": place.at})
    if source.name > place.source:
        return before
    not_after = Q(**{f"{source.moment}__lte": place.at})
    if source.name < place.source:
        return not_after
    return not_after & (before | Q(pk__lt=source.key_of(place.key)))


def _write(last: Happening) -> str:
    text = f"{last.at.isoformat()}|{last.source}|{last.key}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(cursor: str) -> Place | None:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        moment, source, key = text.split("|")
        place = Place(datetime.fromisoformat(moment), source, key)
        known = {each.name: each for each in SOURCES}
        known[source].key_of(key)
    except (binascii.Error, ValueError, KeyError, UnicodeDecodeError):
        return None
    return place if place.at.tzinfo else None


def is_cursor(text: str) -> bool:
    return _read(text) is not None
