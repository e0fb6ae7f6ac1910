"""Kinds of columns that people want of such files, each with its truth, and with what an example must show of it."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from random import Random

from benchmarks.conversions.layouts import Field, Layout, Record
from benchmarks.conversions.notation import Notation

OPEN = "\0open"
"""The truth of a cell that no example can tell: nothing is right in it but a flag."""
Truth = Callable[[Record], str]
Shows = Callable[[Sequence[Record]], bool]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A column of the output. ``shows``: whether the rows of an example decide what is meant."""

    name: str
    kind: str
    truth: Truth
    shows: Shows = bool


@dataclass(slots=True)
class Draw:
    """What a column is drawn from; ``times``: how often an example must show each branch to decide it."""

    at: Random
    layout: Layout
    source: Notation
    target: Notation
    times: int = 2

    def twice(self, values: Iterable[Hashable], least: int = 2) -> bool:
        """Whether there are at least so many different values, each as often as is asked for."""
        counts = Counter(values)
        return len(counts) >= least and min(counts.values()) >= self.times

    def field(self, *kinds: str) -> Field | None:
        """Some field of these kinds."""
        found = [f for f in self.layout.fields if f.kind in kinds]
        return self.at.choice(found) if found else None

    def has(self, *names: str) -> bool:
        """Whether the layout has all of these fields."""
        return set(names) <= {f.name for f in self.layout.fields}

    def known(self, name: str) -> tuple[str, ...]:
        """The categories that an example has in a field."""
        return self.layout.known[name]

    def tells(self, rows: Sequence[Record], name: str, labels: Sequence[bool]) -> bool:
        """Whether a field with few values, or its being blank, parts rows as labels do: another reason for these."""
        few = self.layout.of(name).kind == "category"
        cells = [row[name] if few else row[name] is None for row in rows]
        inside = {cell for cell, label in zip(cells, labels, strict=True) if label}
        return inside.isdisjoint(cell for cell, label in zip(cells, labels, strict=True) if not label)

    def written(self, field: Field, record: Record) -> str:
        """A cell as the source has it."""
        return cell(self.source, field, record)


def cell(notation: Notation, field: Field, record: Record) -> str:
    """A cell as a file of some notation has it."""
    value = record[field.name]
    if value is None:
        return ""
    if field.kind == "date":
        return notation.day(value)
    if field.kind in ("number", "count"):
        grouped = notation if field.kind == "number" else Notation("en", "", ".", "")
        return grouped.number(value, field.places, money=field.money)
    return str(value)


def shows_dates(draw: Draw, name: str) -> Shows:
    """Whether days and months can be told apart in two rows at least, or in all."""

    def shows(rows: Sequence[Record]) -> bool:
        days = [row[name] for row in rows if row[name] is not None]
        return len(days) > 1 and (draw.source.settles_dates or sum(day.day > 12 for day in days) > 1)

    return shows


def shows_numbers(draw: Draw, *names: str, computed: bool = False) -> Shows:
    """Whether it is seen that these are read as numbers: decimals, and marks of groups where nothing else tells."""

    def shows(rows: Sequence[Record]) -> bool:
        for name in names:
            values = [row[name] for row in rows if row[name] is not None]
            if sum(value != value.to_integral() for value in values) < 2:
                return False
            # What is neither computed with nor written with another mark may be a text whose commas stay.
            told = computed or draw.source.decimal != draw.target.decimal
            if not told and draw.source.group and sum(abs(value) >= 1000 for value in values) < 2:
                return False
        return True

    return shows


def _copy(draw: Draw) -> Wanted | None:
    field = draw.field("text", "code", "category", "category", "count")
    return field and Wanted(_name(draw, field), "copy", lambda row: draw.written(field, row))


def _date(draw: Draw) -> Wanted | None:
    field = draw.field("date")
    if field is None:
        return None
    return Wanted(
        _name(draw, field), "date", lambda row: draw.target.day(row[field.name]), shows_dates(draw, field.name)
    )


def _number(draw: Draw) -> Wanted | None:
    field = draw.field("number")
    if field is None:
        return None

    def truth(row: Record) -> str:
        return draw.target.number(row[field.name], field.places)

    def shows(rows: Sequence[Record]) -> bool:
        filled = [row[field.name] for row in rows if row[field.name] is not None]
        signed = field.name == "amount" and not draw.has("mark")
        return (not signed or draw.twice(value < 0 for value in filled)) and shows_numbers(draw, field.name)(rows)

    return Wanted(_name(draw, field), "number", truth, shows)


def _category_map(draw: Draw) -> Wanted | None:
    field = draw.field("category")
    if field is None:
        return None
    codes = _CODES.get(field.name, ("A1", "B2", "C3"))
    mapping = dict(zip(draw.known(field.name), codes, strict=False))
    return Wanted(
        _name(draw, field), "map", lambda row: mapping.get(row[field.name], OPEN),
        lambda rows: draw.twice((row[field.name] for row in rows), len(mapping)),
    )  # fmt: skip


