"""Amounts, dates, flags, lists, places and stages mean the same in every notation."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.intake.countries import country
from crm.intake.dates import agreed_order, parse_date, parse_moment
from crm.intake.faults import BadCellError
from crm.intake.money import currency_code, money, share
from crm.intake.places import Place, city_key, place, places
from crm.intake.stages import deal_state, funding_stage
from crm.intake.text import boolean, count, fold, phone, words


@pytest.mark.parametrize(
    ("cell", "amount", "currency"),
    [
        ("1,234.56", "1234.56", ""),
        ("1.234,56", "1234.56", ""),
        ("$45,000", "45000", "USD"),
        ("45k", "45000", ""),
        ("1.2M", "1200000", ""),
        ("€ 9 500", "9500", "EUR"),
        ("(1200)", "-1200", ""),
        ("-1200", "-1200", ""),
        ("13,00,000", "1300000", ""),
        ("£1.5bn", "1500000000", "GBP"),
        ("3393.0", "3393.0", ""),
        ("1'234.50 CHF", "1234.50", "CHF"),
        ("€ 89.4 billion (2024)", "89400000000", "EUR"),
        ("5 crore INR", "50000000", "INR"),
    ],
)
def test_an_amount_is_read_in_every_notation(cell, amount, currency):
    found = money(cell)

    assert found is not None
    assert (found.amount, found.currency) == (Decimal(amount), currency)


@pytest.mark.parametrize("cell", ["", " ", "-", "n/a", "Undisclosed", "TBD"])
def test_a_blank_amount_is_not_zero(cell):
    assert money(cell) is None


@pytest.mark.parametrize("cell", ["many", "about lots", "12 apples"])
def test_what_is_no_amount_is_refused(cell):
    with pytest.raises(BadCellError, match="is not an amount"):
        money(cell)


@pytest.mark.parametrize("decimal_comma", [False, True])
@pytest.mark.parametrize("cell", ["8.500", "8,500", "8.500 EUR", "€ 8,500", "-8.500"])
def test_three_digits_after_the_only_separator_are_thousands_in_every_file(cell, decimal_comma):
    found = money(cell, decimal_comma=decimal_comma)

    assert found is not None
    assert abs(found.amount) == 8500


@pytest.mark.parametrize("cell", ["0.500", "1234.500", "8.5000", "8.50"])
def test_what_cannot_be_thousands_stays_a_decimal(cell):
    assert money(cell) == (Decimal(cell), "")


def test_before_a_unit_a_lone_separator_follows_the_rest_of_the_file():
    assert money("1.234M") == (Decimal(1_234_000), "")
    assert money("1.234M", decimal_comma=True) == (Decimal(1_234_000_000), "")
    assert money("1,234 k", decimal_comma=True) == (Decimal(1_234), "")
    assert money("1.234", in_millions=True) == (Decimal("1.234"), "")


@given(st.decimals(min_value=0, max_value=10**9, places=2, allow_nan=False, allow_infinity=False))
def test_an_amount_is_read_back_from_english_and_german_notation(amount):
    english = f"{amount:,.2f}"
    german = english.translate(str.maketrans(",.", ".,"))

    assert money(english) == (amount, "")
    assert money(german, decimal_comma=True) == (amount, "")
    assert money(f"({english} USD)") == (-amount, "USD")


@pytest.mark.parametrize(
    ("cell", "code"), [("usd", "USD"), ("€", "EUR"), ("USD - US Dollar", "USD"), ("$", "USD"), ("KWD", "KWD")]
)
def test_a_currency_is_three_letters(cell, code):
    assert currency_code(cell) == code


@pytest.mark.parametrize(
    ("cell", "value"), [("75", 0.75), ("75 %", 0.75), ("0.75", 0.75), ("0,75", 0.75), ("100", 1.0)]
)
def test_a_share_is_between_zero_and_one(cell, value):
    assert share(cell) == value


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2026-03-04", date(2026, 3, 4)),
        ("04.03.2026", date(2026, 3, 4)),
        ("05-Mar-2026", date(2026, 3, 5)),
        ("2026-03-05T14:15:33+01:00", date(2026, 3, 5)),
        ("4 mars 2026", date(2026, 3, 4)),
        ("03 Feb 2024", date(2024, 2, 3)),
        ("March 4, 2026", date(2026, 3, 4)),
        ("4 de marzo de 2026", date(2026, 3, 4)),
        ("2026/3/4", date(2026, 3, 4)),
        ("20260304", date(2026, 3, 4)),
        ("46085", date(2026, 3, 4)),
        ("1322045523", date(2011, 11, 23)),
        ("13/4/2026", date(2026, 4, 13)),
        ("4/13/2026", date(2026, 4, 13)),
        ("3/3/2026", date(2026, 3, 3)),
        ("2017-07-22 09:00:00", date(2017, 7, 22)),
    ],
)
def test_a_day_is_read_in_every_notation(cell, day):
    assert parse_date(cell) == day


@pytest.mark.parametrize("cell", ["", "TBD", "-", "n/a"])
def test_a_blank_date_is_none(cell):
    assert parse_date(cell) is None


@pytest.mark.parametrize("cell", ["soon", "31.02.2026", "2026-13-01", "Q1", "12/05.2015", "7"])
def test_what_is_no_day_is_refused(cell):
    with pytest.raises(BadCellError, match="is not a da"):
        parse_date(cell)


def test_a_date_that_can_be_two_days_is_never_guessed():
    with pytest.raises(BadCellError, match="can be two different days"):
        parse_date("3/4/2026")

    assert parse_date("3/4/2026", "mdy") == date(2026, 3, 4)
    assert parse_date("3/4/2026", "dmy") == date(2026, 4, 3)


def test_one_clear_date_settles_the_order_of_the_file_and_a_contradiction_unsettles_it():
    assert agreed_order(["3/4/2026", "3/25/2026", "1/1/2026"]) == "mdy"
    assert agreed_order(["3/4/2026", "25/3/2026", "04.03.2026"]) == "dmy"
    assert agreed_order(["3/4/2026", "5/6/2026"]) == ""
    assert agreed_order(["25/3/2026", "3/25/2026"]) == ""


@given(st.dates(min_value=date(1970, 1, 1), max_value=date(2069, 12, 31)))
def test_a_day_is_read_back_from_all_written_forms(day):
    assert parse_date(day.isoformat()) == day
    assert parse_date(f"{day.month}/{day.day}/{day.year}", "mdy") == day
    assert parse_date(f"{day.day}/{day.month}/{day:%y}", "dmy") == day
    assert parse_date(f"{day.day:02}.{day.month:02}.{day.year}") == day
    assert parse_date(day.strftime("%d %b %Y")) == day
    assert parse_date(day.strftime("%B %d, %Y")) == day


def test_a_moment_keeps_its_time_and_is_utc_unless_it_says_otherwise():
    assert parse_moment("2024-01-03T10:14:00Z") == datetime(2024, 1, 3, 10, 14, tzinfo=UTC)
    assert parse_moment("2024-02-03 10:43") == datetime(2024, 2, 3, 10, 43, tzinfo=UTC)
    assert parse_moment("7/22/2017 2:30 PM") == datetime(2017, 7, 22, 14, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cell", "value"), [("true", True), ("Yes", True), ("1", True), ("sí", True), ("ja", True)]
)
def test_yes_has_many_words(cell, value):
    assert boolean(cell) is value


@pytest.mark.parametrize("cell", ["false", "No", "0", "nein", "", "n/a"])
def test_no_has_many_words(cell):
    assert boolean(cell) is False


def test_what_is_neither_yes_nor_no_is_refused():
    with pytest.raises(BadCellError, match="neither yes nor no"):
        boolean("perhaps")


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("58", 58),
        ("58.0", 58),
        ("1,200", 1200),
        ("1.200", 1200),
        ("51-200", 51),
        ("10,000+", 10000),
        ("45k", 45000),
        ("", None),
    ],
)
def test_a_head_count_is_a_whole_number(cell, number):
    assert count(cell) == number


@pytest.mark.parametrize(
    "cell",
    [
        '["Fintech", "AI"]',
        "['Fintech', 'AI']",
        "Fintech; AI",
        "Fintech, AI",
        "Fintech|AI",
        "Fintech,AI,Fintech",
    ],
)
def test_a_list_is_read_however_it_was_written(cell):
    assert words(cell) == ("Fintech", "AI")


@given(
    st.lists(
        st.text("abcdefgh XYZ", min_size=1, max_size=8).map(str.strip).filter(bool), unique=True, max_size=8
    )
)
def test_a_list_is_read_back_from_python_and_json(items):
    assert words(repr(items)) == tuple(items)


def test_a_spreadsheets_apostrophe_is_not_part_of_a_number():
    assert phone("'+1 512-555-0130") == "+1 512-555-0130"


@given(st.text(max_size=40))
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    "city", ["New York", "NYC", "new york city", "New York, NY, USA", "Greater New York"]
)
def test_new_york_has_one_key(city):
    assert city_key(city) == "new york"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SF", "SF Bay Area"),
        ("München", "Munich"),
        ("Bangalore", "Bengaluru"),
        ("St. Louis", "Saint Louis"),
        ("São Paulo", "Sao Paulo"),
    ],
)
def test_a_city_has_one_key_in_all_its_names(one, other):
    assert city_key(one) == city_key(other)


@pytest.mark.parametrize(
    ("one", "other"), [("Kansas City", "Kansas"), ("Salt Lake City", "Salt Lake"), ("York", "New York")]
)
def test_city_is_a_part_of_some_names(one, other):
    assert city_key(one) != city_key(other)


@pytest.mark.parametrize(
    ("cell", "code", "name"),
    [
        ("USA", "US", "United States"),
        ("United States.", "US", "United States"),
        ("us", "US", "United States"),
        ("Deutschland", "DE", "Germany"),
        ("España", "ES", "Spain"),
        ("UK", "GB", "United Kingdom"),
        ("Korea, South", "KR", "South Korea"),
        ("Atlantis", "", "Atlantis"),
    ],
)
def test_a_country_is_two_letters_and_a_name(cell, code, name):
    assert country(cell) == (code, name)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("New York, NY, USA; Remote", Place("New York", "New York", "United States", "US")),
        ("Remote; Lagos, LA, Nigeria", Place("Lagos", "LA", "Nigeria", "NG")),
        ("London, England, United Kingdom", Place("London", "England", "United Kingdom", "GB")),
        ("Singapore, Singapore", Place("Singapore", "", "Singapore", "SG")),
        ("Saint Paul, Minnesota", Place("Saint Paul", "Minnesota", "United States", "US")),
        ("San Francisco, CA", Place("San Francisco", "California", "United States", "US")),
        ("MH, India", Place("", "MH", "India", "IN")),
        ("SF Bay Area", Place("SF Bay Area", "", "", "")),
        ("United States", Place("", "", "United States", "US")),
        ("Remote", Place("", "", "", "")),
        (
            "667 Example Street, Suite 4, San Francisco, United States",
            Place("San Francisco", "", "United States", "US"),
        ),
    ],
)
def test_a_place_is_taken_apart(cell, expected):
    assert place(cell) == expected


def test_every_place_of_a_list_is_known():
    found = places("New York, NY, USA; New Delhi, DL, India; Remote")

    assert [spot.city for spot in found] == ["New York", "New Delhi"]


@pytest.mark.parametrize(
    ("cell", "stage"),
    [
        ("Series B", "Series B"),
        ("series-b", "Series B"),
        ("SeedFunding", "Seed"),
        ("Seed Funding", "Seed"),
        ("Pre-Seed", "Pre-Seed"),
        ("Post-IPO", "Public"),
        ("PrivateEquity", "Private Equity"),
        ("Bootstrapped", "Bootstrapped"),
        ("Series J", "Series J"),
        ("Unknown", ""),
        ("", ""),
    ],
)
def test_a_funding_stage_has_one_name(cell, stage):
    assert funding_stage(cell) == stage


@pytest.mark.parametrize(
    ("stage", "status", "closed", "won", "state"),
    [
        ("Closed Won", "", None, None, "won"),
        ("closedlost", "", None, None, "lost"),
        ("Negotiations Started", "Won", None, None, "won"),
        ("Negotiations Started", "Open", None, None, "open"),
        ("Proposal", "", True, False, "lost"),
        ("Proposal", "", True, True, "won"),
        ("Closed Won", "", False, False, "open"),
        ("Engaging", "", None, None, "open"),
    ],
)
def test_flags_tell_a_deals_state_before_the_status_and_the_status_before_the_stage(
    stage, status, closed, won, state
):
    assert deal_state(stage, status, closed=closed, won=won) == state
