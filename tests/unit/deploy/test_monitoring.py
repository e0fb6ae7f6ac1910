"""Alerts and dashboard: each alert has its entry in the runbook, and each metric is one that somebody exports."""

import json
import re
from pathlib import Path

import prometheus_client
import pytest
import yaml

# Their metrics register themselves when they are imported.
import services.common.interceptors
import services.common.jobs.worker
import services.gateway.audit  # noqa: F401
from tests.support.manifests import DEPLOY

MONITORING = DEPLOY / "components" / "monitoring"
# What the NATS exporter and Prometheus itself call theirs.
OF_OTHERS = {
    "up",
    "jetstream_consumer_num_pending",
    "jetstream_consumer_num_ack_pending",
    "jetstream_consumer_num_redelivered",
    "jetstream_stream_total_messages",
    "jetstream_server_total_message_bytes",
    "process_resident_memory_bytes",
}
METRIC = re.compile(r"\b(?:wealth|jetstream|gnatsd|process)_\w+|\bup\b")


def read_alerts() -> list[dict[str, str]]:
    """The alerts, as Prometheus takes them."""
    (group,) = yaml.safe_load((MONITORING / "alerts.yaml").read_text())["spec"]["groups"]
    rules: list[dict[str, str]] = group["rules"]
    return rules


def read_expressions() -> list[str]:
    """The queries of alerts and dashboard."""
    panels = json.loads((MONITORING / "dashboard.json").read_text())["panels"]
    return [rule["expr"] for rule in read_alerts()] + [each["expr"] for panel in panels for each in panel["targets"]]


def exported_names() -> set[str]:
    """The names of our own metrics' samples."""
    names = set()
    for family in prometheus_client.REGISTRY.collect():
        suffixes = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}.get(family.type, ("",))
        names |= {family.name + suffix for suffix in suffixes}
    return names


def test_every_alert_has_an_entry_in_the_runbook_and_every_entry_an_alert() -> None:
    runbook = (Path(DEPLOY).parent / "docs" / "runbook.md").read_text()
    assert sorted(re.findall(r"^## (\w+)$", runbook, re.MULTILINE)) == sorted(rule["alert"] for rule in read_alerts())


@pytest.mark.parametrize("rule", read_alerts(), ids=lambda rule: rule["alert"])
def test_an_alert_links_to_its_entry(rule: dict[str, dict[str, str]]) -> None:
    assert rule["annotations"]["runbook_url"].endswith(f"docs/runbook.md#{str(rule['alert']).lower()}")


def test_every_metric_is_exported_by_somebody() -> None:
    asked = {name for expression in read_expressions() for name in METRIC.findall(expression)}
    assert asked - exported_names() - OF_OTHERS == set()
