"""Which rows are flagged: those on which the program could mean something else, not those that look otherwise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.converter.domain.learned_program import LearnedProgram
from services.converter.domain.learning import learn
from services.converter.domain.synthesis.language import Column, Concat, Constant
from services.converter.domain.synthesis.operators.text.cut import Cut
from services.converter.domain.synthesis.operators.text.split import Split
from services.converter.domain.synthesis.positions import Offset
from services.converter.domain.synthesis.proof import column_rivals
from services.converter.domain.synthesis.proof.column_rivals import Shown, rival_checks
from services.converter.domain.synthesis.proof.forms import FIGURE, KIND, OUTLINE, SKELETON, Form
from services.converter.domain.synthesis.rows.algebra import Relation
from services.converter.domain.table import Table
from tests.unit.converter.synthesis.duck import InProcessRunner

ADDRESSES = (
    "12 High Street, London",
    "3 Mill Lane, Leeds",
    "77 Park Road, Hull",
    "9 Quay Walk, York",
    "4 Elm Row, Ely",
)
CITIES = ("London", "Leeds", "Hull", "York", "Ely")


def learned(given: tuple[str, ...], wanted: tuple[str, ...]) -> LearnedProgram:
    """The program of an example of one column each."""
    program = learn(Table(("text",), tuple((t,) for t in given)), Table(("answer",), tuple((t,) for t in wanted)))
    assert program.status == "completed"
    return program


def flags(program: LearnedProgram, text: str, runner: InProcessRunner) -> list[str]:
    """The words of the checks that flag a file of one row."""
    file = Table(("text",), ((text,),))
    return [guard.words for guard in program.report.guards if runner.run(guard.sql, file).rows]


UNFLAGGED = {
    "a longer street name": "120 Doctor Martin Luther King Street, Bath",
    "a street name with other marks": "12-14 St. John's Row (rear), Bath",
    "a street without a number": "The Old Forge, Bath",
    "a second comma that leaves one likely answer": "Flat 2, 3 Mill Lane, Bath",
    "more words than any answer had, between the same marks": "3 Mill Lane, Bury St Edmunds",
}


@pytest.mark.parametrize("what", UNFLAGGED)
def test_what_the_program_does_not_go_by_is_not_flagged(what: str, runner: InProcessRunner) -> None:
    assert flags(learned(ADDRESSES, CITIES), UNFLAGGED[what], runner) == []


FLAGGED = {
    "a second comma where one was counted": ("Mill House, Park Lane, Leeds", "elsewhere"),
    "no comma": ("3 Mill Lane Leeds", "is not there"),
    "a number for an answer": ("3 Mill Lane, 10115", "of a kind"),
    "nothing for an answer": ("3 Mill Lane, ", "nothing was found"),
}


@pytest.mark.parametrize("what", FLAGGED)
def test_what_changes_the_meaning_of_the_program_is_flagged(what: str, runner: InProcessRunner) -> None:
    text, words = FLAGGED[what]
    assert any(words in found for found in flags(learned(ADDRESSES, CITIES), text, runner))


def test_a_rival_that_ends_where_no_answer_did_is_none(runner: InProcessRunner) -> None:
    program = learned(("Ann Berg", "Bo Lind", "Eva Moe"), ("Berg", "Lind", "Moe"))
    assert flags(program, "Jan O'Hara", runner) == []
    assert any("elsewhere" in words for words in flags(program, "Jan Joe Roy", runner))


@pytest.mark.parametrize("text", ["Jan Roth-Meyer", "Max Arx"])
def test_a_rival_that_spells_a_word_of_pieces_is_none(text: str, runner: InProcessRunner) -> None:
    program = learned(("Kim Lee", "Ann Rao", "Bo Blanc", "Ida Ek"), ("K. Lee", "A. Rao", "B. Blanc", "I. Ek"))
    assert flags(program, text, runner) == []


NAMES = ("Jan Rao", "Kim Roth-Meyer", "Ida Moe", "Ann Berg")


@pytest.mark.parametrize(("text", "doubted"), [("Bo Lindgren", False), ("Kim de Lee", True)])
def test_a_rival_that_is_less_likely_speaks_of_rows_of_another_make_only(
    text: str, doubted: bool, runner: InProcessRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the fifth character on is the last name, too; of both it makes something else."""
    monkeypatch.setattr(column_rivals, "UNSHOWN_BITS", 1.5)
    column, mister = Column(0, "text"), Constant("Mr ")
    program = Concat((mister, Split(column, " ", -1)))
    rival = Concat((mister, Cut(column, Offset(4), Offset(0, from_end=True))))
    names = Relation.of(Table(("text",), tuple((name,) for name in NAMES)))
    shown = Shown(names, frozenset(), [program.run(row) or "" for row in names.rows], frozenset({"text"}))
    (check,) = rival_checks(shown, program, [rival])
    assert bool(runner.run(check.sql("", "input"), Table(("text",), ((text,),))).rows) is doubted


