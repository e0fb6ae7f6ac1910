"""A conversion's report as its page shows it: read defensively, cut to a size that a page bears. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from services.common.shares import percent
from services.gateway.dashboard.json_fields import (
    MAX_TEXTS,
    as_count,
    as_list,
    as_map,
    as_maps,
    as_share,
    as_text,
    as_texts,
)

MAX_COLUMNS = 200
MAX_DIFFERENCES = 50
MAX_AMBIGUITIES = 20
MAX_SENTENCES = 50
MAX_FLAGGED_ROWS = 100
_HOW = {
    "copied": "copied",
    "synthesised": "worked out",
    "agent": "written by an agent",
    "open": "one more example row, or instructions, may settle it",
}


@dataclass(frozen=True, slots=True)
class LearnedColumn:
    """How one output column is made. ``confidence`` and ``cells_right`` are whole percents."""

    name: str
    how: str
    how_words: str
    words: str
    expression: str
    sources: Sequence[str]
    witnesses: Sequence[int]
    values: Sequence[str]
    confidence: int
    cells_right: int


@dataclass(frozen=True, slots=True)
class Difference:
    """A cell that is not as expected; row 0 is the header."""

    row: int
    column: str
    expected: str
    got: str


@dataclass(frozen=True, slots=True)
class Ambiguity:
    """Another rule that explains the example, and a row where it answers otherwise (0: a made-up one)."""

    column: str
    chosen: str
    alternative: str
    rows: Sequence[tuple[int, str, str]]


@dataclass(frozen=True, slots=True)
class Heard:
    """What became of one sentence of the instructions, on a column where it was said of one."""

    sentence: str
    column: str
    outcome: str
    words: str


@dataclass(frozen=True, slots=True)
class Explained:
    """A column in a model's words, whether the words were proved, and why or why not."""

    column: str
    words: str
    proved: bool
    why: str


@dataclass(frozen=True, slots=True)
class AgentRound:
    """A program that agents tried: ``verdict`` is its first line, ``cells_right`` in whole percents."""

    number: int
    calls: int
    verdict: str
    cells_right: int


