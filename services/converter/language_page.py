"""docs/converter-language.md, written from the code: every operator and step with an example and its SQL."""

import inspect
import sys
from collections.abc import Iterable, Iterator
from itertools import product

from services.converter.domain.synthesis.language import Condition, Node
from services.converter.domain.synthesis.operators import catalogue
from services.converter.domain.synthesis.rows.algebra import Plan, Relation, Step
from services.converter.domain.synthesis.rows.catalogue import steps
from services.converter.domain.synthesis.rows.compile import compile_cells, steps_sql
from services.converter.domain.table import Table

CELLS = (
    "Doe, Jane (Chief of Staff)", "red, green, a blue one", "camelCaseName", "1,234.50", "1250.5", "42", "0.75",
    "24/03/2024", "2024-03-24 14:05", "2024-03-24 14:05 EST", "March 3rd, 2024", "Q3 2024", "1710000000",
    "+44 (0)20 7946 0044 ext. 12", "020 7946 0044", "https://www.example.co.uk/reports/q1.csv?year=2024#top",
    "jane.doe@example.com", "id=7; name=x", "Name: value", "Dr. Jane Doe", "Acme Widgets Ltd.", "café  au lait", "A",
    "XIV", "7 1/4", "1:05:09", "2 days 3 hours", "1.5K", "FF", "<b>bold</b> [draft]", "/srv/files/a.tar.gz",
    "415 555 0132", "4, 8, 15", "a", "",
)  # fmt: skip
OTHERS = ("green", "Jane", "3", "31/05/2024", "2024-05-31 09:00", "x")
"""What the two columns of an example hold, the first that shows something."""
TABLE = Table(
    ("a", "b", "n"),
    (("x", "y;z", "10"), ("", "*k=1", "2.5"), ("x", "", "-3"), ("w", "y", "10"), ("", "", ""), ("k=2", "z", "7")),
)
MOST_ROWS = 6
"""Rows that show what a step does."""


def page() -> str:
    """The whole page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# The converter's language"
    yield ""
    yield "Written from the code by `make language-page`; a test holds it fresh. Each operator and step with what it"
    yield "does, an example, and its DuckDB. Operators read the cells `a` and `b b`; steps read this table:"
    yield ""
    yield from _table(Relation.of(TABLE))
    shown = set[str]()
    for unit in catalogue.units():
        room = unit.__module__.rsplit(".", 2)[-2]
        if room not in shown:
            shown.add(room)
            yield ""
            yield f"## {'Columns and constants' if room == 'language' else f'Operators: {room}'}"
        yield from _unit(unit)
    yield ""
    yield "## Steps"
    for step in steps():
        yield from _step(step)


def _unit(unit: type[Node]) -> Iterator[str]:
    examples = [node for node in catalogue.law_examples() if type(node) is unit]
    node, given, made = next(filter(None, map(_shown, examples)), (examples[0], None, None))
    yield ""
    yield f"### {unit.__name__}"
    yield _sentence(unit)
    yield ""
    text = f"*{_plain(node.words())}*"
    yield f"{text}: {' and '.join(map(_code, given))} gives {_code(made)}" if given else text
    yield from _sql(node.sql())


def _shown(node: Node) -> tuple[Node, tuple[str, ...], object] | None:
    """An example with cells on which it does something."""
    reads = sorted(node.columns)
    for cells in product(CELLS, OTHERS):
        made = node.holds(cells) if isinstance(node, Condition) else node.run(cells)  # type: ignore[attr-defined]
        if made not in (None, "", False, cells[0]):
            return node, tuple(cells[index] for index in reads), made
    return None


def _step(kind: type[Step]) -> Iterator[str]:
    step = kind.law()[0]
    start = Relation.of(TABLE)
    plan = Plan(start)
    for each in (*step.grounds, step):
        plan = plan.then(each)
    names = plan.relation.names
    yield ""
    yield f"### {kind.__name__}"
    yield _sentence(kind)
    yield ""
    yield f"*{_plain(step.words())}*"
    yield ""
    yield from _table(plan.relation)
    if not names:
        yield from _sql(compile_cells(start, plan))
    else:
        ctes, source = steps_sql(start, plan, frozenset(names))
        yield from _sql(f"{ctes}SELECT *\nFROM {source}\nORDER BY {', '.join(plan.relation.order)}")


def _table(relation: Relation) -> Iterator[str]:
    rows = [list(cells) for cells in (relation.rows if relation.names else relation.cells)]
    width = max([len(relation.names), *map(len, rows)], default=1)
    yield _row(relation.names or [f"cell {n}" for n in range(1, width + 1)])
    yield _row(["---"] * width)
    for cells in rows[:MOST_ROWS]:
        yield _row([*cells, *[""] * (width - len(cells))])


def _row(cells: Iterable[str | None]) -> str:
    return "| " + " | ".join((cell or "").replace("|", "\\|").replace("\n", "⏎") for cell in cells) + " |"


def _sentence(kind: type) -> str:
    return (inspect.getdoc(kind) or "").partition("\n\n")[0].replace("\n", " ")


def _plain(words: str) -> str:
    return words.replace("\n", " ").replace("*", "\\*")


def _code(value: object) -> str:
    return f"`{str(value).replace(chr(10), '⏎')}`"


def _sql(text: str) -> Iterator[str]:
    yield "```sql"
    yield text.strip("\n")
    yield "```"


if __name__ == "__main__":
    sys.stdout.write(page())
