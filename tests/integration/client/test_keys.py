"""`wealth keys` beside a running gateway: what it changes counts without a restart."""

from pathlib import Path
from typing import Any

from wealth.portfolio.v1 import portfolio_pb2

from tests.integration.client.test_commands import run
from tests.support.eventually import eventually
from tests.support.gateway import KEY_SECRET, RunningGateway


async def keys(gateway: RunningGateway, folder: Path, *arguments: str) -> Any:
    command, *rest = arguments
    return await run(
        gateway, folder, "keys", command, "--file", str(gateway.keys_file), *rest, GATEWAY_KEY_SECRET=KEY_SECRET
    )


async def status_with(gateway: RunningGateway, key: str, path: str = "/tasks") -> int:
    return (await gateway.rest.get(path, headers={"X-API-KEY": key})).status_code


async def test_a_new_key_is_accepted_and_a_revoked_one_refused_without_a_restart(
    own_gateway: RunningGateway, tmp_path: Path
) -> None:
    own_gateway.suite.portfolio.answers["ListTasks"] = lambda _: portfolio_pb2.ListTasksResponse()
    made = await keys(own_gateway, tmp_path, "create", "--tenant", "acme", "--user", "alice", "--scope", "portfolio")
    key = made.out.strip()

    async def has(status: int) -> bool:
        return await status_with(own_gateway, key) == status

    await eventually(lambda: has(200))
    principal = own_gateway.suite.portfolio.last("ListTasks").principal
    assert principal is not None
    assert (principal.tenant, principal.users) == ("acme", frozenset({"alice"}))
    assert await status_with(own_gateway, key, "/api/v1/files") == 403
    await keys(own_gateway, tmp_path, "revoke", key.partition(".")[0])
    await eventually(lambda: has(401))
    assert await status_with(own_gateway, own_gateway.key) == 200
