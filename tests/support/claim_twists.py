"""Templates of sentences whose figures all stand in the payload while one word makes them false, by kind of word.

They are filled as ``claim_sentences`` tells: ``<true|false>`` is the only place where the false sentence differs. What
stands behind ``??`` holds for the payloads in which the true one is true *and* the false one is false. Here stand those
of what a figure is itself; those of how things stand to each other stand in ``claim_twists_between``.
"""

from tests.support.claim_twists_between import BETWEEN

OF_ONE: dict[str, tuple[str, ...]] = {
    "subject": (
        "It is <{A}|{B}> that accounts for {w(A)} of the portfolio. ?? far(w(A),w(B))",
        "Of everything the client owns, {w(A)} is tied up in <{A}|{B}>. ?? far(w(A),w(B))",
        "Over the period <{A}|{B}> returned {r(A)}. ?? far(r(A),r(B)) and r(A)>1",
        "What <{A}|{B}> pays comes to {i(A)} a year. ?? far(i(A),i(B))",
        "The position in <{A}|{B}> was built up for {c(A)}. ?? far(c(A),c(B)) and far(c(A),v(B))",
        "A look at <{A}|{B}> shows a holding worth {v(A)}. ?? far(v(A),v(B))",
        "The paper profit in <{A}|{B}> now stands at {g(A)}. ?? g(A)>1 and far(g(A),g(B))",
        "<{A}|{B}> is quoted {gp(A)} over what was paid for it. ?? gp(A)>1 and far(gp(A),gp(B))",
        "In <{A}|{B}> alone the client has {v(A)} at stake. ?? far(v(A),v(B))",
        "With a yield of {y(A)}, <{A}|{B}> stands out. ?? far(y(A),y(B))",
        "The overshoot of {d(A)} in <{A}|{B}> is the result of drift. ?? d(A)>0.5 and far(d(A),d(B))",
        "The model earmarks {m(A)} of the money for <{A}|{B}>. ?? far(m(A),m(B))",
        "Getting back to the plan means parting with {t(A)} of <{A}|{B}>. ?? t(A)<-100 and far(t(A),t(B))",
        "For <{A}|{B}>, the price move added {k(A)} to the result. ?? k(A)>0.05 and far(k(A),k(B))",
        "Measured by income, <{A}|{B}> supplies {s(A)}. ?? far(s(A),s(B))",
    ),
    "measure": (
        "{A} <carries a weight of|has returned> {w(A)}. ?? unlike('r',A,w(A)) and unlike('gp',A,w(A))",
        "<The yield on {A} is|{A} has returned> {y(A)}. ?? unlike('r',A,y(A)) and unlike('gp',A,y(A))",
        "The portfolio's <volatility|return> was {f('volatility')} a year. ?? far(f('volatility'),f('cagr'))",
        "The average <coupon|yield to maturity> of the bonds is {f('coupon')}. ?? far(f('coupon'),f('ytm'))",
        "The <duration|average maturity> comes to {f('duration')} years. ?? far(f('duration'),f('average_maturity'))",
        "The deepest <drawdown|monthly loss> was {f('drawdown')}. ?? far(f('drawdown'),f('worst_period'))",
        "{A} <added {k(A)} to the portfolio's return|itself rose by {k(A)}>. ?? k(A)>0.05 and far(k(A),r(A))",
        "{A} <itself rose by {r(A)}|added {r(A)} to the portfolio's return>. ?? r(A)>1 and far(k(A),r(A))",
        "{A} <was bought for|is now worth> {c(A)}. ?? far(c(A),v(A))",
        "{A} <is now worth|originally cost> {v(A)}. ?? far(c(A),v(A))",
        "{i(A)} a year <is what {A} pays|is what the client holds in {A}>. ?? unlike('v',A,i(A))",
        (
            "The portfolio's <tracking error|volatility> runs at {f('tracking_error')}. ?? "
            "far(f('tracking_error'),f('volatility'))"
        ),
        "Its <beta|Sharpe ratio> works out at {f('beta')}. ?? far(f('beta'),f('sharpe'))",
        "In <rising|falling> markets it captured {f('up_capture')}. ?? far(f('up_capture'),f('down_capture'))",
        "{A} <is held at|has a target of> {w(A)}. ?? far(w(A),m(A))",
        "{A} <has a target of|actually stands at> {m(A)}. ?? far(w(A),m(A))",
        "The <equity share|turnover needed> is {f('equity_share')}. ?? far(f('equity_share'),f('turnover'))",
        "The <income|need> amounts to {f('income')} a year. ?? far(f('income'),f('annual_need'))",
        "{f('gain')} is what the portfolio <has gained|cost>. ?? f('gain')>1 and far(f('gain'),f('cost'))",
        "Its <best|worst> month brought {f('best_period')}. ?? far(f('best_period'),f('worst_period'))",
    ),
    "period": (
        (
            "<Over the whole period|Over the last twelve months> the portfolio returned {f('twr')}. ?? f('twr')>1 "
            "and far(f('twr'),f('trailing_return'))"
        ),
        (
            "In the <last twelve months|full period> the portfolio earned {f('trailing_return')}. ?? "
            "f('trailing_return')>1 and far(f('twr'),f('trailing_return'))"
        ),
        "{A} pays the client {i(A)} <a year|a month>.",
        "{A} pays the client {i(A)} every <year|quarter>.",
        "Income of {f('income')} flows in each <year|month>.",
        "On average {f('income_monthly')} arrives every <month|week>.",
        "On average {f('income_monthly')} arrives every <month|year>.",
        (
            "{f('benchmark_twr')} is what the benchmark made <from start to finish|in the past year>. ?? "
            "f('benchmark_twr')>1 and far(f('benchmark_twr'),f('benchmark_trailing'))"
        ),
        "<In total|Per year> the portfolio has made {f('twr')}. ?? f('twr')>1 and far(f('twr'),f('cagr'))",
        "<Annualised|In total>, the return was {f('cagr')}. ?? f('cagr')>0.5 and far(f('twr'),f('cagr'))",
        "The return came to {f('cagr')} <a year|in all>. ?? f('cagr')>0.5 and far(f('twr'),f('cagr'))",
        "Its worst <month|year> cost {f('worst_period')}. ?? f('periods')/f('years')>11 and f('worst_period')<-0.5",
        "Its volatility, {f('volatility')} <a year|a month>, is no cause for concern.",
        "The client needs {f('annual_need')} a <year|month>.",
        "The fees come to {f('fee')} <a year|a month>.",
    ),
    "basis": (
        "<Before|After> tax the income is {f('income')}. ?? far(f('income'),f('income_after_tax'))",
        "<After|Before> tax, {f('income_after_tax')} comes in a year. ?? far(f('income'),f('income_after_tax'))",
        "<Net|Gross> of tax the client keeps {f('income_after_tax')}. ?? far(f('income'),f('income_after_tax'))",
        "The <gross|net> income is {f('income')}. ?? far(f('income'),f('income_after_tax'))",
        (
            "<Once tax is paid|Before any tax>, {f('income_after_tax')} is left to spend. ?? "
            "far(f('income'),f('income_after_tax'))"
        ),
        (
            "<Untaxed|Taxed>, the income would cover {f('income_cover')} of the need. ?? "
            "far(f('income_cover'),f('income_cover_after_tax'))"
        ),
        "The portfolio returned {f('twr')} over the whole period<.|, after inflation.> ?? f('twr')>1",
        "The portfolio made {f('cagr')} a year <in nominal|in real> terms. ?? f('cagr')>0.5",
        "{A} makes up {w(A)} of the <portfolio|income>. ?? far(w(A),s(A))",
        "{s(A)} of the <income|assets> comes from {A}. ?? unlike('w',A,s(A)) and unlike('p',A,s(A))",
        "{A} represents {w(A)} of the <whole|gains>. ?? unlike('gs',A,w(A))",
        "{A} is {gp(A)} ahead of its <cost|target>. ?? gp(A)>1 and unlike('d',A,gp(A))",
        "{A} is {d(A)} over its <target|cost>. ?? d(A)>0.5 and unlike('gp',A,d(A))",
        "Its <largest position|two largest positions> hold {f('top_1')}.",
        "The <three|five> largest positions hold {f('top_3')}. ?? far(f('top_3'),f('top_5'))",
    ),
    "direction": (
        "{A} <advanced|retreated> by {r(A)}. ?? r(A)>0.5",
        "{A} <retreated|advanced> by {r(A)}. ?? r(A)<-0.5",
        "{A} was a <tailwind|headwind> worth {k(A)}. ?? k(A)>0.05",
        "{A} was a <drag|boost> of {k(A)}. ?? k(A)<-0.05",
        "The holding in {A} is in the <black|red> by {g(A)}. ?? g(A)>1",
        "The holding in {A} is in the <red|black> by {g(A)}. ?? g(A)<-1",
        "Rebalancing would move {t(A)} <out of|into> {A}. ?? t(A)<-100",
        "Rebalancing would move {t(A)} <into|out of> {A}. ?? t(A)>100",
        "{A} <swelled|shrank> from {c(A)} to {v(A)}. ?? v(A)>c(A) and far(v(A),c(A))",
        "Should rates <rise|fall> by one point, the bonds would lose {f('sensitivity_amount')}.",
        "A one-point <rise|fall> in yields would take {f('sensitivity')} off the value.",
        "Since it was bought, {A} has <appreciated|depreciated> {gp(A)}. ?? gp(A)>1",
        "Since it was bought, {A} has <depreciated|appreciated> {gp(A)}. ?? gp(A)<-1",
        "On balance the portfolio <earned|forfeited> {f('gain')}. ?? f('gain')>1",
        "The portfolio <grew|contracted> by {f('twr')} in the period. ?? f('twr')>1",
        "{A} <helped|hurt> the result to the tune of {k(A)}. ?? k(A)>0.05",
        "{A} <hurt|helped> the result to the tune of {k(A)}. ?? k(A)<-0.05",
        "A <profit|loss> of {g(A)} would be realised by selling {A}. ?? g(A)>1",
    ),
    "negation": (
        "{A} is <|not >in profit, its gain being {g(A)}. ?? g(A)>1",
        "{A} has <not |>held its value: it is down {gp(A)}. ?? gp(A)<-1",
        (
            "The portfolio has <|not >beaten its benchmark, with {f('cagr')} a year against {f('benchmark_cagr')}. "
            "?? f('cagr')>f('benchmark_cagr')+0.3"
        ),
        (
            "The portfolio has <not |>beaten its benchmark, with {f('cagr')} a year against {f('benchmark_cagr')}. "
            "?? f('benchmark_cagr')>f('cagr')+0.3"
        ),
        (
            "The income of {f('income')} does <not |>cover the need of {f('annual_need')}. ?? "
            "f('annual_need')>f('income')+500"
        ),
        (
            "The income of {f('income')} <covers|does not cover> the need of {f('annual_need')}. ?? "
            "f('income')>f('annual_need')+500"
        ),
        (
            "{A}, at {w(A)}, does <not |>exceed the {f('limit.single_name')} cap on one name. ?? "
            "f('limit.single_name')>w(A)+0.5 and position(A)"
        ),
        "{A}, at {w(A)}, does <|not >exceed the {f('limit.single_name')} cap on one name. ?? x(A)>0.3",
        "{A} is <not |>below target: it holds {w(A)} where {m(A)} is asked for. ?? w(A)>m(A)+0.5",
        "{A} has <no|a> shortfall against the model, at {w(A)} for {m(A)}. ?? w(A)>m(A)+0.5",
        "{A} did <not |>rise: it returned -{num(r(A))}%. ?? r(A)<-0.5",
        "There is <no|a> loss on {A}, which is {gp(A)} above cost. ?? gp(A)>1",
        "{A} did <not |>contribute positively, at -{num(k(A))} points. ?? k(A)<-0.05",
        "The account is <not |>free of losses: {A} shows one of {g(A)}. ?? g(A)<-1",
    ),
    "unit": (
        "{A} makes up {num(w(A))} <per cent|basis points> of the portfolio.",
        "The bonds have a duration of {num(f('duration'))} <years|months>.",
        "{A} added {num(k(A))} <percentage points|basis points>. ?? k(A)>0.05",
        "{A} rose {num(r(A))} <per cent|basis points>. ?? r(A)>1",
        "The portfolio is worth {money(f('market_value'))}.<| That is in thousands.>",
        "{A} is worth <{money(v(A))}|{foreign(v(A))}>.",
        "The portfolio is worth <{money(f('market_value'))}|{foreign(f('market_value'))}>.",
        "The income is <{money(f('income'))}|{foreign(f('income'))}> a year.",
        "{A} cost <{money(c(A))}|{foreign(c(A))}>.",
        "{A} yields {num(y(A))} <per cent|basis points>.",
        "{A} is {num(d(A))} <percentage points|times> overweight. ?? d(A)>0.5",
        "The track runs over {num(f('years'))} <years|months>.",
        "The bonds mature in {num(f('average_maturity'))} <years|months> on average.",
        "The yield to maturity is {num(f('ytm'))} <per cent|years>.",
    ),
    "owner": (
        (
            "<The portfolio|The benchmark> returned {f('twr')} over the whole period. ?? f('twr')>1 and "
            "far(f('twr'),f('benchmark_twr'))"
        ),
        (
            "<The benchmark|The portfolio> returned {f('benchmark_cagr')} a year. ?? f('benchmark_cagr')>1 and "
            "far(f('cagr'),f('benchmark_cagr'))"
        ),
        (
            "<The portfolio's|The benchmark's> volatility is {f('volatility')}. ?? "
            "far(f('volatility'),f('benchmark_volatility'))"
        ),
        "The <model|portfolio> has {m(A)} in {A}. ?? far(m(A),w(A))",
        "In {A} the <client|model> has {w(A)}. ?? far(m(A),w(A))",
        (
            "<The model|The client's portfolio> has an equity share of {f('model_equity_share')}. ?? "
            "far(f('model_equity_share'),f('equity_share'))"
        ),
        (
            "{f('benchmark_twr')} was made by <its benchmark|the client's own portfolio>. ?? f('benchmark_twr')>1 "
            "and far(f('twr'),f('benchmark_twr'))"
        ),
        (
            "{f('twr')} was made by <the client's own portfolio|the index that it is measured by>. ?? f('twr')>1 and "
            "far(f('twr'),f('benchmark_twr'))"
        ),
        (
            "Fluctuating by {f('benchmark_volatility')} a year, <the index|the portfolio> was no quiet companion. ?? "
            "far(f('volatility'),f('benchmark_volatility'))"
        ),
        (
            "The excess of {f('excess_cagr')} a year is in <the portfolio's|the benchmark's> favour. ?? "
            "f('excess_cagr')>0.3"
        ),
        (
            "The difference of {f('excess_cagr')} a year is in <the benchmark's|the portfolio's> favour. ?? "
            "f('excess_cagr')<-0.3"
        ),
    ),
}
TWISTS = {**OF_ONE, **BETWEEN}
