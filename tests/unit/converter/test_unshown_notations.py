"""Cells of later files in a notation that no row of the example has: read, or flagged at the cell."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.converter.adapters.duckdb_sandbox import DuckDBSandbox
from tests.unit.converter.later_rows import Example

SHOWN = {
    "two decimals": ("12.50", "7.99", "640.10", "88.00"),
    "whole": ("12", "7", "640", "88"),
    "any decimals": ("12.5", "7", "640.125", "88"),
    "a decimal comma": ("12,50", "7,99", "-640,10", "88,00"),
    "a day": ("2026-03-01", "2026-03-12", "2026-04-30", "2026-05-02"),
    "a code": ("2530015", "5120011", "3418722", "5180015"),
    "one decimal": ("1.5", "0.0", "8.0", "13.0"),
}
MARKED = {
    "two decimals": (
        "1,234.50", "1.234,50", "1 234.50", "1\u00a0234.50", "1\u202f234.50",
        "1'234.50", "1.234", "1.234.567", "12,50", "$12.00", "12.00 EUR",
        "EUR 12.00", "(12.00)", "12.00-", "\u221212.00", "12.00 CR", "1.2E+3", "12%", "12.00kg",
    ),
    "whole": ("1,234", "1 234", "1.234", "1'234", "$12", "(12)", "12-", "1E+3", "5pcs", "3x"),
    "any decimals": ("1,234.50", "1.234,50", "(12.5)", "$3", "10.01INCH"),
    "a decimal comma": ("1.234,50", "1 234,50", "1,234.50", "12.50", "(12,50)", "12,50 EUR"),
    "a day": ("01.03.2026", "03/01/2026", "1 March 2026", "2026-03-01 10:00", "46082", "Subtotal"),
    "a code": ("2,530,015", "2 530 015"),
    "one decimal": ("1,200.5", "1.5 g"),
}  # fmt: skip
PLAIN = {
    "two decimals": ("1234.50", "-3.00", "0.5", "0.125", "n/a", "17"),
    "whole": ("1234", "-5", "2.5", "0.125", "n/a"),
    "any decimals": ("1234.5", "1.234", "-7", "1e-05"),
    "a decimal comma": ("1234,50", "3", "-0,5"),
    "a day": ("2027-01-31", "2018", "n/a"),
    "a code": ("3418DSPLANE", "0000001"),
    "one decimal": ("19.637", "7 *"),
}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[DuckDBSandbox]:
    with DuckDBSandbox() as shared:
        yield shared


def copied(kind: str) -> Example:
    """A column that is copied among others."""
    rows = tuple((f"R{n}", f"Payee {'ABCD'[n]}", text) for n, text in enumerate(SHOWN[kind], 1) if n < len("ABCD"))
    rows = (("R0", "Payee E", SHOWN[kind][-1]), *rows)
    return Example(("Ref", "Payee", "Value"), rows, ("ref", "value"), tuple((ref, text) for ref, _, text in rows))


@pytest.mark.parametrize("kind", SHOWN)
def test_a_copied_cell_in_another_notation_is_flagged(kind: str, sandbox: DuckDBSandbox, tmp_path: Path) -> None:
    later = [(f"L{n}", "Payee E", text) for n, text in enumerate((*SHOWN[kind], *MARKED[kind]))]
    wishes = [(ref, text if text in SHOWN[kind] else None) for ref, _, text in later]
    assert copied(kind).outcome(sandbox, tmp_path, later, wishes) == "right"


@pytest.mark.parametrize("kind", SHOWN)
def test_a_copied_cell_as_the_example_writes_them_is_not_flagged(
    kind: str, sandbox: DuckDBSandbox, tmp_path: Path
) -> None:
    later = [(f"L{n}", "Payee E", text) for n, text in enumerate((*SHOWN[kind], *PLAIN[kind]))]
    assert copied(kind).outcome(sandbox, tmp_path, later, [(ref, text) for ref, _, text in later]) == "right"


NUMBERS, UNITS = ("43.70", "2.50", "0.20", "1.25", "11.42"), ("ADA", "DOT", "ETH", "ETH", "ADA")
OTHER_UNITS = ("10.01{}INCH", "1,234.50{}ADA", "1.234,50{}ADA", "5{}pcs", "ADA{}7.25", "-7.25{}ADA", "7.25")
COUNTS = ("12", "7", "640", "88", "3")
OTHER_COUNTS = ("5{}kg", "5{}x", "5", "1,200{}pcs", "1.200{}pcs", "2.5{}pcs", "3x4{}pcs", "5{}pcs (2 boxes)")


@pytest.mark.parametrize("mark", ["", " "], ids=["glued", "behind a blank"])
@pytest.mark.parametrize("odd", OTHER_UNITS)
def test_a_number_is_parted_from_another_unit_or_flagged(
    odd: str, mark: str, sandbox: DuckDBSandbox, tmp_path: Path
) -> None:
    parts = tuple(zip(NUMBERS, UNITS, strict=True))
    rows = tuple((f"T{n}", mark.join(part)) for n, part in enumerate(parts))
    example = Example(("Id", "Cell"), rows, ("id", "amount", "unit"), tuple((f"T{n}", *p) for n, p in enumerate(parts)))
    text = odd.format(mark)
    later = [*rows[:2], ("T9", text), *rows[2:]]
    told = example.wanted
    unit = "".join(filter(str.isalpha, text))
    number = text.replace(unit, "").strip().replace(",", "")
    right = [*told[:2], ("T9", number, unit), *told[2:]]
    wishes = [*told[:2], ("T9", None, None), *told[2:]]
    others = () if odd.startswith("1.234") else (right,)
    assert "silently" not in example.outcome(sandbox, tmp_path, later, wishes, *others)


@pytest.mark.parametrize("mark", ["", " "], ids=["glued", "behind a blank"])
@pytest.mark.parametrize("odd", OTHER_COUNTS)
def test_a_number_cut_from_beside_another_unit_is_flagged(
    odd: str, mark: str, sandbox: DuckDBSandbox, tmp_path: Path
) -> None:
    rows = tuple((f"T{n}", f"{count}{mark}pcs") for n, count in enumerate(COUNTS))
    wanted = tuple((f"T{n}", count) for n, count in enumerate(COUNTS))
    later = [*rows[:2], ("T9", odd.format(mark)), *rows[2:]]
    wishes, others = [*wanted[:2], ("T9", None), *wanted[2:]], []
    if "pcs" in odd and not odd.startswith(("1.200", "3x4")):
        number = odd.partition("{}")[0].replace(",", "")
        others = [[*wanted[:2], ("T9", number), *wanted[2:]]]
    outcome = Example(("Id", "Cell"), rows, ("id", "count"), wanted).outcome(sandbox, tmp_path, later, wishes, *others)
    assert "silently" not in outcome