PATHS = ("/north/prime.txt", "/lot/paper/market/bond.xlsx", "/gold/euro/note.jpeg")


@pytest.mark.parametrize("text", ["unknown", "none", "to be done"])
def test_a_text_without_any_mark_that_all_had_is_flagged(text: str, runner: InProcessRunner) -> None:
    program = learned(PATHS, ("prime", "bond", "note"))
    assert any("none of the marks" in words for words in flags(program, text, runner))


@pytest.mark.parametrize("text", ["alpha", "first-half"])
def test_one_mark_in_common_says_nothing(text: str, runner: InProcessRunner) -> None:
    program = learned(("note-a", "bond-b", "cash-c", "gold-d"), ("NOTE-A", "BOND-B", "CASH-C", "GOLD-D"))
    assert flags(program, text, runner) == []


def test_the_form_of_an_answer_is_not_doubted_for_the_number_of_its_pieces(runner: InProcessRunner) -> None:
    mails = ("quentin53@stone.org", "finn.novak@stone.de", "max12@cash.net", "omar@copper.org")
    wanted = tuple(f"ID{mail.split('@')[1]} ({mail.split('@')[0]})" for mail in mails)
    found = flags(learned(mails, wanted), "omar.diaz@copper.co.uk", runner)
    assert not any("the answer has a form" in words for words in found)


def test_a_mark_without_what_stood_by_it_is_flagged(runner: InProcessRunner) -> None:
    program = learned(("fund (419)", "cash (611)", "cash bond", "note"), ("419", "611", "", ""))
    assert any("a mark is there" in words for words in flags(program, "gold (LOT)", runner))
    assert flags(program, "gold lot", runner) == []


def test_a_count_that_varied_in_the_example_is_not_watched(runner: InProcessRunner) -> None:
    program = learned(("a/b/cat", "a/dog", "x/y/z/hen", "k/l/cow", "m/pig"), ("cat", "dog", "hen", "cow", "pig"))
    assert flags(program, "r/s/t/u/v/owl", runner) == []


def test_a_date_that_is_read_needs_no_look_at_its_marks(runner: InProcessRunner) -> None:
    dates = ("03.04.2024", "17.11.2023", "28.02.2022", "30.12.2021")
    program = learned(dates, ("2024-04-03", "2023-11-17", "2022-02-28", "2021-12-30"))
    assert flags(program, "15.06.2025", runner) == []
    assert any("no date" in words for words in flags(program, "June 2025", runner))


def test_rivals_that_agree_on_a_row_do_not_flag_it(runner: InProcessRunner) -> None:
    program = learned(("7.5", "3.2", "9.9"), ("7", "3", "9"))
    assert flags(program, "4.1", runner) == []


def test_a_copied_number_with_marks_is_flagged_and_a_word_is_not(runner: InProcessRunner) -> None:
    numbers = tuple(f"{n * n}.5" for n in range(12))
    program = learned(numbers, numbers)
    assert any("no number as the example" in words for words in flags(program, "1,200.00", runner))
    assert flags(program, "pending", runner) == []


