"""How the words of a sentence put figures together, held against how a figure was found: a sum is of several together
and of none of them alone, a difference lies between two, and what is left of the whole is left without something."""

import re
from collections.abc import Iterator, Sequence

from services.portfolio.domain.claims.model import Claim, Outcome, Relation, Verdict
from services.portfolio.domain.claims.sentences import Sentence

_SUM = re.compile(r"\S+(?: \+ \S+)+")
_DIFFERENCE = re.compile(r"\S+ - \S+")
_REST = re.compile(r"100 - \S+")
_LEFT_OUT = re.compile(
    r"\b(?:without|leaving\s+(?:out|aside)|apart\s+from|aside\s+from|except|excluding|besides|beyond|other|others|"
    r"elsewhere|outside|not|non|rest|remain\w*|remaining|left|balance|but|everything\s+else|all\s+else|otherwise|"
    r"ohne|übrig\w*|rest\w*|sans|reste|hors)\b",
    re.IGNORECASE,
)
_LEAVES_NOTHING_OUT = re.compile(r"\bwith\s+(?:the\s+)?\x01+\s*,?\s*(?:\(|$|[^,;.]{0,3})", re.IGNORECASE)
_WORDS = {
    "sum": re.compile(
        r"\b(?:each(?!\s+(?:year|month|quarter))|apiece|individually|separately|(?:difference|gap|distance|spread)\s+between|"
        r"(?:either|every\s+one)\s+of\s+(?:them|the\s+two))\b|"
        r"\b(?:both|all)\s+(?:are|weigh|stand\s+at|amount\s+to)\b",
        re.IGNORECASE,
    ),
    "difference": re.compile(
        r"\b(?:(?:sum|total)\s+of|together|combined|jointly|taken\s+together|between\s+them|in\s+aggregate|add(?:s|ed)?\s+up)\b",
        re.IGNORECASE,
    ),
}
"""Words that are said of no sum, and of no difference."""
_ALONE = re.compile(
    r"\b(?:less|more|gap|difference|between|ahead|behind|above|below|over|under|exceed\w*)\b", re.IGNORECASE
)


def check_parts(sentence: Sentence, verdicts: Sequence[Verdict]) -> Iterator[Verdict]:
    """A verdict for each figure that was found as a sum, a difference or a rest where the words say another of them."""
    for item in verdicts:
        if item.fault or not item.formula or item.claim.value is None:
            continue
        start, end = _find_reach(sentence, item)
        around = sentence.plain[start:end]
        if _SUM.fullmatch(item.formula) and (match := _WORDS["sum"].search(around)) is not None:
            if not _WORDS["difference"].search(around):
                yield _deny(sentence, item, start, match, f"that is {item.formula}")
        elif _DIFFERENCE.fullmatch(item.formula) and not _REST.fullmatch(item.formula):
            match = _WORDS["difference"].search(around)
            if match is not None and not _ALONE.search(around):
                yield _deny(sentence, item, start, match, f"that is {item.formula}")
        elif _REST.fullmatch(item.formula):
            match = _LEAVES_NOTHING_OUT.search(around)
            if match is not None and not _LEFT_OUT.search(re.sub(r"\bremain\w*|\bleft\b", "", around)):
                yield _deny(sentence, item, start, match, f"that is {item.formula}")


def _find_reach(sentence: Sentence, item: Verdict) -> tuple[int, int]:
    """The stretch of a sentence around a figure up to the figures beside it."""
    low, high = item.claim.start - sentence.start, item.claim.end - sentence.start
    spots = [sentence.spot(figure) for figure in sentence.figures]
    start = max([0, *(end for _, end in spots if end <= low)])
    stop = min([len(sentence.plain), *(begin for begin, _ in spots if begin >= high)])
    return start, stop


def _deny(sentence: Sentence, item: Verdict, start: int, match: re.Match[str], why: str) -> Verdict:
    low, high = sentence.start + start + match.start(), sentence.start + start + match.end()
    word = sentence.text[start + match.start() : start + match.end()]
    claim = Claim(word, low, high, Relation.IS, item.claim.measure, item.claim.subject)
    return Verdict(claim, Outcome.CONTRADICTED, item.fact, why=why, fault=True)
