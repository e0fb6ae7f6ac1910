"""A row just below the names: one of the rows, unless it is no more than a second line of headings."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.by_example import apply_training
from services.converter.adapters.duckdb_sandbox import DuckDBSandbox
from services.converter.fitting import ColumnsDrifted
from tests.unit.converter.later_rows import Example, Line, Wish, written

KEYS = {
    "codes": ("812-8711", "513-4482", "472-5800", "842-5066", "106-5325", "290-4471"),
    "days": ("2026-03-01", "2026-03-12", "2026-04-30", "2026-05-02", "2026-05-09", "2026-06-01"),
    "numbers of orders": ("40012", "40013", "40017", "40020", "40021", "40025"),
}
AMOUNTS = ("", "15336,86", "367,62", "751,00", "26027,39", "88,10")
SITES = ("Clearstream", "SIX SIS", "SIX SIS", "SIX SIS", "SIX SIS", "SIX SIS")
HEADER = ("Client", "Site", "EUR", "USD")


def made(keys: str, how: str) -> tuple[list[Line], list[Line]]:
    rows = [(key, site, "1,50", amount) for key, site, amount in zip(KEYS[keys], SITES, AMOUNTS, strict=True)]
    return rows, [(row[0], row[3] if how == "copied" else row[3].replace(",", ".")) for row in rows]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[DuckDBSandbox]:
    with DuckDBSandbox() as shared:
        yield shared


@pytest.mark.parametrize("count", [4, 5, 6])
@pytest.mark.parametrize("how", ["copied", "written otherwise"])
@pytest.mark.parametrize("keys", KEYS)
def test_a_first_row_that_goes_is_no_heading(
    keys: str, how: str, count: int, sandbox: DuckDBSandbox, tmp_path: Path
) -> None:
    rows, wanted = made(keys, how)
    example = Example(HEADER, rows[:count], ("client", "usd"), wanted[1:count])
    later = [rows[1], rows[0], *rows[2:]]
    # Nobody can tell for sure why the first one goes: what is known is that the new first one is a row.
    wishes: list[Wish] = [wanted[1], None, *wanted[2:]]
    assert "silently" not in example.outcome(sandbox, tmp_path, later, wishes)


@pytest.mark.parametrize("keys", KEYS)
def test_a_second_line_of_headings_goes_and_a_row_in_its_place_is_refused(
    keys: str, sandbox: DuckDBSandbox, tmp_path: Path
) -> None:
    rows, wanted = made(keys, "copied")
    example = Example(HEADER, [("No.", "Name", "(EUR)", "(USD)"), *rows[1:]], ("client", "usd"), wanted[1:])
    source, output = tmp_path / "same.csv", tmp_path / "same_output.csv"
    source.write_bytes(written(HEADER, [("No.", "Name", "(EUR)", "(USD)"), *rows[2:]]))
    same = apply_training(example.learn(sandbox), source, output, sandbox, 60.0)
    assert output.read_bytes() == written(("client", "usd"), wanted[2:])
    assert not same.flags
    with pytest.raises(ColumnsDrifted, match="looks like"):
        example.outcome(sandbox, tmp_path, rows[1:], [*wanted[1:]])
