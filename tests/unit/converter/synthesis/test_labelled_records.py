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
