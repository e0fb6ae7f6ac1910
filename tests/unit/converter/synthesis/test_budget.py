"""Work decides what is learned, the clock only whether the search came to its end."""

import json
import os
import subprocess
import sys

import pytest

from services.converter.adapters.duckdb_sandbox import DuckDBSandbox
from services.converter.domain.learning import learn
from services.converter.domain.synthesis.budget import CHECK_EVERY, Budget, Clock, OutOfTime
from services.converter.domain.table import Table
from services.converter.training import SearchLimits, train

ROWS = tuple((f"{i * 7919 % 100003}-{'abcdefghij' * 6}{i}", f"{i * 31 % 97}") for i in range(400))
NOISE = tuple((f"{i * 104729 % 10007}x{i * 13 % 11}",) for i in range(400))


def test_what_is_spent_of_a_part_is_spent_of_the_whole() -> None:
    whole = Budget(1000)
    part = whole.part(0.5)
    part.spend(400)
    assert (part.left, whole.left, part.is_spent) == (100, 600, False)
    whole.spend(600)
    assert (part.is_spent, part.left) == (True, 0)


def test_a_part_may_be_granted_more_than_is_left_but_ends_with_the_whole() -> None:
    whole = Budget(100)
    part = whole.part(0.1, at_least=5000)
    assert part.left == 100
    whole.spend(100)
    assert part.is_spent


def test_the_clock_cuts_the_search_and_says_how_far_it_came() -> None:
    now = [0.0]
    budget = Budget(10 * CHECK_EVERY, Clock(5.0, 50.0, cpu_time=lambda: now[0], wall_time=lambda: 0.0))
    budget.spend(2 * CHECK_EVERY)
    now[0] = 6.0
    with pytest.raises(OutOfTime, match="after 30 % of its work"):
        budget.spend(CHECK_EVERY)


def test_a_search_without_an_answer_ends_with_its_budget_of_work() -> None:
    budget = Budget(3_000_000)
    program = learn(Table(("a", "b"), ROWS), Table(("c",), NOISE), budget=budget)
    assert program.status == "failed"
    # What is spent beyond is one step's work, which is counted when it is done.
    assert budget.spent < 2 * 3_000_000


def test_a_search_that_the_clock_cuts_is_out_of_time_not_unlearnable() -> None:
    given = "a,b\n" + "".join(f"{a},{b}\n" for a, b in ROWS)
    wanted = "c\n" + "".join(f"{c}\n" for (c,) in NOISE)
    with DuckDBSandbox() as sandbox:
        done = train(given.encode(), wanted.encode(), runner=sandbox, limits=SearchLimits(cpu_s=0.001))
    assert (done.status, done.code) == ("failed", "OUT_OF_TIME")
    assert "cut after" in done.reason
    assert "allow more time" in done.reason
    assert [column["how"] for column in done.report["columns"]] == ["open"]


_LEARN = """
import json, sys
from services.converter.domain.learning import learn
from services.converter.domain.table import Table
given, wanted = json.loads(sys.stdin.read())
table = lambda rows: Table(tuple(rows[0]), tuple(map(tuple, rows[1:])))
program = learn(table(given), table(wanted))
print(json.dumps([program.status, program.sql, program.report.as_json()], sort_keys=True))
"""
TRADES = [["Date", "Type", "Symbol", "Units", "Note"]] + [
    [f"2026-{m:02}-1{m % 3}", kind, symbol, str(10 * m), f"{kind.lower()} of {symbol}"]
    for m, (kind, symbol) in enumerate(
        [("Buy", "VOO"), ("Dividend", "VOO"), ("Sell", "BND"), ("Fee", ""), ("Buy", "BND"), ("Interest", "")], 1
    )
]
WANTED = [["when", "what", "how many"]] + [
    [f"{row[0][8:]}.{row[0][5:7]}.{row[0][:4]}", f"{row[1].upper()} {row[2]}", row[3]]
    for row in TRADES[1:]
    if row[1] in ("Buy", "Sell")
]


def test_equal_examples_give_equal_programs_whatever_the_order_of_hashes() -> None:
    answers = set()
    for seed in ("1", "77", "4096"):
        done = subprocess.run(
            [sys.executable, "-c", _LEARN],
            input=json.dumps([TRADES, WANTED]),
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        )
        answers.add(done.stdout)
    assert len(answers) == 1
    assert json.loads(answers.pop())[0] == "completed"
