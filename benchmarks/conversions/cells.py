"""One column made of a row of cells, as exports of brokers, shops and customer lists have them, with the truth of each.

Sums, products, counts, dates, kinds of rows, one cell or another. Rows of a later file hold what later rows hold: new
names of more words, larger numbers, other months and years, more items in a list, blanks and kinds that no example
had. What nobody can tell of a later row is open.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random

from benchmarks.conversions.columns import OPEN

_CENT = Decimal("0.01")
_PEOPLE = ("Ann Berg", "Bo Chen", "Carla Diaz", "Dev Rao", "Eva Lind", "Finn Moe", "Gita Nair", "Hugo Blanc")
_LONGER = ("Jan van der Arx", "Maria José Pérez", "Dr. Kim Roth-Meyer", "O. Ek", "Lea Anna Kowal", "Nora O'Hara")
_TOWNS = ("Basel", "Genf", "Köln", "Lyon", "Porto", "Wien")
_TOWNS_LATER = ("Bad Ems", "Frankfurt am Main", "Saint-Denis", "L'Aquila", "Rio de Janeiro")
_THINGS = ("bond", "fund", "share", "swap", "note", "option", "gold", "cash", "future", "loan")


@dataclass(frozen=True, slots=True)
class At:
    """What a row is drawn from: ``later`` rows hold what no example did."""

    random: Random
    later: bool

    def number(self, low: int, high: int) -> int:
        """A whole number, a larger one at times in later rows."""
        return self.random.randint(low, high * (30 if self.later and self.random.random() < 0.3 else 1))

    def money(self, low: int = 1, high: int = 900) -> Decimal:
        """An amount with cents."""
        return Decimal(self.number(low * 100, high * 100)) / 100

    def day(self) -> date:
        """A day, of more years in later rows."""
        return date(2024, 1, 1) + timedelta(days=self.random.randint(0, 1400 if self.later else 500))

    def name(self) -> str:
        """A person's name."""
        return self.random.choice(_PEOPLE + _LONGER * self.later)

    def town(self) -> str:
        """A town's name."""
        return self.random.choice(_TOWNS + _TOWNS_LATER * self.later)

    def things(self, most: int) -> list[str]:
        """So many different things at most, up to twice as many in later rows."""
        return self.random.sample(_THINGS, self.random.randint(1, min(len(_THINGS), most * (1 + self.later))))


@dataclass(frozen=True, slots=True)
class Line:
    """A row's cells by name, what is wanted of it, and which variant of its kind it is."""

    cells: dict[str, str]
    wanted: str
    variant: str = ""


Draw = Callable[[At], Line]


def _cents(value: Decimal) -> str:
    return str(value.quantize(_CENT, ROUND_HALF_UP))


def _total(at: At) -> Line:
    quantity, price = at.number(2, 60), at.money(1, 90)
    return Line({"quantity": str(quantity), "price": str(price)}, _cents(quantity * price))


def _net(at: At) -> Line:
    amount, fee = at.money(20), at.money(1, 9)
    return Line({"amount": _cents(amount), "fee": _cents(fee)}, _cents(amount - fee))


def _gross(at: At) -> Line:
    net, tax = at.money(20), at.money(1, 90)
    return Line({"net": _cents(net), "tax": _cents(tax)}, _cents(net + tax))


def _tax(at: At) -> Line:
    amount = at.money(20)
    return Line({"amount": _cents(amount)}, _cents(amount * Decimal("0.2")))


def _cents_of(at: At) -> Line:
    amount = at.money(2)
    return Line({"amount": _cents(amount)}, str(int(amount * 100)))


def _items(at: At) -> Line:
    items = at.things(4)
    return Line({"holdings": "; ".join(items)}, str(len(items)), "one" if len(items) == 1 else "")


def _words(at: At) -> Line:
    words = at.things(4)
    return Line({"description": " ".join(words)}, str(len(words)), "one" if len(words) == 1 else "")


