"""What is said of an asset in words that its row has: in which account it is held, how it is rated."""

import re
from collections.abc import Iterator

from services.portfolio.domain.claims.evidence import Evidence
from services.portfolio.domain.claims.model import Claim, Outcome, Relation, Verdict
from services.portfolio.domain.claims.sentences import Sentence
from services.portfolio.domain.claims.subjects import Mention
from services.portfolio.domain.claims.traits import make_attribute

_ARTICLE = r"(?:the\s+|her\s+|his\s+|their\s+|its\s+|an?\s+)?"
_PLACES = ("account", "region", "currency", "sector", "asset_class")
_IN = re.compile(
    rf"\s*(?:(?:is|are|was|were|sits?|lies?|stays?|belongs?)(?P<not>\s+not|n['’]t)?\s+)(?:all\s+|both\s+|also\s+)?"
    rf"(?:held\s+|kept\s+|invested\s+|booked\s+|parked\s+|denominated\s+|quoted\s+)?(?:in|within|inside|to)\s+{_ARTICLE}",
    re.IGNORECASE,
)
_HOLDS = re.compile(
    rf"\s+(?:holds?|contains?|consists\s+of|comprises?|is\s+made\s+up\s+of)\s+{_ARTICLE}", re.IGNORECASE
)
_LIST = re.compile(rf"\s*(?:,|and|,\s*and|&)\s*{_ARTICLE}", re.IGNORECASE)
_ENDS = re.compile(
    r"\s*(?:account|region|sector)?\s*(?:$|[.,;:)]|(?:and|but|while|whereas|which|where|with)\b)", re.IGNORECASE
)
_RATED = re.compile(
    r"\s*,?\s*(?:(?:is|are|was|carries|has|holds|bears|with)(?P<not>\s+not)?\s+)?(?:only\s+)?(?:an?\s+)?(?:credit\s+)?(?:rated|rating\s+of)\s+"
    r"(?P<rating>(?:[A-D]{1,3}|[A-C]a{1,2}\d?)[+-]?)(?![\w+-])",
)


def check_attributes(sentence: Sentence, evidence: Evidence) -> Iterator[Verdict]:
    """The verdicts on what a sentence says of where assets are held and how they are rated."""
    if re.search(r"\b(?:if|would|could|may|might|should)\b", sentence.plain, re.IGNORECASE):
        return
    yield from _check_places(sentence, evidence)
    ratings = evidence.attributes.get("rating", {})
    for mention in sentence.mentions:
        match = _RATED.match(sentence.text, mention.end)
        own = ratings.get(mention.subject)
        if match is None or own is None:
            continue
        held = any(value.split()[-1] == match["rating"].casefold() for value in own)
        yield _say(sentence, mention, match.end(), "rating", own, right=held is not bool(match["not"]))


def _check_places(sentence: Sentence, evidence: Evidence) -> Iterator[Verdict]:
    """``A and B are held in the ISA``, ``the ISA holds A and B``."""
    mentions = sentence.mentions
    for place in range(1, len(mentions)):
        one, other = mentions[place - 1], mentions[place]
        between = sentence.plain[one.end : other.start]
        if (match := _IN.fullmatch(between)) is not None and _ENDS.match(sentence.plain, other.end):
            chain, where, denied = _read_back(sentence, place - 1), other, match["not"] is not None
        elif _HOLDS.fullmatch(between) is not None:
            chain, where, denied = _read_on(sentence, place), one, False
        else:
            continue
        for column in _PLACES:
            said = evidence.attributes.get(column, {})
            if not any(where.subject in values for values in said.values()) or any(
                x.subject not in said for x in chain
            ):
                continue
            held = [where.subject in said[item.subject] for item in chain]
            wrong = next((item for item, right in zip(chain, held, strict=True) if right is denied), None)
            told = wrong or chain[0]
            end = max(other.end, chain[-1].end)
            yield _say(sentence, told, end, column, said[told.subject], right=wrong is None)
            break


def _read_back(sentence: Sentence, place: int) -> list[Mention]:
    found = [sentence.mentions[place]]
    while place and _LIST.fullmatch(sentence.plain[sentence.mentions[place - 1].end : found[0].start]):
        place -= 1
        found.insert(0, sentence.mentions[place])
    return found


def _read_on(sentence: Sentence, place: int) -> list[Mention]:
    found = [sentence.mentions[place]]
    for item in sentence.mentions[place + 1 :]:
        if _LIST.fullmatch(sentence.plain[found[-1].end : item.start]) is None:
            break
        found.append(item)
    return found


def _say(
    sentence: Sentence, mention: Mention, end: int, column: str, values: frozenset[str], *, right: bool
) -> Verdict:
    fact = make_attribute(column, mention.subject, values)
    start = min(mention.start, end)
    claim = Claim(
        sentence.text[start:end], sentence.start + start, sentence.start + end, Relation.NAMED, column, mention.subject
    )
    if right:
        return Verdict(claim, Outcome.GROUNDED, fact)
    return Verdict(claim, Outcome.CONTRADICTED, fact, why=fact.label, fault=True)
