"""Figures that are one step from facts: sums, differences and ratios of facts that their sentence names."""

import re
from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal
from itertools import combinations

from services.portfolio.domain.claims.comparable import is_against, is_comparable, is_divisible
from services.portfolio.domain.claims.evidence import Evidence
from services.portfolio.domain.claims.fitting import agrees, convert, is_close
from services.portfolio.domain.claims.model import Bound, Held, Printed
from services.portfolio.domain.claims.peers import allow_measures
from services.portfolio.domain.claims.sentences import Sentence
from services.portfolio.domain.claims.settings import Setting
from services.portfolio.domain.claims.signs import check_sign
from services.portfolio.domain.claims.summing import Found, find_sum
from services.portfolio.domain.facts import Fact
from services.portfolio.domain.number_words import Unit
from services.portfolio.domain.vocabulary import Vocabulary

_PAIR = 2
_POOL = 26
_HUNDRED = Decimal(100)

_THAN_NAME = re.compile(r"\s*(?:\w+\s+){0,3}(?:than|als|que)\s+(?:that\s+of\s+)?(?:the\s+)?\x01", re.IGNORECASE)
_BY_SIZE = re.compile(r"\s*(?:as\s+(?:large|big|heavy)\b|the\s+size\s+of\b|so\s+(?:groß|schwer)\b)", re.IGNORECASE)
_SIZED = frozenset({"weight", "market_value", "model_weight", "top_1", "equity_share", "capital_share"})
"""What things are large or small by."""
_CEILINGS = frozenset({"limit", "profile_range", "annual_need"})
_HEADROOM = re.compile(
    r"\b(?:another|headroom|room|before(?!\s+(?:any\s+)?tax)|to spare|still|may|could|can)\b", re.IGNORECASE
)
_SHARES = frozenset({Unit.PERCENT, Unit.POINTS})


_BY_VERB = frozenset({"contribution", "gain", "return"})
"""Measures that verbs name: what one cost, or added."""
_OF_PORTFOLIO = re.compile(
    r"\s*of\s+(?:the\s+|all\s+|total\s+|her\s+|his\s+|their\s+|its\s+|your\s+)*(?:portfolio|whole|assets|everything|money|book|account|"
    r"holdings|wealth)\b(?!['’]s|\s+(?:return|gain|loss|income|result|yield|risk|decline|fall|drop|duration|performance))",
    re.IGNORECASE,
)


def derive(setting: Setting, pool: Sequence[Fact], evidence: Evidence, named: Collection[str] = ()) -> Found | None:
    """The fact and the formula that a figure is one step from, or None. ``pool`` are the facts that its sentence, or
    the
    one before it, states or names; ``named`` the measures that the sentence names without a doubt."""
    vocabulary = evidence.vocabulary
    near = f"{setting.before[-70:]} {setting.figure.text} {setting.after[:70]}"
    if (found := find_sum(setting, pool, evidence)) is not None:
        return found
    if setting.figure.unit in {Unit.POINTS, Unit.BASIS_POINTS} and _TOGETHER_BY_SIGN.search(setting.sentence.plain):
        return None  # what all the losers cost is their sum, and nothing else by chance
    of_whole = setting.subject is not None and setting.figure.rounded and _OF_PORTFOLIO.match(setting.after)
    if of_whole or _is_sum_of_list(setting):
        return None  # a part of the whole is a weight, or a sum of weights
    members = list(pool)[:_POOL]
    allowed = (
        allow_measures(near) | set(named) | {cue.measure for cue in setting.sentence.cues if cue.measure in _BY_VERB}
    )
    told = _find_told(setting, members)
    mentioned = len({mention.subject for mention in setting.sentence.mentions})
    whole = _find_whole(setting)
    by_ratio = setting.figure.unit is Unit.MULTIPLE or setting.figure.rounded or vocabulary.times.search(near)
    per_one = _PER_ONE.search(setting.sentence.plain)
    by_size = (
        _BY_SIZE.match(setting.after) is not None
        and mentioned > 1
        and not _SIZED.isdisjoint(fact.measure for fact in members)
    )
    for first, second in combinations(members, 2):
        if not is_comparable(first, second, evidence):
            continue
        if (
            mentioned > 1
            and (first.subject is None) is not (second.subject is None)
            and _THAN_NAME.match(setting.after)
        ):
            continue  # "a point less than A" is set against A, and not against the whole
        if (
            (vocabulary.apart.search(near) or _is_plain_gap(setting, first, second))
            and is_against(first, second, named)
            and (found := _match_difference(setting, first, second, vocabulary))
        ):
            return found
        measures = {first.measure, second.measure}
        if (
            ((by_ratio and (not whole or not whole.isdisjoint(measures))) or per_one)
            and (not by_size or measures <= _SIZED)
            and is_divisible(first, second, named, mentioned)
            and (len(measures) > 1 or None in {first.subject, second.subject} or not measures.isdisjoint(allowed))
            and (not told or first in told or second in told)
            and not _is_share_of_whole(setting, first, second)
            and (found := _match_ratio(setting, first, second, vocabulary))
        ):
            return found
    if (found := _match_stated_ratio(setting, members) or _match_needed(setting, members, evidence)) is not None:
        return found
    if (found := _match_time(setting, members) or _match_shift(setting, members, vocabulary)) is not None:
        return found
    if setting.figure.unit is Unit.MULTIPLE:
        return _match_growth(setting, members, vocabulary)
    return _match_rest(setting, members)


