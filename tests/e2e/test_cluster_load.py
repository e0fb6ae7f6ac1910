"""The clients that the cluster lane runs beside a cluster, against a suite that runs here."""

import json
import subprocess
import sys

from tests.cluster import load as load_script
from tests.cluster.judging import Lines, failures, is_steady
from tests.support.launched_suite import LaunchedSuite


def test_the_clients_ask_and_their_jobs_complete(suite: LaunchedSuite) -> None:
    process = subprocess.Popen(
        [sys.executable, load_script.__file__, suite.rest.removeprefix("http://"), suite.document["grpc"]],
        env={**suite.document["env"]["gateway"], "API_KEY": suite.document["api_key"]},
        stdout=subprocess.PIPE,
        text=True,
    )
    lines = Lines()
    try:
        for line in process.stdout or ():
            lines.add(json.loads(line))
            if lines.over and is_steady(lines.requests):
                break
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()
    assert failures(lines.requests) == []
    assert set(lines.over.values()) == {"completed"}
