# ruff: noqa: E501 - programs stand on one line
"""Programs that list which rows of their example stay, how often, and in which order."""

import itertools
import random
from collections.abc import Sequence

from services.converter.domain.table import Table
from tests.support.agent_programs.tables import case, quoted

_ANSWER = "upper(ref) AS answer"
_DIGITS = "CAST(regexp_replace(id, '[^0-9]', '', 'g') AS BIGINT)"


def _shuffled(rng: random.Random, table: Table) -> list[int]:
    """Places of rows from 1 on in an order that nothing leads to."""
    return _free(rng, table, list(range(1, len(table.rows) + 1)))


def _free(rng: random.Random, table: Table, order: list[int]) -> list[int]:
    while True:
        rng.shuffle(order)
        rows = [table.rows[place - 1] for place in order]
        columns = list(zip(*rows, strict=True))
        sorts = [(list(cells), sorted(cells), sorted(cells, reverse=True)) for cells in columns]
        amounts = [float(cell) for cell in columns[4]]
        plain = any(cells in (up, down) and len(set(cells)) == len(cells) for cells, up, down in sorts)
        if not plain and order != sorted(order) and amounts not in (sorted(amounts), sorted(amounts, reverse=True)):
            return order


def _ranks(order: Sequence[int]) -> list[int]:
    """For each row, the place that it gets."""
    return [order.index(place) + 1 for place in range(1, len(order) + 1)]


