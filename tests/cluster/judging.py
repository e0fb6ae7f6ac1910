"""What a disturbance may cost: nothing, or "come back later" for a while. Lost jobs never."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

RECOVERY_S = 60.0
# That many answers in a row, of each kind of client, are "it is there again".
STEADY = 10


@dataclass
class Lines:
    """What the load has written so far."""

    requests: list[dict[str, Any]] = field(default_factory=list)
    accepted: set[str] = field(default_factory=set)
    over: dict[str, str] = field(default_factory=dict)

    def add(self, line: dict[str, Any]) -> None:
        """Takes one line."""
        if "job" in line:
            self.accepted.add(line["job"])
        elif "over" in line:
            self.over[line["over"]] = line["state"]
        else:
            self.requests.append(line)

    @property
    def unfinished(self) -> list[str]:
        """Accepted jobs that have not completed, with what became of them."""
        return [
            f"{job}: {self.over.get(job, 'not over')}"
            for job in sorted(self.accepted)
            if self.over.get(job) != "completed"
        ]


def failures(requests: Sequence[dict[str, Any]]) -> list[str]:
    """The requests that failed, in words."""
    return [f"{each['what']}: {each['status']} {each['error']}" for each in requests if not each["ok"]]


def impolite_failures(requests: Sequence[dict[str, Any]], *, door_is_away: bool = False) -> list[str]:
    """The failures that do not say when to come back: all but 503 with Retry-After, or gRPC's UNAVAILABLE.

    Where the only gateway is away, nobody can say so: connections that fail are no fault then.
    """

    def is_polite(each: dict[str, Any]) -> bool:
        told = each["status"] in {"503", "UNAVAILABLE"} and each["retry_after"]
        return told or (door_is_away and each["status"] == "connection")

    return failures([each for each in requests if not each["ok"] and not is_polite(each)])


def is_steady(requests: Sequence[dict[str, Any]]) -> bool:
    """Whether the last requests of each kind of client all were answered."""
    kinds = {"REST": [], "gRPC": []}  # type: dict[str, list[bool]]
    for each in requests:
        kinds[each["what"].split()[0]].append(each["ok"])
    return all(len(answered) >= STEADY and all(answered[-STEADY:]) for answered in kinds.values())
