"""Files of every shape become rows with line numbers, or a sentence that says why not."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.intake.faults import IntakeError
from crm.intake.tables import Table, open_table


def opened(content: bytes) -> Table:
    return open_table(io.BytesIO(content))


def rows_of(table: Table) -> list[list[str]]:
    return [line.cells for line in table.lines() if not line.fault]


def faults_of(table: Table) -> list[tuple[int, str]]:
    return [(line.number, line.fault) for line in table.lines() if line.fault]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_by_how_evenly_it_divides_the_rows(delimiter):
    content = f"name{delimiter}city\nHelio, Inc.{delimiter}Paris\nNord{delimiter}Oslo\n".replace(
        "Helio, Inc.", '"Helio, Inc."'
    )

    table = opened(content.encode())

    assert (table.delimiter, table.columns) == (delimiter, ("name", "city"))
    assert rows_of(table) == [["Helio, Inc.", "Paris"], ["Nord", "Oslo"]]


def test_decimal_commas_do_not_hide_the_semicolon():
    table = opened(b"name;amount\nA;1,5\nB;2,5\nC;3,5\n")

    assert table.delimiter == ";"


def test_a_list_of_one_column_is_a_table_too():
    table = opened(b"email\na@x.example\nb@x.example\n")

    assert (table.columns, rows_of(table)) == (("email",), [["a@x.example"], ["b@x.example"]])


@pytest.mark.parametrize(
    ("encoding", "named"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("iso-8859-1", "iso-8859-1"),
    ],
)
def test_accents_survive_every_encoding_that_is_read(encoding, named):
    table = opened("name,city\nCafé Zürich,Zürich\nMalmö AB,Malmö\n".encode(encoding))

    assert table.encoding == named
    assert rows_of(table) == [["Café Zürich", "Zürich"], ["Malmö AB", "Malmö"]]


def test_the_euro_sign_of_windows_is_read_as_such():
    table = opened("name,fee\nCafé,5 €\n".encode("cp1252"))

    assert (table.encoding, rows_of(table)) == ("cp1252", [["Café", "5 €"]])


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("имя,город\nПривет,Москва\n", "cp1251"),
        ("name,city\nŁukasz Włodek,Łódź\n", "cp1250"),
        ("名前\n東京\n", "shift-jis"),
    ],
)
def test_an_encoding_that_can_only_be_guessed_is_refused(text, encoding):
    with pytest.raises(IntakeError, match="This file is not UTF-8"):
        opened(text.encode(encoding))


def test_a_file_that_stops_being_utf8_late_is_not_taken_for_utf8():
    table = opened(b"name,city\n" + b"A,B\n" * 60_000 + "Café,Genève\n".encode("cp1252"))

    assert rows_of(table)[-1] == ["Café", "Genève"]


def test_line_ends_of_old_macs_divide_rows():
    table = opened(b"name,city\rNord,Oslo\rHelio,Paris\r")

    assert rows_of(table) == [["Nord", "Oslo"], ["Helio", "Paris"]]


def test_a_quoted_cell_may_hold_lines_quotes_and_delimiters():
    table = opened(b'name,address\n"Acme, Inc.","1 Main St\nSuite 2\n""HQ"""\nNord,Oslo\n')

    assert rows_of(table) == [["Acme, Inc.", '1 Main St\nSuite 2\n"HQ"'], ["Nord", "Oslo"]]
    assert [line.number for line in table.lines()] == [2, 5]


def test_repeated_columns_are_numbered_so_that_no_value_is_lost():
    table = opened(b"Name,Email,Email,Phone,Phone,Email\nA,a@x.example,b@x.example,1,2,c@x.example\n")

    assert table.columns == ("Name", "Email", "Email (2)", "Phone", "Phone (2)", "Email (3)")


def test_blank_lines_and_trailing_commas_are_no_rows():
    table = opened(b"\n\nname,domain,,\nA,a.example,,\n\n,,,\nB,b.example,,\n\n")

    assert (table.columns, rows_of(table)) == (("name", "domain"), [["A", "a.example"], ["B", "b.example"]])
    assert faults_of(table) == []


def test_a_nameless_column_that_holds_something_is_kept():
    table = opened(b"name,city,\nA,Oslo,red\nB,Paris,\n")

    assert (table.columns, rows_of(table)[0]) == (("name", "city", "Column 3"), ["A", "Oslo", "red"])


