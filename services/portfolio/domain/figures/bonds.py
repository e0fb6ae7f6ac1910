"""Figures of ``fixed_income``: when it matures, what it yields, what a rise in rates would cost, and how good it is.

Bonds are taken as plain ones that pay a fixed coupon and their face value at maturity; a duration or yield that was
sent is used as it is. Perpetual and floating bonds count by value and by what was sent of them. Times to maturity are
actual days / 365.25.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from services.portfolio.domain.errors import InputError, MissingInputError
from services.portfolio.domain.facts import (
    CALLED_SOON,
    NO_DURATION,
    NO_YIELD,
    UNDATED,
    Draft,
    Fact,
    Mark,
    join_names,
    slug,
)
from services.portfolio.domain.figures.amounts import Amounts, settle_amounts
from services.portfolio.domain.figures.bond import Bond
from services.portfolio.domain.figures.bond_pricing import (
    DEFAULT_DAY_COUNT,
    compute_duration,
    list_payments,
    solve_yield,
)
from services.portfolio.domain.figures.bond_values import (
    explain_unvalued,
    find_price_basis,
    find_quote,
    is_failed,
    is_priced,
    read_call_price,
    read_quote,
    value_bond,
)
from services.portfolio.domain.figures.bounds import Shares, state_limits, sum_abroad
from services.portfolio.domain.figures.debtors import add_debtors, mark_failed
from services.portfolio.domain.figures.frequencies import read_frequency
from services.portfolio.domain.figures.kinds import Figures, Group
from services.portfolio.domain.figures.limits import read_limits
from services.portfolio.domain.figures.positions import Position
from services.portfolio.domain.figures.quoting import HUNDRED
from services.portfolio.domain.figures.weights import add_concentration
from services.portfolio.domain.glosses import AT_FACE, UNPRICED
from services.portfolio.domain.lexicon import match_form
from services.portfolio.domain.number_words import Unit
from services.portfolio.domain.reading import Reading, Row, Table
from services.portfolio.domain.reference import BELOW, INVESTMENT, UNRATED, Reference, match_words
from services.portfolio.domain.sections import FOREIGN, LOW_RATED, Catalogue, Limits
from services.portfolio.domain.terms import spell

_YEAR = 366
_YEAR_DAYS = Decimal("365.25")
BUCKETS: tuple[tuple[str, Decimal], ...] = (
    ("under 1 year", Decimal(1)),
    ("1 to 3 years", Decimal(3)),
    ("3 to 5 years", Decimal(5)),
    ("5 to 7 years", Decimal(7)),
    ("7 to 10 years", Decimal(10)),
    ("over 10 years", Decimal("Infinity")),
)
_DOUBTED = Decimal(3)
"""Points above the average from which a yield says that lenders doubt the debtor: the least that bonds below investment
grade have paid above those of it in calm years (ICE BofA option-adjusted spreads)."""
_LIKE_YEARS, _LIKE_PART = Decimal(2), Decimal(3)
"""Bonds are of like maturity within two years, or a third of the time to run where that is more: the slope of a usual
yield curve makes tenths of a point there, and more beyond."""
_LIFTED = Decimal("0.1")
"""A difference in yields that is printed."""
_NAMED = 3
_SOON_DAYS = 90
"""What falls due within a quarter, the rhythm of reports, is due before the next one."""
_DEFAULT_FREQUENCY = 2
_LONGEST_YEARS = 100


@dataclass(frozen=True, slots=True)
class _Ladder:
    bonds: tuple[Bond, ...]
    total: Decimal
    table: Table
    catalogue: Catalogue
    reference: Reference
    no_day: MissingInputError | None
    reading: Reading
    repaid: tuple[Position, ...]
    """The bonds as positions that are worth what is repaid of them, where that is known."""

    @property
    def field(self) -> str:
        """The caller's name of the table."""
        return self.table.field

    @property
    def limits(self) -> Limits:
        """The limits that hold."""
        return self.catalogue.limits

    @property
    def live(self) -> tuple[Bond, ...]:
        """The bonds that are not past their day and whose debtors pay: what else is held has no yield, and no rate
        moves it."""
        return tuple(bond for bond in self.bonds if not bond.failed and (bond.years is None or bond.years >= 0))

    @property
    def lasting(self) -> tuple[Bond, ...]:
        """Those of them that are not likely to be called within a year; all where that leaves none."""
        return tuple(bond for bond in self.live if not _is_called_soon(bond)) or self.live

    @property
    def live_value(self) -> Decimal:
        """What these are worth."""
        return sum((bond.market_value for bond in self.live), Decimal(0))


