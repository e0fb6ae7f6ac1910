"""Columns that are known by what stands in them, where their names say nothing or something else."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from services.portfolio.domain.errors import InputError, NumberError
from services.portfolio.domain.lexicon import Lexicon
from services.portfolio.domain.number_words import Unit, currency_codes
from services.portfolio.domain.numbers import COMMA, POINT, Numeral, is_blank, scan_number
from services.portfolio.domain.reading.dates import scan_day
from services.portfolio.domain.reference import UNRATED, FieldSpec, Reference, match_words, says_word
from services.portfolio.domain.terms import is_esg

Items = Sequence[Mapping[str, object]]
_NEAR = Decimal("0.01")
"""Prices are rounded: a product may differ by so much of itself."""
_LEAST_ROWS = 2
"""One product that fits may be chance; two of unrelated columns within a hundredth hardly are."""
_SCALES = (Decimal(1), Decimal("0.01"), Decimal(100))
"""A weight and a return may be in percent or parts, each as the product of both may be."""
_MOST_LOOKED_AT = 50
"""Rows that tell what a table is of: a page of it."""
_COMPANIONS = {"price": "quantity", "paid": "next_payment"}
"""Columns that a name of several meanings stands for only beside another: a net asset value is a price where units are
told, else a value."""
_OF_MONEY = frozenset({"money", "price"})
_OF_BONDS = frozenset({"coupon", "maturity"})
_OF_SALES = (frozenset({"sale"}), frozenset({"sale", "date"}))
"""What the name of a column of days of sale means; ``Earliest sale date`` is another."""
_OF_TRADES = frozenset({"trade", "date"})
_HELD_SIDES = frozenset({"long", "short", "l", "s"})
_SLIPS = 5
"""One row in so many may not fit: quotes of bonds, rows of cash."""


def settle_names(
    items: Items, options: Mapping[str, Sequence[str]], specs: Mapping[str, FieldSpec]
) -> tuple[dict[str, str], tuple[tuple[str, tuple[str, ...]], ...]]:
    """The canonical columns of names, and the names that stay open. One that may stand for several is what its cells
    are of, that no other column is by its name, and whose companion stands beside it (a price has a quantity)."""
    known = {name: found[0] for name, found in options.items() if len(found) == 1}
    named = frozenset(known.values())
    doubtful = []
    for name, found in options.items():
        if len(found) < 2:
            continue
        fitting = [column for column in found if column not in named and _fits(items, name, column, specs)]
        paired = [column for column in fitting if _COMPANIONS.get(column) in named]
        left = paired or [column for column in fitting if column not in _COMPANIONS]
        left = ["name"] if "name" in left else left  # which nothing else is, and no row does without
        if len(left) == 1 or (left and not items):
            known[name] = left[0]
        elif any(item.get(name) is not None for item in items):
            doubtful.append((name, tuple(left or found)))
    return {name: known[name] for name in options if name in known}, tuple(doubtful)


def _fits(items: Items, name: str, column: str, specs: Mapping[str, FieldSpec]) -> bool:
    """Whether a column's cells are of the kind that it holds: days, codes, texts, or numbers with or without a mark."""
    cells = [item[name] for item in items[:_MOST_LOOKED_AT] if not is_blank(str(item.get(name) or ""))]
    if not cells:
        return True
    if column == "currency":
        return _is_currency(items, name)
    spec = specs.get(column)
    if spec is not None and spec.kind == "date":
        return 2 * sum(_is_day(str(cell).strip()) for cell in cells) >= len(cells)
    numerals = [numeral for cell in cells if (numeral := _scan(cell, name)) is not None]
    if spec is None:
        return 2 * len(numerals) < len(cells)
    if 2 * len(numerals) < len(cells):
        return False
    if spec.kind in _OF_MONEY:
        return all(numeral.unit in {Unit.NUMBER, Unit.MONEY} for numeral in numerals)
    return not any(numeral.unit is Unit.MONEY for numeral in numerals)


def _scan(cell: object, name: str) -> Numeral | None:
    try:
        return scan_number(cell, name) if not isinstance(cell, bool) else None
    except (InputError, NumberError):
        return None


def know_by_content(items: Items, known: Mapping[str, str], specs: Mapping[str, FieldSpec]) -> dict[str, str]:
    """The canonical columns of names, with those that only the cells tell: currencies, and a quantity that is called
    an amount (``Amount`` beside a price and the value that is their product)."""
    found = dict(known)
    for name in [name for name, column in known.items() if column == "gain" and not _fits(items, name, column, specs)]:
        del found[name]  # a gain in percent is a return
        if "return" not in known.values() and _fits(items, name, "return", specs):
            found[name] = "return"
    found |= {name: "contribution" for name, column in known.items() if column == "flow"
              and _is_effect(items, name, known, specs)}  # fmt: skip
    names = list(dict.fromkeys(name for item in items for name in item))
    if "currency" not in known.values():
        # Codes are no figures, whatever stands above them ("Local value").
        open_names = [name for name in names if name not in known or known[name] in specs]
        found |= {name: "currency" for name in open_names if _is_currency(items, name)}
    if "quantity" not in known.values():
        values = [name for name, column in known.items() if column == "market_value"]
        prices = [name for name, column in known.items() if column == "price"]
        quantities = [
            name
            for name in values
            if len(values) > 1 and any(_is_factor(items, name, price, names) for price in prices)
        ]
        if len(quantities) == 1:
            found[quantities[0]] = "quantity"
    return found