def test_a_few_copied_numbers_show_their_notation(runner: InProcessRunner) -> None:
    program = learned(("12", "7.5", "300"), ("12", "7.5", "300"))
    assert flags(program, "1,200.00", runner)
    assert flags(program, "1200.25", runner) == []
    assert flags(program, "unknown", runner) == []


def test_a_case_of_one_row_is_believed_for_the_very_same_cell(runner: InProcessRunner) -> None:
    program = learned(("", "north", "south", "east"), ("none", "N", "S", "E"))
    assert not any("rests on one row" in words for words in flags(program, "", runner))


def test_a_table_of_one_record_is_believed_where_the_records_are_alike(runner: InProcessRunner) -> None:
    program = learn(Table(None, (("Ada",), ("12",), ("London",))), Table(None, (("Ada", "12", "London"),)))
    alike = Table(None, (("Bob",), ("7",), ("Hull",), ("Cy",), ("31",), ("Ely",)))
    other = Table(None, (("Bob",), ("Mr",), ("7",), ("Hull",), ("Cy",), ("31",)))
    hits = [[g.words for g in program.report.guards if runner.run(g.sql, file).rows] for file in (alike, other)]
    assert hits[0] == []
    assert hits[1] != []


@given(st.sampled_from((FIGURE, KIND, OUTLINE, SKELETON)), st.text("aZé9 ,.-'’&/_(", max_size=24))
def test_forms_are_the_same_in_python_and_in_sql(runner: InProcessRunner, form: Form, text: str) -> None:
    file = Table(("text",), ((text,),))
    assert runner.run(f"SELECT {form.sql('text')} AS form FROM input", file).rows == ((form.of(text),),)


