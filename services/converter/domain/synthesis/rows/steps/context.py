"""Columns lent from other rows: the value above, the heading above, the row before and after; totals so far."""

import math
from dataclasses import dataclass, replace
from typing import Literal

from services.converter.domain.formats.number import NumberStyle, round_double
from services.converter.domain.synthesis.rows.algebra import Cells, Relation, Source, Step
from services.converter.domain.synthesis.rows.cells import is_blank
from services.converter.domain.synthesis.sqltext import identifier


@dataclass(frozen=True, slots=True)
class Lent(Step):
    """For each row, columns of the last row above (or this one) where a condition on blanks holds, or of a neighbour.

    ``filled``: the last value of the column itself that is not blank. ``heading``: the column's value in the last row
    in which column ``mark`` is blank (``group``: is filled). ``previous`` / ``following``: the row before / after.
    """

    kind: Literal["filled", "heading", "group", "previous", "following"]
    columns: tuple[str, ...]
    mark: str = ""
    title = "with_context"
    keeps_rows = True

    @property
    def distant(self) -> bool:  # type: ignore[override]
        """Whether a neighbour's cells are lent; a heading's are the row's own."""
        return self.kind in ("previous", "following")

    @property
    def cost(self) -> float:
        """Filling down is common; headings are rarer, neighbours rarest."""
        return {"filled": 0.6, "heading": 1.2, "group": 1.2, "previous": 1.6, "following": 1.6}[self.kind]

    def _added(self, relation: Relation) -> dict[str, str]:
        suffix = {"previous": "before", "following": "after"}.get(self.kind, self.kind)
        return {relation.fresh(f"{name}_{suffix}"): name for name in self.columns}

    def run(self, relation: Relation) -> Relation:
        """The relation with the lent columns."""
        index = [relation.names.index(name) for name in self.columns]
        mark = relation.names.index(self.mark) if self.mark else -1
        held: list[str | None] = [None] * len(index)
        rows: list[Cells] = []
        for position, row in enumerate(relation.rows):
            if self.kind == "filled":
                held = [row[i] if not is_blank(row[i]) else old for i, old in zip(index, held, strict=True)]
            elif self.mark:
                if is_blank(row[mark]) == (self.kind == "heading"):
                    held = [row[i] for i in index]
            else:
                other = position - 1 if self.kind == "previous" else position + 1
                held = [relation.rows[other][i] if 0 <= other < len(relation.rows) else None for i in index]
            rows.append((*row, *held))
        return replace(relation, names=(*relation.names, *self._added(relation)), rows=tuple(rows))

    def sql(self, source: Source) -> str:
        """`last_value ... IGNORE NULLS`, `lag` or `lead` over the order of rows."""
        order = source.order
        lines = []
        for added, name in self._added(source.relation).items():
            if added not in source.needed:
                continue
            column = identifier(name)
            if self.kind == "filled":
                text = f"last_value(nullif(trim({column}), '') IGNORE NULLS) OVER (ORDER BY {order})"
                if any(
                    row[source.relation.names.index(name)] != (row[source.relation.names.index(name)] or "").strip(" ")
                    for row in source.relation.rows
                ):
                    filled = f"CASE WHEN trim({column}) <> '' THEN {column} END"
                    text = f"last_value({filled} IGNORE NULLS) OVER (ORDER BY {order})"
            elif self.mark:
                sign = "=" if self.kind == "heading" else "<>"
                is_heading = f"coalesce(trim({identifier(self.mark)}), '') {sign} ''"
                heading = f"CASE WHEN {is_heading} THEN coalesce({column}, '') END"
                text = f"last_value({heading} IGNORE NULLS) OVER (ORDER BY {order})"
            else:
                text = f"{'lag' if self.kind == 'previous' else 'lead'}({column}) OVER (ORDER BY {order})"
            lines.append(f"    {text} AS {identifier(added)}")
        return "SELECT\n    *,\n" + ",\n".join(lines) + f"\nFROM {source}"

    def reads(self, relation: Relation, needed: frozenset[str]) -> frozenset[str]:
        """The columns that are lent, and the mark."""
        used = {name for added, name in self._added(relation).items() if added in needed}
        return frozenset(used | ({self.mark} if self.mark and used else set()))

    def words(self) -> str:
        """What is lent from where."""
        if self.kind == "filled":
            return "blank cells take the value above"
        if self.mark:
            state = "blank" if self.kind == "heading" else "filled"
            return f"each row takes the heading above it: the last row in which {self.mark} is {state}"
        return f"each row sees the row {'before' if self.kind == 'previous' else 'after'} it"

    @classmethod
    def law(cls) -> tuple[Step, ...]:
        """Steps on which the law is held."""
        return (
            cls("filled", ("a", "b")),
            cls("heading", ("a", "b"), "n"),
            cls("group", ("a", "b"), "n"),
            cls("previous", ("a",)),
            cls("following", ("n",)),
        )


