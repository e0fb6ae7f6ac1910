"""What is a rule and what is a guess: families of examples with the known right rule, each too small for others."""

import math
import random

import pytest

from services.converter.domain.formats.number import NumberStyle
from services.converter.domain.learned_program import LearnedProgram
from services.converter.domain.learning import learn
from services.converter.domain.synthesis.columns import ranking
from services.converter.domain.synthesis.evidence import labelling_bits, partings, repeated_bits
from services.converter.domain.synthesis.language import Column, Concat, Constant, Examples
from services.converter.domain.synthesis.operators.logic.branch import Branch, Dictionary
from services.converter.domain.synthesis.operators.logic.comparing import Comparison, LongerThan
from services.converter.domain.synthesis.operators.logic.condition import Contains, Equals
from services.converter.domain.synthesis.operators.number.values import ReadNumber
from services.converter.domain.synthesis.tokens import is_data
from services.converter.domain.table import Row, Table
from tests.unit.converter.synthesis.duck import InProcessRunner

KEPT, LEFT = ("Buy", "Sell"), ("Dividend", "Fee", "Transfer", "Interest")
HEADER = ("Date", "Action", "Symbol", "Units", "Amount")


def export(seed: int, rows: int) -> list[Row]:
    """A broker's export in which every kind of row recurs."""
    at = random.Random(seed)
    left = at.sample(LEFT, 2)
    kinds = [*KEPT, *KEPT, *left, *left, *(at.choice((*KEPT, *left)) for _ in range(rows - 8))]
    at.shuffle(kinds)
    return [
        (f"2026-{at.randint(1, 12):02}-{at.randint(1, 28):02}", kind, at.choice(("ACME", "BETA", "GAMA", "DELT")),
         str(at.randint(1, 90)), f"{at.randint(10, 900)}.{at.randint(0, 99):02}")
        for kind in kinds
    ]  # fmt: skip


def trades(rows: list[Row]) -> list[Row]:
    return [(row[0], row[2], row[4]) for row in rows if row[1] in KEPT]


def learned(rows: list[Row], wanted: list[Row], header: Row = HEADER) -> LearnedProgram:
    return learn(Table(header, tuple(rows)), Table(("date", "symbol", "amount"), tuple(wanted)))


@pytest.mark.parametrize("seed", range(12))
def test_rows_are_kept_by_their_kind_and_not_by_chance(seed: int, runner: InProcessRunner) -> None:
    rows = export(seed, 8 + seed % 4)
    program = learned(rows, trades(rows))
    assert program.status == "completed", program.report.doubts
    later = export(seed + 1000, 12)
    flagged = {
        int(row[0])
        for guard in program.report.guards
        for row in runner.run(guard.sql, Table(HEADER, tuple(later))).rows
    }
    have = list(runner.run(program.sql, Table(HEADER, tuple(later))).rows)
    # Kinds that the example did not show are named, kept or not; all others are decided rightly.
    unseen = {number for number, row in enumerate(later, 1) if row[1] not in {r[1] for r in rows}}
    assert unseen <= flagged
    known = [row for number, row in enumerate(later, 1) if number not in unseen]
    assert [row for row in have if row in trades(known)] == trades(known)


@pytest.mark.parametrize("seed", range(6))
def test_rows_are_kept_by_two_kinds_at_once(seed: int) -> None:
    at = random.Random(seed)
    kinds = [("Buy", "Done"), ("Sell", "Done"), ("Buy", "Cancelled"), ("Transfer", "Done")] * 2
    at.shuffle(kinds)
    rows = [(f"2026-01-{at.randint(1, 28):02}", k, s, str(at.randint(1, 99))) for k, s in kinds]
    wanted = [(d, k, n) for d, k, s, n in rows if k in KEPT and s == "Done"]
    program = learned(rows, wanted, ("Date", "Kind", "Status", "Amount"))
    assert program.status == "completed"
    assert any("Kind" in step and "Status" in step for step in program.report.steps)


