"""Rival programs for a whole table, run on a file beside the chosen one: where they make another table of it."""

import csv
import filecmp
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from services.converter.domain.faults import ConverterFault
from services.converter.domain.program import RunLimits
from services.converter.domain.report import Candidate, Question, QuestionKind, QuestionRow, RivalTable
from services.converter.domain.stored_report import StoredTraining
from services.converter.domain.synthesis.proof.confidence import OPEN_BITS, READ_OTHERWISE
from services.converter.domain.synthesis.proof.programs import SEPARATOR, Program, comparison_sql, worth_of
from services.converter.domain.table import Dialect, Row
from services.converter.ports import ProgramSandbox, Spool
from services.converter.row_checks import ColumnFlags, Flag

_SHOWN_CHARS = 200
_WORTH_A_RUN_BYTES = 256 << 10
"""Lines from which on a rival is run by itself first: what a run costs beside is a tenth of the comparison then."""
_MOST_SETS = 8
"""Different sets of columns by which the flags of one rival are told apart; others are flagged as whole rows."""
OWN = "the program's own rule"


class _Difference(NamedTuple):
    """A line of the comparison (see `comparison_sql`)."""

    rival: int
    what: str
    place: int
    near: int
    origin: int
    columns: str
    value: str
    total: int


@dataclass(frozen=True, slots=True)
class Compared:
    """What a file shows of the rivals: rows on which they part, what is to be asked of the whole table, and notes."""

    flags: tuple[ColumnFlags, ...] = ()
    questions: tuple[Question, ...] = ()
    notes: tuple[str, ...] = ()
    is_order_open: bool = False
    """Whether a rival that is close puts rows that both make in another order."""

    @property
    def asked(self) -> tuple[str, ...]:
        """The questions in words, with what each rule makes."""
        return tuple(
            f"{question.kind}: {', or '.join(f'{c.value} ({c.words})' for c in question.candidates)}?"
            for question in self.questions
        )


@dataclass(frozen=True, slots=True)
class Written:
    """What the program has written: lines of a dialect, below a line of their own where there is a ``header``."""

    lines: Path
    dialect: Dialect
    header: str = ""

    @property
    def tells_cells_apart(self) -> bool:
        """Whether equal lines are equal cells: there is a quote for what else would pass for the end of a cell."""
        return self.dialect.quoting != "none" and bool(self.dialect.quote)


@dataclass(frozen=True, slots=True)
class TableRivals:
    """Runs a training's rivals over one spool, in the sandbox like every other SQL.

    ``written`` is the program's own output, where it is at hand: a rival that writes the same is no suspect.
    """

    sandbox: ProgramSandbox
    spool: Spool
    directory: Path
    limits: RunLimits
    written: Written | None = None

    def compare(self, program: str, training: StoredTraining, columns: Row | None) -> Compared:
        """Hold the table that ``program`` makes, with these ``columns`` (None: `_cells`), against the rivals'.

        Of rivals that are near rows are flagged; of those a step read otherwise away, and less near, it is asked.

        All are one run; where that fails each rival gets its own, so that one that cannot be run on such a file hides
        no other: those are named in the notes.
        """
        rivals = [rival for rival in training.rivals if not self._writes_the_same(rival)]
        if not rivals:
            return Compared()
        headed = training.output_dialect.has_header
        chosen = Program(program, OWN, len(columns or ()), headed=headed and columns is None)
        notes: list[str] = []
        found = list(self._differences(chosen, rivals, headed, notes))
        names = columns or next((tuple(d.value.split(SEPARATOR)) for d in found if d.what == "names"), ())
        flags: list[ColumnFlags] = []
        is_order_open = False
        questions: dict[tuple[str, ...], Question] = {}
        for number, rival in enumerate(rivals):
            own = [difference for difference in found if difference.rival == number]
            sizes = next((d for d in own if d.what == "sizes"), None)
            if sizes is None or not sizes.total:
                continue  # a rule by which nothing is made of the file is refuted by it
            said = _said(rival, sizes)
            if rival.distance > OPEN_BITS + READ_OTHERWISE + said:
                continue
            if rival.distance <= OPEN_BITS + said:
                flags += _flags(rival, [d for d in own if d.what != "odd" or said > rival.distance], names)
                is_order_open |= any(d.what == "order" for d in own)
            for question in _questions(rival, own):
                key = (question.kind, *(candidate.value for candidate in question.candidates))
                questions.setdefault(key, replace(question, id=f"q{len(questions) + 1}"))
        return Compared(tuple(flags), tuple(questions.values()), tuple(notes), is_order_open)

    def _writes_the_same(self, rival: RivalTable) -> bool:
        """Whether a rival writes what the program has written: then nothing need be held against each other, for which
        both would be run once more, and which takes several times as long. Of a small file that is soon done."""
        own = self.written
        if own is None or not own.tells_cells_apart or own.lines.stat().st_size < _WORTH_A_RUN_BYTES:
            return False
        output = self.directory / "rival.csv"
        try:
            self.sandbox.convert(
                rival.sql, self.spool, output, dialect=own.dialect, header=own.header, limits=self.limits
            )
            return filecmp.cmp(own.lines, output, shallow=False)
        except ConverterFault:
            return False  # what is wrong with it, the comparison says
        finally:
            output.unlink(missing_ok=True)

    def _differences(
        self, chosen: Program, rivals: Sequence[RivalTable], headed: bool, notes: list[str]
    ) -> Iterator[_Difference]:
        others = [Program(r.sql, r.words, r.width, headed=headed and not r.width) for r in rivals]
        try:
            found = self._run(comparison_sql(chosen, others, rivals[0].make))
        except ConverterFault as fault:
            if len(others) == 1:
                notes.append(_not_compared(fault))
                return
        else:
            yield from found
            return
        for number, other in enumerate(others):
            try:
                for one in self._run(comparison_sql(chosen, [other], rivals[0].make)):
                    yield one if one.rival < 0 else one._replace(rival=number)
            except ConverterFault as fault:
                notes.append(_not_compared(fault))

    def _run(self, sql: str) -> list[_Difference]:
        output = self.directory / "rivals.csv"
        self.sandbox.convert(sql, self.spool, output, limits=self.limits)
        with output.open(encoding="utf-8", newline="") as lines:
            return [
                _Difference(int(rival), what, int(place), int(near), int(origin), columns, value, int(total))
                for rival, what, place, near, origin, columns, value, total in csv.reader(lines)
            ]


