"""`wealth analyse`: a portfolio payload analysed on this machine. Needs no server.

The payload is the body of ``POST /task/submit`` without its credentials (``{"data": [...]}``), a bare list of section
payloads, or one of them. What is printed is what ``GET /task/{id}/result`` would answer.
"""

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from services.client.payload_file import read_payload_file
from services.client.terminal import CommandParser, progress, say, write_whole
from services.common.clock import utc_now
from services.common.errors import WealthError
from services.common.identity import DEFAULT_TENANT
from services.portfolio.adapters.brand_files import load_brand
from services.portfolio.adapters.sections_file import load_catalogue
from services.portfolio.domain.errors import CatalogueError
from services.portfolio.domain.figures.siblings import add_siblings
from services.portfolio.domain.formats import DEFAULT_LOCALE, Style, make_style
from services.portfolio.domain.reading import Context, read_conventions
from services.portfolio.domain.rendering import render_task
from services.portfolio.domain.report import render_report
from services.portfolio.domain.sections import Catalogue, Detected, detect
from services.portfolio.domain.task import (
    BUILTIN,
    AnalysisSettings,
    SectionResult,
    TaskOutcome,
    analyse_section,
    assemble,
    fail_undetected,
    narrate_builtin,
)

if TYPE_CHECKING:
    from services.portfolio.adapters.openai_provider import OpenAIClient

_DONE, _REFUSED = 0, 2
_PROVIDERS = (BUILTIN, "openai")


def run(arguments: Sequence[str]) -> int:
    """0: every section completed; 2: refused, or a section failed (the result is printed all the same); 64: usage."""
    options = _parser().parse_args(arguments)
    try:
        catalogue = load_catalogue(options.sections, options.reference)
        body = read_payload_file(options.payload)
        stated = options.locale or body.text("locale")
        style = make_style(stated or DEFAULT_LOCALE, stated=bool(stated))
        brand = load_brand(options.brand)
        context = Context(request=read_conventions(body.fields.get("input_conventions")), locale=stated)
        with progress("analysing"):
            outcome = asyncio.run(
                _analyse(body.payloads, catalogue, style, options.provider, options.timeout_s, context)
            )
    except (CatalogueError, WealthError) as fault:
        say(f"{getattr(fault, 'reason', 'SECTIONS_INVALID')}: {fault}")
        return _REFUSED
    except ValueError as fault:
        say(f"SETTINGS_INVALID: {fault}")
        return _REFUSED
    except OSError as error:
        say(f"INPUT_UNREADABLE: {error.strerror}: {error.filename}")
        return _REFUSED
    result = {"task_id": None, **render_task(outcome)}
    sys.stdout.write(json.dumps(result, indent=2, ensure_ascii=False) + "\n")
    if options.html:
        page = render_report(result, options.title, outcome.locale, brand, utc_now().date())
        try:
            write_whole(options.html, page)
        except OSError as error:
            say(f"FILE_FAILED: {error.strerror}: {error.filename}")
            return _REFUSED
    for failed in (item for item in outcome.results if not item.succeeded):
        say(f"{failed.key}: {failed.error_code}: {failed.error}")
    return _DONE if outcome.status == "completed" else _REFUSED


def _parser() -> CommandParser:
    parser = CommandParser(prog="wealth analyse", description="Analyse a client's portfolio; print the result as JSON.")
    parser.add_argument("payload", type=Path, metavar="PAYLOAD.json", help='{"data": [section payload, ...]}')
    parser.add_argument("--provider", choices=_PROVIDERS, default=BUILTIN, help="who writes the text (%(default)s)")
    parser.add_argument(
        "--locale",
        default="",
        metavar="LOCALE",
        help="style of figures, and how the payload is written (where none is stated, as its currency is written)",
    )
    parser.add_argument("--html", type=Path, metavar="OUT.html", help="where a printable report is written")
    parser.add_argument("--title", default="Portfolio report", help="the report's title (%(default)s)")
    parser.add_argument("--brand", type=Path, metavar="BRAND.yaml", help="name, colour and logo of the report")
    parser.add_argument("--sections", type=Path, metavar="SECTIONS.yaml", help="sections other than the shipped ones")
    parser.add_argument(
        "--reference",
        type=Path,
        metavar="FOLDER",
        help="reference files (ratings.yaml ...) other than the shipped ones",
    )
    parser.add_argument("--timeout-s", type=float, default=120.0, help="seconds a section may take (%(default)g)")
    return parser


async def _analyse(
    payloads: list[Any], catalogue: Catalogue, style: Style, provider: str, timeout_s: float, context: Context
) -> TaskOutcome:
    started = time.monotonic()
    settings = AnalysisSettings(section_deadline_s=timeout_s)
    model = _open_model() if provider != BUILTIN else None
    narrate = model.open(DEFAULT_TENANT).narrate if model is not None else narrate_builtin

    async def analyse(found: Detected) -> SectionResult:
        return await analyse_section(
            found,
            catalogue,
            style=style,
            narrate=narrate,
            provider=provider,
            asks_again=model is not None,
            settings=settings,
            context=context,
        )

    detected = detect(payloads, catalogue.sections)
    context = add_siblings(detected, catalogue, context)
    try:
        completed = iter(await asyncio.gather(*(analyse(item) for item in detected if isinstance(item, Detected))))
    finally:
        if model is not None:
            await model.close()
    results = [next(completed) if isinstance(item, Detected) else fail_undetected(item) for item in detected]
    return assemble(results, time.monotonic() - started, style)


def _open_model() -> "OpenAIClient":
    """The model that the environment names. Imported here: the builtin narrative needs none of it to start."""
    from services.portfolio.adapters.openai_provider import OpenAIClient  # noqa: PLC0415
    from services.portfolio.adapters.providers import make_openai_settings  # noqa: PLC0415
    from services.portfolio.settings import PortfolioSettings  # noqa: PLC0415

    return OpenAIClient(make_openai_settings(PortfolioSettings()))
