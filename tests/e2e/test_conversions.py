"""Conversions over REST through all services: what is learned, what it generalises to, and what bad input answers."""

import base64
import gzip
import io
import uuid
import zipfile

import boto3
import httpx
import pytest

from tests.support.eventually import eventually
from tests.support.launched_suite import TERMINAL, LaunchedSuite
from tests.support.workbooks import make_book

# The older converter's own example.
ORDERS = "quantity,price_per_unit,order_status\n10,2.5,pending\n5,10.0,shipped\n1,100.0,pending\n"
SHIPMENTS = (
    "total_price,order_status,shipping_category\n25.0,Pending,Standard\n50.0,Shipped,Express\n100.0,Pending,Standard\n"
)
NEW_ORDERS = "quantity,price_per_unit,order_status\n4,2.5,shipped\n7,3.0,pending\n2,12.25,shipped\n"
NEW_SHIPMENTS = (
    "total_price,order_status,shipping_category\n10.0,Shipped,Express\n21.0,Pending,Standard\n24.5,Shipped,Express\n"
)


def encode(content: str | bytes) -> str:
    """A file as bare base64, as the older clients send it."""
    return base64.b64encode(content.encode() if isinstance(content, str) else content).decode()


def make_user() -> str:
    """A user of a test's own."""
    return f"user-{uuid.uuid4().hex[:8]}"


async def train(client: httpx.AsyncClient, user: str, input_file: str, expected: str) -> httpx.Response:
    """Asks for a training."""
    return await client.post(
        "/api/v1/train",
        json={
            "user_id": user,
            "owner": user,
            "job_title": "Orders to shipments",
            "input_file": input_file,
            "expected_output_file": expected,
        },
    )


async def wait_until_over(client: httpx.AsyncClient, user: str, job_id: str, *, within_s: float = 300) -> dict:
    """Waits for a job's end; returns its metadata."""

    async def look() -> dict | None:
        job = (await client.get(f"/api/v1/{user}/{job_id}")).json()
        return job if job["job_status"] in TERMINAL else None

    return await eventually(look, within_s=within_s, every_s=0.05)


async def test_the_older_converters_example_is_learned_and_generalises(client: httpx.AsyncClient) -> None:
    user = make_user()
    trained = (await train(client, user, encode(ORDERS), encode(SHIPMENTS))).json()
    job = await wait_until_over(client, user, trained["job_id"])
    assert job["job_status"] == "completed", job

    answer = await client.post(
        "/api/v1/inference/run",
        params={"wait": 30},
        json={"user_id": user, "job_id": trained["job_id"], "input_file": encode(NEW_ORDERS)},
    )
    assert answer.status_code == 200, answer.text
    assert base64.b64decode(answer.json()["output_csv_base64"]).decode() == NEW_SHIPMENTS


async def test_workbooks_and_packed_files_are_examples_and_inputs(client: httpx.AsyncClient) -> None:
    """A program learned from a workbook converts another workbook, a gzip file and a ZIP archive alike."""
    user = make_user()
    trained = (await train(client, user, encode(as_book(ORDERS)), encode(gzip.compress(SHIPMENTS.encode())))).json()
    job = await wait_until_over(client, user, trained["job_id"])
    assert job["job_status"] == "completed", job

    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("orders.csv", NEW_ORDERS)
    cover = [["A bank"], ["all of March"]]
    for content in (
        as_book(NEW_ORDERS),
        as_book(NEW_ORDERS, ("Cover", cover)),
        gzip.compress(NEW_ORDERS.encode()),
        archive.getvalue(),
    ):
        answer = await client.post(
            "/api/v1/inference/run",
            params={"wait": 30},
            json={"user_id": user, "job_id": trained["job_id"], "input_file": encode(content)},
        )
        assert base64.b64decode(answer.json()["output_csv_base64"]).decode() == NEW_SHIPMENTS, answer.text


def as_book(text: str, *before: tuple[str, list[list[str]]]) -> bytes:
    """A table as a workbook, its numbers as numbers, behind other sheets."""
    rows = [line.split(",") for line in text.splitlines()]
    return make_book(
        *before, ("Orders", [[float(cell) if cell[0].isdigit() else cell for cell in row] for row in rows])
    )


async def test_json_lines_fail_in_words(client: httpx.AsyncClient) -> None:
    user = make_user()
    trained = (await train(client, user, encode('{"quantity": 1}\n{"quantity": 2}\n'), encode(SHIPMENTS))).json()
    await wait_until_over(client, user, trained["job_id"])

    job = (await client.get(f"/api/v1/{user}/{trained['job_id']}")).json()
    assert "JSON lines, not a table" in str(job)


