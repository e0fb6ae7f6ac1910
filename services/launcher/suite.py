"""The running suite: starts its processes, waits until they are healthy, says when one dies, stops them in order."""

import fcntl
import json
import queue
import signal
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from services.launcher import console
from services.launcher.boarding import Boarding
from services.launcher.components import Component
from services.launcher.embedded import NatsServer, S3Credentials, S3Server, fetch_json
from services.launcher.free_ports import LOOPBACK, is_port_free
from services.launcher.log_files import rotating
from services.launcher.plan import (
    NATS_OPERATOR,
    STOP_ORDER,
    Ports,
    Servers,
    ServicePlan,
    plan_nats_users,
    plan_services,
)
from services.launcher.process import ChildProcess, StartFailed
from services.launcher.secrets import Secrets, load_secrets, write_private_file
from services.launcher.settings import LauncherSettings, select_machine_environment

PREPARING_FACTOR = 5
"""How many times as long as other services storage may take to start: it prepares the bucket and the queues first,
for which it waits no longer than `STORAGE_BOOTSTRAP_TIMEOUT_S`."""


class Interrupted(BaseException):
    """SIGINT or SIGTERM came: stop everything. A BaseException, so that no `except Exception` swallows it."""


class Suite:
    """NATS, S3 and the services of one installation, as children of this process.

    Nothing is restarted: a process that dies stays dead until somebody starts it again by the command and environment
    in ``suite.json``. What was started so stops with the rest.
    """

    def __init__(self, settings: LauncherSettings, environment: Mapping[str, str]) -> None:
        self._settings = settings
        self._folder = settings.wealth_data_dir.absolute()
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise StartFailed(
                f"{self._folder} cannot be made for the suite's data ({error.strerror}): "
                "WEALTH_DATA_DIR names another folder"
            ) from error
        self._environment = environment
        self._deaths: queue.SimpleQueue[tuple[str, int]] = queue.SimpleQueue()
        self._stopping = False
        self.ports = Ports(settings.wealth_port_base)
        try:
            self.secrets: Secrets = load_secrets(self._folder)
        except OSError as error:
            raise StartFailed(
                f"{self._folder} cannot be used for the suite's data ({error.strerror}): "
                "WEALTH_DATA_DIR names another folder"
            ) from error
        self._outside = settings.wealth_servers == "outside"
        self._processes: dict[str, ChildProcess] = {} if self._outside else self._plan_servers()
        self.services: dict[str, ServicePlan] = plan_services(
            self.ports,
            self.secrets,
            self._folder,
            environment,
            servers=Servers.outside(environment) if self._outside else None,
            listen=settings.wealth_listen,
        )
        for plan in self.services.values():
            self._processes[plan.name] = ChildProcess(
                plan.name,
                [*plan.command, *plan.at_first],
                {**plan.environment, **self._component(plan.name).environment},
                self._log_path(plan.name),
            )

    def _plan_servers(self) -> dict[str, ChildProcess]:
        """NATS and S3 of the suite's own."""
        machine = select_machine_environment(self._environment)
        self.nats = NatsServer(
            self._folder / "nats",
            self.ports.nats,
            environment={**machine, **self._component("nats").environment},
            users=plan_nats_users(self.secrets),
            log_path=self._log_path("nats"),
        )
        self.s3 = S3Server(
            self._folder / "s3",
            self.ports.s3,
            S3Credentials(self.secrets.s3_access_key, self.secrets.s3_secret_key),
            environment={**machine, **self._component("s3").environment},
            log_path=self._log_path("s3"),
        )
        return {"nats": self.nats, "s3": self.s3}

    @property
    def rest_url(self) -> str:
        """The address of REST, pages and documentation."""
        return f"http://{LOOPBACK}:{self.ports.rest}"

    @property
    def grpc_address(self) -> str:
        """The address of the gRPC door."""
        return f"{LOOPBACK}:{self.ports.grpc}"

    def read_notices(self) -> list[str]:
        """What the running suite would have whoever started it know."""
        notices = (fetch_json(f"{self.rest_url}/health") or {}).get("notices")
        return [str(notice) for notice in notices] if isinstance(notices, list) else []

    @property
    def suite_file(self) -> Path:
        """Where a healthy suite is described for whoever wants to use or disturb it."""
        return self._folder / "suite.json"

    @contextmanager
    def running(self) -> Iterator[None]:
        """Starts everything, hands over a healthy suite, stops everything.

        Raises StartFailed, and Interrupted where a signal asks for the end.
        """
        with self._hold_folder(), _signals_interrupt(), rotating(self._folder / "logs"):
            try:
                self._check_ports()
                self._start()
                self._write_suite_file()
                yield
            finally:
                self._stop()

    def wait_for_death(self) -> tuple[str, int]:
        """Waits until one of the processes ends by itself; returns its name and exit status (negative: a signal)."""
        return self._deaths.get()

    def deaths(self) -> list[tuple[str, int]]:
        """The processes that ended by themselves since the last look."""
        found = []
        while not self._deaths.empty():
            found.append(self._deaths.get())
        return found

    def _start(self) -> None:
        timeout_s = self._settings.wealth_start_timeout_s
        if not self._outside:
            for server in (self.nats, self.s3):
                self._start_process(server.name)
        boarding = Boarding(self.services.values(), self._start_process)
        if not self._outside:
            with console.step("NATS") as details:
                self.nats.wait_until_serving(timeout_s)
                details.append(f"{LOOPBACK}:{self.ports.nats}")
            with console.step("S3") as details:
                self.s3.wait_until_serving(timeout_s)
                details.append(self.s3.url)
        for plan in self.services.values():
            # Storage serves once it has made these.
            made = " (bucket, lifecycle, streams, consumers)" if plan.name == "storage" else ""
            factor = PREPARING_FACTOR if made else 1
            with console.step(f"{plan.name}{made}") as details:
                self._processes[plan.name].wait_ready(partial(boarding.is_serving, plan.name), factor * timeout_s)
                details.append(plan.health_address)
        with console.step("the suite as a whole") as details:
            self._processes["gateway"].wait_ready(lambda: fetch_json(f"{self.rest_url}/health") is not None, timeout_s)
            details.append(f"{self.rest_url}/health")

    def _start_process(self, name: str) -> None:
        process = self._processes[name]
        process.start()
        threading.Thread(target=self._report_death, args=(process,), daemon=True).start()

    def _report_death(self, process: ChildProcess) -> None:
        status = process.wait()
        if not self._stopping:
            self._deaths.put((process.name, status))

    def _stop(self) -> None:
        self._stopping = True
        self.suite_file.unlink(missing_ok=True)
        for names in STOP_ORDER:
            group = [(self._processes[name], self._component(name)) for name in names if name in self._processes]
            for process, component in group:
                process.send_signal(signal.SIGTERM)
                component.ask_to_stop()
            deadline = time.monotonic() + self._settings.stop_grace_s
            for process, component in group:
                for part in (process, component):
                    if not part.stop(max(0.0, deadline - time.monotonic())):
                        console.warn(f"{process.name} did not end in time and was killed")

    def _check_ports(self) -> None:
        taken = [f"{port} ({use})" for use, port in self.ports.all().items() if not is_port_free(port)]
        if taken:
            raise StartFailed(
                f"these ports are taken: {', '.join(taken)}. Is the suite running already? Otherwise choose others: "
                f"WEALTH_PORT_BASE={self.ports.base + 100} make run"
            )

    def _write_suite_file(self) -> None:
        """Describes the running suite. Holds secrets, so only the owner can read it."""
        document = {
            "rest": self.rest_url,
            "grpc": self.grpc_address,
            "api_key": self.secrets.api_key,
            **self._describe_servers(),
            "pids": {name: process.pid for name, process in self._processes.items()},
            "commands": {name: list(process.command) for name, process in self._processes.items()},
            "env": {name: dict(process.environment) for name, process in self._processes.items()},
        }
        write_private_file(self.suite_file, json.dumps(document, indent=1) + "\n")

    def _describe_servers(self) -> dict[str, Any]:
        """NATS and S3 as suite.json names them: for whoever looks on, or outside as the services were told."""
        storage = self.services["storage"].environment
        return {
            "nats": storage["NATS_URL"] if self._outside else self.nats.url_of(NATS_OPERATOR),
            "s3": {
                "url": storage.get("S3_ENDPOINT_URL", ""),
                "bucket": storage["S3_BUCKET_NAME"],
                "access_key": storage.get("AWS_ACCESS_KEY_ID", ""),
                "secret_key": storage.get("AWS_SECRET_ACCESS_KEY", ""),
            },
        }

    def _component(self, name: str) -> Component:
        return Component(self._folder, name)

    def _log_path(self, name: str) -> Path:
        return self._folder / "logs" / f"{name}.log"

    @contextmanager
    def _hold_folder(self) -> Iterator[None]:
        """Keeps a second launcher out of the data. The lock goes with the process, however it ends."""
        with (self._folder / "launcher.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise StartFailed(f"another launcher works on {self._folder}") from error
            yield


@contextmanager
def _signals_interrupt() -> Iterator[None]:
    """Turns SIGINT and SIGTERM into Interrupted once; while stopping, further ones change nothing."""
    came = False

    def on_signal(_signum: int, _frame: object) -> None:
        nonlocal came
        if not came:
            came = True
            raise Interrupted

    before = {signum: signal.signal(signum, on_signal) for signum in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)
