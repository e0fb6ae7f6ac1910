"""What the passes over a file spare: rows of a usual shape are not asked. What is found stays what each guard finds by
itself."""

import random
import string
from collections.abc import Mapping
from itertools import pairwise

import duckdb
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.converter.adapters.sandbox import bounding, facts, settling, shapes, statements, trees
from services.converter.adapters.sandbox.checking import Checker, Found, GuardTree, group_by_source
from services.converter.adapters.sandbox.sharing import Numbers

CONNECTION = duckdb.connect(config={"threads": 1})
CONNECTION.execute("CREATE TABLE input AS SELECT '' AS a, '' AS b, 0 AS _row, ['']::VARCHAR[] AS _cells")
CHARACTERS = "059AKZamz -./_'é１ß−,(+"
CLASSES = (string.digits, string.ascii_uppercase, string.ascii_lowercase)
TEXTS = st.text(st.sampled_from(CHARACTERS), max_size=9)


def other_of_the_shape(text: str, choose: random.Random) -> str:
    """A text of the same shape."""
    return "".join(next((choose.choice(one) for one in CLASSES if c in one), c) for c in text)


def is_a_pattern(text: str) -> bool:
    try:
        CONNECTION.execute(f"SELECT regexp_matches('', {statements.quote_text(text)})")
    except duckdb.Error:
        return False
    return True


SETS = st.sampled_from(
    ["0-9", "A-Z", "a-z", r"\d", r"\p{L}", r"\w", " ", "-", r"\-", ".", "é", "0-4", "a", r"\S", "'", "!-/"]
)
SOME = st.lists(SETS, min_size=1, max_size=3).map("".join)
PIECES = st.one_of(
    st.builds("[{}]".format, SOME),
    st.builds("[^{}]".format, SOME),
    st.sampled_from(
        [r"\d", r"\p{L}", r"\p{Lu}", ".", r"\b", r"\W", "-", r"\.", " ", "a", "5", "^", "$", "é", "(?:-|$)", r"\D"]
    ),
)
COUNTED = st.builds("{}{}".format, PIECES, st.sampled_from(["", "", "", "+", "*", "?", "{2}", "{1,3}", "*?"]))
PATTERNS = st.lists(COUNTED, min_size=1, max_size=4).map("".join).filter(is_a_pattern)


@given(text=TEXTS)
@example("")
@example("(a) [b] {c} ^$|?*+\\/\"'#&~")
def test_a_shape_is_of_its_text_and_of_what_stands_for_it(text: str) -> None:
    shape, pair = shapes.shape_of(text), shapes.stand_ins(text)
    assert shape is not None
    assert pair is not None
    asked = "SELECT " + ", ".join(
        f"regexp_full_match({statements.quote_text(one)}, {statements.quote_text(shape)})"
        for one in (text, *pair, text + "x", text.swapcase() + "-")
    )
    assert CONNECTION.execute(asked).fetchall() == [(True, True, True, False, False)]
    assert [shapes.shape_of(one) for one in pair] == [shape, shape]


def test_no_two_places_of_what_stands_for_a_shape_have_the_same_characters() -> None:
    pair = shapes.stand_ins("9" * 40 + "A" * 30 + "z" * 30)
    assert pair is not None
    both = [(first.lower(), second.lower()) for first, second in zip(*pair, strict=True)]
    assert len(set(both)) == 100
    assert not any(first == second for first, second in both)
    assert shapes.stand_ins("9" * 91) is None


@given(pattern=PATTERNS, text=TEXTS, seed=st.integers(0, 9))
@example("[^0-9A-Za-z %&'+\\-._]|(?:^|[^0-9A-Za-z]) | (?:$|[^0-9A-Za-z])", "A -b", 1)
def test_a_pattern_that_takes_a_class_alike_matches_texts_of_a_shape_in_the_same_places(
    pattern: str, text: str, seed: int
) -> None:
    if not shapes.is_uniform(pattern):
        return
    other = other_of_the_shape(text, random.Random(seed))
    written = statements.quote_text(pattern)
    asked = ", ".join(
        f"(regexp_matches({one}, {written}), length(regexp_extract({one}, {written})), "
        f"length(regexp_replace({one}, {written}, '', 'g')))"
        for one in map(statements.quote_text, (text, other))
    )
    first, second = CONNECTION.execute(f"SELECT {asked}").fetchall()[0]
    assert first == second


