"""The words by which narratives speak of figures: names of measures, and words that give a figure its direction."""

import re
from dataclasses import dataclass
from enum import StrEnum


class Direction(StrEnum):
    """Which words say whether a figure of a measure is above or below zero."""

    MOVE = "move"
    LEVEL = "level"
    TRADE = "trade"


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure's words. ``of_portfolio`` measures exist for the whole only, so that no asset need stand beside
    them."""

    pattern: re.Pattern[str]
    direction: Direction | None = None
    of_portfolio: bool = False


def _measure(words: str, direction: Direction | None = None, *, of_portfolio: bool = False) -> Measure:
    return Measure(re.compile(rf"\b(?:{words})\b", re.IGNORECASE), direction, of_portfolio)


_GAINS = (
    r"gain\w*|profit\w*|loss\w*|lost|lose\w*|up|down|apprecia\w*|deprecia\w*|ahead|unreali[sz]ed|return\w*|above cost|"
    r"below cost|in the red|in the black|grown|growth|rose|risen|fell|fallen|made"
)
_RETURNS = (
    r"return\w*|gain\w*|rose|risen|rise\w*|fell|fall\w*|lost|lose\w*|loss\w*|up|down|perform\w*|decline\w*|"
    r"drop\w*|climb\w*|"
    r"advance\w*|slip\w*|shed|slid|surge\w*|jump\w*|rall\w*|mov\w*|deliver\w*|earn\w*|add(?:ed|ing)"
)
_WEIGHTS = (
    r"weigh\w*|share\w*|allocat\w*|of (?:the |your |total )?(?:\w+ )?(?:portfolio|assets|holdings|book|"
    r"investments|total)|"
    r"makes? up|making up|account\w* for|represent\w*|expos\w*|holds?|holding|held|sits?|stands? at|is at|are "
    r"at|position\w*|"
    r"mix|largest|biggest|single|concentrat\w*|constitut\w*|compris\w*|dominat\w*|leads?|led|overweight|"
    r"underweight|at|in"
)

MEASURES: dict[str, Measure] = {
    "market_value": _measure(
        r"market value|valued?|values|worth|stands? at|portfolio|assets under|aum|holding\w*|position\w*"
    ),
    "cost": _measure(r"cost\w*|invest\w*|paid|outlay|put in|purchase\w*|book value"),
    "gain": _measure(_GAINS, Direction.MOVE),
    "cash": _measure(r"cash|liquid\w*|uninvested|idle"),
    "weight": _measure(_WEIGHTS),
    "covered_weight": _measure(rf"together|cover\w*|all (?:the )?movers|combined|in all|{_WEIGHTS}", of_portfolio=True),
    "equity_share": _measure(r"equit\w*", of_portfolio=True),
    "top_1": _measure(r"largest|biggest|top (?:asset|holding|position|name)|single|top 1", of_portfolio=True),
    "top_3": _measure(r"(?:top|largest|biggest) (?:three|3)|(?:three|3) (?:largest|biggest)", of_portfolio=True),
    "top_5": _measure(r"(?:top|largest|biggest) (?:five|5)|(?:five|5) (?:largest|biggest)", of_portfolio=True),
    "top_10": _measure(r"(?:top|largest|biggest) (?:ten|10)|(?:ten|10) (?:largest|biggest)", of_portfolio=True),
    "hhi": _measure(r"hhi|herfindahl\w*", of_portfolio=True),
    "effective_number": _measure(
        r"effective\w*|equal(?:ly)?[- ](?:weighted|sized)|behaves? like|as if", of_portfolio=True
    ),
    "count": _measure(
        r"holdings?|positions?|assets?|classes|class|stocks?|names?|movers?|bonds?|issues?|sources?|of|spread|"
        r"lines?|funds?",
        of_portfolio=True,
    ),
    "gainers": _measure(r"gain\w*|rose|advance\w*|winners?|up|positive", of_portfolio=True),
    "losers": _measure(r"los\w*|fell|decline\w*|laggards?|down|negative", of_portfolio=True),
    "breaches": _measure(r"breach\w*|outside|beyond|rules?|limits?|bands?|broken?|over", of_portfolio=True),
    "xirr": _measure(
        rf"xirr|irr|since inception|annuali[sz]ed|a year|per year|per annum|money[- ]weighted|{_RETURNS}",
        Direction.MOVE,
        of_portfolio=True,
    ),
    "benchmark_return": _measure(r"benchmark\w*|index|market", Direction.MOVE, of_portfolio=True),
    "benchmark_risk": _measure(r"benchmark\w*|index|market", of_portfolio=True),
    "excess_return": _measure(
        r"ahead|behind|above|below|outperform\w*|underperform\w*|excess|lag\w*|trail\w*|beat\w*|over|short of|"
        r"more|less|alpha|"
        r"lead|active",
        Direction.LEVEL,
        of_portfolio=True,
    ),
    "return": _measure(_RETURNS, Direction.MOVE),
    "portfolio_return": _measure(rf"portfolio|overall|total|{_RETURNS}", Direction.MOVE, of_portfolio=True),
    "contribution": _measure(
        r"contribut\w*|add(?:ed|ing|s)|detract\w*|cost|took|taking|subtract\w*|drag\w*|driv\w*|drove", Direction.MOVE
    ),
    "total_contribution": _measure(
        r"together|contribut\w*|in all|total|combined|net|add(?:ed|ing)|sum|movers", Direction.MOVE, of_portfolio=True
    ),
    "unexplained_return": _measure(
        r"rest|remain\w*|elsewhere|everything else|other|unexplained|balance", Direction.MOVE, of_portfolio=True
    ),
    "model_weight": _measure(r"model\w*|target\w*|strategic|policy|should be|against|versus"),
    "drift": _measure(
        r"drift\w*|above|below|overweight|underweight|over|under|off|excess|short|ahead|behind|adrift|beyond|deviat\w*|"
        r"outside|heav\w*|light",
        Direction.LEVEL,
    ),
    "band": _measure(r"bands?|tolerance\w*|corridor|limit\w*|range"),
    "active_share": _measure(r"active share|differ\w*|from the model", of_portfolio=True),
    "trade": _measure(
        r"buy\w*|bought|sell\w*|sold|sale|trim\w*|reduc\w*|add\w*|increas\w*|cut\w*|exit\w*|mov\w*|switch\w*|trade\w*|"
        r"into|rais\w*|invest\w*|purchas\w*|top\w* up|redeem\w*|deploy\w*|from",
        Direction.TRADE,
    ),
    "trade_units": _measure(r"units?|shares?|buy\w*|sell\w*", Direction.TRADE),
    "turnover": _measure(r"turnover|mov\w*|trad\w*|switch\w*|sell\w*|rebalanc\w*|chang\w*", of_portfolio=True),
    "profile_range": _measure(
        r"profile|suit\w*|range|mandate|risk|between|at most|at least|maximum|minimum|ceiling|floor", of_portfolio=True
    ),
    "unlisted": _measure(r"unlisted|missing|not listed|gap|differ\w*|unaccounted|total", of_portfolio=True),
    "limit": _measure(r"limits?|cap\w*|rules?|ceiling|guideline\w*|threshold|maximum|at most|house", of_portfolio=True),
    "excess": _measure(r"above|over|excess\w*|beyond|exceed\w*|more than|past", Direction.LEVEL),
    "fee": _measure(r"fees?|expense\w*|ter|charge\w*|cost\w*", of_portfolio=True),
    "income": _measure(
        r"income|interest|dividends?|coupons?|pays?|paid|payout\w*|earn\w*|receiv\w*|cash flow\w*|distribut\w*"
    ),
    "yield": _measure(r"yield\w*|income|running|pays?"),
    "income_share": _measure(
        r"share|of (?:the |that |its |this )?income|from|comes?|sources?|depend\w*|account\w* for"
    ),
    "income_cover": _measure(r"cover\w*|need\w*|spend\w*|expens\w*|require\w*", of_portfolio=True),
    "tax": _measure(r"tax\w*", of_portfolio=True),
    "coupon": _measure(r"coupon\w*", of_portfolio=True),
    "ytm": _measure(r"yield\w*(?: to maturity)?|ytm|redemption", of_portfolio=True),
    "duration": _measure(r"duration|interest[- ]rate|sensitiv\w*", of_portfolio=True),
    "maturity": _measure(r"matur\w*|life|redeem\w*|years|average"),
    "maturity_weight": _measure(r"matur\w*|fall\w* due|redeem\w*|ladder|due|years?|within|beyond|between|bucket"),
    "sensitivity": _measure(r"rates?|rise|basis point|sensitiv\w*|fall|lose|cost", Direction.MOVE, of_portfolio=True),
    "quality_weight": _measure(r"rated|rating\w*|quality|grade|credit|unrated"),
    "low_quality": _measure(
        r"below|investment grade|unrated|without a rating|junk|high[- ]yield|weak\w*", of_portfolio=True
    ),
    "twr": _measure(
        rf"time[- ]weighted|twr|whole period|cumulative|total|{_RETURNS}", Direction.MOVE, of_portfolio=True
    ),
    "cagr": _measure(
        rf"cagr|a year|per year|per annum|annuali[sz]ed|compound\w*|annual|{_RETURNS}",
        Direction.MOVE,
        of_portfolio=True,
    ),
    "volatility": _measure(r"volatil\w*|swing\w*|standard deviation|fluctuat\w*|risk", of_portfolio=True),
    "drawdown": _measure(
        r"drawdown\w*|peak|trough|fall|fell|fallen|decline\w*|drop\w*|loss", Direction.MOVE, of_portfolio=True
    ),
    "sharpe": _measure(r"sharpe|risk[- ]adjusted|per unit", of_portfolio=True),
    "sortino": _measure(r"sortino|downside", of_portfolio=True),
    "beta": _measure(r"beta", of_portfolio=True),
    "alpha": _measure(r"alpha", Direction.LEVEL, of_portfolio=True),
    "tracking_error": _measure(r"tracking|active risk", of_portfolio=True),
    "information_ratio": _measure(r"information ratio|ir", of_portfolio=True),
    "up_capture": _measure(
        r"up[- ]?(?:side)?[- ]?captur\w*|rising|captur\w*|up (?:markets|periods)", of_portfolio=True
    ),
    "down_capture": _measure(
        r"down[- ]?(?:side)?[- ]?captur\w*|falling|captur\w*|down (?:markets|periods)", of_portfolio=True
    ),
    "var": _measure(
        r"var|value[- ]at[- ]risk|bad|worst|lose|lost|loss\w*|exceed\w*", Direction.MOVE, of_portfolio=True
    ),
    "cvar": _measure(
        r"cvar|expected shortfall|shortfall|conditional|average|tail|worst|beyond", Direction.MOVE, of_portfolio=True
    ),
    "periods": _measure(
        r"periods?|observations?|months?|days?|weeks?|quarters?|years?|points?|returns?", of_portfolio=True
    ),
    "risk_free": _measure(r"risk[- ]free|cash rate|treasury|deposit", of_portfolio=True),
}
"""Measure -> its words. A fact's ``measure`` is a key of this table."""

