"""The facts that a figure may be one step from: those that its sentence and the one before it state or name."""

import re
from collections.abc import Collection, Sequence

from services.portfolio.domain.claims.changing import find_change
from services.portfolio.domain.claims.counting import is_precise
from services.portfolio.domain.claims.deriving import derive, gather_pool
from services.portfolio.domain.claims.evidence import Evidence
from services.portfolio.domain.claims.fitting import convert, is_close
from services.portfolio.domain.claims.model import Held, Outcome, Verdict
from services.portfolio.domain.claims.naming import (
    has_wrong_currency,
    make_claim,
)
from services.portfolio.domain.claims.settings import Setting
from services.portfolio.domain.claims.signs import check_sign, tells_of_benchmark
from services.portfolio.domain.facts import Fact
from services.portfolio.domain.number_words import Unit

_NAMED_FACTS = 24
_TWO_UNITS = ("", "_pct", "_amount")
_PAIRED = frozenset(
    {"market_value", "weight", "gain", "return", "contribution", "income", "yield", "income_share", "drift", "coupon",
     "cost", "trade"}
)  # fmt: skip
"""What two assets are compared by, whether or not the words name it."""
_HELD_UP = frozenset({"weight", "model_weight"})
_AMOUNTS = frozenset({"income", "income_after_tax", "annual_need", "market_value", "start_value", "cost", "cash"})
_TAXES = frozenset({"after_tax", "before_tax"})
_GROWTHS = frozenset({"gain_pct", "twr"})


def derive_from(setting: Setting, told: Sequence[Fact], evidence: Evidence) -> Verdict | None:
    """The verdict on a figure that is one step from facts; ``told`` are those that figures of its sentence, or of the
    one before it, state, the latest first."""
    stated = [fact for fact in told if not is_of_other_tax(setting, fact)]
    mentioned = {mention.subject for mention in setting.sentence.mentions}
    mentioned |= {setting.subject} if setting.subject else set()
    measures = {cue.measure: cue.named for cue in setting.sentence.cues}
    named = [
        item
        for item in evidence.held
        if (item.fact.measure in measures and (item.subject is None or item.subject in mentioned))
        or (item.subject in mentioned and item.fact.measure in (_PAIRED if len(mentioned) > 1 else _HELD_UP))
        or (setting.figure.unit is Unit.MULTIPLE and item.fact.id in _GROWTHS)
        or (
            setting.figure.unit is Unit.MULTIPLE
            and item.subject in mentioned
            and item.fact.measure in {"gain", "return"}
        )
    ]
    named += _find_limits(named, evidence)
    named.sort(key=lambda item: (item.subject is None, not measures.get(item.fact.measure, False)))
    if is_precise(setting.figure):
        named += [item for item in evidence.held if item.fact.id in _AMOUNTS]
    clear = [item for item in named if not is_of_other_tax(setting, item.fact)]
    clear += _find_siblings(stated, evidence)
    clear = [item for item in clear if not has_wrong_currency(setting.figure, item.fact)]
    clear = [item for item in clear if not is_of_other_time(setting, item.fact)]
    stated = [fact for fact in stated if not is_of_other_time(setting, fact)]
    stated = [fact for fact in stated if not has_wrong_currency(setting.figure, fact)]
    sure = {measure for measure, named_so in measures.items() if named_so}
    found = find_change(setting, evidence) or derive(setting, gather_pool(stated, clear[:_NAMED_FACTS]), evidence, sure)
    if found is None:
        return None
    fact, formula = found
    if " - " in formula and _denies_side(setting, mentioned, evidence):
        return None
    return Verdict(make_claim(setting, fact), Outcome.DERIVED, fact, formula)


_SIDED = frozenset({"excess_return", "drift", "real_yield", "real_coupon"})
"""Differences that are facts, whose sign says which of the two is the larger."""


def _denies_side(setting: Setting, mentioned: Collection[str], evidence: Evidence) -> bool:
    """Whether a difference is a fact of its own, and the words say the other side of it (``0.7 points ahead``)."""
    ahead = setting.sentence.plain[: setting.start]
    told = evidence.vocabulary.benchmark.search(ahead) or evidence.benchmark_pattern.search(
        setting.sentence.text[: setting.start]
    )
    return any(
        item.fact.measure in _SIDED
        and not (
            told and item.fact.measure == "excess_return" and not tells_of_benchmark(setting, evidence.vocabulary)
        )  # whose lead it is would have to be known
        and (item.subject is None or item.subject in mentioned)
        and convert(setting.figure, item.fact) is not None
        and is_close(setting.figure, item.fact.value)
        and check_sign(setting, item.fact, item.fact.value, evidence.vocabulary) is not None
        for item in evidence.held
    )


def _find_siblings(stated: Sequence[Fact], evidence: Evidence) -> list[Held]:
    """The shares of what is stated in money, and the money of what is stated as shares; with the limits of both."""
    stems = {fact.id: re.sub(r"_(?:pct|amount)$", "", fact.id) for fact in stated}
    ids = {f"{stem}{ending}" for stem in stems.values() for ending in _TWO_UNITS} - stems.keys()
    found = [evidence.by_id[name] for name in sorted(ids) if name in evidence.by_id]
    return [*found, *_find_limits(found, evidence)]


def _find_limits(named: Sequence[Held], evidence: Evidence) -> list[Held]:
    """The limits of the groups that weights are of."""
    rules = {
        "single_name" if part == "position" else part
        for item in named
        if item.fact.measure == "weight"
        for part in item.fact.id.split(".")[1:2]
    }
    rules |= {"cash"} if any(item.fact.id == "cash_pct" for item in named) else set()
    return [evidence.by_id[f"limit.{rule}"] for rule in sorted(rules) if f"limit.{rule}" in evidence.by_id]


def is_of_other_tax(setting: Setting, fact: Fact) -> bool:
    """Whether an amount is before tax where the words say after, or the other way round."""
    said, own = setting.bases & _TAXES, set(fact.bases) & _TAXES
    return bool(said and own and not said & own)


_TIMES = frozenset({"per_year", "per_month", "per_quarter", "cumulative", "trailing"})


def is_of_other_time(setting: Setting, fact: Fact) -> bool:
    """Whether a return is of another stretch of time than the words say."""
    said, own = setting.bases & _TIMES, set(fact.bases) & _TIMES
    return bool(said and own and not said & own and fact.unit is not Unit.MONEY)
