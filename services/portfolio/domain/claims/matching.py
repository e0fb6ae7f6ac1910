"""How well a figure's words name a fact, and whether its value, sign, unit and basis are the fact's."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from services.portfolio.domain.claims.model import Bound, Held, Printed
from services.portfolio.domain.claims.sentences import Cue
from services.portfolio.domain.claims.settings import Setting
from services.portfolio.domain.facts import Fact
from services.portfolio.domain.number_words import Unit
from services.portfolio.domain.vocabulary import Direction, Vocabulary

_NAMED, _LOOSE, _NO_CUE = 12.0, 6.0, -3.0
_CHARACTERS_A_POINT = 9
_FARTHEST = 7.0
_CROSSED_FIGURE, _CROSSED_BOUNDARY, _CROSSED_COMMA, _BEHIND = 4.0, 4.0, 3.0, 0.5
_SUBJECT, _KIN, _OTHER_SUBJECT, _NO_SUBJECT, _NEAR_SUBJECT = 8.0, 6.0, -14.0, -6.0, -5.0
_WHOLE = 1.5
_IN_BRACKETS = 10.0
_OWNER, _OTHER_OWNER = 4.0, -14.0
_OWN_RETURNS = frozenset({"twr", "cagr", "xirr", "portfolio_return", "trailing_return", "gain"})
_AS_MULTIPLES = frozenset({"income_cover", "up_capture", "down_capture"})
"""Shares that are said as multiples too: a need covered 1.2 times."""
_AFTERWARDS = re.compile(r"\b(?:would|should|will|after|once|if|carrying out|rebalanc\w+)\b", re.IGNORECASE)
_OPENS_RANGE = re.compile(r"\s*(?:to|and|-|–)\s*[\d.,]+\s?%?\s*(?:range|corridor)\b", re.IGNORECASE)
"""``the 40% to 65% range``: the first of the two is an end of it too."""
_ARRIVES = re.compile(r"\b(?:to|at)\s+(?:about\s+|around\s+|just\s+)?$", re.IGNORECASE)
_NO_DIRECTION = re.compile(
    r"\b(?:fall(?:s|en|ing)?|fell)\s+short\b|"
    r"\bover\s+(?:the\s+)?(?:whole\s+|last\s+|past\s+|same\s+)*(?:\w+\s+)?(?:years?|months?|quarters?|periods?|time)\b",
    re.IGNORECASE,
)
"""Words of direction that say none: a shortfall is no fall, and a time is not above anything."""
_OF_BENCHMARK = {"benchmark_volatility": "volatility"}
"""Measures that the benchmark has as the portfolio has them, by the words of which both are known."""
_NEAR_FRACTION = Decimal("0.06")
_BASIS, _OTHER_BASIS = 3.0, -14.0
_NEGATIVE = re.compile(r"\b(?:negative|minus|short|overdr\w+|deficit)\b", re.IGNORECASE)
_OWED = re.compile(r"\b(?:drawn|drew|borrow\w*|owe[sd]?|owing|indebted|loans?)\b", re.IGNORECASE)
"""Words of debt: a share that is owed is written without a sign."""
_POSITIVE = re.compile(r"\bpositive\b", re.IGNORECASE)
_TIMES = frozenset({"per_year", "per_month", "per_quarter", "cumulative", "trailing"})
_TAXES = frozenset({"after_tax", "before_tax"})
_RATES_FALL = re.compile(
    r"\b(?:fall|decline|drop|cut|decrease|reduction)\w*\s+(?:\w+\s+){0,2}in\s+(?:\w+\s+)?(?:rates|yields)|"
    r"\b(?:rates|yields)\s+(?:\w+\s+){0,2}(?:fall|fell|decline|drop|come down|came down|go down|went down)",
    re.IGNORECASE,
)
_REFERRED = re.compile(r"\b(?:of|from) the\s*$", re.IGNORECASE)
_GAP = re.compile(r"\b(?:gap|differen\w+|distance|spread|margin)\b", re.IGNORECASE)
_COMPARED = re.compile(r"\b(?:against|versus|vs|compared (?:with|to)|than|gegenüber|contre)\b", re.IGNORECASE)
_LOOSE_BOUND = Decimal("0.25")
_NEAR_SHARE = Decimal("0.04")
_JUST_SHARE = Decimal("0.1")
_FALLS = frozenset({"drawdown", "current_drawdown", "var", "cvar"})
_JOINED = re.compile(r"\s*(?:of|at|is|was|to|:|=)?\s*", re.IGNORECASE)
_NEXT_WORDS = 40
_BY = 18


@dataclass(frozen=True, slots=True)
class Score:
    """How well the words beside a figure name a fact; ``named`` where one of its names does."""

    total: float
    named: bool
    cue: float = 0.0
    """How well its own words stand by the figure, whatever asset is named."""
    conflict: str | None = None
    elsewhere: bool = False
    """Whether it is of another time, tax or owner than the words say."""


def convert(figure: Printed, fact: Fact) -> Decimal | None:
    """The fact's value in the figure's unit, or None where the units do not match."""
    unit, printed = fact.unit, figure.unit
    if printed is unit:
        return fact.value
    if printed is Unit.BASIS_POINTS and unit in {Unit.PERCENT, Unit.POINTS}:
        return fact.value * 100
    if (
        printed is Unit.PERCENT
        and unit is Unit.POINTS
        and fact.measure in {"contribution", "total_contribution", "band", "unexplained_return"}
    ):
        return fact.value  # a contribution of 0.4% is how many write 0.4 points of the portfolio's return
    if printed is Unit.POINTS and unit is Unit.PERCENT and fact.measure == "sensitivity":
        return fact.value
    if printed is Unit.NUMBER and unit in {Unit.MONEY, Unit.MULTIPLE}:
        return fact.value
    if printed is Unit.NUMBER and unit is Unit.YEARS and fact.measure == "duration":
        return fact.value
    if printed is Unit.MULTIPLE and fact.measure in _AS_MULTIPLES:
        times = fact.value / 100
        return times if abs(times - figure.value) <= abs(figure.value) * _LOOSE_BOUND else None
    if printed is Unit.MULTIPLE and unit is Unit.NUMBER and not figure.rounded:
        return fact.value
    if printed is Unit.POINTS and fact.measure == "portfolio_return":
        return fact.value  # "1.17 of the 3.1 points lost"
    return None


def fits(figure: Printed, bound: Bound, value: Decimal) -> bool:
    """Whether a value is what a figure says: within half a unit of its last digit, or within its bound."""
    printed, value = abs(figure.value), abs(value)
    half = figure.step / 2
    slack = max(half, printed * _NEAR_SHARE) if figure.rounded or bound is Bound.NEAR else half
    if figure.rounded and bound is Bound.NEAR:
        slack = printed * _NEAR_FRACTION
    if bound is Bound.ABOVE:
        return value > printed
    if bound is Bound.BELOW:
        return value < printed
    if bound is Bound.UNDER:
        return printed * (1 - _JUST_SHARE) <= value <= printed + half
    if bound is Bound.OVER:
        return printed - half <= value <= printed * (1 + _JUST_SHARE)
    return abs(printed - value) <= slack


def agrees(setting: Setting, value: Decimal) -> bool:
    """Whether a computed value is the figure; a bound says too little unless the value is near it."""
    figure, bound = setting.figure, setting.bound
    if not fits(figure, bound, value):
        return False
    if bound in {Bound.ABOVE, Bound.BELOW}:
        return abs(abs(value) - abs(figure.value)) <= abs(figure.value) * _LOOSE_BOUND
    return True


def is_close(figure: Printed, value: Decimal) -> bool:
    """Whether a value is the figure as printed, whatever bound stands before it."""
    return fits(figure, Bound.EXACT, value)


Cues = Mapping[str, tuple[float, bool]]


def weigh_cues(setting: Setting) -> Cues:
    """How well each measure is named beside a figure, and whether by one of its names."""
    found: dict[str, tuple[float, bool]] = {}
    for cue in setting.sentence.cues:
        points = _weigh(cue, setting)
        if points > found.get(cue.measure, (_NO_CUE, False))[0]:
            found[cue.measure] = points, cue.named
    if _OPENS_RANGE.match(setting.sentence.plain[setting.end :]):
        found["profile_range"] = _NAMED, True
    return found


def score(setting: Setting, held: Held, vocabulary: Vocabulary, cues: Cues) -> Score:
    """How well the words name the fact; ``cues`` are the figure's, weighed."""
    fact = held.fact
    best, named = cues.get(fact.measure, (_NO_CUE, False))
    if _OF_BENCHMARK.get(fact.measure) in cues and "benchmark_return" in cues and setting.owner == "benchmark":
        best, named = max(best, cues["benchmark_return"][0] + 1), True  # "against 5.1% for the index"
    if fact.measure == "model_equity":
        best, named = _weigh_model_equity(setting, cues, best, named=named)
    total, conflict = best, None
    subject = _score_subject(setting, held, vocabulary, named=named)
    total += subject
    if subject <= _NO_SUBJECT:
        conflict = f"it stands beside {setting.subject}" if setting.subject else "which is not named nearby"
    basis = _score_basis(setting, fact)
    if basis < 0:
        conflict = f"it is {', '.join(fact.bases).replace('_', ' ')}"
    count = _score_count(setting, held, vocabulary)
    if fact.measure == "periods" and setting.partitive:
        conflict = "it is said of a part"
    if fact.measure == "count" and (setting.partitive or (held.formula is not None and count < 0)):
        conflict = "it is said of a part" if setting.partitive else f"it counts {held.nouns}"
    owner = _score_owner(setting, fact)
    if owner < 0:
        conflict = f"it stands beside the {setting.owner or 'portfolio'}"
    return Score(total + basis + owner + count, named, best, conflict, basis < 0 or owner < 0)