_UP = {
    Direction.MOVE: r"rose|risen|rises?|rising|gain(?:ed|s|ing)|gains?|up|climb\w*|advanc\w*|increas\w*|jump\w*|"
    r"rall\w*|"
    r"surg\w*|appreciat\w*|profit\w*|add(?:ed|s|ing)|grew|grown|lift\w*|gainers?|winners?|outperform\w*|positive|"
    r"improv\w*|in the black|ahead|made",
    Direction.LEVEL: r"above|over|overweight|ahead|exceed\w*|excess|outperform\w*|beat\w*|more|higher|beyond|heav\w*|"
    r"past|lead|leads|led",
    Direction.TRADE: r"buy\w*|bought|add\w*|increas\w*|invest\w*|purchas\w*|top\w* up|into|rais(?:e|es|ing) "
    r"(?:the )?\w+ to|"
    r"deploy\w*|build\w*",
}
_DOWN = {
    Direction.MOVE: r"fell|fall(?:s|ing|en)?|lost|los(?:e|es|ing)|loss(?:es)?|down|declin\w*|drop\w*|slip\w*|"
    r"shed|slid\w*|"
    r"detract\w*|subtract\w*|decreas\w*|plung\w*|tumbl\w*|deprecia\w*|negative|drag\w*|losers?|underperform\w*|took|"
    r"(?<!\ba )(?<!the )(?<!its )(?<!on )(?<!below )(?<!above )(?<!of )cost(?! of)|"
    r"taking|drawdown\w*|shortfall|weak\w*|in the red|laggards?|value[- ]at[- ]risk|var|cvar|behind|worst",
    Direction.LEVEL: r"below|under|underweight|behind|short|lag\w*|trail\w*|underperform\w*|less|lower|miss\w*|light|"
    r"negative",
    Direction.TRADE: r"sell\w*|sold|sale|trim\w*|reduc\w*|cut\w*|exit\w*|redeem\w*|out of|from|releas\w*|switch\w* out",
}
_NEUTRAL = {
    Direction.MOVE: r"return(?:ed|s)|deliver\w*|earn\w*|contribut\w*",
    Direction.LEVEL: r"(?!)",
    Direction.TRADE: r"(?!)",
}
BOUNDARY = re.compile(r";|—|\b(?:but|while|whereas|although|though|however|against)\b", re.IGNORECASE)
VERBS = re.compile(
    r"(?:rose|risen|gained|climbed|advanced|increased|jumped|rallied|surged|added|fell|fallen|lost|declined|"
    r"dropped|slipped|"
    r"shed|slid|detracted|subtracted|plunged|tumbled|outperform\w*|underperform\w*|beat|above|below|overweight|"
    r"underweight|buy\w*|sell\w*|bought|sold|trim\w*|ahead|behind|up|down|loss|losses)",
    re.IGNORECASE,
)
"""Words that leave no doubt: a printed sign against one of these is a fault (a bare noun such as gain is only a
name)."""

