"""What an adviser says of income."""

from decimal import Decimal

from services.portfolio.domain.claims.model import Relation
from services.portfolio.domain.facts import (
    FEES_OF,
    KEPT,
    NO_FEE,
    TRADES_ELSEWHERE,
    WHOLE_PORTFOLIO,
    Fact,
    FactTable,
    Mark,
    join_names,
)
from services.portfolio.domain.glosses import SILENT
from services.portfolio.domain.narrative import lasting
from services.portfolio.domain.narrative.text import MUCH_DRAWN, SHORT_LIFE, Script, name_portfolio, relate
from services.portfolio.domain.needs import BASIS_KNOWN, IS_NET

_DEPENDENT = Decimal(40)
_HIGH_YIELD = Decimal(10)
_SHOWN = 3
_WHOLE = Decimal(100)


def write(table: FactTable, script: Script) -> None:
    """How much and whether it is enough first, then where it comes from, then how safe that is."""
    _write_income(table, script)
    _write_endings(table, script)
    lasting.write(table, script)
    _write_sources(table, script)
    _write_payments(table, script)


def _write_income(table: FactTable, script: Script) -> None:
    income, monthly, rate = (table.find(name) for name in ("income", "income_monthly", "yield"))
    if income is None or monthly is None:
        _write_unknown(table, script)
        return
    if not income.value:
        _write_nothing(table, script)
        return
    tail = f", an income yield of {script.percent(rate)}" if rate is not None else ""
    stops = [fact for fact in table.facts if fact.id.startswith("stopping_income.")]
    if len(stops) == 1 and table.find("annual_need") is not None:
        tail += f", of which {script.money(stops[0])} from {stops[0].subject} ends on {script.day(stops[0])}"
    script.headline(
        f"{name_portfolio(table.frame)} pays an income of {script.money(income)} a year before tax{tail}.", 60
    )
    script.paragraph()
    _write_silent(table, script)
    _write_cover(table, script)
    if table.find("annual_need") is None:
        script.observe(f"That is an income of {script.money(monthly)} a month on average, before tax.", 34)
        fee = table.find("portfolio_fee_amount")
        if fee is not None:
            script.observe(f"Nothing of it has been set aside for {_name_fee(table, fee, script)}.", 55)
        elif NO_FEE in table.glosses:
            script.observe(_name_uncounted(table).strip(), 55)
    after = table.find("income_after_tax")
    if after is not None and table.list_measure("source_tax"):
        _write_own_taxes(table, after, script)
    elif after is not None and after.value != income.value:
        script.observe(
            f"After tax it is {script.money(after)} a year, if every source is taxed at the one rate that was sent.", 40
        )
        meant = "" if BASIS_KNOWN in table.glosses else ", and that the need is meant after tax"
        script.suggest(
            f"Confirm how each source is taxed{meant}: what is exempt, or taxed less, changes the sum.",
            53,
        )
        script.prepare("ask for the last tax assessment", 53)
    on_cost = table.find("yield_on_cost")
    if on_cost is not None:
        script.observe(f"On what was paid, the yield on cost is {script.percent(on_cost)}.", 28)


def _write_silent(table: FactTable, script: Script) -> None:
    """Which sources say no income, so that what is told is the least that is paid."""
    if names := table.glosses.get(SILENT):
        told = "it is in no figure of income here"
        script.warn(f"What {names} pays was not sent: {told}.", 91)
        script.suggest(f"Ask what {names} pays a year.", 57)
        script.prepare(f"ask what {names} pays a year", 57)


def _write_unknown(table: FactTable, script: Script) -> None:
    """That the income is not known, and why, with the need that it would have to meet."""
    reason = next((absent.reason for absent in table.absent if absent.id == "income"), None)
    if reason is None:
        return
    script.headline(f"What {name_portfolio(table.frame).replace('The', 'the', 1)} pays a year cannot be told.", 70)
    script.suggest("Settle first what keeps the income from being told, and whether it meets the need.", 66)
    script.prepare("ask for the income of a year of each source", 66)


def _write_nothing(table: FactTable, script: Script) -> None:
    """That nothing is paid, and what of a need has to be met otherwise."""
    script.headline(f"{name_portfolio(table.frame)} pays no income.", 70)
    script.paragraph()
    _write_cover(table, script)
    if table.find("annual_need") is None:
        script.suggest("Ask whether an income is needed: it would have to come from sales, or from another mix.", 50)