_OF_THE = re.compile(r"\s*of\s+(?:the|its|all|our|your|her|his|their|total)?\s*", re.IGNORECASE)


_THE = re.compile(r"\s*(?:the|its)\s+", re.IGNORECASE)


def _find_whole(setting: Setting) -> set[str]:
    """The measures that a share, or a multiple, is said to be of (``half of the income``, ``twice the weight``)."""
    pattern = {Unit.PERCENT: _OF_THE, Unit.MULTIPLE: _THE}.get(setting.figure.unit)
    match = pattern.match(setting.after) if pattern is not None else None
    if match is None:
        return set()
    place = setting.end + match.end()
    found = {cue.measure for cue in setting.sentence.cues if cue.named and cue.start <= place < cue.end}
    return set() if "weight" in found and pattern is _OF_THE else found  # "of the total" may be of anything


def _is_sum_of_list(setting: Setting) -> bool:
    """Whether a figure in points is said of several together: it is their sum, and no difference of two of them."""
    if setting.figure.unit not in {Unit.POINTS, Unit.BASIS_POINTS}:
        return False
    names = [item for item in setting.sentence.mentions if item.end <= setting.start]
    between = setting.sentence.plain[names[-1].end : setting.start] if len(names) >= _PAIR else ""
    return bool(between) and re.match(r"\s*(?:together|combined|between them|jointly)\b", between) is not None


def _match_stated_ratio(setting: Setting, pool: Sequence[Fact]) -> Found | None:
    """``nearly double``, ``twice``: how the two other figures of a sentence stand to one another."""
    figure = setting.figure
    if figure.unit is not Unit.MULTIPLE or not figure.rounded:
        return None
    shown = [item for item in setting.sentence.figures if item is not figure and item.unit is not Unit.NUMBER]
    stated = [fact for fact in pool[: len(shown)] if any(is_close(item, abs(fact.value)) for item in shown)]
    for first, second in combinations(stated, 2):
        if first.unit is second.unit and second.value and first.value:
            high, low = sorted((first, second), key=lambda fact: -abs(fact.value))
            if agrees(setting, abs(high.value) / abs(low.value)):
                return high, f"{high.id} / {low.id}"
    return None


_TELLS_MORE = re.compile(
    r"\s*,?\s*(?:which|that|and that)\s+(?:is|was|are|were|makes?|comes? to|represents?|equals?|amounts? to)\b",
    re.IGNORECASE,
)


def _find_told(setting: Setting, pool: Sequence[Fact]) -> list[Fact]:
    """What ``which is`` says more of: the facts of the figure before it; none where nothing is referred to."""
    if not setting.index or not _TELLS_MORE.match(setting.before):
        return []
    last = setting.sentence.figures[setting.index - 1]
    return [fact for fact in pool if fact.unit is last.unit and is_close(last, abs(fact.value))]


_NEEDED = re.compile(
    r"\b(?:get|go|come|climb|return) back to\b|\b(?:regain|recover|make good|break even|reach|meet|cover)\b",
    re.IGNORECASE,
)


