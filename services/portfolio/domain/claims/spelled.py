"""Numbers in words: cardinals with a unit or a noun that they count, fractions, multiples, and ratios of two."""

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache

from services.portfolio.domain.claims.around import before, behind
from services.portfolio.domain.claims.model import Bound, Printed
from services.portfolio.domain.number_words import SCALES, Unit
from services.portfolio.domain.vocabulary import NumberWords, Vocabulary

_UNITS = {
    "per cent": Unit.PERCENT,
    "percent": Unit.PERCENT,
    "percentage point": Unit.POINTS,
    "percentage points": Unit.POINTS,
    "points": Unit.POINTS,
    "point": Unit.POINTS,
    "basis points": Unit.BASIS_POINTS,
    "basis point": Unit.BASIS_POINTS,
    "times": Unit.MULTIPLE,
    "fold": Unit.MULTIPLE,
    "years": Unit.YEARS,
    "year": Unit.YEARS,
    "%": Unit.PERCENT,
    "days": Unit.DAYS,
    "prozent": Unit.PERCENT,
    "prozentpunkte": Unit.POINTS,
    "prozentpunkten": Unit.POINTS,
    "pour cent": Unit.PERCENT,
    "points de pourcentage": Unit.POINTS,
    "mal": Unit.MULTIPLE,
    "fois": Unit.MULTIPLE,
}
_CURRENCIES = {
    "rupees": "INR", "dollars": "USD", "us dollars": "USD", "euros": "EUR", "euro": "EUR", "pounds": "GBP",
    "pounds sterling": "GBP", "francs": "CHF", "swiss francs": "CHF", "yen": "JPY",
}  # fmt: skip
_GLYPHS = {"½": (1, 2), "⅓": (1, 3), "⅔": (2, 3), "¼": (1, 4), "¾": (3, 4), "⅕": (1, 5), "⅖": (2, 5), "⅗": (3, 5),
           "⅘": (4, 5), "⅙": (1, 6), "⅛": (1, 8), "⅜": (3, 8), "⅝": (5, 8), "⅞": (7, 8)}  # fmt: skip
_HUNDRED = Decimal(100)
_EXACT_STEP = Decimal("0.000001")


@lru_cache(maxsize=4)
def _patterns(vocabulary: Vocabulary) -> dict[str, re.Pattern[str]]:
    words = vocabulary.numbers
    small = "|".join(sorted([*words.units, *words.tens], key=len, reverse=True))
    number = (
        rf"(?:(?:a|{small})[\s-]+hundred(?:[\s-]+and)?[\s-]+)?(?:{'|'.join(words.tens)})[\s-](?:{'|'.join(words.units)})\b"
        rf"|(?:a|{small})[\s-]+hundred(?:[\s-]+and[\s-]+(?:{small})(?:-(?:{'|'.join(words.units)}))?)?|(?:{small})"
    )
    scale = "|".join(word for word in SCALES if len(word) > 3 and word.isascii())
    unit = "|".join(sorted(map(re.escape, _UNITS), key=len, reverse=True))
    money = "|".join(sorted(_CURRENCIES, key=len, reverse=True))
    fraction = "|".join(sorted(words.fractions, key=len, reverse=True))
    count = "|".join(sorted(words.units, key=len, reverse=True))
    return {
        "cardinal": re.compile(
            rf"(?<![\w-])(?P<number>{number})(?:\s+point\s+(?P<point>(?:(?:{count})\b\s*)+))?(?:\s+and\s+(?P<half>a\s+half|a\s+quarter|three\s+quarters))?"
            rf"(?:[\s-]+(?P<scale>{scale})\b)?(?:[\s-]*(?P<unit>{unit})(?!\w))?(?:\s+(?P<money>{money})\b)?(?!\w)",
            re.IGNORECASE,
        ),
        "fraction": re.compile(
            rf"(?<![\w-])(?:(?P<top>a|an|one|une|la|die|{count})[\s-]+)?(?P<bottom>{fraction})(?!\w)(?!-year)",
            re.IGNORECASE,
        ),
        "in": re.compile(
            rf"(?<![\w-])(?P<top>{count}|\d)(?:\s+\w+)?\s+(?:(?:in|out\s+of)\s+(?:every\s+)?|of\s+every\s+)(?P<bottom>{number}|"
            rf"\d+)(?!\w|\s*%)",
            re.IGNORECASE,
        ),
        "to_one": re.compile(
            rf"(?<![\w-])(?P<top>{count}|\d{{1,2}}(?:\.\d)?)(?:\s+to\s+|:)(?:one|1)(?![\w:]|\.\d|\s*%)", re.IGNORECASE
        ),
        "multiple": re.compile(
            rf"(?<![\w-])(?P<word>{'|'.join(words.multiples)})(?!\w|[\s-]A\b|[\s-]B\b|[\s-]digit)|(?<![\w-])(?P<fold>{count})[\s-]?fold(?!\w)",
            re.IGNORECASE,
        ),
        "none": re.compile(rf"(?<![\w-])(?P<none>{'|'.join(words.none)})(?!\w)", re.IGNORECASE),
    }


