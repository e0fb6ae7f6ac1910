"""The demonstration: the whole suite on free ports and a temporary folder, on real input, every result checked.

It speaks to the suite as any client would: over REST, with a key. What it expects stands here and in ``examples/``
and was worked out by hand, not taken from the suite.
"""

import json
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx

from services.launcher import console
from services.launcher.free_ports import reserve_ports
from services.launcher.process import StartFailed
from services.launcher.settings import LauncherSettings, read_own_environment, select_machine_environment
from services.launcher.suite import Interrupted, Suite

EXAMPLES = Path(__file__).parents[2] / "examples"
USER = "ananya"
JOB_TIMEOUT_S = 300.0
CALL_TIMEOUT_S = 30.0
NARRATIVE_CHARS = 600
SHOWN_ROWS = 5

# Worked out from examples/portfolio/review.json: a client of Rs 1.86 crore. Compared to four decimals.
EXPECTED_FACTS: Mapping[str, Mapping[str, str]] = {
    "portfolio_snapshot": {
        "market_value": "18640000",
        "cost": "14200000",
        "gain": "4440000",
        "gain_pct": "31.2676",
        "cash_pct": "5.0966",
        "xirr_excess": "1.3",
    },
    "top_movers": {
        "contribution.bharti_airtel": "0.4888",
        "contribution.infosys": "-0.3504",
        "total_contribution": "0.3968",
    },
    "model_and_rebalancing": {
        "drift.corporate_bond_fund": "-7",
        "trade.nifty_50_index_fund": "-1118400",
        "trade.flexi_cap_fund": "-260960",
        "trade.corporate_bond_fund": "1304800",
        "trade.gold_etf": "93200",
        "trade.liquid_fund": "-18640",
        "breaches": "2",
    },
}
FIGURE_STEP = Decimal("0.0001")
# The sums of examples/broker/holdings-2026-10.csv.
EXPECTED_HOLDINGS: Mapping[str, str] = {"market_value": "4682523.35", "cost": "3476529.50", "count": "14"}


class DemoFailed(RuntimeError):
    """The suite answered something else than it should have."""


class _Checks:
    """Compares results with what is right, says so, and counts what is wrong."""

    def __init__(self) -> None:
        self.right = 0
        self.wrong = 0

    def equal(self, what: str, got: object, expected: object) -> None:
        """Notes one comparison; only a wrong one is printed."""
        if got == expected:
            self.right += 1
            return
        self.wrong += 1
        console.warn(f"  ✗ {what}: {_shorten(got)} where {_shorten(expected)} is right")


