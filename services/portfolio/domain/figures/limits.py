"""The limits that hold for a portfolio: the client's own before those of the house, and none of the house's where what
the client set was not understood."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from services.portfolio.domain.errors import MissingInputError
from services.portfolio.domain.facts import AS_SENT, CREDIT, LIMITS_IDLE, LIMITS_UNREAD, Draft, FactTable, slug
from services.portfolio.domain.figures.bounds import NO_BOUNDS, Bounds
from services.portfolio.domain.figures.quoting import HUNDRED
from services.portfolio.domain.reading import CLASS, PART, LimitRule, Reading
from services.portfolio.domain.reference import CASH, EQUITY, match_words
from services.portfolio.domain.sections import BOUNDED, Catalogue, Limits
from services.portfolio.domain.terms import quote

RULES = (
    "single_name", "top_five", "sector", "currency", "region", "account", "issuer", "fee", "cash", "asset_class"
)  # fmt: skip

_BONDS = "fixed_income"


@dataclass(frozen=True, slots=True)
class LimitSet:
    """Limits in percent. ``own`` are the rules that the payload sets for each name, ``named`` those for one
    name alone; ``bounds`` what it bounds beside them.

    ``missing`` says why one of them could not be settled, ``unread`` what of them was not understood.
    """

    limits: Limits
    own: frozenset[str] = frozenset()
    named: Mapping[tuple[str, str], Decimal] = field(default_factory=dict)
    bounds: Bounds = NO_BOUNDS
    missing: MissingInputError | None = None
    unread: str = ""
    waived: frozenset[str] = frozenset()
    """Limits of the house that one of the client's own leaves no room for."""
    days: Mapping[tuple[str, str | None], date] = field(default_factory=dict)
    """The client's own day for a limit, by its rule and the name that it is for."""
    of_companies: bool = False
    """Whether the client's limit for one name is for shares of one company, by its words: no fund is held to it."""

    def bound_all(self, *ruled: str) -> Bounds:
        """The bounds with that for cash among those of classes; ``ruled`` are those that rules of a section tell."""
        if CASH not in self.own:
            return self.bounds
        return replace(self.bounds, most={**self.bounds.most, CASH: self.limits.cash}, ruled=frozenset(ruled))

    def judges(self, rule: str) -> bool:
        """Whether a rule has a limit that may be told: the client's own, or the house's where none is unclear."""
        return rule in self.own or (not self.unread and rule not in self.waived)

    def find_day(self, rule: str, name: str) -> date | None:
        """The client's own day for the limit that holds for a name."""
        return self.days.get((rule, match_words(name))) or self.days.get((rule, None))

    def find(self, rule: str, name: str) -> tuple[Decimal | None, bool]:
        """The limit for one name under a rule, and whether it is one that was set for this name; None where there is
        none that may be told."""
        rules = (rule, "issuer") if rule == "single_name" else (rule,)  # a position is what one issuer owes
        found = next((self.named[key] for of in rules if (key := (of, match_words(name))) in self.named), None)
        if found is not None:
            return found, True
        limit: Decimal = getattr(self.limits, rule)
        return (limit if self.judges(rule) else None), False


def read_limits(reading: Reading, catalogue: Catalogue) -> LimitSet:
    """The operator's limits with those that the payload sets for itself. What cannot be used of these is kept with what
    it says: it refuses nothing."""
    changes: dict[str, Decimal] = {}
    named: dict[tuple[str, str], Decimal] = {}
    bounds = _Ends()
    said: list[str] = []
    missing = None
    lost = list(reading.unread_limits.values())
    for rule in reading.limits:
        try:
            percent = reading.percent(rule.key)
        except MissingInputError as opened:
            missing = opened
            continue
        is_bound = rule.rule in {CLASS, PART} or rule.rule in BOUNDED
        if percent is None or not ((percent == 0 and is_bound) or 0 < percent <= HUNDRED):
            lost.append(rule.says)
        elif is_bound and not (rule.rule in BOUNDED and rule.subject is not None):
            bounds.keep(rule, percent)
        elif rule.rule in BOUNDED:
            lost.append(rule.says)
        elif rule.subject is not None:
            named[rule.rule, match_words(rule.subject)] = percent
        else:
            changes[rule.rule] = percent
            bounds.says.setdefault(rule.rule, rule.says)
            if rule.rule == "single_name":
                said.append(rule.says)
    of_companies = bool(said) and all(
        catalogue.reference.says_any(says, catalogue.reference.terms.limit_companies) for says in said
    )
    if (most := bounds.most.pop(CASH, None)) is not None:
        changes.setdefault(CASH, most)  # which is a rule of its own
    waived = _settle_names(changes, reading, catalogue, of_companies=of_companies)
    limits = replace(catalogue.limits, **changes)  # type: ignore[arg-type]  # the rules are the Decimal fields
    made = Bounds(bounds.most, bounds.least, bounds.says, bounds.parts)
    days = {
        (rule.rule, match_words(rule.subject) if rule.subject is not None else None): rule.day
        for rule in reading.limits if rule.day is not None
    }  # fmt: skip
    return LimitSet(limits, frozenset(changes), named, made, missing, "; ".join(dict.fromkeys(lost)), waived, days,
                    of_companies)  # fmt: skip


