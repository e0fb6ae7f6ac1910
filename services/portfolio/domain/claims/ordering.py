"""Two printed figures in an order that says something: what became what, which is the lower end, whose limit it is."""

import re
from collections.abc import Sequence
from dataclasses import replace

from services.portfolio.domain.claims.comparable import is_own_limit
from services.portfolio.domain.claims.evidence import Evidence
from services.portfolio.domain.claims.model import Bound, Outcome, Verdict
from services.portfolio.domain.claims.settings import Setting
from services.portfolio.domain.facts import Fact
from services.portfolio.domain.vocabulary import Direction

_HEDGE = r"(?:\s*(?:about|around|roughly|some|nearly|almost|just|only|a|an|the|its|over|under|etwa|rund|environ))*\s*"
_FROM = re.compile(rf"\b(?:from|von|de){_HEDGE}$", re.IGNORECASE)
_TO = re.compile(rf"(?:[^.;:,\d]{{0,25}}\s)?(?:to|auf|à){_HEDGE}", re.IGNORECASE)
_BACK_FROM = re.compile(
    r"\s*,?\s*(?:which is |and |still |well |far |slightly )*"
    rf"(?:(?P<up>up|risen|higher)|(?P<down>down|fallen|lower))\s+(?:from|on){_HEDGE}(?:[^\d.;:,]{{0,25}}\s)?",
    re.IGNORECASE,
)
_CHANGED = re.compile(
    r"\b(?:(?P<up>widen\w*|doubled|tripled|quadrupled|multiplied)|(?P<down>narrow\w*|halved|shr[au]nk\w*|come down|"
    r"came down|go down|brought down|taken down|cut|dwindled))\b",
    re.IGNORECASE,
)
_VERB_REACH = 30
_SET_BESIDE = re.compile(
    rf"\)?\s*(?:a year\s*)?,?\s*(?:compared (?:with|to)|against|versus|vs\.?|gegenüber|contre){_HEDGE}", re.IGNORECASE
)
_COMPARATIVE = re.compile(
    r"\b(?:(?P<up>higher|greater|larger|bigger|increased|elevated)|(?P<down>lower|smaller|reduced|lesser))\b",
    re.IGNORECASE,
)
_PAIRED = frozenset({"benchmark_return", "benchmark_volatility", "model_weight", "model_equity"})
"""What is set beside a figure of the portfolio's own."""
_BECAME = re.compile(
    r"[^.;:,\d]{0,40}\b(?:ha(?:s|ve|d)\s+(?:\w+\s+)?(?:become|turned into|grown (?:in)?to)|became|turned into|"
    rf"wurden?|devenus?)\b{_HEDGE}",
    re.IGNORECASE,
)
_INTO = re.compile(rf"\s*(?:in)?to{_HEDGE}", re.IGNORECASE)
_TURNED = re.compile(rf"\b(?:turn(?:ed|s)?|ma[dk]e){_HEDGE}$", re.IGNORECASE)
_EARLIER = frozenset({"cost", "start_value"})
_RANGES = frozenset({"profile_range", "band_end"})
_RANGE = re.compile(rf"\s*(?:to|and|or|-|–|bis|à|et|und){_HEDGE}", re.IGNORECASE)


def check_orders(settings: Sequence[Setting], done: list[Verdict], evidence: Evidence) -> None:
    """Refutes figures that stand in the wrong order: ``rose from 6 to 4``, ``down from 3``, ``65% to 40%``."""
    for index in range(1, len(settings)):
        one, two = done[index - 1], done[index]
        if one.fault or two.fault or one.fact is None or two.fact is None:
            continue
        if settings[index - 1].figure.unit is not settings[index].figure.unit:
            continue
        why = _turns_back(settings[index - 1], settings[index], one.fact, two.fact, evidence)
        if why is not None:
            done[index] = replace(two, outcome=Outcome.CONTRADICTED, why=why, fault=True)


def _turns_back(before: Setting, after: Setting, one: Fact, two: Fact, evidence: Evidence) -> str | None:
    """Why two figures, one after the other, do not stand in the order that the words between them say."""
    low, high = abs(before.figure.value), abs(after.figure.value)
    if low == high:
        return None
    shown = f"{before.figure.text} and {after.figure.text}"
    if _SET_BESIDE.fullmatch(after.before) and (way := _read_comparative(before, two)) is not None:
        return None if (low > high) == way else f"{shown} are not in that order"
    if (match := _BACK_FROM.fullmatch(after.before)) is not None:
        return None if (low > high) == (match["up"] is not None) else f"{shown} are not in that order"
    opened = _FROM.search(before.before)
    if opened is not None and _TO.fullmatch(after.before):
        way = _read_way(before.before[: opened.start()], evidence)
        if way is not None:
            return None if (high > low) == way else f"{shown} are not in that order"
    if (
        one.measure in _RANGES
        and two.measure == one.measure
        and (opened or _RANGE.fullmatch(after.before))
        and low > high
    ):
        return f"{shown} are the ends of no range"
    became = _BECAME.fullmatch(after.before) or (_TURNED.search(before.before) and _INTO.fullmatch(after.before))
    if became and one.id != "start_value" and one.measure == "market_value" and two.id.partition(".")[0] in _EARLIER:
        return f"{one.label} is what there is now"
    return None


