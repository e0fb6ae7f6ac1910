"""The README's consoles: every command is run, and what it prints is what stands there (``...``: anything)."""

import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.launched_suite import LaunchedSuite

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
# Run by other tests: the demonstration by test_launcher, the suite by the fixture, which knows address and key.
RUN_ELSEWHERE = re.compile(r"make (demo|run)\b|export SUITE=")
END = "--- end of a command ---"


@dataclass(frozen=True)
class Shown:
    """A command of the README and what it prints there."""

    command: str
    output: str


def read_consoles(text: str) -> list[Shown]:
    """Reads ``$ command`` lines, continued while a quote is open or a line ends in a backslash, and their output."""
    shown: list[Shown] = []
    for block in re.findall(r"^```console\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
        command, output = "", ""
        for line in block.splitlines(keepends=True):
            if command and not is_whole(command):
                command += line
            elif line.startswith("$ "):
                if command:
                    shown.append(Shown(command, output))
                command, output = line.removeprefix("$ "), ""
            else:
                output += line
        shown.append(Shown(command, output))
    return shown


def is_whole(command: str) -> bool:
    """Whether the shell would not ask for another line."""
    if command.rstrip("\n").endswith("\\"):
        return False
    try:
        shlex.split(command)
    except ValueError:
        return False
    return True


def matches(shown: str, printed: str) -> bool:
    """Compares line by line; a line ``...`` stands for any lines, ``...`` in a line for anything in it."""
    pattern = "".join(
        r"(?:.*\n)*?" if line == "..." else re.escape(line).replace(r"\.\.\.", ".*") + r"\n"
        for line in shown.splitlines()
    )
    return re.fullmatch(pattern, printed) is not None


@pytest.fixture(scope="module")
def printed(suite: LaunchedSuite, tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Shown, str]]:
    """The README's commands, run in one shell as a reader would, each with what it printed."""
    folder = tmp_path_factory.mktemp("readme")
    (folder / "examples").symlink_to(ROOT / "examples")
    (folder / ".venv").symlink_to(sys.prefix)
    commands = [shown for shown in read_consoles(README) if not RUN_ELSEWHERE.match(shown.command)]
    script = "".join(f"{shown.command}\necho '{END}'\n" for shown in commands)
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env={
            **os.environ,
            "SUITE": suite.rest,
            "KEY": suite.document["api_key"],
            # Where `wealth` finds the suite: a reader's stands in .data.
            "WEALTH_DATA_DIR": str(suite.folder),
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=100,
        check=False,
    )
    return list(zip(commands, done.stdout.split(f"{END}\n"), strict=False))


def test_the_readme_shows_commands() -> None:
    assert len(read_consoles(README)) >= 15


@pytest.mark.parametrize(
    "index", range(len([shown for shown in read_consoles(README) if not RUN_ELSEWHERE.match(shown.command)]))
)
def test_a_command_prints_what_the_readme_shows(printed: list[tuple[Shown, str]], index: int) -> None:
    shown, output = printed[index]
    assert matches(shown.output, output), f"$ {shown.command}\nshown:\n{shown.output}\nprinted:\n{output}"


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\]\(([^)#:]+)\)", README))))
def test_a_link_of_the_readme_leads_somewhere(target: str) -> None:
    assert (ROOT / target).exists()


def test_every_page_is_in_the_index() -> None:
    index = (ROOT / "docs" / "README.md").read_text()
    assert [page.name for page in (ROOT / "docs").glob("*.md") if f"]({page.name})" not in index + "](README.md)"] == []


@pytest.mark.parametrize("page", sorted((ROOT / "docs").rglob("*.md")), ids=lambda page: page.name)
def test_a_link_of_the_documentation_leads_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    links = re.findall(r"\]\(([^)#:]+)\)", text)
    assert [link for link in links if not (page.parent / link).exists()] == []