def _take(reading: Reading, catalogue: Catalogue, draft: Draft) -> _Ladder:
    table, reference = reading.table("fixed_income"), catalogue.reference
    if not table.rows:
        raise InputError(table.field, None, "no rows")
    try:
        as_of, no_day = reading.day("As Of"), None
    except MissingInputError as missing:
        as_of, no_day = None, missing
    if as_of is None:
        reason = "As Of was not sent" if no_day is None else no_day.reason
        draft.note("no_date", f"{reason}, so nothing that depends on time to maturity is computed.", warning=True)
    amounts = settle_amounts(table, ("market_value", "face_value"), reading, reference, draft)
    if amounts.missing is not None:
        raise amounts.missing
    basis = find_price_basis(table, draft)
    valued, lost = _value_rows(table, amounts, basis, reference, draft)
    total = sum((value for _, value in valued), Decimal(0))
    if total <= 0:
        raise InputError(table.field, None, f"market values sum to {total}, so that no weights can be computed")
    bonds = tuple(_make_bond(row, value, total, as_of, amounts, basis, reference) for row, value in valued)
    past = [bond.name for bond in bonds if bond.years is not None and bond.years < 0]
    if past:
        draft.note(
            "matured", f"{', '.join(past[:5])} matured before the valuation date and count only by value.", warning=True
        )
    _add_weights(bonds, total, table, catalogue.limits, draft)
    for bond in bonds:
        if bond.name in past[: catalogue.limits.facts_per_group] and bond.maturity is not None:
            draft.state(
                "matured", bond.market_value, (table.field,), subject=bond.name, key=slug(bond.name),
                dates=(bond.maturity,),
            )  # fmt: skip
    add_debtors(bonds, catalogue.limits, reference, draft)
    for row in lost:
        if is_failed(row, reference):
            mark_failed(name_bond(row), row.text("rating"), draft)
    _add_coupons(reading, table, amounts, as_of, reference, draft)
    base = reading.currency or amounts.currency
    _mark_terms([row for row, _ in valued], bonds, base, reference, draft)
    own, abroad = read_limits(reading, catalogue).bounds.pick(FOREIGN), sum_abroad(bonds, base)
    state_limits(None, Shares({} if abroad is None else {FOREIGN: abroad}), table.field, draft, own, total)
    repaid = tuple(
        Position(bond.name, row.path, row, amounts.convert(row.money("face_value"), row) or value)
        for bond, (row, value) in zip(bonds, valued, strict=True)
        if not bond.failed
    )
    return _Ladder(bonds, total, table, catalogue, reference, no_day, reading, repaid)


def _value_rows(
    table: Table, amounts: Amounts, basis: Decimal | None, reference: Reference, draft: Draft
) -> tuple[list[tuple[Row, Decimal]], list[Row]]:
    """The rows with what they are worth, and those of which nothing says it, which are named. Raises
    ``MissingInputError`` where that is so of all."""
    valued, lost = [], []
    for row in table.rows:
        value = value_bond(row, table, amounts, basis, reference)
        if value is None:
            lost.append(row)
        else:
            valued.append((row, value))
    if not valued:
        raise MissingInputError(explain_unvalued(lost[0], basis))
    if lost:
        names = [name_bond(row) for row in lost]
        draft.name(*names)
        draft.glosses[UNPRICED] = "\n".join(names)
        shown = "; ".join(explain_unvalued(row, basis) for row in lost[:_NAMED])
        draft.note(UNPRICED, f"Without a value, and in no figure: {join_names(names[:5])} ({shown}).", warning=True,
                   field=table.field)  # fmt: skip
    elif not is_priced(table):
        draft.note(AT_FACE, "No price was sent: all is counted at its face value.", field=table.field)
    return valued, lost


def name_bond(row: Row) -> str:
    """What a row is called: by its name, else by its class or place."""
    place = row.path.rpartition("[")[2].rstrip("]")
    named = row.text("name") or row.text("isin") or row.text("symbol") or row.text("kind") or row.text("asset_class")
    return named or f"the bond in row {int(place) + 1 if place.isdigit() else place}"


