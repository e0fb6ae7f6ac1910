"""The kinds of facts of income and bonds."""

from services.portfolio.domain.facts import FactSpec
from services.portfolio.domain.number_words import Unit

_MONEY, _PERCENT, _POINTS, _NUMBER = Unit.MONEY, Unit.PERCENT, Unit.POINTS, Unit.NUMBER
_MULTIPLE, _YEARS = Unit.MULTIPLE, Unit.YEARS
_YEARLY, _WHOLE = ("per_year",), ("cumulative",)

PAID: dict[str, FactSpec] = {
    # Income
    "income": FactSpec(
        "income a year[ from {subject}]", _MONEY, "income", "sum of the sources", bases=("per_year", "before_tax")
    ),
    "income_monthly": FactSpec(
        "income a month on average", _MONEY, "income", "income / 12", bases=("per_month", "before_tax")
    ),
    "yield": FactSpec("income yield", _PERCENT, "yield", "income / market value", bases=_YEARLY),
    "yield_on_cost": FactSpec("yield on cost", _PERCENT, "yield", "income / cost", bases=_YEARLY),
    "tax_rate": FactSpec("tax rate", _PERCENT, "tax_rate", "as sent"),
    "income_after_tax": FactSpec(
        "income a year after tax",
        _MONEY,
        "income_after_tax",
        "income x (1 - tax rate), the rate taken on all of it",
        bases=("per_year", "after_tax"),
    ),
    "source_tax": FactSpec(
        "tax a year on the income from {subject}",
        _MONEY,
        "source_tax",
        "income x its own tax rate",
        bases=("per_year",),
    ),
    "ending_value": FactSpec("value of {subject} that matures", _MONEY, "market_value", "as sent"),
    "ending_income": FactSpec("income of {subject} that ends", _MONEY, "income", "as sent", bases=_YEARLY),
    "renewal_rate": FactSpec("rate at which {subject} is renewed", _PERCENT, "yield", "as sent", bases=_YEARLY),
    "renewal_income": FactSpec(
        "income of {subject} once it is renewed", _MONEY, "income", "value x rate of renewal", bases=_YEARLY
    ),
    "renewal_change": FactSpec(
        "change of the income of {subject} by its renewal",
        _MONEY,
        "renewal_change",
        "value x rate of renewal - income",
        signed=True,
        bases=_YEARLY,
    ),
    "income_renewed": FactSpec(
        "income once what matures is renewed", _MONEY, "income", "income - what matures + its renewal", bases=_YEARLY
    ),
    "cover_renewed": FactSpec(
        "part of the need covered once what matures is renewed", _PERCENT, "income_cover", "that income / need"
    ),
    "cover_after_fee": FactSpec(
        "part of the need covered once the fee is paid", _PERCENT, "income_cover", "(income - fee) / need"
    ),
    "annual_need": FactSpec("yearly need", _MONEY, "annual_need", "as sent", bases=_YEARLY),
    "income_cover": FactSpec(
        "share of the yearly need that income covers",
        _PERCENT,
        "income_cover",
        "income / yearly need",
        bases=("before_tax",),
    ),
    "income_gap": FactSpec(
        "part of the yearly need that income leaves open",
        _MONEY,
        "income_gap",
        "yearly need - income",
        bases=("per_year",),
    ),
    "gap_lasting": FactSpec(
        "part of the yearly need that is left open once the sources that end have ended",
        _MONEY,
        "income_gap",
        "yearly need - what is left of the income, after tax and fees where these are known",
        bases=("per_year",),
    ),
    "portfolio_fee": FactSpec("fee a year, as a rate of the value", _PERCENT, "fee", "as sent", bases=_YEARLY),
    "portfolio_fee_amount": FactSpec("fee a year", _MONEY, "fee", "market value x fee", bases=_YEARLY),
    "gap_with_fee": FactSpec(
        "part of the yearly need that income leaves open once the fee is paid",
        _MONEY,
        "income_gap",
        "yearly need + fee - income",
        bases=("per_year",),
    ),
    "surplus_with_fee": FactSpec(
        "income beyond the yearly need and the fee",
        _MONEY,
        "income_surplus",
        "income - yearly need - fee",
        bases=("per_year",),
    ),
    "income_surplus": FactSpec(
        "income beyond the yearly need", _MONEY, "income_surplus", "income - yearly need", bases=("per_year",)
    ),
    "capital": FactSpec("market value of the sources that have one", _MONEY, "market_value", "sum of the sources"),
    "gap_rate": FactSpec(
        "the gap as a share of the assets that pay income",
        _PERCENT,
        "gap_rate",
        "part of the need that income leaves open / market value of the sources",
        bases=_YEARLY,
    ),
    "gap_years": FactSpec(
        "years that the assets last",
        _YEARS,
        "draw_years",
        "-ln(1 - net yield x assets / what is spent) / ln(1 + net yield), as what is drawn pays no more",
    ),
    "lifelong_income": FactSpec(
        "income a year from pensions and annuities",
        _MONEY,
        "income",
        "sum of the sources",
        bases=("per_year", "before_tax"),
    ),
    "lifelong_share": FactSpec(
        "share of pensions and annuities in the income", _PERCENT, "income_share", "income / total income"
    ),
    "income_share": FactSpec("share of {subject} in the income", _PERCENT, "income_share", "income / total income"),
    "overdue": FactSpec(
        "payment of {subject} that was due before the day of the list",
        _MONEY,
        "next_payment",
        "income / payments a year",
    ),
    "next_payment": FactSpec("next payment of {subject}", _MONEY, "next_payment", "yearly income / payments a year"),
    "payments_due": FactSpec("income due in all payments that were sent", _MONEY, "income", "sum of the payments due"),
    # Bonds
    "average_maturity": FactSpec(
        "average time to maturity", _YEARS, "maturity", "years to maturity weighted by market value"
    ),
    "maturity_weight": FactSpec(
        "share maturing in {subject}", _PERCENT, "maturity_weight", "weights of the bonds that mature in that time"
    ),
    "matured": FactSpec("value of {subject}, past its maturity", _MONEY, "maturity", "as sent"),
    "called": FactSpec("what a call of {subject} repays", _MONEY, "market_value", "face value x call price / 100"),
    "call_cost": FactSpec(
        "value of {subject} above what a call repays", _MONEY, "call_cost", "market value - repayment"
    ),
    "maturing": FactSpec("value of {subject}, due within 90 days", _MONEY, "maturity", "as sent"),
    "next_maturity": FactSpec("next maturity, of {subject}", _MONEY, "maturity", "as sent"),
    "coupon": FactSpec("average coupon", _PERCENT, "coupon", "weighted by market value", bases=_YEARLY),
    "like_yield": FactSpec(
        "yield to maturity of {subject}",
        _PERCENT,
        "yield",
        "as sent, or from price, coupon and maturity",
        bases=_YEARLY,
    ),
    "yield_pickup": FactSpec(
        "yield of {subject} above that of a like maturity of better grade",
        _POINTS,
        "yield_pickup",
        "its yield - that of the bond of better grade nearest in maturity",
        signed=True,
        bases=_YEARLY,
    ),
    "bond_yield": FactSpec(
        "yield to maturity of {subject}",
        _PERCENT,
        "yield",
        "as sent, or from price, coupon and maturity",
        bases=_YEARLY,
    ),
    "ytm": FactSpec("average yield to maturity", _PERCENT, "ytm", "weighted by market value", bases=_YEARLY),
    "plain_ytm": FactSpec(
        "average yield to maturity without what lifts it",
        _PERCENT,
        "plain_ytm",
        "weighted by market value, of the rest",
        bases=_YEARLY,
    ),
    "inflation": FactSpec("rate of inflation", _PERCENT, "inflation", "as sent", signed=True, bases=_YEARLY),
    "real_yield": FactSpec(
        "yield to maturity above inflation",
        _POINTS,
        "real_yield",
        "average yield to maturity - inflation",
        signed=True,
        bases=_YEARLY,
    ),
    "real_coupon": FactSpec(
        "coupon above inflation", _POINTS, "real_coupon", "average coupon - inflation", signed=True, bases=_YEARLY
    ),
    "duration": FactSpec("modified duration", _YEARS, "duration", "weighted by market value"),
    "duration_share": FactSpec(
        "share of {subject} in the duration", _PERCENT, "duration_share", "weight x duration / duration of all"
    ),
    "sensitivity": FactSpec(
        "change in value if rates rise by one percentage point",
        _PERCENT,
        "sensitivity",
        "-modified duration x 1 percentage point",
        signed=True,
    ),
    "sensitivity_amount": FactSpec(
        "change in value if rates rise by one percentage point",
        _MONEY,
        "sensitivity",
        "-modified duration x market value x 1%",
        signed=True,
    ),
    "quality_weight": FactSpec("share rated {subject}", _PERCENT, "quality_weight", "weights summed by rating"),
    "below_investment_grade": FactSpec(
        "share below investment grade or unrated",
        _PERCENT,
        "low_quality",
        "weights of bonds not rated BBB- or better",
    ),
}
