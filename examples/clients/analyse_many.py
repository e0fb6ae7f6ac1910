"""Has several portfolios analysed at once, a few in hand at a time, over REST and asyncio.

WEALTH_URL=http://127.0.0.1:8000 WEALTH_API_KEY=k_... python examples/clients/analyse_many.py --user ananya *.json
"""

import argparse
import asyncio
import json
import os
import sys
from decimal import Decimal
from pathlib import Path

from wealth_client import AsyncClient
from wealth_client.errors import WealthError

IN_HAND = 4


async def analyse(client: AsyncClient, user: str, path: Path, slots: asyncio.Semaphore) -> bool:
    """Submits one file, waits for its end and prints each section's first sentence; whether all went well."""
    async with slots:
        text = await asyncio.to_thread(path.read_text, encoding="utf-8")
        # Decimal keeps every digit of an amount; the client sends it as it is.
        payloads = json.loads(text, parse_float=Decimal)["data"]
        try:
            task = await client.submit_task(payloads, username=user)
            state = await client.wait(task, timeout_s=120)
            result = await client.get_task_result(task.task_id)
        except (WealthError, TimeoutError) as error:
            print(f"{path.name}: {error}", file=sys.stderr)
            return False
    for name, section in result.data.items():
        first = section.response.partition(". ")[0] or section.error_code
        print(f"{path.name}: {name}: {first}")
    return state.succeeded


async def main() -> int:
    """Returns 0 where every portfolio was analysed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--user", required=True)
    parser.add_argument("files", nargs="+", type=Path)
    options = parser.parse_args()
    slots = asyncio.Semaphore(IN_HAND)
    async with AsyncClient(os.environ["WEALTH_URL"], os.environ["WEALTH_API_KEY"]) as client:
        done = await asyncio.gather(*(analyse(client, options.user, path, slots) for path in options.files))
    return 0 if all(done) else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
