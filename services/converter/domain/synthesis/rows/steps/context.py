"""Columns lent from other rows: the value above, the heading above, the row before and after."""

from dataclasses import dataclass, replace
from typing import Literal

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
    in_place = True

    @property
    def neighbours(self) -> int:  # type: ignore[override]
        """One row to one side, where a neighbour's cells are lent."""
        return {"previous": -1, "following": 1}.get(self.kind, 0)

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

    def shares(self, relation: Relation) -> frozenset[str]:
        """A heading's cells, on all rows below it."""
        return frozenset(self._added(relation)) if self.kind in ("heading", "group") else frozenset()

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
