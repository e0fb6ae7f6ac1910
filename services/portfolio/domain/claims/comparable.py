"""Which two facts a difference or a ratio may be of: what is set against what in any text."""

import re
from collections.abc import Collection

from services.portfolio.domain.claims.evidence import Evidence
from services.portfolio.domain.facts import Fact
from services.portfolio.domain.number_words import Unit

_PAIR = 2
_NO_RATIO = frozenset({"limit", "profile_range"})
_DIFFERENCES = frozenset({"excess", "drift", "excess_return"})
_OF_THE_WHOLE = frozenset(
    {"model_equity", "equity_share", "covered_weight", "leverage", "illiquid", "active_share", "turnover", "top_1",
     "top_2", "top_3", "top_4", "top_5", "top_10"}
)  # fmt: skip
_RHYTHMS = frozenset({"per_year", "per_month", "per_quarter"})
_ENDS = ("band_least.", "band_most.")
_MOVED = frozenset({"trade", "flow", "next_payment"})
_SHARES = frozenset({Unit.PERCENT, Unit.POINTS})


def is_against(first: Fact, second: Fact, named: Collection[str]) -> bool:
    """Whether a difference is of what the words set against each other: of a limit or profile that they name."""
    measures = {first.measure, second.measure}
    references = _NO_RATIO.intersection(named)
    return not references or bool(measures & _NO_RATIO)  # a profile's limit is called a limit too


def is_comparable(first: Fact, second: Fact, evidence: Evidence) -> bool:
    if first.currency != second.currency and first.unit is second.unit is Unit.MONEY:
        return False
    if first.unit is second.unit is Unit.NUMBER and first.measure == second.measure:
        return False  # so many classes less than holdings is nobody's meaning
    if first.id.startswith(_ENDS) or second.id.startswith(_ENDS):
        return False  # an end of a band is set against nothing
    if not (_is_of_range(first, second, evidence) and _is_of_range(second, first, evidence)):
        return False
    measures = {first.measure, second.measure}
    if first.measure != second.measure and measures & _DIFFERENCES and "band" not in measures:
        return False
    if first.subject and second.subject and first.subject != second.subject and first.measure != second.measure:
        return False
    if (first.subject is None) is not (second.subject is None):
        whole = (first if first.subject is None else second).measure
        if whole in _OF_THE_WHOLE:
            return False  # a position's weight less the equity share is nobody's meaning
    if (
        first.measure != second.measure
        and {first.measure, second.measure} & _MOVED
        and "turnover" not in {first.measure, second.measure}
    ):
        return False  # what is bought or paid in is set against its own kind alone
    if (
        "limit" in {first.measure, second.measure}
        and first.measure != second.measure
        and not is_own_limit(first, second)
    ):
        return False
    if not _is_of_one_time(first, second) or ("source_tax" in measures and len(measures) == _PAIR):
        return False  # income less tax is a fact of its own
    families = [evidence.vocabulary.measure(fact.measure).family for fact in (first, second)]
    money = first.unit is second.unit is Unit.MONEY and {"money", "income"}.issuperset(families)
    return bool(first.measure == second.measure or (families[0] and families[0] == families[1]) or money)


_PROFILE_LIMIT = "profile_limit."


def _is_of_range(rule: Fact, fact: Fact, evidence: Evidence) -> bool:
    """Whether what a profile bounds is set against nothing but that: its range against equity, a limit of it against
    the class that it names."""
    if rule.id.startswith(_PROFILE_LIMIT):
        return rule.id.removeprefix(_PROFILE_LIMIT) in re.split(r"[._]", fact.id) or fact.id.startswith(_PROFILE_LIMIT)
    if rule.measure != "profile_range" or fact.measure in {"profile_range", "equity_share", "model_equity"}:
        return True
    return fact.subject is not None and evidence.vocabulary.key(fact.subject) == evidence.vocabulary.key("equity")


_LIMITED = {"single_name": ("position", ""), "top_five": ("top_5",), "fee": ("fee",), "cash": ("cash_pct", "cash")}
"""What each limit bounds, by the part of a weight's id behind its first stop, or by a whole id."""
_LENGTHS = frozenset({"best_period", "worst_period", "var", "cvar", "drawdown", "current_drawdown", "volatility"})


def is_own_limit(first: Fact, second: Fact) -> bool:
    """Whether a limit bounds the very figure that it is set against."""
    limit, fact = (first, second) if first.measure == "limit" else (second, first)
    rule = limit.id.rpartition(".")[2]
    if fact.measure == "excess":
        return f".{rule}" in fact.id
    parts = fact.id.split(".")
    group = parts[1] if len(parts) > 2 else parts[-1] if len(parts) == 1 else ""
    allowed = _LIMITED.get(rule, (rule,))
    return group in allowed or fact.id in allowed


def _is_of_one_time(first: Fact, second: Fact) -> bool:
    """Whether two returns are of one stretch of time: a year's, the whole's, or one period's; and two amounts by the
    year, or by the month."""
    rhythms = _RHYTHMS & {*first.bases}, _RHYTHMS & {*second.bases}
    if first.unit is Unit.MONEY and all(rhythms) and rhythms[0] != rhythms[1]:
        return False
    if first.measure == second.measure or "per_year" in {*first.bases} & {*second.bases}:
        return True
    return not ({first.measure, second.measure} & _LENGTHS) or {first.measure, second.measure} <= _LENGTHS


def is_divisible(first: Fact, second: Fact, named: Collection[str], mentioned: int) -> bool:
    """Whether a ratio of two facts says something: the same figure of two, or two figures of one."""
    measures = {first.measure, second.measure}
    if mentioned >= _PAIR and (first.subject is None) is not (second.subject is None):
        return False  # "A is four times B" is of both
    if measures == {"weight", "limit"} and "limit" in named:
        return True
    if measures & _NO_RATIO:
        return False
    if "contribution" in f"{first.measure} {second.measure}":
        return measures <= {"contribution", "total_contribution", "portfolio_return"} and (
            first.measure != second.measure or first.measure == "contribution"
        )
    if first.unit is Unit.NUMBER:
        counted = measures - {"count", "periods"}
        return len(measures) == _PAIR and len(counted) == 1 and counted <= set(named)
    if first.measure == second.measure:
        return first.subject != second.subject and (mentioned >= _PAIR or first.unit not in _SHARES)
    if mentioned >= _PAIR or first.subject != second.subject:
        return False
    if first.unit not in {Unit.MONEY, Unit.POINTS, Unit.MULTIPLE} and "capture" not in first.measure:
        return False
    return measures - {"market_value"} <= set(named)
