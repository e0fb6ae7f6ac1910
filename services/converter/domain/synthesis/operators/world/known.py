"""Names and codes of the world: a value looked up in a table that everybody shares."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from services.converter.domain.synthesis.edges import Check
from services.converter.domain.synthesis.facts import world
from services.converter.domain.synthesis.language import CELL, Column, Examples, Expression, Record
from services.converter.domain.synthesis.operators.text.case import Case
from services.converter.domain.synthesis.operators.text.match import Match
from services.converter.domain.synthesis.operators.witness import Candidate, occurs, proposes
from services.converter.domain.synthesis.sqltext import literal
from services.converter.domain.synthesis.tokens import Token, raw

LEAST_WITNESSES = 2
"""Different pairs that must be seen before a table is believed."""
_NAME = re.compile(r"[^\W\d_][^\d]{0,70}\Z")
_CODE = re.compile(
    r"[A-Z]{2,3}(?:-[A-Z0-9]{1,3})?\Z|[0-9]{1,3}\Z|\W{1,2}\Z|[A-Z]{0,3}[$£€¥₹₽₺₴]\Z|[a-z]{1,3}\Z|[A-Z][a-z]{2}\Z"
)


@dataclass(frozen=True, slots=True)
class KnownName(Expression):
    """What a table of the world gives for a text; NULL for a text that is not in it."""

    source: Expression
    title: str
    pairs: tuple[tuple[str, str], ...]

    def edges(self, rows: Sequence[Record]) -> Iterator[Check]:
        """Texts that are not in the table."""
        del rows
        source = self.source.sql()
        outside = f"({self.sql()}) IS NULL AND trim(coalesce({source}, '')) <> ''"
        yield self.check("value_set", "unseen", f"not in the table of what is known: {self.title}", outside, source)

    def run(self, record: Record) -> str | None:
        text = self.source.run(record)
        return None if text is None else dict(self.pairs).get(text)

    def sql(self) -> str:
        """`CASE x WHEN`, the whole table."""
        lines = [f"    WHEN {literal(key)} THEN {literal(value)}" for key, value in self.pairs]
        return f"CASE {self.source.sql()}\n" + "\n".join(lines) + "\nEND"

    def words(self) -> str:
        return f"{self.source.words()} looked up: {self.title}"


@proposes(whole=10)
def whole_columns(task: Examples, sources: Iterable[Candidate]) -> Iterator[Candidate]:
    """Tables that give the whole outputs."""
    del sources
    return (Candidate(e, tuple(e.run(r) or "" for r in task.records)) for e in _known(task))


def _known(task: Examples) -> Iterator[KnownName]:
    """Tables that explain all outputs by one column, as it stands or whatever its case; blanks may stay blank."""
    filled = [o for o in task.outputs if o]
    if len(set(filled)) < LEAST_WITNESSES:
        return
    for index in range(len(task.names)):
        column = task.column(index)
        for source in (column, Case(column, "upper"), Case(column, "title")):
            shown = dict.fromkeys(
                (text, output)
                for r, output in zip(task.records, task.outputs, strict=True)
                if (text := source.run(r) or "") or output
            )
            if len(shown) < LEAST_WITNESSES or not _plausible(tuple(shown)):
                continue
            keys, values = zip(*shown, strict=True)
            found = [KnownName(source, title, tuple(pairs.items())) for title, pairs in world.known_pairs(keys, values)]
            if found:
                yield from found
                break


MOST_SOURCES, DEAREST = 40, 4.5
"""Sources that are looked up, and what they may cost."""
_TOKEN = re.compile(r"[^\W\d_]+|\d+|[$€£¥₹₽₺₴]")
_SHORT_CODE = re.compile(r"[A-Z]{2,3}\Z|[A-Z]{0,3}[$€£¥₹₽₺₴]\Z")


@proposes(typed=70)
def witness(task: Examples, sources: Iterable[Candidate]) -> Iterator[Candidate]:
    """Pieces of the outputs that a table of the world gives for a piece of the sources."""
    fresh = [_new_tokens(record, output) for record, output in zip(task.records, task.outputs, strict=True)]
    if not all(fresh) or len(set(task.outputs)) < LEAST_WITNESSES:
        return
    sources = [*_signs(task), *sources]
    coded = all(any(_SHORT_CODE.match(token) for token in tokens) for tokens in fresh)
    for source, values in islice((c for c in sources if c.expression.cost <= DEAREST), MOST_SOURCES):
        if len(set(values)) < LEAST_WITNESSES or not _is_likely(source, values, coded):
            continue
        for form in (source, Case(source, "title")) if all(v.isupper() and len(v) > 3 for v in values) else (source,):
            keys = tuple(form.run(record) or "" for record in task.records)
            for title, pairs in world.lookups(keys) if all(keys) else ():
                texts = tuple(pairs[key] for key in keys)
                if texts != values and _stands(task, texts):
                    yield Candidate(KnownName(form, title, tuple(pairs.items())), texts)


def _is_likely(source: Expression, values: tuple[str, ...], coded: bool) -> bool:
    """Whether texts may stand in a table: names for names as whole columns only, since to most no table has an answer.

    ``coded``: every output has a code that its row does not hold.
    """
    codes = all(_CODE.match(v) for v in values)
    return codes or (all(_CODE.match(v) or _NAME.match(v) for v in values) and (coded or isinstance(source, Column)))


_SIGN = Token("currency sign", raw("[A-Z]{0,3}[$€£¥₹₽₺₴₩₪]"), 0.2)


def _signs(task: Examples) -> Iterator[Candidate]:
    """The currency signs that stand in each cell of a column."""
    for index in range(len(task.names)):
        node = Match(task.column(index), _SIGN, 1)
        texts = [node.run(record) for record in task.records]
        if all(texts):
            yield Candidate(node, tuple(text or "" for text in texts))


def _new_tokens(record: Record, output: str) -> list[str]:
    """Words, numbers and signs of an output that its row does not hold."""
    held = "\n".join(cell or "" for cell in record)
    return [token for token in _TOKEN.findall(output) if token not in held]


def _stands(task: Examples, texts: tuple[str, ...]) -> bool:
    """Whether the texts stand in the outputs: single characters as the outputs' first or whole text only."""
    if len(set(texts)) < LEAST_WITNESSES:
        return False
    if all(len(text) < 2 for text in texts):
        return all(output.startswith(text) for text, output in zip(texts, task.outputs, strict=True))
    return occurs(task, texts)


def _plausible(pairs: tuple[tuple[str, str], ...]) -> bool:
    """Whether one side looks like codes and the other like codes or names, before any table is loaded."""
    keys, values = zip(*pairs, strict=True)
    return any(
        all(_CODE.match(a) for a in some) and all(_CODE.match(b) or _NAME.match(b) for b in other)
        for some, other in ((keys, values), (values, keys))
    )


def law() -> tuple[Expression, ...]:
    """Instances on which `run` equals `sql`."""
    return (KnownName(CELL, "made up", (("A", "it's"), ("a", "b"), ("1", ""))),)
