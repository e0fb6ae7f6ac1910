"""The law of the language: an operator's meaning in Python and its SQL in DuckDB give the same on every input."""

import math
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.converter.domain.formats.number import NumberFormat, NumberStyle
from services.converter.domain.synthesis.columns.parsing.cells import Mark
from services.converter.domain.synthesis.language import Column, Concat, Condition, Constant, Expression
from services.converter.domain.synthesis.operators.date.interval import Interval
from services.converter.domain.synthesis.operators.date.moment import Floor, MomentPart, ReadMoment, Shift, WriteMoment
from services.converter.domain.synthesis.operators.date.timing import MEASURES, MeasureOf, OnOrAfter
from services.converter.domain.synthesis.operators.list.listed import (
    FIGURES,
    ITEM,
    ORDERS,
    Each,
    Found,
    HowMany,
    Joined,
    ListFigure,
    Ordered,
    Parts,
    Picked,
    Where,
    Within,
)
from services.converter.domain.synthesis.operators.logic.branch import Branch, Dictionary
from services.converter.domain.synthesis.operators.logic.condition import (
    Blank,
    Both,
    Comparison,
    Contains,
    Equals,
    Exceeds,
    LongerThan,
    Matches,
    Not,
    Relates,
)
from services.converter.domain.synthesis.operators.logic.otherwise import OrElse
from services.converter.domain.synthesis.operators.logic.related import Occurrences, Without
from services.converter.domain.synthesis.operators.number.count import Count, Length
from services.converter.domain.synthesis.operators.number.figures import (
    Aligned,
    ClockSpan,
    Fraction,
    OrdinalNumber,
    Signed,
)
from services.converter.domain.synthesis.operators.number.negative import NegativeIf
from services.converter.domain.synthesis.operators.number.numeral import (
    Character,
    CharacterCode,
    ReadBase,
    ReadRoman,
    WriteBase,
    WriteRoman,
    WriteScientific,
)
from services.converter.domain.synthesis.operators.number.scaled import SCALES, ReadScaled, WriteScaled
from services.converter.domain.synthesis.operators.number.spelled import Spelled
from services.converter.domain.synthesis.operators.number.values import (
    Absolute,
    Arithmetic,
    Number,
    Quotient,
    ReadDuration,
    ReadFraction,
    ReadNumber,
    ReadSpan,
    Step,
    WriteNumber,
)
from services.converter.domain.synthesis.operators.text.case import KINDS, Case
from services.converter.domain.synthesis.operators.text.cut import Between, Cut, Edge, Offset
from services.converter.domain.synthesis.operators.text.digits import (
    InGroups,
    NationalNumber,
    Regrouped,
    WithoutExtension,
)
from services.converter.domain.synthesis.operators.text.ensured import Ensured
from services.converter.domain.synthesis.operators.text.extract import Extract
from services.converter.domain.synthesis.operators.text.joined import Reverse
from services.converter.domain.synthesis.operators.text.match import Match
from services.converter.domain.synthesis.operators.text.pad import Pad
from services.converter.domain.synthesis.operators.text.parameter import SIDES, Beside, CharactersBy, PartBy, WordWith
from services.converter.domain.synthesis.operators.text.person import FORMS, SUFFIXES, TITLES, BareName, InOrder
from services.converter.domain.synthesis.operators.text.replace import Replace, ReplacePattern
from services.converter.domain.synthesis.operators.text.spacing import SEAMS, Masked, Parted
from services.converter.domain.synthesis.operators.text.split import AfterFirst, Split
from services.converter.domain.synthesis.operators.text.trim import Squeeze, Trim
from services.converter.domain.synthesis.operators.world.known import KnownName
from services.converter.domain.synthesis.tokens import (
    DIGITS,
    EMAIL,
    END,
    LETTERS,
    NONSPACE,
    TOKENS,
    UPPERS,
    charset,
    literal_token,
    raw,
)
from tests.unit.converter.synthesis.duck import InProcessRunner

