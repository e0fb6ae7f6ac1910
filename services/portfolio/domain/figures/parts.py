"""What a payload holds of other sections than its own: each part is computed as its section is, and told with it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from services.common.errors import WealthError
from services.portfolio.domain.errors import InputError
from services.portfolio.domain.facts import Draft, Fact, FactTable, Mark
from services.portfolio.domain.figures.limits import CLASSED, hold_to, settle_limits
from services.portfolio.domain.figures.specs import SPECS
from services.portfolio.domain.reading import Reading
from services.portfolio.domain.sections import Catalogue

_PROFILES = ("customer_risk_profile", "Risk Profile")


def compute_part(reading: Reading, catalogue: Catalogue, main: Draft) -> FactTable | None:
    """The table of one part, beside the draft of the payload's own section; None, and why as a note there, where
    nothing of it can be computed. Where the main section judges what suits the client by the rows that it lists, the
    part does not."""
    from services.portfolio.domain.section_kinds import KINDS  # noqa: PLC0415  # kinds are made of figures

    section = reading.detected.section
    draft = Draft(section.name, SPECS)
    draft.frame, draft.siblings, draft.vocabulary = main.frame, main.siblings, main.vocabulary
    for code, message, warning, field in reading.notes:
        draft.note(code, message, warning=warning, field=field)
    if main.section in CLASSED:
        values = {name: value for name, value in reading.values.items() if name not in _PROFILES}
        reading = replace(reading, limits=(), unread_limits={}, values=values)
    limits = settle_limits(reading, catalogue, draft)
    try:
        KINDS[section.name].figures.add_to(draft, reading, replace(catalogue, limits=limits.limits), section.analytics)
    except (InputError, WealthError) as error:
        main.note("part_unread", f"What was sent for {section.title.lower()} could not be used: {error}.", warning=True)
        return None
    hold_to(limits, draft)
    return draft.freeze()


def merge(own: FactTable, parts: Sequence[FactTable]) -> FactTable:
    """One table of a section and its parts. Figures of a part that the section has alike are the same ones; others of
    the same ids, with all of their kind, are called by the part's section too."""
    if not parts:
        return own
    known = {fact.id: fact for fact in own.facts}
    kept = [own]
    for part in parts:
        aliases = _find_aliases(part, known)
        for fact in part.facts:
            renamed = aliases.get(fact.id)
            if renamed is None:
                known.setdefault(fact.id, fact)
            else:
                label = f"{fact.label} ({part.section.replace('_', ' ')})"
                known[renamed] = replace(fact, id=renamed, label=label)
        kept.append(replace(part, aliases=aliases))
    absent = {item.id: item for table in reversed(kept) for item in table.absent if item.id not in known}
    return replace(
        own,
        facts=tuple(known.values()),
        absent=tuple(absent.values()),
        notes=tuple(dict.fromkeys(note for table in kept for note in table.notes)),
        names=tuple(dict.fromkeys(name for table in kept for name in table.names)),
        charts=tuple(chart for table in kept for chart in table.charts),
        given=tuple(fact for table in kept for fact in table.given),
        attributes=tuple(item for table in kept for item in table.attributes),
        glosses={name: text for table in reversed(kept) for name, text in table.glosses.items()},
        marks=_join_marks(kept),
        quotes=tuple(dict.fromkeys(quote for table in kept for quote in table.quotes)),
        reading=tuple(entry for table in kept for entry in table.reading),
        currency=own.currency or next((table.currency for table in kept if table.currency), None),
        parts=tuple(kept),
    )


def _find_aliases(part: FactTable, known: Mapping[str, Fact]) -> dict[str, str]:
    """New ids for the figures of a part whose kind others have already, with other values."""
    stems = {_stem(fact_id) for fact_id in known if "." in fact_id}
    apart = {
        _stem(fact.id) for fact in part.facts
        if (fact.id in known or _stem(fact.id) in stems) and not _is_alike(fact, known.get(fact.id))
    }  # fmt: skip
    return {fact.id: f"{part.section}.{fact.id}" for fact in part.facts if _stem(fact.id) in apart}


def _stem(fact_id: str) -> str:
    return fact_id.rpartition(".")[0] or fact_id


def _is_alike(fact: Fact, other: Fact | None) -> bool:
    return other is not None and (fact.value, fact.unit, fact.subject) == (other.value, other.unit, other.subject)


def _join_marks(tables: Sequence[FactTable]) -> dict[str, frozenset[Mark]]:
    found: dict[str, frozenset[Mark]] = {}
    for table in tables:
        for name, marks in table.marks.items():
            found[name] = found.get(name, frozenset()) | marks
    return found