_CODES = {
    "side": ("BUY", "SELL", "DIV"), "status": ("ok", "void", "new"), "kind": ("POS", "TRF", "CHG"),
    "currency": ("€", "US$"), "class": ("EQ", "FI", "FD"), "mark": ("out", "in"), "account": ("Main", "Second"),
}  # fmt: skip


def _sign_by_mark(draw: Draw) -> Wanted | None:
    """An amount or a number of pieces, negative where another column says so."""
    ways = (("mark", "amount", 0), ("side", "quantity", 1))
    found = next(((mark, value, n) for mark, value, n in ways if draw.has(mark, value)), None)
    if found is None:
        return None
    mark, value, negative = found
    field = draw.layout.of(value)
    words = draw.known(mark)

    def truth(row: Record) -> str:
        if row[mark] not in words:
            return OPEN
        return draw.target.number(-row[value] if row[mark] == words[negative] else row[value], field.places)

    def shows(rows: Sequence[Record]) -> bool:
        sides = draw.twice((row[mark] for row in rows), len(words))
        negative_rows = [row[mark] == words[negative] for row in rows]
        alone = not any(draw.tells(rows, f.name, negative_rows) for f in draw.layout.fields if f.name != mark)
        return sides and alone and (field.kind == "count" or shows_numbers(draw, value)(rows))

    return Wanted(draw.at.choice(("signed", value, f"{value} signed")), "sign", truth, shows)


def _debit_credit(draw: Draw) -> Wanted | None:
    if not draw.has("debit", "credit"):
        return None

    def truth(row: Record) -> str:
        return draw.target.number(row["credit"] if row["debit"] is None else -row["debit"], 2)

    def shows(rows: Sequence[Record]) -> bool:
        return draw.twice(row["debit"] is None for row in rows) and shows_numbers(draw, "debit", "credit")(rows)

    return Wanted(draw.at.choice(("amount", "Amount", "value")), "debit or credit", truth, shows)


def _in_or_out(draw: Draw) -> Wanted | None:
    if not draw.has("amount") or draw.has("mark"):
        return None
    words = draw.at.choice((("OUT", "IN"), ("withdrawal", "deposit"), ("D", "C")))

    def truth(row: Record) -> str:
        # Whether nothing goes out or comes in is nobody's to say.
        return OPEN if row["amount"] == 0 else words[0] if row["amount"] < 0 else words[1]

    return Wanted("direction", "word by sign", truth, lambda rows: draw.twice(row["amount"] < 0 for row in rows))


def _outflow(draw: Draw) -> Wanted | None:
    """The amount where it is negative, without its sign; blank elsewhere."""
    if not draw.has("amount") or draw.has("mark"):
        return None

    def truth(row: Record) -> str:
        value = row["amount"]
        return OPEN if value == 0 else draw.target.number(-value, 2) if value < 0 else ""

    def shows(rows: Sequence[Record]) -> bool:
        lost = [row for row in rows if row["amount"] < 0]
        return draw.twice(row["amount"] < 0 for row in rows) and shows_numbers(draw, "amount")(lost)

    return Wanted("outflow", "one side only", truth, shows)


def _joined(draw: Draw) -> Wanted | None:
    ways: tuple[tuple[tuple[str, ...], str], ...] = (
        (("first", "middle", "last"), " "), (("payee", "purpose"), draw.at.choice((" - ", ": ", " / "))),
        (("isin", "name"), draw.at.choice((" ", " - "))), (("zip", "city"), " "),
    )  # fmt: skip
    found = next((way for way in ways if draw.has(*way[0])), None)
    if found is None:
        return None
    names, joint = found
    if names[0] == "first" and draw.at.random() < 0.3:
        names, joint = ("zip", "city"), " "
    optional = next((n for n in names if draw.layout.of(n).blank), None)

    def truth(row: Record) -> str:
        return joint.join(str(row[name]) for name in names if row[name] is not None)

    return Wanted(
        draw.at.choice(("label", "text", "full")), "join with a blank part" if optional else "join", truth,
        lambda rows: optional is None or draw.twice(row[optional] is None for row in rows),
    )  # fmt: skip


def _part(draw: Draw) -> Wanted | None:
    ways: dict[str, tuple[str, Callable[[Record], str]]] = {}
    if draw.has("isin"):
        ways["country"] = ("isin", lambda row: row["isin"][:2])
    if draw.layout.name == "broker":
        ways["order part"] = ("order", lambda row: row["order"].split("-")[1])
        ways["order group"] = ("order", lambda row: row["order"].split("-")[0])
    if draw.has("reference"):
        ways["ref"] = ("reference", lambda row: row["reference"].split("/")[0])
    if draw.has("client"):
        ways["branch"] = ("client", lambda row: row["client"].split("-")[0])
    if not ways:
        return None
    name = draw.at.choice(list(ways))
    field, truth = ways[name]

    def shows(rows: Sequence[Record]) -> bool:
        return len({row[field] for row in rows}) > 3 and (
            name != "order part" or len({len(row[field]) for row in rows}) > 1
        )

    return Wanted(name, "part of a text", truth, shows)