A, B = Column(0, "a"), Column(1, "b b")
NAMES = ("a", "b b")
PLAIN, EURO = NumberStyle(), NumberStyle(decimal=",", group=".", units=("€",))
DATES = ("%d/%m/%Y", "%Y-%m-%d %H:%M")
STEPS = ((1e7, " Cr"), (1e5, " L"), (1e3, "K"))
AMOUNT = ReadNumber(A, PLAIN)
WHEN = ReadMoment(A, DATES)
MARKS = (
    (Mark("", is_end=True), Mark(" | ", is_before=False)),
    (Mark("a b"), Mark("", is_end=True, is_before=False)),
    (Mark("ref "), Mark(" kg", is_before=False)),
    (Mark(",", is_item=True), Mark(",", is_before=False, is_item=True)),
)

TEXT: dict[str, Expression] = {
    "column": B,
    "constant": Constant('it\'s\na "text"'),
    "concat": Concat((A, Constant("-"), B)),
    "split": Split(A, ",", 2),
    "split from the end": Split(A, ", ", -2),
    "after the first": AfterFirst(A, ": "),
    **{f"match {token.name} {pick}": Match(A, token, pick) for token in TOKENS for pick in (1, -2)},
    **{f"case {kind}": Case(A, kind) for kind in KINDS},  # type: ignore[arg-type]
    "trim": Trim(A),
    "trim brackets": Trim(A, "()[]"),
    "squeeze": Squeeze(A),
    "replace": Replace(A, ".", "\\1"),
    "replace pattern": ReplacePattern(A, charset("LD", negated=True) + raw("+"), "_", "punctuation"),
    "initials": Joined(Found(A, raw("(") + charset("L") + raw(")") + charset("L") + raw("*"), True, "initials"), "."),
    "all digits": Joined(Found(A, DIGITS.pattern, False, "digits"), ""),
    "reverse": Reverse(A),
    "titles": BareName(A, TITLES, "titles"),
    "suffixes": BareName(A, SUFFIXES, "suffixes"),
    "legal form": BareName(A, FORMS, "legal form"),
    **{f"parted {what}": Parted(A, seam, "_", what) for seam, what in SEAMS},
    "masked": Masked(A, "*", 3),
    "part of a line": Extract(A, raw(r"^([^\n]+?), *[^\n]*") + END, "first of 2 parts", 1.5),
    "count": Count(A, DIGITS.pattern, -1, "numbers"),
    "length": Length(A),
    "prefix": Cut(A, Offset(0), Offset(3)),
    "all but the last": Cut(A, Offset(0), Offset(2, from_end=True)),
    "at most a prefix": Cut(A, Offset(0), Offset(3, at_most=True)),
    "at most a suffix": Cut(A, Offset(3, from_end=True, at_most=True), Offset(0, from_end=True)),
    "suffix": Cut(A, Offset(3, from_end=True), Offset(0, from_end=True)),
    "middle": Cut(A, Offset(2), Offset(2, from_end=True)),
    **{
        f"cut {token.name} {pick} {after}": Cut(A, Edge(token, pick, after), Offset(0, from_end=True))
        for token in (DIGITS, LETTERS, UPPERS, literal_token(","), literal_token("a"))
        for pick in (1, 2, -1, -2)
        for after in (False, True)
    },
    "cut between edges": Cut(A, Edge(DIGITS, 1, True), Edge(LETTERS, -1, False)),
    "between": Between(A, literal_token("(").pattern, literal_token(")").pattern, 2, ("(", ")"), 0.4),
    "after": Between(A, literal_token(": ").pattern, None, 1, (": ", ""), 0.4),
    **{
        f"number {style}": WriteNumber(AMOUNT, style)
        for style in (
            NumberFormat(),
            NumberFormat(2),
            NumberFormat(12),
            NumberFormat(0),
            NumberFormat(2, ","),
            NumberFormat(2, ".", ","),
            NumberFormat(2, indian=True),
            NumberFormat(0, zero_pad=5),
            NumberFormat(points=True),
            NumberFormat(None, ","),
            NumberFormat(3, trimmed=True),
            NumberFormat(None, zero_pad=4),
            NumberFormat(2, zero_pad=3),
            NumberFormat(2, ",", trimmed=True),
            NumberFormat(significant=4),
        )
    },
    "euro": WriteNumber(ReadNumber(A, EURO), NumberFormat(2)),
    "trailing minus": WriteNumber(ReadNumber(A, NumberStyle(units=("%",), percent=True)), NumberFormat(3)),
    **{f"arithmetic {op}": WriteNumber(Arithmetic(op, AMOUNT, ReadNumber(B, PLAIN)), NumberFormat(3)) for op in "+-*/"},  # type: ignore[arg-type]
    **{
        f"arithmetic {op} as floats print": WriteNumber(
            Arithmetic(op, AMOUNT, ReadNumber(B, PLAIN)), NumberFormat(points=True)
        )  # type: ignore[arg-type]
        for op in "+-*"
    },
    "nested arithmetic": WriteNumber(
        Arithmetic("*", Arithmetic("-", Number(1.0), AMOUNT), Number(2.5)), NumberFormat(2)
    ),
    **{
        f"step {way}": WriteNumber(Step(AMOUNT, size, way), NumberFormat())
        for way in ("floor", "ceil", "round")
        for size in (1.0, 5.0, 0.1)
    },  # type: ignore[arg-type]
    **{f"scaled {scale}": WriteNumber(ReadScaled(A, scale), NumberFormat()) for scale in SCALES},
    **{
        f"written with a letter, {way}, fixed {fixed}": WriteScaled(AMOUNT, STEPS, decimals, way, fixed)
        for way, decimals, fixed in (("floor", 0, False), ("round", 1, False), ("round", 2, True), ("floor", 1, True))
    },
    "signs in brackets": Signed(AMOUNT, NumberFormat(2, ","), ("", ""), ("(", ")")),
    "signs as sides": Signed(AMOUNT, NumberFormat(), ("", " CR"), ("", " DR")),
    "sides read": WriteNumber(ReadNumber(A, NumberStyle(group=",", debit="DR")), NumberFormat(2)),
    "aligned": Aligned(AMOUNT, NumberFormat(), 3, 1, 3),
    "aligned with decimals": Aligned(AMOUNT, NumberFormat(2), 0, 0, 2),
    "as a fraction": Fraction(AMOUNT),
    "as an ordinal": OrdinalNumber(AMOUNT),
    "as a clock shows it": ClockSpan(AMOUNT, 2),
    "span with units": WriteNumber(ReadSpan(A), NumberFormat()),
    "Swiss": WriteNumber(AMOUNT, NumberFormat(2, "'")),
    **{f"padded {side}": Pad(A, 5, "0", side) for side in ("left", "right")},
    **{
        f"in words {scale}{hyphen}": Spelled(ReadNumber(A, PLAIN), scale, hyphen, joint)
        for scale, hyphen, joint in (("western", "-", " and "), ("Indian", " ", " "))
    },
    "with a fraction": WriteNumber(ReadFraction(A), NumberFormat(4)),
    "whole feet": WriteNumber(Quotient(AMOUNT, 12.0), NumberFormat()),
    "inches left over": WriteNumber(Quotient(AMOUNT, 12.0, rest=True), NumberFormat(3)),
    "time span": WriteNumber(Arithmetic("/", ReadDuration(A), Number(3600.0)), NumberFormat(4)),
    "domain": Extract(A, raw(r"@([^ .]+)"), "domain", 1.5),
    "name in order": InOrder(A),
    **{
        f"base {read} to {write}": WriteBase(ReadBase(A, read), write, 3)  # type: ignore[arg-type]
        for read in (2, 8, 10, 16)
        for write in (2, 8, 10, 16)
    },
    "in groups of bits": WriteBase(ReadBase(A, 16), 2, group=4),
    "character code": WriteBase(CharacterCode(A), 10),
    "character": Character(ReadBase(A, 10)),
    "to Roman": WriteRoman(ReadBase(A, 10)),
    "from Roman": WriteBase(ReadRoman(A), 10),
    "powers of ten": WriteScientific(AMOUNT, "E", None, 1, plus=False),
    "powers of ten with decimals": WriteScientific(AMOUNT, "e", 2, 2, plus=True),
    "without another": Without(A, B),
    "occurrences": Occurrences(A, B),
    "each item": Joined(Each(Parts(A, ","), Case(ITEM, "title")), "|"),
    "each item but the first": Joined(Each(Parts(A, " "), Match(ITEM, DIGITS, 1), first=ITEM), ""),
    "first item kept": Picked(Where(Parts(A, ","), Contains(ITEM, "a"))),
    "last item kept": Picked(Where(Parts(A, ","), Contains(ITEM, "a")), -2),
    "items kept": Joined(Where(Parts(A, ","), Not(Blank(ITEM))), "; "),
    "results counted": HowMany(Each(Parts(A, " "), Match(ITEM, DIGITS, 1))),
    "matches ordered": Joined(Ordered(Found(A, LETTERS.pattern, False, "letters"), "reversed"), " "),
    **{
        f"items {end} {kept}": Joined(Within(Parts(A, " "), 2, end, kept), " ")
        for end in (False, True)
        for kept in (False, True)
    },
    "or else": OrElse(Extract(A, raw("a(.*?)b"), "", 1.0), B),
    "ensured": Ensured(A, ".", at_end=True),
    "ensured at the start": Ensured(A, "a", at_end=False),
    "part by its number": PartBy(A, ",", B),
    **{f"characters {side}": CharactersBy(A, B, side) for side in SIDES},
    "after the other": Beside(A, B, after=True),
    "before the other": Beside(A, B, after=False),
    "word with the other": WordWith(A, B),
    **{
        f"field {before.text!r} {after.text!r} {before.is_item}": Extract(
            A, before.pattern + raw("(") + kind.pattern + raw(")") + after.pattern, "field", 1.0
        )
        for before, after in MARKS
        for kind in (DIGITS, NONSPACE, EMAIL)
    },
    "items counted": HowMany(Where(Parts(A, ","), Matches(ITEM, charset("D"), "has a digit"))),
    **{f"list {order}": Joined(Ordered(Parts(A, ","), order), "; ") for order in ORDERS},
    **{f"list {figure}": WriteNumber(ListFigure(Parts(A, ","), figure), NumberFormat(3)) for figure in FIGURES},
    "absolute": WriteNumber(Absolute(AMOUNT), NumberFormat(1)),
    "date": WriteMoment(WHEN, "%a %-d %B %y %%, %-I:%M %p %j"),
    "shifted date": WriteMoment(Shift(WHEN, -3, "day"), "%Y-%m-%d"),
    "gridded time between": WriteMoment(Floor(WHEN, 120, 60), "%Y-%m-%d %H:%M"),
    "interval of time": Interval(
        WriteMoment(Floor(WHEN, 30), "%H:%M"), "-", WriteMoment(Shift(Floor(WHEN, 30), 30, "minute"), "%H:%M")
    ),
    "interval of amounts": Interval(
        WriteNumber(Step(AMOUNT, 5.0, "floor"), NumberFormat()),
        "-",
        WriteNumber(Arithmetic("+", Step(AMOUNT, 5.0, "floor"), Number(5.0)), NumberFormat()),
    ),
    "gridded time": WriteMoment(Shift(Floor(WHEN, 15), 14, "minute"), "%H:%M"),
    **{
        f"part {part}": MomentPart(WHEN, part)
        for part in ("quarter", "ordinal day", "iso week", "epoch", "lower meridiem", "half")
    },  # type: ignore[arg-type]
    "regrouped": Regrouped(A, "(##) #-\\#", 0, ("", "1", "00")),
    "regrouped without a tail": Regrouped(A, "+4 ###", 2, ("", "0")),
    "national number": NationalNumber(A, "44"),
    "without extension": WithoutExtension(A),
    "in groups": InGroups(A, 4, " "),
    "known name": KnownName(Case(A, "upper"), "made up", (("A", "it's"), ("B", "b"))),
    "dictionary": Dictionary(A, (("", "none"), ("a", "x"))),
    "negative if": NegativeIf(Contains(A, ","), Case(A, "upper")),
    "branch": Branch(Contains(A, ","), Split(A, ",", 1), Branch(Blank(A), Constant("blank"), A)),
}

