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
    r"would|can|if|whether|"
    r"unless|please|let us|we will|need to|must|ought|worth|important|aim\w*|goal\w*|objective\w*|client|you|"
    r"we|our|how|why|depends?|"
    r"others?|helps?|means?|because|since|so that|in order|decision|plan\w*|next step\w*|note)\b|\?",
    re.IGNORECASE,
)


def check_unread(sentence: Sentence, verdicts: Sequence[Verdict], evidence: Evidence) -> Iterator[Verdict]:
    """A verdict on a sentence that nothing else of it was read of, where it compares, ranks, counts or moves what the
    input names: silence would say that it claims nothing."""
    if verdicts or sentence.continued or sentence.figures or sentence.dates or _ADVICE.search(sentence.plain):
        return
    words = evidence.vocabulary
    claiming = (_CLAIMS, words.pole_words, words.superlatives, words.directions[Direction.MOVE])
    text = _IDIOMS.sub(" ", sentence.plain)
    match = next(
        (found for pattern in claiming for found in pattern.finditer(text) if found.lastgroup != "neutral"), None
    )
    named = sentence.mentions or any(
        cue.named and any(item.subject is None for item in evidence.by_measure[cue.measure]) for cue in sentence.cues
    )
    if match is None or not named:
        return
    end = sentence.start + len(sentence.text.rstrip())
    claim = Claim(sentence.text.strip(), sentence.start, end, Relation.IS)
    yield Verdict(claim, Outcome.UNSUPPORTED, why="no fact could be found that decides it", fault=True)
