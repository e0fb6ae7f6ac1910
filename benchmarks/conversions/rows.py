"""Kinds of what happens to the rows, each with its truth, and with what an example must show of it."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from benchmarks.conversions.columns import OPEN, Draw, Wanted, shows_numbers
from benchmarks.conversions.layouts import Record

Line = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Made:
    """A row of the output, and the row of the input (from 0) that it comes of, if it comes of one."""

    cells: Line
    origin: int | None = None


@dataclass(frozen=True, slots=True)
class Output:
    """What a file should become. ``asked``: input rows (from 0) of which nobody can say whether they belong."""

    header: Line
    rows: list[Made]
    asked: frozenset[int] = frozenset()


def as_made(columns: Sequence[Wanted], rows: Iterable[tuple[int, Record]]) -> list[Made]:
    """A row of the output for each of these rows."""
    return [Made(tuple(column.truth(row) for column in columns), number) for number, row in rows]


class Rows:
    """Every row of the input is a row of the output."""

    kind = "every row"

    def __init__(self, draw: Draw, columns: list[Wanted]) -> None:
        self.draw, self.columns = draw, columns

    @classmethod
    def fits(cls, draw: Draw) -> bool:  # noqa: ARG003 - others ask what the layout has
        """Whether there is such a rule for a layout."""
        return True

    def prepare(self, rows: list[Record]) -> list[Record]:
        """The rows of a file so that the rule has something to do."""
        return rows

    def chosen(self, rows: Sequence[Record]) -> list[tuple[int, Record]]:
        """The rows that stay, in the order of the output."""
        return list(enumerate(rows))

    def asked(self, rows: Sequence[Record]) -> frozenset[int]:  # noqa: ARG002 - of most rules nothing is open
        """The rows of which nobody can say whether they belong."""
        return frozenset()

    def output(self, rows: Sequence[Record]) -> Output:
        """What a file should become."""
        header = tuple(column.name for column in self.columns)
        return Output(header, as_made(self.columns, self.chosen(rows)), self.asked(rows))

    def shows(self, rows: Sequence[Record]) -> bool:
        """Whether an example decides the rule and all columns."""
        kept = [row for _, row in self.chosen(rows)]
        return self.shows_rule(rows) and all(column.shows(kept) for column in self.columns)

    def shows_rule(self, rows: Sequence[Record]) -> bool:  # noqa: ARG002 - every example shows that all rows stay
        """Whether an example decides the rule."""
        return True

    def no_other_field_tells(self, rows: Sequence[Record], but: Sequence[str]) -> bool:
        """Whether no other field with few values, and no blank, parts the rows that stay from the others."""
        kept = {number for number, _ in self.chosen(rows)}
        labels = [number in kept for number in range(len(rows))]
        return not any(self.draw.tells(rows, f.name, labels) for f in self.draw.layout.fields if f.name not in but)


class ByCategory(Rows):
    """Rows stay for their category."""

    kind = "filter by category"

    def __init__(self, draw: Draw, columns: list[Wanted]) -> None:
        super().__init__(draw, columns)
        at = draw.at
        names = [f.name for f in draw.layout.having("category") if len(draw.known(f.name)) > 1]
        self.field = at.choice([n for n in names if n in ("side", "status", "kind", "class")] or names)
        known = draw.known(self.field)
        self.kept = frozenset(at.sample(known, at.randint(1, len(known) - 1)))

    def stays(self, row: Record) -> bool | None:
        """Whether a row stays; None where nobody can say."""
        value = row[self.field]
        return value in self.kept if value in self.draw.known(self.field) else None

    def chosen(self, rows: Sequence[Record]) -> list[tuple[int, Record]]:
        return [(number, row) for number, row in enumerate(rows) if self.stays(row)]

    def asked(self, rows: Sequence[Record]) -> frozenset[int]:
        return frozenset(number for number, row in enumerate(rows) if self.stays(row) is None)

    def shows_rule(self, rows: Sequence[Record]) -> bool:
        values = [row[self.field] for row in rows]
        return self.draw.twice(values, len(self.draw.known(self.field))) and self.no_other_field_tells(
            rows, [self.field]
        )


class ByTwoCategories(ByCategory):
    """Rows stay for two categories at once."""

    kind = "filter by two categories"

    def __init__(self, draw: Draw, columns: list[Wanted]) -> None:
        super().__init__(draw, columns)
        names = [f.name for f in draw.layout.having("category") if f.name != self.field]
        self.other = draw.at.choice([n for n in names if n == "status"] or names)
        known = draw.known(self.other)
        self.others = frozenset(known[:1])

    @classmethod
    def fits(cls, draw: Draw) -> bool:
        return len(draw.layout.having("category")) > 1

    def stays(self, row: Record) -> bool | None:
        first, value = super().stays(row), row[self.other]
        second = value in self.others if value in self.draw.known(self.other) else None
        if first is False or second is False:
            return False
        return None if first is None or second is None else True

    def asked(self, rows: Sequence[Record]) -> frozenset[int]:
        fields = (self.field, self.other)
        unknown = (any(row[n] not in self.draw.known(n) for n in fields) for row in rows)
        # A row that goes for one of its categories goes, whatever the other is.
        return frozenset(
            n for n, (row, new) in enumerate(zip(rows, unknown, strict=True)) if new and self.stays(row) is None
        )

    def shows_rule(self, rows: Sequence[Record]) -> bool:
        pairs = [(row[self.field] in self.kept, row[self.other] in self.others) for row in rows]
        values = [row[self.field] for row in rows], [row[self.other] for row in rows]
        known = all(
            self.draw.twice(v, len(self.draw.known(n))) for v, n in zip(values, (self.field, self.other), strict=True)
        )
        return known and self.draw.twice(pairs, 4) and self.no_other_field_tells(rows, [self.field, self.other])


class BySign(ByCategory):
    """Only what comes in, or what goes out, stays."""

    kind = "filter by sign"

    def __init__(self, draw: Draw, columns: list[Wanted]) -> None:
        Rows.__init__(self, draw, columns)
        self.sign = draw.at.choice((-1, 1))

    @classmethod
    def fits(cls, draw: Draw) -> bool:
        return draw.has("amount") and not draw.has("mark")

    def stays(self, row: Record) -> bool | None:
        return None if row["amount"] == 0 else row["amount"] * self.sign > 0

    def shows_rule(self, rows: Sequence[Record]) -> bool:
        signs = [row["amount"] > 0 for row in rows]
        return (
            self.draw.twice(signs) and min(Counter(signs).values()) > 2 and self.no_other_field_tells(rows, ["amount"])
        )


class ByBlank(ByCategory):
    """Rows with a blank cell go."""

    kind = "filter by blank"

    def __init__(self, draw: Draw, columns: list[Wanted]) -> None:
        Rows.__init__(self, draw, columns)
        self.field = draw.at.choice([f.name for f in draw.layout.fields if f.blank])

    @classmethod
    def fits(cls, draw: Draw) -> bool:
        return any(f.blank for f in draw.layout.fields)

    def stays(self, row: Record) -> bool | None:
        return row[self.field] is not None

    def shows_rule(self, rows: Sequence[Record]) -> bool:
        return self.draw.twice(row[self.field] is None for row in rows) and self.no_other_field_tells(
            rows, [self.field]
        )


class Distinct(Rows):
    """Of rows that are alike one stays."""

    kind = "without repeated rows"

    def prepare(self, rows: list[Record]) -> list[Record]:
        at = self.draw.at
        for _ in range(at.randint(2, 3)):
            rows.insert(at.randint(0, len(rows)), dict(at.choice(rows)))
        return rows

    def chosen(self, rows: Sequence[Record]) -> list[tuple[int, Record]]:
        first: dict[tuple[object, ...], tuple[int, Record]] = {}
        for number, row in enumerate(rows):
            first.setdefault(tuple(row.values()), (number, row))
        return list(first.values())

    def shows_rule(self, rows: Sequence[Record]) -> bool:
        kept = self.chosen(rows)
        # Rows of the output must tell the rows of the input apart.
        return len(kept) <= len(rows) - 2 and len({made.cells for made in as_made(self.columns, kept)}) == len(kept)


class Latest(Rows):
    """Of the rows of an order or account the one with the latest date stays."""

    kind = "latest row of each"

    def __init__(self, draw: Draw, columns: list[Wanted]) -> None:
        super().__init__(draw, columns)
        self.key = next(n for n in ("order", "isin", "reference") if draw.has(n))
        header = draw.layout.of(self.key).headers[0]
        key = Wanted(header, "copy", lambda row: str(row[self.key]))
        self.columns = [key, *(c for c in columns if c.name.casefold() != header.casefold())]

    @classmethod
    def fits(cls, draw: Draw) -> bool:
        return draw.has("date") and any(draw.has(n) for n in ("order", "isin", "reference"))

    def prepare(self, rows: list[Record]) -> list[Record]:
        at = self.draw.at
        for row in at.sample(rows, len(rows) // 2):
            row[self.key] = at.choice(rows)[self.key]
        days = [row["date"] for row in rows]
        return rows if len(set(days)) == len(days) else rows[:1]

    def chosen(self, rows: Sequence[Record]) -> list[tuple[int, Record]]:
        latest: dict[str, int] = {}
        for number, row in enumerate(rows):
            held = latest.get(row[self.key])
            if held is None or row["date"] > rows[held]["date"]:
                latest[row[self.key]] = number
        return [(number, rows[number]) for number in sorted(latest.values())]

    def shows_rule(self, rows: Sequence[Record]) -> bool:
        if len(rows) < 5 or not (self.draw.source.settles_dates or sum(row["date"].day > 12 for row in rows) > 1):
            return False
        groups: dict[str, list[int]] = defaultdict(list)
        for number, row in enumerate(rows):
            groups[row[self.key]].append(number)
        kept = {number for number, _ in self.chosen(rows)}
        repeated = [group for group in groups.values() if len(group) > 1]
        first = [group[0] in kept for group in repeated]
        last = [group[-1] in kept for group in repeated]
        return len(repeated) > 2 and not all(last) and not all(first) and not self._told_by_amount(rows, kept)

    def _told_by_amount(self, rows: Sequence[Record], kept: set[int]) -> bool:
        """Whether the greatest or least amount of each says the same as the latest date."""
        for field in self.draw.layout.having("number", "count"):
            values = [row[field.name] or Decimal(0) for row in rows]
            for sign in (1, -1):
                best: dict[str, int] = {}
                for number, row in enumerate(rows):
                    held = best.setdefault(row[self.key], number)
                    if sign * values[number] > sign * values[held]:
                        best[row[self.key]] = number
                if set(best.values()) == kept:
                    return True
        return False


class Grouped(Rows):
    """A row for each value of a category or two, with sums."""

    kind = "sums by group"

    def __init__(self, draw: Draw, columns: list[Wanted]) -> None:
        super().__init__(draw, columns)
        at = draw.at
        categories = [f for f in draw.layout.having("category") if f.name != "mark"]
        self.keys = at.sample(categories, at.choice((1, 1, min(2, len(categories)))))
        self.summed = at.choice([f for f in draw.layout.having("number", "count") if f.name != "price" and not f.blank])
        self.counted = at.random() < 0.4

    @classmethod
    def fits(cls, draw: Draw) -> bool:
        sums = [f for f in draw.layout.having("number", "count") if f.name != "price" and not f.blank]
        return bool(sums) and any(f.name != "mark" for f in draw.layout.having("category"))

    def _groups(self, rows: Sequence[Record]) -> dict[tuple[str, ...], list[Record]]:
        groups: dict[tuple[str, ...], list[Record]] = defaultdict(list)
        for row in rows:
            groups[tuple(row[key.name] for key in self.keys)].append(row)
        return groups

    def output(self, rows: Sequence[Record]) -> Output:
        made = []
        for key, group in self._groups(rows).items():
            total = sum((row[self.summed.name] for row in group), Decimal(0))
            counted = (str(len(group)),) if self.counted else ()
            made.append(Made((*key, self.draw.target.number(total, self.summed.places), *counted)))
        names = tuple(key.headers[0] for key in self.keys)
        return Output((*names, f"total {self.summed.name}", *(("rows",) if self.counted else ())), made)

    def shows(self, rows: Sequence[Record]) -> bool:
        groups = self._groups(rows)
        repeated = sum(len(group) > 1 for group in groups.values())
        numbers = self.summed.kind == "count" or shows_numbers(self.draw, self.summed.name, computed=True)(rows)
        return repeated > 1 and len({len(group) for group in groups.values()}) > 1 and numbers


class Sorted(Rows):
    """Rows in the order of their dates, or of an amount from the largest."""

    kind = "sorted"

    def __init__(self, draw: Draw, columns: list[Wanted]) -> None:
        super().__init__(draw, columns)
        fields = [f.name for f in draw.layout.having("date", "number") if not f.blank]
        self.key = draw.at.choice(fields)
        self.down = draw.layout.of(self.key).kind == "number"
        field = draw.layout.of(self.key)
        write = draw.target.day if field.kind == "date" else lambda value: draw.target.number(value, field.places)
        shown = Wanted(field.headers[0], field.kind, lambda row: write(row[self.key]))
        self.columns = [shown, *(c for c in columns if c.name.casefold() != shown.name.casefold())]

    @classmethod
    def fits(cls, draw: Draw) -> bool:
        return any(not f.blank for f in draw.layout.having("date", "number"))

    def prepare(self, rows: list[Record]) -> list[Record]:
        keys = [row[self.key] for row in rows]
        return (
            rows
            if len(set(keys)) == len(keys)
            else [row for n, row in enumerate(rows) if keys.index(row[self.key]) == n]
        )

    def chosen(self, rows: Sequence[Record]) -> list[tuple[int, Record]]:
        return sorted(enumerate(rows), key=lambda item: item[1][self.key], reverse=self.down)

    def shows_rule(self, rows: Sequence[Record]) -> bool:
        order = [number for number, _ in self.chosen(rows)]
        if order == sorted(order) or order == sorted(order, reverse=True):
            return False
        if self.down:
            return shows_numbers(self.draw, self.key)(rows)
        return self.draw.source.settles_dates or sum(row[self.key].day > 12 for row in rows) > 1


class Running(Rows):
    """The running balance of the amounts beside each row."""

    kind = "running balance"

    @classmethod
    def fits(cls, draw: Draw) -> bool:
        return draw.has("amount") and not draw.has("mark")

    def output(self, rows: Sequence[Record]) -> Output:
        made = super().output(rows)
        total, lines = Decimal(0), []
        for row, line in zip(rows, made.rows, strict=True):
            total += row["amount"]
            lines.append(Made((*line.cells, self.draw.target.number(total, 2)), line.origin))
        return Output((*made.header, "balance"), lines, made.asked)

    def shows_rule(self, rows: Sequence[Record]) -> bool:
        return self.draw.twice(row["amount"] < 0 for row in rows) and shows_numbers(self.draw, "amount", computed=True)(
            rows
        )


class Unpivoted(Rows):
    """A row for each currency in which something is held."""

    kind = "a row for each currency"

    @classmethod
    def fits(cls, draw: Draw) -> bool:
        return draw.has("eur", "usd", "chf")

    def output(self, rows: Sequence[Record]) -> Output:
        made = [
            Made((row["client"], row["name"], name.upper(), self.draw.target.number(row[name], 2)), number)
            for number, row in enumerate(rows)
            for name in ("eur", "usd", "chf")
            if row[name] is not None
        ]
        return Output(("client", "name", "currency", "amount"), made)

    def shows(self, rows: Sequence[Record]) -> bool:
        names = ("eur", "usd", "chf")
        blanks = all(sum(row[name] is None for row in rows) > 0 for name in names)
        return blanks and shows_numbers(self.draw, *names)(rows)


_KINDS: tuple[tuple[type[Rows], int], ...] = (
    (Rows, 14), (ByCategory, 5), (ByTwoCategories, 3), (BySign, 3), (ByBlank, 2), (Distinct, 1), (Latest, 3),
    (Grouped, 3), (Sorted, 3), (Running, 4), (Unpivoted, 4),
)  # fmt: skip


def draw_rows(draw: Draw, columns: list[Wanted]) -> Rows:
    """Some rule for the rows that a layout allows."""
    kinds = [(kind, weight) for kind, weight in _KINDS if kind.fits(draw)]
    make: Callable[[Draw, list[Wanted]], Rows] = draw.at.choices([k for k, _ in kinds], [w for _, w in kinds])[0]
    return make(draw, columns)


__all__ = ["OPEN", "Line", "Made", "Output", "Rows", "draw_rows"]
