"""Whether the printed sign of a figure, or the word of direction beside it, is that of the fact's value."""

import re
from decimal import Decimal

from services.portfolio.domain.claims.settings import Setting
from services.portfolio.domain.facts import Fact
from services.portfolio.domain.number_words import Unit
from services.portfolio.domain.vocabulary import Direction, Vocabulary

_NO_DIRECTION = re.compile(
    r"\bproceeds\s+(?:would|will|could|can|should|go|are|of|from)\b|"
    r"\b(?:fall(?:s|en|ing)?|fell)\s+short\b|"
    r"\bover\s+(?:the\s+)?(?:whole\s+|last\s+|past\s+|same\s+)*(?:\w+\s+)?(?:years?|months?|quarters?|periods?|time)\b",
    re.IGNORECASE,
)
"""Words of direction that say none: a shortfall is no fall, and a time is not above anything."""
_NEGATIVE = re.compile(r"\b(?:negative|minus|short|overdr\w+|deficit)\b", re.IGNORECASE)
_OWED = re.compile(r"\b(?:drawn|drew|borrow\w*|owe[sd]?|owing|indebted|loans?)\b", re.IGNORECASE)
"""Words of debt: a share that is owed is written without a sign."""
_POSITIVE = re.compile(r"\bpositive\b", re.IGNORECASE)
_RATES_FALL = re.compile(
    r"\b(?:fall|decline|drop|cut|decrease|reduction|easing|dip|retreat)\w*\s+(?:of\s+[^,;:.]{1,30}?\s+)?(?:\w+\s+){0,2}in\s+(?:\w+\s+)?(?:rates|yields)|"
    r"\b(?:rates|yields)\s+(?:\w+\s+){0,2}(?:fall|fell|decline|drop|eas\w+|soften|slip|slide|retreat|dip|sink|"
    r"come down|came down|go down|went down|be cut|be lower)",
    re.IGNORECASE,
)
_OF_THAT = re.compile(r"\s*of\s+(?:that|it|this|them|those)\b", re.IGNORECASE)
_REFERRED = re.compile(r"\b(?:of|from) the\s*$", re.IGNORECASE)
_GAP = re.compile(
    r"\b(?:gap|differen\w+|distance|spread|margin|stray\w*|deviat\w*|depart\w*|drift\w*|away from|"
    r"off (?:its|their|the)|apart|"
    r"outside|inside|within|either side)\b",
    re.IGNORECASE,
)
_FALLS = frozenset({"drawdown", "current_drawdown", "var", "cvar"})
_NEXT_WORDS = 40
_BY = 18


def check_sign(setting: Setting, fact: Fact, value: Decimal, vocabulary: Vocabulary) -> str | None:
    """What is wrong with the printed sign, or the nearest verb, beside the fact's value; None where nothing is."""
    figure = setting.figure
    if not value or not figure.value:
        return None
    if fact.measure == "sensitivity" and _RATES_FALL.search(setting.sentence.plain):
        value = -value
    if fact.measure == "excess_return" and tells_of_benchmark(setting, vocabulary):
        value = -value
    direction = vocabulary.measure(fact.measure).direction
    positive = value > 0
    if not fact.signed or direction is None:
        return _check_unsigned(setting, fact, positive=positive)
    word, sign = find_direction(setting, vocabulary, direction)
    if not sign and not figure.sign and direction is not Direction.TRADE and (found := _compared_behind(setting)):
        word, sign = found
    if not figure.sign and not sign and (_REFERRED.search(setting.before) or _OF_THAT.match(setting.after)):
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


def tells_of_benchmark(setting: Setting, vocabulary: Vocabulary) -> bool:
    """Whether the sentence is about the benchmark and names the portfolio nowhere before the figure."""
    ahead = setting.sentence.plain[: setting.start]
    if setting.sentence.of_benchmark:
        return True
    clause = re.split(r"[,;:]\s+(?:and|but|while|whereas)?\s*", ahead)[-1]
    if (named := vocabulary.benchmark.search(clause)) is not None:
        if _PASSED.match(clause, named.end()):
            return False  # who was beaten is not ahead
        if _LEFT.match(clause, named.end()):
            return True
    if _AS_SUBJECT.match(clause):
        return True
    if vocabulary.portfolio.search(ahead):
        return False
    named = vocabulary.benchmark.search(ahead)
    if named is None and setting.owner != "benchmark":
        return False
    before = ahead[: named.start()] if named else ahead
    return _OTHERS.search(before) is None and (_SET_AGAINST if named else _SET_ANYWHERE).search(before) is None


