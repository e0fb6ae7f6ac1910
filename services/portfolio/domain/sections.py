"""Sections: what they are made of, and which one a payload belongs to.

A ``Catalogue`` is ``sections.yaml`` in memory (``adapters.sections_file`` reads and checks it). ``detect`` finds the
section of each payload of a task and maps the caller's field names to the canonical ones.
"""

import difflib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import lru_cache

from services.portfolio.domain.errors import DetectionError
from services.portfolio.domain.headers import Header, read_header
from services.portfolio.domain.reference import Reference

_PUNCTUATION = re.compile(r"[\W_]+")
_MAX_UNKNOWN_NAMED = 20
_CONVENTIONS = "inputconventions"
_UNITS = frozenset(
    {"units", "unit", "amountsin", "valuesin", "figuresin", "inunits", "scale", "moneyscale", "amountunit",
     "denomination", "allamountsin", "allfiguresin"}
)  # fmt: skip
"""Names of a field that says what all amounts of a payload are in (``"Amounts in": "₹ lakh"``)."""


FEES = ("portfolio_fee", "advisory_fee", "management_fee", "platform_fee", "custody_fee")
"""The fields of what a portfolio is charged a year; several of them are added up."""
FOREIGN, LOW_RATED, PRIVATE = "foreign_currency", "below_investment_grade", "private"
BOUNDED = frozenset({"illiquid", "leverage", FOREIGN, LOW_RATED, PRIVATE})
"""What a risk profile may bound beside the asset classes."""


@dataclass(frozen=True, slots=True)
class RiskProfile:
    """What suits a risk profile, in percent of the portfolio; ``names`` are the words that callers use for it.

    ``most`` bounds other shares: one of ``BOUNDED``, or that of an asset class.
    """

    name: str
    names: tuple[str, ...]
    min_equity: Decimal
    max_equity: Decimal
    most: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Limits:
    """Rules and bounds that operators set, in percent unless named otherwise."""

    single_name: Decimal = Decimal(10)
    top_five: Decimal = Decimal(50)
    sector: Decimal = Decimal(30)
    currency: Decimal = Decimal(40)
    region: Decimal = Decimal(70)
    account: Decimal = Decimal(75)
    issuer: Decimal = Decimal(15)
    fee: Decimal = Decimal("1.25")
    cash: Decimal = Decimal(10)
    asset_class: Decimal = Decimal(100)
    band: Decimal = Decimal(5)
    total_tolerance: Decimal = Decimal("0.5")
    large_flow: Decimal = Decimal(10)
    max_rows: int = 100_000
    max_points: int = 25_000
    max_text: int = 20_000_000
    facts_per_group: int = 25


@dataclass(frozen=True, slots=True)
class Section:
    """One kind of payload. ``required`` holds alternatives: one name of each tuple must be there."""

    name: str
    title: str
    required: tuple[tuple[str, ...], ...]
    optional: tuple[str, ...]
    synonyms: Mapping[str, tuple[str, ...]]
    analytics: tuple[str, ...]
    prompt: str = ""
    asset_id: str = ""
    provider: str | None = None
    fields: Mapping[str, str] = field(init=False, repr=False)
    """Matching form of every accepted name -> canonical name."""

    def __post_init__(self) -> None:
        names = [name for alternatives in self.required for name in alternatives] + list(self.optional)
        known = {match_form(name): name for name in names}
        for name in names:
            known.update({match_form(synonym): name for synonym in self.synonyms.get(name, ())})
        object.__setattr__(self, "fields", known)

    def find_present(self, names: Iterable[str]) -> set[str]:
        """The canonical fields among names."""
        return {found for name in names if (found := self.find_field(name)[0]) is not None}

    def find_field(self, name: str) -> tuple[str | None, Header]:
        """The canonical field of a name, with or without words of its unit, and what those say."""
        header = read_header(name)
        canonical = self.fields.get(match_form(name))
        if canonical is None and header.says_something:
            canonical = self.fields.get(match_form(header.base))
        return canonical, header


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All sections, the columns that rows of positions may have, the limits, the risk profiles, and reference data."""

    sections: tuple[Section, ...]
    columns: Mapping[str, str]
    limits: Limits
    profiles: tuple[RiskProfile, ...]
    reference: Reference

    def find(self, name: str) -> Section | None:
        """The section of that name, or None."""
        return next((section for section in self.sections if section.name == name), None)


@dataclass(frozen=True, slots=True)
class Detected:
    """A payload with its section.

    ``key`` names it in the task's result (``holdings``, ``holdings_2``); ``fields`` holds the values by canonical
    name, ``written`` the caller's own spelling of each, ``unknown`` what belongs to no field of the section.
    """

    key: str
    section: Section
    fields: Mapping[str, object]
    written: Mapping[str, str]
    unknown: Mapping[str, object]
    conventions: object = None
    """What the payload itself states under ``input_conventions``, as it was sent."""
    headers: Mapping[str, Header] = field(default_factory=dict)
    """What the caller's spelling of a canonical field says of its unit."""
    units: tuple[str, object] | None = None
    """The field that says what all amounts of the payload are in, and what stands there."""

    def get(self, name: str) -> object:
        """The value of a canonical field, or None."""
        return self.fields.get(name)

    def name_of(self, name: str) -> str:
        """The caller's spelling of a canonical field."""
        return self.written.get(name, name)


