"""Sections: what they are made of, and which one a payload belongs to.

A ``Catalogue`` is ``sections.yaml`` in memory (``adapters.sections_file`` reads and checks it). ``detect`` finds the
section of each payload of a task and maps the caller's field names to the canonical ones.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from services.portfolio.domain.errors import DetectionError
from services.portfolio.domain.evidence import Evidence, Fit, know_columns, list_tables, prefer_tracks, weigh
from services.portfolio.domain.headers import Header, read_header
from services.portfolio.domain.lexicon import Lexicon, Names, match_form
from services.portfolio.domain.misspellings import explain_no_match
from services.portfolio.domain.nesting import lift_tables, list_deeper, names_client
from services.portfolio.domain.payload_parts import with_parts
from services.portfolio.domain.reference import Reference
from services.portfolio.domain.table_fields import TABLES

_CURRENCIES = frozenset({"Currency", "Base Currency"})
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
    columns: Names = field(default_factory=lambda: Names({}, Lexicon()), repr=False)
    """What the columns of its tables may be called."""
    known_by: Mapping[str, tuple[Evidence, ...]] = field(default_factory=dict)
    """The columns by which a table is one of its fields, whatever it is called."""
    beside: tuple[tuple[str, ...], ...] = ()
    """Fields of which each group is enough to tell of it beside another section, without the required ones."""
    names: Names = field(init=False, repr=False)
    """What its fields may be called."""

    def __post_init__(self) -> None:
        names = [name for alternatives in self.required for name in alternatives] + list(self.optional)
        object.__setattr__(
            self, "names", Names({name: self.synonyms.get(name, ()) for name in names}, self.columns.lexicon)
        )

    def find_present(self, names: Iterable[str], *, exact: bool = False) -> set[str]:
        """The canonical fields among names; ``exact`` by their documented spellings alone."""
        return {found for name in names if (found := self.find_field(name, exact=exact)[0]) is not None}

    def find_field(self, name: str, *, exact: bool = False) -> tuple[str | None, Header]:
        """The canonical field of a name, with or without words of its unit, and what those say."""
        find, header = self.names.find_exact if exact else self.names.find, read_header(name)
        found = find(name)
        if not found and header.says_something:
            found = find(header.base)
        return found[0] if len(found) == 1 else None, header

    def settle_field(self, name: str, value: object) -> tuple[str | None, Header]:
        """The canonical field of a name that holds a value: a table's name may be that of a text as well, and a
        currency that is not called so by its documented name is a code."""
        found, header = self.find_field(name)
        if found in _CURRENCIES and found not in self.names.find_exact(name) and not _is_code(value):
            return None, header
        if found is None:
            is_table = isinstance(value, list | Mapping) or (isinstance(value, str) and "\n" in value.strip())
            fitting = [option for option in self.names.find(name) if (option in TABLES) is is_table]
            found = fitting[0] if len(fitting) == 1 else None
        return found, header


def _is_code(value: object) -> bool:
    """Whether a value looks like a currency's code, or that of a hundredth of one."""
    return isinstance(value, str) and len(value.strip()) == 3 and value.strip().isalpha()


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All sections, the columns that rows of positions may have, the limits, the risk profiles, and reference data."""

    sections: tuple[Section, ...]
    columns: Names
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
    shown_by: tuple[str, ...] = ()
    """The columns of its table by which the section was known, where its fields did not say."""
    parts: "tuple[Detected, ...]" = ()
    """What the payload holds of other sections, each as a payload of its own, told with this one."""
    lifted: tuple[str, ...] = ()
    """Where its tables stood, as far as that was deeper than its fields."""

    def get(self, name: str) -> object:
        """The value of a canonical field, or None."""
        return self.fields.get(name)

    def name_of(self, name: str) -> str:
        """The caller's spelling of a canonical field."""
        return self.written.get(name, name)

    def holds(self, name: str) -> bool:
        """Whether a canonical field has a value, and one of rows where it is a table."""
        value = self.fields.get(name)
        if name in TABLES:
            return bool(value) and (
                isinstance(value, list | Mapping) or (isinstance(value, str) and "\n" in value.strip())
            )
        return value not in (None, "", [], {})

    def without(self, path: str) -> "Detected | None":
        """The payload without the field that a path leads into; None where it leads into none of its fields."""
        starts = [name for name, written in self.written.items() if re.match(rf"{re.escape(written)}(?:$|[.\[])", path)]
        if not starts:
            return None
        return replace(
            self,
            fields={name: value for name, value in self.fields.items() if name not in starts},
            written={name: value for name, value in self.written.items() if name not in starts},
            headers={name: value for name, value in self.headers.items() if name not in starts},
        )


