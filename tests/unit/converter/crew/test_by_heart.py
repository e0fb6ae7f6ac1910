"""Programs that list their example are refused however they are written; rules are not."""

import os
from dataclasses import replace

import pytest

from services.converter.domain.crew.by_heart import ByHeart, find_by_heart
from services.converter.domain.faults import ProgramTimedOut
from services.converter.domain.instructions import Instructions
from services.converter.domain.table import Table
from tests.support.agent_programs import HONEST, MEMORISING, Drawn, draw_honest, draw_memorising
from tests.support.duckdb_in_process import InProcessRunner

RUNNER = InProcessRunner()
# Every second form of a list and every form of a rule; AGENT_PROGRAMS=200 draws as many of both, AGENT_SEED others.
SEED = int(os.environ.get("AGENT_SEED", "4200"))
DRAWN = int(os.environ.get("AGENT_PROGRAMS", "0"))


def judged(drawn: Drawn) -> ByHeart:
    return find_by_heart(drawn.sql, drawn.table, ("id", "answer"), Instructions(drawn.said), RUNNER)


@pytest.mark.parametrize("seed", range(SEED, SEED + (DRAWN or len(MEMORISING)), 1 if DRAWN else 2))
def test_a_program_that_lists_its_example_is_refused(seed: int) -> None:
    drawn = draw_memorising(seed)
    assert judged(drawn), f"{drawn.form}: {drawn.sql}"


@pytest.mark.parametrize("seed", range(SEED, SEED + (DRAWN or len(HONEST))))
def test_a_rule_is_none(seed: int) -> None:
    drawn = draw_honest(seed)
    assert not judged(drawn), f"{drawn.form}: {drawn.sql} ({drawn.said})"


def listing(said: str) -> Drawn:
    table = Table(("id", "n"), tuple((f"A{i}", str(i)) for i in range(1, 5)))
    pairs = " ".join(f"WHEN 'A{i}' THEN '{w}'" for i, w in enumerate(("north", "south", "east", "west"), 1))
    return Drawn("", table, f"SELECT id, CASE id {pairs} END AS answer FROM input ORDER BY _row", said)


def test_values_that_the_words_give_are_a_rule() -> None:
    assert not judged(listing("A1 is North, A2 is South, A3 is East, A4 is West"))


def test_values_that_the_words_name_but_give_for_nothing_are_none() -> None:
    assert judged(listing("regions are north, south, east and west"))


def test_values_that_the_words_give_for_others_are_none() -> None:
    assert judged(listing("A2 is North, A1 is South, A4 is East, A3 is West"))


def test_only_the_columns_that_count_are_judged() -> None:
    drawn = listing("")
    assert not find_by_heart(drawn.sql, drawn.table, ("id", "answer"), Instructions(), RUNNER, only={"id"})


def test_a_large_example_is_judged_on_some_of_its_rows() -> None:
    drawn = draw_memorising(0)
    rows = tuple((f"Z{i}", *drawn.table.rows[0][1:]) for i in range(5_000))
    drawn = replace(drawn, table=replace(drawn.table, rows=rows))
    sql = (
        "SELECT id, CASE "
        + " ".join(f"WHEN id = 'Z{i}' THEN 'w{i * 7 % 91}'" for i in range(200))
        + " END AS answer FROM input"
    )
    assert judged(replace(drawn, sql=sql))


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT id, upper(n) AS answer FROM input ORDER BY id",
        "SELECT n AS id, CAST(count(*) * 3 AS VARCHAR) AS answer FROM input GROUP BY n ORDER BY n",
        "SELECT id, 'row ' || _row AS answer FROM input ORDER BY _row",
        "SELECT id, 'first' AS answer FROM input UNION ALL SELECT id, 'second' FROM input",
        "SELECT id, ['Jan', 'Feb', 'Mar', 'Apr', 'May'][CAST(n AS INT) // 3 + 1] AS answer FROM input ORDER BY _row",
    ],
)
def test_sorted_grouped_and_numbered_rows_are_rules(sql: str) -> None:
    table = Table(("id", "n"), tuple((f"B{i * 7 % 10}", str(i % 4 * 3)) for i in range(10)))
    assert not find_by_heart(sql, table, ("id", "answer"), Instructions(), RUNNER)


