"""Digests in a program: what one happens to be decides nothing, unless by chance on the rows at hand."""

import sqlglot
from sqlglot.errors import TokenError
from sqlglot.tokenizer_core import TokenType

_DIGESTS = frozenset({"md5", "md5_number", "md5_number_lower", "md5_number_upper", "sha1", "sha256", "hash"})
_OTHERS = ("'~'", "'~~'", "'+'", "'-'")


def with_other_digests(sql: str) -> list[str]:
    """The program with every digest that of another text, in several ways; none where it has no digest.

    Equal texts have equal digests still.
    """
    try:
        tokens = sqlglot.tokenize(sql, read="duckdb")
    except TokenError:
        return []
    opened, closed = list[int](), list[int]()
    for place, token in enumerate(tokens[:-1]):
        if token.text.casefold() not in _DIGESTS or tokens[place + 1].token_type is not TokenType.L_PAREN:
            continue
        depth = 0
        for inner in tokens[place + 1 :]:
            depth += (inner.token_type is TokenType.L_PAREN) - (inner.token_type is TokenType.R_PAREN)
            if not depth:
                opened.append(tokens[place + 1].end + 1)
                closed.append(inner.start)
                break
    return [_written(sql, opened, closed, other) for other in _OTHERS] if opened else []


def _written(sql: str, opened: list[int], closed: list[int], other: str) -> str:
    # One text of all that is given, as some digests take one only.
    parts = [*((at, "concat_ws('~', ") for at in opened), *((at, f", {other})") for at in closed)]
    for at, text in sorted(parts, reverse=True):
        sql = sql[:at] + text + sql[at:]
    return sql