def read_spelled(masked: str, vocabulary: Vocabulary) -> list[Printed]:
    """The figures in words of a masked text, the longest reading of each place."""
    found = [
        *_read_glyphs(masked),
        *_read_odds(masked, vocabulary),
        *_read_ratios(masked, vocabulary),
        *_read_fractions(masked, vocabulary),
        *_read_multiples(masked, vocabulary),
        *_read_cardinals(masked, vocabulary),
        *_read_none(masked, vocabulary),
    ]
    kept: list[Printed] = []
    for item in sorted(found, key=lambda figure: (figure.start, -figure.end)):
        if not kept or kept[-1].end <= item.start:  # they are in order, so that no other reaches as far
            kept.append(item)
    return kept


def _share(match: re.Match[str], value: Decimal) -> Printed:
    return Printed(match[0], match.start(), match.end(), value, _EXACT_STEP, Unit.PERCENT, rounded=True)


def _read_glyphs(masked: str) -> Iterator[Printed]:
    for match in re.finditer(f"[{''.join(_GLYPHS)}]", masked):
        if match.start() and masked[match.start() - 1].isdigit():
            continue
        top, bottom = _GLYPHS[match[0]]
        yield _share(match, _HUNDRED * top / bottom)


def _read_odds(masked: str, vocabulary: Vocabulary) -> Iterator[Printed]:
    """``one month in twenty``."""
    for match in _patterns(vocabulary)["in"].finditer(masked):
        top, bottom = (_count(match[name], vocabulary.numbers) for name in ("top", "bottom"))
        if bottom > top > 0:
            yield _share(match, _HUNDRED * top / bottom)


def _read_ratios(masked: str, vocabulary: Vocabulary) -> Iterator[Printed]:
    """``four to one``, ``3:1``."""
    for match in _patterns(vocabulary)["to_one"].finditer(masked):
        word = match["top"]
        value = Decimal(word) if word[0].isdigit() else Decimal(_count(word, vocabulary.numbers))
        yield Printed(match[0], match.start(), match.end(), value, Decimal("0.5"), Unit.MULTIPLE, rounded=True)


def _read_fractions(masked: str, vocabulary: Vocabulary) -> Iterator[Printed]:
    for match in _patterns(vocabulary)["fraction"].finditer(masked):
        word = match["bottom"].lower()
        bottom = Decimal(vocabulary.numbers.fractions[word])
        plural = word.endswith("s") and word != "tiers"
        top_word = (match["top"] or "").lower()
        halved = word == "half" and _PART_OF.match(behind(masked, match.end()))
        if not top_word and word in vocabulary.numbers.ordinals:
            continue  # "the deposit third" is a place
        if not top_word and not halved and (plural or not _stands_as_share(masked, match, word)):
            continue
        if top_word and not plural and top_word not in _SINGLE and word not in _SAME_PLURAL:
            continue  # "two third" is none
        if not plural and top_word in {*_SINGLE, ""} and not _stands_as_share(masked, match, word):
            continue
        top = Decimal(_count(top_word, vocabulary.numbers) if top_word not in {"", *_SINGLE} else 1)
        if (part := _read_part(masked, match, top / bottom)) is not None:
            yield part
            continue
        if plural and _counts_periods(masked, match, word):
            continue
        yield _share(match, _HUNDRED * top / bottom)


