"""SQL cut into tokens for its colours. Pure; it never fails: what it does not know is plain text."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_KEYWORD = re.compile(
    "all|and|any|array|as|asc|asof|between|bigint|boolean|by|case|cast|columns|cross|current|date|decimal|desc|distinct|"
    "double|else|end|except|exclude|exists|false|filter|first|following|from|full|group|having|ilike|in|inner|intersect|"
    "interval|is|join|lambda|last|lateral|left|like|limit|not|null|nulls|offset|on|or|order|outer|over|partition|pivot|"
    "preceding|qualify|range|recursive|replace|right|row|rows|select|struct|table|then|timestamp|true|try_cast|"
    "unbounded|union|unnest|unpivot|using|values|varchar|when|where|window|with|within",
    re.IGNORECASE,
)
# Words that are functions where an opening parenthesis follows.
_ALSO_CALLS = frozenset({"replace", "left", "right", "first", "last"})
_TOKEN = re.compile(
    r"(?P<comment>--[^\n]*|/\*.*?(?:\*/|\Z))"
    r"|(?P<string>'(?:[^']|'')*(?:'|\Z))"
    r'|(?P<name>"(?:[^"]|"")*(?:"|\Z))'
    r"|(?P<number>\b\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\b)"
    r"|(?P<word>[^\W\d]\w*)"
    r"|(?P<other>\s+|.)",
    re.DOTALL,
)
_CALL = re.compile(r"\s*\(")


@dataclass(frozen=True, slots=True)
class SqlToken:
    """A piece of SQL; ``kind`` is "comment", "string", "name", "number", "keyword", "call", or "" for the rest."""

    kind: str
    text: str


def split_sql(sql: str) -> Sequence[SqlToken]:
    """Cuts SQL into tokens whose texts, joined, are the SQL again."""
    tokens: list[SqlToken] = []
    for match in _TOKEN.finditer(sql):
        kind, text = match.lastgroup or "other", match[0]
        if kind == "word":
            kind = _kind_of_word(text, sql, match.end())
        if kind == "other":
            kind = ""
        if tokens and not kind and not tokens[-1].kind:
            tokens[-1] = SqlToken("", tokens[-1].text + text)
        else:
            tokens.append(SqlToken(kind, text))
    return tokens


def _kind_of_word(word: str, sql: str, end: int) -> str:
    is_call = _CALL.match(sql, end) is not None
    if _KEYWORD.fullmatch(word) and not (is_call and word.lower() in _ALSO_CALLS):
        return "keyword"
    return "call" if is_call else ""