def _add_coupons(
    reading: Reading, table: Table, amounts: Amounts, as_of: date | None, reference: Reference, draft: Draft
) -> None:
    """The coupons of a year where all are known, and what of them ends with what matures within one: what is in default
    pays none."""
    paid: list[tuple[Decimal, date | None]] = []
    for row in table.rows:
        if is_failed(row, reference):
            continue
        face, coupon = amounts.convert(row.money("face_value"), row), row.percent("coupon")
        if face is None or coupon is None:
            return
        paid.append((face * coupon / HUNDRED, row.day("maturity")))
    whole = sum((part for part, _ in paid), Decimal(0))
    days = [(part, (day - as_of).days) for part, day in paid if day is not None and as_of is not None]
    ends = sum((part for part, left in days if 0 <= left <= _YEAR), Decimal(0))
    if ends <= 0:
        return
    draft.state("coupon_income", whole, (table.field,))
    draft.state("coupon_ending", ends, (table.field,))
    draft.state("coupon_left", whole - ends, (table.field,))
    if (need := reading.income_need) is not None and need.amount.currency in {None, draft.currency}:
        draft.state("income_needed", need.amount.value, (need.name,))


def _mark_terms(
    rows: Sequence[Row], bonds: Sequence[Bond], base: str | None, reference: Reference, draft: Draft
) -> None:
    """What a bond's terms say of its yield: that it is one after inflation, may end early, is in another currency."""
    for row, bond in zip(rows, bonds, strict=True):
        if bond.linked:
            draft.mark(bond.name, Mark.LINKED)
        if reference.is_callable(bond.name, row.text("maturity_kind"), row.text("kind")) or row.day("call_date"):
            draft.mark(bond.name, Mark.CALLABLE)
        if any(match_form(name) == "callable" and spell(value) == "yes" for name, value in row.extra.items()):
            draft.mark(bond.name, Mark.CALLABLE)
        if bond.called is not None:
            _state_call(row, bond, draft)
        if base is not None and reference.is_abroad(bond.name, row.currency, base):
            draft.mark(bond.name, Mark.ABROAD)


def _state_call(row: Row, bond: Bond, draft: Draft) -> None:
    """What is repaid of a bond that is likely to be called, and how much less that is than its value."""
    face = row.money("face_value")
    if bond.called is None or face is None:
        return
    paid = face.value * read_call_price(row) / HUNDRED
    path = (row.field("call_price"), row.field("face_value"))
    draft.state("called", paid, path, subject=bond.name, key=slug(bond.name), dates=(bond.called,))
    if bond.market_value > paid and bond.currency in {None, draft.currency}:
        draft.state("call_cost", bond.market_value - paid, path, subject=bond.name, key=slug(bond.name))


def _add_weights(bonds: Sequence[Bond], total: Decimal, table: Table, limits: Limits, draft: Draft) -> None:
    draft.state("market_value", total, (table.field,), label="market value of the bonds", method="sum of the bonds")
    weights = sorted(((bond.name, bond.weight) for bond in bonds), key=lambda pair: (-pair[1], pair[0]))
    for name, weight in weights[: limits.facts_per_group]:
        draft.state("weight", weight, (table.field,), subject=name, key=slug(name))
    add_concentration(draft, weights, "bonds")


def _make_bond(
    row: Row,
    value: Decimal,
    total: Decimal,
    as_of: date | None,
    amounts: Amounts,
    basis: Decimal | None,
    reference: Reference,
) -> Bond:
    name = name_bond(row)
    maturity, called = row.day("maturity"), _find_call(row, as_of, basis)
    if called is not None and (maturity is None or called < maturity):
        maturity = called
    else:
        called = None
    years = Decimal((maturity - as_of).days) / _YEAR_DAYS if maturity and as_of else None
    coupon, ytm, duration = row.percent("coupon"), row.percent("ytm"), row.number("duration")
    if called is not None:
        ytm = duration = None  # what was sent of them is to maturity
    why, derived = _explain(row, as_of, years, coupon), False
    if (ytm is None or duration is None) and not why and coupon is not None and maturity and as_of:
        frequency, odd = read_frequency(row, reference)
        day_count, unknown = _find_day_count(row, reference)
        if odd or unknown:
            why = f"its {'frequency' if odd else 'day count'} says nothing that can be computed with"
        else:
            payments = list_payments(
                coupon, maturity, as_of, _DEFAULT_FREQUENCY if frequency is None else frequency, day_count
            )
            quoted = find_quote(row, value, amounts, basis)
            if called is not None and quoted is not None:
                at = read_call_price(row)  # a bond that is repaid at another price is one of so much more face
                payments, quoted = (
                    list_payments(coupon * HUNDRED / at, maturity, as_of,
                                  _DEFAULT_FREQUENCY if frequency is None else frequency, day_count),
                    quoted * HUNDRED / at,
                )  # fmt: skip
            if ytm is None and quoted is not None and quoted > 0:
                ytm, derived = solve_yield(quoted, payments), True
            if duration is None and ytm is not None:
                duration, derived = compute_duration(ytm, payments), True
    return Bond(
        name, value, value / total * HUNDRED, coupon, maturity, years, ytm, duration, row.text("rating"), derived,
        reference.is_linked(name, row.text("asset_class"), row.text("kind"), row.text("coupon_kind")),
        row.currency or amounts.currency, why, row.text("issuer"), is_failed(row, reference), called,
    )  # fmt: skip


