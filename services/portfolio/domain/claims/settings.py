"""A figure in its sentence: what stands around it, which subject it speaks of, how exactly and of which basis."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from services.portfolio.domain.claims.evidence import Evidence
from services.portfolio.domain.claims.model import Bound, Printed
from services.portfolio.domain.claims.sentences import Sentence
from services.portfolio.domain.number_words import Unit
from services.portfolio.domain.vocabulary import Vocabulary

_LINK_AFTER = re.compile(
    r"^\)?\s*(?:of\s+(?:it|them|this|that|these|those)\s+)?(?:(?:is|are|was|were)\s+(?=(?:in|held|kept|invested|parked)\b))?"
    r"(?:(?:held|kept|invested|placed|put|earned|paid|lost|made|owned|parked|tied up|generated|"
    r"supplied)\s+)?(?:in|for|of|from|by|to|into|on|is|was|are|comes from|came from|sits in|sat in|stems from)?\s*"
    r"(?:the\s+|your\s+|our\s+|its\s+)?\"?$",
    re.IGNORECASE,
)
_APPOSITION = re.compile(r"^\s*,\s*(?:at|with|to|or|reaching)\s+(?:a\s+|its\s+)?$", re.IGNORECASE)
_COMPARED_NAME = re.compile(
    r"\b(?:above|below|than|from|against|versus|vs|behind|ahead of|over|under|exceeds|exceed|beats|of|"
    r"as)\s+(?:the\s+|its\s+)?$",
    re.IGNORECASE,
)
_SET_AGAINST = re.compile(r"\b(?:above|below|than|ahead of|behind|against|over|under)\b", re.IGNORECASE)
_PAIR = 2
_BASIS_REACH = 45
_TIMES = frozenset({"per_year", "per_month", "per_quarter", "cumulative", "trailing"})
_TAXES = frozenset({"after_tax", "before_tax"})


@dataclass(frozen=True, slots=True)
class Setting:
    """One figure of a sentence. ``before`` and ``after`` reach to the figures beside it; ``subject`` is what it speaks
    of, casefolded, None for the whole; ``direct`` where nothing but a link stands between them."""

    figure: Printed
    sentence: Sentence
    start: int
    end: int
    before: str
    after: str
    index: int
    bound: Bound
    bases: frozenset[str]
    subject: str | None
    direct: bool
    owner: str | None = None
    """``benchmark`` or ``portfolio``, where the words beside the figure say whose it is."""
    ranged: bool = False
    """Whether it is an end of ``between ... and ...``."""
    kin: frozenset[str] = frozenset()
    """Ids of facts of what the subject's name may stand for too."""
    paired: bool = False
    """Whether it is one of a list of figures beside a list of as many names."""
    partitive: bool = False
    """Whether it is a part of another count (``three of the eight``)."""


def place(sentence: Sentence, evidence: Evidence) -> list[Setting]:
    """The settings of a sentence's figures, in order."""
    figures = sentence.figures
    found = []
    for index, figure in enumerate(figures):
        start, end = sentence.spot(figure)
        left = sentence.spot(figures[index - 1])[1] if index else 0
        right = sentence.spot(figures[index + 1])[0] if index + 1 < len(figures) else len(sentence.plain)
        before, after = sentence.plain[left:start], sentence.plain[end:right]
        subject, direct = _bind(sentence, figures, index)
        found.append(
            Setting(
                figure, sentence, start, end, before, after, index, _read_bound(before, after, figure,
                _opens_range(sentence, index), evidence.vocabulary),
                _read_bases(sentence, start, end, left, right, evidence.vocabulary), subject, direct,
                _read_owner(sentence, start, end, left, right, evidence),
                _opens_range(sentence, index) or re.search(r"\bbetween\s*$", before) is not None,
                _find_kin(sentence, subject, evidence), _is_paired(sentence, figures, index),
                index + 1 < len(figures) and _OF_ANOTHER.fullmatch(after) is not None,
            )
        )  # fmt: skip
    return found


def _find_kin(sentence: Sentence, subject: str | None, evidence: Evidence) -> frozenset[str]:
    if subject is None:
        return frozenset()
    one_of = any(
        mention.subject == subject and _ONE_OF.match(sentence.plain[mention.end :]) for mention in sentence.mentions
    )
    return evidence.find_kin(subject, one_of=one_of)


