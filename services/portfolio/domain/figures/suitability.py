"""Whether a portfolio and its model suit the client: shares of equity and of what a risk profile bounds, leverage,
liquidity."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial

from services.portfolio.domain.errors import MissingInputError
from services.portfolio.domain.facts import (
    AS_SENT,
    EQUITY_IS_BOUND,
    EQUITY_OF_THESE,
    FOREIGN_IN_PART,
    SOLD_SHORT,
    Draft,
    Mark,
    join_names,
    slug,
)
from services.portfolio.domain.figures.bounds import NO_BOUNDS, Bounds, Shares, find_words, match_parts, state_limits
from services.portfolio.domain.figures.positions import Position, combine_names
from services.portfolio.domain.figures.quoting import HUNDRED
from services.portfolio.domain.figures.weights import Weights
from services.portfolio.domain.lexicon import match_form
from services.portfolio.domain.reference import (
    CASH,
    DEBT,
    EQUITY,
    INVESTMENT,
    REAL_ESTATE,
    UNRATED,
    Classified,
    Reference,
    match_words,
)
from services.portfolio.domain.sections import FOREIGN, LOW_RATED, PRIVATE, Catalogue, RiskProfile

_KNOWN_SHARE = Decimal("99.5")
_MIXED = "mixed"
ALTERNATIVE = "alternative"


def add_profile(
    text: str | None, field: str, catalogue: Catalogue, draft: Draft, own: Bounds | None = None
) -> RiskProfile | None:
    """The client's risk profile with its range of equity as facts; None, and why, where it is not known.

    ``own`` are the client's bounds: a range of equity among them wins over that of the house, and where one end alone
    was set, the house has no say in equity either.
    """
    own = own or Bounds()
    if own.equity is not None:
        known = find_profile(text, catalogue.profiles) if text is not None else None
        draft.name(*([text] if text is not None else []))
        for spec_id, word, value in (("profile_min", "least", own.equity[0]), ("profile_max", "most", own.equity[1])):
            draft.state(spec_id, value, (field,), method=AS_SENT, label=f"{word} equity that the client set")
        draft.note("profile", "Equity share judged against the range that the client set.")
        least, most = own.equity
        base = known if known is not None else RiskProfile("own", (), least, most)
        return replace(base, min_equity=least, max_equity=most)
    if text is None:
        draft.miss("profile_range", "no risk profile was sent")
        draft.note("no_profile", "No risk profile was sent, so the equity share is not judged.")
        return None
    draft.name(text)
    profile = find_profile(text, catalogue.profiles)
    if profile is None:
        draft.miss("profile_range", f"risk profile {text!r} is not in sections.yaml")
        draft.note(
            "unknown_profile", f"Risk profile {text!r} is not known, so the equity share is not judged.", warning=True
        )
        return None
    draft.name(profile.name)
    if EQUITY in own.names:
        draft.note("profile", "Equity share judged against the limit that the client set.")
        return replace(profile, min_equity=Decimal(0), max_equity=HUNDRED)
    for spec_id, word, value in (
        ("profile_min", "least", profile.min_equity), ("profile_max", "most", profile.max_equity),
    ):  # fmt: skip
        draft.state(spec_id, value, (field,), label=f"{word} equity for a {profile.name} profile")
    draft.note("profile", f"Equity share judged against the {profile.name} profile.")
    return profile


_PLAIN = frozenset(
    {"profile", "profil", "profilo", "perfil", "risikoprofil", "risicoprofiel", "profiel", "risk", "risiko", "risque",
     "risico", "rischio", "riesgo", "investor", "anleger", "investisseur", "belegger", "investitore", "inversor",
     "client", "level", "stufe", "klasse", "class", "classe", "niveau", "livello", "nivel", "of", "von", "sur",
     "de", "di", "du", "mandate"}
)  # fmt: skip
"""Words beside the name of a profile that say no more than that it is one."""


def find_profile(text: str, profiles: Sequence[RiskProfile]) -> RiskProfile | None:
    """The risk profile that the caller's words stand for, in any of the languages of ``sections.yaml``."""
    words = match_words(text).split()
    stems = {match_form(text), match_form("".join(word for word in words if word not in _PLAIN))}
    stems.add(match_form("".join(word for word in words if word.isalpha() and word not in _PLAIN)))  # "4 - Balanced"
    stems |= {match_form(text).removesuffix(suffix) for suffix in ("investor", "profile", "risk", "riskprofile")}
    for profile in profiles:
        if stems & {match_form(name) for name in (profile.name, *profile.names)}:
            return profile
    return None


