"""`wealth apply --program` with programs that nobody learned: the exit says what became of them; nothing is left."""

import time
from pathlib import Path

import pytest

from services.client.cli import main
from services.client.exit_codes import UNAVAILABLE
from services.converter.domain.program import INFERENCE_LIMITS, scale_limits
from tests.unit.converter.sandbox.test_hostile_programs import ENDED, NOT_ALLOWED

REFUSED, NOT_ALLOWED_EXIT = 2, 3
SOME_NOT_ALLOWED = (
    "reads_text", "reads_a_file_by_name", "writes_a_file", "loads_an_extension", "changes_a_setting",
    "changes_its_input", "two_statements", "a_statement_behind_a_comment", "a_statement_behind_a_zero_byte",
    "a_name_in_wide_letters", "a_recursive_cte", "a_python_object", "the_environment", "the_clock",
)  # fmt: skip
SOME_ENDED = ("a_text_of_gigabytes", "a_function_that_ignores_interrupts", "sixty_joins", "a_cast_that_fails")


def apply(folder: Path, program: str, *more: str) -> int:
    (folder / "p.sql").write_text(program, encoding="utf-8")
    (folder / "a.csv").write_text("name,amount\nACME,1\nBETA,2\n")
    files = {"--program": "p.sql", "--input": "a.csv", "--output": "d.csv"}
    return main(["apply", *(part for flag, name in files.items() for part in (flag, str(folder / name))), *more])


@pytest.mark.parametrize("name", SOME_NOT_ALLOWED)
def test_a_program_that_is_not_allowed_exits_3(tmp_path: Path, name: str) -> None:
    assert apply(tmp_path, NOT_ALLOWED[name]) == NOT_ALLOWED_EXIT
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "p.sql"]


@pytest.mark.parametrize("name", SOME_ENDED)
def test_a_program_that_is_ended_exits_2(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    ended = apply(tmp_path, ENDED[name][0], "--timeout-s", "3")
    # Where others leave it no processor, nothing is known of the program.
    assert ended == REFUSED or (ended == UNAVAILABLE and "ENGINE_UNANSWERED" in capsys.readouterr().err)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "p.sql"]


def test_a_small_file_gets_a_minute_and_a_large_one_what_it_needs() -> None:
    assert scale_limits(100).time_s == pytest.approx(60, abs=0.01)
    assert scale_limits(200 << 20).time_s == 260
    assert scale_limits(10 << 30) == INFERENCE_LIMITS


def test_a_runaway_output_ends_at_its_own_bound(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    began = time.monotonic()
    assert apply(tmp_path, "SELECT repeat('x', 1000000) AS x, unnest(range(1000000)) AS n") == REFUSED
    assert "LARGE" in capsys.readouterr().err
    assert time.monotonic() - began < 60
