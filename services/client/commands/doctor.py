"""`wealth doctor`: what an operator looks at first, in one go: the way to the suite, its parts, and this machine."""

import email.utils
import json
import resource
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Literal

import httpx

from services.client.exit_codes import UNAVAILABLE
from services.client.gateway_command import describe_error, make_parser, print_text
from services.client.rest import Client, Retries
from services.client.rest.connection import Connection
from services.client.rest.retries import Terms
from services.client.rest.webhook_calls import Webhook
from services.client.settings import SuiteFile, find_gateway, load_settings, load_suite
from services.client.tables import clean, format_table
from services.common.errors import Denied, WealthError

State = Literal["ok", "look", "wrong"]
_FINE, _FAULTS = 0, 1
# The suite's parts sign calls to one another for a minute: a clock that is off by less does no harm to them.
_CLOCK_LEEWAY_S = 5
_LOW_DISK_BYTES = 1 << 30
# A gateway holds one descriptor for each of its clients.
_FEW_FILES = 4096
_TIMEOUT_S = 5.0
_MAX_ANSWER_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, how it stands, and what to know or do."""

    what: str
    state: State
    words: str


def run(arguments: Sequence[str]) -> int:
    """0: nothing is wrong; 1: something is (all is printed); 69: the suite does not answer."""
    parser = make_parser("doctor", "Look at the way to the suite, its parts, queues and this machine.")
    options = parser.parse_args(arguments)
    findings = list(_examine(options.url, options.suite))
    if options.json:
        sys.stdout.write(json.dumps([asdict(finding) for finding in findings], indent=2, ensure_ascii=False) + "\n")
    else:
        print_text(format_table(("what", "state", "notes"), [(f.what, f.state, f.words) for f in findings]))
    if any(finding.what == "gateway" and finding.state == "wrong" for finding in findings):
        return UNAVAILABLE
    return _FAULTS if any(finding.state == "wrong" for finding in findings) else _FINE


def _examine(url: str | None, suite_path: Path | None) -> Iterator[Finding]:
    try:
        settings = load_settings()
        suite = None if url else load_suite(suite_path, settings)
        address = find_gateway(url, suite_path, settings)
    except WealthError as error:
        yield Finding("gateway", "wrong", describe_error(error))
        return
    yield from _examine_machine(suite)
    try:
        # As the client connects, but without the key, and with an eye on the head of the answer.
        connection = Connection(address.url, "", Terms(Retries(), _TIMEOUT_S), _MAX_ANSWER_BYTES)
        with httpx.Client(**connection.httpx_arguments) as plain:
            answer = plain.get("/health")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        yield Finding("gateway", "wrong", f"{address.url} does not answer: {error}")
        return
    yield Finding("gateway", "ok", address.url)
    yield _judge_clock(answer.headers.get("date", ""))
    with Client(address.url, address.api_key, timeout_s=_TIMEOUT_S) as client:
        yield from _examine_suite(client)


def _examine_suite(client: Client) -> Iterator[Finding]:
    """What the suite says of itself, with and without the key. A call that fails is a finding, and ends it."""
    try:
        health = client.get_health()
        own = version("wealth-suite")
        same = health.version == own
        yield Finding("version", "ok" if same else "look", health.version if same else f"{health.version}, here {own}")
        for name, service in sorted(health.services.items()):
            parts = service.get("dependencies", {})
            away = [part for part, state in parts.items() if state != "ok"]
            reached = f"reaches {', '.join(parts)}" if parts and service["status"] == "ok" else service["status"]
            words = f"away: {', '.join(away)}" if away else reached
            yield Finding(name, "ok" if service["status"] == "ok" else "wrong", clean(words))
        for notice in health.notices:
            yield Finding("notice", "look", clean(notice))
        queue = client.get_queue()
        yield Finding("key", "ok", "is known")
        info = queue.queue_info
        yield Finding(
            "converter queue", "ok", f"{info.queue_size} waiting, {info.active_jobs} of {info.max_workers} busy"
        )
        tasks = client.ping()
        yield Finding("portfolio queue", "ok", f"{tasks.queue_size} waiting, {tasks.workers} slots")
        yield from _examine_dead_letters(client)
        yield from _examine_webhooks(client)
    except WealthError as error:
        yield Finding("key" if isinstance(error, Denied) else "suite", "wrong", describe_error(error))


def _examine_dead_letters(client: Client) -> Iterator[Finding]:
    try:
        letters = [*client.list_dead_tasks(limit=200), *client.list_dead_jobs(limit=200)]
    except Denied:
        yield Finding("dead letters", "look", "the key lacks the scope admin")
        return
    words = f"{len(letters)}: see `wealth dead-letters list`" if letters else "none"
    yield Finding("dead letters", "look" if letters else "ok", words)


def _examine_webhooks(client: Client) -> Iterator[Finding]:
    """Webhooks that are switched off, and events that could not be delivered: one page of each is enough to say so."""
    try:
        webhooks = client.list_webhooks()
        letters = {each.webhook_id: client.list_undelivered(each.webhook_id, limit=100) for each in webhooks}
    except Denied:
        yield Finding("webhooks", "look", "the key lacks the scope webhooks")
        return
    except WealthError as error:  # tasks and conversions go on without the events service
        yield Finding("webhooks", "look", describe_error(error))
        return
    off = [each for each in webhooks if each.status != "enabled"]
    words = f"{len(webhooks)}" if webhooks else "none"
    if off:
        words += f", of them switched off: {', '.join(clean(_name_webhook(each)) for each in off)}"
    yield Finding("webhooks", "look" if off else "ok", words)
    for each in webhooks:
        page = letters[each.webhook_id]
        if page.items:
            count = f"more than {len(page.items)}" if page.next_page_token else f"{len(page.items)}"
            last = page.items[-1]
            words = f"{count} not delivered, {last.error_code}: see `wealth webhooks show {each.webhook_id}`"
            yield Finding("webhook", "look", clean(f"{each.url}: {words}"))


def _name_webhook(webhook: Webhook) -> str:
    reason = f" ({webhook.status_reason})" if webhook.status_reason else ""
    return f"{webhook.webhook_id}{reason}"


def _examine_machine(suite: SuiteFile | None) -> Iterator[Finding]:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    few = soft != resource.RLIM_INFINITY and soft < _FEW_FILES
    yield Finding(
        "open files", "look" if few else "ok", f"{soft} a process" + (f"; {_FEW_FILES} are better" if few else "")
    )
    if suite is None:
        return
    folder = suite.path.parent
    free = shutil.disk_usage(folder).free
    yield Finding("disk", "wrong" if free < _LOW_DISK_BYTES else "ok", f"{free / 1e9:.1f} GB free for {folder}")
    gone = [name for name, pid in suite.document.get("pids", {}).items() if not Path(f"/proc/{pid}").exists()]
    if Path("/proc").exists():
        words = f"ended: {', '.join(sorted(gone))} (commands to start them: {suite.path})" if gone else "all are there"
        yield Finding("processes", "wrong" if gone else "ok", words)


def _judge_clock(date: str) -> Finding:
    try:
        theirs = email.utils.parsedate_to_datetime(date)
    except ValueError:
        return Finding("clock", "look", "the gateway does not tell its time")
    off_s = abs((datetime.now(UTC) - theirs).total_seconds())
    words = f"{off_s:.0f} s from the gateway's"
    return Finding("clock", "ok" if off_s <= _CLOCK_LEEWAY_S + 1 else "look", words)