def find_ratings(items: Items, known: Mapping[str, str], reference: Reference) -> str | None:
    """The one column whose cells are symbols of agencies, whatever it is called, where none is the rating by its name.

    Letters alone are a rating only beside bonds: those of sustainability are the same. Marks such as ``A`` and ``B+``
    are no ratings, and what says that it was so before is another column; of two that fit neither is taken.
    """
    if "rating" in known.values():
        return None
    of_bonds = not _OF_BONDS.isdisjoint(known.values())
    names = dict.fromkeys(name for item in items[:_MOST_LOOKED_AT] for name in item if name not in known)
    fitting = [
        name for name in names
        if not is_esg(name) and not reference.names_any(name, reference.terms.rating_before)
        and _is_of_ratings([item.get(name) for item in items[:_MOST_LOOKED_AT]], reference, of_bonds=of_bonds)
    ]  # fmt: skip
    return fitting[0] if len(fitting) == 1 else None


def _is_of_ratings(cells: Sequence[object], reference: Reference, *, of_bonds: bool) -> bool:
    """Whether cells are symbols of ratings but for slips, one of which is nothing else."""
    texts = [str(cell).strip() for cell in cells if not is_blank(str(cell or ""))]
    rated = [text for text in texts if text[:1].isupper() or text.startswith("[")]
    rated = [text for text in rated if reference.grade(text) not in {None, UNRATED}]
    left = len([text for text in texts if text not in rated and reference.grade(text) != UNRATED])
    letters = [sum(character.isalpha() for character in text) for text in rated]
    signed = any(not text.isalpha() for text, count in zip(rated, letters, strict=True) if count > 1)
    return len(rated) >= _LEAST_ROWS and left * _SLIPS <= len(texts) and (
        signed or (of_bonds and max(letters) > 1)
    )  # fmt: skip


def _is_in_percent(items: Items, name: str) -> bool:
    """Whether the cells of a column are marked as percentages: of a benchmark beside returns, they are its returns."""
    cells = [item[name] for item in items[:_MOST_LOOKED_AT] if not is_blank(str(item.get(name) or ""))]
    numerals = [numeral for cell in cells if (numeral := _scan(cell, name)) is not None]
    return bool(numerals) and all(numeral.unit is Unit.PERCENT for numeral in numerals)


def _is_effect(items: Items, name: str, known: Mapping[str, str], specs: Mapping[str, FieldSpec]) -> bool:
    """Whether a column that is called a flow says what each row did to the whole: beside returns it is in percent, or
    it is the weight times the return."""
    returns = [other for other, column in known.items() if column == "return"]
    if not returns:
        return False
    if not _fits(items, name, "flow", specs):
        return _fits(items, name, "contribution", specs)
    weights = [other for other, column in known.items() if column == "weight"]
    return any(
        _is_product(_numbers(items, weight, sign), _numbers(items, change, sign), {
            row: value * factor for row, value in _numbers(items, name, sign).items()
        })
        for weight in weights for change in returns for sign in (POINT, COMMA) for factor in _SCALES
    )  # fmt: skip


def find_movements(items: Items, known: Mapping[str, str], reference: Reference, lexicon: Lexicon) -> str | None:
    """The column that says that rows are what was bought, sold, paid in or out, and not what is held; None where none
    does. Positions may be long or short, and have days, but none has a day of its own *and* a word for a movement, a
    day of its sale, or an amount that was paid for it."""
    by_column = {column: name for name, column in known.items()}
    head = items[:_MOST_LOOKED_AT]
    if (side := by_column.get("side")) and _texts(head, side) - _HELD_SIDES:
        return side
    if not by_column.keys() & {"market_value", "weight"} and (
        flow := by_column.get("flow") or by_column.get("outflow")
    ):
        return flow
    names = list(dict.fromkeys(name for item in head for name in item))
    meanings = {name: lexicon.read(name) - {"on"} for name in names if known.get(name) in (None, "date")}
    if sold := next((name for name in meanings if meanings[name] in _OF_SALES and _has_day(head, name)), None):
        return sold
    days = [name for name in names if _is_of_days(head, name)]
    if not days:
        return None
    others = [name for name in names if known.get(name) in (None, "asset_class")]
    if told := next((name for name in others if _is_of_movements(head, name, reference)), None):
        return told
    # A market value, by price or as the market has it, is of what is held; what was paid or came in is an amount.
    valued = (lexicon.read(name) for name, column in known.items() if column == "market_value")
    is_valued = "weight" in by_column or any(parts & {"market", "price"} for parts in valued)
    texts = [name for name in names if known.get(name) == "name" and not is_valued]
    if entry := next((name for name in texts if _is_of_movements(head, name, reference, is_name=True)), None):
        return entry
    if (paid := _find_paid(head, by_column)) is not None:
        return paid
    return next((name for name in days if meanings.get(name) == _OF_TRADES and not is_valued), None)


