"""`wealth learn` and `wealth apply` as a user meets them: files, exit codes, words on stderr."""

import io
import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from services.client import terminal
from services.client.cli import main

INPUT = "Account: main\n\nDate;Kind;Amount\n2026-01-02;BUY;10\n2026-01-13;SELL;20\n2026-02-05;BUY;30\n"
EXPECTED = "kind,when\r\nBUY,2026-01-02\r\nSELL,2026-01-13\r\nBUY,2026-02-05\r\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.csv").write_bytes(INPUT.encode())
    (tmp_path / "b.csv").write_bytes(EXPECTED.encode())
    return tmp_path


def run(folder: Path, *arguments: str) -> int:
    """The command with `name=` standing for a file of the folder."""
    try:
        return main([str(folder / a[1:]) if a.startswith("@") else a for a in arguments])
    except SystemExit as ended:
        return int(str(ended.code))


def learn(folder: Path, *more: str) -> int:
    files = ("--input", "@a.csv", "--expected", "@b.csv", "--program", "@p.sql", "--report", "@r.json")
    return run(folder, "learn", *files, *more)


def apply(folder: Path, *more: str, program: str = "@p.sql") -> int:
    return run(folder, "apply", "--program", program, "--input", "@a.csv", "--output", "@d.csv", *more)


def test_what_is_learned_reproduces_the_expected_file_byte_by_byte(folder: Path) -> None:
    assert learn(folder) == 0
    assert apply(folder, "--report", "@r.json", "--out-report", "@s.json") == 0
    assert (folder / "d.csv").read_bytes() == EXPECTED.encode()
    assert json.loads((folder / "s.json").read_text())["rows_out"] == 3


def test_the_report_says_what_was_left_out(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert learn(folder) == 0
    assert "Account: main" in capsys.readouterr().err
    assert json.loads((folder / "r.json").read_text())["status"] == "completed"


def test_what_cannot_be_learned_exits_2_with_the_first_differences(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "b.csv").write_text("kind,secret\nBUY,xk3\nSELL,9fq\nBUY,zz1\n")
    assert learn(folder, "--timeout-s", "3") == 2
    said = capsys.readouterr().err
    assert "NOT_LEARNED" in said
    assert "expected 'xk3'" in said
    assert json.loads((folder / "r.json").read_text())["status"] == "failed"


def test_an_empty_input_exits_2(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "a.csv").write_text("")
    assert learn(folder) == 2
    assert "INPUT_EMPTY: the input: the file is empty" in capsys.readouterr().err


def test_a_file_that_is_not_there_exits_2(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert apply(folder, program="@none.sql") == 2
    assert "none.sql" in capsys.readouterr().err


def test_a_program_that_is_not_allowed_exits_3(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "p.sql").write_text("SELECT * FROM read_text('/etc/passwd')")
    assert apply(folder) == 3
    assert "PROGRAM_NOT_ALLOWED" in capsys.readouterr().err
    assert not (folder / "d.csv").exists()


def test_apply_without_a_report_says_that_nothing_is_checked(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "p.sql").write_text('SELECT "Kind" AS k, "Amount"::INT * 2 AS twice FROM input ORDER BY _row')
    assert apply(folder) == 0
    assert "no report was given" in capsys.readouterr().err
    assert (folder / "d.csv").read_text() == "k,twice\nBUY,20\nSELL,40\nBUY,60\n"


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("nonsense",),
        ("learn",),
        ("apply", "--program", "@p.sql"),
        ("apply", "--program", "@p", "--input", "@a", "--output", "@d", "--on-unseen", "null"),
        ("apply", "--program", "@p", "--input", "@a", "--output", "@d", "--report", "@r", "--on-unseen", "guess"),
        ("apply", "--program", "@p", "--input", "@a", "--output", "@d", "--timeout-s", "-1"),
        ("apply", "--program", "@p", "--input", "@a", "--output", "@d", "--timeout-s", "soon"),
        ("learn", "--input", "@a", "--expected", "@b", "--program", "@p", "--report", "@r", "--timeout-s", "0"),
    ],
    ids=[
        "none",
        "unknown",
        "missing",
        "incomplete",
        "on_unseen_without_report",
        "unknown_choice",
        "negative_time",
        "time_in_words",
        "no_time",
    ],
)
def test_wrong_usage_exits_64(folder: Path, arguments: tuple[str, ...]) -> None:
    assert run(folder, *arguments) == 64


