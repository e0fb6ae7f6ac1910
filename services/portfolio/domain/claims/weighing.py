"""What the operands of a comparison are by the facts: the same figure of two assets, or of one and all others."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from services.portfolio.domain.claims.clauses import EVERYBODY, NOBODY, SOMEBODY, Comparison, read_left, read_right
from services.portfolio.domain.claims.evidence import Evidence
from services.portfolio.domain.claims.lines import Weighed, weigh_lines
from services.portfolio.domain.claims.model import Verdict
from services.portfolio.domain.claims.peers import (
    ADDED,
    ANY,
    DATED,
    SIZES,
    choose_measures,
    find_stated,
    list_peers,
    measure_size,
)
from services.portfolio.domain.claims.sentences import Sentence
from services.portfolio.domain.claims.subjects import Mention
from services.portfolio.domain.facts import Fact
from services.portfolio.domain.number_words import Unit
from services.portfolio.domain.vocabulary import Direction

_SUMMED = re.compile(
    r"\b(?:together|combined|put together|taken together|jointly|between them|in all|zusammen)\b", re.IGNORECASE
)

_OTHERS = re.compile(
    r"\s*(?:(?:any|every|all|each)(?:\s+(?:one\s+)?of)?(?:\s+the)?\s+others?\b|(?:anything|anyone|everyone|all)\s+else\b)",
    re.IGNORECASE,
)

_REST = re.compile(r"\s*(?:everything else|(?:all\s+)?the (?:rest|others)\b)", re.IGNORECASE)

_SIDE = re.compile(r"\b(?:losers?|gainers?|winners?|detractors?|contributors?|decliners?|risers?)\b", re.IGNORECASE)
"""Nouns of those that went the same way."""


_OFFSET = ("contribution",)
"""What makes up for what is told by what both did to the whole, where that is known."""
_MOVED = frozenset({"return", "gain", "contribution", "portfolio_return", "twr"})
"""Measures of which ``fell further`` is said where the value is lower."""


def weigh(
    sentence: Sentence, item: Comparison, verdicts: Sequence[Verdict], evidence: Evidence
) -> Iterator[list[Weighed]]:
    """The values that may be meant, those that the words name first."""
    right = sentence.plain[item.right[0] : item.right[1]]
    names, left = read_right(sentence, item), read_left(sentence, item)
    if left and names:
        stated = find_stated([name.subject for name in (*left, *names)], verdicts, evidence)
        yield from _set_names(sentence, item, left, names, stated, evidence)
    elif names and NOBODY.search(sentence.plain[item.left[0] : item.start]):
        yield from _set_extreme(sentence, item, names[0], evidence, others_first=True)
    elif names and SOMEBODY.search(sentence.plain[item.left[0] : item.start]):
        for found in _set_extreme(sentence, item, names[0], evidence, others_first=True):
            yield [replace(pair, one=pair.other, other=pair.one) for pair in found]
    elif names and EVERYBODY.search(sentence.plain[item.left[0] : item.start]):
        turned = replace(item, more=not item.more)
        for found in _set_extreme(sentence, turned, names[0], evidence, others_first=False):
            yield [replace(pair, one=pair.other, other=pair.one) for pair in found]
    elif left and (_OTHERS.match(right) or _REST.match(right)):
        yield from _set_extreme(sentence, item, left[-1], evidence, others_first=False)
    elif not names and item.pole.measures[:1] not in {(name,) for name in DATED}:
        yield from weigh_lines(sentence, item, left, right, evidence)


def _list_measures(sentence: Sentence, item: Comparison) -> Iterator[tuple[str, ...]]:
    """The measures that may be compared, in tiers: of the words at the pole, of the clause, and of the pole itself."""
    if item.pole.measures[:1] == ("next_payment",):
        yield item.pole.measures  # what has a day is compared by it, whatever is paid then
        return
    if item.pole.measures[:1] == _OFFSET:
        yield from ((name,) for name in item.pole.measures)
        return
    at_pole = sentence.text[item.start : item.end]
    cued = [cue for cue in sentence.cues if item.start <= cue.start and cue.end <= item.end and cue.named]
    yield tuple(dict.fromkeys(cue.measure for cue in cued))
    if item.noun.strip() and (chosen := choose_measures(item.noun)):
        yield chosen
    if item.pole.measures and item.pole.than:
        yield item.pole.measures
        return
    ahead = sentence.text[item.left[0] : item.start]
    yield choose_measures(f"{ahead} {item.noun}") or ()
    named = [cue for cue in sentence.cues if item.left[0] <= cue.start < item.right[1] and cue.named]
    yield tuple(dict.fromkeys(cue.measure for cue in sorted(named, key=lambda cue: abs(cue.start - item.start))))
    yield item.pole.measures or choose_measures(at_pole) or ()
    if not item.pole.measures:
        if not sentence.figures:
            yield SIZES  # what is said to be more, and of nothing, is larger
        yield ANY


def _turn(sentence: Sentence, item: Comparison, fact: Fact, evidence: Evidence) -> int:
    """-1 where the verb of a comparison says that the lower figure goes further (``fell more than``), else 1."""
    if fact.measure not in _MOVED or item.pole.measures:
        return 1
    whole = sentence.plain[item.left[0] : item.start]
    for ahead in (re.split(r"[,;:]", whole)[-1] + item.noun, whole):
        for kind in (Direction.EFFECT, Direction.MOVE):
            ways = [match.lastgroup for match in evidence.vocabulary.directions[kind].finditer(ahead)]
            if said := [way for way in ways if way != "neutral"]:
                return -1 if said[-1] == "down" else 1
    return 1


def _set_names(
    sentence: Sentence, item: Comparison, left: Sequence[Mention], right: Sequence[Mention],
    stated: Sequence[str], evidence: Evidence,
) -> Iterator[list[Weighed]]:  # fmt: skip
    ones = list(dict.fromkeys(name.subject for name in left))
    others = list(dict.fromkeys(name.subject for name in right))
    clause = sentence.plain[item.left[0] : item.right[1]]
    for measures in [tuple(stated)] if stated else _list_measures(sentence, item):
        found = []
        for table in list_peers(measures, [*ones, *others], evidence):
            facts = [table[name] for name in (*ones, *others)]
            if (facts[0].measure in DATED) is not (item.pole.measures[:1] == ("next_payment",)) and not facts[0].value:
                continue
            sides = _read_sides(sentence, item, facts[0])
            if (
                sides
                and facts[0].measure == "gain"
                and facts[0].unit is Unit.PERCENT
                and not _IN_PERCENT.search(clause)
            ):
                continue  # of two amounts the larger counts
            sign = 1 if sides else _turn(sentence, item, facts[0], evidence)
            summed = facts[0].measure in ADDED
            own = [measure_size(table[name]) * (sides[0] if sides else sign) for name in ones]
            theirs = [measure_size(table[name]) * (sides[1] if sides else sign) for name in others]
            if sides and min(*own, *theirs) < 0:
                found.append(Weighed(Decimal(not item.more), Decimal(item.more), tuple(facts)))
                continue  # what is called a gain is none, or a loss
            parted = _split_sides(clause) if len(ones) + len(others) > 2 else (False, False)
            readings = [
                Weighed(a, b, tuple(facts))
                for a in _sum_or_end(own, summed=summed, parted=parted[0], low=item.more)
                for b in _sum_or_end(theirs, summed=summed, parted=parted[1], low=not item.more)
            ]
            found += readings
        if found:
            yield found
            return


_IN_PERCENT = re.compile(r"\b(?:per ?cent|percentage|relative)\b", re.IGNORECASE)
_GAIN_NOUN, _LOSS_NOUN = (
    re.compile(rf"\b(?:{words})\b", re.IGNORECASE)
    for words in (
        r"gains?|gained|profits?|rise|rises|rose|advances?|contributions?|earned|made|added|won",
        r"loss(?:es)?|lost|falls?|fell|declines?|drags?|costs?|detract\w*|subtract\w*|drops?|damage|took|takes",
    )
)


def _read_sides(sentence: Sentence, item: Comparison, fact: Fact) -> tuple[int, int] | None:
    """What each side of a comparison is counted by, where one of them is a gain and the other a loss: by its size.

    What makes up for something is of the other sign.
    """
    if fact.measure not in _MOVED:
        return None
    before, behind = sentence.plain[item.left[0] : item.start], sentence.plain[item.end : item.right[1]]
    said = [(1 if _GAIN_NOUN.search(part) else 0) - (1 if _LOSS_NOUN.search(part) else 0) for part in (before, behind)]
    if said[0] and said[1] and said[0] != said[1]:
        return said[0], said[1]
    if item.pole.measures[:1] == _OFFSET:
        sign = said[0] or -said[1] or (1 if fact.value > 0 else -1)
        return sign, -sign
    return None


def _split_sides(clause: str) -> tuple[bool, bool]:
    """Whether ``together`` is said in the first or the second half of a comparison."""
    match = _SUMMED.search(clause)
    if match is None:
        return False, False
    return match.start() < len(clause) / 2, match.start() >= len(clause) / 2


def _sum_or_end(values: list[Decimal], *, summed: bool, parted: bool, low: bool) -> list[Decimal]:
    """What several assets are compared by: their sum, or (for what is no sum, or not said to be one) the end that
    makes it hardest."""
    if len(values) == 1:
        return values
    end = min(values) if low else max(values)
    if parted and summed:
        return [sum(values, Decimal(0))]
    return [end, sum(values, Decimal(0))] if summed else [end]


def _set_extreme(
    sentence: Sentence, item: Comparison, own: Mention, evidence: Evidence, *, others_first: bool
) -> Iterator[list[Weighed]]:
    """``A pays more than any other``, ``no holding pays more than A``, ``A weighs more than everything else``."""
    right = sentence.plain[item.right[0] : item.right[1]]
    for measures in _list_measures(sentence, item):
        found = []
        for table in list_peers(measures, [own.subject], evidence):
            rest = [fact for name, fact in table.items() if name != own.subject]
            if not rest:
                continue
            fact = table[own.subject]
            sign = _turn(sentence, item, fact, evidence)
            value, values = measure_size(fact) * sign, [measure_size(other) * sign for other in rest]
            if others_first:
                end = max(values) if item.more else min(values)
                # "nothing pays more than A": no other is above it
                found.append(Weighed(value, end, (fact,)))
            else:
                total = (_REST.match(right) or _SUMMED.search(right)) and fact.measure in ADDED
                if _SIDE.search(right):
                    values = [each for each in values if (each > 0) is (value > 0)] or [Decimal(0)]
                end = sum(values, Decimal(0)) if total else max(values) if item.more else min(values)
                found.append(Weighed(value, end, (fact,)))
        if found:
            yield found
            return
