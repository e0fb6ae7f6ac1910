"""`wealth events`: `watch` what a key may see, over the gateway; `tail` all events of the suite, over NATS."""

import argparse
import asyncio
import json
import re
import sys
from collections.abc import Sequence
from contextlib import aclosing, closing
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from services.client.exit_codes import REFUSED, exit_code_of
from services.client.gateway_command import describe_error, print_text, with_gateway
from services.client.rest import Client, as_json
from services.client.settings import SUITE_HELP, load_settings, load_suite, reveal
from services.client.tables import clean
from services.client.terminal import CommandParser, say
from services.common.errors import InvalidInput, WealthError

if TYPE_CHECKING:
    from services.client.event_tail import CloudEvent

_WORD = re.compile(r"[A-Za-z0-9_-]{1,128}")
_SPAN = re.compile(r"(\d{1,6})([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def run(arguments: Sequence[str]) -> int:
    """0: as many as were asked for; 2 and above as with every command; 130: Ctrl-C, the usual end."""
    options = _parser().parse_args(arguments)
    if options.command == "watch":
        return with_gateway(options, lambda client: _watch(client, options))
    try:
        from services.client import event_tail  # noqa: PLC0415, F401 - nats may not be installed
    except ModuleNotFoundError as error:
        say(f"NATS_CLIENT_MISSING: this command needs the package nats-py ({error.name} is not installed)")
        return REFUSED
    try:
        return asyncio.run(_tail(options))
    except WealthError as error:
        say(describe_error(error))
        return exit_code_of(error)
    except OSError as error:
        say(f"FILE_FAILED: {error.strerror or error}: {error.filename}")
        return REFUSED


def _parser() -> CommandParser:
    parser = CommandParser(prog="wealth events", description="Follow events, by the gateway or on NATS.")
    commands = parser.add_subparsers(dest="command", required=True, parser_class=CommandParser)
    tail = commands.add_parser("tail", help="print events as they come, each once")
    tail.add_argument("--service", choices=("portfolio", "converter"), help="of one service")
    tail.add_argument("--status", action="append", type=_word, metavar="STATUS", help="such as failed; may be repeated")
    tail.add_argument("--tenant", type=_word, metavar="TENANT", help="of one tenant")
    tail.add_argument("--id", type=_word, metavar="ID", help="of one task or job")
    tail.add_argument("--since", type=_span, metavar="SPAN", help="begin so long ago, such as 10m or 2h")
    tail.add_argument("--count", type=int, metavar="N", help="end after so many")
    tail.add_argument("--suite", type=Path, metavar="PATH", help=SUITE_HELP)
    tail.add_argument("--json", action="store_true", help="print CloudEvents as JSON, one a line")
    watch = commands.add_parser("watch", help="print what happens to tasks and jobs that the key may see")
    watch.add_argument("--after", default="", metavar="POSITION", help="resume after a position that was printed")
    watch.add_argument("--count", type=int, metavar="N", help="end after so many")
    watch.add_argument("--url", metavar="URL", help="the gateway's address (WEALTH_URL)")
    watch.add_argument("--suite", type=Path, metavar="PATH", help=SUITE_HELP)
    watch.add_argument("--json", action="store_true", help="print position, kind and CloudEvent as JSON, one a line")
    return parser


def _word(text: str) -> str:
    if not _WORD.fullmatch(text):
        raise argparse.ArgumentTypeError("letters, digits, _ and - alone")
    return text


def _span(text: str) -> float:
    match = _SPAN.fullmatch(text)
    if not match:
        raise argparse.ArgumentTypeError("a number with s, m, h or d, such as 10m")
    return float(int(match[1]) * _SECONDS[match[2]])


def _watch(client: Client, options: argparse.Namespace) -> int:
    with closing(client.watch_events(after=options.after)) as events:
        for news in islice(events, options.count):
            if options.json:
                print_text(json.dumps(as_json(news), ensure_ascii=False))
            elif news.kind == "missed":
                say("some events are no longer kept: list tasks and jobs to learn how they stand")
            else:
                event = news.event
                data = event.get("data", {})
                words = (news.position, event.get("time", "")[:19], event.get("type", "").rpartition(".")[2],
                         event.get("subject", ""), data.get("message", ""))  # fmt: skip
                print_text(clean(" ".join(map(str, words))))
            sys.stdout.flush()
    return 0


async def _tail(options: argparse.Namespace) -> int:
    from services.client.event_tail import EventFilter, connected, tail  # noqa: PLC0415 - nats may not be installed

    url, ca_file = _find_nats(options)
    wanted = EventFilter(options.service or "", frozenset(options.status or ()), options.tenant or "", options.id or "")
    left = options.count
    async with connected(url, ca_file) as client, aclosing(tail(client, wanted, since_s=options.since)) as events:
        async for event in events:
            print_text(json.dumps(event.as_json(), ensure_ascii=False) if options.json else _describe(event))
            sys.stdout.flush()
            left = None if left is None else left - 1
            if left is not None and left <= 0:
                break
    return 0


def _find_nats(options: argparse.Namespace) -> tuple[str, Path | None]:
    """The servers to listen to. Their password comes by the environment or the suite's file, never by an option."""
    settings = load_settings()
    if not options.suite and settings.nats_url:
        return reveal(settings.nats_url), settings.nats_ca_file
    suite = load_suite(options.suite, settings)
    url = suite.text("nats") if suite else ""
    if not url:
        raise InvalidInput("no NATS is named: set NATS_URL, or give --suite", reason="NATS_UNKNOWN")
    return url, None


def _describe(event: "CloudEvent") -> str:
    """An event in a line."""
    data = event.data
    error = data.get("error")
    words = [
        event.attributes.get("time", "")[:19],
        f"{event.service:<9}",
        f"{event.status:<17}",
        f"{data.get('progress', 0):>3}%",
        event.attributes.get("tenant", ""),
        event.attributes.get("subject", ""),
        f"[{data['section']}]" if data.get("section") else "",
        str(data.get("message", "")),
        f"({error.get('code')})" if isinstance(error, dict) else "",
    ]
    return clean(" ".join(word for word in words if word))
