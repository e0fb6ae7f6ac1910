"""On which side a difference lies: ``A is worth 2 more than B`` says which of two facts is the larger."""

import re
from collections.abc import Sequence
from dataclasses import replace

from services.portfolio.domain.claims.evidence import Evidence
from services.portfolio.domain.claims.model import Outcome, Verdict
from services.portfolio.domain.claims.settings import Setting
from services.portfolio.domain.facts import Fact
from services.portfolio.domain.number_words import Unit

_UP = (
    r"(?:(?:more|larger|bigger|higher|greater|heavier|longer|better|richer|dearer|mehr|größer|höher|besser)\b[^,;.:]{0,30}?"
    r"\b(?:than|als)|above|over|ahead of|in front of|in excess of|über|vor)"
)
_DOWN = (
    r"(?:(?:less|smaller|lower|fewer|lighter|shorter|worse|poorer|cheaper|weniger|kleiner|niedriger|schlechter)\b[^,;.:]{0,30}?"
    r"\b(?:than|als)|below|under|behind|short of|adrift of|beneath|unter|hinter)"
)
_AFTER = re.compile(rf"\)?\s*(?:(?:a|per)\s+year\s+|p\.a\.\s+)?(?:(?P<up>{_UP})|(?P<down>{_DOWN}))\b", re.IGNORECASE)
_BEFORE = re.compile(
    r"\b(?:(?P<up>exceed(?:s|ed)?|tops|topped|beats?|outperform(?:s|ed)?|surpass(?:es|ed)?|outweighs?|outpaced|led|leads|"
    rf"(?:is|are|was|were|lies|stands|came|finished)\s+(?:\w+\s+)?{_UP})|"
    r"(?P<down>falls? short of|fell short of|trail(?:s|ed)?|lag(?:s|ged)?(?: behind)?|underperform(?:s|ed)?|"
    rf"(?:is|are|was|were|lies|stands|came|finished)\s+(?:\w+\s+)?{_DOWN}))\b"
    r"(?P<other>(?:[^;:.]|\.(?=\d)){1,70}?)\b(?:by|um)\s+(?:about\s+|around\s+|some\s+|roughly\s+|"
    r"nearly\s+|almost\s+|just\s+|more than\s+|less than\s+|"
    r"only\s+|a\s+|an\s+)*$",
    re.IGNORECASE,
)
_DIFFERENCE = re.compile(r"(\S+) - (\S+)")
_EARLIER = re.compile(r"\b(?:ago|earlier|before|start|outset|beginning|then|at first)\b", re.IGNORECASE)
_REACH = 60
_DENIED = re.compile(r"\b(?:not|never|no|nor|neither|nicht|kein\w*)\b|n't\b", re.IGNORECASE)


def check_sides(settings: Sequence[Setting], done: list[Verdict], evidence: Evidence) -> None:
    """Refutes differences that are said to lie on the other side."""
    for index, (setting, verdict) in enumerate(zip(settings, done, strict=True)):
        if (why := _denies_excess(setting, verdict, evidence)) is not None:
            done[index] = replace(verdict, outcome=Outcome.CONTRADICTED, why=why, fault=True)
            continue
        if (why := _denies_beside(setting, verdict, evidence)) is not None:
            done[index] = replace(verdict, outcome=Outcome.CONTRADICTED, why=why, fault=True)
            continue
        if (why := _denies_way(setting, verdict, evidence) or _denies_owner(setting, verdict, evidence)) is not None:
            done[index] = replace(verdict, outcome=Outcome.CONTRADICTED, why=why, fault=True)
            continue
        if (why := _denies_ratio(setting, verdict, evidence)) is not None:
            done[index] = replace(verdict, outcome=Outcome.CONTRADICTED, why=why, fault=True)
            continue
        match = _DIFFERENCE.fullmatch(verdict.formula or "")
        if match is None or verdict.fault or setting.figure.unit is Unit.MULTIPLE:
            continue
        larger, smaller = evidence.find(match[1]), evidence.find(match[2])
        if larger is not None and smaller is not None and (why := _denies_sign(setting, larger, smaller)) is not None:
            done[index] = replace(verdict, outcome=Outcome.CONTRADICTED, why=why, fault=True)
            continue
        if larger is None or smaller is None or larger.value < 0 or smaller.value < 0:
            continue  # of falls, the larger figure is the smaller fall
        if larger.value < smaller.value:
            larger, smaller = smaller, larger
        if _is_other_side(setting, larger, smaller, evidence):
            why = f"{larger.label} is the larger"
            done[index] = replace(verdict, outcome=Outcome.CONTRADICTED, why=why, fault=True)


