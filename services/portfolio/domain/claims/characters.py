"""Words that say which side of a line a figure of the whole stands on, without the figure: ``more defensive than the
index`` (a beta below one), ``it fell harder than the market`` (a capture of falls above a hundred)."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from services.portfolio.domain.claims.evidence import Evidence
from services.portfolio.domain.claims.model import Claim, Outcome, Relation, Verdict
from services.portfolio.domain.claims.sentences import Sentence
from services.portfolio.domain.facts import Fact

_ONE, _HUNDRED = Decimal(1), Decimal(100)
_MARKET = r"(?:the |its |their |our )?(?:benchmark|index|market|INDEX)\w*"
_DENIED = re.compile(r"\b(?:not|never|no|neither|hardly)\b[^,;]{0,15}$|n't\b[^,;]{0,15}$", re.IGNORECASE)
_OPEN = re.compile(r"\b(?:if|would|could|may|might|should)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Character:
    words: re.Pattern[str]
    fact_id: str
    test: Callable[[Decimal], bool]
    against_market: bool = True


def _line(words: str, fact_id: str, test: Callable[[Decimal], bool], *, against_market: bool = True) -> _Character:
    pattern = rf"\b(?:{words})" + (rf"(?:\s+(?:than|as)\s+|\s+)(?:that of\s+)?{_MARKET}" if against_market else "")
    return _Character(re.compile(pattern, re.IGNORECASE), fact_id, test, against_market)


_FALLS = (
    r"(?:it |portfolio |account |fund )?(?:fell|falls|dropped|drops|lost|loses|suffered|suffers|declined|"
    r"declines|goes down|went down)"
)
_RISES = (
    r"(?:it |portfolio |account |fund )?(?:rose|rises|gained|gains|climbed|climbs|advanced|advances|goes up|went up)"
)
_CHARACTERS = (
    _line(
        r"(?:swings?|moves?|reacts?|fluctuates?|moved|swung|reacted) (?:more|more strongly|more sharply|"
        r"further) than|more "
        r"(?:aggressive|sensitive|aggressively positioned|risky|cyclical)(?: \w+){0,2} than|more sensitive to",
        "beta",
        lambda value: value > _ONE,
    ),
    _line(
        r"(?:swings?|moves?|reacts?|fluctuates?|moved|swung|reacted) (?:less|less strongly|less sharply) than|more "
        r"(?:defensive|cautious|defensively positioned)(?: \w+){0,2} than|less "
        r"(?:aggressive|sensitive|risky|cyclical)(?: \w+){0,2} than",
        "beta",
        lambda value: value < _ONE,
    ),
    _line(rf"{_FALLS} (?:harder|further|more)", "down_capture", lambda value: value > _HUNDRED),
    _line(
        r"hit it (?:harder|more)(?: \w+)? than|suffers more in falls than", "down_capture",
        lambda value: value > _HUNDRED,
    ),
    _line(r"hit it less(?: \w+)? than|suffers less in falls than", "down_capture", lambda value: value < _HUNDRED),
    _line(rf"{_FALLS} less", "down_capture", lambda value: value < _HUNDRED),
    _line(rf"{_RISES} (?:more|further|faster)", "up_capture", lambda value: value > _HUNDRED),
    _line(rf"{_RISES} less", "up_capture", lambda value: value < _HUNDRED),
    _line(
        r"(?:record|history|track record|track|period|series) is (?:shorter|less) than (?:a|one) year", "years",
        lambda value: value < _ONE, against_market=False,
    ),
    _line(
        r"(?:record|history|track record|track|period|series) is (?:longer|more) than (?:a|one) year", "years",
        lambda value: value > _ONE, against_market=False,
    ),
    _line(
        r"(?:uses?|employs?|carries|is run with) (?:no|neither) (?:leverage|borrowing|gearing)|not leveraged|"
        r"unleveraged", "leverage",
        lambda value: not value, against_market=False,
    ),
    _line(
        r"(?:uses?|employs?|carries|is) (?:leverage|leveraged|geared)", "leverage", lambda value: value > 0,
        against_market=False,
    ),
)  # fmt: skip
_EVENLY = re.compile(
    r"\bas many (?:\w+ )?(?:rose|gained|gainers|winners|advanced) as (?:fell|lost|losers|declined)|"
    r"\b(?:gainers|winners) and losers (?:were|are) "
    r"(?:evenly|equally)|\bevenly split between (?:gainers|winners) and losers",
    re.IGNORECASE,
)
_WHOLE = Decimal("99.5")
_EVERYTHING = re.compile(
    r"\ball\s+(?:of\s+)?(?:the\s+|its\s+|your\s+|our\s+)?(?:(?P<income>income)|portfolio|assets|money|value|"
    r"wealth)\s+(?:comes?\s+from|is\s+in|"
    r"are\s+in|sits?\s+in|is\s+held\s+in|is\s+invested\s+in)\b",
    re.IGNORECASE,
)
_NO_TRADE = re.compile(
    r"\b(?:no\s+(?:trades?|transactions?|action|rebalancing|purchases?|sales?)\s+(?:is|are|was|"
    r"were)\s+(?:needed|necessary|required|called for|due)|"
    r"(?:needs?|requires?)\s+no\s+(?:trades?|trading|rebalancing|adjustment|action|change)|"
    r"nothing\s+(?:needs|has|need|must)\s+(?:to\s+)?be\s+(?:traded|done|bought|sold|changed)|"
    r"no\s+need\s+to\s+(?:trade|buy|sell|rebalance|act))\b",
    re.IGNORECASE,
)


def check_characters(sentence: Sentence, evidence: Evidence) -> Iterator[Verdict]:
    """The verdicts on the words of a sentence that stand for a side of a line."""
    if _OPEN.search(sentence.plain):
        return
    text = evidence.benchmark_pattern.sub(lambda match: "INDEX".ljust(len(match[0]), "x"), sentence.text)
    for item in _CHARACTERS:
        fact = evidence.find(item.fact_id)
        if fact is None and item.fact_id != "leverage":
            continue
        for match in item.words.finditer(text):
            if fact is None:
                continue
            denied = _DENIED.search(text[: match.start()]) is not None
            yield _say(sentence, match, fact.id, evidence, right=item.test(fact.value) is not denied)
    evenly = _EVENLY.search(text)
    gainers, losers = evidence.find("gainers"), evidence.find("losers")
    if evenly is not None and gainers is not None and losers is not None:
        yield _say(sentence, evenly, "gainers", evidence, right=gainers.value == losers.value)
    yield from _check_trades(sentence, evidence)
    yield from _check_everything(sentence, evidence)


def _check_trades(sentence: Sentence, evidence: Evidence) -> Iterator[Verdict]:
    """``No trade is needed in X``: X is none of what is bought or sold."""
    drifts = evidence.by_measure.get("drift", [])
    match = _NO_TRADE.search(sentence.plain)
    if match is None or not drifts:
        return
    trades = evidence.by_measure.get("trade", [])
    subjects = {item.subject for item in sentence.mentions}
    known = {item.subject for item in drifts}
    if subjects and not subjects <= known:
        return
    due = {item.subject for item in drifts if _is_due(item.fact, evidence)}
    chosen = [
        item.fact
        for item in trades
        if item.subject in due and item.subject and (not subjects or item.subject in subjects)
    ]
    fact = chosen[0] if chosen else next(item.fact for item in drifts if not subjects or item.subject in subjects)
    yield _say(sentence, match, fact.id, evidence, right=not chosen)


def _check_everything(sentence: Sentence, evidence: Evidence) -> Iterator[Verdict]:
    """``All of the income comes from X``."""
    match = _EVERYTHING.search(sentence.plain)
    after = [item for item in sentence.mentions if match is not None and item.start >= match.end()]
    if match is None or not after or _DENIED.search(sentence.plain[: match.start()]):
        return
    measure = "income_share" if match["income"] else "weight"
    shares = [item.fact for item in evidence.by_measure.get(measure, []) if item.subject == after[0].subject]
    if shares:
        yield _say(sentence, match, shares[0].id, evidence, right=shares[0].value >= _WHOLE)


def _is_due(drift: Fact, evidence: Evidence) -> bool:
    """Whether an asset has left its band, so that something is to be done; of what has none, any drift."""
    band = evidence.find(f"band.{drift.id.removeprefix('drift.')}")
    return abs(drift.value) > (band.value if band is not None else 0)


def _say(sentence: Sentence, match: re.Match[str], fact_id: str, evidence: Evidence, *, right: bool) -> Verdict:
    fact = evidence.by_id[fact_id].fact
    claim = Claim(
        sentence.text[match.start() : match.end()], sentence.start + match.start(), sentence.start + match.end(),
        Relation.IS,
        fact.measure, fact.subject,
    )  # fmt: skip
    if right:
        return Verdict(claim, Outcome.GROUNDED, fact)
    return Verdict(claim, Outcome.CONTRADICTED, fact, why=f"{fact.label} is {round(fact.value, 2)}", fault=True)
