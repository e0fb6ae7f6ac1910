"""Reference tables: looked up by equal texts and by the latest date; what they lack is flagged, never guessed."""

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from services.converter.adapters.duckdb_sandbox import DuckDBSandbox
from services.converter.adapters.spool import FileSpooler
from services.converter.domain.faults import ProgramNotAllowed
from services.converter.domain.program import INFERENCE_LIMITS
from services.converter.domain.references import MOST_REFERENCE_BYTES, ReferenceInvalid, find_joins
from services.converter.domain.stored_report import read_stored
from services.converter.domain.table import Table
from services.converter.fitting import ColumnsDrifted
from services.converter.inference import Inference, infer
from services.converter.regression import compare
from services.converter.taught import Teaching
from services.converter.training import Training, train

GIVEN = """Date,ISIN,Currency,Quantity
05.01.2026,US0378331005,USD,10
06.01.2026,CH0038863350,CHF,4
08.01.2026,US5949181045,USD,7
09.01.2026,DE0007164600,EUR,12
12.01.2026,CH0038863350,CHF,9
13.01.2026,US0378331005,USD,2
"""
SECURITIES = """isin,ticker,asset class
US0378331005,AAPL,Equity
US5949181045,MSFT,Equity
CH0038863350,NESN,Consumer
DE0007164600,SAP,Software
FR0000120271,TTE,Energy
GB0002374006,DGE,Beverages
GB0002374006,DGEL,Beverages
"""
WANTED = """date,ticker,class,quantity
2026-01-05,AAPL,Equity,10
2026-01-06,NESN,Consumer,4
2026-01-08,MSFT,Equity,7
2026-01-09,SAP,Software,12
2026-01-12,NESN,Consumer,9
2026-01-13,AAPL,Equity,2
"""
RATES = """day,currency,rate
2026-01-01,USD,0.7912
2026-01-01,EUR,0.9311
2026-01-01,CHF,1.0000
2026-01-07,USD,0.8034
2026-01-09,EUR,0.9402
2026-01-12,USD,0.8121
"""
RATED = """date,currency,rate
2026-01-05,USD,0.7912
2026-01-06,CHF,1.0000
2026-01-08,USD,0.8034
2026-01-09,EUR,0.9402
2026-01-12,CHF,1.0000
2026-01-13,USD,0.8121
"""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[DuckDBSandbox]:
    with DuckDBSandbox() as shared:
        yield shared


@pytest.fixture(scope="module")
def securities(sandbox: DuckDBSandbox) -> Training:
    return learned(sandbox, WANTED, {"securities": SECURITIES})


@pytest.fixture(scope="module")
def rates(sandbox: DuckDBSandbox) -> Training:
    return learned(sandbox, RATED, {"rates": RATES})


def learned(sandbox: DuckDBSandbox, wanted: str, references: Mapping[str, str], **options: object) -> Training:
    files = {name: text.encode() for name, text in references.items()}
    return train(GIVEN.encode(), wanted.encode(), runner=sandbox, references=files, **options)  # type: ignore[arg-type]


def convert(
    sandbox: DuckDBSandbox, folder: Path, training: Training, rows: str, references: Mapping[str, str]
) -> tuple[Inference, list[list[str]]]:
    assert training.status == "completed", training.reason
    source, output = folder / "in.csv", folder / "out.csv"
    source.write_text(GIVEN.splitlines()[0] + "\n" + rows)
    files = {}
    for name, text in references.items():
        files[name] = folder / f"{name}.csv"
        files[name].write_text(text)
    done = infer(
        training.program, source, output, sandbox=sandbox, spooler=FileSpooler(),
        training=read_stored(training.report), references=files,
    )  # fmt: skip
    return done, list(csv.reader(io.StringIO(output.read_text())))[1:]


def test_a_code_is_looked_up_in_a_reference(sandbox: DuckDBSandbox, tmp_path: Path, securities: Training) -> None:
    row = "14.01.2026,FR0000120271,EUR,3\n"
    done, made = convert(sandbox, tmp_path, securities, row, {"securities": SECURITIES})
    assert made == [["2026-01-14", "TTE", "Energy", "3"]]
    assert "TTE" not in securities.program
    assert not [flags for flags in done.flags if flags.severity == "unseen"]


