"""Training: two files in, a program and a report out; completed only where the program reproduces the expected file."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from services.converter.domain.carried import carry_flags
from services.converter.domain.drift import see_table
from services.converter.domain.examples import (
    UNRELATED,
    decides_by_place,
    find_contradiction,
    find_misfit,
    tell_strangers,
)
from services.converter.domain.faults import ProgramTimedOut, Unanswered
from services.converter.domain.instructions import Instructions
from services.converter.domain.judgement import Judgement, prove
from services.converter.domain.learned_program import LearnedProgram, conclude, first_of
from services.converter.domain.learning import DEFAULT_WORK, learn, learn_from_tables
from services.converter.domain.left_open import keep_flagged
from services.converter.domain.lessons import (
    NOT_EXPLAINED,
    LessonRefused,
    is_of_table,
)
from services.converter.domain.reading.reader import ReadingHints, ReadTable
from services.converter.domain.stored_report import StoredTraining, program_digest, stored_form
from services.converter.domain.survivors import made_of
from services.converter.domain.synthesis.budget import Budget, Clock, OutOfTime
from services.converter.domain.synthesis.proof.questions import questions_of
from services.converter.domain.synthesis.rows.algebra import MOST_COMPARED
from services.converter.domain.synthesis.tokens import is_data, stands_in
from services.converter.domain.table import Table
from services.converter.domain.table_readings import matters
from services.converter.domain.teaching import relearn
from services.converter.example_files import grid_hints, read_example, read_file
from services.converter.ports import ProgramRunner
from services.converter.references_beside import ReferencesBeside
from services.converter.taught import Taught, Teaching, asking_of, read_samples

DEFAULT_CPU_S = 200.0
"""Ten times what the default work costs on the machine that it was measured on."""
WALL_FACTOR = 4.0
"""Wall time that a search may take for each second of its CPU time, where others share the cores."""
MOST_EFFORT = 16
"""The most times that a search may take the usual work."""
_WORTH_TRYING = 1_000_000
"""Units of work that must be left for a second look at the example."""
_MAX_NAMED = 20
"""Columns that a reason names."""


@dataclass(frozen=True, slots=True)
class SearchLimits:
    """What a search may take: ``work`` in units (`synthesis.budget`) decides what is learned; ``cpu_s`` is a guard."""

    work: int = DEFAULT_WORK
    cpu_s: float = DEFAULT_CPU_S

    beside: Callable[[], float] = lambda: 0.0
    """CPU seconds that others, such as a sandbox, have spent for the search so far."""

    def times(self, effort: int) -> "SearchLimits":
        """The limits of a search that may take so many times the work."""
        return replace(self, work=self.work * effort, cpu_s=self.cpu_s * effort)

    def budget(self) -> Budget:
        """A budget whose clock begins now."""
        return Budget(self.work, Clock(self.cpu_s, WALL_FACTOR * self.cpu_s, self.beside))


@dataclass(frozen=True, slots=True)
class Finding:
    """What learning from the pair came to, to learn on from.

    ``source`` is the input as it was read at last (``whole``: with all that stands around the table).
    """

    source: ReadTable
    learned: LearnedProgram
    judgement: Judgement
    trouble: str = ""
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Training:
    """What a training came to: the content of `program.sql` and of `report.json`.

    ``reason`` says why it failed, ``code`` what kind of failure it is: ``NOT_LEARNED``, ``AMBIGUOUS`` where what was
    found is a guess (the report's questions ask what is open), ``OUT_OF_TIME`` where the clock cut the search, or one
    of `Misfit` where the example itself is at fault.
    """

    status: Literal["completed", "failed"]
    program: str
    report: dict[str, Any]
    judgement: Judgement
    reason: str = ""
    code: str = "NOT_LEARNED"
    finding: Finding | None = None
    """What the pair alone came to; None where the search was cut."""
    units: frozenset[str] = frozenset()
    """The kinds of operators and steps that the program is made of (see docs/converter-language.md)."""


def train(
    input_file: bytes,
    expected_file: bytes,
    *,
    runner: ProgramRunner,
    instructions: Instructions | None = None,
    limits: SearchLimits | None = None,
    hints: ReadingHints | None = None,
    teaching: Teaching | None = None,
    finding: Finding | None = None,
    references: Mapping[str, bytes] | None = None,
) -> Training:
    """Learn a program from an input file and the file that it should become, and prove it on every cell.

    ``hints`` hold for both files. ``teaching`` adds lessons, which the program explains as it explains the pair, and
    files to look at for questions; ``finding`` is what a training on the same pair, instructions and hints found:
    nothing is looked for twice then. ``references`` are further tables by name, in which the program may look things up
    (`domain.references`). Raises `ReadingFault` for a file that is not a table, `InstructionRefused` for
    words on a column that neither file has, `LessonRefused` for a lesson that cannot be taken, `ReferenceInvalid` for a
    reference, `Unanswered` where the search or the sandbox had no processor.
    """
    source, target = read_example(input_file, expected_file, hints, instructions)
    if instructions is not None:
        instructions.check_columns(source.table.column_names, target.table.column_names)
    beside = ReferencesBeside.read(source.table, references or {})
    budget = (limits or SearchLimits()).budget()
    try:
        of_pair = finding or _learn(beside.widened(source), target, input_file, budget, runner, instructions)
        if beside.joins and (of_pair.learned.cells or of_pair.whole):
            # A program that reads cells by their places knows no columns beside them.
            beside = replace(beside, joins=())
            of_pair = finding or _learn(source, target, input_file, budget, runner, instructions)
        found = of_pair
        if teaching is not None:
            found = _teach(found, target, budget, runner, instructions, teaching, hints, beside)
        training = replace(_conclude(found, target, teaching), finding=of_pair)
        training.report["lessons"] = list(teaching.lessons) if teaching is not None else []
        return beside.put_into(training, source, target, found.learned, runner)
    except (OutOfTime, ProgramTimedOut) as cut:
        if isinstance(cut, OutOfTime) and cut.is_starved:
            raise Unanswered(f"{cut} for want of a processor") from cut
        open_program = conclude(source.table, target.table, None, None, budget)
        training = _describe(open_program, source, target, Judgement(False, 0.0))
        reason = f"{cut}: try again, or allow more time"
        return replace(training, reason=reason, code="OUT_OF_TIME")


def _learn(
    source: ReadTable,
    target: ReadTable,
    input_file: bytes,
    budget: Budget,
    runner: ProgramRunner,
    instructions: Instructions | None,
) -> Finding:
    # The one run in the sandbox that counts is the proof; the learner goes by what its operators mean.
    around = source.notes and _is_wanted_of_around(source.table, target.table)
    if around and (read := _learn_whole(source, target, input_file, budget, runner, instructions)) is not None:
        return read
    learned = learn(source.table, target.table, instructions=instructions, budget=budget)
    found = Finding(source, learned, *_prove(learned, source.table, target.table, runner))
    is_open = learned.status != "completed" or not found.judgement.exact or learned.writes(source.table.around)
    if is_open and source.notes and not around and budget.left > _WORTH_TRYING:
        # What was left out of the input may be just what the output is made of.
        read = _learn_whole(source, target, input_file, budget, runner, instructions)
        if read is not None:
            return read
    return replace(found, whole=_reads_from_first_line(learned, source, input_file))


def _learn_whole(
    source: ReadTable,
    target: ReadTable,
    input_file: bytes,
    budget: Budget,
    runner: ProgramRunner,
    instructions: Instructions | None,
) -> Finding | None:
    """What is learned from all lines of the file, with those around its table; None where they do not explain it."""
    grid = read_file(input_file, "the input", grid_hints(source))
    other = learn(grid.table, target.table, instructions=instructions, budget=budget)
    verdict, _ = _prove(other, grid.table, target.table, runner)
    if other.status != "completed" or not verdict.exact:
        return None
    note = "the program reads the whole file, with what stands before and behind the table"
    return Finding(replace(grid, notes=(note,)), other, verdict, whole=True)


def _is_wanted_of_around(table: Table, expected: Table) -> bool:
    """Whether data is wanted, in more rows than one, that stands beside the table and in none of its rows."""
    if sum(map(len, table.rows)) > MOST_COMPARED:
        return False
    wanted = Counter(cell for row in expected.rows for cell in row if is_data(cell))
    rows, around = "\0".join(cell for row in table.rows for cell in row), "\0".join(sorted(table.around))
    return any(times > 1 and cell not in rows and stands_in(cell, around) for cell, times in wanted.items())


def _reads_from_first_line(learned: LearnedProgram, source: ReadTable, input_file: bytes) -> bool:
    """Whether the program reads all lines of the file alike, and no line of it is left out: in a later file the first
    lines may look less like a header, and are none either."""
    steps = learned.plan.steps if learned.plan is not None else ()
    if not any(step.from_first_line for step in steps):
        return False
    hints = replace(grid_hints(source), has_header=source.table.header is not None)
    plain = read_file(input_file, "the input", hints).table
    return (plain.header, plain.rows) == (source.table.header, source.table.rows)


def _teach(
    found: Finding,
    target: ReadTable,
    budget: Budget,
    runner: ProgramRunner,
    instructions: Instructions | None,
    teaching: Teaching,
    hints: ReadingHints | None,
    beside: "ReferencesBeside",
) -> Finding:
    """What was learned with the lessons, and with questions that the samples raise."""
    table, learned = found.source.table, found.learned
    exact = found.whole or (hints is not None and hints.exact)
    read = read_samples(found.source, teaching, exact=exact)
    samples = {name: beside.widen(sample) for name, sample in read.items()}
    taught = Taught.of(teaching, table, samples, target.table)
    lessons, left = taught.lessons, taught.left
    judgement, trouble = found.judgement, found.trouble
    if taught.tables:
        learned = learn_from_tables(learned, table, target.table, taught.tables, budget)
        judgement, trouble = _prove(learned, table, target.table, runner)
    if lessons:
        if learned.survivors is None:
            words = "the program makes its cells all at once, not rows of rows: a lesson on a row says nothing of it"
            raise LessonRefused(words, reason=NOT_EXPLAINED)
        said = instructions or Instructions()
        learned = carry_flags(
            learned, relearn(table, target.table, learned, lessons, instructions=said, budget=budget),
            table, lessons, runner,
        )  # fmt: skip
        judgement, trouble = _prove(learned, table, target.table, runner)
        for file in {id(lesson.table): lesson.table for lesson in lessons}.values():
            if judgement.exact and learned.survivors is not None:
                made = replace(target.table, rows=made_of(learned.survivors.best, file))
                verdict, _, words = prove(learned.sql, file, made, learned.header, runner, ignore_order=True)
                if not verdict.exact:
                    judgement, trouble = verdict, words or "the program does not make of the lessons what it should"
    asked = tuple(q for q in learned.report.questions if is_of_table(q.kind, q.column))
    if samples and not matters(learned.ways, samples.values(), target.table.header):
        asked = ()
    report = learned.report
    sources = {column.name: column.sources for column in report.columns}
    report = replace(report, guards=keep_flagged(report.guards, left, sources, runner))
    closed = {each.lines for each in left if not each.row}
    asked = tuple(question for question in asked if question.row.cells not in closed)
    if (samples or left) and (learned.survivors is None or learned.cells):
        report = replace(report, questions=asked)
    elif (samples or left) and learned.survivors is not None:
        asking = asking_of(samples, lessons, left, report.guards, runner)
        questions = questions_of(table, target.table, learned.survivors, asking)
        report = replace(report, questions=first_of((*asked, *questions)))
    learned = replace(learned, report=report)
    return Finding(found.source, learned, judgement, trouble, found.whole)


def _conclude(found: Finding, target: ReadTable, teaching: Teaching | None) -> Training:
    source, learned, judgement = found.source, found.learned, found.judgement
    contradiction = find_contradiction(source.table, target.table)
    if contradiction is not None and learned.status == "completed" and decides_by_place(learned, contradiction.column):
        learned = replace(learned, status="failed")
    training = _describe(learned, source, target, judgement, whole=found.whole)
    if training.status == "completed":
        if teaching is not None and teaching.on_ambiguity == "fail" and training.report["questions"]:
            report = training.report | {"status": "failed"}
            reason = _what_is_open_to_choice(report)
            return replace(training, status="failed", report=report, reason=reason, code="AMBIGUOUS")
        return training
    misfit, strangers = find_misfit(source.table, target.table), tell_strangers(source.table, target.table)
    if misfit is not None:
        words = "; ".join(filter(None, (misfit.words, strangers if misfit.code == UNRELATED else "")))
        return replace(training, reason=words, code=misfit.code)
    if training.report["doubts"] and judgement.exact and not open_columns(training.report):
        return replace(training, reason=_what_is_asked(training.report), code="AMBIGUOUS")
    return replace(training, reason=found.trouble or _what_is_open(training.report, strangers))


def _describe(
    learned: LearnedProgram,
    source: ReadTable,
    target: ReadTable,
    judgement: Judgement,
    *,
    whole: bool = False,
) -> Training:
    """The program and its report as they are stored."""
    completed = learned.status == "completed" and judgement.exact
    # As a file of text has it, so that the digest is that of the stored file.
    program = learned.sql.strip() + "\n"
    report = learned.report.as_json()
    report |= stored_form(
        StoredTraining(
            source.table.dialect,
            source.table.column_names,
            learned.dialect,
            learned.header,
            program_sha256=program_digest(program),
            whole_input=whole,
            input_sheet=source.sheet,
            seen=see_table(source.table),
        )
    )
    report["status"] = "completed" if completed else "failed"
    report["reading"] = {"input": list(source.notes), "expected": list(target.notes)}
    report["cells_right"] = judgement.cells_right
    report["differences"] = [asdict(difference) for difference in judgement.differences]
    status: Literal["completed", "failed"] = "completed" if completed else "failed"
    return Training(status, program, report, judgement, units=learned.units)


def open_columns(report: Mapping[str, Any]) -> list[str]:
    """The output columns of a training's report for which nothing was found."""
    return [column["name"] for column in report["columns"] if column["how"] == "open"]


def _what_is_open(report: Mapping[str, Any], strangers: str) -> str:
    found = "no program was found that reproduces the expected file exactly"
    if strangers:
        return f"{found}: {strangers}"
    names = open_columns(report)
    if not names:
        return found
    listed = ", ".join(f'"{name}"' for name in names[:_MAX_NAMED]) + (", ..." if len(names) > _MAX_NAMED else "")
    return f"{found}: {listed} may be settled by one more example row or by a model"


def _what_is_asked(report: Mapping[str, Any]) -> str:
    return f"the example does not settle what is meant: {'; '.join(report['doubts'][:_MAX_NAMED])}"


def _what_is_open_to_choice(report: Mapping[str, Any]) -> str:
    asked = [f'"{q["column"]}"' if q["column"] else q["kind"] for q in report["questions"]]
    return f"the example leaves open what is meant, and the request asks to fail then: {', '.join(asked)}"


def _prove(learned: LearnedProgram, source: Table, expected: Table, runner: ProgramRunner) -> tuple[Judgement, str]:
    """The one proof that counts, in the sandbox on the whole example: what the learner believes of itself is none."""
    ignore_order = not learned.report.order_learned
    verdict, _, trouble = prove(learned.sql, source, expected, learned.header, runner, ignore_order=ignore_order)
    return verdict, trouble
