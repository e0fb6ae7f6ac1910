"""Rows that are like most others of their file, on which tests need not be asked.

The first rows tell which shapes the texts of a column, or of an answer, usually have. On a text that stands for all of
a shape the engine itself says whether a test is false (see `bounding`); where it is, one pattern of those shapes
settles the test, and as many others as read the same, on nearly all rows. Which rows come first decides how much is
spared, and nothing of what is found.
"""

# ruff: noqa: S608 - names are the sandbox's own, expressions are trees that were checked

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from services.converter.adapters.sandbox import bounding, shapes, statements, trees
from services.converter.adapters.sandbox.bounding import Asked, Bound, Truth
from services.converter.adapters.sandbox.sharing import Numbers
from services.converter.adapters.sandbox.trees import Tree

HEAD_ROWS = 1_000
"""The first rows, by which the others are known: of what every hundredth row has, they tell within a third."""
_MOST_SHAPES = 200
"""Shapes of a term that are looked at: one pattern holds them all."""
_LEAST_SETTLED = 0.5
"""The share of the first rows that must be settled, so that the others, on which it is asked in vain, are fewer."""
_LEAST_SPARED = 2
"""Searches of a pattern that must be spared where all is settled, since one more is made to know it."""
_SEARCHES = frozenset(
    ["regexp_matches", "regexp_full_match", "regexp_replace", "regexp_extract", "regexp_extract_all", "list_filter"]
)


@dataclass(frozen=True, slots=True)
class Usual:
    """The shapes that a term's texts usually have, with a text of each and how many of the first rows have it."""

    shapes: Mapping[str, tuple[tuple[str, str], int]]
    rows: int

    def share(self, some: frozenset[str]) -> float:
        """The share of the first rows that have one of some shapes."""
        return sum(times for shape, (_, times) in self.shapes.items() if shape in some) / max(1, self.rows)


def settle(
    connection: duckdb.DuckDBPyConnection, node: Tree, listed: Sequence[Tree], tests: Sequence[Tree], numbers: Numbers
) -> dict[int, Tree]:
    """For tests of the rows that a plain SELECT reads, by their places: conditions under which they are false.

    ``numbers`` are those of ``listed`` and of the tests; the conditions get theirs, too.
    """
    parts = [frozenset(numbers.of(one) for one in trees.walk(test) if "class" in one) for test in tests]
    searches = [_searches(test) for test in tests]
    terms: list[Tree] = []
    bounds: list[dict[int, Bound]] = []
    for term in _terms(listed, tests, numbers):
        read = [place for place in range(len(tests)) if numbers.of(term) in parts[place]]
        told = {place: bounding.bound(tests[place], term, numbers) for place in read}
        told = {place: bound for place, bound in told.items() if not bound.says_nothing}
        if sum(searches[place] for place in told) >= _LEAST_SPARED:
            terms.append(term)
            bounds.append(told)
    if not terms:
        return {}
    try:
        usual = usual_shapes(_first_rows(connection, node, terms), len(terms))
        found = [settled_shapes(connection, one, told) for one, told in zip(usual, bounds, strict=True)]
    except duckdb.Error:
        return {}  # what cannot run says so where it is asked
    return _conditions(connection, terms, searches, usual, found, numbers)


def _conditions(
    connection: duckdb.DuckDBPyConnection,
    terms: Sequence[Tree],
    searches: Sequence[int],
    usual: Sequence[Usual],
    found: Sequence[Mapping[int, frozenset[str]]],
    numbers: Numbers,
) -> dict[int, Tree]:
    """The terms that settle most first, each for the tests that no other settles."""
    conditions: dict[int, Tree] = {}
    by_term = [
        [place for place, some in settled.items() if usual[term].share(some) >= _LEAST_SETTLED]
        for term, settled in enumerate(found)
    ]
    for term in sorted(range(len(terms)), key=lambda term: -sum(searches[place] for place in by_term[term])):
        places = [place for place in by_term[term] if place not in conditions]
        if sum(searches[place] for place in places) < _LEAST_SPARED:
            continue
        together = frozenset.intersection(*(found[term][place] for place in places))
        if usual[term].share(together) < _LEAST_SETTLED:
            continue
        condition = _has_shape(connection, terms[term], sorted(together))
        numbers.add(condition)
        conditions.update(dict.fromkeys(places, condition))
    return conditions


