"""What a figure may be one step from that its nearest words do not say: a search over facts of what its sentence names.

A sum of all that is named, a part left out of the whole, the distance from a limit or beyond a band, a share of an
amount: each is tried over the assets and measures that the sentence mentions. That a figure has the value of one of
them says nothing if many were tried or it is printed with few digits, so that it is taken only where by chance none
would be expected to fit.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from services.portfolio.domain.claims.comparable import is_comparable, is_own_limit
from services.portfolio.domain.claims.evidence import Evidence
from services.portfolio.domain.claims.fitting import fits, is_close
from services.portfolio.domain.claims.model import Bound, Held, Outcome, Verdict
from services.portfolio.domain.claims.naming import has_wrong_currency, make_claim
from services.portfolio.domain.claims.settings import Setting
from services.portfolio.domain.claims.signs import check_sign
from services.portfolio.domain.facts import Fact
from services.portfolio.domain.number_words import Unit

_CHANCE = Decimal("0.25")
"""How many of what was tried may be expected to have the figure's value by chance: as where a subject is not known."""
_NEAR_SHARE = Decimal("0.04")
_HUNDRED = Decimal(100)
_MOST_NAMES, _MOST_TRIED = 8, 120
_TOGETHER = re.compile(
    r"\b(?:together|combined|in all|in total|between them|jointly|altogether|in aggregate|in sum|collectively|sum of|"
    r"zusammen|insgesamt|gemeinsam|ensemble|au total)\b",
    re.IGNORECASE,
)
_WITHOUT = re.compile(
    r"\b(?:without|excluding|excl\.?|leaving out|leaving aside|setting aside|disregarding|"
    r"had it not been for|but for|apart from|"
    r"other than|except|ohne|sans|hors)\b",
    re.IGNORECASE,
)
_OF_AMOUNT = re.compile(r"\s*of\b|\s*(?:der|des|du)\b", re.IGNORECASE)
_SUMMED = frozenset(
    {"market_value", "cost", "gain", "income", "trade", "weight", "model_weight", "income_share", "contribution",
     "drift", "duration_share", "maturity_weight", "quality_weight", "face_value"}
)  # fmt: skip
"""What several have together; rates, yields and returns of several have no sum."""
_OPPOSED = frozenset({"gain", "contribution", "trade", "drift"})
"""Measures whose facts below zero have a sum of their own, and those above."""
_AMOUNTS = frozenset(
    {"market_value", "income", "income_after_tax", "annual_need", "cost", "capital", "start_value", "gain"}
)


@dataclass(frozen=True, slots=True)
class _Tried:
    """One step from facts: its value, the fact that it begins with, and how it is made."""

    value: Decimal
    fact: Fact
    formula: str


def search(setting: Setting, stated: Sequence[Fact], evidence: Evidence) -> Verdict | None:
    """The verdict on a figure one step from what its sentence names, where nothing else would fit by chance."""
    figure = setting.figure
    if setting.bound in {Bound.ABOVE, Bound.BELOW} or not figure.value or figure.unit is Unit.NUMBER:
        return None
    tried: list[_Tried] = []
    for item in _list_steps(setting, stated, evidence):
        tried.append(item)
        if len(tried) > _MOST_TRIED:
            return None
    scale = _HUNDRED if figure.unit is Unit.BASIS_POINTS else Decimal(1)
    found = [item for item in tried if fits(figure, setting.bound, item.value * scale)]
    if not found:
        return None
    loose = figure.rounded or setting.bound is not Bound.EXACT
    slack = abs(figure.value) * _NEAR_SHARE if loose else figure.step / 2
    others = {round(abs(item.value), 6) for item in tried}
    if len(others) * 2 * slack > _CHANCE * abs(figure.value):
        return None
    for item in found:
        signed = item.fact.signed and check_sign(setting, item.fact, item.value, evidence.vocabulary) is not None
        if not signed and not has_wrong_currency(figure, item.fact):
            return Verdict(make_claim(setting, item.fact), Outcome.DERIVED, item.fact, item.formula)
    return None


def _list_steps(setting: Setting, stated: Sequence[Fact], evidence: Evidence) -> Iterator[_Tried]:
    sentence = setting.sentence
    names = list(dict.fromkeys(item.subject for item in sentence.mentions))[:_MOST_NAMES]
    cued = {cue.measure for cue in sentence.cues}
    named = [
        item
        for item in evidence.held
        if item.subject in names and (item.fact.measure in cued or item.fact.measure == "weight")
    ]
    unit = Unit.POINTS if setting.figure.unit is Unit.BASIS_POINTS else setting.figure.unit
    if len(names) > 1 and not setting.direct and not setting.paired:
        yield from _list_named_sums(names, named, unit)
    if _TOGETHER.search(sentence.plain):
        yield from _list_sums_of_all(names, unit, evidence)
    if _WITHOUT.search(sentence.plain):
        parts = [
            item for measure, _, _ in _PARTS for item in evidence.by_measure.get(measure, []) if item.subject in names
        ]
        yield from _list_remainders(parts, unit, evidence)
    if unit is Unit.POINTS:
        yield from _list_distances(stated, named, evidence, banded="band" in cued)
    if unit is Unit.PERCENT and _OF_AMOUNT.match(setting.after):
        yield from _list_shares(setting, stated, evidence)


