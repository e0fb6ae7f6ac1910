"""Whole tables that an example does not decide: a later file that tells two readings apart comes out right, or the rows
on which they part are flagged, or it is asked which rows, or which order, are meant."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from services.converter.adapters.duckdb_sandbox import DuckDBSandbox, write_table
from services.converter.adapters.spool import FileSpooler
from services.converter.domain.program import RunLimits
from services.converter.domain.reading.reader import ReadingHints
from services.converter.domain.report import RivalTable
from services.converter.domain.stored_report import ReportInvalid, StoredTraining, read_stored, stored_form
from services.converter.domain.table import Dialect, Table
from services.converter.inference import Inference, infer
from services.converter.table_rivals import Compared, TableRivals, Written
from services.converter.training import train

HINTS = ReadingHints(dialect=Dialect(), exact=True, has_header=True)


@dataclass(frozen=True, slots=True)
class Kind:
    """An example, a later file, and what two readings of the example make of it."""

    given: str
    wanted: str
    later: str
    readings: tuple[str, ...]


AMBIGUOUS = {
    "lines counted, or parted by their titles": Kind(
        "a,b\nEast,\npen,4\nWest,\ncap,7", "a,b,c\nEast,pen,4\nWest,cap,7",
        "a,b\nNorth,\njar,2\ntin,5\nSouth,\nlid,3",
        ("a,b,c\nNorth,jar,2\nNorth,tin,5\nSouth,lid,3", "a,b,c\nNorth,jar,2\nSouth,lid,3"),
    ),
    "all cells, or those that are filled": Kind(
        "k,x,y\np,1,2\nq,3,4", "k,n,v\np,x,1\np,y,2\nq,x,3\nq,y,4",
        "k,x,y\nr,5,\ns,6,7", ("k,n,v\nr,x,5\nr,y,\ns,x,6\ns,y,7", "k,n,v\nr,x,5\ns,x,6\ns,y,7"),
    ),
    "row by row, or column by column": Kind(
        "k,x,y\np,1,2", "k,n,v\np,x,1\np,y,2",
        "k,x,y\nr,5,8\ns,6,7", ("k,n,v\nr,x,5\nr,y,8\ns,x,6\ns,y,7", "k,n,v\nr,x,5\ns,x,6\nr,y,8\ns,y,7"),
    ),
    "groups of so many columns, or those under the same name": Kind(
        "k,a,b,a,b\nx,1,2,3,4", "k,a,b\nx,1,2\nx,3,4",
        "k,a,b,c,a,b,c\ny,5,6,7,8,9,10", ("k,a,b\ny,5,6\ny,7,8\ny,9,10", "k,a,b\ny,5,6\ny,8,9"),
    ),
    "lines that are not blank, or lines with an amount": Kind(
        "a,b\nx,1\ny,2\n,\nz,3", "a,b\nx,1\ny,2\nz,3",
        "a,b\nw,4\nnote,\n,\nv,5", ("a,b\nw,4\nnote,\nv,5", "a,b\nw,4\nv,5"),
    ),
    "one record, or one every three lines": Kind(
        "a\nAda\n12 High St\nLondon", "name,street,town\nAda,12 High St,London",
        "a\nBob\n3 Low St\nLeeds\nCy\n4 Mid St\nHull",
        ("name,street,town\nBob,3 Low St,Leeds\nCy,4 Mid St,Hull", "name,street,town\nBob,3 Low St,Leeds"),
    ),
    "all but the last line, or all but the total": Kind(
        "a,b\nx,1\ny,2\ntotal,3", "a,b\nx,1\ny,2",
        "a,b\nx,5\ntotal,5\ny,2\nz,3", ("a,b\nx,5\ny,2\nz,3", "a,b\nx,5\ntotal,5\ny,2"),
    ),
    "the third cell, or the last": Kind(
        "col1,col2,col3\nx,1,p\ny,2,q", "col1,col2\nx,p\ny,q",
        "col1,col2,col3,col4\nz,3,r,t\nw,4,s,u", ("col1,col2\nz,r\nw,s", "col1,col2\nz,t\nw,u"),
    ),
    "groups by their first column, or by both": Kind(
        "k,j,v\nx,p,1\nx,p,2\ny,q,3\ny,q,4", "k,j,first,second\nx,p,1,2\ny,q,3,4",
        "k,j,v\nz,r,5\nz,s,6\nw,t,7\nw,t,8",
        ("k,j,first,second\nz,r,5,6\nw,t,7,8", "k,j,first,second\nz,r,5,\nz,s,6,\nw,t,7,8"),
    ),
    "a title begins a row, or its lines do": Kind(
        "f,v\nname,Ada\nage,30\nname,Bob\nage,40", "name,age\nAda,30\nBob,40",
        "f,v\nname,Cy\nname,Di\nage,50", ("name,age\nCy,\nDi,50", "name,age\nDi,50"),
    ),
}  # fmt: skip

PLAIN = {
    "columns turned to rows, with a line more": Kind(
        "k,x,y\np,1,2\nq,3,4\nr,5,6", "k,n,v\np,x,1\np,y,2\nq,x,3\nq,y,4\nr,x,5\nr,y,6",
        "k,x,y\ns,7,8\nt,9,10\nu,11,12\nv,13,14",
        ("k,n,v\ns,x,7\ns,y,8\nt,x,9\nt,y,10\nu,x,11\nu,y,12\nv,x,13\nv,y,14",),
    ),
    "titled lines, of sections of other lengths": Kind(
        "a,b\nEast,\npen,4\ncap,7\nWest,\njar,2", "a,b,c\nEast,pen,4\nEast,cap,7\nWest,jar,2",
        "a,b\nNorth,\ntin,5\nSouth,\nlid,3\nbox,6\nbag,8",
        ("a,b,c\nNorth,tin,5\nSouth,lid,3\nSouth,box,6\nSouth,bag,8",),
    ),
    "records of three lines": Kind(
        "a\nAda\n12 High St\nLondon\nBob\n3 Low St\nLeeds\nCy\n9 Mid St\nHull",
        "name,street,town\nAda,12 High St,London\nBob,3 Low St,Leeds\nCy,9 Mid St,Hull",
        "a\nDi\n1 Old St\nYork\nEd\n2 New St\nBath",
        ("name,street,town\nDi,1 Old St,York\nEd,2 New St,Bath",),
    ),
    "lines of the same key, of another number than any of the example": Kind(
        "k,a,b\np,1,2\np,3,4\nq,5,6\nq,7,8\nr,9,0", "k,a,b,c,d\np,1,2,3,4\nq,5,6,7,8\nr,9,0,,",
        "k,a,b\ns,1,2\nt,3,4\nt,5,6", ("k,a,b,c,d\ns,1,2,,\nt,3,4,5,6",),
    ),
    "cells that stand together, and are like others by chance": Kind(
        "k,a,b,c\np,N,5,N\np,M,7,M\nq,Y,1,Z", "k,a,b,c,d,e,f\np,N,5,N,M,7,M\nq,Y,1,Z,,,",
        "k,a,b,c\nr,Y,2,Z\nr,X,9,W\ns,Q,4,R", ("k,a,b,c,d,e,f\nr,Y,2,Z,X,9,W\ns,Q,4,R,,,",),
    ),
    "a copy of some columns": Kind(
        "a,b,c\nx,1,p\ny,2,q\nz,3,r", "c,a\np,x\nq,y\nr,z", "a,b,c\nw,4,s\nv,5,t", ("c,a\ns,w\nt,v",),
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def sandbox() -> Iterator[DuckDBSandbox]:
    with DuckDBSandbox() as found:
        yield found


def convert(kind: Kind, folder: Path, sandbox: DuckDBSandbox) -> tuple[list[str], Inference]:
    """The lines that are made of the later file, and the report on them."""
    learned = train(kind.given.encode(), kind.wanted.encode(), runner=sandbox, hints=HINTS)
    assert learned.status == "completed", learned.reason
    source, output = folder / "in.csv", folder / "out.csv"
    source.write_text(kind.later, encoding="utf-8")
    training = read_stored(learned.report)
    done = infer(
        learned.program, source, output, sandbox=sandbox, spooler=FileSpooler(), training=training, hints=HINTS
    )
    return output.read_text(encoding="utf-8").splitlines(), done


def unnamed(lines: list[str], wanted: list[str], done: Inference) -> list[str]:
    """The lines that are wrong, or missing, of which nothing is said."""
    if sorted(lines) == sorted(wanted):
        return [] if lines == wanted or not done.order_learned else lines
    flags = [flag for flags in done.flags for flag in flags.first]
    named = {flag.output_row for flag in flags}
    missing = sum(flag.output_row is None for flag in flags)
    found: list[str] = []
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, wanted, lines, autojunk=False).get_opcodes():
        if tag != "equal":
            found += [lines[j] for j in range(j1, j2) if j not in named]
            lacking = max(0, (i2 - i1) - (j2 - j1))
            found += wanted[i2 - lacking : i2] if lacking > missing else []
    return found


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_what_the_example_does_not_decide_is_right_or_said(name: str, tmp_path: Path, sandbox: DuckDBSandbox) -> None:
    kind = AMBIGUOUS[name]
    lines, done = convert(kind, tmp_path, sandbox)
    asked = {question.kind for question in done.questions}
    for reading in kind.readings:
        assert not unnamed(lines, reading.splitlines(), done) or "which rows" in asked, (lines, done.flags)


@pytest.mark.parametrize("name", PLAIN)
def test_a_table_that_the_example_decides_is_right_without_a_flag(
    name: str, tmp_path: Path, sandbox: DuckDBSandbox
) -> None:
    kind = PLAIN[name]
    lines, done = convert(kind, tmp_path, sandbox)
    assert lines == kind.readings[0].splitlines()
    assert not done.flags
    assert done.order_learned
    assert not done.questions


FILE = Table(("a", "b"), (("x", "1"), ("y", "2"), ("z", "")))
OWN = "SELECT a AS t FROM input ORDER BY _row"
FIRST_TWO = RivalTable("SELECT a AS t FROM input WHERE b <> '' ORDER BY _row", "rows with an amount", 1)
LACKING = RivalTable('SELECT "gone" AS t FROM input ORDER BY _row', "a column that is not there", 1)
NOTHING = RivalTable("SELECT a AS t FROM input WHERE b = 'never' ORDER BY _row", "rows that say never", 1)
BACKWARDS = RivalTable("SELECT a AS t FROM input ORDER BY _row DESC", "the last row first", 1)


def compare(sandbox: DuckDBSandbox, folder: Path, *rivals: RivalTable) -> Compared:
    spool = write_table(FILE, folder / "spool.csv")
    training = StoredTraining(Dialect(), ("a", "b"), Dialect(), ("t",), rivals=rivals)
    return TableRivals(sandbox, spool, folder, RunLimits()).compare(OWN, training, ("t",))


def compare_large(sandbox: DuckDBSandbox, folder: Path, chosen: str, rival: RivalTable) -> Compared:
    """Beside what the program has written of a file that is not small."""
    spool = write_table(Table(("a",), tuple((f"{n:04}" * 50,) for n in range(2_000))), folder / "spool.csv")
    lines = folder / "lines.csv"
    sandbox.convert("SELECT a AS t FROM input ORDER BY _row", spool, lines, header="t")
    training = StoredTraining(Dialect(), ("a",), Dialect(), ("t",), rivals=(rival,))
    written = Written(lines, Dialect(), "t")
    return TableRivals(sandbox, spool, folder, RunLimits(), written).compare(chosen, training, ("t",))


def test_beside_a_rival_that_writes_the_same_the_program_is_not_run_again(
    tmp_path: Path, sandbox: DuckDBSandbox
) -> None:
    same = RivalTable("SELECT upper(a) AS t FROM input ORDER BY _row", "capitals", 1)
    assert compare_large(sandbox, tmp_path, "SELECT error('run again') AS t FROM input", same) == Compared()


def test_a_rival_that_parts_in_the_last_row_of_a_large_file_is_found(tmp_path: Path, sandbox: DuckDBSandbox) -> None:
    other = RivalTable("SELECT replace(a, '1999', 'x') AS t FROM input ORDER BY _row", "no 1999", 1)
    found = compare_large(sandbox, tmp_path, "SELECT a AS t FROM input ORDER BY _row", other)
    assert [flag.output_row for flags in found.flags for flag in flags.first] == [2_000]


def test_a_row_that_only_the_program_makes_is_flagged_and_it_is_asked_which_rows(
    tmp_path: Path, sandbox: DuckDBSandbox
) -> None:
    found = compare(sandbox, tmp_path, FIRST_TWO)
    assert [(flag.row, flag.output_row) for flags in found.flags for flag in flags.first] == [(None, 3)]
    assert [(q.kind, [c.value for c in q.candidates]) for q in found.questions] == [
        ("which rows", ["3 rows", "2 rows"])
    ]
    assert found.asked == ("which rows: 3 rows (the program's own rule), or 2 rows (rows with an amount)?",)


def test_a_rival_that_cannot_be_run_hides_no_other(tmp_path: Path, sandbox: DuckDBSandbox) -> None:
    found = compare(sandbox, tmp_path, LACKING, FIRST_TWO)
    assert [flags.rows for flags in found.flags] == [1]
    assert len(found.notes) == 1


def test_a_rival_that_makes_nothing_of_the_file_is_refuted(tmp_path: Path, sandbox: DuckDBSandbox) -> None:
    assert compare(sandbox, tmp_path, NOTHING) == Compared()


def test_rivals_with_another_order_leave_the_order_open(tmp_path: Path, sandbox: DuckDBSandbox) -> None:
    found = compare(sandbox, tmp_path, BACKWARDS)
    assert found.is_order_open
    assert not found.flags


def test_rivals_are_read_back_from_a_report() -> None:
    training = StoredTraining(Dialect(), ("a",), Dialect(), ("t",))
    stored = stored_form(training) | {
        "rivals": [{"sql": OWN, "words": "w", "width": 1, "distance": 0.25, "make": "a9"}]
    }
    assert read_stored(stored).rivals == (RivalTable(OWN, "w", 1, 0.25, "a9"),)
    assert read_stored(stored_form(training)).rivals == ()


@pytest.mark.parametrize("field", ["sql", "width", "distance", "make"])
def test_a_rival_that_is_none_names_its_field(field: str) -> None:
    stored = stored_form(StoredTraining(Dialect(), ("a",), Dialect(), ("t",)))
    with pytest.raises(ReportInvalid, match=field):
        read_stored(stored | {"rivals": [{"sql": OWN, "width": 1} | {field: ["no"]}]})
