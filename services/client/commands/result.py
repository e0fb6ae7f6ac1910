"""`wealth result`: what a finished task found, or the report of a finished training or inference."""

from collections.abc import Sequence

from services.client.exit_codes import REFUSED
from services.client.gateway_command import add_id_option, make_parser, print_json, print_text, ref_of, with_gateway
from services.client.outcomes import describe_report, describe_task_result, list_findings
from services.client.rest import Client, TaskRef


def run(arguments: Sequence[str]) -> int:
    """0: it is there; 2: it is not, or the task did not complete (what it found is printed)."""
    parser = make_parser("result", "Show what a task found, or a job's report.")
    add_id_option(parser)
    options = parser.parse_args(arguments)

    def show(client: Client) -> int:
        ref = ref_of(options)
        if isinstance(ref, TaskRef):
            result = client.get_task_result(ref.task_id)
            print_json(result) if options.json else print_text(describe_task_result(result))
            return 0 if result.status == "completed" else REFUSED
        report = client.get_report(ref.user_id, ref.job_id)
        print_json(report) if options.json else print_text("\n".join((describe_report(report), *list_findings(report))))
        return 0

    return with_gateway(options, show)
