"""What is set against a figure that the sentence prints as the line alone: ``far above its cost of 110,000``, ``below
the risk-free 2.5%``; and what the whole would be without one part: ``without A the month would have been negative``."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from services.portfolio.domain.claims.evidence import Evidence
from services.portfolio.domain.claims.model import Claim, Outcome, Relation, Verdict
from services.portfolio.domain.claims.sentences import Sentence
from services.portfolio.domain.claims.settings import Setting
from services.portfolio.domain.facts import Fact

_OWN = {
    "cost": ("market_value",),
    "risk_free": ("cagr", "twr"),
    "model_weight": ("weight",),
    "benchmark_volatility": ("volatility",),
    "model_equity": ("equity_share",),
}
"""What lies above or below a line of each measure, of the same asset; the first that there is."""
_SIDE = re.compile(
    r"\b(?:(?P<up>above|over|beyond|past|higher than|more than|exceed(?:s|ed|ing)?|better than|ahead of)|"
    r"(?P<down>below|under|less than|lower than|short of|worse than|behind))\s+"
    r"(?:(?:what|it|its|the|their|was|were|paid|for|a|an|own|of|cost|cost basis|basis|purchase|price|"
    r"risk[- ]free|rate|cash|"
    r"model(?:'s)?|target|weight|index(?:'s)?|benchmark(?:'s)?|which|is|at|\x01+)\s*)*\(?$",
    re.IGNORECASE,
)
_DENIED = re.compile(r"\b(?:not|never|no longer|neither|hardly|without)\b[^,;]{0,25}$|n't\b[^,;]{0,25}$", re.IGNORECASE)
_OPEN = re.compile(r"\b(?:if|would|could|may|might|should|until|must|has to|have to|needs? to)\b", re.IGNORECASE)
_WITHOUT = re.compile(
    r"\b(?:without|excluding|leaving out|leaving aside|had it not been for|but for|apart from)\s+(?:the\s+)?$",
    re.IGNORECASE,
)
_SIGNED = re.compile(
    r"\b(?:(?P<up>positive|a gain|gained|risen|rose|up|in the black|made money)|"
    r"(?P<down>negative|a loss|lost|fallen|fell|down|in the red|declined))\b",
    re.IGNORECASE,
)


def compare_references(settings: Sequence[Setting], verdicts: Sequence[Verdict], evidence: Evidence) -> list[Verdict]:
    """The verdicts, but for lines that something is said to be on the wrong side of."""
    done = list(verdicts)
    for index, (setting, verdict) in enumerate(zip(settings, verdicts, strict=True)):
        fact = verdict.fact
        if fact is None or verdict.fault or fact.measure not in _OWN or _OPEN.search(setting.before):
            continue
        side = _SIDE.search(setting.before)
        own = _find_own(fact, evidence)
        if side is None or own is None:
            continue
        if any(
            mention.end <= setting.start and mention.subject != setting.subject for mention in setting.sentence.mentions
        ):
            continue  # another asset may be what is set against it
        above = (side["up"] is not None) is not (_DENIED.search(setting.before[: side.start()]) is not None)
        if own.value == fact.value and _DENIED.search(setting.before):
            continue
        if own.value == fact.value or above != (own.value > fact.value):
            where = "above" if own.value > fact.value else "below" if own.value < fact.value else "at"
            why = f"{own.label} is {where} it"
            done[index] = replace(verdict, outcome=Outcome.CONTRADICTED, why=why, fault=True)
    return done


def _find_own(line: Fact, evidence: Evidence) -> Fact | None:
    for measure in _OWN[line.measure]:
        for item in evidence.by_measure.get(measure, []):
            if item.fact.subject == line.subject and item.fact.unit is line.unit:
                return item.fact
    return None


def check_without(sentence: Sentence, evidence: Evidence) -> Iterator[Verdict]:
    """``Without A the month would have been negative``: the return of the whole less what A contributed."""
    whole = evidence.find("portfolio_return") or evidence.find("total_contribution")
    if whole is None or sentence.figures:
        return
    for mention in sentence.mentions:
        if not _WITHOUT.search(sentence.plain[: mention.start]):
            continue
        own = [item.fact for item in evidence.by_measure.get("contribution", []) if item.subject == mention.subject]
        rest = sentence.plain[mention.end :]
        match = _SIGNED.search(rest)
        if not own or match is None:
            return
        left = whole.value - own[0].value
        up = (match["up"] is not None) is not (_DENIED.search(rest[: match.start()]) is not None)
        claim = Claim(
            sentence.text[mention.end + match.start() : mention.end + match.end()],
            sentence.start + mention.end + match.start(), sentence.start + mention.end + match.end(), Relation.IS,
            whole.measure, other=mention.subject,
        )  # fmt: skip
        if up == (left > 0):
            yield Verdict(claim, Outcome.DERIVED, whole, f"{whole.id} - {own[0].id}")
        else:
            why = f"without it the return is {round(left, 2)}"
            yield Verdict(claim, Outcome.CONTRADICTED, whole, why=why, fault=True)
        return
