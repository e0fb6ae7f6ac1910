"""What a number is beside its value: how many digits it is printed with, and whether it counts what the facts count."""

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise

from services.portfolio.domain.claims.model import Bound, Outcome, Printed, Verdict
from services.portfolio.domain.claims.settings import Setting
from services.portfolio.domain.number_words import Unit

PRECISE_DIGITS = 3
_YEAR_DIGITS = 4
_SMALL = 31
_LIST_REACH = 45
_ROUND_SUMS = frozenset(map(Decimal, (1, 100, 1000, 10000)))
EACH_UNIT = re.compile(r"\b(?:every|each|per|one)\s+(?:pound|dollar|euro|rupee|franc)\b", re.IGNORECASE)


def is_round_sum(setting: Setting) -> bool:
    """Whether a figure is the sum that a growth is told of: ``every 100``, ``a hundred dollars``."""
    # Whoever asks asks of each figure of a sentence, for each of them: the cheap half comes first.
    if setting.figure.unit is not Unit.MONEY or setting.figure.value not in _ROUND_SUMS:
        return False
    each = re.search(r"\b(?:each|every|per|an?)\s*$", setting.before, re.IGNORECASE) or re.match(
        r"(?:a|one|each|every)\b", setting.figure.text, re.IGNORECASE
    )
    return bool(each)


def counts_list(setting: Setting) -> bool:
    """Whether a number counts the names that stand in a list behind it (``three sources - A, B and C -``)."""
    text, figure = setting.sentence.plain, setting.figure
    names = [item for item in setting.sentence.mentions if item.start >= setting.end]
    if (
        figure.unit is not Unit.NUMBER
        or not 1 < figure.value <= len(names)
        or len(text[setting.end : names[0].start]) > _LIST_REACH
    ):
        return False
    listed = names[: int(figure.value)]
    return re.search(r"[:(–—-]\s*(?:the\s+)?$", text[setting.end : names[0].start]) is not None and all(
        re.fullmatch(
            r"(?:\s+(?:fund|etf|trust|shares?|bond|stock))?\s*(?:,|and|,\s*and|&)\s*(?:the\s+)?",
            text[one.end : other.start],
        )
        for one, other in pairwise(listed)
    )


def counts_nothing(setting: Setting, verdict: Verdict) -> bool:
    """Whether a small number counts what the facts do not count: no figure of a kind that they hold."""
    figure = setting.figure
    if counts_list(setting):
        return True
    if re.search(r"\b(?:top|largest|biggest|heaviest)\s*$", setting.before, re.IGNORECASE):
        return False
    if setting.partitive and verdict.fact is not None:
        return False
    if verdict.fact is not None and verdict.fact.unit is Unit.MULTIPLE and setting.bound is not Bound.EXACT:
        return False  # "a Sharpe ratio just above one" counts nothing
    small = figure.unit is Unit.NUMBER and figure.step == 1 and not figure.scaled and figure.value <= _SMALL
    single = figure.value == 1 and verdict.fact is not None and verdict.fact.measure in {"count", "effective_number"}
    return small and (verdict.outcome is Outcome.UNSUPPORTED or not verdict.counted or single)


def is_year(setting: Setting, days: Sequence[date]) -> bool:
    """Whether a number without a unit is a year that the input has days of (``the 2023 dip``)."""
    figure = setting.figure
    bare = figure.unit is Unit.NUMBER and figure.text.isdigit() and len(figure.text) == _YEAR_DIGITS
    return bare and bool(days) and days[0].year <= figure.value <= days[-1].year


def counts_largest(setting: Setting, verdicts: Sequence[Verdict]) -> bool:
    """Whether a number says of how many of the largest another figure is."""
    return setting.figure.unit is Unit.NUMBER and any(
        item.fact is not None and not item.fault and item.fact.measure.startswith("top_")
        and setting.figure.value in item.fact.parameters
        for item in verdicts
    )  # fmt: skip


def count_digits(figure: Printed) -> int:
    """How many digits a figure is printed with: three in 37.0%, two in 37%; of money without the zeros at its end."""
    if figure.unit is Unit.MONEY or figure.rounded or not figure.step:
        return len(figure.value.normalize().as_tuple().digits)
    return len(str(int(abs(figure.value) / figure.step)))


def is_precise(figure: Printed) -> bool:
    """Whether an amount has digits enough that it is no other's by chance."""
    digits = len(figure.value.normalize().as_tuple().digits)
    return figure.unit is Unit.MONEY and digits >= PRECISE_DIGITS