def _find_call(row: Row, as_of: date | None, basis: Decimal | None) -> date | None:
    """The day on which a bond is likely to be called: it stands above the price at which its debtor may repay it, who
    could borrow for less then. None where no day after that of the list was sent, or the price is not above it."""
    day, quote = row.day("call_date"), read_quote(row, basis)
    if day is None or as_of is None or day <= as_of or quote is None:
        return None
    return day if quote > read_call_price(row) else None


def _explain(row: Row, as_of: date | None, years: Decimal | None, coupon: Decimal | None) -> str:
    """Why nothing can be computed of a bond's payments; empty where it can."""
    if row.text("maturity_kind"):
        return "it is perpetual"
    if row.text("coupon_kind"):
        return "its coupon floats"
    for name in ("maturity", "coupon"):
        if name in row.faults:
            return row.faults[name]
    if coupon is None:
        return "it has no coupon"
    if not 0 <= coupon < HUNDRED:
        return "its coupon is not from 0 to below 100 percent"
    if as_of is None:
        return "the valuation date is not known"
    if years is None:
        return "it has no maturity"
    if not 0 < years <= _LONGEST_YEARS:
        return "it has matured, or matures in more than a hundred years"
    return ""


def _find_day_count(row: Row, reference: Reference) -> tuple[str, bool]:
    """The row's day count, and whether it names one that is not known."""
    text = row.text("day_count")
    if text is None:
        return DEFAULT_DAY_COUNT, False
    known = reference.day_counts.get(match_words(text).replace(" ", ""))
    return known or DEFAULT_DAY_COUNT, known is None


def _add_ladder(ladder: _Ladder, draft: Draft) -> None:
    ladder.table.need("maturity")
    if ladder.no_day is not None:
        raise ladder.no_day
    paying = [bond for bond in ladder.bonds if not bond.failed]
    timed = [(bond, bond.years) for bond in paying if bond.years is not None and bond.years >= 0]
    undated = [bond.name for bond in paying if bond.years is None]
    if undated and timed:
        draft.glosses[UNDATED] = join_names(undated[:_NAMED])
    if not timed or len(timed) < len(paying):
        without = [bond for bond in paying if bond.years is None or bond.years < 0]
        shown = ", ".join(bond.name + (f" ({bond.why})" if bond.why else "") for bond in without[:5])
        draft.miss("average_maturity", f"not every bond has a maturity after a known valuation date: {shown}")
    else:
        draft.state("average_maturity", _average(timed), (ladder.field,))
    if not timed:
        draft.miss("maturity_weight", "no bond has a maturity after a known valuation date")
        return
    sums: dict[str, Decimal] = {}
    for bond, years in timed:
        bucket = next(name for name, most in BUCKETS if years <= most)
        sums[bucket] = sums.get(bucket, Decimal(0)) + bond.weight
    for name, _ in BUCKETS:
        if name in sums:
            draft.state("maturity_weight", sums[name], (ladder.field,), subject=name, key=slug(name))
    draft.chart_bars("Maturity ladder", Unit.PERCENT, [(name, sums.get(name, Decimal(0))) for name, _ in BUCKETS])
    first = min(timed, key=lambda pair: (pair[0].called is not None, pair[1], pair[0].name))[0]
    draft.state(
        "next_maturity", first.market_value, (ladder.field,), subject=first.name,
        dates=(first.maturity,) if first.maturity else (),
    )  # fmt: skip
    soon = [bond for bond, _ in timed if _is_soon(bond) and bond.called is None]
    for bond in sorted(soon, key=lambda bond: -bond.market_value)[: ladder.limits.facts_per_group]:
        draft.state(
            "maturing", bond.market_value, (ladder.field,), subject=bond.name, key=slug(bond.name),
            dates=(bond.maturity,) if bond.maturity else (),
        )  # fmt: skip


