"""Writing a program as one SELECT that a person would have written."""

from collections.abc import Sequence

from services.converter.domain.synthesis.language import Expression
from services.converter.domain.synthesis.rows.algebra import Plan, Relation
from services.converter.domain.synthesis.sqltext import comment, identifier, indent

WIDTH = 110


def compile_program(start: Relation, plan: Plan, names: Sequence[str], expressions: Sequence[Expression]) -> str:
    """The program as text: a CTE a step, a commented line a column, an explicit order."""
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


def steps_sql(start: Relation, plan: Plan, needed: frozenset[str]) -> tuple[str, str]:
    """The WITH clause of a plan and the name of its last relation, as far as the needed columns ask for it."""
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
    source, parts, taken = "input", [], {"input", "header"}
    for step, relation, after, names in zip(plan.steps, relations, relations[1:], wanted, strict=False):
        if step.keeps_rows and not (set(after.names) - set(relation.names)) & names:
            continue
        name, count = step.title, 1
        while name in taken:
            count += 1
            name = f"{step.title}_{count}"
        taken.add(name)
        body = f"{comment(step.words())}\n{step.sql(relation, source, names)}"
        parts.append(f"{name} AS (\n{indent(body)}\n)")
        source = name
    return ("WITH\n" + ",\n".join(parts) + "\n" if parts else ""), source
