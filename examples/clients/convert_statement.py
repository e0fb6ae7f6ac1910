"""Learns a conversion from one pair of files and converts the next file with it, over REST.

    WEALTH_URL=http://127.0.0.1:8000 WEALTH_API_KEY=k_... python examples/clients/convert_statement.py \
        --user ananya --learn a.csv --expected b.csv --convert c.csv --output d.csv
"""

import argparse
import hashlib
import os
import sys
from pathlib import Path

from wealth_client import Client, Overdue
from wealth_client.errors import WealthError
from wealth_client.results import StoredFile


def upload(client: Client, path: Path, user: str) -> StoredFile:
    """Uploads a file; the same content gives the same file, so that what names it stays the same, too."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return client.upload_file(path, user_id=user, idempotency_key=f"{path.name}-{digest}")


def main() -> int:
    """Returns 0 where the output was written."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--user", required=True)
    for name in ("learn", "expected", "convert", "output"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    options = parser.parse_args()

    with Client(os.environ["WEALTH_URL"], os.environ["WEALTH_API_KEY"]) as client:
        try:
            given = upload(client, options.learn, options.user)
            expected = upload(client, options.expected, options.user)
            training = client.train(
                user_id=options.user,
                input_file=given.uri,
                expected_output_file=expected.uri,
                job_title=options.learn.name,
                # Started again within a day, this gives the same job: nothing is learned twice.
                idempotency_key=f"{given.sha256[:32]}-{expected.sha256[:32]}",
            )
            trained = client.wait(training, timeout_s=300, on_event=lambda event: print(event.progress, event.message))
            if not trained.succeeded:
                print(f"not learned: {trained.error}", file=sys.stderr)
                return 1
            statement = upload(client, options.convert, options.user)
            inference = client.run_inference(user_id=options.user, job_id=training.job_id, input_file=statement.uri)
            converted = client.wait(inference, timeout_s=300)
            if not converted.succeeded:
                print(f"not converted: {converted.error}", file=sys.stderr)
                return 1
            done = client.download(inference, options.output)
        except Overdue:
            print("it goes on; watch it with `wealth jobs`", file=sys.stderr)
            return 1
        except WealthError as error:
            print(f"{error.reason}: {error.message} (request {error.request_id})", file=sys.stderr)
            return 1
    print(f"{options.output}: {done.size} bytes, {converted.flagged_rows} row(s) to look at")
    return 0


if __name__ == "__main__":
    sys.exit(main())