def _product(draw: Draw) -> Wanted | None:
    if not draw.has("quantity", "price"):
        return None
    extra = next((n for n in ("shipping", "fee") if draw.has(n)), None)
    form = draw.at.choice(("q*p", "q*p", "+", "-") if extra else ("q*p",))
    signs = {"q*p": 0, "+": 1, "-": -1}

    def truth(row: Record) -> str:
        gross = row["quantity"] * row["price"]
        fee = row[extra] if extra and row[extra] is not None else Decimal(0)
        return draw.target.number(gross + signs[form] * fee, 2)

    def shows(rows: Sequence[Record]) -> bool:
        priced = shows_numbers(draw, "price", computed=True)(rows) and len({row["quantity"] for row in rows}) > 2
        if form == "q*p" or extra is None:
            return priced
        filled = shows_numbers(draw, extra, computed=True)(rows)
        return priced and filled and (not draw.layout.of(extra).blank or draw.twice(row[extra] is None for row in rows))

    return Wanted(
        draw.at.choice(("total", "value", "gross")), "product" if form == "q*p" else "product and fee", truth, shows
    )


def _net_by_side(draw: Draw) -> Wanted | None:
    """What a trade costs or brings: quantity times price, with the fee, negative for what is bought."""
    if not draw.has("side", "quantity", "price", "fee"):
        return None
    words = draw.known("side")

    def truth(row: Record) -> str:
        if row["side"] not in words:
            return OPEN
        gross, fee = row["quantity"] * row["price"], row["fee"] or Decimal(0)
        return draw.target.number((-gross if row["side"] == words[0] else gross) - fee, 2)

    def shows(rows: Sequence[Record]) -> bool:
        sides = draw.twice(((row["side"], row["fee"] is None) for row in rows), 2 * len(words))
        return sides and shows_numbers(draw, "price", "fee", computed=True)(rows)

    return Wanted("net", "net by side", truth, shows)


def _unit_cost(draw: Draw) -> Wanted | None:
    if not draw.has("cost", "quantity"):
        return None

    def truth(row: Record) -> str:
        return draw.target.number(row["cost"] / row["quantity"], 2)

    return Wanted("unit cost", "quotient", truth, shows_numbers(draw, "cost", computed=True))


def _gain(draw: Draw) -> Wanted | None:
    if not draw.has("cost", "quantity", "price"):
        return None
    priced = shows_numbers(draw, "cost", "price", computed=True)
    return Wanted(
        "gain", "difference", lambda row: draw.target.number(row["quantity"] * row["price"] - row["cost"], 2),
        lambda rows: priced(rows) and len({row["quantity"] for row in rows}) > 2,
    )  # fmt: skip


def _constant(draw: Draw) -> Wanted | None:
    word = draw.at.choice(("CustodyBank", "import", "retail", "EUR"))
    if word == "EUR" and draw.has("currency"):
        word = "import"
    return Wanted(draw.at.choice(("source", "origin", "book")), "constant", lambda _row: word)


def _default(draw: Draw) -> Wanted | None:
    field = next((f for f in draw.layout.fields if f.name == "fee"), None)
    if field is None:
        return None

    def shows(rows: Sequence[Record]) -> bool:
        return draw.twice(row["fee"] is None for row in rows) and shows_numbers(draw, "fee")(rows)

    return Wanted("fee", "number where blank", lambda row: draw.target.number(row["fee"] or Decimal(0), 2), shows)


def _case(draw: Draw) -> Wanted | None:
    field = draw.field("text")
    if field is None or field.blank:
        return None
    return Wanted(_name(draw, field), "upper case", lambda row: str(row[field.name]).upper())


def _date_part(draw: Draw) -> Wanted | None:
    field = draw.field("date")
    if field is None:
        return None
    pattern = draw.at.choice(("%Y-%m", "%Y", "%m/%Y"))

    def shows(rows: Sequence[Record]) -> bool:
        months = len({row[field.name].month for row in rows}) > 2
        return months and (pattern == "%Y" or shows_dates(draw, field.name)(rows))

    return Wanted("period", "part of a date", lambda row: row[field.name].strftime(pattern), shows)


def _name(draw: Draw, field: Field) -> str:
    return draw.at.choice((field.name, field.headers[0], field.headers[0].lower().replace(" ", "_")))


_MAKERS: tuple[tuple[Callable[[Draw], Wanted | None], int], ...] = (
    (_copy, 4), (_date, 4), (_number, 4), (_category_map, 3), (_sign_by_mark, 3), (_debit_credit, 5), (_in_or_out, 1),
    (_outflow, 1), (_joined, 2), (_part, 2), (_product, 2), (_net_by_side, 1), (_unit_cost, 1), (_gain, 1),
    (_constant, 1), (_default, 1), (_case, 1), (_date_part, 1),
)  # fmt: skip


def draw_columns(draw: Draw, count: int) -> list[Wanted]:
    """So many columns, of different names."""
    found: dict[str, Wanted] = {}
    makers, weights = [maker for maker, _ in _MAKERS], [weight for _, weight in _MAKERS]
    for _ in range(60):
        if len(found) == count:
            break
        column = draw.at.choices(makers, weights)[0](draw)
        if column is not None:
            found.setdefault(column.name.casefold(), column)
    return list(found.values())
