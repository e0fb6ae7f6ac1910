"""The text before the first of several kinds of text: a name before its size, its price or a remark in brackets."""

import re
from collections.abc import Iterable, Iterator

from services.converter.domain.synthesis.language import Examples
from services.converter.domain.synthesis.operators.text.extract import LONGEST, Extract
from services.converter.domain.synthesis.operators.witness import Candidate, proposes
from services.converter.domain.synthesis.sqltext import quoted
from services.converter.domain.synthesis.tokens import END, MONEY, QUANTITY, Pattern, charset, exactly, raw

MOST_STOPS, PRICE, STOP_PRICE = 4, 1.2, 0.4

_STOPS: tuple[tuple[Pattern, str], ...] = (
    (raw(" +") + MONEY.pattern, "an amount with its currency sign"),
    (raw(" +") + QUANTITY.pattern + raw("(?: |$)"), "a number with its unit"),
    (raw(" +") + charset("D"), "a number"),
)
_HEAD = re.compile(r" *[^\w\s]|\n| +[^\W\d_]+")


@proposes(piece=50)
def witness(task: Examples, sources: Iterable[Candidate]) -> Iterator[Candidate]:
    """Beginnings of texts that are the whole outputs, where what follows is not of one kind."""
    for source, values in sources:
        pairs = dict.fromkeys(zip(values, task.outputs, strict=True))
        if len(pairs) < 2 or not all(o and v.startswith(o) and len(v) <= LONGEST for v, o in pairs):
            continue
        stops = _stops([(output, value[len(output) :]) for value, output in pairs])
        if stops is not None:
            pattern = raw(r"^([^\n]*?)(?:") + stops[0][0]
            for stop, _ in stops[1:]:
                pattern += raw("|") + stop
            what = f"text before the first of {', '.join(name for _, name in stops)}"
            price = PRICE + STOP_PRICE * len(stops)
            yield Candidate(Extract(source, pattern + raw("|") + END + raw(")"), what, price), tuple(task.outputs))


def _stops(pairs: list[tuple[str, str]]) -> list[tuple[Pattern, str]] | None:
    """Kinds of text of which one begins each rest, and none stands in the text before it."""
    found: list[tuple[Pattern, str]] = []
    for output, rest in pairs:
        if not rest or any(_begins(stop, rest) for stop, _ in found):
            continue
        stop = next(
            (k for k in (*_STOPS, *_own(rest)) if _begins(k[0], rest) and not any(_stands(k[0], o) for o, _ in pairs)),
            None,
        )
        if stop is None or _stands(stop[0], output) or len(found) == MOST_STOPS:
            return None
        found.append(stop)
    return found if len(found) > 1 else None


def _own(rest: str) -> Iterator[tuple[Pattern, str]]:
    """The mark or the word that a rest begins with."""
    head = _HEAD.match(rest)
    if head is None:
        return
    text = head.group()
    core = text.strip(" ")
    word = raw("(?: |$)") if core.isalpha() else raw("")
    yield raw(" +" if core.isalpha() else " *") + exactly(core or "\n") + word, quoted(core or "\n")


def _begins(stop: Pattern, rest: str) -> bool:
    return stop.compiled.match(rest) is not None


def _stands(stop: Pattern, text: str) -> bool:
    return stop.compiled.search(text) is not None
