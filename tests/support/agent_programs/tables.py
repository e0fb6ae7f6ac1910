"""What programs are drawn over, and how they are put together."""

import random
from dataclasses import dataclass, field

from services.converter.domain.table import Table

IDS = ("T", "AC-", "x", "K", "ORD")
WORDS = [
    "north",
    "south",
    "east",
    "west",
    "center",
    "harbour",
    "ridge",
    "valley",
    "meadow",
    "canyon",
    "bond",
    "fund",
    "equity",
    "cash",
    "option",
    "future",
    "growth",
    "income",
    "value",
    "blend",
    "alpha",
    "beta",
    "gamma",
    "delta",
    "ruby",
    "amber",
    "coral",
    "ivory",
    "olive",
    "sable",
    "umber",
    "wheat",
    "linen",
    "pearl",
    "slate",
    "stone",
]
KINDS = ("BUY", "SELL", "DIV", "FEE", "INT")
UNITS = ("kg", "g", "t")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
COUNTRIES = {"DE": "Germany", "FR": "France", "IT": "Italy", "US": "United States", "CH": "Switzerland"}
NAMES = (
    "Anna Meier", "Jo Schulz", "Mia Weiß", "Tom Ford", "Eva Braun", "Max Lang", "Ida Kurz", "Uwe Roth", "Pia Jung",
    "Kai Wolf", "Lea Sommer", "Ben Vogt", "Zoe Keller", "Jan Busch", "Ute Adler", "Tim Fuchs", "Gul Demir", "Ole Haas",
    "Nils Bach", "Rosa Blum", "Finn Thal", "Hana Ito", "Omar Saad", "Lynn Ward",
)  # fmt: skip


@dataclass(frozen=True)
class Drawn:
    """A program and the input of its example; ``column`` is the one that it makes, ``said`` are the user's words."""

    form: str
    table: Table
    sql: str
    said: str = ""
    columns: dict[str, str] = field(default_factory=dict)


def quoted(text: str) -> str:
    """A text as a literal."""
    return "'" + text.replace("'", "''") + "'"


def draw_table(rng: random.Random, rows: int) -> Table:
    """Transactions: an identifier, a name, a kind, a country, an amount, a day, a text, a unit, a remark, a month."""
    prefix, start = rng.choice(IDS), rng.randrange(100, 9000)
    step = rng.choice((1, 1, 3, 7))
    ids = [f"{prefix}{start + step * i}" for i in range(rows)]
    if rng.random() < 0.5:
        rng.shuffle(ids)
    kinds = repeated(rng, KINDS[: rng.randrange(2, 5)], rows)
    countries = repeated(rng, tuple(COUNTRIES)[: rng.randrange(2, 5)], rows)
    names = rng.sample(NAMES, rows)
    amounts = [f"{rng.uniform(1, 5000):.2f}" for _ in range(rows)]
    days = [
        f"{rng.randrange(1, 29):02}.{rng.randrange(1, 13):02}.{rng.choice((2024, 2025, 2026))}" for _ in range(rows)
    ]
    texts = [f"{rng.choice(WORDS)}-{rng.randrange(10, 99)}/{rng.choice(WORDS)}" for _ in range(rows)]
    units = repeated(rng, UNITS[: rng.randrange(2, 4)], rows)
    memos = [rng.choice(("", "", rng.choice(WORDS), f"{rng.choice(WORDS)} {rng.randrange(9)}")) for _ in range(rows)]
    months = [rng.choice(MONTHS) for _ in range(rows)]
    return Table(
        ("id", "name", "kind", "country", "amount", "day", "ref", "unit", "memo", "month"),
        tuple(zip(ids, names, kinds, countries, amounts, days, texts, units, memos, months, strict=True)),
    )


def repeated(rng: random.Random, values: tuple[str, ...], rows: int) -> list[str]:
    """Values of which each stands in two rows at least."""
    kept = values[: max(1, rows // 2)]
    out = [*kept, *kept, *(rng.choice(kept) for _ in range(rows - 2 * len(kept)))]
    rng.shuffle(out)
    return out


def answers_of(rng: random.Random, rows: int) -> list[str]:
    """Answers that nothing in the input leads to."""
    way = rng.randrange(4)
    if way == 0:
        return rng.sample(WORDS, rows)
    if way == 1:
        return [f"{rng.choice('QXZ')}{rng.randrange(100, 999)}" for _ in range(rows)]
    if way == 2:
        return [str(rng.randrange(11, 9999)) for _ in range(rows)]
    few = rng.sample(WORDS, max(2, rows // 3))
    return [*few, *(rng.choice(few) for _ in range(rows - len(few)))]


def numbers_of(rng: random.Random, rows: int, top: int = 99) -> list[int]:
    return [rng.randrange(11, top) for _ in range(rows)]


def keyed(table: Table, rng: random.Random) -> tuple[str, list[str]]:
    """A column that tells the rows apart, with its cells."""
    name = rng.choice(("id", "name", "amount", "ref"))
    position = table.column_names.index(name)
    cells = [row[position] for row in table.rows]
    return (name, cells) if len(set(cells)) == len(cells) else ("id", [row[0] for row in table.rows])


def case(key: str, pairs: list[tuple[str, str]], rest: str = "NULL") -> str:
    return f"CASE {key} " + " ".join(f"WHEN {k} THEN {v}" for k, v in pairs) + f" ELSE {rest} END"


def select(expression: str, tail: str = "FROM input ORDER BY _row") -> str:
    return f"SELECT id, {expression} AS answer {tail}"
