"""The portfolio's worker role: what is done with a task that a worker has claimed."""

import asyncio
import json
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from services.common.errors import InvalidInput, NotFound, WealthError
from services.common.jobs.handler import Outcome
from services.common.jobs.owners import is_verdict
from services.common.jobs.record import Fault, JobRecord
from services.common.jobs.runtime import JobRuntime
from services.common.jobs.writer import AttemptWriter, SupersededError
from services.common.logging import get_logger
from services.portfolio.domain.figures.siblings import add_siblings
from services.portfolio.domain.formats import Style, make_style
from services.portfolio.domain.narration import Checkpoint, Narrate, Narration, NarrationRequest
from services.portfolio.domain.places import input_key
from services.portfolio.domain.reading import Context, read_conventions
from services.portfolio.domain.references import Reference, read_reference, task_reader
from services.portfolio.domain.rendering import render_highlight, render_section
from services.portfolio.domain.sections import Catalogue, Detected, Undetected, detect
from services.portfolio.domain.task import (
    BUILTIN,
    AnalysisSettings,
    GroundingPolicy,
    SectionResult,
    analyse_section,
    assemble,
    fail_section,
    fail_undetected,
)
from services.portfolio.ports import ConverterOutputReader, CredentialStore, Provider, ProviderDesk
from services.portfolio.settings import PortfolioSettings

_MAX_INPUT_BYTES = 64 << 20
_DETECTING, _PROCESSING = 40, 60
_MAX_FAILURE = 2000


class PortfolioHandler:
    """Analyses tasks. Implements ``JobHandler``. ``chosen`` names the provider of each section."""

    def __init__(
        self,
        runtime: JobRuntime,
        credentials: CredentialStore,
        catalogue: Catalogue,
        *,
        chosen: Mapping[str, str],
        providers: ProviderDesk,
        outputs: ConverterOutputReader,
        settings: PortfolioSettings,
    ) -> None:
        self._storage = runtime.storage
        self._credentials = credentials
        self._catalogue = catalogue
        self._chosen = chosen
        self._providers = providers
        self._outputs = outputs
        self._settings = settings
        self._analysis = AnalysisSettings(
            policy=GroundingPolicy(settings.portfolio_grounding_policy),
            section_deadline_s=settings.portfolio_section_timeout_s,
            max_cost=settings.portfolio_max_section_cost,
            forecasts_are_faults=settings.portfolio_forecasts_are_faults,
        )

    async def run(self, attempt: AttemptWriter) -> Outcome:
        """Signs in, detects the sections, analyses them in parallel, and puts the results together."""
        started = time.monotonic()
        record = attempt.record
        providers = await self._authenticate(attempt)
        attempt.note("detecting_section", _DETECTING, "finding the sections")
        attempt.step("detect_sections", "started")
        payloads, context = await self._read_input(record)
        found = detect(payloads, self._catalogue.sections)
        context = add_siblings(found, self._catalogue, context)
        names = [item.key for item in found if isinstance(item, Detected)]
        attempt.set_body(sections_detected=names)
        attempt.step("detect_sections", "completed", ", ".join(names) or "none")
        attempt.note("processing", _DETECTING, f"analysing {len(found)} section(s)")
        attempt.step("process_sections", "started")
        results = await self._process(attempt, found, providers, context)
        attempt.step(
            "process_sections", "completed", f"{sum(result.succeeded for result in results)} of {len(results)}"
        )
        outcome = assemble(results, elapsed_s=time.monotonic() - started, style=_choose_style(record, context))
        attempt.step("aggregate", "completed", outcome.message)
        failed = outcome.status != "completed"
        attempt.step("complete", "failed" if failed else "completed", outcome.message)
        return Outcome(
            outcome.status,
            outcome.message,
            error=Fault("SECTIONS_FAILED", outcome.failure[:_MAX_FAILURE]) if failed else None,
            body={
                "sections": {result.key: render_section(result) for result in outcome.results},
                "cost": str(outcome.cost),
                "locale": outcome.locale,
                "highlights": [render_highlight(item) for item in outcome.highlights],
                "conflicts": [
                    {"figure": item.figure, "message": item.message, "sections": list(item.sections)}
                    for item in outcome.conflicts
                ],
                "checkpoints": {},
                "narrations": {},
            },
        )

    async def settle(self, record: JobRecord) -> None:
        """Deletes the credentials of a task that has ended."""
        if record.body.get("sealed"):
            await self._credentials.delete(record)

    async def _authenticate(self, attempt: AttemptWriter) -> Mapping[str, Provider]:
        attempt.note("authenticating", 10, "signing in")
        attempt.step("authenticate", "started")
        credentials = await self._credentials.get(attempt.record) if attempt.record.body.get("sealed") else None
        try:
            providers = await self._providers.open(attempt.record.tenant, credentials)
        except WealthError as error:
            attempt.step("authenticate", "failed", error.message)
            raise
        attempt.step("authenticate", "completed", "" if credentials else "no provider of this task wants to sign in")
        attempt.note("authenticated", 20, "signed in" if credentials else "no sign-in needed")
        return providers

    async def _read_input(self, record: JobRecord) -> tuple[list[Any], Context]:
        """The payloads, and what the request and the tenant say of how they are written."""
        stored = record.body.get("input") or await self._fetch_input(record)
        context = Context(
            request=read_conventions(stored.get("input_conventions")),
            tenant=self._settings.find_conventions(record.tenant),
            locale=stored.get("stated_locale", ""),
            received=record.created_at.date(),
        )
        # Decimal keeps the digits that the caller wrote; a float would not.
        return [json.loads(text, parse_float=Decimal) for text in stored["payloads"]], context

    async def _fetch_input(self, record: JobRecord) -> Mapping[str, Any]:
        """An input that was too large for the record."""
        try:
            content = await self._storage.get_object_bytes(input_key(record.job_id), max_size=_MAX_INPUT_BYTES)
        except NotFound as error:
            raise InvalidInput("the payloads of this task are gone", reason="PAYLOAD_GONE", field="data") from error
        stored: Mapping[str, Any] = json.loads(content)
        return stored

    async def _process(
        self,
        attempt: AttemptWriter,
        found: Sequence[Detected | Undetected],
        providers: Mapping[str, Provider],
        context: Context,
    ) -> list[SectionResult]:
        """Analyses all sections at once within the concurrency bound; one's failure is its own."""
        slots = asyncio.Semaphore(self._settings.portfolio_section_concurrency)
        finished: dict[str, SectionResult] = {}

        async def process(item: Detected | Undetected) -> None:
            async with slots:
                if isinstance(item, Undetected):
                    result = fail_undetected(item)
                else:
                    provider = providers[self._chosen[item.section.name]]
                    result = await self._analyse_alone(attempt, item, provider, context)
            finished[item.key] = result
            # In the payloads' order, whatever finished first.
            done = {other.key: render_section(finished[other.key]) for other in found if other.key in finished}
            attempt.set_body(sections=done)
            progress = _DETECTING + _PROCESSING * len(finished) // (len(found) + 1)
            said = "completed" if result.succeeded else f"failed: {result.error}"
            attempt.note("processing", progress, f"{item.key} {said}", section=item.key)

        async with asyncio.TaskGroup() as group:
            for item in found:
                group.create_task(process(item))
        return [finished[item.key] for item in found]

    async def _analyse_alone(
        self, attempt: AttemptWriter, item: Detected, provider: Provider, context: Context
    ) -> SectionResult:
        """A bug in one section is that section's error, logged once; what ends the whole attempt goes through."""
        try:
            return await self._analyse(attempt, item, provider, context)
        except (WealthError, SupersededError):
            raise
        except Exception as error:  # noqa: BLE001 - unknown, and paid results of other sections must not be lost to it
            error_id = secrets.token_hex(8)
            get_logger().error(
                "section_failed_unexpectedly", section=item.section.name, error_id=error_id, exc_info=error
            )
            return fail_section(item, "INTERNAL", f"internal error {error_id}", provider.name)

    async def _analyse(
        self, attempt: AttemptWriter, item: Detected, provider: Provider, context: Context
    ) -> SectionResult:
        try:
            item = await self._resolve_reference(attempt.record, item)
        except WealthError as error:
            if not is_verdict(error):  # the converter is away: the task waits for it, not the client
                raise
            return fail_section(item, error.reason, error.message, provider.name)
        return await analyse_section(
            item,
            self._catalogue,
            style=_choose_style(attempt.record, context),
            narrate=_remember(attempt, item.key, provider),
            provider=provider.name,
            asks_again=provider.asks_again,
            settings=self._analysis,
            context=context,
        )

    async def _resolve_reference(self, record: JobRecord, item: Detected) -> Detected:
        """Puts a converter job's output where its reference stood. Read as those for whom the task was accepted."""
        reference: Reference | None = read_reference(item)
        if reference is None:
            return item
        text = await self._outputs.read(task_reader(record), reference.user_id, reference.job_id)
        fields = {name: value for name, value in item.fields.items() if name != "converter_output"}
        return replace(
            item,
            fields={**fields, "holdings_csv": text},
            written={**item.written, "holdings_csv": item.name_of("converter_output")},
        )


