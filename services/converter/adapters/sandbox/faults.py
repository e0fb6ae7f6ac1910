"""What goes wrong in a run, in the words of the parent's faults."""

import re
from collections.abc import Collection, Mapping
from typing import Any

import duckdb

from services.converter.adapters.sandbox import statements, trees
from services.converter.domain.faults import ProgramFailed, ProgramFault, ProgramNotAllowed

_MESSAGE_CHARS = 2_000
"""What a person still reads of a fault of the database, which repeats the program."""
_EXHAUSTED = re.compile(
    r"bad_alloc|out of memory|failed to allocate|file too large|max_temp_directory_size|cannot create a string of size",
    re.IGNORECASE,
)
# Of what DuckDB takes for its own fault: where its code lies, on disk and in memory.
_TRACE = "Stack Trace:"


class MissingColumn(Exception):
    """A SELECT reads columns that the input does not have."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__()
        self.names = names


def as_fault(error: Exception) -> dict[str, Any]:
    """An error as ``{"fault", "message"}``."""
    if isinstance(error, ProgramFault):
        return {"fault": type(error).__name__, "message": error.message.partition(_TRACE)[0].strip()}
    if isinstance(error, MissingColumn):
        return {"fault": "MissingColumns", "names": list(error.names), "message": ""}
    if isinstance(error, MemoryError | duckdb.OutOfMemoryException):
        return {"fault": "ProgramTooLarge", "message": "the program needs more memory than it may use"}
    if isinstance(error, RecursionError):
        return {"fault": "ProgramNotAllowed", "message": "the program is nested too deeply"}
    return _fault_of(error)


def missing_columns(message: str, tree: Any, request: Mapping[str, Any]) -> tuple[str, ...]:
    """The input columns that the program reads by name and that are not there.

    ``known_columns`` are those of the input that the program was learned from: without them the binder's first
    complaint is all there is to go by.
    """
    present = {name.lower() for name in request["source"]["names"]}
    known = {name.lower(): name for name in request.get("known_columns") or ()}
    read = {name.lower() for name in _referenced_names(tree)}
    missing = tuple(name for key, name in known.items() if key in read and key not in present)
    if missing or known:
        return missing
    found = re.search(r'Referenced column "(.+?)" (?:was )?not found', message)
    return (found[1],) if found else ()


def _referenced_names(tree: Any) -> Collection[str]:
    return {str(one["column_names"][-1]) for one in trees.walk(tree) if one.get("class") == "COLUMN_REF"}


def _fault_of(error: Exception) -> dict[str, Any]:
    text = str(error)
    if statements.OVERSIZED_CELL in text:
        return {"fault": "ProgramTooLarge", "message": "the program returns a cell that is larger than the limit"}
    if _EXHAUSTED.search(text):
        return {"fault": "ProgramTooLarge", "message": "the program needs more memory or disk than it may use"}
    if isinstance(error, duckdb.ParserException):
        return {"fault": ProgramNotAllowed.__name__, "message": _clean(text)}
    return {"fault": ProgramFailed.__name__, "message": _clean(text)}


def _clean(text: str) -> str:
    """DuckDB's message without its caret drawing, its stack, the sandbox's paths and its advice on settings."""
    lines = [
        line
        for line in text.partition(_TRACE)[0].split("\n")
        if line.strip() and not re.match(r"\s*(LINE \d+:|\^|\.\.\.)", line)
    ]
    joined = re.sub(r"'?/[^\s']*/(spool|output)\.csv'?", "the file", " ".join(lines))
    return re.sub(r"\s+", " ", joined)[:_MESSAGE_CHARS].strip()
