"""Names of things that the input does not hold: a figure that is said of one is no figure of the input.

A stranger is a proper name, or the name of a kind of asset, that stands where the subject of a figure stands and is
part of no name of the input.
"""

import re
from collections.abc import Iterator, Sequence

from services.portfolio.domain.claims.evidence import Evidence
from services.portfolio.domain.claims.subjects import Mention, stem_word

KEY = "\x02"
"""What the subject of a stranger begins with; no subject of a fact does."""

_NAME = re.compile(
    r"(?<![\w'’.-])[A-Z][\w&'’.-]*[\w](?:\s+(?:&\s+)?(?:of\s+(?:the\s+)?)?[A-Z0-9][\w&'’-]*)*|(?<![\w'’.-])[A-Z]{3,}(?![\w])"
)
# Behind a name: it is the subject of what follows.
_SAYS = re.compile(
    r"(?:['’]s?\s+(?:share|weight|position|stake|return|gain|loss|yield|coupon|contribution|payment|dividends?|cost|value|"
    r"duration|drift|allocation|price|rating|limit|income)\b|\s*\(\s?[+-]?[\d₹$€£]|,?\s+(?:at|with)\s+(?:a |an |its |just |only |"
    r"about |some )*(?:weight of |share of )?[+-]?[\d₹$€£]|"
    r",?\s+(?:now\s+|also\s+|alone\s+|still\s+|currently\s+|has\s+|have\s+|had\s+|was\s+|were\s+|is\s+|are\s+)*"
    r"(?:is|are|was|were|has|have|had|makes?|made|accounts?|accounted|holds?|held|yields?|yielded|pays?|paid|gained|gains|"
    r"fell|rose|lost|loses|returned|returns|contribut\w+|added|adds|detract\w+|cost|costs|stands?|stood|represents?|"
    r"represented|exceeds?|breach\w*|brings?|brought|suppl\w+|provid\w+|generat\w+|deliver\w+|matur\w+|trades?|up|down|weighs?|"
    r"leads?|tops?|outperform\w*|underperform\w*|overweight|underweight|declined|dropped|climbed|advanced|slipped|"
    r"distributes?|counts?|carries|ranks?|should|must|needs?)\b)"
)
# Before a name: the figure is of it.
_OF = re.compile(r"(?:[\d%.)]|points?|lakh|crore|million|m|bn|k)\s+(?:is\s+|was\s+|are\s+)?(?:in|from|of)\s+(?:the\s+)?$")
_TITLES = frozenset(
    ["mr", "mrs", "ms", "dr", "herr", "frau", "familie", "mme", "monsieur", "madame", "family", "trust", "client", "q1", "q2",
     "q3", "q4", "h1", "h2", "fy"]
)  # fmt: skip
_ORDINARY = frozenset(
    """
    a about above according account accounts across active actual adding additionally adjusted after again against all almost alone along
    already also alternatively although altogether always among an and annual annualised annualized another any apart approximately
    are around as aside asset assets at average back based because before behind being below benchmark besides best between beyond bond
    bonds book both but buying by calculated calendar capital cash chance charges class classes client clients close combined compared comparing
    compliance concentration conversely cost costs currency currently daily data date days debt defensive despite distribution diversification dividend
    dividends domestic down downside drawdown due during each earlier early either else end equities equity especially essentially european
    even every everything exactly except excess excluding exposure expenses fees figures finally first fixed following for foreign four five
    from full fund funds further gain gains general given global gross growth half having hence her here high higher his holding holdings
    he house however hers him himself i if illiquid in including income index indeed individual inflation inside interest international investment investments
    investor investors it its just key large largest last latest least less leverage limit limits liquidity little local long longer loss losses
    low lower main managed manager many market markets maturity meanwhile measured model moderate money month monthly months more moreover most
    moving much nearly net neither never nevertheless new next nine no none nonetheless nor not note nothing notably now number objective of
    off on once one only open or other others otherwise our out outside over overall own paper part particularly pension per percentage
    performance period plus policy portfolio position positions previous price principal prior private profit profile property public purchases quality
    quarter quarterly range rate rates rating rather real rebalancing recently region regions relative remaining rent rents reserve rest restoring
    result return returning returns right risk roughly sale sales savings sector sectors security selling seven several shares short she should
    similarly simply since single six size small smaller smallest so some source sources specifically spread starting still stock stocks
    stood strategic strong such sum summary swings tax taken ten that the their them then there therefore these they third this those though
    three through throughout thus to today together top total totals track trade trades trading trailing transactions trimming turnover two
    under underlying unfortunately unlike unrealised unrealized until up upside us valuation value values versus very view volatility was we
    wealth weight weighted weights were what whatever when where whereas whether which while who whole will with within without worst year yearly
    years yes yet yield yields you your zero adviser advisor advisors action actions conclusion recommendation recommendations review section
    suitability warning attention please dear bottom line overview snapshot outlook commentary headline observation observations risks
    """.split()
)
_CALENDAR = frozenset(
    """january february march april may june july august september october november december jan feb mar apr jun jul aug sep sept oct nov
    dec monday tuesday wednesday thursday friday saturday sunday""".split()
)
_TERMS = frozenset(
    """xirr irr twr cagr hhi var cvar ytm etf etfs reit reits nav fx ips kyc sebi esg p l cash usd eur gbp inr sharpe sortino jensen herfindahl
    hirschman ter ocf aum tri ytd bps bp isin cio sip stp swp pan demat ltcg stcg amc macaulay basel mifid fca sec nri hni uhni gdp cpi rbi
    ecb fed boe isa sipp gia ira tfsa rrsp""".split()
)
_GERMAN = re.compile(r"\b(?:der|die|das|und|ist|von|im|mit|beträgt|liegt|den|dem|ein|eine|wurde|sind)\b")
_KINDS = re.compile(
    r"\b(?:gold|silver|platinum|bitcoin|crypto(?:currenc\w+|s)?|commodit(?:y|ies)|private equity|hedge funds?|private credit|"
    r"venture capital|timber|farmland|emerging[- ]markets?|real estate|infrastructure|high[- ]yield bonds?)\b",
    re.IGNORECASE,
)