def _length(at: At) -> Line:
    code = "".join(at.random.choices("ABCDEFGH23456789", k=at.random.randint(4, 14 if at.later else 9)))
    return Line({"code": code}, str(len(code)))


def _weight(at: At) -> Line:
    weight = at.number(1, 90) if at.random.random() < 0.6 else at.money(1, 90)
    unit = at.random.choice(("kg", "g"))
    return Line({"weight": f"{weight} {unit}"}, str(weight), "decimal" if "." in str(weight) else "")


def _iso(at: At) -> Line:
    day = at.day()
    return Line({"booked": f"{day:%d.%m.%Y}"}, f"{day:%Y-%m-%d}", "told" if day.day > 12 else "open")


def _month(at: At) -> Line:
    day = at.day()
    return Line({"date": f"{day:%Y-%m-%d}"}, f"{day:%B %Y}")


def _year(at: At) -> Line:
    day = at.day()
    return Line({"date": f"{day:%d.%m.%Y}"}, f"{day:%Y}")


def _days(at: At) -> Line:
    first, days = at.day(), at.number(2, 40)
    return Line({"opened": f"{first}", "closed": f"{first + timedelta(days=days)}"}, str(days))


_CODES = {"Purchase": "BUY", "Sale": "SELL", "Dividend": "DIV"}


def _code(at: At) -> Line:
    word = at.random.choice((*_CODES, *(("Deposit",) if at.later and at.random.random() < 0.2 else ())))
    return Line({"type": word, "units": str(at.number(1, 90))}, _CODES.get(word, OPEN), word if word in _CODES else "")


def _signed(at: At) -> Line:
    mark, amount = at.random.choice("DC"), at.money(2)
    return Line({"mark": mark, "amount": _cents(amount)}, _cents(-amount if mark == "D" else amount), mark)


def _filled(at: At) -> Line:
    paid = f"{at.day()}" if at.random.random() < 0.6 else ""
    return Line({"invoice": f"R{at.number(100, 999)}", "paid": paid}, "paid" if paid else "open", str(bool(paid)))


def _either(at: At) -> Line:
    numbers = [f"0{at.random.randint(10, 99)} {at.random.randint(1000, 99999)}" for _ in range(2)]
    mobile = numbers[0] if at.random.random() < 0.6 else ""
    return Line({"mobile": mobile, "phone": numbers[1]}, mobile or numbers[1], str(bool(mobile)))


def _upper(at: At) -> Line:
    town = at.town()
    return Line({"town": town}, town.upper())


def _address(at: At) -> Line:
    town, number, code = at.town(), at.number(1, 90), at.random.randint(10000, 99999)
    street = at.random.choice(("High Street", "Ringweg", "Rue du Lac"))
    return Line({"address": f"{street} {number}, {code} {town}"}, town, str(street.count(" ")))


def _joined(at: At) -> Line:
    first, last = at.name().split(" ")[0], at.random.choice(("Berg", "Chen", "Diaz", "Rao", "Lind"))
    middle = at.random.choice(("", at.random.choice("ABCJ") + "."))
    cells = {"first": first, "middle": middle, "last": last}
    return Line(cells, " ".join(filter(None, cells.values())), str(bool(middle)))


def _label(at: At) -> Line:
    number, name = at.number(100, 900), at.name()
    return Line({"client": name, "number": str(number)}, f"{name} ({number})")


def _pounds(at: At) -> Line:
    amount = at.money(2, 4000)
    return Line({"amount": _cents(amount)}, f"£{amount:,.2f}", "thousands" if amount >= 1000 else "")


def _plain_amount(at: At) -> Line:
    amount = at.money(2, 4000)
    return Line({"amount": f"{amount:,.2f}"}, _cents(amount), "thousands" if amount >= 1000 else "")