def _write_lasting(table: FactTable, script: Script) -> None:
    """For how long the gap can be drawn, first where that is short."""
    years, rate = table.find("gap_years"), table.find("gap_rate")
    if years is None or rate is None:
        return
    lasting = f"the assets would last about {script.years(years)}, as what is drawn pays no more"
    if rate.value > MUCH_DRAWN or years.value < SHORT_LIFE:
        script.warn(
            f"The gap would take {script.percent(rate)} of these assets a year. Without growth {lasting}; rising "
            "prices would shorten that.",
            90,
        )
    else:
        script.observe(f"Drawn on at that, and without growth, {lasting}.", 56)


def _write_own_taxes(table: FactTable, after: Fact, script: Script) -> None:
    """What is left where sources are taxed at rates of their own, and which of them tax takes most of."""
    first = table.list_measure("source_tax")[0]
    script.observe(
        f"After tax, each source at the rate that was sent for it, the income is {script.money(after)} a year.", 40
    )
    script.observe(f"Tax takes most from {first.subject}: {script.money(first)} a year.", 39)
    script.suggest("Confirm the rate that was sent for each source, as all of the sum rests on it.", 53)


def _write_cover(table: FactTable, script: Script) -> None:
    """The income that is there to be spent, after tax where the tax is known, against the need."""
    after = table.find("income_cover_after_tax")
    cover, need = after or table.find("income_cover"), table.find("annual_need")
    if cover is None or need is None:
        return
    income = "Income after tax" if after is not None else "Income before tax"
    lasting_gap = table.find("gap_lasting")
    if lasting_gap is not None:
        income = f"Until then, {income[0].lower()}{income[1:]}"
    with_fee = table.find("gap_with_fee")
    if with_fee is not None:
        _write_gap_with_fee(table, income, cover, with_fee, script)
    elif cover.value < _WHOLE:
        gap = table.find("income_gap")
        rest = f"the rest, {script.money(gap)} a year, has" if gap is not None else "the rest has"
        script.warn(
            f"{income} covers {script.percent(cover)} of the yearly need of {script.money(need)}; {rest} to come from "
            f"elsewhere: other income, lower spending or capital.{_name_basis(table)}{_name_uncounted(table)}",
            82,
        )
    else:
        _write_covered(table, income, cover, need, script)
    if lasting_gap is not None or with_fee is not None or cover.value < _WHOLE:
        _write_draw(table, script)


def _write_draw(table: FactTable, script: Script) -> None:
    """What meeting the gap takes of the assets, for how long, and what it is paid out of first."""
    rate, capital = table.find("gap_rate"), table.find("capital")
    if rate is not None and capital is not None:
        script.observe(
            f"Against the whole portfolio of {script.money(capital)} that gap is {script.percent(rate)} a year."
            if capital.label == WHOLE_PORTFOLIO
            else f"Drawn from {_name_drawn(table)}, {script.money(capital)} in all, the gap would take "
            f"{script.percent(rate)} of these assets a year.",
            56,
        )
    _write_lasting(table, script)
    if KEPT in table.glosses and (capital is None or capital.label != WHOLE_PORTFOLIO):
        script.observe(f"Nothing can be drawn from {table.glosses[KEPT]} without giving up what it pays.", 55)
    script.suggest(
        "Plan which assets meet the gap, in which order and for how long, or what could be spent less; do not fill "
        "it by reaching for yield.",
        64,
    )
    moved = table.find("equity_move")
    if moved is not None and TRADES_ELSEWHERE in table.glosses:
        script.suggest(
            "Pay it first out of what the trades towards the model sell, which are listed with it, and buy for the "
            "rest alone.",
            63,
        )
    elif moved is not None:
        script.suggest(
            f"Pay it first out of the {script.money(moved)} of equity above the profile's range, so that one "
            "sale serves both.",
            63,
        )
    script.prepare("ask the client for how long the money has to last, and what could be spent less", 64)


def _write_covered(table: FactTable, income: str, cover: Fact, need: Fact, script: Script) -> None:
    """What is covered, with what is to spare of it."""
    after = table.find("income_cover_after_tax")
    surplus = table.find("surplus_with_fee") or table.find("income_surplus")
    fee = table.find("portfolio_fee_amount")
    before, paid = "", ""
    if fee is not None:
        several = FEES_OF in table.glosses
        before = f", before {_spell_fees(table)},"
        paid = f" once {_name_fee(table, fee, script)} {'are' if several else 'is'} paid"
    spare = f", with {script.money(surplus)} a year to spare{paid}" if surplus is not None and surplus.value else ""
    script.observe(
        f"{income}{before} covers {script.percent(cover)} of the yearly need of {script.money(need)}{spare}."
        f"{_name_covered(table, script)}{_name_basis(table)}{_name_uncounted(table)}",
        54, relate(Relation.COVERS, cover),
    )  # fmt: skip
    if table.find("gap_lasting") is not None:
        return  # which is told with what ends
    if surplus is not None and surplus.value and after is None:
        script.suggest("Find out what tax leaves of the income before the surplus is counted on.", 51)
        script.prepare("have the tax on this income worked out", 51)
    elif surplus is not None and surplus.value * 10 >= need.value:
        script.suggest("Agree what the surplus is for: reserves, spending, gifts, or new investments.", 50)


