"""The parent's side of the sandbox: hand a program and a spool to a child, wait, turn what came back into types."""

import csv
import json
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Self

from services.converter.domain.faults import (
    ConverterFault,
    MissingColumns,
    ProgramFailed,
    ProgramFault,
    ProgramNotAllowed,
    ProgramTimedOut,
    ProgramTooLarge,
    Unanswered,
)
from services.converter.domain.program import TRAINING_LIMITS, RunLimits
from services.converter.domain.report import Guard
from services.converter.domain.table import Dialect, Table
from services.converter.ports import Finding, Run, Spool

_GRACE_S = 5.0
WALL_FACTOR = 4.0
"""Wall time that a run may take for each second of its processor time. What uses up the processor time is ended for
its own doing; a program has nothing to wait for, so that one which the wall clock ends stood still, or stood back
behind others."""
_FROM_OUTSIDE = frozenset({-signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP})
"""Ends that nothing in a run brings about: its own limits end it by other signals."""
_RESULT_BYTES = 4 << 20
_IN_MEMORY_BYTES = 8 << 20
_FOUND_BYTES = 256 << 20
_PROGRAMS_OF_GUARDS = 8
MOST_SHOWN = 500
"""Rows that are named of each guard; all are counted."""
_FAULTS: dict[str, type[ProgramFault]] = {
    kind.__name__: kind for kind in (ProgramNotAllowed, ProgramFailed, ProgramTooLarge, ProgramTimedOut)
}
# The interpreter is isolated from the environment (-I), so it is told where this installation's packages are.
_START = (
    "import sys, json; sys.path[:] = json.loads(sys.argv.pop()); "
    "from services.converter.adapters.sandbox.server import main; main()"
)


