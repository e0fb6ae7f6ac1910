"""The limits that hold for a portfolio: the client's own before those of the house, and none of the house's where what
the client set was not understood."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from services.portfolio.domain.errors import MissingInputError
from services.portfolio.domain.facts import AS_SENT, LIMITS_UNREAD, Draft
from services.portfolio.domain.figures.quoting import HUNDRED
from services.portfolio.domain.reading import CLASS, Reading
from services.portfolio.domain.reference import match_words
from services.portfolio.domain.sections import BOUNDED, Catalogue, Limits

RULES = (
    "single_name", "top_five", "sector", "currency", "region", "account", "issuer", "fee", "cash", "asset_class"
)  # fmt: skip

_BONDS = "fixed_income"


@dataclass(frozen=True, slots=True)
class LimitSet:
    """Limits in percent. ``own`` are the rules that the payload sets for each name, ``named`` those for one
    name alone; ``bounds`` what it bounds beside them: what a risk profile may bound, and asset classes by name.

    ``missing`` says why one of them could not be settled, ``unread`` what of them was not understood.
    """

    limits: Limits
    own: frozenset[str] = frozenset()
    named: Mapping[tuple[str, str], Decimal] = field(default_factory=dict)
    bounds: Mapping[str, Decimal] = field(default_factory=dict)
    missing: MissingInputError | None = None
    unread: str = ""
    waived: frozenset[str] = frozenset()
    """Limits of the house that one of the client's own leaves no room for."""
    of_companies: bool = False
    """Whether the client's limit for one name is for shares of one company, by its words: no fund is held to it."""

    def judges(self, rule: str) -> bool:
        """Whether a rule has a limit that may be told: the client's own, or the house's where none is unclear."""
        return rule in self.own or (not self.unread and rule not in self.waived)

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
    bounds: dict[str, Decimal] = {}
    said: list[str] = []
    missing = None
    lost = list(reading.unread_limits.values())
    for rule in reading.limits:
        try:
            percent = reading.percent(rule.key)
        except MissingInputError as opened:
            missing = opened
            continue
        is_bound = rule.rule == CLASS or rule.rule in BOUNDED
        if percent is None or not ((percent == 0 and is_bound) or 0 < percent <= HUNDRED):
            lost.append(rule.says)
        elif rule.rule == CLASS:
            bounds[rule.subject or ""] = percent
        elif rule.rule in BOUNDED:
            if rule.subject is None:
                bounds[rule.rule] = percent
            else:
                lost.append(rule.says)
        elif rule.subject is not None:
            named[rule.rule, match_words(rule.subject)] = percent
        else:
            changes[rule.rule] = percent
            if rule.rule == "single_name":
                said.append(rule.says)
    of_companies = bool(said) and all(
        catalogue.reference.says_any(says, catalogue.reference.terms.limit_companies) for says in said
    )
    waived = _settle_names(changes, reading, catalogue, of_companies=of_companies)
    limits = replace(catalogue.limits, **changes)  # type: ignore[arg-type]  # the rules are the Decimal fields
    return LimitSet(limits, frozenset(changes), named, bounds, missing, "; ".join(dict.fromkeys(lost)), waived,
                    of_companies)  # fmt: skip


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


def read_range(reading: Reading) -> tuple[Decimal, Decimal] | None:
    """The least and the most equity in percent that the client set, as a range."""
    if reading.equity_range is None:
        return None
    _, *keys = reading.equity_range
    try:
        least, most = (reading.percent(key) for key in keys)
    except MissingInputError:
        return None
    if least is None or most is None or not 0 <= least < most <= HUNDRED:
        return None
    return least, most


def gloss_limits(found: LimitSet, held: Iterable[str], draft: Draft) -> None:
    """What of the client's limits is judged by nothing: what was not understood, and what is for a name that is not
    held."""
    names = {match_words(name) for name in held}
    idle = [f"{rule.replace('_', ' ')} {name}: {limit.normalize():f}%" for (rule, name), limit in found.named.items()
            if name not in names]  # fmt: skip
    if found.unread or idle:
        draft.glosses[LIMITS_UNREAD] = "; ".join([*([found.unread] if found.unread else []), *idle])
        draft.quote(draft.glosses[LIMITS_UNREAD])


_HELD = frozenset({"holdings", "concentration"})
_BOUNDED = frozenset({*_HELD, "portfolio_snapshot", "model_and_rebalancing", "fixed_income"})
_JUDGED = {
    "portfolio_snapshot": frozenset({"single_name", "sector", "region", "cash"}),
    "fixed_income": frozenset({"single_name", "issuer"}),
    "top_movers": frozenset({"single_name"}),
}  # fmt: skip
"""What each section judges beside lists of holdings, which judge all."""


def settle_limits(reading: Reading, catalogue: Catalogue, draft: Draft) -> LimitSet:
    """The limits of a section. What it does not judge of the client's own is said."""
    found = read_limits(reading, catalogue)
    if draft.section not in _HELD and reading.limits:
        judged = _JUDGED.get(draft.section, frozenset())
        lost = [
            rule.says for rule in reading.limits
            if rule.rule not in ({CLASS, *BOUNDED} if draft.section in _BOUNDED else set())
            and (rule.rule not in judged or rule.subject is not None)
        ]  # fmt: skip
        idle = replace(found, named={}, unread="; ".join([*([found.unread] if found.unread else []), *lost]))
        gloss_limits(idle, (), draft)
    elif found.unread:
        gloss_limits(replace(found, named={}), (), draft)
    return found


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