_RATIO = re.compile(r"(\S+) / (\S+)")
_OF_OTHER = re.compile(r"\s*(?:(?:as|so)\s+\w+\s+(?:as|wie)\b|(?:of\s+)?(?:the|its|that|what)\b|of\b)", re.IGNORECASE)
_EACH = re.compile(r"\b(?:for (?:every|each)|per)\b", re.IGNORECASE)


def _denies_ratio(setting: Setting, verdict: Verdict, evidence: Evidence) -> str | None:
    """Why what is said to be a part of another, or a multiple, is the larger of the two, or the smaller."""
    match = _RATIO.fullmatch(verdict.formula or "")
    if match is None or verdict.fault or not _OF_OTHER.match(setting.after) or _EACH.search(setting.sentence.plain):
        return None
    one, other = evidence.find(match[1]), evidence.find(match[2])
    if one is None or other is None or one.value * other.value <= 0 or abs(one.value) == abs(other.value):
        return None
    part = setting.figure.unit is Unit.PERCENT or setting.figure.value < 1
    larger, smaller = (one, other) if abs(one.value) > abs(other.value) else (other, one)
    ours, theirs = (smaller, larger) if part else (larger, smaller)
    behind, ahead = (setting.end, setting.end + _REACH), (0, setting.start)
    turned = _is_named(ours, setting, behind, evidence) and _is_named(theirs, setting, ahead, evidence)
    right = _is_named(theirs, setting, behind, evidence) and _is_named(ours, setting, ahead, evidence)
    return f"{larger.label} is the larger" if turned and not right else None


_WITHOUT = re.compile(r"\b(?:without|leaving aside|excluding|but for|apart from|ohne|sans)\b", re.IGNORECASE)
_AHEAD = re.compile(
    r"\s*(?:(?P<up>ahead|above|up|in profit|in the black)|(?P<down>behind|below|down|in the red|under|short))\b",
    re.IGNORECASE,
)


def _denies_sign(setting: Setting, whole: Fact, part: Fact) -> str | None:
    """Why what is left of a whole without a part is on the other side of zero (``without A it would be 4 behind``)."""
    if whole.subject is not None or part.subject is None or whole.measure != part.measure or not whole.signed:
        return None
    match = _AHEAD.match(setting.after)
    if match is None or not _WITHOUT.search(setting.sentence.plain):
        return None
    rest = whole.value - part.value
    return f"{whole.label} without it is {round(rest, 2)}" if (rest > 0) is not (match["up"] is not None) else None


def _denies_excess(setting: Setting, verdict: Verdict, evidence: Evidence) -> str | None:
    """Why what lies above a limit, or ahead of the benchmark, is said to lie below (``falls short of its limit``)."""
    fact, text = verdict.fact, setting.sentence.plain
    if fact is None or verdict.fault or verdict.formula or not fact.value or setting.figure.sign:
        return None
    if fact.measure == "excess":
        match = _BEFORE.search(text[: setting.start])
        down = match is not None and match["down"] is not None and not _DENIED.search(text[: match.start()])
        return f"{fact.label} is above the limit" if down and fact.value > 0 else None
    if fact.measure != "excess_return":
        return None
    if (favour := _FAVOUR.match(text[setting.end :])) is not None:
        own = favour["own"] is not None
        return f"{fact.label} is {fact.value.normalize():f}" if own is not (fact.value > 0) else None
    match = _AFTER.match(text[setting.end :])
    if match is None:
        return None
    rest = re.split(r"[,;:.]", text[setting.end + match.end() :][:_REACH])[0]
    theirs = any(item.search(rest) for item in (evidence.vocabulary.benchmark, evidence.benchmark_pattern))
    if theirs or not _OWN.search(rest):
        return None
    up = match["up"] is not None
    return f"{fact.label} is {fact.value.normalize():f}" if up == (fact.value > 0) else None


