"""Writing a program as one SELECT that a person would have written. Here alone common table expressions are named."""

from collections.abc import Sequence
from dataclasses import replace

from services.converter.domain.synthesis.language import Expression
from services.converter.domain.synthesis.rows.algebra import CELLS, Edge, Plan, Relation, Source
from services.converter.domain.synthesis.rows.cells import inner
from services.converter.domain.synthesis.sqltext import comment, identifier, indent


def compile_program(start: Relation, plan: Plan, names: Sequence[str], expressions: Sequence[Expression]) -> str:
    """A program of columns: a CTE a step, a commented line a column, an explicit order."""
    needed = frozenset(plan.relation.names[i] for e in expressions for i in e.columns)
    ctes, source = steps_sql(start, plan, needed)
    columns = []
    for position, (name, expression) in enumerate(zip(names, expressions, strict=True)):
        text = expression.sql()
        alias = "" if text == identifier(name) else f" AS {identifier(name)}"
        comma = "," if position < len(names) - 1 else ""
        columns.append(f"{comment(expression.words())}\n{text}{alias}{comma}")
    order = ", ".join(plan.relation.order)
    body = f"SELECT\n{indent(chr(10).join(columns))}\nFROM {source}"
    return f"{ctes}{body}\nORDER BY {order}\n"


def compile_cells(start: Relation, plan: Plan) -> str:
    """A program for all cells at once: a CTE a step, the rows as wide as the widest, in their order."""
    ctes, source = steps_sql(start, plan, frozenset({CELLS}))
    cells = f"list_resize(_cells, (SELECT max(len(_cells)) FROM {source}), '') AS _cells"
    if any(step.renumbers for step in plan.steps):
        # No row of the output is taken for one that is made of the input's row of that number.
        rows = f"SELECT _row AS place, {cells}\nFROM {source}"
        return f"{ctes}SELECT _cells\nFROM {inner(rows)}\nORDER BY place\n"
    return f"{ctes}SELECT {cells}\nFROM {source}\nORDER BY {', '.join(plan.relation.order)}\n"


def steps_sql(start: Relation, plan: Plan, needed: frozenset[str]) -> tuple[str, str]:
    """The WITH clause of a plan and the name of its last relation, as far as the needed columns ask for it."""
    ctes, source = _steps(start, plan, needed)
    return ctes.sql(), source


def edge_sql(start: Relation, plan: Plan, edge: Edge) -> str:
    """The rows after a plan that lie outside of what the example showed for the step that follows."""
    ctes, source = _steps(start, plan, edge.reads)
    body = edge.sql(Source(source, plan.relation, edge.reads, ctes.add))
    return f"{ctes.sql()}{body}"


def _steps(start: Relation, plan: Plan, needed: frozenset[str]) -> tuple["_Ctes", str]:
    relations = [*plan.earlier, plan.relation]
    if len(plan.earlier) != len(plan.steps):
        relations = [start]
        for step in plan.steps:
            relations.append(step.run(relations[-1]))
    wanted: list[frozenset[str]] = []
    for step, relation in zip(reversed(plan.steps), reversed(relations[:-1]), strict=True):
        wanted.append(needed)
        needed = needed | step.reads(relation, needed)
    wanted.reverse()
    ctes, source = _Ctes(), "input"
    for step, relation, after, names in zip(plan.steps, relations, relations[1:], wanted, strict=False):
        if step.keeps_rows and not (set(after.names) - set(relation.names)) & names:
            continue
        given = relation
        if step.by_row and relation.order != ("_row",):
            number = f"row_number() OVER (ORDER BY {', '.join(relation.order)})"
            numbered = f"-- rows numbered in their order\nSELECT * REPLACE ({number} AS _row)\nFROM {source}"
            source, given = ctes.add("numbered", numbered), replace(relation, order=("_row",))
        listed = step.columns_only and CELLS in names
        asked = frozenset(after.names) if listed else names
        body = step.sql(Source(source, given, asked, ctes.add))
        source = ctes.add(step.title, f"{comment(step.words())}\n{body}")
        if listed:
            cells = ", ".join(f"coalesce({identifier(name)}, '')" for name in after.names)
            source = ctes.add("cells", f"-- columns as cells\nSELECT *, [{cells}] AS _cells\nFROM {source}")
    return ctes, source


class _Ctes:
    """The common table expressions of a program, each under a name of its own."""

    def __init__(self) -> None:
        self._taken = {"input", "header"}
        self._parts: list[str] = []

    def add(self, title: str, body: str) -> str:
        """One more, named after its title. Returns the name."""
        name, count = title, 1
        while name in self._taken:
            count += 1
            name = f"{title}_{count}"
        self._taken.add(name)
        self._parts.append(f"{name} AS (\n{indent(body)}\n)")
        return name

    def sql(self) -> str:
        """The WITH clause; empty where there is nothing to name."""
        return "WITH\n" + ",\n".join(self._parts) + "\n" if self._parts else ""
