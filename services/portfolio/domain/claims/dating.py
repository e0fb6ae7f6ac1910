"""Dates that a text names: each must be a day of the fact, the asset or the section that its sentence speaks of."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from services.portfolio.domain.claims.dates import DateMention, find_dates
from services.portfolio.domain.claims.evidence import Evidence
from services.portfolio.domain.claims.model import Claim, Outcome, Relation, Verdict
from services.portfolio.domain.claims.sentences import Sentence
from services.portfolio.domain.facts import Fact

_FALL = re.compile(
    r"\b(?:drawdown|peak\w*|trough\w*|bottom\w*|recover\w*|made good|make up|make good|recoup\w*|"
    r"setback|deepest|largest fall|worst fall|the fall|"
    r"low point|its low|its high|last high|january high|high water|decline that|old high|new high|losing)\b",
    re.IGNORECASE,
)
_ROLES = (
    (
        2,
        re.compile(
            r"\b(?:recover\w*|made good|make up|make good|recoup\w*|back|"
            r"regain\w*|repaired|closed|made up|new high|old high)\b[^,;]*$",
            re.IGNORECASE,
        ),
    ),
    (
        1,
        re.compile(
            r"\b(?:trough\w*|bottom\w*|low\w*|\bto|until|till|ended|reached|deepest)\b\W*(?:\w+\W+){0,4}$",
            re.IGNORECASE,
        ),
    ),
    (0, re.compile(r"\b(?:peak\w*|from|began|begun|started|high|since)\b\W*(?:\w+\W+){0,4}$", re.IGNORECASE)),
)
_FIRST, _LAST_ROLE = 0, 2
_SCHEDULED = frozenset({"next_payment", "flow"})
"""Amounts of which each has a day of its own."""
_PAIRED = re.compile(r"\b(?:from|between)\b[^.]{0,30}$", re.IGNORECASE)
_NEXT = re.compile(r"\bnext\b|\bfirst\b", re.IGNORECASE)


def check_dates(sentence: Sentence, verdicts: Sequence[Verdict], evidence: Evidence) -> Iterator[Verdict]:
    """A verdict for every date of a sentence, whose figures' verdicts are given."""
    for mention in sentence.dates:
        if not mention.spans and mention.month is None:
            continue
        if any(name.start <= mention.start and mention.end <= name.end for name in sentence.mentions):
            continue  # a day in the name of a bond is part of its name
        days, fact, precise = _find_days(sentence, mention, verdicts, evidence)
        claim = Claim(
            mention.text, sentence.start + mention.start, sentence.start + mention.end, Relation.DATED,
            measure=fact.measure if fact else None,
        )  # fmt: skip
        right = any(mention.covers(day) for day in days) or (not precise and _is_in_period(mention, evidence))
        if right:
            yield Verdict(claim, Outcome.GROUNDED, fact)
            yield from _check_payment(claim, fact, verdicts)
        elif not days and (period := _find_other_period(mention, evidence)) is not None:
            yield Verdict(claim, Outcome.CONTRADICTED, fact, why=f"the period is {period}", fault=True)
        elif days:
            shown = ", ".join(day.isoformat() for day in sorted(set(days))[:4])
            about = fact.label if fact else "the section"
            yield Verdict(claim, Outcome.CONTRADICTED, fact, why=f"the dates of {about} are {shown}", fault=True)
        else:
            yield Verdict(claim, Outcome.UNVERIFIABLE, why="the input holds no date")


def _check_payment(claim: Claim, fact: Fact | None, verdicts: Sequence[Verdict]) -> Iterator[Verdict]:
    """What is paid on a day is the payment of that day, not the income of the year."""
    if fact is None or fact.measure != "next_payment":
        return
    for verdict in verdicts:
        other = verdict.fact
        if (
            other is not None
            and other.measure == "income"
            and other.subject == fact.subject
            and other.value != fact.value
        ):
            why = f"{fact.label} is {round(fact.value, 2)} {fact.currency or ''}".strip()
            yield replace(verdict, claim=claim, outcome=Outcome.CONTRADICTED, fact=fact, why=why, fault=True)


def _find_days(
    sentence: Sentence, mention: DateMention, verdicts: Sequence[Verdict], evidence: Evidence
) -> tuple[list[date], Fact | None, bool]:
    """The days that a date may be, the fact that they are of, and whether no other will do."""
    if (found := _find_fall(sentence, mention, verdicts, evidence)) is not None:
        return found
    stated = [verdict.fact for verdict in verdicts if verdict.fact is not None and verdict.fact.dates]
    if any(item.fact is not None and item.fact.measure == "net_flows" for item in verdicts):
        stated += [item.fact for item in evidence.by_measure.get("flow", []) if item.fact.dates]
    own = _find_subject_days(sentence, mention, evidence)
    if own and not any(fact.measure in {"market_value", "twr", "span"} for fact in stated):
        chosen = [fact for fact in stated if fact.subject] or own
        return [day for fact in chosen for day in fact.dates], chosen[0], True
    if spoken := _find_spoken(sentence, mention, evidence):
        return [*spoken.dates], spoken, True
    dated = [fact for fact in stated if fact.measure != "drawdown"]
    paid = [
        verdict.fact
        for verdict in sorted(verdicts, key=lambda item: item.claim.start)
        if verdict.fact is not None and verdict.fact.measure in _SCHEDULED and verdict.claim.value is not None
        and verdict.claim.end <= sentence.start + mention.start
    ]  # fmt: skip
    if paid and len(dated) > 1 and all(fact.measure in _SCHEDULED for fact in dated):
        return [*paid[-1].dates], paid[-1], True  # of several payments each has the day that stands behind it
    if dated:
        return [day for fact in dated for day in fact.dates], dated[0], True
    if repaid := _find_repaid(sentence, mention, evidence):
        return [day for fact in repaid for day in fact.dates], repaid[0], True
    sections = {frame.dates for frame in evidence.frames}
    days = [day for dates in sections for day in dates]
    if _NEXT.search(sentence.plain):
        payments = sorted(
            (f.fact for f in evidence.held if f.fact.id.startswith(("next_payment.", "next_maturity"))),
            key=lambda f: f.dates,
        )
        if payments:
            return [*payments[0].dates], payments[0], True
    fall = evidence.find("drawdown")
    if fall is not None and re.search(r"\b(?:lost|fell|fallen|dropped|down)\b", sentence.plain):
        days += fall.dates
    return days or list(evidence.dates), None, False