@pytest.mark.parametrize(
    "content",
    ["[]", "{", '{"general_instructions": 1}', '{"column_instructions": {"a": 1}}'],
)
def test_instructions_of_another_shape_exit_2(folder: Path, capsys: pytest.CaptureFixture[str], content: str) -> None:
    (folder / "i.json").write_text(content)
    assert learn(folder, "--instructions", "@i.json") == 2
    assert "INSTRUCTIONS_INVALID" in capsys.readouterr().err


def test_help_loads_no_engine() -> None:
    code = "import sys; from services.client.cli import main; main(['--help']); print('duckdb' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=600)
    assert "wealth COMMAND" in done.stdout
    assert done.stdout.endswith("False\n")


CODES = "Kind;Amount\nBUY;10\nSELL;20\nBUY;30\nSELL;40\nBUY;50\n"
SIDES = "side,amount\nlong,10\nshort,20\nlong,30\nshort,40\nlong,50\n"
LATER = "Kind;Amount\nBUY;60\nSPLIT;70\n"


@pytest.fixture
def sides(folder: Path) -> Path:
    """A folder with a learned list of values, and a file that holds one more."""
    (folder / "a.csv").write_text(CODES)
    (folder / "b.csv").write_text(SIDES)
    assert learn(folder) == 0
    (folder / "a.csv").write_text(LATER)
    return folder


@pytest.mark.parametrize("choice", [(), ("--on-unseen", "null")], ids=["by_default", "null"])
def test_an_unseen_value_is_left_empty_and_named(
    sides: Path, capsys: pytest.CaptureFixture[str], choice: tuple[str, ...]
) -> None:
    assert apply(sides, "--report", "@r.json", *choice) == 0
    assert (sides / "d.csv").read_text() == "side,amount\nlong,60\n,70\n"
    assert "row 2 'SPLIT'" in capsys.readouterr().err


def test_an_unseen_value_may_be_kept_as_the_program_gives_it(sides: Path) -> None:
    assert apply(sides, "--report", "@r.json", "--on-unseen", "keep", "--out-report", "@s.json") == 0
    assert (sides / "d.csv").read_text().splitlines()[2].endswith(",70")
    assert json.loads((sides / "s.json").read_text())["flagged_rows"] > 0


