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


@dataclass(frozen=True, slots=True)
class LimitSet:
    """Limits in percent. ``own`` are the rules that the payload sets for each name, ``named`` those that it sets for one
    name; ``bounds`` what it bounds beside them: what a risk profile may bound, and asset classes by name.

    ``missing`` says why one of them could not be settled, ``unread`` what of them was not understood.
    """

    limits: Limits
    own: frozenset[str] = frozenset()
    named: Mapping[tuple[str, str], Decimal] = field(default_factory=dict)
    bounds: Mapping[str, Decimal] = field(default_factory=dict)
    missing: MissingInputError | None = None
    unread: str = ""

    def judges(self, rule: str) -> bool:
        """Whether there is a limit of a rule that may be told: the client's own, or the house's where none is unclear."""
        return rule in self.own or not self.unread

    def find(self, rule: str, name: str) -> tuple[Decimal | None, bool]:
        """The limit for one name under a rule, and whether it is one that was set for this name; None where there is
        none that may be told."""
        if (found := self.named.get((rule, match_words(name)))) is not None:
            return found, True
        limit: Decimal = getattr(self.limits, rule)
        return (limit if self.judges(rule) else None), False


def read_limits(reading: Reading, catalogue: Catalogue) -> LimitSet:
    """The operator's limits with those that the payload sets for itself. What cannot be used of these is kept with what
    it says: it refuses nothing."""
    changes: dict[str, Decimal] = {}
    named: dict[tuple[str, str], Decimal] = {}
    bounds: dict[str, Decimal] = {}
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
    limits = replace(catalogue.limits, **changes)  # type: ignore[arg-type]  # the rules are the Decimal fields
    return LimitSet(limits, frozenset(changes), named, bounds, missing, "; ".join(dict.fromkeys(lost)))


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
    """The limits of a section; a debtor of one bond is held against the client's limit for an issuer, where that is the
    one that was set. What a section does not judge of them is said."""
    found = read_limits(reading, catalogue)
    if draft.section == "fixed_income" and "issuer" in found.own and "single_name" not in found.own:
        limits = replace(found.limits, single_name=found.limits.issuer)
        found = replace(found, limits=limits, own=found.own | {"single_name"})
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
        if kind in {"limit", "excess"} and rule in RULES:
            if not found.judges(rule):
                continue
            if kind == "limit" and rule in found.own:
                fact = replace(fact, method=AS_SENT)
        if kind == "reduction" and found.unread and rule not in {*found.own, "bound", "rest"}:
            continue
        kept.append(fact)
    draft.keep(kept)
