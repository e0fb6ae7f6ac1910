"""`wealth jobs`: tasks and conversions, newest first."""

import heapq
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice

from services.client.gateway_command import add_user_option, make_parser, print_json, print_text, with_gateway
from services.client.rest import Client
from services.client.rest.converter_results import Job
from services.client.rest.results import Page, Task
from services.client.settings import load_settings
from services.client.tables import format_table
from services.client.terminal import say

_PAGE_SIZE = 100
_MAX_LIMIT = 10_000
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def run(arguments: Sequence[str]) -> int:
    """0: listed, also where there is nothing."""
    parser = make_parser("jobs", "List portfolio tasks, and a user's trainings and inferences, newest first.")
    parser.add_argument("kind", nargs="?", choices=("all", "tasks", "conversions"), default="all")
    add_user_option(parser)
    parser.add_argument("--status", default="", help="only those that stand so, such as completed")
    parser.add_argument("--search", default="", metavar="WORDS", help="only those with all of these words")
    parser.add_argument("--limit", type=int, default=20, metavar="N", help="at most so many (%(default)s)")
    options = parser.parse_args(arguments)
    if not 1 <= options.limit <= _MAX_LIMIT:
        parser.error(f"--limit is from 1 to {_MAX_LIMIT}")
    user = options.user or load_settings().wealth_user
    if options.kind == "conversions" and not user:
        parser.error("conversions are listed by user: give --user or set WEALTH_USER")

    def show(client: Client) -> int:
        # A search looks through whole pages, whatever it finds in them.
        size = _PAGE_SIZE if options.search else min(_PAGE_SIZE, options.limit)
        sources: list[Iterator[Task | Job]] = []
        if options.kind != "conversions":
            sources.append(
                _all_of(
                    lambda token: client.list_tasks(
                        limit=size, status=options.status, user_id=options.user, search=options.search, page_token=token
                    )
                )
            )
        if options.kind != "tasks" and user:
            sources.append(
                _all_of(
                    lambda token: client.list_jobs(
                        user, limit=size, status=options.status, search=options.search, page_token=token
                    )
                )
            )
        merged = heapq.merge(*sources, key=lambda item: item.created_at or _LONG_AGO, reverse=True)
        found = list(islice(merged, options.limit))
        if options.json:
            print_json(found)
            return 0
        rows = [_row(item) for item in found]
        print_text(format_table(("id", "what", "file", "status", "%", "created", "took", "message"), rows))
        if options.kind == "all" and not user:
            say("tasks alone: --user USER lists a user's conversions, too")
        return 0

    return with_gateway(options, show)


def _all_of(read: Callable[[str], Page[Task] | Page[Job]]) -> Iterator[Task | Job]:
    """Everything of a list, a page at a time as it is asked for."""
    token = ""
    while True:
        page = read(token)
        yield from page
        token = page.next_page_token
        if not token:
            return


def _row(item: Task | Job) -> tuple[object, ...]:
    what, file = (item.mode, item.input_file_name or "") if isinstance(item, Job) else ("task", "")
    took = "" if item.elapsed_seconds is None else f"{item.elapsed_seconds:.1f} s"
    return str(item.ref), what, file, item.status, item.progress, item.created_at, took, item.error or item.message
