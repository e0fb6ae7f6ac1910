"""Kinds of formats that one example stands for, learned from a few rows and checked on rows that were not shown."""

import pytest

from services.converter.domain.formats.datereader import order_of
from services.converter.domain.learning import learn
from services.converter.domain.table import Table
from tests.unit.converter.synthesis.duck import InProcessRunner

Case = tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], tuple[str, ...]]

KINDS: dict[str, Case] = {
    "a date in another clear form": (
        ("2031/12/05",), ("2031-12",), ("6 May 2030", "Apr 2, 2029", "2028.03.01"), ("2030-05", "2029-04", "2028-03")
    ),
    "two-digit years": (
        ("21.06.2004", "30 May 1997"), ("2004-06-21", "1997-05-30"), ("1/4/26", "1.4.71"), ("2026-04-01", "1971-04-01")
    ),
    "forms mixed": (
        ("06-Oct-2143", "Mar 30 2002", "01311846", "22 Apr 1953"),
        ("2143-10-06", "2002-03-30", "1846-01-31", "1953-04-22"),
        ("15 August 1740", "Jul 08 2237", "12251999"), ("1740-08-15", "2237-07-08", "1999-12-25"),
    ),
    "months in Polish": (
        ("7 lip 2025", "12 sie 2024"), ("2025-07-07", "2024-08-12"), ("1 gru 2022", "3 maj 2021", "3 foo 2021"),
        ("2022-12-01", "2021-05-03", ""),
    ),
    "amounts of money": (
        ("$ (2,131.00)", "$5.00", "$1,000.00"), ("-2131.00", "5.00", "1000.00"),
        ("€7.5", "(3)", "12-", "1.2.3", "$1,000.00 DR"), ("7.50", "-3.00", "-12.00", "", ""),
    ),
    "a decimal comma": (
        ("1.250,50", "3,25"), ("1250.50", "3.25"), ("-2.131,00", "1 200", "1,234.5"), ("-2131.00", "1200.00", "")
    ),
    "capitals": (
        ("(go home) now", "to the u.s.s.r."), ("(Go Home) Now", "To The U.S.S.R."), ("don't [stop] it",),
        ("Don't [Stop] It",),
    ),
    "bins of any width": (
        ("37 t", "95 t", "41 t", "120 t"), ("0..40", "80..120", "40..80", "120..160"), ("40 t", "8 t"),
        ("40..80", "0..40"),
    ),
    "a floor": (("348",), ("300",), ("512", "1961", "77"), ("500", "1900", "0")),
    "text stays text": (("{{12.50}}",), ("12.50",), ("{{3.875}}", "{{0.1}}"), ("3.875", "0.1")),
    "zeros that lead": (("code 007 open",), ("007",), ("code 12 shut", "code 0450 x"), ("12", "0450")),
    "colours": (("#102030", "#0A0B0C"), ("16/32/48", "10/11/12"), ("#1E905A",), ("30/144/90",)),
    "bits": (("0xA1", "0x3"), ("1010 0001", "0011"), ("0x900",), ("1001 0000 0000",)),
    "character codes": (("A", "b", "~"), ("65", "98", "126"), ("Z",), ("90",)),
    "weekdays from 0": (
        ("2024-01-07", "2024-01-08", "2024-01-13"), ("0", "1", "6"), ("2024-02-29", "2024-03-03"), ("4", "0")
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_one_format_stands_for_its_class(kind: str, runner: InProcessRunner) -> None:
    given, wanted, later, answers = KINDS[kind]
    cells = [Table((name,), tuple((text,) for text in texts)) for name, texts in (("a", given), ("out", wanted))]
    program = learn(cells[0], cells[1], runner=runner)
    assert program.status == "completed", program.report.differences
    table = runner.run(program.sql, Table(("a",), tuple((text,) for text in later)))
    assert tuple(row[0] for row in table.rows) == answers


def test_no_odd_factor_is_made_to_fit_two_rows(runner: InProcessRunner) -> None:
    given, wanted = (("12", "31"), ("16.04", "41.45"))
    cells = [Table((name,), tuple((text,) for text in texts)) for name, texts in (("a", given), ("out", wanted))]
    assert "1.337" not in learn(cells[0], cells[1], runner=runner).sql


@pytest.mark.parametrize(
    ("columns", "words", "order"),
    [
        ([["03/04/2024"], ["12/25/2023"]], "", "mdy"),
        ([["03/04/2024"], ["25.12.2023", ""]], "", "dmy"),
        ([["03/04/2024"], ["25.12.2023"], ["12/25/2023"]], "", ""),
        ([["03/04/2024"]], "dates are DD/MM/YYYY", "dmy"),
        ([["03/04/2024"]], "the month comes first", "mdy"),
        ([["12/25/2023"]], "dates are DD/MM/YYYY", "mdy"),
        ([["03/04/2024"], ["25 Dec 2023"]], "", ""),
    ],
)
def test_a_13th_day_of_any_column_or_words_settle_the_order(columns: list[list[str]], words: str, order: str) -> None:
    assert order_of(columns, words) == order
