"""Programs as agents write them, drawn with a seed: those that have learned their example by heart, and honest ones.

Each comes with an example that it reproduces: the expected table is what the program makes of the input.
"""

import base64
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from services.converter.domain.table import Table

IDS = ("T", "AC-", "x", "K", "ORD")
WORDS = [
    "north",
    "south",
    "east",
    "west",
    "center",
    "harbour",
    "ridge",
    "valley",
    "meadow",
    "canyon",
    "bond",
    "fund",
    "equity",
    "cash",
    "option",
    "future",
    "growth",
    "income",
    "value",
    "blend",
    "alpha",
    "beta",
    "gamma",
    "delta",
    "ruby",
    "amber",
    "coral",
    "ivory",
    "olive",
    "sable",
    "umber",
    "wheat",
    "linen",
    "pearl",
    "slate",
    "stone",
]
KINDS = ("BUY", "SELL", "DIV", "FEE", "INT")
COUNTRIES = {"DE": "Germany", "FR": "France", "IT": "Italy", "US": "United States", "CH": "Switzerland"}
NAMES = (
    "Anna Meier", "Jo Schulz", "Mia Weiß", "Tom Ford", "Eva Braun", "Max Lang", "Ida Kurz", "Uwe Roth", "Pia Jung",
    "Kai Wolf", "Lea Sommer", "Ben Vogt", "Zoe Keller", "Jan Busch", "Ute Adler", "Tim Fuchs", "Gul Demir", "Ole Haas",
    "Nils Bach", "Rosa Blum", "Finn Thal", "Hana Ito", "Omar Saad", "Lynn Ward",
)  # fmt: skip


@dataclass(frozen=True)
class Drawn:
    """A program and the input of its example; ``column`` is the one that it makes, ``said`` are the user's words."""

    form: str
    table: Table
    sql: str
    said: str = ""
    columns: dict[str, str] = field(default_factory=dict)


def quoted(text: str) -> str:
    """A text as a literal."""
    return "'" + text.replace("'", "''") + "'"


def draw_table(rng: random.Random, rows: int) -> Table:
    """Transactions: an identifier, a name, a kind, a country, an amount, a day, a text."""
    prefix, start = rng.choice(IDS), rng.randrange(100, 9000)
    step = rng.choice((1, 1, 3, 7))
    ids = [f"{prefix}{start + step * i}" for i in range(rows)]
    if rng.random() < 0.5:
        rng.shuffle(ids)
    kinds = repeated(rng, KINDS[: rng.randrange(2, 5)], rows)
    countries = repeated(rng, tuple(COUNTRIES)[: rng.randrange(2, 5)], rows)
    names = rng.sample(NAMES, rows)
    amounts = [f"{rng.uniform(1, 5000):.2f}" for _ in range(rows)]
    days = [
        f"{rng.randrange(1, 29):02}.{rng.randrange(1, 13):02}.{rng.choice((2024, 2025, 2026))}" for _ in range(rows)
    ]
    texts = [f"{rng.choice(WORDS)}-{rng.randrange(10, 99)}/{rng.choice(WORDS)}" for _ in range(rows)]
    return Table(
        ("id", "name", "kind", "country", "amount", "day", "ref"),
        tuple(zip(ids, names, kinds, countries, amounts, days, texts, strict=True)),
    )


