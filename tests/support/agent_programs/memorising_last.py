# ruff: noqa: E501 - programs stand on one line
"""Programs that list their example's answers where one looks last: joins without a key, ranges, digests, seeds."""

import random

from services.converter.domain.table import Table
from tests.support.agent_programs.tables import WORDS, answers_of, case, quoted, select

_DIGITS = "CAST(regexp_replace(id, '[^0-9]', '', 'g') AS BIGINT)"
_AMOUNT = "CAST(amount AS DECIMAL(18, 2))"


def by_place_beside(rng: random.Random, table: Table) -> str:
    """Answers that stand beside the rows without a key."""
    answers = answers_of(rng, len(table.rows))
    rows = ", ".join(f"({quoted(a)})" for a in answers)
    listed = ", ".join(map(quoted, answers))
    return rng.choice((
        f"SELECT i.id, v.a AS answer FROM (SELECT * FROM input ORDER BY _row) i POSITIONAL JOIN (VALUES {rows}) v(a)",
        f"SELECT unnest(ids) AS id, unnest([{listed}]) AS answer FROM (SELECT list(id ORDER BY _row) AS ids FROM input)",
        f"SELECT z.p[1] AS id, z.p[2] AS answer FROM (SELECT unnest(list_zip(list(id ORDER BY _row), [{listed}])) AS p FROM input) z",
    ))  # fmt: skip


def by_nearest_below(rng: random.Random, table: Table) -> str:
    """The answer that stands with the next smaller amount."""
    answers = answers_of(rng, len(table.rows))
    rows = ", ".join(f"({row[4]}, {quoted(a)})" for row, a in zip(table.rows, answers, strict=True))
    return rng.choice((
        f"SELECT i.id, v.a AS answer FROM input i ASOF JOIN (VALUES {rows}) v(k, a) ON CAST(i.amount AS DOUBLE) >= v.k ORDER BY i._row",
        select(f"(SELECT arg_max(v.a, v.k) FROM (VALUES {rows}) v(k, a) WHERE v.k <= CAST(amount AS DOUBLE))"),
        select(f"(SELECT v.a FROM (VALUES {rows}) v(k, a) ORDER BY abs(v.k - CAST(amount AS DOUBLE)) LIMIT 1)"),
    ))  # fmt: skip


def by_ranges_of_two(rng: random.Random, table: Table) -> str:
    """Two answers, and the stretches of amounts in which each stands."""
    a, b = rng.sample(WORDS, 2)
    amounts = sorted(float(row[4]) for row in table.rows)
    chosen = amounts[::2]
    tests = " OR ".join(f"{_AMOUNT} BETWEEN {x - 0.004:.3f} AND {x + 0.004:.3f}" for x in chosen)
    return select(f"CASE WHEN {tests} THEN '{a}' ELSE '{b}' END")