_ONE_OF = re.compile(r"\s+(?:etf|fund|stock|share|note|bond|trust)\b", re.IGNORECASE)
_OF_ANOTHER = re.compile(
    r"\s+(?:(?:out )?of (?:the |its |our |your )?|der |von (?:den )?|des |sur (?:les )?)", re.IGNORECASE
)
_DENIED = re.compile(r"\b(?:no|never|not|nor|neither|n't|without)\b[^,;.]*$", re.IGNORECASE)
_FLIPPED = {Bound.ABOVE: Bound.BELOW, Bound.BELOW: Bound.ABOVE}


def _read_bound(before: str, after: str, figure: Printed, between: bool, vocabulary: Vocabulary) -> Bound:
    tail = before[-40:].rstrip("( ")
    best: tuple[int, str] | None = None
    if re.search(r"\bbetween$", tail):
        return Bound.ABOVE
    if re.fullmatch(r"\s*and", tail) and between:
        return Bound.BELOW
    for kind, pattern in vocabulary.bounds.items():
        if (match := pattern.search(tail)) and (best is None or len(match[0]) > best[0]):
            best = (len(match[0]), kind)
    if figure.unit in {Unit.YEARS, Unit.DAYS} and re.match(r"\s+ago\b", after):
        return Bound.EXACT  # "less than five years ago" compares with that day
    if re.match(r"\s+or (?:more|higher|above|better)\b", after):
        return Bound.ABOVE
    if re.match(r"\s+or (?:less|lower|below|fewer)\b", after):
        return Bound.BELOW
    if (
        best is not None
        and figure.unit in {Unit.YEARS, Unit.DAYS}
        and re.search(r"\b(?:over|within)\s*$", tail, re.IGNORECASE)
    ):
        return Bound.EXACT  # "over five years" is a time
    if best is None:
        return Bound.NEAR if re.match(r"\s+or so\b", after) else Bound.EXACT
    bound = Bound(best[1])
    if bound in _FLIPPED and _DENIED.search(tail[: len(tail) - best[0]]):
        return _FLIPPED[bound]  # "at no point more than 30%"
    return bound


def _opens_range(sentence: Sentence, index: int) -> bool:
    """Whether the figure before stands after ``between``."""
    return (
        index > 0
        and re.search(r"\bbetween\s*$", sentence.plain[: sentence.spot(sentence.figures[index - 1])[0]]) is not None
    )


_AFTER_IT = re.compile(r"\s*(?:after|net\s+of|once)\s+(?:it|that|this)\b", re.IGNORECASE)
"""``94% before tax and 76% after it``."""


def _read_bases(
    sentence: Sentence, start: int, end: int, left: int, right: int, vocabulary: Vocabulary
) -> frozenset[str]:
    """The bases that stand beside a figure: after it first, for there they belong to it, else before it."""
    text = sentence.plain
    stop = next((spot for spot in sentence.boundaries if spot >= end), len(text))
    behind = text[end : min(right, stop, end + _BASIS_REACH)]
    first = max((spot for spot in sentence.boundaries if spot < start), default=0)
    ahead = text[max(left, first) : start]
    if left > first and "," in ahead:
        ahead = ahead[ahead.index(",") :]  # what stands before belongs to the figure before
    found: set[str] = set()
    for kinds in (_TIMES, _TAXES):
        after = [match for match in vocabulary.bases.finditer(behind) if match.lastgroup in kinds]
        comma = behind.find(",")
        close = [match for match in after if comma < 0 or match.start() < comma or match.start() - comma <= 3]
        if close:
            found.add(close[0].lastgroup or "")
            continue
        if (
            kinds is _TAXES
            and _AFTER_IT.match(behind)
            and "before_tax" in {match.lastgroup for match in vocabulary.bases.finditer(text[:start])}
        ):
            found.add("after_tax")
            continue
        matches = [match for match in vocabulary.bases.finditer(ahead) if match.lastgroup in kinds]
        if matches:
            found.add(matches[-1].lastgroup or "")
    return frozenset(found - {""})


