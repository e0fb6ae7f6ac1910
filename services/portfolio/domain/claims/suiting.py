"""What is said of the client's profile without a figure: that the portfolio or its model suits it, or is too bold."""

import re
from collections.abc import Iterator

from services.portfolio.domain.claims.evidence import Evidence
from services.portfolio.domain.claims.model import Claim, Outcome, Relation, Verdict
from services.portfolio.domain.claims.sentences import Sentence
from services.portfolio.domain.facts import Fact

_TARGET = (
    r"(?:the |an? |his |her |their |its |your |this |client's |client\x27s |investor's |stated |risk |agreed |"
    r"\w+'s |conservative |moderate |"
    r"moderately |aggressive |balanced |growth |defensive |cautious )*(?:risk )?(?:profile|mandate|"
    r"risk tolerance|risk appetite|"
    r"suitability range|equity range|(?:conservative|moderate|aggressive|balanced|cautious) (?:investor|"
    r"client))(?:'s \w+)?"
)
_RANGE = (
    r"(?:(?:what|that which|the (?:corridor|range|bounds|limits|band)(?: that)?)\s+(?:for |of )?(?:an? |the |his |"
    r"her |their |\w+'s )*"
    r"(?:risk )?(?:conservative |moderately |moderate |aggressive |balanced |growth |defensive |cautious )*"
    r"(?:risk )?(?:profile|investors?|clients?|mandate)(?:'s)?(?:\s+(?:allows?|permits?|tolerates?|can bear|"
    r"calls for))?)"
)
_SUITS = re.compile(
    rf"\b(?:(?P<beyond>above|beyond|over|outside|past)\s+{_RANGE}|(?P<under>below|under)\s+{_RANGE}|(?:within|"
    rf"inside)\s+{_RANGE}|(?P<not>un)?(?:suits?|suited|suitable|fits?|match(?:es)?|satisf(?:y|ies)|meets?|"
    rf"compl(?:y|ies)|"
    rf"complied|accords?|"
    rf"appropriate|consistent|compatible|aligned|in line|within|inside|in keeping)(?:\s+(?:for|to|with|"
    rf"of))?\s+{_TARGET}|"
    rf"(?P<out>outside|beyond|exceeds?|breach\w*|violat\w+|at odds with|inconsistent with|in conflict with|"
    rf"not in line with|"
    rf"inappropriate for|contradicts?)\s+{_TARGET})",
    re.IGNORECASE,
)
_TOO = re.compile(
    rf"\btoo\s+(?:(?P<bold>bold|aggressive|risky|adventurous|much|heavy|high|exposed)|(?P<timid>timid|"
    rf"cautious|conservative|defensive|"
    rf"little|light|low))\b(?P<object>[^.;,]{{0,40}}?)\s+for\s+{_TARGET}",
    re.IGNORECASE,
)
_THAN = re.compile(
    rf"\b(?:(?P<bold>more|higher|larger)|(?P<timid>less|lower|"
    rf"smaller))\b(?P<object>[^.;,]{{0,30}}?)\s+than\s+(?:what\s+)?(?:is\s+)?"
    rf"(?:(?:suits|suitable for|appropriate for|allowed by|permitted by)\s+)?{_TARGET}",
    re.IGNORECASE,
)
_FOR_FIRST = re.compile(
    rf"\bfor\s+{_TARGET}\b[^.;]{{0,60}}?\btoo\s+(?:(?P<bold>bold|aggressive|risky|adventurous|much|heavy|high|exposed)|"
    r"(?P<timid>timid|cautious|conservative|defensive|little|light|low))\b(?P<object>[^.;,]{0,20})",
    re.IGNORECASE,
)
_NOT = re.compile(
    r"\b(?:not|no longer|never|neither|hardly|fails? to|cannot|nothing|none|nowhere)\b[^,;]{0,40}$|n't\b[^,;]{0,25}$",
    re.IGNORECASE,
)
_WHAT = re.compile(r"(?:\b(?:what|than)|%\s+(?:that|which))\s+$", re.IGNORECASE)
_MODEL = re.compile(r"\bmodel\b", re.IGNORECASE)
_OPEN = re.compile(
    r"\b(?:if|would|could|should|may|might|until|unless|in order|to (?:bring|get|be|come|return|go|stay|fall|keep))\b",
    re.IGNORECASE,
)
_END = re.compile(
    r"\b(?:(?P<out>above|beyond|over|outside|past|exceeds?)|(?P<under>below|under)|(?P<inside>inside|within)|"
    r"(?P<near>towards?|near(?:er)?(?:\s+to)?|closer?\s+to|at|in))\s+the\s+(?:very\s+)?"
    r"(?:(?P<top>upper|top)|lower|bottom)\s*(?:end|limit|edge|bound|half|part|third)?\s*(?:of|for)\s+"
    r"(?:the|his|her|their|its|a|that)\s+(?:[\w%-]+\s+){0,6}?(?:range|corridor|profile)\b",
    re.IGNORECASE,
)
"""The side of an end of a range on which something lies, or the half of it."""
_EQUITY = re.compile(r"^\s*(?:in |to |on )?(?:equit\w*|shares?|stocks?|risk)?\s*$", re.IGNORECASE)


