"""Numbers with more decimals than any of the example's: kept, or flagged where they are rounded or cut away."""

from collections.abc import Callable

import pytest

from services.converter.domain.learned_program import LearnedProgram
from services.converter.domain.learning import learn
from services.converter.domain.program import ProgramRunner
from services.converter.domain.table import Table

HEADER = ("Name", "Count", "Reference")


def german(text: str) -> str:
    return text.replace(",", "\0").replace(".", ",").replace("\0", ".")


WRITTEN: dict[str, Callable[[str], str]] = {
    "point": str, "comma": german, "dollars": lambda text: f"${text}", "a unit": lambda text: f"{text} EUR",
}  # fmt: skip
COUNTS = ("40", "60", "10", "1200", "5")
AMOUNTS = ("12.50", "3.10", "7.05", "1,200.00", "88.40")


def table(header: tuple[str, ...], texts: tuple[str, ...]) -> Table:
    """A row for each text, between a name and a reference of its own where the header has three columns."""
    return Table(header, tuple((f"name {i}", text, f"R{i}")[: len(header)] for i, text in enumerate(texts)))


def held(program: LearnedProgram, later: tuple[str, ...], wanted: tuple[str, ...], runner: ProgramRunner) -> list[str]:
    """Answers to a later file that are not the wanted ones and that nothing flags."""
    assert program.status == "completed", program.report.doubts
    file = table(HEADER, later)
    made = [row[1] for row in runner.run(program.sql, file).rows]
    flagged = {int(row[0]) for guard in program.report.guards for row in runner.run(guard.sql, file).rows}
    return [a or "" for i, (a, want) in enumerate(zip(made, wanted, strict=True), 1) if a != want and i not in flagged]


@pytest.mark.parametrize("noughts", [".0", ".00", ".000"])
@pytest.mark.parametrize("written", list(WRITTEN))
def test_counts_written_with_noughts_keep_what_is_no_nought(written: str, noughts: str, runner: ProgramRunner) -> None:
    write = WRITTEN[written]
    given = tuple(write(f"{count}{noughts}") for count in COUNTS)
    program = learn(table(HEADER, given), table(("name", "count"), COUNTS), runner=runner)
    later = tuple(write(text) for text in (f"2.5{noughts[2:]}", f"33{noughts}", f"0.75{noughts[3:]}"))
    assert held(program, later, ("2.5", "33", "0.75"), runner) == []


@pytest.mark.parametrize("sign", ["", "-"])
@pytest.mark.parametrize("written", ["comma", "dollars", "a unit"])
def test_amounts_that_are_rounded_as_none_was_are_flagged(written: str, sign: str, runner: ProgramRunner) -> None:
    write = WRITTEN[written]
    given = tuple(f"{sign}{write(amount)}" for amount in AMOUNTS)
    wanted = tuple(f"{sign}{amount.replace(',', '')}" for amount in AMOUNTS)
    program = learn(table(HEADER, given), table(("name", "sum"), wanted), runner=runner)
    later = tuple(f"{sign}{write(text)}" for text in ("1.2345", "4.10", "0.333"))
    assert held(program, later, (f"{sign}1.2345", f"{sign}4.10", f"{sign}0.333"), runner) == []


def test_amounts_that_are_rounded_as_some_were_are_not_flagged(runner: ProgramRunner) -> None:
    given, wanted = ("12,505", "3,1", "7,054", "1.200", "88,4"), ("12.51", "3.10", "7.05", "1200.00", "88.40")
    program = learn(table(HEADER, given), table(("name", "sum"), wanted), runner=runner)
    file = table(HEADER, ("1,2345", "4,1"))
    assert [row[1] for row in runner.run(program.sql, file).rows] == ["1.23", "4.10"]
    assert not [guard.words for guard in program.report.guards for _ in runner.run(guard.sql, file).rows]


UNITS = {
    "a unit of time": (("7 Tage", "14 Tage", "30 Tage"), "6 Monate"),
    "decimals of nothing": (("7.00", "14.00", "30.00"), "6.50"),
    "a currency": (("EUR 7", "EUR 14", "EUR 30"), "USD 6"),
}


@pytest.mark.parametrize(("given", "later"), list(UNITS.values()), ids=list(UNITS))
def test_what_is_left_out_beside_a_number_is_what_it_was(
    given: tuple[str, ...], later: str, runner: ProgramRunner
) -> None:
    program = learn(table(HEADER, given), table(("name", "days"), ("7", "14", "30")), runner=runner)
    assert held(program, (given[0].replace("7", "21"), later), ("21", later), runner) == []