@pytest.mark.parametrize("isin", ["XX0000000000", "GB0002374006"], ids=["not there", "there twice"])
def test_what_a_reference_does_not_answer_is_flagged_and_empty(
    sandbox: DuckDBSandbox, tmp_path: Path, securities: Training, isin: str
) -> None:
    rows = f"14.01.2026,{isin},EUR,3\n15.01.2026,US0378331005,USD,4\n"
    done, made = convert(sandbox, tmp_path, securities, rows, {"securities": SECURITIES})
    assert made[0][1] == ""
    assert made[1] == ["2026-01-15", "AAPL", "Equity", "4"]
    unseen = [flags for flags in done.flags if flags.severity == "unseen"]
    assert [(f.column, [flag.row for flag in f.first]) for f in unseen] == [("ISIN", [1])]


def test_an_inference_reads_a_newer_version(sandbox: DuckDBSandbox, tmp_path: Path, securities: Training) -> None:
    newer = SECURITIES.replace("AAPL", "APPL.O") + "IE00B4L5Y983,IWDA,Fund\n"
    rows = "14.01.2026,IE00B4L5Y983,USD,3\n15.01.2026,US0378331005,USD,4\n"
    _, made = convert(sandbox, tmp_path, securities, rows, {"securities": newer})
    assert [row[1] for row in made] == ["IWDA", "APPL.O"]


def test_the_latest_row_by_date_is_read(sandbox: DuckDBSandbox, tmp_path: Path, rates: Training) -> None:
    rows = "07.01.2026,US0378331005,USD,1\n11.01.2026,DE0007164600,EUR,1\n20.01.2026,US0378331005,USD,1\n"
    _, made = convert(sandbox, tmp_path, rates, rows, {"rates": RATES})
    assert [row[2] for row in made] == ["0.8034", "0.9402", "0.8121"]


def test_a_date_before_all_of_the_reference_is_flagged(sandbox: DuckDBSandbox, tmp_path: Path, rates: Training) -> None:
    done, made = convert(sandbox, tmp_path, rates, "20.12.2025,US0378331005,USD,1\n", {"rates": RATES})
    assert made[0][2] == ""
    assert [flags.severity for flags in done.flags if "reference" in flags.words] == ["unseen"]


def test_dates_that_were_shown_exactly_only_are_not_stretched(sandbox: DuckDBSandbox, tmp_path: Path) -> None:
    days = [line.split(",")[:2] for line in RATED.splitlines()[1:]]
    shown = [line.split(",")[2] for line in RATED.splitlines()[1:]]
    exact = "day,currency,rate\n" + "".join(f"{d},{c},{r}\n" for (d, c), r in zip(days, shown, strict=True))
    exact += "2026-01-20,USD,0.8300\n"
    training = learned(sandbox, RATED, {"rates": exact})
    rows = "14.01.2026,US0378331005,USD,1\n20.01.2026,US0378331005,USD,1\n"
    done, made = convert(sandbox, tmp_path, training, rows, {"rates": exact})
    assert [row[2] for row in made] == ["", "0.8300"]
    assert [flag.row for flags in done.flags if "earlier day" in flags.words for flag in flags.first] == [1]


def test_a_reference_that_the_program_needs_must_be_given(
    sandbox: DuckDBSandbox, tmp_path: Path, securities: Training
) -> None:
    with pytest.raises(ReferenceInvalid, match="securities, which was not given"):
        convert(sandbox, tmp_path, securities, "14.01.2026,FR0000120271,EUR,3\n", {})


def test_a_newer_version_without_a_column_is_refused_by_name(
    sandbox: DuckDBSandbox, tmp_path: Path, securities: Training
) -> None:
    with pytest.raises(ReferenceInvalid, match='no column "ticker"'):
        convert(
            sandbox, tmp_path, securities, "14.01.2026,FR0000120271,EUR,3\n",
            {"securities": SECURITIES.replace("ticker", "code")},
        )  # fmt: skip


