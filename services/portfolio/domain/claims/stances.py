"""How things are said to stand, in whatever words: too much or too little, fitting or not, enough or not.

The words are of whole classes, and what they are said of is what the sentence states or names: equity or a class and
the profile, a weight and its target, a drift and its band, income and the need. Only what the facts deny is told here:
who says rightly that something fits is read by the rules for that.
"""

import re
from collections.abc import Iterator, Sequence

from services.portfolio.domain.claims.evidence import Evidence
from services.portfolio.domain.claims.model import Claim, Outcome, Relation, Verdict
from services.portfolio.domain.claims.sentences import Sentence
from services.portfolio.domain.facts import Fact

_CLASSES = {
    "over": (
        r"too\s+(?:much|many|large|big|heavy|high|great|bold|risky|aggressive|rich)|excessive\w*|overweight\w*|"
        r"oversho\w+|"
        r"above|beyond|past|exceed\w*|in\s+excess\s+of|surplus|more\s+(?:[a-z]+\s+)?than|higher\s+than|larger\s+than"
    ),
    "under": (
        r"too\s+(?:little|few|small|light|low|thin|timid|cautious|defensive)|short\s+of|a\s+shortage|"
        r"underweight\w*|"
        r"undersho\w+|"
        r"below|beneath|under|less\s+(?:[a-z]+\s+)?than|lower\s+than|smaller\s+than|lack(?:s|ing)?|a\s+shortfall|a\s+deficit"
    ),
    "unfit": (
        r"outside|out\s+of|unsuit\w+|unacceptabl\w+|inappropriate\w*|incompatible|ill[- ]suited|"
        r"at\s+odds|breach\w*|violat\w*|"
        r"(?:has|have|had)\s+left|leaves|broken"
    ),
    "fit": (
        r"within|inside|suit(?:s|ed|able|ably)|acceptabl\w+|appropriate\w*|fit(?:s|ting)?|in\s+line|compatible|accommodat\w+|"
        r"permitted|allowed|tolerable|can\s+(?:bear|carry|stomach|afford)|adequate\w*|right\s+for"
    ),
}
_WORDS = re.compile(
    r"\b(?:" + "|".join(f"(?P<{name}>{words})" for name, words in _CLASSES.items()) + r")(?![\w-])", re.IGNORECASE
)
_DENIED = re.compile(
    r"\b(?:not|never|no\s+longer|neither|nor|hardly|without|nowhere\s+near|far\s+from|anything\s+but|no)\b|n['’]t\b",
    re.IGNORECASE,
)
_OPEN = re.compile(
    r"\b(?:if|would|could|should(?!\s+be\b)|may|might|until|unless|whether|must|has\s+to|have\s+to|needs?\s+to|in\s+order|"
    r"to\s+(?:bring|get|come|return|go|fall|keep|restore|reach))\b|\?",
    re.IGNORECASE,
)
_PROFILE = re.compile(r"\b(?:profile|investors?|mandate|risk\s+(?:appetite|tolerance|capacity))\b", re.IGNORECASE)
_EQUITY = re.compile(r"\b(?:equit(?:y|ies)|shares|stocks)\b", re.IGNORECASE)
_MODEL = re.compile(r"\bmodel\b", re.IGNORECASE)
_BAND = re.compile(r"\b(?:bands?|tolerances?|corridors?)\b", re.IGNORECASE)
_TARGET = re.compile(
    r"\b(?:targets?|model|plan(?:ned)?|where\s+(?:it|they)\s+(?:should|ought\s+to)\s+be|intended)\b", re.IGNORECASE
)
_OTHER_LINE = re.compile(
    r"\s*(?:of\s+)?(?:its|their|the|her|his|our|your|a|an|any)?\s*(?:own\s+|house\s+)?(?:[₹$€£]?[\d.,]+\s?%?\s*)?"
    r"(?:limit|cap|ceiling|rule|profile|benchmark|index|cost|need|average|par|band|tolerance|corridor|range|peak|high)\b",
    re.IGNORECASE,
)
_BOUND = re.compile(r"\s*(?:about\s+|around\s+|some\s+|the\s+)?[₹$€£]?\d", re.IGNORECASE)
_DIGITS = re.compile(r"\s*(?:about\s+|around\s+|some\s+)?[₹$€£]?\d")
"""What a word bounds, if it stands right before it."""
_THAT = re.compile(r"\b(?:that|which|what|maximum|minimum|most|least|range)\s+(?:\w+\s+)?$", re.IGNORECASE)
_DENIAL_REACH, _BAND_REACH, _SHOWN = 25, 40, 2