def _read_owner(sentence: Sentence, start: int, end: int, left: int, right: int, evidence: Evidence) -> str | None:
    """Whose figure it is: of what is linked right after it, else of the last that is named before it in its clause."""
    text, vocabulary = sentence.plain, evidence.vocabulary
    after = _OWNER_AFTER.match(text[end:right])
    if after is not None:
        rest = text[end + after.end() : end + after.end() + 40]
        if any(pattern.match(rest) for pattern in (evidence.benchmark_pattern, vocabulary.benchmark)):
            return "benchmark"
        if re.match(r"(?:portfolio|client|account|fund)\b", rest):
            return "portfolio"
    first = max((spot for spot in sentence.boundaries if spot < start), default=0)
    clause = text[max(first, left) : start]
    if not clause.strip() or not re.search(r"\w{3}", clause):
        clause = text[first:start]
    own = [match.end() for match in _OWN.finditer(clause)]
    other = [
        match.end()
        for pattern in (evidence.benchmark_pattern, vocabulary.benchmark)
        for match in pattern.finditer(clause)
        if not (_COMPARAND.search(clause[: match.start()]) and "," in clause[match.end() :])
    ]
    if other and (not own or max(other) > max(own)):
        return "benchmark"
    if own:
        return "portfolio"
    return "benchmark" if sentence.of_benchmark else None


_COMPARAND = re.compile(
    r"\b(?:than|as|beat\w*|trail\w*|lag\w*|behind|ahead\s+of|\w+perform(?:s|ed|ing)?|outpac\w*|surpass\w*|exceed\w*|match\w*)\s+"
    r"(?:the\s+|its\s+|their\s+)?$",
    re.IGNORECASE,
)
"""What is behind such words is what something is set against: what follows its comma is of the other again."""
_OWN = re.compile(r"\b(?:portfolio\w*|we|our|ours|you|your|client\w*|account|fund|she|he)\b", re.IGNORECASE)
_OWNER_AFTER = re.compile(
    r"^\)?\s*(?:a year\s+|over the (?:same )?(?:whole )?period\s+)?(?:(?:was|were|is)\s+(?:made|earned|achieved|gained|"
    r"lost|delivered|returned)\s+)?(?:for|by|from|of|in|on)\s+(?:the\s+|its\s+|our\s+)?(?:client['’]s\s+|own\s+)*",
    re.IGNORECASE,
)


def _is_paired(sentence: Sentence, figures: Sequence[Printed], index: int) -> bool:
    listed = "respectively" in sentence.plain and len(sentence.mentions) == len(figures) >= _PAIR
    return listed or _pair(sentence, figures, index) is not None


def _bind(sentence: Sentence, figures: Sequence[Printed], index: int) -> tuple[str | None, bool]:
    """The subject that a figure speaks of: the one linked right after it, else the nearest before, else after it."""
    mentions, text = sentence.mentions, sentence.plain
    start, end = sentence.spot(figures[index])
    if "respectively" in text and len(mentions) >= _PAIR and len(mentions) == len(figures):
        return mentions[index].subject, True
    if (paired := _pair(sentence, figures, index)) is not None:
        return paired, True
    if mentions and _OF_ALL.search(text[:start]):
        return None, False
    following = next((mention for mention in mentions if mention.start >= end), None)
    limit = sentence.spot(figures[index + 1])[0] if index + 1 < len(figures) else len(text)
    if following and following.start < limit and _LINK_AFTER.match(text[end : following.start]):
        return following.subject, True
    first = max((spot for spot in sentence.boundaries if spot < start), default=0)
    before = [mention for mention in mentions if mention.end <= start]
    if before and _WHOLE_AGAIN.search(text[before[-1].end : start]):
        return None, False
    compared = len(before) > 1 and _SET_AGAINST.search(text[before[0].end : before[-1].start])
    if compared and _APPOSITION.search(text[before[-1].end : start]):
        return before[0].subject, True  # "Equity stands above debt, at 65%": the sentence is about equity
    if before:
        nearest = before[-1]
        if (
            len(before) > 1
            and _COMPARED_NAME.search(text[: nearest.start])
            and not _names_again(text, nearest.end, start)
        ):
            same = [item for item in before[:-1] if item.start >= first]
            if same and re.search(
                r"\b(?:than|above|below|ahead of|behind|exceeds?|beats|over)\s+(?:the\s+)?$", text[: nearest.start]
            ):
                return same[-1].subject, False
        return nearest.subject, nearest.end >= start - 4
    if following and following.start < limit:
        return following.subject, False
    if len(mentions) == 1:
        return mentions[0].subject, False
    return sentence.carried, False


