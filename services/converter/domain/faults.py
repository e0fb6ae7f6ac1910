"""What can go wrong in a conversion, as the domain sees it.

    ConverterFault              reason is UPPER_SNAKE and stable, the text is for people
    ├── ReadingFault            the file cannot be read as a table
    ├── MissingColumns          the program reads columns by names that the input does not have
    ├── UnseenValues            the input holds what the example did not show, and the caller asked to fail then
    ├── OutputNotEncodable  the output's encoding lacks a character of it
    ├── InstructionRefused      words on a column that neither file of the example has
    ├── LearningFailed          no program reproduces the expected file
    └── ProgramFault            the program cannot be run
        ├── ProgramNotAllowed   it is not one plain SELECT over `input`, `header` and its own CTEs
        ├── ProgramFailed       DuckDB could not bind or run it
        ├── ProgramTimedOut     it ran longer than it may
        └── ProgramTooLarge     it took more memory, disk or output than it may

    Unanswered                  no fault of the conversion: nobody gave a verdict on it

The service's shell maps these to the suite's errors; the domain does not know of transports.
"""

from collections.abc import Collection, Iterable


class ConverterFault(Exception):
    """The root: ``reason`` for machines, ``message`` for people."""

    default_reason = "CONVERTER_FAULT"

    def __init__(self, message: str, *, reason: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.reason = reason or self.default_reason


class Unanswered(Exception):
    """A child that did the work was stopped, starved of the processor or killed from outside: nothing is known.

    No `ConverterFault`, so that nobody concludes anything from it on the way: the work is to be done again.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class ReadingFault(ConverterFault):
    """A file that is not a readable table. ``row`` is the 1-based record in the file at fault, where one is."""

    default_reason = "INPUT_INVALID"

    def __init__(self, reason: str, message: str, *, row: int | None = None) -> None:
        super().__init__(message, reason=reason)
        self.row = row


class MissingColumns(ConverterFault):
    """The program reads columns that the input does not have: ``names``, as the program writes them.

    Those in ``repeated`` it has more than once, so that nobody knows which is meant. ``reads`` and ``place`` say for
    people what else than a program wants columns of what else than the input.
    """

    default_reason = "INPUT_COLUMN_MISSING"

    def __init__(
        self,
        names: tuple[str, ...],
        present: tuple[str, ...],
        proposed: str = "",
        *,
        repeated: Collection[str] = (),
        reads: str = "the program reads",
        place: str = "the input",
    ) -> None:
        parts = []
        if gone := _list(name for name in names if name not in repeated):
            parts.append(f"{reads} {gone}, which {place} does not have")
        if again := _list(name for name in names if name in repeated):
            parts.append(f"{reads} {again}, which {place} has more than once")
        words = f"{'; '.join(parts)}; it has {_list(present[:50]) or 'no columns'}"
        super().__init__(f"{words}; {proposed}" if proposed else words)
        self.names = names


def _list(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


class UnseenValues(ConverterFault):
    """The input falls outside of what the example showed and `on_unseen` is `fail`."""

    default_reason = "INPUT_UNSEEN"


class OutputNotEncodable(ConverterFault):
    """The output holds a character that the encoding of the expected file does not have."""

    default_reason = "OUTPUT_NOT_ENCODABLE"


class LearningFailed(ConverterFault):
    """No program was found that reproduces the expected file exactly."""

    default_reason = "NOT_LEARNED"


class ProgramFault(ConverterFault):
    """A program that cannot be run, or whose run was ended."""

    default_reason = "PROGRAM_FAULT"


class ProgramNotAllowed(ProgramFault):
    """The program is something else than one plain SELECT over `input`, `header` and its own CTEs."""

    default_reason = "PROGRAM_NOT_ALLOWED"


class ProgramFailed(ProgramFault):
    """DuckDB could not parse, bind or run the program."""

    default_reason = "PROGRAM_FAILED"


class ProgramTimedOut(ProgramFault):
    """The program ran longer than its limit and was killed."""

    default_reason = "PROGRAM_TIMED_OUT"


class ProgramTooLarge(ProgramFault):
    """The program needed more memory, disk, rows, columns or bytes than its limits allow."""

    default_reason = "PROGRAM_TOO_LARGE"
