"""What the operands of a comparison are by the facts: the same figure of two assets, of one and all others, of an asset
and its cost, target or average, of the portfolio and its benchmark, two figures of the whole."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from services.portfolio.domain.claims.clauses import IT, NOBODY, SAFE, THAN_REACH, Comparison, read_left, read_right
from services.portfolio.domain.claims.evidence import Evidence
from services.portfolio.domain.claims.model import Held
from services.portfolio.domain.claims.peers import ADDED, ANY, DATED, SIZES, choose_measures, list_peers, measure_size
from services.portfolio.domain.claims.sentences import Cue, Sentence
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

_TARGET = re.compile(
    r"\s*(?:(?:its|the|their|his|her)\s+)?(?:own\s+)?(?:strategic\s+|model\s+)?(?:targets?|model)\b|"
    r"\s*(?:planned|intended|foreseen|(?:it|they)\s+should|(?:it|they)\s+ought)\b",
    re.IGNORECASE,
)

_COST = re.compile(
    r"\s*(?:(?:what\s+)?(?:it|they|that|he|she|we|you)\s+(?:once\s+|originally\s+)?(?:has\s+|have\s+)?(?:cost|paid)|"
    r"(?:what\s+)?was\s+(?:once\s+|originally\s+)?paid(?:\s+for)?|"
    r"(?:its|their|the)\s+(?:original\s+)?(?:cost|purchase price|price paid))\b",
    re.IGNORECASE,
)

_WORTH = re.compile(
    r"\s*(?:(?:what\s+)?(?:it|they)\s+(?:is|are)\s+(?:now\s+|currently\s+)?worth|(?:its|their|the|to(?:day|day's))\s+(?:present\s+|current\s+|"
    r"market\s+)?(?:value|worth))\b",
    re.IGNORECASE,
)

_BOUGHT = re.compile(r"\b(?:cost|costs|bought|paid|acquired|purchased)\b[^,;]*$", re.IGNORECASE)

_NEED = re.compile(
    r"\s*(?:(?:what\s+)?(?:(?:he|she|they|we|you|it|the\s+\w+|\w+\s+\w+|\x01+|mrs?\.?\s+\w+|ms\.?\s+\w+|dr\.?\s+\w+)\s+)?"
    r"(?:needs?|spends?|requires?|wants?)\b|(?:what\s+)?is\s+(?:needed|required|spent|wanted)\b|necessary\b|"
    r"(?:the|his|her|their|its|this|that|our|your)\s+(?:yearly\s+|annual\s+)?(?:needs?|spending|budget|outgoings|requirements?|"
    r"expenses|expenditure)\b)",
    re.IGNORECASE,
)
_OF_INCOME = re.compile(
    r"\b(?:income|dividends?|interest|yields?|earns?|pays?|brings?\s+in|comes?\s+in|receives?|coupons?)\b",
    re.IGNORECASE,
)
_BEFORE_TAX = re.compile(r"\b(?:before\s+tax|gross|pre-tax)\b", re.IGNORECASE)

_AVERAGE = re.compile(
    r"\s*(?:the\s+|that\s+of\s+the\s+)?(?:[a-z]+\s+(?:of|in|on)\s+(?:the\s+)?)?"
    r"(?:portfolio|average|whole|overall|book|account as a whole)\b",
    re.IGNORECASE,
)

_OWN = re.compile(r"\b(?:portfolio|account|depot|we|it|client|fund|you)\b", re.IGNORECASE)

_ITS_OWN = frozenset({"count", "limit", "band", "breaches", "top_1", "gainers", "losers", "periods"})

_WHOLE_OF = {
    "return": ("portfolio_return", "twr"), "gain": ("gain",), "contribution": ("total_contribution",), "fee": ("fee",),
    "yield": ("yield",), "duration": ("duration",), "coupon": ("coupon",), "ytm": ("ytm",),
}  # fmt: skip

_OFFSET = ("contribution",)
"""What makes up for what is told by what both did to the whole, where that is known."""
_MOVED = frozenset({"return", "gain", "contribution", "portfolio_return", "twr"})
"""Measures of which ``fell further`` is said where the value is lower."""

_ONE = Fact("one", "that of the index", Decimal(1), Unit.MULTIPLE, "beta", "a beta of one")

_ADVANTAGES = ("excess_cagr", "excess_twr", "xirr_excess")

_LEADING = re.compile(
    r"\s*(?:(?:that|those|the one)\s+of\s+|(?:did|does|was|is)\s+)?(?:the|its|their|her|his|our|your)?\s*"
    r"(?:[a-z]+\s+){0,2}?",
    re.IGNORECASE,
)

_INDEX_ALONE = re.compile(r"^\W*(?:the|its|their|her|his|our|your)\s+(?:benchmark|index)\b", re.IGNORECASE)
"""A benchmark as the subject of a clause: it is not ahead of itself."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """Two values that a comparison sets against each other, with the facts that they are of."""

    one: Decimal
    other: Decimal
    facts: tuple[Fact, ...]


def weigh(sentence: Sentence, item: Comparison, evidence: Evidence) -> Iterator[list[Weighed]]:
    """The values that may be meant, those that the words name first."""
    right = sentence.plain[item.right[0] : item.right[1]]
    names, left = read_right(sentence, item), read_left(sentence, item)
    if left and names:
        yield from _set_names(sentence, item, left, names, evidence)
    elif names and NOBODY.search(sentence.plain[item.left[0] : item.start]):
        yield from _set_extreme(sentence, item, names[0], evidence, others_first=True)
    elif left and (_OTHERS.match(right) or _REST.match(right)):
        yield from _set_extreme(sentence, item, left[-1], evidence, others_first=False)
    elif not names and item.pole.measures[:1] not in {(name,) for name in DATED}:
        yield from _weigh_lines(sentence, item, left, right, evidence)


def _weigh_lines(
    sentence: Sentence, item: Comparison, left: Sequence[Mention], right: str, evidence: Evidence
) -> Iterator[list[Weighed]]:
    """What is set against no other asset: its target or cost, the benchmark, a deposit, an average, the whole."""
    if _TARGET.match(right) and left:
        yield _set_facts([left[-1].subject], "weight", "model_weight", evidence)
        return
    if (cost := _set_cost(sentence, item, left, right, evidence)) is not None:
        yield cost
        return
    if not left and _NEED.match(right) and (need := _set_need(sentence, item, evidence)):
        yield need
        return
    benchmark = _find_benchmark(right, evidence)
    if benchmark is not None or _names_own(right):
        yield _set_benchmark(sentence, item, benchmark, left, evidence)
    if not left:
        yield _set_safe(sentence, item, right, evidence)
    if any(item.end <= sentence.spot(figure)[0] < item.right[1] for figure in sentence.figures):
        return  # a figure says of what
    cues = [cue for cue in sentence.cues if item.left[0] <= cue.start < item.right[1]]
    if left and _AVERAGE.match(right):
        yield _set_part(left[-1].subject, [cue for cue in cues if cue.start >= item.end], item, cues, evidence)
        yield _set_average(left[-1].subject, cues, evidence)
    elif not left:
        yield _set_whole(cues, item, evidence)


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
    sentence: Sentence, item: Comparison, left: Sequence[Mention], right: Sequence[Mention], evidence: Evidence
) -> Iterator[list[Weighed]]:
    ones = list(dict.fromkeys(name.subject for name in left))
    others = list(dict.fromkeys(name.subject for name in right))
    clause = sentence.plain[item.left[0] : item.right[1]]
    for measures in _list_measures(sentence, item):
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


def _set_facts(subjects: Sequence[str], one: str, other: str, evidence: Evidence) -> list[Weighed]:
    """Two measures of one asset."""
    found = []
    for subject in subjects:
        ones = [x for x in evidence.by_measure.get(one, []) if x.subject == subject]
        for held in evidence.by_measure.get(other, []):
            found += [
                Weighed(x.fact.value, held.fact.value, (x.fact, held.fact))
                for x in ones
                if held.subject == subject and x.section == held.section and x.fact.unit is held.fact.unit
            ]
    return found[:1]


def _set_cost(
    sentence: Sentence, item: Comparison, left: Sequence[Mention], right: str, evidence: Evidence
) -> list[Weighed] | None:
    """``worth less than it cost``, ``bought for more than it is worth``: the sign of the gain."""
    ahead = sentence.plain[item.left[0] : item.start]
    turned = _WORTH.match(right) is not None and _BOUGHT.search(ahead) is not None
    if not turned and (_COST.match(right) is None or re.search(r"\bpa(?:ys?|id)\b", ahead)):
        return None
    subjects = {name.subject for name in left}
    gains = [
        x.fact
        for x in evidence.by_measure.get("gain", [])
        if (x.subject in subjects or (left and x.fact.id in evidence.find_kin(left[-1].subject, one_of=False)))
        or (not left and x.subject is None)
    ]
    if not gains:
        return None
    sign = -1 if turned else 1
    end = min if item.more is not turned else max
    fact = end(gains, key=lambda gain: gain.value) if len({gain.value > 0 for gain in gains}) > 1 else gains[0]
    return [Weighed(fact.value * sign, Decimal(0), (fact,))]


def _find_benchmark(part: str, evidence: Evidence) -> re.Match[str] | None:
    """The benchmark right behind a comparison."""
    found = [
        match
        for pattern in (evidence.benchmark_pattern, evidence.vocabulary.benchmark)
        if (match := pattern.search(part)) is not None and _LEADING.fullmatch(part[: match.start()])
    ]
    return found[0] if found else None


def _names_own(right: str) -> bool:
    return (
        re.match(r"\s*(?:that\s+of\s+)?(?:the|our|your|her|his)\s+(?:portfolio|account|client)\b", right, re.IGNORECASE)
        is not None
    )


def _set_benchmark(
    sentence: Sentence, item: Comparison, benchmark: re.Match[str] | None, left: Sequence[Mention], evidence: Evidence
) -> list[Weighed]:
    """The portfolio against its benchmark, or that against it: by volatilities, beta, or by who is ahead."""
    if left:
        return []
    ahead = sentence.text[item.left[0] : item.start]
    of_benchmark = any(
        pattern.search(ahead) for pattern in (evidence.benchmark_pattern, evidence.vocabulary.benchmark)
    ) or (sentence.of_benchmark and IT.match(ahead) is not None)
    if (benchmark is None) is not of_benchmark:
        advantage = next((fact for name in _ADVANTAGES if (fact := evidence.find(name)) is not None), None)
        itself = benchmark is not None and _INDEX_ALONE.match(ahead) and not _OWN.search(ahead)
        return [Weighed(Decimal(0), Decimal(0), (advantage,))] if itself and advantage is not None else []
    words = sentence.text[item.start : item.end]
    cues = [cue.measure for cue in sentence.cues if item.left[0] <= cue.start < item.end]
    pairs: list[tuple[Fact | None, Fact | None]] = []
    if "volatility" in item.pole.measures or "volatility" in cues:
        own, other = evidence.find("volatility"), evidence.find("benchmark_volatility")
        if own is None or other is None or re.search(r"sensitive|moves", words, re.IGNORECASE):
            own, other = evidence.find("beta"), _ONE
        pairs = [(own, other)]
    elif item.pole.measures[:1] == ("return",) or not item.pole.measures:
        falls = evidence.vocabulary.directions[Direction.MOVE].search(ahead)
        spoken = not falls or falls.lastgroup != "down"
        if not item.pole.measures and not (
            spoken and {"return", "twr", "cagr", "xirr", "portfolio_return"} & set(cues)
        ):
            return []
        for name in _ADVANTAGES:
            if (fact := evidence.find(name)) is not None:
                return [_order(fact.value, Decimal(0), (fact,), turned=of_benchmark)]
    return [
        _order(one.value, other.value, (one, other), turned=of_benchmark)
        for one, other in pairs
        if one is not None and other is not None
    ]


def _order(one: Decimal, other: Decimal, facts: tuple[Fact, ...], *, turned: bool) -> Weighed:
    return Weighed(other, one, facts) if turned else Weighed(one, other, facts)


def _set_safe(sentence: Sentence, item: Comparison, right: str, evidence: Evidence) -> list[Weighed]:
    """``It beat a deposit``, ``a deposit would have done better``: whether the yearly return is above the risk-free
    rate."""
    own, safe = evidence.find("cagr"), evidence.find("risk_free")
    if own is None or safe is None or (item.pole.measures[:1] != ("return",) and "return" not in sentence.plain):
        return []
    if SAFE.search(right[:THAN_REACH]):
        return [Weighed(own.value, safe.value, (own, safe))]
    if SAFE.search(sentence.plain[item.left[0] : item.start]):
        return [Weighed(safe.value, own.value, (own, safe))]
    return []


def _set_need(sentence: Sentence, item: Comparison, evidence: Evidence) -> list[Weighed]:
    """``The income is more than is needed``: income, before tax and after it where none is said, against the need."""
    need, income = evidence.find("annual_need"), evidence.find("income")
    said = sentence.plain[: item.start]
    if need is None or income is None or income.currency != need.currency or not _OF_INCOME.search(said):
        return []
    after = evidence.find("income_after_tax")
    taxed = after is not None and not _BEFORE_TAX.search(said) and re.search(r"\btax\b", said, re.IGNORECASE)
    chosen = [after] if taxed else [income] if after is None or _BEFORE_TAX.search(said) else [income, after]
    return [Weighed(fact.value, need.value, (fact, need)) for fact in chosen if fact is not None]


def _set_part(
    subject: str, behind: Sequence[Cue], item: Comparison, cues: Sequence[Cue], evidence: Evidence
) -> list[Weighed]:
    """A figure of an asset against another of the whole (``its contribution is more than the return``)."""
    own = {cue.measure for cue in cues if cue.named and cue.end <= item.start}
    return [
        Weighed(x.fact.value, whole.value, (x.fact, whole))
        for whole in _list_whole(behind, evidence)
        for measure in own - {whole.measure}
        for x in evidence.by_measure.get(measure, [])
        if x.subject == subject and x.fact.unit is whole.unit and _is_related(x.fact, whole, evidence)
    ][:1]


def _set_average(subject: str, cues: Sequence[Cue], evidence: Evidence) -> list[Weighed]:
    for measure in dict.fromkeys(cue.measure for cue in sorted(cues, key=lambda cue: not cue.named)):
        own = [x.fact for x in evidence.by_measure.get(measure, []) if x.subject == subject]
        for name in _WHOLE_OF.get(measure, ()):
            for held in evidence.by_measure.get(name, []):
                fits = [fact for fact in own if fact.unit is held.fact.unit and held.fact.subject is None]
                if fits:
                    return [Weighed(fits[0].value, held.fact.value, (fits[0], held.fact))]
    return []


def _set_whole(cues: Sequence[Cue], item: Comparison, evidence: Evidence) -> list[Weighed]:
    """Two figures of the whole."""
    ones = _list_whole(
        [cue for cue in cues if cue.start < item.end and not (cue.start >= item.start and not item.noun)], evidence
    )
    others = _list_whole([cue for cue in cues if cue.start >= item.end], evidence)
    return [
        Weighed(one.value, other.value, (one, other))
        for one in ones
        for other in others
        if one.unit is other.unit and one.currency == other.currency and one.measure != other.measure
        and _same_time(one, other) and _is_related(one, other, evidence)
    ][:1]  # fmt: skip


def _is_related(one: Fact, other: Fact, evidence: Evidence) -> bool:
    """Whether two measures are of one family, so that one may be said to be above the other."""
    families = [evidence.vocabulary.measure(fact.measure).family for fact in (one, other)]
    return bool(families[0]) and families[0] == families[1]


def _same_time(one: Fact, other: Fact) -> bool:
    """Whether two returns are of one stretch of time."""
    times = {"per_year", "cumulative", "trailing"}
    said = [set(fact.bases) & times for fact in (one, other)]
    return not (said[0] and said[1] and not said[0] & said[1])


def _list_whole(cues: Sequence[Cue], evidence: Evidence) -> list[Fact]:
    """The facts of the whole portfolio that are named; of a range its end."""
    facts = []
    for measure in dict.fromkeys(cue.measure for cue in cues if cue.named and cue.measure not in _ITS_OWN):
        whole: list[Held] = [item for item in evidence.by_measure[measure] if item.subject is None]
        facts += [item.fact for item in reversed(whole)] if measure == "profile_range" else [x.fact for x in whole]
    return facts