def _has_day(items: Items, name: str) -> bool:
    return any(_is_day(str(item[name]).strip()) for item in items if item.get(name))


def _find_paid(items: Items, by_column: Mapping[str, str]) -> str | None:
    """The quantities, where rows say what was paid for them or came in: their amounts run against them, or one
    instrument has some above zero and some below."""
    quantity, value = by_column.get("quantity"), by_column.get("market_value")
    if quantity is None:
        return None
    for sign in (POINT, COMMA):
        held = _numbers(items, quantity, sign)
        worth = _numbers(items, value, sign) if value is not None else {}
        both = [row for row in held.keys() & worth.keys() if held[row] and worth[row]]
        if len(both) >= _LEAST_ROWS and all(held[row] * worth[row] < 0 for row in both):
            return quantity
        for key in ("isin", "symbol", "name"):
            if (identity := by_column.get(key)) is not None:
                signs = {(str(items[row].get(identity)), held[row] > 0) for row in held if held[row]}
                if len(signs) > len({text for text, _ in signs}):
                    return quantity
                break
    return None


def _texts(items: Items, name: str) -> set[str]:
    return {text for item in items if (text := match_words(str(item.get(name) or "")))}


def _is_of_days(items: Items, name: str) -> bool:
    """Whether a column has days but for slips such as a line of sums, and not one day for all."""
    cells = [str(item[name]).strip() for item in items if item.get(name)]
    met = sum(_is_day(cell) for cell in cells)
    return len(set(cells)) > min(1, len(items) - 1) and met > 0 and (len(cells) - met) * _SLIPS <= len(cells)


def _is_day(text: str) -> bool:
    """Whether a text is a day as people write it: a bare number may be one only to a spreadsheet."""
    try:
        return not text.isdecimal() and scan_day(text, "") is not None
    except InputError:
        return False


def _is_of_movements(items: Items, name: str, reference: Reference, *, is_name: bool = False) -> bool:
    """Whether half of a column's texts have a word for money or securities that move; names of instruments have such
    words, too (``High Dividend``), but do not begin with them. A table in a cell, as of the lots that a position was
    bought in, is no text."""
    texts = [match_words(cell) for item in items if isinstance(cell := item.get(name), str) and cell]
    words = reference.paid_in | reference.taken_out | reference.booked
    if is_name:
        texts = [text.split(" ", maxsplit=1)[0] for text in texts if text]
    met = sum(any(says_word(text, word) for word in words) for text in texts)
    return bool(texts) and 2 * met >= len(texts)


def _is_currency(items: Items, name: str) -> bool:
    """Whether a column has codes of currencies alone."""
    found = False
    for item in items:
        if item.get(name) is not None and (cell := str(item[name]).strip()):
            if cell not in currency_codes():
                return False
            found = True
    return found


def _is_factor(items: Items, name: str, price: str, names: Sequence[str]) -> bool:
    """Whether a column times the price is a third column."""
    others = [other for other in names if other not in (name, price)]
    for sign in (POINT, COMMA):
        amounts, prices = _numbers(items, name, sign), _numbers(items, price, sign)
        if any(_is_product(amounts, prices, _numbers(items, other, sign)) for other in others):
            return True
    return False


def _is_product(first: Mapping[int, Decimal], second: Mapping[int, Decimal], third: Mapping[int, Decimal]) -> bool:
    rows = [row for row in first.keys() & second.keys() & third.keys() if third[row]]
    met = sum(abs(first[row] * second[row] - third[row]) <= abs(third[row]) * _NEAR for row in rows)
    return met >= _LEAST_ROWS and (len(rows) - met) * _SLIPS <= len(rows)


def _numbers(items: Items, name: str, sign: str) -> dict[int, Decimal]:
    """The numbers of a column under a decimal sign, by row."""
    found = {}
    for row, item in enumerate(items):
        cell = item.get(name)
        if cell is None or isinstance(cell, bool) or is_blank(str(cell)):
            continue
        numeral = _scan(cell, name)
        value = numeral.under(sign) if numeral is not None else None
        if value is not None:
            found[row] = value
    return found