def check_stances(sentence: Sentence, verdicts: Sequence[Verdict], evidence: Evidence) -> Iterator[Verdict]:
    """A verdict for each stance of a sentence that the facts deny."""
    if _OPEN.search(sentence.plain):
        return
    stated = [item.fact for item in verdicts if item.fact is not None and not item.fault]
    for check in (_check_profile, _check_bound, _check_band, _check_target, _check_need):
        if (found := check(sentence, stated, evidence)) is not None:
            yield found
            return


def _find_word(text: str, names: Sequence[str], low: int = 0, high: int | None = None) -> re.Match[str] | None:
    """The one word of the classes in a stretch of text; None where there is none, or where two speak differently."""
    words = _WORDS.finditer(text, low, len(text) if high is None else high)
    found = [match for match in words if match.lastgroup in names and not _DIGITS.match(text, match.end())]
    return found[0] if len(found) == 1 else None


def _is_denied(text: str, match: re.Match[str]) -> bool:
    window = re.split(r"[,;:]", text[max(match.start() - _DENIAL_REACH, 0) : match.start()])[-1]
    return len(_DENIED.findall(window)) % 2 == 1


def _check_profile(sentence: Sentence, stated: Sequence[Fact], evidence: Evidence) -> Verdict | None:
    """Equity against what the profile allows."""
    low, high = evidence.find("profile_min"), evidence.find("profile_max")
    text = sentence.text
    if low is None or high is None or _PROFILE.search(text) is None or _EQUITY.search(text) is None:
        return None
    of_model = {fact.measure for fact in stated} & {"model_equity"}
    if _MODEL.search(text) or of_model or _others_named(sentence):
        return None
    share = evidence.find("equity_share")
    word = _find_word(text, ("over", "under")) or _find_word(text, ("fit", "unfit"))
    if share is None or word is None or _THAT.search(text[: word.start()]):
        return None
    side = (share.value > high.value) - (share.value < low.value)
    said = {"over": side > 0, "under": side < 0, "fit": side == 0, "unfit": side != 0}[word.lastgroup or ""]
    if said is not _is_denied(text, word):
        return None
    bounds = f"the profile's range {round(low.value)}% to {round(high.value)}%"
    why = f"{share.label} is {round(share.value, _SHOWN)}%, {bounds}"
    return _say(sentence, word, share, why)


def _check_bound(sentence: Sentence, stated: Sequence[Fact], evidence: Evidence) -> Verdict | None:
    """The share of a class, of foreign currency or of what is illiquid against what the profile allows."""
    if _PROFILE.search(sentence.text) is None:
        return None
    bound = {
        fact.id: (fact, limit)
        for fact in stated
        if fact.measure != "profile_range"
        and (limit := evidence.find(f"profile_limit.{fact.id.removeprefix('class_share.').removesuffix('_share')}"))
    }
    word = _find_word(sentence.text, ("over", "under"))
    if len(bound) != 1 or word is None or _THAT.search(sentence.text[: word.start()]):
        return None
    ((fact, limit),) = bound.values()
    over = (word.lastgroup == "over") is not _is_denied(sentence.text, word)
    if over is (fact.value > limit.value):
        return None
    why = f"{fact.label} is {round(fact.value, _SHOWN)}%, {limit.label} {round(limit.value, _SHOWN)}%"
    return _say(sentence, word, fact, why)


