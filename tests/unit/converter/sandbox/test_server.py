"""The fork server: what its children begin with."""

import subprocess
import sys

COUNT = (
    "import os; from services.converter.adapters.sandbox.child import open_database; database = open_database(); "
    "print(len(os.listdir('/proc/self/task')))"
)


def test_an_open_database_has_no_threads_that_a_child_would_lack() -> None:
    done = subprocess.run([sys.executable, "-c", COUNT], capture_output=True, text=True, timeout=600, check=True)
    assert done.stdout.strip() == "1"