CONDITIONS: dict[str, Condition] = {
    "equals": Equals(A, ("a", "")),
    "blank": Blank(A),
    "not blank": Not(Blank(A)),
    "contains": Contains(A, "a"),
    "starts": Contains(A, "1", "starts_with"),
    "not ends": Not(Contains(A, ")", "ends_with")),
    "matches": Matches(A, raw("^") + charset("U"), "starts with a capital"),
    **{f"compares {sign}": Comparison(AMOUNT, sign, 2.5) for sign in (">=", ">", "<=", "<")},  # type: ignore[arg-type]
    "on or after a day": OnOrAfter(WHEN, date(2024, 3, 1)),
    **{f"{measure} of a moment": Comparison(MeasureOf(WHEN, measure), ">=", 6.0) for measure in MEASURES},
    "exceeds": Exceeds(AMOUNT, ReadNumber(B, PLAIN)),
    "longer": LongerThan(A, 4),
    "relates": Relates(A, B, "contains"),
    "both": Both(Contains(A, "a"), Not(Equals(B, ("b",)))),
}

PIECES = st.sampled_from(
    [
        "a",
        "B",
        "Cd",
        "é",
        "Ü",
        " ",
        "  ",
        ",",
        ", ",
        ".",
        "-",
        "(",
        ")",
        ": ",
        "1",
        "23",
        "0",
        "-4.5",
        "1,234.50",
        "Dr. ",
        "mcd",
        "O'N",
        " Ltd.",
        " Jr.",
        "\n",
        "'",
        "\\",
        "XIV",
        "7 1/4",
        "120315",
        "1.5K",
        "2 crore",
        "100 MB",
        "1:05",
        "12:30:59",
        "1h 15m",
        "PT2H5M",
        "3 days",
        " DR",
        "Cr.",
        "Doe, J",
        "mcmxcix",
        "(go",
        "u.s.s.r.",
        "’tis",
        "nguyễn-",
        "FF",
        "1,2,2",
        "24/03/2020",
        "2020-03-24 14:05",
        "+44 (0)20",
        "0044",
        " ext. 12",
    ]
)
NUMBERS = st.one_of(
    st.decimals(-(10**7), 10**7, places=3).map(str),
    st.integers(-(10**6), 10**6).map(str),
    st.sampled_from(["0", "-0.5", "0.125", "2.675", "1.005", "(1.234,50) €", "12,5-", "1e3", ".5", ""]),
)
MOMENTS = st.one_of(
    st.dates().filter(lambda d: d.year >= 1000).map(lambda d: d.strftime("%d/%m/%Y")),
    st.datetimes().filter(lambda d: d.year >= 1000).map(lambda d: d.strftime("%Y-%m-%d %H:%M")),
)
CELLS = st.one_of(st.none(), st.lists(PIECES, max_size=6).map("".join), NUMBERS, MOMENTS)


