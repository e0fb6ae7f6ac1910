"""Files with other columns, forms or values than the example's: right, or asked by name, never silently wrong."""

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from random import Random

import pytest

from services.converter.adapters.duckdb_sandbox import DuckDBSandbox
from services.converter.adapters.spool import FileSpooler
from services.converter.domain.column_names import NameMatch, compare_names
from services.converter.domain.drift import OnDrift
from services.converter.domain.faults import MissingColumns
from services.converter.domain.stored_report import StoredTraining, read_stored
from services.converter.domain.table import Dialect
from services.converter.fitting import ColumnsDrifted
from services.converter.inference import Inference, infer
from services.converter.training import Training, train
from tests.support.drawn import drawn
from tests.unit.converter.drifts import LAYOUTS, OUTPUT, Later, Layout, later_files

SEED = 9


@pytest.fixture(scope="module")
def sandbox() -> Iterator[DuckDBSandbox]:
    with DuckDBSandbox() as shared:
        yield shared


class Converting:
    """Learns layouts once, and applies what was learned to later files."""

    def __init__(self, sandbox: DuckDBSandbox, folder: Path) -> None:
        self._sandbox = sandbox
        self._folder = folder
        self.output = folder / "out.csv"
        self.learned = cache(self._learn)

    def _learn(self, layout: Layout) -> tuple[Training, StoredTraining]:
        trades = layout.rows(Random(5), 12)
        source = text(layout.columns, [layout.cells(trade) for trade in trades])
        training = train(source, text(OUTPUT, [trade.output() for trade in trades]), runner=self._sandbox)
        assert training.status == "completed", training.reason
        return training, read_stored(training.report)

    def __call__(
        self, layout: Layout, later: Later, on_drift: OnDrift = "ask", columns: dict[str, str] | None = None
    ) -> Inference:
        training, stored = self.learned(layout)
        return self.apply(training.program, stored, later, on_drift, columns)

    def apply(
        self,
        program: str,
        stored: StoredTraining,
        later: Later,
        on_drift: OnDrift = "ask",
        columns: dict[str, str] | None = None,
    ) -> Inference:
        source = self._folder / "in.csv"
        source.write_bytes(text(later.header, later.rows))
        return infer(
            program, source, self.output, sandbox=self._sandbox, spooler=FileSpooler(), training=stored,
            on_drift=on_drift, columns=columns,
        )  # fmt: skip

    def made(self) -> list[list[str]]:
        return list(csv.reader(io.StringIO(self.output.read_text()), delimiter=";"))[1:]


@pytest.fixture(scope="module")
def convert(sandbox: DuckDBSandbox, tmp_path_factory: pytest.TempPathFactory) -> Converting:
    return Converting(sandbox, tmp_path_factory.mktemp("drift"))


def text(header: tuple[str, ...], rows: list[list[str]]) -> bytes:
    lines = io.StringIO()
    writer = csv.writer(lines, delimiter=";")
    writer.writerow(header)
    writer.writerows(rows)
    return lines.getvalue().encode()


def silently_wrong(done: Inference, made: list[list[str]], later: Later) -> list[int]:
    """Rows of the output, from 1, that are wrong and not flagged."""
    flagged = {flag.output_row for flags in done.flags for flag in flags.first}
    wrong = {n for n, (row, trade) in enumerate(zip(made, later.trades, strict=True), 1) if row != trade.output()}
    return sorted(wrong - flagged)


def drifts() -> list[object]:
    """Later files of all layouts: of the many names that mean the same some, of all else all."""
    found = [(layout, later) for layout in LAYOUTS for later in later_files(layout, Random(SEED))]
    plain = [(layout, later) for layout, later in found if later.asks or not later.renamed]
    renamed = [(layout, later) for layout, later in found if later.renamed and not later.asks]
    taken = (*plain, *renamed[:: drawn(9, 3)])
    return [pytest.param(layout, later, id=f"{layout.name}: {later.drift}") for layout, later in taken]


@pytest.mark.drawn
@pytest.mark.parametrize(("layout", "later"), drifts())
def test_a_later_file_is_right_or_asked_about_or_flagged(convert: Converting, layout: Layout, later: Later) -> None:
    refused: ColumnsDrifted | None = None
    try:
        done = convert(layout, later, "accept_renames")
    except ColumnsDrifted as fault:
        refused = fault
    if refused is not None:
        # Every column that the program misses is asked for.
        assert {question.column for question in refused.questions} == set(refused.names)
        assert not set(later.header) & set(refused.names)
        return
    assert not silently_wrong(done, convert.made(), later)
    taken = {renaming.column: renaming.present for renaming in done.renamed}
    assert not later.asks or not taken
    assert taken.items() <= later.renamed.items()


