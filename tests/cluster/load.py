"""Clients inside of the cluster, over REST and gRPC, on kept connections, that try nothing twice: a line a request.

Runs in a pod of the gateway's image, whose Python has gRPC and the generated messages; for the rest the standard
library does. ``python load.py REST_HOST:PORT GRPC_HOST:PORT``, the key in ``API_KEY``, until it is killed. Lines:
``{"at", "took", "what", "ok", "status", "retry_after", "error"}`` for a request (``retry_after``: whether the answer
says when to come back), ``{"job": path}`` for one that was accepted, ``{"over": path, "state"}`` once it has ended.
"""

import base64
import http.client
import itertools
import json
import os
import queue
import random
import sys
import threading
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import grpc
from wealth.converter.v1 import converter_pb2, converter_pb2_grpc
from wealth.portfolio.v1 import portfolio_pb2, portfolio_pb2_grpc

ORDERS = b"quantity,price_per_unit,order_status\n10,2.5,pending\n5,10.0,shipped\n1,100.0,pending\n"
SHIPMENTS = (
    b"total_price,order_status,shipping_category\n25.0,Pending,Standard\n50.0,Shipped,Express\n100.0,Pending,Standard\n"
)
CLIENTS_OF_A_KIND = 2
PAUSE_S = 0.2
# Each so many requests of a REST client one is a training, which is work for seconds.
TRAIN_EVERY = 10
TIMEOUT_S = 30
TERMINAL = {"completed", "failed", "error", "cancelled"}
_lock = threading.Lock()
_jobs: "queue.SimpleQueue[str]" = queue.SimpleQueue()


def say(**line: Any) -> None:
    """Writes a line, whole."""
    with _lock:
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()


def note(what: str, call: Callable[[], tuple[bool, str, bool, Any]]) -> Any:
    """Makes a request and writes its line; returns what it brought, None where it failed."""
    at = time.time()
    try:
        ok, status, retry_after, value = call()
        error = "" if ok else str(value)[:300]
    except (OSError, http.client.HTTPException) as failure:
        ok, status, retry_after, value, error = False, "connection", False, None, f"{type(failure).__name__}: {failure}"
    except grpc.RpcError as failure:
        code = failure.code()  # type: ignore[attr-defined]
        ok, status, value, error = False, code.name, None, str(failure.details())[:300]  # type: ignore[attr-defined]
        # gRPC's own word for "come back".
        retry_after = code is grpc.StatusCode.UNAVAILABLE
    say(at=at, took=round(time.time() - at, 3), what=what, ok=ok, status=status, retry_after=retry_after, error=error)
    return value if ok else None


class Rest:
    """A REST client with one connection, opened again where the other side said that it closes it."""

    def __init__(self, address: str, key: str) -> None:
        self._address, self._headers = address, {"X-API-KEY": key, "Content-Type": "application/json"}
        self._connection = http.client.HTTPConnection(address, timeout=TIMEOUT_S)
        self.user = f"user-{uuid4().hex[:8]}"

    def call(self, method: str, path: str, body: Any = None) -> tuple[bool, str, bool, Any]:
        """One request: whether it was done, its status, whether it says when to come back, its document."""
        try:
            self._connection.request(method, path, None if body is None else json.dumps(body), self._headers)
            answer = self._connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException):
            self._connection.close()
            raise
        ok = answer.status < 300
        return (
            ok,
            str(answer.status),
            answer.getheader("retry-after") is not None,
            json.loads(content) if ok else content,
        )

    def run(self) -> None:
        """Asks for ever."""
        for number in itertools.count(1):
            if number % TRAIN_EVERY == 0:
                files = {
                    "input_file": base64.b64encode(ORDERS).decode(),
                    "expected_output_file": base64.b64encode(SHIPMENTS).decode(),
                }
                body = {"user_id": self.user, "owner": self.user, "job_title": "load", **files}
                done = note("REST train", lambda body=body: self.call("POST", "/api/v1/train", body))
                if done:
                    path = f"/api/v1/{self.user}/{done['job_id']}"
                    say(job=path)
                    _jobs.put(path)
            else:
                note("REST list", lambda: self.call("GET", f"/api/v1/users/{self.user}/jobs"))
            time.sleep(PAUSE_S)


def follow_jobs(address: str, key: str) -> None:
    """Looks after accepted jobs until each has ended. Its own requests are not noted."""
    client, waiting = Rest(address, key), []
    while True:
        while not _jobs.empty():
            waiting.append(_jobs.get())
        for path in list(waiting):
            try:
                ok, _, _, document = client.call("GET", path)
            except (OSError, http.client.HTTPException, ValueError):
                continue
            if ok and document["job_status"] in TERMINAL:
                say(over=path, state=document["job_status"])
                waiting.remove(path)
        time.sleep(1)


def run_grpc(address: str, key: str) -> None:
    """Asks for ever, on one channel. gRPC's own repeating is off."""
    channel = grpc.insecure_channel(address, options=[("grpc.enable_retries", 0)])
    converter = converter_pb2_grpc.ConverterServiceStub(channel)
    portfolio = portfolio_pb2_grpc.PortfolioServiceStub(channel)
    metadata = (("x-api-key", key),)
    calls: tuple[tuple[str, Any, Any], ...] = (
        ("gRPC ListJobs", converter.ListJobs, converter_pb2.ListJobsRequest(user_id="load")),
        ("gRPC ListTasks", portfolio.ListTasks, portfolio_pb2.ListTasksRequest()),
    )
    while True:
        what, method, request = random.choice(calls)
        note(what, lambda m=method, r=request: (True, "OK", False, m(r, metadata=metadata, timeout=TIMEOUT_S)))
        time.sleep(PAUSE_S)


def main(arguments: list[str]) -> None:
    """Starts the clients."""
    rest, door = arguments
    key = os.environ["API_KEY"]
    threads = [threading.Thread(target=follow_jobs, args=(rest, key), daemon=True)]
    for _ in range(CLIENTS_OF_A_KIND):
        threads.append(threading.Thread(target=Rest(rest, key).run, daemon=True))
        threads.append(threading.Thread(target=run_grpc, args=(door, key), daemon=True))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main(sys.argv[1:])
