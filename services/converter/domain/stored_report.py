"""A training's report as it is stored and read back: what an inference needs to know of it.

The file may have been edited or may come from elsewhere, so everything in it is checked before it is used; the SQL of
its guards goes through the sandbox like any program.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from services.converter.domain.drift import ColumnSeen, stored_columns
from services.converter.domain.faults import ConverterFault
from services.converter.domain.reading.encoding import ENCODINGS
from services.converter.domain.reading.reader import ReadingHints
from services.converter.domain.reading.workbook import SheetChoice
from services.converter.domain.report import Guard, RivalTable
from services.converter.domain.table import Dialect, Row

REPORT_FORMAT = 1
_MAX_NAMES = 10_000
_MAX_GUARDS = 10_000
_MAX_RIVALS = 16
_MAX_SQL_CHARS = 1 << 20
"""The form of stored reports, and bounds on what is read of one: more than any that was written, so that a damaged
one ends soon."""


class ReportInvalid(ConverterFault):
    """The report is not one that a training wrote."""

    default_reason = "REPORT_INVALID"


@dataclass(frozen=True, slots=True)
class ReferenceRead:
    """How a reference table is read, and which of its columns."""

    dialect: Dialect
    columns: Row

    @property
    def hints(self) -> ReadingHints:
        """How newer versions of it are read."""
        return ReadingHints(dialect=self.dialect, has_header=self.dialect.has_header)


@dataclass(frozen=True, slots=True)
class StoredTraining:
    """What an inference takes from a training: how the input looked, how the output is written, what was seen.

    ``whole_input`` says that the program reads every record of the file as a row, preamble and header included;
    ``completed`` that the program reproduced the expected file, ``order_learned`` that it did so in its order.
    ``input_sheet`` is the name of the sheet of an example that was a workbook; ``seen`` is what its input's columns
    held, ``values`` the values of output columns that are a set. Reports of older releases have neither.
    """

    input_dialect: Dialect
    input_columns: Row
    output_dialect: Dialect
    output_header: Row | None
    guards: tuple[Guard, ...] = ()
    program_sha256: str = ""
    whole_input: bool = False
    completed: bool = True
    order_learned: bool = True
    input_sheet: str = ""
    rivals: tuple[RivalTable, ...] = ()
    seen: tuple[ColumnSeen, ...] = ()
    values: Mapping[str, Row] = field(default_factory=dict)
    references: Mapping[str, ReferenceRead] = field(default_factory=dict)
    """The reference tables that the program reads, by name."""

    @property
    def hints(self) -> ReadingHints:
        """How later files are read: as the example's input was."""
        known = self.input_dialect
        sheet = SheetChoice(self.input_sheet, learned=True)
        names = self.input_columns if known.has_header else ()
        return ReadingHints(known, exact=self.whole_input, has_header=known.has_header, sheet=sheet, names=names)


def program_digest(sql: str) -> str:
    """The name of a program: SHA-256 of its text in lower-case hex."""
    return hashlib.sha256(sql.encode()).hexdigest()


def stored_form(training: StoredTraining) -> dict[str, Any]:
    """The parts of the report that an inference reads back; guards and rivals stand in the learning's own part."""
    return {
        "format": REPORT_FORMAT,
        "program_sha256": training.program_sha256,
        "input": {
            "dialect": asdict(training.input_dialect),
            "columns": list(training.input_columns),
            "whole": training.whole_input,
            "sheet": training.input_sheet,
            "seen": stored_columns(training.seen),
        },
        "references": {
            name: {"dialect": asdict(read.dialect), "columns": list(read.columns)}
            for name, read in training.references.items()
        },
        "output": {
            "dialect": asdict(training.output_dialect),
            "header": None if training.output_header is None else list(training.output_header),
        },
    }


def read_stored(report: Any) -> StoredTraining:
    """Read a report back. Raises `ReportInvalid` with the field that is wrong."""
    whole = _mapping(report, "the report")
    if whole.get("format") != REPORT_FORMAT:
        raise ReportInvalid(f"format: {REPORT_FORMAT} is wanted, not {whole.get('format')!r}")
    source, target = _mapping(whole.get("input"), "input"), _mapping(whole.get("output"), "output")
    header = target.get("header")
    return StoredTraining(
        _dialect(source.get("dialect"), "input.dialect"),
        _names(source.get("columns"), "input.columns"),
        _dialect(target.get("dialect"), "output.dialect"),
        None if header is None else _names(header, "output.header"),
        tuple(_guard(guard, i) for i, guard in enumerate(_sequence(whole.get("guards", ()), "guards", _MAX_GUARDS))),
        _text(whole.get("program_sha256", ""), "program_sha256"),
        source.get("whole") is True,
        whole.get("status") != "failed",
        whole.get("order_learned") is not False,
        _text(source.get("sheet", ""), "input.sheet"),
        tuple(_rival(rival, i) for i, rival in enumerate(_sequence(whole.get("rivals", ()), "rivals", _MAX_RIVALS))),
        tuple(_seen(item, i) for i, item in enumerate(_sequence(source.get("seen", ()), "input.seen", _MAX_NAMES))),
        dict(_values(item, i) for i, item in enumerate(_sequence(whole.get("columns", ()), "columns", _MAX_NAMES))),
        {name: _reference(name, item) for name, item in _mapping(whole.get("references", {}), "references").items()},
    )