def _share(at: At) -> Line:
    share = Decimal(at.random.randint(5, 995)) / 10
    return Line({"share": f"{share} %"}, f"{share / 100:.3f}")


def _whole(at: At) -> Line:
    amount = at.money(2)
    return Line({"amount": _cents(amount)}, str(amount.quantize(Decimal(1), ROUND_HALF_UP)), str(amount % 1 >= _HALF))


_HALF = Decimal("0.5")


def _size(at: At) -> Line:
    size = at.random.choice(("S", "M", "XL"))
    return Line({"sku": f"{at.random.choice(_THINGS).upper()}-{at.number(10, 99)}-{size}"}, size)


def _bare_order(at: At) -> Line:
    number = at.number(100, 9000)
    return Line({"order": f"ORD-{number}"}, str(number), str(len(str(number))))


def _time(at: At) -> Line:
    hour, minute = at.random.randint(0, 23), at.random.randint(0, 59)
    return Line({"at": f"{at.day()} {hour:02d}:{minute:02d}:00"}, f"{hour:02d}:{minute:02d}")


def _money_of(at: At) -> Line:
    amount, currency = at.money(2), at.random.choice(("EUR", "USD", "CHF"))
    return Line({"price": f"{amount} {currency}"}, currency)


def _copied(at: At) -> Line:
    name = at.name()
    return Line({"owner": name, "town": at.town()}, name)


KINDS: dict[str, Draw] = {
    "quantity times price": _total, "less the fee": _net, "with the tax": _gross, "a share of it": _tax,
    "in cents": _cents_of, "number of items": _items, "number of words": _words, "length": _length,
    "without the unit": _weight, "as an ISO date": _iso, "name of the month": _month, "year of a date": _year,
    "days between": _days, "code of a kind": _code, "signed by a mark": _signed, "by whether it is filled": _filled,
    "one or the other": _either, "in capitals": _upper, "town of an address": _address, "joined with a gap": _joined,
    "joined in brackets": _label, "with a sign and groups": _pounds, "without groups": _plain_amount,
    "share of a hundred": _share, "rounded": _whole, "last of three": _size, "without its prefix": _bare_order,
    "time of a moment": _time, "currency of a price": _money_of, "copied": _copied,
}  # fmt: skip


_BRANCHES = {"signed by a mark": 2, "by whether it is filled": 2, "one or the other": 2, "code of a kind": 3}
"""How many variants a kind has of which nothing tells the one from the other: an example shows each."""


def draw_cells(at: Random) -> tuple[str, list[Line], list[Line]]:
    """A kind, the example's one to six rows, and those of the later file; each with a number and a person more."""
    kind = at.choice(tuple(KINDS))
    least = _BRANCHES.get(kind, 1)
    count, beside = max(least, at.randint(1, 6)), at.random() < 0.6
    while True:
        example = _lines(kind, At(at, later=False), count, beside=beside)
        if len({line.variant for line in example}) >= least:
            return kind, example, _lines(kind, At(at, later=True), _LATER_ROWS, beside=beside)


_LATER_ROWS = 12


def _lines(kind: str, at: At, count: int, *, beside: bool) -> list[Line]:
    return [_beside(KINDS[kind](at), at, beside=beside) for _ in range(count)]


def _beside(line: Line, at: At, *, beside: bool) -> Line:
    """The row among others of its export."""
    if not beside:
        return line
    return Line(
        {"id": str(at.random.randint(10000, 99999)), **line.cells, "contact": at.name()}, line.wanted, line.variant
    )


def is_told(example: list[Line], later: list[Line]) -> bool:
    """Whether an example of more than two rows shows each variant of later rows, twice if there are several."""
    shown = Counter(line.variant for line in example)
    asked = {line.variant for line in later if line.wanted != OPEN}
    least = 2 if len(shown) > 1 else 1
    return len(example) > 2 and ("told" in shown or all(shown[variant] >= least for variant in asked))
