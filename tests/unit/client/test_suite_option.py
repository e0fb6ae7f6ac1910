"""`--suite` says where the suite is, and `--json` how to answer, wherever they stand on the command line."""

from importlib.metadata import version
from itertools import chain
from pathlib import Path

import pytest

from services.client.cli import COMMANDS, main
from services.client.exit_codes import USAGE_ERROR

CALLS = [
    ("submit", "x.json"), ("train", "--input", "a", "--expected", "b"), ("explain", "u/j"), ("teach", "u/j"),
    ("infer", "u/j", "--input", "a"), ("jobs",), ("status", "task_x"), ("watch", "task_x"), ("result", "task_x"),
    ("download", "u/j"), ("cancel", "task_x"), ("queue",), ("keys", "list"), ("dead-letters", "list"),
    ("events", "tail"), ("webhooks", "list"),
]  # fmt: skip
# Not between an option and its value.
PLACES = [
    (call, place)
    for call in CALLS
    for place in range(len(call) + 1)
    if not (place and call[place - 1].startswith("--"))
]


def test_every_command_that_speaks_to_a_suite_is_here(capsys: pytest.CaptureFixture[str]) -> None:
    speaking = set()
    for name in COMMANDS:
        for arguments in ([name, "--help"], [name, "list", "--help"], [name, "tail", "--help"]):
            with pytest.raises(SystemExit):
                main(arguments)
            if "--suite" in "".join(capsys.readouterr()):
                speaking.add(name)
    # They look at the suite in ways of their own, or are tried elsewhere.
    assert speaking - {"doctor", "migrate"} == {call[0] for call in CALLS}


@pytest.mark.parametrize("first", [("--suite", "nowhere.json"), ("--json",)], ids=str)
@pytest.mark.parametrize(("call", "place"), PLACES, ids=str)
def test_options_of_all_commands_may_stand_anywhere(
    call: tuple[str, ...],
    place: int,
    first: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WEALTH_USER", "u")
    for name in ("a", "b", "x.json"):
        (tmp_path / name).write_text("{}")
    rest = {("--suite", "nowhere.json"), ("--json",)} - {first}
    given = [*chain(call[:place], first, call[place:], *rest)]
    try:
        code = main(given)
    except SystemExit as end:
        code = end.code
    assert (code != USAGE_ERROR, "nowhere.json is not there" in "".join(capsys.readouterr())) == (True, True)


def test_a_suite_without_a_command_is_bad_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--suite", "x"]) == USAGE_ERROR


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"wealth {version('wealth-suite')}\n"