def _said(rival: RivalTable, sizes: _Difference) -> float:
    """What a file says for a rival and against the program, in bits, by the rows that both make of it. It says nothing
    for one that leaves out what the program reads; what speaks against one, its single cells say."""
    counts = zip(sizes.value.split(","), (sizes.place, sizes.near), strict=True)
    own, other = (worth_of(int(unlike) / max(1, rows), rival.shown) for unlike, rows in counts)
    return 0.0 if sizes.origin else max(0.0, own - other)


def _not_compared(fault: ConverterFault) -> str:
    return f"another rule that explains the example as well could not be run beside the program: {fault.message}"


def _flags(rival: RivalTable, found: Sequence[_Difference], names: Row) -> Iterator[ColumnFlags]:
    """The rows of the output that a rival makes otherwise, by the columns that differ, and those that it makes more."""
    words = f"another rule explains the example as well and answers otherwise: {rival.words}"
    groups: dict[Row, list[_Difference]] = {}
    for difference in (d for d in found if d.what == "row"):
        columns = _named(difference.columns, names)
        groups.setdefault(columns if columns in groups or len(groups) < _MOST_SETS else (), []).append(difference)
    for columns, rows in groups.items():
        flags = tuple(Flag(None, row.value[:_SHOWN_CHARS], row.place) for row in rows)
        # Of more than are returned only the sum is known: it is told where it is about rows with the same columns.
        count = rows[0].total if len(groups) == 1 else len(rows)
        yield ColumnFlags("", "note", words, count, flags, columns)
    missing = [d for d in found if d.what in ("missing", "odd")]
    if missing:
        flags = tuple(_missing(missing))
        words = f"another rule explains the example as well and makes a row more here: {rival.words}"
        total = sum({d.what: d.total for d in missing}.values())
        yield ColumnFlags("", "note", words, total, flags)


def _missing(found: Sequence[_Difference]) -> Iterator[Flag]:
    """Rows that are missing, each by a row of the input of its own that it is most likely made of, as far as there are
    so many; one of no known row would stand after a row of the output."""
    taken: set[int] = set()
    for difference in found:
        likely = [int(row) for row in difference.columns.split(",") if row]
        row = next((row for row in likely if row not in taken), difference.origin)
        taken.add(row)
        shown = difference.value[:_SHOWN_CHARS]
        yield Flag(row, shown) if row else Flag(None, shown, difference.near)


def _named(columns: str, names: Row) -> Row:
    """The names of columns by their numbers; none where one has no name, or where they are all."""
    places = [int(place) - 1 for place in columns.split(",") if place]
    if len(places) >= len(names) or any(place >= len(names) or not names[place] for place in places):
        return ()
    return tuple(names[place] for place in places)


def _questions(rival: RivalTable, found: Sequence[_Difference]) -> Iterator[Question]:
    """What a rival asks of the whole table: which rows belong to it, or in which order they stand."""
    sizes = next((d for d in found if d.what == "sizes"), None)
    if sizes is None:
        return
    likely = 1.0 / (1.0 + 2.0**-rival.distance)
    share = round(1.0 - likely**2 - (1.0 - likely) ** 2, 3)

    def ask(kind: QuestionKind, own: str, other: str) -> Question:
        first = next((d for d in found if d.what in ("row", "missing")), sizes)
        row = QuestionRow("", first.place if first.what == "row" else 0, (first.value[:_SHOWN_CHARS],))
        return Question("", kind, row, "", (Candidate(own, OWN, 1), Candidate(other, rival.words, 1)), own, share)

    if sizes.place != sizes.near:
        yield ask("which rows", f"{sizes.place} rows", f"{sizes.near} rows")
    if any(d.what == "order" for d in found):
        yield ask("which order", "as in the output", "as the other rule has them")
