"""Large examples: learned from a part of them, right on every row, in little time."""

import itertools
import time
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.converter.domain.formats.number import NumberStyle
from services.converter.domain.learned_program import LearnedProgram
from services.converter.domain.learning import learn
from services.converter.domain.program import ProgramRunner
from services.converter.domain.synthesis.rows.algebra import Relation
from services.converter.domain.synthesis.rows.steps.windows import Window, Windows
from services.converter.domain.table import Row, Table
from tests.support.drawn import drawn
from tests.support.pace import slowness

ROWS = drawn(10_000, 25_000)
CPU_S = 4 + ROWS / 25_000 * 8
"""Of a quarter of 100,000 rows, or less; far below what one pass too many over all rows and candidates takes."""
HEADER = ("Trade date", "Account", "Side", "Symbol", "Quantity", "Price", "Currency", "Note")
NAMES = ("date", "account", "side", "symbol", "quantity", "price", "currency", "note")


def given_row(i: int) -> Row:
    side = ("BUY", "SELL", "DIV")[i * 17 % 3]
    quantity, price = i * 7919 % 100_000, i * 104_729 % 1_000_000 / 100
    day = f"{i % 28 + 1:02}/{i % 12 + 1:02}/{2020 + i % 6}"
    return (
        day, f"AC-{i % 97:04}", side, f"SYM{i % 211}", f"{quantity:,}", f"${price:,.2f}", ("USD", "EUR")[i % 2],
        f" note {i} ",
    )  # fmt: skip


def wanted_row(row: Row) -> Row:
    day, account, side, symbol, quantity, price, currency, note = row
    date = f"{day[6:]}-{day[3:5]}-{day[:2]}"
    return (
        date, account[3:], side.title(), symbol, quantity.replace(",", ""), price.strip("$").replace(",", ""), currency,
        note.strip(),
    )  # fmt: skip


GIVEN = Table(HEADER, tuple(given_row(i) for i in range(ROWS)))
WANTED = Table(NAMES, tuple(map(wanted_row, GIVEN.rows)))
TRADES = replace(WANTED, rows=tuple(wanted_row(row) for row in GIVEN.rows if row[2] != "DIV"))


def learn_within(cpu_s: float, given: Table, wanted: Table) -> LearnedProgram:
    before, started = slowness(), time.process_time()
    program = learn(given, wanted)
    took_s = time.process_time() - started
    assert took_s < cpu_s * max(before, slowness())
    return program


@pytest.mark.drawn
@pytest.mark.timing("seconds of CPU, which a busy machine stretches")
@pytest.mark.parametrize("wanted", [WANTED, TRADES], ids=["row_by_row", "rows_left_out"])
def test_a_large_example_is_learned_in_little_time(wanted: Table) -> None:
    program = learn_within(CPU_S, GIVEN, wanted)
    assert program.status == "completed", program.report.differences[:3]


def test_a_row_late_in_a_large_example_counts(runner: ProgramRunner) -> None:
    rows = tuple((f"{i:05}", ("Leeds" if i % 2 else "York") if i != 5_500 else "") for i in range(6_000))
    wanted = tuple((number, town.upper() or "none") for number, town in rows)
    program = learn(Table(("id", "town"), rows), Table(("ID", "TOWN"), wanted))
    assert program.status == "completed"
    assert runner.run(program.sql, Table(("id", "town"), rows[5_490:5_510])).rows == wanted[5_490:5_510]


def test_checks_know_values_that_stand_late_in_a_large_example(runner: ProgramRunner) -> None:
    rows = [(f"{i:05}", ("buy", "sell")[i % 2] if i != 24_999 else "split") for i in range(25_000)]
    codes = {"buy": "B", "sell": "S", "split": "X"}
    wanted = tuple((number, codes[kind]) for number, kind in rows)
    program = learn(Table(("id", "kind"), tuple(rows)), Table(("id", "code"), wanted))
    checks = [g for g in program.report.guards if g.kind == "value_set"]
    later = Table(("id", "kind"), (("1", "split"), ("2", "merger")))
    assert {row[1] for guard in checks for row in runner.run(guard.sql, later).rows} == {"merger"}


@given(st.lists(st.decimals(-(10**12), 10**12, places=6), min_size=1, max_size=40))
def test_running_totals_are_exact(values: list[Decimal]) -> None:
    rows = tuple((f"{value:f}",) for value in values)
    done = Windows((), (Window("running", "n", NumberStyle()),)).run(Relation.of(Table(("n",), rows)))
    assert [Decimal(row[-1] or "") for row in done.rows] == list(itertools.accumulate(values))