class DuckDBSandbox:
    """Runs programs in single-use child processes; safe to share between threads.

    The fork server starts with the first run and ends with `close` (or with this process). Implements
    `ports.ProgramSandbox`.
    """

    def __init__(self, *, limits: RunLimits = TRAINING_LIMITS, directory: Path | None = None) -> None:
        self._limits = limits
        self._directory = directory
        self.cpu_s = 0.0
        """What all runs have taken of processors so far, in seconds."""
        self._lock = threading.Lock()
        self._server: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def close(self) -> None:
        """End the fork server and any run that is still going."""
        with self._lock:
            self._stop_server()

    def run(self, sql: str, table: Table, references: Mapping[str, Table] | None = None) -> Table:
        """The program's rows over a table in memory, as text; the header is None for `_cells` programs."""
        with tempfile.TemporaryDirectory(prefix="wealth-run-", dir=self._directory) as private:
            beside = {
                name: write_table(other, Path(private) / f"reference-{number}.csv")
                for number, (name, other) in enumerate((references or {}).items())
            }
            spool = replace(write_table(table, Path(private) / "spool.csv"), references=beside)
            output = Path(private) / "output.csv"
            run = self.convert(sql, spool, output)
            with output.open(encoding="utf-8", newline="") as lines:
                rows = tuple(tuple(row) for row in csv.reader(lines))
        return Table(run.columns, rows, Dialect())

    def convert(
        self,
        sql: str | None,
        spool: Spool,
        output: Path,
        *,
        dialect: Dialect | None = None,
        header: str = "",
        limits: RunLimits | None = None,
        known_columns: Sequence[str] = (),
        guards: Sequence[Guard] = (),
        blank: bool = False,
        traced: Sequence[int] = (),
    ) -> Run:
        """Write the program's rows to ``output``; see `ports.ProgramSandbox.convert`."""
        bounds = limits or self._limits
        for text in (sql or "", *(guard.sql for guard in guards)):
            _check_text(text, bounds)
        if sum(len(guard.sql) for guard in guards) > _PROGRAMS_OF_GUARDS * bounds.program_bytes:
            raise ProgramTooLarge(f"the guards are longer than {_PROGRAMS_OF_GUARDS} programs may be")
        with tempfile.TemporaryDirectory(prefix="wealth-temp-", dir=self._directory) as temp:
            found, unmarked = Path(temp) / "found.json", Path(temp) / "unmarked.csv"
            request = {
                "program": sql,
                "source": _described(spool),
                "references": {name: _described(other) for name, other in spool.references.items()},
                "output": str(output.resolve()),
                "dialect": asdict(dialect or Dialect()),
                "limits": asdict(bounds),
                "known_columns": list(known_columns),
                "header_line": header,
                "guards": [asdict(guard) for guard in guards],
                "blank": blank,
                "traced": list(traced),
                "shown": MOST_SHOWN,
                "found": str(found),
                "unmarked": str(unmarked),
                "directory": temp,
                "temp_directory": temp,
            }
            result, run = self._outcome(self._exchange(request, bounds), spool, bounds)
            if result["marked"]:
                shutil.move(unmarked, output)
            return replace(run, findings=_read_findings(found))

    def _exchange(self, request: Mapping[str, Any], limits: RunLimits) -> list[dict[str, Any]]:
        """Send one request; the lines that came back: the child's result, if it lived to give one, and its end.

        Raises Unanswered where the fork server was stopped or has died.
        """
        ours, theirs = socket.socketpair()
        with ours:
            try:
                lifetime_s = limits.time_s * WALL_FACTOR
                self._hand_over(theirs, json.dumps({**asdict(limits), "lifetime_s": lifetime_s}).encode())
            finally:
                theirs.close()
            ours.settimeout(lifetime_s + _GRACE_S)
            received = bytearray()
            try:
                ours.sendall(json.dumps(request).encode() + b"\n")
                while len(received) <= _RESULT_BYTES and (chunk := ours.recv(1 << 16)):
                    received += chunk
            except TimeoutError:
                # The fork server itself hangs: nothing that it started may outlive this.
                self.close()
                raise Unanswered(f"the sandbox did not answer within {lifetime_s:g} s") from None
            except (BrokenPipeError, ConnectionResetError):
                pass  # the child died before it had read its request; what the server said of it follows
        if len(received) > _RESULT_BYTES:
            raise ProgramTooLarge("the program's result is larger than one may be")
        lines = [json.loads(line) for line in bytes(received).splitlines() if received.endswith(b"\n")]
        if not lines or "exit" not in lines[-1]:
            self.close()
            raise Unanswered("the sandbox ended without a word")
        return lines

    def _outcome(self, lines: list[dict[str, Any]], spool: Spool, limits: RunLimits) -> tuple[dict[str, Any], Run]:
        end = lines.pop()
        self.cpu_s += float(end["cpu_s"])
        if end["timed_out"]:
            lifetime_s = limits.time_s * WALL_FACTOR
            raise Unanswered(f"a run had {end['cpu_s']:.1f} s of a processor within {lifetime_s:g} s")
        if end["exit"] in _FROM_OUTSIDE:
            raise Unanswered(f"a run was ended from outside by signal {-int(end['exit'])}")
        if not lines or end["exit"] != 0:
            raise _death(int(end["exit"]), limits)
        result = lines[0]
        if "fault" in result:
            raise _fault_of(result, spool)
        columns = None if result["columns"] is None else tuple(str(name) for name in result["columns"])
        run = Run(
            columns,
            int(result["rows"]),
            int(end["peak_rss_kib"]) * 1024,
            float(end["cpu_s"]),
            troubles={int(number): _fault_of(fault, spool) for number, fault in result["troubles"]},
            traceable=bool(result["traceable"]),
            places=tuple((int(row), int(place)) for row, place in result["places"]) if result["traceable"] else None,
        )
        return result, run

    def _hand_over(self, connection: socket.socket, limits: bytes) -> None:
        with self._lock:
            try:
                socket.send_fds(self._start_server(), [limits], [connection.fileno()])
            except OSError:
                # It died since the last run (the kernel's memory killer, say): one fresh start, then the error.
                self._stop_server()
                socket.send_fds(self._start_server(), [limits], [connection.fileno()])

    def _start_server(self) -> socket.socket:
        if self._control is not None and self._server is not None and self._server.poll() is None:
            return self._control
        self._stop_server()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._server = subprocess.Popen(  # noqa: S603 - this interpreter, our own module
                [sys.executable, "-I", "-c", _START, str(theirs.fileno()), json.dumps(sys.path)],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={"LC_ALL": "C.UTF-8", "TZ": "UTC", "HOME": tempfile.gettempdir()},
                process_group=0,  # not a session, in which niceness would count for nothing beside other ones
            )
        self._control = ours
        return ours

    def _stop_server(self) -> None:
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._server is not None:
            try:
                self._server.wait(timeout=_GRACE_S)
            except subprocess.TimeoutExpired:
                self._server.kill()
                self._server.wait()
            self._server = None