def add_shares(
    positions: Sequence[Position],
    models: Mapping[str, Decimal],
    profile: RiskProfile | None,
    reference: Reference,
    field: str,
    draft: Draft,
    base_currency: str | None = None,
    total: Decimal | None = None,
    own: Bounds = NO_BOUNDS,
) -> None:
    """Leverage, liquidity, and the equity share of the portfolio and of its model (``models``: weights by name), with
    the money that they are of where ``total`` is known.

    ``own`` bounds are the client's, before those of the profile.

    Raises ``MissingInputError`` where it is not known how much is equity.
    """
    found = add_bounds(positions, profile, own, reference, field, draft, base_currency, total)
    parts = {position.name: part for position, kind in found if (part := _read_part(position, kind, reference))}
    unknown = [
        position
        for position, kind in found
        if (kind is None or kind.name == _MIXED) and position.name not in parts and position.weight > 0
    ]
    if len(unknown) == len(found):
        raise MissingInputError("no asset names an asset class that is known")
    named = [position.name for position, kind in found if kind is not None and kind.by == "name"]
    if named:
        draft.note(
            "class_by_name", f"The asset class of {', '.join(named[:5])} is told by the name alone.", field=field
        )
    equity = [position for position, kind in found if kind is not None and kind.name == EQUITY]
    share = sum((position.weight for position in equity), Decimal(0))
    share += sum((position.weight * parts.get(position.name, 0) / HUNDRED for position in positions), Decimal(0))
    lost = sum((abs(position.weight) for position in unknown), Decimal(0))
    if HUNDRED - lost < _KNOWN_SHARE:
        raise _state_ends(share, lost, [name for name, _ in combine_names(unknown)], profile, total, field, draft)
    if parts:
        draft.note(
            "mixed_by_name", f"How much of {join_names(list(parts)[:5])} is equity is told by the name.", field=field
        )
    draft.state("equity_share", share, (field,))
    _size_equity(share, profile, total, field, draft)
    if profile is not None:
        free = [item for item, kind in found if kind is not None and kind.name != EQUITY and item.weight > 0
                and not is_bound(item, reference)]  # fmt: skip
        if sum((item.weight for item in free), Decimal(0)) < profile.min_equity - share:
            draft.glosses[EQUITY_IS_BOUND] = "the rest cannot be sold within days"
    _gloss_models(positions, models, reference, base_currency, draft)
    if models and all(models.get(position.name, Decimal(0)) == 0 for position in unknown):
        held = {position.name for position in equity}
        model = sum((models.get(name, Decimal(0)) for name in held), Decimal(0))
        model += sum((models.get(name, Decimal(0)) * part / HUNDRED for name, part in parts.items()), Decimal(0))
        draft.state("model_equity_share", model, (field,))


def _state_ends(
    known: Decimal,
    lost: Decimal,
    names: Sequence[str],
    profile: RiskProfile | None,
    total: Decimal | None,
    field: str,
    draft: Draft,
) -> MissingInputError:
    """The least and the most that equity may be, where of some it is not known how much of it is; and what has to move
    at least, where both are outside the profile's range on one side. Says what is not known."""
    shown = join_names(list(names[:5]))
    if profile is not None:
        draft.state("equity_least", known, (field,))
        draft.state("equity_most", known + lost, (field,))
        draft.glosses[EQUITY_OF_THESE] = shown
        if known > profile.max_equity or known + lost < profile.min_equity:
            _size_equity(known if known > profile.max_equity else known + lost, profile, total, field, draft)
    return MissingInputError(f"how much of {shown} is equity is not known")


def _gloss_models(
    positions: Sequence[Position],
    models: Mapping[str, Decimal],
    reference: Reference,
    base_currency: str | None,
    draft: Draft,
) -> None:
    """Which of the bounds that are passed the model itself keeps, so that trades towards it cure them."""
    if not models:
        return
    for name, fits in list_bounds(positions, reference, base_currency).items():
        limit = draft.find(f"limit.bound.{name}") or draft.find(f"profile_limit.{name}")
        share = sum((models.get(item.name, Decimal(0)) for item in positions if fits(item)), Decimal(0))
        if any(draft.find(f"unsold.{slug(item.name)}") is not None for item in positions if fits(item)):
            continue
        if draft.find(f"excess.bound.{name}") is not None and limit is not None and share <= limit.value:
            draft.glosses[f"{name} is settled by the model"] = "its weights keep the limit"


