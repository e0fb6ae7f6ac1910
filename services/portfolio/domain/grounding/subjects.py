"""Where a narrative speaks of which asset: names of the fact table, and the short forms that people use for them."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

_SUFFIX = re.compile(
    r"[\s,]+(?:ltd\.?|limited|inc\.?|incorporated|plc|corp\.?|corporation|co\.?|company|ag|sa|nv|n\.v\.|se|spa|"
    r"gmbh|llc|lp|"
    r"fund|etf|trust|pvt\.?|private|industries|group|holdings|class \w|direct|regular|growth|plan)$",
    re.IGNORECASE,
)
_PLURALS = {
    "equity": "equities",
    "bond": "bonds",
    "fixed income": "bonds",
    "commodity": "commodities",
    "stock": "stocks",
}
_COMMON = frozenset(
    [
        "the",
        "of",
        "and",
        "for",
        "india",
        "indian",
        "bank",
        "global",
        "first",
        "general",
        "international",
        "new",
        "national",
        "united",
        "american",
        "asian",
        "world",
        "income",
        "equity",
        "debt",
        "fund",
        "bond",
        "large",
        "small",
        "mid",
        "cap",
        "short",
        "long",
        "term",
        "money",
        "market",
        "high",
        "low",
        "core",
        "top",
        "other",
        "others",
        "total",
        "cash",
        "risk",
        "portfolio",
        "model",
        "target",
        "share",
        "asset",
        "value",
        "cost",
        "return",
        "weight",
        "growth",
        "balanced",
        "north",
        "south",
        "east",
        "west",
        "state",
    ]
)
_SHORTEST_PREFIX = 3


@dataclass(frozen=True, slots=True)
class Mention:
    """One subject standing at ``start:end``."""

    subject: str
    start: int
    end: int


class SubjectIndex:
    """Finds the subjects of one fact table in texts. Names match without case; the longest name wins."""

    def __init__(self, subjects: Iterable[str]) -> None:
        names = list(subjects)
        self._by_alias = _collect_aliases(names)
        spelled = {alias: alias for alias in self._by_alias} | {name.casefold(): name for name in names}
        aliases = sorted(self._by_alias, key=len, reverse=True)
        patterns = [_make_pattern(spelled[alias]) for alias in aliases]
        self._pattern = re.compile("|".join(patterns), re.IGNORECASE) if patterns else None

    def find(self, text: str) -> list[Mention]:
        """The mentions in a text, in order and not overlapping."""
        if self._pattern is None:
            return []
        return [
            Mention(self._by_alias[match[0].casefold()], match.start(), match.end())
            for match in self._pattern.finditer(text)
        ]


def _make_pattern(alias: str) -> str:
    """Whole words; of short names the case counts too, since ``IT`` is a sector and ``it`` is not."""
    case = "?-i:" if len(alias) <= _SHORTEST_PREFIX else "?:"
    return rf"(?<!\w)({case}{re.escape(alias)})(?!\w)"


def _collect_aliases(subjects: Iterable[str]) -> dict[str, str]:
    """Every alias that stands for exactly one subject; a full name always stands for its own."""
    owners: dict[str, set[str]] = defaultdict(set)
    full: dict[str, str] = {}
    for subject in dict.fromkeys(subjects):
        key = subject.casefold()
        full.setdefault(key, key)
        for alias in _list_aliases(subject):
            owners[alias.casefold()].add(key)
    aliases = {alias: next(iter(names)) for alias, names in owners.items() if len(names) == 1}
    return aliases | full


def _list_aliases(subject: str) -> Iterable[str]:
    stem = subject
    while (shorter := _SUFFIX.sub("", stem)) != stem and shorter:
        stem = shorter
        yield stem
    if (plural := _PLURALS.get(subject.casefold())) is not None:
        yield plural
    without_brackets = re.sub(r"\s*\([^)]*\)", "", subject).strip()
    if without_brackets and without_brackets != subject:
        yield without_brackets
    words = stem.split()
    for count in range(len(words) - 1, 0, -1):
        prefix = " ".join(words[:count])
        if (
            len(prefix) >= _SHORTEST_PREFIX
            and prefix.casefold() not in _COMMON
            and words[count - 1].casefold() not in _COMMON
        ):
            yield prefix
