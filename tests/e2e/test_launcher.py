"""What a launcher says of its suite, and what others see of it."""

import contextlib
import json
import socket
import stat
import sys
from pathlib import Path

import httpx
import pytest

from tests.support.launched_suite import LISTEN_SETTINGS, LaunchedSuite, is_running, launch, list_family

NAMES = {
    "nats", "s3", "storage", "portfolio", "portfolio-worker", "converter", "converter-worker", "gateway", "events",
}  # fmt: skip


def test_the_description_is_private_and_names_every_process(suite: LaunchedSuite) -> None:
    assert stat.S_IMODE((suite.folder / "suite.json").stat().st_mode) == 0o600
    document = json.loads((suite.folder / "suite.json").read_text())
    assert set(document["pids"]) == set(document["commands"]) == set(document["env"]) == NAMES
    assert all(is_running(pid) for pid in document["pids"].values())


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the limits of other processes")
def test_no_process_leaves_its_memory_in_a_core_file(suite: LaunchedSuite) -> None:
    limits = {pid: Path(f"/proc/{pid}/limits").read_text() for pid in list_family([suite.launcher.pid])}
    core = {
        pid: next(line.split()[4:6] for line in text.splitlines() if "core file" in line)
        for pid, text in limits.items()
    }
    assert set(map(tuple, core.values())) == {("0", "0")}


def test_secrets_are_in_no_log(suite: LaunchedSuite) -> None:
    secrets = json.loads((suite.folder / "secrets.json").read_text())
    words = [word for value in secrets.values() for word in (value.values() if isinstance(value, dict) else [value])]
    logs = {path.name: path.read_text(errors="replace") for path in (suite.folder / "logs").iterdir()}
    # The access key is a name, and servers log names.
    hidden = [word for word in words if word != secrets["s3_access_key"]]
    assert [name for name, log in logs.items() if any(word in log for word in hidden)] == []


def frame(kind: int, payload: bytes) -> bytes:
    """A frame of HTTP/2 on its connection."""
    return len(payload).to_bytes(3, "big") + bytes([kind, 0, 0, 0, 0, 0]) + payload


@pytest.mark.parametrize("name", LISTEN_SETTINGS)
def test_no_words_of_a_strangers_become_lines_of_a_log(suite: LaunchedSuite, name: str) -> None:
    host, _, port = suite.grpc_address(name).rpartition(":")
    forged = b'x\n{"event": "audit", "door": "rest", "status": "forged"}\n'
    with socket.create_connection((host, int(port)), timeout=60) as stranger:
        stranger.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, b""))
        # A GOAWAY with these words, and a ping of the wrong size, which ends the connection: both were read then.
        stranger.sendall(frame(7, bytes(7) + b"\x02" + forged) + frame(6, b"1"))
        with contextlib.suppress(ConnectionResetError):
            while stranger.recv(4096):
                pass
    lines = (suite.folder / "logs" / f"{name}.log").read_text().splitlines()
    events = [json.loads(line) for line in lines]
    assert [event for event in events if event.get("status") == "forged"] == []


def test_nats_refuses_no_service_what_it_needs(suite: LaunchedSuite) -> None:
    httpx.get(f"{suite.rest}/ping", trust_env=False)
    headers = {"X-API-KEY": suite.document["api_key"]}
    assert httpx.get(f"{suite.rest}/api/v1/queue/status", headers=headers, trust_env=False).status_code == 200
    logs = "".join(path.read_text(errors="replace") for path in (suite.folder / "logs").iterdir())
    assert "permissions violation" not in logs.lower()


def test_the_ready_key_opens_rest(suite: LaunchedSuite) -> None:
    answer = httpx.get(f"{suite.rest}/tasks", headers={"X-API-KEY": suite.document["api_key"]}, trust_env=False)
    assert answer.status_code == 200


def test_a_second_launcher_on_the_same_folder_is_refused(suite: LaunchedSuite) -> None:
    second = launch(suite.folder, 9000)
    said, _ = second.communicate(timeout=30)
    assert second.returncode == 1
    assert "another launcher works on" in said


def test_taken_ports_are_named(suite: LaunchedSuite, tmp_path: Path) -> None:
    port = int(suite.rest.rpartition(":")[2])
    second = launch(tmp_path, port)
    said, _ = second.communicate(timeout=30)
    assert second.returncode == 1
    assert f"{port} (REST)" in said