def _weigh_model_equity(setting: Setting, cues: Cues, best: float, *, named: bool) -> tuple[float, bool]:
    """The equity of the model where equity is named, and with it the model or what the trades would make of it
    (``equity is 11 points above the model's 60%``, ``selling these would bring equity to 57%``)."""
    if "equity_share" not in cues:
        return best, named
    if "model_weight" in cues and cues["model_weight"][1]:
        best, named = max(best, cues["model_weight"][0] + 0.5), True
    if _AFTERWARDS.search(setting.sentence.plain) and _ARRIVES.search(setting.before):
        best, named = max(best, cues["equity_share"][0] + 1), True
    return best, named


def _score_owner(setting: Setting, fact: Fact) -> float:
    """For returns: whether the words beside the figure speak of the benchmark or of the portfolio."""
    theirs = fact.measure == "benchmark_return" or fact.measure in _OF_BENCHMARK
    if theirs and not _names_benchmark(setting):
        return _OTHER_OWNER
    if setting.owner is None or fact.subject is not None:
        return 0.0
    if theirs:
        return _OWNER if setting.owner == "benchmark" else -_OWNER
    if fact.measure in _OF_BENCHMARK.values() and setting.owner == "benchmark":
        return _OTHER_OWNER
    if fact.measure in _OWN_RETURNS:
        return 0.0 if setting.owner == "portfolio" else _OTHER_OWNER
    return 0.0