def _match_needed(setting: Setting, pool: Sequence[Fact], evidence: Evidence) -> Found | None:
    """The rise that is needed to reach what is missed: ``a gain of 39% would be needed to get back to the high``, ``9%
    more income to meet the need``."""
    figure = setting.figure
    if figure.unit is not Unit.PERCENT or not _NEEDED.search(setting.sentence.plain):
        return None
    fall = evidence.find("current_drawdown")
    if fall is not None and any(fact.measure in {"current_drawdown", "drawdown"} for fact in pool):
        missing = -fall.value / (_HUNDRED + fall.value) * _HUNDRED
        if agrees(setting, missing):
            return fall, f"1 / (1 + {fall.id}) - 1"
    for name in ("income_cover_after_tax", "income_cover"):
        cover = evidence.find(name)
        named = any(fact.measure in {"income", "annual_need", "income_cover", "income_after_tax"} for fact in pool)
        short = cover is not None and named and 0 < cover.value < _HUNDRED
        if cover is not None and short and agrees(setting, (_HUNDRED / cover.value - 1) * _HUNDRED):
            return cover, f"1 / {cover.id} - 1"
    return None


_TOGETHER_BY_SIGN = re.compile(
    r"\b(?:losers?|gainers|winners|laggards|decliners|risers|fallers)\b[^;.\x01]{0,30}\b(?:together|combined|"
    r"in all|in total|between them|"
    r"altogether|jointly)\b|\b(?:together|combined|between them)\W+(?:\w+\W+){0,3}(?:losers|gainers|winners|"
    r"laggards)\b",
    re.IGNORECASE,
)
_PER_ONE = re.compile(r"\bfor\s+(?:every|each)\s+(?:rupee|dollar|pound|euro|franc|yen)\b", re.IGNORECASE)


def _is_plain_gap(setting: Setting, first: Fact, second: Fact) -> bool:
    """Whether points are those between the shares of two assets that the sentence names: the unit itself says that
    they are a difference."""
    named = {mention.subject for mention in setting.sentence.mentions}
    reference = {first.measure, second.measure} & {"limit", "profile_range"}
    if setting.figure.unit in {Unit.POINTS, Unit.BASIS_POINTS} and reference and first.measure != second.measure:
        return True  # the distance from a limit that the sentence names
    return (
        setting.figure.unit in {Unit.POINTS, Unit.BASIS_POINTS}
        and first.measure == second.measure
        and first.unit is second.unit is Unit.PERCENT
        and first.subject is not None
        and second.subject is not None
        and first.subject != second.subject
        and len(named) == _PAIR
    )


def _is_share_of_whole(setting: Setting, first: Fact, second: Fact) -> bool:
    """Whether a fraction is said of the whole (``three quarters of the income``), and not of another asset's figure."""
    if setting.figure.unit is not Unit.PERCENT or first.measure != second.measure:
        return False
    if first.subject is None or second.subject is None:
        return False
    return re.match(r"\s*of\s+(?:the|its|all|our|your|this)?\s*\x01", setting.after) is None and not re.match(
        r"\s*(?:(?:of|as)\s+(?:that|what|it|large|big|much|high)|the\s+(?:size|weight|value|amount)\s+of)\b",
        setting.after,
    )


def _may_differ(figure: Printed, unit: Unit, first: Fact, second: Fact) -> bool:
    """Whether a figure is in the unit that a difference of two facts is in."""
    if figure.unit is unit:
        return True
    if figure.unit is Unit.PERCENT:
        return first.unit is second.unit is Unit.PERCENT and figure.rounded and first.measure == second.measure
    if figure.unit is not Unit.NUMBER:
        return False
    return unit in {Unit.MONEY, Unit.NUMBER} or (unit in {Unit.POINTS, Unit.MULTIPLE} and figure.step < 1)