_SAME_PLURAL = frozenset(
    {"tiers", "drittel", "viertel", "fünftel", "sechstel", "siebtel", "achtel", "neuntel", "zehntel"}
)
_SINGLE = frozenset({"a", "an", "one", "ein", "un", "la", "le", "die", "une"})
_PART_OF = re.compile(
    r"(?:\s+(?:of\s+)?an?\s+|[-\s](?=(?:percentage[- ])?point))(?P<unit>percentage[- ]point|point|"
    r"per ?cent|million|billion|crore|lakh)\b(?:\s+(?P<money>[a-z]+)\b)?",
    re.IGNORECASE,
)


def _read_part(masked: str, match: re.Match[str], share: Decimal) -> Printed | None:
    """``a quarter of a point``, ``half a million euros``: a part of a unit or of a scale."""
    found = _PART_OF.match(behind(masked, match.end()))
    if found is None:
        return None
    word = found["unit"].lower()
    end = match.end() + found.end("unit")
    if word in SCALES:
        currency = _CURRENCIES.get((found["money"] or "").lower())
        end = match.end() + found.end() if currency else end
        value, unit = share * SCALES[word], Unit.MONEY if currency else Unit.NUMBER
        return Printed(
            masked[match.start() : end], match.start(), end, value, value / 50, unit, 0, currency, True, True
        )
    unit = Unit.POINTS if "point" in word else Unit.PERCENT
    return Printed(masked[match.start() : end], match.start(), end, share, share / 5, unit, rounded=True)


_SHARE_AFTER = re.compile(
    r"^\s*(?:as\s+(?:large|big|much|high|great|heavy)\b|the\s+size\b|"
    r"of\b|in\b|is\b|des\b|der\b|du\b|de\b|d['’]|vom\b|,|\.|\)|to\b|its\b|the\b|their\b|what\b|from\b|par\b|sur\b|auf\b|von\b|gegenüber\b|on\s+top\b|"
    r"more\b|less\b|above\b|below\b|higher\b|lower\b|larger\b|smaller\b|bigger\b|ahead\b|since\b|against\b|and\b|but\b|or\b|"
    r"compared\b|while\b|whereas\b|within\b|would\b|short\b|mehr\b|weniger\b)",
    re.IGNORECASE,
)


_SITS = re.compile(
    r"\s*(?:sits?|goes|went|comes|came|lies|stays?|stems?|remains?|was|were|are|has|have|entfällt|liegt|steckt|stammt|"
    r"est|sont|vient|reste)\b",
    re.IGNORECASE,
)
"""Verbs behind a share that is their subject."""


_JOINS = re.compile(r"\s+(?:and|but|or|while|whereas)\b", re.IGNORECASE)
_ENDED = re.compile(r"\b(?:finish|end|clos|start|beg[ai]n)\w*(?:\s+(?:a|any|each))?$", re.IGNORECASE)


_OF_TIME = re.compile(
    r"\s*(?:of\s+(?:(?:the|this|last|next)\s+)?(?:financial\s+|fiscal\s+|calendar\s+)?(?:year|(?:19|20)\d\d|\x00)|[,.;]|$)",
    re.IGNORECASE,
)
"""What stands behind a half that is a time."""


