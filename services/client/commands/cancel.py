"""`wealth cancel`: asks for a task or a job to be cancelled."""

from collections.abc import Sequence

from services.client.gateway_command import add_id_option, make_parser, print_json, print_text, ref_of, with_gateway
from services.client.rest import Client, TaskRef
from services.client.rest.converter_results import Job
from services.client.rest.results import Task


def run(arguments: Sequence[str]) -> int:
    """0: asked for; 2: it is over already, or not there."""
    parser = make_parser("cancel", "Ask for a task or a job to be cancelled.")
    add_id_option(parser)
    options = parser.parse_args(arguments)

    def cancel(client: Client) -> int:
        ref = ref_of(options)
        state: Task | Job
        if isinstance(ref, TaskRef):
            state = client.cancel_task(ref.task_id)
        else:
            state = client.cancel_job(ref.user_id, ref.job_id)
        print_json(state) if options.json else print_text(f"{state.ref}: {state.status}")
        return 0

    return with_gateway(options, cancel)
