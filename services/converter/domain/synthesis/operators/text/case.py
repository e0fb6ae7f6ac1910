"""Letter case."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from services.converter.domain.formats.letters import lower, upper
from services.converter.domain.synthesis.asking import Ask, ask
from services.converter.domain.synthesis.language import CELL, Examples, Expression, Record
from services.converter.domain.synthesis.operators.witness import Candidate, occurs, proposes
from services.converter.domain.synthesis.sqltext import literal
from services.converter.domain.synthesis.tokens import LONGEST_KEPT

Kind = Literal["lower", "upper", "title", "capitals", "sentence", "name"]


_PREFIXES = ("mc", "o'", "o’")
_BETWEEN = ' \\t\\n\\r\u00a0!"#$%&()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~«»„“”–—…'
"""What stands between words; apostrophes and points over letters stand inside of them."""
_WORD = f"[{_BETWEEN}]+['’‘]*|^['’‘]+|[^{_BETWEEN}]+"
_WORDS_OF = re.compile(_WORD)
_BEFORE_WORDS = f"^[{_BETWEEN}'’‘]*"
_START = re.compile(_BEFORE_WORDS)
_INNER_CAPITAL = re.compile(r"\b(?:Mc|O['’])[^\W\d_a-z]")


def _title(text: str) -> str:
    return _capitals(lower(text))


def _capitals(text: str) -> str:
    return "".join(upper(word[:1]) + word[1:] for word in _WORDS_OF.findall(text))


def _name(text: str) -> str:
    return "".join(map(_capital, _WORDS_OF.findall(lower(text))))


def _capital(word: str) -> str:
    """A word of a name: `McDonald`, `O'Neil`, `Reed`."""
    kept = 2 if word[:2] in _PREFIXES else 0
    return upper(word[: kept and 1]) + word[kept and 1 : kept] + upper(word[kept : kept + 1]) + word[kept + 1 :]


def _sentence(text: str) -> str:
    text = lower(text)
    found = _START.match(text)
    start = found.end() if found else 0
    return text[:start] + upper(text[start : start + 1]) + text[start + 1 :]


_MEANING: Mapping[Kind, Callable[[str], str]] = {
    "lower": lower,
    "upper": upper,
    "title": _title,
    "capitals": _capitals,
    "sentence": _sentence,
    "name": _name,
}
KINDS = tuple(_MEANING)
_WORDS = {
    "lower": "in small letters",
    "upper": "in capitals",
    "title": "with a capital for each word",
    "capitals": "with a capital for each word, the other letters as they are",
    "sentence": "with a capital first",
    "name": "with a capital for each part of a name",
}
_PRICE = {"lower": 0.7, "upper": 0.7, "title": 0.8, "capitals": 0.95, "sentence": 0.75, "name": 1.1}

_ASKS: Mapping[Kind, Ask] = {
    "upper": ask(r"upper[- ]?case|uppercased?\b|all caps|(?:in|to) capitals|capital letters"),
    "lower": ask(r"lower[- ]?case|lowercased?\b|small letters"),
    "title": ask(r"title[- ]?case|proper[- ]?case|capitali[sz]e (?:each|every|the words)"),
    "sentence": ask(r"sentence[- ]?case|capitali[sz]e (?:the )?first"),
}


@dataclass(frozen=True, slots=True)
class Case(Expression):
    """The text with its letters in another case."""

    source: Expression
    kind: Kind
    asks = tuple(_ASKS.values())

    @property
    def met(self) -> tuple[Ask, ...]:
        """Those for its case."""
        return (_ASKS[self.kind],) if self.kind in _ASKS else ()

    @property
    def is_whole(self) -> bool:
        """As whole as the text."""
        return self.source.is_whole

    @property
    def holds_text(self) -> bool:
        """Whether the text does."""
        return self.source.holds_text

    @property
    def surcharge(self) -> float:
        """A little more than the text itself."""
        return _PRICE[self.kind]

    def run(self, record: Record) -> str | None:
        text = self.source.run(record)
        return None if text is None else _MEANING[self.kind](text)

    def sql(self) -> str:
        """`lower`, `upper`, or the first letters apart."""
        text = self.source.sql()
        if self.kind in ("lower", "upper"):
            return f"{self.kind}({text})"
        if self.kind == "sentence":
            before = f"regexp_extract(lower({text}), {literal(_BEFORE_WORDS)})"
            rest = f"lower({text})[length({before}) + 1:]"
            return f"{before} || upper({rest}[1]) || {rest}[2:]"
        word = "upper(w[1]) || w[2:]"
        if self.kind == "name":
            prefixes = ", ".join(map(literal, _PREFIXES))
            word = f"CASE WHEN w[:2] IN ({prefixes}) THEN upper(w[1]) || w[2] || upper(w[3]) || w[4:] ELSE {word} END"
        text = text if self.kind == "capitals" else f"lower({text})"
        words = f"regexp_extract_all({text}, {literal(_WORD)})"
        return f"array_to_string(list_transform({words}, lambda w: {word}), '')"

    def words(self) -> str:
        return f"{self.source.words()} {_WORDS[self.kind]}"


@proposes(form=10)
def witness(task: Examples, sources: Iterable[Candidate]) -> Iterator[Candidate]:
    """Sources that stand in the output but for their case."""
    folded = [output.lower() for output in task.outputs]
    named = any(map(_INNER_CAPITAL.search, task.outputs))
    kinds = [kind for kind in KINDS if named or kind != "name"]
    for source, values in sources:
        if not any(values) or any(value.lower() not in output for value, output in zip(values, folded, strict=True)):
            continue
        for kind in kinds:
            cased = tuple([_cased(kind, value) for value in values])
            # Where the user names a case, a text that is written so already is no proof of a copy.
            if (cased != values or task.preference) and occurs(task, cased):
                yield Candidate(Case(source, kind), cased)


def _cased(kind: Kind, text: str) -> str:
    """A text in a case: each column that is learned asks again."""
    return _kept_cased(kind, text) if len(text) <= LONGEST_KEPT else _MEANING[kind](text)


@lru_cache(maxsize=8192)
def _kept_cased(kind: Kind, text: str) -> str:
    return _MEANING[kind](text)


def law() -> tuple[Expression, ...]:
    """Instances on which `run` equals `sql`."""
    return tuple(Case(CELL, kind) for kind in KINDS)
