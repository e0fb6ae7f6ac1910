"""What assets are held against each other by: the figures of all assets of a kind, by the measures that words allow."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from services.portfolio.domain.claims.evidence import Evidence, is_residual
from services.portfolio.domain.claims.model import Held, Verdict
from services.portfolio.domain.facts import Fact

_SPOKEN: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"lost|lose|losing|loss\w*|fell|fall\w*|dropp?\w*|declin\w*|suffer\w*|worst", ("gain", "return", "contribution")),
    (r"hurt\w*|detract\w*|drag\w*|damag\w*|help\w*|add(?:ed|s)?|contribut\w*", ("contribution",)),
    (r"durations?|rate[- ]sensitiv\w*", ("duration",)),
    (r"pays?|paid|brings? in|brought in|income|suppl\w+|provid\w+", ("income", "income_share")),
    (r"yields?|yielded|yielding", ("yield", "ytm", "bond_yield")),
    (r"coupon\w*", ("coupon",)),
    (r"drift\w*|target|deviat\w*", ("drift",)),
    (r"rose|rises?|risen|rising|climb\w*|advanc\w*|jump\w*|surg\w*", ("return", "gain")),
    (
        r"gain\w*|made|profit\w*|earn\w*|best|led|leads?|return\w*|did|done",
        ("gain", "return", "contribution"),
    ),
    (r"size|weigh\w*|larg\w*|big\w*|small\w*|held|holds?|exposure|sits|value|worth", ("weight", "market_value")),
)  # fmt: skip
"""What words order by. The first of the lines that a text has a word of counts."""
ANY = ("weight", "income", "income_share", "contribution", "return", "gain", "market_value")
SIZES = ("weight", "market_value")
_COMPUTED = frozenset({"market_value", "income", "weight"})
"""What is ranked as it was computed: rows as they were sent may be of one name several times."""
_GROUPED = frozenset({"weight", "income_share", "income", "market_value"})
DATED = frozenset({"next_payment", "maturity"})
ADDED = frozenset(
    {"weight", "income", "income_share", "contribution", "gain", "market_value", "cost", "trade", "duration_share"}
)
"""Measures whose figures may be summed over assets."""


def choose_measures(text: str) -> tuple[str, ...] | None:
    """The measures that the words of a text order assets by; None where they name none."""
    return next((found for words, found in _SPOKEN if re.search(rf"\b(?:{words})\b", text, re.IGNORECASE)), None)


def allow_measures(text: str) -> frozenset[str]:
    """All measures that the words of a text order assets by, with ``position`` and ``money`` for their size; what is
    compared by no word is compared by size, or by what it brings in."""
    found = {name for words, names in _SPOKEN if re.search(rf"\b(?:{words})\b", text, re.IGNORECASE) for name in names}
    if _SIZED.search(text):
        found |= {"weight", "market_value"}
    return frozenset(found or {"weight", "market_value", "income", "income_share"})


_SIZED = re.compile(r"\b(?:positions?|money|stakes?|allocations?|shares?|portions?|slices?|as\s+much)\b", re.IGNORECASE)


def list_peers(
    measures: Sequence[str], names: Sequence[str], evidence: Evidence, *, sent: bool = False
) -> Iterator[Mapping[str, Fact]]:
    """The figures of all assets of a kind by each measure, where all that are named have one; with ``sent`` those of
    the rows, too, where nothing was computed."""
    for measure in measures:
        groups: dict[tuple[str, str, object], dict[str, Fact]] = {}
        held = [item for item in evidence.by_measure.get(measure, []) if item.subject is not None]
        computed = [item for item in held if not item.fact.id.startswith("given.")]
        for item in computed if measure in _COMPUTED and (computed or not sent) else held:
            if item.fact.id.startswith("value.weight."):
                continue  # the money of a share orders as the share does, and some shares have an amount of their own
            if item.subject is not None and (item.subject in names or not is_residual(item.subject)):
                groups.setdefault(_kind_of(item), {}).setdefault(item.subject, item.fact)
        yield from (group for group in groups.values() if all(name in group for name in names))


def _kind_of(item: Held) -> tuple[str, str, object]:
    """What figures of one kind share: the weights of classes are none of positions."""
    fact = item.fact
    kind, implied, _ = fact.id.partition(".of.")  # a name may have a stop in it
    stem = "given" if fact.id.startswith("given.") else kind if implied else fact.id.rpartition(".")[0]
    return item.section, stem if fact.measure in _GROUPED or stem.startswith("sum.") else fact.measure, fact.unit


def find_stated(names: Sequence[str], verdicts: Sequence[Verdict], evidence: Evidence) -> tuple[str, ...]:
    """The measure of which a sentence prints the figure of each of the named; none where there is no such one."""
    stated: dict[str, set[str]] = {}
    for item in verdicts:
        fact = item.fact
        if fact is not None and fact.subject and item.claim.value is not None and not item.fault and not item.formula:
            stated.setdefault(fact.measure, set()).add(evidence.vocabulary.key(fact.subject))
    return tuple(measure for measure, subjects in stated.items() if subjects.issuperset(names))


def measure_size(fact: Fact) -> Decimal:
    """What a fact is ordered by: its value, of a drift its size, of what falls due its day."""
    if fact.measure in DATED and fact.dates:
        return Decimal((fact.dates[0] - date.min).days)
    return abs(fact.value) if fact.measure == "drift" else fact.value
