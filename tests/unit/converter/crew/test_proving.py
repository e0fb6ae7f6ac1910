"""Agents' programs are proved on every cell, must be rules, and get guards of their own."""

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from services.converter.adapters.duckdb_sandbox import DuckDBSandbox
from services.converter.domain.instructions import Instructions
from services.converter.domain.stored_report import program_digest, read_stored
from services.converter.domain.table import Table
from services.converter.proving import Proof, prove
from services.converter.training import train

CODES = [("A1", "north"), ("B2", "south"), ("C3", "east"), ("D4", "west")]
INPUT = "code,n\n" + "".join(f"{code},{i}\n" for i, (code, _) in enumerate(CODES))
EXPECTED = "n,area\n" + "".join(f"{i},{area}\n" for i, (_, area) in enumerate(CODES))
LISTED = "CASE code WHEN 'A1' THEN 'north' WHEN 'B2' THEN 'south' WHEN 'C3' THEN 'east' WHEN 'D4' THEN 'west' END"
BY_HEART = f"SELECT n, {LISTED} AS area FROM input ORDER BY _row"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[DuckDBSandbox]:
    with DuckDBSandbox() as shared:
        yield shared


@pytest.fixture(scope="module")
def report(sandbox: DuckDBSandbox) -> dict[str, Any]:
    done = train(INPUT.encode(), EXPECTED.encode(), runner=sandbox)
    # What synthesis makes of it is not the matter here.
    columns = [{**c, "how": "open"} if c["name"] == "area" else c for c in done.report["columns"]]
    return {**done.report, "columns": columns, "status": "failed"}


def judged(
    sandbox: DuckDBSandbox, report: dict[str, Any], sql: str, said: str = "", others: Sequence[str] = ()
) -> Proof:
    return prove(
        sql, INPUT.encode(), EXPECTED.encode(), others=others,
        report=report, column_words={"area": "by its code"}, instructions=Instructions(said), runner=sandbox,
    )  # fmt: skip


def test_answers_by_heart_are_no_rule(sandbox: DuckDBSandbox, report: dict[str, Any]) -> None:
    found = judged(sandbox, report, BY_HEART)
    assert not found.accepted
    assert '"area" as literals' in found.words


def test_a_list_that_the_user_gave_is_a_rule(sandbox: DuckDBSandbox, report: dict[str, Any]) -> None:
    said = "A1 is North, B2 is South, C3 is East, D4 is West"
    assert judged(sandbox, report, BY_HEART, said).accepted


def test_an_accepted_program_is_reported_as_an_agents(sandbox: DuckDBSandbox, report: dict[str, Any]) -> None:
    found = judged(sandbox, report, BY_HEART, "north south east west")
    how = {column["name"]: (column["how"], column["words"]) for column in found.report["columns"]}
    assert how["area"] == ("agent", "by its code")
    stored = read_stored(found.report)
    assert stored.completed
    assert stored.program_sha256 == program_digest(found.program)


def test_a_value_that_the_program_does_not_list_is_unseen(sandbox: DuckDBSandbox, report: dict[str, Any]) -> None:
    found = judged(sandbox, report, BY_HEART, "north south east west")
    guard = next(g for g in found.report["guards"] if g["kind"] == "value_set" and g["column"] == "code")
    rows = list(csv.reader(io.StringIO(INPUT + "Z9,4\n")))
    outside = sandbox.run(guard["sql"], Table(tuple(rows[0]), tuple(map(tuple, rows[1:]))))
    assert guard["severity"] == "unseen"
    assert outside.rows == (("5", "Z9"),)


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("SELECT n, code AS area FROM input ORDER BY _row", "expected 'north', got 'A1'"),
        ("SELECT n FROM input; DROP TABLE input", "PROGRAM_NOT_ALLOWED"),
        ("SELECT * FROM read_csv('/etc/passwd')", "PROGRAM_NOT_ALLOWED"),
        ("SELECT nothing FROM input", "nothing"),
    ],
)
def test_the_verdict_on_a_wrong_program_says_why(
    sandbox: DuckDBSandbox, report: dict[str, Any], sql: str, words: str
) -> None:
    found = judged(sandbox, report, sql)
    assert not found.accepted
    assert words in found.words
    assert found.report["status"] == "failed"


BY_NUMBER = f"SELECT n, {LISTED.replace('code', 'n')} AS area FROM input".replace("'A1'", "'0'").replace("'B2'", "'1'")
BY_NUMBER = BY_NUMBER.replace("'C3'", "'2'").replace("'D4'", "'3'")
SAID = "north south east west"


def test_another_program_that_explains_a_column_and_parts_elsewhere_is_an_ambiguity(
    sandbox: DuckDBSandbox, report: dict[str, Any]
) -> None:
    wrong_elsewhere = BY_NUMBER.replace("SELECT n,", "SELECT n || 'x' AS n,")
    found = judged(sandbox, report, BY_HEART, SAID, others=[wrong_elsewhere])
    (ambiguity,) = found.report["ambiguities"]
    assert found.accepted
    assert (ambiguity["column"], ambiguity["alternative_sql"]) == ("area", wrong_elsewhere)
    assert all(number == 0 and ours != theirs for number, ours, theirs in ambiguity["rows"])


@pytest.mark.parametrize(
    "other",
    [
        "SELECT n, 'north' AS area FROM input",  # wrong on the example
        BY_HEART.replace("SELECT n,", "SELECT '' AS n,"),  # the same rule
        "SELECT n FROM nowhere",
        "SELECT n, error('no') AS area FROM input",
    ],
)
def test_a_program_that_explains_less_or_says_the_same_is_no_rival(
    sandbox: DuckDBSandbox, report: dict[str, Any], other: str
) -> None:
    assert judged(sandbox, report, BY_HEART, SAID, others=[other]).report["ambiguities"] == []
