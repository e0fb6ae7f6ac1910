"""A portfolio task: each payload analysed on its own, then the results put together.

How a caller drives it::

    for found in detect(payloads, catalogue.sections):          # domain.sections
        if isinstance(found, Undetected):
            results.append(fail_undetected(found))
        else:
            results.append(await analyse_section(found, catalogue, style=make_style("en_IN"), narrate=provider.narrate,
                                                 provider=provider.name, settings=settings))
    outcome = assemble(results, elapsed_s=...)                   # render with domain.rendering

One section's failure never touches the others: ``analyse_section`` returns a result with ``status`` ``error``.
"""

import asyncio
import math
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum

from services.common.tasks import awake_timeout
from services.portfolio.domain.claims import Grounding, Unsupported, ground
from services.portfolio.domain.errors import InputError, NarrationError
from services.portfolio.domain.facts import FactTable, Note
from services.portfolio.domain.figures import compute
from services.portfolio.domain.formats import DEFAULT_LOCALE, Style, make_style
from services.portfolio.domain.narration import Earlier, Narrate, Narration, NarrationRequest
from services.portfolio.domain.narrative import write_narrative
from services.portfolio.domain.narrative.grounding import tell_sources
from services.portfolio.domain.narrative.text import Narrative, Role
from services.portfolio.domain.reading import Context
from services.portfolio.domain.section_kinds import KINDS
from services.portfolio.domain.sections import Catalogue, Detected, Undetected

BUILTIN, OPENAI, PLATFORM = "builtin", "openai", "platform"
_HIGHLIGHTS = 10
_HIGHLIGHTS_PER_SECTION = 4
_TOLERANCE = Decimal("0.005")
# What a second call may use of the time that is left, so that the first answer is still there to be returned.
_SECOND_CALL_SHARE = 0.9
_COMPARED = ("market_value", "cost", "gain", "cash")


class GroundingPolicy(StrEnum):
    """What happens to a narrative with unsupported figures.

    ``annotate`` keeps it and names them; ``retry`` asks once more with the faults named, then falls back to the builtin
    narrative; ``refuse`` makes the section an error.
    """

    ANNOTATE = "annotate"
    RETRY = "retry"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class AnalysisSettings:
    """``section_deadline_s`` bounds one section with its narration; ``max_cost`` what one section may cost (None: no
    bound); ``forecasts_are_faults`` whether forecasts and guarantees count as faults of a narrative."""

    policy: GroundingPolicy = GroundingPolicy.ANNOTATE
    section_deadline_s: float = 120.0
    max_cost: Decimal | None = None
    forecasts_are_faults: bool = True


