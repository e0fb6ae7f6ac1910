"""The generated gate, on seeds that are spread over the kinds: right, or every wrong row is named.

The usual run takes every sixth of them.

Of the family of texts, seeds whose right rows were flagged for how they look are held to no flag.

`make bench-gate` runs 500 seeds. `python -m benchmarks.generated_gate --show SEED` shows a seed that fails here.
"""

from collections.abc import Iterator

import pytest

from benchmarks.conversions.maker import make
from benchmarks.generated_gate import follow, learn, run
from services.converter.adapters.duckdb_sandbox import DuckDBSandbox
from tests.support.drawn import drawn

SEEDS = (
    0, 1, 3, 4, 6, 7, 8, 10, 11, 12, 13, 14, 16, 18, 19, 21, 22, 23, 25, 27, 28, 30, 31, 32,
    34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 54, 56, 57, 58, 59,
    61, 62, 63, 64, 66, 67, 68, 69, 71, 73, 77, 78,
)  # fmt: skip


@pytest.fixture(scope="module")
def sandbox() -> Iterator[DuckDBSandbox]:
    with DuckDBSandbox() as shared:
        yield shared


@pytest.mark.slow
@pytest.mark.drawn
@pytest.mark.parametrize("seed", SEEDS[:: drawn(6, 1)])
def test_a_later_file_is_right_or_each_wrong_row_is_named(seed: int, sandbox: DuckDBSandbox) -> None:
    outcome = run(seed, sandbox)
    assert outcome.holds, f"python -m benchmarks.generated_gate --show {seed}: {outcome}"


NEEDLESS = {
    "a folder of more names": 90029,
    "a file with more points": 90053,
    "a part of more words": 90061,
    "a host of more names": 90122,
    "words in brackets that are a number": 90144,
    "a town of more words, where some had several": 90173,
    "a quotation of more words": 90190,
    "more words, joined": 90141,
}
"""Seeds of texts by what later rows have that the example had not, and that decides nothing."""


@pytest.mark.parametrize("what", NEEDLESS)
def test_a_right_row_is_not_flagged_for_how_it_looks(what: str, sandbox: DuckDBSandbox) -> None:
    outcome = run(NEEDLESS[what], sandbox, "texts")
    assert (outcome.outcome, outcome.guards) == ("right", {})


CHANGED = {
    "a blank row among the others": (30003, "blank lines"),
    "a line that goes on": (30003, "a text goes on"),
    "a unit behind what is copied": (30003, "another unit"),
    "a time beside dates that are copied": (30001, "other widths of dates"),
    "a column more, where cells are read by their places": (31006, "one more column"),
}
"""Seeds and changes of later files by what was wrong in them without a word."""


@pytest.mark.slow
@pytest.mark.parametrize("what", CHANGED)
def test_what_a_changed_file_makes_wrong_is_named(what: str, sandbox: DuckDBSandbox) -> None:
    seed, change = CHANGED[what]
    made = make(seed)
    later = made.follow(change)
    assert later is not None
    assert follow(made, later, learn(made, sandbox), sandbox).outcome in ("right", "flagged")
