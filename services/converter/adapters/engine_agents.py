"""What an engine does for agents: it tells them of a training, and proves what they answer."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from services.converter.adapters.duckdb_sandbox import DuckDBSandbox
from services.converter.adapters.engine_requests import Work, instructions_of, teaching_of, write_json
from services.converter.domain.crew.answers import Code
from services.converter.domain.crew.explaining import Case, make_explaining, prove_explanations
from services.converter.domain.crew.lookups import Lookup
from services.converter.domain.reading.reader import read_table
from services.converter.domain.stored_report import read_stored
from services.converter.domain.table import Table
from services.converter.looking_up import look_up
from services.converter.proving import brief_agents, prove


def _brief(request: dict[str, Any], sandbox: DuckDBSandbox) -> dict[str, Any]:
    brief = brief_agents(
        Path(request["input"]).read_bytes(),
        Path(request["expected"]).read_bytes(),
        program=Path(request["program"]).read_text(encoding="utf-8"),
        report=_read_report(request),
        instructions=instructions_of(request),
        runner=sandbox,
        teaching=teaching_of(request),
    )
    return brief.as_json()


def _code(fields: dict[str, Any]) -> Code:
    return Code(fields["sql"], _pairs(fields["columns"]), _pairs(fields["rules"]))


def _pairs(listed: list[list[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, text) for name, text in listed)


def _prove(request: dict[str, Any], sandbox: DuckDBSandbox) -> dict[str, Any]:
    proof = prove(
        _code(request["code"]),
        Path(request["input"]).read_bytes(),
        Path(request["expected"]).read_bytes(),
        report=_read_report(request),
        former=Path(request["former"]).read_text(encoding="utf-8"),
        instructions=instructions_of(request),
        runner=sandbox,
        others=[_code(other) for other in request["others"]],
        second=request["second"],
        teaching=teaching_of(request),
    )
    _write_found(request, proof.program, proof.report)
    return {
        "accepted": proof.accepted,
        "cells_right": proof.cells_right,
        "words": proof.words,
        "questions": len(proof.report["questions"]),
    }


def _look_up(request: dict[str, Any], sandbox: DuckDBSandbox) -> dict[str, Any]:
    found = look_up(
        Lookup.from_json(request["lookup"]),
        request["values"],
        Path(request["input"]).read_bytes(),
        Path(request["expected"]).read_bytes(),
        report=_read_report(request),
        former=Path(request["former"]).read_text(encoding="utf-8"),
        instructions=instructions_of(request),
        runner=sandbox,
        teaching=teaching_of(request),
    )
    _write_found(request, found.program, found.report)
    return {
        "accepted": found.accepted,
        "completed": found.completed,
        "cells_right": found.cells_right,
        "words": found.words,
    }


def _explaining(request: dict[str, Any], sandbox: DuckDBSandbox) -> dict[str, Any]:
    """What a model is shown of a program that is to be explained, over the example's input."""
    program = Path(request["program"]).read_text(encoding="utf-8")
    source = _example_input(request)
    asked = make_explaining(program, source, sandbox.run(program, source), request["columns"])
    return {"explaining": asdict(asked)}


def _prove_words(request: dict[str, Any], sandbox: DuckDBSandbox) -> dict[str, Any]:
    """What a model says of a program's columns, with whether it is proved."""
    program = Path(request["program"]).read_text(encoding="utf-8")
    source = _example_input(request)
    said = {
        name: (words, [Case(case["cells"], case["output"]) for case in cases])
        for name, (words, cases) in request["said"].items()
    }
    names = sandbox.run(program, source).column_names
    return {"explanations": [asdict(e) for e in prove_explanations(said, program, source, names, sandbox)]}


def _read_report(request: dict[str, Any]) -> dict[str, Any]:
    """The training's report, as it was stored."""
    report: dict[str, Any] = json.loads(Path(request["report"]).read_text(encoding="utf-8"))
    return report


def _write_found(request: dict[str, Any], program: str, report: dict[str, Any]) -> None:
    """Put a program and its report where the worker looks for them."""
    Path(request["program_out"]).write_text(program, encoding="utf-8")
    write_json(request["report_out"], report)


def _example_input(request: dict[str, Any]) -> Table:
    """The example's input as later files are read."""
    training = read_stored(_read_report(request))
    return read_table(Path(request["input"]).read_bytes(), training.hints).table


WORK: Mapping[str, Work] = {
    "brief": _brief,
    "prove": _prove,
    "look_up": _look_up,
    "explaining": _explaining,
    "prove_words": _prove_words,
}
