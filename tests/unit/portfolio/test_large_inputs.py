"""What a large input costs grows as the input does: counted in questions and in characters looked at, not in time."""

import importlib
import pkgutil
import re
import sys
from collections import Counter
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

from services.portfolio.adapters.sections_file import load_catalogue
from services.portfolio.domain import claims
from services.portfolio.domain.claims.texts import check
from services.portfolio.domain.figures import compute
from services.portfolio.domain.formats import make_style
from services.portfolio.domain.reference import Reference
from services.portfolio.domain.sections import Detected, detect
from tests.support.portfolio_payloads import make_payload

CATALOGUE = load_catalogue()
STYLE = make_style("en_US")
FEW, MANY = 250, 1000
TEXTS: dict[str, Callable[[int], str]] = {
    "numbers in one sentence": lambda number: f"{number}",
    "percentages in one sentence": lambda number: f"{number % 97}.{number % 7}%",
    "sentences": lambda number: f"It is {number % 97}.",
    "lines": lambda number: f"{number}\n",
    "years": lambda number: f"In {1990 + number % 30} it rose.",
    "numbers in words": lambda number: "a third of it and one point less.",
    "sums that a growth is told of": lambda number: f"each $100 and {number % 97}%.",
    "names": lambda number: f"Equity is {number % 97}%.",
}


def _compute(payload: dict[str, Any]) -> Any:
    (found,) = detect([payload], CATALOGUE.sections)
    assert isinstance(found, Detected)
    return compute(found, CATALOGUE)


class _Counting:
    """A pattern that adds up the characters it was given to search."""

    def __init__(self, pattern: re.Pattern[str], count: Counter[str]) -> None:
        self._pattern = pattern
        self._count = count

    def search(self, text: str, *where: int) -> re.Match[str] | None:
        self._count["characters"] += len(text)
        return self._pattern.search(text, *where)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._pattern, name)


def _count_work(monkeypatch: pytest.MonkeyPatch, text: str) -> Counter[str]:
    """The calls that a check makes, and the characters that its patterns search."""
    count: Counter[str] = Counter()
    for module in [
        importlib.import_module(item.name) for item in pkgutil.iter_modules(claims.__path__, claims.__name__ + ".")
    ]:
        for name, value in vars(module).copy().items():
            if isinstance(value, re.Pattern):
                monkeypatch.setattr(module, name, _Counting(value, count))
    search = re.search

    def counted(pattern: Any, text: str, flags: int = 0) -> Any:
        count["characters"] += len(text)
        return search(pattern, text, flags)

    monkeypatch.setattr(re, "search", counted)

    def called(frame: FrameType, event: str, argument: object) -> None:
        count["calls"] += event in {"call", "c_call"}

    tables = [("a", _compute(make_payload(1)))]
    sys.setprofile(called)
    try:
        check(text, tables, STYLE)
    finally:
        sys.setprofile(None)
        monkeypatch.undo()
    return count


@pytest.mark.parametrize("kind", TEXTS)
def test_a_text_of_many_times_the_figures_takes_so_many_times_the_work(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    few, many = (
        _count_work(monkeypatch, " ".join(TEXTS[kind](number) for number in range(count))) for count in (FEW, MANY)
    )
    most = 1.5 * MANY / FEW  # a sentence is read up to a length, which a short text does not reach
    assert many["calls"] < most * few["calls"]
    assert many["characters"] < most * few["characters"]


def test_what_a_position_is_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: Counter[str] = Counter()
    for name in ("is_whole", "is_locked", "is_single_name"):
        question = getattr(Reference, name)

        def counted(*texts: Any, name: str = name, question: Callable[..., bool] = question) -> bool:
            asked[name] += 1
            return question(*texts)

        monkeypatch.setattr(Reference, name, counted)
    kinds = ["Equity", "Debt", "Gold", "Real Estate"]
    rows = [
        {"name": f"Fund {number}", "asset_class": kinds[number % 4], "market_value": 10_000 + number, "currency": "INR"}
        for number in range(200)
    ]
    _compute({"holdings": rows, "Currency": "INR"})
    assert asked
    assert max(asked.values()) <= len(rows)
