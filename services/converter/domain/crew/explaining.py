"""A program explained in words by a model. The words change nothing; they are proved by cases that they come with.

A model that has understood a column can say what becomes of rows that nobody showed it. Its cases are run through the
program: where one is wrong, or the words name other columns of the input than those that the program reads, the
explanation is kept and marked as unproved, with the reason.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from services.common.model_answers import list_values, without_thoughts
from services.converter.domain.crew.answers import AnswerMalformed
from services.converter.domain.crew.brief import MAX_COLUMNS, Sample, sample_of
from services.converter.domain.faults import ConverterFault
from services.converter.domain.program import ProgramRunner
from services.converter.domain.table import Table

MOST_EXPLAINED = 20
"""Columns that are explained at once."""
LEAST_CASES, MOST_CASES = 2, 6
_SHOWN_ROWS = 4
_WORDS_CHARS, _CELL_CHARS = 2_000, 500
"""One case proves nothing of what varies, and more than six are as easily right as six. Rows that show a model what
it explains; lengths that a person still reads."""
_QUOTED = re.compile(r'"([^"\n]{1,120})"|“([^”\n]{1,120})”|`([^`\n]{1,120})`')


@dataclass(frozen=True, slots=True)
class Explaining:
    """What is to be explained: a program, rows that it reads and makes, the output's ``columns``."""

    program: str
    input: Sample
    output: Sample
    columns: tuple[str, ...]

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> "Explaining":
        """Reads ``dataclasses.asdict`` back."""
        source, made = (Sample.from_json(fields[name]) for name in ("input", "output"))
        return cls(fields["program"], source, made, tuple(fields["columns"]))


@dataclass(frozen=True, slots=True)
class Case:
    """A row that an explanation speaks of, by the names of its cells, and what it says that becomes of it."""

    cells: Mapping[str, str]
    output: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a model says of a column; ``proved`` where its cases hold. ``why`` says why not, or what was tried."""

    column: str
    words: str
    proved: bool
    why: str


def make_explaining(program: str, source: Table, made: Table, columns: Sequence[str]) -> Explaining:
    """What a model is shown of a program; no ``columns`` are all of them, as many as are explained at once."""
    names = made.column_names
    wanted = [name for name in names if not columns or name in columns][:MOST_EXPLAINED]
    rows = range(min(_SHOWN_ROWS, len(source.rows)))
    out = range(min(_SHOWN_ROWS, len(made.rows)))
    shown = range(min(MAX_COLUMNS, len(source.column_names)))
    places = [names.index(name) for name in wanted]
    return Explaining(program, sample_of(source, rows, shown), sample_of(made, out, places), tuple(wanted))


def read_explanations(answer: Any, columns: Sequence[str]) -> dict[str, tuple[str, tuple[Case, ...]]]:
    """The words and cases of an answer, by column. Raises `AnswerMalformed`."""
    text = answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)
    known = {name.casefold(): name for name in columns}
    found: dict[str, tuple[str, tuple[Case, ...]]] = {}
    for value in list_values(without_thoughts(text).strip()):
        fields = value.get("columns", value) if isinstance(value, Mapping) else None
        for name, said in fields.items() if isinstance(fields, Mapping) else ():
            column = known.get(str(name).casefold())
            if column is None or column in found:
                continue
            words = said if isinstance(said, str) else said.get("words") if isinstance(said, Mapping) else None
            if isinstance(words, str) and words.strip():
                cases = said.get("cases") if isinstance(said, Mapping) else None
                found[column] = words.strip()[:_WORDS_CHARS], tuple(_cases(cases))
    if not found:
        raise AnswerMalformed("the answer holds no JSON object with words for a column")
    return found


def _cases(listed: Any) -> list[Case]:
    found = []
    for item in listed[:MOST_CASES] if isinstance(listed, list) else ():
        cells = item.get("input") if isinstance(item, Mapping) else None
        output = item.get("output") if isinstance(item, Mapping) else None
        if isinstance(cells, Mapping) and isinstance(output, str | int | float):
            found.append(Case({str(n): str(c)[:_CELL_CHARS] for n, c in cells.items()}, str(output)[:_CELL_CHARS]))
    return found


def prove_explanations(
    said: Mapping[str, tuple[str, Sequence[Case]]],
    program: str,
    source: Table,
    names: Sequence[str],
    runner: ProgramRunner,
) -> list[Explanation]:
    """Each explanation with whether it is proved; ``names`` are the program's columns."""
    from services.converter.domain.crew.lineage import trace  # noqa: PLC0415 - a parser, for engines only

    found = []
    for column, (words, cases) in said.items():
        reads = trace(program, source.column_names).of(list(names).index(column))
        why = _against(words, cases, reads, source) or _wrong(cases, program, source, list(names).index(column), runner)
        told = why or f"the program makes of all {len(cases)} cases what the explanation says"
        found.append(Explanation(column, words, not why, told))
    return found


def _against(words: str, cases: Sequence[Case], reads: frozenset[str], source: Table) -> str:
    """What speaks against an explanation before anything is run; empty where nothing does."""
    quoted = {part for found in _QUOTED.findall(words) for part in found if part}
    spoken = {name for name in source.column_names if name in quoted}
    if wrong := sorted(spoken - reads):
        return f'it speaks of "{wrong[0]}", which the program does not read for this column'
    if missing := sorted(reads - spoken):
        return f'it does not speak of "{missing[0]}", which the program reads'
    if len(cases) < LEAST_CASES:
        return f"it comes with {len(cases)} cases to try; {LEAST_CASES} are wanted"
    unknown = [name for case in cases for name in case.cells if name not in source.column_names]
    if unknown:
        return f'one of its cases has a column "{unknown[0]}", which the input has not'
    return ""


def _wrong(cases: Sequence[Case], program: str, source: Table, position: int, runner: ProgramRunner) -> str:
    """The first case that the program answers otherwise; empty where it answers all as they say."""
    if not source.rows:
        return "there is no row to try its cases on"
    names = source.column_names
    model = (*source.rows[0], *("",) * (len(names) - len(source.rows[0])))
    known = set(source.rows)
    made_up = 0
    for number, case in enumerate(cases, 1):
        row = tuple(case.cells.get(name, cell) for name, cell in zip(names, model, strict=True))
        made_up += row not in known
        try:
            rows = runner.run(program, replace(source, rows=(row,))).rows
        except ConverterFault as fault:
            return f"case {number} could not be run: {fault.reason}"
        got = rows[0][position] if rows and position < len(rows[0]) else None
        if got != case.output:
            said = f'"{case.output}"'
            return f"case {number}: the explanation says {said}, the program gives " + (
                "no row" if got is None else f'"{got}"'
            )
    return "" if made_up else "all of its cases stand in the example"
