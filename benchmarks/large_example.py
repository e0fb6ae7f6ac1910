"""Measure training on a large pair: ten columns of trades, row by row, with a kind of row left out, and in groups.

    python -m benchmarks.large_example OUT [--rows 100000]

``OUT/result.json`` gets, for each of the four, the status, the seconds on the wall and of this process, and its peak of
memory. Every row of the pair takes part in the proof.
"""

import argparse
import json
import multiprocessing
import sys
import time
from collections.abc import Callable
from functools import partial
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


def make_groups(rows: int, *, largest_first: bool = False) -> tuple[bytes, bytes]:
    """The same export, and what stands in it of each account: trades, shares and fees, by account or by fees."""
    given, _ = make_pair(rows)
    totals: dict[str, tuple[int, int, int]] = {}
    for i in range(rows):
        account = f"AC-{i % 97:04}"
        trades, quantity, cents = totals.get(account, (0, 0, 0))
        totals[account] = trades + 1, quantity + i * 7919 % 100_000, cents + i * 31 % 1000
    order = sorted(totals, key=lambda account: -totals[account][2]) if largest_first else list(totals)
    wanted = ["account,trades,quantity,fees"]
    for account in order:
        trades, quantity, cents = totals[account]
        wanted.append(f"{account},{trades},{quantity},{cents / 100:.2f}")
    return given, ("\n".join(wanted) + "\n").encode()


PAIRS: dict[str, Callable[[int], tuple[bytes, bytes]]] = {
    "row by row": make_pair,
    "a third of the rows left out": partial(make_pair, leave_out="DIV"),
    "in groups": make_groups,
    "in groups, sorted": partial(make_groups, largest_first=True),
}


def measure(rows: int, pair: str) -> dict[str, Any]:
    """One training; run it in a process of its own, so that the peak of memory is its own."""
    given, wanted = PAIRS[pair](rows)
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
    for name in PAIRS:
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            results[name] = pool.apply(measure, (options.rows, name))
    (options.out / "result.json").write_text(json.dumps(results, indent=1), encoding="utf-8")
    print(json.dumps(results, indent=1))
    return 0 if all(result["status"] == "completed" for result in results.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
