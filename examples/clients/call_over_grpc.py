"""An internal service that calls the portfolio service directly over gRPC, for a user of a tenant.

It signs each call with a key of its own; the portfolio service knows its public half by TRUSTED_CALLERS. Programs
without such a key call the gateway's gRPC door with an API key instead (docs/grpc.md).

    CALLER=crm CALLER_KEY=<base64 of 32 bytes> python examples/clients/call_over_grpc.py \
        --portfolio 127.0.0.1:9102 --tenant default --user ananya examples/portfolio/review.json
"""

import argparse
import asyncio
import json
import os
import sys
from pathlib import Path
from uuid import uuid4

from wealth.portfolio.v1 import portfolio_pb2 as pb
from wealth.portfolio.v1 import portfolio_pb2_grpc

from services.common.channels import open_channel, translated_errors
from services.common.context import acting_as
from services.common.errors import WealthError
from services.common.identity import Principal, TokenSigner, load_private_key

SERVICE = "wealth.portfolio.v1.PortfolioService"


async def analyse(stub: "portfolio_pb2_grpc.PortfolioServiceAsyncStub", user: str, payloads: list[str]) -> pb.Task:
    """Creates a task, follows it to its end and returns it with its sections."""
    request = pb.CreateTaskRequest(
        # Creating again with the same request_id gives the same task: keep it with your own record of the work.
        username=user, payloads_json=payloads, request_id=uuid4().hex
    )  # fmt: skip
    task = await stub.CreateTask(request, timeout=10)
    # A watch lasts as long as the task; when a service restarts it ends, and is taken up again in the same way.
    async for event in stub.WatchTask(pb.WatchTaskRequest(task_id=task.task_id)):
        print(event.progress, event.message)
        if event.terminal:
            break
    return await stub.GetTask(pb.GetTaskRequest(task_id=task.task_id, view=pb.TASK_VIEW_FULL), timeout=10)


async def main() -> int:
    """Returns 0 where every section was analysed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--portfolio", required=True, metavar="HOST:PORT")
    parser.add_argument("--tenant", required=True)
    parser.add_argument("--user", required=True)
    parser.add_argument("payload", type=Path)
    options = parser.parse_args()
    text = await asyncio.to_thread(options.payload.read_text, encoding="utf-8")
    payloads = [json.dumps(payload) for payload in json.loads(text)["data"]]

    caller = os.environ["CALLER"]
    signer = TokenSigner(caller, load_private_key(os.environ["CALLER_KEY"]))
    # On whose behalf: the service checks the user against it, and knows the tenant from nowhere else.
    principal = Principal(options.tenant, f"service:{caller}", frozenset({options.user}), frozenset({"portfolio"}))
    try:
        async with open_channel(options.portfolio, audience="portfolio", signer=signer, service=SERVICE) as channel:
            with acting_as(principal), translated_errors():
                task = await analyse(portfolio_pb2_grpc.PortfolioServiceStub(channel), options.user, payloads)
    except WealthError as error:
        print(f"{error.reason}: {error.message}", file=sys.stderr)
        return 1
    for section in task.sections:
        print(f"{section.name}: {section.response.partition('. ')[0]}")
    return 0 if task.status == pb.TASK_STATUS_COMPLETED else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