def _names_benchmark(setting: Setting) -> bool:
    sentence = setting.sentence
    compared = _COMPARED.search(setting.before) or sentence.of_benchmark
    return bool(compared) or any(cue.measure == "benchmark_return" for cue in sentence.cues)


def _weigh(cue: Cue, setting: Setting) -> float:
    sentence = setting.sentence
    inside = cue.start >= setting.start and cue.end <= setting.end
    low, high = (cue.end, setting.start) if cue.end <= setting.start else (setting.end, cue.start)
    points = _NAMED if cue.named else _LOOSE
    if inside:
        return points
    if cue.start >= setting.end and _belongs_to_next(cue, setting):
        points -= _CROSSED_FIGURE
    gap = max(high - low, 0)
    points -= min(gap / _CHARACTERS_A_POINT, _FARTHEST)
    between = sentence.plain[low:high]
    crossed = sum(1 for other in sentence.figures if low <= sentence.spot(other)[0] and sentence.spot(other)[1] <= high)
    if setting.partitive and cue.start >= setting.end:
        crossed -= 1  # "three of the eight are ...": what is said of the three stands after the eight
    points -= crossed * _CROSSED_FIGURE
    points -= sum(1 for spot in sentence.boundaries if low <= spot < high) * _CROSSED_BOUNDARY
    points -= between.count(",") * _CROSSED_COMMA
    if cue.start >= setting.end and "(" in between and ")" not in between:
        points -= _IN_BRACKETS  # what stands in brackets is of what stands there
    return points - (_BEHIND if cue.start >= setting.end else 0)


def _belongs_to_next(cue: Cue, setting: Setting) -> bool:
    """Whether words stand right before the next figure of a list, whose name they are (``£118,600, cost £76,250``)."""
    following = setting.sentence.figures[setting.index + 1 : setting.index + 2]
    if not following:
        return False
    ahead = setting.sentence.plain[setting.end : cue.start]
    between = setting.sentence.plain[cue.end : setting.sentence.spot(following[0])[0]]
    return _JOINED.fullmatch(between) is not None and ("," in ahead or len(between) < len(ahead))