class ExactSum:
    """A sum that loses nothing on the way: as `math.fsum` of all values so far, at the cost of one addition each.

    Shewchuk, "Adaptive Precision Floating-Point Arithmetic", 1997: ``parts`` do not overlap and add up exactly.
    """

    __slots__ = ("parts",)

    def __init__(self) -> None:
        self.parts: list[float] = []

    def add(self, value: float) -> None:
        """Add a value."""
        kept = 0
        for part in self.parts:
            larger, smaller = (value, part) if abs(value) >= abs(part) else (part, value)
            value = larger + smaller
            rest = smaller - (value - larger)
            if rest:
                self.parts[kept] = rest
                kept += 1
        self.parts[kept:] = [value]

    @property
    def value(self) -> float:
        """The sum, rounded once."""
        return math.fsum(self.parts)


@dataclass(frozen=True, slots=True)
class Running(Step):
    """The row's number and the running totals of amounts."""

    amounts: tuple[tuple[str, NumberStyle], ...]
    title = "with_totals"
    keeps_rows = True
    distant = True

    @property
    def cost(self) -> float:
        """Rarer than what a row holds itself."""
        return 2.1

    def _added(self, relation: Relation) -> list[tuple[str, str, NumberStyle | None]]:
        added: list[tuple[str, str, NumberStyle | None]] = [(relation.fresh("row_number"), "", None)]
        return added + [(relation.fresh(f"{name}_running"), name, style) for name, style in self.amounts]

    def run(self, relation: Relation) -> Relation:
        """The relation with numbers and totals."""
        totals = {name: ExactSum() for name, _ in self.amounts}
        rows: list[Cells] = []
        for number, row in enumerate(relation.rows, 1):
            added: list[str | None] = [str(number)]
            for name, style in self.amounts:
                value = style.read(row[relation.names.index(name)] or "")
                if value is not None:
                    totals[name].add(value)
                added.append(repr(round_double(totals[name].value, 8)) if totals[name].parts else None)
            rows.append((*row, *added))
        return replace(relation, names=(*relation.names, *(n for n, _, _ in self._added(relation))), rows=tuple(rows))

    def sql(self, source: Source) -> str:
        """`row_number` and `sum` over the rows so far."""
        order = source.order
        lines = []
        for added, name, style in self._added(source.relation):
            if added not in source.needed:
                continue
            if style is None:
                lines.append(f"    CAST(row_number() OVER (ORDER BY {order}) AS VARCHAR) AS {identifier(added)}")
            else:
                total = f"sum({style.sql(identifier(name))}) OVER (ORDER BY {order} ROWS UNBOUNDED PRECEDING)"
                lines.append(f"    CAST(round({total}, 8) AS VARCHAR) AS {identifier(added)}")
        return "SELECT\n    *,\n" + ",\n".join(lines) + f"\nFROM {source}"

    def reads(self, relation: Relation, needed: frozenset[str]) -> frozenset[str]:
        """The amounts whose totals are read."""
        return frozenset(name for added, name, _ in self._added(relation) if added in needed and name)

    def words(self) -> str:
        """What is counted and summed."""
        return "each row with its number and the totals so far"

    @classmethod
    def law(cls) -> tuple[Step, ...]:
        """Steps on which the law is held."""
        return (cls((("n", NumberStyle()),)),)
