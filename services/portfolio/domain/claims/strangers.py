"""Names of things that the input does not hold: a figure that is said of one is no figure of the input.

A stranger is a proper name, or the name of a kind of asset, that stands where the subject of a figure stands and is
part of no name of the input.
"""

import re
from collections.abc import Iterator, Sequence

from services.portfolio.domain.claims.evidence import Evidence
from services.portfolio.domain.claims.subjects import Mention, stem_word

KEY = "\x02"
"""What the subject of a stranger begins with; no subject of a fact does."""

_NAME = re.compile(
    r"(?<![\w'’.-])[A-Z][\w&'’.-]*[\w](?:\s+(?:&\s+)?(?:of\s+(?:the\s+)?)?[A-Z0-9][\w&'’-]*)*|"
    r"(?<![\w'’.-])[A-Z]{3,}(?![\w])"
)
# Behind a name: it is the subject of what follows.
_SAYS = re.compile(
    r"(?:['’]s?\s+(?:share|weight|position|stake|return|gain|loss|yield|coupon|contribution|payment|"
    r"dividends?|cost|value|"
    r"duration|drift|allocation|price|rating|limit|income)\b|\s*\(\s?[+-]?[\d₹$€£]|,?\s+(?:at|with)\s+(?:a |"
    r"an |its |just |only |"
    r"about |some )*(?:weight of |share of )?[+-]?[\d₹$€£]|"
    r",?\s+(?:now\s+|also\s+|alone\s+|still\s+|currently\s+|has\s+|have\s+|had\s+|was\s+|were\s+|is\s+|are\s+)*"
    r"(?:is|are|was|were|has|have|had|makes?|made|accounts?|accounted|holds?|held|yields?|yielded|pays?|paid|"
    r"gained|gains|"
    r"fell|rose|lost|loses|returned|returns|contribut\w+|added|adds|detract\w+|cost|costs|stands?|stood|represents?|"
    r"represented|exceeds?|breach\w*|brings?|brought|suppl\w+|provid\w+|generat\w+|deliver\w+|matur\w+|"
    r"trades?|up|down|weighs?|"
    r"leads?|tops?|outperform\w*|underperform\w*|overweight|underweight|declined|dropped|climbed|advanced|slipped|"
    r"distributes?|counts?|carries|ranks?|should|must|needs?)\b)"
)
# Before a name: the figure is of it.
_OF = re.compile(
    r"(?:[\d%.)]|points?|lakh|crore|million|m|bn|k)\s+(?:is\s+|was\s+|are\s+)?(?:in|from|of)\s+(?:the\s+)?$"
)
_TITLES = frozenset(
    ["mr", "mrs", "ms", "dr", "herr", "frau", "familie", "mme", "monsieur", "madame", "family", "trust", "client", "q1",
     "q2",
     "q3", "q4", "h1", "h2", "fy"]
)  # fmt: skip
_GERMAN = re.compile(r"\b(?:der|die|das|und|ist|von|im|mit|beträgt|liegt|den|dem|ein|eine|wurde|sind)\b")
_KINDS = re.compile(
    r"\b(?:gold|silver|platinum|bitcoin|crypto(?:currenc\w+|s)?|commodit(?:y|ies)|private equity|hedge funds?|"
    r"private credit|"
    r"venture capital|timber|farmland|emerging[- ]markets?|real estate|infrastructure|high[- ]yield bonds?)\b",
    re.IGNORECASE,
)


def find_strangers(text: str, mentions: Sequence[Mention], evidence: Evidence) -> list[Mention]:
    """The strangers of a sentence that stand where the subject of a figure stands, in order."""
    if len(_GERMAN.findall(text)) > 1:
        return []  # nouns are written like names there
    indexes = (evidence.vocabulary.indexes, evidence.benchmark_pattern)
    known = [*mentions, *(Mention("", *match.span()) for pattern in indexes for match in pattern.finditer(text))]
    names = list(_find_names(text, known, evidence))
    return sorted([*names, *_find_kinds(text, [*known, *names], evidence)], key=lambda item: item.start)


def _find_names(text: str, mentions: Sequence[Mention], evidence: Evidence) -> Iterator[Mention]:
    for match in _NAME.finditer(text):
        start, end = match.span()
        words = [word for word in re.findall(r"[\w&'’-]+", match[0]) if word[0].isalpha()]
        first = not re.search(r"\w", text[:start])
        while first and words and _is_ordinary(words[0], evidence):
            skipped = re.match(r"\W*", match[0][start - match.start() + len(words[0]) :])
            start += len(words[0]) + (len(skipped[0]) if skipped else 0)
            words = words[1:]
            first = False
        if not words or start >= end:
            continue
        if any(item.start < end and start < item.end for item in mentions) or _is_known(words, evidence):
            continue
        before = re.search(r"(\w+)[.\s]+$", text[:start])
        if before and before[1].casefold() in _TITLES:
            continue
        if words[0].endswith(("ly", "ing", "ed")) and len(words) == 1:
            continue
        if _SAYS.match(text[end:]) or _OF.search(text[:start]):
            yield Mention(f"{KEY}{text[start:end].casefold()}", start, end)


def _is_ordinary(word: str, evidence: Evidence) -> bool:
    folded = re.sub(r"['’]s?$", "", word.casefold())
    stems = {folded, stem_word(folded)}
    return bool(stems & evidence.vocabulary.ordinary or stems & evidence.vocabulary.words)


def _is_known(words: Sequence[str], evidence: Evidence) -> bool:
    """Whether one of a name's words is of the input or of the field."""
    return any(
        stem_word(part) in evidence.name_words
        or any(part.casefold().startswith(name) for name in evidence.name_words if len(name) > 4)
        or _is_ordinary(part, evidence)
        for word in words
        for part in (word, *re.split(r"[-’']", word))
        if part
    )


def _find_kinds(text: str, mentions: Sequence[Mention], evidence: Evidence) -> Iterator[Mention]:
    for match in _KINDS.finditer(text):
        start, end = match.span()
        if any(item.start < end and start < item.end for item in mentions):
            continue
        if any(stem_word(word) in evidence.name_words for word in match[0].split()):
            continue
        if _SAYS.match(text[end:]) or _OF.search(text[:start]):
            yield Mention(f"{KEY}{match[0].casefold()}", start, end)
