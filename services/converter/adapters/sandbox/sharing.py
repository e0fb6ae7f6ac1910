"""Expressions that several tests of the same rows have in common: told apart by numbers, computed once for a row."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.converter.adapters.sandbox.trees import (
    HOLDERS,
    NULL,
    Tree,
    cannot_fail,
    case,
    column,
    conjunction,
    is_rowwise,
    occurrences,
    walk,
)

_SHARED = "_shared_"
_ALL_ROWS = -1
"""Who reads what is computed whatever the row: no test has such a place."""


@dataclass(slots=True)
class Numbers:
    """A number for each expression of some roots, which expressions share that are equal, whatever they are called and
    wherever in a text they stand."""

    _roots: Sequence[Tree]
    _ids: dict[object, int] = field(default_factory=dict)
    _known: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for root in self._roots:
            self._intern(root)

    def add(self, root: Tree) -> None:
        """Number one more root, which stays where it is as long as these numbers do."""
        self._intern(root)

    def of(self, node: Mapping[str, Any]) -> int:
        """The number of an expression; -1 for what is no part of the roots."""
        return self._known.get(id(node), -1)

    def _intern(self, item: Any) -> int:
        kind = item.__class__
        if kind is dict:
            known = self._known.get(id(item))
            if known is not None:
                return known
            # What an expression is called says nothing of what it is.
            left_out = "alias" if "class" in item else ""
            key: object = tuple(
                [
                    (name, self._intern(value) if value.__class__ in HOLDERS else (value.__class__, value))
                    for name, value in item.items()
                    if name != left_out
                ]
            )
            number = self._ids.setdefault(key, len(self._ids))
            self._known[id(item)] = number
            return number
        key = ("list", *map(self._intern, item)) if kind is list else (kind, item)
        return self._ids.setdefault(key, len(self._ids))


@dataclass(slots=True)
class Sharing:
    """Expressions that several SELECTs of the same rows have in common, each computed once for a row.

    ``always`` are computed on every row as they are; an expression is shared where one of those holds it outside of
    all conditions, or one of ``tests`` does and it cannot fail. ``settled`` are conditions under which a test, by its
    place, need not be asked: they are shared, and what only tests read is computed on the other rows alone.
    """

    always: Sequence[Tree]
    tests: Sequence[Tree]
    settled: Mapping[int, Tree]
    numbers: Numbers
    _layers: dict[int, int] = field(default_factory=dict)
    _chosen: dict[int, Tree] = field(default_factory=dict)
    _kept: set[int] = field(default_factory=set)
    _made: dict[int, Tree] = field(default_factory=dict)

    def __post_init__(self) -> None:
        always = [*self.always, *self.settled.values()]
        computed = {self.numbers.of(node): node for root in always for node, tried in _outright(root) if not tried}
        outright = {self.numbers.of(node): node for root in (*always, *self.tests) for node, _ in _outright(root)}
        computed |= {number: node for number, node in outright.items() if number not in computed and cannot_fail(node)}
        uses: dict[int, int] = {}
        users: dict[int, set[int]] = {}
        for user, root in [*((_ALL_ROWS, root) for root in always), *enumerate(self.tests)]:
            for node, times in occurrences(root):
                if "class" in node:
                    number = self.numbers.of(node)
                    uses[number] = uses.get(number, 0) + times
                    users.setdefault(number, set()).add(user)
        for number, node in computed.items():
            if uses[number] > 1 and users[number] != {_ALL_ROWS} and _is_worth_it(node):
                self._chosen[number] = self._where_asked(node, users[number])
        for node in self.settled.values():
            self._chosen[self.numbers.of(node)] = node
            self._kept.add(self.numbers.of(node))
        self._leave_out_parts_of_others()
        for number in self._chosen:
            self._layer(number)

    def _where_asked(self, node: Tree, users: Collection[int]) -> Tree:
        """An expression that is computed on no row on which all of its tests are settled."""
        if not all(user in self.settled for user in users):
            return node
        settled = {self.numbers.of(self.settled[user]): self.settled[user] for user in users}
        return case([(conjunction(list(settled.values())), NULL)], {**node})

    def _leave_out_parts_of_others(self) -> None:
        """Keep what is read in several places once all is put together: the rest stands inside of one other only."""
        read: dict[int, int] = {}
        bodies = [list(node.values()) for node in self._chosen.values()]
        for node, times in occurrences([self.always, self.tests, bodies], self._is_chosen):
            if self._is_chosen(node):
                number = self.numbers.of(node)
                read[number] = read.get(number, 0) + times
        self._chosen = {
            number: node for number, node in self._chosen.items() if read.get(number, 0) > 1 or number in self._kept
        }

    def _is_chosen(self, node: Tree) -> bool:
        return "class" in node and self.numbers.of(node) in self._chosen

    def layers(self) -> list[list[tuple[str, Tree]]]:
        """What is computed, names and expressions; those of a layer read those of the layers before it."""
        count = max(self._layers.values(), default=0)
        found: list[list[tuple[str, Tree]]] = [[] for _ in range(count)]
        for number, layer in self._layers.items():
            found[layer - 1].append((f"{_SHARED}{number}", self._replaced(self._chosen[number], whole=False)))
        return found

    def replaced(self, expression: Tree) -> Tree:
        """An expression that reads what is shared."""
        done: Tree = self._replaced(expression)
        return done

    def _replaced(self, item: Any, *, whole: bool = True) -> Any:
        if isinstance(item, list):
            return [self._replaced(one) for one in item]
        if not isinstance(item, dict):
            return item
        if not whole:
            return {key: self._replaced(value) for key, value in item.items()}
        made = self._made.get(id(item))
        if made is None:
            if self._is_chosen(item):
                made = {**column(f"{_SHARED}{self.numbers.of(item)}"), "alias": item.get("alias", "")}
            else:
                made = {key: self._replaced(value) for key, value in item.items()}
            self._made[id(item)] = made
        return made

    def _layer(self, number: int) -> int:
        layer = self._layers.get(number)
        if layer is None:
            inner = {self.numbers.of(one) for one in walk([*self._chosen[number].values()]) if self._is_chosen(one)}
            layer = self._layers[number] = 1 + max(map(self._layer, inner), default=0)
        return layer


def shares_a_name(names: Sequence[str]) -> bool:
    """Whether one of these columns has a name such as those of shared expressions."""
    return any(name.lower().startswith(_SHARED) for name in names)


def _is_worth_it(node: Tree) -> bool:
    return (
        node["class"] in ("FUNCTION", "CAST", "OPERATOR", "CASE")
        and any(one.get("class") in ("FUNCTION", "CASE") for one in walk(node))
        and is_rowwise(node)
        and not any(one.get("class") in ("LAMBDA", "LAMBDA_REF") for one in walk(node))
        # A struct's fields are called after their aliases, by which shared expressions are not told apart.
        and not any(one.get("alias") for one in walk(list(node.values())))
    )


def _outright(node: Tree, *, tried: bool = False) -> Iterator[tuple[Tree, bool]]:
    """The expressions that an expression computes whatever the row, and whether TRY stands around them."""
    yield node, tried
    kind = node["class"]
    inner: list[Tree] = []
    if kind == "FUNCTION":
        inner = [argument["expression"] for argument in node["arguments"]]
        if str(node["function_name"]).lower() == "if":
            inner = inner[:1]
    elif kind == "CAST":
        inner = [node["child"]]
    elif kind == "COMPARISON":
        inner = [node["left"], node["right"]]
    elif kind == "CASE":
        inner = [node["case_checks"][0]["when_expr"]]
    elif kind in ("OPERATOR", "CONJUNCTION"):
        inner = node["children"]
        if kind == "CONJUNCTION" or node["type"] == "OPERATOR_COALESCE":
            inner = inner[:1]
    for one in inner:
        yield from _outright(one, tried=tried or node["type"] == "OPERATOR_TRY")
