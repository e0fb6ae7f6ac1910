"""What libraries write to standard error themselves: events of the log, and never lines of their own."""

import json
import subprocess
import sys
from typing import Any

import pytest

FORGED = '{"event": "audit", "door": "rest", "key": "k_1", "status": "200"}'
HEAD = "I1130 06:04:35.275457   22796 chttp2_transport.cc:1403] "
START = """
import os, sys
from services.common.logging import configure_logging, get_logger
from services.common.native_log import native_lines_logged
with native_lines_logged():
    configure_logging("test", sys.argv[1], "json")
"""


def run(*lines: str, level: str = "DEBUG", status: int = 0) -> list[dict[str, Any]]:
    """The log of a process that runs these lines, each line of it parsed: what is none fails here."""
    done = subprocess.run(
        [sys.executable, "-c", START + "".join(f"    {line}\n" for line in lines), level],
        capture_output=True, text=True, check=False, timeout=100,
    )  # fmt: skip
    assert done.returncode == status, done.stderr
    return [json.loads(line) for line in done.stderr.splitlines()]


def write(text: str) -> str:
    return f"os.write(2, {text.encode()!r})"


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n", "\x0b", "\x85", "\u2028"])
def test_a_line_that_looks_like_ours_is_a_value_of_an_event(end: str) -> None:
    found = run(write(f"{HEAD}Got goaway [2] Debug Text: x{end}{FORGED}{end} {{http2_error:2}}\n"))
    assert {(event["event"], event["level"], event["source"]) for event in found} == {
        ("native_log", "debug", "chttp2_transport.cc:1403")
    }
    assert FORGED in [event["text"] for event in found]


def test_routine_messages_and_what_peers_say_in_them_stand_in_no_usual_log() -> None:
    assert run(write(f"{HEAD}Got goaway\n{FORGED}\n"), level="INFO") == []


def test_what_is_wrong_is_a_warning_with_its_text() -> None:
    found = run(write(HEAD.replace("I", "E", 1) + "no more files\n"), write("corrupted size\n"), level="INFO")
    assert [(event["level"], event["text"].rpartition("] ")[2]) for event in found] == [
        ("warning", "no more files"),
        ("warning", "corrupted size"),
    ]


def test_secrets_and_what_is_no_text_are_shown_as_elsewhere() -> None:
    (event,) = run("os.write(2, b'password=hunter2 \\xff\\x00')")
    assert event["text"] == "[redacted] \\xff\x00"


def test_what_python_writes_comes_past_the_pipe_in_order() -> None:
    found = run("get_logger().info('first')", 'sys.stderr.write(\'{"event": "second"}\\n\')', "print('x')")
    assert [event["event"] for event in found] == ["first", "second"]


def test_more_than_a_pipe_holds_is_no_reason_to_wait() -> None:
    found = run(
        "import ctypes",
        "text = b'y' * 100_000 + b'\\n'",
        "ctypes.PyDLL(None).write(2, text, len(text))",  # with Python's lock held: nobody reads meanwhile
        "get_logger().info('on')",
    )
    assert [event["event"] for event in found if event["event"] != "native_log"] == ["on"]


def test_where_a_process_stood_that_a_library_ended_is_written() -> None:
    done = subprocess.run(
        [sys.executable, "-c", START + "    os.abort()\n", "INFO"],
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert done.returncode < 0
    assert "Fatal Python error: Aborted" in done.stderr
