"""Proving a program that somebody else than synthesis wrote: the Tester among the agents is this code, no model."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from services.common.shares import tell_cells_right
from services.converter.agent_rivals import Example, Rivals, with_rivals
from services.converter.domain.crew.answers import Code
from services.converter.domain.crew.brief import Brief, make_brief
from services.converter.domain.crew.by_heart import find_by_heart
from services.converter.domain.crew.composing import compose
from services.converter.domain.crew.held_out import hold_out, tell_differences
from services.converter.domain.crew.lineage import trace
from services.converter.domain.crew.occasion import unmet_words
from services.converter.domain.crew.said import hear
from services.converter.domain.crew.scrutiny import columns_by_agent, guards_of_agent
from services.converter.domain.crew.taught import refuse_contradictions, tell_lessons, unmet_lessons
from services.converter.domain.faults import ConverterFault
from services.converter.domain.instructions import Instructions
from services.converter.domain.judgement import Judgement, judge
from services.converter.domain.left_open import keep_flagged
from services.converter.domain.report import Guard, Heard
from services.converter.domain.stored_report import program_digest
from services.converter.domain.table import Row, Table
from services.converter.example_files import read_example
from services.converter.ports import ProgramRunner
from services.converter.taught import Taught, Teaching, read_taught


@dataclass(frozen=True, slots=True)
class Proof:
    """The Tester's verdict: ``accepted`` only where every cell is right and the program is a rule; ``words`` for the
    agents and for people; ``report`` is the training's report with this program in it.
    """

    accepted: bool
    cells_right: float
    words: str
    program: str
    report: dict[str, Any]


def brief_agents(
    input_file: bytes,
    expected_file: bytes,
    *,
    program: str,
    report: Mapping[str, Any],
    instructions: Instructions,
    runner: ProgramRunner,
    teaching: Teaching | None = None,
) -> Brief:
    """What the agents are told of an example that synthesis left open, and of what the user taught since.

    Raises `ReadingFault`, and `LessonRefused` for lessons that the example contradicts.
    """
    source, target = read_example(input_file, expected_file, instructions=instructions)
    taught = read_taught(source, target.table, teaching)
    refuse_contradictions(taught.lessons, source.table, target.table)
    held = hold_out(source.table, target.table)
    verdict = ""
    if program.strip():
        try:
            output = runner.run(program, source.table)
            header = None if output.header is None else target.table.header
            secrets = held.secrets(source.table, target.table)
            verdict = tell_differences(source.table, target.table, header, output.rows, held, secrets)
        except ConverterFault as fault:
            verdict = fault.message
    notes = {"the input": source.notes, "the expected file": target.notes}
    return make_brief(
        source.table, target.table, report, held, program=program, verdict=verdict, instructions=instructions,
        reading=[f"{what}: {note}" for what, said in notes.items() for note in said],
        taught=tell_lessons(taught.lessons), samples=taught.samples,
    )  # fmt: skip


# Longer than a page by what is said of its many arguments.
def prove(
    code: Code,
    input_file: bytes,
    expected_file: bytes,
    *,
    report: Mapping[str, Any],
    former: str,
    instructions: Instructions,
    runner: ProgramRunner,
    others: Sequence[Code] = (),
    second: bool = False,
    teaching: Teaching | None = None,
) -> Proof:
    """Run a program on the whole example, held-out rows among it, and judge it as synthesis' own programs are.

    ``code`` is a program, or rules for columns that are put into synthesis' program ``former``; ``report`` is the
    training's so far; ``others`` are programs that were tried before, whose right columns are held against this one's.
    ``second`` says that ``former`` explains the example itself: it stays then, with what the two disagree on in its
    report, unless the user's words speak for the new one. ``teaching`` has the lessons, which prove as the example
    does, and files among whose rows the one to ask about is looked for. Raises `ReadingFault`, `LessonRefused`; a
    program that does not run is a verdict.
    """
    source, target = read_example(input_file, expected_file, instructions=instructions)
    table, expected = source.table, target.table
    taught = read_taught(source, expected, teaching)
    example = Example(table, expected, instructions, runner, taught.lessons, taught.samples, taught.left)
    try:
        program = compose(code, former, report, expected.column_names).strip() + "\n"
        output = runner.run(program, table)
    except ConverterFault as fault:
        return Proof(False, 0.0, f"{fault.reason}: {fault.message}", code.sql.strip() + "\n", dict(report))
    header = None if output.header is None else expected.header
    judgement = judge(expected, header, output.rows)
    made = _made_by_agent(program, table, expected, report, former)
    words = judgement.describe() if judgement.exact else _what_differs(example, header, output.rows, judgement)
    heard: tuple[Heard, ...] = ()
    objections: list[str] = []
    if judgement.exact:
        try:
            heard, objections = _held_against(program, example, set(made.values()))
        except ConverterFault as fault:
            return Proof(False, 1.0, f"{fault.reason}: it could not be tried on other rows", program, dict(report))
        words = "\n".join([*objections, words])  # a log keeps the first line: why it is refused
    accepted = judgement.exact and not objections
    if (
        second
        and accepted
        and not {each.sentence for each in heard if each.outcome == "used"} & set(unmet_words(report))
    ):
        ways = {str(column["name"]): str(column["words"]) for column in report["columns"]}
        rivals = Rivals(example, report, former, [*others, Code(program)])
        kept = with_rivals(dict(report), rivals.beside(former, expected.column_names, ways))
        return Proof(True, 1.0, words, former, _with_left_open(kept, taught, runner))
    written = _write_report(program, report, table, expected, judgement, code, made, instructions, accepted)
    if heard and accepted:
        written["instructions"] = _heard_at_last(heard, report)
    if output.header is None:
        written["output"] = {**written["output"], "header": None}
    written["rows_out"] = len(output.rows)
    if accepted:
        rivals = Rivals(example, report, former, others)
        written = with_rivals(written, rivals.beside(program, set(made.values()), dict(code.columns)))
        written = _with_left_open(written, taught, runner)
    return Proof(accepted, judgement.cells_right, words, program, written)


def _what_differs(example: Example, header: Row | None, rows: Sequence[Row], judgement: Judgement) -> str:
    """What a program gets wrong, without the cells that are kept back."""
    held = hold_out(example.source, example.expected)
    secrets = held.secrets(example.source, example.expected)
    told = tell_differences(example.source, example.expected, header, rows, held, secrets)
    return f"{tell_cells_right(judgement.cells_right)}\n{told}"


def _held_against(program: str, example: Example, made: Collection[str]) -> tuple[tuple[Heard, ...], list[str]]:
    """What became of the user's words, and what speaks against a program that explains the example: that it lists the
    example's rows, or does otherwise than the user says or taught. Raises where it cannot be run on other rows."""
    table, expected, runner = example.source, example.expected, example.runner
    listed = find_by_heart(program, table, expected.column_names, example.said, runner, only=made)
    heard = hear(program, table, expected, example.said, runner)
    unmet = unmet_lessons(program, example.lessons, expected, runner)
    objections = [listed.describe() + "\nFind the rule behind them."] if listed else []
    objections += [f'The user says "{each.sentence}": {each.words}.' for each in heard if each.outcome == "contradicts"]
    return heard, [*objections, *(f"The user taught: {each}." for each in unmet)]