@dataclass(frozen=True, slots=True)
class Undetected:
    """A payload without a section: the error of that payload, not of the task."""

    key: str
    error: DetectionError


def detect(payloads: Sequence[object], sections: Sequence[Section]) -> list[Detected | Undetected]:
    """The section of each payload, in order.

    A payload belongs to the section whose required fields it has; of several the one that reads most of its fields, of
    equals the one that reads more of them by their documented spellings, then the one with most required fields, then
    the first. What it holds of other sections are its ``parts``. No match gives an ``Undetected`` keyed ``unknown``,
    ``unknown_2``... . A payload wrapped in its section's name (``{"holdings": {"holdings": [...]}}``) is unwrapped."""
    counts: Counter[str] = Counter()
    results: list[Detected | Undetected] = []
    for position, payload in enumerate(payloads):
        found = _detect_one(payload, sections, f"data[{position}]")
        name = found.section.name if isinstance(found, Detected) else "unknown"
        counts[name] += 1
        key = name if counts[name] == 1 else f"{name}_{counts[name]}"
        if isinstance(found, Detected):
            results.append(replace(found, key=key, parts=tuple(replace(part, key=key) for part in found.parts)))
        else:
            results.append(Undetected(key, found))
    return results


def _detect_one(payload: object, sections: Sequence[Section], path: str) -> Detected | DetectionError:
    if not isinstance(payload, Mapping) or not payload:
        return DetectionError(path, payload, "a section payload is an object with fields")
    payload = _unwrap(payload, sections)
    lifted = lift_tables(payload, sections) if _needs_lifting(payload, sections) else None
    if lifted is not None and lifted.refused:
        return DetectionError(path, None, lifted.refused)
    if lifted is not None:
        found = _detect_flat(lifted.fields, sections, path)
        paths = ", ".join(lifted.paths)
        if isinstance(found, DetectionError):
            return DetectionError(path, None, f"{found.explanation}; tables stand in {paths}")
        return replace(found, lifted=tuple(lifted.paths))
    return _detect_flat(payload, sections, path)


def _needs_lifting(payload: Mapping[object, object], sections: Sequence[Section]) -> bool:
    """Whether what stands deeper counts: nothing at the top makes a section, or what is there holds tables itself."""
    if any(isinstance(value, list) and list_deeper(value, "", sections) for value in payload.values()):
        return True
    named = any(names_client(str(name), value, sections) for name, value in payload.items())
    return named or isinstance(_detect_flat(payload, sections, ""), DetectionError)


def _detect_flat(payload: Mapping[Any, object], sections: Sequence[Section], path: str) -> Detected | DetectionError:
    """The section of a payload by what stands at its top."""
    names = {str(name): match_form(str(name)) for name in payload}
    present = set(names)
    matching = [section for section in sections if _has_required(section, payload, exact=False)]
    if matching:
        best = max(matching, key=lambda section: _rank(payload, section))  # the first of equals
        found: Detected | DetectionError | None = _map_fields(payload, best)
    else:
        found = _detect_by_tables(payload, sections, path)
        if isinstance(found, Detected):
            found = _prefer_overview(found, payload, sections)
    if isinstance(found, Detected):
        return with_parts(found, payload, sections, _map_fields)
    return found or DetectionError(path, None, explain_no_match(names, present, sections))


def _prefer_overview(found: Detected, payload: Mapping[object, object], sections: Sequence[Section]) -> Detected:
    """The section that knows by name the table by which another was found, where it has enough to tell of it."""
    tables = {name for alternatives in found.section.required for name in alternatives} & found.written.keys()
    for section in sections if found.shown_by else ():
        item = _map_fields(payload, section)
        enough = any(all(item.holds(name) for name in names) for names in section.beside)
        if enough and {found.written[name] for name in tables} <= set(item.written.values()):
            return item
    return found