_REPAID = re.compile(
    r"\b(?:matur\w+|falls?\s+due|fall(?:ing)?\s+due|repaid|redeem\w*|redemption)\W+(?:(?:is|are|on|in|by|until|before|"
    r"at|the|end|of|not|only)\W+){0,4}$",
    re.IGNORECASE,
)
_LAST = re.compile(r"\b(?:last|latest|longest|furthest|final)\b", re.IGNORECASE)
_SOONEST = re.compile(r"\b(?:first|next|earliest|soonest|shortest|nearest)\b", re.IGNORECASE)


def _find_repaid(sentence: Sentence, mention: DateMention, evidence: Evidence) -> list[Fact]:
    """The bonds that a day of repayment may be of, where none is named: all, or the first, or the last."""
    if sentence.mentions or not _REPAID.search(sentence.plain[: mention.start]):
        return []
    found = [item.fact for item in evidence.by_measure.get("maturity", []) if item.fact.subject and item.fact.dates]
    found.sort(key=lambda fact: fact.dates)
    if _LAST.search(sentence.plain):
        return found[-1:]
    return found[:1] if _SOONEST.search(sentence.plain) else found


def _find_spoken(sentence: Sentence, mention: DateMention, evidence: Evidence) -> Fact | None:
    """The fact of one day that is named nearest to a date (``the worst month, February 2024``)."""
    cues = sorted(sentence.cues, key=lambda cue: abs(cue.start - mention.start))
    facts = (item.fact for cue in cues if cue.named for item in evidence.by_measure[cue.measure])
    return next((fact for fact in facts if fact.subject is None and len(fact.dates) == 1 and not fact.currency), None)


def _find_fall(
    sentence: Sentence, mention: DateMention, verdicts: Sequence[Verdict], evidence: Evidence
) -> tuple[list[date], Fact | None, bool] | None:
    """The day of a drawdown that a date is said to be: its peak, its trough or its recovery."""
    fact = evidence.find("drawdown")
    said = any(verdict.fact is not None and verdict.fact.id == "drawdown" for verdict in verdicts)
    if fact is None or not fact.dates or not (said or _FALL.search(sentence.plain)):
        return None
    before = sentence.plain[: mention.start]
    if not _FALL.search(sentence.plain) and said and re.search(r"\b(?:as of|as at|on)\s*$", before, re.IGNORECASE):
        return None
    earlier = [item for item in sentence.dates if item.end <= mention.start]
    start = earlier[-1].end if earlier else 0
    after = sentence.plain[mention.end : mention.end + 30]
    if re.match(
        r"\W*(?:for it |for them )?(?:to |was it |had it |it was |it had )?(?:be )?(?:recover|made good|"
        r"make up|make good|recoup|regain|"
        r"made up)",
        after,
    ):
        return [fact.dates[_LAST_ROLE] if len(fact.dates) > _LAST_ROLE else date.min], fact, True
    if len(fact.dates) > 1 and re.search(
        r"\b(?:from|between|von|de)\s+(?:the\s+)?(?:end of\s+)?$", before, re.IGNORECASE
    ):
        return [fact.dates[_FIRST]], fact, True
    for role, pattern in _ROLES:
        if pattern.search(before[start:]):
            if role < len(fact.dates):
                return [fact.dates[role]], fact, True
            return [fact.dates[-1]] if role != _LAST_ROLE else [date.min], fact, True
    if earlier and re.fullmatch(r"\s*(?:and|-|–|to|until)\s*", before[start:]) and len(fact.dates) > 1:
        return [fact.dates[1]], fact, True
    if re.match(r"\s*(?:peak|high)", after):
        return [fact.dates[_FIRST]], fact, True
    return list(fact.dates), fact, True


def _find_subject_days(sentence: Sentence, mention: DateMention, evidence: Evidence) -> list[Fact]:
    """The facts with days of the asset that is named nearest to a date."""
    before = [item.subject for item in sentence.mentions if item.end <= mention.start]
    names = (
        before[-1:]
        or [item.subject for item in sentence.mentions[:1]]
        or ([sentence.carried] if sentence.carried else [])
    )
    return [item.fact for item in evidence.held if item.subject in names and item.fact.dates]


def _find_other_period(mention: DateMention, evidence: Evidence) -> str | None:
    """The payload's period, where a date of the text lies outside of it."""
    for frame in evidence.frames:
        spans = [span for other in find_dates(frame.period or "") for span in other.spans]
        if spans and mention.spans and not any(a <= d and c <= b for a, b in mention.spans for c, d in spans):
            return frame.period
    return None


def _is_in_period(mention: DateMention, evidence: Evidence) -> bool:
    """Whether a date stands in the payload's own words for its period."""
    for frame in evidence.frames:
        for other in find_dates(frame.period or ""):
            if any(a <= d and c <= b for a, b in mention.spans for c, d in other.spans):
                return True
            if mention.month is not None and any(
                first.month <= mention.month <= last.month for first, last in other.spans
            ):
                return True
    return False
