"""Measure training on a large pair: ten columns of trades, row by row and with a kind of row left out.

    python -m benchmarks.large_example OUT [--rows 100000]

``OUT/result.json`` gets, for each of the two, the status, the seconds on the wall and of this process, and its peak of
memory. Every row of the pair takes part in the proof.
"""

import argparse
import json
import multiprocessing
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.by_example import peak_bytes
from services.converter.adapters.duckdb_sandbox import DuckDBSandbox
from services.converter.training import train

KINDS = ("BUY", "SELL", "DIV")


def make_pair(rows: int, *, leave_out: str = "") -> tuple[bytes, bytes]:
    """An export of ``rows`` trades, and what it should become: without the rows of the kind ``leave_out``."""
    given = ["Trade date,Account,Side,Symbol,ISIN,Quantity,Price,Currency,Fees,Note"]
    wanted = ["date,account,side,symbol,isin,quantity,price,currency,fees,note"]
    for i in range(rows):
        day, month, year, kind = i % 28 + 1, i % 12 + 1, 2020 + i % 6, KINDS[i * 17 % 3]
        quantity, price, fees = i * 7919 % 100_000, i * 104_729 % 1_000_000 / 100, i * 31 % 1000 / 100
        paper, currency = f"SYM{i % 211},US{i * 37 % 10**9:09}0", ("USD", "EUR")[i % 2]
        given.append(
            f'{day:02}/{month:02}/{year},AC-{i % 97:04},{kind},{paper},"{quantity:,}","${price:,.2f}",{currency},'
            f"{fees:.2f}, note {i} "
        )
        if kind != leave_out:
            wanted.append(
                f"{year}-{month:02}-{day:02},{i % 97:04},{kind.title()},{paper},{quantity},{price:.2f},{currency},"
                f"{fees:.2f},note {i}"
            )
    return tuple(("\n".join(lines) + "\n").encode() for lines in (given, wanted))  # type: ignore[return-value]


def measure(rows: int, leave_out: str) -> dict[str, Any]:
    """One training; run it in a process of its own, so that the peak of memory is its own."""
    given, wanted = make_pair(rows, leave_out=leave_out)
    with DuckDBSandbox() as sandbox:
        started, cpu = time.perf_counter(), time.process_time()
        training = train(given, wanted, runner=sandbox)
        return {
            "status": training.status,
            "rows": rows,
            "bytes": len(given) + len(wanted),
            "learn_s": round(time.perf_counter() - started, 2),
            "cpu_s": round(time.process_time() - cpu, 2),
            "peak_rss_mb": round(peak_bytes() / 1e6, 1),
        }


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.large_example", description=__doc__.split("\n")[0])
    parser.add_argument("out", type=Path, metavar="OUT")
    parser.add_argument("--rows", type=int, default=100_000)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    results = {}
    for name, leave_out in (("row by row", ""), ("a third of the rows left out", "DIV")):
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            results[name] = pool.apply(measure, (options.rows, leave_out))
    (options.out / "result.json").write_text(json.dumps(results, indent=1), encoding="utf-8")
    print(json.dumps(results, indent=1))
    return 0 if all(result["status"] == "completed" for result in results.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
