"""What can be watched and waited for: whatever knows which task or job it is of."""

from typing import Protocol

from services.client.rest.results import JobRef, TaskRef


class HasTaskRef(Protocol):
    """A task: accepted, read, or named by TaskRef."""

    @property
    def ref(self) -> TaskRef:
        """Which task."""


class HasJobRef(Protocol):
    """A training or inference: accepted, read, or named by JobRef."""

    @property
    def ref(self) -> JobRef:
        """Which job."""
