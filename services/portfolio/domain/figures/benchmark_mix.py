"""What a benchmark holds in shares: by the mix that was sent of it, or by the indexes and their parts that its name
lists."""

from collections.abc import Mapping
from decimal import Decimal

from services.portfolio.domain.facts import Draft
from services.portfolio.domain.figures.quoting import HUNDRED
from services.portfolio.domain.indexes import classify_benchmark, classify_index, read_mix
from services.portfolio.domain.reading import Reading
from services.portfolio.domain.reference import EQUITY, Reference

TABLE = "Benchmark Allocation"
_MIXED = "mixed"

Mix = Mapping[str | None, Decimal]
"""Parts in percent by class; None: that of what is of no known class."""


def add_benchmark_mix(reading: Reading, reference: Reference, draft: Draft) -> None:
    """State how much of the benchmark is in shares, where all of its parts are known and so is the portfolio's own."""
    if draft.find("equity_share") is None:
        return
    mix, source = _read_table(reading, reference), reading.name_of(TABLE)
    if mix is None and (name := draft.frame.benchmark) is not None:
        mix, source = read_mix(name, reference), name
        if mix is None and (kind := classify_benchmark(name, reference)) is not None:
            mix = {kind: HUNDRED}
    known = mix is not None and not {None, _MIXED} & mix.keys()
    if mix is not None and known and abs(sum(mix.values(), Decimal(0)) - HUNDRED) < 1:
        draft.state("benchmark_equity", mix.get(EQUITY, Decimal(0)), (source,))


def _read_table(reading: Reading, reference: Reference) -> Mix | None:
    table = reading.tables.get(TABLE)
    if table is None:
        return None
    sums: dict[str | None, Decimal] = {}
    for row in table.rows:
        weight = row.number("weight")
        if weight is None:
            return None
        kind = classify_index(row.text("name") or "", reference)
        sums[kind] = sums.get(kind, Decimal(0)) + weight
    return sums
