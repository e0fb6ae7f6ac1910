"""What something is compared with that is no other asset: its target or cost, the benchmark, a deposit, an average, the
need, another figure of the whole."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from services.portfolio.domain.claims.clauses import IT, SAFE, THAN_REACH, Comparison
from services.portfolio.domain.claims.evidence import Evidence
from services.portfolio.domain.claims.model import Held
from services.portfolio.domain.claims.sentences import Cue, Sentence
from services.portfolio.domain.claims.subjects import Mention
from services.portfolio.domain.facts import Fact
from services.portfolio.domain.number_words import Unit
from services.portfolio.domain.vocabulary import Direction

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


def weigh_lines(
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
