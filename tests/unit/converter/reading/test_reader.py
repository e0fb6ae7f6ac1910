"""Whole files as they come: dialects, headers, preambles, footers, further tables."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.converter.domain.faults import ReadingFault
from services.converter.domain.reading.reader import ReadingHints, read_table
from services.converter.domain.table import Dialect, Row, Table
from services.converter.domain.writing import finish_file, format_row

HEADER = ("Date", "Action", "Symbol", "Quantity", "Price", "Description")
ROWS = (
    ("2026-01-05", "Buy", "ACME", "10", "12.50", "Acme Corp, ordinary"),
    ("2026-01-06", "Sell", "BETA", "3", "7.25", 'Beta "B" shares'),
    ("2026-01-09", "Buy", "GAMA", "1", "101.00", "Gamma"),
    ("2026-02-11", "Dividend", "ACME", "", "3.10", "Payment; first quarter"),
    ("2026-02-12", "Buy", "DELT", "25", "4.75", "Delta"),
)


def written(rows: tuple[Row, ...] = (HEADER, *ROWS), dialect: Dialect | None = None) -> str:
    return "".join(format_row(row, dialect or Dialect()) for row in rows)


def read(text: str) -> Table:
    return read_table(text.encode()).table


@settings(max_examples=40)
@given(
    delimiter=st.sampled_from([",", ";", "\t", "|", "^", "~"]),
    quote=st.sampled_from(['"', "'"]),
    quoting=st.sampled_from(["minimal", "all"]),
    line_end=st.sampled_from(["\n", "\r\n", "\r"]),
    mark=st.booleans(),
    encoding=st.sampled_from(["utf-8", "utf-16-le", "utf-16-be"]),
    has_header=st.booleans(),
    final=st.booleans(),
)
def test_every_dialect_is_found(
    *, delimiter: str, quote: str, quoting: str, line_end: str, mark: bool, encoding: str, has_header: bool, final: bool
) -> None:
    if quote == "'" and quoting == "minimal":
        quoting = "all"  # a lone apostrophe or two say nothing
    dialect = Dialect(
        delimiter,
        quote,
        quote,
        quoting,
        line_end,
        encoding,
        mark,
        has_header,
        final,  # type: ignore[arg-type]
    )
    lines = written(ROWS, dialect).replace("\r", "\n") if line_end == "\r" else written(ROWS, dialect)
    data = b"".join(finish_file(HEADER if has_header else None, [lines.encode()], dialect))
    table = read_table(data).table
    assert table.rows == ROWS
    assert table.header == (HEADER if has_header else None)
    assert table.dialect == dialect


def test_a_preamble_and_a_footer_are_left_out_and_named() -> None:
    text = (
        "Transactions for account XXXX-123\n\nFrom,2026-01-01\n\n"
        + written()
        + '\n"The data is provided to you for your use only, without warranty."\n"Date downloaded 2026-03-01"\n'
    )
    read = read_table(text.encode())
    assert (read.table.header, read.table.rows) == (HEADER, ROWS)
    assert [note.split(" ", 2)[0] for note in read.notes] == ["2", "2"]
    assert read.table.dialect.preamble_rows == 4


def test_a_preamble_padded_to_the_tables_width_is_left_out() -> None:
    text = "Account: 1,,,,,\n,,,,,\nAll movements,,,,,\n,,,,,\n" + written()
    assert read(text).header == HEADER


def test_a_preamble_of_names_and_values_before_a_narrow_table_is_left_out() -> None:
    rows = "".join(f"2026-01-{day:02},{day * 3}.50\n" for day in range(1, 20))
    table = read("Client:,Jane Roe\nAccount:,main\n\nDate,Amount\n" + rows)
    assert (table.header, len(table.rows)) == (("Date", "Amount"), 19)


def test_a_title_and_one_pair_before_a_narrow_table_are_left_out() -> None:
    table = read(
        "Report\nOwner,Jane\n\nDate,Kind,Amount\n2024-01-02,BUY,150\n2024-01-03,SELL,275\n2024-01-05,BUY,300\n"
    )
    assert (table.header, len(table.rows)) == (("Date", "Kind", "Amount"), 3)


def test_a_totals_line_behind_the_table_is_left_out() -> None:
    assert read(written() + "Transactions Total,,,,128.60,\n").rows == ROWS


def test_a_subheading_inside_of_the_table_is_kept() -> None:
    text = written((HEADER, *ROWS[:2])) + "Dividends,,,,,\n" + written(ROWS[3:])
    assert read(text).rows == (*ROWS[:2], ("Dividends", "", "", "", "", ""), *ROWS[3:])


def test_rows_of_other_widths_are_kept_as_they_are() -> None:
    text = written((HEADER, *ROWS[:3])) + "2026-03-01,Fee,,1\n" + written(ROWS[4:])
    assert read(text).rows == (*ROWS[:3], ("2026-03-01", "Fee", "", "1"), ROWS[4])


def test_a_further_table_is_left_out_and_named() -> None:
    other = "\nAccount,Balance,Currency\nmain,12.50,EUR\nsavings,7.00,EUR\n"
    read = read_table((written() + other).encode())
    assert read.table.rows == ROWS
    assert 'columns "Account, Balance, Currency"' in read.notes[-1]


def test_a_copy_of_the_table_is_left_out() -> None:
    assert read(written() + written()).rows == ROWS


def test_a_header_repeated_on_every_page_is_left_out_and_the_rows_are_kept() -> None:
    read = read_table((written((HEADER, *ROWS[:3])) + written((HEADER, *ROWS[3:]))).encode())
    assert read.table.rows == ROWS
    assert "repeated" in read.notes[-1]


def test_a_header_of_two_rows_is_joined() -> None:
    table = read(written((("Trade", "Kind of", "Ticker", "Number of", "Unit", "Free"), HEADER, *ROWS)))
    assert table.header is not None
    assert table.header[3:5] == ("Number of Quantity", "Unit Price")


@pytest.mark.parametrize("name", ["Trade\u00a0date", "TRADE DATE", "\u200bTrade date"])
def test_known_names_are_found_below_titles_and_a_blank_line(name: str) -> None:
    names = ("Trade date", "Side", "Amount")
    text = f"Statement,,\nPeriod,2026,\n,,\n{name},Side,Amount\n01/02/2026,BUY,1.00\n02/02/2026,SELL,2.00\n"
    found = read_table(text.encode(), ReadingHints(has_header=True, names=names))
    assert found.table.header == (name, "Side", "Amount")
    assert len(found.table.rows) == 2
    assert [note for note in found.notes if "header" in note] == []


def test_a_header_can_be_forced() -> None:
    text = "a,b\nc,d\ne,f\n"
    assert read_table(text.encode(), ReadingHints(has_header=False)).table.header is None
    assert read_table(text.encode(), ReadingHints(has_header=True)).table.header == ("a", "b")


def test_an_exact_dialect_is_not_questioned() -> None:
    text = 'col1,col2\r\nOnly one,\r\n"",\r\nTotal,9\r\n'
    hints = ReadingHints(dialect=Dialect(line_end="\r\n"), exact=True, has_header=True)
    assert read_table(text.encode(), hints).table.rows == (("Only one", ""), ("", ""), ("Total", "9"))


def test_the_known_dialect_wins_where_it_fits() -> None:
    text = "1,5;2,5\n3,5;4,5\n"
    hints = ReadingHints(dialect=Dialect(delimiter=";"), has_header=False)
    assert read_table(text.encode(), hints).table.rows == (("1,5", "2,5"), ("3,5", "4,5"))


def test_another_dialect_than_the_known_one_is_found() -> None:
    hints = ReadingHints(dialect=Dialect(delimiter=";"))
    assert read_table(written().encode(), hints).table.rows == ROWS


def test_a_single_column_keeps_its_empty_rows() -> None:
    table = read("name\nalpha\n\nbeta\n")
    assert (table.header, table.rows) == (("name",), (("alpha",), ("",), ("beta",)))


@pytest.mark.parametrize(
    ("data", "reason"),
    [(b"", "INPUT_EMPTY"), (b"\xef\xbb\xbf \r\n\r\n", "INPUT_EMPTY"), (b"Date,Amount,Note\n", "INPUT_NO_ROWS")],
)
def test_files_without_rows_are_refused(data: bytes, reason: str) -> None:
    with pytest.raises(ReadingFault) as raised:
        read_table(data)
    assert raised.value.reason == reason


@given(st.binary(max_size=400) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        read_table(data)
    except ReadingFault as fault:
        assert fault.reason in {"INPUT_EMPTY", "INPUT_NO_ROWS", "INPUT_NOT_TEXT", "INPUT_TOO_LARGE"}  # noqa: PT017


@pytest.mark.parametrize("names", ["31.01.2024;29.02.2024;28.03.2024", "2024-01-31;2024-02-29;2024-03-28"])
@pytest.mark.parametrize("lines", [1, 3])
def test_days_over_columns_of_numbers_are_names_below_titles_that_are_as_wide(names: str, lines: int) -> None:
    title = ";".join(["Month-end prices", *[""] * 5]) + "\n"
    rows = "A1;Alpha;EUR;298,12;303,40;311,05\nB2;Beta;USD;-;62,18;\nC3;Gamma;EUR;1.041,87;;98,70\n"
    data = (lines * title + f"ISIN;Name;Ccy;{names}\n" + rows).encode()

    read = read_table(data).table

    assert read.header == ("ISIN", "Name", "Ccy", *names.split(";"))
    assert len(read.rows) == 3
