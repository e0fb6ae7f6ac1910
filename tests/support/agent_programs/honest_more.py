# ruff: noqa: E501, ISC004 - programs stand on one line
"""More programs that are rules."""

import random
from typing import Any

from services.converter.domain.table import Table
from tests.support.agent_programs.tables import KINDS, MONTHS, WORDS, case, quoted, select

Honest = tuple[str, str] | str
VALUE = "CAST(amount AS DECIMAL(18, 4))"


def unit_factors(rng: random.Random, table: Table) -> Honest:
    """Amounts in one unit."""
    factors = {"kg": "1", "g": "0.001", "t": "1000"}
    units = list(dict.fromkeys(row[7] for row in table.rows))
    pairs = [(quoted(unit), factors[unit]) for unit in units]
    if rng.random() < 0.5:
        return select(f"CAST(round({VALUE} * {case('unit', pairs)}, 3) AS VARCHAR)")
    listed = ", ".join(f"({k}, {v})" for k, v in pairs)
    return (
        f"WITH f(u, factor) AS (VALUES {listed}) SELECT i.id, CAST(round({VALUE} * f.factor, 3) AS VARCHAR) AS answer "
        "FROM input i JOIN f ON f.u = i.unit ORDER BY i._row"
    )


def fallbacks(rng: random.Random, table: Table) -> Honest:
    return select(rng.choice((
        "coalesce(NULLIF(memo, ''), 'n/a')", "CASE WHEN memo = '' THEN ref ELSE memo END", "coalesce(NULLIF(memo, ''), name)",
        "if(memo = '', 'none', upper(memo))", "CASE WHEN trim(memo) = '' THEN '-' ELSE memo || ' (' || kind || ')' END",
    )))  # fmt: skip


def thresholds_in_words(rng: random.Random, table: Table) -> Honest:
    """Limits that the words name, however few rows lie on each side."""
    low, high = sorted(rng.sample((50, 100, 250, 500, 1000, 2500, 4000), 2))
    a, b, c = rng.sample(WORDS, 3)
    value = "CAST(amount AS DOUBLE)"
    words = f"up to {low} it is {a}, up to {high} it is {b}, above it is {c}"
    return select(f"CASE WHEN {value} <= {low} THEN '{a}' WHEN {value} <= {high} THEN '{b}' ELSE '{c}' END"), words


