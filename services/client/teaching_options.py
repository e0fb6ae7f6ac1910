"""Options of commands that learn: files to look at, and what is done where questions stay open."""

from argparse import ArgumentTypeError
from pathlib import Path

from services.client.terminal import CommandParser


def add_teaching_options(parser: CommandParser) -> None:
    """``--sample`` gives (name, file) pairs, ``--on-ambiguity`` a word or None."""
    parser.add_argument(
        "--sample",
        action="append",
        default=[],
        type=_sample,
        metavar="[NAME=]C.csv",
        help="an input without an output, to look at for questions; may be given up to 10 times",
    )
    parser.add_argument(
        "--on-ambiguity",
        choices=("keep", "fail"),
        help="whether a program that leaves questions open is a success (keep) or a failure",
    )


def _sample(text: str) -> tuple[str, str]:
    name, equals, file = text.partition("=")
    if equals and not (name and file):
        raise ArgumentTypeError(f"{text!r} is not NAME=FILE")
    return (name, file) if equals else (Path(text).name, text)
