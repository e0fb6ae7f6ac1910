"""Names and codes of the world: a value looked up in a table that everybody shares."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from services.converter.domain.synthesis import world
from services.converter.domain.synthesis.language import Examples, Expression, Node, Record
from services.converter.domain.synthesis.operators.case import Case
from services.converter.domain.synthesis.sqltext import literal

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

    @property
    def parts(self) -> tuple[Node, ...]:
        """The text that is looked up."""
        return (self.source,)

    @property
    def cost(self) -> float:
        """The table is shared by all, so that its entries need no belief."""
        return self.source.cost + 0.8

    def run(self, record: Record) -> str | None:
        """What stands for the text."""
        text = self.source.run(record)
        return None if text is None else dict(self.pairs).get(text)

    def sql(self) -> str:
        """`CASE x WHEN`, the whole table."""
        lines = [f"    WHEN {literal(key)} THEN {literal(value)}" for key, value in self.pairs]
        return f"CASE {self.source.sql()}\n" + "\n".join(lines) + "\nEND"

    def words(self) -> str:
        """Which table."""
        return f"{self.source.words()} looked up: {self.title}"


def learn_known(task: Examples) -> Iterator[Expression]:
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


def _plausible(pairs: tuple[tuple[str, str], ...]) -> bool:
    """Whether one side looks like codes and the other like codes or names, before any table is loaded."""
    keys, values = zip(*pairs, strict=True)
    return any(
        all(_CODE.match(a) for a in some) and all(_CODE.match(b) or _NAME.match(b) for b in other)
        for some, other in ((keys, values), (values, keys))
    )