def by_letters_of_names(rng: random.Random, table: Table) -> str:
    """Two answers, and the beginnings of names that have each."""
    a, b = rng.sample(WORDS, 2)
    chosen = rng.sample([row[1] for row in table.rows], max(3, len(table.rows) // 2))
    return select(rng.choice((
        f"CASE WHEN left(name, 4) IN ({', '.join(quoted(n[:4]) for n in chosen)}) THEN '{a}' ELSE '{b}' END",
        f"CASE WHEN {' OR '.join(f'contains(name, {quoted(n[-4:])})' for n in chosen)} THEN '{a}' ELSE '{b}' END",
        f"CASE WHEN regexp_matches(name, '^({'|'.join(n[:5] for n in chosen)})') THEN '{a}' ELSE '{b}' END",
    )))  # fmt: skip


def by_amounts_in_numbers(rng: random.Random, table: Table) -> str:
    answers = answers_of(rng, len(table.rows))
    pairs = list(zip(table.rows, answers, strict=True))
    return select(rng.choice((
        case("CAST(amount AS DOUBLE)", [(row[4], quoted(a)) for row, a in pairs]),
        case(f"CAST({_AMOUNT} * 100 AS BIGINT)", [(row[4].replace(".", "").lstrip("0"), quoted(a)) for row, a in pairs]),
        case("CAST(strptime(day, '%d.%m.%Y') AS DATE) || amount", [(quoted("-".join(reversed(row[5].split("."))) + row[4]), quoted(a)) for row, a in pairs]),
    )))  # fmt: skip


def by_digest(rng: random.Random, table: Table) -> str:
    """Few answers, told apart by what a digest happens to be."""
    salt, few = rng.randrange(100, 999), rng.sample(WORDS, 3)
    listed = ", ".join(map(quoted, few))
    return select(rng.choice((
        f"CASE WHEN md5(id || '{salt}') < '8' THEN '{few[0]}' ELSE '{few[1]}' END",
        f"[{listed}][CAST(hash(id || '{salt}') % 3 AS INTEGER) + 1]",
        f"CASE WHEN contains('02468ace', right(sha256(name || '{salt}'), 1)) THEN '{few[0]}' ELSE '{few[1]}' END",
        f"[{listed}][CAST(CAST('0x' || left(md5(id || '{salt}'), 6) AS INTEGER) % 3 AS INTEGER) + 1]",
    )))  # fmt: skip


def by_seed(rng: random.Random, table: Table) -> str:
    """Numbers that follow from a seed, one for each row."""
    seed, few = rng.choice((1213, 15731, 48611, 76543, 90001)), rng.sample(WORDS, 3)
    listed, rows = ", ".join(map(quoted, few)), len(table.rows)
    chain = f"WITH RECURSIVE r(n, x) AS (SELECT 1, {seed}::HUGEINT UNION ALL SELECT n + 1, (x * 1103515245 + 12345) % 2147483648 FROM r WHERE n < {rows}) "
    return rng.choice((
        chain + f"SELECT i.id, [{listed}][CAST(r.x % 3 AS INTEGER) + 1] AS answer FROM input i JOIN r ON r.n = i._row ORDER BY i._row",
        select(f"CAST(CAST(floor(abs(sin(_row * {seed})) * 900) AS INTEGER) + 100 AS VARCHAR)"),
        select(f"[{listed}][CAST(hash(_row + {seed}) % 3 AS INTEGER) + 1]"),
        select(f"CAST((_row * {seed} + {seed // 7}) % 997 AS VARCHAR)"),
    ))  # fmt: skip


def by_digits_of_keys(rng: random.Random, table: Table) -> str:
    """Answers out of one text, at places that a key's digits lead to."""
    rows = len(table.rows)
    a, b = rng.sample(WORDS, 2)
    numbers = [int("".join(s for s in row[0] if s.isdigit())) for row in table.rows]
    low, high = min(numbers), max(numbers)
    signs = [rng.choice("01") for _ in range(high - low + 1)]
    signs[:2] = ["0", "1"]
    text = "".join(signs)
    answers = dict(zip(numbers, answers_of(rng, rows), strict=True))
    spread = "|".join(answers.get(n, "") for n in range(low, high + 1))
    return select(rng.choice((
        f"CASE WHEN substr('{text}', CAST({_DIGITS} - {low - 1} AS INTEGER), 1) = '1' THEN '{a}' ELSE '{b}' END",
        f"split_part('{spread}', '|', CAST({_DIGITS} - {low - 1} AS INTEGER))",
    )))  # fmt: skip


def by_aggregate(rng: random.Random, table: Table) -> str:
    """A table written down, of which an aggregate takes the row's answer."""
    answers = answers_of(rng, len(table.rows))
    listed = ", ".join(f"({quoted(row[0])}, {quoted(a)})" for row, a in zip(table.rows, answers, strict=True))
    packed = ", ".join(
        f"{{'k': {quoted(row[0])}, 'a': {quoted(a)}}}" for row, a in zip(table.rows, answers, strict=True)
    )
    return select(rng.choice((
        f"(SELECT max(CASE WHEN v.k = id THEN v.a END) FROM (VALUES {listed}) v(k, a))",
        f"(SELECT string_agg(v.a, '') FILTER (WHERE v.k = id) FROM (VALUES {listed}) v(k, a))",
        f"list_reduce(list_transform([{packed}], lambda s: CASE WHEN s.k = id THEN s.a ELSE '' END), lambda x, y: x || y)",
        f"array_to_string([s.a for s in [{packed}] if s.k = id], '')",
    )))  # fmt: skip


def by_dates_in_between(rng: random.Random, table: Table) -> str:
    """Dates, each a number of days from the row's own."""
    days = ", ".join(str(rng.randrange(-400, 400)) for _ in table.rows)
    keyed = case("id", [(quoted(row[0]), str(rng.randrange(11, 400))) for row in table.rows])
    day = "CAST(strptime(day, '%d.%m.%Y') AS DATE)"
    return select(rng.choice((
        f"strftime({day} + CAST([{days}][_row] AS INTEGER), '%Y-%m-%d')", f"strftime({day} + CAST({keyed} AS INTEGER), '%Y-%m-%d')",
        f"strftime(to_timestamp(1700000000 + 86400 * [{days}][_row]), '%Y-%m-%d')",
    )))  # fmt: skip


def by_own_mark(rng: random.Random, table: Table) -> str:
    """What is listed hides behind what is made."""
    marks = ", ".join(quoted(rng.choice("ABCDEFGH") + str(rng.randrange(10, 99))) for _ in table.rows)
    keyed = case("id", [(quoted(row[0]), quoted(f"{rng.randrange(100, 999)}")) for row in table.rows])
    return select(rng.choice((
        f"[{marks}][_row] || '-' || kind", f"country || {keyed}", f"replace('?/' || kind, '?', {keyed})",
        f"printf('%s%s', left(kind, 1), [{marks}][_row])",
    )))  # fmt: skip