@pytest.mark.parametrize(
    "expression",
    [
        "CASE WHEN (37 // CAST(pow(2, _row - 1) AS BIGINT)) % 2 = 1 THEN 'a1' ELSE 'b2' END",
        "CASE WHEN substr('101101', _row, 1) = '1' THEN 'north' ELSE 'south' END",
        "CAST(sum([61, 88, 53, 73, 66, 40][_row]) OVER (ORDER BY _row) AS VARCHAR)",
    ],
)
def test_answers_that_go_by_the_number_of_the_row_are_a_list(expression: str) -> None:
    table = Table(("id", "n"), tuple((f"B{i}", str(i)) for i in range(6)))
    sql = f"SELECT id, {expression} AS answer FROM input ORDER BY _row"
    assert find_by_heart(sql, table, ("id", "answer"), Instructions(), RUNNER).columns.keys() == {"answer"}


def test_ragged_rows_are_judged_too() -> None:
    table = Table(("id", "n"), tuple((f"B{i}", str(i)) for i in range(6)))
    pairs = " ".join(
        f"WHEN 'B{i}' THEN '{w}'" for i, w in enumerate(("ruby", "jade", "onyx", "opal", "agate", "topaz"))
    )
    sql = f"SELECT [id, CASE id {pairs} END] AS _cells FROM input ORDER BY _row"
    assert find_by_heart(sql, table, ("id", "answer"), Instructions(), RUNNER)
    assert not find_by_heart(
        "SELECT [id, n] AS _cells FROM input ORDER BY _row", table, ("id", "n"), Instructions(), RUNNER
    )


class Slow(InProcessRunner):
    """Runs one program at a time in time, and no more."""

    def run(self, sql: str, table: Table) -> Table:
        if "UNION ALL" in sql:
            raise ProgramTimedOut("too slow")
        return super().run(sql, table)


def test_programs_that_are_too_slow_together_are_run_one_by_one() -> None:
    drawn = listing("")
    assert find_by_heart(drawn.sql, drawn.table, ("id", "answer"), Instructions(), Slow())


def test_a_program_that_cannot_be_judged_in_time_is_not_accepted() -> None:
    class Stopped(InProcessRunner):
        def run(self, sql: str, table: Table) -> Table:
            if "_place" in sql:
                raise ProgramTimedOut("too slow")
            return super().run(sql, table)

    drawn = listing("")
    with pytest.raises(ProgramTimedOut):
        find_by_heart(drawn.sql, drawn.table, ("id", "answer"), Instructions(), Stopped())


def test_names_of_months_picked_by_a_list_are_a_list() -> None:
    drawn = listing("")
    sql = drawn.sql
    for word, month in (("north", "May"), ("south", "June"), ("east", "April"), ("west", "March")):
        sql = sql.replace(word, month)
    assert find_by_heart(sql, drawn.table, ("id", "answer"), Instructions(), RUNNER)


@pytest.mark.parametrize("order", ["[5, 3, 4, 1, 2, 6][_row]", "(_row * 3) % 7", "abs(_row - 3), _row", "xor(_row, 5)"])
def test_an_order_by_numbers_is_a_list_though_it_be_its_own_mirror_image(order: str) -> None:
    table = Table(("id", "n"), tuple((f"B{i * 5 % 7}", str(i)) for i in range(6)))
    sql = f"SELECT id, n || '.' AS answer FROM input ORDER BY {order}"
    assert find_by_heart(sql, table, ("id", "answer"), Instructions(), RUNNER).rows


@pytest.mark.parametrize("count", [6, 7])
def test_a_row_patched_by_its_number_is_found_wherever_it_stands(count: int) -> None:
    table = Table(("id", "n"), tuple((f"B{i * 5 % 11}", f"x{i * 3 % 11}") for i in range(count)))
    for place in range(1, count + 1):
        sql = f"SELECT id, CASE WHEN _row = {place} THEN 'north7' ELSE upper(n) END AS answer FROM input ORDER BY _row"
        assert find_by_heart(sql, table, ("id", "answer"), Instructions(), RUNNER), place
