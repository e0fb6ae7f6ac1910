"""``python -m benchmarks.demo_time`` runs the demonstration and says where its time goes, by clock and processor.

Steps are the demonstration's own lines. The processor's time is that of all its processes together. The load tells
whether others were using the machine: where it is above the cores, the clock says little about the suite.
"""

import os
import re
import resource
import subprocess
import sys
import time

# The lines of one step: a mark, what was done, and how long it took.
_STEP = re.compile(r"^ +✓ (?P<what>.+?) +(?P<seconds>\d+\.\d) s\b")


def main() -> int:
    """Prints a Markdown table. Returns the demonstration's exit status."""
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "services.launcher", "demo"], capture_output=True, text=True, check=False, timeout=600
    )
    took_s = time.monotonic() - began
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print("| step | s |\n| --- | ---: |")
    for line in done.stdout.splitlines():
        if step := _STEP.match(line):
            print(f"| {step['what']} | {step['seconds']} |")
    print(f"| whole demonstration | {took_s:.1f} |")
    processor_s = used.ru_utime + used.ru_stime
    load = os.getloadavg()[0]
    print(f"\nProcessor: {processor_s:.1f} s, on {os.cpu_count()} cores at a load of {load:.1f}.")
    if done.returncode:
        sys.stderr.write(done.stdout + done.stderr)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
