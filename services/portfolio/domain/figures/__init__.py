"""Figures: ``compute`` turns a detected payload into its fact table.

One module a section. Inputs that no part of a section can be computed from raise ``InputError``; figures that cannot be
had are absent with their reason, never zero, and never built on a number whose unit was not settled.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from services.portfolio.domain.errors import InputError, MissingInputError
from services.portfolio.domain.facts import SOLD_FIRST, TRADES_ELSEWHERE, Draft, FactTable, Frame, Note, Severity
from services.portfolio.domain.figures.afterwards import add_after_payments
from services.portfolio.domain.figures.benchmark_mix import add_benchmark_mix
from services.portfolio.domain.figures.capacity import add_capacity
from services.portfolio.domain.figures.commitments import add_commitments
from services.portfolio.domain.figures.credit import add_credit
from services.portfolio.domain.figures.entries import add_entries
from services.portfolio.domain.figures.esg import add_esg
from services.portfolio.domain.figures.given import list_attributes, list_given
from services.portfolio.domain.figures.limits import gloss_unheld, hold_to, settle_limits
from services.portfolio.domain.figures.lot_sales import find_rule
from services.portfolio.domain.figures.lots import add_lots
from services.portfolio.domain.figures.mandates import add_floor
from services.portfolio.domain.figures.needs import add_needs
from services.portfolio.domain.figures.parts import compute_part, join_frames, merge
from services.portfolio.domain.figures.pricing import add_prices
from services.portfolio.domain.figures.repaying import add_cure
from services.portfolio.domain.figures.sent_risk import add_sent_risk
from services.portfolio.domain.figures.specs import SPECS
from services.portfolio.domain.figures.suitability import find_profile
from services.portfolio.domain.figures.taxes import add_taxes
from services.portfolio.domain.figures.unread import add_unread, gloss_unused
from services.portfolio.domain.indexes import classify_benchmark
from services.portfolio.domain.misspellings import suggest_fields
from services.portfolio.domain.nesting import list_deeper
from services.portfolio.domain.reading import Context, Reading, read
from services.portfolio.domain.sections import Catalogue, Detected
from services.portfolio.domain.siblings import NO_SIBLINGS

_PROFILES = ("customer_risk_profile", "Risk Profile")


def compute(detected: Detected, catalogue: Catalogue, context: Context | None = None) -> FactTable:
    """The facts of one payload. Raises ``InputError`` naming the field where the payload cannot be used."""
    from services.portfolio.domain.section_kinds import KINDS  # noqa: PLC0415  # kinds are made of figures

    draft = Draft(detected.section.name, SPECS)
    _note_nested(detected, catalogue, draft)
    reading = _add_profile(read(detected, catalogue, context), context)
    detected = reading.detected
    for code, message, warning, field in reading.notes:
        draft.note(code, message, warning=warning, field=field)
    draft.reading = reading.entries
    draft.siblings = context.siblings if context is not None else NO_SIBLINGS
    draft.frame = _read_frame(reading, catalogue)
    draft.vocabulary = catalogue.reference.vocabulary
    draft.given = list_given(reading)
    draft.attributes = list_attributes(reading, catalogue.reference)
    limits = settle_limits(reading, catalogue, draft)
    catalogue = replace(catalogue, limits=limits.limits)
    state = KINDS[detected.section.name].figures.add_to(draft, reading, catalogue, detected.section.analytics)
    hold_to(limits, draft)
    parts, elsewhere = _compute_parts(detected, catalogue, context, draft)
    _gloss_siblings(draft)
    book = getattr(state, "book", None)  # of the sections that list all that is held
    positions = book.positions if book is not None and not book.left_out else ()
    add_needs(reading, draft, positions or getattr(state, "repaid", ()), catalogue.reference)
    add_entries(reading, draft)
    add_after_payments(draft, positions, catalogue.limits, catalogue.reference)
    profile = find_profile(draft.frame.profile, catalogue.profiles) if draft.frame.profile else None
    add_credit(reading, draft, positions, catalogue.reference, (profile, limits.bounds))
    add_cure(draft, positions, catalogue.reference)
    gloss_unheld(limits, reading, draft, parts)
    add_prices(draft, positions, catalogue.reference)
    add_commitments(draft, positions, catalogue.reference)
    lots = find_rule(reading, catalogue.reference, draft.currency, draft.frame.as_of)
    add_taxes(reading, draft, positions, catalogue.reference, lots)
    add_lots(positions, lots, draft)
    add_capacity(reading, draft)
    add_floor(reading, draft, catalogue.reference)
    add_benchmark_mix(reading, catalogue.reference, draft)
    add_esg(reading, draft)
    add_sent_risk(reading, draft)
    add_unread(reading, catalogue.reference, draft, elsewhere)
    unread = tuple(name for name in detected.unknown if name not in elsewhere)
    _note_unknown(detected, unread, draft)
    _note_ambiguous(reading, draft)
    gloss_unused(draft)
    return merge(replace(draft.freeze(), unread=unread), parts)


def _note_nested(detected: Detected, catalogue: Catalogue, draft: Draft) -> None:
    """Say what was read from deeper in the payload, and which tables there are in no figure."""
    if detected.lifted:
        draft.note("nested", f"Read from deeper in the payload: {', '.join(detected.lifted)}.")
    deeper = [path for name, value in detected.unknown.items() for path in list_deeper(value, name, catalogue.sections)]
    deeper += [path for path in detected.lifted if path.rpartition(".")[2] in detected.unknown]
    if deeper:
        message = f"Tables deeper in the payload are in no figure: {', '.join(deeper[:5])}."
        draft.note("nested_unread", message, warning=True)


def _gloss_siblings(draft: Draft) -> None:
    """What other payloads of the task say of trades."""
    if _is_of_same_client(draft):
        if draft.siblings.trades_settle:
            draft.glosses[TRADES_ELSEWHERE] = "towards the model"
        if (first := draft.siblings.sold_first) is not None:
            draft.glosses[SOLD_FIRST] = first
            draft.name(first)
    for name, is_sold in draft.siblings.traded if draft.section == "top_movers" else ():
        draft.glosses[f"{name} is traded"] = "sold" if is_sold else "bought"


def _note_ambiguous(reading: Reading, draft: Draft) -> None:
    for entry in reading.entries:
        if entry.alternatives:
            shown = " or ".join(item.describe() for item in entry.alternatives)
            message = f"{entry.field} could be {shown}; figures that need it are left out."
            draft.note("ambiguous", message, warning=True, field=entry.field)


def _compute_parts(
    detected: Detected, catalogue: Catalogue, context: Context | None, draft: Draft
) -> tuple[list[FactTable], set[str]]:
    """The tables of what the payload holds of other sections, and the fields that these read."""
    found: list[FactTable] = []
    read_names: set[str] = set()
    for whole in detected.parts:
        part: Detected | None = whole
        while part is not None:
            try:
                reading = _add_profile(read(part, catalogue, context), context)
                table = compute_part(reading, catalogue, draft)
            except InputError as error:
                title = part.section.title.lower()
                draft.note("part_unread", f"What was sent for {title} could not be used: {error}.", warning=True)
                part = part.without(error.field or "")
                continue
            found.append(replace(table, frame=join_frames(_read_frame(reading, catalogue), table.frame)))
            read_names.update(part.written.values())
            break
    return found, read_names


def _note_unknown(detected: Detected, unread: Sequence[str], draft: Draft) -> None:
    if not unread:
        return
    suggested = suggest_fields(detected)
    meant = {name: suggested[name] for name in unread if name in suggested}
    shown = ", ".join(f"{name} (did you mean {meant[name]}?)" if name in meant else name for name in unread[:20])
    draft.notes.insert(
        0, Note("unknown_fields", f"Fields not used: {shown}.", Severity.WARNING if meant else Severity.INFO)
    )


def _add_profile(reading: Reading, context: Context | None) -> Reading:
    """The reading with the client's risk profile, where another payload of the task says it and this one does not."""
    profile = context.siblings.profile if context is not None else None
    names = {name for name in _PROFILES if name in reading.detected.section.optional}
    if profile is None or not names or any(reading.text(name) for name in names):
        return reading
    return replace(reading, values={**reading.values, **dict.fromkeys(names, profile)})


def _is_of_same_client(draft: Draft) -> bool:
    """Whether what another payload says of trades holds for this one, which lists none of its own."""
    known = draft.siblings
    same = known.client is None or draft.frame.client is None or known.client == draft.frame.client
    return same and draft.section != "model_and_rebalancing"


def _read_frame(reading: Reading, catalogue: Catalogue) -> Frame:
    """What the section is about, as far as its payload says so; the ends of a track are added by its figures."""

    def text(*names: str) -> str | None:
        return next((found for name in names if (found := reading.text(name))), None)

    benchmark = text("Benchmark Name", "benchmark_name")
    return Frame(
        client=text("Client Name"),
        as_of=_read_day(reading, "As Of"),
        start=_read_day(reading, "Inception Date"),
        period=text("Period"),
        benchmark=benchmark,
        benchmark_class=classify_benchmark(benchmark, catalogue.reference) if benchmark else None,
        model=text("Model Name"),
        profile=text("customer_risk_profile", "Risk Profile"),
    )


def _read_day(reading: Reading, name: str) -> date | None:
    try:
        return reading.day(name)
    except MissingInputError:
        return None