def _read_comparative(before: Setting, other: Fact) -> bool | None:
    """Whether what is said before two figures makes the first the larger (``higher risk: 8% against 6%``)."""
    clause = re.split(r"[.;]", before.before)[-1]
    found = list(_COMPARATIVE.finditer(clause))
    if not found or other.measure not in _PAIRED or re.search(r"\bthan\b", clause[: found[-1].start()]):
        return None
    if before.index and re.search(r"\b(?:benchmark|index|model)\b", clause, re.IGNORECASE):
        return None
    return found[-1]["up"] is not None


_THAN_NAME = re.compile(
    r"\)?\s*,?\s*(?:which is |and |or )?(?:\w+ )?(?:(?P<up>more|larger|bigger|higher|greater|better)|"
    r"(?P<down>less|smaller|"
    r"lower|fewer))\s+than\s+(?:that\s+of\s+|did\s+)?(?:the\s+)?(?=\x01)",
    re.IGNORECASE,
)


def check_names_behind(settings: Sequence[Setting], done: list[Verdict], evidence: Evidence) -> None:
    """Refutes figures that are said to be more or less than the same of another: ``took 0.45 points, less than B``."""
    for index, (setting, verdict) in enumerate(zip(settings, done, strict=True)):
        fact, sentence = verdict.fact, setting.sentence
        if fact is None or verdict.fault or verdict.formula or fact.subject is None or setting.bound is not Bound.EXACT:
            continue
        match = _THAN_NAME.match(sentence.plain[setting.end :])
        place = setting.end + match.end() if match else -1
        mention = next((item for item in sentence.mentions if item.start == place), None)
        if match is None or mention is None or re.match(r"[^;:.]{0,12}(?:,|\band\b)", sentence.plain[mention.end :]):
            continue  # of several, the sum may be meant
        stem = fact.id.rpartition(".")[0]
        other = next(
            (
                x.fact
                for x in evidence.by_measure[fact.measure]
                if x.subject == mention.subject and x.fact.id.startswith(f"{stem}.")
            ),
            None,
        )
        if other is None or other.value == fact.value or (other.value > 0) is not (fact.value > 0):
            continue
        if (abs(fact.value) > abs(other.value)) is not (match["up"] is not None):
            why = f"{other.label} is {round(other.value, 2).normalize():f}"
            done[index] = replace(verdict, outcome=Outcome.CONTRADICTED, why=why, fault=True)


def _read_way(ahead: str, evidence: Evidence) -> bool | None:
    """Whether the words right before ``from`` say that it rose; None where they say neither."""
    near = ahead[-_VERB_REACH:]
    found = [
        (match.end(), match.lastgroup == "up")
        for pattern in (evidence.vocabulary.directions[Direction.MOVE], _CHANGED)
        for match in pattern.finditer(near)
        if match.lastgroup in {"up", "down"} and not re.search(r"[,;:]", near[match.end() :].strip(" ,"))
    ]
    return max(found)[1] if found else None


_RULES = {
    "single_name": r"single|position|holding|name|stock|issuer|company", "issuer": r"issuer|debtor|name",
    "sector": r"sector|industr", "region": r"region|countr", "currency": r"currenc", "asset_class": r"class",
    "account": r"account", "cash": r"cash|liquid", "fee": r"fee|cost|charge", "top_five": r"five|top 5|5 largest",
}  # fmt: skip
"""The words by which a limit is known, by the part of its id."""


def check_own_limits(settings: Sequence[Setting], done: list[Verdict], evidence: Evidence) -> None:
    """Refutes a limit that bounds nothing of what its sentence states, where what it states has another limit."""
    stated = [item.fact for item in done if item.fact is not None and not item.fault and item.fact.measure != "limit"]
    limits = [item.fact for item in evidence.by_measure.get("limit", [])]
    own = [limit for limit in limits if any(is_own_limit(limit, fact) for fact in stated)]
    for index, verdict in enumerate(done):
        fact = verdict.fact
        if fact is None or verdict.fault or verdict.formula or fact.measure != "limit" or not own:
            continue
        if any(limit.value == fact.value for limit in own):
            continue
        words = _RULES.get(fact.id.rpartition(".")[2])
        if words is not None and not re.search(words, settings[index].sentence.plain, re.IGNORECASE):
            why = f"{own[0].label} is {own[0].value.normalize():f}"
            done[index] = replace(verdict, fact=own[0], outcome=Outcome.CONTRADICTED, why=why, fault=True)
