"""What the launcher says to the person at the terminal."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

_STYLES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}


def style(text: str, *names: str) -> str:
    """Colours a text where the output is a terminal."""
    if not sys.stdout.isatty():
        return text
    return f"\x1b[{';'.join(_STYLES[name] for name in names)}m{text}\x1b[0m"


def say(text: str = "") -> None:
    """Prints a line at once, also into a pipe."""
    print(text, flush=True)


def head(text: str) -> None:
    """Begins a part."""
    say()
    say(style(text, "bold"))


def warn(text: str) -> None:
    """Says what went wrong."""
    print(style(text, "red"), file=sys.stderr, flush=True)


def progress(percent: int, status: str) -> None:
    """Shows how far the step in hand is; in a pipe, nothing."""
    if sys.stdout.isatty():
        print(f"\r\x1b[K  {style('…', 'yellow')} {percent:3d} % {status}", end="", flush=True)


@contextmanager
def step(what: str) -> Iterator[list[str]]:
    """Shows what is going on, and how long it took once it is done. Words put into the list are printed behind it.

    On a terminal the line shows at once; in a pipe it shows when it is whole.
    """
    began = time.monotonic()
    details: list[str] = []
    start = "\r\x1b[K" if sys.stdout.isatty() else ""
    if sys.stdout.isatty():
        print(f"  {style('…', 'yellow')} {what}", end="", flush=True)
    try:
        yield details
    except BaseException:
        say(f"{start}  {style('✗', 'red')} {what}")
        raise
    took = style(f"{time.monotonic() - began:5.1f} s", "dim")
    say(f"{start}  {style('✓', 'green')} {what:<42} {took}  {' '.join(details)}".rstrip())
