"""Templates as in ``claim_twists``, whose false word says how figures or assets stand to each other."""

BETWEEN: dict[str, tuple[str, ...]] = {
    "relation": (
        "{A} carries {w(A)}, <more|less> than the {w(B)} in {B}. ?? w(A)>w(B) and far(w(A),w(B))",
        "{A}, at {w(A)}, <dwarfs|is dwarfed by> {B} with its {w(B)}. ?? w(A)>w(B)+w(B)",
        "{r(A)} from {A} <surpasses|lags> the {r(B)} from {B}. ?? r(A)>r(B)+1 and r(B)>0.5",
        (
            "At {f('volatility')}, the portfolio's volatility is <higher|lower> than the {f('benchmark_volatility')} "
            "of its benchmark. ?? f('volatility')>f('benchmark_volatility')+0.4"
        ),
        (
            "At {f('volatility')}, the portfolio's volatility is <lower|higher> than the {f('benchmark_volatility')} "
            "of its benchmark. ?? f('benchmark_volatility')>f('volatility')+0.4"
        ),
        (
            "Income of {f('income')} <falls short of|exceeds> the yearly need of {f('annual_need')}. ?? "
            "f('annual_need')>f('income')+500"
        ),
        (
            "The {f('cagr')} a year that the portfolio made <beats|lags> the {f('benchmark_cagr')} of the benchmark. "
            "?? f('cagr')>f('benchmark_cagr')+0.3 and f('benchmark_cagr')>0.3"
        ),
        (
            "The {f('cagr')} a year that the portfolio made <lags|beats> the {f('benchmark_cagr')} of the benchmark. "
            "?? f('benchmark_cagr')>f('cagr')+0.3 and f('cagr')>0.3"
        ),
        "Today's {f('market_value')} is <above|below> the {f('cost')} that went in. ?? f('market_value')>f('cost')+999",
        "{A} yields {y(A)}, <ahead of|behind> {B} with {y(B)}. ?? y(A)>y(B)+0.3",
        "{A} yields {y(A)}, <less|more> than the {y(B)} on {B}. ?? y(B)>y(A)+0.3",
        "At {w(A)}, {A} sits <above|beneath> the {m(A)} that the model gives it. ?? w(A)>m(A)+0.5",
        "At {w(A)}, {A} sits <beneath|above> the {m(A)} that the model gives it. ?? m(A)>w(A)+0.5",
        "{A} pays {i(A)}, <topping|not matching> the {i(B)} from {B}. ?? i(A)>i(B) and far(i(A),i(B))",
        "Having cost {c(A)}, {A} is worth <more|less> today: {v(A)}. ?? v(A)>c(A) and far(v(A),c(A))",
        "Having cost {c(A)}, {A} is worth <less|more> today: {v(A)}. ?? c(A)>v(A) and far(v(A),c(A))",
    ),
    "ranking": (
        "{A} is the <largest|smallest> {noun(A)}, at {w(A)}. ?? rank('w',A)==1 and count('w',A)>2 and clear('w',A)",
        "{A} is the <second-largest|largest> {noun(A)}, at {w(A)}. ?? rank('w',A)==2 and clear('w',A)",
        "{A} ranks <second|third> among the {noun(A)}s with {w(A)}. ?? rank('w',A)==2 and clear('w',A)",
        "{A} did <best|worst> of all, returning {r(A)}. ?? rank('r',A)==1 and r(A)>0.5 and clear('r',A)",
        (
            "{A} did <worst|best> of all, losing {r(A)}. ?? rank('r',A)==count('r',A) and count('r',A)>2 and "
            "r(A)<-0.5 and clear('r',A)"
        ),
        "At {y(A)}, {A} offers the <highest|lowest> yield. ?? rank('y',A)==1 and count('y',A)>2 and clear('y',A)",
        (
            "At {y(A)}, {A} offers the <lowest|highest> yield. ?? rank('y',A)==count('y',A) and count('y',A)>2 and "
            "clear('y',A)"
        ),
        "Nothing pays <more|less> than {A} with its {i(A)} a year. ?? rank('i',A)==1 and clear('i',A)",
        "The <top|smallest> payer is {A}, with {s(A)} of the income. ?? rank('s',A)==1 and clear('s',A)",
        "{A} tops the list of <contributors|detractors> with {k(A)}. ?? rank('k',A)==1 and k(A)>0.05 and clear('k',A)",
        (
            "The <biggest|smallest> unrealised gain, {g(A)}, is that on {A}. ?? rank('g',A)==1 and g(A)>1 and "
            "positive('g',A)>1 and clear('g',A)"
        ),
        "<No holding|Another holding> is larger than {A} at {w(A)}. ?? rank('w',A)==1 and clear('w',A)",
        (
            "{A} leads with {w(A)}, <followed|preceded> by {B} with {w(B)}. ?? rank('w',A)==1 and rank('w',B)==2 and "
            "clear('w',A) and clear('w',B)"
        ),
        (
            "The {noun(A)}s are led by <{A} with {w(A)}, ahead of {B} with {w(B)}|{B} with {w(B)}, ahead of {A} with "
            "{w(A)}>. ?? rank('w',A)==1 and rank('w',B)==2 and clear('w',A)"
        ),
        "The <heaviest|lightest> line is {A}, worth {v(A)}. ?? rank('v',A)==1 and count('v',A)>2 and clear('v',A)",
        (
            "{A} is at the <bottom|top> of the table by size, with {w(A)}. ?? rank('w',A)==count('w',A) and "
            "count('w',A)>2 and clear('w',A)"
        ),
    ),
    "quantifier": (
        "<Both|Neither> {A} and {B} are up, by {r(A)} and {r(B)}. ?? r(A)>0.5 and r(B)>0.5",
        "<Both|Only one> of {A} ({gp(A)}) and {B} ({gp(B)}) stand above cost. ?? gp(A)>1 and gp(B)>1",
        (
            "<All|Some but not all> {spelt(count('gp',A))} positions are worth more than they cost. ?? "
            "positive('gp',A)==count('gp',A) and whole('gp',A)"
        ),
        "<Not all|All> positions are in profit: {A} is down {gp(A)}. ?? gp(A)<-1 and whole('gp',A)",
        (
            "<Most|Hardly any> of the holdings rose, {spelt(positive('r',A))} of {spelt(count('r',A))}. ?? "
            "positive('r',A)*2>count('r',A)+1 and whole('r',A)"
        ),
        (
            "<Only {A}|Every position but {A}> lost money: {gp(A)}. ?? gp(A)<-1 and "
            "positive('gp',A)==count('gp',A)-1 and whole('gp',A) and count('gp',A)>2"
        ),
        "<Some|None> of the holdings are under water, {A} by {gp(A)}. ?? gp(A)<-1",
        "<More than one|Only one> holding is under water: {A} by {gp(A)} and {B} by {gp(B)}. ?? gp(A)<-1 and gp(B)<-1",
        (
            "{A} and {B} are <two of several|the only> holdings with a gain, {gp(A)} and {gp(B)}. ?? gp(A)>1 and "
            "gp(B)>1 and positive('gp',A)>3"
        ),
        "<Nothing else|Everything else> is larger than {A}, which is {w(A)}. ?? rank('w',A)==1 and clear('w',A)",
        "<Each|Neither> of {A} and {B} is overweight, by {d(A)} and {d(B)}. ?? d(A)>0.5 and d(B)>0.5",
        (
            "<All|None> of the rules are kept: {A} at {w(A)} is within the {f('limit.single_name')} limit for one "
            "name. ?? f('breaches')<1"
        ),
        "<At least one|No> limit is broken: {A} at {w(A)} is above {f('limit.single_name')}. ?? x(A)>0.3",
        (
            "{A} is <one of several|the only> {noun(A)}s that the model would sell, by {t(A)}. ?? t(A)<-100 and "
            "negative('t',A)>2"
        ),
    ),
    "cause": (
        (
            "The main <driver of|drag on> the return was {A}, with {k(A)}. ?? rank('k',A)==1 and k(A)>0.05 and "
            "clear('k',A)"
        ),
        (
            "The main <drag on|driver of> the return was {A}, with {k(A)}. ?? rank('k',A)==count('k',A) and "
            "k(A)<-0.05 and clear('k',A)"
        ),
        "<Thanks to|Despite> the rise of {r(A)} in {A}, {k(A)} was added to the return. ?? r(A)>0.5 and k(A)>0.05",
        (
            "<Despite|Because of> the fall in {A}, which cost {k(A)}, the portfolio rose {f('portfolio_return')}. ?? "
            "k(A)<-0.05 and f('portfolio_return')>0.3"
        ),
        (
            "<Despite|Thanks to> a gain of {r(A)} in {A}, the portfolio fell {f('portfolio_return')}. ?? r(A)>0.5 "
            "and f('portfolio_return')<-0.3"
        ),
        "<Because|Although> {A} fell {r(A)}, it took {k(A)} off the result. ?? r(A)<-0.5 and k(A)<-0.05",
        (
            "The gain owes <most|least> to {A}, which brought {k(A)}. ?? rank('k',A)==1 and k(A)>0.05 and "
            "positive('k',A)>1 and clear('k',A)"
        ),
        (
            "The portfolio rose {f('portfolio_return')} because of <{A}|{B}>, the largest contributor. ?? "
            "rank('k',A)==1 and clear('k',A) and f('portfolio_return')>0.3 and k(A)>0.05"
        ),
        (
            "The {f('portfolio_return')} loss came about mainly because <{A}|{B}> fell. ?? "
            "f('portfolio_return')<-0.3 and rank('k',A)==count('k',A) and clear('k',A) and k(A)<-0.05"
        ),
        (
            "It is <{A}|{B}> that lifts the income most, with {s(A)}. ?? rank('s',A)==1 and clear('s',A) and "
            "far(s(A),s(B))"
        ),
        (
            "{A} is overweight by {d(A)}, <so that it has to be reduced|because it has to be reduced, being below "
            "target>. ?? d(A)>0.5"
        ),
        "The excess over the limit stems from <{A}|{B}>, at {w(A)}. ?? x(A)>0.3 and far(w(A),w(B))",
    ),
    "consequence": (
        "{A} at {w(A)} <breaches|respects> the limit of {f('limit.single_name')} for a single name. ?? x(A)>0.3",
        (
            "At {w(A)}, {A} <keeps to|breaks> the {f('limit.single_name')} limit for a single name. ?? "
            "f('limit.single_name')>w(A)+0.5 and position(A)"
        ),
        (
            "{A} stands at {w(A)}, which <takes it over|leaves it under> the {f('limit.single_name')} ceiling on one "
            "name. ?? x(A)>0.3"
        ),
        "With {w(A)} in {A}, the single-name rule ({f('limit.single_name')}) is <broken|observed>. ?? x(A)>0.3",
        "{A} has drifted {d(A)} from target, which is <outside|within> its band. ?? abs(d(A))>z(A)+0.2",
        "{A} has drifted {d(A)} from target, which is <within|outside> its band. ?? z(A)>abs(d(A))+0.2",
        (
            "An equity share of {f('equity_share')} <suits|is too high for> the profile. ?? "
            "f('equity_share')<f('profile_max') and f('equity_share')>f('profile_min')"
        ),
        (
            "An equity share of {f('equity_share')} <is too high for|suits> the profile. ?? "
            "f('equity_share')>f('profile_max')+0.3"
        ),
        (
            "An equity share of {f('equity_share')} <is too low for|fits> the profile. ?? "
            "f('profile_min')>f('equity_share')+0.3"
        ),
        (
            "Income of {f('income')} against a need of {f('annual_need')} leaves the client with a "
            "<shortfall|surplus>. ?? f('annual_need')>f('income')+500"
        ),
        (
            "With {f('income')} coming in and {f('annual_need')} needed, the income is <not enough|sufficient>. ?? "
            "f('annual_need')>f('income')+500"
        ),
        (
            "As the income covers {f('income_cover')} of the need, capital <has|need not> be drawn on. ?? "
            "f('income_cover')<95"
        ),
        (
            "The top five hold {f('top_5')}, so the {f('limit.top_five')} rule is <broken|met>. ?? "
            "f('top_5')>f('limit.top_five')+0.3"
        ),
        "Costs of {f('fee')} <exceed|are within> the {f('limit.fee')} allowed. ?? f('fee')>f('limit.fee')+0.02",
        "Costs of {f('fee')} <are within|exceed> the {f('limit.fee')} allowed. ?? f('limit.fee')>f('fee')+0.02",
        (
            "{A}'s {w(A)} is <compatible|incompatible> with the {f('limit.single_name')} limit for one name. ?? "
            "f('limit.single_name')>w(A)+0.5 and position(A)"
        ),
    ),
    "advice": (
        "{A} is {d(A)} over target and should be <trimmed|topped up>. ?? d(A)>0.5 and t(A)<-100",
        "{A} is {d(A)} under target and should be <topped up|trimmed>. ?? d(A)<-0.5 and t(A)>100",
        "As {A} stands at {w(A)} against {m(A)} in the model, <sell|buy> some of it. ?? t(A)<-100 and d(A)>0.5",
        "As {A} stands at {w(A)} against {m(A)} in the model, <buy|sell> some of it. ?? t(A)>100 and d(A)<-0.5",
        "At {w(A)} against a limit of {f('limit.single_name')}, {A} <needs to come down|may be added to>. ?? x(A)>0.3",
        "At {w(A)} against a limit of {f('limit.single_name')}, {A} <has to be cut|can be left alone>. ?? x(A)>0.3",
        "We would <reduce|increase> {A} by {t(A)} to restore the model. ?? t(A)<-100",
        "We would <increase|reduce> {A} by {t(A)} to restore the model. ?? t(A)>100",
        "{t(A)} should be <taken out of|put into> {A}. ?? t(A)<-100",
        "Recommendation: <lighten|add to> {A}, {d(A)} too heavy. ?? d(A)>0.5 and t(A)<-100",
        "The proposal is to <sell|purchase> {A} worth {t(A)}. ?? t(A)<-100",
        "The proposal is to <purchase|sell> {A} worth {t(A)}. ?? t(A)>100",
        "{A} has drifted {d(A)} and <calls for|does not call for> a trade of {t(A)}. ?? d(A)>0.5 and t(A)<-100",
        "With {d(A)} too little in {A}, the next step is to <build it up|cut it back>. ?? d(A)<-0.5 and t(A)>100",
    ),
    "order": (
        "{A} pays <before|after> {B}: on {day(A)} and {day(B)}. ?? early('p',A,B)",
        "{A} pays on {day(A)}, <earlier|later> than {B} on {day(B)}. ?? early('p',A,B)",
        "The <first|last> payment, that of {A}, is due on {day(A)}. ?? first('p',A)",
        "The <next|last> to pay is {A}, on {day(A)}. ?? first('p',A)",
        "After {A} on {day(A)}, {B} is <next|no longer> to pay, on {day(B)}. ?? early('p',A,B)",
        "{A} comes <first|second> with {day(A)}, then {B} with {day(B)}. ?? first('p',A) and early('p',A,B)",
        "On {day(A)} the payment of <{A}|{B}> arrives. ?? early('p',A,B)",
        "Until {day(A)} <nothing|something else> is paid; then it is the turn of {A}. ?? first('p',A)",
    ),
    "parts": (
        "{A} and {B} <together|each> account for {w(A)+w(B)}. ?? w(A)>1 and w(B)>1 and unlike('w',A,w(A)+w(B))",
        "{A} and {B} <combined|individually> are worth {v(A)+v(B)}. ?? v(A)>100 and v(B)>100",
        "{A} and {B} stand at {w(A)} and {w(B)} <respectively|in the reverse order>. ?? far(w(A),w(B))",
        "<{A} and {B}|{B} and {A}> weigh {w(A)} and {w(B)} respectively. ?? far(w(A),w(B))",
        "The <sum of|difference between> {A} and {B} is {w(A)+w(B)}. ?? w(A)>2 and w(B)>2",
        "The <difference between|sum of> {A} and {B} is {w(A)-w(B)}. ?? w(A)>w(B)+2 and w(B)>2",
        "{A} and {B} <jointly|apiece> bring in {i(A)+i(B)} a year. ?? i(A)>100 and i(B)>100",
        "{A}, the <larger|smaller> of the two, is {w(A)}; {B} is {w(B)}. ?? w(A)>w(B) and far(w(A),w(B))",
        "<Without|With> {A}, {100-w(A)} of the portfolio remains. ?? w(A)>5 and far(w(A),100-w(A))",
        "All that is <not in|in> {A} comes to {100-w(A)}. ?? w(A)>5 and far(w(A),100-w(A))",
    ),
}
