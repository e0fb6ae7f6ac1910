"""What commands show: tables, bars, foreign text, where the gateway is, and how they end."""

import io
import json
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from services.client.cli import COMMANDS, main
from services.client.exit_codes import exit_code_of
from services.client.gateway_command import describe_error
from services.client.outcomes import describe_job, describe_task
from services.client.progress_bar import ProgressBar
from services.client.rest import Event
from services.client.rest.converter_results import Job
from services.client.rest.results import Task
from services.client.settings import ClientSettings, find_gateway, load_suite
from services.client.tables import clean, format_fields, format_table
from services.common.errors import Denied, Exhausted, InvalidInput, NotFound, Unauthenticated, Unavailable


@given(st.text())
def test_foreign_text_cannot_move_the_cursor(text: str) -> None:
    assert clean(text).isprintable()


def test_foreign_text_that_is_harmless_stays() -> None:
    assert clean("Zürich ₹ 日本") == "Zürich ₹ 日本"


def test_columns_stand_under_their_headings() -> None:
    assert format_table(("id", "%"), [("a", 5), ("bcd", 100)]) == "id     %\na      5\nbcd  100"


def test_wide_characters_take_two_columns() -> None:
    assert format_table(("name", "x"), [("日本語", "a"), ("abcdef", "b")]).splitlines()[1:] == [
        "日本語  a",
        "abcdef  b",
    ]


def test_long_cells_are_cut_but_for_the_last_of_a_line() -> None:
    long = "what is wrong, and what to do about it: " * 9
    cut, whole = format_table(("id", "why"), [(long, long)]).splitlines()[1].split("…")
    assert (len(cut), whole) == (59, f"  {long}".rstrip())


@given(st.lists(st.tuples(st.text(max_size=90), st.integers()), max_size=5))
def test_a_table_has_a_line_for_each_row(rows: list[tuple[str, int]]) -> None:
    assert len(format_table(("a", "b"), rows).split("\n")) == len(rows) + 1


def test_fields_without_a_value_are_left_out() -> None:
    assert format_fields([("status", "ok"), ("error", None), ("note", "")]) == "status  ok"


@pytest.mark.parametrize(
    "described",
    [
        describe_job(Job("anna", "j", "failed", "training", message="too large", error="too large", error_code="X")),
        describe_task(Task("task_1", "error", message="too large", error="too large", error_code="X")),
    ],
    ids=["job", "task"],
)
def test_why_something_failed_is_said_once(described: str) -> None:
    assert (described.count("too large"), "X: too large" in described) == (1, True)


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_bar_shows_share_status_and_words() -> None:
    terminal = Terminal()
    with ProgressBar("task_1", terminal) as bar:
        bar.show(Event("processing", 50, "1 of 2\x1b[2J"))
    assert "task_1 [############------------]  50% 0 s  processing: 1 of 2\\x1b[2J" in terminal.getvalue()
    assert terminal.getvalue().endswith("\r\x1b[K")


def test_a_bar_never_fills_more_than_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    terminal = Terminal()
    with ProgressBar("task_1", terminal) as bar:
        bar.show(Event("processing", 50, "word " * 50))
    assert {len(line) <= 39 for line in terminal.getvalue().split("\r\x1b[K")} == {True}


def test_a_bars_time_goes_on_while_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.client.progress_bar._TICK_S", 0.001)
    terminal = Terminal()
    drawn = threading.Event()
    monkeypatch.setattr(terminal, "flush", lambda: drawn.set() if terminal.getvalue().count("50%") > 3 else None)
    with ProgressBar("task_1", terminal) as bar:
        bar.show(Event("processing", 50))
        assert drawn.wait(5)


def test_a_bar_shows_nothing_off_a_terminal() -> None:
    stream = io.StringIO()
    with ProgressBar("x", stream) as bar:
        bar.show(Event("processing", 50))
        bar.show_bytes(1, 1)
    assert stream.getvalue() == ""


def test_a_bar_shows_bytes_of_an_unknown_whole() -> None:
    terminal = Terminal()
    ProgressBar("down", terminal).show_bytes(2_500_000, None)
    assert "2.5 MB" in terminal.getvalue()


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NotFound("x"), 2),
        (InvalidInput("x"), 2),
        (Unavailable("x"), 69),
        (Exhausted("x"), 69),
        (Unauthenticated("x"), 77),
        (Denied("x"), 77),
    ],
)
def test_errors_have_exit_codes(error: Any, code: int) -> None:
    assert exit_code_of(error) == code