def add_bounds(
    positions: Sequence[Position],
    profile: RiskProfile | None,
    own: Bounds,
    reference: Reference,
    field: str,
    draft: Draft,
    base_currency: str | None = None,
    total: Decimal | None = None,
) -> list[tuple[Position, Classified | None]]:
    """Leverage and liquidity, and what the client or the profile bounds; the positions with their classes."""
    add_risks(positions, reference, draft, total)
    found = [(position, classify_position(position, reference)) for position in positions]
    sums = _sum_classes(found) | _sum_bounded(positions, reference, base_currency, draft)
    parts, own = match_parts(own, [((item.name, item.text("asset_class") or ""), item.weight) for item in positions])
    sums |= parts
    open_ = [item.weight for item, kind in found if kind is None or kind.name == _MIXED]
    words = find_words((kind.name, item.text("asset_class")) for item, kind in found if kind is not None)
    shares = Shares(sums, sum((abs(weight) for weight in open_), Decimal(0)), words)
    state_limits(profile, shares, field, draft, own, total)
    locked = [
        is_illiquid(position, reference) for position, kind in found if kind is not None and kind.name == ALTERNATIVE
    ]
    _gloss_twice(all(locked), draft)
    return found


def _gloss_twice(within: bool, draft: Draft) -> None:  # what the caller found out
    """That alternatives are all illiquid, where there is too much of both: what leaves the one leaves the other."""
    if within and all(draft.find(f"excess.bound.{name}") is not None for name in ("illiquid", ALTERNATIVE)):
        draft.glosses[f"{ALTERNATIVE} counts twice"] = "what leaves it leaves what is illiquid"


def list_bounds(
    positions: Sequence[Position], reference: Reference, base_currency: str | None
) -> dict[str, Callable[[Position], bool]]:
    """What a position has to be to count towards each thing that may be bounded."""

    def is_low(position: Position) -> bool:
        return is_low_rated(position, reference)

    kinds = {position.path: classify_position(position, reference) for position in positions}
    classes = {kind.name for kind in kinds.values() if kind is not None}
    found: dict[str, Callable[[Position], bool]] = {
        name: partial(lambda wanted, item: (kind := kinds[item.path]) is not None and kind.name == wanted, name)
        for name in classes
    }
    return found | {
        "illiquid": lambda item: is_illiquid(item, reference),
        FOREIGN: lambda item: bool(item.currency) and item.currency != base_currency,
        LOW_RATED: is_low,
        PRIVATE: lambda item: is_private(item, reference),
    }


def state_reduction(draft: Draft, subject: str, amount: Decimal, source: str) -> None:
    """How much money of something stands above its limit: what is to be sold where the proceeds go elsewhere."""
    draft.state("reduction", amount, (source,), subject=subject, key=slug(subject))


def _size_equity(share: Decimal, profile: RiskProfile | None, total: Decimal | None, field: str, draft: Draft) -> None:
    """The money by which the equity share is outside the profile's range."""
    if profile is None or total is None or total <= 0:
        return
    outside = max(share - profile.max_equity, profile.min_equity - share)
    if outside > 0:
        draft.state(
            "equity_move", outside * total / HUNDRED, (field,),
            label=f"amount of equity {'above' if share > profile.max_equity else 'below'} the profile's range",
        )  # fmt: skip


def _read_part(position: Position, kind: Classified | None, reference: Reference) -> Decimal | None:
    """How much of a mixed fund is equity, by its name."""
    mixed = kind is None or kind.name == _MIXED
    return reference.read_equity_part(position.name) if mixed else None