def _score_subject(setting: Setting, held: Held, vocabulary: Vocabulary, *, named: bool) -> float:
    fact, bound = held.fact, setting.subject
    if (subject := held.subject) is not None:
        if bound == subject:
            return _SUBJECT
        if bound is None:
            return _NO_SUBJECT
        if fact.id in setting.kin:
            return _KIN
        mentioned = any(mention.subject == subject for mention in setting.sentence.mentions)
        return _OTHER_SUBJECT if not mentioned else _OTHER_SUBJECT + 4
    measure = vocabulary.measure(fact.measure)
    if bound is None or not setting.sentence.mentions:
        return _WHOLE
    if measure.whole:
        return 0.0 if not setting.direct else -1.0 if named else _NEAR_SUBJECT
    last = [mention for mention in setting.sentence.mentions if mention.end <= setting.start]
    between = setting.sentence.plain[last[-1].end : setting.start] if last else setting.before
    if not setting.direct and (
        vocabulary.portfolio.search(between) or vocabulary.portfolio.match(setting.after.lstrip())
    ):
        return _WHOLE
    if not setting.direct and re.search(r"[,;:]", between):
        return 0.0
    return _NO_SUBJECT


def _score_basis(setting: Setting, fact: Fact) -> float:
    points = 0.0
    for kinds in (_TIMES, _TAXES):
        said, own = setting.bases & kinds, set(fact.bases) & kinds
        if said and own:
            points += _BASIS if said & own else _OTHER_BASIS
    return points


def _score_count(setting: Setting, held: Held, vocabulary: Vocabulary) -> float:
    """For counts: the noun right behind the figure says what is counted."""
    measure = vocabulary.measure(held.fact.measure)
    if held.fact.unit is not Unit.NUMBER or setting.figure.unit is not Unit.NUMBER or not held.nouns:
        return 0.0
    after = re.split(r"[,.;:(]", setting.after, maxsplit=1)[0][:45].lower()
    stems = [word[:5] for word in held.nouns.lower().split()]
    words = re.findall(r"[a-z]+", after)[:6]
    hits = sum(any(word.startswith(stem) for word in words) for stem in stems)
    return 3.0 * hits if hits else (-3.0 if measure.counts else -5.0)


def check_sign(setting: Setting, fact: Fact, value: Decimal, vocabulary: Vocabulary) -> str | None:
    """What is wrong with the printed sign, or the nearest verb, beside the fact's value; None where nothing is."""
    figure = setting.figure
    if not value or not figure.value:
        return None
    if fact.measure == "sensitivity" and _RATES_FALL.search(setting.sentence.plain):
        value = -value
    if fact.measure == "excess_return" and _tells_of_benchmark(setting, vocabulary):
        value = -value
    direction = vocabulary.measure(fact.measure).direction
    positive = value > 0
    if not fact.signed or direction is None:
        return _check_unsigned(setting, fact, positive=positive)
    word, sign = find_direction(setting, vocabulary, direction)
    if not sign and not figure.sign and direction is not Direction.TRADE and (found := _compared_behind(setting)):
        word, sign = found
    if not figure.sign and not sign and _REFERRED.search(setting.before):
        return None  # "of the 3.1 points" speaks of them again and says no direction
    if fact.measure in _FALLS and figure.sign <= 0 and not (sign > 0 and word and _stands_by(setting, word)):
        return None  # a fall is one in whatever words
    if figure.sign and sign and figure.sign != sign and word and _governs(setting, word):
        return f"the sign and the word {word!r} disagree"
    if not sign and not figure.sign and _is_told_elsewhere(setting, vocabulary, direction, positive=positive):
        return None
    claimed = (figure.sign or sign or 1) > 0
    if (
        claimed != positive
        and not figure.sign
        and word
        and not _stands_by(setting, word)
        and _says(setting, vocabulary, direction, "up" if positive else "down")
    ):
        return None
    if claimed != positive:
        reason = f"the word {word!r} says" if word and not figure.sign else "the text says"
        return f"{fact.label} is {'positive' if positive else 'negative'}, {reason} otherwise"
    return None


def _check_unsigned(setting: Setting, fact: Fact, *, positive: bool) -> str | None:
    """What is wrong with the sign of a figure that no verb gives a direction."""
    owed = fact.measure == "weight" and _OWED.search(setting.sentence.plain)
    claimed = setting.figure.sign >= 0 and (positive or not (owed or _NEGATIVE.search(setting.before)))
    claimed = claimed or (not positive and _POSITIVE.search(setting.before) is not None)
    return None if claimed == positive else f"{fact.label} is {'positive' if positive else 'negative'}"


def _is_told_elsewhere(setting: Setting, vocabulary: Vocabulary, direction: Direction, *, positive: bool) -> bool:
    """Whether a figure without a direction of its own is a mere distance, or its sentence speaks of a fall anywhere."""
    if _GAP.search(setting.sentence.plain):
        return True
    downs = (direction, Direction.LEVEL) if direction is Direction.MOVE else (direction,)
    return not positive and any(_says(setting, vocabulary, item, "down") for item in downs)


