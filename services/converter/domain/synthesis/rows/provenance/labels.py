"""Labels of a record's lines: cells that say which line each is, as names of columns say what stands below them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from services.converter.domain.synthesis.rows.provenance.lines import Lines, cell_at, is_blank, is_number
from services.converter.domain.synthesis.sqltext import indent, literal, quoted
from services.converter.domain.table import Row

LEAST_LABELS = 2
"""Lines of other records that must have labels of the longest one, and records of several lines that show by which sign
each is known, or which cells all lines of a record have alike."""
MINUS, PLUS = SIGNS = ("-", "+")


@dataclass(frozen=True, slots=True)
class Labels:
    """What says which line of a record each is: the text of its cell at ``place``, or the sign of the amount there.

    Each record gets a line for each of the ``known`` labels, or (``own``) for those of them that the file has, and then
    for its others. A line that it lacks is blank but for its label, and for the cells that its lines have alike
    (``shared``).
    """

    place: int
    known: Row
    by: Literal["text", "sign"] = "text"
    shared: tuple[int, ...] = ()
    own: bool = False

    @property
    def cost(self) -> float:
        """Labels stand in front; that amounts of a record have different signs says less than a text of its own."""
        return 0.1 * self.place + (0.3 if self.by == "sign" else 0.0)

    def of(self, line: Row) -> str:
        """The label of a line."""
        cell = cell_at(line, self.place)
        return cell if self.by == "text" else MINUS if cell.startswith(MINUS) else PLUS

    def sql(self, line: str) -> str:
        """The same over a list of cells."""
        cell = f"coalesce({line}[{self.place}], '')"
        return (
            cell if self.by == "text" else f"CASE WHEN starts_with({cell}, '{MINUS}') THEN '{MINUS}' ELSE '{PLUS}' END"
        )

    def among(self, blocks: Iterable[Lines]) -> Row:
        """The labels for which each record of a file gets a line."""
        if not self.own:
            return self.known
        found = dict.fromkeys(self.of(line) for block in blocks for line in block)
        more = (label for label in found if label not in self.known)
        return (*(label for label in self.known if label in found), *more)

    def completed(self, block: Lines, labels: Row) -> Lines:
        """A record with one line for each label, in their order."""
        by_label: dict[str, Row] = {}
        for line in block:
            by_label.setdefault(self.of(line), line)
        return tuple(by_label.get(label) or self._lacking(block[0], label) for label in labels)

    def _lacking(self, line: Row, label: str) -> Row:
        said = {self.place: label} if self.by == "text" else {}
        return tuple(said.get(i, cell if i in self.shared else "") for i, cell in enumerate(line, 1))

    def completed_sql(self, records: str, lists: Sequence[str]) -> str:
        """The records with their ``lists`` of lines completed; `labels` has a line each, `said` are those they have."""
        shared = f"WHEN i IN ({', '.join(map(str, self.shared))}) THEN c " if self.shared else ""
        said = f"WHEN i = {self.place} THEN n " if self.by == "text" else ""
        blank = f"CASE {said}{shared}ELSE '' END" if said or shared else "''"
        completed = ", ".join(
            f"list_transform(labels, lambda n: coalesce(list_filter({name}, lambda l: {self.sql('l')} = n)[1], "
            f"list_transform({name}[1], lambda c, i: {blank}))) AS {name}"
            for name in lists
        )
        return (
            f"SELECT * REPLACE ({completed}), list_transform(block, lambda l: {self.sql('l')}) AS said\n"
            f"FROM {records}, (\n{indent(self._labels_sql(records))}\n)"
        )

    def _labels_sql(self, records: str) -> str:
        known = f"SELECT [{', '.join(map(literal, self.known))}]::VARCHAR[] AS labels"
        if not self.own:
            return known
        lines = (
            f"unnest(list_transform(block, lambda l: {self.sql('l')})) AS label, line, unnest(range(len(block))) AS i"
        )
        first = "min({'line': line, 'i': i}) AS first"
        firsts = f"SELECT label, {first}\nFROM (SELECT {lines} FROM {records})\nGROUP BY label"
        found = f"SELECT coalesce(list(label ORDER BY first), []) AS found\nFROM (\n{indent(firsts)}\n)"
        return (
            "SELECT list_concat(list_filter(labels, lambda n: list_contains(found, n)), "
            "list_filter(found, lambda n: NOT list_contains(labels, n))) AS labels\n"
            f"FROM (\n{indent(known)}\n), (\n{indent(found)}\n)"
        )

    def words(self) -> str:
        """What tells lines apart."""
        what = f"the sign of their cell {self.place}" if self.by == "sign" else f"their cell {self.place}"
        return f"the lines of a record are told by {what}: {', '.join(map(quoted, self.known))}" + (
            ", and others" if self.own else ""
        )


def labellings(blocks: Sequence[Lines]) -> Iterator[Labels]:
    """What may say which line of a record each is: labels, taken from the example or from the file, or signs."""
    found = labels_of(blocks)
    shared = _shared(blocks)
    if found is not None:
        place, _ = found
        longest = max(blocks, key=len)
        labels = Labels(place + 1, tuple(line[place] for line in longest), shared=shared)
        yield from (labels, replace(labels, own=True))
        return
    several = [block for block in blocks if len(block) > 1]
    if len(several) < LEAST_LABELS or max(map(len, several)) != len(SIGNS):
        return
    for place in range(1, min(len(line) for block in blocks for line in block) + 1):
        signs = Labels(place, SIGNS, by="sign", shared=shared)
        if all(is_number(cell_at(line, place)) for block in blocks for line in block) and all(
            len({signs.of(line) for line in block}) == len(SIGNS) for block in several
        ):
            yield signs


def labels_of(blocks: Sequence[Lines]) -> tuple[int, tuple[Row, ...]] | None:
    """The place of the cells that say which line of a record each is, with what they say in the records: texts of their
    own for each line of the longest, of which the others may lack some. None where there are none."""
    longest = max(blocks, key=len, default=())
    if len(set(blocks)) < 2 or len(longest) < 2:
        return None
    for place in range(min(map(len, longest))):
        labels = tuple(line[place] for line in longest)
        if len(set(labels)) < len(labels) or any(map(is_blank, labels)):
            continue
        said = {tuple(line[place] for line in block) for block in blocks}
        if sum(len(block) for block in blocks if block != longest) < LEAST_LABELS:
            continue  # one line with a text of another record's has it by chance
        if all(tuple(label for label in labels if label in shorter) == shorter for shorter in said):
            return place, tuple(sorted(said))
    return None


def _shared(blocks: Sequence[Lines]) -> tuple[int, ...]:
    """The places of the cells that all lines of a record have alike, in each of several records of several lines."""
    several = [block for block in blocks if len(block) > 1]
    if len(several) < LEAST_LABELS:
        return ()
    width = min(len(line) for block in blocks for line in block)
    return tuple(
        place
        for place in range(1, width + 1)
        if all(len({line[place - 1] for line in block}) == 1 for block in several)
        and any(not is_blank(line[place - 1]) for block in several for line in block)
    )
