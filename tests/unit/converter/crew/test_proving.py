"""Agents' programs are proved on every cell, must be rules, and get guards of their own."""

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from services.converter.adapters.duckdb_sandbox import DuckDBSandbox
from services.converter.domain.crew.answers import Code
from services.converter.domain.crew.occasion import wants_second_opinion
from services.converter.domain.instructions import Instructions
from services.converter.domain.stored_report import program_digest, read_stored
from services.converter.domain.table import Table
from services.converter.proving import Proof, prove
from services.converter.taught import Teaching
from services.converter.training import train

SAID = "A1 is north, B2 is south, C3 is east, D4 is west"
CODES = [("A1", "north"), ("B2", "south"), ("C3", "east"), ("D4", "west")]
INPUT = "code,n\n" + "".join(f"{code},{i}\n" for i, (code, _) in enumerate(CODES))
EXPECTED = "n,area\n" + "".join(f"{i},{area}\n" for i, (_, area) in enumerate(CODES))
LISTED = "CASE code WHEN 'A1' THEN 'north' WHEN 'B2' THEN 'south' WHEN 'C3' THEN 'east' WHEN 'D4' THEN 'west' END"
FORMER = "SELECT\n    n AS n,\n    '' AS area\nFROM input\nORDER BY _row\n"
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
    sandbox: DuckDBSandbox, report: dict[str, Any], sql: str, said: str = "", others: Sequence[str] = (),
    teaching: Teaching | None = None,
) -> Proof:  # fmt: skip
    return prove(
        Code(sql, (("area", "by its code"),)), INPUT.encode(), EXPECTED.encode(), others=[Code(o) for o in others],
        former=FORMER, report=report, instructions=Instructions(said), runner=sandbox, teaching=teaching,
    )  # fmt: skip


def test_answers_by_heart_are_no_rule(sandbox: DuckDBSandbox, report: dict[str, Any]) -> None:
    found = judged(sandbox, report, BY_HEART)
    assert not found.accepted
    assert 'lists the answers of "area"' in found.words


def test_a_list_that_the_user_gave_is_a_rule(sandbox: DuckDBSandbox, report: dict[str, Any]) -> None:
    assert judged(sandbox, report, BY_HEART, SAID).accepted


def test_a_value_that_the_words_give_and_the_program_does_not_is_a_reason_to_refuse(
    sandbox: DuckDBSandbox, report: dict[str, Any]
) -> None:
    found = judged(sandbox, report, BY_HEART, f"{SAID}, E5 is center")
    assert not found.accepted
    assert '"E5" is to give "center", the program gives ""' in found.words


def test_a_value_that_the_words_give_and_the_program_too_is_known(
    sandbox: DuckDBSandbox, report: dict[str, Any]
) -> None:
    more = BY_HEART.replace("END AS area", "WHEN 'E5' THEN 'center' END AS area")
    found = judged(sandbox, report, more, f"{SAID}, E5 is center")
    assert found.accepted
    assert [(h["sentence"], h["outcome"]) for h in found.report["instructions"]] == [(f"{SAID}, E5 is center", "used")]
    (guard,) = (g for g in found.report["guards"] if g["kind"] == "value_set" and g["column"] == "code")
    rows = Table(("code", "n"), (("A1", "0"), ("E5", "4"), ("Z9", "5")))
    assert sandbox.run(guard["sql"], rows).rows == (("3", "Z9"),)


def test_rows_that_the_words_drop_and_the_program_keeps_are_a_reason_to_refuse(
    sandbox: DuckDBSandbox, report: dict[str, Any]
) -> None:
    found = judged(sandbox, report, BY_HEART, f"{SAID}. Drop rows where n is 2.")
    assert not found.accepted
    assert "keeps row 3" in found.words


def test_an_accepted_program_is_reported_as_an_agents(sandbox: DuckDBSandbox, report: dict[str, Any]) -> None:
    found = judged(sandbox, report, BY_HEART, SAID)
    how = {column["name"]: (column["how"], column["words"]) for column in found.report["columns"]}
    assert how["area"] == ("agent", "by its code")
    stored = read_stored(found.report)
    assert stored.completed
    assert stored.program_sha256 == program_digest(found.program)


@pytest.mark.parametrize(("rejected", "severity"), [(["north"], "unseen"), ([], "note")])
def test_what_the_user_left_open_is_flagged_of_an_agents_program_too(
    sandbox: DuckDBSandbox, report: dict[str, Any], rejected: list[str], severity: str
) -> None:
    left = {"kind": "which value", "column": "area", "not": rejected}
    teaching = Teaching([{"source": {"file": "input", "row": 1}, "open": left}])
    found = judged(sandbox, report, BY_HEART, SAID, teaching=teaching)
    assert found.accepted
    table = Table(("code", "n"), (("A1", "7"), ("B2", "8")))
    flags = [(g["severity"], row) for g in found.report["guards"] for row, _ in sandbox.run(g["sql"], table).rows]
    assert flags == [(severity, "1")]


def test_a_value_that_the_program_does_not_list_is_unseen(sandbox: DuckDBSandbox, report: dict[str, Any]) -> None:
    found = judged(sandbox, report, BY_HEART, SAID)
    guard = next(g for g in found.report["guards"] if g["kind"] == "value_set" and g["column"] == "code")
    rows = list(csv.reader(io.StringIO(INPUT + "Z9,4\n")))
    outside = sandbox.run(guard["sql"], Table(tuple(rows[0]), tuple(map(tuple, rows[1:]))))
    assert guard["severity"] == "unseen"
    assert outside.rows == (("5", "Z9"),)


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("SELECT n, code AS area FROM input ORDER BY _row", "expected 'north', got 'A1'"),
        ("SELECT n, code AS area FROM input ORDER BY _row", "input ['A1', '0']"),
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