@dataclass(frozen=True, slots=True)
class TrainingView:
    """What a training learned."""

    completed: bool
    rows_in: int
    rows_out: int
    cells_right: str
    order_learned: bool
    steps: Sequence[str]
    columns: Sequence[LearnedColumn]
    more_columns: int
    differences: Sequence[Difference]
    ambiguities: Sequence[Ambiguity]
    instructions: Sequence[Heard]
    warnings: Sequence[str]
    reading: Sequence[str]
    checks: Sequence[tuple[str, str]]
    explanations: Sequence[Explained]
    agents: str
    agent_rounds: Sequence[AgentRound]
    input_dialect: Mapping[str, Any]
    output_dialect: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Flags:
    """Rows outside of one boundary: ``rows`` of them, the first with their values."""

    column: str
    severity: str
    words: str
    rows: int
    first: Sequence[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class InferenceView:
    """What a conversion came to. ``checked`` says whether its rows were checked against the example."""

    rows_in: int
    rows_out: int
    checked: bool
    on_unseen: str
    flagged_rows: int
    flags: Sequence[Flags]
    notes: Sequence[str]
    input_dialect: Mapping[str, Any]

    @property
    def flagged_numbers(self) -> frozenset[int]:
        """The numbers of input rows for which there was no ground, as far as the report names them."""
        return frozenset(row for flags in self.flags if flags.severity == "unseen" for row, _ in flags.first)


def view_training(report: Mapping[str, Any]) -> TrainingView:
    """Picks out of a training's report what its page shows."""
    columns = as_maps(report.get("columns"))
    reading = as_map(report.get("reading"))
    return TrainingView(
        completed=report.get("status") == "completed",
        rows_in=as_count(report.get("rows_in")),
        rows_out=as_count(report.get("rows_out")),
        cells_right=percent(as_share(report.get("cells_right"))),
        order_learned=report.get("order_learned") is not False,
        steps=as_texts(report.get("steps")),
        columns=[_view_column(column) for column in columns[:MAX_COLUMNS]],
        more_columns=max(0, len(columns) - MAX_COLUMNS),
        differences=[
            Difference(
                as_count(item.get("row")),
                as_text(item.get("column")),
                as_text(item.get("expected")),
                as_text(item.get("got")),
            )
            for item in as_maps(report.get("differences"))[:MAX_DIFFERENCES]
        ],
        ambiguities=[_view_ambiguity(item) for item in as_maps(report.get("ambiguities"))[:MAX_AMBIGUITIES]],
        instructions=[
            Heard(*(as_text(item.get(name)) for name in ("sentence", "column", "outcome", "words")))
            for item in as_maps(report.get("instructions"))[:MAX_SENTENCES]
        ],
        warnings=as_texts(report.get("warnings")),
        reading=[*as_texts(reading.get("input")), *as_texts(reading.get("expected"))],
        checks=_view_checks(as_maps(report.get("guards"))),
        explanations=[
            Explained(as_text(e.get("column")), as_text(e.get("words")), e.get("proved") is True, as_text(e.get("why")))
            for e in as_maps(report.get("explanations"))[:MAX_COLUMNS]
        ],
        agents=_view_agents(as_map(report.get("agents"))),
        agent_rounds=_view_rounds(as_map(report.get("agents"))),
        input_dialect=as_map(as_map(report.get("input")).get("dialect")),
        output_dialect=as_map(as_map(report.get("output")).get("dialect")),
    )


def view_inference(report: Mapping[str, Any]) -> InferenceView:
    """Picks out of an inference's report what its page shows."""
    return InferenceView(
        rows_in=as_count(report.get("rows_in")),
        rows_out=as_count(report.get("rows_out")),
        checked=report.get("checked") is True,
        on_unseen=as_text(report.get("on_unseen")),
        flagged_rows=as_count(report.get("flagged_rows")),
        flags=_join_flags([_view_flags(item) for item in as_maps(report.get("flags"))[:MAX_COLUMNS]]),
        notes=as_texts(report.get("notes")),
        input_dialect=as_map(report.get("input_dialect")),
    )


def _view_column(column: Mapping[str, Any]) -> LearnedColumn:
    how = as_text(column.get("how"))
    return LearnedColumn(
        name=as_text(column.get("name")),
        how=how,
        how_words=_HOW.get(how, how),
        words=as_text(column.get("words")),
        expression=as_text(column.get("expression")),
        sources=as_texts(column.get("sources")),
        witnesses=[row for row in as_list(column.get("witnesses"))[:MAX_TEXTS] if isinstance(row, int)],
        values=as_texts(column.get("values")),
        confidence=round(as_share(column.get("confidence")) * 100),
        cells_right=int(as_share(column.get("cells_right")) * 100),
    )


def _view_ambiguity(item: Mapping[str, Any]) -> Ambiguity:
    rows = [row for row in as_list(item.get("rows")) if isinstance(row, list) and len(row) == 3][:3]
    return Ambiguity(
        as_text(item.get("column")),
        as_text(item.get("chosen")),
        as_text(item.get("alternative")),
        [(as_count(number), as_text(chosen), as_text(other)) for number, chosen, other in rows],
    )


def _view_checks(guards: Sequence[Mapping[str, Any]]) -> Sequence[tuple[str, str]]:
    """What later files are checked for: (column, in words), each once."""
    found = dict.fromkeys((as_text(guard.get("column")), as_text(guard.get("words"))) for guard in guards)
    return list(found)[:MAX_COLUMNS]


def _view_agents(agents: Mapping[str, Any]) -> str:
    """What agents took, in one line; empty where none were asked."""
    spend = as_map(agents.get("spend"))
    tokens = as_count(spend.get("prompt_tokens")) + as_count(spend.get("completion_tokens"))
    taken = {"rounds": as_count(spend.get("rounds")), "tokens": tokens}
    counts = [f"{count:,} {name}" for name, count in taken.items() if count]
    cost = as_text(spend.get("cost"))
    prompts = as_text(as_map(agents.get("prompts")).get("version"))
    further = [f"cost {cost}"] if cost.strip("0.") else []
    further += [f"prompts {prompts}"] if prompts else []
    return ", ".join([as_text(agents.get("model")), *counts, *further]) if agents else ""


def _view_rounds(agents: Mapping[str, Any]) -> Sequence[AgentRound]:
    return [
        AgentRound(
            as_count(item.get("round")), as_count(item.get("calls")), as_text(item.get("verdict")),
            int(as_share(item.get("cells_right")) * 100),
        )
        for item in as_maps(agents.get("rounds"))[:MAX_TEXTS]
    ]  # fmt: skip


def _view_flags(item: Mapping[str, Any]) -> Flags:
    first = as_maps(item.get("first"))[:MAX_FLAGGED_ROWS]
    return Flags(
        as_text(item.get("column")),
        as_text(item.get("severity")),
        as_text(item.get("words")),
        as_count(item.get("rows")),
        [(as_count(flag.get("row")), as_text(flag.get("value"))) for flag in first],
    )


def _join_flags(flags: Sequence[Flags]) -> Sequence[Flags]:
    """Says in one line what two boundaries say of the same cells."""
    joined: dict[tuple[object, ...], Flags] = {}
    for item in flags:
        key = (item.column, item.severity, item.rows, tuple(item.first))
        known = joined.get(key)
        joined[key] = replace(known, words=f"{known.words}; {item.words}") if known else item
    return list(joined.values())
