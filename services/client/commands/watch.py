"""`wealth watch`: a task or a job followed to its end."""

import json
import sys
from collections.abc import Sequence

from services.client.exit_codes import REFUSED
from services.client.gateway_command import (
    add_id_option,
    add_timeout_option,
    make_parser,
    print_text,
    ref_of,
    told_on_interrupt,
    with_gateway,
)
from services.client.outcomes import describe_event
from services.client.progress_bar import ProgressBar
from services.client.rest import Client, as_json


def run(arguments: Sequence[str]) -> int:
    """0: it completed; 2: it failed or was cancelled; 75: its time ran out and it goes on."""
    parser = make_parser("watch", "Follow a task or a job to its end, an event a line (--json: a JSON object a line).")
    add_id_option(parser)
    add_timeout_option(parser)
    options = parser.parse_args(arguments)

    def watch(client: Client) -> int:
        ref = ref_of(options)
        status = ""
        with told_on_interrupt(ref, options), ProgressBar(str(ref)) as bar:
            for event in client.watch(ref, timeout_s=options.timeout_s):
                status = event.status
                if options.json:
                    print_text(json.dumps(as_json(event), ensure_ascii=False))
                    sys.stdout.flush()
                elif sys.stdout.isatty() and sys.stderr.isatty():
                    bar.show(event)
                else:
                    print_text(describe_event(event))
                    sys.stdout.flush()
        if not options.json and sys.stdout.isatty():
            print_text(f"{ref}: {status}")
        return 0 if status == "completed" else REFUSED

    return with_gateway(options, watch)
