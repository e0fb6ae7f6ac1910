"""`wealth check-env`: a file of settings, an older service's too, held against what the suite reads."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from services.client.exit_codes import REFUSED
from services.client.gateway_command import print_text
from services.client.tables import format_table
from services.client.terminal import CommandParser, say
from services.launcher.env_review import Finding, review_file

_FINE, _FINDINGS = 0, 1


def run(arguments: Sequence[str]) -> int:
    """0: every name is read as it stands; 1: something to look at (all is printed); 2: the file cannot be read."""
    parser = CommandParser(
        prog="wealth check-env",
        description="Say of each setting in a file what it does here. Values are never shown.",
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="such as the .env of an older service")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(arguments)
    try:
        # python-dotenv takes what is not there for an empty file.
        options.file.open("rb").close()
        findings = review_file(options.file)
    except OSError as error:
        say(f"FILE_UNREADABLE: {error.strerror}: {options.file}")
        return REFUSED
    except UnicodeDecodeError:
        say(f"FILE_UNREADABLE: not UTF-8: {options.file}")
        return REFUSED
    _show(findings, as_json=options.json)
    return _FINE if all(finding.verdict == "read" for finding in findings) else _FINDINGS


def _show(findings: Sequence[Finding], *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps([asdict(finding) for finding in findings], indent=2) + "\n")
        return
    print_text(format_table(("setting", "verdict"), [(finding.name, finding.verdict) for finding in findings]))
    for finding in findings:
        if finding.verdict != "read":
            say(f"{finding.name}: {finding.words}")
