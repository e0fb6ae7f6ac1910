"""Figures that are told of the ends of a group without naming who stands there: ``yields range from 3% to 8%``, ``the
gap between the highest and the lowest coupon is two points``, ``65% is rated AA or better``; and how long after another
something falls due.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal

from services.portfolio.domain.claims.evidence import Evidence
from services.portfolio.domain.claims.fitting import agrees, convert
from services.portfolio.domain.claims.model import Outcome, Verdict
from services.portfolio.domain.claims.naming import make_claim
from services.portfolio.domain.claims.peers import list_peers
from services.portfolio.domain.claims.settings import Setting
from services.portfolio.domain.facts import Fact
from services.portfolio.domain.number_words import Unit

_HEDGE = r"(?:\s*(?:about|around|roughly|some|nearly|almost|just|only|over|under|a|an|well|little|more|less|than))*\s*"
_RANGE = re.compile(
    rf"\b(?:rang(?:e|es|ed|ing)|var(?:y|ies|ied|ying)|spread|span|spans|run|runs|lie|lies|go|goes|extend|extends|are|is)\s+"
    rf"(?:anywhere\s+)?(?:from|between){_HEDGE}$",
    re.IGNORECASE,
)
_TO = re.compile(rf"\)?\s*(?:to|and|up\s+to|–|-){_HEDGE}", re.IGNORECASE)
_MOST, _LEAST = r"highest|largest|biggest|greatest|longest|top|best", r"lowest|smallest|least|shortest|weakest|worst"
_BETWEEN = re.compile(
    rf"\b(?:between|separat\w+|from)\s+the\s+(?:{_MOST}|{_LEAST})\s+(?:[a-z]+\s+){{0,2}}?(?:and|from|to)\s+the\s+(?:{_MOST}|{_LEAST})\b",
    re.IGNORECASE,
)
_SUPERLATIVE = re.compile(
    rf"\bthe\s+(?:(?P<most>{_MOST})|(?P<least>{_LEAST}))\s+(?:single\s+|individual\s+)?(?P<noun>[a-z]+)(?:\s+in\s+the\s+\w+|\s+of\s+all|\s+of\s+the\s+\w+)?"
    rf"\s+(?:is|was|of|at|stands\s+at|amounts\s+to|comes\s+to|being){_HEDGE}$",
    re.IGNORECASE,
)
_RANKED = frozenset(
    {
        "yield",
        "ytm",
        "coupon",
        "duration",
        "weight",
        "return",
        "gain",
        "contribution",
        "income",
        "fee",
        "model_weight",
        "price",
    }
)
_AFTER = re.compile(
    r"\s*(?:(?P<after>after|later\s+than|longer\s+than)|before|earlier\s+than|sooner\s+than|ahead\s+of|shorter\s+than)\s+"
    r"(?:the\s+|that\s+of\s+)?(?=\x01)",
    re.IGNORECASE,
)
_SCALE = (
    "aaa", "aa+", "aa", "aa-", "a+", "a", "a-", "bbb+", "bbb", "bbb-", "bb+", "bb", "bb-", "b+", "b", "b-", "ccc+",
    "ccc", "ccc-", "cc", "c", "d",
)  # fmt: skip
"""Ratings as most agencies write them, the best first."""
_OR = re.compile(
    r"\b(?P<rating>[A-D]{1,3}[+-]?)\s+(?:or|and)\s+(?:(?P<better>better|higher|above)|(?P<worse>worse|lower|below))\b|"
    r"\b(?:at\s+least)\s+(?P<least>[A-D]{1,3}[+-]?)(?![\w+-])"
)
_YEAR = Decimal("365.25")


def check_ends(setting: Setting, settings: Sequence[Setting], evidence: Evidence) -> Verdict | None:
    """The verdict on a figure that is said of an end of a group, or of how far its ends are apart."""
    text = setting.sentence.plain
    if setting.figure.unit is Unit.YEARS and (match := _AFTER.match(text, setting.end)) is not None:
        return _check_lapse(setting, match, evidence)
    if setting.figure.unit is Unit.PERCENT and (verdict := _check_grades(setting, evidence)) is not None:
        return verdict
    if setting.sentence.mentions or setting.owner == "benchmark":
        return None
    if _BETWEEN.search(text) and setting.figure.unit in {Unit.POINTS, Unit.PERCENT, Unit.BASIS_POINTS, Unit.MONEY}:
        return _judge(setting, evidence, _spread, "{high} - {low}")
    if _RANGE.search(setting.before):
        following = settings[setting.index + 1 : setting.index + 2]
        if following and _TO.fullmatch(following[0].before) and following[0].figure.unit is setting.figure.unit:
            return _judge(setting, evidence, min, "least of {low}")
    if setting.index and _TO.fullmatch(setting.before) and _RANGE.search(settings[setting.index - 1].before):
        return _judge(setting, evidence, max, "most of {high}")
    if (match := _SUPERLATIVE.search(setting.before)) is not None and match["noun"].lower() not in {"month", "quarter"}:
        if match["most"]:
            return _judge(setting, evidence, max, "most of {high}")
        return _judge(setting, evidence, min, "least of {low}")
    return None


def _spread(low: Decimal, high: Decimal) -> Decimal:
    return high - low


def _check_grades(setting: Setting, evidence: Evidence) -> Verdict | None:
    """``65% is rated AA+ or better``: what has such ratings together."""
    match = _OR.search(setting.sentence.text)
    held = [item for item in evidence.by_measure.get("quality_weight", []) if item.subject in _SCALE]
    rating = (match["rating"] or match["least"]).casefold() if match is not None else ""
    if match is None or len(setting.sentence.figures) > 1 or rating not in _SCALE or not held:
        return None
    edge, below = _SCALE.index(rating), match["worse"] is not None
    chosen = [item.fact for item in held for place in (_SCALE.index(item.subject or ""),)
              if (place >= edge if below else place <= edge)]  # fmt: skip
    if not chosen:
        return None
    total = sum((fact.value for fact in chosen), Decimal(0))
    if agrees(setting, total):
        formula = " + ".join(fact.id for fact in chosen)
        return Verdict(make_claim(setting, chosen[0]), Outcome.DERIVED, chosen[0], formula)
    why = f"it is {round(total, 2)}%"
    return Verdict(make_claim(setting, chosen[0]), Outcome.CONTRADICTED, chosen[0], why=why, fault=True)


def _judge(
    setting: Setting, evidence: Evidence, tell: Callable[[Decimal, Decimal], Decimal], formula: str
) -> Verdict | None:
    """The verdict on a figure that a group's least and most give."""
    first: tuple[Fact, Decimal] | None = None
    for low, high in _list_groups(setting, evidence):
        value = tell(low.value, high.value)
        if setting.figure.unit is Unit.BASIS_POINTS:
            value *= 100
        if agrees(setting, value):
            shown = formula.format(low=low.id, high=high.id)
            return Verdict(make_claim(setting, high), Outcome.DERIVED, high, shown)
        first = first or (high, value)
    if first is None:
        return None
    why = f"it is {round(first[1], 2)}"
    return Verdict(make_claim(setting, first[0]), Outcome.CONTRADICTED, first[0], why=why, fault=True)


