"""The first look at a file: its mapping, and how its dates and numbers are written."""

from collections.abc import Iterable, Iterator
from itertools import islice

from crm.intake.dates import Order, agreed_order, proven_order
from crm.intake.fields import value_kind
from crm.intake.money import decimal_mark
from crm.intake.shapes import Mapping, map_columns
from crm.intake.tables import Line, Table

_SAMPLE = 5_000
_MAPPING_SAMPLE = 200
_AMOUNTS = frozenset({"revenue", "last_funding", "total_funding", "amount", "total_funding_millions"})


def understand(table: Table, *, into: str = "auto") -> Mapping:
    """The mapping of a file, ready to be shown, changed and used."""
    sample = [line for line in islice(table.lines(), _SAMPLE) if not line.fault]
    mapping = map_columns(table.columns, (line.cells for line in sample[:_MAPPING_SAMPLE]), into=into)
    return mapping.with_formats(
        date_order=_date_order(table, mapping, sample), decimal_comma=_decimal_comma(mapping, sample)
    )


def _indexes(mapping: Mapping, kinds: frozenset[str]) -> list[int]:
    return [c.index for c in mapping.columns if c.target and value_kind(c.target) in kinds]


def _date_order(table: Table, mapping: Mapping, sample: list[Line]) -> Order:
    """The order the dates of the sample prove; the whole file is asked only when the sample leaves it open."""
    indexes = _indexes(mapping, frozenset({"date", "moment"}))
    if not indexes:
        return ""
    proofs = {proven_order(cell) for cell in _cells(sample, indexes)} - {None}
    if proofs - {""} or not proofs:
        return agreed_order(_cells(sample, indexes))
    return agreed_order(_cells((line for line in table.lines() if not line.fault), indexes))


def _decimal_comma(mapping: Mapping, sample: list[Line]) -> bool:
    marks = {decimal_mark(cell) for cell in _cells(sample, _indexes(mapping, _AMOUNTS))} - {""}
    return marks == {","}


def _cells(lines: Iterable[Line], indexes: list[int]) -> Iterator[str]:
    for line in lines:
        for index in indexes:
            if line.cells[index]:
                yield line.cells[index]