def _write_gap_with_fee(table: FactTable, income: str, cover: Fact, gap: Fact, script: Script) -> None:
    """What the need and the fee together leave open, and what each of them takes."""
    need, fee, short = (table.find(name) for name in ("annual_need", "portfolio_fee_amount", "income_gap"))
    if need is None or fee is None:
        return
    leaves = f" and leaves {script.money(short)} a year open" if short is not None else ""
    script.warn(
        f"{income}, before {_spell_fees(table)}, covers {script.percent(cover)} of the yearly need of "
        f"{script.money(need)}{leaves}. "
        f"With {_name_fee(table, fee, script)}, {script.money(gap)} a year is left open and has to come from "
        f"elsewhere: other income, lower spending or capital.{_name_covered(table, script)}{_name_basis(table)}"
        f"{_name_uncounted(table)}",
        82,
    )


def _name_covered(table: FactTable, script: Script) -> str:
    """What of the need is covered once the fee is paid."""
    cover = table.find("cover_after_fee")
    return (
        f" Once {_spell_fees(table)} {_is_paid(table)} paid, the income covers {script.percent(cover)} of the need."
        if cover
        else ""
    )


def _name_basis(table: FactTable) -> str:
    """That a need after tax is held against an income before it."""
    if IS_NET not in table.glosses:
        return ""
    return " But the need is one after tax, and this income is before it: tax comes off it first."


def _write_endings(table: FactTable, script: Script) -> None:
    """What matures within a year, what it pays once it is renewed, and what that makes of the income."""
    endings = [fact for fact in table.facts if fact.id.startswith("ending_income.")]
    for fact in endings[:_SHOWN]:
        key = fact.id.removeprefix("ending_income.")
        value, rate, paid, change = (
            table.find(f"{name}.{key}")
            for name in ("ending_value", "renewal_rate", "renewal_income", "renewal_change")
        )  # fmt: skip
        worth = f" ({script.money(value)})" if value is not None else ""
        if rate is None or paid is None or change is None:
            script.warn(
                f"{fact.subject}{worth} matures on {script.day(fact)}: what it pays, {script.money(fact)} a year, is "
                "sure only until then.",
                67,
            )
            script.suggest(
                f"Ask what {fact.subject} would pay once it is renewed, before its income is counted on.", 57
            )
            script.prepare(f"ask for offers for the money of {fact.subject}", 57)
            continue
        less = f"{script.money(change)} {'more' if change.value > 0 else 'less'} than now" if change.value else "as now"
        script.warn(
            f"{fact.subject}{worth} matures on {script.day(fact)}. At the rate of {script.percent(rate)} that was sent "
            f"for its renewal it pays {script.money(paid)} a year, {less}.",
            81 if change.value < 0 else 60,
        )
        script.suggest(
            f"Decide before {script.day(fact)} whether {fact.subject} is renewed at that rate, and ask for other "
            "offers.",
            63,
        )
        script.prepare(f"ask for offers for the money of {fact.subject}", 63)
    renewed, cover = table.find("income_renewed"), table.find("cover_renewed")
    if renewed is not None:
        once = f"once {_spell_fees(table)} {_is_paid(table)} paid, " if table.find("cover_after_fee") else ""
        then = f"; {once}that covers {script.percent(cover)} of the yearly need" if cover is not None else ""
        script.warn(f"The sources pay an income of {script.money(renewed)} a year in all then{then}.", 80)


def _name_fee(table: FactTable, fee: Fact, script: Script) -> str:
    """``the fee of 0.75% of the value, £7,613 a year``, or all fees together, by name."""
    rate = table.find("portfolio_fee")
    what = "the fee" if FEES_OF not in table.glosses else f"the fees together ({table.glosses[FEES_OF]})"
    return f"{what} of {f'{script.percent(rate)} of the value, ' if rate else ''}{script.money(fee)} a year"


def _spell_fees(table: FactTable) -> str:
    return "fees" if FEES_OF in table.glosses else "the fee"


