"""`wealth check`: texts held against the facts of a payload, on this machine. Needs no server.

The payload is as for ``wealth analyse``. What is printed is what ``POST /api/v1/check-claims`` would answer.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from services.client.payload_file import read_payload_file
from services.client.terminal import CommandParser, say
from services.common.errors import WealthError
from services.portfolio.adapters.sections_file import load_catalogue
from services.portfolio.domain.claims import MAX_CHARACTERS
from services.portfolio.domain.errors import CatalogueError, InputError
from services.portfolio.domain.formats import DEFAULT_LOCALE, make_style
from services.portfolio.domain.reading import Context, read_conventions
from services.portfolio.domain.verification import check_texts, has_faults, render_claims

_CLEAN, _FAULTS, _REFUSED = 0, 1, 2


def run(arguments: Sequence[str]) -> int:
    """0: every claim holds; 1: one is contradicted or unsupported (all are printed); 2: refused; 64: usage."""
    options = _parser().parse_args(arguments)
    try:
        catalogue = load_catalogue(options.sections, options.reference)
        body = read_payload_file(options.payload)
        stated = options.locale or body.text("locale")
        context = Context(request=read_conventions(body.fields.get("input_conventions")), locale=stated)
        claims = check_texts(
            [_read_text(path) for path in options.texts],
            body.payloads,
            catalogue,
            make_style(stated or DEFAULT_LOCALE),
            context=context,
            forecasts_are_faults=not options.allow_forecasts,
        )
    except (CatalogueError, WealthError) as fault:
        say(f"{getattr(fault, 'reason', 'SECTIONS_INVALID')}: {fault}")
        return _REFUSED
    except OSError as error:
        say(f"INPUT_UNREADABLE: {error.strerror}: {error.filename}")
        return _REFUSED
    sys.stdout.write(json.dumps(render_claims(claims), indent=2, ensure_ascii=False) + "\n")
    return _FAULTS if has_faults(claims) else _CLEAN


def _parser() -> CommandParser:
    parser = CommandParser(
        prog="wealth check", description="Hold texts against a portfolio's facts; print every claim."
    )
    parser.add_argument("texts", type=Path, nargs="+", metavar="TEXT.txt", help="texts in UTF-8, whoever wrote them")
    parser.add_argument(
        "--payload", type=Path, required=True, metavar="P.json", help='{"data": [section payload, ...]}'
    )
    parser.add_argument(
        "--locale", default="", metavar="LOCALE", help=f"style of figures in texts and payload ({DEFAULT_LOCALE})"
    )
    parser.add_argument("--allow-forecasts", action="store_true", help="forecasts and guarantees are no faults")
    parser.add_argument("--sections", type=Path, metavar="SECTIONS.yaml", help="sections other than the shipped ones")
    parser.add_argument("--reference", type=Path, metavar="FOLDER", help="reference files other than the shipped ones")
    return parser


def _read_text(path: Path) -> str:
    if path.stat().st_size > 4 * MAX_CHARACTERS:
        raise InputError(str(path), None, f"longer than {MAX_CHARACTERS} characters")
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(str(path), None, "not UTF-8") from None