def _match_difference(setting: Setting, first: Fact, second: Fact, vocabulary: Vocabulary) -> Found | None:
    figure = setting.figure
    shares = {Unit.PERCENT, Unit.POINTS}
    if first.unit is not second.unit and not {first.unit, second.unit} <= shares:
        return None
    unit = Unit.POINTS if first.unit in shares else first.unit
    values = [abs(fact.value) if fact.unit is Unit.POINTS else fact.value for fact in (first, second)]
    difference = values[0] - values[1]
    if _is_of_other_period(setting, first, second):
        return None
    if figure.unit is Unit.BASIS_POINTS and unit is Unit.POINTS:
        difference *= 100
    elif not _may_differ(figure, unit, first, second):
        return None
    if not difference or not agrees(setting, difference):
        return None
    larger, smaller = (first, second) if difference > 0 else (second, first)
    if _is_other_side(setting, larger, smaller, vocabulary):
        return None
    if _HEADROOM.search(setting.sentence.plain) and smaller.measure in _CEILINGS:
        return None  # what is past its limit has no room left
    return larger, f"{larger.id} - {smaller.id}"


_SIDES = re.compile(
    r"\b(?:(?P<up>outweighs?|exceeds?|above|ahead of|(?:more|larger|bigger|higher|greater|heavier|"
    r"better)\b[^,;.]{0,30}\bthan)|"
    r"(?P<down>below|behind|trails?|lags?|(?:less|smaller|lower|fewer|lighter|worse)\b[^,;.]{0,30}\bthan))\b",
    re.IGNORECASE,
)


def _is_other_side(setting: Setting, larger: Fact, smaller: Fact, vocabulary: Vocabulary) -> bool:
    """Whether the words say of two assets that the one is the larger which is the smaller (``A outweighs B by 2``)."""
    if larger.subject is None or smaller.subject is None or larger.measure != smaller.measure:
        return False
    order = [mention.subject for mention in setting.sentence.mentions]
    keys = vocabulary.key(larger.subject), vocabulary.key(smaller.subject)
    match = _SIDES.search(setting.sentence.plain)
    if keys[0] == keys[1] or match is None or sorted(set(order)) != sorted(set(keys)):
        return False
    if setting.sentence.mentions[0].start > match.start() or larger.value < 0:
        return False
    return (order[0] == keys[0]) is not (match["up"] is not None)


def _is_of_other_period(setting: Setting, first: Fact, second: Fact) -> bool:
    """Whether amounts are by the year where the words say by the month, or the other way round."""
    said = setting.bases & _PER_YEAR.keys()
    return first.unit is Unit.MONEY and any(
        said and (own := set(fact.bases) & _PER_YEAR.keys()) and not own & said for fact in (first, second)
    )


def _match_ratio(setting: Setting, first: Fact, second: Fact, vocabulary: Vocabulary) -> Found | None:
    figure = setting.figure
    if (first.unit is not second.unit and not {first.unit, second.unit} <= _SHARES) or figure.sign < 0:
        return None
    for top, bottom in ((first, second), (second, first)):
        if not bottom.value or _is_turned(setting, top, bottom, vocabulary):
            continue
        ratio = top.value / bottom.value
        if figure.unit is Unit.PERCENT and (
            top.unit in {Unit.MONEY, Unit.NUMBER} or figure.rounded or top.unit is Unit.POINTS
        ):
            ratio *= _HUNDRED
        elif figure.unit is not Unit.MULTIPLE and not (figure.unit is Unit.NUMBER and figure.step < 1):
            continue
        if agrees(setting, ratio):
            return top, f"{top.id} / {bottom.id}"
    return None


_AS_MUCH = re.compile(
    r"\s*(?:times\s+)?(?:(?:as|so)\s+\w+(?:\s+\w+){0,2}?(?:\s+\x01+)?\s+as|(?:more|larger|bigger|higher)\s+than|"
    r"the\s+(?:size|weight|value|"
    r"amount|share|income|yield)\s+of|(?:that\s+of|what)\b|(?:as|so)\s+(?:much|large|big|heavy|high|many)\b)",
    re.IGNORECASE,
)
_STARTS_BESIDE = re.compile(
    r"^\W*(?:compared (?:with|to)|beside|next to|unlike|against|measured against)\s+(?:the\s+)?$", re.IGNORECASE
)


def _is_turned(setting: Setting, top: Fact, bottom: Fact, vocabulary: Vocabulary) -> bool:
    """Whether a sentence says a ratio of two assets the other way round: what is named first is so many times as large
    as what is named then."""
    if top.subject is None or bottom.subject is None or top.measure != bottom.measure:
        return False
    if not _AS_MUCH.match(setting.sentence.plain[setting.end :]):
        return False
    order = [mention.subject for mention in setting.sentence.mentions]
    keys = vocabulary.key(top.subject), vocabulary.key(bottom.subject)
    if keys[0] == keys[1] or any(key not in order for key in keys):
        return False
    beside = _STARTS_BESIDE.match(setting.sentence.plain[: setting.sentence.mentions[0].start]) is not None
    return (order.index(keys[0]) > order.index(keys[1])) is not beside


