"""`wealth explain`: a training's program in a model's words, each column with whether the words were proved."""

from collections.abc import Sequence

from services.client.exit_codes import REFUSED
from services.client.gateway_command import (
    add_id_option,
    add_wait_options,
    job_of,
    make_parser,
    print_json,
    print_text,
    wait_for_end,
    with_gateway,
)
from services.client.outcomes import describe_explanations, describe_job
from services.client.rest import Client
from services.client.terminal import CommandParser


def run(arguments: Sequence[str]) -> int:
    """0: explained, or accepted with ``--no-wait``; 2: refused, or no model could be asked."""
    options = _parser().parse_args(arguments)

    def explain(client: Client) -> int:
        ref = job_of(options)
        accepted = client.explain(
            ref.user_id, ref.job_id, columns=options.column, idempotency_key=options.idempotency_key
        )
        job = wait_for_end(client, accepted, options)
        if job is None:
            return 0
        found = client.get_report(ref.user_id, ref.job_id).get("explanations", ()) if job.succeeded else ()
        if options.json:
            print_json({"explanations": found})
        else:
            print_text(describe_explanations(found) or describe_job(job))
        return 0 if found else REFUSED

    return with_gateway(options, explain)


def _parser() -> CommandParser:
    parser = make_parser("explain", "Have the suite's model explain a training's program in words.")
    add_id_option(parser)
    parser.add_argument("--column", action="append", default=[], metavar="NAME", help="an output column (default: all)")
    parser.add_argument("--idempotency-key", metavar="KEY", help="the same key and columns are taken once")
    add_wait_options(parser)
    return parser
