"""Words of the user that settle what the example leaves open: each example fits several rules, the words name one."""

import pytest

from services.converter.domain.instructions import Instructions
from services.converter.domain.learning import learn
from services.converter.domain.table import Table
from tests.unit.converter.synthesis.duck import InProcessRunner

# words -> (input columns, input rows, wanted column, unseen row, its answer)
CASES: dict[str, tuple[str, str, str, str, str]] = {
    "multiply lot by fee": ("lot fee", "2 2|0 0", "4|0", "3 5", "15"),
    "the sum of lot and fee": ("lot fee", "2 2|0 0", "4|0", "3 5", "8"),
    "write it in upper case": ("code n", "AX 1|BY 2|CZ 3", "AX|BY|CZ", "dw 4", "DW"),
    "lowercase, please": ("code n", "ax 1|by 2|cz 3", "ax|by|cz", "DW 4", "dw"),
    "round to whole numbers": ("rate n", "7.2 1|3.1 2|9.4 3", "7|3|9", "5.8 4", "6"),
    "drop the decimals": ("rate n", "7.2 1|3.1 2|9.4 3", "7|3|9", "5.8 4", "5"),
    "take net": ("gross net", "5 5|7 7|9 9", "5|7|9", "1 2", "2"),
    "take gross": ("gross net", "5 5|7 7|9 9", "5|7|9", "1 2", "1"),
    "if zone is north then near otherwise far": (
        "kind zone", "x north|y south|x north|y south", "near|far|near|far", "x south", "far",
    ),
    "near if kind is x, else far": (
        "kind zone", "x north|y south|x north|y south", "near|far|near|far", "x south", "near",
    ),
    "if value is greater than 1,000 then big, otherwise small": (
        "value n", "1500 1|20 2|7000 3|400 4", "big|small|big|small", "1000 5", "small",
    ),
    "big when value is at least 1k; otherwise small": (
        "value n", "1500 1|20 2|7000 3|400 4", "big|small|big|small", "1000 5", "big",
    ),
    "if value is below 500 then small, otherwise big": (
        "value n", "1500 1|20 2|7000 3|400 4", "big|small|big|small", "501 5", "big",
    ),
    "hot if degrees is over 30, cold if degrees is under 5, otherwise mild": (
        "degrees n", "35 1|2 2|20 3|40 4|1 5|18 6", "hot|cold|mild|hot|cold|mild", "6 7", "mild",
    ),
    "only two valid values: Fast & Slow": (
        "speed n", "quick 1|lame 2|quick 3|lame 4|quick 5|lame 6|quick 7", "Fast|Slow|Fast|Slow|Fast|Slow|Fast",
        "quick 8", "Fast",
    ),
}  # fmt: skip


def column(words: str, runner: InProcessRunner, instructions: Instructions) -> str:
    names, given, wanted, unseen, _ = CASES[words]
    header = tuple(names.split())
    rows = tuple(tuple(row.split()) for row in given.split("|"))
    expected = Table(("output",), tuple((value,) for value in wanted.split("|")))
    program = learn(Table(header, rows), expected, instructions=instructions, runner=runner)
    assert program.status == "completed", program.sql
    return runner.run(program.sql, Table(header, (tuple(unseen.split()),))).rows[0][0]


@pytest.mark.parametrize("words", CASES)
def test_words_on_a_column_settle_what_the_example_leaves_open(words: str, runner: InProcessRunner) -> None:
    assert column(words, runner, Instructions(columns={"output": words})) == CASES[words][-1]


@pytest.mark.parametrize("words", CASES)
def test_general_words_settle_it_too(words: str, runner: InProcessRunner) -> None:
    assert column(words, runner, Instructions(general=words)) == CASES[words][-1]


def test_general_words_that_name_another_column_are_not_about_this_one() -> None:
    said = Instructions(general="Uppercase the client name. Multiply price by quantity for the value.")
    assert said.words_for("value", ("client_name", "value")) == "Multiply price by quantity for the value"
    assert said.words_for("client_name", ("client_name", "value")) == "Uppercase the client name"


def test_words_against_the_example_do_not_prevail(runner: InProcessRunner) -> None:
    given = Table(("value",), (("10",), ("20",), ("30",), ("40",)))
    wanted = Table(("size",), (("small",), ("small",), ("big",), ("big",)))
    wrong = Instructions(columns={"size": "if value is above 35 then big otherwise small"})
    program = learn(given, wanted, instructions=wrong, runner=runner)
    assert [row[0] for row in runner.run(program.sql, given).rows] == ["small", "small", "big", "big"]


def test_what_the_words_settle_is_no_longer_reported_as_ambiguous(runner: InProcessRunner) -> None:
    given = Table(("lot", "fee"), (("2", "2"), ("0", "0")))
    wanted = Table(("total",), (("4",), ("0",)))
    silent = learn(given, wanted, runner=runner)
    told = learn(given, wanted, instructions=Instructions(columns={"total": "multiply lot by fee"}), runner=runner)
    assert silent.report.ambiguities
    assert not told.report.ambiguities
