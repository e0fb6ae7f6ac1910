"""Finished files are renamed onto files; devices, pipes and links stay what they are."""

import os
import stat
import threading
from pathlib import Path

import pytest

from services.common.placing import find_draft_folder, put_in_place


def draft(folder: Path, content: bytes = b"whole") -> Path:
    path = folder / "draft"
    path.write_bytes(content)
    return path


def test_a_file_is_replaced(tmp_path: Path) -> None:
    place = tmp_path / "out.csv"
    place.write_bytes(b"before")

    put_in_place(draft(tmp_path), place)

    assert place.read_bytes() == b"whole"
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]


def test_a_device_stays_a_device(tmp_path: Path) -> None:
    device = Path(os.devnull)
    assert find_draft_folder(device) != device.parent

    put_in_place(draft(tmp_path), device)

    assert stat.S_ISCHR(device.stat().st_mode)
    assert not list(tmp_path.iterdir())


def test_a_pipe_gets_the_content(tmp_path: Path) -> None:
    pipe, got = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()

    put_in_place(draft(tmp_path), pipe)

    reader.join()
    assert got == [b"whole"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_link_goes_on_leading_to_its_file(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    behind, link = tmp_path / "folder" / "out.csv", tmp_path / "link.csv"
    behind.write_bytes(b"before")
    link.symlink_to(behind)
    assert find_draft_folder(link) == behind.parent

    put_in_place(draft(tmp_path), link)

    assert link.is_symlink()
    assert behind.read_bytes() == b"whole"


def test_a_folder_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()

    with pytest.raises(OSError, match="irectory"):
        put_in_place(draft(tmp_path), tmp_path / "out")
