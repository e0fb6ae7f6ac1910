"""A text as sentences, each with everything in it that claims are made of: figures, names, dates, and words of
measures."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from services.portfolio.domain.claims.dates import DateMention, find_dates
from services.portfolio.domain.claims.describing import find_described
from services.portfolio.domain.claims.evidence import Evidence
from services.portfolio.domain.claims.model import Printed
from services.portfolio.domain.claims.strangers import find_strangers
from services.portfolio.domain.claims.subjects import Mention
from services.portfolio.domain.number_words import Unit
from services.portfolio.domain.vocabulary import Direction

_SENTENCE_END = re.compile(
    r"(?<=[.!?])(?<!\bRs\.)(?<!\bvs\.)(?<!Ltd\.)(?<!Inc\.)(?<!\bCo\.)(?<!approx\.)(?<!\bNo\.)(?<!e\.g\.)(?<!i\.e\.)"
    r"(?<!\bMr\.)(?<!\bMs\.)(?<!\bMrs\.)(?<!\bDr\.)(?<!p\.a\.)(?<!\bMio\.)(?<!\bMrd\.)\s+|;\s+|\n+"
)
_LONGEST_SENTENCE = 800
_PRONOUN = re.compile(
    r"\b(?:it|its|they|their|this|that|these|those|the (?:fund|position|holding|stock|bond|share|latter))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Cue:
    """Words of a measure at ``start:end`` of a sentence; ``named`` where they leave no doubt."""

    measure: str
    start: int
    end: int
    named: bool


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence at ``start:end`` of the text; positions of all that is in it are within the sentence.

    ``carried`` is the subject of the sentence before it, ``paragraph`` whether a new paragraph begins.
    """

    start: int
    end: int
    text: str
    plain: str
    """With names blanked, but for those that are themselves words of a measure."""
    figures: tuple[Printed, ...]
    mentions: tuple[Mention, ...]
    dates: tuple[DateMention, ...]
    cues: tuple[Cue, ...]
    boundaries: tuple[int, ...]
    carried: str | None
    index: int = 0
    of_benchmark: bool = False
    """Whether it goes on about the benchmark (``The index did well. It rose ...``)."""
    continued: bool = False
    """Whether a semicolon stands before it, so that it may leave out what the sentence before it says."""

    def spot(self, figure: Printed) -> tuple[int, int]:
        """A figure's place within the sentence."""
        return figure.start - self.start, figure.end - self.start


def split(text: str, figures: Sequence[Printed], everywhere: Sequence[Mention], evidence: Evidence) -> list[Sentence]:
    """The sentences of a text that has been made plain, with the figures that were read in it and the names
    ``everywhere`` in it."""
    dates = find_dates(text)
    days = [day.start for day in dates]
    hidden = _hide(text, everywhere)
    starts = [mention.start for mention in everywhere]
    spots = [figure.start for figure in figures]
    found: list[Sentence] = []
    position, carried, opened = 0, None, False
    for end, following, paragraph in _find_ends(hidden):
        part = text[position:end]
        inside = everywhere[bisect_left(starts, position) : bisect_left(starts, end)]
        own = figures[bisect_left(spots, position) : bisect_left(spots, end)]
        mentions = tuple(
            Mention(item.subject, item.start - position, item.end - position)
            for item in inside
            if not any(item.start < figure.end and figure.start < item.end for figure in own)
        )
        proper = tuple(
            item
            for item in mentions
            if item.subject not in evidence.generic or (item.start and part[item.start].isupper())
        )
        mentions = proper or mentions
        goes_on = bool(found) and text[found[-1].end : found[-1].end + 1] == ";"
        if goes_on and found[-1].mentions:
            carried = found[-1].mentions[-1].subject  # what a semicolon parts speaks of what was named last
        first = min([len(part), *(item.start for item in mentions), *(item.start - position for item in own)])
        if goes_on and carried and (match := _IT.search(part, 0, first)) is not None:
            mentions = (Mention(carried, *match.span()), *mentions)
        mentions = _refer_back(part, mentions)
        if own and (strangers := find_strangers(part, [*mentions, *_spans(own, position)], evidence)):
            mentions = tuple(sorted([*mentions, *strangers], key=lambda item: item.start))
        plain = _hide(part, mentions, "\x01")
        found.append(
            Sentence(
                position, end, part, plain, tuple(own), mentions,
                tuple(_shift(day, position) for day in dates[bisect_left(days, position) : bisect_left(days, end)]),
                tuple(find_cues(part, plain, mentions, evidence, _list_amounts(own, position))),
                tuple(match.start() for match in evidence.vocabulary.boundaries.finditer(plain)),
                carried if opened or _PRONOUN.search(part) else None if mentions else find_described(part, evidence),
                len(found),
                bool(found) and _GOES_ON.match(part) is not None and _is_of_benchmark(found[-1], evidence), goes_on,
            )
        )  # fmt: skip
        opened = bool(mentions) and not own and _OPENS.search(part) is not None
        carried = None if paragraph and not opened else mentions[0].subject if mentions else carried
        position = following
    return found


