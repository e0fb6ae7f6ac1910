"""Facts of a whole file that guards ask for: whether any row at all is such a one.

A guard that hits rows only where others of the file tell that they are meant otherwise asks `bool_or(...) OVER ()`,
which takes a pass of its own and a window over all rows. Whether any row is such a one is a fact of the file, not of a
row: nearly always the first rows tell it, and what they leave open is found out in one pass for all guards: of a large
file only where guards hit rows if it is so. With its facts known a guard is a test of rows like any other, or one that
cannot hit anything.
"""

# ruff: noqa: S608 - names are the sandbox's own, expressions are trees that were checked

import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import duckdb

from services.converter.adapters.sandbox import trees
from services.converter.adapters.sandbox.checking import GuardTree
from services.converter.adapters.sandbox.settling import HEAD_ROWS
from services.converter.adapters.sandbox.trees import Tree

_MOST_OPEN = 3
"""Facts of one guard that may be open while it is asked whether it can hit anything: all their values are tried."""
_WHOLE_FILE = {
    "function_name": "bool_or",
    "start": "UNBOUNDED_PRECEDING",
    "end": "CURRENT_ROW_RANGE",
    "exclude_clause": "NO_OTHER",
}
_NARROWING = ("partitions", "orders", "arg_orders", "filter_expr", "distinct", "ignore_nulls", "start_expr", "end_expr")
_CONNECTIVES = ("CONJUNCTION_AND", "CONJUNCTION_OR", "OPERATOR_NOT", "OPERATOR_COALESCE")
_LITERALS = {"true": True, "false": False}
Fact = bool | None
"""What `bool_or` gives: None where every row's answer is NULL."""


@dataclass(slots=True)
class _Asked:
    """A guard without its subquery, and the facts that it asks for, by what they are of."""

    guard: GuardTree
    node: Tree
    facts: dict[str, Tree]
    across: list[Tree]
    keys: dict[int, str]
    """Of what each window is, by its identity."""

    @property
    def source(self) -> str:
        return trees.source_key(self.node)


def settle(connection: duckdb.DuckDBPyConnection, guards: Sequence[GuardTree], *, in_memory: bool) -> list[GuardTree]:
    """The guards, those that ask for facts of the file as tests of rows; without those that can hit nothing."""
    asked = {guard.number: one for guard in guards if (one := _read(guard)) is not None}
    groups: dict[str, list[_Asked]] = {}
    for one in asked.values():
        groups.setdefault(one.source, []).append(one)
    settled: dict[int, GuardTree | None] = {}
    for group in groups.values():
        try:
            settled |= _settle_group(connection, group, in_memory=in_memory)
        except duckdb.Error:
            continue  # asked as they are, each says what is wrong with it
    made = (settled.get(guard.number, guard) for guard in guards)
    return [guard for guard in made if guard is not None]


def _settle_group(
    connection: duckdb.DuckDBPyConnection, group: Sequence[_Asked], *, in_memory: bool
) -> dict[int, GuardTree | None]:
    later = _Facts(connection, group[0].node, {key: tree for one in group for key, tree in one.facts.items()})
    hit = group if in_memory else later.look_at_first_rows(group)
    if any(map(later.are_open, hit)):
        later.look_at_all(group)
    settled: dict[int, GuardTree | None] = {}
    for one in group:
        made = replace(one.guard, node=one.node)
        if later.are_open(one):
            made = replace(made, holds=partial(later.settle, one, group))
        settled[one.guard.number] = made if _can_hit(one, later.known) else None
    return settled


@dataclass(slots=True)
class _Facts:
    """Facts of one relation, as far as they are known."""

    connection: duckdb.DuckDBPyConnection
    node: Tree
    facts: Mapping[str, Tree]
    known: dict[str, Fact] = field(default_factory=dict)

    def look_at_first_rows(self, group: Sequence[_Asked]) -> list[_Asked]:
        """Know those that the first rows settle; the guards that hit some of them if the rest is so."""
        tests = {f"test {one.guard.number}": one.node["where_clause"] for one in group}
        found = look(self.connection, self.node, {**self.facts, **tests}, head=True)
        self.known |= {key: True for key in self.facts if found[key]}
        return [one for one in group if found[f"test {one.guard.number}"]]

    def are_open(self, one: _Asked) -> bool:
        """Whether it depends on facts that are not known whether a guard can hit anything."""
        return not one.facts.keys() <= self.known.keys() and _can_hit(one, self.known)

    def look_at_all(self, group: Sequence[_Asked]) -> None:
        """Know all that guards depend on."""
        needed = {key: tree for one in group if self.are_open(one) for key, tree in one.facts.items()}
        left = {key: tree for key, tree in needed.items() if key not in self.known}
        self.known |= look(self.connection, self.node, left, head=False)

    def settle(self, one: _Asked, group: Sequence[_Asked]) -> bool:
        """Whether a guard can hit anything, for certain."""
        if self.are_open(one):
            self.look_at_all(group)
        return _can_hit(one, self.known)


def look(
    connection: duckdb.DuckDBPyConnection, node: Tree, facts: Mapping[str, Tree], *, head: bool
) -> dict[str, Fact]:
    """The facts of what a guard reads, or of its first rows."""
    listed = list(facts.values())
    rows = trees.write(connection, {**node, "where_clause": None, "select_list": listed})
    names = [f"f{place}" for place in range(len(listed))]
    told = ", ".join(f"bool_or({name})" for name in names)
    limit = f"LIMIT {HEAD_ROWS}" if head else ""
    answer = connection.execute(f"SELECT {told} FROM ({rows}\n{limit}) AS f({', '.join(names)})").fetchall()[0]
    return dict(zip(facts, answer, strict=True))


