"""Proving a program that somebody else than synthesis wrote: the Tester among the agents is this code, no model."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from services.converter.domain.crew.brief import Brief, make_brief
from services.converter.domain.crew.rivals import list_differing, list_probes, list_right_columns
from services.converter.domain.crew.scrutiny import columns_by_agent, guards_of_agent, memorised_columns
from services.converter.domain.faults import ConverterFault
from services.converter.domain.instructions import Instructions
from services.converter.domain.judgement import Judgement, judge
from services.converter.domain.report import Ambiguity
from services.converter.domain.stored_report import program_digest
from services.converter.domain.table import Table
from services.converter.ports import ProgramRunner
from services.converter.training import read_example

_CONFIDENCE = 0.6
_MOST_OTHERS = 4


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
) -> Brief:
    """What the agents are told of an example that synthesis left open. Raises `ReadingFault`."""
    source, target = read_example(input_file, expected_file, instructions=instructions)
    differences = [
        f'row {d["row"]}, column "{d["column"]}": expected {d["expected"]!r}, got {d["got"]!r}'
        for d in report.get("differences", ())[:20]
    ]
    return make_brief(
        source.table, target.table, report, program=program, verdict="\n".join(differences), instructions=instructions
    )


def prove(
    sql: str,
    input_file: bytes,
    expected_file: bytes,
    *,
    report: Mapping[str, Any],
    column_words: Mapping[str, str],
    instructions: Instructions,
    runner: ProgramRunner,
    others: Sequence[str] = (),
) -> Proof:
    """Run a program on the whole example, held-out rows among it, and judge it as synthesis' own programs are.

    ``report`` is the training's so far; ``others`` are programs that were refused before, whose right columns are
    held against this one's. Raises `ReadingFault`; a program that does not run is a verdict.
    """
    source, target = read_example(input_file, expected_file, instructions=instructions)
    program = sql.strip() + "\n"
    try:
        output = runner.run(program, source.table)
    except ConverterFault as fault:
        return Proof(False, 0.0, f"{fault.reason}: {fault.message}", program, dict(report))
    header = None if output.header is None else target.table.header
    judgement = judge(target.table, header, output.rows)
    listed = memorised_columns(program, source.table, target.table, instructions)
    words = judgement.describe()
    if listed:
        names = ", ".join(f'"{name}"' for name in listed)
        words += f"\nThe program lists the answers of {names} as literals: find the rule behind them."
    accepted = judgement.exact and not listed
    written = _write_report(program, report, source.table, target.table, judgement, dict(column_words), accepted)
    if output.header is None:
        written["output"] = {**written["output"], "header": None}
    written["rows_out"] = len(output.rows)
    if accepted:
        made = [column["name"] for column in written["columns"] if column["how"] == "agent"]
        for other in list(dict.fromkeys(others))[-_MOST_OTHERS:]:
            rules = set(made) - set(memorised_columns(other, source.table, target.table, instructions))
            found = _compare(program, other, source.table, target.table, rules, dict(column_words), runner)
            written["ambiguities"] += [asdict(ambiguity) for ambiguity in found]
    return Proof(accepted, judgement.cells_right, words, program, written)


def _compare(
    program: str,
    other: str,
    source: Table,
    expected: Table,
    columns: Collection[str],
    words: Mapping[str, str],
    runner: ProgramRunner,
) -> list[Ambiguity]:
    """Columns that both programs get right on the example, and that they answer differently on rows like it."""
    found: dict[str, Ambiguity] = {}
    try:
        right = list_right_columns(runner.run(other, source).rows, expected, columns)
        for probes in list_probes(source) if right else ():
            ours, theirs = runner.run(program, probes).rows, runner.run(other, probes).rows
            for position in right:
                name = expected.column_names[position]
                if name not in found and (rows := list_differing(ours, theirs, position)):
                    chosen = words.get(name, "made by the program that the agents wrote")
                    found[name] = Ambiguity(name, chosen, "made by a program that the agents tried before", other, rows)
    except ConverterFault:
        pass  # a program that cannot take such rows says nothing of them
    return list(found.values())


def _write_report(
    program: str,
    report: Mapping[str, Any],
    source: Table,
    expected: Table,
    judgement: Judgement,
    words: Mapping[str, str],
    accepted: bool,
) -> dict[str, Any]:
    """The report with the program's columns in it: those that synthesis made stay as they are."""
    former = {column["name"]: column for column in report["columns"]}
    solved = {name: str(c["expression"]) for name, c in former.items() if c["how"] != "open"}
    made = columns_by_agent(program, expected.column_names, solved)
    columns = []
    for name in expected.column_names:
        if name not in made:
            columns.append(former[name])
            continue
        columns.append({
            **former.get(name, {"name": name, "sources": [], "witnesses": [], "formats": [], "values": []}),
            "how": "agent" if accepted else "open",
            "expression": "",
            "words": words.get(name, "made by the program that the agents wrote"),
            "confidence": _CONFIDENCE if accepted else 0.0,
            "cells_right": 1.0 if accepted else former.get(name, {}).get("cells_right", 0.0),
        })  # fmt: skip
    kept = [g for g in report["guards"] if not set(g["output_columns"]) & set(made)]
    return {
        **report,
        "columns": columns,
        "guards": [*kept, *(asdict(guard) for guard in guards_of_agent(program, source, made))],
        "ambiguities": [a for a in report["ambiguities"] if a["column"] not in made],
        "warnings": [] if accepted else list(report["warnings"]),
        "differences": [asdict(difference) for difference in judgement.differences],
        "cells_right": judgement.cells_right,
        "program_sha256": program_digest(program),
        "status": "completed" if accepted else "failed",
    }
