"""What a benchmark holds, by its name: one class alone, or a mix whose parts the name states."""

import re
from collections.abc import Mapping
from decimal import Decimal

from services.portfolio.domain.reference import EQUITY, Reference, match_words

_NUMBER = r"\d{1,3}(?:[.,]\d+)?"
_PERCENT = re.compile(
    rf"(?<![\w.,])({_NUMBER})\s?(?:%|(?:percent|per cent|pct|prozent|pour cent|procent)\b)", re.IGNORECASE
)
_RATIO = re.compile(rf"(?<![\w.,])({_NUMBER}(?:\s?[/:-]\s?{_NUMBER})+)(?![\w.,])")
_PARTS = re.compile(r"\s*(?:[/+;|,]|(?<=\s)[&-](?=\s)|\b(?:and|und|et|en|e|y|with|mit|avec)\b)\s*", re.IGNORECASE)
_SEVERAL = re.compile(r"\s*[/+;|]\s*|\s+(?:and|und|et|en|e|y)\s+", re.IGNORECASE)
"""What stands between several indexes; commas and dashes set off what one is of."""
_CODE = 3
"""Letters of a currency or of a kind of return, which is no index."""
_EDGES = " ()[]:,;/+&|-–—"
_WHOLE, _NEAR = Decimal(100), Decimal(1)
"""Parts that are rounded sum to a hundred within one."""


def classify_benchmark(name: str, reference: Reference) -> str | None:
    """The one asset class that a benchmark holds; None for a mix of several, and where the name does not say."""
    padded = f" {match_words(name)} "
    if any(f" {phrase} " in padded for phrase in reference.blends) or _RATIO.search(name) or _PERCENT.search(name):
        mix = read_mix(name, reference)
        return next(iter(mix)) if mix is not None and len(mix) == 1 else None
    parts = [part for part in _SEVERAL.split(name) if len(part.strip(_EDGES)) > _CODE]
    kinds = {classify_index(part, reference) for part in parts}
    return classify_index(name, reference) if len(parts) < 2 else kinds.pop() if len(kinds) == 1 else None


def read_mix(name: str, reference: Reference) -> Mapping[str | None, Decimal] | None:
    """The parts of a benchmark in percent by their classes, None for that of what is not known; None where a name
    states no parts of a whole."""
    parts = _split_percents(name) or _split_ratio(name)
    if parts is None or abs(sum((part for part, _ in parts), Decimal(0)) - _WHOLE) > _NEAR:
        return None
    mix: dict[str | None, Decimal] = {}
    for part, text in parts:
        kind = classify_index(text, reference)
        mix[kind] = mix.get(kind, Decimal(0)) + part
    return mix


def find_equity_part(name: str, reference: Reference) -> Decimal | None:
    """The share of equity in percent of a mix all of whose parts are known; None where its name does not say it."""
    mix = read_mix(name, reference)
    return mix.get(EQUITY, Decimal(0)) if mix is not None and None not in mix else None


def _split_percents(name: str) -> list[tuple[Decimal, str]] | None:
    """``60% MSCI ACWI / 40% Aggregate``, or the shares behind their names."""
    marks = list(_PERCENT.finditer(name))
    if not marks:
        return None
    leads = not name[: marks[0].start()].strip(_EDGES) or bool(name[marks[-1].end() :].strip(_EDGES))
    ends = [*(mark.start() for mark in marks[1:]), len(name)]
    starts = [0, *(mark.end() for mark in marks[:-1])]
    texts = [
        name[mark.end() : end] if leads else name[start : mark.start()]
        for mark, start, end in zip(marks, starts, ends, strict=True)
    ]
    return [(_read(mark[1]), text.strip(_EDGES)) for mark, text in zip(marks, texts, strict=True)]


def _split_ratio(name: str) -> list[tuple[Decimal, str]] | None:
    """``60/40 MSCI ACWI / Aggregate``: as many names as shares."""
    ratio = _RATIO.search(name)
    if ratio is None:
        return None
    shares = [_read(part) for part in re.findall(_NUMBER, ratio[1])]
    rest = f"{name[: ratio.start()]} {name[ratio.end() :]}".strip(_EDGES)
    texts = [part.strip(_EDGES) for part in _PARTS.split(rest) if part.strip(_EDGES)]
    return list(zip(shares, texts, strict=True)) if len(texts) == len(shares) else None


def _read(text: str) -> Decimal:
    return Decimal(text.replace(",", "."))


def classify_index(text: str, reference: Reference) -> str | None:
    """The one class of an index, by the indexes that its name holds and by words for classes."""
    padded = f" {match_words(text)} "
    kinds = {
        kind
        for phrases in (reference.indexes, *reference.names.values())
        for phrase, kind in phrases.items()
        if f" {phrase} " in padded and not _is_part_of_longer(phrase, padded, reference)
    }
    if not kinds and (found := reference.classify(text, None, text)) is not None:
        return found.name
    return kinds.pop() if len(kinds) == 1 else None


def _is_part_of_longer(phrase: str, padded: str, reference: Reference) -> bool:
    """Whether a phrase stands in a text only as part of a longer one (``nifty`` of ``nifty sdl``)."""
    return any(
        f" {phrase} " in f" {longer} " and longer != phrase and f" {longer} " in padded for longer in reference.indexes
    )
