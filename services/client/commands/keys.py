"""`wealth keys`: API keys made, listed and revoked in the file that the gateway reads. Runs where that file is.

A change counts within a second, without a restart. A key is printed once and kept nowhere; the file holds its hash.
"""

import argparse
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from services.client.exit_codes import REFUSED, exit_code_of
from services.client.gateway_command import describe_error, print_json, print_text
from services.client.settings import SUITE_HELP, load_settings, load_suite, reveal
from services.client.tables import format_table
from services.client.terminal import CommandParser, say
from services.common.clock import format_time, parse_time, utc_now
from services.common.errors import InvalidInput, WealthError
from services.common.identity import ALL_USERS, DEFAULT_TENANT
from services.gateway.keys import PUBLIC_SCOPES, KeyRecord, add_key, create_key, load_keys, revoke_key
from services.gateway.settings import MIN_SECRET_CHARS

_DEFAULT_SCOPES = ("portfolio", "converter", "files")
_SPAN = re.compile(r"(\d{1,5})([dh])")


def run(arguments: Sequence[str]) -> int:
    """0: done; 2: refused, with the reason; 64: usage."""
    options = _parser().parse_args(arguments)
    try:
        code: int = options.do(options)
    except WealthError as error:
        say(describe_error(error))
        return exit_code_of(error)
    except ValueError as error:
        say(f"KEYS_INVALID: {error}")
        return REFUSED
    except OSError as error:
        say(f"FILE_FAILED: {error.strerror or error}: {error.filename}")
        return REFUSED
    return code


def _parser() -> CommandParser:
    parser = CommandParser(prog="wealth keys", description="Make, list and revoke API keys of the gateway.")
    commands = parser.add_subparsers(dest="command", required=True, parser_class=CommandParser)
    create = commands.add_parser("create", help="make a key and print it, once")
    create.set_defaults(do=_create)
    create.add_argument("--tenant", default=DEFAULT_TENANT, help="whose data it opens (%(default)s)")
    whom = create.add_mutually_exclusive_group(required=True)
    whom.add_argument("--user", action="append", metavar="USER", help="a user that it may act for; may be repeated")
    whom.add_argument("--all-users", action="store_true", help="it may act for every user of the tenant")
    create.add_argument(
        "--scope",
        action="append",
        choices=sorted(PUBLIC_SCOPES),
        help=f"what it may do; may be repeated ({', '.join(_DEFAULT_SCOPES)})",
    )
    create.add_argument("--expires", metavar="WHEN", help="such as 90d, 12h, 2027-01-31; never where it is not given")
    create.add_argument("--subject", default="", help="a name for logs and audit lines (the key's id)")
    create.add_argument("--rate-per-s", type=float, metavar="N", help="calls a second (the gateway's default)")
    create.add_argument("--concurrency", type=int, metavar="N", help="calls at once (the gateway's default)")
    listing = commands.add_parser("list", help="list the keys, without what would open anything")
    listing.set_defaults(do=_list)
    revoke = commands.add_parser("revoke", help="revoke keys: the gateway refuses them within a second")
    revoke.set_defaults(do=_revoke)
    revoke.add_argument("ids", nargs="+", metavar="ID", help="the part of a key before the dot")
    for command in (create, listing, revoke):
        command.add_argument("--file", type=Path, metavar="PATH", help="the keys' file (GATEWAY_KEYS_FILE)")
        command.add_argument("--suite", type=Path, metavar="PATH", help=SUITE_HELP)
        command.add_argument("--json", action="store_true", help="print JSON")
    return parser


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the keys stand, and the secret that they are hashed under where it is known."""

    file: Path
    secret: str


def _find_place(options: argparse.Namespace) -> _Place:
    settings = load_settings()
    file, secret = options.file or settings.gateway_keys_file, reveal(settings.gateway_key_secret)
    if options.suite or not (file and secret):
        suite = load_suite(options.suite, settings)
        if suite is not None and (options.suite or not file):
            found = suite.text("env", "gateway", "GATEWAY_KEYS_FILE")
            file, secret = Path(found) if found else None, suite.text("env", "gateway", "GATEWAY_KEY_SECRET")
    if not file:
        raise InvalidInput(
            "no keys' file is named: set GATEWAY_KEYS_FILE, or give --file or --suite", reason="KEYS_FILE_UNKNOWN"
        )
    return _Place(file, secret)


def _create(options: argparse.Namespace) -> int:
    place = _find_place(options)
    if len(place.secret) < MIN_SECRET_CHARS:
        raise InvalidInput(
            f"set GATEWAY_KEY_SECRET to the gateway's, of at least {MIN_SECRET_CHARS} characters",
            reason="KEY_SECRET_MISSING",
        )
    created = create_key(
        place.secret,
        tenant=options.tenant,
        users=[ALL_USERS] if options.all_users else options.user,
        scopes=options.scope or _DEFAULT_SCOPES,
        subject=options.subject,
        expires_at=_read_expiry(options.expires, utc_now()) if options.expires else None,
        rate_per_s=options.rate_per_s,
        concurrency=options.concurrency,
    )
    add_key(place.file, created)
    if options.json:
        print_json({"key": created.text, **_describe(created.record)})
        return 0
    print_text(created.text)
    if sys.stdout.isatty():
        say("This is the only time that it is shown. The gateway knows it within a second.")
    return 0


def _list(options: argparse.Namespace) -> int:
    records = load_keys(_find_place(options).file)
    if options.json:
        print_json([_describe(record) for record in records])
        return 0
    rows = [
        (
            record.id,
            record.tenant,
            ", ".join(sorted(record.users)),
            ", ".join(sorted(record.scopes)),
            record.subject,
            format_time(record.expires_at) if record.expires_at else "never",
            "expired" if _is_expired(record) else "valid",
        )
        for record in records
    ]
    print_text(format_table(("id", "tenant", "users", "scopes", "subject", "expires", "state"), rows))
    return 0


def _revoke(options: argparse.Namespace) -> int:
    place = _find_place(options)
    for given in options.ids:
        # Whoever pastes a whole key means its id; the secret is not shown again.
        record = revoke_key(place.file, given.partition(".")[0])
        say(f"revoked {record.id} of tenant {record.tenant}")
    return 0


def _read_expiry(text: str, now: datetime) -> datetime:
    """Reads a span from now (90d, 12h), a date (its beginning in UTC) or a time with a zone. Raises InvalidInput."""
    span = _SPAN.fullmatch(text)
    try:
        if span:
            moment = now + timedelta(**{"days" if span[2] == "d" else "hours": int(span[1])})
        elif len(text) == len("2027-01-31"):
            moment = datetime.fromisoformat(text).replace(tzinfo=UTC)
        else:
            moment = parse_time(text)
    except (ValueError, OverflowError) as error:
        message = f"{text!r} is no time: 90d, 12h, 2027-01-31 or 2027-01-31T12:00:00Z"
        raise InvalidInput(message, field="expires") from error
    if moment <= now:
        raise InvalidInput(f"{text!r} is over already", field="expires")
    return moment


def _is_expired(record: KeyRecord) -> bool:
    return record.expires_at is not None and record.expires_at <= utc_now()


def _describe(record: KeyRecord) -> dict[str, Any]:
    """A key as JSON, without its hash."""
    return {
        "id": record.id,
        "tenant": record.tenant,
        "users": sorted(record.users),
        "scopes": sorted(record.scopes),
        "subject": record.subject,
        "expires_at": record.expires_at,
        "rate_per_s": record.rate_per_s,
        "concurrency": record.concurrency,
        "expired": _is_expired(record),
    }