@pytest.mark.parametrize(
    ("references", "words"),
    [
        ({"input": SECURITIES}, "is no name"),
        ({"No Name": SECURITIES}, "is no name"),
        ({f"r{number}": SECURITIES for number in range(11)}, "at most 10"),
        ({"large": "a,b\n" + "1,2\n" * (MOST_REFERENCE_BYTES // 4)}, "bytes together"),
    ],
    ids=["a relation's name", "no name", "too many", "too large"],
)
def test_references_are_bounded(sandbox: DuckDBSandbox, references: dict[str, str], words: str) -> None:
    with pytest.raises(ReferenceInvalid, match=words):
        learned(sandbox, WANTED, references)


def test_a_reference_that_is_not_needed_is_not_read(sandbox: DuckDBSandbox, tmp_path: Path) -> None:
    wanted = "isin,quantity\n" + "".join(
        f"{line.split(',')[1]},{line.split(',')[3]}\n" for line in GIVEN.splitlines()[1:]
    )
    training = learned(sandbox, wanted, {"securities": SECURITIES})
    assert training.report["references"] == {}
    _, made = convert(sandbox, tmp_path, training, "14.01.2026,XX,EUR,3\n", {})
    assert made == [["XX", "3"]]


def test_lessons_and_regressions_read_references(sandbox: DuckDBSandbox, tmp_path: Path, securities: Training) -> None:
    march = GIVEN.splitlines()[0] + "\n14.01.2026,FR0000120271,EUR,3\n"
    teaching = Teaching(
        [{"source": {"file": "march", "row": 1}, "output": {"ticker": "TTE"}}], {"march": march.encode()}
    )
    taught = learned(sandbox, WANTED, {"securities": SECURITIES}, teaching=teaching)
    assert taught.status == "completed", taught.reason
    file, reference = tmp_path / "march.csv", tmp_path / "securities.csv"
    file.write_text(march)
    reference.write_text(SECURITIES)
    found = compare(
        securities.program, taught.program, {"march": file}, {"march": [1]}, read_stored(taught.report),
        sandbox=sandbox, spooler=FileSpooler(), limits=INFERENCE_LIMITS, references={"securities": reference},
    )  # fmt: skip
    assert (found.untaught, found.files[0].trouble) == (0, "")


def test_a_program_reads_no_reference_that_was_not_given(sandbox: DuckDBSandbox) -> None:
    table, reference = Table(("a",), (("1",),)), Table(("b",), (("2",),))
    assert sandbox.run("SELECT b FROM other", table, {"other": reference}).rows == (("2",),)
    with pytest.raises(ProgramNotAllowed, match='not "other"'):
        sandbox.run("SELECT b FROM other", table)


def test_a_renamed_column_is_asked_for_where_references_are_read(
    sandbox: DuckDBSandbox, tmp_path: Path, securities: Training
) -> None:
    source = tmp_path / "in.csv"
    source.write_text("Date,Security ID,Currency,Quantity\n14.01.2026,FR0000120271,EUR,3\n")
    reference = tmp_path / "securities.csv"
    reference.write_text(SECURITIES)
    with pytest.raises(ColumnsDrifted) as refused:
        infer(
            securities.program, source, tmp_path / "out.csv", sandbox=sandbox, spooler=FileSpooler(),
            training=read_stored(securities.report), references={"securities": reference},
        )  # fmt: skip
    (question,) = refused.value.questions
    assert (question.column, [candidate.value for candidate in question.offered]) == ("ISIN", ["Security ID"])


def test_dates_in_another_order_look_nothing_up(sandbox: DuckDBSandbox, tmp_path: Path, rates: Training) -> None:
    rows = "01.07.2026,US0378331005,USD,1\n01.13.2026,US0378331005,USD,1\n"
    done, made = convert(sandbox, tmp_path, rates, rows, {"rates": RATES})
    assert [row[2] for row in made] == ["", ""]
    assert {flag.row for flags in done.flags if flags.severity == "unseen" for flag in flags.first} == {1, 2}


def test_an_order_of_days_that_nothing_settles_is_not_guessed() -> None:
    table = Table(("day", "currency"), (("05/01/2026", "USD"), ("06/02/2026", "USD"), ("07/03/2026", "EUR")))
    rates = Table(
        ("since", "currency", "rate"),
        (("2026-01-01", "USD", "1"), ("2026-02-01", "USD", "2"), ("2026-01-01", "EUR", "3")),
    )
    assert not [join for join in find_joins(table, {"rates": rates}) if join.dates]
    settled = Table(table.header, (*table.rows, ("25/03/2026", "USD")))
    assert [join.dates.codes for join in find_joins(settled, {"rates": rates}) if join.dates] == [("%d/%m/%Y",)]
