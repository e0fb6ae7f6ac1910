"""At which awaits of the protocol's code tasks were waiting while something else ran."""

import ast
import functools
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
# The protocol: acceptance, queue, worker, writer, sweeper, deletion, and storage's records below them.
PROTOCOL = (
    "services/common/jobs/acceptance.py",
    "services/common/jobs/caps.py",
    "services/common/jobs/deletion.py",
    "services/common/jobs/deliveries.py",
    "services/common/jobs/dispatcher.py",
    "services/common/jobs/events.py",
    "services/common/jobs/leadership.py",
    "services/common/jobs/queue.py",
    "services/common/jobs/runtime.py",
    "services/common/jobs/store.py",
    "services/common/jobs/sweeper.py",
    "services/common/jobs/worker.py",
    "services/common/jobs/attempts.py",
    "services/common/jobs/writer.py",
    "services/storage/usecases/records.py",
    "services/storage/usecases/objects.py",
)


class Sites:
    """Lines of the protocol with an await, and which of them were waited at."""

    def __init__(self) -> None:
        self.seen: set[tuple[str, int]] = set()
        self._files = {str(ROOT / name): name for name in PROTOCOL}

    def note(self, tasks: Iterable[Any]) -> None:
        """Looks where each task waits."""
        files, seen = self._files, self.seen
        for task in tasks:
            awaited = task.get_coro()
            while awaited is not None:
                frame = getattr(awaited, "cr_frame", None) or getattr(awaited, "ag_frame", None)
                if frame is None:
                    break
                name = files.get(frame.f_code.co_filename)
                if name is not None:
                    seen.add((name, frame.f_lineno))
                awaited = getattr(awaited, "cr_await", None) or getattr(awaited, "ag_await", None)

    def report(self) -> str:
        """By file: how many awaits there are, at how many somebody waited, and the lines of the others."""
        lines = []
        total = covered = 0
        for name in PROTOCOL:
            sites = _await_sites(name)
            lines_seen = {line for file, line in self.seen if file == name}
            found = {site for site in sites if any(site[0] <= line <= site[1] for line in lines_seen)}
            total, covered = total + len(sites), covered + len(found)
            missed = ", ".join(str(site[0]) for site in sorted(sites - found))
            lines.append(f"  {name}: {len(found)} of {len(sites)}{f'; not: {missed}' if missed else ''}")
        return "\n".join([f"await sites covered: {covered} of {total}", *lines])


@functools.cache
def _await_sites(name: str) -> frozenset[tuple[int, int]]:
    tree = ast.parse((ROOT / name).read_text())
    kinds = (ast.Await, ast.AsyncFor, ast.AsyncWith)
    return frozenset(
        (node.lineno, node.end_lineno or node.lineno) if isinstance(node, ast.Await) else (node.lineno, node.lineno)
        for node in ast.walk(tree)
        if isinstance(node, kinds)
    )
