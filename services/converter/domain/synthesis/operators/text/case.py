"""Letter case."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from services.converter.domain.synthesis.language import Examples, Expression, Record, operand
from services.converter.domain.synthesis.operators.witness import Candidate, occurs
from services.converter.domain.synthesis.sqltext import literal

Kind = Literal["lower", "upper", "title", "sentence", "name"]


_PREFIXES = ("mc", "o'")
_INNER_CAPITAL = re.compile(r"\b(?:Mc|O')[^\W\d_a-z]|[^\W\d_]-[^\W\d_a-z]")


def _title(text: str) -> str:
    return " ".join(word[:1].upper() + word[1:] for word in text.lower().split(" "))


def _name(text: str) -> str:
    return " ".join("-".join(map(_capital, word.split("-"))) for word in text.lower().split(" "))


def _capital(word: str) -> str:
    """A word of a name: `McDonald`, `O'Neil`, `Reed`."""
    kept = 2 if word[:2] in _PREFIXES else 0
    return word[:kept].capitalize() + word[kept : kept + 1].upper() + word[kept + 1 :]


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].lower()


_MEANING: Mapping[Kind, Callable[[str], str]] = {
    "lower": str.lower,
    "upper": str.upper,
    "title": _title,
    "sentence": _sentence,
    "name": _name,
}
KINDS = tuple(_MEANING)
_WORDS = {
    "lower": "in small letters",
    "upper": "in capitals",
    "title": "with a capital for each word",
    "sentence": "with a capital first",
    "name": "with a capital for each part of a name",
}
_PRICE = {"lower": 0.7, "upper": 0.7, "title": 0.8, "sentence": 0.75, "name": 1.1}


@dataclass(frozen=True, slots=True)
class Case(Expression):
    """The text with its letters in another case."""

    source: Expression
    kind: Kind

    @property
    def cost(self) -> float:
        """A little more than the text itself."""
        return self.source.cost + _PRICE[self.kind]

    def run(self, record: Record) -> str | None:
        """The text in the other case."""
        text = self.source.run(record)
        return None if text is None else _MEANING[self.kind](text)

    def sql(self) -> str:
        """`lower`, `upper`, or the first letters apart."""
        text = self.source.sql()
        if self.kind in ("lower", "upper"):
            return f"{self.kind}({text})"
        if self.kind == "sentence":
            inner = operand(self.source)
            return f"upper({inner}[1]) || lower({inner}[2:])"
        word = "upper(w[1]) || w[2:]"
        if self.kind == "name":
            prefixes = ", ".join(map(literal, _PREFIXES))
            part = f"CASE WHEN p[:2] IN ({prefixes}) THEN upper(p[1]) || p[2] || upper(p[3]) || p[4:]"
            part = f"{part} ELSE upper(p[1]) || p[2:] END"
            word = f"array_to_string(list_transform(string_split(w, '-'), lambda p: {part}), '-')"
        return f"array_to_string(list_transform(string_split(lower({text}), ' '), lambda w: {word}), ' ')"

    def words(self) -> str:
        """The text and its case."""
        return f"{self.source.words()} {_WORDS[self.kind]}"


def witness(task: Examples, sources: Iterable[Candidate]) -> Iterator[Candidate]:
    """Sources that stand in the output but for their case."""
    folded = [output.lower() for output in task.outputs]
    named = any(map(_INNER_CAPITAL.search, task.outputs))
    kinds = [kind for kind in KINDS if named or kind != "name"]
    for source, values in sources:
        if not any(values) or any(value.lower() not in output for value, output in zip(values, folded, strict=True)):
            continue
        # Where the user names a case, a text that is written so already is no proof of a copy.
        seen = set() if task.preference else {values}
        for kind in kinds:
            meaning = _MEANING[kind]
            cased = tuple(meaning(value) for value in values)
            if cased not in seen and occurs(task, cased):
                if not task.preference:
                    seen.add(cased)
                yield Candidate(Case(source, kind), cased)
