"""`wealth webhooks`: addresses that are told how tasks and conversions end; and what could not be delivered to them."""

import argparse
from collections.abc import Iterator, Sequence
from typing import Any

from services.client.gateway_command import make_parser, print_json, print_text, with_gateway
from services.client.rest import Client
from services.client.rest.webhook_calls import Undelivered, Webhook
from services.client.tables import format_moment, format_table
from services.client.terminal import CommandParser, say

_PAGE_SIZE = 100
_ALL = 0


def run(arguments: Sequence[str]) -> int:
    """0: done; 2 and above as with every command."""
    parser = make_parser("webhooks", "Addresses that are told how jobs end. Needs a key with the scope webhooks.")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True, parser_class=CommandParser)
    actions.add_parser("list", help="list them")
    adding = actions.add_parser("add", help="register an address; prints its secret, once")
    adding.add_argument("address", metavar="HTTPS_URL", help="where the events are sent")
    adding.add_argument("--description", default="", metavar="WORDS", help="words for people")
    for name, words in (
        ("show", "show one, and what could not be delivered to it"),
        ("rotate", "make a new secret; the one before signs as well for a day"),
        ("enable", "switch one on again"),
        ("disable", "switch one off"),
        ("remove", "delete one"),
    ):
        actions.add_parser(name, help=words).add_argument("webhook_id", metavar="WEBHOOK")
    replay = actions.add_parser("replay", help="deliver again what could not be delivered")
    replay.add_argument("webhook_id", metavar="WEBHOOK")
    replay.add_argument("numbers", nargs="+", type=_number, metavar="NUMBER", help="as `show` lists them, or all")
    options = parser.parse_args(arguments)
    return with_gateway(options, lambda client: _ACTIONS[options.action](client, options))


def _number(text: str) -> int:
    if text == "all":
        return _ALL
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise argparse.ArgumentTypeError("a number that `show` lists, or all")
    return int(text)


def _list(client: Client, options: argparse.Namespace) -> int:
    found = client.list_webhooks()
    if options.json:
        print_json([_without_secret(webhook) for webhook in found])
        return 0
    rows = [
        (each.webhook_id, each.status, format_moment(each.created_at), each.url, each.description) for each in found
    ]
    print_text(format_table(("id", "status", "made", "address", "description"), rows))
    return 0


def _add(client: Client, options: argparse.Namespace) -> int:
    return _show_secret(client.create_webhook(options.address, description=options.description), options)


def _rotate(client: Client, options: argparse.Namespace) -> int:
    return _show_secret(client.rotate_webhook(options.webhook_id), options)


def _show_secret(webhook: Webhook, options: argparse.Namespace) -> int:
    """The secret alone on standard output, so that it can go into a store of secrets."""
    if options.json:
        print_json(webhook)
        return 0
    say(f"{webhook.webhook_id} tells {webhook.url}; its secret, shown this once:")
    print_text(webhook.secret or "")
    return 0


def _show(client: Client, options: argparse.Namespace) -> int:
    webhook, letters = client.get_webhook(options.webhook_id), list(_undelivered(client, options.webhook_id))
    if options.json:
        print_json({**_without_secret(webhook), "undelivered": letters})
        return 0
    say(f"{webhook.webhook_id} {webhook.status} {webhook.url} {webhook.status_reason}".rstrip())
    rows = [
        (letter.number, letter.event.get("subject", ""), letter.error_code, format_moment(letter.failed_at))
        for letter in letters
    ]
    print_text(format_table(("number", "task or job", "code", "given up"), rows))
    return 0


def _switch(client: Client, options: argparse.Namespace) -> int:
    switch = client.enable_webhook if options.action == "enable" else client.disable_webhook
    webhook = switch(options.webhook_id)
    if options.json:
        print_json(_without_secret(webhook))
    else:
        say(f"{webhook.webhook_id} {webhook.status}")
    return 0


def _remove(client: Client, options: argparse.Namespace) -> int:
    client.delete_webhook(options.webhook_id)
    say(f"{options.webhook_id} is gone")
    return 0


def _replay(client: Client, options: argparse.Namespace) -> int:
    numbers = options.numbers
    if _ALL in numbers:
        numbers = [letter.number for letter in _undelivered(client, options.webhook_id)]
    for number in numbers:
        client.replay_undelivered(options.webhook_id, number)
        say(f"{number} is delivered again")
    return 0


def _undelivered(client: Client, webhook_id: str) -> Iterator[Undelivered]:
    token = ""
    while True:
        page = client.list_undelivered(webhook_id, limit=_PAGE_SIZE, page_token=token)
        yield from page.items
        token = page.next_page_token
        if not token:
            return


def _without_secret(webhook: Webhook) -> dict[str, Any]:
    return {name: getattr(webhook, name) for name in webhook.__dataclass_fields__ if name != "secret"}


_ACTIONS = {
    "list": _list,
    "add": _add,
    "show": _show,
    "rotate": _rotate,
    "enable": _switch,
    "disable": _switch,
    "remove": _remove,
    "replay": _replay,
}
