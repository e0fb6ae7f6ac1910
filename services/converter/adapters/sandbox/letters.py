r"""Patterns for files in which nothing but ASCII stands: a letter is one of A to Z there.

DuckDB sets up each pattern where it stands, before any row is read, and a class of all letters (`\p{L}`) takes it a
hundred times as long as `[A-Za-z]`: on a few rows that is most of the work. On texts of ASCII both match the same.
"""

import re
from collections.abc import Mapping
from typing import Any

from services.converter.adapters.sandbox import trees
from services.converter.adapters.sandbox.trees import Tree

_LETTERS = {"L": "A-Za-z", "Lu": "A-Z", "Ll": "a-z"}
_PIECE = re.compile(r"\\([pP])\{(L|Lu|Ll)\}|\\.|[\[\]]", re.DOTALL)
_UNUSUAL_SET = re.compile(r"\[\^?\]|\[:|\\Q|\\[pP]\{L[ul]?\}-[^\]]")
_KEEPING = """
    regexp_escape list_filter list_transform list_value array_to_string least greatest + - * // % round abs floor ceil
    trunc year month day strptime make_date date_diff date_trunc
"""
_KEEPS_ASCII = trees.SAFE | frozenset(_KEEPING.split())
"""Functions that make no other characters of texts of ASCII."""


_LOOKING = """
    regexp_matches regexp_full_match regexp_replace regexp_extract regexp_extract_all replace contains starts_with
    ends_with prefix suffix strpos split_part string_split translate trim ltrim rtrim
"""
_LOOK = frozenset(_LOOKING.split())
"""Functions that look in a text for their second argument."""


Made = dict[int, tuple[Tree, Tree]]
"""What became of trees, by their identities: a tree, which is kept for that, and the other."""


def narrow(node: Tree, made: Made | None = None) -> Tree:
    """A SELECT whose patterns look for letters of ASCII alone, for relations of nothing else; as it is where it may
    make other characters itself. ``made`` keeps what several SELECTs have in common."""
    patterns = [one["text"] for one in map(_pattern_of, trees.walk(node)) if one is not None]
    wide = any("\\p{L" in text or "\\P{L" in text for text in patterns)
    if wide and all(map(_stays_ascii, trees.walk(node))) and _brings_none(node):
        return _narrowed(node, {} if made is None else made)  # type: ignore[no-any-return]
    return node


def _narrowed(item: Any, made: Made) -> Any:
    if isinstance(item, list):
        return [_narrowed(one, made) for one in item]
    if not isinstance(item, dict):
        return item
    if id(item) not in made:
        inner = {key: _narrowed(value, made) if value else value for key, value in item.items()}
        literal = _pattern_of(inner)
        if literal is not None:
            pattern = inner["arguments"][1]
            text = {**literal, "text": narrow_pattern(literal["text"])}
            narrowed = {**pattern, "expression": {**pattern["expression"], "literal": text}}
            inner["arguments"] = [*inner["arguments"][:1], narrowed, *inner["arguments"][2:]]
        made[id(item)] = item, inner
    return made[id(item)][1]


def _stays_ascii(node: Mapping[str, Any]) -> bool:
    return node.get("class") != "FUNCTION" or str(node["function_name"]).lower() in _KEEPS_ASCII


def _brings_none(root: Tree) -> bool:
    """Whether no constant has other characters, but for what is looked for in a text and not given."""
    pending: list[Any] = [root]
    seen = set()
    while pending:
        item = pending.pop()
        if isinstance(item, list):
            pending += item
        elif isinstance(item, dict) and id(item) not in seen:
            seen.add(id(item))
            if item.get("class") == "CONSTANT":
                if not str(item["literal"].get("text", "")).isascii():
                    return False
            elif item.get("class") == "FUNCTION" and str(item["function_name"]).lower() in _LOOK:
                pending += [argument for place, argument in enumerate(item["arguments"]) if place != 1]
            else:
                pending += item.values()
    return True


def _pattern_of(node: Mapping[str, Any]) -> Tree | None:
    """The literal of the pattern that a function looks for in a text; None of anything else."""
    if node.get("class") != "FUNCTION" or not str(node["function_name"]).lower().startswith("regexp_"):
        return None
    pattern = node["arguments"][1]["expression"] if len(node["arguments"]) > 1 else {}
    literal: Tree = pattern.get("literal") or {}
    return literal if pattern.get("class") == "CONSTANT" and "text" in literal else None


def narrow_pattern(pattern: str) -> str:
    """A pattern that matches the same in texts of ASCII, without classes of all letters."""
    if _UNUSUAL_SET.search(pattern):
        return pattern
    made: list[str] = []
    at, inside = 0, False
    for piece in _PIECE.finditer(pattern):
        made.append(pattern[at : piece.start()])
        at = piece.end()
        text = piece[0]
        if text == "[" and not inside:
            inside = True
        elif text == "]":
            inside = False
        elif piece[1] == "P" and inside:
            return pattern
        elif piece[1]:
            some = _LETTERS[piece[2]]
            text = some if inside else f"[{'^' if piece[1] == 'P' else ''}{some}]"
        made.append(text)
    return "".join([*made, pattern[at:]])