def test_ragged_rows_are_reported_with_their_line_and_reason():
    table = opened(b"a,b,c\n1,2\n1,2,3,4\n1,2,3\n")

    assert rows_of(table) == [["1", "2", "3"]]
    assert faults_of(table) == [
        (2, "The row has 2 cells, the header has 3."),
        (3, "The row has 4 cells, the header has 3."),
    ]


def test_a_header_without_rows_is_an_empty_table():
    table = opened(b"name,domain,city\n")

    assert (table.columns, rows_of(table)) == (("name", "domain", "city"), [])


def test_a_preamble_before_the_header_is_passed_over():
    table = opened(
        b'Notes:\n"Some, long; note\nover lines"\n\nFirst Name,Last Name,URL\nAna,Ruiz,https://x.example\n'
    )

    assert (table.header_line, table.columns) == (5, ("First Name", "Last Name", "URL"))
    assert rows_of(table) == [["Ana", "Ruiz", "https://x.example"]]


def test_the_footer_of_a_report_is_no_row():
    table = opened(
        b'Deal,Amount\nA,1\n\n\n"Grand Totals (1 records)"\n\n"Confidential Information - Do Not Distribute"\n'
    )

    assert (rows_of(table), faults_of(table), table.footer_lines) == ([["A", "1"]], [], 2)


def test_nul_bytes_are_dropped():
    table = opened(b"name,city\nNo\0rd,Os\0lo\n")

    assert rows_of(table) == [["Nord", "Oslo"]]


def test_a_cell_of_ten_megabytes_is_read():
    table = opened(b'name,notes\nA,"' + b"x" * 10_000_000 + b'"\nB,short\n')

    assert [(cells[0], len(cells[1])) for cells in rows_of(table)] == [("A", 10_000_000), ("B", 5)]


def test_a_quote_that_never_closes_is_said_and_does_not_swallow_the_file_silently():
    content = b'name,city\nA,Oslo\nB,"Paris\nC,Rome\n'

    with pytest.raises(IntakeError, match="in the row on line 3 is never closed"):
        opened(content)


def test_a_quote_that_never_closes_is_said_however_late_it_stands():
    table = opened(b"name,city\n" + b"A,Oslo\n" * 5_000 + b'B,"Paris\nC,Rome\n')

    with pytest.raises(IntakeError, match="in the row on line 5002 is never closed"):
        rows_of(table)


def test_formulas_and_scripts_stay_the_text_they_are():
    table = opened(
        b'name,note\n"=HYPERLINK(""http://evil.example"",""x"")",ok\n"\t=1+1",<script>alert(1)</script>\n'
    )

    assert rows_of(table) == [
        ['=HYPERLINK("http://evil.example","x")', "ok"],
        ["\t=1+1", "<script>alert(1)</script>"],
    ]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty"),
        (b"\n \n\n", "The file is empty"),
        (b"\xef\xbb\xbf", "The file is empty"),
        (b"\x00\x00\x00\x00", "The file is empty"),
        (b"PK\x03\x04rest", "This is an Excel workbook"),
        (b"%PDF-1.7 rest", "This is a PDF"),
        (b"\x89PNG\r\n\x1a\n", "This is a picture"),
        (bytes(range(256)) * 20, "This file is not text"),
        (b"a@x.example,b\nc@x.example,d\n", "holds values such as"),
    ],
)
def test_what_is_no_table_is_refused_with_a_sentence(content, sentence):
    with pytest.raises(IntakeError, match=sentence):
        opened(content)


def test_a_table_can_be_read_again_from_its_first_row():
    table = opened(b"name,city\nA,Oslo\n,\n")

    first, second = rows_of(table), rows_of(table)

    assert first == second == [["A", "Oslo"]]


def test_a_stream_that_cannot_be_rewound_is_read_all_the_same():
    class OneWay(io.BytesIO):
        def seekable(self):
            return False

    with open_table(OneWay(b"name,city\nA,Oslo\n")) as table:
        rows = rows_of(table)

    assert rows == [["A", "Oslo"]]


cells = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n\r\t"), min_size=1, max_size=20
).filter(lambda text: text.strip() != "")


@given(
    rows=st.lists(st.tuples(cells, cells, cells), min_size=3, max_size=30),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    line_end=st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_whatever_a_table_writes_is_read_back(rows, delimiter, encoding, line_end):
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=delimiter, lineterminator=line_end, quoting=csv.QUOTE_ALL)
    writer.writerows([("name", "city", "notes"), *rows])

    table = opened(out.getvalue().encode(encoding))

    assert (table.delimiter, table.columns) == (delimiter, ("name", "city", "notes"))
    assert rows_of(table) == [list(row) for row in rows]
