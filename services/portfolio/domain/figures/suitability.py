"""Whether a portfolio and its model suit the client: shares of equity and of what a risk profile bounds, leverage,
liquidity."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from services.portfolio.domain.errors import MissingInputError
from services.portfolio.domain.facts import Draft, Mark
from services.portfolio.domain.figures.positions import Position, combine_names
from services.portfolio.domain.figures.quoting import HUNDRED
from services.portfolio.domain.figures.weights import Weights
from services.portfolio.domain.reference import EQUITY, INVESTMENT, Classified, Reference
from services.portfolio.domain.sections import FOREIGN, LOW_RATED, Catalogue, RiskProfile, match_form

_KNOWN_SHARE = Decimal("99.5")
_MIXED = "mixed"
_SUBJECTS = {
    "illiquid": "illiquid assets", "leverage": "leverage", FOREIGN: "foreign currencies",
    LOW_RATED: "bonds below investment grade",
}  # fmt: skip


def add_profile(text: str | None, field: str, catalogue: Catalogue, draft: Draft) -> RiskProfile | None:
    """The client's risk profile with its range of equity as facts; None, and why, where it is not known."""
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
    for spec_id, word, value in (
        ("profile_min", "least", profile.min_equity), ("profile_max", "most", profile.max_equity),
    ):  # fmt: skip
        draft.state(spec_id, value, (field,), label=f"{word} equity for a {profile.name} profile")
    draft.note("profile", f"Equity share judged against the {profile.name} profile.")
    return profile


def find_profile(text: str, profiles: Sequence[RiskProfile]) -> RiskProfile | None:
    """The risk profile that the caller's words stand for."""
    wanted = match_form(text)
    for suffix in ("", "investor", "profile", "risk", "riskprofile"):
        stem = wanted.removesuffix(suffix)
        for profile in profiles:
            if stem in {match_form(name) for name in (profile.name, *profile.names)}:
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
) -> None:
    """Leverage, liquidity, and the equity share of the portfolio and of its model (``models``: weights by name).

    Raises ``MissingInputError`` where it is not known how much is equity.
    """
    add_risks(positions, reference, draft)
    found = [(position, classify_position(position, reference)) for position in positions]
    shares = _sum_classes(found) | _sum_bounded(positions, reference, base_currency)
    _state_limits(profile, shares, field, draft)
    unknown = [position for position, kind in found if kind is None or kind.name == _MIXED]
    if len(unknown) == len(found):
        raise MissingInputError("no asset names an asset class that is known")
    named = [position.name for position, kind in found if kind is not None and kind.by == "name"]
    if named:
        draft.note(
            "class_by_name", f"The asset class of {', '.join(named[:5])} is told by the name alone.", field=field
        )
    lost = sum((abs(position.weight) for position in unknown), Decimal(0))
    if HUNDRED - lost < _KNOWN_SHARE:
        shown = ", ".join(name for name, _ in combine_names(unknown)[:5])
        raise MissingInputError(f"how much of {shown} is equity is not known")
    equity = [position for position, kind in found if kind is not None and kind.name == EQUITY]
    draft.state("equity_share", sum((position.weight for position in equity), Decimal(0)), (field,))
    if models and all(models.get(position.name, Decimal(0)) == 0 for position in unknown):
        held = {position.name for position in equity}
        draft.state("model_equity_share", sum((models.get(name, Decimal(0)) for name in held), Decimal(0)), (field,))


def add_class_shares(
    weights: Weights, profile: RiskProfile | None, reference: Reference, field: str, draft: Draft
) -> None:
    """The equity share of an allocation by class, where every class of it is known."""
    kinds = [(name, weight, reference.classify(name, None, name)) for name, weight in weights]
    sums: dict[str, Decimal] = {}
    for name, weight, kind in kinds:
        if kind is not None and kind.name == EQUITY and reference.is_narrow(name):
            draft.mark(name, Mark.NARROW)
        if kind is not None:
            sums[kind.name] = sums.get(kind.name, Decimal(0)) + weight
        if reference.is_illiquid(kind.name if kind else None, name):
            sums["illiquid"] = sums.get("illiquid", Decimal(0)) + weight
    _state_limits(profile, sums, field, draft)
    if all(kind is not None and kind.name != _MIXED for _, _, kind in kinds):
        draft.state("equity_share", sums.get(EQUITY, Decimal(0)), (field,))


def add_risks(positions: Sequence[Position], reference: Reference, draft: Draft) -> None:
    """Leverage where something is owed, and the share that cannot be sold within days."""
    owed = sum((-position.weight for position in positions if position.weight < 0), Decimal(0))
    if owed:
        draft.state("leverage", owed, ("weights",))
    locked = sum((position.weight for position in positions if _is_locked(position, reference)), Decimal(0))
    if locked > 0:
        draft.state("illiquid_share", locked, ("weights",))


def classify_position(position: Position, reference: Reference) -> Classified | None:
    """The asset class of a position, by all that its row says."""
    return reference.classify(position.text("asset_class"), position.text("kind"), position.name)


def _is_locked(position: Position, reference: Reference) -> bool:
    kind = classify_position(position, reference)
    text = " ".join(filter(None, (position.name, position.text("asset_class"), position.text("kind"))))
    return reference.is_illiquid(kind.name if kind else None, text)


def _sum_classes(found: Sequence[tuple[Position, Classified | None]]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for position, kind in found:
        if kind is not None:
            sums[kind.name] = sums.get(kind.name, Decimal(0)) + position.weight
    return sums


def _sum_bounded(positions: Sequence[Position], reference: Reference, base_currency: str | None) -> dict[str, Decimal]:
    """The shares in foreign currencies, where each position names one, and in bonds that are rated below investment
    grade or not at all."""
    sums: dict[str, Decimal] = {}
    named = [position for position in positions if position.currency]
    if base_currency and sum((abs(position.weight) for position in named), Decimal(0)) >= _KNOWN_SHARE:
        abroad = (position.weight for position in named if position.currency != base_currency)
        sums[FOREIGN] = sum(abroad, Decimal(0))
    grades = [(position, reference.grade(position.text("rating"))) for position in positions if position.text("rating")]
    low = [position.weight for position, grade in grades if grade is not None and grade != INVESTMENT]
    if low:
        sums[LOW_RATED] = sum(low, Decimal(0))
    return sums


def _state_limits(profile: RiskProfile | None, classes: Mapping[str, Decimal], field: str, draft: Draft) -> None:
    """What the profile bounds, and how much of it there is, where there is any."""
    if profile is None:
        return
    for name, limit in profile.most.items():
        own = {"illiquid": draft.find("illiquid_share"), "leverage": draft.find("leverage")}
        fact = own.get(name)
        share = fact.value if fact is not None else classes.get(name, Decimal(0))
        if share <= 0:
            continue
        subject = _SUBJECTS.get(name, name.replace("_", " "))
        if fact is None:
            draft.state("class_share", share, (field,), subject=subject, key=name)
        draft.state("profile_limit", limit, (field,), subject=subject, key=name)