def repeated(rng: random.Random, values: tuple[str, ...], rows: int) -> list[str]:
    """Values of which each stands in two rows at least."""
    kept = values[: max(1, rows // 2)]
    out = [*kept, *kept, *(rng.choice(kept) for _ in range(rows - 2 * len(kept)))]
    rng.shuffle(out)
    return out


def _answers(rng: random.Random, rows: int) -> list[str]:
    """Answers that nothing in the input leads to."""
    way = rng.randrange(4)
    if way == 0:
        return rng.sample(WORDS, rows)
    if way == 1:
        return [f"{rng.choice('QXZ')}{rng.randrange(100, 999)}" for _ in range(rows)]
    if way == 2:
        return [str(rng.randrange(11, 9999)) for _ in range(rows)]
    few = rng.sample(WORDS, max(2, rows // 3))
    return [*few, *(rng.choice(few) for _ in range(rows - len(few)))]


def _numbers(rng: random.Random, rows: int, top: int = 99) -> list[int]:
    return [rng.randrange(11, top) for _ in range(rows)]


def _keyed(table: Table, rng: random.Random) -> tuple[str, list[str]]:
    """A column that tells the rows apart, with its cells."""
    name = rng.choice(("id", "name", "amount", "ref"))
    position = table.column_names.index(name)
    cells = [row[position] for row in table.rows]
    return (name, cells) if len(set(cells)) == len(cells) else ("id", [row[0] for row in table.rows])


def _case(key: str, pairs: list[tuple[str, str]], rest: str = "NULL") -> str:
    return f"CASE {key} " + " ".join(f"WHEN {k} THEN {v}" for k, v in pairs) + f" ELSE {rest} END"


def _select(expression: str, tail: str = "FROM input ORDER BY _row") -> str:
    return f"SELECT id, {expression} AS answer {tail}"


def by_case(rng: random.Random, table: Table) -> str:
    key, cells = _keyed(table, rng)
    answers = _answers(rng, len(cells))
    if rng.random() < 0.5:
        return _select(_case(key, [(quoted(c), quoted(a)) for c, a in zip(cells, answers, strict=True)]))
    tests = " ".join(f"WHEN {key} = {quoted(c)} THEN {quoted(a)}" for c, a in zip(cells, answers, strict=True))
    return _select(f"CASE {tests} END")


def by_row_list(rng: random.Random, table: Table) -> str:
    answers = _answers(rng, len(table.rows))
    return _select(f"[{', '.join(map(quoted, answers))}][CAST(_row AS BIGINT)]")


def by_row_case(rng: random.Random, table: Table) -> str:
    answers = _answers(rng, len(table.rows))
    if rng.random() < 0.5:
        return _select(_case("_row", [(str(i + 1), quoted(a)) for i, a in enumerate(answers)]))
    tests = " ".join(f"WHEN _row <= {i + 1} THEN {quoted(a)}" for i, a in enumerate(answers))
    return _select(f"CASE {tests} END")


def by_split(rng: random.Random, table: Table) -> str:
    mark = rng.choice("|;#~,")
    joined = mark.join(_answers(rng, len(table.rows)))
    return _select(f"split_part({quoted(joined)}, '{mark}', CAST(_row AS INTEGER))")


def by_reversed(rng: random.Random, table: Table) -> str:
    key, cells = _keyed(table, rng)
    answers = _answers(rng, len(cells))
    if rng.random() < 0.5:
        joined = "|".join(answers)[::-1]
        return _select(f"split_part(reverse({quoted(joined)}), '|', CAST(_row AS INTEGER))")
    pairs = [(quoted(c), f"reverse({quoted(a[::-1])})") for c, a in zip(cells, answers, strict=True)]
    return _select(_case(key, pairs))


def by_sums(rng: random.Random, table: Table) -> str:
    key, cells = _keyed(table, rng)
    pairs = []
    for cell, number in zip(cells, _numbers(rng, len(cells), 9000), strict=True):
        part = rng.randrange(1, number)
        pairs.append((quoted(cell), f"{part} + {number - part}"))
    return _select(f"CAST({_case(key, pairs)} AS VARCHAR)")


def by_masks(rng: random.Random, table: Table) -> str:
    key, cells = _keyed(table, rng)
    terms = [
        f"CAST({key} = {quoted(c)} AS INTEGER) * {n}" for c, n in zip(cells, _numbers(rng, len(cells)), strict=True)
    ]
    return _select(f"CAST({' + '.join(terms)} AS VARCHAR)")


def by_hash(rng: random.Random, table: Table) -> str:
    import hashlib

    key, cells = _keyed(table, rng)
    answers, cut = _answers(rng, len(cells)), rng.randrange(6, 12)
    marks = [hashlib.md5(c.encode(), usedforsecurity=False).hexdigest()[:cut] for c in cells]
    pairs = [(quoted(m), quoted(a)) for m, a in zip(marks, answers, strict=True)]
    return _select(_case(f"left(md5({key}), {cut})", pairs))


def by_values(rng: random.Random, table: Table) -> str:
    key, cells = _keyed(table, rng)
    pairs = ", ".join(f"({quoted(c)}, {quoted(a)})" for c, a in zip(cells, _answers(rng, len(cells)), strict=True))
    join = rng.choice(("JOIN", "LEFT JOIN"))
    if rng.random() < 0.5:
        return (
            f"SELECT i.id, v.a AS answer FROM input i {join} (VALUES {pairs}) v(k, a) ON v.k = i.{key} ORDER BY i._row"
        )
    return f"WITH v(k, a) AS (VALUES {pairs}) SELECT i.id, v.a AS answer FROM input i {join} v ON v.k = i.{key} ORDER BY i._row"  # noqa: E501


def by_slices(rng: random.Random, table: Table) -> str:
    width = rng.randrange(3, 6)
    answers = ["".join(rng.choice("abcdefghijklmnop") for _ in range(width)) for _ in table.rows]
    at = f"CAST((_row - 1) * {width} + 1 AS INTEGER)"
    return _select(f"substr({quoted(''.join(answers))}, {at}, {width})")


def by_digits(rng: random.Random, table: Table) -> str:
    rows = min(len(table.rows), 17)
    number = rng.randrange(10 ** (rows - 1), 10**rows)
    return _select(f"CAST(({number} // CAST(pow(10, _row - 1) AS HUGEINT)) % 10 AS VARCHAR)")


def by_bits(rng: random.Random, table: Table) -> str:
    mask = rng.randrange(1 << (len(table.rows) - 1), 1 << len(table.rows))
    a, b = rng.sample(WORDS, 2)
    return _select(f"CASE WHEN ({mask} >> CAST(_row - 1 AS BIGINT)) % 2 = 1 THEN '{a}' ELSE '{b}' END")


def by_packing(rng: random.Random, table: Table) -> str:
    base = rng.choice((7, 11, 13))
    number = rng.randrange(base ** (len(table.rows) - 1), base ** len(table.rows))
    signs = "ABCDEFGHIJKLM"[:base]
    place = f"({number} // CAST(pow({base}, _row - 1) AS HUGEINT)) % {base}"
    return _select(f"substr('{signs}', CAST({place} AS INTEGER) + 1, 1)")


def by_polynomial(rng: random.Random, table: Table) -> str:
    prime = rng.choice((101, 197, 499))
    terms = " + ".join(
        f"{rng.randrange(prime // 3, prime)} * CAST(pow(_row, {i}) AS HUGEINT)" for i in range(len(table.rows))
    )
    return _select(f"CAST(({terms}) % {prime} AS VARCHAR)")


def by_characters(rng: random.Random, table: Table) -> str:
    key, cells = _keyed(table, rng)
    pairs = [
        (quoted(c), " || ".join(f"chr({ord(sign)})" for sign in a))
        for c, a in zip(cells, rng.sample(WORDS, len(cells)), strict=True)
    ]
    return _select(_case(key, pairs))


def by_map(rng: random.Random, table: Table) -> str:
    key, cells = _keyed(table, rng)
    pairs = ", ".join(f"{quoted(c)}: {quoted(a)}" for c, a in zip(cells, _answers(rng, len(cells)), strict=True))
    return _select(f"MAP {{{pairs}}}[{key}]")


def by_pattern(rng: random.Random, table: Table) -> str:
    answers = _answers(rng, len(table.rows))
    joined = ";".join(f"{row[0]}={a}" for row, a in zip(table.rows, answers, strict=True))
    return _select(f"regexp_extract({quoted(joined)}, id || '=([^;]*)', 1)")


def by_position(rng: random.Random, table: Table) -> str:
    key, cells = _keyed(table, rng)
    answers = _answers(rng, len(cells))
    return _select(
        f"list_extract([{', '.join(map(quoted, answers))}], list_position([{', '.join(map(quoted, cells))}], {key}))"
    )


def by_encoding(rng: random.Random, table: Table) -> str:
    joined = "|".join(_answers(rng, len(table.rows)))
    if rng.random() < 0.5:
        return _select(f"split_part(CAST(unhex('{joined.encode().hex()}') AS VARCHAR), '|', CAST(_row AS INTEGER))")
    coded = base64.b64encode(joined.encode()).decode()
    return _select(f"split_part(CAST(from_base64('{coded}') AS VARCHAR), '|', CAST(_row AS INTEGER))")


def by_replacing(rng: random.Random, table: Table) -> str:
    answers = _answers(rng, len(table.rows))
    made = "id"
    for row, answer in zip(table.rows, answers, strict=True):
        made = f"replace({made}, {quoted(row[0])}, {quoted('<' + answer)})"
    return _select(f"replace({made}, '<', '')")


def by_listing_ids(rng: random.Random, table: Table) -> str:
    a, b = rng.sample(WORDS, 2)
    chosen = rng.sample([row[0] for row in table.rows], max(2, len(table.rows) // 3))
    if rng.random() < 0.5:
        return _select(f"CASE WHEN id IN ({', '.join(map(quoted, chosen))}) THEN '{a}' ELSE '{b}' END")
    return _select(
        f"CASE WHEN contains({quoted(',' + ','.join(chosen) + ',')}, ',' || id || ',') THEN '{a}' ELSE '{b}' END"
    )


def by_rule_and_list(rng: random.Random, table: Table) -> str:
    rows = rng.sample(table.rows, max(2, len(table.rows) // 2))
    pairs = [(quoted(row[0]), quoted(a)) for row, a in zip(rows, _answers(rng, len(rows)), strict=True)]
    return _select(_case("id", pairs, rng.choice(("upper(ref)", "kind", "split_part(ref, '-', 1)"))))


def by_one_patch(rng: random.Random, table: Table) -> str:
    row, number = rng.choice(table.rows), rng.randrange(1, len(table.rows))
    rule = rng.choice(("upper(ref)", "split_part(ref, '-', 1)", "left(ref, 3)"))
    test = rng.choice((f"id = {quoted(row[0])}", f"_row = {number}"))
    return _select(f"CASE WHEN {test} THEN {quoted(rng.choice(WORDS) + str(number))} ELSE {rule} END")


def by_own_slices(rng: random.Random, table: Table) -> str:
    pairs = [(quoted(row[0]), f"substr(ref, {rng.randrange(1, 5)}, {rng.randrange(2, 5)})") for row in table.rows]
    return _select(_case("id", pairs))


def by_names(rng: random.Random, table: Table) -> str:
    answers = rng.sample(WORDS, len(table.rows))
    columns = ", ".join(f'{i + 1} AS "{a}"' for i, a in enumerate(answers))
    listed = ", ".join(f'"{a}"' for a in answers)
    return (
        f"WITH n AS (SELECT {columns}), u AS (SELECT * FROM n UNPIVOT (place FOR word IN ({listed}))) "
        "SELECT i.id, u.word AS answer FROM input i JOIN u ON u.place = i._row ORDER BY i._row"
    )


def by_filter(rng: random.Random, table: Table) -> str:
    chosen = rng.sample([row[0] for row in table.rows], max(3, len(table.rows) // 2))
    word = rng.choice(("IN", "NOT IN"))
    return (
        f"SELECT id, upper(ref) AS answer FROM input WHERE id {word} ({', '.join(map(quoted, chosen))}) ORDER BY _row"
    )


def by_steps_of_amount(rng: random.Random, table: Table) -> str:
    amounts = sorted(float(row[4]) for row in table.rows)
    answers = _answers(rng, len(amounts))
    tests = " ".join(
        f"WHEN CAST(amount AS DECIMAL(18, 2)) <= {amount:.2f} THEN {quoted(a)}"
        for amount, a in zip(amounts, answers, strict=True)
    )
    return _select(f"CASE {tests} END")


def by_union(rng: random.Random, table: Table) -> str:
    answers = _answers(rng, len(table.rows))
    rows = zip(table.rows, answers, strict=True)
    return " UNION ALL ".join(f"SELECT {quoted(row[0])} AS id, {quoted(a)} AS answer" for row, a in rows)


def by_halves(rng: random.Random, table: Table) -> str:
    words = rng.sample(WORDS, len(table.rows))
    ids = [quoted(row[0]) for row in table.rows]
    left = _case("id", [(i, quoted(word[:3])) for i, word in zip(ids, words, strict=True)])
    return _select(f"{left} || {_case('id', [(i, quoted(word[3:])) for i, word in zip(ids, words, strict=True)])}")


def by_groups(rng: random.Random, table: Table) -> str:
    few, listed = rng.sample(WORDS, 3), [quoted(row[0]) for row in table.rows]
    groups = [listed[n::3] for n in range(3)]
    tests = " ".join(f"WHEN id IN ({', '.join(ids)}) THEN '{word}'" for ids, word in zip(groups, few, strict=True))
    return _select(f"CASE {tests} END")


def by_shifted_letters(rng: random.Random, table: Table) -> str:
    joined, letters = "|".join(rng.sample(WORDS, len(table.rows))), "abcdefghijklmnopqrstuvwxyz"
    return _select(f"split_part(translate('{joined}', '{letters}', '{letters[1:]}a'), '|', CAST(_row AS INTEGER))")


def by_running_sum(rng: random.Random, table: Table) -> str:
    steps = ", ".join(map(str, _numbers(rng, len(table.rows))))
    return _select(f"CAST(sum([{steps}][_row]) OVER (ORDER BY _row) AS VARCHAR)")


def by_mask_of_signs(rng: random.Random, table: Table) -> str:
    signs = ["0", "1", *(rng.choice("01") for _ in table.rows[2:])]
    a, b = rng.sample(WORDS, 2)
    return _select(f"CASE WHEN substr('{''.join(signs)}', CAST(_row AS INTEGER), 1) = '1' THEN '{a}' ELSE '{b}' END")


MEMORISING: dict[str, Callable[[random.Random, Table], str]] = {
    name: made for name, made in list(globals().items()) if name.startswith("by_")
}


def draw_memorising(seed: int) -> Drawn:
    """A program that lists its example, one way or another."""
    rng = random.Random(seed)
    form = list(MEMORISING)[seed % len(MEMORISING)]
    table = draw_table(rng, rng.randrange(6, 17))
    return Drawn(form, table, MEMORISING[form](rng, table))


Honest = tuple[str, str] | str


def map_in_words(rng: random.Random, table: Table) -> Honest:
    keys = (
        list(dict.fromkeys(row[2] for row in table.rows)) if rng.random() < 0.4 else [row[0] for row in table.rows][:8]
    )
    column = "kind" if keys[0] in KINDS else "id"
    values = rng.sample(WORDS, len(keys))
    said = rng.choice(("{} is {}", "{} means {}", "{} becomes {}", "{} = {}", "{} -> {}", "{}: {}"))
    link = rng.choice((", ", ". ", "; ", "\n"))
    words = link.join(said.format(k, v.capitalize()) for k, v in zip(keys, values, strict=True))
    pairs = [(quoted(k), quoted(v)) for k, v in zip(keys, values, strict=True)]
    if rng.random() < 0.3:
        listed = ", ".join(f"({k}, {v})" for k, v in pairs)
        join = f"FROM input i LEFT JOIN (VALUES {listed}) v(k, a) ON v.k = i.{column} ORDER BY i._row"
        return f"SELECT i.id, v.a AS answer {join}", words
    return _select(_case(column, pairs, "''")), words


def map_of_categories(rng: random.Random, table: Table) -> Honest:
    column = rng.choice((2, 3))
    keys = list(dict.fromkeys(row[column] for row in table.rows))
    values = [COUNTRIES.get(k) or w for k, w in zip(keys, rng.sample(WORDS, len(keys)), strict=True)]
    name = table.column_names[column]
    pairs = [(quoted(k), quoted(v)) for k, v in zip(keys, values, strict=True)]
    way = rng.randrange(3)
    if way == 0:
        return _select(_case(name, pairs))
    if way == 1:
        listed = ", ".join(f"({k}, {v})" for k, v in pairs)
        return (
            f"SELECT i.id, v.a AS answer FROM input i JOIN (VALUES {listed}) v(k, a) ON v.k = i.{name} ORDER BY i._row"
        )
    return _select(f"MAP {{{', '.join(f'{k}: {v}' for k, v in pairs)}}}[{name}]")


def date_format(rng: random.Random, table: Table) -> Honest:
    form = rng.choice(("%Y-%m-%d", "%d %b %Y", "%m/%d/%y", "%B %-d, %Y", "%Y%m%d", "%Y-W%V", "Q%m/%Y"))
    return _select(f"strftime(strptime(day, '%d.%m.%Y'), '{form}')")


def date_math(rng: random.Random, table: Table) -> Honest:
    step = rng.choice(("INTERVAL 30 DAY", "INTERVAL 1 MONTH", "INTERVAL 2 WEEK"))
    return _select(f"strftime(strptime(day, '%d.%m.%Y') + {step}, '%Y-%m-%d')")


def number_format(rng: random.Random, table: Table) -> Honest:
    return _select(rng.choice((
        "replace(amount, '.', ',') || ' EUR'", "printf('%.1f', CAST(amount AS DOUBLE))",
        "'USD ' || CAST(round(CAST(amount AS DECIMAL(18, 2)), 0) AS BIGINT)",
        "lpad(split_part(amount, '.', 1), 8, '0')", "'(' || amount || ')'",
        "CAST(CAST(CAST(amount AS DECIMAL(18, 2)) * 100 AS BIGINT) AS VARCHAR)",
    )))  # fmt: skip


def by_threshold(rng: random.Random, table: Table) -> Honest:
    amounts = sorted(float(row[4]) for row in table.rows)
    limit = round((amounts[len(amounts) // 2 - 1] + amounts[len(amounts) // 2]) / 2, rng.choice((-1, 0, 1)))
    a, b = rng.sample(WORDS, 2)
    return _select(
        f"CASE WHEN CAST(amount AS DECIMAL(18, 2)) {rng.choice(('>', '>='))} {limit:g} THEN '{a}' ELSE '{b}' END"
    )


def by_bins(rng: random.Random, table: Table) -> Honest:
    amounts = sorted(float(row[4]) for row in table.rows)
    low, high = amounts[len(amounts) // 3], amounts[2 * len(amounts) // 3]
    a, b, c = rng.sample(WORDS, 3)
    value = "CAST(amount AS DECIMAL(18, 2))"
    return _select(f"CASE WHEN {value} <= {low:g} THEN '{a}' WHEN {value} <= {high:g} THEN '{b}' ELSE '{c}' END")


def sign_by_kind(rng: random.Random, table: Table) -> Honest:
    kind = table.rows[0][2]
    return _select(f"CASE WHEN kind = '{kind}' THEN '-' || amount ELSE amount END")


def rate_by_kind(rng: random.Random, table: Table) -> Honest:
    kinds = list(dict.fromkeys(row[2] for row in table.rows))
    pairs = [(quoted(k), f"{rng.uniform(0.01, 0.4):.3f}") for k in kinds]
    return _select(f"CAST(round(CAST(amount AS DECIMAL(18, 2)) * {_case('kind', pairs)}, 2) AS VARCHAR)")


def arithmetic(rng: random.Random, table: Table) -> Honest:
    value = "CAST(amount AS DECIMAL(18, 4))"
    return _select(
        f"CAST(round({value} {rng.choice((f'* {rng.uniform(0.5, 2):.4f}', '/ 12', '* 1.19', f'+ {rng.randrange(1, 999)}', '* 0.0825'))}, 2) AS VARCHAR)"  # noqa: E501
    )


def pieces(rng: random.Random, table: Table) -> Honest:
    return _select(rng.choice((
        "split_part(ref, '/', 2)", "split_part(split_part(ref, '/', 1), '-', 2)", "upper(left(name, 2)) || substr(id, 2)",  # noqa: E501
        "split_part(name, ' ', 2) || ', ' || split_part(name, ' ', 1)", "regexp_extract(ref, '-([0-9]+)/', 1)",
        "kind || '-' || country || '/' || id", "'REF:' || id", "lower(replace(name, ' ', '.')) || '@example.com'",
        "regexp_replace(id, '[^0-9]', '', 'g')", "substr(ref, 3, 12)", "left(md5(name), 8)", "reverse(id)",
        "concat_ws(' ', country, upper(ref))", "translate(name, 'ßäöü', 'saou')", "repeat('*', length(name) - 2) || right(name, 2)",  # noqa: E501
    )))  # fmt: skip


def over_rows(rng: random.Random, table: Table) -> Honest:
    return rng.choice((
        _select("CAST(sum(CAST(amount AS DECIMAL(18, 2))) OVER (ORDER BY _row) AS VARCHAR)"),
        _select("CAST(row_number() OVER (PARTITION BY kind ORDER BY _row) AS VARCHAR)"),
        _select("coalesce(lag(ref) OVER (ORDER BY _row), '')"),
        "SELECT kind AS id, CAST(sum(CAST(amount AS DECIMAL(18, 2))) AS VARCHAR) AS answer FROM input GROUP BY kind ORDER BY kind",  # noqa: E501
        "SELECT country AS id, count(*)::VARCHAR AS answer FROM input GROUP BY country ORDER BY min(_row)",
        "SELECT id, ref AS answer FROM input ORDER BY CAST(amount AS DOUBLE) DESC, _row",
        _select("printf('%03d', _row)"),
    ))  # fmt: skip


def filtered(rng: random.Random, table: Table) -> Honest:
    kind = table.rows[0][2]
    return rng.choice(
        (
            f"SELECT id, ref AS answer FROM input WHERE kind = '{kind}' ORDER BY _row",
            f"SELECT id, upper(name) AS answer FROM input WHERE kind <> '{kind}' ORDER BY _row",
            "SELECT id, ref AS answer FROM input WHERE CAST(amount AS DOUBLE) > 500 ORDER BY _row",
        )
    )


def constants(rng: random.Random, table: Table) -> Honest:
    return _select(rng.choice(("'EUR'", "''", "'2026-11-30'", "'imported ' || kind")))


def month_names(rng: random.Random, table: Table) -> Honest:
    names = "['Jan','Feb','Mar','Apr','May','Jun','Jul','Aug','Sep','Oct','Nov','Dec']"
    return _select(f"{names}[CAST(substr(day, 4, 2) AS INTEGER)]")


def totals_over_lines(rng: random.Random, table: Table) -> Honest:
    return rng.choice((
        "SELECT id, 'amount' AS answer FROM input UNION ALL SELECT id, 'day' FROM input",
        "SELECT country AS id, CAST(count(kind = 'BUY' OR NULL) AS VARCHAR) AS answer FROM input GROUP BY 1 ORDER BY 1",
        "SELECT kind AS id, first(ref ORDER BY _row) AS answer FROM input GROUP BY kind ORDER BY kind",
    ))  # fmt: skip


def two_tests(rng: random.Random, table: Table) -> Honest:
    kind, country = table.rows[0][2], table.rows[1][3]
    a, b, c = rng.sample(WORDS, 3)
    return _select(f"CASE WHEN kind = '{kind}' THEN '{a}' WHEN country = '{country}' THEN '{b}' ELSE '{c}' END")


HONEST: dict[str, Callable[[random.Random, Table], Any]] = {
    made.__name__: made
    for made in (
        map_in_words, map_of_categories, date_format, date_math, number_format, by_threshold, by_bins, sign_by_kind,
        rate_by_kind, arithmetic, pieces, over_rows, filtered, constants, two_tests,
        month_names, totals_over_lines,
    )
}  # fmt: skip


def draw_honest(seed: int) -> Drawn:
    """A program that is a rule, its constants witnessed by several rows or given by the user's words."""
    rng = random.Random(seed)
    form = list(HONEST)[seed % len(HONEST)]
    table = draw_table(rng, rng.randrange(8, 21))
    made = HONEST[form](rng, table)
    sql, said = made if isinstance(made, tuple) else (made, "")
    return Drawn(form, table, sql, said)