def find_strangers(text: str, mentions: Sequence[Mention], evidence: Evidence) -> list[Mention]:
    """The strangers of a sentence that stand where the subject of a figure stands, in order."""
    if len(_GERMAN.findall(text)) > 1:
        return []  # nouns are written like names there
    indexes = (evidence.vocabulary.indexes, evidence.benchmark_pattern)
    known = [*mentions, *(Mention("", *match.span()) for pattern in indexes for match in pattern.finditer(text))]
    names = list(_find_names(text, known, evidence))
    return sorted([*names, *_find_kinds(text, [*known, *names], evidence)], key=lambda item: item.start)


def _find_names(text: str, mentions: Sequence[Mention], evidence: Evidence) -> Iterator[Mention]:
    for match in _NAME.finditer(text):
        start, end = match.span()
        words = [word for word in re.findall(r"[\w&'’-]+", match[0]) if word[0].isalpha()]
        first = not re.search(r"\w", text[:start])
        while first and words and _is_ordinary(words[0], evidence):
            skipped = re.match(r"\W*", match[0][start - match.start() + len(words[0]) :])
            start += len(words[0]) + (len(skipped[0]) if skipped else 0)
            words = words[1:]
            first = False
        if not words or start >= end:
            continue
        if any(item.start < end and start < item.end for item in mentions) or _is_known(words, evidence):
            continue
        before = re.search(r"(\w+)[.\s]+$", text[:start])
        if before and before[1].casefold() in _TITLES:
            continue
        if words[0].endswith(("ly", "ing", "ed")) and len(words) == 1:
            continue
        if _SAYS.match(text[end:]) or _OF.search(text[:start]):
            yield Mention(f"{KEY}{text[start:end].casefold()}", start, end)


def _is_ordinary(word: str, evidence: Evidence) -> bool:
    folded = re.sub(r"['’]s?$", "", word.casefold())
    stems = {folded, stem_word(folded)}
    return bool(stems & _ORDINARY or stems & evidence.vocabulary.words or stems & _CALENDAR or stems & _TERMS)


def _is_known(words: Sequence[str], evidence: Evidence) -> bool:
    """Whether one of a name's words is of the input or of the field."""
    return any(
        stem_word(part) in evidence.name_words
        or any(part.casefold().startswith(name) for name in evidence.name_words if len(name) > 4)
        or _is_ordinary(part, evidence)
        for word in words
        for part in (word, *re.split(r"[-’']", word))
        if part
    )


def _find_kinds(text: str, mentions: Sequence[Mention], evidence: Evidence) -> Iterator[Mention]:
    for match in _KINDS.finditer(text):
        start, end = match.span()
        if any(item.start < end and start < item.end for item in mentions):
            continue
        if any(stem_word(word) in evidence.name_words for word in match[0].split()):
            continue
        if _SAYS.match(text[end:]) or _OF.search(text[:start]):
            yield Mention(f"{KEY}{match[0].casefold()}", start, end)
