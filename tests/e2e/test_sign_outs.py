"""Signing out of the dashboard where several gateways run, and where they are started again."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from services.launcher.free_ports import find_free_ports
from services.launcher.process import wait_until_ready
from tests.support.launched_suite import START_TIMEOUT_S, LaunchedSuite


def is_live(address: str) -> bool:
    try:
        return httpx.get(f"{address}/livez", timeout=5, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


@contextmanager
def another_gateway(suite: LaunchedSuite) -> Iterator[str]:
    """Another process of the gateway, as a second replica or as the first one started again; its address."""
    rest_port, grpc_port = find_free_ports(2)
    address = f"http://127.0.0.1:{rest_port}"
    process = subprocess.Popen(
        suite.document["commands"]["gateway"],
        env={
            **suite.document["env"]["gateway"],
            "GATEWAY_LISTEN": f"127.0.0.1:{rest_port}",
            "GATEWAY_GRPC_LISTEN": f"127.0.0.1:{grpc_port}",
            "METRICS_LISTEN": "127.0.0.1:0",
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert wait_until_ready(lambda: is_live(address), START_TIMEOUT_S)
        yield address
    finally:
        process.kill()
        process.wait()


def browse(address: str, cookies: dict[str, str]) -> int:
    return httpx.get(f"{address}/dashboard", cookies=cookies, timeout=120, trust_env=False).status_code


def test_a_copied_cookie_is_dead_at_another_gateway_and_after_a_restart(suite: LaunchedSuite) -> None:
    with another_gateway(suite) as other:
        with httpx.Client(base_url=suite.rest, timeout=120, trust_env=False) as browser:
            browser.post("/dashboard/login", data={"key": suite.document["api_key"]})
            copy = dict(browser.cookies)
            before = browse(other, copy)
            token = re.findall(r'name="csrf_token" value="([0-9a-f]{64})"', browser.get("/dashboard").text)[0]
            assert browser.post("/dashboard/logout", data={"csrf_token": token}).status_code == 303
        assert (before, browse(other, copy), browse(suite.rest, copy)) == (200, 303, 303)
    with another_gateway(suite) as started_again:
        assert browse(started_again, copy) == 303
