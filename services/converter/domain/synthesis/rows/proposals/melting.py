"""Names of columns of two parts, a key and a measure, by which cells may become rows."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from services.converter.domain.synthesis.rows.algebra import Plan
from services.converter.domain.synthesis.rows.steps.melting import Melt

MAX_CELLS, MAX_KEYS, MAX_MEASURES = 40_000, 120, 12
"""The cells that are looked at, the names that become values (ten years of months), and measures that repeat under
them."""

_EDGES = " _.-:/|"

_MARKS = "_. -:"

_PARTS = (("stub", "key"), ("key", "stub"))

_PATTERNS = (
    re.compile(r"(?P<stub>.*\D)[ _.:/-]*(?P<key>\d+)\Z", re.DOTALL),
    re.compile(r"(?P<key>\d+)[ _.:/-]*(?P<stub>\D.*)\Z", re.DOTALL),
    re.compile(r"(?P<key>[^()]+?) *(?P<stub>\([^()]*\))\Z", re.DOTALL),
    *(
        re.compile(rf"(?P<{a}>.+{how}){re.escape(mark)}(?P<{b}>.+)\Z", re.DOTALL)
        for how in ("?", "")
        for mark in _MARKS
        for a, b in _PARTS
    ),
)
"""Names of two parts: a number at either end, brackets at the end, the first or the last of a mark between them."""


def melts(plan: Plan, wanted: Sequence[tuple[str, ...]], targets: Sequence[str]) -> Iterator[Plan]:
    """Melts whose keys stand in a wanted column, or whose measures are the names of wanted columns."""
    relation = plan.relation
    names = [name for name in relation.names if name in relation.header]
    if len(names) < 2 or len(relation.rows) * len(names) > MAX_CELLS:
        return
    values = [{text.strip() for text in column} - {""} for column in wanted]
    seen: set[tuple[object, ...]] = set()
    for step in (*_named(names, values), *_measured(names, targets, values), *_patterned(names, values)):
        mark = (step.keys, step.columns)
        if mark not in seen and len(step.keys) > 1:
            seen.add(mark)
            for by_key in (False, True):
                yield plan.then(replace(step, by_key=by_key))


def _named(names: Sequence[str], values: Sequence[set[str]]) -> Iterator[Melt]:
    """The columns whose names stand in a wanted column, with what stands between them."""
    for held in values:
        chosen = [name for name in names if name.strip() in held]
        if 2 <= len(chosen) <= MAX_KEYS and 2 * len(chosen) > len(held):
            yield Melt(tuple(chosen), ("cell",), tuple((name,) for name in chosen))


def _measured(names: Sequence[str], targets: Sequence[str], values: Sequence[set[str]]) -> Iterator[Melt]:
    """Names that begin or end with the name of a wanted column: the rest of them is the key."""
    for ends in (True, False):
        cells: dict[str, dict[str, str]] = {}
        for target in sorted(targets, key=len, reverse=True):
            for name in names:
                if len(name) > len(target) and (name.endswith(target) if ends else name.startswith(target)):
                    key = (name[: -len(target)] if ends else name[len(target) :]).strip(_EDGES)
                    if key and not any(name in known.values() for known in cells.values()):
                        cells.setdefault(key, {}).setdefault(target, name)
        yield from _table(cells, values)


def _patterned(names: Sequence[str], values: Sequence[set[str]]) -> Iterator[Melt]:
    """Names of two parts, of which one is the key."""
    for pattern in _PATTERNS:
        cells: dict[str, dict[str, str]] = {}
        for name in names:
            found = pattern.match(name)
            if found:
                stub = found["stub"].strip(_EDGES) or "cell"
                cells.setdefault(found["key"].strip(_EDGES), {}).setdefault(stub, name)
        yield from _table(cells, values)


def _table(cells: dict[str, dict[str, str]], values: Sequence[set[str]]) -> Iterator[Melt]:
    """The melt of cells by key and measure, where the keys stand in a wanted column."""
    if not 2 <= len(cells) <= MAX_KEYS:
        return
    if not any(2 * len(held & set(cells)) > len(held | set(cells)) for held in values):
        return
    measures = tuple(dict.fromkeys(measure for row in cells.values() for measure in row))
    if len(measures) <= MAX_MEASURES:
        columns = tuple(tuple(row.get(measure) for measure in measures) for row in cells.values())
        yield Melt(tuple(cells), measures, columns)