def add_class_shares(
    weights: Weights,
    profile: RiskProfile | None,
    reference: Reference,
    field: str,
    draft: Draft,
    *,
    foreign: Decimal | None = None,
    total: Decimal | None = None,
    sums_up: bool = True,
    own: Bounds = NO_BOUNDS,
) -> None:
    """The equity share of an allocation by class, where every class of it is known, and what is owed.

    What is below zero is owed, whatever its name, and no class. Where the allocation does not sum up, the equity share
    is stated only where it stands to the profile as it does over the sum too.
    """
    _add_debt(weights, profile, total, reference, field, draft)
    kinds = [(name, weight, reference.classify(name, None, name)) for name, weight in weights]
    sums: dict[str, Decimal] = {}
    for name, weight, kind in kinds:
        if kind is not None and kind.name == EQUITY and reference.is_narrow(name):
            draft.mark(name, Mark.NARROW)
        if kind is not None and kind.name == CASH:
            draft.mark(name, Mark.MONEY)
        if kind is not None:
            sums[kind.name] = sums.get(kind.name, Decimal(0)) + weight
        if reference.is_illiquid(kind.name if kind else None, name):
            sums["illiquid"] = sums.get("illiquid", Decimal(0)) + weight
    if foreign is not None:
        sums[FOREIGN] = foreign
    if not sums_up and profile is not None and not _is_told_either_way(sums.get(EQUITY, Decimal(0)), kinds, profile):
        draft.miss("equity_share", "the classes do not sum to the whole")
        return
    parts, own = match_parts(own, [((name,), weight) for name, weight in weights])
    sums |= parts
    open_ = [abs(weight) for _, weight, kind in kinds if kind is None or kind.name == _MIXED]
    words = find_words((kind.name, name) for name, _, kind in kinds if kind is not None)
    state_limits(profile, Shares(sums, sum(open_, Decimal(0)), words), field, draft, own, total)
    _gloss_twice(ALTERNATIVE in reference.illiquid_classes, draft)
    if all(weight < 0 or (kind is not None and kind.name != _MIXED) for _, weight, kind in kinds):
        share = sums.get(EQUITY, Decimal(0))
        draft.state("equity_share", share, (field,))
        _size_equity(share, profile, total, field, draft)
    elif profile is not None:
        lost = [(name, weight) for name, weight, kind in kinds if weight > 0 and (kind is None or kind.name == _MIXED)]
        share, most = sums.get(EQUITY, Decimal(0)), sum((weight for _, weight in lost), Decimal(0))
        draft.miss("equity_share", _state_ends(share, most, [name for name, _ in lost], profile, total, field, draft))


def _add_debt(
    weights: Weights,
    profile: RiskProfile | None,
    total: Decimal | None,
    reference: Reference,
    field: str,
    draft: Draft,
) -> None:
    """Leverage: a class other than cash below zero or, for a client whose profile bounds it, cash that is overdrawn."""
    cash, amount = draft.find("cash_pct"), draft.find("cash")
    owed = sum((-weight for _, weight in weights if weight < 0), Decimal(0))
    overdrawn = -cash.value if cash is not None else Decimal(0)
    kinds = [reference.classify(name, None, name) for name, weight in weights if weight < 0]
    loans = any(kind is None or kind.name != CASH for kind in kinds)
    if not loans and (profile is None or (not owed and overdrawn <= 0)):
        return
    if overdrawn > 0 and abs(overdrawn - owed) < 1 and amount is not None:
        owed, money = overdrawn, -amount.value  # the same debt, printed as a rounded share and as an amount
    else:
        owed = max(owed, overdrawn)
        money = owed * total / HUNDRED if total is not None else Decimal(0)
    draft.state("leverage", owed, (field,))
    if money:
        draft.state("leverage_amount", money, (field,))


def _is_told_either_way(
    share: Decimal, kinds: Sequence[tuple[str, Decimal, Classified | None]], profile: RiskProfile
) -> bool:
    """Whether an equity share stands to the profile's range as it does over the sum of all classes."""
    whole = sum((weight for _, weight, _ in kinds), Decimal(0))
    ways = [share, share * HUNDRED / whole] if whole > 0 else [share]
    return len({(way > profile.max_equity) - (way < profile.min_equity) for way in ways}) == 1


def add_risks(positions: Sequence[Position], reference: Reference, draft: Draft, total: Decimal | None = None) -> None:
    """Leverage where something is owed, and the share that cannot be sold within days."""
    owed = sum((-position.weight for position in positions if position.weight < 0), Decimal(0))
    if owed:
        draft.state("leverage", owed, ("weights",))
        if total is not None:
            draft.state("leverage_amount", owed * total / HUNDRED, ("weights",))
        kinds = (classify_position(position, reference) for position in positions if position.weight < 0)
        if any(kind is not None and kind.name not in {CASH, DEBT, REAL_ESTATE} for kind in kinds):
            draft.glosses[SOLD_SHORT] = "some of what is below zero is no debt"
    locked = sum((position.weight for position in positions if is_illiquid(position, reference)), Decimal(0))
    if locked > 0:
        draft.state("illiquid_share", locked, ("weights",))


def classify_position(position: Position, reference: Reference) -> Classified | None:
    """The asset class of a position, by all that its row says."""
    return position.recall(
        "class", lambda: reference.classify(position.text("asset_class"), position.text("kind"), position.name)
    )


def is_single_name(position: Position, reference: Reference) -> bool:
    """Whether a position stands or falls with one company."""
    return position.recall("single name", lambda: _is_single_name(position, reference))


def _is_single_name(position: Position, reference: Reference) -> bool:
    found = classify_position(position, reference)
    return reference.is_single_name(
        position.name, found.name if found is not None else None, position.text("asset_class"),
        position.text("rating"), position.text("kind"),
    )  # fmt: skip


