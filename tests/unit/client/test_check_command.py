"""`wealth check`: every claim of a text as JSON, and an exit code that says whether all of them hold."""

import json
from pathlib import Path
from typing import Any

import pytest

from services.client.cli import main

PAYLOAD = {"data": [{"Market Value": "₹1.2 Cr", "Investment Value": "₹1 Cr", "Top Asset": "Equity (65%)"}]}


def _run(folder: Path, text: str, capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int, Any]:
    (folder / "payload.json").write_text(json.dumps(PAYLOAD), "utf-8")
    (folder / "text.txt").write_text(text, "utf-8")
    code = main(["check", str(folder / "text.txt"), "--payload", str(folder / "payload.json"), *more])
    out = capsys.readouterr().out
    return code, json.loads(out) if out else None


def test_a_text_whose_claims_hold_exits_with_zero(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, answer = _run(tmp_path, "The portfolio is worth ₹1.2 crore.", capsys)

    assert (code, [claim["verdict"] for claim in answer["claims"]]) == (0, ["grounded"])
    assert answer["claims"][0]["fact"] == "market_value"


def test_a_contradicted_claim_is_named_and_exits_with_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, answer = _run(tmp_path, "The portfolio is worth ₹1.3 crore.", capsys)

    (claim,) = answer["claims"]
    assert (code, claim["verdict"], claim["value"], claim["section"]) == (
        1, "contradicted", "13000000", "portfolio_snapshot",
    )  # fmt: skip
    assert claim["why"]


def test_a_forecast_is_no_fault_where_forecasts_are_allowed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "The portfolio is worth ₹1.2 crore and will rise."

    assert _run(tmp_path, text, capsys)[0] == 1
    assert _run(tmp_path, text, capsys, "--allow-forecasts")[0] == 0


def test_a_text_without_words_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, answer = _run(tmp_path, "  ", capsys)

    assert (code, answer) == (2, None)
