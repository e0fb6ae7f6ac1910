# ruff: noqa: E501 - programs stand on one line
"""Programs that choose, repeat and order rows by a rule, or as the user's words say: neighbours of lists of rows."""

import json
import random

from services.converter.domain.table import Table
from tests.support.agent_programs.tables import MONTHS, WORDS, case, quoted, select

Honest = tuple[str, str] | str
_ANSWER = "upper(ref) AS answer"
_VALUE = "CAST(amount AS DECIMAL(18, 2))"
_DAY = "strptime(day, '%d.%m.%Y')"
_NUMBER = "CAST(regexp_replace(id, '[^0-9]', '', 'g') AS BIGINT)"


def _ordered(by: str) -> str:
    return f"SELECT id, {_ANSWER} FROM input ORDER BY {by}"


def _kept(test: str) -> str:
    return f"SELECT id, {_ANSWER} FROM input WHERE {test} ORDER BY _row"


def sorted_by_content(rng: random.Random, table: Table) -> Honest:
    return _ordered(rng.choice((
        "_row DESC", "kind, _row DESC", "kind", "country DESC", "unit, kind", "country DESC, id", f"{_VALUE} DESC", f"{_DAY}, id", f"{_NUMBER}", "length(name), name",
        "split_part(name, ' ', 2), split_part(name, ' ', 1)", f"year({_DAY}) DESC, kind, _row", "right(id, 1), _row", "reverse(id)",
        "memo = '', memo, _row", f"kind, {_VALUE} DESC", "substr(ref, 3), id", f"CASE WHEN {_VALUE} > 500 THEN 0 ELSE 1 END, _row",
        f"dayofweek({_DAY}), _row", f"month({_DAY}), day({_DAY}), _row", f"abs({_VALUE} - 1000)",
        f"round({_VALUE} * 0.19, 2), id", f"sum({_VALUE}) OVER (PARTITION BY country), country, _row",
        "count(*) OVER (PARTITION BY kind) DESC, kind, _row", "lower(strip_accents(name))", f"{_VALUE} * CASE unit WHEN 'kg' THEN 1 WHEN 't' THEN 1000 ELSE 0.001 END, id",
    )))  # fmt: skip


def sorted_by_named_order(rng: random.Random, table: Table) -> Honest:
    """Categories in an order of their own: recurring ones, or those of the words."""
    column = rng.choice((2, 3, 7))
    name = table.column_names[column]
    kinds = list(dict.fromkeys(row[column] for row in table.rows))
    rng.shuffle(kinds)
    listed = ", ".join(f"({quoted(kind)}, {n})" for n, kind in enumerate(kinds, 1))
    words = rng.choice(("", f"sort by {name}: first {', then '.join(kinds)}"))
    return rng.choice((
        _ordered(f"{case(name, [(quoted(k), str(n)) for n, k in enumerate(kinds, 1)])}, _row"),
        _ordered(f"list_position([{', '.join(map(quoted, kinds))}], {name}), {_VALUE} DESC"),
        _ordered(f"strpos('{','.join(kinds)}', {name}), id"),
        _ordered(f"CASE WHEN {name} = {quoted(kinds[0])} THEN 0 ELSE 1 END, _row"),
        f"SELECT i.id, upper(i.ref) AS answer FROM input i JOIN (VALUES {listed}) v(k, n) ON v.k = i.{name} ORDER BY v.n, i._row",
        _ordered(f"strpos('{''.join(MONTHS)}', month), id"),
    )), words  # fmt: skip


def rows_that_words_list(rng: random.Random, table: Table) -> Honest:
    """Rows and orders that the user names one by one."""
    ids = [row[0] for row in table.rows]
    chosen = rng.sample(ids, min(len(ids) - 1, rng.randrange(3, 7)))
    texts = ", ".join(map(quoted, chosen))
    numbers = sorted(rng.sample(range(1, len(ids) + 1), 4))
    listed = ", ".join(map(str, numbers))
    return rng.choice((
        (_kept(f"id IN ({texts})"), f"only {', '.join(chosen)} are wanted"),
        (_kept(f"id NOT IN ({texts})"), f"leave out {' and '.join(chosen)}"),
        (f"SELECT id, {_ANSWER} FROM input WHERE id IN ({texts}) ORDER BY list_position([{texts}], id)", f"give the rows in this order: {', '.join(chosen)}"),
        (_kept(f"_row IN ({listed})"), f"keep rows {listed} only"),
        (_kept(f"regexp_matches(id, '^({'|'.join(chosen)})$')"), f"Keep {' / '.join(chosen)}; drop all others."),
    ))  # fmt: skip


