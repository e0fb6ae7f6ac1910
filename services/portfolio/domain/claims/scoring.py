"""How well the words beside a figure name a fact: by measure, subject, basis, owner and what is counted."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from services.portfolio.domain.claims.model import Held
from services.portfolio.domain.claims.owning import is_said_of_benchmark
from services.portfolio.domain.claims.sentences import Cue
from services.portfolio.domain.claims.settings import Setting
from services.portfolio.domain.facts import Fact
from services.portfolio.domain.number_words import Unit
from services.portfolio.domain.vocabulary import Vocabulary

_NAMED, _LOOSE, _NO_CUE = 12.0, 6.0, -3.0
_CHARACTERS_A_POINT = 9
_FARTHEST = 7.0
_CROSSED_FIGURE, _CROSSED_BOUNDARY, _CROSSED_COMMA, _BEHIND = 4.0, 4.0, 3.0, 0.5
_SUBJECT, _KIN, _OTHER_SUBJECT, _NO_SUBJECT, _NEAR_SUBJECT = 8.0, 6.0, -14.0, -6.0, -5.0
_WHOLE = 1.5
_IN_BRACKETS = 10.0
_OWNER, _OTHER_OWNER = 4.0, -14.0
_OWN_RETURNS = frozenset({"twr", "cagr", "xirr", "portfolio_return", "trailing_return", "gain"})
_AFTERWARDS = re.compile(r"\b(?:would|should|will|after|once|if|carrying out|rebalanc\w+)\b", re.IGNORECASE)
_OPENS_RANGE = re.compile(r"\s*(?:to|and|-|–)\s*[\d.,]+\s?%?\s*(?:range|corridor)\b", re.IGNORECASE)
"""``the 40% to 65% range``: the first of the two is an end of it too."""
_OF_PROFILE = re.compile(
    r"\s*(?:ceiling|cap|maximum|limit|upper limit|floor|minimum)?\s*(?:for|of|to|that suits)\s+"
    r"(?:an?|the|his|her|your)\s+"
    r"(?:[\w-]+\s+){0,2}(?:investors?|profile|mandate|clients?)\b",
    re.IGNORECASE,
)
"""``the 65% ceiling for a balanced investor``: an end of the profile's range."""
_ARRIVES = re.compile(r"\b(?:to|at)\s+(?:about\s+|around\s+|just\s+)?$", re.IGNORECASE)
_OF_BENCHMARK = {"benchmark_volatility": "volatility"}
"""Measures that the benchmark has as the portfolio has them, by the words of which both are known."""
_BASIS, _OTHER_BASIS = 3.0, -14.0
_TIMES = frozenset({"per_year", "per_month", "per_quarter", "cumulative", "trailing"})
_TAXES = frozenset({"after_tax", "before_tax"})
_COMPARED = re.compile(r"\b(?:against|versus|vs|compared (?:with|to)|than|gegenüber|contre)\b", re.IGNORECASE)
_JOINED = re.compile(r"\s*(?:of|at|is|was|to|:|=)?\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Score:
    """How well the words beside a figure name a fact; ``named`` where one of its names does."""

    total: float
    named: bool
    cue: float = 0.0
    """How well its own words stand by the figure, whatever asset is named."""
    conflict: str | None = None
    elsewhere: bool = False
    """Whether it is of another time, tax or owner than the words say."""


Cues = Mapping[str, tuple[float, bool]]


def weigh_cues(setting: Setting) -> Cues:
    """How well each measure is named beside a figure, and whether by one of its names."""
    found: dict[str, tuple[float, bool]] = {}
    for cue in setting.sentence.cues:
        if cue.measure == "limit" and _is_relation(cue, setting):
            continue
        points = _weigh(cue, setting)
        if points > found.get(cue.measure, (_NO_CUE, False))[0]:
            found[cue.measure] = points, cue.named
    if _OPENS_RANGE.match(setting.sentence.plain[setting.end :]) or _OF_PROFILE.match(setting.after):
        found["profile_range"] = _NAMED, True
    return found


_RELATED = re.compile(
    r"\b(?:within|inside|under|below|over|above|beyond|past|outside|exceed\w*|break\w*|breach\w*|observ\w*|"
    r"respect\w*|"
    r"violat\w*|meet\w*)\s+(?:its|the|their|any|all|that|this|his|her|our|your)?\s*(?:own\s+|house\s+|[a-z]+\s+)?$",
    re.IGNORECASE,
)
_LIMIT_FIGURE = 20
_STATES = frozenset({"weight", "model_weight", "income_share", "yield", "coupon"})
_MOVES = re.compile(
    r"\b(?:rose|rises|risen|gained|gains|gain|climbed|jumped|advanced|surged|rallied|fell|falls|fallen|lost|"
    r"loses|dropped|"
    r"declined|slipped|slid|shed|tumbled|plunged|returned)\s+(?:by\s+)?(?:less\s+than\s+|under\s+|about\s+|around\s+|roughly\s+|nearly\s+|"
    r"almost\s+|some\s+|only\s+|just\s+|more\s+than\s+|over\s+)*[+-]?$",
    re.IGNORECASE,
)
_MOVES_AFTER = re.compile(
    r"\s+(?:gain|rise|fall|drop|decline|loss|rally|jump)\b(?!\s+(?:share|in the share))", re.IGNORECASE
)
"""Verbs that govern a figure: it is a change, and no share or rate."""
_MOVERS = re.compile(
    r"\b(?:winners?|losers?|gainers?|risers?|fallers?|laggards?|decliners?|advancers?)\s*(?:were|are|was|is|:|included?|,)",
    re.IGNORECASE,
)
_LARGE_COUNT = re.compile(
    r"\s+(?:\w+\s+)?(?:positions?|holdings|names|sources|classes|issuers|sectors|stocks|funds|bonds|payers)\b",
    re.IGNORECASE,
)


def _lists_movers(setting: Setting) -> bool:
    """Whether a figure stands in brackets behind a name in a list of winners or losers: it is what each returned."""
    head = setting.sentence.plain[: setting.start]
    return (
        _MOVERS.search(head) is not None
        and setting.before.rstrip().endswith("\x01")
        and setting.figure.text.startswith("(")
    )


def _tells_length(setting: Setting) -> bool:
    """Whether a sentence says over how many years, or that it speaks of each or of all."""
    several = any(item.unit is Unit.YEARS and item.value > 1 for item in setting.sentence.figures)
    return several or bool(setting.bases & {"per_year", "cumulative"})


def _counts_others(setting: Setting, fact: Fact) -> bool:
    """Whether a sentence counts how many a share is of, and the fact is of another number (``three ... hold 92%``)."""
    counts = {
        item.value
        for item in setting.sentence.figures
        if item.unit is Unit.NUMBER
        and item.value > 1
        and setting.sentence.spot(item)[1] <= setting.start
        and _LARGE_COUNT.match(setting.sentence.plain[setting.sentence.spot(item)[1] :])
    }
    return bool(counts) and bool(fact.parameters) and counts.isdisjoint(fact.parameters)


_SMALLEST = re.compile(
    r"^(?!.*\b(?:largest|biggest|heaviest|top|main|greatest|größten?|principales?)\b).*\b(?:smallest|lightest|lowest|bottom)\b",
    re.IGNORECASE | re.DOTALL,
)
_FIRST_YEAR = re.compile(
    r"\b(?:first|initial|opening|ersten|premiers?)\s+(?:\w+\s+)?(?:years?|months|quarters|jahr|monaten|mois)\b",
    re.IGNORECASE,
)
_IS = re.compile(
    r"\b(?:is|are|it's|stands?\s+at|sits?\s+at|makes?\s+up|accounts?\s+for|amounts?\s+to|weighs?|comes?\s+to|"
    r"holds?|has|have)\s+"
    r"(?:now\s+|currently\s+|about\s+|around\s+|roughly\s+|nearly\s+|almost\s+|some\s+|only\s+|just\s+)*$",
    re.IGNORECASE,
)


def _is_relation(cue: Cue, setting: Setting) -> bool:
    """Whether a limit is only what something stands to (``5.7%, within its limit``): no figure near it is the limit."""
    sentence = setting.sentence
    near = any(
        (-_LIMIT_FIGURE <= sentence.spot(figure)[0] - cue.end <= _LIMIT_FIGURE and sentence.spot(figure)[0] >= cue.end)
        or 0 <= cue.start - sentence.spot(figure)[1] <= 2  # "the 10% limit"
        for figure in sentence.figures
    )
    return not near and _RELATED.search(sentence.plain[: cue.start]) is not None


def score(setting: Setting, held: Held, vocabulary: Vocabulary, cues: Cues) -> Score:
    """How well the words name the fact; ``cues`` are the figure's, weighed."""
    fact = held.fact
    best, named = cues.get(fact.measure, (_NO_CUE, False))
    own = _OF_BENCHMARK.get(fact.measure)
    if own in cues and setting.owner == "benchmark":
        if "benchmark_return" in cues:
            best, named = max(best, cues["benchmark_return"][0] + 1), True  # "against 5.1% for the index"
        elif setting.sentence.of_benchmark and own is not None:
            best, named = max(best, cues[own][0] + 1), True  # "The index rose. Its volatility ..."
    if fact.measure == "model_equity":
        best, named = _weigh_model_equity(setting, cues, best, named=named)
    total, conflict = best, None
    subject = _score_subject(setting, held, vocabulary, named=named)
    total += subject
    if subject <= _NO_SUBJECT:
        conflict = f"it stands beside {setting.subject}" if setting.subject else "which is not named nearby"
    basis = _score_basis(setting, fact)
    if basis < 0:
        conflict = f"it is {', '.join(fact.bases).replace('_', ' ')}"
    count = _score_count(setting, held, vocabulary)
    conflict = _find_other_reading(setting, held, best, count, named=named) or conflict
    owner = _score_owner(setting, fact, vocabulary)
    if owner < 0:
        conflict = f"it stands beside the {setting.owner or 'portfolio'}"
    return Score(total + basis + owner + count, named, best, conflict, basis < 0 or owner < 0)


def _find_other_reading(setting: Setting, held: Held, best: float, count: float, *, named: bool) -> str | None:
    """Why the words, as they stand around the figure, speak of something else than this measure."""
    fact, conflict = held.fact, None
    if fact.measure == "periods" and setting.partitive:
        conflict = "it is said of a part"
    if fact.measure == "count" and (setting.partitive or (held.formula is not None and count < 0)):
        conflict = "it is said of a part" if setting.partitive else f"it counts {held.nouns}"
    if fact.measure in _STATES and best <= _LOOSE and _lists_movers(setting):
        conflict = "the list is of what moved"
    if "trailing" in fact.bases and "trailing" not in setting.bases and not named and _tells_length(setting):
        conflict = "it is of the last year alone"
    if fact.measure.startswith("top_") and _counts_others(setting, fact):
        conflict = f"it is of the {' or '.join(f'{value:f}' for value in fact.parameters)} largest"
    if fact.measure.startswith("top_") and _SMALLEST.search(setting.sentence.plain):
        conflict = "it is of the largest"
    if "trailing" in fact.bases and _FIRST_YEAR.search(setting.sentence.plain):
        conflict = "it is of the last year"
    if fact.measure in _STATES and (_MOVES.search(setting.before) or _MOVES_AFTER.match(setting.after)):
        conflict = "which is said to have moved"
    if fact.measure == "model_weight" and best <= 0 and _IS.search(setting.before):
        conflict = "it is what the model has, not what is held"
    return conflict


def _weigh_model_equity(setting: Setting, cues: Cues, best: float, *, named: bool) -> tuple[float, bool]:
    """The equity of the model where equity is named, and with it the model or what the trades would make of it
    (``equity is 11 points above the model's 60%``, ``selling these would bring equity to 57%``)."""
    of_equity = any(cue.measure == "equity_share" for cue in setting.sentence.cues) and not setting.sentence.mentions
    if of_equity and setting.subject is None and cues.get("model_weight", (0.0, False))[1]:
        return max(best, cues["model_weight"][0] + 0.5), True  # all of the sentence is about equity
    if "equity_share" not in cues:
        return best, named
    if "model_weight" in cues and cues["model_weight"][1]:
        best, named = max(best, cues["model_weight"][0] + 0.5), True
    if _AFTERWARDS.search(setting.sentence.plain) and _ARRIVES.search(setting.before):
        best, named = max(best, cues["equity_share"][0] + 1), True
    return best, named


def _score_owner(setting: Setting, fact: Fact, vocabulary: Vocabulary) -> float:
    """For returns: whether the words beside the figure speak of the benchmark or of the portfolio."""
    theirs = fact.measure == "benchmark_return" or fact.measure in _OF_BENCHMARK
    if theirs and not _names_benchmark(setting):
        return _OTHER_OWNER
    if is_said_of_benchmark(setting.sentence, (setting.start, setting.end), fact, vocabulary):
        return _OTHER_OWNER
    if setting.owner is None or fact.subject is not None:
        return 0.0
    if theirs:
        return _OWNER if setting.owner == "benchmark" else -_OWNER
    if fact.measure in _OF_BENCHMARK.values() and setting.owner == "benchmark":
        return _OTHER_OWNER
    if fact.measure in _OWN_RETURNS:
        return 0.0 if setting.owner == "portfolio" else _OTHER_OWNER
    return 0.0


def _names_benchmark(setting: Setting) -> bool:
    sentence = setting.sentence
    compared = _COMPARED.search(setting.before) or sentence.of_benchmark
    return bool(compared) or any(cue.measure == "benchmark_return" for cue in sentence.cues)


def _weigh(cue: Cue, setting: Setting) -> float:
    sentence = setting.sentence
    inside = cue.start >= setting.start and cue.end <= setting.end
    low, high = (cue.end, setting.start) if cue.end <= setting.start else (setting.end, cue.start)
    points = _NAMED if cue.named else _LOOSE
    if inside:
        return points
    if cue.start >= setting.end and _belongs_to_next(cue, setting):
        points -= _CROSSED_FIGURE
    gap = max(high - low, 0)
    points -= min(gap / _CHARACTERS_A_POINT, _FARTHEST)
    between = sentence.plain[low:high]
    crossed = sum(1 for other in sentence.figures if low <= sentence.spot(other)[0] and sentence.spot(other)[1] <= high)
    if setting.partitive and cue.start >= setting.end:
        crossed -= 1  # "three of the eight are ...": what is said of the three stands after the eight
    points -= crossed * _CROSSED_FIGURE
    points -= sum(1 for spot in sentence.boundaries if low <= spot < high) * _CROSSED_BOUNDARY
    points -= between.count(",") * _CROSSED_COMMA
    if cue.start >= setting.end and "(" in between and ")" not in between:
        points -= _IN_BRACKETS  # what stands in brackets is of what stands there
    return points - (_BEHIND if cue.start >= setting.end else 0)


def _belongs_to_next(cue: Cue, setting: Setting) -> bool:
    """Whether words stand right before the next figure of a list, whose name they are (``£118,600, cost £76,250``)."""
    following = setting.sentence.figures[setting.index + 1 : setting.index + 2]
    if not following:
        return False
    ahead = setting.sentence.plain[setting.end : cue.start]
    between = setting.sentence.plain[cue.end : setting.sentence.spot(following[0])[0]]
    return _JOINED.fullmatch(between) is not None and ("," in ahead or len(between) < len(ahead))


def _score_subject(setting: Setting, held: Held, vocabulary: Vocabulary, *, named: bool) -> float:
    fact, bound = held.fact, setting.subject
    if (subject := held.subject) is not None:
        if bound == subject:
            return _SUBJECT
        if bound is None:
            return _NO_SUBJECT
        if fact.id in setting.kin:
            return _KIN
        mentioned = any(mention.subject == subject for mention in setting.sentence.mentions)
        return _OTHER_SUBJECT if not mentioned else _OTHER_SUBJECT + 4
    measure = vocabulary.measure(fact.measure)
    if bound is None or not setting.sentence.mentions:
        return _WHOLE
    if measure.whole:
        return 0.0 if not setting.direct else -1.0 if named else _NEAR_SUBJECT
    last = [mention for mention in setting.sentence.mentions if mention.end <= setting.start]
    between = setting.sentence.plain[last[-1].end : setting.start] if last else setting.before
    if not setting.direct and (
        vocabulary.portfolio.search(between) or vocabulary.portfolio.match(setting.after.lstrip())
    ):
        return _WHOLE
    if not setting.direct and re.search(r"[,;:]", between):
        return 0.0
    return _NO_SUBJECT


def _score_basis(setting: Setting, fact: Fact) -> float:
    points = 0.0
    for kinds in (_TIMES, _TAXES):
        said, own = setting.bases & kinds, set(fact.bases) & kinds
        if said and own:
            points += _BASIS if said & own else _OTHER_BASIS
    return points


def _score_count(setting: Setting, held: Held, vocabulary: Vocabulary) -> float:
    """For counts: the noun right behind the figure says what is counted."""
    measure = vocabulary.measure(held.fact.measure)
    if held.fact.unit is not Unit.NUMBER or setting.figure.unit is not Unit.NUMBER or not held.nouns:
        return 0.0
    after = re.split(r"[,.;:(]", setting.after, maxsplit=1)[0][:45].lower()
    stems = [word[:5] for word in held.nouns.lower().split()]
    words = re.findall(r"[a-z]+", after)[:6]
    hits = sum(any(word.startswith(stem) for word in words) for stem in stems)
    return 3.0 * hits if hits else (-3.0 if measure.counts else -5.0)
