"""`make run` says which names, of `.env` or of the environment, are nearly a setting and change nothing."""

from pathlib import Path

import pytest

from services.launcher.__main__ import warn_of_names


def test_a_slip_is_told_with_where_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("GATWAY_BURST=5\nLOG_LEVEL=INFO\n")
    monkeypatch.setenv("WEALTH_PORTBASE", "9000")
    monkeypatch.setenv("NOBODYS_BUSINESS", "x")
    warn_of_names()
    told = capsys.readouterr().err
    assert ".env: GATWAY_BURST: no service reads it: is GATEWAY_BURST meant?" in told
    assert "environment: WEALTH_PORTBASE: no service reads it: is WEALTH_PORT_BASE meant?" in told
    assert "NOBODYS_BUSINESS" not in told
    assert "LOG_LEVEL" not in told
