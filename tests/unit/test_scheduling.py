"""Which test process gets which files."""

import pytest

from tests.support.scheduling import SHARED_SUITE, together


@pytest.mark.parametrize("file", ["tests/e2e/test_caps.py", "tests/e2e/test_commands.py"])
def test_files_before_the_shared_suite_are_run_by_one_process(file: str) -> None:
    assert together(file) == SHARED_SUITE


@pytest.mark.parametrize("file", ["tests/e2e/launches/test_webhooks.py", "tests/unit/test_paths.py"])
def test_other_files_go_wherever_a_process_is_free(file: str) -> None:
    assert together(file) == file
