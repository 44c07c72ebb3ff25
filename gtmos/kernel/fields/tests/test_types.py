"""Each type: what it takes, what it refuses in words, and that nothing is lost on the way there and back."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gtmos.kernel.fields.types import TYPES, BadValueError
from gtmos.kernel.fields.types.country import names
from gtmos.kernel.fields.types.number import read_number

BANDS = {"choices": ["<1M", "1-5M", "5-20M"], "to": "company", "currency": "EUR"}
TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=200)
WORD = st.from_regex(r"[a-z][a-z0-9]{0,12}", fullmatch=True)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "text": TEXT,
    "number": st.decimals(-(10**17), 10**17, places=6) | st.integers(-(10**17), 10**17),
    "money": st.builds(
        lambda amount, code: {"amount": amount, "currency": code},
        st.decimals(-(10**15), 10**15, places=2),
        st.sampled_from(["EUR", "usd", "GBP"]),
    ),
    "date": st.dates(),
    "choice": st.sampled_from(BANDS["choices"]),
    "multi_choice": st.lists(st.sampled_from(BANDS["choices"])),
    "link": st.uuids(),
    "url": st.builds("https://{}.example/{}".format, WORD, WORD),
    "email": st.builds("{}@{}.example".format, WORD, WORD),
    "country": st.sampled_from(sorted(names())) | st.sampled_from(sorted(names().values())),
    "boolean": st.booleans() | st.sampled_from(["yes", "No", "TRUE", "0"]),
}


@pytest.mark.parametrize("kind", TYPES)
@given(data=st.data())
def test_a_value_that_was_read_is_read_again_as_itself(kind: str, data: st.DataObject) -> None:
    read = TYPES[kind].read

    kept = read(data.draw(VALUES[kind]), BANDS)

    assert read(kept, BANDS) == kept


@pytest.mark.parametrize("kind", TYPES)
@given(data=st.data())
def test_a_value_written_into_a_file_is_read_from_it_as_itself(kind: str, data: st.DataObject) -> None:
    each = TYPES[kind]

    kept = each.read(data.draw(VALUES[kind]), BANDS)

    assert each.read(each.write(kept, BANDS), BANDS) == kept


@pytest.mark.parametrize("kind", TYPES)
@given(
    raw=TEXT
    | st.integers()
    | st.floats()
    | st.booleans()
    | st.lists(st.integers(), max_size=2)
    | st.dictionaries(TEXT, TEXT, max_size=2)
)
def test_whatever_comes_is_read_or_refused_in_a_sentence(kind: str, raw: Any) -> None:
    try:
        kept = TYPES[kind].read(raw, BANDS)
    except BadValueError as error:
        sentence = str(error)
    else:
        sentence = "." if TYPES[kind].read(kept, BANDS) == kept else ""

    assert sentence[-1:] == "."


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("1234.5", "1234.5"),
        ("1,234.5", "1234.5"),
        ("1.234,5", "1234.5"),
        ("1 234,5", "1234.5"),
        ("1,234", "1234"),
        ("1,5", "1.5"),
        ("1.500.000", "1500000"),
        ("-7", "-7"),
        ("1e3", "1000"),
    ],
)
def test_a_number_is_read_however_a_country_writes_it(written: str, meant: str) -> None:
    assert read_number(written) == Decimal(meant)


@pytest.mark.parametrize(
    ("kind", "written", "sentence"),
    [
        ("number", "many", "“many” is not a number."),
        ("number", "1e400", "The number is too large."),
        ("money", "12 EURO", "“12 EURO” is not a number."),
        ("date", "03/04/2026", "“03/04/2026” is not a date. Write it as 2026-03-01."),
        ("date", "2026-02-30", "“2026-02-30” is not a date. Write it as 2026-03-01."),
        ("choice", "2M", "“2M” is none of <1M, 1-5M, 5-20M."),
        ("url", "not a page", "“not a page” is not a web address."),
        ("email", "nobody", "“nobody” is not an e-mail address."),
        ("country", "Atlantis", "“Atlantis” is no country. Write its name or two letters."),
        ("boolean", "perhaps", "“perhaps” is neither yes nor no."),
        ("link", "Acme", "“Acme” is not the id of a record."),
    ],
)
def test_a_bad_value_is_refused_with_a_sentence_that_says_what_to_write(
    kind: str, written: str, sentence: str
) -> None:
    with pytest.raises(BadValueError) as refused:
        TYPES[kind].read(written, BANDS)

    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    ("kind", "kept", "words"),
    [
        ("number", "1234.5", "1,234.5"),
        ("money", {"amount": "1200.00", "currency": "EUR"}, "1,200 EUR"),
        ("date", "2026-03-01", "1 Mar 2026"),
        ("multi_choice", ["<1M", "5-20M"], "<1M, 5-20M"),
        ("country", "DE", "Germany"),
        ("boolean", False, "No"),
    ],
)
def test_a_value_is_shown_as_people_read_it(kind: str, kept: Any, words: str) -> None:
    assert TYPES[kind].render(kept, BANDS) == words


def test_a_day_of_the_calendar_is_a_date() -> None:
    assert TYPES["date"].read(dt.date(2026, 3, 1), {}) == "2026-03-01"
