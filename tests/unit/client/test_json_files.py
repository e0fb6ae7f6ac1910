"""Files of words, answers and payloads: nothing in them is lost without a word, what is wrong is told by its place."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from services.client.commands import analyse, check
from services.client.commands.teach import run as teach
from services.client.json_files import read_instructions_file, read_json_file, take_fields
from services.client.payload_file import read_payload_file
from services.common.errors import InvalidInput

SNAPSHOT = {"Market Value": "12", "Investment Value": "10", "Top Asset": "Equity (65%)"}


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str | bytes], Path]:
    def write(content: str | bytes) -> Path:
        path = tmp_path / "f.json"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@pytest.mark.parametrize(
    ("content", "field", "words"),
    [
        ('{"columns": {"side": "BUY"}}', "columns", "there are general_instructions, column_instructions"),
        ('{"general_instruction": "x"}', "general_instruction", "is general_instructions meant?"),
        ('{"Column Instructions": {}}', "Column Instructions", "is column_instructions meant?"),
        ('{"general_instructions": 7}', "general_instructions", "is no text"),
        ('{"column_instructions": ["a"]}', "column_instructions", "is no object of texts"),
        ('{"column_instructions": {"a": "x", "a": "y"}}', "", '"a" stands twice'),
        (json.dumps({"general_instructions": "x" * 20_001}), "", "more than 20000 characters"),
        (json.dumps({"column_instructions": {"a": "x" * 5_001}}), "", "5000 characters"),
        ("[]", "", "no object with general_instructions"),
        ("side is BUY", "", "not JSON"),
        (b"\xff\xfe{}", "", "no text in UTF-8"),
    ],
)
def test_instructions_that_would_be_lost_are_refused_by_their_name(
    written: Callable[[str | bytes], Path], content: str | bytes, field: str, words: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_instructions_file(written(content))
    assert (refused.value.reason, refused.value.field) == ("INSTRUCTIONS_INVALID", field)
    assert words in refused.value.message


def test_instructions_are_read_with_a_byte_order_mark(written: Callable[[str | bytes], Path]) -> None:
    path = written('\ufeff{"general_instructions": "a", "column_instructions": {"b": "c"}}')
    assert read_instructions_file(path) == ("a", {"b": "c"})


@pytest.mark.parametrize("content", ['{"answer": []}', '{"answers": {}}', "[]"])
def test_answers_that_would_be_lost_are_refused(
    written: Callable[[str | bytes], Path],
    content: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("WEALTH_API_KEY", "k_0123456789ab.secret")
    path = written(content)
    job = "ananya/3f2c8a52-6f0e-4a7e-9b44-0d2f6f6b8a11"
    assert teach([job, "--answers", str(path), "--url", "http://127.0.0.1:1"]) == 2
    assert "ANSWERS_INVALID" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("Name,Value\nA,5\n", "a CSV of positions goes into"),
        ("{", "not JSON"),
        ('{"data": {}}', "a list of section payloads is needed"),
        ('{"data": [{}], "Locale": "de"}', "is locale meant?"),
        ('{"data": [{"a": 1, "a": 2}]}', '"a" stands twice'),
        (b"\x93\x80", "no text in UTF-8"),
    ],
)
def test_a_payload_file_that_is_none_says_what_to_do(
    written: Callable[[str | bytes], Path], content: str | bytes, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(content)
    assert analyse.run([str(path)]) == 2
    assert words in capsys.readouterr().err
    assert check.run([str(path), "--payload", str(path)]) == 2


def test_what_stands_beside_the_payloads_and_nobody_reads_is_told(
    written: Callable[[str | bytes], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    read = read_payload_file(written(json.dumps({"data": [SNAPSHOT], "client_version": 3, "locale": "de"})))
    assert (read.payloads, read.text("locale")) == ([SNAPSHOT], "de")
    assert 'nobody reads "client_version"' in capsys.readouterr().err


@pytest.mark.parametrize("body", [SNAPSHOT, [SNAPSHOT], {"data": [SNAPSHOT]}])
def test_a_payload_is_taken_alone_in_a_list_and_as_a_submission(
    written: Callable[[str | bytes], Path], body: object
) -> None:
    assert read_payload_file(written(json.dumps(body))).payloads == [SNAPSHOT]


def test_a_report_that_cannot_be_written_names_the_folder(
    written: Callable[[str | bytes], Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(json.dumps(SNAPSHOT))
    assert analyse.run([str(path), "--html", str(tmp_path / "none" / "r.html")]) == 2
    told = capsys.readouterr()
    assert json.loads(told.out)["status"] == "completed"
    assert told.err.strip() == f"FILE_FAILED: No such file or directory: {tmp_path / 'none'}"


def test_a_json_file_over_its_bound_is_not_read(written: Callable[[str | bytes], Path]) -> None:
    path = written('{"a": 1}')
    with pytest.raises(InvalidInput, match="more than 4 bytes"):
        read_json_file(path, 4, reason="R")
    assert take_fields(read_json_file(path, 8, reason="R"), path, ["a"], reason="R") == {"a": 1}