def _stands_as_share(masked: str, match: re.Match[str], word: str) -> bool:
    """Whether a fraction is one: ``a third of``, ``by a quarter``, not ``a third fund`` or ``the third quarter``."""
    after = behind(masked, match.end())
    ahead = before(masked, match.start()).rstrip().lower()
    if word == "quarter" and _JOINS.match(after) and not re.search(r"\bby$", ahead):
        return False  # "lasted one quarter and was recovered"
    if word == "quarter" and _ENDED.search(ahead):
        return False  # "never finished a quarter below 480,000"
    if word in {"quarter", "half", "second"} and re.match(r"\s*(?:to|ended|ending|year)\b", after, re.IGNORECASE):
        return False
    if word == "half" and re.search(r"\b(?:first|second)$", ahead) and _OF_TIME.match(after):
        return False  # "in the first half of 2026"
    part = re.match(
        r"\s*(?:of\s+(?!(?:19|20)\d\d)|(?:above|below|more|less|higher|lower|larger|smaller)\b)", after
    ) and re.search(r"\b(?:over|under)$", ahead)
    if (
        word == "quarter"
        and not part  # "just over a quarter of the assets" is no time
        and re.search(r"(?:per|each|every|last|this|the|first|second|third|fourth|that|over|during)$", ahead)
    ):
        return False
    if word == "quarter" and not match["top"]:
        return False
    if (
        word == "quarter"
        and re.match(r"a ", match[0], re.IGNORECASE)
        and re.search(r"(?:%|points|cent|\d|income|pays)$", ahead)
    ):
        return False
    if not match["top"] and re.search(r"\b(?:the|its|a|second|first|their|other)$", ahead) and word != "half":
        return False
    if match["top"] and word not in {"quarter", "second"} and _SITS.match(after):
        return True
    return bool(_SHARE_AFTER.match(after)) or not after.strip() or word == "half"


def _counts_periods(masked: str, match: re.Match[str], word: str) -> bool:
    return word == "quarters" and not _PART_BEHIND.match(behind(masked, match.end()))


_PART_BEHIND = re.compile(
    r"\s*(?:of|in|is|as|above|below|more|less|higher|lower|larger|smaller|up|down|ahead|behind|over|under)\b",
    re.IGNORECASE,
)
"""What makes ``three quarters`` a part, and no time."""


def _read_multiples(masked: str, vocabulary: Vocabulary) -> Iterator[Printed]:
    for match in _patterns(vocabulary)["multiple"].finditer(masked):
        if match["fold"]:
            value = Decimal(_count(match["fold"], vocabulary.numbers))
        else:
            value = vocabulary.numbers.multiples[match["word"].lower()]
        if re.search(r"\b(?:think|once or)\s*$", before(masked, match.start())):
            continue
        yield Printed(match[0], match.start(), match.end(), value, _EXACT_STEP, Unit.MULTIPLE, rounded=True)


def _read_cardinals(masked: str, vocabulary: Vocabulary) -> Iterator[Printed]:
    """Numbers in words with a unit, a scale or a currency; without one, where what they count stands behind."""
    for match in _patterns(vocabulary)["cardinal"].finditer(masked):
        value = Decimal(_count(match["number"], vocabulary.numbers))
        step = Decimal(1)
        if match["point"]:
            digits = [str(vocabulary.numbers.units[word.lower()]) for word in match["point"].split()]
            value += Decimal(f"0.{''.join(digits)}")
            step = Decimal(1).scaleb(-len(digits))
        if match["half"]:
            part = {"half": "0.5", "quarter": "0.25"}.get(match["half"].split()[-1].lower(), "0.75")
            value, step = value + Decimal(part), Decimal("0.1")
        if not (match["unit"] or match["scale"] or match["money"]) and not _counts(masked, match, vocabulary):
            continue
        if (
            match["unit"]
            and match["unit"].lower() in {"year", "point"}
            and value == 1
            and not (match["unit"].lower() == "point" and _DISTANCE.match(behind(masked, match.end())))
        ):
            continue  # "one year" is a time, not a figure
        if not match["unit"] and _FOR_EACH.search(before(masked, match.start())):
            yield Printed(match[0].rstrip(), match.start(), match.start() + len(match[0].rstrip()), value,
                          Decimal("0.5") * step, Unit.MULTIPLE, rounded=True)  # fmt: skip
            continue
        scale = SCALES[match["scale"].lower()] if match["scale"] else Decimal(1)
        unit = _UNITS.get(re.sub(r"[\s-]+", " ", (match["unit"] or "")).lower(), Unit.NUMBER)
        currency = _CURRENCIES.get((match["money"] or "").lower())
        if currency is not None:
            unit = Unit.MONEY
        text = match[0].rstrip()
        yield Printed(
            text, match.start(), match.start() + len(text), value * scale, step * scale, unit, currency=currency,
            scaled=scale != 1,
        )  # fmt: skip


