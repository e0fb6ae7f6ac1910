"""Options of commands that learn and convert: files to look at, and what is done with what is open."""

from argparse import ArgumentTypeError
from collections.abc import Callable
from pathlib import Path

from services.client.terminal import CommandParser


def add_sample_option(parser: CommandParser) -> None:
    """``--sample`` gives (name, file) pairs."""
    parser.add_argument(
        "--sample",
        action="append",
        default=[],
        type=_sample,
        metavar="[NAME=]C.csv",
        help="an input without an output, to look at for questions; may be given up to 10 times",
    )


def add_teaching_options(parser: CommandParser) -> None:
    """``--sample`` gives (name, file) pairs, ``--on-ambiguity`` a word or None."""
    add_sample_option(parser)
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
        type=_pair("NAME=FILE"),
        metavar="NAME=R.csv",
        help="a table that the program looks things up in; may be given up to 10 times",
    )


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
        type=_pair("COLUMN=PRESENT"),
        metavar="COLUMN=PRESENT",
        help="what the file calls a column of the example",
    )


def _pair(form: str) -> Callable[[str], tuple[str, str]]:
    """A reader of ``A=B``, both of which must be there; ``form`` is what a complaint calls it."""

    def read(text: str) -> tuple[str, str]:
        first, equals, second = text.partition("=")
        if not (first and equals and second):
            raise ArgumentTypeError(f"{text!r} is not {form}")
        return first, second

    return read


def _sample(text: str) -> tuple[str, str]:
    return _pair("NAME=FILE")(text) if "=" in text else (Path(text).name, text)
