"""Portions that no figure measures: ``nearly all of the gain comes from A``, ``A brings in the bulk of the income``."""

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from services.portfolio.domain.claims.evidence import Evidence
from services.portfolio.domain.claims.model import Claim, Outcome, Relation, Verdict
from services.portfolio.domain.claims.peers import ADDED, choose_measures, list_peers
from services.portfolio.domain.claims.sentences import Sentence
from services.portfolio.domain.claims.subjects import Mention
from services.portfolio.domain.facts import Fact

_WORDS = (
    (r"(?:nearly|almost|virtually|practically|just about)\s+all|almost everything|the vast majority", "0.85", "1"),
    (r"most|the (?:bulk|majority|lion['’]s share|greater part|larger part)|more than half|over half", "0.5", "1.001"),
    (r"hardly any|almost none|next to none|very little|only a fraction|a small part", "-0.001", "0.15"),
)
"""Words of portions, each with the share that it is more than and at most. ``Nearly all`` is six sevenths and more, as
people say it of 85 %; ``very little`` less than one."""
_PORTION = "|".join(f"(?P<p{place}>{words})" for place, (words, _, _) in enumerate(_WORDS))
_NOUN = (
    r"(?P<noun>(?:net |total |overall |whole |unrealised |unrealized |annual |interest[- ]rate |rate )*"
    r"(?:money|wealth|capital|value|portfolio|income|gains?|profits?|loss(?:es)?|returns?|duration|assets|rise|decline|fall)|it)\b"
)
_OF = rf"\b(?:{_PORTION})\s+of\s+(?:the|its|that|this|all|her|his|their|our|your)?\s*(?:portfolio['’]s\s+)?{_NOUN}"
_FROM = re.compile(
    rf"{_OF}[^.;:\x01\d]{{0,30}}?\b(?:comes?|came|stems?|sits?|is|was|lies|are|were|(?:has|have|had)\s+come|depends?|goes)\s+"
    r"(?:invested\s+|held\s+|earned\s+|made\s+|provided\s+|generated\s+)?(?:from|in|with|by|on|to|into)\s+(?:the\s+)?$",
    re.IGNORECASE,
)
_BEHIND = re.compile(
    rf"\s*(?:\([^)]*\)\s*)?(?:together\s+|alone\s+|now\s+)*(?:accounts?\s+for|accounted\s+for|makes?\s+up|made\s+up|brings?\s+in|brought\s+in|provides?|"
    rf"provided|suppl(?:y|ies|ied)|generates?d?|delivers?|delivered|earns?|earned|pays?|represents?|explains?|is|are)\s+(?:by\s+far\s+)?{_OF}",
    re.IGNORECASE,
)
_JOINED = re.compile(r"\s*(?:,\s*(?:and\s+)?|and|&)\s*(?:the\s+)?", re.IGNORECASE)
_DENIED = re.compile(r"\b(?:not|never|no longer)\b|n['’]t\b", re.IGNORECASE)
_WHOLE = {"gain": ("gain",), "contribution": ("portfolio_return", "total_contribution")}
_LOSING = re.compile(r"\b(?:loss(?:es)?|decline|fall)\b", re.IGNORECASE)
_HUNDRED = Decimal(100)


def check_portions(sentence: Sentence, evidence: Evidence) -> Iterator[Verdict]:
    """A verdict for each portion that is said of assets without a figure."""
    for place, mention in enumerate(sentence.mentions):
        before = _FROM.search(sentence.plain[: mention.start])
        names = _read_list(sentence, place, forward=before is not None)
        match = before or _BEHIND.match(sentence.plain, mention.end)
        if match is None or any(match.start() <= sentence.spot(x)[0] < match.end() for x in sentence.figures):
            continue
        verdict = _judge(sentence, match, names, evidence)
        if verdict is not None:
            yield verdict


def _read_list(sentence: Sentence, place: int, *, forward: bool) -> list[Mention]:
    """The list of names that begins, or ends, with one."""
    mentions, found = sentence.mentions, [sentence.mentions[place]]
    step = 1 if forward else -1
    while 0 <= (place := place + step) < len(mentions):
        one, other = (found[-1], mentions[place]) if forward else (mentions[place], found[0])
        if _JOINED.fullmatch(sentence.plain[one.end : other.start]) is None:
            break
        found.insert(len(found) if forward else 0, mentions[place])
    return found


def _judge(sentence: Sentence, match: re.Match[str], names: Sequence[Mention], evidence: Evidence) -> Verdict | None:
    subjects = list(dict.fromkeys(name.subject for name in names))
    noun = match["noun"] if match["noun"].lower() != "it" else sentence.plain
    measures = choose_measures(noun) or ("weight", "market_value")
    shares = [
        (sum((table[name].value for name in subjects), Decimal(0)) / whole, table[subjects[0]])
        for table in list_peers([x for x in measures if x in ADDED or x == "duration"], subjects, evidence)
        for whole in _list_wholes(table.values(), noun, evidence)
        if whole
    ]
    if "duration" in measures:
        shares = [
            (sum((table[name].value for name in subjects), Decimal(0)) / _HUNDRED, table[subjects[0]])
            for table in list_peers(["duration_share"], subjects, evidence)
        ]
    if not shares:
        return None
    _, low, high = next(row for place, row in enumerate(_WORDS) if match[f"p{place}"])
    least, most = Decimal(low), Decimal(high)
    said = [share > least if least > 0 else share < most for share, _ in shares]
    denied = _DENIED.search(sentence.plain[max(match.start() - 15, 0) : match.end()]) is not None
    held = next((fact for (_, fact), right in zip(shares, said, strict=True) if right is not denied), None)
    start, end = min(match.start(), names[0].start), max(match.end(), names[-1].end)
    share, fact = shares[0]
    claim = Claim(
        sentence.text[start:end], sentence.start + start, sentence.start + end, Relation.IS, fact.measure, subjects[0]
    )
    if held is not None:
        return Verdict(claim, Outcome.DERIVED, held, f"share of {held.id}")
    why = f"it is {round(share * _HUNDRED, 1)}%"
    return Verdict(claim, Outcome.CONTRADICTED, fact, why=why, fault=True)


def _list_wholes(facts: Iterable[Fact], noun: str, evidence: Evidence) -> list[Decimal]:
    """What a portion may be of: the figure of the whole where it is one, else the sum of all that went that way."""
    rows = list(facts)
    if rows[0].measure in {"weight", "income_share"}:
        return [_HUNDRED]
    wholes = [
        x.fact.value
        for name in _WHOLE.get(rows[0].measure, ())
        for x in evidence.by_measure.get(name, [])
        if x.subject is None and x.fact.unit is rows[0].unit
    ]
    if _LOSING.search(noun):
        return [sum((x.value for x in rows if x.value < 0), Decimal(0)), *wholes]
    if rows[0].measure in _WHOLE:
        return [*wholes, sum((x.value for x in rows if x.value > 0), Decimal(0))]
    return [sum((x.value for x in rows), Decimal(0))]
