"""Figures that follow from facts by one step of arithmetic and that many texts state as if they were facts."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from services.portfolio.domain.claims.model import Held
from services.portfolio.domain.facts import Fact
from services.portfolio.domain.number_words import Unit

_HUNDRED = Decimal(100)
_SHOWN = 6
_MOST = 5
_ROW = 2
"""Of a bond its face value and its coupon."""
"""Of how many of the largest their sum is known."""


def implied_facts(held: Sequence[Held]) -> Iterator[Held]:
    """What the facts of one section imply: gains of what has a cost, money of what has a weight, the tax.

    Each has the formula that it was computed by.
    """
    by_id = {item.fact.id: item.fact for item in held}
    yield from _imply_gains(held)
    yield from _imply_total_gain(held, by_id)
    yield from _imply_money(held, by_id)
    income, net = by_id.get("income"), by_id.get("income_after_tax")
    if income is not None and net is not None:
        yield _make(
            held, income, "tax_amount", "tax", "source_tax", income.value - net.value, f"{income.id} - {net.id}"
        )
    low = by_id.get("below_investment_grade")
    if low is not None and 0 <= low.value < _HUNDRED:
        label, rest = "share of investment grade", _HUNDRED - low.value
        yield _make(held, low, "investment_grade", label, "high_quality", rest, f"100 - {low.id}")
    yield from _imply_cover(held, by_id)
    trades = [item.fact for item in held if item.fact.id.startswith("trade.") and item.fact.unit is Unit.MONEY]
    for name, chosen in (
        ("purchases", [x for x in trades if x.value > 0]),
        ("sales", [x for x in trades if x.value < 0]),
    ):
        if len(chosen) > 1 or (chosen and by_id.get("turnover_amount")):
            total = sum((fact.value for fact in chosen), Decimal(0))
            formula = " + ".join(fact.id for fact in chosen[:_SHOWN])
            yield _make(held, chosen[0], f"trade_sum.{name}", f"all {name}", "trade", total, formula, signed=True)
    yield from _imply_largest(held)
    yield from _imply_coupons(held)
    yield from _imply_prices(held)
    yield from _imply_shares(held, by_id)
    yield from _imply_bands(held, by_id)
    payments = [item for item in held if item.fact.id.startswith("next_payment.") and item.fact.dates]
    if payments:
        first = min(payments, key=lambda item: item.fact.dates)
        fact = replace(first.fact, id="next_payment", label="the next payment of all", subject=None)
        yield Held(fact, first.section, f"first of {', '.join(item.fact.id for item in payments[:_SHOWN])}", "", None)
    start, end = by_id.get("start_value"), by_id.get("market_value")
    if start is not None and end is not None:
        flows = sum((item.fact.value for item in held if item.fact.measure == "flow"), Decimal(0))
        change = end.value - start.value
        yield _make(held, end, "change", "change in value", "gain", change, f"{end.id} - {start.id}", signed=True)
        if flows:
            gain = change - flows
            yield _make(
                held, end, "profit", "change in value without flows", "gain", gain, f"{end.id} - {start.id} - flows",
                signed=True,
            )  # fmt: skip


def _imply_cover(held: Sequence[Held], by_id: dict[str, Fact]) -> Iterator[Held]:
    """What income before tax leaves over of the need, or open, where the fact is after tax; and what each
    source covers."""
    income, need = by_id.get("income"), by_id.get("annual_need")
    if income is None or need is None or income.currency != need.currency:
        return
    if "income_after_tax" in by_id and income.value != need.value:
        more, measure = income.value - need.value, "income_surplus" if income.value > need.value else "income_gap"
        for item in (_make(held, income, f"{measure}.before_tax", f"{measure.replace('_', ' ')} before tax", measure,
                           abs(more), f"{income.id} - {need.id}"),):  # fmt: skip
            yield replace(item, fact=replace(item.fact, bases=("per_year", "before_tax")))
    for item in held:
        if item.fact.measure == "income" and item.fact.subject and item.fact.unit is Unit.MONEY and need.value:
            made = _make(
                held, income, f"income_cover.of.{item.subject}", f"share of the need that {item.fact.subject} covers",
                "income_cover", _HUNDRED * item.fact.value / need.value, f"{item.fact.id} / {need.id}", of=item,
                unit=Unit.PERCENT,
            )  # fmt: skip
            yield replace(made, fact=replace(made.fact, bases=("before_tax",)))


def _imply_largest(held: Sequence[Held]) -> Iterator[Held]:
    """What the two to five largest of a group are together, where no fact says it."""
    groups: dict[str, list[Held]] = {}
    for item in held:
        stem = item.fact.id.rpartition(".")[0]
        if item.subject and stem.startswith(("weight", "income_share")) and ".kind" not in stem:
            groups.setdefault(stem, []).append(item)
    known = {value for item in held if item.fact.measure.startswith("top_") for value in item.fact.parameters}
    for stem, items in groups.items():
        items.sort(key=lambda item: -item.fact.value)
        for count in range(2, min(len(items), _MOST) + 1):
            if Decimal(count) in known and not stem.partition(".")[2]:
                continue
            total = sum((item.fact.value for item in items[:count]), Decimal(0))
            formula = " + ".join(item.fact.id for item in items[:count])
            fact = Fact(
                f"top.{stem}.{count}", f"{count} largest", total, Unit.PERCENT, f"top_{count}", "facts computed with",
                parameters=(Decimal(count),),
            )  # fmt: skip
            yield Held(fact, held[0].section, formula, "", None)


def _imply_gains(held: Sequence[Held]) -> Iterator[Held]:
    """Value less cost of what has both and no gain of its own."""
    known = {item.subject for item in held if item.fact.measure == "gain"}
    costs = {item.subject: item.fact for item in held if item.fact.measure == "cost" and item.subject}
    values = {item.subject: item for item in held if item.fact.measure == "market_value" and item.subject}
    for subject, cost in costs.items():
        value = values.get(subject)
        if subject in known or value is None or value.fact.currency != cost.currency or not cost.value:
            continue
        gain, stem = value.fact.value - cost.value, f"gain of {value.fact.subject}"
        formula = f"{value.fact.id} - {cost.id}"
        yield _make(held, value.fact, f"gain.of.{subject}", stem, "gain", gain, formula, of=value, signed=True)
        yield _make(
            held, value.fact, f"gain_pct.of.{subject}", f"{stem} on cost", "gain", _HUNDRED * gain / cost.value,
            f"({formula}) / {cost.id}", of=value, signed=True, unit=Unit.PERCENT,
        )  # fmt: skip


def _imply_total_gain(held: Sequence[Held], by_id: dict[str, Fact]) -> Iterator[Held]:
    """What all cost and have gained, where every position states its cost and no fact is of all."""
    whole = by_id.get("market_value")
    if whole is None or not whole.value or "cost" in by_id or "gain" in by_id:
        return
    values = {item.subject: item.fact for item in held if item.fact.id.startswith("market_value.") and item.subject}
    costs = {item.subject: item.fact for item in held if item.fact.measure == "cost" and item.subject}
    if not values:
        values = {item.subject: item.fact for item in held if item.fact.measure == "market_value" and item.subject}
    money = {fact.currency for fact in (*values.values(), *costs.values(), whole)}
    worth = sum((fact.value for fact in values.values()), Decimal(0))
    if not costs or values.keys() != costs.keys() or len(money) != 1 or worth != whole.value:
        return
    total = sum((fact.value for fact in costs.values()), Decimal(0))
    formula = " + ".join(fact.id for fact in list(costs.values())[:_SHOWN])
    yield _make(held, whole, "cost.of.all", "cost of all holdings", "cost", total, formula)
    if total:
        gain, formula = whole.value - total, f"{whole.id} - ({formula})"
        yield _make(held, whole, "gain.of.all", "gain of all holdings", "gain", gain, formula, signed=True)
        yield _make(
            held, whole, "gain_pct.of.all", "gain of all holdings on cost", "gain", _HUNDRED * gain / total,
            f"({formula}) / cost", signed=True, unit=Unit.PERCENT,
        )  # fmt: skip


def _imply_money(held: Sequence[Held], by_id: dict[str, Fact]) -> Iterator[Held]:
    """The money that a share of the whole is."""
    whole = by_id.get("market_value")
    if whole is None:
        return
    known = {item.subject for item in held if item.fact.measure in {"market_value", "cash"} and item.subject}
    income = by_id.get("income")
    for item in held:
        fact = item.fact
        if income is not None and fact.id.startswith("income_share.kind."):
            made = _make(
                held, income, f"income.of.{fact.id}", f"income from {fact.subject}", "income",
                income.value * fact.value / _HUNDRED, f"{income.id} x {fact.id}", of=item,
            )  # fmt: skip
            yield replace(made, fact=replace(made.fact, bases=income.bases))
        if fact.measure == "weight" and item.subject and item.subject not in known and not fact.id.startswith("given."):
            known.add(item.subject)
            label = f"value of {fact.subject}"
            yield _make(
                held, whole, f"value.{fact.id}", label, "market_value", whole.value * fact.value / _HUNDRED,
                f"{whole.id} x {fact.id}", of=item,
            )  # fmt: skip


def _imply_coupons(held: Sequence[Held]) -> Iterator[Held]:
    """What each bond pays in a year, and all of them, where every row states its face value and its coupon."""
    rows: dict[str, dict[str, Held]] = {}
    for item in held:
        if item.fact.id.startswith("given.") and (parts := item.fact.id.rpartition("."))[2] in {"face_value", "coupon"}:
            rows.setdefault(parts[0], {})[parts[2]] = item
    if any(item.fact.measure == "income" for item in held) or any(len(row) != _ROW for row in rows.values()):
        return
    terms: list[str] = []
    total = Decimal(0)
    for row in rows.values():
        face, coupon = row["face_value"], row["coupon"]
        paid, formula = face.fact.value * coupon.fact.value / _HUNDRED, f"{face.fact.id} x {coupon.fact.id}"
        total, terms = total + paid, [*terms, formula]
        label = f"coupons of {face.fact.subject} a year"
        made = _make(held, face.fact, f"income.of.{face.subject}", label, "income", paid, formula, of=face)
        yield replace(made, fact=replace(made.fact, bases=("per_year", "before_tax")))
    if terms:
        like = next(iter(rows.values()))["face_value"].fact
        made = _make(held, like, "income.of.all", "coupons of a year", "income", total, " + ".join(terms[:_SHOWN]))
        made = replace(made, fact=replace(made.fact, bases=("per_year", "before_tax")))
        yield made
        yield replace(made, fact=replace(made.fact, id="coupon.of.all", measure="coupon"))


def _imply_prices(held: Sequence[Held]) -> Iterator[Held]:
    """What each bond is worth at its price, and the face value of all, where every row states both."""
    rows: dict[str, dict[str, Held]] = {}
    for item in held:
        if item.fact.id.startswith("given.") and (parts := item.fact.id.rpartition("."))[2] in {"face_value", "price"}:
            rows.setdefault(parts[0], {})[parts[2]] = item
    if not rows or any(len(row) != _ROW for row in rows.values()):
        return
    for row in rows.values():
        face, price = row["face_value"], row["price"]
        worth, formula = face.fact.value * price.fact.value / _HUNDRED, f"{face.fact.id} x {price.fact.id}"
        label = f"market value of {face.fact.subject}"
        yield _make(held, face.fact, f"value.of.{face.subject}", label, "market_value", worth, formula, of=face)
    faces = [row["face_value"].fact for row in rows.values()]
    total, formula = sum((fact.value for fact in faces), Decimal(0)), " + ".join(fact.id for fact in faces[:_SHOWN])
    if len({fact.currency for fact in faces}) == 1:
        yield _make(held, faces[0], "face_value", "face value of all bonds", "face_value", total, formula)


def _imply_shares(held: Sequence[Held], by_id: dict[str, Fact]) -> Iterator[Held]:
    """What part of the whole each value is, where no weight says it."""
    whole = by_id.get("market_value")
    if whole is None or not whole.value or any(item.fact.measure == "weight" for item in held):
        return
    for item in held:
        fact = item.fact
        if fact.measure == "market_value" and item.subject and fact.currency == whole.currency:
            yield _make(
                held, fact, f"share.of.{item.subject}", f"share of {fact.subject} in the capital", "capital_share",
                _HUNDRED * fact.value / whole.value, f"{fact.id} / {whole.id}", of=item, unit=Unit.PERCENT,
            )  # fmt: skip


def _imply_bands(held: Sequence[Held], by_id: dict[str, Fact]) -> Iterator[Held]:
    """The two ends of the band around what the model gives each asset."""
    for item in held:
        band = by_id.get(f"band.{item.fact.id.removeprefix('model_weight.')}")
        if item.fact.measure != "model_weight" or not item.fact.id.startswith("model_weight.") or band is None:
            continue
        for name, sign in (("least", -1), ("most", 1)):
            yield _make(
                held, item.fact, f"band_{name}.{item.subject}", f"{name} that the band of {item.fact.subject} allows",
                "band_end", item.fact.value + sign * band.value, f"{item.fact.id} {'+-'[sign < 0]} {band.id}", of=item,
            )  # fmt: skip


def _make(
    held: Sequence[Held], like: Fact, fact_id: str, label: str, measure: str, value: Decimal, formula: str, *,
    of: Held | None = None, signed: bool = False, unit: Unit | None = None,
) -> Held:  # fmt: skip
    unit = unit or like.unit
    currency = like.currency if unit is Unit.MONEY else None
    fact = Fact(
        fact_id, label, value, unit, measure, "facts computed with", currency=currency, signed=signed,
        subject=of.fact.subject if of else None,
    )  # fmt: skip
    return Held(fact, held[0].section, formula, "", of.subject if of else None)