def _can_hit(one: _Asked, known: Mapping[str, Fact]) -> bool:
    """Whether some values of the facts that are open let the guard hit rows."""
    still_open = [key for key in one.facts if key not in known]
    if len(still_open) > _MOST_OPEN:
        return True
    tried = itertools.product((True, False, None), repeat=len(still_open))
    return any(_holds(one, {**known, **dict(zip(still_open, values, strict=True))}) for values in tried)


def _holds(one: _Asked, facts: Mapping[str, Fact]) -> bool:
    return all(_value(part, facts, one.keys) is True for part in one.across)


def _value(condition: Tree, facts: Mapping[str, Fact], keys: Mapping[int, str]) -> Fact:
    """What a condition on facts comes to, NULL as SQL has it."""
    if condition["class"] == "WINDOW":
        return facts[keys[id(condition)]]
    if condition["class"] == "CONSTANT":
        return _LITERALS[condition["literal"]["text"]]
    values = [_value(one, facts, keys) for one in condition["children"]]
    match condition["type"]:
        case "OPERATOR_NOT":
            return None if values[0] is None else not values[0]
        case "OPERATOR_COALESCE":
            return next((value for value in values if value is not None), None)
        case "CONJUNCTION_AND":
            return False if False in values else None if None in values else True
        case _:
            return True if True in values else None if None in values else False


def _is_of_facts(condition: Tree) -> bool:
    """Whether a condition can be worked out of facts."""
    if condition["class"] == "WINDOW":
        return _is_of_whole_file(condition)
    if condition["class"] == "CONSTANT":
        return bool(condition["literal"]["kind"] == "BOOLEAN")
    return condition["type"] in _CONNECTIVES and all(map(_is_of_facts, condition["children"]))


def _read(guard: GuardTree) -> _Asked | None:
    """A guard that tests rows and asks for facts of the file beside; None where it is anything else."""
    if guard.of_output or guard.node.get("type") != "SELECT_NODE":
        return None
    node = _without_subquery(guard.node)
    if node is None or not trees.is_plain(node) or node.get("where_clause") is None:
        return None
    where = node["where_clause"]
    parts = where["children"] if where["type"] == "CONJUNCTION_AND" else [where]
    across = [part for part in parts if _is_of_facts(part)]
    rest = [part for part in parts if part not in across]
    windows = [(window, inner) for window in trees.walk(across) if (inner := _of_what(window)) is not None]
    keys = {id(window): json.dumps(inner, sort_keys=True) for window, inner in windows}
    facts = {keys[id(window)]: inner for window, inner in windows}
    if not facts or not rest or not all(map(_is_sure, (*rest, *facts.values()))):
        return None
    node = {**node, "where_clause": trees.conjunction(rest)}
    return _Asked(guard, node, facts, across, keys) if replace(guard, node=node).is_test_of_rows() else None


def _without_subquery(node: Tree) -> Tree | None:
    """A SELECT of what a subquery of one relation gives, as a SELECT of that relation."""
    source = node["from_table"]
    if source.get("type") != "SUBQUERY" or source.get("column_name_alias"):
        return node if trees.is_plain(node) else None
    inner = source["subquery"]["node"]
    if inner.get("type") != "SELECT_NODE" or inner["cte_map"]["map"]:
        return None
    if not trees.is_plain(node | {"from_table": {"type": "BASE_TABLE"}}) or not trees.is_plain(inner):
        return None
    if inner["modifiers"] or inner.get("where_clause") is not None:
        return None
    named = {str(one.get("alias") or one.get("column_names", [""])[-1]).lower(): one for one in inner["select_list"]}
    if "" in named or len(named) != len(inner["select_list"]):
        return None
    try:
        return {
            **inner,
            "cte_map": node["cte_map"],
            "modifiers": node["modifiers"],
            "select_list": [_replaced(one, named) for one in node["select_list"]],
            "where_clause": _replaced(node["where_clause"], named),
        }
    except KeyError:
        return None


def _replaced(item: Any, named: Mapping[str, Tree]) -> Any:
    """An expression over a subquery's columns as one over what they are."""
    if isinstance(item, list):
        return [_replaced(one, named) for one in item]
    if not isinstance(item, dict):
        return item
    if item.get("class") == "COLUMN_REF":
        return {**named[str(item["column_names"][-1]).lower()], "alias": item.get("alias", "")}
    return {key: _replaced(value, named) for key, value in item.items()}


def _is_of_whole_file(window: Tree) -> bool:
    # Without an order a frame up to the row's peers is all rows.
    whole = all(window.get(name) == value for name, value in _WHOLE_FILE.items())
    return whole and len(window["arguments"]) == 1 and not any(window.get(name) for name in _NARROWING)


def _of_what(window: Tree) -> Tree | None:
    """What a window asks of each row; None for what is no window."""
    if window.get("class") != "WINDOW":
        return None
    inner: Tree = window["arguments"][0]["expression"]
    return inner


def _is_sure(expression: Tree) -> bool:
    return trees.is_rowwise(expression) and trees.cannot_fail(expression)
