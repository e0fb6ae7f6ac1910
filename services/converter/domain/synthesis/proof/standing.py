"""Whether an answer stands where the example's answers stood, by every way to tell their place that it shows.

An answer that is taken out of a text begins somewhere. Its place can be told in several ways: by a mark or by a kind
of text, counted from the left or from the right. The example shows which of them hold on all of its rows. Where two of
them that are about as likely lie at different places of a later text, either could be meant.
"""

from collections.abc import Hashable, Iterator, Sequence
from itertools import takewhile

from services.converter.domain.synthesis import sampling
from services.converter.domain.synthesis.edges import MOST_CHECKED, Check
from services.converter.domain.synthesis.language import Column, Condition, Expression, Node, Record
from services.converter.domain.synthesis.positions import Position, shared_positions
from services.converter.domain.synthesis.proof.column_rivals import LEAST_WITNESSES, Shown
from services.converter.domain.synthesis.proof.confidence import OPEN_BITS
from services.converter.domain.synthesis.proof.surroundings import Stands, around_sql

LEAST_WAYS = 2
"""Ways to tell a place that can part."""
MOST_LED = 20
"""Rows from which ways are proposed; the others are asked whether these hold."""


def standing_checks(shown: Shown, expression: Expression) -> Iterator[Check]:
    """Checks for rows on which an answer begins elsewhere than by another way to tell its place."""
    for node, scope in _taken(shown, expression, ()):
        column = node.first_column
        rows = _inside(shown, scope)
        stands = [one for row in rows if (one := Stands.of(column.run(row) or "", node.run(row) or "")) is not None]
        if not _is_named(stands):
            yield from _place_check(node, stands)


def _inside(shown: Shown, scope: Sequence[Condition]) -> list[Record]:
    """The example's different rows on which a node is asked."""
    rows = (row for row in shown.rows if all(condition.holds(row) for condition in scope))
    return list({tuple(row): row for row in sampling.some(list(rows), MOST_CHECKED)}.values())


def _taken(
    shown: Shown, node: Node, scope: tuple[Condition, ...]
) -> Iterator[tuple[Expression, tuple[Condition, ...]]]:
    """The nodes whose answers are taken out of the text of one cell, the outermost of each, with their conditions."""
    if isinstance(node, Expression) and not isinstance(node, Column):
        if node.format_read or node.format_written or node.is_confirmed:
            return  # what is read as a number or a date stands nowhere
        columns = {part for part in node.walk() if isinstance(part, Column)}
        rows = _inside(shown, scope)
        if len(columns) == 1 and len(rows) >= LEAST_WITNESSES:
            column = columns.pop()
            found = [(column.run(row) or "", node.run(row) or "") for row in rows]
            if all(Stands.of(text, answer) for text, answer in found) and any(a != t for t, a in found):
                yield node, scope
                return
    for part, conditions in node.scopes():
        if isinstance(part, Expression):
            yield from _taken(shown, part, (*scope, *conditions))


def _is_named(stands: Sequence[Stands]) -> bool:
    """Whether the same word stands before all answers, whatever before that: nothing needs to be counted."""
    before = {one.text[:place] for one in stands for place in one.places if place}
    columns = zip(*(text[::-1] for text in before), strict=False)
    common = takewhile(lambda characters: len(set(characters)) == 1, columns)
    return len(before) > 1 and any(characters[0].isalpha() for characters in common)


def _place_check(node: Expression, stands: Sequence[Stands]) -> Iterator[Check]:
    """A check on where an answer begins."""
    ways = _ways(stands, only_marks=node.is_whole)
    if len(ways) < LEAST_WAYS:
        return
    text, answer = f"coalesce({node.first_column.sql()}, '')", f"coalesce({node.sql()}, '')"
    shown = ((one.text, place) for one in stands if (place := ways[0].find(one.text)) is not None)
    here = f"starts_with(substr({text}, p + 1), {answer})"
    places = ", ".join(way.sql(text) for way in ways)
    elsewhere = f"list_filter([{places}], lambda p: NOT {here} AND {around_sql(shown, text, 'p')})"
    # Where all ways lead to the answer nothing has to be looked at around it, which is dear: cheap tests come first.
    led = " AND ".join(f"starts_with(substr({text}, {way.sql(text)} + 1), {answer})" for way in ways)
    words = f"by the example the answer could as well stand elsewhere: {node.words()}"
    yield node.check("ambiguity", "note", words, f"{answer} <> '' AND NOT ({led}) AND len({elsewhere}) > 0")


def _ways(stands: Sequence[Stands], *, only_marks: bool) -> list[Position]:
    """The ways to tell where the answers begin that hold on all rows, about as likely as the likeliest: of each manner
    the likeliest one, likeliest first. A field that marks enclose is told by marks; a word that all texts have may be
    the answer itself."""
    shown, rest = stands[:MOST_LED], stands[MOST_LED:]
    holding = (
        way
        for way, places in shared_positions(tuple(one.text for one in shown))
        if all(place in one.places for one, place in zip(shown, places, strict=True))
        and way.told_by != "a word"
        and (way.told_by in ("an end", "a mark") or not only_marks)
    )
    found: dict[Hashable, Position] = {}
    for way in sorted(holding, key=lambda way: (way.cost, way.words())):
        if way.manner not in found and all(way.find(one.text) in one.places for one in rest):
            found[way.manner] = way
    ways = list(found.values())
    return [way for way in ways if round(way.cost - ways[0].cost, 3) <= OPEN_BITS]