_BESIDE = re.compile(
    r"\)?\s*(?:(?:a|per)\s+(?:year|month)\s+|p\.a\.\s+|(?:percentage\s+)?points\s+)?(?:(?P<up>in\s+front|ahead|clear|better|to\s+the\s+good|"
    r"beyond|over|above|more|to\s+spare|in\s+hand|left\s+over|extra|too\s+much)|"
    r"(?P<down>adrift|behind|short|worse|below|under|less|too\s+little|missing|lacking|to\s+the\s+bad))\b"
    r"(?!\s+(?:the\s+)?(?:(?:whole|same|last|past|entire|full)\s+)*(?:period|year|month|quarter|time))",
    re.IGNORECASE,
)
_SIDED = {"income_gap": -1, "income_surplus": 1, "current_drawdown": -1, "excess": 1}
"""Distances that lie on one side of their line, whatever their sign."""


def _denies_beside(setting: Setting, verdict: Verdict, evidence: Evidence) -> str | None:
    """Why the word right behind a distance is of the other side (``1,000 beyond what is needed`` of a gap)."""
    match, fact = _BESIDE.match(setting.sentence.plain[setting.end :]), verdict.fact
    if match is None or fact is None or verdict.fault:
        return None
    side = 1 if match["up"] else -1
    if not verdict.formula and fact.measure in _SIDED:
        return f"{fact.label} lies on the other side" if _SIDED[fact.measure] != side else None
    pair = _DIFFERENCE.fullmatch(verdict.formula or "")
    operands = [evidence.find(name) for name in pair.groups()] if pair else []
    ours = [x for x in operands if x is not None and x.subject is None and x.measure in _RETURNED]
    theirs = [x for x in operands if x is not None and x.measure == "benchmark_return"]
    if len(ours) != 1 or len(theirs) != 1 or ours[0].value == theirs[0].value:
        return None
    clause = re.split(r"[,;:]", setting.sentence.plain[: setting.start])[-1]
    if _OWN.search(clause) is None or evidence.vocabulary.benchmark.search(clause):
        return None
    ahead = ours[0].value > theirs[0].value
    return f"{ours[0].label} is {'above' if ahead else 'below'} it" if ahead is not (side > 0) else None


_RETURNED = frozenset({"twr", "cagr", "xirr", "trailing_return"})
_FAVOUR = re.compile(
    r"\)?\s*(?:(?:a|per)\s+year\s+|p\.a\.\s+)?(?:(?:is|was|are|were)\s+)?(?:all\s+)?(?:in|to)\s+(?:the\s+|its\s+)?(?:client['’]s\s+)?"
    r"(?:(?P<own>(?:portfolio|client|account|fund)(?:['’]s)?)|(?:benchmark|index|market)(?:['’]s)?)\s+(?:favou?r|advantage|credit)\b",
    re.IGNORECASE,
)
_OUT = re.compile(r"\b(?:from|out\s+of|aus|von)\s+(?:the\s+|dem\s+|der\s+)?$", re.IGNORECASE)
_INTO = re.compile(r"\b(?:into|to)\s+(?:the\s+|den\s+|die\s+|das\s+)?$", re.IGNORECASE)


