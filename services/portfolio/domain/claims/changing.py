"""How much more or less one amount is than another: in percent of it (``a third more than was paid``, ``2% below
par``), or for each unit of it (``three dollars in shares for every dollar in bonds``)."""

import re
from collections.abc import Iterator
from decimal import Decimal

from services.portfolio.domain.claims.evidence import Evidence
from services.portfolio.domain.claims.fitting import agrees
from services.portfolio.domain.claims.settings import Setting
from services.portfolio.domain.facts import Fact
from services.portfolio.domain.number_words import Unit

_PAIR = 2
_HUNDRED = Decimal(100)
_BASES = ("cost", "start_value")
"""What the value of the same thing is said to be more or less than."""
_OF_TWO = ("market_value", "weight", "income", "cost", "yield", "coupon", "price", "return", "gain")
"""What two things are compared by, the first that both have and that gives the figure."""
_COMPARED = re.compile(
    r"\s*(?:\([^)]*\)\s*)?(?:(?P<up>more|above|over|higher|larger|bigger|heavier|greater|up|on\s+top|dearer|better|"
    r"mehr|über|höher|größer|de\s+plus|plus\s+(?:élevé|grand|gros)|au-dessus)|"
    r"(?P<down>less|below|under|lower|smaller|lighter|fewer|down|short|cheaper|"
    r"weniger|unter|niedriger|kleiner|de\s+moins|moins\s+(?:élevé|grand|gros)|au-dessous))\b",
    re.IGNORECASE,
)
_MOVED = re.compile(
    r"\b(?:(?P<up>up|rose|risen|gained|grown|grew|increased|added|premium|plus)|"
    r"(?P<down>down|lost|fell|fallen|shed|discount|minus))\s+(?:\w+\s+){0,2}?(?:of\s+|by\s+|um\s+|de\s+)?$",
    re.IGNORECASE,
)
_PAR = re.compile(
    r"\b(?:par|face|nominal\w*|nennwert|redemption|repaid|premium|discount|pair|price\w*|trades?|trading)\b",
    re.IGNORECASE,
)
_FROM_START = re.compile(
    r"\b(?:start\w*|beginning|began|begun|initial\w*|opening|at first|outset|anfang|début)\b", re.IGNORECASE
)
_FROM_COST = re.compile(
    r"\b(?:cost|invest\w*|paid|bought|purchase\w*|put in|einstand\w*|kauf\w*|investi\w*|revient|basis)\b", re.IGNORECASE
)
_PER_UNIT = re.compile(
    r"\bfor\s+(?:every|each)\s+(?:rupee|dollar|pound|euro|franc|yen)\b(?:\s+(?:held|invested|kept|placed|put))?\s+"
    r"(?:in|of|on|from)\s+(?:the\s+)?",
    re.IGNORECASE,
)
_THAN = re.compile(r"\b(?:than|als|que)\b", re.IGNORECASE)
_FEW = 100


def find_change(setting: Setting, evidence: Evidence) -> tuple[Fact, str] | None:
    """The fact and the formula of a figure that says how much more or less one amount is than another."""
    figure = setting.figure
    if figure.unit in {Unit.MONEY, Unit.NUMBER, Unit.MULTIPLE} and abs(figure.value) < _FEW:
        return _find_per_unit(setting, evidence)
    match = _COMPARED.match(setting.after) or _MOVED.search(setting.before)
    if figure.unit not in {Unit.PERCENT, Unit.POINTS} or match is None or figure.sign:
        return None
    up = match["up"] is not None
    if figure.unit is Unit.POINTS:
        return _find_from_par(setting, up=up, evidence=evidence)
    for top, bottom, base in _list_pairs(setting, evidence):
        if not base or (top.value > base) is not up:
            continue
        if agrees(setting, (top.value / base - 1) * _HUNDRED):
            return top, f"{top.id} / {bottom} - 1"
    return None


def _list_pairs(setting: Setting, evidence: Evidence) -> Iterator[tuple[Fact, str, Decimal]]:
    """What may be more than what, in the order that the words say."""
    text = setting.sentence.plain
    named = list(dict.fromkeys(mention.subject for mention in setting.sentence.mentions))
    if len(named) < _PAIR:
        subject = setting.subject
        bases = [name for name, words in zip(_BASES, (_FROM_COST, _FROM_START), strict=True) if words.search(text)]
        for value in (item.fact for item in evidence.by_measure.get("market_value", []) if item.subject == subject):
            for name in bases:
                for base in (item.fact for item in evidence.by_measure.get(name, []) if item.subject == subject):
                    if base.currency == value.currency and base.unit is value.unit:
                        yield value, base.id, base.value
        if subject is not None and _PAR.search(text):
            for price in (item.fact for item in evidence.by_measure.get("price", []) if item.subject == subject):
                yield price, "100", _HUNDRED
        return
    if len(named) > _PAIR or not _THAN.search(setting.after):
        return
    for measure in _OF_TWO:
        one, other = (_find_own(measure, name, evidence) for name in named)
        if one is not None and other is not None and one.unit is other.unit and one.currency == other.currency:
            yield one, other.id, other.value


def _find_from_par(setting: Setting, *, up: bool, evidence: Evidence) -> tuple[Fact, str] | None:
    """``15.5 points below par``."""
    price = (
        _find_own("price", setting.subject, evidence)
        if setting.subject and _PAR.search(setting.sentence.plain)
        else None
    )
    if price is None or (price.value > _HUNDRED) is not up or not agrees(setting, price.value - _HUNDRED):
        return None
    return price, f"{price.id} - 100"


def _find_own(measure: str, subject: str, evidence: Evidence) -> Fact | None:
    return next((item.fact for item in evidence.by_measure.get(measure, []) if item.subject == subject), None)


def _find_per_unit(setting: Setting, evidence: Evidence) -> tuple[Fact, str] | None:
    """``For every dollar in A there are three in B``: what B is of A."""
    text, start = setting.sentence.plain, setting.start
    match = _PER_UNIT.search(text)
    mentions = setting.sentence.mentions
    base = next((item for item in mentions if match is not None and item.start == match.end()), None)
    others = [item for item in mentions if base is not None and item.subject != base.subject]
    if base is None or not others or setting.figure.sign < 0:
        return None
    own = min(others, key=lambda item: abs(item.start - start))
    for measure in ("weight", "market_value", "income", "income_share"):
        top, bottom = _find_own(measure, own.subject, evidence), _find_own(measure, base.subject, evidence)
        if top is not None and bottom is not None and bottom.value > 0 and agrees(setting, top.value / bottom.value):
            return top, f"{top.id} / {bottom.id}"
    return None