def test_figures_of_groups_are_rivals_of_the_kinds_of_rows(runner: InProcessRunner) -> None:
    header = ("sym", "acct")
    rows = tuple(zip("XXYZZZW", "1214569", strict=True))
    program = learn(Table(header, rows), Table(header, tuple(row for row in rows if row[0] in "XZ")))
    assert any("X" in step and "Z" in step for step in program.report.steps)
    later = Table(header, tuple(zip("XYYW", "7346", strict=True)))
    flagged = {row[0] for guard in program.report.guards for row in runner.run(guard.sql, later).rows}
    # Only once, or more than once: by the count of rows each of these would be decided otherwise, but for the last.
    assert flagged == {"1", "2", "3"}


@pytest.mark.parametrize("seed", range(6))
def test_headings_go_because_they_are_headings(seed: int, runner: InProcessRunner) -> None:
    at = random.Random(seed)

    def file(names: list[str]) -> tuple[list[Row], list[Row]]:
        rows: list[Row] = []
        wanted: list[Row] = []
        for name in names:
            rows.append((name, "", ""))
            for _ in range(at.randint(2, 4)):
                line = ("", at.choice(("Ann", "Bo", "Cy", "Di", "Ed")) + str(at.randint(1, 9)), str(at.randint(1, 9)))
                rows.append(line)
                wanted.append((name, *line[1:]))
        return rows, wanted

    rows, wanted = file(["Coast line", "Hill line"])
    header = ("Line", "Driver", "Trips")
    program = learn(Table(header, tuple(rows)), Table(header, tuple(wanted)))
    assert program.status == "completed"
    later, right = file(["Moor line", "Lake line"])
    have = runner.run(program.sql, Table(header, tuple(later))).rows
    have = have[1:] if program.cells else have
    assert list(have) == right


@pytest.mark.parametrize("answer", ["true", "No", "37", "urgent"])
def test_one_answer_is_a_question(answer: str) -> None:
    rows = (("ab cd",), ("ef gh",)) if answer == "urgent" else (("ab cd",),)
    program = learn(Table(("a",), rows), Table(("b",), ((answer,),) * len(rows)))
    assert program.status == "failed"
    assert program.report.doubts
    assert [question.default for question in program.report.questions] == [answer]


def test_a_column_that_never_changes_beside_others_is_no_question() -> None:
    rows = tuple((f"n{i}", str(i)) for i in range(5))
    program = learn(Table(("a", "n"), rows), Table(("a", "currency"), tuple((a, "EUR") for a, _ in rows)))
    assert program.status == "completed"


def task(outputs: str, *columns: str) -> Examples:
    records = [tuple(cells) for cells in zip(*(column.split("|") for column in columns), strict=True)]
    return Examples(tuple(f"c{i}" for i in range(len(columns))), list(records), outputs.split("|"))


A, B = Column(0, "c0"), Column(1, "c1")
READ = ReadNumber(A, NumberStyle())


@pytest.mark.parametrize(
    ("outputs", "columns", "program", "open_"),
    [
        ("x|y|y|y", ("p|q|r|s",), Branch(Contains(A, "p"), Constant("x"), Constant("y")), True),
        ("x|y|x|y|x|y", ("b|s|b|s|b|s", "1|2|3|4|5|6"), Branch(Equals(A, ("b",)), Constant("x"), Constant("y")), False),
        ("x|y|y", ("pp|q|r", "1|2|3"), Branch(LongerThan(A, 1), Constant("x"), Constant("y")), True),
        ("3cec03fc|7da16661|7da16661|3cec03fc", ("b|s|s|b",), Branch(Equals(A, ("b",)), Constant("3cec03fc"),
         Constant("7da16661")), True),
        ("x|x|y|y", ("b|b|s|s",), Dictionary(A, (("b", "x"), ("s", "y"))), False),
        ("x|y|z", ("b|s|t",), Dictionary(A, (("b", "x"), ("s", "y"), ("t", "z"))), False),
        ("x|y|x|y", ("b|s|t|s", "1|1|2|2", "p|q|q|p"), Dictionary(A, (("b", "x"), ("s", "y"), ("t", "x"))), True),
        ("12.50|40.00|12.50", ("b|s|b",), Dictionary(A, (("b", "12.50"), ("s", "40.00"))), True),
        ("x|y|x|y", ("5|80|20|90", "1|2|3|4"), Branch(Comparison(READ, ">=", 50), Constant("y"), Constant("x")), True),
        ("x|y|x|y|y", ("5|-8|20|-9|-1", "1|2|3|4|5"), Branch(Comparison(READ, ">=", 0), Constant("x"), Constant("y")),
         False),
        ("x1|y2|z3", ("x|y|z", "1|2|3"), Concat((A, Column(1, "row_number"))), True),
    ],
)  # fmt: skip
def test_what_a_few_rows_are_ground_for(
    outputs: str, columns: tuple[str, ...], program: Branch | Dictionary, open_: bool
) -> None:
    assert bool(ranking.doubt(task(outputs, *columns), program)) is open_


