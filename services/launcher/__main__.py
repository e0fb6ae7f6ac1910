"""``python -m services.launcher run``: the suite until Ctrl-C. ``... demo``: the suite on real input, checked."""

import argparse
import importlib.util
import os
import sys
from collections.abc import Mapping

from dotenv import dotenv_values
from pydantic import ValidationError

from services.common.core_files import leave_no_core_files
from services.common.fault_words import tell_fault
from services.launcher import console
from services.launcher.env_review import find_unknown
from services.launcher.process import StartFailed
from services.launcher.settings import LauncherSettings, read_own_environment
from services.launcher.suite import Interrupted, Suite


def needs_crew(environment: Mapping[str, str]) -> bool:
    """Whether a model is configured for agents that are not installed here."""
    configured = any(environment.get(name) for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"))
    return configured and importlib.util.find_spec("crewai") is None


def warn_of_names() -> None:
    """Says which names of ``.env`` and of the environment are like a setting and none: such a name changes nothing, and
    looks as if it did."""
    written = {name: value for name, value in dotenv_values(".env").items() if value is not None}
    own = {name: value for name, value in os.environ.items() if name not in written}
    for place, names in ((".env", written), ("environment", own)):
        for finding in find_unknown(names):
            console.warn(f"  {place}: {finding.name}: {finding.words}")


def run() -> int:
    """Runs the suite until a signal comes. Returns the exit status."""
    suite = Suite(LauncherSettings(), read_own_environment())
    console.head(f"Starting the suite (logs and data in {suite.suite_file.parent})")
    warn_of_names()
    try:
        with suite.running():
            console.head("The suite is up")
            console.say(f"  REST, documentation  {suite.rest_url}/docs")
            console.say(f"  dashboard            {suite.rest_url}/dashboard")
            console.say(f"  gRPC                 {suite.grpc_address}")
            console.say(f"  X-API-KEY            {suite.secrets.api_key}")
            console.say(f"  all of it            {suite.suite_file}")
            console.say()
            for notice in suite.read_notices():
                console.warn(f"  {notice}")
            if needs_crew(read_own_environment()):
                console.warn(
                    "  A model is configured, but not what the converter's agents need: make run CREW=1 (1.6 GB)"
                )
            console.say("  Ctrl-C stops everything.")
            while True:
                name, status = suite.wait_for_death()
                console.warn(f"{name} ended with status {status}; it is not restarted (its command: suite.json)")
    except Interrupted:
        console.say("\nStopped.")
        return 0


def main() -> int:
    """Runs the command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m services.launcher", description=__doc__)
    parser.add_argument("command", choices=("run", "demo"))
    command = parser.parse_args().command
    leave_no_core_files()
    try:
        if command == "run":
            return run()
        from services.launcher.demo import demo  # noqa: PLC0415 - its clients are of no use to `run`

        return demo()
    except StartFailed as error:
        console.warn(f"\n{error}")
    except ValidationError as error:
        for fault in error.errors():
            console.warn(f"{'.'.join(map(str, fault['loc'])).upper()}: {tell_fault(fault)}")
    except ValueError as error:
        console.warn(str(error))
    return 1


if __name__ == "__main__":
    sys.exit(main())