_ONE_OF_TWO = re.compile(r"\bthe\s+(?:(?P<first>former|first[- ]named)|latter|last[- ]named)\b", re.IGNORECASE)
_TWO = 2


def _refer_back(part: str, mentions: tuple[Mention, ...]) -> tuple[Mention, ...]:
    """The names of a sentence with ``the former`` and ``the latter``, where two names stand before them."""
    found = list(mentions)
    for match in _ONE_OF_TWO.finditer(part):
        before = list(dict.fromkeys(item.subject for item in mentions if item.end <= match.start()))
        if len(before) == _TWO:
            found.append(Mention(before[0 if match["first"] else 1], *match.span()))
    return tuple(sorted(found, key=lambda item: item.start))


_GOES_ON = re.compile(r"(?:it|its|this)\b", re.IGNORECASE)
_IT = re.compile(r"\b(?:it|its)\b", re.IGNORECASE)
_SUBJECT_REACH = 25
_OPENS = re.compile(r"[?:]\W*$|^\s*(?:#+\s|\*\*|__)")
"""A question, a heading or a lead: what follows speaks of what it names."""


def _spans(figures: Iterable[Printed], position: int) -> list[Mention]:
    return [Mention("", item.start - position, item.end - position) for item in figures]


_TURNS_TO_OWN = re.compile(
    r"\b(?:and|so|but|while|whereas)\s+(?:the|our|your|her|his|their)\s+(?:portfolio|account|fund|client|depot)\b",
    re.IGNORECASE,
)
"""A later clause of which the portfolio is the subject."""


def _is_of_benchmark(sentence: Sentence, evidence: Evidence) -> bool:
    patterns = (evidence.benchmark_pattern, evidence.vocabulary.benchmark)
    found = [match.start() for pattern in patterns if (match := pattern.search(sentence.text))]
    return bool(found) and min(found) <= _SUBJECT_REACH and not _TURNS_TO_OWN.search(sentence.text, min(found))


def _list_amounts(figures: Iterable[Printed], position: int) -> list[int]:
    """Where amounts of money end, so that what stands behind them is no share (``28,350 of income``)."""
    return [figure.end - position + 1 for figure in figures if figure.unit is Unit.MONEY]


def find_cues(
    part: str, plain: str, mentions: Sequence[Mention], evidence: Evidence, amounts: Sequence[int] = ()
) -> Iterator[Cue]:
    """Words of the measures that there are facts of; of names that overlap only the longest counts, and behind an
    amount (which ends at one of ``amounts``) none of a share."""
    named: list[Cue] = []
    loose: list[Cue] = []
    present = evidence.by_measure
    for start, end, phrase in evidence.vocabulary.phrases.find(part):
        if phrase.measure not in present or (len(phrase.tokens) > 1 and _PARTED.search(part[start:end])):
            continue
        if start in amounts and evidence.vocabulary.measure(phrase.measure).family == "share":
            continue
        if phrase.named and _is_own(start, end, mentions):
            named.append(Cue(phrase.measure, start, end, True))
        elif not phrase.named and "\x01" not in plain[start:end]:
            loose.append(Cue(phrase.measure, start, end, False))
    named += _find_elided(part, named, evidence)
    if "benchmark_return" in present:
        named += [Cue("benchmark_return", *match.span(), True) for match in evidence.benchmark_pattern.finditer(part)]
    kept = [
        cue
        for cue in named
        if not any(
            other.start <= cue.start and cue.end <= other.end and other.end - other.start > cue.end - cue.start
            for other in named
            if not (
                cue.end == other.end and _TOLD.match(part, cue.end) and _OF.search(part[other.start : cue.start])
            )  # "falls short of the need of 42,000"
            if evidence.vocabulary.measure(other.measure).direction is not Direction.LEVEL  # "above the limit of 10%"
        )
    ]
    yield from kept
    for cue in loose:
        if not any(
            other.start <= cue.start and cue.end <= other.end and cue.end - cue.start < other.end - other.start
            for other in kept
        ):
            yield cue


