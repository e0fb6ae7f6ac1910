"""Programs that are rules."""

import random

from services.converter.domain.table import Table
from tests.support.agent_programs.tables import COUNTRIES, KINDS, WORDS, case, quoted, select

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
    return select(case(column, pairs, "''")), words


def map_of_categories(rng: random.Random, table: Table) -> Honest:
    column = rng.choice((2, 3))
    keys = list(dict.fromkeys(row[column] for row in table.rows))
    values = [COUNTRIES.get(k) or w for k, w in zip(keys, rng.sample(WORDS, len(keys)), strict=True)]
    name = table.column_names[column]
    pairs = [(quoted(k), quoted(v)) for k, v in zip(keys, values, strict=True)]
    way = rng.randrange(3)
    if way == 0:
        return select(case(name, pairs))
    if way == 1:
        listed = ", ".join(f"({k}, {v})" for k, v in pairs)
        return (
            f"SELECT i.id, v.a AS answer FROM input i JOIN (VALUES {listed}) v(k, a) ON v.k = i.{name} ORDER BY i._row"
        )
    return select(f"MAP {{{', '.join(f'{k}: {v}' for k, v in pairs)}}}[{name}]")


def date_format(rng: random.Random, table: Table) -> Honest:
    form = rng.choice(("%Y-%m-%d", "%d %b %Y", "%m/%d/%y", "%B %-d, %Y", "%Y%m%d", "%Y-W%V", "Q%m/%Y"))
    return select(f"strftime(strptime(day, '%d.%m.%Y'), '{form}')")


def date_math(rng: random.Random, table: Table) -> Honest:
    step = rng.choice(("INTERVAL 30 DAY", "INTERVAL 1 MONTH", "INTERVAL 2 WEEK"))
    return select(f"strftime(strptime(day, '%d.%m.%Y') + {step}, '%Y-%m-%d')")


def number_format(rng: random.Random, table: Table) -> Honest:
    return select(rng.choice((
        "replace(amount, '.', ',') || ' EUR'", "printf('%.1f', CAST(amount AS DOUBLE))",
        "'USD ' || CAST(round(CAST(amount AS DECIMAL(18, 2)), 0) AS BIGINT)",
        "lpad(split_part(amount, '.', 1), 8, '0')", "'(' || amount || ')'",
        "CAST(CAST(CAST(amount AS DECIMAL(18, 2)) * 100 AS BIGINT) AS VARCHAR)",
    )))  # fmt: skip


def by_threshold(rng: random.Random, table: Table) -> Honest:
    amounts = sorted(float(row[4]) for row in table.rows)
    limit = round((amounts[len(amounts) // 2 - 1] + amounts[len(amounts) // 2]) / 2, rng.choice((-1, 0, 1)))
    a, b = rng.sample(WORDS, 2)
    return select(
        f"CASE WHEN CAST(amount AS DECIMAL(18, 2)) {rng.choice(('>', '>='))} {limit:g} THEN '{a}' ELSE '{b}' END"
    )


def by_bins(rng: random.Random, table: Table) -> Honest:
    amounts = sorted(float(row[4]) for row in table.rows)
    low, high = amounts[len(amounts) // 3], amounts[2 * len(amounts) // 3]
    a, b, c = rng.sample(WORDS, 3)
    value = "CAST(amount AS DECIMAL(18, 2))"
    return select(f"CASE WHEN {value} <= {low:g} THEN '{a}' WHEN {value} <= {high:g} THEN '{b}' ELSE '{c}' END")


def sign_by_kind(rng: random.Random, table: Table) -> Honest:
    kind = table.rows[0][2]
    return select(f"CASE WHEN kind = '{kind}' THEN '-' || amount ELSE amount END")


def rate_by_kind(rng: random.Random, table: Table) -> Honest:
    kinds = list(dict.fromkeys(row[2] for row in table.rows))
    pairs = [(quoted(k), f"{rng.uniform(0.01, 0.4):.3f}") for k in kinds]
    return select(f"CAST(round(CAST(amount AS DECIMAL(18, 2)) * {case('kind', pairs)}, 2) AS VARCHAR)")


def arithmetic(rng: random.Random, table: Table) -> Honest:
    value = "CAST(amount AS DECIMAL(18, 4))"
    return select(
        f"CAST(round({value} {rng.choice((f'* {rng.uniform(0.5, 2):.4f}', '/ 12', '* 1.19', f'+ {rng.randrange(1, 999)}', '* 0.0825'))}, 2) AS VARCHAR)"  # noqa: E501
    )


def pieces(rng: random.Random, table: Table) -> Honest:
    return select(rng.choice((
        "split_part(ref, '/', 2)", "split_part(split_part(ref, '/', 1), '-', 2)", "upper(left(name, 2)) || substr(id, 2)",  # noqa: E501
        "split_part(name, ' ', 2) || ', ' || split_part(name, ' ', 1)", "regexp_extract(ref, '-([0-9]+)/', 1)",
        "kind || '-' || country || '/' || id", "'REF:' || id", "lower(replace(name, ' ', '.')) || '@example.com'",
        "regexp_replace(id, '[^0-9]', '', 'g')", "substr(ref, 3, 12)", "left(md5(name), 8)", "reverse(id)",
        "concat_ws(' ', country, upper(ref))", "translate(name, 'ßäöü', 'saou')", "repeat('*', length(name) - 2) || right(name, 2)",  # noqa: E501
    )))  # fmt: skip


def over_rows(rng: random.Random, table: Table) -> Honest:
    return rng.choice((
        select("CAST(sum(CAST(amount AS DECIMAL(18, 2))) OVER (ORDER BY _row) AS VARCHAR)"),
        select("CAST(row_number() OVER (PARTITION BY kind ORDER BY _row) AS VARCHAR)"),
        select("coalesce(lag(ref) OVER (ORDER BY _row), '')"),
        "SELECT kind AS id, CAST(sum(CAST(amount AS DECIMAL(18, 2))) AS VARCHAR) AS answer FROM input GROUP BY kind ORDER BY kind",  # noqa: E501
        "SELECT country AS id, count(*)::VARCHAR AS answer FROM input GROUP BY country ORDER BY min(_row)",
        "SELECT id, ref AS answer FROM input ORDER BY CAST(amount AS DOUBLE) DESC, _row",
        select("printf('%03d', _row)"),
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
    return select(rng.choice(("'EUR'", "''", "'2026-11-30'", "'imported ' || kind")))


def month_names(rng: random.Random, table: Table) -> Honest:
    names = "['Jan','Feb','Mar','Apr','May','Jun','Jul','Aug','Sep','Oct','Nov','Dec']"
    return select(f"{names}[CAST(substr(day, 4, 2) AS INTEGER)]")


def totals_over_lines(rng: random.Random, table: Table) -> Honest:
    return rng.choice((
        "SELECT id, 'amount' AS answer FROM input UNION ALL SELECT id, 'day' FROM input",
        "SELECT country AS id, CAST(count(kind = 'BUY' OR NULL) AS VARCHAR) AS answer FROM input GROUP BY 1 ORDER BY 1",
        "SELECT kind AS id, first(ref ORDER BY _row) AS answer FROM input GROUP BY kind ORDER BY kind",
    ))  # fmt: skip


def two_tests(rng: random.Random, table: Table) -> Honest:
    kind, country = table.rows[0][2], table.rows[1][3]
    a, b, c = rng.sample(WORDS, 3)
    return select(f"CASE WHEN kind = '{kind}' THEN '{a}' WHEN country = '{country}' THEN '{b}' ELSE '{c}' END")