@dataclass(frozen=True, slots=True)
class Highlight:
    """One line worth saying first, with its section; ``importance`` is 0 to 100."""

    section: str
    text: str
    importance: int


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two sections that say different things of the same figure."""

    figure: str
    message: str
    sections: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SectionResult:
    """What became of one payload. ``key`` names it in the task's data; ``error`` is None unless ``status`` is
    ``error``."""

    key: str
    section: str
    status: str
    response: str = ""
    conv_id: str = ""
    message_id: str = ""
    cost: Decimal = Decimal(0)
    tokens: int = 0
    error: str | None = None
    error_code: str | None = None
    table: FactTable | None = None
    grounding: Grounding | None = None
    highlights: tuple[Highlight, ...] = ()
    unknown_fields: tuple[str, ...] = ()
    provider: str = BUILTIN
    duration_ms: int = 0

    @property
    def succeeded(self) -> bool:
        """Whether the section was completed."""
        return self.status == "completed"


@dataclass(frozen=True, slots=True)
class TaskOutcome:
    """All sections of a task: values joined, cost summed, what matters most ranked, and what does not fit together."""

    status: str
    message: str
    section_detected: str
    conv_id: str
    message_id: str
    cost: Decimal
    results: tuple[SectionResult, ...]
    highlights: tuple[Highlight, ...]
    conflicts: tuple[Conflict, ...]
    elapsed_s: float = 0.0
    locale: str = DEFAULT_LOCALE
    """How a page about all of them writes figures."""

    @property
    def failure(self) -> str:
        """Which sections failed and why, in words; empty where none did."""
        failed = [f"{result.key}: {result.error}" for result in self.results if not result.succeeded]
        return f"{self.message}; {'; '.join(failed)}" if failed else ""


async def narrate_builtin(request: NarrationRequest) -> Narration:
    """The builtin provider: no network, no cost."""
    return Narration(write_narrative(request.table, request.style).render())


async def analyse_section(
    detected: Detected,
    catalogue: Catalogue,
    *,
    style: Style,
    narrate: Narrate = narrate_builtin,
    provider: str = BUILTIN,
    asks_again: bool = False,
    settings: AnalysisSettings | None = None,
    context: Context | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> SectionResult:
    """Compute, narrate and ground one payload. Never raises for what is wrong with the payload or the provider.

    A ``style`` that nobody stated gives way to that of the payload's currency.
    ``context`` is what is known of the payload beside it: conventions and the locale that the request states. Figures
    are computed off the event loop, for a payload may hold a hundred thousand rows. A provider that
    ``asks_again`` is told once what its text got wrong, whatever the policy.
    """
    settings = settings or AnalysisSettings()
    started = clock()
    blank = SectionResult(
        detected.key, detected.section.name, "error", provider=provider, unknown_fields=tuple(detected.unknown)
    )
    try:
        table, style, narrative = await asyncio.to_thread(_tell_figures, detected, catalogue, context, style)
    except InputError as error:
        return _fail(blank, error.reason, error.message, started, clock)
    except ArithmeticError:
        message = "the payload's numbers are too far apart to compute with"
        return _fail(blank, "NUMBERS_OUT_OF_RANGE", message, started, clock)
    blank = replace(
        blank, table=table, highlights=_pick_highlights(detected.key, narrative), unknown_fields=table.unread
    )  # fmt: skip
    if provider == BUILTIN:
        return replace(_tell(blank, narrative), duration_ms=round((clock() - started) * 1000))
    request = NarrationRequest(
        detected.section, table, detected.fields, style, settings.section_deadline_s, max_cost=settings.max_cost,
        forecasts_are_faults=settings.forecasts_are_faults,
    )  # fmt: skip
    try:
        async with awake_timeout(settings.section_deadline_s):
            result = await _narrate_grounded(request, narrate, narrative, blank, settings.policy, asks_again=asks_again)
    except NarrationError as error:
        return _fail(blank, error.reason, error.message, started, clock)
    except TimeoutError:
        seconds = f"{settings.section_deadline_s:g}"
        return _fail(blank, "DEADLINE_EXCEEDED", f"{provider} did not answer within {seconds} s", started, clock)
    return replace(result, duration_ms=round((clock() - started) * 1000))


def _tell_figures(
    detected: Detected, catalogue: Catalogue, context: Context | None, style: Style
) -> tuple[FactTable, Style, Narrative]:
    """The figures of a payload, the style that suits them, and the builtin text."""
    table = compute(detected, catalogue, context)
    style = style.suited_to(table.currency)
    return table, style, write_narrative(table, style)


async def _narrate_grounded(
    request: NarrationRequest,
    narrate: Narrate,
    narrative: Narrative,
    blank: SectionResult,
    policy: GroundingPolicy,
    *,
    asks_again: bool,
) -> SectionResult:
    ends_at = time.monotonic() + request.deadline_s
    narration = await _ask(request, narrate)
    result = _complete(blank, narration, request)
    earlier = _find_fault(narration, result)
    wanted = earlier is not None and (not earlier.is_result or asks_again or policy is GroundingPolicy.RETRY)
    if earlier is not None and wanted and request.affords_another(narration.cost):
        result, earlier = await _ask_again(request, narrate, result, earlier, ends_at)
    if earlier is None or (earlier.is_result and policy is GroundingPolicy.ANNOTATE):
        return result
    if earlier.is_result and policy is GroundingPolicy.REFUSE:
        raise NarrationError(
            f"{_count_figures(earlier.faults)} of the narrative are not supported", reason="NOT_GROUNDED"
        )
    noted = replace(result, provider=BUILTIN, table=_note_fallback(request.table, blank.provider, earlier.why))
    return _tell(noted, narrative)  # with the ids and cost of what was asked


def _note_fallback(table: FactTable, provider: str, why: str) -> FactTable:
    note = Note("builtin_text", f"The builtin text stands here, not one of {provider}: {why}.")
    return replace(table, notes=(*table.notes, note))


async def _ask(request: NarrationRequest, narrate: Narrate) -> Narration:
    """One answer. What the provider cannot read at all is an answer without text, not the section's error."""
    try:
        return await narrate(request)
    except NarrationError as error:
        if error.reason != "PROVIDER_ANSWER_MALFORMED":
            raise
        return Narration("", malformed=error.message)


