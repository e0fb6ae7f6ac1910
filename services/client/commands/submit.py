"""`wealth submit`: a portfolio payload analysed by the suite.

The payload is the body of ``POST /task/submit`` without its credentials (``{"data": [...]}``), a bare list of section
payloads, or one of them. Numbers keep all their digits.
"""

import getpass
from collections.abc import Sequence
from pathlib import Path

from services.client.exit_codes import REFUSED
from services.client.gateway_command import (
    add_user_option,
    add_wait_options,
    make_parser,
    print_json,
    print_text,
    user_of,
    wait_for_end,
    with_gateway,
)
from services.client.outcomes import describe_task_result
from services.client.payload_file import read_payload_file
from services.client.rest import Client


def run(arguments: Sequence[str]) -> int:
    """0: completed, or accepted with ``--no-wait``; 2: refused, or a section failed (the rest is printed)."""
    parser = make_parser("submit", "Have a portfolio analysed and print what was found.")
    parser.add_argument("payload", type=Path, metavar="PAYLOAD.json", help='{"data": [section payload, ...]}')
    add_user_option(parser)
    parser.add_argument("--ask-password", action="store_true", help="ask for the user's password at the AI platform")
    parser.add_argument("--locale", default="", metavar="LOCALE", help="style of figures, such as en_IN")
    parser.add_argument("--idempotency-key", metavar="KEY", help="the same key and payload give the same task")
    add_wait_options(parser)
    options = parser.parse_args(arguments)

    def submit(client: Client) -> int:
        body = read_payload_file(options.payload)
        accepted = client.submit_task(
            body.payloads,
            username=options.user or body.text("username") or user_of(options),
            password=getpass.getpass() if options.ask_password else body.text("password"),
            locale=options.locale or body.text("locale"),
            input_conventions=body.fields.get("input_conventions"),
            idempotency_key=options.idempotency_key,
        )
        if wait_for_end(client, accepted, options) is None:
            return 0
        result = client.get_task_result(accepted.task_id)
        print_json(result) if options.json else print_text(describe_task_result(result))
        return 0 if result.status == "completed" else REFUSED

    return with_gateway(options, submit)