def _denies_way(setting: Setting, verdict: Verdict, evidence: Evidence) -> str | None:
    """Why what is to be bought is said to come out of its asset, or what is to be sold into it (``from A to B``)."""
    fact, sentence = verdict.fact, setting.sentence
    if fact is None or verdict.fault or fact.measure != "trade" or fact.subject is None or not fact.value:
        return None
    key = evidence.vocabulary.key(fact.subject)
    behind = [item for item in sentence.mentions if setting.end <= item.start <= setting.end + len(setting.after)]
    for mention in behind:
        ahead = sentence.plain[setting.end : mention.start]
        out, into = _OUT.search(ahead) is not None, _INTO.search(ahead) is not None
        if mention.subject == key and len(behind) > 1 and out is not into and out is (fact.value > 0):
            return f"{fact.label} is {'bought' if fact.value > 0 else 'sold'}"
    return None


_LINES = frozenset({"limit", "band", "profile_range"})


def _denies_owner(setting: Setting, verdict: Verdict, evidence: Evidence) -> str | None:
    """Why the distance from a line is another's than that of the asset that it is said of."""
    match = _DIFFERENCE.fullmatch(verdict.formula or "")
    facts = [evidence.find(name) for name in match.groups()] if match else []
    own = [fact for fact in facts if fact is not None and fact.measure not in _LINES]
    if (
        verdict.fault
        or len(own) != 1
        or len(facts) - len(own) != 1
        or own[0].subject is None
        or setting.subject is None
    ):
        return None
    if evidence.vocabulary.key(own[0].subject) == setting.subject or not setting.sentence.mentions:
        return None
    stem = own[0].id.rpartition(".")[0]
    other = [
        x.fact
        for x in evidence.by_measure[own[0].measure]
        if x.subject == setting.subject and x.fact.id.startswith(f"{stem}.")
    ]
    return f"{other[0].label} is {round(other[0].value, 2).normalize():f}" if other else None


_OWN = re.compile(r"\b(?:portfolio|account|depot|portefeuille)\b", re.IGNORECASE)


def _is_other_side(setting: Setting, larger: Fact, smaller: Fact, evidence: Evidence) -> bool:
    """Whether what is said to be more is the smaller of the two, by where both are named."""
    text = setting.sentence.plain
    if (match := _AFTER.match(text[setting.end :])) is not None:
        start = setting.end + match.end()
        stop = re.search(r"[,;:.]", text[start : start + _REACH])
        other = start, start + (stop.start() if stop else _REACH)
        here = 0, setting.start
    elif (match := _BEFORE.search(text[: setting.start])) is not None:
        other, here = match.span("other"), (0, match.start())
    else:
        return False
    if _DENIED.search(text[here[0] : here[1]]):
        return False
    up = match["up"] is not None
    theirs = [_is_named(fact, setting, other, evidence) for fact in (larger, smaller)]
    ours = [_is_named(fact, setting, here, evidence) for fact in (larger, smaller)]
    if theirs[0] is theirs[1]:
        return False
    if theirs[0] and ours[0] and not ours[1]:
        return False  # it is named on both sides
    return theirs[0] is up


def _is_named(fact: Fact, setting: Setting, within: tuple[int, int], evidence: Evidence) -> bool:
    """Whether words of a part of the sentence name a fact by its asset or else by its measure."""
    sentence = setting.sentence
    low, high = within
    if fact.subject is not None:
        key = evidence.vocabulary.key(fact.subject)
        if any(item.subject == key and low <= item.start < high for item in sentence.mentions):
            others = [item for item in sentence.mentions if item.subject != key]
            if others:
                return True
    if fact.measure.startswith("benchmark_"):
        return any(
            low <= found.start() < high
            for pattern in (evidence.benchmark_pattern, evidence.vocabulary.benchmark)
            for found in pattern.finditer(sentence.text)
        )
    if fact.id == "start_value" and _EARLIER.search(sentence.plain[low:high]):
        return True
    return any(cue.measure == fact.measure and cue.named and low <= cue.start < high for cue in sentence.cues)
