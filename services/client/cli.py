"""The `wealth` command: finds the subcommand and hands over; what it does stands in ``commands``.

A subcommand is imported only when it is called, so that `wealth --help` answers at once. To add one, write a module in
``services.client.commands`` with ``run(arguments) -> int`` and name it in `COMMANDS`; a dash is a module's underscore.
"""

import importlib
import importlib.metadata
import sys
from collections.abc import Sequence

from services.client.exit_codes import INTERRUPTED, USAGE_ERROR
from services.common.core_files import leave_no_core_files
from services.common.near import find_near

COMMANDS = {
    "learn": "learn a conversion program from an input file and the file that it should become",
    "apply": "apply a learned program to a file",
    "analyse": "analyse a client's portfolio: figures, a narrative, and proof for every number",
    "check": "hold a text against a portfolio's facts: every claim with its verdict",
    "submit": "have the suite analyse a portfolio, and print what it found",
    "train": "have the suite learn a conversion from a pair of files",
    "explain": "have a model explain a training's program in words",
    "teach": "answer a training's questions, correct what it converted, and choose its program",
    "infer": "have the suite convert a file with what it learned",
    "jobs": "list tasks, trainings and inferences",
    "status": "show where a task or a job stands",
    "watch": "follow a task or a job to its end",
    "result": "show what a task found, or a job's report",
    "download": "download an output, a program, a report, a page or an upload",
    "cancel": "ask for a task or a job to be cancelled",
    "queue": "show the queues and their workers",
    "keys": "make, list and revoke API keys",
    "doctor": "look at the way to the suite, its parts, queues and this machine",
    "dead-letters": "list, show and run again what workers gave up",
    "migrate": "bring over tasks and jobs of the older services: dry run first, --apply to write",
    "check-env": "say of each setting in a file, an older service's too, what it does here",
    "events": "follow all that a key may see, over the gateway; or the events of the suite on NATS",
    "webhooks": "register addresses that are told how jobs end, and see what they missed",
}


_ACTIONS_READ_WHERE = ("keys", "events")
"""Commands of which only some actions look for a suite: the option is theirs."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand; its exit code."""
    if arguments is None:
        leave_no_core_files()
    given = _gather_where(list(sys.argv[1:] if arguments is None else arguments))
    if given and given[0] in ("-h", "--help"):
        print(usage())
        return 0
    if given and given[0] == "--version":
        print(f"wealth {importlib.metadata.version('wealth-suite')}")
        return 0
    if not given or given[0] not in COMMANDS:
        near = find_near(given[0], COMMANDS) if given else ""
        problem = f"there is no command {given[0]!r}" if given else "a command is missing"
        problem += f": is {near} meant?\n" if near else ""
        print(f"wealth: {problem}\n{usage()}", file=sys.stderr)
        return USAGE_ERROR
    try:
        return int(importlib.import_module(f"services.client.commands.{given[0].replace('-', '_')}").run(given[1:]))
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output went away; there is nobody left to tell.
        return 0


def _gather_where(given: list[str]) -> list[str]:
    """Puts what all commands take that call a suite (``--suite``, ``--url``, ``--json``), and may stand anywhere, to
    where it is read."""
    end = given.index("--") if "--" in given else len(given)
    words = iter(given[:end])
    where: list[str] = []
    others: list[str] = []
    for word in words:
        if word in ("--suite", "--url"):
            where += [word, *(value for value in [next(words, None)] if value is not None)]
        elif word.startswith(("--suite=", "--url=")) or word == "--json":
            where.append(word)
        else:
            others.append(word)
    if not where or not others or others[0] not in COMMANDS:
        return given
    if others[0] in _ACTIONS_READ_WHERE:
        return [*others, *where, *given[end:]]
    return [others[0], *where, *others[1:], *given[end:]]


def usage() -> str:
    """The commands, one line each."""
    width = max(map(len, COMMANDS))
    lines = [f"  {name:{width}}  {words}" for name, words in COMMANDS.items()]
    return "\n".join(
        [
            "usage: wealth COMMAND [OPTIONS], or wealth --version",
            "",
            *lines,
            "",
            "wealth COMMAND --help tells the options.",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
