"""A mapping compiled for one file: which cell goes through which function to which place of the row."""

import re
from collections.abc import Mapping as ReadOnly
from typing import NamedTuple, NoReturn

from crm.intake.converters import Converter, converter
from crm.intake.faults import BadCellError
from crm.intake.fields import CUSTOM, ROW_TYPES, filled_fields, is_custom, value_kind
from crm.intake.rows import NOTHING_EXTRA, Note
from crm.intake.shapes import Column, Mapping

# Patterns and memories are for short values; only free text and lists may be long.
_LONGEST_VALUE = 2_000
_LONGEST_TEXT = 1 << 25
SEVERAL = re.compile(r"[;,|]")
_UNLIMITED = frozenset({"long", "words"})


class Single(NamedTuple):
    """One cell that fills one field."""

    at: int
    convert: Converter
    position: int
    longest: int


class Spread(NamedTuple):
    """One cell that fills several fields."""

    at: int
    convert: Converter
    positions: tuple[int, ...]
    longest: int


class Part:
    """How the cells of a line fill one row type. The surest column of a field is read last and so wins."""

    def __init__(self, entity: str, mapping: Mapping) -> None:
        row_type = ROW_TYPES[entity]
        self.blank: list[object] = list(row_type())
        self.names = [column.name for column in mapping.columns]
        self.at = {name: position for position, name in enumerate(row_type._fields)}
        columns = _of(entity, mapping)
        self.indexes = tuple(sorted(column.index for column in columns))
        self.singles: list[Single] = []
        self.spreads: list[Spread] = []
        for column in columns:
            self._add(column, converter(value_kind(column.target), mapping.formats))

    def _add(self, column: Column, convert: Converter) -> None:
        positions = tuple(self.at[name] for name in filled_fields(column.target))
        longest = _LONGEST_TEXT if value_kind(column.target) in _UNLIMITED else _LONGEST_VALUE
        if len(positions) == 1:
            self.singles.append(Single(column.index, convert, positions[0], longest))
        else:
            self.spreads.append(Spread(column.index, convert, positions, longest))

    def values(self, cells: list[str], notes: list[Note]) -> list[object]:
        """The fields of one line; what cannot be read is noted and left out."""
        values = self.blank.copy()
        for at, convert, positions, longest in self.spreads:
            if cell := cells[at]:
                try:
                    several = convert(cell) if len(cell) <= longest else _too_long(cell)
                except BadCellError as error:
                    notes.append(Note(self.names[at], cell, error.reason))
                else:
                    _place_several(values, positions, several)
        for at, convert, position, longest in self.singles:
            if cell := cells[at]:
                try:
                    value = convert(cell) if len(cell) <= longest else _too_long(cell)
                except BadCellError as error:
                    value = error.value
                    notes.append(Note(self.names[at], cell, error.reason))
                if value is not None:
                    values[position] = value
        return values


def _too_long(cell: str) -> NoReturn:
    raise BadCellError(f"The cell has {len(cell):,} characters, too many for a single value.")


def _place_several(values: list[object], positions: tuple[int, ...], several: object) -> None:
    if isinstance(several, tuple):
        for position, value in zip(positions, several, strict=True):
            if value is not None:
                values[position] = value


def _of(entity: str, mapping: Mapping) -> list[Column]:
    """The columns of an entity, the surest last; a bounce outlasts whatever the status column says."""
    own = [
        column
        for column in mapping.columns
        if column.target.startswith(f"{entity}.") and not is_custom(column.target)
    ]
    return sorted(own, key=lambda c: (c.target == "contact.is_bounced", -c.rank, -c.index))


def custom_columns(entity: str, mapping: Mapping) -> list[tuple[int, str]]:
    """Columns that fill a custom field of the entity, under the field's key; the surest is read last and so wins."""
    prefix = f"{entity}{CUSTOM}"
    own = [column for column in mapping.columns if column.target.startswith(prefix)]
    return [
        (column.index, column.target.removeprefix(prefix))
        for column in sorted(own, key=lambda c: (-c.rank, -c.index))
    ]


def extra_columns(mapping: Mapping) -> list[tuple[int, str]]:
    """Columns whose cells are kept under their own name: those without a field, and all but the surest of a field."""
    surest: dict[str, Column] = {}
    for column in mapping.columns:
        best = surest.setdefault(column.target, column)
        if (column.rank, column.index) < (best.rank, best.index):
            surest[column.target] = column
    kept_whole = {"contact.other_emails", "company.tags", "line.ignored"}
    return [
        (column.index, column.name)
        for column in mapping.columns
        if not column.target or (surest[column.target] is not column and column.target not in kept_whole)
    ]


def several_columns(entity: str, mapping: Mapping) -> list[tuple[int, str]]:
    """Columns of which a field takes only the first of several values."""
    return [
        (column.index, column.name) for column in _of(entity, mapping) if value_kind(column.target) == "keys"
    ]


def extras_of(cells: list[str], wanted: list[tuple[int, str]], notes: list[Note]) -> ReadOnly[str, str]:
    """Cells without a field, and those that could not be read, so that nothing of a file is lost."""
    found = {name: cells[index] for index, name in wanted if cells[index]}
    for note in notes:
        found[note.column] = note.value
    return found or NOTHING_EXTRA