async def test_a_training_that_nothing_explains_fails_with_its_best_program(client: httpx.AsyncClient) -> None:
    user = make_user()
    riddle = "answer\n" + "".join(f"{word}\n" for word in ("q7x", "zz1", "k0k"))
    trained = (await train(client, user, encode(ORDERS), encode(riddle))).json()
    job = await wait_until_over(client, user, trained["job_id"])
    report = (await client.get(f"/api/v1/{user}/{trained['job_id']}/report")).json()
    assert (job["job_status"], report["status"]) == ("failed", "failed")
    assert report["cells_right"] < 1


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"quantity,price_per_unit,order_status\n", id="only a header"),
        pytest.param(bytes(range(256)) * 64, id="binary"),
    ],
)
async def test_a_file_that_is_no_table_is_refused_or_fails_the_job_with_a_code(
    client: httpx.AsyncClient, content: bytes
) -> None:
    user = make_user()
    answer = await train(client, user, encode(content), encode(SHIPMENTS))
    if answer.status_code == 422:
        assert answer.json()["errors"][0]["field"] == "input_file"
        return
    job = await wait_until_over(client, user, answer.json()["job_id"])
    assert job["job_status"] == "failed"
    assert job["error"]


@pytest.mark.parametrize(
    "address",
    [
        "https://127.0.0.1/a.csv",
        "https://169.254.169.254/latest/meta-data",
        "https://localhost/a.csv",
        "https://[::1]/a.csv",
        "http://example.com/a.csv",
        "s3://wealth/tasks/other.json",
        "file:///etc/passwd",
    ],
)
async def test_an_address_that_points_inside_is_refused_and_leaves_nothing(
    client: httpx.AsyncClient, suite: LaunchedSuite, address: str
) -> None:
    user = make_user()
    answer = await train(client, user, address, encode(SHIPMENTS))
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["field"] == "input_file"
    assert list_keys(suite, f"jobs/{user}/") == []


async def test_a_job_of_another_principal_is_not_found(client: httpx.AsyncClient, suite: LaunchedSuite) -> None:
    user = make_user()
    trained = (await train(client, user, encode(ORDERS), encode(SHIPMENTS))).json()
    other_key = suite.make_key(users=("somebody-else",))
    async with suite.client(other_key) as stranger:

        async def is_let_in() -> bool:
            return (await stranger.get("/api/v1/users/somebody-else/jobs")).status_code == 200

        await eventually(is_let_in)
        assert (await stranger.get(f"/api/v1/{user}/{trained['job_id']}")).status_code == 404
    await wait_until_over(client, user, trained["job_id"])


async def test_a_deleted_job_leaves_no_more_than_the_mark_that_it_is_gone(
    client: httpx.AsyncClient, suite: LaunchedSuite
) -> None:
    user = make_user()
    trained = (await train(client, user, encode(ORDERS), encode(SHIPMENTS))).json()
    await wait_until_over(client, user, trained["job_id"])
    assert list_keys(suite, f"jobs/{user}/") != []
    assert (await client.delete(f"/api/v1/delete/job/{user}/{trained['job_id']}")).status_code == 204
    assert (await client.get(f"/api/v1/{user}/{trained['job_id']}")).status_code == 404
    # Late creations find the mark in the record's place; it goes when none can come any more.
    mark = f"jobs/{user}/{trained['job_id']}/job_metadata.json"
    await eventually(lambda: list_keys(suite, f"jobs/{user}/") in ([mark], []))


@pytest.mark.parametrize("path", ["/api/v1/train", "/task/submit"])
async def test_malformed_json_answers_422(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.post(path, content=b'{"user_id": ', headers={"content-type": "application/json"})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


async def test_an_oversized_body_answers_413(client: httpx.AsyncClient, suite: LaunchedSuite) -> None:
    user = make_user()
    answer = await train(client, user, "QUFB" * (17 << 18), encode(SHIPMENTS))
    assert answer.status_code == 413
    assert list_keys(suite, f"jobs/{user}/") == []


async def test_an_unknown_task_answers_404(client: httpx.AsyncClient) -> None:
    assert (await client.get("/task/task_20260101000000_00000000/status")).status_code == 404


async def test_a_call_without_a_key_answers_401(suite: LaunchedSuite) -> None:
    async with httpx.AsyncClient(base_url=suite.rest, trust_env=False) as nobody:
        assert (await nobody.get("/tasks")).status_code == 401


def list_keys(suite: LaunchedSuite, prefix: str) -> list[str]:
    """What stands in the bucket under a prefix."""
    s3 = suite.document["s3"]
    client = boto3.client(
        "s3",
        endpoint_url=s3["url"],
        aws_access_key_id=s3["access_key"],
        aws_secret_access_key=s3["secret_key"],
        region_name="us-east-1",
    )
    return [entry["Key"] for entry in client.list_objects_v2(Bucket=s3["bucket"], Prefix=prefix).get("Contents", [])]
