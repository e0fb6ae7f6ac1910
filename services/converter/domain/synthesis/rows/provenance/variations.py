"""Made-up variations of an example's file, on which programs that explain the example may differ."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from services.converter.domain.synthesis.budget import Budget
from services.converter.domain.synthesis.rows.algebra import Relation
from services.converter.domain.synthesis.rows.provenance.lines import is_blank
from services.converter.domain.synthesis.rows.provenance.located import Located
from services.converter.domain.table import Row

MOST_RIVALS = 3
MOST_COMPARED = 12
MOST_BLANKED = 3


def rivals_of(programs: Sequence[Located], relation: Relation, budget: Budget) -> list[Located]:
    """The first program, and those of the others that answer otherwise on some variation, each in its own way."""
    if not programs:
        return []
    files = list(variations(relation))
    chosen = [programs[0]]
    seen = [_answers(programs[0], files)]
    work = sum(len(row) for file in files for row in file.cells)
    for program in programs[1:MOST_COMPARED]:
        budget.spend(work)
        if budget.is_spent or len(chosen) > MOST_RIVALS:
            break
        answers = _answers(program, files)
        if answers not in seen:
            chosen.append(program)
            seen.append(answers)
    return chosen


def variations(relation: Relation) -> Iterator[Relation]:
    """The file with a line more or fewer, a column more or fewer, a longer part, a blank cell, the whole repeated."""
    cells = relation.cells
    last = len(cells) - 1
    width = max(map(len, cells), default=0)
    yield _with(relation, (*cells, _renamed(cells[last])))
    if last:
        yield _with(relation, cells[:last])
        middle = len(cells) // 2
        yield _with(relation, (*cells[:middle], _renamed(cells[middle]), *cells[middle:]))
    yield _with(relation, (*cells, *map(_renamed, cells)))
    wider = tuple((*row, *_renamed(row[-1:])) if len(row) == width else row for row in cells)
    yield replace(_with(relation, wider), header=(*relation.header, "another"))
    if width > 2:
        narrower = tuple(row[: width - 1] for row in cells)
        yield replace(_with(relation, narrower), header=relation.header[: width - 1])
    filled = [
        (r, c) for r in range(last, -1, -1) for c in range(len(cells[r]) - 1, -1, -1) if not is_blank(cells[r][c])
    ]
    for r, c in filled[: MOST_BLANKED * 2 : 2]:
        yield _with(relation, (*cells[:r], (*cells[r][:c], "", *cells[r][c + 1 :]), *cells[r + 1 :]))


def _with(relation: Relation, cells: tuple[Row, ...]) -> Relation:
    return replace(relation, cells=cells)


def _renamed(row: Row) -> Row:
    return tuple(cell if is_blank(cell) else f"{cell}7" for cell in row)


def _answers(program: Located, files: Sequence[Relation]) -> list[list[Row]]:
    return [program.run(file).even() for file in files]
