"""What a client or a risk profile bounds in percent of the portfolio beside the rules for single names: asset classes
and parts of them, what is illiquid, owed, foreign, private or of a low grade; and how what is held stands to it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Protocol

from services.portfolio.domain.facts import AS_SENT, Draft
from services.portfolio.domain.figures.quoting import HUNDRED
from services.portfolio.domain.reference import EQUITY, match_words
from services.portfolio.domain.sections import FOREIGN, LOW_RATED, PRIVATE, RiskProfile

_SUBJECTS = {
    "illiquid": "illiquid assets", "leverage": "leverage", FOREIGN: "foreign currencies",
    LOW_RATED: "bonds below investment grade", PRIVATE: "private assets", "alternative": "alternatives",
    "debt": "fixed income",
}  # fmt: skip
_KNOWN = Decimal("0.5")
"""So much of the portfolio may be of no known class before a share is one that cannot be told."""
_UNDER = {"leverage", FOREIGN, LOW_RATED}
"""What is no class: what is of no known class is none of it."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the client bounds beside the rules, in percent: what a risk profile may bound, asset classes by name, and
    parts of classes. ``most`` and ``least`` are the ends, ``says`` how each was sent, ``parts`` the words of each that
    is for a part of a class."""

    most: Mapping[str, Decimal] = field(default_factory=dict)
    least: Mapping[str, Decimal] = field(default_factory=dict)
    says: Mapping[str, str] = field(default_factory=dict)
    parts: Mapping[str, str] = field(default_factory=dict)
    ruled: frozenset[str] = frozenset()
    """What has a rule of its own that tells it where it is above its most."""

    @property
    def names(self) -> tuple[str, ...]:
        """Everything that has an end."""
        return tuple(dict.fromkeys((*self.most, *self.least)))

    @property
    def equity(self) -> tuple[Decimal, Decimal] | None:
        """The range of equity, where both of its ends were sent."""
        least, most = self.least.get(EQUITY), self.most.get(EQUITY)
        return (least, most) if least is not None and most is not None and least < most else None

    def pick(self, *names: str) -> "Bounds":
        """The bounds of these names alone."""
        most, least = ({name: end for name, end in ends.items() if name in names} for ends in (self.most, self.least))
        return replace(self, most=most, least=least)


NO_BOUNDS = Bounds()


@dataclass(frozen=True, slots=True)
class Shares:
    """What is held of each thing that may be bounded, in percent, how much is of no class that is known, and the one
    word by which the payload calls all of a class."""

    known: Mapping[str, Decimal]
    unknown: Decimal = Decimal(0)
    words: Mapping[str, str] = field(default_factory=dict)


def match_parts(own: Bounds, rows: Iterable[tuple[tuple[str, ...], Decimal]]) -> tuple[dict[str, Decimal], Bounds]:
    """The weights of the rows that are called as a part of a class that the client bounds, and the bounds with the
    names of these parts as the rows write them."""
    if not own.parts:
        return {}, own
    sums: dict[str, Decimal] = {}
    parts = dict(own.parts)
    for names, weight in rows:
        for key, words in own.parts.items():
            name = next((name for name in names if name and _singular(name) == _singular(words)), None)
            if name is not None:
                sums[key] = sums.get(key, Decimal(0)) + weight
                parts[key] = name
    return sums, replace(own, parts=parts)


class Weighed(Protocol):
    """Something with a weight in percent and its currency."""

    @property
    def weight(self) -> Decimal:
        """Its weight."""

    @property
    def currency(self) -> str | None:
        """Its currency, None where none is known."""


def sum_abroad(items: Iterable[Weighed], base: str | None) -> Decimal | None:
    """The weight of what is in other currencies than the portfolio's; None where no currency is known."""
    named = [item for item in items if item.currency]
    return sum((item.weight for item in named if item.currency != base), Decimal(0)) if base and named else None


def find_words(rows: Iterable[tuple[str, str | None]]) -> dict[str, str]:
    """By class, how the payload calls it, where it calls all of it one thing."""
    found: dict[str, set[str]] = {}
    for kind, word in rows:
        found.setdefault(kind, set()).add(word or "")
    return {kind: next(iter(words)) for kind, words in found.items() if len(words) == 1 and "" not in words}


def _singular(name: str) -> str:
    return " ".join(word.removesuffix("s") for word in match_words(name).split())


