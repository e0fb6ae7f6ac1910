"""What is said to be done with an asset: bought, sold or left alone, held against what its facts ask for."""

import re
from collections.abc import Iterator

from services.portfolio.domain.claims.evidence import Evidence
from services.portfolio.domain.claims.model import Claim, Outcome, Relation, Verdict
from services.portfolio.domain.claims.sentences import Sentence
from services.portfolio.domain.facts import Fact

_BUY = (
    r"buy(?:ing)?|bought|purchas(?:e|ed|ing)|top(?:ped|ping)?[ -]up|add(?:ed|ing)?(?:\s+more)?\s+to|build(?:ing)?\s+up|"
    r"built\s+up|increas(?:e|ed|ing)|rais(?:e|ed|ing)|expand(?:ed|ing)?|enlarg(?:e|ed|ing)|step(?:ped|ping)?\s+up"
)
_SELL = (
    r"sell(?:ing)?(?:\s+down)?|sold(?:\s+down)?|trim(?:med|ming)?|lighten(?:ed|ing)?|reduc(?:e|ed|ing)|"
    r"cut(?:ting)?(?:\s+(?:back|down))?|scal(?:e|ed|ing)\s+back|par(?:e|ed|ing)\s+back|shrink(?:ing)?|shrunk|"
    r"brought\s+down|bring(?:ing)?\s+down|divest(?:ed|ing)?"
)
_NOTHING = r"left\s+(?:alone|as\s+it\s+is|untouched|unchanged)|leave\s+alone"
_MODAL = (
    r"(?:should|must|ought\s+to|ha(?:s|ve)\s+to|had\s+to|needs?\s+to|is\s+to|are\s+to|can|could|may|might|would)"
    r"(?:\s+(?:now|also|therefore|thus|then|still|only|simply|have\s+to))*"
)
_POSSIBLE = re.compile(r"could|might|would|can\b|may\b", re.IGNORECASE)
_PASSIVE = re.compile(
    rf"\b(?P<modal>{_MODAL})(?P<no>\s+not)?\s+be\s+(?:\w+ly\s+)?(?:(?P<buy>{_BUY})|(?P<sell>{_SELL})|(?P<nothing>{_NOTHING}))"
    r"(?![\w-])|"
    r"\bneeds?\s+(?:some\s+|a\s+little\s+|more\s+)?(?:(?P<buying>buying|topping[ -]up|adding\s+to|a\s+top-up)|"
    r"(?P<selling>selling|trimming|cutting(?:\s+back)?|reducing|pruning))\b|"
    rf"\b{_MODAL}\s+(?P<falls>come\s+down|shrink|be\s+smaller)\b|\b{_MODAL}\s+(?P<grows>go\s+up|be\s+larger)\b",
    re.IGNORECASE,
)
_ADVISES = (
    r"should|must|ought\s+to|need(?:s|ed)?\s+to|ha(?:s|ve)\s+to|would|recommend\w*|propos\w*|suggest\w*|advis\w*|"
    r"next\s+step\w*|calls?\s+for|called\s+for|requires?|means?|plan\w*|wise\s+to|best\s+to|time\s+to|is\s+to|are\s+to|let\s+us|"
    r"to\s+(?:restore|return\s+to|get\s+back\s+to|come\s+back\s+to)\s+(?:the\s+)?(?:model|target|plan)\w*"
)
_OBJECT = r"\s+(?:(?:some|part|more|a\s+little)\s+(?:of\s+)?)?(?:the\s+|its\s+|our\s+|your\s+|her\s+|his\s+|their\s+)?"
_HELD = r"(?:(?:holding|position|stake|weight|allocation|exposure|share|amount)s?\s+(?:in|of|to)\s+(?:the\s+)?)?"
_ACTIVE = re.compile(
    rf"(?<![\w-])(?:(?P<buy>{_BUY})|(?P<sell>{_SELL})){_OBJECT}{_HELD}(?:(?P<name>\x01)|(?P<it>it|(?:this|the)\s+(?:position|"
    r"holding|fund|stake))\b)",
    re.IGNORECASE,
)
_BUILT_OBJECT = re.compile(
    r"(?<![\w-])(?:(?P<buy>build|top)\s+it\s+up|(?P<sell>cut|scale|pare)\s+it\s+back|(?P<down>bring)\s+it\s+down)\b",
    re.IGNORECASE,
)
_NO_TRADE = re.compile(
    r"\bno\s+(?:trade|trades|trading|action|purchases?|sales?)\s+(?:is|are)\s+(?:needed|necessary|required|called\s+for|due)"
    r"\s+(?:in|for)\s+(?:the\s+)?(?=\x01)|\b(?:needs?|requires?|calls?\s+for|asks?\s+for)\s+(?:no\s+)(?:trades?|action|trading)\b|"
    r"\bdoes\s+not\s+(?:need|require|call\s+for|ask\s+for)\s+(?:a\s+|any\s+)?(?:trades?|action|trading)\b",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[.;:]|,\s*(?:and|but|while|whereas)\b|\b(?:but|while|whereas|although)\b", re.IGNORECASE)
_IMPERATIVE = re.compile(r"^\W*(?:\w+\s*:\s*)?(?:so\s+|then\s+|please\s+)?$", re.IGNORECASE)
_BEFORE_VERB = re.compile(r"(?:[,:;–-]\s*(?:so\s+|then\s+)?|\bto\s+|\b(?:and|or|so|then)\s+)$", re.IGNORECASE)
_DENIED = re.compile(r"\b(?:not|never|no|nor|neither|without|instead\s+of|rather\s+than)\b|n['’]t\b", re.IGNORECASE)
_OPEN = re.compile(r"\b(?:if|unless|whether|had|until|before|by)\b|\?", re.IGNORECASE)
_DENIAL_REACH = 25


def check_advice(sentence: Sentence, evidence: Evidence) -> Iterator[Verdict]:
    """A verdict for each thing that a sentence says to do with an asset of which the facts ask for something."""
    text = sentence.plain
    for match in _PASSIVE.finditer(text):
        said = 1 if match["buy"] or match["buying"] or match["grows"] else 0 if match["nothing"] else -1
        if said and match["modal"] and _POSSIBLE.match(match["modal"]):
            continue  # what could be done need not be
        denied = match["no"] is not None or _is_denied(text, match.start())
        yield from _judge(sentence, match, _find_before(sentence, match.start()), said, evidence, denied=denied)
    for match in _ACTIVE.finditer(text):
        if _is_advice(text, match.start()):
            own = _find_at(sentence, match.start("name")) if match["name"] else _find_before(sentence, match.start())
            said = 1 if match["buy"] else -1
            denied = _is_denied(text, match.start())
            yield from _judge(sentence, match, own, said, evidence, denied=denied)
    for match in _BUILT_OBJECT.finditer(text):
        if _is_advice(text, match.start()):
            own = _find_before(sentence, match.start())
            denied = _is_denied(text, match.start())
            yield from _judge(sentence, match, own, 1 if match["buy"] else -1, evidence, denied=denied)
    for match in _NO_TRADE.finditer(text):
        own = _find_at(sentence, match.end()) or _find_before(sentence, match.start())
        yield from _judge(sentence, match, own, 0, evidence, denied=False)


def _is_advice(text: str, start: int) -> bool:
    """Whether a verb says what to do: an imperative, or behind words of advice in its clause."""
    ahead = _CLAUSE.split(text[:start])[-1]
    if re.search(rf"\b(?:{_ADVISES})\b", ahead, re.IGNORECASE):
        return True
    opens = _IMPERATIVE.match(ahead) is not None
    return (opens or ahead.strip() == "") and not text[start : start + 6].lower().endswith("ing")


def _is_denied(text: str, start: int) -> bool:
    return _DENIED.search(re.split(r"[,;:]", text[max(start - _DENIAL_REACH, 0) : start])[-1]) is not None


def _find_before(sentence: Sentence, position: int) -> str | None:
    """The asset that is named last before a place, else the one that is gone on about."""
    before = [item for item in sentence.mentions if item.end <= position]
    if before and re.search(r"\band\s+(?:the\s+)?$", sentence.plain[: before[-1].start]) and len(before) > 1:
        return None  # several together
    return before[-1].subject if before else sentence.carried


def _find_at(sentence: Sentence, position: int) -> str | None:
    return next((item.subject for item in sentence.mentions if item.start == position), None)


def _judge(
    sentence: Sentence, match: re.Match[str], subject: str | None, said: int, evidence: Evidence, *, denied: bool
) -> Iterator[Verdict]:
    """The verdict on buying (1), selling (-1) or leaving alone (0) an asset."""
    clause = _CLAUSE.split(sentence.plain[: match.start()])[-1]
    if subject is None or _OPEN.search(clause):
        return
    asked = list(_list_asked(subject, evidence))
    signs = {sign for sign, _ in asked}
    if len(signs) != 1:
        return  # nothing is known of it, or its model and its limit ask for different things
    sign, fact = asked[0]
    if denied and said:
        if sign == said:
            yield _say(sentence, match, fact, right=False)
        return  # what need not be sold need not be bought
    if denied:
        said = sign or 1
    if said != sign or not said:  # what is rightly to be bought or sold is told by its amount
        yield _say(sentence, match, fact, right=said == sign)


def _list_asked(subject: str, evidence: Evidence) -> Iterator[tuple[int, Fact]]:
    """What the facts of an asset ask for: 1 to buy, -1 to sell, 0 neither, each with the fact that does."""
    traded = False
    for item in evidence.by_measure.get("trade", []):
        if item.subject == subject and item.fact.value and not item.formula:
            traded = True
            yield (1 if item.fact.value > 0 else -1), item.fact
    drifts = [
        item.fact for item in evidence.by_measure.get("drift", []) if item.subject == subject and not item.formula
    ]
    for fact in drifts:
        band = evidence.find(f"band.{fact.id.removeprefix('drift.')}")
        if not traded and (not fact.value or (band is not None and abs(fact.value) <= band.value)):
            yield 0, fact
        elif not traded:
            yield (-1 if fact.value > 0 else 1), fact
    for measure in ("excess", "reduction"):
        for item in evidence.by_measure.get(measure, []):
            if item.subject == subject and item.fact.value > 0:
                yield -1, item.fact


def _say(sentence: Sentence, match: re.Match[str], fact: Fact, *, right: bool) -> Verdict:
    start = sentence.start + match.start()
    claim = Claim(
        match[0].strip("\x01 "), start, start + len(match[0].strip("\x01 ")), Relation.IS, fact.measure, fact.subject
    )
    if right:
        return Verdict(claim, Outcome.GROUNDED, fact)
    return Verdict(claim, Outcome.CONTRADICTED, fact, why=f"{fact.label} is {round(fact.value, 2)}", fault=True)