def _reference(name: str, value: Any) -> ReferenceRead:
    where = f"references.{name}"
    found = _mapping(value, where)
    return ReferenceRead(
        _dialect(found.get("dialect"), f"{where}.dialect"), _names(found.get("columns"), f"{where}.columns")
    )


def _seen(value: Any, index: int) -> ColumnSeen:
    where = f"input.seen[{index}]"
    found = _mapping(value, where)
    kind = found.get("kind")
    if kind not in ("blank", "date", "number", "text"):
        raise ReportInvalid(f"{where}.kind: 'blank', 'date', 'number' or 'text' is wanted")
    lists = (_names(found.get(name, ()), f"{where}.{name}") for name in ("formats", "values"))
    return ColumnSeen(_text(found.get("name"), f"{where}.name"), kind, *lists)


def _values(value: Any, index: int) -> tuple[str, Row]:
    """The values of an output column, by its name."""
    where = f"columns[{index}]"
    found = _mapping(value, where)
    return _text(found.get("name"), f"{where}.name"), _names(found.get("values", ()), f"{where}.values")


def _dialect(value: Any, where: str) -> Dialect:
    found = _mapping(value, where)
    default = asdict(Dialect())
    known = {field.name for field in fields(Dialect)}
    checked: dict[str, Any] = {}
    for name, content in found.items():
        if name not in known:
            continue  # written by a newer version
        value = _names(content, f"{where}.{name}") if name == "other_encodings" else content
        if type(value) is not type(default[name]):
            raise ReportInvalid(f"{where}.{name}: {type(default[name]).__name__} is wanted")
        checked[name] = value
    dialect = Dialect(**checked)
    if not 1 <= len(dialect.delimiter) <= 4 or len(dialect.quote) > 1 or len(dialect.escape) > 1:
        raise ReportInvalid(f"{where}: the delimiter has 1 to 4 characters, quote and escape at most one")
    if set(dialect.delimiter + dialect.quote + dialect.escape) & {"\n", "\r"}:
        raise ReportInvalid(f"{where}: line ends cannot be delimiters, quotes or escapes")
    allowed = {
        "quoting": ("minimal", "all", "none", "nonnumeric"),
        "line_end": ("\n", "\r\n", "\r"),
        "encoding": ENCODINGS,
        "other_encodings": ENCODINGS,
    }
    for name, values in allowed.items():
        found = getattr(dialect, name)
        if not set(found if isinstance(found, tuple) else (found,)) <= set(values):
            raise ReportInvalid(f"{where}.{name}: one of {', '.join(map(repr, values))} is wanted")
    return dialect


def _guard(value: Any, index: int) -> Guard:
    where = f"guards[{index}]"
    found = _mapping(value, where)
    kind, severity = found.get("kind"), found.get("severity")
    if severity not in ("unseen", "note"):
        raise ReportInvalid(f"{where}.severity: 'unseen' or 'note' is wanted")
    return Guard(
        _text(found.get("column"), f"{where}.column"),
        kind,  # type: ignore[arg-type]  # for people only; nothing depends on it
        severity,
        _text(found.get("words", ""), f"{where}.words"),
        _text(found.get("sql"), f"{where}.sql"),
        _names(found.get("output_columns", ()), f"{where}.output_columns"),
        "output" if found.get("rows") == "output" else "input",
    )


def _rival(value: Any, index: int) -> RivalTable:
    where = f"rivals[{index}]"
    found = _mapping(value, where)
    width = found.get("width", 0)
    if type(width) is not int or not 0 <= width <= _MAX_NAMES:
        raise ReportInvalid(f"{where}.width: a number of columns is wanted")
    distance = found.get("distance", 0.0)
    if type(distance) not in (int, float):
        raise ReportInvalid(f"{where}.distance: a number is wanted")
    shown = found.get("shown", 0)
    if type(shown) is not int or shown < 0:
        raise ReportInvalid(f"{where}.shown: a number of rows is wanted")
    sql, words = _text(found.get("sql"), f"{where}.sql"), _text(found.get("words", ""), f"{where}.words")
    return RivalTable(sql, words, width, distance, _text(found.get("make", ""), f"{where}.make"), shown)


def _mapping(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ReportInvalid(f"{where}: an object is wanted")
    return value


def _sequence(value: Any, where: str, limit: int) -> Sequence[Any]:
    if not isinstance(value, list | tuple) or len(value) > limit:
        raise ReportInvalid(f"{where}: a list of at most {limit} items is wanted")
    return value


def _names(value: Any, where: str) -> Row:
    return tuple(_text(name, where) for name in _sequence(value, where, _MAX_NAMES))


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str) or len(value) > _MAX_SQL_CHARS:
        raise ReportInvalid(f"{where}: a text is wanted")
    return value
