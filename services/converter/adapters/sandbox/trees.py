"""Parse trees of SELECTs, as `json_serialize_sql` gives them: told apart, searched, and put together anew."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import duckdb

from services.converter.domain.program_policy import AGGREGATES, WINDOWS

Tree = dict[str, Any]

HOLDERS = (dict, list)
_ROWWISE = frozenset(
    {"BETWEEN", "CASE", "CAST", "COLLATE", "COLUMN_REF", "COMPARISON", "CONJUNCTION", "CONSTANT", "FUNCTION"}
    | {"LAMBDA", "LAMBDA_REF", "OPERATOR", "TYPE"}
)
_MANY_ROWS = AGGREGATES | WINDOWS | {"unnest", "generate_subscripts"}
_WHOLE = ("group_expressions", "group_sets", "having", "sample")


def parse(connection: duckdb.DuckDBPyConnection, text: str) -> Tree:
    """The tree of the statements in a text; `check_program` tells what is wrong with it.

    What stands in it several times is one and the same object, so that it is looked at once (see `walk`): nothing may
    be changed in a tree where it stands.
    """
    known: dict[object, Tree] = {}

    def only_one(node: Tree) -> Tree:
        # Where in the text it stands: nothing asks for it, and equal parts stand in different places.
        node.pop("query_location", None)
        node.pop("query_location_length", None)
        return known.setdefault((*node, *map(_identity, node.values())), node)

    serialised = connection.execute("SELECT json_serialize_sql(?)", [text]).fetchall()[0][0]
    tree: Tree = json.loads(serialised, object_hook=only_one)
    return tree


def _identity(value: Any) -> object:
    """What tells a value from others where equal texts are equal, and equal dictionaries one and the same object."""
    kind = value.__class__
    if kind is str:
        return value
    return tuple(map(_identity, value)) if kind is list else id(value)


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
    """All dictionaries of a tree that hold anything, each once, in however many places it stands."""
    pending, seen = [item], set()
    while pending:
        one = pending.pop()
        if one.__class__ is dict:
            if id(one) in seen:
                continue
            seen.add(id(one))
            yield one
            one = one.values()
        pending += [inner for inner in one if inner and inner.__class__ in HOLDERS]


def occurrences(root: Any, ends: Callable[[Tree], bool] = lambda _: False) -> Iterator[tuple[Tree, int]]:
    """All dictionaries of a tree that hold anything, each with the number of places in which it stands. What is inside
    of those that ``ends`` holds for is left out."""
    inside: dict[int, list[Tree]] = {}
    order: list[tuple[Tree, int]] = []
    top = {"": root}
    pending = [(top, False)]
    while pending:
        node, is_done = pending.pop()
        if is_done:
            order.append((node, id(node)))
        elif id(node) not in inside:
            found = inside[id(node)] = [] if node is not top and ends(node) else list(_directly_in(node))
            pending.append((node, True))
            pending += [(one, False) for one in found]
    # Last in this order comes what everything else is inside of.
    times = dict.fromkeys(inside, 0)
    times[id(top)] = 1
    for node, identity in reversed(order):
        if node is not top:
            yield node, times[identity]
        for one in inside[identity]:
            times[id(one)] += times[identity]


def _directly_in(node: Tree) -> Iterator[Tree]:
    """The dictionaries that hold anything, and that nothing but lists stand between a dictionary and."""
    pending = [value for value in node.values() if value and value.__class__ in HOLDERS]
    while pending:
        one = pending.pop()
        if one.__class__ is dict:
            yield one
        else:
            pending += [inner for inner in one if inner and inner.__class__ in HOLDERS]


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
    return json.dumps([node["cte_map"], node["from_table"]], sort_keys=True)


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