def _with_left_open(report: dict[str, Any], taught: Taught, runner: ProgramRunner) -> dict[str, Any]:
    """A report whose guards flag what the user left open."""
    guards = [Guard(**{**guard, "output_columns": tuple(guard["output_columns"])}) for guard in report["guards"]]
    sources = {str(column["name"]): tuple(column["sources"]) for column in report["columns"]}
    return {**report, "guards": [asdict(guard) for guard in keep_flagged(guards, taught.left, sources, runner)]}


def _made_by_agent(
    program: str, source: Table, expected: Table, report: Mapping[str, Any], former: str
) -> dict[int, str]:
    solved = {c["name"]: str(c["expression"]) for c in report["columns"] if c["how"] != "open"}
    return columns_by_agent(program, source, expected.column_names, solved, former)


def _write_report(
    program: str,
    report: Mapping[str, Any],
    source: Table,
    expected: Table,
    judgement: Judgement,
    code: Code,
    made: Mapping[int, str],
    said: Instructions,
    accepted: bool,
) -> dict[str, Any]:
    """The report with the program's columns in it: those that synthesis made stay as they are."""
    former = {column["name"]: column for column in report["columns"]}
    words, lineage = dict(code.columns), trace(program, source.column_names)
    blank: dict[str, Any] = {"sources": [], "witnesses": [], "formats": [], "values": []}
    columns = []
    for position, name in enumerate(expected.column_names):
        if position not in made:
            columns.append(former[name])
            continue
        right = judgement.exact or judgement.of_column(position)
        columns.append({
            **blank, **former.get(name, {"name": name}),
            "how": "agent" if accepted else "open",
            "expression": lineage.forms[position] if accepted and position < len(lineage.forms) else "",
            "words": words.get(name) or "made by the program that the agents wrote",
            "sources": sorted(lineage.of(position)),
            "confidence": _confidence(source, expected) if accepted else 0.0,
            "cells_right": float(right),
        })  # fmt: skip
    own = set(made.values())
    # A whole SELECT makes its own rows: what was said of the former's tells nothing of them.
    kept = [g for g in report["guards"] if not set(g["output_columns"]) & own and (g["output_columns"] or not code.sql)]
    return {
        **report,
        "columns": columns,
        "guards": [*kept, *(asdict(guard) for guard in guards_of_agent(program, source, made, said))],
        "ambiguities": [a for a in report["ambiguities"] if a["column"] not in own],
        "questions": [q for q in report.get("questions", ()) if q["column"] and q["column"] not in own],
        "doubts": [] if accepted else list(report.get("doubts", ())),
        "warnings": [] if accepted else list(report["warnings"]),
        "differences": [asdict(difference) for difference in judgement.differences],
        "cells_right": judgement.cells_right,
        "program_sha256": program_digest(program),
        "status": "completed" if accepted else "failed",
    }


def _heard_at_last(heard: Sequence[Heard], report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What became of each sentence: what it was used for before stands where nothing can be told of it now."""
    used = {each["sentence"]: dict(each) for each in report.get("instructions", ()) if each["outcome"] == "used"}
    return [
        used[each.sentence] if each.outcome == "not understood" and each.sentence in used else asdict(each)
        for each in heard
    ]


def _confidence(source: Table, expected: Table) -> float:
    """What speaks for a rule that somebody else found: how many rows it was tested on that its author never saw."""
    tested = len(hold_out(source, expected).expected)
    return round((tested + 1) / (tested + 2), 2)