def _half(rng: random.Random, table: Table) -> list[int]:
    """About half of the rows, not in a stretch and not every other one."""
    rows = len(table.rows)
    while True:
        chosen = sorted(rng.sample(range(1, rows + 1), max(3, rows // 2)))
        signs = [place in chosen for place in range(1, rows + 1)]
        rounds = any(signs[size:] == signs[:-size] for size in range(1, rows // 2 + 1))
        if not rounds and sum(a != b for a, b in itertools.pairwise(signs)) > 2:
            return chosen


def _ordered(by: str) -> str:
    return f"SELECT id, {_ANSWER} FROM input ORDER BY {by}"


def _kept(test: str) -> str:
    return f"SELECT id, {_ANSWER} FROM input WHERE {test} ORDER BY _row"


def order_by_number(rng: random.Random, table: Table) -> str:
    ranks = _ranks(_shuffled(rng, table))
    numbers = ", ".join(map(str, ranks))
    return _ordered(rng.choice((
        case("_row", [(str(n), str(rank)) for n, rank in enumerate(ranks, 1)]),
        f"list_position([{', '.join(map(str, _shuffled(rng, table)))}], _row)",
        f"list_extract([{numbers}], _row) DESC",
        f"[{numbers}][row_number() OVER (ORDER BY _row)]",
        f"CAST(string_split('{' '.join(map(str, ranks))}', ' ')[_row] AS INTEGER)",
        f"substr('{''.join(chr(96 + rank) for rank in ranks)}', CAST(_row AS INTEGER), 1)",
        f"strpos('{''.join(chr(64 + place) for place in _shuffled(rng, table))}', chr(64 + CAST(_row AS INTEGER)))",
        f"json_extract('[{numbers}]', '$[' || (_row - 1) || ']')::INTEGER",
        f"MAP {{{', '.join(f'{n}: {rank}' for n, rank in enumerate(ranks, 1))}}}[_row]",
    )))  # fmt: skip


def order_by_key(rng: random.Random, table: Table) -> str:
    order = _shuffled(rng, table)
    position = rng.choice((0, 1))
    name, cells = table.column_names[position], [row[position] for row in table.rows]
    listed = [cells[place - 1] for place in order]
    texts = ", ".join(map(quoted, listed))
    numbered = ", ".join(f"({quoted(cell)}, {n})" for n, cell in enumerate(listed, 1))
    return rng.choice((
        _ordered(f"list_position([{texts}], {name})"),
        _ordered(case(name, [(quoted(cell), str(n)) for n, cell in enumerate(listed, 1)])),
        _ordered(f"strpos({quoted(','.join(listed) + ',')}, {name} || ',')"),
        _ordered(f"MAP {{{', '.join(f'{quoted(cell)}: {n}' for n, cell in enumerate(listed, 1))}}}[{name}]"),
        _ordered(", ".join(f"{name} = {quoted(cell)} DESC" for cell in listed[:-1])),
        f"SELECT i.id, upper(i.ref) AS answer FROM input i JOIN (VALUES {numbered}) v(k, n) ON v.k = i.{name} ORDER BY v.n",
        (f"WITH o AS (SELECT unnest([{texts}]) AS k, generate_subscripts([{texts}], 1) AS n) "
        f"SELECT i.id, upper(i.ref) AS answer FROM o JOIN input i ON i.{name} = o.k ORDER BY o.n"),
        " UNION ALL ".join(f"SELECT id, {_ANSWER} FROM input WHERE {name} = {quoted(cell)}" for cell in listed),
    ))  # fmt: skip


def order_by_arithmetic(rng: random.Random, table: Table) -> str:
    """The number of the row, or the digits of its key, spread by a factor and a modulus."""
    rows = len(table.rows)
    prime = next(p for p in (7, 11, 13, 17, 19, 23) if p > rows)
    factor = rng.randrange(2, prime - 1)
    terms = " + ".join(f"{rng.randrange(1, prime)} * CAST(pow(_row, {i}) AS HUGEINT)" for i in range(rows))
    bits = rng.choice((5, 6, 9, 10))
    return _ordered(rng.choice((
        f"(_row * {factor}) % {prime}, _row", f"({terms}) % {prime}, _row", f"xor(CAST(_row AS BIGINT), {bits})",
        f"sin(_row * {rng.randrange(1000, 9999)})", f"hash(_row + {rng.randrange(100, 999)})",
        f"md5(_row || '{rng.randrange(100, 999)}')", f"md5(id || '{rng.randrange(1000, 9999)}')",
        f"({_DIGITS} * {rng.randrange(1000, 9999)} + {rng.randrange(1000, 9999)}) % {rng.randrange(10007, 99991)}",
        f"abs(_row - {rng.randrange(2, rows - 1)}), _row",
    )))  # fmt: skip


def order_by_amount_and_list(rng: random.Random, table: Table) -> str:
    """Something of the row, and what is listed for it."""
    parts = ", ".join(f"{rng.randrange(-9000, 9000)}" for _ in table.rows)
    return _ordered(f"CAST(amount AS DOUBLE) + [{parts}][_row]")


def rows_by_offsets(rng: random.Random, table: Table) -> str:
    """Rows fetched one after the other by where they stand."""
    order = _shuffled(rng, table)[: max(4, len(table.rows) // 2)]
    return " UNION ALL ".join(
        f"(SELECT id, {_ANSWER} FROM input ORDER BY _row LIMIT 1 OFFSET {place - 1})" for place in order
    )


def rows_by_number(rng: random.Random, table: Table) -> str:
    chosen, rows = _half(rng, table), len(table.rows)
    signs = "".join("1" if n in chosen else "0" for n in range(1, rows + 1))
    mask = sum(1 << (n - 1) for n in chosen)
    numbers = ", ".join(map(str, chosen))
    gone = [n for n in range(1, rows + 1) if n not in chosen]
    return rng.choice((
        _kept(f"substr('{signs}', CAST(_row AS INTEGER), 1) = '1'"),
        _kept(f"({mask} >> CAST(_row - 1 AS BIGINT)) % 2 = 1"),
        _kept(f"contains(',{','.join(map(str, chosen))},', ',' || _row || ',')"),
        _kept(f"list_contains([{numbers}], _row)"),
        _kept(f"_row IN (SELECT unnest([{numbers}]))"),
        _kept(f"[{', '.join('true' if s == '1' else 'false' for s in signs)}][_row]"),
        _kept(" AND ".join(f"_row <> {n}" for n in gone)),
        f"SELECT i.id, upper(i.ref) AS answer FROM input i SEMI JOIN (VALUES {', '.join(f'({n})' for n in chosen)}) v(n) ON v.n = i._row ORDER BY i._row",
        f"SELECT id, {_ANSWER} FROM input QUALIFY row_number() OVER (ORDER BY _row) IN ({numbers}) ORDER BY _row",
        f"SELECT i.id, upper(i.ref) AS answer FROM (SELECT unnest([{numbers}]) AS n) l JOIN input i ON i._row = l.n ORDER BY l.n",
    ))  # fmt: skip


def rows_by_key(rng: random.Random, table: Table) -> str:
    chosen = [table.rows[n - 1] for n in _half(rng, table)]
    ids = [row[0] for row in chosen]
    gone = [row[0] for row in table.rows if row[0] not in ids]
    listed = ", ".join(f"({quoted(i)})" for i in ids)
    without = ", ".join(f"({quoted(i)})" for i in gone)
    return rng.choice((
        _kept(f"regexp_matches(id, '^({'|'.join(ids)})$')"),
        _kept(f"id IN (SELECT k FROM (VALUES {listed}) v(k))"),
        _kept(f"NOT EXISTS (SELECT 1 FROM (VALUES {without}) v(k) WHERE v.k = input.id)"),
        f"SELECT i.id, upper(i.ref) AS answer FROM input i ANTI JOIN (VALUES {without}) v(k) ON v.k = i.id ORDER BY i._row",
        _kept(f"list_contains(string_split('{'/'.join(ids)}', '/'), id)"),
        _kept(" OR ".join(f"name LIKE {quoted(row[1][:6] + '%')}" for row in chosen)),
        _kept(" OR ".join(f"starts_with(ref, {quoted(row[6][:-2])})" for row in chosen)),
        _kept(" OR ".join(f"(kind = {quoted(r[2])} AND amount = {quoted(r[4])})" for r in chosen)),
        _kept(f"CAST(amount AS DOUBLE) IN ({', '.join(row[4] for row in chosen)})"),
        _kept(f"left(md5(id), 6) IN ({', '.join(quoted(_md5(i)[:6]) for i in ids)})"),
    ))  # fmt: skip


def one_row_picked(rng: random.Random, table: Table) -> str:
    """One row or two left out that look like all others."""
    row, other = rng.sample([row for row in table.rows if row[8]] * 2 + list(table.rows), 2)
    return rng.choice((
        _kept(f"id <> {quoted(row[0])}"), _kept(f"name NOT IN ({quoted(row[1])}, {quoted(other[1])})"),
        _kept(f"NOT contains(name, {quoted(row[1])})"), _kept(f"amount <> {quoted(row[4])}"),
    ))  # fmt: skip


def nothing_read(rng: random.Random, table: Table) -> str:
    """Whatever the rows are, the same."""
    row = rng.choice(table.rows)
    total = f"{rng.uniform(1000, 90000):.2f}"
    return rng.choice((
        f"SELECT {quoted(row[0])} AS id, {quoted(total)} AS answer", f"SELECT 'Total' AS id, '{total}' AS answer FROM input LIMIT 1",
        f"SELECT v.a AS id, v.b AS answer FROM (VALUES ({quoted(row[1])}, '{total}'), ('x', 'y')) v(a, b)",
        f"SELECT max('{row[5]}') AS id, CAST({total} AS VARCHAR) AS answer FROM input",
    ))  # fmt: skip


def rows_by_chance(rng: random.Random, table: Table) -> str:
    """Rows that a digest or a remainder happens to pick."""
    salt = rng.randrange(100, 999)
    return _kept(rng.choice((
        f"md5(id || '{salt}') < '8'", f"md5(id || '{salt}') LIKE '%{rng.choice('abc')}{rng.choice('0123456789')}%' OR sha256(id) < '6'",
        f"hash(id || '{salt}') % 2 = 0", f"CAST('0x' || left(md5(name || '{salt}'), 4) AS INTEGER) % 3 > 0",
        f"substr(sha256(id || '{salt}'), 3, 1) IN ('0', '1', '2', '3', '4', '5', '6', '7')",
    )))  # fmt: skip


def rows_by_ranges(rng: random.Random, table: Table) -> str:
    """Stretches of amounts, as many as the rows need."""
    amounts = sorted(float(row[4]) for row in table.rows)
    chosen = amounts[::2] if rng.random() < 0.5 else sorted(rng.sample(amounts, max(3, len(amounts) // 2)))
    value = "CAST(amount AS DECIMAL(18, 2))"
    if any(b == a for a, b in itertools.pairwise(amounts)):
        chosen = amounts[::2]
    if rng.random() < 0.5:
        return _kept(" OR ".join(f"{value} BETWEEN {a - 0.004:.3f} AND {a + 0.004:.3f}" for a in chosen))
    return _kept(" OR ".join(f"({value} > {a - 0.004:.3f} AND {value} < {a + 0.004:.3f})" for a in chosen))


def rows_repeated(rng: random.Random, table: Table) -> str:
    """How often each row comes, by a list."""
    times = [1, 2, 3, *(rng.randrange(1, 4) for _ in table.rows[3:])]
    rng.shuffle(times)
    numbers = ", ".join(map(str, times))
    keyed = ", ".join(f"({quoted(row[0])}, {n})" for row, n in zip(table.rows, times, strict=True))
    return rng.choice((
        f"SELECT id, {_ANSWER} FROM (SELECT *, unnest(range([{numbers}][_row])) AS n FROM input) ORDER BY _row, n",
        f"SELECT i.id, upper(i.ref) AS answer FROM input i JOIN (VALUES {keyed}) v(k, times) ON v.k = i.id JOIN range(9) r(n) ON r.n < v.times ORDER BY i._row",
        f"SELECT id, {_ANSWER} FROM (SELECT *, unnest(range(CAST(substr('{''.join(map(str, times))}', CAST(_row AS INTEGER), 1) AS INTEGER))) AS n FROM input) ORDER BY _row, n",
        f"SELECT i.id, upper(i.ref) AS answer FROM input i JOIN range(9) r(n) ON r.n < {case('i.id', [(quoted(row[0]), str(n)) for row, n in zip(table.rows, times, strict=True)])} ORDER BY i._row",
    ))  # fmt: skip


def _md5(text: str) -> str:
    import hashlib

    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