def _find_fault(narration: Narration, result: SectionResult) -> Earlier | None:
    """Why an answer does not do, or None.

    A text that states none of the facts is no commentary on them: that is what a refusal looks like in any language.
    Without facts there is nothing to state.
    """
    grounding = result.grounding
    if narration.malformed or grounding is None:
        return Earlier("", narration.malformed)
    has_facts = result.table is not None and bool(result.table.facts)
    if has_facts and not grounding.grounded and not grounding.derived:
        return Earlier(narration.text, "it states none of the figures, as a refusal does", grounding.unsupported)
    if grounding.unsupported:
        count = _count_figures(grounding.unsupported)
        return Earlier(narration.text, f"nothing supports {count} of it", grounding.unsupported, is_result=True)
    return None


async def _ask_again(
    request: NarrationRequest, narrate: Narrate, first: SectionResult, earlier: Earlier, ends_at: float
) -> tuple[SectionResult, Earlier | None]:
    """The better of ``first`` and a second answer, with the cost of both, and what is still wrong with it.

    A second call that fails or is late loses nothing: a text with faults that are named is worth more than none.
    """
    left_s = (ends_at - time.monotonic()) * _SECOND_CALL_SHARE
    try:
        async with asyncio.timeout(left_s):
            narration = await _ask(replace(request, earlier=earlier, deadline_s=left_s), narrate)
    except (NarrationError, TimeoutError):
        return first, earlier
    second = _complete(first, narration, request)
    left = _find_fault(narration, second)
    taken = _rank(left) <= _rank(earlier)
    better = second if taken else first
    cost, tokens = first.cost + narration.cost, first.tokens + narration.tokens
    return replace(better, cost=cost, tokens=tokens), left if taken else earlier


def _rank(earlier: Earlier | None) -> float:
    """How far an answer is from doing: its faults, and no result at all behind any text."""
    if earlier is None:
        return 0
    return len(earlier.faults) if earlier.is_result else math.inf


def _tell(blank: SectionResult, narrative: Narrative) -> SectionResult:
    """The result with the builtin text, whose claims name their facts."""
    return replace(blank, status="completed", response=narrative.render(), grounding=tell_sources(narrative))


def _complete(blank: SectionResult, narration: Narration, request: NarrationRequest) -> SectionResult:
    return replace(
        blank,
        status="completed",
        response=narration.text,
        conv_id=narration.conv_id,
        message_id=narration.message_id,
        cost=narration.cost,
        tokens=narration.tokens,
        grounding=ground(
            narration.text, request.table, request.style, forecasts_are_faults=request.forecasts_are_faults
        ),
    )


def fail_undetected(undetected: Undetected) -> SectionResult:
    """The result of a payload that belongs to no section."""
    return SectionResult(
        undetected.key, "unknown", "error", error=undetected.error.message, error_code=undetected.error.reason
    )


def fail_section(detected: Detected, code: str, message: str, provider: str = BUILTIN) -> SectionResult:
    """The result of a payload that could not be analysed for a reason outside of it (no login, a lost breaker)."""
    return SectionResult(
        detected.key, detected.section.name, "error", error=message, error_code=code, provider=provider
    )