def _group(items: Iterable[Held], unit: Unit) -> Iterable[list[Held]]:
    """What may be added up: facts of one kind and section, as they were computed."""
    groups: dict[tuple[str, str], list[Held]] = {}
    for item in items:
        if item.fact.unit is unit and not item.formula and not item.fact.id.startswith("given."):
            groups.setdefault((item.section, item.fact.id.rpartition(".")[0]), []).append(item)
    return groups.values()


def _list_named_sums(names: Sequence[str], named: Sequence[Held], unit: Unit) -> Iterator[_Tried]:
    """What all that is named has together."""
    for group in _group((item for item in named if item.fact.measure in _SUMMED), unit):
        facts: dict[str, Fact] = {}
        for item in group:
            facts.setdefault(item.subject or "", item.fact)
        if set(facts) == set(names):
            yield _add(list(facts.values()))


def _list_sums_of_all(names: Sequence[str], unit: Unit, evidence: Evidence) -> Iterator[_Tried]:
    """What all above zero have together, and all below, where those that are named are among them."""
    for measure in sorted(_OPPOSED):
        held = (item for item in evidence.by_measure.get(measure, []) if item.subject)
        for group in _group(held, unit):
            members = [item.fact for item in group]
            for side in ([x for x in members if x.value > 0], [x for x in members if x.value < 0]):
                keys = {evidence.vocabulary.key(fact.subject or "") for fact in side}
                if len(side) > max(1, len(names)) and keys.issuperset(names):
                    yield _add(side)


def _add(facts: Sequence[Fact]) -> _Tried:
    total = sum((fact.value for fact in facts), Decimal(0))
    return _Tried(total, facts[0], " + ".join(fact.id for fact in facts[:_MOST_NAMES]))


_PARTS = (
    ("contribution", Unit.PERCENT, ("portfolio_return",)),
    ("gain", Unit.MONEY, ("gain",)),
    ("weight", Unit.PERCENT, ()),
    ("market_value", Unit.MONEY, ("market_value",)),
    ("income", Unit.MONEY, ("income",)),
)


def _list_remainders(named: Sequence[Held], unit: Unit, evidence: Evidence) -> Iterator[_Tried]:
    """What the whole would be without a part that is named."""
    for measure, kind, wholes in _PARTS:
        for item in named:
            if (
                item.fact.measure != measure
                or kind is not unit
                or (measure != "contribution" and item.fact.unit is not unit)
            ):
                continue
            if not wholes:
                yield _Tried(_HUNDRED - item.fact.value, item.fact, f"100 - {item.fact.id}")
            for name in wholes:
                whole = evidence.find(name)
                if whole is not None:
                    yield _Tried(whole.value - item.fact.value, whole, f"{whole.id} - {item.fact.id}")


def _list_distances(
    stated: Sequence[Fact], named: Sequence[Held], evidence: Evidence, *, banded: bool
) -> Iterator[_Tried]:
    """How far a share that is stated or named lies from its limit, and a drift beyond its band."""
    shares = {fact.id: fact for fact in (*stated, *(item.fact for item in named)) if fact.unit is Unit.PERCENT}
    limits = [item.fact for item in evidence.by_measure.get("limit", [])]
    for fact in shares.values():
        for limit in limits:
            if fact.measure != "limit" and is_own_limit(limit, fact):
                yield _Tried(abs(limit.value - fact.value), fact, f"{limit.id} - {fact.id}")
    for one in shares.values():
        for other in shares.values():
            whole = {one.measure, other.measure} == {"equity_share", "model_equity"}
            if one.value > other.value and whole and is_comparable(one, other, evidence):
                yield _Tried(one.value - other.value, one, f"{one.id} - {other.id}")
    for item in evidence.by_measure.get("drift", []) if banded else ():
        band = evidence.find(f"band.{item.fact.id.rpartition('.')[2]}")
        if item.subject and band is not None and abs(item.fact.value) > band.value:
            yield _Tried(abs(item.fact.value) - band.value, band, f"{item.fact.id} - {band.id}")


def _list_shares(setting: Setting, stated: Sequence[Fact], evidence: Evidence) -> Iterator[_Tried]:
    """What an amount that is printed beside the figure is of a whole that is named."""
    shown = [item for item in setting.sentence.figures if item.unit is Unit.MONEY]
    amounts = [fact for fact in stated if fact.unit is Unit.MONEY and any(is_close(item, fact.value) for item in shown)]
    cued = {cue.measure for cue in setting.sentence.cues if cue.start >= setting.end} | {"market_value"}
    for whole in _wholes(cued, evidence):
        for fact in amounts:
            if whole.value and fact.id != whole.id and fact.currency == whole.currency:
                yield _Tried(fact.value / whole.value * _HUNDRED, fact, f"{fact.id} / {whole.id}")


def _wholes(cued: Iterable[str], evidence: Evidence) -> Iterator[Fact]:
    for name in sorted(_AMOUNTS):
        fact = evidence.find(name)
        if fact is not None and fact.measure in cued and fact.unit is Unit.MONEY:
            yield fact
