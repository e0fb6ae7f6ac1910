"""`wealth infer`: a file converted by the suite with a learned program."""

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
    wait_for_end,
    with_gateway,
)
from services.client.outcomes import describe_job, list_findings
from services.client.progress_bar import ProgressBar
from services.client.rest import Client, TaskRef, parse_ref
from services.client.settings import load_settings
from services.client.teaching_options import add_drift_options, add_reference_option
from services.client.terminal import say
from services.common.errors import InvalidInput


def run(arguments: Sequence[str]) -> int:
    """0: converted, or accepted with ``--no-wait``; 2: refused or failed."""
    parser = make_parser("infer", "Convert a file with the program of a trained job.")
    parser.add_argument("job", metavar="USER/JOB", help="the trained job")
    parser.add_argument("--input", required=True, metavar="C.csv", help="the file to convert (or its uri)")
    parser.add_argument("--output", type=Path, metavar="D.csv", help="where the result is written")
    parser.add_argument(
        "--on-unseen",
        choices=("null", "keep", "fail"),
        help="cells that the example did not show how to convert: leave them empty, keep them, or fail",
    )
    add_drift_options(parser)
    add_reference_option(parser)
    parser.add_argument("--safe", action="store_true", help="put an apostrophe before cells a spreadsheet would run")
    parser.add_argument("--idempotency-key", metavar="KEY", help="the same key and file give the same job")
    add_user_option(parser)
    add_wait_options(parser)
    options = parser.parse_args(arguments)
    if options.no_wait and options.output:
        parser.error("--output needs the end to be waited for: `wealth download` fetches it later")

    def infer(client: Client) -> int:
        trained = parse_ref(options.job, options.user or load_settings().wealth_user)
        if isinstance(trained, TaskRef):
            raise InvalidInput("a trained job is needed, not a task", field="job")
        accepted = client.run_inference(
            user_id=trained.user_id,
            job_id=trained.job_id,
            input_file=upload(
                client, options.input, trained.user_id, role="input", idempotency_key=options.idempotency_key
            ),
            on_unseen=options.on_unseen,
            on_drift=options.on_drift,
            columns=dict(options.rename),
            references={
                name: upload(
                    client, file, trained.user_id, role=f"reference {name}", idempotency_key=options.idempotency_key
                )
                for name, file in options.reference
            },
            idempotency_key=options.idempotency_key,
        )
        job = wait_for_end(client, accepted, options)
        if job is None:
            return 0
        if job.succeeded and options.output:
            with ProgressBar("downloading") as bar:
                client.download(job, options.output, safe=options.safe, on_progress=bar.show_bytes)
        print_json(job) if options.json else print_text(describe_job(job))
        if job.succeeded and not options.json:
            for line in list_findings(client.get_report(job.user_id, job.job_id)):
                say(line)
        return 0 if job.succeeded else REFUSED

    return with_gateway(options, infer)
