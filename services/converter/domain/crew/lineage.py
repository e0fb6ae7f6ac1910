"""Where a program's columns come from, by its syntax tree: which columns of the input each of them is made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.lineage import Node, lineage

from services.converter.domain.program import CELLS
from services.converter.domain.table import Row

_DIALECT = "duckdb"


@dataclass(frozen=True, slots=True)
class Lineage:
    """``sources`` of each output column by position; ``conditions`` are columns that decide on rows, and so on all.

    ``forms`` are the output columns' expressions in one spelling. Where a program cannot be taken apart, every output
    column is taken to come from every column of the input that the text may mean.
    """

    sources: tuple[frozenset[str], ...]
    conditions: frozenset[str]
    forms: tuple[str, ...]

    def of(self, position: int) -> frozenset[str]:
        """The columns of the input that an output column hangs on."""
        made = self.sources[position] if position < len(self.sources) else frozenset().union(*self.sources)
        return made | self.conditions


@dataclass(frozen=True, slots=True)
class Limit:
    """A number that a column of the input is compared with by size, as it stands and as a value."""

    column: str
    text: str
    value: float


def list_limits(sql: str, names: Row) -> list[Limit]:
    """The limits of a program; none of one that cannot be taken apart."""
    known = {name.casefold(): name for name in names}
    try:
        tree = sqlglot.parse_one(sql, read=_DIALECT)
    except (SqlglotError, RecursionError, ValueError):
        return []
    found = []
    for test in tree.find_all(exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between):
        sides = [_plain(side) for side in test.args.values() if isinstance(side, exp.Expr)]
        columns = [side for side in sides if isinstance(side, exp.Column) and side.name.casefold() in known]
        numbers = [side for side in sides if isinstance(side, exp.Literal) and not side.is_string]
        found += [Limit(known[c.name.casefold()], n.name, float(n.name)) for c in columns[:1] for n in numbers]
    return list(dict.fromkeys(found))


def _plain(tree: exp.Expr) -> exp.Expr:
    """What is cast, or stands in brackets."""
    while isinstance(tree, exp.Cast | exp.Paren):
        tree = tree.this
    return tree


@lru_cache(maxsize=64)
def trace(sql: str, names: Row) -> Lineage:
    """The lineage of a program over an input with these columns."""
    known = {name.casefold(): name for name in names}
    try:
        tree = sqlglot.parse_one(sql, read=_DIALECT)
        if not isinstance(tree, exp.Query):
            return _unknown(names)
        return _trace(tree, known)
    except (SqlglotError, RecursionError, ValueError, KeyError, AttributeError, TypeError, AssertionError):
        # A younger syntax than the parser's, or a star that it cannot spread: nothing is taken for certain.
        return _unknown(names)


def form_of(expression: str) -> str:
    """An expression in one spelling; as it stands where it cannot be parsed."""
    try:
        parsed = sqlglot.parse_one(expression, read=_DIALECT)
        return _spelled(parsed)
    except (SqlglotError, RecursionError, ValueError):
        return expression


def _trace(tree: exp.Query, known: Mapping[str, str]) -> Lineage:
    selected = tree.selects
    schema = {"input": {name.lower(): "text" for name in (*known.values(), "_row", "_cells")}}
    reads_cells = any(column.name.casefold() == CELLS for column in tree.find_all(exp.Column))
    if reads_cells or any(item.find(exp.Star) for item in selected):
        return _unknown(tuple(known.values()))
    sources = []
    for position, item in enumerate(selected):
        named = tree.copy()
        alias = f"_made_{position}"
        named.selects[position].replace(exp.alias_(item.unalias().copy(), alias))
        found = lineage(alias, named, schema=schema, dialect=_DIALECT)
        sources.append(frozenset(name for node in found.walk() for name in _read_by(node, known)))
    deciding: set[str] = set()
    for part in tree.find_all(exp.Where, exp.Join, exp.Having, exp.Group, exp.Qualify, exp.Distinct):
        for column in part.find_all(exp.Column):
            if column.name.casefold() in known:
                deciding.add(known[column.name.casefold()])
    forms = tuple(_spelled(item.unalias()) for item in selected)
    return Lineage(tuple(sources), frozenset(deciding), forms)


def _read_by(node: Node, known: Mapping[str, str]) -> frozenset[str]:
    columns = [column.name.casefold() for column in node.expression.find_all(exp.Column)]
    tail = node.name.rpartition(".")[2].strip('"').casefold()
    return frozenset(known[name] for name in (*columns, tail) if name in known)


def _unknown(names: Row) -> Lineage:
    return Lineage((frozenset(names),), frozenset(names), ())


def _spelled(tree: exp.Expr) -> str:
    plain = tree.copy()
    for node in plain.walk():
        node.comments = None
    for identifier in plain.find_all(exp.Identifier):
        identifier.set("quoted", False)
        identifier.set("this", identifier.name.casefold())
    return plain.sql(dialect=_DIALECT)