OUT_OF_LINE: dict[str, tuple[tuple[str, ...], tuple[str, ...], str, str]] = {
    "a text without the word that was counted off": (
        ("thatensures", "thatwill", "thathave", "thatdoes"), ("ensures", "will", "have", "does"), "knowthat",
        "not there",
    ),
    "a code of another length, parted by counting": (
        ("DOTXBT", "ETHXBT", "ADAUSDT", "SOLUSDT", "XRPUSDT"), ("XBT", "XBT", "USDT", "USDT", "USDT"), "MATICUSDT",
        "another length",
    ),
    "one more mark, where another rule counts from the other end": (
        ("www.google.com", "www.acme.net", "www.sina.cn"), ("google", "acme", "sina"), "www.cs.uni.edu", "elsewhere"
    ),
    "a significant digit that is a zero": (
        ("2 m/s", "89 m/s", "123 m/s"), ("4.473873 mph", "199.0873 mph", "275.1432 mph"), "33 m/s", "is a zero"
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", OUT_OF_LINE)
def test_a_text_that_tells_apart_what_no_row_did_is_flagged(what: str, runner: InProcessRunner) -> None:
    given, wanted, text, words = OUT_OF_LINE[what]
    assert any(words in flag for flag in flags(learned(given, wanted), text, runner))


def test_every_row_is_flagged_where_the_example_showed_one(runner: InProcessRunner) -> None:
    program = learn(Table(("a", "b"), (("Ann", "Lee"),)), Table(("who",), (("Lee",),)))
    file = Table(("a", "b"), (("Bob", "Ray"), ("Cid", "May"), ("Dan", "Fox")))
    flagged = {row[0] for guard in program.report.guards for row in runner.run(guard.sql, file).rows}
    assert flagged == {"1", "2", "3"}


FEWER = {
    "one part of a pair": ("sale 80310 done", False),
    "a pair": ("sale 80310-4401 done", False),
    "letters in the place of figures": ("sale tbd done", True),
    "nothing but the mark": ("sale - done", True),
    "one part more": ("sale 80310-4401-7 done", True),
}


@pytest.mark.parametrize("what", FEWER)
def test_an_answer_with_fewer_parts_and_none_that_is_new_is_of_no_other_kind(
    what: str, runner: InProcessRunner
) -> None:
    codes = ("52669-7666", "70970-5032", "76044-3006", "11044-3016")
    text, other = FEWER[what]
    program = learned(tuple(f"sale {code} done" for code in codes), codes)
    assert any("of a kind" in words for words in flags(program, text, runner)) is other


def test_a_word_beside_an_answer_of_all_words_may_belong_to_it(runner: InProcessRunner) -> None:
    streets = ("Ringweg 5, 10115 Lyon", "Rue du Lac 7, 31693 Genf", "Seeweg 12, 25957 Porto")
    program = learned(streets, ("Lyon", "Genf", "Porto"))
    assert any("a word stands beside" in words for words in flags(program, "Seeweg 4, 60793 Bad Ems", runner))
    assert flags(program, "Am Alten Markt 4, 60793 Wien", runner) == []
    names = learned(("Ann Berg", "Bo Lind Moe", "Eva Rao"), ("Berg", "Moe", "Rao"))
    assert not any("a word stands beside" in words for words in flags(names, "Jan Joe Kim Roy", runner))


def flagged_columns(
    given: tuple[tuple[str, ...], ...], wanted: tuple[str, ...], row: tuple[str, ...], runner: InProcessRunner
) -> list[str]:
    """The words of what flags a file of one row, by an example of several columns."""
    names = tuple(f"c{number}" for number in range(1, len(row) + 1))
    program = learn(Table(names, given), Table(("answer",), tuple((text,) for text in wanted)))
    assert program.status == "completed"
    file = Table(names, (row,))
    return [guard.words for guard in program.report.guards if runner.run(guard.sql, file).rows]


NO_RIVALS = {
    "an amount with a zero at its end": ((("44.7 %",),), ("0.447",), ("59 %",)),
    "a limit that so few rows have in any case": (
        (("D", "486.67"), ("D", "714.33"), ("C", "863.25"), ("D", "88.73")),
        ("-486.67", "-714.33", "863.25", "-88.73"),
        ("C", "748.17"),
    ),
    "one cell where another is blank, shown once": (
        (("016 23636", "038 6505"), ("081 4936", "024 37677"), ("", "070 9997")),
        ("016 23636", "081 4936", "070 9997"),
        ("", "011 222"),
    ),
    "a name with a point in a text that is joined of names": (
        (("Hugo", "C.", "Rao"), ("Gita", "", "Berg")),
        ("Hugo C. Rao", "Gita Berg"),
        ("O.", "B.", "Ek"),
    ),
    "another number of letters in a column that has nothing to do with it": (
        (("A5828DC6", "Carla Diaz"),),
        ("8",),
        ("B24E555HDG", "Bo Chen"),
    ),
}


@pytest.mark.parametrize("what", NO_RIVALS)
def test_what_no_example_is_ground_for_is_no_rival(what: str, runner: InProcessRunner) -> None:
    given, wanted, row = NO_RIVALS[what]
    assert flagged_columns(given, wanted, row, runner) == []


def test_columns_that_one_rule_makes_together_have_no_rivals_alone(runner: InProcessRunner) -> None:
    line = Table(("line",), (("(7875) Ann Lee",),))
    program = learn(line, Table(("a", "b", "c", "d"), (("(", "7875", ") ", "Ann Lee"),)))
    file = Table(("line",), (("(5949/2246) Bo Chen",),))
    assert program.status == "completed"
    assert [guard.words for guard in program.report.guards if runner.run(guard.sql, file).rows] == []


OPEN = {
    "a number made of what stands above all rows": (("26310", "gold"), ("11291", "note"), ("63113", "option")),
    "a code made of one text that recurs": (("Dividend", "16"), ("Dividend", "57"), ("Dividend", "83")),
}


@pytest.mark.parametrize("what", OPEN)
def test_one_answer_to_one_text_is_asked(what: str) -> None:
    rows = OPEN[what]
    answer = "DIV" if rows[0][0] == "Dividend" else "1"
    program = learn(Table(("id", "name1"), rows), Table(("value",), tuple((answer,) for _ in rows)))
    assert program.status != "completed"
    assert program.report.doubts
