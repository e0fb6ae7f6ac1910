"""What the report's terms mean, for the client: those that stand in it, and no others."""

import re
from collections.abc import Iterable
from html import unescape

from services.portfolio.domain.report.markup import escape_text

# Term, what it is recognised by, and its meaning in words that need no glossary.
_TERMS: tuple[tuple[str, str, str], ...] = (
    ("Active share", r"active share",
     "How much of the portfolio differs from its model: none of it at 0%, all of it at 100%."),
    ("Alpha", r"alpha",
     "The return beyond what the portfolio's movement with its benchmark explains."),
    ("Band", r"bands?\b(?! of)",
     "How far an asset may be from its model weight before it is brought back."),
    ("Basis point", r"basis points?|bps",
     "A hundredth of a percentage point."),
    ("Benchmark", r"benchmark",
     "The index or mix that the portfolio is compared with."),
    ("Beta", r"beta",
     "How much the portfolio moves where the benchmark moves by one: above 1 more, below 1 less."),
    ("Capture", r"captured?",
     "How much of the benchmark's rises, or of its falls, the portfolio went along with."),
    ("Concentration limit", r"limits? of concentration|concentration rules?|above the limit|limit for an?",
     "The most that one position, issuer, sector or currency may weigh."),
    ("Contribution", r"contribution",
     "What a position added to the portfolio's return: its weight times its own return."),
    ("Coupon", r"coupon",
     "The interest that a bond pays each year, as a share of its face value."),
    ("Crore", r"crore",
     "Ten million (1,00,00,000)."),
    ("Drawdown", r"drawdown|fall from (?:a|the last) peak",
     "The fall from a high point to the lowest point after it."),
    ("Drift", r"drift",
     "How far an asset's weight has moved from its model weight."),
    ("Duration", r"duration",
     "About how much, in percent, a bond loses if rates rise by one percentage point."),
    ("Effective number", r"effective (?:number|[\d.,]+)",
     ("How many positions of one size would be as spread as these: few large ones count for little more "
      "than themselves.")),
    ("Expected shortfall", r"expected shortfall|on average in that tail",
     "The average loss in the worst periods."),
    ("Expense ratio", r"expense ratio",
     "What a fund costs each year, as a share of what is invested in it."),
    ("Illiquid", r"illiquid|sold within days",
     "What cannot be sold within days without giving up much of its price."),
    ("Information ratio", r"information ratio",
     "The return above the benchmark for each unit of departure from it."),
    ("Investment grade", r"investment grade",
     "Rated BBB- (Baa3) or better by the rating agencies."),
    ("Lakh", r"lakh",
     "A hundred thousand (1,00,000)."),
    ("Leverage", r"leveraged?|overdrafts? and short",
     "Investing borrowed money; gains and losses both weigh more."),
    ("Model portfolio", r"model",
     "The mix of assets that the portfolio is meant to follow."),
    ("Percentage point", r"percentage points?|pp",
     "The plain difference of two percentages: from 4% to 5% is one."),
    ("Rebalancing", r"rebalanc\w+",
     "Buying and selling so that the weights are those of the model again."),
    ("Risk profile", r"risk profile|profile",
     "How much loss the client can and will bear, as agreed with the adviser."),
    ("Sharpe ratio", r"sharpe",
     "The return beyond a deposit's for each unit of fluctuation: the more, the better paid the risk."),
    ("Sortino ratio", r"sortino",
     "As the Sharpe ratio, with falls alone counted as fluctuation."),
    ("Time-weighted return", r"time-weighted",
     "The return of what was invested, whatever was paid in or out meanwhile."),
    ("Tracking error", r"tracking error",
     "How widely the return strays from the benchmark's in a year."),
    ("Turnover", r"turnover|amount to move",
     "How much has to be sold and bought again."),
    ("Underweight, overweight", r"(?:under|over)weight",
     "Less, or more, than the model holds."),
    ("Unrealised gain", r"unreali[sz]ed",
     "The gain, or loss, on what has not been sold: it can still change."),
    ("Value at risk", r"value at risk",
     "The loss that was reached or passed in the worst periods only."),
    ("Volatility", r"volatility",
     "How widely the return fluctuates in a year."),
    ("XIRR", r"xirr",
     "The yearly return with every payment in or out weighed by its date."),
    ("Yield on cost", r"yield on cost",
     "The income as a share of what was paid, not of today's value."),
    ("Yield to maturity", r"yield to maturity|ytm",
     "What a bond earns each year if it is held to its end and pays."),
)  # fmt: skip
_COMPILED = tuple(
    (term, re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE), meaning) for term, words, meaning in _TERMS
)
_TAGS = re.compile(r"<svg\b.*?</svg>|<[^>]*>", re.DOTALL)


def read_text(markup: str) -> str:
    """What a page says, without its tags and without its charts, whose texts are names and values."""
    return unescape(_TAGS.sub(" ", markup))


def find_terms(text: str) -> list[tuple[str, str]]:
    """The terms that occur in a text, in alphabetical order, with their meanings."""
    return [(term, meaning) for term, pattern, meaning in _COMPILED if pattern.search(text)]


def write_glossary(parts: Iterable[str], names: Iterable[str] = ()) -> str:
    """The glossary of what was written so far; nothing where it holds no term. ``names`` are those of the input: an
    asset called "Alpha Fund" does not ask for what alpha is."""
    text = read_text(" ".join(parts))
    for name in sorted(set(names), key=len, reverse=True):
        text = text.replace(name, " ")
    terms = find_terms(text)
    items = "".join(
        f"<div><dt>{escape_text(term)}</dt><dd>{escape_text(meaning)}</dd></div>" for term, meaning in terms
    )
    return f'<section><h2>Glossary</h2><dl class="terms">{items}</dl></section>' if items else ""
