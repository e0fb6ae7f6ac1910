"""Sentences that claim something of the input's assets or figures and that no rule could read: said, never dropped."""

import re
from collections.abc import Iterator, Sequence

from services.portfolio.domain.claims.evidence import Evidence
from services.portfolio.domain.claims.model import Claim, Outcome, Relation, Verdict
from services.portfolio.domain.claims.sentences import Sentence
from services.portfolio.domain.vocabulary import Direction

_CLAIMS = re.compile(
    r"\b(?:(?:more|less|fewer|larger|bigger|higher|greater|smaller|lower|better|worse|longer|shorter|cheaper|"
    r"dearer|riskier|safer|"
    r"harder|faster|sooner|later|earlier)\b[^.;]*\bthan|all|none|every|everything|each|most|both|neither|"
    r"nothing|only|half|twice|"
    r"double|equally|evenly|outnumber\w*|outweigh\w*|exceed\w*|first to|last to)\b",
    re.IGNORECASE,
)
# Words of quantity that count nothing.
_IDIOMS = re.compile(
    r"\b(?:at all|after all|all in all|above all|first of all|not only|if only|at most|half-year\w*)\b", re.IGNORECASE
)
# What advises, asks or supposes claims nothing of the figures.
_ADVICE = re.compile(
    r"\b(?:should|recommend\w*|consider\w*|suggest\w*|propos\w*|advis\w*|discuss\w*|review\w*|could|may|might|"
    r"would|can|cannot|can['’]t|nobody|if|whether|"
    r"unless|please|let us|we will|need to|must|ought|worth|important|aim\w*|goal\w*|objective\w*|client|you|"
    r"we|our|how|why|depends?|"
    r"others?|helps?|means?|because|since|so that|in order|decision|plan\w*|next step\w*|note)\b|\?",
    re.IGNORECASE,
)


_LOOSE = frozenset({"main", "top", "leading", "minor", "bottom"})
"""Superlatives that are said of what is ranked by nothing (``the main risk``)."""
_SUBJECT_REACH = 15


def _find_predicate(sentence: Sentence, evidence: Evidence) -> re.Match[str] | None:
    """A superlative, or a word that says right behind a name that it moved.

    What is to be done says neither (``decide on A: hold, or realise the loss``).
    """
    words = evidence.vocabulary
    for match in words.superlatives.finditer(sentence.plain):
        if match[0].lower() not in _LOOSE:
            return match
    for match in words.directions[Direction.MOVE].finditer(sentence.plain):
        gaps = [sentence.plain[name.end : match.start()] for name in sentence.mentions if name.end <= match.start()]
        if match.lastgroup != "neutral" and gaps and len(gaps[-1]) <= _SUBJECT_REACH and not _PARTS.search(gaps[-1]):
            return match
    return None


_PARTS = re.compile(r"[,;:.(]")
_POINT = re.compile(r"\s*[-*•–]\s+(?P<word>[^\W\d_]+)")
"""A point of a list and its first word."""
_NO_VERBS = re.compile(r"(?:the|a|an|its|their|his|her|our|your|this|that|these|those|there|it|they)\b", re.IGNORECASE)


def _is_asked_for(sentence: Sentence, evidence: Evidence) -> bool:
    """Whether a point of a list begins with what is to be done (``- Bring A down to the limit``), and so with no name,
    article or word of quantity."""
    point = _POINT.match(sentence.plain)
    if point is None or _NO_VERBS.match(point["word"]) or _CLAIMS.match(point["word"]):
        return False
    starts = point.start("word")
    named = any(name.start <= starts < name.end for name in sentence.mentions)
    return not named and evidence.vocabulary.superlatives.match(sentence.plain, starts) is None


def check_unread(sentence: Sentence, verdicts: Sequence[Verdict], evidence: Evidence) -> Iterator[Verdict]:
    """A verdict on a sentence that nothing else of it was read of, where it compares, ranks, counts or moves what the
    input names: silence would say that it claims nothing."""
    if verdicts or sentence.continued or sentence.figures or sentence.dates or _ADVICE.search(sentence.plain):
        return
    if _is_asked_for(sentence, evidence):
        return
    match = _CLAIMS.search(_IDIOMS.sub(" ", sentence.plain)) or _find_predicate(sentence, evidence)
    named = sentence.mentions or any(
        cue.named and any(item.subject is None for item in evidence.by_measure[cue.measure]) for cue in sentence.cues
    )
    if match is None or not named:
        return
    end = sentence.start + len(sentence.text.rstrip())
    claim = Claim(sentence.text.strip(), sentence.start, end, Relation.IS)
    yield Verdict(claim, Outcome.UNSUPPORTED, why="no fact could be found that decides it", fault=True)
