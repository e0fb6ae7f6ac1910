"""The words by which payloads say what binds a client beside the figures: what may not be sold, what has to be paid,
what is wanted, and which limits hold (``reference/terms.yaml``)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from services.portfolio.domain.periods import split_words

_SENTENCE = re.compile(r"(?<=[^\W\d_]{2}[.!?;])\s+|(?<=\d[.!?])\s+(?=[^\W\d_])|;\s*|\n+")
_ESG = re.compile(
    r"\b(?:esg|sustainability|nachhaltigkeit\w*|durabilit[éeà]\w*|duurzaamheid\w*|sostenib\w+|extra[- ]?financi\w+)",
    re.IGNORECASE,
)
_LONGEST = 140


@dataclass(frozen=True, slots=True)
class Terms:
    """Phrases in the form of ``match_words``; ``limit_rules`` are those of each limit by its
    canonical name, ``limit_classes`` those that mean all of an asset class."""

    locked: frozenset[str]
    dealing: frozenset[str]
    free: frozenset[str]
    held_back: frozenset[str]
    units: frozenset[str]
    kept: frozenset[str]
    owed: frozenset[str]
    at_hand: frozenset[str]
    charges: frozenset[str]
    due: frozenset[str]
    goal: frozenset[str]
    needed: frozenset[str]
    inflow: frozenset[str]
    deposits: frozenset[str]
    regular: frozenset[str]
    taken_out: frozenset[str]
    either_way: frozenset[str]
    not_due: frozenset[str]
    amounts: frozenset[str]
    purposes: frozenset[str]
    sources: frozenset[str]
    credit: frozenset[str]
    lenders: frozenset[str]
    drawn: frozenset[str]
    ceiling: frozenset[str]
    margin_alert: frozenset[str]
    margin_call: frozenset[str]
    forced_sale: frozenset[str]
    lending: frozenset[str]
    haircut: frozenset[str]
    unfunded: frozenset[str]
    capacity: frozenset[str]
    stress: frozenset[str]
    rivals: frozenset[str]
    tax_fields: frozenset[str]
    gains_tax: frozenset[str]
    short_term: frozenset[str]
    long_term: frozenset[str]
    rates: frozenset[str]
    exempt: frozenset[str]
    gains_exempt: frozenset[str]
    long_from: frozenset[str]
    lot_order_fields: frozenset[str]
    lots_first: frozenset[str]
    lots_last: frozenset[str]
    lots_dearest: frozenset[str]
    lots_average: frozenset[str]
    left: frozenset[str]
    used: frozenset[str]
    bought: frozenset[str]
    holding_term: frozenset[str]
    exit_load: frozenset[str]
    rating_floor: frozenset[str]
    rating_subjects: frozenset[str]
    rating_under: frozenset[str]
    rating_barred: frozenset[str]
    rating_before: frozenset[str]
    rating_day: frozenset[str]
    income_need: frozenset[str]
    failed: frozenset[str]
    denied: frozenset[str]
    closed: frozenset[str]
    exceeds: frozenset[str]
    end_parts: frozenset[str]
    ends: frozenset[str]
    basis_words: frozenset[str]
    basis_taxes: frozenset[str]
    basis_fees: frozenset[str]
    basis_net: frozenset[str]
    describing: frozenset[str]
    basis_fillers: frozenset[str]
    maturing: frozenset[str]
    maturity_parts: frozenset[str]
    matures: frozenset[str]
    lapsing: frozenset[str]
    lapses: frozenset[str]
    committed: frozenset[str]
    called: frozenset[str]
    payments: frozenset[str]
    entry_names: frozenset[str]
    withdrawals: frozenset[str]
    values_said: frozenset[str]
    first: frozenset[str]
    before: frozenset[str]
    after: frozenset[str]
    fall: frozenset[str]
    fall_limit: frozenset[str]
    agreed: frozenset[str]
    policies: frozenset[str]
    notes: frozenset[str]
    until: frozenset[str]
    dated: frozenset[str]
    priced: frozenset[str]
    limit_fields: frozenset[str]
    limit_rules: Mapping[str, str]
    risk_metrics: Mapping[str, str]
    limit_classes: Mapping[str, str]
    limit_companies: frozenset[str]
    limit_ranges: frozenset[str]
    limit_most: frozenset[str]
    at_most: frozenset[str]
    limit_plain: frozenset[str]
    limit_least: frozenset[str]
    industries: Mapping[str, tuple[frozenset[str], frozenset[str]]]
    """By industry: the words of wishes and sectors that mean it, and the names of companies that are in it."""


def name_field(name: str) -> str:
    """A field's name as a person writes it: ``usedThisYear`` as ``used this year``; one with blanks is a person's."""
    words = split_words(name).strip().split()
    if len(words) < 2 or " " in name.strip():
        return " ".join(words)
    return " ".join(word if place == 0 or word.isupper() else word.lower() for place, word in enumerate(words))


def spell(value: object) -> str:
    """A value of a payload as words: the fields of an object with their values, the items of a list."""
    if isinstance(value, Mapping):
        return ", ".join(
            f"{name_field(str(name))} {f'({spell(item)})' if isinstance(item, Mapping) else spell(item)}"
            for name, item in value.items() if not is_empty(item)
        )  # fmt: skip
    if isinstance(value, list | tuple):
        between = "; " if any(isinstance(item, Mapping | list) for item in value) else ", "
        return between.join(spell(item) for item in value if not is_empty(item))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " ".join(str(value).split())


def quote(name: str, value: object) -> str:
    """``Comment: Beneficiaries expect A$60,000`` : a field with what it says, cut where it is long."""
    words = spell(value)
    if len(words) > _LONGEST:
        words = f"{words[:_LONGEST].rpartition(' ')[0]} ..."
    return (f"{name_field(name)}: {words}" if name.strip() else words).strip().rstrip(".")


def is_empty(value: object) -> bool:
    """Whether a value says nothing."""
    return value is None or value in ("", [], {}) or (isinstance(value, str) and not value.strip(" -–—"))


def list_sentences(text: str) -> list[str]:
    """The sentences of a note."""
    return [part.strip() for part in _SENTENCE.split(text) if part.strip()]


def is_esg(name: str) -> bool:
    """Whether a name or a text is of sustainability."""
    return _ESG.search(split_words(name)) is not None