@given(pattern=PATTERNS, text=TEXTS)
@example("(?i)[A-F]+5|(?:x{1,3}|[Rr]s[.]?)$", "Rs.")
@example("-?(?:[0-9]+(?:[.][0-9]{1,2})?|(?:0|[0-9]{4,})[.][0-9]{3})", "0.125")
def test_a_wider_pattern_is_found_where_the_given_one_is_and_that_one_where_a_narrower_is(
    pattern: str, text: str
) -> None:
    spelled = [shapes.narrowed(pattern), pattern, shapes.widened(pattern)]
    assert all(one is None or shapes.is_uniform(one) for one in (spelled[0], spelled[2]))
    written = statements.quote_text(text)
    asked = ", ".join(
        f"[regexp_matches({written}, {one}), regexp_full_match({written}, {one})]"
        for one in (statements.quote_text(one) for one in spelled if one is not None)
    )
    found = CONNECTION.execute(f"SELECT {asked}").fetchall()[0]
    assert all(less <= more for less, more in pairwise(matches for matches, _ in found))
    assert all(less <= more for less, more in pairwise(fully for _, fully in found))


@pytest.mark.parametrize("pattern", ["[^5]", r"\x41", "(?P<n>a)", r"\Qa\E", "[[:alpha:]]", "[]a]"])
def test_a_pattern_that_is_not_understood_is_not_widened(pattern: str) -> None:
    assert shapes.widened(pattern) is None
    assert pattern == "[^5]" or shapes.narrowed(pattern) is None


@pytest.mark.parametrize(
    "pattern", ["a", "[0-4]", "[a-fA-F0-9]", r"\x41", "(?P<n>.)", r"\Qa\E", "[[:alpha:]]", "1{2}", "[^5]"]
)
def test_a_pattern_that_tells_characters_of_a_class_apart_is_not_taken_for_one_that_does_not(pattern: str) -> None:
    assert not shapes.is_uniform(pattern)


