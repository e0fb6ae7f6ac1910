"""What a clause leaves out since the one before says it: ``A is above target. So is B``, ``A lost money, as did B``.

Such a clause claims of its own names what its antecedent claims of one, so that it is checked as that sentence with the
names exchanged.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from services.portfolio.domain.claims.model import Verdict
from services.portfolio.domain.claims.sentences import Sentence
from services.portfolio.domain.claims.subjects import Mention

_VERB = r"(?:is|are|was|were|does|do|did|has|have|had|can)"
_NAMES = r"(?:the\s+|both\s+)*(?P<names>\x01+(?:(?:\s*,\s*|\s*,?\s+and\s+)(?:the\s+)?\x01+)*)"
_ALONE = re.compile(
    rf"\W*(?:and\s+)?(?:(?:so|(?P<not>nor|neither))\s+{_VERB}\s+{_NAMES}|"
    rf"(?:the\s+same|this|that)\s+(?:also\s+)?(?:goes|holds|is\s+true|applies|can\s+be\s+said|is\s+the\s+case)\s+(?:also\s+)?(?:for|of|to|with)\s+"
    rf"{_NAMES.replace('<names>', '<others>')})\W*$",
    re.IGNORECASE,
)
_WITHIN = re.compile(
    rf"\s*(?:,|\band\b|;)+\s*(?:and\s+|just\s+)?(?:as|so|(?P<not>nor|neither))\s+{_VERB}\s+{_NAMES}\W*$", re.IGNORECASE
)
_DENIED = re.compile(r"\b(?:not|never|no|neither|hardly)\b|n['’]t\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Elided:
    """A sentence as it has to be read: ``whole`` without what is left out in it, and a copy of its antecedent for each
    name of which the same is said, with where that stands in the sentence."""

    whole: Sentence | None
    copies: tuple[tuple[Sentence, int, int], ...] = ()


def resolve(sentence: Sentence, before: Sentence | None) -> Elided:
    """How a sentence is read, given the one before it."""
    if before is not None and (match := _ALONE.match(sentence.plain)) is not None:
        copies = tuple(_copy(before, sentence, match))
        return Elided(None if copies else sentence, copies)
    if (match := _WITHIN.search(sentence.plain)) is not None:
        antecedent = _cut(sentence, match.start())
        copies = tuple(_copy(antecedent, sentence, match))
        return Elided(antecedent, copies) if copies else Elided(sentence)
    return Elided(sentence)


def settle(verdicts: Sequence[Verdict], sentence: Sentence, start: int, end: int) -> Iterator[Verdict]:
    """The verdict on what is left out, at its own place: the first fault that its copy has, else what bears it."""
    chosen = next((item for item in verdicts if item.fault), None) or next(iter(verdicts), None)
    if chosen is not None:
        claim = replace(
            chosen.claim, text=sentence.text[start:end], start=sentence.start + start, end=sentence.start + end
        )
        yield replace(chosen, claim=claim)


def _copy(antecedent: Sentence, sentence: Sentence, match: re.Match[str]) -> Iterator[tuple[Sentence, int, int]]:
    if not antecedent.mentions or (match["not"] and not _DENIED.search(antecedent.plain)):
        return
    subject = antecedent.mentions[0].subject  # of what it is said; what it is set against stays
    start, end = match.span("names") if match["names"] else match.span("others")
    for mention in sentence.mentions:
        if start <= mention.start and mention.end <= end:
            names = tuple(
                Mention(mention.subject, item.start, item.end) if item.subject == subject else item
                for item in antecedent.mentions
            )
            yield replace(antecedent, mentions=names, carried=None), mention.start, mention.end


def _cut(sentence: Sentence, end: int) -> Sentence:
    """A sentence as far as a place."""
    return replace(
        sentence,
        end=sentence.start + end,
        text=sentence.text[:end],
        plain=sentence.plain[:end],
        figures=tuple(item for item in sentence.figures if sentence.spot(item)[1] <= end),
        mentions=tuple(item for item in sentence.mentions if item.end <= end),
        dates=tuple(item for item in sentence.dates if item.end <= end),
        cues=tuple(item for item in sentence.cues if item.end <= end),
        boundaries=tuple(spot for spot in sentence.boundaries if spot < end),
    )
