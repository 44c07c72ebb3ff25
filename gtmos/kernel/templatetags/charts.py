"""Where things stand in the pictures of reports, in percent of their width: the templates draw, this computes."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import template

from gtmos.kernel.templatetags.figures import axis, place, value_of
from gtmos.kernel.wording import money, plural, wilson

register = template.Library()

COLUMN_HEIGHT = 96
GAP = 0.28
LABELS_AT_MOST = 7
SPARK_WIDTH, SPARK_HEIGHT = 96, 24


@register.simple_tag
def columns_figure(points: Iterable[Any]) -> dict[str, Any]:
    """Columns over time. A point has value, label and text; the first, the last and some between keep their label."""
    rows = list(points)
    values = [float(value_of(row, "value", 0) or 0) for row in rows]
    _, top, ticks = axis(0.0, max(values, default=1.0) or 1.0)
    step = 100 / max(len(rows), 1)
    every = -(-len(rows) // LABELS_AT_MOST) or 1
    return {
        "height": COLUMN_HEIGHT,
        "total": COLUMN_HEIGHT + 22,
        "label_y": COLUMN_HEIGHT + 16,
        "ticks": [
            {"y": round(COLUMN_HEIGHT - COLUMN_HEIGHT * tick / top, 1), "value": tick} for tick in ticks[1:]
        ],
        "columns": [
            {
                "item": row,
                "x": round(index * step + step * GAP / 2, 2),
                "width": round(step * (1 - GAP), 2),
                "middle": round((index + 0.5) * step, 2),
                "height": round(COLUMN_HEIGHT * value / top, 1),
                "y": round(COLUMN_HEIGHT - COLUMN_HEIGHT * value / top, 1),
                "is_last": index == len(rows) - 1,
                "has_label": (len(rows) - 1 - index) % every == 0,
                "on_phone": (len(rows) - 1 - index) % (2 * every) == 0,
            }
            for index, (row, value) in enumerate(zip(rows, values, strict=True))
        ],
    }


@register.simple_tag
def bars_figure(rows: Iterable[Any]) -> list[dict[str, Any]]:
    """Bars on one scale. A row has value and maybe part (drawn solid, the rest is lighter) and before (a mark)."""
    found = list(rows)
    names = ("value", "before")
    top = max((float(value_of(row, name, 0) or 0) for row in found for name in names), default=0.0) or 1.0
    return [
        {
            "item": row,
            "width": place(float(value_of(row, "value", 0) or 0), 0.0, top),
            "part": place(float(value_of(row, "part", 0) or 0), 0.0, top),
            "has_part": value_of(row, "part") is not None,
            "before": None if value_of(row, "before") is None else place(float(row["before"]), 0.0, top),
        }
        for row in found
    ]


@register.simple_tag
def spark_figure(values: Sequence[float]) -> dict[str, Any]:
    """A line of the last values from zero, 96 by 24, with its last point."""
    numbers = [float(value or 0) for value in values]
    top = max(numbers, default=0.0) or 1.0
    step = (SPARK_WIDTH - 6) / max(len(numbers) - 1, 1)
    places = [
        (round(3 + index * step, 1), round(SPARK_HEIGHT - 3 - (SPARK_HEIGHT - 6) * number / top, 1))
        for index, number in enumerate(numbers)
    ]
    return {
        "points": " ".join(f"{x},{y}" for x, y in places),
        "last": places[-1] if places else None,
        "width": SPARK_WIDTH,
        "height": SPARK_HEIGHT,
    }


@register.filter
def wilson_low(count: int, base: int) -> float:
    """The low end of a rate's interval in percent."""
    return round(wilson(count, base)[0] * 100, 2)


@register.filter
def wilson_high(count: int, base: int) -> float:
    return round(wilson(count, base)[1] * 100, 2)


@register.simple_tag
def trend_points(trend: Iterable[Any]) -> list[dict[str, Any]]:
    """Points of a report as columns: amounts, or counts where amounts are hidden."""
    return [
        {
            "value": point.deals if point.amount is None else point.amount.amount,
            "label": f"{point.day.day} {point.day:%b}",
            "text": _said(point),
        }
        for point in trend
    ]


@register.simple_tag
def trend_sentence(trend: Sequence[Any]) -> str:
    """What the columns say, for those who do not see them and for those who do."""
    if not trend:
        return "There is nothing to show."
    first, last = trend[0], trend[-1]
    return f"{_said(last)} open today; {_said(first)} on {first.day.day} {first.day:%b}."


def _said(point: Any) -> str:
    deals = plural(point.deals, "deal")
    return (
        deals if point.amount is None else f"{money(point.amount.amount, point.amount.currency)} in {deals}"
    )
