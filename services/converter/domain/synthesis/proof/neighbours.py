"""Rows of which a neighbour's cells are read: in the example each neighbour was of the same thing, and of one kind."""

import re
from collections.abc import Iterator, Sequence

from services.converter.domain.synthesis import sampling
from services.converter.domain.synthesis.edges import MOST_CHECKED, Check
from services.converter.domain.synthesis.language import Column, Expression, Record
from services.converter.domain.synthesis.language.task import BESIDE
from services.converter.domain.synthesis.proof.column_rivals import Shown
from services.converter.domain.synthesis.sqltext import literal, quoted
from services.converter.domain.synthesis.tokens import is_data

_LETTER = re.compile(r"[^\W\d_]")
LEAST_NEIGHBOURS = 3
"""Rows from which on it is no chance that their neighbours are all alike."""


def neighbour_checks(shown: Shown, expression: Expression) -> Iterator[Check]:
    """A check on rows whose neighbour is of another key than the row, where it never was, or of another kind than all
    neighbours of the example: then the two are not the two parts of one thing, or stand the other way round."""
    names = shown.relation.names
    read = [i for i in expression.columns if names[i] in shown.lent and names[i].endswith(BESIDE)]
    rows = sampling.some(shown.rows, MOST_CHECKED)
    if not read or len(rows) < LEAST_NEIGHBOURS:
        return
    ending = next(end for end in BESIDE if names[read[0]].endswith(end))
    own_names = [name for name in names if name in shown.own and name + ending in names]
    pairs = [(names.index(name), names.index(name + ending)) for name in own_names]
    tests: dict[str, frozenset[int]] = {}
    told: list[str] = []
    keys = [pair for pair in pairs if _is_key(rows, *pair)]
    if keys:
        own, beside = max(keys, key=lambda pair: len({row[pair[0]] for row in rows}))
        mine, theirs = (f"coalesce({Column(i, names[i]).sql()}, '')" for i in (own, beside))
        tests[f"{mine} <> {theirs}"] = frozenset({own, beside})
        told.append(f"has another {names[own]}")
    for own, beside in pairs:
        kinds = {row[beside] or "" for row in rows}
        kind = next(iter(kinds))
        if len(kinds) == 1 and kind not in {row[own] for row in rows} and not is_data(kind) and _LETTER.search(kind):
            tests[f"coalesce({Column(beside, names[beside]).sql()}, '') <> {literal(kind)}"] = frozenset({beside})
            told.append(f"is not {quoted(kind)} in {names[own]}")
    if tests:
        reads = frozenset({read[0]}).union(*tests.values())
        column = Column(read[0], names[read[0]])
        side = "before" if ending == BESIDE[0] else "after"
        words = f"the row {side} it, which is read as well, {' or '.join(told)}, as it never did in the example"
        yield Check(column.name, "shape", "note", words, column.sql(), " OR ".join(tests), reads)


def _is_key(rows: Sequence[Record], own: int, beside: int) -> bool:
    """Whether a row and its neighbour always say the same in a column, and others say something else."""
    texts = {row[own] or "" for row in rows}
    return len(texts) > 1 and "" not in texts and all((row[own] or "") == (row[beside] or "") for row in rows)
