"""The constants that stand in a program, and the program with one of them a little otherwise."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import sqlglot
from sqlglot.errors import TokenError
from sqlglot.tokenizer_core import Token, TokenType

ConstantKind = Literal["text", "number", "name"]

_TEXTS = frozenset(kind for kind in TokenType if kind.name.endswith("STRING"))
_NAMES = frozenset({TokenType.IDENTIFIER, TokenType.VAR})
_COMPARISONS = frozenset({TokenType.LT, TokenType.LTE, TokenType.GT, TokenType.GTE, TokenType.BETWEEN})
_TYPES = frozenset({TokenType.DATE, TokenType.TIMESTAMP, TokenType.TIME, TokenType.DECIMAL})
_SIZED = frozenset({TokenType.DECIMAL, TokenType.VARCHAR, TokenType.TEXT, TokenType.CHAR})
_CLASS = re.compile(r"\[\^?((?:\\.|[^\]\\])+)\]")
_RANGE = re.compile("[01]-9|A-Z|a-z|A-F|a-f|À-ÿ|À-Ö|Ø-ö|ø-ÿ")
_SETS = frozenset(map(frozenset, ("", "aeiou", "aeiouy", "02468", "13579", "ivxlcdm")))
_ALPHABETS = ("0123456789", "abcdefghijklmnopqrstuvwxyz", "aeiou")
_AROUND = frozenset({"(", "-", "cast", "try_cast"})


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal, or a name that may stand for one, with the places (``spans``) where it stands in the program's text.

    ``text`` is its content; ``is_limit`` says that values are compared with it by size: it parts them at one place
    wherever exactly that is.
    """

    kind: ConstantKind
    spans: tuple[tuple[int, int], ...]
    text: str
    is_limit: bool = False

    def changed(self, sql: str) -> str:
        """The program with every sign of the constant changed."""
        for start, end in reversed(self.spans):
            sql = sql[:start] + otherwise(sql[start:end]) + sql[end:]
        return sql

    def changed_by_parts(self, sql: str, most: int) -> Iterator[str]:
        """The program with one sign after the other changed; some signs at once where it has more than ``most``.

        Signs of classes that everybody knows are left as they are: none of them is chosen for a row.
        """
        ((start, end),) = self.spans
        inner = sql[start:end]
        known = _in_classes(inner)
        places = [i for i, sign in enumerate(inner) if _other(sign) != sign and i not in known]
        step = -(-len(places) // most) if places else 1
        for first in range(0, len(places), step):
            chosen = frozenset(places[first : first + step])
            made = "".join(_other(sign) if i in chosen else sign for i, sign in enumerate(inner))
            yield sql[:start] + made + sql[end:]

    @property
    def digits(self) -> int:
        """The significant digits of a number."""
        plain = self.text.lower().partition("e")[0].replace(".", "").replace("_", "").lstrip("0")
        return len(plain.rstrip("0")) if self.kind == "number" else 0


def list_constants(sql: str, names: frozenset[str] = frozenset()) -> list[Constant]:
    """The constants of a program in the order of its text; ``names`` (folded) are those that may stand for data.

    None of a text that cannot be taken apart: the sandbox refuses it by itself.
    """
    try:
        tokens = sqlglot.tokenize(sql, read="duckdb")
    except TokenError:
        return []
    found: list[Constant] = []
    named: dict[str, list[tuple[int, int]]] = {}
    for place, token in enumerate(tokens):
        start, end = token.start, token.end + 1
        if token.token_type in _TEXTS:
            opening = sql[start:end]
            left = len(opening) - len(opening.lstrip("$EeXxBb")) if opening[:1] != "'" else 0
            mark = opening.find("'", left) + 1 or opening.find("$", 1) + 1
            inner = (start + mark, end - mark + left)
            found.append(Constant("text", (inner,), token.text, _is_limit(tokens, place)))
        elif token.token_type is TokenType.NUMBER:
            if _is_of_type(tokens, place):
                continue
            following = tokens[place + 1] if place + 1 < len(tokens) else None
            if following is not None and following.token_type is TokenType.VAR and following.start == end:
                found.append(Constant("number", ((following.start + 1, following.end + 1),), following.text[1:]))
                continue  # 0x1F reads as 0 and x1F
            found.append(Constant("number", ((start, end),), token.text, _is_limit(tokens, place)))
        elif token.token_type in _NAMES and token.text.casefold() in names:
            named.setdefault(token.text.casefold(), []).append((start, end))
    return [*found, *(Constant("name", tuple(spans), name) for name, spans in named.items())]


def _is_of_type(tokens: Sequence[Token], place: int) -> bool:
    """Whether a number says how wide a type is, as in DECIMAL(18, 2)."""
    before = place - 1
    while before >= 0 and tokens[before].token_type in {TokenType.NUMBER, TokenType.COMMA, TokenType.L_PAREN}:
        if tokens[before].token_type is TokenType.L_PAREN:
            return before > 0 and tokens[before - 1].token_type in _SIZED
        before -= 1
    return False


def _is_limit(tokens: Sequence[Token], place: int) -> bool:
    before = place - 1
    while before >= 0 and (tokens[before].token_type in _TYPES or tokens[before].text.lower() in _AROUND):
        before -= 1
    if before >= 0 and _compares(tokens, before):
        return True
    second = before >= 1 and tokens[before].token_type is TokenType.AND
    between = second and any(t.token_type is TokenType.BETWEEN for t in tokens[max(0, before - 5) : before])
    return _compares(tokens, place + 1) or between


def _compares(tokens: Sequence[Token], place: int) -> bool:
    """Whether a token compares by size; two of them side by side shift bits."""
    if place >= len(tokens) or tokens[place].token_type not in _COMPARISONS:
        return False
    beside = [t for t in tokens[max(0, place - 1) : place + 2] if t is not tokens[place]]
    return not any(t.token_type is tokens[place].token_type for t in beside)


def _in_classes(text: str) -> frozenset[int]:
    """The places of a text that are in classes of signs which everybody knows: digits, letters, vowels, even digits.

    As a regular expression writes them, in brackets, or one after the other as `translate` takes them.
    """
    found: set[int] = set()
    for match in _CLASS.finditer(text):
        if _is_known(_RANGE.sub("", match[1])):
            found.update(range(*match.span(1)))
    for alphabet in _ALPHABETS:
        for match in re.finditer(re.escape(alphabet), text, re.IGNORECASE):
            found.update(range(*match.span()))
    return frozenset(found)


def _is_known(rest: str) -> bool:
    """Whether what a class lists beside its ranges is a set that everybody knows, or no letters and digits at all."""
    listed = frozenset(re.sub(r"\\.", "", rest).casefold())
    return frozenset(filter(str.isalnum, listed)) in _SETS


def otherwise(text: str) -> str:
    """A text of the same kind with every sign changed."""
    return "".join(map(_other, text))


def _other(sign: str) -> str:
    """A sign like this one, so that what is made of it is of the same kind."""
    if sign.isdecimal() and sign.isascii():
        return str(int(sign) - 1) if sign > "1" else {"0": "1", "1": "2"}[sign]
    if not sign.isalpha():
        return sign
    if not sign.isascii():
        return "e" if sign.islower() else "E"
    return chr(ord(sign) - 1) if sign not in "aA" else chr(ord(sign) + 1)
