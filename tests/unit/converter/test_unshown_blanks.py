"""Cells that are blank in a later file and never were in the example: flagged, unless blank is plainly meant."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from benchmarks.by_example import apply_training
from services.converter.adapters.duckdb_sandbox import DuckDBSandbox
from tests.unit.converter.later_rows import Example, Line, Wish, written

HEADER = ("Ref", "Day", "Kind", "Price", "Quantity", "Fee", "Remark")
ROWS = (
    ("A-101", "2026-03-01", "Buy", "12.50", "3", "1.10", "first of the year"),
    ("A-102", "2026-03-12", "Sell", "7.99", "10", "0.95", "Too dear"),
    ("A-103", "2026-04-30", "Buy", "640.10", "2", "12.00", "again"),
    ("A-104", "2026-05-02", "Sell", "88.00", "7", "2.45", "by phone, in the evening"),
    ("A-105", "2026-05-09", "Buy", "31.25", "4", "1.75", "ok"),
)
WIDTH = len(HEADER)
REF, DAY, KIND, PRICE, QUANTITY, FEE, REMARK = range(WIDTH)
Make = Callable[[Line], str]


def _product(row: Line) -> str:
    return f"{float(row[PRICE]) * int(row[QUANTITY]):.2f}"


def _signed(row: Line) -> str:
    return row[PRICE] if row[KIND] == "Sell" else f"-{row[PRICE]}"


MADE: dict[str, tuple[Make, tuple[int, ...]]] = {
    "a number as it stands": (lambda row: row[PRICE], (PRICE,)),
    "a number written otherwise": (lambda row: row[PRICE].replace(".", ","), (PRICE,)),
    "a day as it stands": (lambda row: row[DAY], (DAY,)),
    "a day written otherwise": (lambda row: ".".join(reversed(row[DAY].split("-"))), (DAY,)),
    "a kind as it stands": (lambda row: row[KIND], (KIND,)),
    "a kind in capitals": (lambda row: row[KIND].upper(), (KIND,)),
    "a kind by a list": (lambda row: {"Buy": "Kauf", "Sell": "Verkauf"}[row[KIND]], (KIND,)),
    "a part of a code": (lambda row: row[REF][2:], (REF,)),
    "a product": (_product, (PRICE, QUANTITY)),
    "a difference": (lambda row: f"{float(row[PRICE]) - float(row[FEE]):.2f}", (PRICE, FEE)),
    "a sum": (lambda row: f"{float(row[PRICE]) + float(row[FEE]):.2f}", (PRICE, FEE)),
    "an amount by its kind": (_signed, (PRICE, KIND)),
    "two cells in one": (lambda row: f"{row[REF]} {row[KIND]}", (REF, KIND)),
}
BLANKED = [(name, column) for name, (_, columns) in MADE.items() for column in columns]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[DuckDBSandbox]:
    with DuckDBSandbox() as shared:
        yield shared


def example(name: str, rows: Sequence[Line] = ROWS) -> Example:
    make = MADE[name][0]
    return Example(HEADER, rows, ("ref", "wanted"), [(row[REF], make(row)) for row in rows])


def blanked(row: Line, column: int) -> Line:
    return tuple("" if place == column else cell for place, cell in enumerate(row))


@pytest.mark.parametrize(("name", "column"), BLANKED, ids=[f"{name}, {HEADER[column]}" for name, column in BLANKED])
def test_a_blank_cell_that_was_always_filled_is_flagged(
    name: str, column: int, sandbox: DuckDBSandbox, tmp_path: Path
) -> None:
    make = MADE[name][0]
    later = [ROWS[0], blanked(ROWS[1], column), *ROWS[2:]]
    wishes: list[Wish] = [(row[REF], make(row)) for row in ROWS]
    wishes[1] = ("" if column == REF else ROWS[1][REF], None)
    assert example(name).outcome(sandbox, tmp_path, later, wishes) == "right"


@pytest.mark.parametrize(("name", "column"), BLANKED, ids=[f"{name}, {HEADER[column]}" for name, column in BLANKED])
def test_a_column_that_is_blank_throughout_is_said_once(
    name: str, column: int, sandbox: DuckDBSandbox, tmp_path: Path
) -> None:
    source = tmp_path / "later.csv"
    source.write_bytes(written(HEADER, [blanked(row, column) for row in ROWS]))
    training = example(name).learn(sandbox)
    inference = apply_training(training, source, tmp_path / "output.csv", sandbox, 60.0)
    said = [note for note in inference.notes if f'"{HEADER[column]}"' in note]
    assert len(said) == 1
    assert "blank" in said[0]
    assert any(flags.rows == len(ROWS) for flags in inference.flags)


@pytest.mark.parametrize("name", [name for name, (_, columns) in MADE.items() if columns == (PRICE,)])
def test_a_blank_cell_of_a_column_that_had_blanks_is_none(name: str, sandbox: DuckDBSandbox, tmp_path: Path) -> None:
    rows = [*ROWS[:2], blanked(ROWS[2], PRICE), *ROWS[3:]]
    later = [blanked(ROWS[0], PRICE), *ROWS[1:]]
    wishes: list[Wish] = [(row[REF], MADE[name][0](row)) for row in later]
    assert example(name, rows).outcome(sandbox, tmp_path, later, wishes) == "right"


@pytest.mark.parametrize("name", ["a number as it stands", "a day as it stands", "a kind in capitals"])
def test_two_rows_do_not_show_that_a_cell_is_never_blank(name: str, sandbox: DuckDBSandbox, tmp_path: Path) -> None:
    later = [blanked(ROWS[2], MADE[name][1][0]), *ROWS[3:]]
    wishes: list[Wish] = [(row[REF], MADE[name][0](row)) for row in later]
    assert example(name, ROWS[:2]).outcome(sandbox, tmp_path, later, wishes) == "right"


def test_a_remark_that_is_blank_is_copied_as_nothing(sandbox: DuckDBSandbox, tmp_path: Path) -> None:
    remarks = Example(HEADER, ROWS, ("ref", "remark"), [(row[REF], row[REMARK]) for row in ROWS])
    later = [ROWS[0], blanked(ROWS[1], REMARK), *ROWS[2:]]
    assert remarks.outcome(sandbox, tmp_path, later, [(row[REF], row[REMARK]) for row in later]) == "right"


@pytest.mark.parametrize("cells", range(1, FEE + 1))
def test_a_row_that_is_cut_short_is_named_as_such_once(cells: int, sandbox: DuckDBSandbox, tmp_path: Path) -> None:
    plain = Example(HEADER, ROWS, ("ref", "day", "price", "fee"), [(r[REF], r[DAY], r[PRICE], r[FEE]) for r in ROWS])
    source = tmp_path / "later.csv"
    source.write_bytes(written(HEADER, [ROWS[0], ROWS[1][:cells], *ROWS[2:]]))
    inference = apply_training(plain.learn(sandbox), source, tmp_path / "output.csv", sandbox, 60.0)
    assert [flags.rows for flags in inference.flags if flags.words.startswith("the row ")] == [1]
