"""The table of ratios: each line beside the first of its work, what is missing named."""

from benchmarks.comparison import Line, table_of


def test_each_line_is_held_against_the_first_of_its_work() -> None:
    table = table_of([Line("job", "ours", 10.0, "ms"), Line("job", "bare", 2.5, "ms")], "1.0")
    assert "| job | bare | 2.50 ms | 0.25 |" in table


def test_what_has_a_time_on_the_wall_alone_is_compared_by_it() -> None:
    table = table_of([Line("submit", "least", 1.0, "ms", 2.0), Line("submit", "ours", None, "ms", 6.0)], "1.0")
    assert "| submit | ours |  | 3.00 (p50) | 6.0 |" in table


def test_a_peer_that_is_not_there_is_named() -> None:
    table = table_of([Line("job", "Celery", None, "ms", note="not there")], "1.0")
    assert "| job | Celery |  |  |  | not there |" in table
