"""What a process has in memory, keys and clients' data among it, goes to no disk when it crashes."""

import resource


def leave_no_core_files() -> None:
    """Switches core files off for this process and those that it starts."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
