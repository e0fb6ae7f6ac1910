"""`wealth queue`: how many jobs wait and run, and whether there is somebody to do them."""

from collections.abc import Sequence

from services.client.gateway_command import make_parser, print_json, print_text, with_gateway
from services.client.rest import Client
from services.client.tables import format_table


def run(arguments: Sequence[str]) -> int:
    """0: it was read, however it stands."""
    options = make_parser("queue", "Show the queues and their workers.").parse_args(arguments)

    def show(client: Client) -> int:
        conversions, tasks = client.get_queue(), client.ping()
        if options.json:
            print_json({"converter": conversions, "portfolio": tasks})
            return 0
        info = conversions.queue_info
        wait_min = conversions.capacity_utilization.estimated_wait_time_minutes
        rows = [
            (
                "converter",
                conversions.status,
                info.worker_processes,
                info.max_workers,
                info.active_jobs,
                info.queue_size,
                "" if wait_min is None else f"{wait_min:g} min",
            ),
            (
                "portfolio",
                tasks.status,
                _known(tasks.worker_processes),
                tasks.workers,
                _known(tasks.active_tasks),
                tasks.queue_size,
                "",
            ),
        ]
        print_text(format_table(("service", "status", "processes", "slots", "running", "waiting", "wait"), rows))
        return 0

    return with_gateway(options, show)


def _known(count: int | None) -> object:
    """A gateway of an earlier release does not tell all."""
    return "" if count is None else count