SIGN_WORDS: dict[Direction, re.Pattern[str]] = {
    kind: re.compile(
        rf"\b(?:(?P<up>{_UP[kind]})|(?P<down>{_DOWN[kind]})|(?P<neutral>{_NEUTRAL[kind]}))\b", re.IGNORECASE
    )
    for kind in Direction
}
COMPARED = re.compile(
    r"\b(?:(?P<above>above|more than|over|exceed(?:s|ing)?|higher than|greater than|beyond|ahead of|beat(?:s|"
    r"ing)?|outperform\w*)"
    r"|(?P<below>below|less than|under|lower than|smaller than|short of|behind|trail\w*|lagg?\w*|underperform\w*))"
    r"(?:\s+(?:the|its|their|a|an|that|of|limit|house|target|model|benchmark|benchmark's|weight|for|index|band|"
    r"cost|profile|"
    r"\S+'s)){0,5}\s*$",
    re.IGNORECASE,
)
"""A comparison that ends right before a figure: what stands before it is said to be above or below it."""
_LABELS = {
    "model_weight": r"(?:(?:model|target|strategic|policy) (?:weight\w*|allocation|share)|(?:model|target)(?= of))",
    "band": r"(?:band|tolerance|corridor)",
    "limit": r"(?:limit|cap|ceiling)",
    "market_value": r"market value",
    "cost": r"(?:cost(?= of|:| is| was)|amount invested|investment value)",
    "contribution": r"contribution",
    "coupon": r"coupon",
    "ytm": r"yield to maturity",
    "duration": r"duration",
    "volatility": r"volatility",
    "sharpe": r"sharpe(?: ratio)?",
    "sortino": r"sortino(?: ratio)?",
    "information_ratio": r"information ratio",
    "tracking_error": r"tracking error",
    "beta": r"beta",
    "alpha": r"alpha",
    "drawdown": r"drawdown",
    "turnover": r"turnover",
    "active_share": r"active share",
    "hhi": r"(?:hhi|herfindahl\S*(?: index)?)",
    "xirr": r"xirr",
    "fee": r"expense ratio",
}
_SAME_LABEL = {
    "xirr": {"benchmark_return"},
    "cost": {"gain", "contribution", "fee"},
    "fee": {"limit"},
    "duration": {"sensitivity"},
    "market_value": {"cost", "gain"},
    "limit": {"excess"},
    "contribution": {"total_contribution"},
}
"""Label -> other measures that may stand beside it."""
LABEL_BEFORE = re.compile(
    rf"\b(?:{'|'.join(f'(?P<{name}>{words})' for name, words in _LABELS.items())})s?"
    r"(?:\s+(?:of|at|is|was|were|stood at|stands at)|:|\s*=)?(?:\s+(?:about|around|roughly|nearly|just|only))?\s*\(?$",
    re.IGNORECASE,
)
"""A measure's own name right before a figure."""
LABEL_AFTER = re.compile(
    r"^\s*(?:(?P<model_weight>model|target)\b(?! (?:weight )?(?:by|and))|(?P<band>band|tolerance)\b|"
    r"(?P<limit>limit|cap)\b)",
    re.IGNORECASE,
)
"""One right after it (``its 35% model weight``)."""
BENCHMARK_BEFORE = re.compile(r"\b(?:benchmark|index|market)(?:['’]s)?(?:\s+\w+){0,2}\s*\(?$", re.IGNORECASE)
BENCHMARKED = frozenset({"xirr", "twr", "cagr", "portfolio_return"})
"""Returns of the portfolio, which a benchmark's return must not pass for."""


