"""Rows as the text that PostgreSQL's COPY reads."""

from collections.abc import Sequence
from typing import Any

NULL = "\\N"
_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_SIGNS = ("\\", "\t", "\n", "\r")


def copy_text(columns: Sequence[tuple[Any, ...]]) -> bytes:
    """One line for each row. Column by column, because most of them are all text without a sign that COPY reads."""
    lines = map("\t".join, zip(*map(_column, columns), strict=True))
    return ("\n".join(lines) + "\n").encode()


def _column(cells: tuple[Any, ...]) -> Sequence[str]:
    kinds = set(map(type, cells))
    if kinds == {str}:
        whole = "".join(cells)
        return [_escaped(cell) for cell in cells] if any(sign in whole for sign in _SIGNS) else cells
    if kinds == {type(None)}:
        return (NULL,) * len(cells)
    return [NULL if cell is None else _escaped(str(cell)) for cell in cells]


def _escaped(cell: str) -> str:
    return cell.translate(_ESCAPED)