def tiers(rng: random.Random, table: Table) -> Honest:
    """A fee by tiers, each of which several rows are in."""
    amounts = sorted(float(row[4]) for row in table.rows)
    low, high = round(amounts[len(amounts) // 3]), round(amounts[2 * len(amounts) // 3])
    value = "CAST(amount AS DECIMAL(18, 2))"
    return select(
        f"CAST(CASE WHEN {value} < {low} THEN 4.90 WHEN {value} < {high} THEN 9.90 ELSE round({value} * 0.0025, 2) END "
        "AS VARCHAR)"
    )


def running_balance(rng: random.Random, table: Table) -> Honest:
    kind = table.rows[0][2]
    signed = f"CASE WHEN kind = '{kind}' THEN -CAST(amount AS DECIMAL(18, 2)) ELSE CAST(amount AS DECIMAL(18, 2)) END"
    return rng.choice((
        select(f"CAST(sum({signed}) OVER (ORDER BY _row) AS VARCHAR)"),
        select(f"CAST(1000 + sum({signed}) OVER (ORDER BY _row ROWS UNBOUNDED PRECEDING) AS VARCHAR)"),
        select(f"CAST(sum({signed}) OVER (PARTITION BY country ORDER BY _row) AS VARCHAR)"),
        select("CAST(CAST(amount AS DECIMAL(18, 2)) - lag(CAST(amount AS DECIMAL(18, 2)), 1, 0) OVER (ORDER BY _row) AS VARCHAR)"),
    ))  # fmt: skip


def common_tables(rng: random.Random, table: Table) -> Honest:
    return rng.choice((
        f"WITH t AS (SELECT country, sum({VALUE}) AS total FROM input GROUP BY country) SELECT i.id, "
        f"printf('%.1f %%', 100 * CAST(i.amount AS DOUBLE) / CAST(t.total AS DOUBLE)) AS answer FROM input i JOIN t USING (country) ORDER BY i._row",
        "WITH p AS (SELECT *, split_part(ref, '-', 1) AS head FROM input), q AS (SELECT *, upper(head) AS up FROM p) "
        "SELECT id, up || ':' || kind AS answer FROM q ORDER BY _row",
        f"WITH r AS (SELECT *, rank() OVER (ORDER BY {VALUE} DESC) AS place FROM input) "
        "SELECT id, CAST(place AS VARCHAR) AS answer FROM r ORDER BY _row",
        "WITH f AS (SELECT *, row_number() OVER (PARTITION BY kind ORDER BY _row) AS n FROM input) "
        "SELECT id, ref AS answer FROM f WHERE n = 1 ORDER BY _row",
    ))  # fmt: skip


def months_by_name(rng: random.Random, table: Table) -> Honest:
    """Names of months to numbers and back, however many of them the example shows."""
    names = ", ".join(map(quoted, MONTHS))
    numbers = [f"{n:02}" for n in range(1, 13)]
    long = (
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    )
    return rng.choice((
        select(case("month", [(quoted(m), quoted(n)) for m, n in zip(MONTHS, numbers, strict=True)])),
        select(f"lpad(CAST(list_position([{names}], month) AS VARCHAR), 2, '0')"),
        select(f"MAP {{{', '.join(f'{quoted(m)}: {n}' for n, m in enumerate(MONTHS, 1))}}}[month]::VARCHAR"),
        select(case("substr(day, 4, 2)", [(quoted(n), quoted(m)) for n, m in zip(numbers, long, strict=True)])),
        select(case("month", [(quoted(m), quoted(n)) for m, n in zip(MONTHS, long, strict=True)])),
        select("substr(day, 7) || '-' || " + case("month", [(quoted(m), quoted(n)) for m, n in zip(MONTHS, numbers, strict=True)])),
        select("printf('%02d', (strpos('JanFebMarAprMayJunJulAugSepOctNovDec', month) + 2) // 3)"),
        select("strftime(strptime(month, '%b'), '%m')"),
    ))  # fmt: skip


def weekdays(rng: random.Random, table: Table) -> Honest:
    day = "strptime(day, '%d.%m.%Y')"
    names = ("So", "Mo", "Di", "Mi", "Do", "Fr", "Sa")
    return select(rng.choice((
        f"[{', '.join(map(quoted, names))}][dayofweek({day}) + 1]", f"dayname({day})",
        case(f"dayofweek({day})", [(str(n), quoted(name)) for n, name in enumerate(names)]),
        f"CASE WHEN dayofweek({day}) IN (0, 6) THEN 'weekend' ELSE 'weekday' END",
        f"'Q' || quarter({day}) || '/' || year({day})",
    )))  # fmt: skip


def words_with_rest(rng: random.Random, table: Table) -> Honest:
    """A map in words with a value for all that it does not name."""
    kinds = list(dict.fromkeys(row[2] for row in table.rows))
    rest = rng.choice(WORDS)
    named = dict(zip(KINDS, rng.sample([w for w in WORDS if w != rest], len(KINDS)), strict=True))
    given = {kind: named[kind] for kind in kinds[: max(1, len(kinds) - 1)]}
    words = ", ".join(f"{k} is {v}" for k, v in given.items()) + f"; anything else is {rest}"
    return select(case("kind", [(quoted(k), quoted(v)) for k, v in given.items()], quoted(rest))), words


def words_for_each_row(rng: random.Random, table: Table) -> Honest:
    """A map that the words give for every row, in other sentences and another language."""
    column = rng.choice((0, 1))
    keys = [row[column] for row in table.rows][:10]
    values = rng.sample(WORDS, len(keys))
    said = rng.choice(
        ("{} heißt {}", "{} wird zu {}", "{} → {}", '"{}" should be "{}"', "{} maps to {}", "write {1} for {0}")
    )
    words = rng.choice((", ", "\n", "; ")).join(said.format(k, v) for k, v in zip(keys, values, strict=True))
    name = table.column_names[column]
    return select(case(name, [(quoted(k), quoted(v)) for k, v in zip(keys, values, strict=True)], "ref")), words


def money(rng: random.Random, table: Table) -> Honest:
    return select(rng.choice((
        "'(' || replace(amount, '.', ',') || ')'", f"CAST(CAST(round({VALUE} * 10000 / 365, 0) AS BIGINT) AS VARCHAR) || ' bp'",
        "replace(replace(replace(format('{:,.2f}', CAST(amount AS DOUBLE)), ',', '_'), '.', ','), '_', '.') || ' €'",
        f"printf('%.2f%%', CAST({VALUE} / 50 AS DOUBLE))", "lpad(replace(amount, '.', ''), 12, '0')",
        "CASE WHEN kind = 'BUY' THEN '-' ELSE '+' END || amount || ' EUR'", f"CAST(CAST(ceil({VALUE} / 5) * 5 AS INTEGER) AS VARCHAR)",
        f"CAST(greatest(5.00, round({VALUE} * 0.01, 2)) AS VARCHAR)", f"CAST(least(250, {VALUE}) AS VARCHAR)",
    )))  # fmt: skip


def texts(rng: random.Random, table: Table) -> Honest:
    return select(rng.choice((
        "left(split_part(name, ' ', 1), 1) || '.' || left(split_part(name, ' ', 2), 1) || '.'",
        "regexp_replace(ref, '^([a-z]+)-([0-9]+)/([a-z]+)$', '\\3 \\2 \\1')", "upper(left(kind, 1)) || lower(kind[2:])",
        "'Invoice #' || right(id, 3) || ' / ' || country", "array_to_string(list_reverse(string_split(name, ' ')), ' ')",
        "CASE WHEN contains(ref, 'a') THEN 'yes' ELSE 'no' END", "CAST(length(replace(ref, '-', '')) AS VARCHAR)",
        "regexp_extract(ref, '(bond|fund|equity|cash|[a-z]+)/', 1)", "trim(regexp_replace(ref, '[^a-z]+', ' ', 'g'))",
        "concat_ws(';', id, kind, NULLIF(memo, ''))", "CASE WHEN kind IN ('BUY', 'SELL') THEN 'trade' ELSE 'cash' END",
        "list_aggregate(list_transform(string_split(name, ' '), lambda x: left(x, 2)), 'string_agg', '-')",
        "CAST(98 - CAST(regexp_replace(id, '[^0-9]', '', 'g') AS BIGINT) * 100 % 97 AS VARCHAR)",
        "lpad(CAST((CAST(right(id, 2) AS INTEGER) * 7 + 3) % 97 AS VARCHAR), 2, '0')", "md5(id || '|' || amount)",
    )))  # fmt: skip


def tables(rng: random.Random, table: Table) -> Honest:
    """Rows made of rows: crossed, stacked, exploded, filled, the first of each."""
    kinds = list(dict.fromkeys(row[2] for row in table.rows))[:2]
    return rng.choice((
        f"SELECT country AS id, CAST(coalesce(sum(CASE WHEN kind = '{kinds[0]}' THEN {VALUE} END), 0) AS VARCHAR) AS answer "
        "FROM input GROUP BY country ORDER BY country",
        f"SELECT kind AS id, CAST(round(avg({VALUE}), 2) AS VARCHAR) AS answer FROM input GROUP BY kind HAVING count(*) > 1 ORDER BY kind",
        "SELECT id, unnest(string_split(ref, '/')) AS answer FROM input ORDER BY _row",
        "SELECT kind AS id, string_agg(id, ', ' ORDER BY _row) AS answer FROM input GROUP BY kind ORDER BY min(_row)",
        "SELECT id, coalesce(last_value(NULLIF(memo, '') IGNORE NULLS) OVER (ORDER BY _row), '') AS answer FROM input ORDER BY _row",
        f"SELECT id, ref AS answer FROM input ORDER BY {VALUE} DESC LIMIT 5",
        "SELECT id, kind AS answer FROM input QUALIFY row_number() OVER (PARTITION BY country ORDER BY amount) = 1 ORDER BY _row",
        "SELECT id, kind AS answer FROM (SELECT id, kind, _row, 1 AS part FROM input UNION ALL SELECT id, country, _row, 2 FROM input) ORDER BY part, _row",
    ))  # fmt: skip


def dates(rng: random.Random, table: Table) -> Honest:
    day = "strptime(day, '%d.%m.%Y')"
    return select(rng.choice((
        "substr(day, 7, 4) || '-' || substr(day, 4, 2) || '-' || substr(day, 1, 2)", f"strftime(last_day({day}), '%Y-%m-%d')",
        f"CAST(datediff('day', CAST({day} AS DATE), DATE '2026-12-31') AS VARCHAR)",
        "strftime(coalesce(try_strptime(day, '%Y-%m-%d'), try_strptime(day, '%d.%m.%Y')), '%m/%d/%Y')",
        f"CASE WHEN month({day}) >= 7 THEN 'H2' ELSE 'H1' END", f"CAST(year({day}) + (month({day}) >= 10)::INT AS VARCHAR)",
        f"strftime({day}, '%Y') || '/' || lpad(CAST(weekofyear({day}) AS VARCHAR), 2, '0')",
    )))  # fmt: skip


def own_order(rng: random.Random, table: Table) -> Honest:
    """Rows in an order of kinds, months or units that is no alphabet's."""
    kinds = list(dict.fromkeys(row[2] for row in table.rows))
    rng.shuffle(kinds)
    ranks = case("kind", [(quoted(kind), str(n)) for n, kind in enumerate(kinds, 1)])
    return rng.choice((
        f"SELECT id, kind AS answer FROM input ORDER BY {ranks}, _row",
        f"SELECT id, kind AS answer FROM input ORDER BY list_position([{', '.join(map(quoted, kinds))}], kind), amount",
        f"SELECT id, month AS answer FROM input ORDER BY list_position([{', '.join(map(quoted, MONTHS))}], month), _row",
    ))  # fmt: skip


def symbols(rng: random.Random, table: Table) -> Honest:
    """Codes that recur, with what each stands for, a rate or a sign."""
    kinds = list(dict.fromkeys(row[2] for row in table.rows))
    rates = {kind: f"{rng.uniform(0.1, 3):.2f}" for kind in kinds}
    way = rng.randrange(3)
    if way == 0:
        return select(f"CAST({VALUE} + {case('kind', [(quoted(k), r) for k, r in rates.items()])} AS VARCHAR)")
    if way == 1:
        return select(
            case(
                "country",
                [(quoted(c), quoted("$€£¥₣"[n])) for n, c in enumerate(dict.fromkeys(r[3] for r in table.rows))],
            )
            + " || amount"
        )
    return select(
        case("kind || unit", [(quoted(p), quoted(f"{p[:1]}{n}")) for n, p in enumerate(_recurring(table))], "'other'")
    )


def _recurring(table: Table) -> list[str]:
    pairs: list[Any] = [row[2] + row[7] for row in table.rows]
    return [pair for pair in dict.fromkeys(pairs) if pairs.count(pair) > 1]