@dataclass(slots=True)
class _Ends:
    """Bounds being gathered; of two ends of one name the stricter one holds."""

    most: dict[str, Decimal] = field(default_factory=dict)
    least: dict[str, Decimal] = field(default_factory=dict)
    says: dict[str, str] = field(default_factory=dict)
    parts: dict[str, str] = field(default_factory=dict)

    def keep(self, rule: LimitRule, percent: Decimal) -> None:
        name = (
            (rule.subject or "") if rule.rule == CLASS else slug(rule.subject or "") if rule.rule == PART else rule.rule
        )
        if rule.rule == PART:
            self.parts[name] = rule.subject or ""
        self.says[name] = (
            rule.says if self.says.get(name, rule.says) == rule.says else f"{self.says[name]}; {rule.says}"
        )
        if rule.is_least:
            self.least[name] = max(percent, self.least.get(name, percent))
        else:
            self.most[name] = min(percent, self.most.get(name, percent))


def _settle_names(
    changes: dict[str, Decimal], reading: Reading, catalogue: Catalogue, *, of_companies: bool
) -> frozenset[str]:
    """What limits for positions and for issuers say of one another, put to the changes; those of the house that one of
    the client's leaves no room for."""
    if "issuer" in changes:
        if "single_name" not in changes:
            changes["single_name"] = changes["issuer"]  # no position is larger than all that its issuer owes
    elif of_companies:
        if reading.detected.section.name == _BONDS:
            changes.pop("single_name", None)  # none of these is a share
    elif changes.get("single_name", Decimal(0)) > catalogue.limits.issuer:
        return frozenset({"issuer"})
    return frozenset()


def gloss_limits(found: LimitSet, held: Iterable[str], draft: Draft) -> None:
    """What of the client's limits is judged by nothing: what was not understood, and what is for a name that is not
    held."""
    names = {match_words(name) for name in held}
    idle = [f"{rule.replace('_', ' ')} {name}: {limit.normalize():f}%" for (rule, name), limit in found.named.items()
            if name not in names]  # fmt: skip
    draft.unheld.update(({found.unread: False} if found.unread else {}) | dict.fromkeys(idle, True))


_HELD = frozenset({"holdings", "concentration"})
CLASSED = frozenset({*_HELD, "portfolio_snapshot", "model_and_rebalancing"})
_JUDGED = {
    "portfolio_snapshot": frozenset({"single_name", "sector", "region", "cash", *BOUNDED}),
    "model_and_rebalancing": frozenset({"cash", *BOUNDED}),
    "fixed_income": frozenset({"single_name", "issuer", *BOUNDED}),
    "top_movers": frozenset({"single_name"}),
}  # fmt: skip
"""What each section judges beside lists of holdings, which judge all, and beside asset classes, which those do that
know them."""


def settle_limits(reading: Reading, catalogue: Catalogue, draft: Draft) -> LimitSet:
    """The limits of a section. What it does not judge of the client's own is said."""
    found = read_limits(reading, catalogue)
    gloss_limits(replace(found, named={}), (), draft)
    judged = _JUDGED.get(draft.section, frozenset())
    for rule in reading.limits if draft.section not in _HELD else ():
        of_class = rule.rule in {CLASS, PART}
        if draft.section not in CLASSED if of_class else (rule.rule not in judged or rule.subject is not None):
            draft.unheld[rule.says] = True
    return found


def gloss_unheld(found: LimitSet, reading: Reading, draft: Draft, parts: Iterable[FactTable]) -> None:
    """Say which of the client's limits no figure of the section, nor of its parts, was held against."""
    if reading.fall_limit is not None and draft.find("fall_limit") is None:
        draft.unheld[quote(reading.fall_limit[1], f"{reading.fall_limit[2].normalize():f}%")] = True
    facts = {fact.id: fact for table in parts for fact in table.facts} | {fact.id: fact for fact in draft.facts}
    judged = {
        name for name in found.bounds.names
        if (name == "leverage" and draft.section in CLASSED and CREDIT not in draft.glosses)  # nothing is owed
        or f"limit.bound.{name}" in facts or f"limit.least.{name}" in facts
        or (name == EQUITY and (most := facts.get("profile_max")) is not None and most.method == AS_SENT)
    }  # fmt: skip
    kept = {found.bounds.says.get(name, name) for name in judged}
    draft.unheld.update(
        {found.bounds.says.get(name, name): True for name in found.bounds.names if name not in judged}
    )  # fmt: skip
    unheld = {says: known for says, known in draft.unheld.items() if says not in kept}
    for gloss, is_known in ((LIMITS_UNREAD, False), (LIMITS_IDLE, True)):
        if words := "; ".join(says for says, known in unheld.items() if known is is_known):
            draft.glosses[gloss] = words
            draft.quote(words)


def hold_to(found: LimitSet, draft: Draft) -> None:
    """Say of each limit that was told whose it is, and withhold those of the house where the client's are not clear."""
    if draft.section in _HELD:
        return  # which state whose each limit is
    kept = []
    for fact in draft.facts:
        kind, _, rule = fact.id.partition(".")
        rule = rule.partition(".")[0]
        if kind in {"limit", "excess"} and rule in RULES and not found.judges(rule):
            continue
        if kind == "reduction" and found.unread and rule not in {*found.own, "bound", "rest"}:
            continue
        kept.append(replace(fact, method=AS_SENT) if kind == "limit" and rule in found.own else fact)
    draft.keep(kept)
