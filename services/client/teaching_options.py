"""Options of commands that learn and convert: files to look at, and what is done with what is open."""

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


def add_reference_option(parser: CommandParser) -> None:
    """``--reference`` gives (name, file) pairs."""
    parser.add_argument(
        "--reference",
        action="append",
        default=[],
        type=_reference,
        metavar="NAME=R.csv",
        help="a table that the program looks things up in; may be given up to 10 times",
    )


def _reference(text: str) -> tuple[str, str]:
    name, equals, file = text.partition("=")
    if not (name and equals and file):
        raise ArgumentTypeError(f"{text!r} is not NAME=FILE")
    return name, file


def add_drift_options(parser: CommandParser) -> None:
    """``--on-drift`` gives a word or None, ``--rename`` pairs of a column of the example and what the file calls it."""
    parser.add_argument(
        "--on-drift",
        choices=("ask", "accept_renames"),
        help="columns that the file calls otherwise: fail with questions (ask), or take what is surely meant",
    )
    parser.add_argument(
        "--rename",
        action="append",
        default=[],
        type=_renamed,
        metavar="COLUMN=PRESENT",
        help="what the file calls a column of the example",
    )


def _renamed(text: str) -> tuple[str, str]:
    column, equals, present = text.partition("=")
    if not (column and equals and present):
        raise ArgumentTypeError(f"{text!r} is not COLUMN=PRESENT")
    return column, present


def _sample(text: str) -> tuple[str, str]:
    name, equals, file = text.partition("=")
    if equals and not (name and file):
        raise ArgumentTypeError(f"{text!r} is not NAME=FILE")
    return (name, file) if equals else (Path(text).name, text)