def rows_by_rule(rng: random.Random, table: Table) -> Honest:
    amounts = sorted(float(row[4]) for row in table.rows)
    low, high = amounts[len(amounts) // 4], amounts[3 * len(amounts) // 4]
    kinds = list(dict.fromkeys(row[2] for row in table.rows))
    return _kept(rng.choice((
        "_row % 2 = 1", "_row > 3", "memo <> ''", f"{_VALUE} BETWEEN {low:.0f} AND {high:.0f}", f"{_VALUE} < {low + 0.004:.3f} OR {_VALUE} > {high - 0.004:.3f}",
        f"year({_DAY}) = {table.rows[0][5][-4:]}", f"kind IN ({', '.join(map(quoted, kinds[:2]))})", "contains(ref, 'a')", "length(name) > 8",
        f"{_VALUE} > (SELECT avg({_VALUE}) FROM input)", "regexp_matches(ref, '^[a-m]')", "name < 'M'", f"{_DAY} >= DATE '2025-01-01'",
        "id NOT LIKE '%9'", f"country <> {quoted(table.rows[0][3])} AND kind <> {quoted(table.rows[0][2])}", f"{_NUMBER} % 2 = 0", "_row <= 5",
        "_row BETWEEN 3 AND 7", "NOT (_row % 3 = 0)", f"month IN ('Jan', 'Feb', 'Mar', 'Apr', {quoted(table.rows[0][9])})",
    )))  # fmt: skip


def rows_made_one(rng: random.Random, table: Table) -> Honest:
    return rng.choice((
        f"SELECT id, {_ANSWER} FROM input QUALIFY row_number() OVER (PARTITION BY md5(kind || country) ORDER BY _row) = 1 ORDER BY _row",
        f"SELECT id, {_ANSWER} FROM input WHERE _row IN (SELECT min(_row) FROM input GROUP BY kind) ORDER BY _row",
        f"SELECT id, {_ANSWER} FROM input ORDER BY {_VALUE} DESC LIMIT 3",
        f"SELECT id, {_ANSWER} FROM input ORDER BY _row LIMIT 4 OFFSET 2",
        f"SELECT arg_max(id, {_VALUE}) AS id, max({_VALUE})::VARCHAR AS answer FROM input GROUP BY country ORDER BY country",
        "SELECT DISTINCT kind AS id, country AS answer FROM input ORDER BY ALL",
        f"SELECT id, {_ANSWER} FROM input QUALIFY rank() OVER (PARTITION BY kind ORDER BY {_VALUE} DESC) <= 2 ORDER BY kind, {_VALUE} DESC",
        f"SELECT id, {_ANSWER} FROM input i WHERE EXISTS (SELECT 1 FROM input o WHERE o.kind = i.kind AND md5(o.country) = md5(i.country) AND o._row < i._row) ORDER BY _row",
    ))  # fmt: skip


def rows_made_many(rng: random.Random, table: Table) -> Honest:
    kinds = list(dict.fromkeys(row[2] for row in table.rows))
    times = case("kind", [(quoted(k), str(n)) for n, k in enumerate(kinds, 1)])
    return rng.choice((
        f"SELECT id, {_ANSWER} FROM (SELECT *, unnest(range({times})) AS n FROM input) ORDER BY _row, n",
        f"SELECT id, {_ANSWER} FROM (SELECT *, unnest(range(length(unit))) AS n FROM input) ORDER BY _row, n",
        f"SELECT id, {_ANSWER} FROM input CROSS JOIN range(2) r(n) ORDER BY _row, n",
        "SELECT id, unnest([kind, country, unit]) AS answer FROM input ORDER BY _row",
        "SELECT id, v.w AS answer FROM input CROSS JOIN (VALUES ('debit'), ('credit')) v(w) ORDER BY _row, v.w DESC",
        "SELECT id, kind AS answer FROM input UNION ALL SELECT 'total', CAST(count(*) AS VARCHAR) FROM input",
        f"(SELECT id, {_ANSWER} FROM input WHERE kind = {quoted(kinds[0])} ORDER BY _row) UNION ALL (SELECT id, {_ANSWER} FROM input WHERE kind <> {quoted(kinds[0])} ORDER BY _row)",
    ))  # fmt: skip


def groups_with_labels(rng: random.Random, table: Table) -> Honest:
    """Groups under names of their own."""
    column = rng.choice((2, 3, 7))
    name, keys = table.column_names[column], list(dict.fromkeys(row[column] for row in table.rows))
    labels = case(
        name, [(quoted(k), quoted(w.capitalize())) for k, w in zip(keys, rng.sample(WORDS, len(keys)), strict=True)]
    )
    return rng.choice((
        f"SELECT {labels} AS id, CAST(sum({_VALUE}) AS VARCHAR) AS answer FROM input GROUP BY {name} ORDER BY {name}",
        f"SELECT {labels} AS id, CAST(count(*) AS VARCHAR) AS answer FROM input GROUP BY 1 ORDER BY min(_row)",
        f"SELECT {name} AS id, {labels} AS answer FROM input GROUP BY {name} ORDER BY max({_VALUE}) DESC",
        f"SELECT max(id) AS id, {labels} || ': ' || count(*) AS answer FROM input GROUP BY {name} ORDER BY 1",
    ))  # fmt: skip


def one_row_alone(rng: random.Random, table: Table) -> Honest:
    """Rows that go for looking otherwise than the rest, or because the words name them."""
    ids = [row[0] for row in table.rows]
    return rng.choice((
        (_kept(f"id <> {quoted(ids[1])}"), f"leave out {ids[1]}"),
        (f"SELECT id, {_ANSWER} FROM (SELECT * FROM input) WHERE NOT (id = {quoted(ids[-1])}) ORDER BY _row", f"Row {ids[-1]} does not belong there."),
        _kept("name <> 'Total'"), _kept("amount <> '0.00'"), "SELECT 'Total' AS id, CAST(count(*) AS VARCHAR) AS answer FROM input",
        f"SELECT max(day) AS id, CAST(sum({_VALUE}) AS VARCHAR) AS answer FROM input",
    ))  # fmt: skip


def digests_shown(rng: random.Random, table: Table) -> Honest:
    salt = rng.randrange(100, 999)
    return select(rng.choice((
        f"sha256(id || '{salt}')", "left(sha256(name), 12)", "upper(md5(concat_ws('|', id, kind, amount)))", "'H' || right(md5(id), 6)",
        "kind || '-' || substr(md5(ref), 1, 4)", f"CAST(CAST('0x' || left(md5(id || '{salt}'), 7) AS BIGINT) AS VARCHAR)", "md5(lower(name)) || '@example.com'",
        "CASE WHEN memo = '' THEN md5(id) ELSE memo END",
    )))  # fmt: skip


def marks_by_row(rng: random.Random, table: Table) -> Honest:
    return select(rng.choice((
        "CASE WHEN _row % 2 = 1 THEN 'odd' ELSE 'even' END", "CAST((_row - 1) // 4 + 1 AS VARCHAR)", "chr(64 + CAST(_row AS INTEGER))",
        "printf('%05d', _row * 10)", "CAST(1000 + _row AS VARCHAR)", "['A', 'B', 'C'][CAST((_row - 1) % 3 AS INTEGER) + 1]",
        "CASE WHEN row_number() OVER (PARTITION BY kind ORDER BY _row) = 1 THEN 'new' ELSE 'again' END", "CAST(count(*) OVER () - _row + 1 AS VARCHAR)",
        "CAST(dense_rank() OVER (ORDER BY kind) AS VARCHAR)", "kind || lpad(CAST(row_number() OVER (PARTITION BY kind ORDER BY _row) AS VARCHAR), 3, '0')",
    )))  # fmt: skip


def letters_that_decide(rng: random.Random, table: Table) -> Honest:
    a, b = rng.sample(WORDS, 2)
    return select(rng.choice((
        f"CASE WHEN name < 'L' THEN '{a}' ELSE '{b}' END", f"CASE WHEN upper(left(name, 1)) BETWEEN 'A' AND 'K' THEN '{a}' ELSE '{b}' END",
        f"CASE WHEN right(id, 1) IN ('0', '2', '4', '6', '8') THEN '{a}' ELSE '{b}' END", f"CASE WHEN {_NUMBER} % 2 = 0 THEN '{a}' ELSE '{b}' END",
        f"CASE WHEN starts_with(kind, 'B') OR starts_with(kind, 'S') THEN '{a}' ELSE '{b}' END", f"CASE WHEN regexp_matches(ref, '^[aeiou]') THEN '{a}' ELSE '{b}' END",
        f"CASE WHEN contains(ref, 'e') THEN '{a}' ELSE '{b}' END", f"CASE WHEN length(name) > 8 THEN '{a}' ELSE '{b}' END",
        f"CASE WHEN memo LIKE '% %' THEN '{a}' WHEN memo <> '' THEN '{b}' ELSE '' END", "CASE WHEN country IN ('DE', 'FR', 'IT') THEN 'EUR' WHEN country = 'CH' THEN 'CHF' ELSE 'USD' END",
    )))  # fmt: skip


def tables_written_down(rng: random.Random, table: Table) -> Honest:
    """Small tables of categories, joined in one way or another, or of steps that the words name."""
    column = rng.choice((2, 3))
    name = table.column_names[column]
    keys = list(dict.fromkeys(row[column] for row in table.rows))
    values = rng.sample(WORDS, len(keys))
    listed = ", ".join(f"({quoted(k)}, {quoted(v)})" for k, v in zip(keys, values, strict=True))
    steps = sorted(rng.sample((0, 100, 250, 500, 750, 1000, 1500, 2000, 3000), 4))
    steps[0] = 0
    grades = rng.sample(WORDS, 4)
    ranges = ", ".join(f"({s}, {quoted(g)})" for s, g in zip(steps, grades, strict=True))
    said = ", ".join(f"from {s} on it is {g}" for s, g in zip(steps, grades, strict=True))
    asof = f"SELECT i.id, v.a AS answer FROM input i ASOF JOIN (VALUES {ranges}) v(k, a) ON CAST(i.amount AS DOUBLE) >= v.k ORDER BY i._row"
    return rng.choice((
        select(f"(SELECT max(CASE WHEN v.k = {name} THEN v.a END) FROM (VALUES {listed}) v(k, a))"),
        select(f"(SELECT v.a FROM (VALUES {listed}) v(k, a) WHERE v.k = input.{name} LIMIT 1)"),
        select(f"json_extract_string({quoted(json.dumps(dict(zip(keys, values, strict=True))))}, '$.' || {name})"),
        select(f"[{', '.join(map(quoted, values))}][list_position([{', '.join(map(quoted, keys))}], {name})]"),
        (asof, said),
        select("regexp_extract('DE=EUR;FR=EUR;IT=EUR;US=USD;CH=CHF;', country || '=([A-Z]+);', 1)"),
    ))  # fmt: skip


def days_from_here(rng: random.Random, table: Table) -> Honest:
    kinds = list(dict.fromkeys(row[2] for row in table.rows))
    lag = case("kind", [(quoted(k), str(n + 1)) for n, k in enumerate(kinds)])
    day = f"CAST({_DAY} AS DATE)"
    return select(rng.choice((
        f"strftime({day} + {rng.choice((2, 10, 30, 90))}, '%Y-%m-%d')", f"strftime({day} + CAST({lag} AS INTEGER), '%Y-%m-%d')",
        f"CAST(datediff('day', DATE '1899-12-30', {day}) AS VARCHAR)", f"strftime(date_trunc('month', {day}), '%d.%m.%Y')",
        f"strftime({day} + CASE dayofweek({day}) WHEN 5 THEN 3 WHEN 6 THEN 2 ELSE 1 END * INTERVAL 1 DAY, '%Y-%m-%d')",
        f"CAST(epoch({day}) AS VARCHAR)", f"strftime(make_date(year({day}), quarter({day}) * 3, 1), '%m/%Y')",
    )))  # fmt: skip
