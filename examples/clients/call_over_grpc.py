"""An internal service that calls the portfolio service directly over gRPC, for a user of a tenant.

It imports nothing of the suite: grpcio-tools, PyJWT[crypto] and the folder protos/ on PYTHONPATH are enough. Each call
carries a token that this service signs with a key of its own; the portfolio service knows its public half by
TRUSTED_CALLERS. Programs without such a key call the gateway's gRPC door with an API key instead (docs/grpc.md).

    CALLER=crm CALLER_KEY=<base64 of 32 bytes> PYTHONPATH=protos python examples/clients/call_over_grpc.py \
        127.0.0.1:9102 default ananya examples/portfolio/review.json
"""

import base64
import json
import os
import sys
import time
import uuid
from pathlib import Path

import grpc
import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

address, tenant, user, path = sys.argv[1:]
pb, stubs = grpc.protos_and_services("wealth/portfolio/v1/portfolio.proto")  # or generated: docs/grpc.md
key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(os.environ["CALLER_KEY"]))


def sign(method: str) -> list[tuple[str, str]]:
    """The metadata of one call: who calls whom, which method, and on whose behalf, for at most 60 s."""
    now, caller = int(time.time()), os.environ["CALLER"]
    claims = {"iss": caller, "aud": "portfolio", "method": f"/wealth.portfolio.v1.PortfolioService/{method}",
              "sub": f"service:{caller}", "tenant": tenant, "users": [user], "scopes": ["portfolio"],
              "iat": now, "exp": now + 60}  # fmt: skip
    return [("authorization", "Bearer " + jwt.encode(claims, key, algorithm="EdDSA"))]


with grpc.insecure_channel(address) as channel:
    portfolio = stubs.PortfolioServiceStub(channel)
    payloads = [json.dumps(payload) for payload in json.loads(Path(path).read_text("utf-8"))["data"]]
    # Creating again with the same request_id gives the same task: keep it with your own record of the work.
    request = pb.CreateTaskRequest(username=user, payloads_json=payloads, request_id=uuid.uuid4().hex)
    task = portfolio.CreateTask(request, metadata=sign("CreateTask"), timeout=10)
    # Until the task's end; a service that restarts ends the watch before, with UNAVAILABLE: watch again.
    for event in portfolio.WatchTask(pb.WatchTaskRequest(task_id=task.task_id), metadata=sign("WatchTask")):
        print(event.progress, event.message)
    request = pb.GetTaskRequest(task_id=task.task_id, view=pb.TASK_VIEW_FULL)
    for section in portfolio.GetTask(request, metadata=sign("GetTask"), timeout=10).sections:
        print(f"{section.name}: {section.response.partition('. ')[0]}")
