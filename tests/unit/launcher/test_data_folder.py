"""The folder of `make run`'s data."""

from pathlib import Path

import pytest

from services.launcher.process import StartFailed
from services.launcher.settings import LauncherSettings
from services.launcher.suite import Suite


def test_a_folder_that_cannot_be_made_is_said_with_the_setting_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StartFailed, match=r"file/data cannot be made .*: WEALTH_DATA_DIR names another folder"):
        Suite(LauncherSettings(wealth_data_dir=tmp_path / "file" / "data"), {})
