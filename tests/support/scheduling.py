"""Which tests go to one test process together: a file's, and all that stand before the shared suite."""

from pathlib import PurePosixPath

from xdist.scheduler import LoadFileScheduling

SHARED_SUITE = "tests/e2e"


def together(file: str) -> str:
    """The name of what a file's tests are run with: starting a suite costs more than most tests before it."""
    return SHARED_SUITE if str(PurePosixPath(file).parent) == SHARED_SUITE else file


class SharedSuiteScheduling(LoadFileScheduling):
    """Files to processes as they become free, the files of the shared suite to one of them."""

    def _split_scope(self, nodeid: str) -> str:
        return together(super()._split_scope(nodeid))
