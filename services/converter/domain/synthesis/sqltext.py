"""Writing SQL text: quoting, indentation, comments."""

import re
from functools import lru_cache

_PLAIN = re.compile(r"[a-z_][a-z0-9_]*\Z")
# Words that DuckDB reserves, and a few that read badly unquoted.
_RESERVED = frozenset(
    [
        "all",
        "analyse",
        "analyze",
        "and",
        "anti",
        "any",
        "array",
        "as",
        "asc",
        "asof",
        "asymmetric",
        "at",
        "authorization",
        "binary",
        "both",
        "case",
        "cast",
        "check",
        "collate",
        "collation",
        "column",
        "columns",
        "concurrently",
        "constraint",
        "create",
        "cross",
        "current_date",
        "current_time",
        "date",
        "day",
        "default",
        "deferrable",
        "desc",
        "describe",
        "distinct",
        "do",
        "else",
        "end",
        "except",
        "exists",
        "false",
        "fetch",
        "filter",
        "for",
        "foreign",
        "freeze",
        "from",
        "full",
        "function",
        "generated",
        "glob",
        "grant",
        "group",
        "grouping",
        "having",
        "hour",
        "ilike",
        "in",
        "initially",
        "inner",
        "input",
        "intersect",
        "interval",
        "into",
        "is",
        "isnull",
        "join",
        "lambda",
        "lateral",
        "leading",
        "left",
        "like",
        "limit",
        "map",
        "minute",
        "month",
        "natural",
        "not",
        "notnull",
        "null",
        "offset",
        "on",
        "only",
        "or",
        "order",
        "outer",
        "over",
        "overlaps",
        "pivot",
        "pivot_longer",
        "pivot_wider",
        "placing",
        "position",
        "positional",
        "primary",
        "qualify",
        "references",
        "returning",
        "right",
        "row",
        "rows",
        "second",
        "select",
        "semi",
        "show",
        "similar",
        "some",
        "struct",
        "summarize",
        "symmetric",
        "table",
        "tablesample",
        "then",
        "time",
        "timestamp",
        "to",
        "trailing",
        "true",
        "try_cast",
        "union",
        "unique",
        "unpivot",
        "user",
        "using",
        "values",
        "variadic",
        "verbose",
        "when",
        "where",
        "window",
        "with",
        "within",
        "year",
        "header",
    ]
)


@lru_cache(maxsize=4096)
def identifier(name: str) -> str:
    """A column name as SQL: bare where that reads the same to DuckDB, else in double quotes."""
    if _PLAIN.match(name) and name not in _RESERVED:
        return name
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A VARCHAR literal; control characters are spelled with chr() so that the program stays one clean text."""
    if not any(ch in text for ch in "\n\r\t\x00"):
        return "'" + text.replace("'", "''") + "'"
    pieces = re.split(r"([\n\r\t\x00]+)", text)
    parts: list[str] = []
    for piece in pieces:
        if not piece:
            continue
        if piece[0] in "\n\r\t\x00":
            parts.extend(f"chr({ord(ch)})" for ch in piece)
        else:
            parts.append("'" + piece.replace("'", "''") + "'")
    return "(" + " || ".join(parts) + ")" if len(parts) > 1 else parts[0]


def quoted(text: str) -> str:
    """A piece of data inside words for people, cut to a readable length."""
    shown = text.replace("\n", "⏎").replace("\r", "").replace("\t", "⇥")
    return f"“{shown if len(shown) <= 40 else shown[:37] + '...'}”"


def comment(text: str) -> str:
    """Words made safe for a `--` comment: one line, whatever the data held."""
    return "-- " + re.sub(r"[\r\n\x00\u2028\u2029]+", " ", text)


def indent(text: str, by: int = 4) -> str:
    """Every line moved to the right, but for the rest of a quoted name that has a line break in it."""
    out, inside = [], False
    for line in text.split("\n"):
        out.append(line if inside or not line else " " * by + line)
        if inside or not line.lstrip().startswith("--"):
            inside ^= re.sub("'[^'\"]*'", "", line).count('"') % 2 == 1
    return "\n".join(out)
