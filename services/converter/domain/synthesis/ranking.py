"""What makes one explanation better than another, apart from an operator's own cost."""

import re
from difflib import SequenceMatcher
from functools import lru_cache

from services.converter.domain.synthesis.language import Constant, Examples, Expression, Node

EXACT_NAME, CLOSE_NAME, OTHER_NAME, MENTIONED = 0.5, 0.75, 1.0, 0.6


def words_of(name: str) -> list[str]:
    """The words of a column name: `orderStatus_2` -> order, status, 2."""
    return [w.lower() for w in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)]


@lru_cache(maxsize=4096)
def name_price(source: str, target: str) -> float:
    """What a source column costs for a target: less the closer the names are."""
    if re.fullmatch(r"(col|column)\s*_?\d+", source.strip(), re.IGNORECASE) or not target:
        return OTHER_NAME
    a, b = words_of(source), words_of(target)
    if a and a == b:
        return EXACT_NAME
    if set(a) & set(b) or SequenceMatcher(None, "".join(a), "".join(b)).ratio() > 0.75:
        return CLOSE_NAME
    return OTHER_NAME


def column_prices(names: tuple[str, ...], target: str, hint: str) -> tuple[float, ...]:
    """The price of each source column for a target, with the instructions' mention of it."""
    prices = []
    for name in names:
        price = name_price(name, target)
        if hint and len(name) > 2 and re.search(rf"(?<!\w){re.escape(name.lower())}(?!\w)", hint.lower()):
            price = min(price, MENTIONED)
        prices.append(price)
    return tuple(prices)


def rank(task: Examples, expression: Expression) -> float:
    """The total price of a column program: its own cost less what speaks for it."""
    return task.price(expression)


def confidence(task: Examples, expression: Expression, rivals: int = 0) -> float:
    """0..1: how far the example backs the program.

    Different rows are evidence; letters in constants, dear programs, lists of values that rest on few rows each and
    rivals that explain the example as well take from it.
    """
    distinct = len(set(zip(*_inputs(task, expression), strict=True))) if expression.columns else 1
    assumed = sum(sum(ch.isalnum() for ch in node.text) for node in expression.walk() if isinstance(node, Constant))
    support = 1.0 - 0.5 ** max(1, distinct)
    penalty = min(0.4, 0.03 * max(0.0, expression.cost - 4.0)) + (0.25 if is_constant(expression) else 0.0)
    penalty += min(0.2, 0.02 * assumed / max(1, distinct)) + 0.05 * min(rivals, 3)
    return round(max(0.05, min(0.99, support + 0.2 * (distinct > 3) - penalty)), 2)


def _inputs(task: Examples, expression: Expression) -> list[list[str | None]]:
    """What the program reads, column by column."""
    return [[r[i] if i < len(r) else None for r in task.records] for i in sorted(expression.columns)]


def is_constant(node: Node) -> bool:
    """Whether the program reads nothing of the row."""
    return not node.columns