_BEHIND_IT = re.compile(
    r"\s*(?:\(?[^\s()]+\)\s*)?(?:(?P<up>more|above|higher|better|ahead|over|dearer)|"
    r"(?P<down>less|below|lower|worse|behind|under|short|cheaper))\b(?!\s+(?:the|a|an)?\s*(?:period|year|month|whole|last|past))",
    re.IGNORECASE,
)


def _compared_behind(setting: Setting) -> tuple[str, int] | None:
    """The comparative right behind a figure (``15% less than it cost``), which says on which side it lies."""
    match = _BEHIND_IT.match(setting.after)
    return (match[0].strip(), 1 if match["up"] else -1) if match else None


def _tells_of_benchmark(setting: Setting, vocabulary: Vocabulary) -> bool:
    """Whether the sentence is about the benchmark and names the portfolio nowhere before the figure."""
    ahead = setting.sentence.plain[: setting.start]
    if setting.sentence.of_benchmark:
        return True
    head = re.match(r"(?:the\s+)?", ahead, re.IGNORECASE)
    return bool(head and vocabulary.benchmark.match(ahead, head.end())) and not vocabulary.portfolio.search(ahead)


def _says(setting: Setting, vocabulary: Vocabulary, direction: Direction, way: str) -> bool:
    """Whether anything in the sentence speaks of that direction, as a list does at its end (``... were the
    losers``)."""
    return any(match.lastgroup == way for match in vocabulary.directions[direction].finditer(setting.sentence.plain))


def _stands_by(setting: Setting, word: str) -> bool:
    """Whether a word of direction stands right by the figure."""
    position = setting.before.rfind(word)
    if position >= 0:
        between = setting.before[position + len(word) :]
        return len(between) <= _BY and not re.search(r"[,;:\x01]", between)
    position = setting.after.find(word)
    return 0 <= position <= _BY


def _governs(setting: Setting, word: str) -> bool:
    """Whether a verb governs the figure: nothing but plain words between them."""
    position = setting.before.rfind(word)
    between = setting.before[position + len(word) :]
    verb = re.fullmatch(
        r"(?:\w+ed|rose|risen|fell|fallen|lost|shed|slid|above|below|overweight|underweight|ahead|behind|up|down|bought|sold)",
        word,
        re.IGNORECASE,
    )
    return position >= 0 and bool(verb) and not re.search(r"[,;:(\x01]", between)


def find_direction(setting: Setting, vocabulary: Vocabulary, direction: Direction) -> tuple[str | None, int]:
    """The nearest word of direction: before the figure up to the last one, then right after, then earlier in the
    clause."""
    pattern = vocabulary.directions[direction]
    near = _after_boundary(_blank_idle(setting.before), vocabulary)
    stop = max((match.end() for match in re.finditer(r"[,;:]|\x01+", near)), default=0)
    if (found := _last(pattern, near[stop:])) is not None:
        return found
    stops = r"[,.:(;]" if direction is Direction.TRADE else r"[,.:(;\x01]"
    after = vocabulary.boundaries.split(re.split(stops, _blank_idle(setting.after), maxsplit=1)[0])[0]
    following = setting.sentence.figures[setting.index + 1 : setting.index + 2]
    if following and following[0].unit is Unit.YEARS:
        after = re.sub(r"\bover\s*$", "", after)  # "over five years" is a time
    if (match := pattern.search(after)) and match.lastgroup != "neutral" and match.start() < _NEXT_WORDS:
        return match[0], 1 if match.lastgroup == "up" else -1
    if (found := _last(pattern, near[:stop])) is not None:
        return found
    if len(near) == len(setting.before):
        ahead = _blank_idle(setting.sentence.plain[: setting.start - len(setting.before)])
        earlier = _after_boundary(ahead, vocabulary)
        if (found := _last(pattern, earlier)) is not None:
            return found
    return None, 0


def _blank_idle(text: str) -> str:
    return _NO_DIRECTION.sub(lambda match: " " * len(match[0]), text)


def _after_boundary(text: str, vocabulary: Vocabulary) -> str:
    boundaries = list(vocabulary.boundaries.finditer(text))
    return text[boundaries[-1].end() :] if boundaries else text


def _last(pattern: re.Pattern[str], text: str) -> tuple[str | None, int] | None:
    matches = list(pattern.finditer(text))
    if not matches:
        return None
    match = matches[-1]
    return (None, 0) if match.lastgroup == "neutral" else (match[0], 1 if match.lastgroup == "up" else -1)