def one(drift: str) -> tuple[Layout, Later]:
    """A later file by its drift."""
    found = ((la, later) for la in LAYOUTS for later in later_files(la, Random(SEED)) if later.drift == drift)
    return next(found)


def test_a_question_proposes_the_likeliest_name_first(convert: Converting) -> None:
    with pytest.raises(ColumnsDrifted) as refused:
        convert(*one("Fee renamed Fees"))
    (question,) = refused.value.questions
    assert (question.kind, question.column, question.candidates[0].value) == ("a name", "Fee", "Fees")
    assert '"Fees" looks like "Fee": 0.99' in refused.value.message


def test_nothing_is_renamed_unasked(convert: Converting) -> None:
    with pytest.raises(ColumnsDrifted):
        convert(*one("Trade Date renamed TradeDate"))


def test_a_name_that_is_taken_is_reported_with_its_likeness(convert: Converting) -> None:
    layout, later = one("Fee renamed Fees")
    (renaming,) = convert(layout, later, "accept_renames").as_json()["renamed"]
    assert renaming == {"column": "Fee", "present": "Fees", "likeness": 0.99, "asked": False}


def test_the_caller_names_what_no_likeness_tells(convert: Converting) -> None:
    layout, later = one("price and fee under names that say nothing")
    done = convert(layout, later, columns={"Price": "Column A", "Fee": "Column B"})
    assert convert.made() == [trade.output() for trade in later.trades]
    assert [renaming.words for renaming in done.renamed] == [
        '"Column A" is read as "Price", as asked', '"Column B" is read as "Fee", as asked'
    ]  # fmt: skip


@pytest.mark.parametrize("columns", [{"Price": "Nothing"}, {"Nothing": "Column A"}])
def test_a_name_that_neither_has_is_refused(convert: Converting, columns: dict[str, str]) -> None:
    layout, later = one("price and fee under names that say nothing")
    with pytest.raises(MissingColumns, match="Nothing"):
        convert(layout, later, columns=columns)


def test_a_report_of_an_older_release_asks_but_takes_nothing(convert: Converting) -> None:
    layout, later = one("Fee renamed Fees")
    training, stored = convert.learned(layout)
    with pytest.raises(ColumnsDrifted, match='"Fees" looks like "Fee"'):
        convert.apply(training.program, replace(stored, seen=()), later, "accept_renames")


def test_columns_of_one_name_are_asked_about_where_they_stand_otherwise(convert: Converting) -> None:
    program = 'SELECT "Total" AS total FROM input ORDER BY _row'
    written = Dialect(delimiter=";")
    stored = StoredTraining(written, ("Fee", "Total", "Tax", "Total_2"), written, ("total",))
    same = Later("", ("Fee", "Total", "Tax", "Total"), [["1", "2", "3", "4"]], [])
    assert convert.apply(program, stored, same).rows_out == 1
    moved = Later("", ("Tax", "Total", "Fee", "Total"), [["3", "4", "1", "2"]], [])
    with pytest.raises(ColumnsDrifted, match='"Total"'):
        convert.apply(program, stored, moved, "accept_renames")
    assert convert.apply(program, stored, moved, columns={"Total": "Total_2"}).rows_out == 1
    assert convert.made() == [["2"]]


def test_a_new_category_is_asked_for_once(convert: Converting) -> None:
    layout, later = one("a new category")
    (question,) = convert(layout, later).questions
    assert (question.kind, question.column, question.row.number) == ("a new value", "side", 4)
    assert [candidate.value for candidate in question.offered] == ["Transfer", "B", "S"]


@pytest.mark.parametrize(
    ("one", "other", "match"),
    [
        ("trade_date", "Trade Date", NameMatch.EQUAL),
        ("Trade Date", "Handelsdatum", NameMatch.SAME),
        ("Qty", "Quantity", NameMatch.SAME),
        ("Commission", "Fees", NameMatch.SAME),
        ("Amount", "Amount EUR", NameMatch.NARROWER),
        ("Trade Date", "Settlement Date", NameMatch.OPPOSED),
        ("Net Amount", "Gross Amount", NameMatch.OPPOSED),
        ("Debit", "Credit", NameMatch.OTHER),
    ],
)
def test_names_are_compared_by_what_they_say(one: str, other: str, match: NameMatch) -> None:
    assert compare_names(one, other) is compare_names(other, one) is match