_ELIDED = re.compile(
    r"\bthe\s+(?P<word>best|worst|strongest|weakest|largest|smallest|highest|lowest)(?=\s*(?:[,:(]|\x01|$)|\s+(?:an?|[a-z]+(?:ed|s)|cost|lost|fell|brought|made|took)\b)",
    re.IGNORECASE,
)
"""A superlative that leaves out its noun (``the best month brought 4%, the worst cost 3%``)."""


def _find_elided(part: str, named: Sequence[Cue], evidence: Evidence) -> Iterator[Cue]:
    """Names of measures that are said in one word, since another with the same noun stands before them."""
    for match in _ELIDED.finditer(part):
        for cue in named:
            words = part[cue.start : cue.end].split()
            if cue.end > match.start() or len(words) != _TWO or not _SUPERLATIVE.fullmatch(words[0]):
                continue
            whole = f"{match['word']} {words[1]}"
            found = [phrase.measure for _, end, phrase in evidence.vocabulary.phrases.find(whole) if end == len(whole)]
            for measure in found:
                if measure in evidence.by_measure and measure != cue.measure:
                    yield Cue(measure, match.start("word"), match.end("word"), True)


_OF = re.compile(r"\b(?:of|than|against)\s+(?:the\s+|its\s+|their\s+)?(?:\w+\s+)?$", re.IGNORECASE)
_TOLD = re.compile(r"\s*(?:of|:|\()\s*(?:(?:about|around|roughly|some|nearly|almost)\s+)?[₹$€£]?\d")
_SUPERLATIVE = re.compile(r"\w+st", re.IGNORECASE)
_PARTED = re.compile(r"[,;:()]")
"""What parts words that are no phrase then (``7% of the portfolio, fell 3%``)."""


def _is_own(start: int, end: int, mentions: Sequence[Mention]) -> bool:
    """Whether words stand outside of names, or are a whole name (``Equity`` of the equity share)."""
    around = [mention for mention in mentions if mention.start < end and start < mention.end]
    return not around or all(start <= mention.start and mention.end <= end for mention in around)


def _shift(mention: DateMention, by: int) -> DateMention:
    return DateMention(mention.text, mention.start - by, mention.end - by, mention.spans, mention.month, mention.day)


def _find_ends(text: str) -> Iterator[tuple[int, int, bool]]:
    """End of each sentence, start of the next, and whether a paragraph ends; endless ones are cut at a space."""
    position = 0
    natural = [(match.start(), match.end(), "\n\n" in match[0]) for match in _SENTENCE_END.finditer(text)]
    for end, following, paragraph in [*natural, (len(text), len(text), True)]:
        while end - position > _LONGEST_SENTENCE:
            cut = text.rfind(" ", position + 1, position + _LONGEST_SENTENCE)
            cut = cut if cut > position else position + _LONGEST_SENTENCE
            yield cut, cut, False
            position = cut
        yield end, following, paragraph
        position = following


def _hide(text: str, mentions: Iterable[Mention], by: str = "n") -> str:
    """The text with names blanked, so that a stop inside a name (``St. Mary's Fund``) ends no sentence."""
    characters = list(text)
    for mention in mentions:
        characters[mention.start : mention.end] = by * (mention.end - mention.start)
    return "".join(characters)


_CLAUSES = re.compile(
    r"[;:]|,\s+(?:but|while|and|whereas|yet|although|because|since|so|even)\b|\b(?:but|while|whereas|"
    r"although|even though|because|despite)\b",
    re.IGNORECASE,
)


def list_clauses(sentence: Sentence) -> Iterator[tuple[int, int]]:
    """Where the clauses of a sentence stand."""
    start = 0
    ends = [match.span() for match in _CLAUSES.finditer(sentence.plain)]
    for end, following in [*ends, (len(sentence.plain), len(sentence.plain))]:
        yield start, end
        start = following


def list_silent_clauses(sentence: Sentence) -> Iterator[tuple[int, int]]:
    """Where the clauses of a sentence stand that have no figure and no day in them."""
    spots = [*(sentence.spot(figure)[0] for figure in sentence.figures), *(day.start for day in sentence.dates)]
    for start, end in list_clauses(sentence):
        if not any(start <= spot < end for spot in spots):
            yield start, end


def find_sentence(sentences: Sequence[Sentence], position: int) -> Sentence:
    """The sentence that a position of the text is in."""
    starts = [sentence.start for sentence in sentences]
    return sentences[max(bisect_right(starts, position) - 1, 0)]
