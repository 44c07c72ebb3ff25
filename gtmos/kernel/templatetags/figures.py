"""Where things stand in a figure, in percent of its width: the templates draw, this computes."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

from django import template

register = template.Library()

ROW = 36
TICKS_AT_MOST = 6
LABEL_ROOM = 17.0  # percent of the width that a time line's label needs before the next starts
STEPS = (1, 2, 2.5, 5, 10)


def value_of(item: Any, name: str, default: Any = None) -> Any:
    return item.get(name, default) if isinstance(item, dict) else getattr(item, name, default)


def nice_step(span: float, at_most: int = TICKS_AT_MOST) -> float:
    """The smallest of 1, 2, 2.5, 5 times a power of ten that needs no more ticks than allowed."""
    if span <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(span / at_most))
    return next(power * step for step in (*STEPS, 20) if span / (power * step) <= at_most)


def axis(low: float, high: float) -> tuple[float, float, list[float]]:
    """Start, end and ticks that hold both numbers."""
    step = nice_step(high - low)
    start, end = math.floor(low / step) * step, math.ceil(high / step) * step
    if end <= start:
        end = start + step
    return start, end, [start + step * index for index in range(round((end - start) / step) + 1)]


def place(value: float, start: float, end: float) -> float:
    """Percent of the width, kept inside."""
    return round(min(100.0, max(0.0, (value - start) / (end - start) * 100)), 2)


@register.simple_tag
def bar_width(part: float | None, whole: float | None = 1) -> float:
    """`{% bar_width 0.94 %}` is 94.0; `{% bar_width 19 138 %}` is 13.77."""
    return place(float(part), 0.0, float(whole)) if part and whole else 0.0


@register.simple_tag
def ordinal_row(index: int) -> int:
    """The middle of row `index`, counted from 0."""
    return index * ROW + ROW // 2


@register.simple_tag
def rates_figure(arms: Iterable[Any]) -> dict[str, Any]:
    """One axis from zero for all variants. An arm has label, name, count, base, rate, low, high."""
    rows = list(arms)
    start, end, ticks = axis(0.0, max((float(value_of(arm, "high", 0)) for arm in rows), default=0.1) * 100)
    return _figure(rows, ("rate", "low", "high"), (start, end, ticks), signed=False)


@register.simple_tag
def difference_figure(lines: Iterable[Any]) -> dict[str, Any]:
    """Differences of rates in points, with zero on the axis. A line has name, estimate, low, high, kind."""
    rows = list(lines)
    low = min([0.0, *(float(value_of(line, "low", 0)) for line in rows)])
    high = max([0.0, *(float(value_of(line, "high", 0)) for line in rows)])
    return _figure(rows, ("estimate", "low", "high"), axis(low * 100, high * 100), signed=True)


def _figure(
    rows: list[Any], names: Sequence[str], scale: tuple[float, float, list[float]], *, signed: bool
) -> dict[str, Any]:
    start, end, ticks = scale
    return {
        "height": len(rows) * ROW,
        "total": len(rows) * ROW + 20,
        "label_y": len(rows) * ROW + 15,
        "zero": place(0.0, start, end),
        "ticks": [{"x": place(tick, start, end), "text": _tick(tick, signed=signed)} for tick in ticks],
        "rows": [_row(index, row, names, start, end) for index, row in enumerate(rows)],
    }


def _row(index: int, row: Any, names: Sequence[str], start: float, end: float) -> dict[str, Any]:
    at, low, high = (place(float(value_of(row, name, 0)) * 100, start, end) for name in names)
    return {"item": row, "y": ordinal_row(index), "at": at, "low": low, "high": high}


def _tick(value: float, *, signed: bool) -> str:
    text = f"{value:+g}" if signed and value else f"{value:g}"
    return text.replace("-", "−")


@register.simple_tag
def sequence_figure(touches: Iterable[Any], last_day: int = 0, window_from: int = 0) -> dict[str, Any]:
    """Days as an axis, touches as places on it; labels that would meet go to a second line."""
    rows = list(touches)
    last = max([int(last_day or 0), *(int(value_of(touch, "day", 0)) for touch in rows), 1])
    placed, free = [], [0.0, 0.0]
    for touch in rows:
        x = place(float(value_of(touch, "day", 0)), 0.0, float(last))
        line = 0 if x >= free[0] else 1
        free[line] = x + LABEL_ROOM
        placed.append({"item": touch, "x": x, "y": 54 + 38 * line})
    return {
        "days": [{"x": place(float(day), 0.0, float(last)), "day": day} for day in _days(last)],
        "touches": placed,
        "height": 132 if free[1] else 96,
        "window": _window(window_from, last),
    }


def _days(last: int) -> list[int]:
    step = max(1, math.ceil(last / 15))
    return list(range(0, last + 1, step))


def _window(window_from: int, last: int) -> dict[str, Any] | None:
    if not window_from or window_from > last:
        return None
    x = place(float(window_from), 0.0, float(last))
    return {"x": x, "width": round(100 - x, 2), "from": window_from, "to": last}


@register.simple_tag
def waterfall(start: float | None, seconds: float | None, whole: float | None) -> dict[str, float]:
    """Where one step lies in a run, wide enough to be seen."""
    x = bar_width(start, whole)
    return {"x": min(x, 98.5), "width": max(1.5, min(bar_width(seconds, whole), 100 - x))}
