"""A conversion's report as its page shows it: read defensively, cut to a size that a page bears. Pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

MAX_COLUMNS = 200
MAX_DIFFERENCES = 50
MAX_AMBIGUITIES = 20
MAX_SENTENCES = 50
MAX_FLAGGED_ROWS = 100
_MAX_TEXTS = 50
_MAX_CHARS = 2000
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
    elapsed_s: float
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


def parse_report(content: bytes) -> Mapping[str, Any] | None:
    """A report's JSON object; None for what is none."""
    try:
        report = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return report if isinstance(report, dict) else None


def view_training(report: Mapping[str, Any]) -> TrainingView:
    """Picks out of a training's report what its page shows."""
    columns = _maps(report.get("columns"))
    reading = _map(report.get("reading"))
    return TrainingView(
        completed=report.get("status") == "completed",
        rows_in=_count(report.get("rows_in")),
        rows_out=_count(report.get("rows_out")),
        cells_right=f"{_share(report.get('cells_right')) * 100:.1f}".removesuffix(".0"),
        elapsed_s=_share(report.get("elapsed_s"), most=1e6),
        order_learned=report.get("order_learned") is not False,
        steps=_texts(report.get("steps")),
        columns=[_view_column(column) for column in columns[:MAX_COLUMNS]],
        more_columns=max(0, len(columns) - MAX_COLUMNS),
        differences=[
            Difference(
                _count(item.get("row")),
                _text(item.get("column")),
                _text(item.get("expected")),
                _text(item.get("got")),
            )
            for item in _maps(report.get("differences"))[:MAX_DIFFERENCES]
        ],
        ambiguities=[_view_ambiguity(item) for item in _maps(report.get("ambiguities"))[:MAX_AMBIGUITIES]],
        instructions=[
            Heard(*(_text(item.get(name)) for name in ("sentence", "column", "outcome", "words")))
            for item in _maps(report.get("instructions"))[:MAX_SENTENCES]
        ],
        warnings=_texts(report.get("warnings")),
        reading=[*_texts(reading.get("input")), *_texts(reading.get("expected"))],
        checks=_view_checks(_maps(report.get("guards"))),
        agents=_view_agents(_map(report.get("agents"))),
        agent_rounds=_view_rounds(_map(report.get("agents"))),
        input_dialect=_map(_map(report.get("input")).get("dialect")),
        output_dialect=_map(_map(report.get("output")).get("dialect")),
    )


def view_inference(report: Mapping[str, Any]) -> InferenceView:
    """Picks out of an inference's report what its page shows."""
    return InferenceView(
        rows_in=_count(report.get("rows_in")),
        rows_out=_count(report.get("rows_out")),
        checked=report.get("checked") is True,
        on_unseen=_text(report.get("on_unseen")),
        flagged_rows=_count(report.get("flagged_rows")),
        flags=_join_flags([_view_flags(item) for item in _maps(report.get("flags"))[:MAX_COLUMNS]]),
        notes=_texts(report.get("notes")),
        input_dialect=_map(report.get("input_dialect")),
    )


def _view_column(column: Mapping[str, Any]) -> LearnedColumn:
    how = _text(column.get("how"))
    return LearnedColumn(
        name=_text(column.get("name")),
        how=how,
        how_words=_HOW.get(how, how),
        words=_text(column.get("words")),
        expression=_text(column.get("expression")),
        sources=_texts(column.get("sources")),
        witnesses=[row for row in _list(column.get("witnesses"))[:_MAX_TEXTS] if isinstance(row, int)],
        values=_texts(column.get("values")),
        confidence=round(_share(column.get("confidence")) * 100),
        cells_right=int(_share(column.get("cells_right")) * 100),
    )


def _view_ambiguity(item: Mapping[str, Any]) -> Ambiguity:
    rows = [row for row in _list(item.get("rows")) if isinstance(row, list) and len(row) == 3][:3]
    return Ambiguity(
        _text(item.get("column")),
        _text(item.get("chosen")),
        _text(item.get("alternative")),
        [(_count(number), _text(chosen), _text(other)) for number, chosen, other in rows],
    )


def _view_checks(guards: Sequence[Mapping[str, Any]]) -> Sequence[tuple[str, str]]:
    """What later files are checked for: (column, in words), each once."""
    found = dict.fromkeys((_text(guard.get("column")), _text(guard.get("words"))) for guard in guards)
    return list(found)[:MAX_COLUMNS]


def _view_agents(agents: Mapping[str, Any]) -> str:
    """What agents took, in one line; empty where none were asked."""
    spend = _map(agents.get("spend"))
    tokens = _count(spend.get("prompt_tokens")) + _count(spend.get("completion_tokens"))
    taken = {"rounds": _count(spend.get("rounds")), "tokens": tokens}
    counts = [f"{count:,} {name}" for name, count in taken.items() if count]
    cost = _text(spend.get("cost"))
    prompts = _text(_map(agents.get("prompts")).get("version"))
    further = [f"cost {cost}"] if cost.strip("0.") else []
    further += [f"prompts {prompts}"] if prompts else []
    return ", ".join([_text(agents.get("model")), *counts, *further]) if agents else ""


def _view_rounds(agents: Mapping[str, Any]) -> Sequence[AgentRound]:
    return [
        AgentRound(
            _count(item.get("round")), _count(item.get("calls")), _text(item.get("verdict")),
            int(_share(item.get("cells_right")) * 100),
        )
        for item in _maps(agents.get("rounds"))[:_MAX_TEXTS]
    ]  # fmt: skip


def _view_flags(item: Mapping[str, Any]) -> Flags:
    first = _maps(item.get("first"))[:MAX_FLAGGED_ROWS]
    return Flags(
        _text(item.get("column")),
        _text(item.get("severity")),
        _text(item.get("words")),
        _count(item.get("rows")),
        [(_count(flag.get("row")), _text(flag.get("value"))) for flag in first],
    )


def _join_flags(flags: Sequence[Flags]) -> Sequence[Flags]:
    """Says in one line what two boundaries say of the same cells."""
    joined: dict[tuple[object, ...], Flags] = {}
    for item in flags:
        key = (item.column, item.severity, item.rows, tuple(item.first))
        known = joined.get(key)
        joined[key] = replace(known, words=f"{known.words}; {item.words}") if known else item
    return list(joined.values())


def _text(value: object) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= _MAX_CHARS else f"{text[: _MAX_CHARS - 1]}…"


def _texts(value: object) -> Sequence[str]:
    return [_text(item) for item in _list(value)[:_MAX_TEXTS]]


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _map(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _maps(value: object) -> list[Mapping[str, Any]]:
    return [item for item in _list(value) if isinstance(item, dict)]


def _count(value: object) -> int:
    return value if isinstance(value, int) and value >= 0 else 0


def _share(value: object, most: float = 1.0) -> float:
    return min(most, max(0.0, float(value))) if isinstance(value, int | float) else 0.0