@pytest.mark.parametrize("name", TEXT)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(a=CELLS, b=CELLS)
def test_expression_means_the_same_in_python_and_in_duckdb(
    name: str, a: str | None, b: str | None, runner: InProcessRunner
) -> None:
    expression = TEXT[name]
    assert expression.run((a, b)) == runner.evaluate(expression.sql(), NAMES, (a, b))


@pytest.mark.parametrize("name", CONDITIONS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(a=CELLS, b=CELLS)
def test_condition_means_the_same_in_python_and_in_duckdb(
    name: str, a: str | None, b: str | None, runner: InProcessRunner
) -> None:
    condition = CONDITIONS[name]
    assert condition.holds((a, b)) == bool(runner.evaluate(condition.sql(), NAMES, (a, b)))


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True
)
@given(text=NUMBERS)
def test_number_styles_read_as_duckdb_casts(text: str, runner: InProcessRunner) -> None:
    for style in (PLAIN, EURO, NumberStyle(group=","), NumberStyle(decimal=",")):
        have = style.read(text)
        want = runner.evaluate(style.sql("a"), ("a",), (text,))
        assert (have is None) == (want is None)
        assert have is None or math.isclose(have, want, rel_tol=1e-12, abs_tol=1e-12)  # type: ignore[arg-type]