def _terms(listed: Sequence[Tree], tests: Sequence[Tree], numbers: Numbers) -> list[Tree]:
    """What tests may be settled by: the columns that they read, and what the program answers."""
    nodes = [one for test in tests for one in trees.walk(test)]
    names = {str(one["lhs"].get("column_names")) for one in nodes if one.get("class") == "LAMBDA"}
    columns = (one for one in nodes if one.get("class") == "COLUMN_REF" and str(one["column_names"]) not in names)
    found = {numbers.of(one): one for one in (*columns, *listed) if not trees.is_column(one, "_row")}
    return [one for one in found.values() if one["class"] != "CONSTANT"]


def _searches(test: Tree) -> int:
    found = trees.occurrences(test)
    return sum(times for one, times in found if str(one.get("function_name", "")).lower() in _SEARCHES)


def _first_rows(connection: duckdb.DuckDBPyConnection, node: Tree, terms: Sequence[Tree]) -> list[tuple[object, ...]]:
    rows = trees.write(connection, {**node, "select_list": [{**one, "alias": ""} for one in terms]})
    return connection.execute(f"SELECT * FROM (\n{rows}\n) LIMIT {HEAD_ROWS}").fetchall()


def usual_shapes(rows: Sequence[Sequence[object]], width: int) -> list[Usual]:
    """The shapes of the texts of each column."""
    return [_usual(Counter(row[at] for row in rows), len(rows)) for at in range(width)]


def _usual(texts: Counter[object], rows: int) -> Usual:
    counts: dict[str, int] = {}
    stand_ins: dict[str, tuple[str, str]] = {}
    for text, times in texts.items():
        shape = shapes.shape_of(text) if isinstance(text, str) else None
        if shape is None:
            continue
        if shape not in counts:
            pair = shapes.stand_ins(str(text))
            if pair is None:
                continue
            stand_ins[shape] = pair
        counts[shape] = counts.get(shape, 0) + times
    most = sorted(counts, key=lambda shape: (-counts[shape], shape))[:_MOST_SHAPES]
    return Usual({shape: (stand_ins[shape], counts[shape]) for shape in most}, rows)


def settled_shapes(
    connection: duckdb.DuckDBPyConnection, usual: Usual, bounds: Mapping[int, Bound]
) -> dict[int, frozenset[str]]:
    """The shapes of which tests are false whatever the text."""
    if not usual.shapes:
        return {}
    atoms = [atom for bound in bounds.values() for atom in bound.atoms]
    names = [f"a{place}" for place in range(len(atoms))]
    texts = ", ".join(
        f"({place}, {statements.quote_text(text)})"
        for place, (pair, _) in enumerate(usual.shapes.values())
        for text in pair
    )
    asked = trees.parse(connection, "SELECT place FROM t")["statements"][0]["node"]
    asked["select_list"] += atoms
    kinds = [kind for bound in bounds.values() for kind in bound.asked]
    told = ", ".join(["place", *map(_told, names, kinds)])
    rows = connection.execute(
        f"WITH t(place, v) AS (VALUES {texts}) SELECT {told} FROM ({trees.write(connection, asked)}) "
        f"AS t({', '.join(['place', *names])}) GROUP BY place ORDER BY place"
    ).fetchall()
    listed = list(usual.shapes)
    settled: dict[int, frozenset[str]] = {}
    at = 1
    for place, bound in bounds.items():
        end = at + 2 * len(bound.atoms)
        settled[place] = frozenset(
            listed[row[0]] for row in rows if _is_false(bound, row[at:end:2], row[at + 1 : end : 2])
        )
        at = end
    return settled


def _told(name: str, kind: Asked) -> str:
    """What an atom says of both texts, and of either."""
    if kind is Asked.ALIKE:
        return f"min({name}) IS NOT DISTINCT FROM max({name}), NULL"
    return f"bool_and({name}), bool_or({name})"


def _is_false(bound: Bound, on_both: Sequence[Truth], on_any: Sequence[Truth]) -> bool:
    # What says the same of all texts of a shape says so of two.
    answers = zip(on_both, on_any, bound.asked, strict=True)
    alike = all(both == some for both, some, kind in answers if kind is Asked.SURE)
    return alike and bound.form(on_both) is not True


def _has_shape(connection: duckdb.DuckDBPyConnection, term: Tree, some: Sequence[str]) -> Tree:
    text = statements.quote_text("|".join(some))
    made: Tree = trees.parse(connection, f"SELECT regexp_full_match(v, {text})")["statements"][0]["node"]
    condition: Tree = made["select_list"][0]
    condition["arguments"][0]["expression"] = {**term, "alias": ""}
    return condition
