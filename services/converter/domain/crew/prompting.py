"""The words that agents are asked in. Whatever comes from files stands as JSON between fences that it cannot close."""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from services.converter.domain.crew.answers import Plan
from services.converter.domain.crew.brief import Brief, Sample
from services.converter.domain.crew.explaining import Explaining
from services.converter.domain.crew.lookups import Lookup, tell_lookup

FEEDBACK_CHARS = 6_000
MOST_NAMED = 200
"""Names of columns that are not shown."""


@dataclass(frozen=True, slots=True)
class Prompts:
    """The standing instructions of each agent, from files; ``version`` names their folder."""

    version: str
    planner: str
    coder: str
    lookup: str = ""
    explainer: str = ""

    @property
    def digest(self) -> str:
        """What changes whenever a word of them does."""
        every = (self.planner, self.coder, self.lookup, self.explainer)
        return hashlib.sha256("\0".join(every).encode()).hexdigest()[:16]


def planner_task(brief: Brief, feedback: str, fence: str) -> str:
    """What the Planner is asked: the conversion, and what became of the programs so far."""
    asked = "Plan what is to be done." if brief.is_table else "Plan how the open columns are made."
    return "\n\n".join([*_conversion(brief, fence), *_feedback(feedback, fence), asked])


def coder_task(brief: Brief, plan: Plan | None, feedback: str, fence: str) -> str:
    """What the Coder is asked: the conversion, the plan where there is one, the last program and where it was wrong."""
    planned = []
    if plan is not None:
        rules = [f"{name}: {rule}" for name, rule in plan.columns]
        planned = [f"## The plan\n{_fenced([plan.approach, *rules], fence)}"]
    asked = "Write the whole SELECT." if brief.is_table else "Write the SELECT, or rules for the open columns."
    return "\n\n".join([*_conversion(brief, fence), *planned, *_feedback(feedback, fence), asked])


def lookup_task(asked: Lookup, fence: str) -> str:
    """What is asked of a look-up that the user's words name."""
    words = _fenced([asked.words], fence, "WORDS")
    return f"## The user's words\n{words}\n\n## The look-up\n{_fenced(tell_lookup(asked), fence)}"


def explainer_task(asked: Explaining, fence: str) -> str:
    """What is asked of a program that is to be explained."""
    return "\n\n".join((
        "## The program\n" + _fenced([asked.program.strip()], fence),
        _table("The relation `input`", asked.input, fence, numbered="_row first, then the cells"),
        _table("What it makes", asked.output, fence, numbered="the row's number, then the cells"),
        "## Columns to explain\n" + _fenced([_json(list(asked.columns))], fence),
    ))  # fmt: skip


def _conversion(brief: Brief, fence: str) -> list[str]:
    parts = []
    if brief.general or brief.columns:
        said = [brief.general, *(f"On the column {_json(name)}: {words}" for name, words in brief.columns.items())]
        parts.append("## What the user wants, in the user's words\n" + _fenced(filter(None, said), fence, "WORDS"))
    if brief.unheard:
        parts.append("## Of this the program below does not do\n" + _fenced(brief.unheard, fence, "WORDS"))
    parts += [
        _table("The relation `input`", brief.input, fence, numbered="_row first, then the cells"),
        _table("The expected output", brief.expected, fence, numbered="the row's number, then the cells"),
    ]
    if brief.taught:
        title = "## Rows of other files, and what the user says becomes of them: as sure as the expected output"
        parts.append(f"{title}\n{_fenced(brief.taught, fence)}")
    if brief.reading:
        parts.append("## How the files were read\n" + _fenced(brief.reading, fence))
    if brief.open_columns:
        parts.append("## Open output columns\n" + _fenced([_json(list(brief.open_columns))], fence))
    else:
        parts.append("## All columns are made, but not the rows, or not in this order")
    if brief.solved:
        lines = [_json([c.name, c.words, c.confidence, c.rivals]) for c in brief.solved]
        title = "## Output columns that are made: how, how sure that is (0 to 1), how many other rules do as well"
        parts.append(f"{title}\n{_fenced(lines, fence)}")
    if brief.steps:
        parts.append("## What happens to rows\n" + _fenced(brief.steps, fence))
    if brief.program:
        parts.append("## The best program so far\n" + _fenced([brief.program.strip()], fence))
    if brief.verdict:
        parts.append("## What is wrong with it\n" + _fenced([brief.verdict[:FEEDBACK_CHARS]], fence))
    return parts


def _table(title: str, sample: Sample, fence: str, *, numbered: str) -> str:
    lines = [_json({"columns": list(sample.names)}), *(_json([number, *cells]) for number, cells in sample.rows)]
    if sample.others:
        named = list(sample.others[:MOST_NAMED])
        more = f" and {len(sample.others) - len(named)} more" if len(named) < len(sample.others) else ""
        lines.append(f"{len(sample.others)} further columns, not shown: {_json(named)}{more}")
    held = f", {sample.held} kept back" if sample.held else ""
    counts = f"{sample.total} rows, {len(sample.rows)} shown{held}"
    return f"## {title}: {counts} ({numbered})\n{_fenced(lines, fence)}"


def _feedback(feedback: str, fence: str) -> list[str]:
    return [f"## The Tester's verdicts\n{_fenced([feedback[-FEEDBACK_CHARS:]], fence)}"] if feedback else []


def _fenced(lines: Iterable[str], fence: str, what: str = "DATA") -> str:
    """Lines between two marks that no file can contain: ``fence`` is drawn anew for every job."""
    body = "\n".join(line.replace(fence, "") for line in lines)
    return f"<<<{what} {fence}\n{body}\n{what} {fence}>>>"


def cut_data(task: str, fence: str) -> str:
    """A task as it may be kept: what stands between the fences is replaced by its size."""
    pattern = re.compile(rf"<<<(DATA|WORDS) {fence}\n(.*?)\n?\1 {fence}>>>", re.DOTALL)
    return pattern.sub(lambda found: f"<<<{found[1]}: {len(found[2])} characters>>>", task)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
