"""A row of its own for an amount that stands beside others: fees and taxes of a trade."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from services.converter.domain.synthesis.rows.algebra import Edge, Relation, Source, Step
from services.converter.domain.synthesis.sqltext import identifier

_SOMETHING, _NOUGHT = re.compile("[1-9]"), re.compile("0")


@dataclass(frozen=True, slots=True)
class Further(Step):
    """Each row, and once more for each of some columns that holds an amount other than nought there."""

    columns: tuple[str, ...]
    by_time: bool = False
    """Whether all rows come once before any comes again."""
    title = "with_further_rows"
    in_full = True

    @property
    def cost(self) -> float:
        """As rows that are all repeated: how often each is, the cells say."""
        return 1.5 + 0.2 * self.by_time + 0.5 * (len(self.columns) - 1)

    def run(self, relation: Relation) -> Relation:
        """The rows, with the number of the time beside them: the first is the row's own."""
        indices = [relation.names.index(name) for name in self.columns]
        places = [
            (time, position)
            for position, row in enumerate(relation.rows)
            for time in range(len(self.columns) + 1)
            if not time or _SOMETHING.search(row[indices[time - 1]] or "")
        ]
        if self.by_time:
            places.sort()
        return replace(
            relation,
            names=(*relation.names, relation.fresh("time")),
            rows=tuple((*relation.rows[position], str(time + 1)) for time, position in places),
            origins=tuple(relation.origins[position] for _, position in places),
            cells=tuple(relation.cells[position] for _, position in places),
            order=("_part", *relation.order) if self.by_time else (*relation.order, "_part"),
        )

    def sql(self, source: Source) -> str:
        """`unnest(range(...))` beside the row, less the times for columns that hold nothing."""
        time = identifier(source.relation.fresh("time"))
        tests = [
            f"(_part = {place} AND regexp_matches(coalesce({identifier(name)}, ''), '[1-9]'))"
            for place, name in enumerate(self.columns, 2)
        ]
        return (
            f"SELECT *, CAST(_part AS VARCHAR) AS {time}\n"
            f"FROM (SELECT *, unnest(range(1, {len(self.columns) + 2})) AS _part FROM {source})\n"
            f"WHERE {' OR '.join(['_part = 1', *tests])}"
        )

    def reads(self, relation: Relation, needed: frozenset[str]) -> frozenset[str]:
        """The columns that rows come again for."""
        del relation, needed
        return frozenset(self.columns)

    def tells(self, relation: Relation) -> frozenset[str]:
        """The number of the time."""
        return frozenset({relation.fresh("time")})

    def edges(self, relation: Relation) -> Iterator[Edge]:
        """Cells that hold something and no amount, and noughts where the example's rows without an amount were blank:
        whether these are worth a row was not shown."""
        for name in self.columns:
            index = relation.names.index(name)
            texts = [row[index] or "" for row in relation.rows]
            none = [text for text in texts if not _SOMETHING.search(text)]
            shows_noughts = any(map(_NOUGHT.search, none))
            outside = "[^ 0.,+-]" if shows_noughts else "[^ ]"
            cell = f"coalesce({identifier(name)}, '')"
            words = "there is no further row, but the cell is not as those that had none in the example"
            where = f"NOT regexp_matches({cell}, '[1-9]') AND regexp_matches({cell}, '{outside}')"
            if none:
                yield Edge(words, cell, where, column=name, reads=frozenset({name}))

    def words(self) -> str:
        """What a row comes again for."""
        again = " and ".join(self.columns)
        by = ", all rows before any comes again" if self.by_time else ""
        return f"each row, and a further one for its {again} where that is not nought or blank{by}"

    @classmethod
    def law(cls) -> tuple[Step, ...]:
        """Steps on which the law is held."""
        return (cls(("n",)), cls(("b", "n"), by_time=True))
