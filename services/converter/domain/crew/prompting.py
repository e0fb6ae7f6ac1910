"""The words that agents are asked in. Whatever comes from files stands as JSON between fences that it cannot close."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from services.converter.domain.crew.answers import Plan
from services.converter.domain.crew.brief import Brief, Sample

FEEDBACK_CHARS = 6_000


@dataclass(frozen=True, slots=True)
class Prompts:
    """The standing instructions of each agent, from files; ``version`` names their folder."""

    version: str
    planner: str
    coder: str

    @property
    def digest(self) -> str:
        """What changes whenever a word of them does."""
        return hashlib.sha256(f"{self.planner}\0{self.coder}".encode()).hexdigest()[:16]


def planner_task(brief: Brief, feedback: str, fence: str) -> str:
    """What the Planner is asked: the conversion, and what became of the programs so far."""
    asked = "Plan how the open columns are made. Answer with the approach and one entry for each open column."
    return "\n\n".join([*_conversion(brief, fence), *_feedback(feedback, fence), asked])


def coder_task(brief: Brief, plan: Plan, feedback: str, fence: str) -> str:
    """What the Coder is asked: the conversion, the plan, the last program and where it was wrong."""
    planned = json.dumps(
        {"approach": plan.approach, "columns": [{"name": n, "rule": r} for n, r in plan.columns]}, ensure_ascii=False
    )
    asked = "Write the whole SELECT, every output column in the order of the expected file."
    return "\n\n".join(
        [*_conversion(brief, fence), f"## The plan\n{_fenced([planned], fence)}", *_feedback(feedback, fence), asked]
    )


def _conversion(brief: Brief, fence: str) -> list[str]:
    parts = [
        _table("The relation `input`", brief.input, fence, numbered="_row first, then the cells"),
        _table("The expected output", brief.expected, fence, numbered="the row's number, then the cells"),
        "## Open output columns\n" + _fenced([json.dumps(list(brief.open_columns), ensure_ascii=False)], fence),
    ]
    if brief.general or brief.columns:
        words = {"general": brief.general, "columns": dict(brief.columns)}
        parts.append("## What the user says of the conversion\n" + _fenced([_json(words)], fence))
    if brief.solved:
        lines = [_json({"column": c.name, "sql": c.expression, "words": c.words}) for c in brief.solved]
        parts.append("## Output columns that are solved: keep them\n" + _fenced(lines, fence))
    if brief.steps:
        parts.append("## What happens to rows\n" + _fenced(brief.steps, fence))
    if brief.program:
        parts.append("## The best program that was found without you\n" + _fenced([brief.program], fence))
    if brief.verdict:
        parts.append("## The Tester on that program\n" + _fenced([brief.verdict[:FEEDBACK_CHARS]], fence))
    return parts


def _table(title: str, sample: Sample, fence: str, *, numbered: str) -> str:
    lines = [_json({"columns": list(sample.names)}), *(_json([number, *cells]) for number, cells in sample.rows)]
    return f"## {title}: {sample.total} rows, {len(sample.rows)} shown ({numbered})\n{_fenced(lines, fence)}"


def _feedback(feedback: str, fence: str) -> list[str]:
    return [f"## The Tester's verdicts\n{_fenced([feedback[-FEEDBACK_CHARS:]], fence)}"] if feedback else []


def _fenced(lines: Iterable[str], fence: str) -> str:
    """Lines between two marks that no file can contain: ``fence`` is drawn anew for every job."""
    body = "\n".join(line.replace(fence, "") for line in lines)
    return f"<<<DATA {fence}\n{body}\nDATA {fence}>>>"


def cut_data(task: str, fence: str) -> str:
    """A task as it may be kept: what stands between the fences is replaced by its size."""
    parts = task.split(f"<<<DATA {fence}\n")
    kept = [parts[0]]
    for part in parts[1:]:
        data, _, rest = part.partition(f"\nDATA {fence}>>>")
        kept.append(f"<<<DATA: {len(data)} characters>>>{rest}")
    return "".join(kept)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
