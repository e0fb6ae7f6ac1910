"""`wealth dead-letters`: what workers gave up, for operators: listed, shown and run again."""

import argparse
from collections.abc import Iterator, Sequence
from itertools import chain, islice

from services.client.commands.status import show_state
from services.client.gateway_command import make_parser, print_json, print_text, with_gateway
from services.client.rest import Client
from services.client.rest.results import DeadLetter, JobRef, Page, TaskRef, parse_ref
from services.client.tables import format_moment, format_table
from services.client.terminal import CommandParser, say

_PAGE_SIZE = 100


def run(arguments: Sequence[str]) -> int:
    """0: done; for `replay` also where some had been run again already (said)."""
    parser = make_parser("dead-letters", "What workers gave up after all attempts. Needs a key with the scope admin.")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True, parser_class=CommandParser)
    listing = actions.add_parser("list", help="list them, newest first")
    listing.add_argument("--limit", type=int, default=50, metavar="N", help="at most so many of a kind (%(default)s)")
    for name, words in (("show", "show one, with its history"), ("replay", "run some again, once their cause is gone")):
        action = actions.add_parser(name, help=words)
        action.add_argument("ids", nargs="+" if name == "replay" else 1, metavar="ID", help="task_..., or USER/JOB")
    options = parser.parse_args(arguments)
    do = {"list": _list, "show": _show, "replay": _replay}[options.action]
    return with_gateway(options, lambda client: do(client, options))


def _list(client: Client, options: argparse.Namespace) -> int:
    found = [
        *islice(_all_of(client, tasks=True), options.limit),
        *islice(_all_of(client, tasks=False), options.limit),
    ]
    if options.json:
        print_json(found)
        return 0
    rows = [
        (letter.name, letter.error_code, letter.attempts, format_moment(letter.failed_at), letter.error)
        for letter in sorted(found, key=lambda letter: str(letter.failed_at), reverse=True)
    ]
    print_text(format_table(("id", "code", "attempts", "given up", "why"), rows))
    return 0


def _show(client: Client, options: argparse.Namespace) -> int:
    return show_state(client, parse_ref(options.ids[0]), as_json=options.json)


def _replay(client: Client, options: argparse.Namespace) -> int:
    begun: list[TaskRef | JobRef] = []
    for ref in map(parse_ref, options.ids):
        if isinstance(ref, TaskRef):
            begun.append(client.replay_task(ref.task_id).ref)
        else:
            begun.append(client.replay_job(ref.user_id, ref.job_id).ref)
        say(f"{ref} runs again")
    if options.json:
        print_json([str(ref) for ref in begun])
    return 0


def _all_of(client: Client, *, tasks: bool) -> Iterator[DeadLetter]:
    """All dead letters of one kind, a page at a time as they are asked for."""
    return chain.from_iterable(_pages(client, tasks=tasks))


def _pages(client: Client, *, tasks: bool) -> Iterator[Page[DeadLetter]]:
    token = ""
    while True:
        read = client.list_dead_tasks if tasks else client.list_dead_jobs
        page = read(limit=_PAGE_SIZE, page_token=token)
        yield page
        token = page.next_page_token
        if not token:
            return
