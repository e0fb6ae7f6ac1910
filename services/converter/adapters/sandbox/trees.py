"""Parse trees of SELECTs, as `json_serialize_sql` gives them: told apart, searched, and put together anew."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb

from services.converter.domain.program_policy import AGGREGATES, WINDOWS

Tree = dict[str, Any]

_HOLDERS = (dict, list)
_PLACES = frozenset({"query_location", "query_location_length"})
_PLACES_AND_ALIAS = _PLACES | {"alias"}
_ROWWISE = frozenset(
    {"BETWEEN", "CASE", "CAST", "COLLATE", "COLUMN_REF", "COMPARISON", "CONJUNCTION", "CONSTANT", "FUNCTION"}
    | {"LAMBDA", "LAMBDA_REF", "OPERATOR", "TYPE"}
)
_MANY_ROWS = AGGREGATES | WINDOWS | {"unnest", "generate_subscripts"}
_WHOLE = ("group_expressions", "group_sets", "having", "sample")


def parse(connection: duckdb.DuckDBPyConnection, text: str) -> Tree:
    """The tree of the statements in a text; `check_program` tells what is wrong with it."""
    tree: Tree = json.loads(connection.execute("SELECT json_serialize_sql(?)", [text]).fetchall()[0][0])
    return tree


def write(connection: duckdb.DuckDBPyConnection, node: Mapping[str, Any]) -> str:
    """The text of a SELECT's node."""
    tree = {"error": False, "statements": [{"node": node, "named_param_map": []}]}
    return str(connection.execute("SELECT json_deserialize_sql(?::JSON)", [json.dumps(tree)]).fetchall()[0][0])


def column(name: str) -> Tree:
    """A reference to a column."""
    return {"class": "COLUMN_REF", "type": "COLUMN_REF", "alias": "", "column_names": [name]}


def conjunction(parts: Sequence[Tree]) -> Tree:
    """The parts with AND between them."""
    if len(parts) == 1:
        return parts[0]
    return {"class": "CONJUNCTION", "type": "CONJUNCTION_AND", "alias": "", "children": list(parts)}


def case(checks: Sequence[tuple[Tree, Tree]], otherwise: Tree) -> Tree:
    """A CASE of conditions and what is given where they hold."""
    listed = [{"when_expr": when, "then_expr": then} for when, then in checks]
    return {"class": "CASE", "type": "CASE_EXPR", "alias": "", "case_checks": listed, "else_expr": otherwise}


def constant(kind: str, text: str) -> Tree:
    """A constant, by its kind and text."""
    return {"class": "CONSTANT", "type": "VALUE_CONSTANT", "alias": "", "literal": {"kind": kind, "text": text}}


TRUE, FALSE, NULL = constant("BOOLEAN", "true"), constant("BOOLEAN", "false"), constant("NULL_LITERAL", "")


def is_column(expression: Mapping[str, Any], name: str) -> bool:
    """Whether an expression is that column and nothing else."""
    return expression.get("class") == "COLUMN_REF" and [n.lower() for n in expression["column_names"]] == [name]


def walk(item: Any) -> Iterator[Tree]:
    """All dictionaries of a tree that hold anything."""
    pending = [item]
    while pending:
        one = pending.pop()
        if one.__class__ is dict:
            yield one
            one = one.values()
        pending += [inner for inner in one if inner and inner.__class__ in _HOLDERS]


def is_rowwise(item: Any) -> bool:
    """Whether an expression looks at one row only."""
    return all(
        "class" not in node
        or (node["class"] in _ROWWISE and str(node.get("function_name", "")).lower() not in _MANY_ROWS)
        for node in walk(item)
    )


def is_plain(node: Mapping[str, Any]) -> bool:
    """Whether a node is a SELECT of one relation's rows by name, neither grouped nor counted over windows."""
    return (
        node.get("type") == "SELECT_NODE"
        and (node.get("from_table") or {}).get("type") == "BASE_TABLE"
        and not any(node.get(part) for part in _WHOLE)
        and node.get("aggregate_handling") == "STANDARD_HANDLING"
        and node.get("qualify") is None
    )


def source_key(node: Mapping[str, Any]) -> str:
    """What a SELECT reads: equal for those whose common table expressions and relation are the same."""
    return json.dumps(bare([node["cte_map"], node["from_table"]]), sort_keys=True)


def keeps_rows_apart(node: Mapping[str, Any]) -> bool:
    """Whether no two rows of what a plain SELECT reads have the same `_row`: each stands for one row of the input."""
    ctes = {str(entry["key"]).lower(): entry["value"]["query_node"] for entry in node["cte_map"]["map"]}
    name = str(node["from_table"]["table_name"]).lower()
    for _ in range(len(ctes) + 1):
        if name not in ctes:
            return name == "input"
        inner = ctes[name]
        listed = inner.get("select_list") or []
        if not is_plain({**inner, "qualify": None}) or inner["cte_map"]["map"] or not any(map(_keeps_number, listed)):
            return False
        if any(str(one.get("function_name", "")).lower() == "unnest" for one in walk(listed)):
            return False
        name = str(inner["from_table"]["table_name"]).lower()
    return False


