"""Look-ups that the user's words name are proved by what the model was not shown; other values are flagged."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest

from services.converter.adapters.duckdb_sandbox import DuckDBSandbox
from services.converter.domain.crew.answers import AnswerMalformed
from services.converter.domain.crew.lookups import Lookup, find_lookups, read_lookup
from services.converter.domain.instructions import Instructions
from services.converter.domain.table import Table
from services.converter.looking_up import LookedUp, look_up
from services.converter.proving import brief_agents
from services.converter.taught import Teaching
from services.converter.training import train

METALS = {"Gold": "79", "Silver": "47", "Copper": "29", "Iron": "26", "Lead": "82", "Tin": "50"}
WORDS = Instructions("", {"number": "atomic number of the metal"})
GIVEN = "metal,lots\n" + "".join(f"{metal},{n}\n" for n, metal in enumerate(METALS, 3))
WANTED = "lots,number\n" + "".join(f"{n},{code}\n" for n, code in enumerate(METALS.values(), 3))
SAMPLE = {"march.csv": b"metal,lots\nZinc,4\nGold,1\n"}


def table(text: str) -> Table:
    rows = [tuple(row) for row in csv.reader(io.StringIO(text))]
    return Table(rows[0], tuple(rows[1:]))


def found(said: Instructions, given: str = GIVEN) -> tuple[Lookup, ...]:
    return find_lookups(
        table(given), table(WANTED), ["number"], said, {"march.csv": table(SAMPLE["march.csv"].decode())}
    )


def test_what_the_words_name_is_asked_for_all_values_and_shown_for_some() -> None:
    (asked,) = found(WORDS)
    assert (asked.source, asked.column, asked.words) == ("metal", "number", "atomic number of the metal")
    assert asked.values == (*METALS, "Zinc")
    assert asked.shown == (("Gold", "79"), ("Iron", "26"))
    assert asked.hidden == len(METALS) - len(asked.shown)


@pytest.mark.parametrize(
    "said",
    [
        Instructions(),
        Instructions("Convert the export for the ledger."),  # speaks of no column
        Instructions("", {"number": "Gold is 79, Silver is 47, Copper is 29, Iron is 26, Lead is 82, Tin is 50"}),
    ],
)
def test_nothing_is_asked_where_the_words_name_nothing_or_give_it_all(said: Instructions) -> None:
    assert found(said) == ()


def test_nothing_is_asked_of_values_that_no_column_decides() -> None:
    assert found(WORDS, GIVEN.replace("Silver", "Gold")) == ()


@pytest.mark.parametrize(
    ("answer", "values"),
    [
        ('{"Gold": "79"}', {"Gold": "79"}),
        ('```json\n{"values": {"Gold": 79}}\n```', {"Gold": "79"}),
        ("{}", {}),
        ('<think>{}</think>It is {"Gold": "79"}.', {"Gold": "79"}),
    ],
)
def test_an_answer_is_its_object(answer: str, values: dict[str, str]) -> None:
    assert read_lookup(answer) == values


def test_an_answer_without_an_object_is_malformed() -> None:
    with pytest.raises(AnswerMalformed):
        read_lookup("I do not know.")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[DuckDBSandbox]:
    with DuckDBSandbox() as shared:
        yield shared


@pytest.fixture(scope="module")
def left(sandbox: DuckDBSandbox) -> tuple[str, dict[str, Any]]:
    """What synthesis leaves of it."""
    done = train(GIVEN.encode(), WANTED.encode(), runner=sandbox, instructions=WORDS)
    assert done.status == "failed"
    return done.program, done.report


def looked(sandbox: DuckDBSandbox, left: tuple[str, dict[str, Any]], values: dict[str, str]) -> LookedUp:
    program, report = left
    brief = brief_agents(
        GIVEN.encode(), WANTED.encode(), program=program, report=report, instructions=WORDS, runner=sandbox,
        teaching=Teaching(samples=SAMPLE),
    )  # fmt: skip
    (asked,) = brief.lookups
    return look_up(
        asked, values, GIVEN.encode(), WANTED.encode(), report=report, former=program, instructions=WORDS,
        runner=sandbox, teaching=Teaching(samples=SAMPLE),
    )  # fmt: skip


def test_a_look_up_that_is_right_for_all_of_the_example_is_the_program(
    sandbox: DuckDBSandbox, left: tuple[str, dict[str, Any]]
) -> None:
    done = looked(sandbox, left, {**METALS, "Zinc": "30"})
    assert (done.accepted, done.completed, done.report["status"]) == (True, True, "completed")
    later = sandbox.run(done.program, Table(("metal", "lots"), (("Zinc", "1"), ("Brass", "2"))))
    assert later.rows == (("1", "30"), ("2", ""))
    assert {c["name"]: c["how"] for c in done.report["columns"]}["number"] == "agent"
    (heard,) = done.report["instructions"]
    assert (heard["outcome"], "of which the model was not shown" in heard["words"]) == ("used", True)


def test_values_outside_the_look_up_have_no_answer_and_those_the_example_lacks_are_noted(
    sandbox: DuckDBSandbox, left: tuple[str, dict[str, Any]]
) -> None:
    done = looked(sandbox, left, {**METALS, "Zinc": "30"})
    rows = Table(("metal", "lots"), (("Gold", "1"), ("Zinc", "2"), ("Brass", "3")))
    flagged = {
        g["severity"]: sandbox.run(g["sql"], rows).rows
        for g in done.report["guards"]
        if "number" in g["output_columns"]
    }
    assert flagged == {"unseen": (("3", "Brass"),), "note": (("2", "Zinc"),)}


@pytest.mark.parametrize(
    "values",
    [
        {**METALS, "Tin": "51"},  # wrong where the model was not shown
        {key: METALS[key] for key in ("Gold", "Iron")},  # what it was shown and no more
        {},
    ],
)
def test_a_look_up_that_is_wrong_for_a_value_of_the_example_is_refused(
    sandbox: DuckDBSandbox, left: tuple[str, dict[str, Any]], values: dict[str, str]
) -> None:
    done = looked(sandbox, left, values)
    assert not done.accepted
    assert done.program == left[0]
    assert "51" not in done.words
