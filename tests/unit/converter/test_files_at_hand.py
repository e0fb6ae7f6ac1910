"""Later files that are flawed in themselves: cut off, parted, with names that only look the same, without a header."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from services.converter.adapters.duckdb_sandbox import DuckDBSandbox
from services.converter.adapters.spool import FileSpooler
from services.converter.domain.faults import MissingColumns
from services.converter.domain.stored_report import StoredTraining, read_stored
from services.converter.fitting import ColumnsDrifted
from services.converter.inference import Inference, infer
from services.converter.training import train

HEADER = "Trade Date,Fund Name,Units,Net Amount"
ROWS = ["02/01/2024,Énergie Fund,1.50,120.25", "15/01/2024,World Equity,2.25,90.00", "20/02/2024,Gold,3.75,11.10"]
WANTED = """day,fund,units,amount
2024-01-02,Énergie Fund,1.50,120.25
2024-01-15,World Equity,2.25,90.00
2024-02-20,Gold,3.75,11.10
"""
Converting = Callable[[str | bytes], Inference]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[DuckDBSandbox]:
    with DuckDBSandbox() as shared:
        yield shared


def file(rows: list[str], header: str = HEADER) -> str:
    return "\n".join([header, *rows]) + "\n"


@pytest.fixture(scope="module")
def learned(sandbox: DuckDBSandbox) -> tuple[str, StoredTraining]:
    training = train(file(ROWS).encode(), WANTED.encode(), runner=sandbox)
    assert training.status == "completed", training.reason
    return training.program, read_stored(training.report)


@pytest.fixture
def convert(sandbox: DuckDBSandbox, learned: tuple[str, StoredTraining], tmp_path: Path) -> Converting:
    program, stored = learned
    source = tmp_path / "in.csv"

    def run(content: str | bytes) -> Inference:
        source.write_bytes(content if isinstance(content, bytes) else content.encode())
        return infer(program, source, tmp_path / "out.csv", sandbox=sandbox, spooler=FileSpooler(), training=stored)

    return run


def flagged(done: Inference, words: str) -> list[int]:
    return [flag.row for flags in done.flags if words in flags.words for flag in flags.first]


def test_a_file_like_the_example_is_told_nothing_of(convert: Converting, tmp_path: Path) -> None:
    done = convert(file(ROWS))
    assert (done.notes, flagged(done, "")) == ((), [])
    assert (tmp_path / "out.csv").read_text() == WANTED


@pytest.mark.parametrize("at", [1, 3, 6])
def test_a_file_that_is_cut_in_its_last_row_says_so(convert: Converting, at: int) -> None:
    assert any("may be cut off" in note for note in convert(file(ROWS)[:-at]).notes)


@pytest.mark.parametrize("row", [0, 1, 2])
def test_a_row_that_a_stray_delimiter_parts_is_flagged(convert: Converting, row: int) -> None:
    rows = [line.replace("Fund", "Fund, Inc").replace("y", "y,") if n == row else line for n, line in enumerate(ROWS)]
    rows = [line if line.count(",") == 4 or n != row else line.replace("Gold", "Go,ld") for n, line in enumerate(rows)]
    assert flagged(convert(file(rows)), "more cells than there are names") == [row + 1]


def test_blanks_behind_every_row_are_no_row_that_is_parted(convert: Converting) -> None:
    done = convert(file([f"{row},," for row in ROWS]))
    assert flagged(done, "more cells than") == []


def test_a_cell_with_a_byte_that_is_no_letter_is_flagged_at_its_row(convert: Converting) -> None:
    content = file([*ROWS, "21/02/2024,Étoile,1.00,5.00", "22/02/2024,Çelik,1.00,5.00"]).encode()
    done = convert(content.replace("Étoile".encode(), b"\xc9toile"))
    assert flagged(done, "no letters in utf-8") == [4]


SAME_NAMES = {
    "no-break blank": HEADER.replace("Net Amount", "Net\u00a0Amount"),
    "two blanks": HEADER.replace("Trade Date", "Trade  Date"),
    "no width": HEADER.replace("Units", "\u200bUnits"),
    "soft hyphen": HEADER.replace("Units", "Un\u00adits"),
    "mark of order": HEADER.replace("Fund", "\ufeffFund"),
    "capitals beside": HEADER.upper().replace("NET AMOUNT", "NET\u2009AMOUNT"),
}


@pytest.mark.parametrize("header", SAME_NAMES.values(), ids=SAME_NAMES)
def test_names_that_nobody_can_tell_apart_are_one(convert: Converting, tmp_path: Path, header: str) -> None:
    done = convert(file(ROWS, header))
    assert (tmp_path / "out.csv").read_text() == WANTED
    assert [note for note in done.notes if "nobody sees" in note]


def test_names_in_other_capitals_are_no_columns_that_the_example_had_not(convert: Converting) -> None:
    assert convert(file(ROWS, HEADER.upper())).notes == ()


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"Units": "Pieces"}, 'columns are said to be called "Pieces", which the input does not have'),
        ({"Pieces": "Units"}, 'columns are said to be called "Pieces", which the example\'s input does not have'),
    ],
)
def test_a_name_that_is_given_and_nowhere_is_told_as_given(
    sandbox: DuckDBSandbox,
    learned: tuple[str, StoredTraining],
    tmp_path: Path,
    columns: dict[str, str],
    words: str,
) -> None:
    program, stored = learned
    source = tmp_path / "in.csv"
    source.write_text(file(ROWS))
    with pytest.raises(MissingColumns) as refused:
        infer(
            program, source, tmp_path / "out.csv",
            sandbox=sandbox, spooler=FileSpooler(), training=stored, columns=columns,
        )  # fmt: skip
    assert words in refused.value.message


@pytest.mark.parametrize(
    ("content", "told", "not_told"),
    [
        (file(ROWS[1:], ROWS[0]), "it may lack its header", "looks like"),
        (file([f"{row},{row[-5:]}" for row in ROWS], HEADER + ",Net Amount"), "which the input has more than once", ""),
        (file(["a,b,c", "d,e,f"], "Colour,Shape,Smell"), "is it a file of another kind?", "looks like"),
        (file(ROWS, HEADER.replace("Units", "Quantity")), '"Quantity" looks like "Units"', "another kind"),
        (
            file([row.rpartition(",")[0] for row in ROWS], HEADER.rpartition(",")[0]),
            '"Net Amount", which the',
            "lack its",
        ),
    ],
    ids=["no header", "twice", "another kind", "another name", "missing"],
)
def test_a_file_without_its_columns_is_told_what_it_may_be(
    convert: Converting, content: str, told: str, not_told: str
) -> None:
    with pytest.raises(ColumnsDrifted) as refused:
        convert(content)
    assert told in refused.value.message
    assert not not_told or not_told not in refused.value.message