@dataclass(frozen=True, slots=True)
class Undetected:
    """A payload without a section: the error of that payload, not of the task."""

    key: str
    error: DetectionError


@lru_cache(maxsize=4096)  # the names of all sections, and those of the last payloads
def match_form(name: str) -> str:
    """A field name without case, spaces, underscores, punctuation and accents."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    return _PUNCTUATION.sub("", "".join(character for character in plain if not unicodedata.combining(character)))


def detect(payloads: Sequence[object], sections: Sequence[Section]) -> list[Detected | Undetected]:
    """The section of each payload, in order.

    A payload belongs to the section whose required fields it has; of several the one with most required fields. A tie
    or no match gives an ``Undetected`` keyed ``unknown``, ``unknown_2``... . A payload wrapped in its section's name
    (``{"holdings": {"holdings": [...]}}``) is unwrapped.
    """
    counts: Counter[str] = Counter()
    results: list[Detected | Undetected] = []
    for position, payload in enumerate(payloads):
        found = _detect_one(payload, sections, f"data[{position}]")
        name = found.section.name if isinstance(found, Detected) else "unknown"
        counts[name] += 1
        key = name if counts[name] == 1 else f"{name}_{counts[name]}"
        if isinstance(found, Detected):
            results.append(replace(found, key=key))
        else:
            results.append(Undetected(key, found))
    return results


def _detect_one(payload: object, sections: Sequence[Section], path: str) -> Detected | DetectionError:
    if not isinstance(payload, Mapping) or not payload:
        return DetectionError(path, payload, "a section payload is an object with fields")
    payload = _unwrap(payload, sections)
    names = {str(name): match_form(str(name)) for name in payload}
    present = set(names)
    matching = [(len(section.required), section) for section in sections if _has_required(section, present)]
    if not matching:
        return DetectionError(path, None, _explain_no_match(names, present, sections))
    most = max(count for count, _ in matching)
    best = [section for count, section in matching if count == most]
    if len(best) > 1:
        tied = " and ".join(section.name for section in best)
        return DetectionError(path, None, f"fits {tied} equally well; send the fields of one section")
    return _map_fields(payload, best[0])


def _unwrap(payload: Mapping[object, object], sections: Iterable[Section]) -> Mapping[object, object]:
    if len(payload) == 1:
        ((name, inner),) = payload.items()
        if isinstance(inner, Mapping) and match_form(str(name)) in {match_form(section.name) for section in sections}:
            return inner
    return payload


def _has_required(section: Section, present: set[str]) -> bool:
    have = section.find_present(present)
    return all(any(name in have for name in alternatives) for alternatives in section.required)


def _map_fields(payload: Mapping[object, object], section: Section) -> Detected:
    fields: dict[str, object] = {}
    written: dict[str, str] = {}
    unknown: dict[str, object] = {}
    headers: dict[str, Header] = {}
    conventions: object = None
    units: tuple[str, object] | None = None
    for raw_name, value in payload.items():
        name = str(raw_name)
        form = match_form(name)
        if form == _CONVENTIONS:
            conventions = value
            continue
        canonical, header = section.find_field(name)
        if canonical is None and form in _UNITS and units is None and value not in (None, ""):
            units = (name, value)
        elif canonical is None or canonical in fields:
            unknown[name] = value
        else:
            fields[canonical], written[canonical], headers[canonical] = value, name, header
    return Detected(section.name, section, fields, written, unknown, conventions, headers, units)


def _explain_no_match(names: Mapping[str, str], present: set[str], sections: Sequence[Section]) -> str:
    shown = ", ".join(list(names)[:_MAX_UNKNOWN_NAMED])
    nearest = max(sections, key=lambda section: _share_present(section, present), default=None)
    if nearest is None or not _share_present(nearest, present):
        return f"no section has these fields: {shown}{_suggest(names, sections)}"
    have = nearest.find_present(present)
    missing = [" or ".join(alternatives) for alternatives in nearest.required if not set(alternatives) & have]
    return f"nearest section is {nearest.name}, which also needs {', '.join(missing)}; fields sent: {shown}"


def _share_present(section: Section, present: set[str]) -> float:
    have = section.find_present(present)
    return sum(bool(set(alternatives) & have) for alternatives in section.required) / len(section.required)


def _suggest(names: Mapping[str, str], sections: Iterable[Section]) -> str:
    forms = {form: name for section in sections for form, name in section.fields.items()}
    for name, form in list(names.items())[:_MAX_UNKNOWN_NAMED]:
        if near := difflib.get_close_matches(form, forms, n=1, cutoff=0.8):
            return f" (did {name!r} mean {forms[near[0]]!r}?)"
    return ""


def suggest_fields(detected: Detected) -> dict[str, str]:
    """For each unknown field that looks like a misspelt one of its section: the field that may have been meant."""
    suggestions = {}
    for name in list(detected.unknown)[:_MAX_UNKNOWN_NAMED]:
        near = difflib.get_close_matches(match_form(name), detected.section.fields, n=1, cutoff=0.8)
        if near and detected.section.fields[near[0]] not in detected.fields:
            suggestions[name] = detected.section.fields[near[0]]
    return suggestions