_AS_SUBJECT = re.compile(
    r"\W*(?:(?:so|and|but|thus|hence|then|overall)\s*,?\s+)?(?:the|its|their|our|your)\s+(?:benchmark|index)\s+"
    r"(?:lags?|lagged|trails?|trailed|beats?|beat|leads?|led|outperform\w*|underperform\w*|is\s+ahead|is\s+behind|was\s+ahead|"
    r"was\s+behind|exceeds?|exceeded)\b[^,;:]*\b(?:portfolio|account|client|fund)\b",
    re.IGNORECASE,
)
"""A benchmark that is said to be ahead of the portfolio, or behind it."""
_PASSED = re.compile(
    r"['’]?s?\s+(?:was|were|is|has been|had been)\s+(?:\w+ly\s+)?(?:beaten|outperformed|outpaced|outstripped|surpassed|"
    r"exceeded|overtaken|outdone|topped)\b",
    re.IGNORECASE,
)
_LEFT = re.compile(r"\s+(?:was|were|is|has been|had been)\s+(?:\w+ly\s+)?left\s+(?:far\s+)?behind\b", re.IGNORECASE)
_OTHERS = re.compile(r"\b(?:it|its|we|our|he|his|she|her|they|their|you|your|i|my)\b", re.IGNORECASE)
_SET = (
    r"\b(?:beat\w*|trail\w*|lag\w*|led|leads?|behind|ahead|than|below|above|over|against|versus|vs|with|to|"
    r"out\w+ed|under\w+ed|outdid|of|exceed\w*|miss\w*|match\w*)\b"
)
_SET_ANYWHERE = re.compile(_SET, re.IGNORECASE)
_SET_AGAINST = re.compile(_SET + r"\s+(?:\w+\s+)?$", re.IGNORECASE)
"""Words behind which the benchmark is what something else is set against."""


def _says(setting: Setting, vocabulary: Vocabulary, direction: Direction, way: str) -> bool:
    """Whether anything in the sentence speaks of that direction, as a list does at its end (``... were the
    losers``)."""
    return any(match.lastgroup == way for match in vocabulary.directions[direction].finditer(setting.sentence.plain))


def _stands_by(setting: Setting, word: str) -> bool:
    """Whether a word of direction stands right by the figure."""
    position = setting.before.rfind(word)
    between = setting.before[position + len(word) :]
    if position >= 0 and len(between) <= _BY and not re.search(r"[,;:\x01]", between):
        return True
    return 0 <= setting.after.find(word) <= _BY  # one that stands before may belong to another figure


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
        ahead = _blank_idle(_blank_bounds(setting))
        earlier = _after_boundary(ahead, vocabulary)
        if (found := _last(pattern, earlier)) is not None:
            return found
    return None, 0


def _blank_idle(text: str) -> str:
    return _NO_DIRECTION.sub(lambda match: " " * len(match[0]), text)


_BOUNDS = re.compile(
    r"\b(?:(?:just|slightly|well|far|little|only|a little|a touch)\s+)*(?:above|below|over|under|more than|"
    r"less than)\s+$",
    re.IGNORECASE,
)


def _blank_bounds(setting: Setting) -> str:
    """What stands before the figure before, without the words that bound one (``just below one``): they are its own."""
    sentence = setting.sentence
    text = sentence.plain[: setting.start - len(setting.before)]
    for other in sentence.figures[: setting.index]:
        start, _ = sentence.spot(other)
        if (match := _BOUNDS.search(text[:start])) is not None:
            text = text[: match.start()] + " " * (start - match.start()) + text[start:]
    return text


def _after_boundary(text: str, vocabulary: Vocabulary) -> str:
    boundaries = list(vocabulary.boundaries.finditer(text))
    return text[boundaries[-1].end() :] if boundaries else text


def _last(pattern: re.Pattern[str], text: str) -> tuple[str | None, int] | None:
    matches = list(pattern.finditer(text))
    if not matches:
        return None
    match = matches[-1]
    return (None, 0) if match.lastgroup == "neutral" else (match[0], 1 if match.lastgroup == "up" else -1)
