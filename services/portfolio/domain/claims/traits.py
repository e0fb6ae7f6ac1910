"""What holds of each member of a group: that it gained, stands past its limit, lies inside its band, is to be sold.

A trait is read from the words of a predicate, and told of every member of the group that the words count: positions,
classes, sectors, regions, currencies, accounts, or the periods of a track.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from services.portfolio.domain.claims.evidence import Evidence
from services.portfolio.domain.claims.model import Held
from services.portfolio.domain.facts import Fact, slug
from services.portfolio.domain.number_words import Unit

GROUPS: dict[str, str] = {
    "asset_class": r"(?:asset )?class(?:es)?",
    "sector": r"sectors?|industr(?:y|ies)",
    "region": r"regions?|countr(?:y|ies)|markets?",
    "currency": r"currenc(?:y|ies)",
    "account": r"accounts?",
    "issuer": r"issuers?",
    "period": r"months?|quarters?|weeks?|periods?|days?",
    "position": (
        r"positions?|holdings?|movers?|stocks?|funds?|bonds?|assets?|names?|investments?|issues?|securities|security|"
        r"instruments?|lines?|sources?|payers?|items?|shares|sleeves?|buckets?|"
        r"allocations?|components?|building blocks?|of them"
    ),
}
"""The nouns of each group."""
_LARGEST_GROUP = 25
_PAR = Decimal(100)


@dataclass(frozen=True, slots=True)
class Told:
    """Of which members a trait holds; ``fact`` is one that decides, ``total`` how many members there are.

    Where not all members have the figure, it is not ``whole``: what is said of all can be refuted then, and not shown.
    """

    holds: Mapping[str, bool]
    count: int
    total: int
    fact: Fact
    whole: bool = True


Trait = Callable[[str, Evidence], Told | None]


def _tell(items: Mapping[str, tuple[Fact, bool]], *, whole: bool = True) -> Told | None:
    if not items:
        return None
    holds = {subject: held for subject, (_, held) in items.items()}
    deciding = next((fact for fact, held in items.values() if held), next(iter(items.values()))[0])
    return Told(holds, sum(holds.values()), len(holds), deciding, whole)


def _tell_first(
    sections: Iterable[tuple[str, Mapping[str, Fact]]], group: str, evidence: Evidence, test: Callable[[Fact], bool]
) -> Told | None:
    """The trait in the first section that has the figure of every member, else in the first that has it of some."""
    some: Told | None = None
    for section, facts in sections:
        whole = _is_whole(facts, section, group, evidence)
        told = _tell({name: (fact, test(fact)) for name, fact in facts.items()}, whole=whole)
        if whole and told is not None:
            return told
        some = some or told
    return some


def _is_whole(members: Mapping[str, object], section: str, group: str, evidence: Evidence) -> bool:
    """Whether every member of a group has facts, so that ``all`` and ``none`` can be told."""
    if group != "position":
        return len(members) < _LARGEST_GROUP
    counts = [item.fact.value for item in evidence.held if item.section == section and item.fact.id == "count"]
    return not counts or counts[0] == len(members)


def _by_section(items: list[Held]) -> dict[str, dict[str, Fact]]:
    found: dict[str, dict[str, Fact]] = {}
    for item in items:
        if item.subject is not None:
            found.setdefault(item.section, {}).setdefault(item.subject, item.fact)
    return found


def signed(prefixes: tuple[str, ...], test: Callable[[Decimal], bool]) -> Trait:
    """The trait of members whose figure, the first of ``prefixes`` that there is, passes a test."""

    def tell(group: str, evidence: Evidence) -> Told | None:
        if group != "position":
            return None
        # What is implied of groups of rows is no row of them; of rows without a figure of their own it is.
        rows = (evidence.list_prefix(prefix) for prefix in prefixes)
        own = ([item for item in held if ".of." not in item.fact.id] or held for held in rows)
        sections = [item for held in own for item in _by_section(held).items()]
        return _tell_first(sections, group, evidence, lambda fact: test(fact.value))

    return tell


def moved(prefixes: tuple[str, ...], *, up: bool) -> Trait:
    """The trait of what rose, or fell; of the periods of a track, too."""
    of_positions = signed(prefixes, (lambda value: value > 0) if up else (lambda value: value < 0))

    def tell(group: str, evidence: Evidence) -> Told | None:
        if group != "period":
            return of_positions(group, evidence)
        count, total = evidence.find("rising_periods" if up else "falling_periods"), evidence.find("periods")
        if count is None or total is None:
            return None
        return Told({}, int(count.value), int(total.value), count)

    return tell


def weighed(test: Callable[[Decimal, Decimal | None], bool | None]) -> Trait:
    """The trait of members whose weight passes a test, which is given the limit of their group, too."""

    def tell(group: str, evidence: Evidence) -> Told | None:
        prefixes = (f"weight.{group}.",) if group != "position" else ("weight.position.", "weight.")
        rule = evidence.find("limit.single_name" if group == "position" else f"limit.{group}")
        for prefix in prefixes:
            items = [item for item in evidence.list_prefix(prefix) if item.fact.id.count(".") == prefix.count(".")]
            for section, facts in _by_section(items).items():
                if not _is_whole(facts, section, group, evidence):
                    continue
                told = {name: (fact, test(fact.value, rule.value if rule else None)) for name, fact in facts.items()}
                if any(held is None for _, held in told.values()):
                    return None
                return _tell({name: (fact, bool(held)) for name, (fact, held) in told.items()})
        return None

    return tell


def priced(test: Callable[[Decimal], bool]) -> Trait:
    """The trait of bonds whose price passes a test."""

    def tell(group: str, evidence: Evidence) -> Told | None:
        if group != "position":
            return None
        items = [item for item in evidence.by_measure.get("price", []) if item.subject]
        return _tell_first(_by_section(items).items(), group, evidence, lambda fact: test(fact.value))

    return tell


def dated(test: Callable[[date, date | None], bool]) -> Trait:
    """The trait of what is repaid on a day that passes a test, which is given the day of the section, too."""

    def tell(group: str, evidence: Evidence) -> Told | None:
        if group != "position":
            return None
        items = [item for item in evidence.by_measure.get("maturity", []) if item.subject and item.fact.dates]
        today = next((frame.as_of for frame in evidence.frames if frame.as_of), None)
        return _tell_first(_by_section(items).items(), group, evidence, lambda fact: test(fact.dates[0], today))

    return tell


def banded(*, outside: bool) -> Trait:
    """The trait of what has drifted past its band, or has not."""

    def tell(group: str, evidence: Evidence) -> Told | None:
        if group not in {"position", "asset_class"}:
            return None
        for section, facts in _by_section(evidence.list_prefix("drift.")).items():
            bands = {name: evidence.find(f"band.{fact.id[6:]}") for name, fact in facts.items()}
            if not _is_whole(facts, section, "position", evidence):
                continue
            return _tell(
                {
                    name: (fact, (abs(fact.value) > band.value) is outside)
                    for name, fact in facts.items()
                    if (band := bands[name]) is not None
                }
            )
        return None

    return tell


def traded(*, sold: bool) -> Trait:
    """The trait of what is to be sold, or bought, to come back to the model."""

    def tell(group: str, evidence: Evidence) -> Told | None:
        if group not in {"position", "asset_class"}:
            return None
        for section, facts in _by_section(evidence.list_prefix("drift.")).items():
            if not _is_whole(facts, section, "position", evidence):
                continue
            trades = {name: evidence.find(f"trade.{fact.id[6:]}") for name, fact in facts.items()}
            return _tell(
                {
                    name: (trade or facts[name], trade is not None and (trade.value < 0) is sold)
                    for name, trade in trades.items()
                }
            )
        return None

    return tell


def _over(value: Decimal, limit: Decimal | None) -> bool | None:
    return None if limit is None else value > limit


def _inside(value: Decimal, limit: Decimal | None) -> bool | None:
    return None if limit is None else value <= limit


def having(column: str, test: Callable[[frozenset[str], Evidence], bool]) -> Trait:
    """The trait of rows of which the payload says in words what passes a test."""

    def tell(group: str, evidence: Evidence) -> Told | None:
        said = evidence.attributes.get(column, {})
        if group != "position" or not said or not _counts_all(said, evidence):
            return None
        return _tell(
            {name: (make_attribute(column, name, values), test(values, evidence)) for name, values in said.items()}
        )

    return tell


def make_attribute(column: str, subject: str, values: Iterable[str]) -> Fact:
    """What a payload says of a row in words, as a fact."""
    shown = f"{column.replace('_', ' ')} of {subject}: {', '.join(sorted(values))}"
    return Fact(
        f"attribute.{column}.{slug(subject)}", shown, Decimal(0), Unit.NUMBER, "attribute", "as sent", subject=subject
    )


def _counts_all(said: Mapping[str, object], evidence: Evidence) -> bool:
    """Whether every position of some section has the attribute."""
    counts = {item.fact.value for item in evidence.held if item.fact.id == "count"}
    return not counts or len(said) in counts


def _pays(times: int) -> Trait:
    return having("payments", lambda values, _: str(times) in values)


def _is_foreign(values: frozenset[str], evidence: Evidence) -> bool:
    whole = evidence.find("market_value")
    return whole is not None and whole.currency is not None and evidence.vocabulary.key(whole.currency) not in values


def over_limit() -> Trait:
    """The trait of what is past the limit of its group."""
    return weighed(_over)


_GAINS = ("return.", "gain_pct.", "gain.")
_COSTS = ("gain_pct.", "gain.", "return.")
_LIMIT = (
    r"(?:its |the |their |his |her |any |a |own )*(?:[\w%.,-]+ ){0,2}?(?:limits?|caps?|ceilings?|"
    r"thresholds?|rules?|maximum|guidelines?)"
)
_BANDS = r"(?:its |the |their |of |own )*(?:[\w-]+ ){0,3}?(?:bands?|tolerances?|corridors?)"
_DUE = r"(?:(?:have|has|need|needs|are|is|ought) to be|must be|to be|should be|would be|are|is|were|was)?\s*"
_PAID = (
    r"(?:what )?(?:was|were|they|it|the \w+|he|she|we|you) (?:once |originally )?(?:paid|cost|bought)"
    r"(?: for (?:it|them))?"
)
_SHOW = (
    r"(?:show(?:s|ing|n)?|carr(?:y|ies|ying)|sit(?:s|ting)? on|ha(?:s|ve)|with|record(?:s|ed|ing)?|nurs(?:e|es|ing)) "
    r"(?:an? )?(?:unreali[sz]ed |paper |book )?"
)
_RESULT = (
    r"\s+(?:the|our|its|this|his|her|your|their)\s+(?:\w+['’]s\s+)?"
    r"(?:result|return|performance|portfolio|month|quarter|year)s?"
)
WEIGHED = rf"(?:detract\w*|hurt|(?:weigh(?:ed|s|ing)?\s+on|held\s+back|dragged\s+down|depressed|burdened){_RESULT})"
"""What is said of those that took from the return."""
LIFTED = rf"(?:contribut\w+ positively|helped|(?:lifted|boosted|supported|raised|pushed\s+up){_RESULT})"
_PAYS = r"pay(?:s|ing|outs?)?(?: (?:out|only|just|interest|dividends?|income|a coupon|coupons|its \w+|their \w+))* "
_VERBS = (
    (rf"{_DUE}(?:sold|trimmed|cut back|reduced)", traded(sold=True)),
    (rf"{_DUE}(?:bought|topped up|added to|increased)", traded(sold=False)),
    (rf"(?:outside|out of|beyond|breach\w*|leav\w+|left)\s+{_BANDS}", banded(outside=True)),
    (rf"(?:within|inside|in|respects?|keeps? to)\s+{_BANDS}|within tolerance", banded(outside=False)),
    (
        rf"(?:exceed\w*|above|over|beyond|past|outside|breach\w*|break\w*|violat\w*|larger than|more than)\s+{_LIMIT}",
        weighed(_over),
    ),
    (rf"(?:within|inside|below|under|respects?|keeps? (?:to|within)|meets?|observes?)\s+{_LIMIT}", weighed(_inside)),
    (r"overweights?|above (?:its |the |their )*(?:target|model)s?", signed(("drift.",), lambda value: value > 0)),
    (r"underweights?|below (?:its |the |their )*(?:target|model)s?", signed(("drift.",), lambda value: value < 0)),
    (r"on target|at (?:its |their )?(?:target|model weight)s?", signed(("drift.",), lambda value: not value)),
    (r"(?:(?:above|over) (?:par|100|face value)|at a premium)", priced(lambda value: value > _PAR)),
    (r"(?:(?:below|under) (?:par|100|face value)|at a discount)", priced(lambda value: value < _PAR)),
    (
        (rf"(?:below (?:their |its )?cost|(?:below|less than) {_PAID}|under ?water|in the red|at a loss|"
        rf"{_SHOW}loss(?:es)?)"),
        moved(_COSTS, up=False),
    ),
    (
        (rf"(?:above (?:their |its )?cost|(?:above|more than) {_PAID}|in profit|in the black|at a profit|"
        rf"{_SHOW}(?:gain|profit)s?)"),
        moved(_COSTS, up=True),
    ),
    (WEIGHED, moved(("contribution.",), up=False)),
    (LIFTED, moved(("contribution.",), up=True)),
    (
        (r"(?:gain(?:ed|s)?|rose|advanced|climbed|went up|(?:is|are|was|were|has been|ended|closed|"
        r"finished) (?:up|higher|positive|winners?|"
        r"gainers?)|made money|appreciated|increased|winners?|winning|gaining|rising|gainers?|risers?|positive)"),
        moved(_GAINS, up=True),
    ),
    (
        (r"(?:los(?:t|es|e)(?: money| ground| value)?|fell|declined|dropped|slipped|went down|(?:is|are|was|"
        r"were|ended|closed|finished) "
        r"(?:down|lower|negative|losers?)|depreciated|decreased|losers?|losing|falling|laggards?|decliners?|negative)"),
        moved(_GAINS, up=False),
    ),
    (
        r"(?:(?:rated )?(?:below|sub|not|non|less than|under)[ -]investment[ -]grade|junk(?: bonds?)?|speculative)",
        having("grade", lambda values, _: "investment" not in values),
    ),
    (
        r"(?:(?:of|rated|carr(?:y|ies) an?) )?investment[ -]grade(?: ratings?)?",
        having("grade", lambda values, _: "investment" in values),
    ),
    (rf"{_PAYS}(?:monthly|every month|each month|twelve times a year)", _pays(12)),
    (rf"{_PAYS}(?:quarterly|every quarter|each quarter|four times a year|every three months)", _pays(4)),
    (rf"{_PAYS}(?:half[ -]yearly|semi[ -]annually|twice a year|every six months|twice yearly)", _pays(2)),
    (rf"{_PAYS}(?:annually|yearly|once a year|once yearly)", _pays(1)),
    (
        r"(?:(?:in|denominated in|held in|quoted in) (?:a )?foreign currenc(?:y|ies)|in another currency)",
        having("currency", _is_foreign),
    ),
    (
        r"(?:flat|unchanged|(?:exactly )?at cost)",
        signed(("gain.", "return."), lambda value: not value),
    ),
)  # fmt: skip
PREDICATES = tuple((re.compile(rf"\b(?:{words})(?!\w)", re.IGNORECASE), trait) for words, trait in _VERBS)
"""Words of each trait, the more exact before those that they contain."""