def _is_soon(bond: Bond) -> bool:
    """Whether a bond is repaid before the next report: its yield says little then, and what matters is where the money
    goes."""
    return bond.years is not None and 0 <= bond.years * _YEAR_DAYS <= _SOON_DAYS


def _is_called_soon(bond: Bond) -> bool:
    """Whether a bond is likely to be called within a year: a yield to so near a day says what the call costs, and
    nothing of what is earned."""
    return bond.called is not None and bond.years is not None and bond.years < 1


def _add_duration(ladder: _Ladder, draft: Draft) -> None:
    if not ladder.live:
        raise MissingInputError("every bond is past its day")
    lasting = ladder.lasting
    if soon := [bond.name for bond in ladder.live if bond not in lasting]:
        draft.glosses[CALLED_SOON] = join_names(soon[:_NAMED])
    _add_average(ladder, draft, "coupon", [(bond, bond.coupon) for bond in lasting])
    _add_average(ladder, draft, "ytm", [(bond, bond.ytm) for bond in lasting])
    unpriced = [bond.name for bond in lasting if bond.ytm is None]
    if unpriced and len(unpriced) < len(ladder.live):
        draft.glosses[NO_YIELD] = join_names(unpriced[:_NAMED])
    _add_plain(ladder, draft)
    _add_real(ladder, draft)
    duration = _add_average(ladder, draft, "duration", [(bond, bond.duration) for bond in ladder.live])
    unknown = [bond.name for bond in ladder.live if bond.duration is None]
    if unknown:
        draft.glosses[NO_DURATION] = join_names(unknown[:_NAMED])
    _add_duration_shares(ladder, draft)
    if duration is None:
        draft.miss("sensitivity", "needs the duration of every bond")
        return
    _add_cap(ladder, duration, draft)
    draft.state("sensitivity", -duration, (ladder.field,), parameters=(Decimal(1),))
    draft.state(
        "sensitivity_amount", -duration * ladder.live_value / HUNDRED, (ladder.field,), parameters=(Decimal(1),)
    )


def _add_cap(ladder: _Ladder, duration: Decimal, draft: Draft) -> None:
    """The client's limit for the duration, and what has to leave the longest bond where it is passed."""
    if ladder.reading.duration_cap is None:
        return
    field, most = ladder.reading.duration_cap
    draft.state("duration_limit", most, (field,))
    if duration <= most:
        return
    draft.state("duration_excess", duration - most, (ladder.field, field))
    longest = max(ladder.live, key=lambda bond: (bond.duration or Decimal(0), bond.market_value))
    if longest.duration is None or longest.duration <= 0:
        return
    moved = (duration - most) * ladder.live_value / longest.duration
    if moved < longest.market_value:
        draft.state("duration_move", moved, (ladder.field, field), subject=longest.name)


def _add_duration_shares(ladder: _Ladder, draft: Draft) -> None:
    """How much of the whole rate risk each bond has: value x duration or, where not all durations are known, value x
    years to maturity in their place, which is said."""
    known = all(bond.duration is not None for bond in ladder.live)
    risks: dict[str, Decimal] = {}
    for bond in ladder.live:
        time = bond.duration if known else bond.years
        if time is None:
            return
        risks[bond.name] = risks.get(bond.name, Decimal(0)) + bond.market_value * max(time, Decimal(0))
    whole = sum(risks.values(), Decimal(0))
    if whole <= 0:
        return
    method = None if known else "weight x years to maturity / that of all, as not every duration is known"
    ranked = sorted(risks.items(), key=lambda pair: (-pair[1], pair[0]))
    for name, risk in ranked[: ladder.limits.facts_per_group]:
        draft.state(
            "duration_share", risk / whole * HUNDRED, (ladder.field,), subject=name, key=slug(name), method=method
        )