def test_an_unseen_value_may_fail_the_conversion(sides: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert apply(sides, "--report", "@r.json", "--on-unseen", "fail") == 2
    assert "INPUT_UNSEEN" in capsys.readouterr().err
    assert not (sides / "d.csv").exists()


def test_a_contradiction_exits_2_with_its_rows(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "a.csv").write_text("kind,n\nBUY,1\nSELL,2\nBUY,1\nBUY,3\n")
    (folder / "b.csv").write_text("side\nB\nS\nQ\nB\n")
    assert learn(folder, "--timeout-s", "3") == 2
    assert "EXAMPLE_CONTRADICTORY: the example contradicts itself: rows 1 and 3" in capsys.readouterr().err


def test_a_missing_column_exits_2_with_its_name(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert learn(folder) == 0
    (folder / "a.csv").write_text("Date;Type\n2026-01-01;B\n2026-01-02;S\n")
    assert apply(folder, "--report", "@r.json") == 2
    assert 'INPUT_COLUMN_MISSING: the program reads "Kind"' in capsys.readouterr().err


def test_the_program_of_a_failed_training_exits_2(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "b.csv").write_text("kind,secret\nBUY,xk3\nSELL,9fq\nBUY,zz1\n")
    assert learn(folder, "--timeout-s", "2") == 2
    assert apply(folder, "--report", "@r.json") == 2
    assert "NOT_LEARNED" in capsys.readouterr().err


@pytest.mark.parametrize("content", ["{", "[]", '{"format": 99}'])
def test_a_report_that_is_none_exits_2(folder: Path, capsys: pytest.CaptureFixture[str], content: str) -> None:
    (folder / "p.sql").write_text("SELECT 1 AS a")
    (folder / "r.json").write_text(content)
    assert apply(folder, "--report", "@r.json") == 2
    assert "REPORT_INVALID" in capsys.readouterr().err


def test_a_character_that_the_output_cannot_hold_exits_2_with_its_line(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "a.csv").write_text("Name;N\nCafé;1\nBar;2\nPub;3\n")
    (folder / "b.csv").write_bytes("name\nCafé\nBar\nPub\n".encode("cp1252"))
    assert learn(folder) == 0
    (folder / "a.csv").write_text("Name;N\nInn;1\nБар;2\n")
    assert apply(folder, "--report", "@r.json") == 2
    assert "OUTPUT_NOT_ENCODABLE: line 2 of the output holds 'Б' (U+0411)" in capsys.readouterr().err
    assert not (folder / "d.csv").exists()


class _Terminal(io.StringIO):
    """A stream that says that it is a terminal, and tells when something with given words was written to it."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self.shown = threading.Event()
        self._words = words

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        written = super().write(text)
        if self._words in self.getvalue():
            self.shown.set()
        return written


def test_long_work_shows_on_a_terminal_that_it_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = _Terminal("learning ... 0 s")
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(terminal, "_QUIET_S", 0.0)
    with terminal.progress("learning"):
        assert stream.shown.wait(timeout=10)
    assert stream.getvalue().endswith("\r\x1b[K")


def test_nothing_moves_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with terminal.progress("learning"):
        pass
    assert capsys.readouterr().err == ""


def test_a_sample_file_is_asked_about_and_a_lesson_answers(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "a.csv").write_text(CODES)
    (folder / "b.csv").write_text(SIDES)
    (folder / "c.csv").write_text(LATER)
    assert learn(folder, "--sample", f"later={folder / 'c.csv'}") == 0
    assert 'what is "side" of row 2 of later: SPLIT | 70' in capsys.readouterr().err
    lesson = {"source": {"file": "later", "row": 2}, "output": {"side": "none"}}
    (folder / "l.json").write_text(json.dumps([lesson]))
    assert learn(folder, "--sample", f"later={folder / 'c.csv'}", "--lessons", "@l.json", "--on-ambiguity", "fail") == 0
    (folder / "a.csv").write_text(LATER)
    assert apply(folder, "--report", "@r.json") == 0
    assert (folder / "d.csv").read_text() == "side,amount\nlong,60\nnone,70\n"


def test_open_questions_exit_2_where_that_is_asked_for(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "a.csv").write_text(CODES)
    (folder / "b.csv").write_text(SIDES)
    (folder / "c.csv").write_text(LATER)
    assert learn(folder, "--sample", str(folder / "c.csv"), "--on-ambiguity", "fail") == 2
    assert "AMBIGUOUS: " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "words"),
    [("{", "LESSONS_INVALID"), ("{}", "LESSON_INVALID: lessons: a list"), ("[1]", "LESSON_INVALID: lessons[0].source")],
)
def test_lessons_that_are_none_exit_2_with_the_place(
    folder: Path, capsys: pytest.CaptureFixture[str], content: str, words: str
) -> None:
    (folder / "l.json").write_text(content)
    assert learn(folder, "--lessons", "@l.json") == 2
    assert words in capsys.readouterr().err


def rename_kind(folder: Path, name: str) -> None:
    (folder / "a.csv").write_text(INPUT.replace("Kind", name))


def test_a_renamed_column_is_proposed_and_taken_where_that_is_asked_for(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert learn(folder) == 0
    rename_kind(folder, "Type")
    capsys.readouterr()
    assert apply(folder, "--report", "@r.json", "--out-report", "@s.json") == 2
    assert '"Type" looks like "Kind": 0.99' in capsys.readouterr().err
    (question,) = json.loads((folder / "s.json").read_text())["questions"]
    assert (question["kind"], question["column"]) == ("a name", "Kind")
    assert apply(folder, "--report", "@r.json", "--on-drift", "accept_renames") == 0
    assert (folder / "d.csv").read_bytes() == EXPECTED.encode()
    assert '"Type" is read as "Kind": likeness 0.99' in capsys.readouterr().err


def test_a_column_is_read_under_the_name_that_is_given(folder: Path) -> None:
    assert learn(folder) == 0
    rename_kind(folder, "Column 7")
    assert apply(folder, "--report", "@r.json", "--rename", "Kind=Column 7") == 0
    assert (folder / "d.csv").read_bytes() == EXPECTED.encode()
    assert apply(folder, "--rename", "Kind=Column 7") == 64


def test_a_reference_table_is_learned_from_and_read(folder: Path) -> None:
    reference = folder / "words.csv"
    reference.write_text("code,word\nBUY,acquire\nSELL,dispose\nHOLD,keep\n")
    (folder / "b.csv").write_text("what,when\nacquire,2026-01-02\ndispose,2026-01-13\nacquire,2026-02-05\n")
    assert learn(folder, "--reference", f"words={reference}") == 0
    (folder / "a.csv").write_text(INPUT.replace("SELL", "HOLD"))
    assert apply(folder, "--report", "@r.json", "--reference", f"words={reference}") == 0
    assert (folder / "d.csv").read_text().splitlines()[2] == "keep,2026-01-13"
    assert apply(folder, "--report", "@r.json") == 2
