"""Commands and options that there are not: told as such, with what is probably meant."""

import importlib
from collections.abc import Callable

import pytest

from services.client.cli import COMMANDS, main
from services.client.exit_codes import USAGE_ERROR

# What follows these is a word of its own, with options of its own.
WITH_ACTIONS = {"dead-letters", "events", "keys", "webhooks"}


@pytest.mark.parametrize("name", sorted(name for name in COMMANDS if len(name) >= 4))
def test_a_command_missed_by_a_letter_is_named(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([f"{name}{name[-1]}"]) == USAGE_ERROR
    assert f": is {name} meant?" in capsys.readouterr().err


@pytest.mark.parametrize("slip", ["--stats", "--statuss", "--limitt"])
def test_an_option_missed_by_a_letter_is_named_whatever_its_value(
    slip: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["jobs", slip, "completed"])
    assert ended.value.code == USAGE_ERROR
    meant = "--limit" if "limit" in slip else "--status"
    assert f"there is no option {slip}: is {meant} meant?" in capsys.readouterr().err


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - WITH_ACTIONS))
def test_every_command_tells_of_an_option_that_there_is_not(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    run: Callable[[list[str]], int] = importlib.import_module(f"services.client.commands.{name.replace('-', '_')}").run
    with pytest.raises(SystemExit) as ended:
        run(["--nonsuch", "x"])
    assert ended.value.code == USAGE_ERROR
    assert "there is no option --nonsuch" in capsys.readouterr().err
