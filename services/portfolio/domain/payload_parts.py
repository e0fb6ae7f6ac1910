"""What a payload holds of other sections than its own: parts, each a payload of its own that is told with the main
one."""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import replace
from typing import TYPE_CHECKING

from services.portfolio.domain.evidence import know_columns, list_tables
from services.portfolio.domain.table_fields import TABLES

if TYPE_CHECKING:
    from services.portfolio.domain.sections import Detected, Section

Payload = Mapping[object, object]
MapFields = Callable[[Payload, "Section"], "Detected"]
_SHARED = frozenset(
    {"As Of", "Currency", "Base Currency", "Fx Rates", "Client Name", "Risk Profile", "customer_risk_profile", "limits",
     "total", "total_portfolio_mv", "Market Value", "Portfolio Market Value", "Benchmark Name", "benchmark_name"}
)  # fmt: skip
"""Fields that are of all that a payload holds, whichever of its sections reads them."""
_SPAN_FIELD, _PERIODIC = "Period", "income"
"""A field that says of which time returns are, or how often income is paid, and the section that takes it for this."""
_ROWS_TELL = frozenset({"cost", "unit_cost", "gain", "fee", "issuer", "account"})
"""Columns of a list of holdings that an overview of them takes no figure from."""


def with_parts(found: "Detected", payload: Payload, sections: "Sequence[Section]", map_fields: MapFields) -> "Detected":
    """A detected payload with its parts; ``map_fields`` reads a payload as one of a section."""
    whole = replace(found, parts=_list_parts(payload, found, sections, map_fields))
    return _settle_span(whole, payload, sections, map_fields)


def _list_parts(
    payload: Payload, found: "Detected", sections: "Sequence[Section]", map_fields: MapFields
) -> "tuple[Detected, ...]":
    """What a payload holds of other sections: those that have what they need, and something among it that nothing
    before them reads, be it columns of a table alone. What stays of the payload is the main section's to tell."""
    parts: list[Detected] = []
    read = set(found.written.values())
    for section in sections:
        if section.name == found.section.name:
            continue
        part = _share(map_fields(payload, section), found)
        own = set(part.written.values())
        if _tells_more(part, read):
            rest = {name: value for name, value in found.unknown.items() if name not in own}
            parts.append(replace(part, unknown=rest))
            read |= own
    return tuple(parts)


def _settle_span(
    found: "Detected", payload: Payload, sections: "Sequence[Section]", map_fields: MapFields
) -> "Detected":
    """A payload of income and of something else, whose period is a stretch of time: it says nothing of the income."""
    span = found.get(_SPAN_FIELD)
    others = [part for part in found.parts if _SPAN_FIELD in part.section.optional]
    if found.section.name != _PERIODIC or not others or not any(x.isdigit() for x in str(span)):
        return found
    own = found.without(found.written[_SPAN_FIELD]) or found
    return replace(own, parts=_list_parts(payload, own, sections, map_fields))


def _share(part: "Detected", found: "Detected") -> "Detected":
    """A part without what says how the main section's figures are meant: of the fields that both would read, it has
    those that are of the whole payload, and tables."""
    taken = [name for name, written in part.written.items()
             if written in found.written.values() and name not in _SHARED and name not in TABLES]  # fmt: skip
    for name in taken:
        part = part.without(part.written[name]) or part
    return part


def _tells_more(part: "Detected", read: Set[str]) -> bool:
    """Whether a section has what it needs of a payload, and reads more in it than is ``read``."""
    section = part.section
    found = [[name for name in alternatives if part.holds(name)][:1] for alternatives in section.required]
    held = [name for names in found for name in names] if all(found) else []
    ways = [held, *(list(names) for names in section.beside if all(part.holds(name) for name in names))]
    if any(part.written[name] not in read for way in ways for name in way):
        return True
    sent: dict[object, object] = {name: part.fields[name] for name in held if name in section.known_by}
    return any(_ROWS_TELL & know_columns(table.rows, section.columns) for table in list_tables(sent))
