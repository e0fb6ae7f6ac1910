"""Sums: figures that are of several assets together, by a list of names, a word that they share, or their sign."""

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import chain, combinations, pairwise

from services.portfolio.domain.claims.evidence import Evidence
from services.portfolio.domain.claims.fitting import agrees, convert
from services.portfolio.domain.claims.model import Held, Printed
from services.portfolio.domain.claims.settings import Setting
from services.portfolio.domain.claims.signs import check_sign
from services.portfolio.domain.claims.subjects import Mention, stem_word
from services.portfolio.domain.facts import Fact
from services.portfolio.domain.number_words import Unit
from services.portfolio.domain.vocabulary import Vocabulary

_PAIR = 2
_HUNDRED = Decimal(100)
_SHARES = frozenset({Unit.PERCENT, Unit.POINTS})
Found = tuple[Fact, str]
_SUMMED = 6
_NEXT = 20
_ADDED = frozenset(
    {"weight", "model_weight", "income_share", "quality_weight", "maturity_weight", "contribution", "drift"}
)
"""Shares and points that may be added up; rates, returns and bands of several assets have no sum."""
_LOSERS = re.compile(r"\b(?:losers|gainers|winners|losses|losing)\b", re.IGNORECASE)


def find_sum(setting: Setting, pool: Sequence[Fact], evidence: Evidence) -> Found | None:
    """The sum that a figure is, with its formula, or None."""
    figure = setting.figure
    left, right = setting.start - len(setting.before), setting.end + len(setting.after)
    inside = [item for item in setting.sentence.mentions if left <= item.start and item.end <= right]
    named = list(dict.fromkeys(mention.subject for mention in inside))
    if setting.paired:
        return None  # as many figures as names: each has its own
    if (part := _find_part_of_whole(setting, evidence)) is not None:
        return part
    before = list(dict.fromkeys(item.subject for item in setting.sentence.mentions if item.end <= setting.start))
    wide = _is_wide(setting, evidence)
    modelled = any(cue.measure in _MODELLED for cue in setting.sentence.cues)
    for names in (_list_before(setting), _list_after(setting), *((before, named) if wide else ())):
        for facts in _facts_by_group(figure, names, evidence, modelled=modelled):
            if len(facts) == len(names) and (found := _total_of(setting, facts, evidence.vocabulary)) is not None:
                return found
    if not wide and not setting.direct and (found := _sum_by_word(setting, evidence)) is not None:
        return found
    if not wide or len(_list_before(setting)) > 1:
        return None  # the sum is of the whole list that stands before it
    stated = [fact for fact in pool if convert(figure, fact) is not None]
    choices = chain(
        *(_choose_alike(facts) for facts in (*_facts_by_group(figure, named, evidence, modelled=modelled), stated)),
        _facts_by_word(setting, evidence),
        _facts_by_sign(figure, text=setting.sentence.plain, evidence=evidence),
    )
    return next(
        (found for facts in choices if (found := _total_of(setting, facts, evidence.vocabulary)) is not None), None
    )


_WHOLES = (
    ("contribution", ("portfolio_return", "total_contribution")), ("income", ("income",)), ("gain", ("gain",)),
    ("market_value", ("market_value",)), ("trade", ("turnover_amount",)),
)  # fmt: skip
"""What of several assets is a part of which figure of the whole."""


def _find_part_of_whole(setting: Setting, evidence: Evidence) -> Found | None:
    """``A and B supplied a third of it``: what several are of the whole together."""
    names = _list_before(setting) or _list_after(setting)
    if len(names) < _PAIR or setting.figure.unit is not Unit.PERCENT:
        return None
    cued = {cue.measure for cue in setting.sentence.cues}
    for measure, wholes in _WHOLES:
        if measure not in cued:
            continue
        facts: dict[str, Fact] = {}
        for item in evidence.by_measure.get(measure, []):
            if item.subject in names and item.fact.unit is not Unit.PERCENT:
                facts.setdefault(item.subject or "", item.fact)
        for whole in (item.fact for name in wholes for item in evidence.by_measure.get(name, [])):
            alike = (
                whole.subject is None and whole.value and whole.currency == next(iter(facts.values()), whole).currency
            )
            if len(facts) < len(names) or not alike or (whole.unit is Unit.MONEY) is (measure == "contribution"):
                continue
            if agrees(setting, _total(facts.values()) / whole.value * _HUNDRED):
                total = " + ".join(fact.id for fact in facts.values())
                return next(iter(facts.values())), f"({total}) / {whole.id}"
    return None


def _sum_by_word(setting: Setting, evidence: Evidence) -> Found | None:
    """The sum of all whose names share a word that the sentence says by itself (``bonds, foreign and domestic``)."""
    for facts in _facts_by_word(setting, evidence, setting.sentence.plain):
        if (found := _total_of(setting, facts, evidence.vocabulary)) is not None:
            return found
    return None


def _names_another(setting: Setting, measure: str, vocabulary: Vocabulary) -> bool:
    """Whether the sentence names other measures of money, and not this one."""
    family = vocabulary.measure(measure).family
    cues = [cue for cue in setting.sentence.cues if vocabulary.measure(cue.measure).family == family]
    return any(cue.named for cue in cues) and all(cue.measure != measure for cue in cues)


def _is_in_hundredths(setting: Setting) -> bool:
    return setting.figure.unit is Unit.BASIS_POINTS