def expressions(columns: list[str]) -> tuple[st.SearchStrategy[str], st.SearchStrategy[str]]:
    """Texts that are made of columns, and tests of them, as SQL."""
    quoted = PATTERNS.map(statements.quote_text)
    marks = st.sampled_from(["'-'", "' '", "''", "'.'", "'a'", "'-5'"])
    number = st.integers(-3, 4).map(str)

    def texts(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        return st.one_of(
            st.builds("{}({})".format, st.sampled_from(["trim", "upper", "lower"]), inner),
            st.builds("coalesce({}, '')".format, inner),
            st.builds("split_part({}, {}, {})".format, inner, marks, number.filter(lambda n: n != "0")),
            st.builds("substr({}, {}, 2)".format, inner, number),
            st.builds("substr({}, length(regexp_extract({}, {})) + 1)".format, inner, inner, quoted),
            st.builds("regexp_replace({}, {}, '9', 'g')".format, inner, quoted),
            st.builds("regexp_extract({}, {})".format, inner, quoted),
            st.builds("regexp_extract_all({}, {})[{}]".format, inner, quoted, number),
            st.builds("coalesce({}[{}], '')".format, inner, number),
            st.builds("replace({}, {}, {})".format, inner, marks.filter(lambda text: text != "''"), marks),
            st.builds("({} || {})".format, inner, st.one_of(marks, inner)),
            st.builds("CASE WHEN contains({0}, {1}) THEN {0} END".format, inner, marks),
        )

    text = st.recursive(st.sampled_from(columns), texts, max_leaves=4)
    simple = st.one_of(
        st.builds("regexp_matches({}, {})".format, text, quoted),
        st.builds("regexp_full_match({}, {})".format, text, quoted),
        st.builds(
            "{} {} {}".format, text, st.sampled_from(["=", "<>", "IS DISTINCT FROM", "<"]), st.one_of(marks, text)
        ),
        st.builds("starts_with({}, {})".format, text, text),
        st.builds("{} IN ({}, 'AB-10')".format, text, marks),
        st.builds("length({}) > {}".format, text, number),
        st.builds("{} IS NULL".format, text),
        st.builds("regexp_matches({}, '-' || regexp_escape({}))".format, text, text),
        st.builds("len(list_filter([{}, {}], lambda x: x = '-')) > 0".format, text, text),
        st.builds("len(regexp_extract_all({}, {})) > {}".format, text, quoted, number),
        st.builds(
            "len(list_filter(regexp_extract_all({}, {}), lambda x: NOT contains({}, x))) > 0".format, text, quoted, text
        ),
    )

    def tests(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        return st.one_of(
            st.builds("NOT ({})".format, inner),
            st.builds("({} AND {})".format, inner, inner),
            st.builds("({} OR {})".format, inner, inner),
        )

    return text, st.recursive(simple, tests, max_leaves=4)


OF_A = expressions(["a"])[1]
ANSWERS, TESTS = expressions(["a", "b"])


def is_settled(test: str, text: str) -> bool:
    """Whether a test is taken to be false on all texts of a text's shape."""
    tree = trees.parse(CONNECTION, f"SELECT a FROM input WHERE {test}")["statements"][0]["node"]
    bound = bounding.bound(
        tree["where_clause"], tree["select_list"][0], Numbers([tree["where_clause"], *tree["select_list"]])
    )
    usual = settling.usual_shapes([(text,)], 1)[0]
    return not bound.says_nothing and bool(settling.settled_shapes(CONNECTION, usual, {0: bound})[0])


@given(test=OF_A, text=TEXTS, seed=st.integers(0, 99))
def test_a_test_that_is_settled_on_a_shape_is_false_on_all_its_texts(test: str, text: str, seed: int) -> None:
    if not is_settled(test, text):
        return
    choose = random.Random(seed)
    texts = [text, *(other_of_the_shape(text, choose) for _ in range(20))]
    listed = ", ".join(f"({statements.quote_text(one)})" for one in texts)
    asked = f"SELECT a FROM (VALUES {listed}) AS t(a) WHERE {test}"
    assert CONNECTION.execute(asked).fetchall() == []


TRUE_OF_SOME = [
    "a = trim(a)",
    "a IS NOT DISTINCT FROM a",
    "NOT (a <> a)",
    "starts_with(a, split_part(a, '-', 1))",
    "substr(a, 4, 1) = substr(a, 5, 1)",
    "NOT (substr(a, 4, 1) <> substr(a, 5, 1))",
    "starts_with(substr(a, 4), substr(a, 5, 1))",
    "NOT (NOT starts_with(substr(a, 4), substr(a, 5, 1)))",
    "upper(substr(a, 1, 1)) = upper(substr(a, 8, 1))",
    "split_part(a, '-', 1) = 'AC'",
    "split_part(a, '-', 1) <> 'BD'",
    "split_part(a, '-', 1) IN ('-', 'AC')",
    "split_part(a, '-', 1) < 'B'",
    "starts_with(a, 'AC')",
    "contains(a, '12')",
    "length(split_part(a, '1', 1)) = 3",
    "strpos(a, '1') = 4",
    "regexp_matches(a, '[1-3]')",
    "regexp_replace(a, '^[A-C]', '') <> a",
    "regexp_matches(a, '-' || substr(a, 4, 1) || substr(a, 4, 1))",
    "TRY_CAST(substr(a, 4, 2) AS INTEGER) > 12",
    "length(trim(a, 'A')) = 7",
    "NOT (a = 'AC-12 qr' AND length(a) > 3)",
    "length(a) > 9 OR a > 'B'",
    "CASE WHEN starts_with(a, 'A') THEN true ELSE false END",
    "coalesce(nullif(a, 'AC-12 qr'), '') = ''",
    "len(list_filter(regexp_extract_all(a, '[A-Z]'), lambda w: NOT contains(split_part(a, '-', 2), w))) > 0",
    "len(list_filter(regexp_extract_all(a, '\\d'), lambda w: NOT contains('91' || a[1], w))) > 0",
    "len(list_filter(regexp_extract_all(a, '[A-C]'), lambda w: NOT contains(a, w))) = 0",
    "len(list_filter(regexp_extract_all(a, '\\d'), lambda w: contains(a, w))) > 0",
    "regexp_extract_all(a, '\\d')[1] = regexp_extract_all(a, '\\d')[2]",
    "regexp_extract_all(a, '[1-3]')[1] IS NULL",
]


@pytest.mark.parametrize("test", TRUE_OF_SOME)
def test_a_test_that_is_true_of_some_text_of_a_shape_is_not_settled(test: str) -> None:
    assert not is_settled(test, "AC-12 qr")


FALSE_OF_ALL = [
    "a <> trim(a)",
    "NOT regexp_full_match(split_part(a, '-', 2), '[0-9]+ .*')",
    "substr(a, 4, 2) IS DISTINCT FROM regexp_extract(a, '\\d+')",
    "NOT (starts_with(substr(a, 4), split_part(split_part(a, '-', 2), ' ', 1)) AND starts_with(a, substr(a, 1, 2)))",
    "trim(coalesce(a, '')) = '' OR NOT contains(a, '-')",
    "length(a) <> 8 AND a > 'B'",
    "regexp_matches(a, '\\p{L}\\d') AND TRY_CAST(a AS INTEGER) IS NULL",
    "NOT regexp_full_match(a, 'EUR|(?:[0-4]|[A-Z]{2})-(?:7|[0-9]+) [a-z]+|[B-D]*')",
    "regexp_full_match(a, '[A-Z]{0,2}[Rr]s[.]? [0-4]+|S?Fr5|(?:EUR|kr) [12]{1,3}')",
    "NOT (regexp_matches(a, '-') AND NOT regexp_matches(a, 'kr[1-5]|[1-3][Rr]'))",
    "regexp_replace(a, '0+', '') <> regexp_replace(trim(a), '0+', '')",
    "regexp_extract_all(a, '\\d+')[1] <> split_part(split_part(a, '-', 2), ' ', 1)",
    "len(list_filter(regexp_extract_all(lower(a), '[a-z]+'), lambda w: NOT contains(lower(substr(a, 7) || a), w))) > 0",
]


@pytest.mark.parametrize("test", FALSE_OF_ALL)
def test_a_test_that_the_shape_alone_decides_is_settled(test: str) -> None:
    assert is_settled(test, "AC-12 qr")


USUAL = {
    "AC-610022": "AC-[0-9]{6}",
    "Acme Corp 17": "names of two words and a number",
    "12.50": "amounts",
    "": "blanks",
    "AB-1": "short codes",
}


@st.composite
def files(draw: st.DrawFn) -> list[tuple[str, str]]:
    """Rows of two columns: texts of a few shapes, and some others."""
    choose = random.Random(draw(st.integers(0, 10_000)))
    kinds = [draw(st.sampled_from(list(USUAL))) for _ in range(2)]
    usual = [tuple(other_of_the_shape(kind, choose) for kind in kinds) for _ in range(40)]
    others = draw(st.lists(st.tuples(TEXTS, TEXTS), max_size=6))
    rows = [(one[0], one[1]) for one in (*usual, *others)]
    choose.shuffle(rows)
    return rows


WHOLE_FILE = st.sampled_from(
    [
        "coalesce(bool_or({0}) OVER (), false) AND NOT coalesce(bool_or({1}) OVER (), false)",
        "NOT coalesce(bool_or({0}) OVER (), false)",
        "bool_or({0}) OVER () OR bool_or({1}) OVER ()",
        "bool_or({0}) OVER (PARTITION BY a)",
    ]
)
PLAIN_GUARD = st.builds("SELECT _row, {} AS value FROM input WHERE {}".format, ANSWERS, TESTS)
GUARD_OF_FACTS = st.builds(
    lambda before, outside, across, one, other: (
        f"{before}SELECT _row, value FROM (SELECT _row, b AS value, {outside} AS outside, {across.format(one, other)} "
        f"AS across FROM {'odd' if before else 'input'}) WHERE outside AND across"
    ),
    st.sampled_from(["", "WITH odd AS (SELECT * FROM input WHERE _row % 2 = 1) "]),
    TESTS, WHOLE_FILE, TESTS, TESTS,
)  # fmt: skip


@given(
    rows=files(),
    guards=st.lists(st.one_of(PLAIN_GUARD, GUARD_OF_FACTS), min_size=1, max_size=5),
    answers=st.lists(ANSWERS, max_size=2),
    settles=st.booleans(),
)
def test_guards_that_share_a_pass_find_what_each_finds_by_itself(
    rows: list[tuple[str, str]], guards: list[str], answers: list[str], settles: bool
) -> None:
    connection = table_of(rows)
    read = [guard_of(connection, number, sql) for number, sql in enumerate(guards)]
    checker = Checker(connection, ("a", "b"), 500, settles=settles)
    alone = {guard.number: checker.check_alone(guard) for guard in read}
    together: dict[int, Found] = {}
    groups, others = group_by_source(facts.settle(connection, read, in_memory=False))
    for group in groups.values():
        together |= checker.check_group(group)
    for guard in others:
        together[guard.number] = checker.check_alone(guard)
    assert {number: together.get(number, Found()) for number in alone} == alone
    for group in groups.values():
        hits = hits_beside(connection, checker, group, answers)
        assert hits == {guard.number: [row for row, _ in alone[guard.number].first] for guard in group}


def hits_beside(
    connection: duckdb.DuckDBPyConnection, checker: Checker, group: list[GuardTree], answers: list[str]
) -> Mapping[int, list[int]]:
    """The rows that guards hit in the pass of a program that reads what they read."""
    listed = trees.parse(connection, f"SELECT {', '.join([*answers, '_row'])} FROM input")["statements"][0]["node"]
    node = {**group[0].node, "where_clause": None, "select_list": listed["select_list"]}
    text = checker.rows_with_tests(node, node["select_list"], group)
    found = connection.execute(f"SELECT * FROM ({text}) ORDER BY {len(answers) + 1}").fetchall()
    at = len(answers)
    hits = {guard.number: [row[at] for row in found if row[at + 1 + n]] for n, guard in enumerate(group)}
    return {guard.number: [] if guard.is_in_vain(len(hits[guard.number])) else hits[guard.number] for guard in group}


def table_of(rows: list[tuple[str, str]]) -> duckdb.DuckDBPyConnection:
    cursor = CONNECTION.cursor()
    values = ", ".join(
        f"({statements.quote_text(a)}, {statements.quote_text(b)}, {n}, [''])" for n, (a, b) in enumerate(rows, 1)
    )
    cursor.execute(f"CREATE OR REPLACE TABLE input AS SELECT * FROM (VALUES {values}) AS t(a, b, _row, _cells)")
    return cursor


def guard_of(connection: duckdb.DuckDBPyConnection, number: int, sql: str) -> GuardTree:
    return GuardTree(number, sql, trees.parse(connection, sql)["statements"][0]["node"], False, False, ())


def test_rows_of_a_usual_shape_are_asked_one_pattern_in_the_place_of_all() -> None:
    rows = [(f"AC-{n:06}", "") for n in range(500)]
    connection = table_of(rows)
    dear = [
        "NOT regexp_full_match(split_part(a, '-', -1), '[0-9]+')",
        "regexp_matches(a, '\\p{L}\\d')",
        "split_part(a, '-', 2) <> split_part(a, '-', -1) AND regexp_matches(a, regexp_escape(split_part(a, '-', 2)))",
    ]
    guards = [
        guard_of(connection, n, f"SELECT _row, a AS value FROM input WHERE {test}") for n, test in enumerate(dear)
    ]
    node = trees.parse(connection, "SELECT _row FROM input")["statements"][0]["node"]
    tests = [guard.test for guard in guards]
    settled = settling.settle(connection, node, node["select_list"], tests, Numbers([*node["select_list"], *tests]))
    assert sorted(settled) == [0, 1, 2]
    assert {one["arguments"][1]["expression"]["literal"]["text"] for one in settled.values()} == {r"[A-Z]{2}\-[0-9]{6}"}