def _list_groups(setting: Setting, evidence: Evidence) -> Iterator[tuple[Fact, Fact]]:
    """The least and the most of each group of facts that the words name, in units that the figure may be in."""
    cued = dict.fromkeys(cue.measure for cue in setting.sentence.cues if cue.named and cue.measure in _RANKED)
    for table in list_peers(tuple(cued), (), evidence, sent=True):
        facts = sorted(table.values(), key=lambda fact: fact.value)
        spread = facts[0].unit is Unit.PERCENT and setting.figure.unit in {Unit.POINTS, Unit.BASIS_POINTS}
        if len(facts) > 1 and (spread or convert(setting.figure, facts[0]) is not None):
            yield facts[0], facts[-1]


def _check_lapse(setting: Setting, match: re.Match[str], evidence: Evidence) -> Verdict | None:
    """``matures in 2036, seven years after B``: the years between two days."""
    sentence, at = setting.sentence, match.end()
    other = next((item.subject for item in sentence.mentions if item.start == at), None)
    before = [item.subject for item in sentence.mentions if item.end <= setting.start]
    own = before[-1] if before else sentence.carried
    days = {
        item.subject: item.fact for item in evidence.by_measure.get("maturity", []) if item.subject and item.fact.dates
    }
    if own is None or other is None or own not in days or other not in days:
        return None
    one, two = days[own], days[other]
    years = Decimal((one.dates[0] - two.dates[0]).days) / _YEAR
    said = setting.figure.value if match["after"] else -setting.figure.value
    if abs(years - said) <= max(setting.figure.step / 2, Decimal("0.5")):
        return Verdict(make_claim(setting, one), Outcome.DERIVED, one, f"{one.id} - {two.id}")
    why = f"it is {round(years, 1)} years later"
    return Verdict(make_claim(setting, one), Outcome.CONTRADICTED, one, why=why, fault=True)