def _described(spool: Spool) -> dict[str, Any]:
    """A spool as a child is told of it; whether it is of ASCII alone is looked for in small ones, where it counts."""
    in_memory = spool.path.stat().st_size <= _IN_MEMORY_BYTES
    return {
        "path": str(spool.path.resolve()),
        "names": spool.names,
        "header": spool.header,
        "counted": spool.counted,
        "delimiter": spool.delimiter,
        "line_end": spool.line_end,
        "skip": spool.skip,
        "longest_bytes": spool.longest_bytes,
        "in_memory": in_memory,
        "ascii": in_memory and spool.path.read_bytes().isascii() and all(map(str.isascii, spool.header or ())),
    }


def write_table(table: Table, path: Path) -> Spool:
    """Write a table in memory as a spool."""
    width = table.width
    longest = max((sum(map(len, row)) * 8 + 4 * width for row in table.rows), default=0)
    counted = any(len(row) != width for row in table.rows)
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n", quoting=csv.QUOTE_ALL)
        for row in table.rows:
            padded = (*row, *[""] * (width - len(row)))
            writer.writerow((str(len(row)), *padded) if counted else padded)
    return Spool(
        path,
        table.column_names,
        table.header,
        counted=counted,
        rows=len(table.rows),
        longest_bytes=max(2 << 20, longest),
    )


def _check_text(sql: str, bounds: RunLimits) -> None:
    if not sql.isascii() and any("\ud800" <= character <= "\udfff" for character in sql):
        raise ProgramNotAllowed("the program is no text: it holds half of a surrogate pair")
    if len(sql.encode()) > bounds.program_bytes:
        raise ProgramTooLarge(f"the program is longer than the limit of {bounds.program_bytes} bytes")


def _fault_of(result: Mapping[str, Any], spool: Spool) -> ConverterFault:
    """What a child says went wrong."""
    if result["fault"] == MissingColumns.__name__:
        return MissingColumns(tuple(result["names"]), spool.names)
    return _FAULTS[result["fault"]](result["message"])


def _read_findings(path: Path) -> tuple[Finding, ...]:
    """What the guards found, as the child wrote it down."""
    with path.open("rb") as file:
        content = file.read(_FOUND_BYTES + 1)
    if len(content) > _FOUND_BYTES:
        raise ProgramTooLarge("the guards find more than a report may hold")
    return tuple(
        Finding(int(guard), int(rows), tuple((int(row), str(value)) for row, value in first))
        for guard, rows, first in json.loads(content)
    )


def _death(code: int, limits: RunLimits) -> ProgramFault:
    """What killed the child, as far as its exit tells."""
    if code == -24:  # SIGXCPU: the processor's limit, reached before the wall clock's
        return ProgramTimedOut(f"the program used more processor time than {limits.time_s:g} s allow")
    if code == -25:  # SIGXFSZ
        return ProgramTooLarge("the program's files are larger than their limit")
    # Under RLIMIT_DATA a failed allocation ends DuckDB's threads by SIGABRT or SIGSEGV, or Python by an error.
    return ProgramTooLarge("the program was ended: it needs more memory than it may use")
