"""Other readings of a program: what its own pieces could have meant as well, by all that the example shows.

The second of two parts is also the last one; a piece found before a mark says nothing of texts without the mark. No
search finds these rivals, because they cost as much as the program or more: they are made of the program itself.
"""

from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from services.converter.domain.synthesis.language import Expression, Node, Record
from services.converter.domain.synthesis.operators.text.cut import Between, Cut, Edge, Offset, Position
from services.converter.domain.synthesis.operators.text.extract import Extract
from services.converter.domain.synthesis.operators.text.match import Match
from services.converter.domain.synthesis.operators.text.split import Split
from services.converter.domain.synthesis.sqltext import literal

N = TypeVar("N", bound=Node)


def readings_of(node: Node, rows: Sequence[Record]) -> Iterator[Expression]:
    """The node with what it counts from one end counted from the other, where the rows do not tell the two apart."""
    if isinstance(node, Split):
        total = _only([text.count(node.delimiter) + 1 for text in _texts(node.source, rows)])
        if total:
            yield replace(node, pick=_from_other_end(node.pick, total))
    elif isinstance(node, Match):
        total = _only([len(node.token.find_all(text)) for text in _texts(node.source, rows)])
        if total:
            yield replace(node, pick=_from_other_end(node.pick, total))
    elif isinstance(node, Cut) and not node.fixed:
        texts = _texts(node.source, rows)
        start, end = _other_position(node.start, texts), _other_position(node.end, texts)
        if start is not None:
            yield replace(node, start=start)
        if end is not None:
            yield replace(node, end=end)


def missing_marks(node: Node, rows: Sequence[Record]) -> Iterator[str]:
    """SQL for each mark that the node goes by and that every row has: it holds on texts without the mark."""
    if isinstance(node, Split):
        if all(node.delimiter in text for text in _texts(node.source, rows)):
            yield f"NOT contains({node.source.sql()}, {literal(node.delimiter)})"
    elif isinstance(node, Between | Extract):
        texts = _texts(node.source, rows)
        marks = (node.pattern,) if isinstance(node, Between) else node.marks
        needed = [mark for mark in marks if all(map(mark.compiled.search, texts))]
        yield from (f"NOT regexp_matches({node.source.sql()}, {literal(mark.sql)})" for mark in needed)
    elif isinstance(node, Cut) and not node.fixed:
        texts, source = _texts(node.source, rows), node.source.sql()
        for position in (node.start, node.end):
            if any(position.find(text) is None for text in texts):
                continue
            if isinstance(position, Edge):
                yield f"NOT regexp_matches({source}, {literal(position.pattern.sql)})"
            elif position.count and not position.at_most:
                yield f"length({source}) < {position.count}"


def swapped(node: N, old: Node, new: Node) -> N:
    """The node with one of the nodes below it, that very one, put in the place of another."""
    if not is_dataclass(node):
        return node
    values = {field.name: getattr(node, field.name) for field in fields(node)}
    others = {name: _swapped_value(value, old, new) for name, value in values.items()}
    changed = {name: other for name, other in others.items() if other is not values[name]}
    return replace(node, **changed) if changed else node


def _swapped_value(value: Any, old: Node, new: Node) -> Any:
    if value is old:
        return new
    if isinstance(value, Node):
        return swapped(value, old, new)
    if isinstance(value, tuple) and any(isinstance(part, Node) for part in value):
        parts = tuple(_swapped_value(part, old, new) for part in value)
        return parts if any(a is not b for a, b in zip(value, parts, strict=True)) else value
    return value


def _texts(source: Expression, rows: Sequence[Record]) -> list[str]:
    return [source.run(row) or "" for row in rows]


def _only(counts: Sequence[int]) -> int:
    """The count that all rows share, 0 where they differ."""
    return counts[0] if len(set(counts)) == 1 else 0


def _from_other_end(pick: int, total: int) -> int:
    return pick - total - 1 if pick > 0 else pick + total + 1


def _other_position(position: Position, texts: Sequence[str]) -> Position | None:
    if isinstance(position, Edge):
        total = _only([len(position.token.find_all(text)) for text in texts])
        # Only runs of a class can be counted from the right.
        if not total or position.token.outside is None:
            return None
        return replace(position, pick=_from_other_end(position.pick, total))
    length = _only([len(text) for text in texts])
    if not length or not position.count or position.at_most:
        return None
    return Offset(length - position.count, from_end=not position.from_end)
