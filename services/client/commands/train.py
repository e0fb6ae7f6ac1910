"""`wealth train`: a conversion learned by the suite from a file and what it should become."""

from collections.abc import Sequence
from pathlib import Path

from services.client.exit_codes import REFUSED
from services.client.gateway_command import (
    add_user_option,
    add_wait_options,
    make_parser,
    print_json,
    print_text,
    upload,
    user_of,
    wait_for_end,
    with_gateway,
)
from services.client.json_files import read_instructions_file
from services.client.outcomes import describe_job
from services.client.rest import Client
from services.client.teaching_options import add_reference_option, add_teaching_options
from services.client.terminal import CommandParser

_TITLE_CHARS = 200


def run(arguments: Sequence[str]) -> int:
    """0: learned, or accepted with ``--no-wait``; 2: refused, or it could not be learned."""
    options = _parser().parse_args(arguments)

    def train(client: Client) -> int:
        user, key = user_of(options), options.idempotency_key
        general, columns = read_instructions_file(options.instructions) if options.instructions else ("", {})
        accepted = client.train(
            user_id=user,
            input_file=upload(client, options.input, user, role="input", idempotency_key=key),
            expected_output_file=upload(client, options.expected, user, role="expected", idempotency_key=key),
            job_title=options.title or Path(options.input).name[:_TITLE_CHARS],
            owner=options.owner,
            description=options.description,
            general_instructions=general,
            column_instructions=columns,
            job_id=options.retrain.rpartition("/")[2],
            effort=options.effort,
            samples={
                name: upload(client, file, user, role=f"sample {name}", idempotency_key=key)
                for name, file in options.sample
            },
            on_ambiguity=options.on_ambiguity,
            references={
                name: upload(client, file, user, role=f"reference {name}", idempotency_key=key)
                for name, file in options.reference
            },
            idempotency_key=key,
        )
        job = wait_for_end(client, accepted, options)
        if job is None:
            return 0
        if job.succeeded and options.program:
            client.download(job, options.program, what="program")
        print_json(job) if options.json else print_text(describe_job(job))
        return 0 if job.succeeded else REFUSED

    return with_gateway(options, train)


def _parser() -> CommandParser:
    parser = make_parser("train", "Learn a conversion from a file and what it should become.")
    parser.add_argument("--input", required=True, metavar="A.csv", help="a file as it comes (or its uri)")
    parser.add_argument("--expected", required=True, metavar="B.csv", help="what it should become (or its uri)")
    parser.add_argument("--instructions", type=Path, metavar="I.json", help="as `wealth learn` takes them")
    add_user_option(parser)
    parser.add_argument("--title", default="", help="a title for people (the input's name)")
    parser.add_argument("--owner", default="", help="who asks, for people (the user)")
    parser.add_argument("--description", default="", help="for people")
    parser.add_argument("--retrain", default="", metavar="JOB", help="learn this job anew and replace its program")
    parser.add_argument("--effort", type=int, default=1, metavar="N", help="search N times longer than usual, 1 to 16")
    add_teaching_options(parser)
    add_reference_option(parser)
    parser.add_argument("--program", type=Path, metavar="P.sql", help="where the learned program is written")
    parser.add_argument("--idempotency-key", metavar="KEY", help="the same key and files give the same job")
    add_wait_options(parser)
    return parser