_TOGETHER = re.compile(r"\b(?:together|combined|jointly|between them|in all|in total)\b", re.IGNORECASE)
_OF_ALL = re.compile(
    r"\b(?:the|an) (?:overall |portfolio )?average(?: of| at|:)?\s*(?:just |about |only |some )?$", re.IGNORECASE
)
"""``against the average of 7.8%``: a figure of all together."""
_WHOLE_AGAIN = re.compile(
    r"(?:[,;:]|\b(?:and|but|while|whereas|so))\s+(?:the|her|his|their|our|your)\s+(?:(?:whole|overall|"
    r"rest of the|entire)\s+)?"
    r"(?:portfolio|account|book|depot)\s+(?:as a whole\s+)?(?:would|is|was|has|had|yields?|returned|gained|"
    r"lost|rose|fell|"
    r"stands|pays|will|could|made|remains)\b[^,;:\x01]*$",
    re.IGNORECASE,
)
"""What names the whole anew behind an asset: ``leaving aside A, the portfolio would yield``."""
_VERSUS = re.compile(r"\s*(?:versus|vs\.?|against|compared (?:with|to)|to)\s*", re.IGNORECASE)
_HEDGE = r"(?:(?:about|around|roughly|approximately|nearly|almost|some|just|only|over|under|a little|slightly)\s+)*"
_AND = re.compile(rf"\s*(?:,|and|,\s*and)\s*(?:the\s+)?{_HEDGE}", re.IGNORECASE)


_BRACKET = re.compile(r"\([^()]*\)")
_BESIDE_NAME = re.compile(r"\b(?:than|as|over|beats?|outweighs?|exceeds?)\s+(?:the\s+)?$", re.IGNORECASE)


def _joins(between: str) -> bool:
    return _AND.fullmatch(between) is not None or _VERSUS.fullmatch(between) is not None


def _pair(sentence: Sentence, figures: Sequence[Printed], index: int) -> str | None:
    """The name that a figure of a list goes with, where as many names stand in a list before (``A and B are 9 and
    6``)."""
    text, low, high = sentence.plain, index, index
    while low > 0 and _joins(text[sentence.spot(figures[low - 1])[1] : sentence.spot(figures[low])[0]]):
        low -= 1
    while high + 1 < len(figures) and _joins(
        text[sentence.spot(figures[high])[1] : sentence.spot(figures[high + 1])[0]]
    ):
        high += 1
    count = high - low + 1
    before = [mention for mention in sentence.mentions if mention.end <= sentence.spot(figures[low])[0]]
    names = before[-count:]
    if count < _PAIR or len(names) < count:
        return None
    if _TOGETHER.search(text[names[-1].end : sentence.spot(figures[low])[0]]):
        return None  # both figures are of all of them
    opposed = count == _PAIR and _VERSUS.fullmatch(
        text[sentence.spot(figures[low])[1] : sentence.spot(figures[high])[0]]
    )
    lead = re.sub(rf"{_HEDGE}$", "", text[: sentence.spot(figures[low])[0]], flags=re.IGNORECASE).rstrip()
    compared = lead.endswith(",") and _BESIDE_NAME.search(text[: names[-1].start]) is not None
    if opposed and (
        compared or lead.endswith((":", "(")) or text[: sentence.spot(figures[low])[0] + 1].rstrip().endswith("(")
    ):
        # "A outweighs B (78% versus 19%)"; of "A outweighs B and C: ..." the second is of both
        if any(
            names[0].end <= sentence.spot(other)[0] < names[-1].start and other.unit is figures[index].unit
            for other in figures
        ):
            return None  # each name has a bracket of its own
        return names[index - low].subject if len(before) == count else before[0].subject if index == low else None
    listed = all(
        _AND.fullmatch(_BRACKET.sub("", text[one.end : other.start]).strip() + " ") for one, other in pairwise(names)
    )
    return names[index - low].subject if listed else None


def _names_again(text: str, start: int, end: int) -> bool:
    """Whether a name is followed at once by the figure (``than debt (25%)``, ``than debt at 25%``)."""
    return re.fullmatch(_LABEL, text[start:end]) is not None


_LABEL = re.compile(
    r"\s*(?:\(|at|with|of|on|,)?\s*(?:its|a)?\s*(?:just|only|some|about|around|roughly|nearly|almost|barely|under|over|"
    r"more|less|than|slightly|a|little|good|full|mere|\s)*",
    re.IGNORECASE,
)