def check_suiting(sentence: Sentence, evidence: Evidence) -> Iterator[Verdict]:
    """The verdicts on whether something suits the client's profile."""
    low, high = evidence.find("profile_min"), evidence.find("profile_max")
    if low is None or high is None or _OPEN.search(sentence.plain):
        return
    text = sentence.text
    yield from _check_ends(sentence, evidence, (low, high))
    for match in (*_SUITS.finditer(text), *_TOO.finditer(text), *_FOR_FIRST.finditer(text), *_THAN.finditer(text)):
        share = _find_share(sentence, match.start(), evidence)
        if share is None:
            continue
        if _WHAT.search(text[: match.start()]):
            continue  # "above what suits a moderate profile"
        denied = _NOT.search(text[: match.start()]) is not None
        if match.re is not _SUITS:
            if not _EQUITY.match(match["object"]):
                continue
            right = (share.value > high.value if match["bold"] else share.value < low.value) is not denied
            relation = Relation.ABOVE if match["bold"] else Relation.BELOW
        else:
            outside = bool(match["out"] or match["not"] or match["beyond"] or match["under"]) is not denied
            right = (low.value <= share.value <= high.value) is not outside
            if right and outside and match["under"]:
                right = share.value < low.value
            if right and outside and match["beyond"] and match["beyond"].lower() in {"above", "over", "past"}:
                right = share.value > high.value
            relation = Relation.OUTSIDE if outside else Relation.WITHIN
        claim = Claim(
            match[0],
            sentence.start + match.start(),
            sentence.start + match.end(),
            relation,
            share.measure,
            share.subject,
        )
        if right:
            yield Verdict(claim, Outcome.GROUNDED, share)
        else:
            why = (
                f"{share.label} is {round(share.value, 2)}%, the profile's range {round(low.value)}% to "
                f"{round(high.value)}%"
            )
            yield Verdict(claim, Outcome.CONTRADICTED, share, why=why, fault=True)


def _find_share(sentence: Sentence, position: int, evidence: Evidence) -> Fact | None:
    """The equity share that is spoken of before a place: the portfolio's, or the model's."""
    model = _MODEL.search(sentence.text[:position]) is not None
    if not model and len(sentence.mentions) == 1 and sentence.mentions[0].subject != "equity":
        return None
    return evidence.find("model_equity_share" if model else "equity_share")


def _check_ends(sentence: Sentence, evidence: Evidence, ends: tuple[Fact, Fact]) -> Iterator[Verdict]:
    """``just inside the upper end of the range``, ``towards its lower end``."""
    for match in _END.finditer(sentence.text):
        share = _find_share(sentence, match.start(), evidence)
        if share is None:
            continue
        low, high = (fact.value for fact in ends)
        value = share.value if match["top"] else -share.value
        edge = high if match["top"] else -low
        if match["near"]:
            right = 2 * value >= (low + high) * (1 if match["top"] else -1)
        elif match["inside"]:
            right = value <= edge
        else:
            outside = bool(match["out"]) if match["top"] else bool(match["under"])
            right = (value > edge) is (outside or (match["out"] is not None and match["out"].lower() == "outside"))
        right = right is not (_NOT.search(sentence.text[: match.start()]) is not None)
        relation = Relation.WITHIN if match["inside"] or match["near"] else Relation.OUTSIDE
        start = sentence.start + match.start()
        claim = Claim(match[0], start, start + len(match[0]), relation, share.measure, share.subject)
        if right:
            yield Verdict(claim, Outcome.GROUNDED, share)
        else:
            why = f"{share.label} is {round(share.value, 2)}%, the profile's range {round(low)}% to {round(high)}%"
            yield Verdict(claim, Outcome.CONTRADICTED, share, why=why, fault=True)