class _Client:
    """The REST calls that the demonstration makes."""

    def __init__(self, base_url: str, api_key: str) -> None:
        # trust_env: a proxy of the machine has no business between here and the loopback address.
        self._http = httpx.Client(
            base_url=base_url, headers={"X-API-KEY": api_key}, timeout=CALL_TIMEOUT_S, trust_env=False
        )

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    def call(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        """Makes a call. Raises DemoFailed with the problem's own words where it is refused."""
        answer = self._http.request(method, path, **arguments)
        if answer.is_error:
            raise DemoFailed(f"{method} {path} answered {answer.status_code}: {answer.text}")
        return answer

    def upload(self, file: Path) -> str:
        """Uploads a file as a stream; returns its URI."""
        answer = self.call(
            "POST", "/api/v1/files", params={"user_id": USER, "file_name": file.name}, content=file.open("rb")
        )
        return str(answer.json()["uri"])

    def watch(self, path: str) -> Iterator[dict[str, Any]]:
        """Yields a job's events until it is over. Raises DemoFailed where that takes too long."""
        deadline = time.monotonic() + JOB_TIMEOUT_S
        with self._http.stream("GET", path, headers={"Accept": "text/event-stream"}) as answer:
            if answer.is_error:
                raise DemoFailed(f"GET {path} answered {answer.status_code}: {answer.read().decode()}")
            for line in answer.iter_lines():
                if time.monotonic() > deadline:
                    break
                if line.startswith("data:"):
                    event = json.loads(line.removeprefix("data:"))
                    yield event
                    if event["terminal"]:
                        return
        raise DemoFailed(f"{path} is not over after {JOB_TIMEOUT_S:g} s")


def demo() -> int:
    """Runs the demonstration. Returns 0 where every result is right, 1 otherwise; the logs are kept then."""
    began = time.monotonic()
    checks = _Checks()
    folder = Path(tempfile.mkdtemp(prefix="wealth-demo-"))
    try:
        _run(folder, checks)
    except Interrupted:
        console.say("\nStopped.")
        shutil.rmtree(folder, ignore_errors=True)
        return 130
    except (DemoFailed, StartFailed, httpx.HTTPError) as error:
        console.warn(f"\n{type(error).__name__}: {error}")
        checks.wrong += 1
    if checks.wrong:
        console.warn(
            f"\nNot every result is right: {checks.wrong} wrong, {checks.right} right. Logs: {folder / 'logs'}"
        )
        return 1
    shutil.rmtree(folder)
    took_s = time.monotonic() - began
    console.head(console.style(f"All {checks.right} results are right, after {took_s:.0f} s.", "green"))
    console.say("  make run  starts the suite for use; its documentation is at /docs, its dashboard at /dashboard.")
    return 0


def _run(folder: Path, checks: _Checks) -> None:
    # The machine's environment alone: somebody's model or keys must not change what is shown.
    suite = Suite(
        LauncherSettings(_env_file=None, wealth_data_dir=folder, wealth_port_base=reserve_ports().start),
        select_machine_environment(read_own_environment()),
    )
    console.head("Starting NATS, S3 and the services")
    with suite.running():
        client = _Client(suite.rest_url, suite.secrets.api_key)
        try:
            _analyse_sections(client, checks)
            job_id = _convert_statements(client, checks)
            _analyse_holdings(client, checks, job_id)
        finally:
            client.close()
            for name, status in suite.deaths():
                console.warn(f"{name} ended with status {status} while it was needed")
                checks.wrong += 1
        console.head("Stopping")


def _analyse_sections(client: _Client, checks: _Checks) -> None:
    console.head("A client's portfolio: three sections, figures in lakh and crore")
    payloads = json.loads((EXAMPLES / "portfolio" / "review.json").read_text())["data"]
    result = _run_task(client, payloads)
    checks.equal("the task's status", result["status"], "completed")
    checks.equal("the sections", list(result["data"]), list(EXPECTED_FACTS))
    for name, expected in EXPECTED_FACTS.items():
        section = result["data"].get(name)
        if section is not None:
            _show_section(section, list(expected))
            _check_section(checks, name, section, expected)


def _convert_statements(client: _Client, checks: _Checks) -> str:
    """Learns from September, converts October; returns the job whose output is the October holdings."""
    console.head("A broker's statement: learned from September, applied to October")
    broker = EXAMPLES / "broker"
    trained = client.call(
        "POST",
        "/api/v1/train",
        json={
            "user_id": USER,
            "owner": USER,
            "job_title": "Holdings statement to positions",
            "input_file": client.upload(broker / "statement-2026-09.csv"),
            "expected_output_file": client.upload(broker / "holdings-2026-09.csv"),
            "general_instructions": "Positions that were closed during the month are left out.",
            "column_instructions": {"asset_class": "ETF where the stock name contains ETF, otherwise Equity"},
        },
    ).json()
    _follow_job(client, trained["job_id"], "train on the pair of September")
    program = client.call("GET", f"/api/v1/{USER}/{trained['job_id']}/program").text
    console.say(_indent(program, "    "))
    report = client.call("GET", f"/api/v1/{USER}/{trained['job_id']}/report").json()
    checks.equal("the share of September's cells that the program reproduces", report["cells_right"], 1.0)

    inference = client.call(
        "POST",
        "/api/v1/inference/run",
        json={
            "user_id": USER,
            "job_id": trained["job_id"],
            "input_file": client.upload(broker / "statement-2026-10.csv"),
        },
    ).json()
    _follow_job(client, inference["job_id"], "convert the statement of October")
    output = client.call("GET", f"/api/v1/{USER}/{inference['job_id']}/output").content
    console.say(_indent("\n".join(output.decode().splitlines()[: SHOWN_ROWS + 1]), "    "))
    checks.equal("October's holdings, byte for byte", output, (broker / "holdings-2026-10.csv").read_bytes())
    return str(inference["job_id"])


def _analyse_holdings(client: _Client, checks: _Checks, job_id: str) -> None:
    console.head("October's holdings, straight from the converter")
    result = _run_task(client, [{"converter_output": {"user_id": USER, "job_id": job_id}}])
    checks.equal("the task's status", result["status"], "completed")
    section = result["data"].get("holdings")
    if section is None:
        raise DemoFailed(f"no holdings in {_shorten(result)}")
    _show_section(section, list(EXPECTED_HOLDINGS))
    _check_section(checks, "holdings", section, EXPECTED_HOLDINGS)


def _run_task(client: _Client, payloads: list[Any]) -> dict[str, Any]:
    # The builtin provider signs in nowhere, so the password may be empty.
    body = {"username": USER, "password": "", "data": payloads}
    task_id = client.call("POST", "/task/submit", json=body).json()["task_id"]
    with console.step(f"analyse {len(payloads)} payload(s)") as details:
        for event in client.watch(f"/task/{task_id}/events"):
            console.progress(event["progress"], event["status"])
        details.append(task_id)
    result: dict[str, Any] = client.call("GET", f"/task/{task_id}/result").json()
    return result


def _follow_job(client: _Client, job_id: str, what: str) -> None:
    with console.step(what) as details:
        for event in client.watch(f"/api/v1/{USER}/{job_id}/events"):
            console.progress(event["progress"], event["status"])
        if event["status"] != "completed":
            raise DemoFailed(f"the job to {what} ended {event['status']}: {event['error']}")
        details.append(job_id)


def _check_section(checks: _Checks, name: str, section: Mapping[str, Any], expected: Mapping[str, str]) -> None:
    checks.equal(f"{name}: status", section["status"], "completed")
    facts = {fact["id"]: fact["value"] for fact in section["facts"]}
    for fact_id, value in expected.items():
        got = facts.get(fact_id)
        figure = None if got is None else Decimal(str(got)).quantize(FIGURE_STEP)
        checks.equal(f"{name}: {fact_id}", figure, Decimal(value).quantize(FIGURE_STEP))
    grounding = section["grounding"] or {}
    checks.equal(f"{name}: claims of the narrative that no figure supports", grounding.get("unsupported"), [])


def _show_section(section: Mapping[str, Any], shown: list[str]) -> None:
    console.say(f"\n  {console.style(section['section'], 'bold')}")
    text = section["response"]
    console.say(_indent(text if len(text) <= NARRATIVE_CHARS else text[:NARRATIVE_CHARS].rstrip() + " …", "    "))
    for fact in section["facts"]:
        if fact["id"] in shown:
            unit = fact.get("currency") or fact.get("unit") or ""
            console.say(console.style(f"      {fact['id']:<24} {fact['value']:>14} {unit}", "cyan"))


def _indent(text: str, margin: str) -> str:
    return "\n".join(f"{margin}{line}" for line in text.rstrip().splitlines())


def _shorten(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 300 else f"{text[:300]}…"