def assemble(results: Sequence[SectionResult], elapsed_s: float = 0.0, style: Style | None = None) -> TaskOutcome:
    """The task's outcome: ``completed`` where every section is, else ``error`` with how many are. ``style`` writes the
    figures of conflicts; one that nobody stated gives way to the sections' currency, where they have one."""
    currencies = {result.table.currency for result in results if result.table is not None and result.table.currency}
    style = (style or make_style(DEFAULT_LOCALE)).suited_to(currencies.pop() if len(currencies) == 1 else None)
    done = [result for result in results if result.succeeded]
    ok = bool(results) and len(done) == len(results)
    highlights = sorted(
        (highlight for result in results for highlight in result.highlights),
        key=lambda highlight: -highlight.importance,
    )
    return TaskOutcome(
        status="completed" if ok else "error",
        message=f"{len(done)} of {len(results)} section(s) completed",
        section_detected=", ".join(result.key for result in results if result.section != "unknown"),
        conv_id=_join(result.conv_id for result in results),
        message_id=_join(result.message_id for result in results),
        cost=sum((result.cost for result in results), Decimal(0)),
        results=tuple(results),
        highlights=tuple(highlights[:_HIGHLIGHTS]),
        conflicts=tuple(find_conflicts(results, style)),
        elapsed_s=elapsed_s,
        locale=style.locale,
    )


def find_conflicts(results: Sequence[SectionResult], style: Style) -> list[Conflict]:
    """Figures that two sections give differently by more than half a percent, and currencies that differ.

    Sections that speak of a part of the portfolio conflict with the others only where they are more than the whole.
    """
    conflicts: list[Conflict] = []
    for position, first in enumerate(results):
        for second in results[position + 1 :]:
            if first.table is not None and second.table is not None:
                conflicts.extend(_compare(first, first.table, second, second.table, style))
    return conflicts


def _compare(
    first: SectionResult, table: FactTable, second: SectionResult, other: FactTable, style: Style
) -> Iterable[Conflict]:
    keys = (first.key, second.key)
    if table.currency and other.currency and table.currency != other.currency:
        message = (
            f"{_spell(first)} is in {table.currency}, {_spell(second)} in {other.currency}; amounts are not compared"
        )
        yield Conflict("currency", message, keys)
        return
    partial = (KINDS[first.section].is_part, KINDS[second.section].is_part)
    if all(partial):
        return
    for fact_id in _COMPARED:
        ours, theirs = table.find(fact_id), other.find(fact_id)
        if ours is None or theirs is None:
            continue
        more = ours.value - theirs.value
        if partial[0] or partial[1]:
            more = max(more if partial[0] else -more, Decimal(0))
        if abs(more) > max(abs(ours.value), abs(theirs.value)) * _TOLERANCE:
            shown = [style.value(fact.value, fact.unit, fact.currency) for fact in (ours, theirs)]
            message = f"{ours.label}: {shown[0]} in {_spell(first)}, {shown[1]} in {_spell(second)}"
            yield Conflict(fact_id, message, keys)
    if any(partial):
        return  # their weights are of another whole
    weights = {fact.subject.casefold(): fact for fact in table.list_measure("weight") if fact.subject}
    for fact in other.list_measure("weight"):
        same = weights.get(fact.subject.casefold()) if fact.subject else None
        if same is not None and abs(same.value - fact.value) > 1:
            shown = [style.percent(value) for value in (same.value, fact.value)]
            message = f"{fact.label}: {shown[0]} in {_spell(first)}, {shown[1]} in {_spell(second)}"
            yield Conflict(fact.id, message, keys)


def _spell(result: SectionResult) -> str:
    return result.key.replace("_", " ")


def _pick_highlights(key: str, narrative: Narrative) -> tuple[Highlight, ...]:
    lines = sorted(
        (line for line in narrative.lines if line.role not in {Role.ACTION, Role.STEP}),
        key=lambda line: -line.importance,
    )
    return tuple(Highlight(key, line.text, line.importance) for line in lines[:_HIGHLIGHTS_PER_SECTION])


def _fail(blank: SectionResult, code: str, message: str, started: float, clock: Callable[[], float]) -> SectionResult:
    return replace(blank, error=message, error_code=code, duration_ms=round((clock() - started) * 1000))


def _count_figures(faults: Sequence[Unsupported]) -> str:
    return "1 figure" if len(faults) == 1 else f"{len(faults)} figures"


def _join(values: Iterable[str]) -> str:
    return ", ".join(value for value in values if value)