def _rank(payload: Mapping[object, object], section: Section) -> tuple[int, int, int]:
    """How many fields of a payload a section reads, how many by their documented spellings, and how many it
    requires."""
    read = _map_fields(payload, section).written
    spelled = section.find_present(read.values(), exact=True)
    return len(read), len(spelled), len(section.required)


def _detect_by_tables(
    payload: Mapping[object, object], sections: Sequence[Section], path: str
) -> Detected | DetectionError | None:
    """The section that a table's columns fit best; None where no table fits any."""
    filled = [str(name) for name, value in payload.items() if value not in (None, "", [], {})]
    fits = [
        Fit(section, name, table, shown_by, known)
        for table in list_tables(payload)
        for section in sections
        if (known := know_columns(table.rows, section.columns))
        if not (TABLES.keys() & set(section.names.find(table.field))) - section.known_by.keys()  # a series' benchmark
        for name, alternatives in section.known_by.items()
        if (shown_by := weigh(known, alternatives, frozenset(section.find_present(filled))))
    ]
    if not fits:
        return None
    most = max(len(fit.shown_by) for fit in fits)
    best = prefer_tracks([fit for fit in fits if len(fit.shown_by) == most])
    widest = max(len(fit.known) for fit in best)
    if len({fit.section.name for fit in best}) == 1:
        best = [fit for fit in best if len(fit.known) == widest]
        longest = max(len(fit.table.rows) for fit in best)
        best = [fit for fit in best if len(fit.table.rows) == longest]  # a series, and not the few payments beside it
    if len(best) > 1:
        reads = [len(_map_fields(payload, fit.section, fit).written) for fit in best]
        best = [fit for fit, read in zip(best, reads, strict=True) if read == max(reads)]  # who reads most of the rest
    if len({(fit.section.name, fit.table.field) for fit in best}) > 1:
        tied = " and ".join(dict.fromkeys(f"{fit.section.name} (by {fit.table.field!r})" for fit in best))
        return DetectionError(path, None, f"fits {tied} equally well; send the fields of one section")
    return _map_fields(payload, best[0].section, best[0])


def _unwrap(payload: Mapping[object, object], sections: Iterable[Section]) -> Mapping[object, object]:
    if len(payload) == 1:
        ((name, inner),) = payload.items()
        if isinstance(inner, Mapping) and match_form(str(name)) in {match_form(section.name) for section in sections}:
            return inner
    return payload


def _has_required(section: Section, names: Iterable[object], *, exact: bool) -> bool:
    have = section.find_present((str(name) for name in names), exact=exact)
    return all(any(name in have for name in alternatives) for alternatives in section.required)


def _find_field(
    name: str, value: object, section: Section, spelled: Set[str], by: Fit | None
) -> tuple[str | None, Header]:
    """The field of a name, and what its words say. Where a field's documented spelling stands beside it (``spelled``),
    that alone is the field."""
    if by is not None and name == by.table.field:
        return by.field, Header(name)
    canonical, header = section.settle_field(name, value)
    if canonical in spelled and section.find_field(name, exact=True)[0] != canonical:
        return None, header
    return canonical, header


def _map_fields(payload: Mapping[object, object], section: Section, by: Fit | None = None) -> Detected:
    fields: dict[str, object] = {}
    written: dict[str, str] = {}
    unknown: dict[str, object] = {}
    headers: dict[str, Header] = {}
    conventions: object = None
    units: tuple[str, object] | None = None
    spelled = section.find_present((str(name) for name in payload), exact=True)
    for raw_name, sent in payload.items():
        name, value = str(raw_name), sent
        form = match_form(name)
        if form == _CONVENTIONS:
            conventions = value
            continue
        if by is not None and name == by.table.field:
            value = by.table.value
        canonical, header = _find_field(name, value, section, spelled, by)
        if form in _UNITS and form not in section.names.exact and units is None and value not in (None, ""):
            units = (name, value)
        elif canonical is None or canonical in fields:
            unknown[name] = value
        else:
            fields[canonical], written[canonical], headers[canonical] = value, name, header
    shown_by = () if by is None else tuple(sorted(by.shown_by))
    return Detected(section.name, section, fields, written, unknown, conventions, headers, units, shown_by)