def _is_paid(table: FactTable) -> str:
    return "are" if FEES_OF in table.glosses else "is"


def _name_uncounted(table: FactTable) -> str:
    """That charges were sent which are in none of these figures."""
    lost = table.glosses.get(NO_FEE)
    return f" Charges sent as {lost} could not be used and are not counted in that." if lost else ""


def _name_drawn(table: FactTable) -> str:
    kept = table.glosses.get(KEPT)
    return "what can be sold in parts" if kept is not None else "the sources whose value was sent"


def _write_sources(table: FactTable, script: Script) -> None:
    shares = [
        fact
        for fact in table.list_measure("income_share", "income_share.")
        if not fact.id.startswith("income_share.kind.")
    ]
    if not shares:
        return
    shown = [f"{fact.subject} ({script.percent(fact)})" for fact in shares[:_SHOWN]]
    says = relate(Relation.MOST, shares[0])
    script.observe(
        f"As a share of the income, the {script.mark('largest', says)} sources are {join_names(shown)}."
        if len(shown) > 1
        else f"{script.mark('All of the income comes from', says)} {shares[0].subject}.",
        40,
    )
    lifelong = table.find("lifelong_share")
    if lifelong is not None and lifelong.value < _WHOLE:
        script.observe(
            f"Pensions and annuities, which are paid for life, are {script.percent(lifelong)} of the income.",
            41,
        )
    if len(shares) > 1 and shares[0].value >= _DEPENDENT and not table.is_marked(shares[0].subject, Mark.LIFELONG):
        fund = table.is_marked(shares[0].subject, Mark.FUND)
        fixed = any(table.is_marked(shares[0].subject, mark) for mark in (Mark.DEPOSIT, Mark.STATE))
        what = "it is fixed until it matures, and may be less then" if fixed else "a cut there would be felt at once"
        what = "it pays what many holdings pay, so that it follows the market's rates and dividends" if fund else what
        script.warn(f"{shares[0].subject} is {script.percent(shares[0])} of the income: {what}.", 66)
        if not any(fact.subject == shares[0].subject for fact in table.facts if fact.id.startswith("ending_income.")):
            _plan_for_less(str(shares[0].subject), script, fixed=fixed)
    rates = [fact for fact in table.list_measure("yield", "yield.") if fact.value >= _HIGH_YIELD]
    if rates and _is_spare(table, rates[0]):
        script.observe(
            f"{rates[0].subject} yields {script.percent(rates[0])}, and markets seldom pay that much where they trust "
            "it to last, but the need does not hang on it.",
            39,
        )
    elif rates:
        script.warn(
            f"{rates[0].subject} yields {script.percent(rates[0])}, and markets seldom pay that much where they trust "
            "it to last.",
            62,
        )
        script.suggest(
            f"Look at what the payments of {rates[0].subject} are paid from before counting on them, "
            "and plan for a cut.",
            56,
        )
        script.prepare(f"compare what {rates[0].subject} pays with what it earns", 56)


def _plan_for_less(name: str, script: Script, *, fixed: bool) -> None:
    script.suggest(
        f"Find out when {name} matures, and plan for the rate of that time."
        if fixed
        else f"Plan for a year in which {name} pays less, or spread the income over more.",
        52,
    )
    script.prepare(
        f"look up the day on which {name} is repaid" if fixed else f"find out what {name} paid in its worst year", 52
    )


def _is_spare(table: FactTable, rate: Fact) -> bool:
    """Whether a source pays less than what is left over, so that the need is covered without it."""
    spare = table.find("surplus_with_fee") or table.find("income_surplus")
    paid = next((fact for fact in table.list_measure("income", "income.") if fact.subject == rate.subject), None)
    return spare is not None and paid is not None and paid.value < spare.value


def _write_payments(table: FactTable, script: Script) -> None:
    late = table.list_measure("next_payment", "overdue.")
    for fact in late[:_SHOWN]:
        script.warn(
            f"The payment of {fact.subject}, {script.money(fact)}, was due on {script.day(fact)}, before the day of "
            "this list.",
            63,
        )
    if late:
        script.suggest(f"Check that {join_names([str(fact.subject) for fact in late[:_SHOWN]])} paid.", 54)
    payments = table.list_measure("next_payment", "next_payment.")
    if payments:
        first = payments[0]
        script.observe(
            f"The next payment is that of {first.subject}, {script.money(first)} of income due on {script.day(first)}.",
            30,
        )
    if (due := table.find("payments_due")) is not None:
        script.observe(f"By {script.day(due)} an income of {script.money(due)} is due in all.", 32)
