"""The folder of `make run`'s data."""

import errno
from pathlib import Path
from typing import Any

import pytest

from services.launcher import suite as suites
from services.launcher.process import StartFailed
from services.launcher.settings import LauncherSettings
from services.launcher.suite import Suite


def test_a_folder_that_cannot_be_made_is_said_with_the_setting_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StartFailed, match=r"file/data cannot be made .*: WEALTH_DATA_DIR names another folder"):
        Suite(LauncherSettings(wealth_data_dir=tmp_path / "file" / "data"), {})


def test_a_folder_that_is_there_and_cannot_be_written_is_said_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Any) -> Any:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(suites, "load_secrets", refuse)  # whoever may write anywhere is refused nothing
    with pytest.raises(StartFailed, match=r"cannot be used .*Permission denied.*: WEALTH_DATA_DIR names another"):
        Suite(LauncherSettings(wealth_data_dir=tmp_path), {})