def _match_growth(setting: Setting, pool: Sequence[Fact], vocabulary: Vocabulary) -> Found | None:
    """``doubled``: what a growth of a hundred percent makes of money; of what is named, where something is."""
    figure = setting.figure
    for fact in pool:
        grows = fact.unit is Unit.PERCENT and fact.signed and ("cumulative" in fact.bases)
        owner = vocabulary.key(fact.subject) if fact.subject else None
        if not grows or owner != setting.subject:
            continue
        growth = 1 + fact.value / _HUNDRED
        more = setting.bound is Bound.ABOVE and figure.value < growth < figure.value + 1
        if more or agrees(setting, growth):  # "more than doubled" is said until it has tripled
            return fact, f"1 + {fact.id}"
    return None


_PER_YEAR = {"per_year": 1, "per_quarter": 4, "per_month": 12}


def _match_time(setting: Setting, pool: Sequence[Fact]) -> Found | None:
    """A yearly amount by the month, or a monthly one by the year."""
    said = next((_PER_YEAR[basis] for basis in setting.bases if basis in _PER_YEAR), None)
    if said is None or setting.figure.unit not in {Unit.MONEY, Unit.NUMBER}:
        return None
    for fact in pool:
        own = next((_PER_YEAR[basis] for basis in fact.bases if basis in _PER_YEAR), None)
        if own is not None and own != said and fact.unit is Unit.MONEY and agrees(setting, fact.value * own / said):
            return fact, f"{fact.id} x {own} / {said}"
    return None


_REST = re.compile(r"\b(?:rest|remain\w*|others?|left|without|outside|balance|not|elsewhere)\b", re.IGNORECASE)


def read_shift(sentence: Sentence) -> Decimal | None:
    """By how many points rates are said to move, None where no one shift is named."""
    shifts = [
        abs(figure.value) / (_HUNDRED if figure.unit is Unit.BASIS_POINTS else 1)
        for figure in sentence.figures
        if figure.unit in {Unit.POINTS, Unit.BASIS_POINTS}
    ]
    return shifts[0] if len(shifts) == 1 else None


def _match_shift(setting: Setting, pool: Sequence[Fact], vocabulary: Vocabulary) -> Found | None:
    """What a shift of rates other than by one point costs."""
    shift = read_shift(setting.sentence)
    if shift is None or shift == 1 or setting.figure.unit in {Unit.POINTS, Unit.BASIS_POINTS}:
        return None
    for fact in pool:
        alike = fact.measure == "sensitivity" and convert(setting.figure, fact) is not None
        if alike and agrees(setting, fact.value * shift) and check_sign(setting, fact, fact.value, vocabulary) is None:
            return fact, f"{fact.id} x {shift.normalize():f}"
    return None


def _match_rest(setting: Setting, pool: Sequence[Fact]) -> Found | None:
    """``the rest``: what a share leaves of the whole."""
    near = f"{re.split(r'[;:.]', setting.before)[-1][-60:]} {re.split(r'[;:.,]', setting.after)[0][:60]}"
    if setting.figure.unit is not Unit.PERCENT or not _REST.search(near):
        return None
    for fact in pool:
        if fact.unit is Unit.PERCENT and 0 < fact.value < _HUNDRED and agrees(setting, _HUNDRED - fact.value):
            return fact, f"100 - {fact.id}"
    return None


def gather_pool(stated: Iterable[Fact], named: Iterable[Held]) -> list[Fact]:
    """The facts that a figure may be one step from: those stated beside it first, then those that are named."""
    pool: dict[tuple[str, str | None, Unit, Decimal], Fact] = {}
    for fact in (*stated, *(item.fact for item in named)):
        key = fact.measure, fact.subject.casefold() if fact.subject else None, fact.unit, fact.value
        pool.setdefault(key, fact)  # a figure that two facts give is one
    return list(pool.values())[:_POOL]