_FOR_EACH = re.compile(
    r"\bfor\s+(?:every|each)\s+(?:rupee|dollar|pound|euro|franc|yen)\b[^.;,\d]{2,60}?,?\s+(?:there\s+(?:are|is)|(?:\w+\s+)?(?:holds?|has|have))"
    r"\s+(?:about\s+|some\s+|roughly\s+|almost\s+|nearly\s+|more\s+than\s+|over\s+|just\s+over\s+)?$",
    re.IGNORECASE,
)
"""``For every pound in bonds there are`` three: so many times as much."""
_DISTANCE = re.compile(
    r"\s+(?:less|more|above|below|over|under|short|ahead|behind|heav\w+|light\w*|off|higher|lower|overweight|"
    r"underweight|better|worse)\b",
    re.IGNORECASE,
)
"""What makes ``one point`` a distance."""
_TIME_NOUNS = r"[\s-]+(?:\w+\s+)?(?:months?|weeks?|quarters?|years?|days?)\b"
_A_TIME_BEFORE = re.compile(
    r"\b(?:in|over|for|took|takes|lasted|after|during|by|about|roughly|nearly|another|every|first|these|those|all|the)$"
)


def _counts(masked: str, match: re.Match[str], vocabulary: Vocabulary) -> bool:
    after = re.match(r"(?:[\s-]+[\w&']+){0,4}", behind(masked, match.end()))
    if after is None:
        return False
    ahead = before(masked, match.start()).rstrip().lower()
    if match["number"].lower() == "one":
        if re.search(
            r"\b(?:below|above|under|over|than|exceeds|nearly|almost|about|around|roughly)$", ahead
        ) and re.match(r"\s*(?:[.,;:)]|$|and\b|so\b)", behind(masked, match.end())):
            return True  # "beta is below one"
        if re.search(r"\b(?:the|this|that|which|each|every|no|any|a|is|as|by)$", ahead):
            return False
        nouns = re.match(r"\s+(?:of (?:the|its)\b|\w+)", behind(masked, match.end()))
        noun = vocabulary.counted.search(masked[match.end() : match.end() + 40])
        return bool(
            nouns
            and noun
            and noun.start() < 22
            and not re.match(
                r"\s+(?:unit|point|year|day|month|side|hand|moment|is|who|by)\b", behind(masked, match.end())
            )
        )
    if re.search(r"\b(?:last|past|next|within|latest|previous|coming|every)$", ahead) and re.match(
        r"\s+(?:months?|weeks?|quarters?|years?|days?)\b", behind(masked, match.end())
    ):
        return False  # a time, not a figure
    if _A_TIME_BEFORE.search(ahead) and re.match(_TIME_NOUNS, behind(masked, match.end()), re.IGNORECASE):
        return False
    if re.match(
        rf"{_TIME_NOUNS}\s+(?:to|ended|ending|since|until|from|before|after|of|ago|later|earlier)\b",
        behind(masked, match.end()),
    ):
        return False
    top = re.search(r"\b(?:top|largest|biggest|first|heaviest)$", ahead)
    return bool(top) or vocabulary.counted.search(after[0]) is not None


def _read_none(masked: str, vocabulary: Vocabulary) -> Iterator[Printed]:
    """``No rule is broken``: a count of zero, where what is counted stands behind."""
    for match in _patterns(vocabulary)["none"].finditer(masked):
        after = re.match(r"(?:\s+[\w&']+){1,4}", behind(masked, match.end()))
        word = match["none"].lower()
        if after is None or (word in {"neither", "nothing"} and not after[0].lower().startswith(" of")):
            continue
        if re.match(
            r"\s+(?:more|less|longer|reason|doubt|need|fewer|other|better|one|further|income|cash|news|trades?)\b",
            after[0],
            re.IGNORECASE,
        ):
            continue
        if vocabulary.counted.search(after[0]):
            yield Printed(match[0], match.start(), match.end(), Decimal(0), Decimal(1), Unit.NUMBER, bound=Bound.EXACT)


def _count(text: str, words: NumberWords) -> int:
    """A cardinal in words, or digits."""
    if text.isdigit():
        return int(text)
    total = part = 0
    for word in re.split(r"[\s-]+", text.lower()):
        if word in {"a", "an"}:
            part += 1
        elif word in words.powers:
            part *= words.powers[word]
        else:
            part += words.units.get(word, words.tens.get(word, 0))
    return total + part
