"""docs/metrics.md names every metric of the suite, with its type, labels and meaning, and no other."""

import importlib
import re
from pathlib import Path

from prometheus_client import Counter, Gauge, Histogram
from prometheus_client.metrics import MetricWrapperBase

ROOT = Path(__file__).parents[2]
TYPES = {Counter: "counter", Gauge: "gauge", Histogram: "histogram"}
ROW = re.compile(r"^\| `(\w+)` \| (\w+) \| ([^|]*)\| ([^|]+) \|$", re.MULTILINE)
# A tenant, a user, a job or a path would make as many series as there are of them.
LABELS = {"door", "method", "route", "status", "code", "service", "outcome", "part"}


def list_metrics() -> dict[str, tuple[str, tuple[str, ...], str]]:
    """Name -> (type, labels, meaning), of every module that makes metrics."""
    found = {}
    for path in sorted((ROOT / "services").rglob("*.py")):
        if "prometheus_client" not in path.read_text():
            continue
        module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
        for metric in vars(module).values():
            if isinstance(metric, MetricWrapperBase):
                (family,) = metric.describe()
                name = f"{family.name}_total" if isinstance(metric, Counter) else family.name
                found[name] = (TYPES[type(metric)], tuple(metric._labelnames), family.documentation)
    return found


def test_the_page_names_every_metric_as_it_is() -> None:
    page = (ROOT / "docs" / "metrics.md").read_text()
    rows = ROW.findall(page)
    told = {name: (kind, tuple(re.findall(r"`(\w+)`", labels)), meaning) for name, kind, labels, meaning in rows}
    assert told == list_metrics()


def test_no_label_is_one_that_grows_with_use() -> None:
    assert {label for _, labels, _ in list_metrics().values() for label in labels} <= LABELS


def test_every_name_says_its_unit() -> None:
    units = {
        "counter": ("_total",),
        "histogram": ("_seconds", "_bytes"),
        "gauge": ("_watchers", "_slots", "_deliveries"),
    }
    wrong = [name for name, (kind, _, _) in list_metrics().items() if not name.endswith(units[kind])]
    assert wrong == []