def is_fund(position: Position, reference: Reference) -> bool:
    """Whether a position holds many, by all that its row says."""
    return position.recall(
        "fund", lambda: reference.is_broad(position.name, position.text("asset_class"), position.text("kind"))
    )


def is_whole(position: Position, reference: Reference) -> bool:
    """Whether a position can be sold only whole; what has an ISIN or a symbol is traded in parts."""
    return position.recall("whole", lambda: _is_whole(position, reference))


def _is_whole(position: Position, reference: Reference) -> bool:
    if position.isin or position.row.text("symbol"):
        return False
    kind = classify_position(position, reference)
    return reference.is_whole(
        position.name, kind.name if kind is not None else None, position.text("asset_class"), position.text("kind")
    )


def is_locked(position: Position, reference: Reference) -> bool:
    """Whether a position is paid out by terms of its own, or may not be sold by what was sent of it."""
    return position.recall("locked", lambda: _is_locked(position, reference))


def _is_locked(position: Position, reference: Reference) -> bool:
    return position.row.lock is not None or is_paid_by_terms(position, reference)


def is_paid_by_terms(position: Position, reference: Reference) -> bool:
    """Whether a position is of a kind that is paid out by terms of its own."""
    return position.recall("locked by kind", lambda: _find_locked(position, reference))


def _find_locked(position: Position, reference: Reference) -> bool:
    kind = classify_position(position, reference)
    return reference.is_locked(
        position.name, kind.name if kind is not None else None, position.text("asset_class"), position.text("kind")
    )


def is_bound(position: Position, reference: Reference) -> bool:
    """Whether a position is not to be sold now, by its kind or by what was sent of it: what all advice to sell asks."""
    return position.row.lock is not None or is_illiquid(position, reference)


def is_illiquid(position: Position, reference: Reference) -> bool:
    """Whether a position cannot be sold within days: it is sold only whole, or by its terms, or it is of a class of
    such; a single name of real estate that is no property itself is a listed company."""
    if is_whole(position, reference) or is_paid_by_terms(position, reference):
        return True
    kind = classify_position(position, reference)
    if kind is not None and kind.name == REAL_ESTATE and not is_fund(position, reference) and (
        position.isin or position.row.text("symbol") or not reference.is_real_estate(position.name)
    ):  # fmt: skip
        return False
    text = " ".join(filter(None, (position.name, position.text("asset_class"), position.text("kind"))))
    return reference.is_illiquid(kind.name if kind else None, text)


def _sum_classes(found: Sequence[tuple[Position, Classified | None]]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for position, kind in found:
        if kind is not None:
            sums[kind.name] = sums.get(kind.name, Decimal(0)) + position.weight
    return sums


def _sum_bounded(
    positions: Sequence[Position], reference: Reference, base_currency: str | None, draft: Draft
) -> dict[str, Decimal]:
    """The shares in foreign currencies, as far as positions name one, and in bonds that are rated below investment
    grade or not at all."""
    sums: dict[str, Decimal] = {}
    named = [position for position in positions if position.currency]
    if base_currency:
        abroad = (position.weight for position in named if position.currency != base_currency)
        sums[FOREIGN] = sum(abroad, Decimal(0))
        if sum((abs(position.weight) for position in named), Decimal(0)) < _KNOWN_SHARE:
            draft.glosses[FOREIGN_IN_PART] = "what names none may be in others"
    if any(position.text("rating") for position in positions):
        low = (position.weight for position in positions if is_low_rated(position, reference))
        sums[LOW_RATED] = sum(low, Decimal(0))
    private = [position.weight for position in positions if is_private(position, reference)]
    if private:
        sums[PRIVATE] = sum(private, Decimal(0))
    return sums


def is_low_rated(position: Position, reference: Reference) -> bool:
    """Whether a position is rated below investment grade, or said to be not rated at all; a deposit, which is no bond
    and has no rating of its own, is neither."""
    grade = reference.grade(position.text("rating")) if position.text("rating") else None
    if grade is None or grade == INVESTMENT:
        return False
    kind = classify_position(position, reference)
    name = kind.name if kind is not None else None
    is_deposit = reference.is_deposit(position.name, name, position.text("asset_class")) or name == CASH
    return not (grade == UNRATED and is_deposit)


def is_private(position: Position, reference: Reference) -> bool:
    """Whether a position is of private markets: by its name or class, or because some of it is not called yet."""
    return position.row.unfunded is not None or reference.is_private(
        position.name, position.text("asset_class"), position.text("kind")
    )
