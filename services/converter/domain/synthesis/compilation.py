"""Writing a program as one SELECT that a person would have written."""

from collections.abc import Sequence

from services.converter.domain.synthesis.language import Expression
from services.converter.domain.synthesis.sqltext import comment, identifier, indent
from services.converter.domain.synthesis.tables.relation import Plan, Relation

WIDTH = 110


def compile_program(start: Relation, plan: Plan, names: Sequence[str], expressions: Sequence[Expression]) -> str:
    """The program as text: a CTE a step, a commented line a column, an explicit order."""
    ctes, source = _ctes(start, plan)
    columns = []
    for position, (name, expression) in enumerate(zip(names, expressions, strict=True)):
        text = expression.sql()
        alias = "" if text == identifier(name) else f" AS {identifier(name)}"
        comma = "," if position < len(names) - 1 else ""
        columns.append(f"{comment(expression.words())}\n{text}{alias}{comma}")
    order = ", ".join(plan.relation.order)
    select = "SELECT DISTINCT" if plan.distinct else "SELECT"
    body = f"{select}\n{indent(chr(10).join(columns))}\nFROM {source}"
    if plan.distinct:
        body = f"{select} ON ({', '.join(str(i + 1) for i in range(len(names)))})\n{indent(chr(10).join(columns))}\nFROM {source}"
    return f"{ctes}{body}\nORDER BY {order}\n"


def steps_sql(start: Relation, plan: Plan) -> tuple[str, str]:
    """The WITH clause of a plan and the name of its last relation; for checks that read the same rows."""
    return _ctes(start, plan)


def _ctes(start: Relation, plan: Plan) -> tuple[str, str]:
    source, relation, parts = "input", start, []
    taken = {"input", "header"}
    for step in plan.steps:
        name, count = step.title, 1
        while name in taken:
            count += 1
            name = f"{step.title}_{count}"
        taken.add(name)
        parts.append(f"{comment(step.words())}\n{name} AS (\n{indent(step.sql(relation, source))}\n)")
        source, relation = name, step.run(relation)
    if not parts:
        return "", source
    first = parts[0].split("\n", 1)
    text = first[0] + "\nWITH " + first[1]
    for part in parts[1:]:
        text += ",\n" + part
    return text + "\n", source
