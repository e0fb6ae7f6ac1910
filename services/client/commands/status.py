"""`wealth status`: where a task or a job stands, and how it came there."""

from collections.abc import Sequence

from services.client.gateway_command import add_id_option, make_parser, print_json, print_text, ref_of, with_gateway
from services.client.outcomes import describe_job, describe_task
from services.client.rest import Client, TaskRef
from services.client.rest.results import JobRef


def run(arguments: Sequence[str]) -> int:
    """0: it was read, however it stands."""
    parser = make_parser("status", "Show where a task or a job stands.")
    add_id_option(parser)
    options = parser.parse_args(arguments)

    return with_gateway(options, lambda client: show_state(client, ref_of(options), as_json=options.json))


def show_state(client: Client, ref: TaskRef | JobRef, *, as_json: bool) -> int:
    """Prints a task or a job with its history."""
    if isinstance(ref, TaskRef):
        task = client.get_task(ref.task_id)
        print_json(task) if as_json else print_text(describe_task(task))
    else:
        job = client.get_job(ref.user_id, ref.job_id)
        print_json(job) if as_json else print_text(describe_job(job))
    return 0
