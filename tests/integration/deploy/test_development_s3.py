"""The S3 server of the development overlay: its own arguments and credentials, on this machine's ports."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from services.launcher.cluster_secrets import ClusterSecrets
from services.launcher.embedded import find_executable
from services.launcher.free_ports import LOOPBACK, find_free_ports
from services.launcher.process import ChildProcess, wait_until_ready
from services.storage.adapters.s3_bucket import connect_bucket, ensure_bucket
from services.storage.adapters.s3_options import Breaker, S3Options
from tests.support.manifests import DEPLOY

MANIFEST = DEPLOY / "components" / "s3-dev" / "s3.yaml"


@pytest.fixture(scope="module")
def secrets() -> dict[str, dict[str, str]]:
    """What the job of the overlay would make."""
    return ClusterSecrets.make().by_name(nats_address="nats:4222", s3_keys=True)


@pytest.fixture(scope="module")
def container() -> dict[str, Any]:
    """The container, as the manifest has it."""
    documents = yaml.safe_load_all(MANIFEST.read_text())
    (found,) = next(d for d in documents if d["kind"] == "Deployment")["spec"]["template"]["spec"]["containers"]
    assert isinstance(found, dict)
    return found


@pytest.fixture(scope="module")
def url(
    tmp_path_factory: pytest.TempPathFactory, container: dict[str, Any], secrets: dict[str, dict[str, str]]
) -> Iterator[str]:
    """A running server; it is ready once its own probe says so."""
    folder = tmp_path_factory.mktemp("s3")
    (folder / "identities.json").write_text(secrets["s3"]["identities.json"])
    s3, *others = find_free_ports(5)
    moved = {
        "-dir=/data": f"-dir={folder / 'data'}",
        "-ip.bind=0.0.0.0": f"-ip.bind={LOOPBACK}",
        "-s3.port=8333": f"-s3.port={s3}",
        "-s3.config=/etc/s3/identities.json": f"-s3.config={folder / 'identities.json'}",
    }
    arguments = [moved.pop(argument, argument) for argument in container["args"]]
    assert not moved, "the manifest has other arguments than those that are moved"
    arguments += [
        f"-{part}.port={port}" for part, port in zip(("master", "volume", "filer", "admin"), others, strict=True)
    ]
    (folder / "data").mkdir()
    weed = ChildProcess(
        "s3", [find_executable("weed"), *arguments], {"GOMEMLIMIT": "256MiB"}, folder / "log", directory=folder
    )
    weed.start()
    try:
        probe = f"http://{LOOPBACK}:{s3}{container['readinessProbe']['httpGet']['path']}"
        assert wait_until_ready(lambda: is_answered(probe), 300), Path(folder / "log").read_text()
        yield f"http://{LOOPBACK}:{s3}"
    finally:
        weed.kill()


def is_answered(url: str) -> bool:
    """Whether a page answers with 200."""
    try:
        return httpx.get(url, timeout=1).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


async def test_storage_signs_in_with_the_secret_that_the_job_made(url: str, secrets: dict[str, dict[str, str]]) -> None:
    keys = secrets["storage"]
    options = S3Options(
        bucket="wealth", endpoint_url=url, credentials=(keys["AWS_ACCESS_KEY_ID"], keys["AWS_SECRET_ACCESS_KEY"])
    )
    async with connect_bucket(options, Breaker()) as connection:
        await ensure_bucket(connection)
        await connection.check()


async def test_nobody_gets_in_without_it(url: str) -> None:
    async with httpx.AsyncClient() as client:
        answer = await client.put(f"{url}/another-bucket")
    assert answer.status_code == httpx.codes.FORBIDDEN
