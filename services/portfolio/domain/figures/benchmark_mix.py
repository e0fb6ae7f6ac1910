"""What a benchmark holds in shares: by the mix that was sent of it, or by the indexes and their parts that its name
lists."""

import re
from decimal import Decimal

from services.portfolio.domain.facts import Draft
from services.portfolio.domain.figures.quoting import HUNDRED
from services.portfolio.domain.reading import Reading
from services.portfolio.domain.reference import EQUITY, Reference

TABLE = "Benchmark Allocation"
_PART = re.compile(
    r"(\d{1,3}(?:[.,]\d+)?)\s?%\s*([^\d/+;|]*[^\W\d][^/+;|]*?)(?=\s*(?:[/+;|,&]|$|\d{1,3}(?:[.,]\d+)?\s?%))"
)
"""``60% MSCI ACWI``: a share, and what it is of."""
_MIXED = "mixed"


def add_benchmark_mix(reading: Reading, reference: Reference, draft: Draft) -> None:
    """State how much of the benchmark is in shares, where all of its parts are known."""
    found = _read_table(reading, reference)
    source = reading.name_of(TABLE)
    if found is None and draft.frame.benchmark is not None:
        found, source = read_mix(draft.frame.benchmark, reference), draft.frame.benchmark
    if found is not None and abs(sum(found.values(), Decimal(0)) - HUNDRED) < 1:
        draft.state("benchmark_equity", found.get(EQUITY, Decimal(0)), (source,))


def read_mix(name: str, reference: Reference) -> dict[str, Decimal] | None:
    """By class, the parts in percent of a benchmark of several indexes, or all of one of a single class; None where one
    of them is of no known class."""
    kind = reference.classify_index(name)
    if kind is not None:
        return {kind: HUNDRED}
    sums: dict[str, Decimal] = {}
    for share, index in _PART.findall(name):
        found = reference.classify_index(index) or _classify(index.strip(), reference)
        if found is None or found == _MIXED:
            return None
        sums[found] = sums.get(found, Decimal(0)) + Decimal(share.replace(",", "."))
    return sums or None


def _read_table(reading: Reading, reference: Reference) -> dict[str, Decimal] | None:
    table = reading.tables.get(TABLE)
    if table is None:
        return None
    sums: dict[str, Decimal] = {}
    for row in table.rows:
        name, weight = row.text("name") or "", row.number("weight")
        kind = _classify(name, reference) or reference.classify_index(name)
        if kind is None or kind == _MIXED or weight is None:
            return None
        sums[kind] = sums.get(kind, Decimal(0)) + weight
    return sums


def _classify(name: str, reference: Reference) -> str | None:
    found = reference.classify(name, None, name)
    return found.name if found is not None else None