def test_an_error_is_one_line_with_its_field_and_request() -> None:
    error = InvalidInput("is\nempty", field="username")
    error.request_id = "r1"
    assert describe_error(error) == "INVALID_INPUT: username: is empty (request r1)"


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_a_usage_error_exits_64(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([command, "--no-such-option"])
    assert ended.value.code == 64
    assert f"wealth {command}" in capsys.readouterr().err


@pytest.mark.parametrize("timeout_s", ["0", "-1", "nan", "inf", "soon"])
def test_a_time_to_wait_that_is_none_exits_64(timeout_s: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["watch", "task_x", "--timeout-s", timeout_s])
    assert ended.value.code == 64


# Where the gateway is


def settings(folder: Path, **fields: Any) -> ClientSettings:
    values = {"wealth_url": None, "wealth_api_key": None, "wealth_data_dir": folder, **fields}
    return ClientSettings(**values)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the file of a running suite."""
    (tmp_path / "suite.json").write_text(json.dumps({"rest": "http://suite", "api_key": "suite-key", "pids": {"x": 1}}))
    return tmp_path


def test_a_running_suite_is_found_by_its_file(folder: Path) -> None:
    found = find_gateway(None, None, settings(folder))
    assert (found.url, found.api_key) == ("http://suite", "suite-key")


def test_the_environment_comes_before_a_running_suite(folder: Path) -> None:
    found = find_gateway(None, None, settings(folder, wealth_url="http://env", wealth_api_key=SecretStr("env-key")))
    assert (found.url, found.api_key) == ("http://env", "env-key")


def test_an_option_comes_before_the_environment(folder: Path) -> None:
    found = find_gateway(
        "http://option", None, settings(folder, wealth_url="http://env", wealth_api_key=SecretStr("k"))
    )
    assert found.url == "http://option"


def test_a_named_suite_gets_its_own_key_and_not_the_environments(folder: Path) -> None:
    environment = settings(folder, wealth_url="http://env", wealth_api_key=SecretStr("env-key"))
    assert find_gateway(None, folder / "suite.json", environment).api_key == "suite-key"


def test_a_key_of_ones_own_is_used_with_a_running_suite(folder: Path) -> None:
    assert find_gateway(None, None, settings(folder, wealth_api_key=SecretStr("own"))).api_key == "own"


def test_a_suites_key_goes_to_no_other_address(folder: Path) -> None:
    with pytest.raises(InvalidInput, match="WEALTH_API_KEY"):
        find_gateway("http://elsewhere", None, settings(folder))


def test_no_gateway_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="WEALTH_URL"):
        find_gateway(None, None, settings(tmp_path))


@pytest.mark.parametrize("content", ["", "[]", "{", '"x"'])
def test_a_file_that_is_no_suites_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "suite.json").write_text(content)
    with pytest.raises(InvalidInput):
        load_suite(None, settings(tmp_path))


def test_a_suite_may_be_named_by_its_folder(folder: Path) -> None:
    assert load_suite(folder, settings(folder / "other")) == load_suite(folder / "suite.json", settings(folder))


@pytest.mark.parametrize("damage", ["a folder", "a folder in its place", "no suite's file", "a device", "below a file"])
def test_whatever_stands_in_a_suites_place_is_told_as_an_error(tmp_path: Path, damage: str) -> None:
    (tmp_path / "file").write_text("[]")
    (tmp_path / "folder" / "suite.json").mkdir(parents=True)
    place = {
        "a folder": tmp_path,
        "a folder in its place": tmp_path / "folder",
        "no suite's file": tmp_path / "file",
        "a device": Path("/dev/zero"),
        "below a file": tmp_path / "file" / "suite.json",
    }[damage]
    with pytest.raises((InvalidInput, NotFound), match=str(place)) as refused:
        load_suite(place, settings(tmp_path))
    assert refused.value.reason.startswith("SUITE_FILE_")


def test_a_named_suite_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="running"):
        load_suite(tmp_path / "x.json", settings(tmp_path))


def test_secrets_are_in_no_repr(folder: Path) -> None:
    found = find_gateway(None, None, settings(folder))
    assert "suite-key" not in repr(found) + repr(load_suite(None, settings(folder)))
