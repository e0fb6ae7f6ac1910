"""Every kind of fact that figures state: its words, unit, measure and method, by the id that facts begin with."""

from services.portfolio.domain.facts import FactSpec
from services.portfolio.domain.figures.specs_after import AFTER
from services.portfolio.domain.figures.specs_over_time import OVER_TIME
from services.portfolio.domain.figures.specs_paid import PAID
from services.portfolio.domain.number_words import Unit

_MONEY, _PERCENT, _POINTS, _NUMBER = Unit.MONEY, Unit.PERCENT, Unit.POINTS, Unit.NUMBER
_MULTIPLE, _YEARS = Unit.MULTIPLE, Unit.YEARS
_YEARLY, _WHOLE = ("per_year",), ("cumulative",)

SPECS: dict[str, FactSpec] = (
    {
        # What is held
        "market_value": FactSpec("market value[ of {subject}]", _MONEY, "market_value", "as sent"),
        "start_value": FactSpec("value at the start", _MONEY, "market_value", "as sent"),
        "cost": FactSpec("cost[ of {subject}]", _MONEY, "cost", "as sent or converted"),
        "gain": FactSpec(
            "unrealised gain[ of {subject}]", _MONEY, "gain", "market value - cost", signed=True, bases=_WHOLE
        ),
        "lot_value": FactSpec("value of a lot of {subject}", _MONEY, "market_value", "as sent"),
        "lot_gain": FactSpec(
            "unrealised gain of a lot of {subject}", _MONEY, "gain", "market value - cost", signed=True, bases=_WHOLE
        ),
        "lot_gain_pct": FactSpec(
            "unrealised gain of a lot of {subject} on cost",
            _PERCENT,
            "gain",
            "(market value - cost) / cost",
            signed=True,
            bases=_WHOLE,
        ),
        "lot_long_from": FactSpec(
            "value of a lot of {subject} that counts as held short-term", _MONEY, "held_short", "as sent"
        ),
        "gain_share": FactSpec(
            "share of the whole gain that {subject} made",
            _PERCENT,
            "gain_share",
            "gain of the position / gain of the whole",
        ),
        "gain_pct": FactSpec(
            "unrealised gain[ of {subject}] on cost",
            _PERCENT,
            "gain",
            "(market value - cost) / cost",
            signed=True,
            bases=_WHOLE,
        ),
        "account_gain": FactSpec(
            "unrealised gain in {subject}",
            _MONEY,
            "gain",
            "market value - cost, of what is held there",
            signed=True,
            bases=_WHOLE,
        ),
        "weight": FactSpec("weight of {subject}", _PERCENT, "weight", "market value / total"),
        "unlisted": FactSpec(
            "total sent less the assets listed", _MONEY, "unlisted", "total - sum of assets", signed=True
        ),
        "cash": FactSpec("cash", _MONEY, "cash", "as sent"),
        "converted": FactSpec(
            "market value of what could be converted", _MONEY, "market_value", "sum of the positions with a rate"
        ),
        "left_share": FactSpec(
            "share that {subject} may have", _PERCENT, "weight", "value at usual rates of exchange / that and all else"
        ),
        "cash_left": FactSpec("cash that is not spoken for", _MONEY, "cash", "cash - what is to be paid or kept"),
        "cash_planned": FactSpec("cash after the trades", _MONEY, "cash_planned", "cash + trades in it"),
        "spoken_for": FactSpec("money that is spoken for", _MONEY, "spoken_for", "as sent"),
        "cash_short": FactSpec(
            "money spoken for beyond the cash", _MONEY, "spoken_for", "what is to be paid or kept - cash"
        ),
        "need": FactSpec("amount for {subject}", _MONEY, "spoken_for", "as sent"),
        "comes_back": FactSpec("amount that {subject} repays", _MONEY, "comes_back", "as sent"),
        "lapsing": FactSpec("amount of {subject}, which lapses", _MONEY, "lapsing", "as sent"),
        "callable": FactSpec("amount that may be called", _MONEY, "callable", "sum of commitments - called"),
        "callable_part": FactSpec("amount that {subject} may call", _MONEY, "callable_part", "commitment - called"),
        "due_and_callable": FactSpec(
            "money spoken for or callable", _MONEY, "spoken_for", "what is spoken for + what may be called"
        ),
        "short_of_calls": FactSpec(
            "money spoken for or callable beyond the cash", _MONEY, "spoken_for", "spoken for + callable - cash"
        ),
        "short_without": FactSpec(
            "money spoken for beyond the cash without what comes back",
            _MONEY,
            "spoken_for",
            "spoken for - (cash - what comes back)",
        ),
        "expected": FactSpec("amount expected for {subject}", _MONEY, "expected", "as sent"),
        "source_cash": FactSpec("cash in {subject}", _MONEY, "cash", "sum of the cash there"),
        "source_left": FactSpec(
            "cash in {subject} that is not spoken for", _MONEY, "cash", "cash and what matures there in time - needs"
        ),
        "source_short": FactSpec(
            "money to be found[ in {subject}]", _MONEY, "spoken_for", "needs - cash and what matures there in time"
        ),
        "source_rest": FactSpec(
            "money to be found[ in {subject}] beside what matures too late",
            _MONEY,
            "spoken_for",
            "needs - cash - what matures there within a year after them",
        ),
        "source_held": FactSpec("value of {subject} there", _MONEY, "market_value", "market value of the rows there"),
        "below_floor": FactSpec("weight of {subject}", _PERCENT, "weight", "market value / total"),
        "repaid_soon": FactSpec("value of {subject} that is repaid soon", _MONEY, "market_value", "as sent"),
        "below_esg": FactSpec("weight of {subject}", _PERCENT, "weight", "market value / total"),
        "duration_limit": FactSpec("limit for the duration", _YEARS, "duration_limit", "as sent"),
        "duration_excess": FactSpec("duration above its limit", _YEARS, "duration_excess", "duration - limit"),
        "duration_move": FactSpec(
            "amount to move out of {subject} for the limit of the duration",
            _MONEY,
            "reduction",
            "(duration - limit) x value / duration of the longest bond",
        ),
        "coupon_income": FactSpec("coupons of a year", _MONEY, "coupons", "face values x coupons", bases=_YEARLY),
        "coupon_ending": FactSpec(
            "coupons of a year that end with what matures within one",
            _MONEY,
            "coupons_ending",
            "face values x coupons",
            bases=_YEARLY,
        ),
        "coupon_left": FactSpec(
            "coupons of a year that what matures within one leaves",
            _MONEY,
            "coupons_left",
            "coupons - those that end",
            bases=_YEARLY,
        ),
        "income_needed": FactSpec("income needed a year", _MONEY, "income_needed", "as sent", bases=_YEARLY),
        "tax_now": FactSpec("tax of a sale of {subject} now", _MONEY, "sale_tax", "gain x rate on what is held short"),
        "tax_then": FactSpec(
            "tax of a sale of {subject} once it is long-term",
            _MONEY,
            "sale_tax_later",
            "(gain - exemption left) x rate on what is held long",
        ),
        "exit_load": FactSpec("exit load of a sale of {subject} now", _MONEY, "exit_load", "market value x load"),
        "tax_saved": FactSpec(
            "what waiting with a sale of {subject} saves", _MONEY, "tax_saved", "tax and load now - tax then"
        ),
        "sales_gain": FactSpec(
            "gain in all sales together", _MONEY, "taxable_gain", "sum of the gains and losses of what is sold"
        ),
        "term_gain": FactSpec(
            "gain in the sale of {subject} by how long it was held",
            _MONEY,
            "taxable_gain",
            "gains of the lots that are sold",
            signed=True,
        ),
        "dearest_gain": FactSpec(
            "gain in the sale of {subject} with the dearest lots first",
            _MONEY,
            "taxable_gain",
            "gains of the lots with the highest cost for their value",
            signed=True,
        ),
        "sales_term": FactSpec(
            "gain in all sales by how long it was held", _MONEY, "taxable_gain", "sum of the gains of lots", signed=True
        ),
        "sales_dearest": FactSpec(
            "gain in all sales with the dearest lots first",
            _MONEY,
            "taxable_gain",
            "sum of the gains of the lots with the highest cost for their value",
            signed=True,
        ),
        "gains_rate": FactSpec("tax rate on gains", _PERCENT, "gains_rate", "as sent"),
        "gains_exempt": FactSpec("gains that are exempt", _MONEY, "gains_exempt", "as sent"),
        "sales_tax": FactSpec("tax of all sales together", _MONEY, "sale_tax", "(gain - exemption left) x rate"),
        "source_gain": FactSpec(
            "gain in the sale of {subject} for what is due", _MONEY, "taxable_gain", "gain x part sold"
        ),
        "payment_tax": FactSpec(
            "tax of the sale of {subject} for what is due",
            _MONEY,
            "sale_tax",
            "(gain x part sold - exemption left) x rate",
        ),
        "source_free_sale": FactSpec(
            "what can be sold of {subject} within the exemption", _MONEY, "free_sale", "exemption left x value / gain"
        ),
        "capacity": FactSpec("what the client can bear to lose", _MONEY, "capacity", "as sent"),
        "stress_loss": FactSpec("loss in {subject}", _PERCENT, "stress_loss", "as sent, or the largest fall so far"),
        "stress_cost": FactSpec("cost of {subject}", _MONEY, "stress_cost", "loss x market value"),
        "capacity_excess": FactSpec(
            "loss beyond what can be borne", _MONEY, "capacity_gap", "loss x market value - what can be borne"
        ),
        "capacity_left": FactSpec(
            "what can be borne beyond the loss", _MONEY, "capacity_gap", "what can be borne - loss x market value"
        ),
        "unfunded": FactSpec("commitments that are not called yet", _MONEY, "unfunded", "sum of the rows"),
        "liquid_value": FactSpec(
            "what can be sold within days", _MONEY, "liquid_value", "sum of the values of what is not bound"
        ),
        "unfunded_cover": FactSpec(
            "commitments as a part of what can be sold within days", _PERCENT, "unfunded_cover", "unfunded / liquid"
        ),
        "cash_short_net": FactSpec(
            "money to be found once what is expected has come", _MONEY, "spoken_for", "needs - cash - what is expected"
        ),
        "price_age": FactSpec(
            "age of the price of {subject}", Unit.DAYS, "price_age", "day of the list - day of the price"
        ),
        "stale_share": FactSpec("weight that rests on old prices", _PERCENT, "stale_share", "sum of the weights"),
        "credit_line": FactSpec("amount drawn of {subject}", _MONEY, "credit_line", "as sent"),
        "credit_line_limit": FactSpec("limit of {subject}", _MONEY, "credit_line_limit", "as sent"),
        "credit_line_rate": FactSpec("rate of {subject}", _PERCENT, "credit_rate", "as sent", bases=_YEARLY),
        "credit_rate": FactSpec("rate of the credit", _PERCENT, "credit_rate", "as sent", bases=_YEARLY),
        "credit_drawn": FactSpec("amount drawn under the credit line", _MONEY, "credit_drawn", "as sent"),
        "credit_limit": FactSpec("limit of the credit line", _MONEY, "credit_limit", "as sent"),
        "credit_limit_use": FactSpec(
            "part of the credit line's limit that is drawn", _PERCENT, "credit_use", "drawn / limit"
        ),
        "lending_value": FactSpec(
            "lending value", _MONEY, "lending_value", "sum of market values x lending rates, of rows above zero"
        ),
        "credit_use": FactSpec(
            "part of the lending value that is drawn", _PERCENT, "credit_use", "drawn / lending value"
        ),
        "credit_room": FactSpec(
            "headroom of the credit line",
            _MONEY,
            "credit_room",
            "lending value, or the limit if less - drawn",
            signed=True,
        ),
        "margin_alert": FactSpec("use at which the lender warns", _PERCENT, "margin_alert", "as sent"),
        "margin_call": FactSpec("use at which the lender asks for more", _PERCENT, "margin_call", "as sent"),
        "forced_sale": FactSpec("use at which the lender sells", _PERCENT, "forced_sale", "as sent"),
        "credit_fall": FactSpec(
            "fall in what is lent on that brings the margin call",
            _PERCENT,
            "credit_fall",
            "1 - drawn / (margin call x lending value)",
        ),
        "credit_draw": FactSpec("draw that is planned for {subject}", _MONEY, "credit_draw", "as sent"),
        "credit_use_after": FactSpec(
            "part of the lending value that is drawn after the planned draws",
            _PERCENT,
            "credit_use_after",
            "(drawn + planned draws) / lending value",
        ),
        "credit_over": FactSpec(
            "planned draws beyond what is lent",
            _MONEY,
            "credit_over",
            "drawn + planned draws - lending value, or the limit",
        ),
        "credit_room_after": FactSpec(
            "headroom of the credit line after the planned draws",
            _MONEY,
            "credit_room",
            "lending value, or the limit if less - drawn - planned draws",
            signed=True,
        ),
        "deposit": FactSpec(
            "part of the deposit for {subject}",
            _MONEY,
            "trade",
            "to the edge of the band of what is furthest outside, then to model weights of all with the deposit",
            signed=True,
        ),
        "deposit_breaches": FactSpec(
            "assets outside their band once the deposit is invested", _NUMBER, "breaches_left", "|drift| > band"
        ),
        "breaches_after": FactSpec(
            "assets outside their band once what is spoken for is paid",
            _NUMBER,
            "breaches_left",
            "|drift after the payment| > band",
        ),
        "drift_after": FactSpec(
            "change of {subject} that the model asks for once what is spoken for is paid",
            _POINTS,
            "drift_left",
            "model weight - (market value - what is paid) / (total - what is paid)",
            signed=True,
        ),
        "free_value": FactSpec(
            "value of {subject} that can be sold", _MONEY, "market_value", "positions that are not bound"
        ),
        "cash_pct": FactSpec("cash share of the portfolio", _PERCENT, "weight", "cash / market value"),
        "top_asset": FactSpec("weight of {subject}", _PERCENT, "weight", "as sent"),
        # How it is spread
        "count": FactSpec("number", _NUMBER, "count", "rows counted"),
        "top_1": FactSpec("weight of the largest", _PERCENT, "top_1", "largest weight"),
        "top_3": FactSpec("weight of the top 3", _PERCENT, "top_3", "sum of the 3 largest weights"),
        "top_5": FactSpec("weight of the top 5", _PERCENT, "top_5", "sum of the 5 largest weights"),
        "top_10": FactSpec("weight of the top 10", _PERCENT, "top_10", "sum of the 10 largest weights"),
        "hhi": FactSpec("Herfindahl-Hirschman index", _NUMBER, "hhi", "sum of squared weights"),
        "effective_number": FactSpec("effective number", _NUMBER, "effective_number", "1 / HHI"),
        "limit": FactSpec("limit for a {subject}", _PERCENT, "limit", "setting"),
        "repaid_abroad": FactSpec("value of {subject} that is repaid", _MONEY, "market_value", "as sent or converted"),
        "weight_repaid": FactSpec(
            "weight of {subject} once what is repaid is changed",
            _PERCENT,
            "weight_after",
            "weights less what is sold and what is repaid within a year",
        ),
        "near_limit": FactSpec(
            "weight of {subject}, close below its limit", _PERCENT, "weight", "sum of the weights of its positions"
        ),
        "limit_day": FactSpec("limit that {subject} is to keep by the client's own day", _PERCENT, "limit", "as sent"),
        "excess": FactSpec("{subject} above the limit", _POINTS, "excess", "weight - limit", signed=True),
        "shortfall": FactSpec("{subject} below the least", _POINTS, "limit_gap", "weight - least", signed=True),
        "addition": FactSpec(
            "amount of {subject} below the least", _MONEY, "reduction", "(least - weight) x total value"
        ),
        "breaches": FactSpec("rules breached", _NUMBER, "breaches", "weights above their limit"),
        "fee": FactSpec(
            "weighted expense ratio",
            _PERCENT,
            "fee",
            "weights x expense ratios / weight of positions with one",
            bases=_YEARLY,
        ),
        "fee_amount": FactSpec("fund expenses a year", _MONEY, "fee", "market value x expense ratio", bases=_YEARLY),
        "reduction": FactSpec(
            "amount of {subject} above the limit", _MONEY, "reduction", "(weight - limit) x total value"
        ),
        "equity_move": FactSpec(
            "amount of equity outside the profile's range",
            _MONEY,
            "equity_move",
            "(equity share - bound) x total value",
        ),
        "equity_rest": FactSpec(
            "amount of equity above the profile's range once the single names are sold down",
            _MONEY,
            "equity_move",
            "amount above the range - sales of single shares",
        ),
        "weight_after": FactSpec(
            "weight of {subject} after the sales",
            _PERCENT,
            "weight_after",
            "weights less what is sold to reach the limits",
        ),
        "taxable_gain": FactSpec(
            "gain in the sale of {subject}",
            _MONEY,
            "taxable_gain",
            "gain x part sold, in accounts that are taxed",
            signed=True,
        ),
        "sale_gain": FactSpec(
            "gain that the sale of {subject} realises",
            _MONEY,
            "taxable_gain",
            "unrealised gain x part sold",
        ),
        "sale_loss": FactSpec(
            "loss in the sale of {subject}", _MONEY, "gain", "loss x part sold, in accounts that are taxed", signed=True
        ),
        "parts_sum": FactSpec(
            "sum of the weights sent in {subject}", _PERCENT, "parts_sum", "sum of the weights as sent"
        ),
        "parts_total": FactSpec(
            "sum of the amounts sent in {subject}", _MONEY, "parts_sum", "sum of the amounts as sent"
        ),
        "stated_share": FactSpec("weight of {subject} as stated beside its name", _PERCENT, "weight", "as sent"),
        "stated_gain": FactSpec(
            "unrealised gain as the payload states it", _MONEY, "stated_gain", "as sent", signed=True
        ),
        # Risk, as sent
        "sent_volatility": FactSpec("volatility, as sent", _PERCENT, "volatility", "as sent"),
        "sent_var": FactSpec("value at risk, as sent", _PERCENT, "var", "as sent"),
        "sent_var_money": FactSpec("value at risk, as sent", _MONEY, "var", "as sent"),
        "sent_shortfall": FactSpec("expected shortfall, as sent", _PERCENT, "cvar", "as sent"),
        "sent_shortfall_money": FactSpec("expected shortfall, as sent", _MONEY, "cvar", "as sent"),
        "sent_beta": FactSpec("beta, as sent", _MULTIPLE, "beta", "as sent"),
        "sent_tracking_error": FactSpec("tracking error, as sent", _PERCENT, "tracking_error", "as sent"),
        "sent_drawdown": FactSpec("drawdown, as sent", _PERCENT, "drawdown", "as sent"),
        "sent_sharpe": FactSpec("Sharpe ratio, as sent", _MULTIPLE, "sharpe", "as sent", signed=True),
        "sent_sortino": FactSpec("Sortino ratio, as sent", _MULTIPLE, "sortino", "as sent", signed=True),
        "sent_information_ratio": FactSpec(
            "information ratio, as sent", _MULTIPLE, "information_ratio", "as sent", signed=True
        ),
        "sent_alpha": FactSpec("alpha, as sent", _PERCENT, "alpha", "as sent", signed=True),
        "sent_correlation": FactSpec("correlation, as sent", _MULTIPLE, "correlation", "as sent", signed=True),
        # Against a benchmark, as sent
        "xirr": FactSpec("XIRR since inception", _PERCENT, "xirr", "as sent", signed=True, bases=_YEARLY),
        "benchmark_xirr": FactSpec(
            "benchmark XIRR", _PERCENT, "benchmark_return", "as sent", signed=True, bases=_YEARLY
        ),
        "xirr_excess": FactSpec(
            "XIRR above the benchmark", _POINTS, "excess_return", "XIRR - benchmark XIRR", signed=True, bases=_YEARLY
        ),
        # Movers
        "return": FactSpec("return of {subject}", _PERCENT, "return", "as sent", signed=True, bases=_WHOLE),
        "gainers": FactSpec("number of gainers", _NUMBER, "gainers", "returns above zero"),
        "losers": FactSpec("number of losers", _NUMBER, "losers", "returns below zero"),
        "portfolio_return": FactSpec(
            "portfolio return", _PERCENT, "portfolio_return", "as sent", signed=True, bases=_WHOLE
        ),
        "contribution": FactSpec(
            "contribution of {subject}", _POINTS, "contribution", "opening weight x return", signed=True, bases=_WHOLE
        ),
        "total_contribution": FactSpec(
            "contribution of all movers",
            _POINTS,
            "total_contribution",
            "sum of contributions",
            signed=True,
            bases=_WHOLE,
        ),
        "covered_weight": FactSpec("weight of all movers together", _PERCENT, "covered_weight", "sum of weights"),
        "return_without": FactSpec(
            "return of all but {subject}",
            _POINTS,
            "unexplained_return",
            "portfolio return - contribution",
            signed=True,
        ),
        "unexplained_return": FactSpec(
            "return from everything else",
            _POINTS,
            "unexplained_return",
            "portfolio return - sum of contributions",
            signed=True,
            bases=_WHOLE,
        ),
        # Against a model
        "model_weight": FactSpec("model weight of {subject}", _PERCENT, "model_weight", "as sent"),
        "drift": FactSpec("drift of {subject} from the model", _POINTS, "drift", "weight - model weight", signed=True),
        "band": FactSpec("band of {subject}", _POINTS, "band", "default"),
        "active_share": FactSpec("active share against the model", _PERCENT, "active_share", "half the sum of |drift|"),
        "band_move": FactSpec(
            "amount of one trade that brings all assets within their bands",
            _MONEY,
            "turnover",
            "largest excess over a band x total",
        ),
        "trade": FactSpec(
            "trade in {subject} to reach the model", _MONEY, "trade", "model weight x total - market value", signed=True
        ),
        "planned": FactSpec(
            "trade in {subject} towards the model that can be made now",
            _MONEY,
            "trade",
            "the trade, as far as it is paid for without what cannot be sold at will",
            signed=True,
        ),
        "unsold": FactSpec(
            "amount of {subject} above its model weight that cannot be sold at will",
            _MONEY,
            "trade",
            "market value - model weight x total",
        ),
        "trade_units": FactSpec("units of {subject} to trade", _NUMBER, "trade_units", "trade / price", signed=True),
        "turnover_amount": FactSpec("amount to move", _MONEY, "turnover", "half the sum of |trade|"),
        "turnover": FactSpec("turnover to reach the model", _PERCENT, "turnover", "half the sum of |trade| / total"),
        "equity_share": FactSpec(
            "equity share of the portfolio", _PERCENT, "equity_share", "sum of the weights of equity assets"
        ),
        "equity_least": FactSpec(
            "equity share of the portfolio, as far as it is known",
            _PERCENT,
            "equity_share",
            "sum of the weights of what is known as equity",
        ),
        "equity_most": FactSpec(
            "equity share of the portfolio with all that may be equity",
            _PERCENT,
            "equity_share",
            "equity that is known and all that may be",
        ),
        "benchmark_equity": FactSpec(
            "equity share of the benchmark", _PERCENT, "benchmark_equity", "sum of the parts of the benchmark in shares"
        ),
        "model_equity_share": FactSpec(
            "equity share of the model", _PERCENT, "model_equity", "sum of the model weights of equity assets"
        ),
        "leverage": FactSpec(
            "overdrafts and short positions", _PERCENT, "leverage", "sum of the weights below zero, as a size"
        ),
        "leverage_amount": FactSpec(
            "amount of overdrafts and short positions", _MONEY, "leverage", "sum of the values below zero, as a size"
        ),
        "illiquid_share": FactSpec(
            "share that cannot be sold within days", _PERCENT, "illiquid", "sum of the weights of illiquid positions"
        ),
        "class_share": FactSpec("share of {subject}", _PERCENT, "weight", "sum of the weights of the class"),
        "profile_limit": FactSpec(
            "limit of the profile for {subject}", _PERCENT, "profile_range", "risk_profiles of sections.yaml"
        ),
        "income_cover_after_tax": FactSpec(
            "share of the yearly need that income after tax covers",
            _PERCENT,
            "income_cover",
            "income after tax / yearly need",
            bases=("after_tax",),
        ),
        "profile_min": FactSpec(
            "least equity for a {subject} profile", _PERCENT, "profile_range", "risk_profiles of sections.yaml"
        ),
        "profile_max": FactSpec(
            "most equity for a {subject} profile", _PERCENT, "profile_range", "risk_profiles of sections.yaml"
        ),
    }
    | AFTER
    | OVER_TIME
    | PAID
)