def _choose_style(record: JobRecord, context: Context) -> Style:
    """How a task's figures are written: as its request states, else by the currency of each payload."""
    return make_style(record.body["locale"], stated=bool(context.locale))


def _remember(attempt: AttemptWriter, key: str, provider: Provider) -> Narrate:
    """Wraps a provider that costs money, so that no call is paid twice, whenever the attempt dies.

    Each call has a key of its own: what was sent is in the bucket before its answer is waited for, and what was
    answered before it is used.
    """

    async def narrate(request: NarrationRequest) -> Narration:
        name = f"{key}#retry" if request.earlier else key
        told = attempt.record.body.get("narrations", {}).get(name)
        if told:
            return Narration(**{**told, "cost": Decimal(told["cost"])})
        narration = await provider.narrate(
            replace(
                request,
                resume=_read_checkpoint(attempt.record, name),
                save=lambda checkpoint: _save(attempt, "checkpoints", name, checkpoint),
            )
        )
        await _save(attempt, "narrations", name, narration)
        return narration

    return provider.narrate if provider.name == BUILTIN else narrate


async def _save(attempt: AttemptWriter, field: str, key: str, value: Checkpoint | Narration) -> None:
    stored = {name: getattr(value, name) for name in value.__slots__}
    if "cost" in stored:
        stored["cost"] = str(stored["cost"])
    if stored.get("malformed") == "":
        del stored["malformed"]  # a worker of the version before, which may take over, knows no such field
    await attempt.checkpoint(**{field: {**attempt.record.body.get(field, {}), key: stored}})


def _read_checkpoint(record: JobRecord, key: str) -> Checkpoint | None:
    stored = record.body.get("checkpoints", {}).get(key)
    return Checkpoint(**stored) if stored else None