def test_another_program_that_explains_a_column_and_parts_elsewhere_is_an_ambiguity(sandbox: DuckDBSandbox) -> None:
    rows = [(f"{w}-{n}", w, str(n)) for n, w in enumerate(("alpha", "beta", "gamma", "delta", "omega"), 11)]
    given = "ref,word,n\n" + "".join(",".join(row) + "\n" for row in rows)
    wanted = "code\n" + "".join(f"{n}:{w}\n" for _, w, n in rows)
    done = train(given.encode(), wanted.encode(), runner=sandbox)
    left = {**done.report, "columns": [{**c, "how": "open", "expression": ""} for c in done.report["columns"]]}
    ours = Code("SELECT n || ':' || word AS code FROM input ORDER BY _row")
    other = Code("SELECT split_part(ref, '-', 2) || ':' || word AS code FROM input ORDER BY _row")
    found = prove(
        ours, given.encode(), wanted.encode(), others=[other],
        former=FORMER, report=left, instructions=Instructions(), runner=sandbox,
    )  # fmt: skip
    (ambiguity,) = found.report["ambiguities"]
    assert found.accepted
    assert (ambiguity["column"], ambiguity["alternative_sql"]) == ("code", other.sql)
    assert all(number == 0 and ours != theirs for number, ours, theirs in ambiguity["rows"])
    (guard,) = (g for g in found.report["guards"] if g["kind"] == "ambiguity")
    later = Table(("ref", "word", "n"), (("pi-7", "pi", "7"), ("mu-8", "mu", "9")))
    assert sandbox.run(guard["sql"], later).rows == (("2", "9:mu"),)


def test_a_category_that_a_condition_compares_is_guarded_where_it_is_another(sandbox: DuckDBSandbox) -> None:
    rows = [(kind, str(n)) for n, kind in enumerate(("BUY", "SELL", "BUY", "SELL", "BUY", "SELL"), 3)]
    given = "kind,n\n" + "".join(",".join(row) + "\n" for row in rows)
    wanted = "n\n" + "".join(f"{'-' if kind == 'SELL' else ''}{n}\n" for kind, n in rows)
    done = train(given.encode(), wanted.encode(), runner=sandbox)
    left = {**done.report, "columns": [{**c, "how": "open", "expression": ""} for c in done.report["columns"]]}
    code = Code("SELECT CASE WHEN kind = 'SELL' THEN '-' || n ELSE n END AS n FROM input ORDER BY _row")
    found = prove(
        code, given.encode(), wanted.encode(),
        former=FORMER, report=left, instructions=Instructions(), runner=sandbox,
    )  # fmt: skip
    assert found.accepted, found.words
    (guard,) = (g for g in found.report["guards"] if g["column"] == "kind")
    assert (guard["severity"], guard["output_columns"]) == ("unseen", ("n",))
    assert sandbox.run(guard["sql"], Table(("kind", "n"), (("BUY", "1"), ("DIV", "2")))).rows == (("2", "DIV"),)


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


SOLVED = "SELECT split_part(ref, '-', 2) || ':' || word AS code FROM input ORDER BY _row"
REFS = [(f"{w}-{n}", w, str(n)) for n, w in enumerate(("alpha", "beta", "gamma", "delta", "omega"), 11)]


def second_opinion(sandbox: DuckDBSandbox, heard: list[dict[str, Any]], said: str) -> Proof:
    given = "ref,word,n\n" + "".join(",".join(row) + "\n" for row in REFS)
    wanted = "code\n" + "".join(f"{n}:{w}\n" for _, w, n in REFS)
    done = train(given.encode(), wanted.encode(), runner=sandbox)
    return prove(
        Code("SELECT n || ':' || word AS code FROM input ORDER BY _row"), given.encode(), wanted.encode(),
        former=SOLVED, report={**done.report, "instructions": heard}, instructions=Instructions(said),
        runner=sandbox, second=True,
    )  # fmt: skip


def test_a_second_opinion_leaves_the_program_and_says_where_it_differs(sandbox: DuckDBSandbox) -> None:
    found = second_opinion(sandbox, [], "")
    assert (found.accepted, found.program) == (True, SOLVED)
    assert found.report["ambiguities"][-1]["column"] == "code"
    assert found.report["guards"][-1]["kind"] == "ambiguity"


def test_a_second_opinion_that_does_what_the_words_ask_takes_the_programs_place(sandbox: DuckDBSandbox) -> None:
    said = "alpha is 11:alpha"
    unmet = {"sentence": said, "column": "", "outcome": "not used", "words": "", "row": 0}
    found = second_opinion(sandbox, [unmet], said)
    assert found.report["instructions"][0]["outcome"] == "used", found.words
    assert found.program.startswith("SELECT n || ':'")


@pytest.mark.parametrize(
    ("column", "heard", "wanted"),
    [
        ({"how": "copied", "doubt": "", "confidence": 0.9}, [], False),
        ({"how": "synthesised", "doubt": "", "confidence": 0.3}, [], True),
        ({"how": "synthesised", "doubt": "one row alone", "confidence": 0.9}, [], True),
        ({"how": "copied", "doubt": "", "confidence": 0.9}, [{"sentence": "x", "outcome": "not used"}], True),
        ({"how": "copied", "doubt": "", "confidence": 0.9}, [{"sentence": "x", "outcome": "not understood"}], False),
    ],
)
def test_a_second_opinion_is_asked_for_what_is_not_certain(
    column: dict[str, Any], heard: list[dict[str, str]], *, wanted: bool
) -> None:
    assert wants_second_opinion({"columns": [{"name": "a", **column}], "instructions": heard}) is wanted
