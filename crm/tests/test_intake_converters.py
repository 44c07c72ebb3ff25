"""Whatever stands in a cell, it gives a value or a reason, and never an accident."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.intake.converters import Formats, converter
from crm.intake.faults import BadCellError
from crm.intake.fields import FIELDS, all_targets, filled_fields, value_kind
from crm.intake.rows import CompanyRow, ContactRow, DealRow, SignalCells

KINDS = sorted({kind for fields in FIELDS.values() for kind in fields.values()})
ROWS = {"company": CompanyRow, "contact": ContactRow, "deal": DealRow, "signal": SignalCells}
number_like = st.text("0123456789.,'/-:() kKmMT$€%", min_size=1, max_size=24)
cells = st.one_of(
    st.text(min_size=1, max_size=40),
    number_like,
    st.from_regex(r"[\[\]\"',;a-z@.<>/-]{1,30}", fullmatch=True),
)


@pytest.mark.parametrize("kind", KINDS)
@given(cell=cells)
def test_a_cell_gives_a_value_or_a_reason(kind, cell):
    reason = reason_of(converter(kind, Formats("dmy", decimal_comma=True)), cell)

    assert reason == "" or reason.endswith(".")


def reason_of(convert, cell):
    try:
        convert(cell)
    except BadCellError as error:
        return error.reason
    return ""


@pytest.mark.parametrize("target", [target for target in all_targets() if not target.startswith("line.")])
def test_every_target_fills_fields_that_exist(target):
    row = ROWS[target.partition(".")[0]]

    missing = [name for name in filled_fields(target) if name not in row._fields]

    assert missing == []


@pytest.mark.parametrize("target", all_targets())
def test_every_target_has_a_function_for_its_kind(target):
    assert callable(converter(value_kind(target), Formats()))
