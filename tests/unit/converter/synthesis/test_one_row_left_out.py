"""A single row that the example leaves out: it goes for its kind, and where another reason fits too, that is said."""

from collections.abc import Sequence

import pytest

from services.converter.domain.learned_program import LearnedProgram
from services.converter.domain.learning import learn
from services.converter.domain.program import ProgramRunner
from services.converter.domain.table import Row, Table

HEADER = ("Booked", "Text", "Status", "Sum")
KINDS = {
    "booked or noted": ("booked", "noted"),
    "a sale, a refund or a hold": ("sale", "hold"),
    "written with blanks": ("Umsatz gebucht", "Umsatz vorgemerkt"),
}
OTHERWISE = {
    # What the row that goes has in common with one before it, by chance, in one of its other cells.
    "a text that came before": ("rent", "food", "fuel", "food", "gift", "tram"),
    "nothing": ("rent", "food", "fuel", "shoes", "gift", "tram"),
}


def export(texts: Sequence[str], statuses: Sequence[str], first: int = 1) -> Table:
    """A row for each text, with a day and a sum of its own."""
    pairs = enumerate(zip(texts, statuses, strict=True), first)
    return Table(HEADER, tuple((f"2026-03-{i:02}", text, status, f"-{7 * i}.40") for i, (text, status) in pairs))


def booked(table: Table, gone: str) -> tuple[Row, ...]:
    """What is wanted: all but the rows of the kind that goes."""
    return tuple((row[0], row[1], row[3]) for row in table.rows if row[2] != gone)


def learned(kept: str, gone: str, texts: Sequence[str], runner: ProgramRunner) -> LearnedProgram:
    given = export(texts, (kept, kept, kept, gone, kept, kept))
    return learn(given, Table(("day", "text", "sum"), booked(given, gone)), runner=runner)


@pytest.mark.parametrize("texts", list(OTHERWISE.values()), ids=list(OTHERWISE))
@pytest.mark.parametrize(("kept", "gone"), list(KINDS.values()), ids=list(KINDS))
def test_the_kind_of_the_row_is_why_it_goes(
    kept: str, gone: str, texts: tuple[str, ...], runner: ProgramRunner
) -> None:
    program = learned(kept, gone, texts, runner)
    assert program.status == "completed", program.report.doubts
    later = export(("rent", "rent", "food", "fuel"), (kept, kept, gone, kept), 11)
    assert tuple(runner.run(program.sql, later).rows) == booked(later, gone)


def test_of_two_columns_of_kinds_the_one_with_fewer_is_believed(runner: ProgramRunner) -> None:
    names = ("Alpha", "Beta", "Alpha", "Gamma", "Delta", "Delta")
    sides = ("buy", "buy", "sell", "transfer", "buy", "sell")
    header = ("Day", "Name", "Side", "Count")
    rows = tuple((f"2026-03-{i:02}", *pair, f"{7 * i}") for i, pair in enumerate(zip(names, sides, strict=True), 1))
    kept = tuple((row[0], row[1], row[3]) for row in rows if row[2] != "transfer")
    program = learn(Table(header, rows), Table(("day", "name", "count"), kept), runner=runner)
    later = Table(header, (("2026-04-01", "Gamma", "sell", "3"), ("2026-04-02", "Beta", "transfer", "4")))
    assert [tuple(row) for row in runner.run(program.sql, later).rows] == [("2026-04-01", "Gamma", "3")]
    # By the example the row may as well have gone for its name.
    flagged = {int(row[0]) for guard in program.report.guards for row in runner.run(guard.sql, later).rows}
    assert 1 in flagged