def state_limits(
    profile: RiskProfile | None, shares: Shares, field_name: str, draft: Draft, own: Bounds, total: Decimal | None
) -> None:
    """What the client or the profile bounds, how much of it there is, where there is any, and by how much it is too
    much or too little. What cannot be told for what is not known is not stated."""
    for name, limit in (profile.most if profile is not None else {}).items():
        share = _find_share(name, shares, draft, own)
        if name in own.names or share is None or share <= 0:
            continue
        subject, named = _name(name, own, shares)
        _state_share(name, share, field_name, draft, own, shares)
        draft.state(
            "profile_limit", limit, (field_name,), subject=named, key=name, label=f"limit of the profile for {subject}"
        )
        if share > limit:
            _state_excess(name, share - limit, field_name, draft, (subject, named), total)
    for name in own.names:
        _state_own(name, shares, field_name, draft, own, total)


def _state_own(name: str, shares: Shares, field_name: str, draft: Draft, own: Bounds, total: Decimal | None) -> None:
    """Where what is held stands to both ends of the client's own, as far as that is known."""
    share = _find_share(name, shares, draft, own)
    if share is None or (name == EQUITY and own.equity is not None):
        return
    most, least = own.most.get(name), own.least.get(name)
    unknown = Decimal(0) if name in _UNDER or name in own.parts or shares.unknown < _KNOWN else shares.unknown
    is_over = most is not None and share > most
    is_under = least is not None and share + unknown < least
    if unknown and not is_over and not is_under and (share < (least or 0) or share + unknown > (most or HUNDRED)):
        return  # it hangs on what is not known
    subject, named = _name(name, own, shares)
    _state_share(name, share, field_name, draft, own, shares)
    source = (f"limits.{name}",)
    if most is not None:
        draft.state("limit", most, source, subject=named, key=f"bound.{name}", method=AS_SENT,
                    label=f"limit for {subject}")  # fmt: skip
    if least is not None:
        draft.state("limit", least, source, subject=named, key=f"least.{name}", method=AS_SENT,
                    label=f"least of {subject}")  # fmt: skip
    if most is not None and is_over and name not in own.ruled:
        _state_excess(name, share - most, field_name, draft, (subject, named), total)
    if least is not None and is_under:
        draft.state("shortfall", share - least, (field_name,), subject=named, key=f"bound.{name}",
                    label=f"{subject} below the least")  # fmt: skip
        if total is not None and total > 0:
            draft.state("addition", (least - share) * total / HUNDRED, (field_name,), subject=named,
                        key=f"bound.{name}", label=f"amount of {subject} below the least")  # fmt: skip


def _find_share(name: str, shares: Shares, draft: Draft, own: Bounds) -> Decimal | None:
    held = {"illiquid": draft.find("illiquid_share"), "leverage": draft.find("leverage")}
    if (fact := held.get(name)) is not None:
        return fact.value
    if (name in {FOREIGN, LOW_RATED, "leverage"} or name in own.parts) and name not in shares.known:
        return None
    return shares.known.get(name, Decimal(0))


def _name(name: str, own: Bounds, shares: Shares) -> tuple[str, str | None]:
    """What a bound is called, and the subject of its figures: the share of what is illiquid is of the whole."""
    plain = _SUBJECTS.get(name, name.replace("_", " "))
    word = shares.words.get(name, plain)
    subject = own.parts.get(name, plain if word.casefold() == plain else word)
    return subject, subject if name != "illiquid" else None


def _state_share(name: str, share: Decimal, field_name: str, draft: Draft, own: Bounds, shares: Shares) -> None:
    is_stated = {"illiquid": "illiquid_share", "leverage": "leverage"}.get(name)
    if is_stated is None or draft.find(is_stated) is None:
        draft.state("class_share", share, (field_name,), subject=_name(name, own, shares)[0], key=name)


def _state_excess(
    name: str, excess: Decimal, field_name: str, draft: Draft, named: tuple[str, str | None], total: Decimal | None
) -> None:
    subject, of = named
    draft.state("excess", excess, (field_name,), subject=of, key=f"bound.{name}",
                label=f"{subject} above the limit")  # fmt: skip
    if total is not None and total > 0:
        draft.state("reduction", excess * total / HUNDRED, (field_name,), subject=of, key=f"bound.{name}",
                    label=f"amount of {subject} above the limit")  # fmt: skip
