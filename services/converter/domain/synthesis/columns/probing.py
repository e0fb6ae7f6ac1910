"""Rows made up in the spirit of the example, to see where programs that explain it part ways."""

import re
from collections.abc import Iterable, Sequence

from services.converter.domain.synthesis.language import Expression, Record

MAX_MADE_UP = 36
"""Rows that are made up for one comparison of programs."""


def made_up_rows(rows: Sequence[Record], columns: frozenset[int], limit: int = MAX_MADE_UP) -> list[Record]:
    """Rows in the spirit of the example, each changed in one column: words, blanks, case, amounts, nothing left, two
    texts in one."""
    out: list[Record] = []
    for row, other in zip(rows[:4], [*rows[1:4], rows[0]] if rows else (), strict=False):
        for index in columns:
            text = row[index] if index < len(row) else None
            if not text:
                continue
            words = text.split(" ")
            changed = [
                " ".join(words[:-1]),
                f"{text} {words[-1]}",
                text + text[-1],
                "",
                re.sub(r"\d+", lambda m: str(int(m.group()[:15]) + 7), text),
                text.swapcase(),
                text.replace(" ", "  "),
                f"{text} {(other[index] if index < len(other) else None) or text}",
                f"{text}-{words[0]}",
            ]
            out += [(*row[:index], value, *row[index + 1 :]) for value in dict.fromkeys(changed) if value != text]
    return out[:limit]


def unlike(chosen: Expression, others: Iterable[Expression], rows: Sequence[Record], most: int) -> list[Expression]:
    """The first of the others that answer otherwise than the chosen one, and than one another, on some made-up row.

    Where fewer do, the first that answer alike follow.
    """
    offered = list(others)
    read = chosen.columns.union(*(other.columns for other in offered))
    probes = made_up_rows(rows, frozenset(read))
    seen = {tuple(chosen.run(row) or "" for row in probes)}
    found: list[Expression] = []
    for other in offered:
        answers = tuple(other.run(row) or "" for row in probes)
        if answers not in seen:
            seen.add(answers)
            found.append(other)
        if len(found) == most:
            break
    return [*found, *(other for other in offered if other not in found)][:most]