def _add_plain(ladder: _Ladder, draft: Draft) -> None:
    """The average yield without the weak debtors and what lenders doubt, where these are less than half and lift it."""
    average = draft.find("ytm")
    if average is None:
        return
    linked = {bond.name for bond in ladder.lasting if bond.linked and bond.ytm is not None}
    doubted = linked | {
        bond.name for bond in ladder.lasting
        if bond.ytm is not None and (
            bond.ytm - average.value >= _DOUBTED
            or (bond.rating is not None and ladder.reference.grade(bond.rating) == BELOW and bond.ytm > average.value)
        )
    }  # fmt: skip
    rest = [bond for bond in ladder.lasting if bond.name not in doubted]
    value = sum((bond.market_value for bond in rest), Decimal(0))
    if (
        not doubted
        or not value
        or (value * 2 < sum((bond.market_value for bond in ladder.lasting), Decimal(0)) and not linked)
    ):
        return
    plain = sum((bond.market_value * (bond.ytm or Decimal(0)) for bond in rest), Decimal(0)) / value
    if not linked and plain > average.value - _LIFTED:
        return
    order = sorted(doubted)
    shown = join_names(order) if len(order) <= _NAMED else f"the {len(order)} that yield most"
    draft.glosses["yield is lifted by"] = shown
    draft.state("plain_ytm", plain, (ladder.field,), label=f"average yield to maturity without {shown}")


def _add_real(ladder: _Ladder, draft: Draft) -> None:
    """What inflation, where it was sent, leaves of the yield and of the coupons."""
    try:
        rate = ladder.reading.percent("Inflation")
    except MissingInputError as missing:
        draft.miss("inflation", missing)
        return
    if rate is None:
        return
    source = (ladder.reading.name_of("Inflation"),)
    draft.state("inflation", rate, source)
    if any(bond.linked for bond in ladder.live):
        plain = draft.find("plain_ytm")  # of an average with what is linked nothing can be taken off
        if plain is not None:
            _state_plain_real(plain, rate, (ladder.field, *source), draft)
        return
    for fact_id, of in (("real_yield", "ytm"), ("real_coupon", "coupon")):
        nominal = draft.find(of)
        if nominal is not None:
            draft.state(fact_id, nominal.value - rate, (ladder.field, *source))
    plain = draft.find("plain_ytm")
    if plain is not None:
        _state_plain_real(plain, rate, (ladder.field, *source), draft)


def _state_plain_real(plain: Fact, rate: Decimal, sources: tuple[str, ...], draft: Draft) -> None:
    draft.state("real_yield", plain.value - rate, sources, key="plain", label=f"{plain.label} above inflation")


def _add_average(
    ladder: _Ladder, draft: Draft, spec_id: str, values: Sequence[tuple[Bond, Decimal | None]]
) -> Decimal | None:
    if (opened := ladder.table.open_columns.get(spec_id)) is not None:
        draft.miss(spec_id, opened)
        return None
    missing = [bond for bond, value in values if value is None]
    if missing:
        shown = ", ".join(bond.name + (f" ({bond.why})" if bond.why else "") for bond in missing[:5])
        opened = ladder.table.open_columns.get("coupon") or ladder.table.open_columns.get("maturity") or ladder.no_day
        draft.miss(spec_id, opened or f"not known for {shown}{' ...' if len(missing) > 5 else ''}")
        return None
    whole = sum((bond.market_value for bond, _ in values), Decimal(0))
    average = sum((bond.market_value * (value or Decimal(0)) for bond, value in values), Decimal(0)) / whole
    computed = spec_id != "coupon" and any(bond.derived for bond in ladder.bonds)
    method = "weighted by market value" + (
        ", computed from price, coupon and maturity where not sent (compounding at the coupon's frequency)"
        if computed
        else ""
    )
    draft.state(spec_id, average, (ladder.field,), method=method)
    return average


def _average(values: Sequence[tuple[Bond, Decimal]]) -> Decimal:
    whole = sum((bond.market_value for bond, _ in values), Decimal(0))
    return sum((bond.market_value * value for bond, value in values), Decimal(0)) / whole


def _is_bare_deposit(bond: Bond, reference: Reference) -> bool:
    """Whether a row is a deposit without a rating: it is no bond, so that it is no unrated one."""
    return reference.is_deposit(bond.name, None, None) and reference.grade(bond.rating or "Unrated") == UNRATED


