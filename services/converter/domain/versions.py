"""The programs that a training has learned, as its record's body keeps them: newest first, each with its report.

``program`` is the one in service, whose ``generation`` is the serving generation; the record's own generation counts
on while another one is learned.
"""

from collections.abc import Mapping, Sequence
from typing import Any

MOST_VERSIONS = 50
"""A job's record holds them all."""


def versions_of(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """All programs, newest first: also those that were learned before there was a list."""
    found = [dict(version) for version in body.get("versions", ())]
    program = body.get("program")
    if program and not any(version["generation"] == program["generation"] for version in found):
        found.append(dict(program))
        found.sort(key=lambda version: -version["generation"])
    return found


def with_version(body: Mapping[str, Any], version: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The programs with one more. The oldest leaves the list where there are too many, but never the one in service."""
    serving = serving_generation(body)
    found = [dict(version), *(v for v in versions_of(body) if v["generation"] != version["generation"])]
    while len(found) > MOST_VERSIONS:
        found.remove(next(v for v in reversed(found) if v["generation"] != serving))
    return found


def serving_generation(body: Mapping[str, Any]) -> int:
    """The generation whose program is in service; 0 where there is none."""
    return int((body.get("program") or {}).get("generation", 0))


def find_version(versions: Sequence[Mapping[str, Any]], generation: int) -> Mapping[str, Any] | None:
    """The program that a generation learned."""
    return next((version for version in versions if version["generation"] == generation), None)