def _total_of(setting: Setting, facts: Sequence[Fact], vocabulary: Vocabulary) -> Found | None:
    """The sum of several facts, where the figure is it."""
    total = _total(facts)
    shares = facts and facts[0].unit in _SHARES
    if len(facts) < _PAIR or not agrees(setting, total * _HUNDRED if shares and _is_in_hundredths(setting) else total):
        return None
    if facts[0].unit is Unit.MONEY and _names_another(setting, facts[0].measure, vocabulary):
        return None
    if facts[0].signed and check_sign(setting, facts[0], total, vocabulary) is not None:
        return None
    if any(fact.unit in {Unit.PERCENT, Unit.POINTS} and fact.measure not in _ADDED for fact in facts):
        return None
    return facts[0], " + ".join(fact.id for fact in facts[:_SUMMED])


def _choose_alike(facts: Sequence[Fact]) -> Iterator[Sequence[Fact]]:
    """Choices of facts of one measure and unit, the larger first; counts are not added up."""
    for size in range(min(len(facts), _SUMMED), 1, -1):
        for chosen in combinations(facts[: _SUMMED + 2], size):
            if len({fact.subject for fact in chosen}) < size and any(fact.subject is None for fact in chosen):
                continue
            if any(fact.subject is None for fact in chosen) and any(fact.subject is not None for fact in chosen):
                continue  # a part and the whole have no sum
            if chosen[0].unit is not Unit.NUMBER and len({(x.unit, x.currency, x.measure) for x in chosen}) == 1:
                yield chosen


def _is_wide(setting: Setting, evidence: Evidence) -> bool:
    """Whether a figure may be of several things together."""
    text = setting.sentence.plain
    together = evidence.vocabulary.together.search(text) or _LOSERS.search(text)
    return bool(together) or (setting.subject is None and not setting.sentence.mentions)


def _list_before(setting: Setting) -> list[str]:
    """The names that stand in a list right before a figure (``Gold and cash make up 12%``)."""
    left = setting.start - len(setting.before)
    return _read_list(
        setting,
        [item for item in setting.sentence.mentions if left <= item.start and item.end <= setting.start],
    )


def _list_after(setting: Setting) -> list[str]:
    """The names of a list right after a figure (``12% is in gold and cash``)."""
    right = setting.end + len(setting.after)
    names = [item for item in setting.sentence.mentions if setting.end <= item.start and item.end <= right]
    if setting.index or not names or names[0].start - setting.end > _NEXT:
        return []
    return _read_list(setting, names)


def _read_list(setting: Setting, names: Sequence[Mention]) -> list[str]:
    text = setting.sentence.plain
    if len(names) < _PAIR:
        return []
    for one, other in pairwise(names):
        if not re.fullmatch(
            r"(?:'s)?\s*(?:,|and|,\s*and|plus|&|including|with|as well as)\s*(?:the\s+)?", text[one.end : other.start]
        ):
            return []
    return list(dict.fromkeys(mention.subject for mention in names))


def _facts_by_word(setting: Setting, evidence: Evidence, text: str = "") -> Iterator[list[Fact]]:
    """Weights of all whose names share a word of the sentence (``bonds`` of three bond funds), and of all foreign
    currencies."""
    text = text or setting.sentence.text
    groups: dict[str, list[Held]] = {}
    for item in evidence.held:
        if item.fact.measure in {"weight", "income_share", "market_value"} and item.subject is not None:
            groups.setdefault(f"{item.section}.{item.fact.id.rsplit('.', 1)[0]}", []).append(item)
    words = {stem_word(word) for word in re.findall(r"[A-Za-z]{3,}", text)}
    for members in groups.values():
        if convert(setting.figure, members[0].fact) is None:
            continue
        owners: dict[str, list[Fact]] = {}
        for item in members:
            for word in words & {stem_word(word) for word in re.findall(r"[A-Za-z]{3,}", item.fact.subject or "")}:
                owners.setdefault(word, []).append(item.fact)
        yield from owners.values()
        if ".currency" in members[0].fact.id and re.search(r"\bforeign\b", text, re.IGNORECASE):
            yield [item.fact for item in members[1:]]
        classes = [
            item.fact
            for item in members
            if words
            & {stem_word(word) for word in evidence.vocabulary.same.get(_last_word(item.subject or ""), "").split()}
        ]
        yield classes


def _last_word(subject: str) -> str:
    return subject.rsplit(maxsplit=1)[-1] if subject else ""


def _facts_by_sign(figure: Printed, text: str, evidence: Evidence) -> Iterator[list[Fact]]:
    """All gains or all losses, where a sentence speaks of winners or losers together."""
    if not re.search(
        r"\b(?:losers?|gainers?|winners?|losses|gains|losing|gaining|winning|all|under ?water|laggards?)\b",
        text,
        re.IGNORECASE,
    ):
        return
    for prefix in ("gain.", "contribution."):
        facts = [item.fact for item in evidence.list_prefix(prefix) if convert(figure, item.fact) is not None]
        yield [fact for fact in facts if fact.value < 0]
        yield [fact for fact in facts if fact.value > 0]


_MODELLED = frozenset({"model_weight", "drift", "band"})
"""What the model says, which is added up only where the model is spoken of."""


def _facts_by_group(
    figure: Printed, named: Sequence[str], evidence: Evidence, *, modelled: bool
) -> Iterator[list[Fact]]:
    groups: dict[tuple[str, str], dict[str, Fact]] = {}
    for item in evidence.held:
        fact = item.fact
        if fact.measure in _MODELLED and not modelled:
            continue
        if (subject := item.subject) is not None and subject in named and convert(figure, fact) is not None:
            group = ".".join(fact.id.split(".")[:-1])
            groups.setdefault((fact.measure, group), {}).setdefault(subject, fact)
    for facts in groups.values():
        yield [facts[name] for name in named if name in facts]


def _total(facts: Iterable[Fact]) -> Decimal:
    return sum((fact.value for fact in facts), Decimal(0))