def test_bits_are_counts() -> None:
    assert labelling_bits("aabb") == pytest.approx(math.log2(6))
    assert labelling_bits("aaaa") == pytest.approx(0)
    assert partings(4, 2) == 3
    assert partings(4, 1) == 4
    # The second and third "b" repeat an output that half of the rows have.
    assert repeated_bits("bsbb", "xyxz"[:3] + "x") == pytest.approx(2 * -math.log2(3 / 4))


@pytest.mark.parametrize("text", ["3cec03fc", "12.50", "1,234.56", "2026-03-01", "ann@example.org", "US7291900001"])
def test_data_of_a_row_is_told(text: str) -> None:
    assert is_data(text)


@pytest.mark.parametrize(
    "text", ["", "Buy", "EUR", "Q1", "12", "A-1", "+", "Q1 2026", "0.00", "₹0.00", "-0,0", "0.00 €"]
)
def test_names_of_kinds_are_no_data(text: str) -> None:
    assert not is_data(text)


def test_what_lies_between_the_rows_on_either_side_of_a_threshold_is_flagged(runner: InProcessRunner) -> None:
    header = ("name", "n")
    rows = tuple((name, str(n)) for name, n in zip("abcdefgh", (3, 9, 12, 20, 80, 95, 120, 200), strict=True))
    wanted = tuple((name, "big" if int(n) >= 80 else "small") for name, n in rows)
    program = learn(Table(header, rows), Table(("name", "size"), wanted))
    assert program.status == "completed"
    later = Table(header, (("x", "15"), ("y", "21"), ("z", "79"), ("v", "81")))
    flagged = {row[0] for g in program.report.guards if g.kind == "ambiguity" for row in runner.run(g.sql, later).rows}
    assert flagged == {"2", "3"}


def computed_of(pairs: list[tuple[str, str]]) -> LearnedProgram:
    """What is learned of a column of names and one of numbers, of which another is wanted."""
    rows = tuple((name, given) for name, (given, _) in zip(("ash", "elm", "oak", "yew"), pairs, strict=False))
    return learn(
        Table(("name", "given"), rows),
        Table(("name", "wanted"), tuple((row[0], wanted) for row, (_, wanted) in zip(rows, pairs, strict=True))),
    )


@pytest.mark.parametrize(
    "pairs",
    [
        [("3", "1"), ("2", "2"), ("1", "3")],
        [("1", "5"), ("2", "3"), ("3", "1")],
        [("5", "2"), ("4", "4"), ("3", "6")],
    ],
)
def test_few_small_numbers_are_no_ground_for_arithmetic(pairs: list[tuple[str, str]]) -> None:
    program = computed_of(pairs)
    assert program.status == "failed" or any(column is None or column.doubt for column in program.columns)


@pytest.mark.parametrize(
    "pairs",
    [
        [("12.50", "37.50"), ("8.10", "24.30"), ("110.00", "330.00")],
        [("0", "32"), ("100", "212"), ("37", "98.6"), ("-40", "-40")],
        [("1", "2"), ("2", "3"), ("7", "8")],
        [("120", "12"), ("455", "45.5"), ("990", "99")],
    ],
)
def test_numbers_that_tell_enough_are_computed(pairs: list[tuple[str, str]]) -> None:
    program = computed_of(pairs)
    assert program.status == "completed"
    assert [column.doubt for column in program.columns if column] == ["", ""]
