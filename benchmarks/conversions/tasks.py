"""One text made of one or several cells, as people state a task by three to five rows, and rows that come later.

A task is one of listed kinds (`task_parts`, `task_forms`), drawn with its own marks, places, words and parts. Of the
later rows one in six is *odd*: it differs from the example in one of the ways in which later rows do. A part is
missing, or there is one more; a part is longer; letters have another case; digits stand for letters; another mark
parts; there are blanks too many; nothing stands there. What is wanted of such a row is known, or it is `OPEN`: nobody
can tell, and the row has to be named.
"""

from collections.abc import Sequence
from random import Random

from benchmarks.conversions.columns import OPEN
from benchmarks.conversions.task_forms import FORMS
from benchmarks.conversions.task_parts import PARTS
from benchmarks.conversions.task_rows import Drawn

KINDS = PARTS | FORMS

ODD_SHARE = 1 / 6
"""The share of later rows that are odd."""
ODDITIES = ("lack", "more", "length", "case", "digits", "mark")
"""Ways to differ that a kind may know; blanks too many, placeholders and blank cells are the same for all."""
_PLACEHOLDERS = ("N/A", "-", "unknown", "tbd", "?", "none", "see above")
_LATER_ROWS, _MOST_DRAWN = 16, 60
_FEWEST_LATER = 5


def _odd(at: Random, task: Drawn) -> Drawn.Row:
    """A row that differs from the example's in one way."""
    sort = at.choice((*ODDITIES, *ODDITIES, "blanks", "placeholder", "blank"))
    usual = task.row(at, "")
    if sort == "blank":
        return Drawn.Row(("",) * len(usual.cells), "", sort, sort)
    if sort == "placeholder" and len(usual.cells) == 1:  # of several, what is not known is joined as it stands
        return Drawn.Row((at.choice(_PLACEHOLDERS),), OPEN, sort, sort)
    if sort in ("blanks", "placeholder"):
        cells = [at.choice((f" {cell}", f"{cell} ", f" {cell} ")) if cell else cell for cell in usual.cells]
        return Drawn.Row(tuple(cells), usual.wanted, "blanks", "blanks")
    return task.row(at, sort)


def draw_tasks(at: Random) -> tuple[str, list[Drawn.Row], list[Drawn.Row]]:
    """What is wanted, the example's three to five rows, and those of the later file, with odd ones among them."""
    while True:
        kind = at.choice(sorted(KINDS))
        task = Drawn(KINDS[kind](at))
        count = at.randint(3, 5)
        rows = list({row.cells: row for row in (task.row(at, "") for _ in range(_MOST_DRAWN))}.values())
        example, later = rows[:count], rows[count : count + at.randint(_FEWEST_LATER, _LATER_ROWS)]
        if len(later) < _FEWEST_LATER or not any(row.wanted for row in example):
            continue
        if OPEN in {row.wanted for row in rows} or all(row.wanted in row.cells for row in example):
            continue
        return kind, example, [_odd(at, task) if at.random() < ODD_SHARE else row for row in later]


def is_stated(example: Sequence[Drawn.Row], later: Sequence[Drawn.Row]) -> bool:
    """Whether the example shows each variant of the later rows that are not odd twice, or, of kinds that need it no
    more than once (`Drawn.Row.variant` ends with a full stop), once, and more than one answer."""
    shown = [row.variant for row in example]
    varied = len({row.wanted for row in example}) > 1
    return varied and all(row.odd or shown.count(row.variant) >= 2 - row.variant.endswith(".") for row in later)
