"""Values on which an agent's limit has no ground are noted: nothing shows on which side of it they belong."""

from services.converter.domain.crew.lineage import list_limits
from services.converter.domain.crew.scrutiny import guards_of_agent
from services.converter.domain.instructions import Instructions
from services.converter.domain.table import Table
from tests.support.duckdb_in_process import InProcessRunner

SHOWN = Table(("id", "n"), (("a", "100"), ("b", "300"), ("c", "450"), ("d", "900")))
LATER = Table(("id", "n"), (("e", "50"), ("f", "300"), ("g", "310"), ("h", "440"), ("i", "880"), ("k", "1000")))
KEPT = "SELECT id FROM input WHERE CAST(n AS DOUBLE) > 372 ORDER BY _row"
GRADED = "SELECT id, CASE WHEN CAST(n AS DOUBLE) > 372 THEN 'x' ELSE 'y' END AS grade FROM input ORDER BY _row"


def noted(sql: str, columns: dict[int, str], said: str = "") -> list[str]:
    """The later file's values that are noted for the program's limits."""
    guards = guards_of_agent(sql, SHOWN, columns, Instructions(said))
    runner = InProcessRunner()
    return [row[1] for guard in guards if guard.kind == "number" for row in runner.run(guard.sql, LATER).rows]


def test_values_between_those_around_the_limit_are_noted() -> None:
    assert noted(GRADED, {1: "grade"}) == ["310", "440"]


def test_a_limit_on_rows_has_no_ground_beyond_the_example_either() -> None:
    assert noted(KEPT, {0: "id"}) == ["50", "310", "440", "1000"]


def test_a_limit_that_the_words_name_is_the_users() -> None:
    assert noted(KEPT, {0: "id"}, "only what is above 372") == []


def test_limits_are_found_in_any_place_that_compares_by_size() -> None:
    sql = "WITH t AS (SELECT * FROM input WHERE n::INT BETWEEN 1 AND 9) SELECT id FROM t WHERE 5 < CAST(n AS DOUBLE)"
    assert {limit.text for limit in list_limits(sql, ("id", "n"))} == {"1", "9", "5"}
    assert list_limits("SELECT (", ("id",)) == []