def _keeps_number(expression: Mapping[str, Any]) -> bool:
    """Whether a select list's entry hands on the numbers of the rows: `_row` itself, or all columns as they are."""
    if expression.get("class") == "STAR":
        changed = json.dumps([expression[kind] for kind in ("exclude_list", "replace_list", "rename_list")])
        return '"_row"' not in changed.lower() and not expression.get("expr")
    return is_column(expression, "_row") and expression.get("alias", "") in ("", "_row")


def bare(item: Any) -> Any:
    """A tree without the places in the text that it was made of."""
    if isinstance(item, dict):
        return {key: bare(value) for key, value in item.items() if key not in _PLACES}
    return [bare(one) for one in item] if isinstance(item, list) else item


def without_lists_of_cells(connection: duckdb.DuckDBPyConnection, node: Tree, width: int) -> Tree:
    """A SELECT over rows of just so many cells that neither counts them nor looks for any behind them, for which all
    cells of each row would have to be made a list."""
    none: Tree = parse(connection, "SELECT []::VARCHAR[]")["statements"][0]["node"]["select_list"][0]

    def replaced(item: Any) -> Any:
        if isinstance(item, list):
            return [replaced(one) for one in item]
        if not isinstance(item, dict):
            return item
        if item.get("type") == "ARRAY_SLICE" and is_column(item["children"][0], "_cells"):
            first = item["children"][1].get("literal", {})
            if first.get("kind") == "INTEGER" and int(first["text"]) > width and len(item["children"]) == 3:
                return none
        if item.get("function_name") == "len" and is_column(item["arguments"][0]["expression"], "_cells"):
            return {**constant("INTEGER", str(width)), "alias": item["alias"]}
        return {key: replaced(value) for key, value in item.items()}

    made: Tree = replaced(node)
    return made


SAFE = frozenset(
    [
        "||",
        "concat",
        "concat_ws",
        "contains",
        "ends_with",
        "lcase",
        "left",
        "length",
        "lower",
        "ltrim",
        "prefix",
        "regexp_extract",
        "regexp_extract_all",
        "regexp_full_match",
        "regexp_matches",
        "regexp_replace",
        "replace",
        "reverse",
        "right",
        "rtrim",
        "split_part",
        "starts_with",
        "strftime",
        "string_split",
        "strip_accents",
        "strlen",
        "strpos",
        "substr",
        "substring",
        "suffix",
        "translate",
        "trim",
        "try_strptime",
        "ucase",
        "upper",
        "nullif",
        "len",
    ]
)
"""Functions that fail on no text: what is made of them may be computed also where a condition would not ask for it."""
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
            left_out = _PLACES_AND_ALIAS if "class" in item else _PLACES
            key: object = tuple(
                [
                    (name, self._intern(value) if value.__class__ in _HOLDERS else (value.__class__, value))
                    for name, value in item.items()
                    if name not in left_out
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

    def __post_init__(self) -> None:
        always = [*self.always, *self.settled.values()]
        computed = {self.numbers.of(node): node for root in always for node, tried in _outright(root) if not tried}
        outright = {self.numbers.of(node): node for root in (*always, *self.tests) for node, _ in _outright(root)}
        computed |= {number: node for number, node in outright.items() if number not in computed and cannot_fail(node)}
        uses: dict[int, int] = {}
        users: dict[int, set[int]] = {}
        for user, root in [*((_ALL_ROWS, root) for root in always), *enumerate(self.tests)]:
            for node in walk(root):
                if "class" in node:
                    number = self.numbers.of(node)
                    uses[number] = uses.get(number, 0) + 1
                    users.setdefault(number, set()).add(user)
        for number, node in computed.items():
            if uses[number] > 1 and users[number] != {_ALL_ROWS} and _is_worth_it(node):
                self._chosen[number] = self._where_asked(node, users[number])
        for node in self.settled.values():
            self._chosen[self.numbers.of(node)] = node
            self._kept.add(self.numbers.of(node))
        self._leave_out_parts_of_others()
        for number, node in self._chosen.items():
            self._layers[number] = self._layer(node)

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
        pending: list[Any] = [*self.always, *self.tests, *bodies]
        while pending:
            item = pending.pop()
            if isinstance(item, list):
                pending.extend(item)
            elif isinstance(item, dict):
                number = self.numbers.of(item) if "class" in item else -1
                if number in self._chosen:
                    read[number] = read.get(number, 0) + 1
                else:
                    pending.extend(item.values())
        self._chosen = {
            number: node for number, node in self._chosen.items() if read.get(number, 0) > 1 or number in self._kept
        }

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
        if whole and "class" in item and self.numbers.of(item) in self._chosen:
            return {**column(f"{_SHARED}{self.numbers.of(item)}"), "alias": item.get("alias", "")}
        return {key: self._replaced(value) for key, value in item.items()}

    def _layer(self, node: Tree) -> int:
        inner = [one for one in walk(list(node.values())) if "class" in one and self.numbers.of(one) in self._chosen]
        return 1 + max((self._layer(one) for one in inner), default=0)


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


def cannot_fail(node: Tree) -> bool:
    """Whether an expression gives a value, or NULL, whatever the texts that it reads."""
    for one in walk(node):
        if one.get("class") == "FUNCTION" and str(one["function_name"]).lower() not in SAFE:
            return False
        if one.get("class") == "CAST" and not one["try_cast"]:
            return False
        if one.get("class") in ("LAMBDA", "SUBQUERY", "WINDOW", "COLLATE"):
            return False
    return True
