"""Rows that are sums of others: found by their name, or by being the sum where an own position would say more."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from services.portfolio.domain.numbers import is_blank
from services.portfolio.domain.reference import Reference, match_words

_NEAR = Decimal("0.005")
# Columns that a row of sums has as well as a position: they say nothing of which it is.
_SUMMED = frozenset(
    {"name", "market_value", "cost", "weight", "pair", "income", "face_value", "model_weight", "return"}
)
# Columns that no row of sums has.
_IDENTIFYING = frozenset({"isin", "symbol", "price", "coupon", "maturity"})
# Columns that a row of sums has where it is of one kind, as a position of that kind has them.
_DESCRIBING = frozenset({"asset_class", "sector", "region", "rating"})


@dataclass(frozen=True, slots=True)
class Line:
    """One row as far as sums go: ``own`` where it has more than a row of sums has, ``identified`` where that is an
    identifier or a price, ``described`` where it says what kind of asset it is, ``counted`` where it has a quantity,
    which exports sum up, too; ``unnamed`` where ``name`` stood in another column than that of names."""

    path: str
    name: str
    value: Decimal | None
    own: bool
    identified: bool
    described: bool
    counted: bool
    unnamed: bool


@dataclass(frozen=True, slots=True)
class Sums:
    """The indexes of rows that are sums; the value of that of all; the index of a row that may be one or not; and the
    rows that are called a total without being the sum."""

    rows: frozenset[int]
    total: Decimal | None
    doubtful: int | None
    wrong: tuple[str, ...]


def make_line(path: str, cells: Mapping[str, object], value: Decimal | None, reference: Reference) -> Line:
    """A row for ``find_sums``. A word for a total may stand in any column of text, where the name is empty."""
    texts = {key: str(cell).strip() for key, cell in cells.items() if cell is not None}
    filled = {key: text for key, text in texts.items() if not is_blank(text)}
    name = filled.get("name", "")
    unnamed = not name
    if unnamed:
        key = next((key for key, text in filled.items() if reference.is_total(text)), None) or next(
            (key for key, text in filled.items() if reference.may_be_total(text)), None
        )
        name = filled.pop(key) if key is not None else ""
    return Line(
        path,
        name,
        value,
        own=any(key not in _SUMMED for key in filled),
        identified=any(key in filled for key in _IDENTIFYING),
        described=any(key in filled for key in _DESCRIBING),
        counted="quantity" in filled,
        unnamed=unnamed,
    )


def find_sums(
    lines: Sequence[Line], reference: Reference, is_whole: Callable[[Decimal], bool], *, by_sum: bool = True
) -> Sums:
    """Which rows are sums. ``is_whole`` says of an amount whether it is the payload's stated whole.

    Without ``by_sum`` only names tell: amounts in several currencies have no sum, and rows whose weights make a whole
    are all positions.
    """
    rows: set[int] = set()
    kept = block = Decimal(0)
    count = in_block = 0
    total: Decimal | None = None
    unclear: int | None = None
    wrong = []
    owned = sum(line.own for line in lines)
    for index, line in enumerate(lines):
        value = line.value
        fits_block = value is not None and in_block > 0 and _is_near(value, block)
        fits_all = value is not None and count > 0 and _is_near(value, kept)
        named = bool(line.name) and reference.is_total(line.name)
        hinted = not line.name or reference.may_be_total(line.name)
        bare = not line.own and owned > (len(lines) - 1) / 2
        # A bare row that names no class ("Cash") and is the sum of several is one, whatever it is called.
        nameless = bare and in_block > 1 and reference.classify(line.name, None, "") is None
        summed = by_sum and (hinted or nameless) and (fits_block or fits_all)
        # Rows of sums name the class that they are of, or nothing; a position has a name, an identifier or a count.
        anonymous = not line.name and not (line.identified or line.counted) and by_sum and (fits_block or fits_all)
        # Exports fill a total's currency, account or quantity as well: its name tells, where nothing identifies it.
        worded = bool(line.name) and not line.identified and reference.may_be_total(line.name)
        named_row = (named and not line.identified) or (worded and line.unnamed)
        titled = named_row and (not line.counted or fits_block or fits_all)
        starts = match_words(line.name).startswith("total ")
        # Funds are called so as well ("Total Bond Market"): a sum of one row is none by such a name alone.
        subtotal = worded and by_sum and (fits_block or fits_all) and (in_block > 1 or not starts)
        if subtotal and line.own and line.described and not titled:
            unclear = index
            subtotal = False
        if titled or subtotal or anonymous or (not line.own and ((hinted and bare) or summed)):
            rows.add(index)
            if fits_all:
                total = value
            elif value is not None and not fits_block:
                wrong.append(line.path)
            block, in_block = Decimal(0), 0
            continue
        if value is not None:
            kept, block = kept + value, block + value
            count, in_block = count + 1, in_block + 1
    doubtful = unclear
    if doubtful is None and by_sum:
        doubtful = _find_doubtful(lines, rows, is_whole)
    if doubtful is not None and not rows and is_whole(lines[doubtful].value or Decimal(0)):
        return Sums(frozenset({doubtful}), lines[doubtful].value, None, tuple(wrong))
    return Sums(frozenset(rows), total, doubtful, tuple(wrong))


def _find_doubtful(lines: Sequence[Line], sums: set[int], is_whole: Callable[[Decimal], bool]) -> int | None:
    """The last row, where all that speaks for a sum is that it is one."""
    last = len(lines) - 1
    if last < 1 or sums or lines[last].own or lines[last].value is None:
        return None
    value = lines[last].value or Decimal(0)
    before = sum((line.value or Decimal(0) for line in lines[:last]), Decimal(0))
    if not value or not _is_near(value, before) or is_whole(before + value):
        return None
    return last


def _is_near(value: Decimal, total: Decimal) -> bool:
    return bool(total) and abs(value - total) <= max(abs(total) * _NEAR / 100, Decimal("0.01"))