def read_label(before: str, after: str) -> str | None:
    """The measure that is named right before or right after a figure, if one is."""
    match = LABEL_AFTER.match(after) or LABEL_BEFORE.search(before)
    return match.lastgroup if match else None


def fits_label(measure: str, label: str) -> bool:
    """Whether a fact of ``measure`` may stand beside that name."""
    return measure == label or measure in _SAME_LABEL.get(label, ())


COUNTS = ("count", "gainers", "losers", "breaches")
"""Measures that count things; the word that follows such a figure says what."""
TOGETHER = re.compile(
    r"\b(?:together|combined|in all|jointly|between them|total\w*|sum|add(?:s)? up|both)\b", re.IGNORECASE
)
APART = re.compile(
    r"\b(?:above|below|ahead|behind|gap|differ\w*|more|less|higher|lower|exceed\w*|excess|spread|short of|from|"
    r"rose|fell|"
    r"outperform\w*|underperform\w*|beat\w*|lag\w*|trail\w*)\b",
    re.IGNORECASE,
)
TIMES = re.compile(
    r"\b(?:times|ratio|share|multiple|of (?:the|its|that|this)|as much|equivalent|represents?)\b|\dx\b", re.IGNORECASE
)
PORTFOLIO = re.compile(
    r"\b(?:portfolio\w*|overall|in all|altogether|whole|client\w*|book|altogether|total|together)\b", re.IGNORECASE
)