def _add_quality(ladder: _Ladder, draft: Draft) -> None:
    if not any(bond.rating for bond in ladder.bonds):
        raise MissingInputError(ladder.table.find_fault("rating") or "no bond has a rating")
    rated = [bond for bond in ladder.bonds if not _is_bare_deposit(bond, ladder.reference)]
    sums: dict[str, Decimal] = {}
    for bond in rated:
        rating = bond.rating or "Unrated"
        sums[rating] = sums.get(rating, Decimal(0)) + bond.weight
    ranked = sorted(sums.items(), key=lambda pair: (-pair[1], pair[0]))
    for name, weight in ranked:
        draft.state("quality_weight", weight, (ladder.field,), subject=name, key=slug(name))
    draft.chart_shares("Credit quality", ranked)
    unknown = [name for name, _ in ranked if ladder.reference.grade(name) is None]
    if unknown:
        raise MissingInputError(f"{', '.join(unknown[:5])} is on no agency's scale in the reference data")
    low = sum((weight for name, weight in ranked if ladder.reference.grade(name) != INVESTMENT), Decimal(0))
    draft.state("below_investment_grade", low, (ladder.field,))
    bounds = read_limits(ladder.reading, ladder.catalogue).bounds.pick(LOW_RATED)
    state_limits(None, Shares({LOW_RATED: low}), ladder.field, draft, bounds, ladder.total)
    for name, _ in ranked:
        if (meaning := ladder.reference.explain_rating(name)) is not None:
            draft.glosses[name] = meaning
    weak = [bond for bond in rated if ladder.reference.grade(bond.rating or "Unrated") != INVESTMENT]
    for bond in sorted(weak, key=lambda bond: -bond.weight)[: ladder.limits.facts_per_group]:
        draft.glosses[bond.name] = bond.rating or "Unrated"
    paying = [
        (bond.weight * bond.ytm, bond.ytm, bond.name)
        for bond in weak
        if bond.ytm is not None and not bond.failed and not _is_soon(bond) and not _is_called_soon(bond)
    ]
    if paying:  # the one that adds most to the average yield
        _, rate, name = max(paying)
        draft.state("bond_yield", rate, (ladder.field,), subject=name, key=slug(name))
        _add_pickup(name, ladder, draft)
        return
    average = draft.find("ytm")
    rates = [
        (bond.ytm, bond.name)
        for bond in ladder.bonds
        if bond.ytm is not None and not bond.failed and not _is_soon(bond) and not _is_called_soon(bond)
    ]
    if average is not None and rates and max(rates)[0] - average.value >= _DOUBTED:
        draft.state("bond_yield", max(rates)[0], (ladder.field,), subject=max(rates)[1], key=slug(max(rates)[1]))
        _add_pickup(max(rates)[1], ladder, draft)


def _add_pickup(name: str, ladder: _Ladder, draft: Draft) -> None:
    """How far a bond's yield is from that of the bond of better grade that is nearest in maturity, where one is near:
    against others it says what lies between the maturities as much as what lies between the debtors."""
    own = [bond for bond in ladder.bonds if bond.name == name and bond.ytm is not None]
    peer = _find_peer(own[0], ladder) if len(own) == 1 else None
    if peer is None or peer.ytm is None or own[0].ytm is None:
        draft.miss("yield_pickup", "no bond of better grade and like maturity in the same currency has a yield")
        return
    draft.state("like_yield", peer.ytm, (ladder.field,), subject=peer.name, key=slug(peer.name))
    draft.state("yield_pickup", own[0].ytm - peer.ytm, (ladder.field,), subject=name, key=slug(name))


def _find_peer(bond: Bond, ladder: _Ladder) -> Bond | None:
    reference, years = ladder.reference, bond.years
    if years is None or years <= 0 or bond.linked:
        return None
    most = max(_LIKE_YEARS, years / _LIKE_PART)
    near = [
        (abs(other.years - years), -other.market_value, other.name, other)
        for other in ladder.live
        if other.years is not None and other.ytm is not None and abs(other.years - years) <= most
        and other.currency == bond.currency and not other.linked and not _is_soon(other)
        and not reference.is_callable(other.name) and reference.is_better(other.rating, bond.rating)
    ]  # fmt: skip
    return min(near)[3] if near else None


FIGURES = Figures(
    _take,
    (
        Group("ladder", _add_ladder, ("average_maturity", "maturity_weight", "market_value")),
        Group("duration", _add_duration, ("coupon", "ytm", "duration", "sensitivity", "sensitivity_amount")),
        Group("quality", _add_quality, ("quality_weight", "below_investment_grade")),
    ),
)