def _check_need(sentence: Sentence, stated: Sequence[Fact], evidence: Evidence) -> Verdict | None:
    """Income against the need, where the sentence states both, or what is missing."""
    need, measures = evidence.find("annual_need"), {fact.measure for fact in stated}
    incomes = [fact for fact in stated if fact.measure in {"income", "income_after_tax"} and fact.subject is None]
    if need is None or not incomes or "income_cover" in measures or not measures & {"annual_need", "income_gap"}:
        return None
    if "income_gap" not in measures and len({fact.id for fact in incomes}) > 1:
        return None  # before tax it may be enough, and after it not
    match = next(iter(_ENOUGH.finditer(sentence.plain)), None)
    income = incomes[-1]
    if match is None or len(list(_ENOUGH.finditer(sentence.plain))) > 1 or set(income.bases) & {"per_month"}:
        return None
    enough = (match["enough"] is not None) is not _is_denied(sentence.plain, match)
    if enough is (income.value >= need.value):
        return None
    why = f"{income.label} is {round(income.value, _SHOWN)}, {need.label} {round(need.value, _SHOWN)}"
    return _say(sentence, match, income, why)


_ENOUGH = re.compile(
    r"\b(?:(?P<enough>stretch\w*\s+(?:that|so)\s+far|go(?:es)?\s+(?:that|so)\s+far|enough|sufficient|suffic\w+|ample|"
    r"(?:can|may)\s+be\s+(?:added|saved|put\s+(?:aside|back)|reinvested)|left\s+over|to\s+spare|a\s+surplus)|"
    r"insufficient|falls?\s+short|a\s+(?:shortfall|gap|deficit)|(?:out\s+of|from)\s+capital|draw\w*\s+(?:on|down)|"
    r"(?:is|are)\s+missing|inadequate|too\s+little)\b",
    re.IGNORECASE,
)


def _others_named(sentence: Sentence) -> bool:
    """Whether anything but equity is named."""
    return any(item.subject != "equity" for item in sentence.mentions)


def _find_drift(sentence: Sentence, evidence: Evidence) -> Fact | None:
    """The drift of the one asset that a sentence names."""
    named = {item.subject for item in sentence.mentions}
    if len(named) != 1:
        return None
    own = [x.fact for x in evidence.by_measure.get("drift", []) if x.subject in named and not x.formula]
    return own[0] if len(own) == 1 else None


def _check_band(sentence: Sentence, _: Sequence[Fact], evidence: Evidence) -> Verdict | None:
    """A drift against its band."""
    band_word, fact = _BAND.search(sentence.plain), _find_drift(sentence, evidence)
    if band_word is None or fact is None:
        return None
    band = evidence.find(f"band.{fact.id.removeprefix('drift.')}")
    low = max(band_word.start() - _BAND_REACH, 0)
    word = _find_word(sentence.plain, ("fit", "unfit"), low, band_word.start())
    if band is None or word is None or not sentence.plain[word.end() : band_word.start()].strip():
        return None  # "the permitted band" is any
    outside = abs(fact.value) > band.value
    if (word.lastgroup == "unfit") is not (outside is _is_denied(sentence.plain, word)):
        return None
    return _say(
        sentence, word, fact, f"{fact.label} is {round(fact.value, _SHOWN)}, its band {round(band.value, _SHOWN)}"
    )


def _check_target(sentence: Sentence, stated: Sequence[Fact], evidence: Evidence) -> Verdict | None:
    """A weight against its target."""
    fact = _find_drift(sentence, evidence)
    set_against = {"weight", "model_weight"} <= {item.measure for item in stated} or _TARGET.search(sentence.plain)
    if fact is None or not set_against or {item.measure for item in stated} & {"limit", "profile_range", "band_end"}:
        return None
    word = _find_word(sentence.plain, ("over", "under"))
    if word is None or _OTHER_LINE.match(sentence.plain[word.end() :]) or _THAT.search(sentence.plain[: word.start()]):
        return None
    if _BOUND.match(sentence.plain[word.end() :]) and not _TARGET.match(
        sentence.plain[word.end() :].lstrip("0123456789.,% ")
    ):
        return None  # it bounds a figure
    right = fact.value > 0 if word.lastgroup == "over" else fact.value < 0
    if right is not _is_denied(sentence.plain, word):
        return None
    return _say(sentence, word, fact, f"{fact.label} is {round(fact.value, _SHOWN)}")


def _say(sentence: Sentence, word: re.Match[str], fact: Fact, why: str) -> Verdict:
    claim = Claim(
        word[0], sentence.start + word.start(), sentence.start + word.end(), Relation.IS, fact.measure, fact.subject
    )
    return Verdict(claim, Outcome.CONTRADICTED, fact, why=why, fault=True)
