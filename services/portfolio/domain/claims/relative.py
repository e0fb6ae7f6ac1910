"""A figure that says how a thing stands to a line of its own: ``40% larger than the model asks``, ``half as large again
as its target``, ``at two thirds of its target weight``, ``a third more than a conservative profile allows``.

Such a figure is a part of the line, and no share of the whole, so that it is decided here before a fact is looked for.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from services.portfolio.domain.claims.comparable import is_own_limit
from services.portfolio.domain.claims.evidence import Evidence
from services.portfolio.domain.claims.fitting import agrees, is_close
from services.portfolio.domain.claims.model import Bound, Outcome, Verdict
from services.portfolio.domain.claims.naming import make_claim
from services.portfolio.domain.claims.settings import Setting
from services.portfolio.domain.facts import Fact
from services.portfolio.domain.number_words import Unit

_HUNDRED = Decimal(100)
_MORE = r"more|larger|bigger|heavier|higher|greater|dearer"
_LESS = r"less|smaller|lighter|lower"
_MODEL = (
    r"(?:what\s+)?(?:the\s+|its\s+|their\s+)?(?:own\s+)?(?:model|strateg\w+|plan|targets?)(?:\s+(?:weight|share|allocation))?\b"
    r"|(?:it|they)\s+(?:should|ought|is\s+meant|are\s+meant|is\s+supposed|are\s+supposed)\b|(?:what\s+)?(?:was\s+|is\s+)?"
    r"(?:planned|intended|foreseen|prescribed)\b"
)
_PROFILE = r"(?:what\s+)?(?:an?|the|his|her|their|its)\s+(?:[\w-]+\s+){0,2}(?:profile|mandate|investor|client)\b"
_LIMIT = r"(?:what\s+)?(?:the|its|their)\s+(?:own\s+|house\s+|[a-z]+\s+)?(?:limit|cap|ceiling|maximum)\b"
_LINE = rf"(?:(?P<profile>{_PROFILE})|(?P<limit>{_LIMIT})|(?P<model>{_MODEL}))"
_THAN = re.compile(
    rf"\s*(?:(?P<more>{_MORE})|(?P<less>{_LESS}))\s+(?:in\s+size\s+|in\s+weight\s+)?than\s+{_LINE}", re.IGNORECASE
)
_AGAIN = re.compile(rf"\s*as\s+(?:much|large|big|heavy|high)\s+again\s+as\s+{_LINE}", re.IGNORECASE)
_OF_LINE = re.compile(
    r"\s*of\s+(?:(?P<model>(?:its|the|their)\s+(?:strategic\s+|model\s+)?(?:target|model)(?:\s+(?:weight|share|allocation))?\b|"
    r"what\s+the\s+model\b|what\s+(?:is|was)\s+planned\b|what\s+it\s+should\b))",
    re.IGNORECASE,
)
_COST = (
    r"(?:(?:its|their|the)\s+)?(?:original\s+)?(?:cost|purchase\s+price|entry\s+price|price\s+paid)\b"
    r"|(?:what\s+)?(?:it|they|was|were)\s+(?:once\s+|originally\s+)?(?:cost|bought|paid)\b(?:\s+for(?:\s+(?:it|them))?)?"
)
_BESIDE_COST = re.compile(
    rf"\s*(?:(?P<more>above|over|ahead\s+of|(?:{_MORE})\s+than)|(?P<less>below|under|(?:{_LESS})\s+than))\s+(?P<cost>{_COST})",
    re.IGNORECASE,
)
_TIMES_COST = re.compile(rf"\s*(?:as\s+much\s+as\s+)?(?P<cost>{_COST})", re.IGNORECASE)
_TIMES_LINE = re.compile(
    r"\s*(?:the\s+size\s+of\s+|as\s+(?:large|much|wide|big|high)\s+as\s+)?(?:the|its|their|that)\s+"
    r"(?:own\s+|house\s+|permitted\s+|allowed\s+|tolerated\s+|[\w-]+[- ]point\s+)*("
    r"?:(?P<band>bands?|tolerance|drift|deviation|leeway|corridor)|(?P<limit>limit|cap|ceiling)|"
    r"(?P<model>(?:target|model)(?:\s+weight)?))\b",
    re.IGNORECASE,
)
_OF_VALUE = re.compile(r"\s*of\s+(?:its|their)\s+(?:value|worth|cost|purchase\s+price|price)\b", re.IGNORECASE)
_CHANGED = re.compile(
    r"\b(?:(?P<up>gained|risen|rose|added|grown|grew|put\s+on|climbed|advanced|up)|(?P<down>lost|shed|fallen|fell|given\s+up|"
    r"gave\s+up|dropped|declined|down))\s+(?:by\s+)?(?:\w+\s+){0,3}$",
    re.IGNORECASE,
)
_LACKS = re.compile(r"\b(?:lacks?|lacking|miss\w*|short(?:\s+by)?|needs?)\s+(?:\w+\s+){0,2}$", re.IGNORECASE)
_MOST = re.compile(r"\b(?:least|minimum)\b", re.IGNORECASE)


def check_relative(setting: Setting, evidence: Evidence) -> Verdict | None:
    """The verdict on a figure that is said of a line of its own asset; None where it says something else."""
    figure = setting.figure
    if figure.unit not in {Unit.PERCENT, Unit.MULTIPLE}:
        return None
    behind = setting.sentence.plain[setting.end :]
    match = _THAN.match(behind) or _AGAIN.match(behind) or _OF_LINE.match(behind)
    if _OF_VALUE.match(behind) and (way := _CHANGED.search(setting.before)) is not None:
        return _check_change(setting, evidence, up=way["up"] is not None)
    if match is None and figure.unit is Unit.MULTIPLE:
        match = _TIMES_LINE.match(behind)
    if match is None and figure.rounded:
        match = (_TIMES_COST if figure.unit is Unit.MULTIPLE else _BESIDE_COST).match(behind)
    if match is None:
        return None
    pairs = list(_list_pairs(setting, match.groupdict(), evidence))
    for own, line in pairs:
        if (said := _say(setting, match, own.value / line.value)) is not None and _is_said(setting, said):
            return Verdict(make_claim(setting, own), Outcome.DERIVED, own, f"{own.id} / {line.id}")
    if not pairs or _is_in_points(setting, match, pairs):
        return None
    own, line = pairs[0]
    why = f"{own.label} is {round(own.value, 2)}, {line.label} {round(line.value, 2)}"
    return Verdict(make_claim(setting, own), Outcome.CONTRADICTED, own, why=why, fault=True)


def _check_change(setting: Setting, evidence: Evidence, *, up: bool) -> Verdict | None:
    """``has lost a tenth of its value``: what an asset returned, or gained on its cost."""
    subject = _find_subject(setting)
    kin = evidence.find_kin(subject, one_of=False) if subject else frozenset()
    facts = [
        item.fact
        for name in ("return", "gain")
        for item in evidence.by_measure.get(name, [])
        if (item.subject == subject or item.fact.id in kin) and subject and item.fact.unit is Unit.PERCENT
    ]
    for fact in facts:
        if (fact.value > 0) is up and agrees(setting, fact.value):
            return Verdict(make_claim(setting, fact), Outcome.GROUNDED, fact)
    if not facts:
        return None
    why = f"{facts[0].label} is {round(facts[0].value, 2)}"
    return Verdict(make_claim(setting, facts[0]), Outcome.CONTRADICTED, facts[0], why=why, fault=True)


def _find_subject(setting: Setting) -> str | None:
    """The asset that is named last before a figure, or that the sentence before spoke of."""
    before = [item.subject for item in setting.sentence.mentions if item.end <= setting.start]
    return before[-1] if before else setting.sentence.carried


def _is_said(setting: Setting, value: Decimal) -> bool:
    """Whether a figure says a value; ``more than twice`` is said until it is three times."""
    figure = setting.figure
    if figure.unit is Unit.MULTIPLE and setting.bound is Bound.ABOVE:
        return figure.value < value < figure.value + 1
    return agrees(setting, value)


def _say(setting: Setting, match: re.Match[str], ratio: Decimal) -> Decimal | None:
    """What a figure with these words behind it would have to be; None where they say the other side of the line."""
    scale = _HUNDRED if setting.figure.unit is Unit.PERCENT else Decimal(1)
    if match.re is _OF_LINE:
        return (1 - ratio if _LACKS.search(setting.before) else ratio) * scale
    if match.re is _AGAIN:
        return (ratio - 1) * scale if ratio > 1 else None
    if setting.figure.unit is Unit.MULTIPLE:
        return ratio if match.re in {_TIMES_COST, _TIMES_LINE} or match["more"] else None
    more = match["more"] is not None
    return abs(ratio - 1) * scale if (ratio > 1) is more else None


def _is_in_points(setting: Setting, match: re.Match[str], pairs: list[tuple[Fact, Fact]]) -> bool:
    """Whether a percentage is what many write for points of the portfolio (``8% more than the model``)."""
    if setting.figure.rounded or match.re is not _THAN:
        return False
    more = match["more"] is not None
    return any(
        is_close(setting.figure, own.value - line.value) and (own.value > line.value) is more for own, line in pairs
    )


def _list_pairs(setting: Setting, said: dict[str, str | None], evidence: Evidence) -> Iterator[tuple[Fact, Fact]]:
    """What is held, and the line that the words name, of the asset that the figure speaks of."""
    subject = _find_subject(setting)
    equity = evidence.vocabulary.key("equity")
    if said.get("profile"):
        yield from _pair("equity_share", "profile_max", evidence) if subject in {None, equity} else ()
        return
    if subject is None:
        return
    if said.get("cost"):
        costs = [x.fact for x in evidence.by_measure.get("cost", []) if x.subject == subject and x.fact.value]
        values = [x.fact for x in evidence.by_measure.get("market_value", []) if x.subject == subject]
        yield from ((own, line) for line in costs for own in values if own.currency == line.currency)
        gains = [x.fact for x in evidence.by_measure.get("gain", []) if x.subject == subject]
        yield from (  # of what is held in several accounts the cost is known by the gain alone
            (replace(fact, value=_HUNDRED + fact.value), replace(fact, value=_HUNDRED))
            for fact in gains
            if fact.unit is Unit.PERCENT
        )
        return
    kin = evidence.find_kin(subject, one_of=False)
    if said.get("band"):
        drifts = [x.fact for x in evidence.by_measure.get("drift", []) if x.subject == subject or x.fact.id in kin]
        yield from ((replace(fact, value=abs(fact.value)), band) for fact, band in _find_bands(drifts, evidence))
        return
    weights = [x.fact for x in evidence.by_measure.get("weight", []) if x.subject == subject or x.fact.id in kin]
    if said.get("limit"):
        limits = [x.fact for x in evidence.by_measure.get("limit", []) if x.fact.value]
        yield from ((fact, limit) for fact in weights for limit in limits if is_own_limit(limit, fact))
        return
    models = [x.fact for x in evidence.by_measure.get("model_weight", []) if not x.fact.id.startswith("given.")]
    yield from (
        (fact, model)
        for model in models
        for fact in weights
        if model.value and model.unit is fact.unit and model.id.rpartition(".")[2] == fact.id.rpartition(".")[2]
    )
    if subject == equity:
        yield from _pair("equity_share", "model_equity_share", evidence)


def _find_bands(drifts: Sequence[Fact], evidence: Evidence) -> Iterator[tuple[Fact, Fact]]:
    for fact in drifts:
        band = evidence.find(f"band.{fact.id.removeprefix('drift.')}")
        if band is not None and band.value:
            yield fact, band


def _pair(one: str, other: str, evidence: Evidence) -> Iterator[tuple[Fact, Fact]]:
    """Two facts of the whole, where there are both."""
    own, line = evidence.find(one), evidence.find(other)
    if own is not None and line is not None and line.value:
        yield own, line
