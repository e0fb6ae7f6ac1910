"""Records whose lines say by a cell what they are: a line that a later file lacks, or has elsewhere, moves no other."""

import pytest

from services.converter.domain.learning import learn
from services.converter.domain.table import Row, Table
from tests.unit.converter.synthesis.duck import InProcessRunner

LABELS = ("city", "desk", "fee")
Records = list[tuple[str, tuple[str, ...]]]
EXAMPLE: Records = [("Ann", ("Bern", "A1", "7.5")), ("Bob", ("Chur", "B2", "4.25")), ("Eva", ("Jena", "C3", "9.5"))]
LATER: Records = [("Ida", ("Linz", "", "1.5")), ("Kim", ("", "D4", "2.5")), ("Lea", ("Kiel", "E5", ""))]


def pairs(records: Records) -> tuple[list[Row], list[Row]]:
    """A line for each name of a record, below names that are wanted above the values."""
    given = [(key, label, text) for key, texts in records for label, text in zip(LABELS, texts, strict=True) if text]
    return given, [("", *LABELS), *((key, *texts) for key, texts in records)]


def begun_by_a_label(records: Records) -> tuple[list[Row], list[Row]]:
    """Each record begins with the same label."""
    given: list[Row] = []
    for key, texts in records:
        given.append(("name", key))
        given += [(label, text) for label, text in zip(LABELS, texts, strict=True) if text]
    return given, [(key, *texts) for key, texts in records]


def parted_by_blank_lines(records: Records) -> tuple[list[Row], list[Row]]:
    """A blank line stands between records."""
    given: list[Row] = []
    for key, texts in records:
        given += [("", "")] if given else []
        given.append(("name", key))
        given += [(label, text) for label, text in zip(LABELS, texts, strict=True) if text]
    return given, [(key, *texts) for key, texts in records]


SHAPES = (pairs, begun_by_a_label, parted_by_blank_lines)


def sheet(rows: list[Row]) -> Table:
    return Table(tuple(f"col{number}" for number in range(1, len(rows[0]) + 1)), tuple(rows))


@pytest.mark.parametrize("shape", SHAPES)
def test_a_line_that_a_record_lacks_is_blank_and_the_others_keep_their_places(shape, runner: InProcessRunner) -> None:  # type: ignore[no-untyped-def]
    given, wanted = shape(EXAMPLE)
    learned = learn(sheet(given), sheet(wanted))
    later, made = shape(LATER)
    rows = runner.run(learned.sql, sheet(later)).rows
    assert [row for row in rows if not row[0].startswith("col")] == made


@pytest.mark.parametrize("shape", SHAPES)
def test_lines_in_another_order_are_the_same_record(shape, runner: InProcessRunner) -> None:  # type: ignore[no-untyped-def]
    given, wanted = shape(EXAMPLE)
    learned = learn(sheet(given), sheet(wanted))
    turned = [("Ida", ("Linz", "F6", "1.5"))]
    later, made = shape([*EXAMPLE, *turned])
    later[-2:] = later[:-3:-1]
    rows = runner.run(learned.sql, sheet(later)).rows
    assert [row for row in rows if not row[0].startswith("col")] == made


def legs(*records: tuple[str, str, str, str, str]) -> tuple[list[Row], list[Row]]:
    """What went out and what came in of a transaction, a line each, known by the sign of its amount."""
    given: list[Row] = []
    wanted: list[Row] = []
    for key, sent, out, received, kind in records:
        given += [(key, "BTC", f"-{sent}", kind)] if sent else []
        given += [(key, out, received, kind)] if received else []
        wanted.append((key, f"-{sent}" if sent else "", "BTC" if sent else "", received, out if received else "", kind))
    return given, wanted


def test_legs_of_a_transaction_are_known_by_their_signs(runner: InProcessRunner) -> None:
    given, wanted = legs(
        ("a1", "5", "EUR", "700", "swap"), ("a2", "", "USD", "90", "in"),
        ("a3", "8", "EUR", "", "out"), ("a4", "3", "CHF", "410", "swap"),
    )  # fmt: skip
    learned = learn(sheet(given), sheet(wanted))
    later, made = legs(("b1", "", "SEK", "12", "in"), ("b2", "6", "USD", "810", "swap"), ("b3", "2", "USD", "", "out"))
    later[1:3] = later[2:0:-1]  # what came in stands first
    rows = runner.run(learned.sql, sheet(later)).rows
    assert [row for row in rows if not row[0].startswith("col")] == made
    twice = [*later, ("b2", "BTC", "-1", "swap")]
    flagged = {row[0] for guard in learned.report.guards for row in runner.run(guard.sql, sheet(twice)).rows}
    assert "2" in flagged
