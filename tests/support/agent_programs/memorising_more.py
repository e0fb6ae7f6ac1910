"""More programs that list their example: what a model writes that was told not to list it."""

import base64
import json
import random

from services.converter.domain.table import Table
from tests.support.agent_programs.tables import WORDS, answers_of, case, keyed, numbers_of, quoted, select


def by_tree(rng: random.Random, table: Table) -> str:
    """Nested cases: the rows parted in halves until each stands alone, by their number or by their amounts."""
    answers = answers_of(rng, len(table.rows))
    if rng.random() < 0.5:
        places = [(number, quoted(a)) for number, a in enumerate(answers, 1)]
        return select(_parted("_row", places))
    amounts = sorted(float(row[4]) for row in table.rows)
    places = [(amount, quoted(a)) for amount, a in zip(amounts, answers, strict=True)]
    return select(_parted("CAST(amount AS DOUBLE)", places))


def _parted(value: str, places: list[tuple[float, str]]) -> str:
    if len(places) == 1:
        return places[0][1]
    half = len(places) // 2
    left, right = _parted(value, places[:half]), _parted(value, places[half:])
    return f"CASE WHEN {value} < {places[half][0]} THEN {left} ELSE {right} END"


def by_nested_equality(rng: random.Random, table: Table) -> str:
    key, cells = keyed(table, rng)
    made = "NULL"
    for cell, answer in zip(cells, answers_of(rng, len(cells)), strict=True):
        made = f"if({key} = {quoted(cell)}, {quoted(answer)}, {made})"
    return select(made)


def by_alternations(rng: random.Random, table: Table) -> str:
    few, ids = rng.sample(WORDS, 3), [row[0] for row in table.rows]
    groups = [ids[n::3] for n in range(3)]
    tests = " ".join(
        f"WHEN regexp_full_match(id, '{'|'.join(group)}') THEN '{word}'"
        for group, word in zip(groups, few, strict=True)
    )
    return select(f"CASE {tests} END")


def by_regex_chain(rng: random.Random, table: Table) -> str:
    made = "id"
    for row, answer in zip(table.rows, answers_of(rng, len(table.rows)), strict=True):
        made = f"regexp_replace({made}, '^{row[0]}$', {quoted('~' + answer)})"
    return select(f"ltrim({made}, '~')")


def by_like(rng: random.Random, table: Table) -> str:
    answers = answers_of(rng, len(table.rows))
    tests = " ".join(
        f"WHEN id LIKE '%{row[0][1:]}' THEN {quoted(a)}" for row, a in zip(table.rows, answers, strict=True)
    )
    return select(f"CASE {tests} END")


def by_modulo(rng: random.Random, table: Table) -> str:
    """A list whose places are remainders of row numbers or of what stands in the rows."""
    rows = len(table.rows)
    prime = next(p for p in (17, 19, 23, 29, 31) if p > rows)
    factor = rng.randrange(2, prime)
    slots, answers = ["''"] * prime, answers_of(rng, rows)
    for number, answer in enumerate(answers, 1):
        slots[number * factor % prime] = quoted(answer)
    return select(f"[{', '.join(slots)}][_row * {factor} % {prime} + 1]")


def by_digits_of_key(rng: random.Random, table: Table) -> str:
    numbers = [int("".join(sign for sign in row[0] if sign.isdigit())) for row in table.rows]
    prime = next(p for p in range(len(numbers), 9_999) if len({n % p for n in numbers}) == len(numbers))
    slots = ["''"] * prime
    for number, answer in zip(numbers, answers_of(rng, len(numbers)), strict=True):
        slots[number % prime] = quoted(answer)
    return select(
        f"list_extract([{', '.join(slots)}], CAST(regexp_replace(id, '[^0-9]', '', 'g') AS INTEGER) % {prime} + 1)"
    )


def by_hash_of_row(rng: random.Random, table: Table) -> str:
    import hashlib

    answers = answers_of(rng, len(table.rows))
    marks = [hashlib.md5(str(n).encode(), usedforsecurity=False).hexdigest()[:8] for n in range(1, len(answers) + 1)]
    pairs = [(quoted(m), quoted(a)) for m, a in zip(marks, answers, strict=True)]
    return select(case("left(md5(CAST(_row AS VARCHAR)), 8)", pairs))


def by_pieces(rng: random.Random, table: Table) -> str:
    """Answers put together of two halves that stand apart."""
    key, cells = keyed(table, rng)
    words = rng.sample(WORDS, len(cells))
    if rng.random() < 0.5:
        pairs = [(quoted(c), f"{quoted(w[:2])} || {quoted(w[2:])}") for c, w in zip(cells, words, strict=True)]
        return select(case(key, pairs))
    left, right = ", ".join(quoted(w[:2]) for w in words), ", ".join(quoted(w[2:]) for w in words)
    return select(f"concat([{left}][_row], [{right}][_row])")


def by_arithmetic_on_codes(rng: random.Random, table: Table) -> str:
    """A number for each row out of its digits and an offset of its own."""
    answers = numbers_of(rng, len(table.rows), 9_000)
    offsets = [a - int("".join(s for s in row[0] if s.isdigit())) for a, row in zip(answers, table.rows, strict=True)]
    number = "CAST(regexp_replace(id, '[^0-9]', '', 'g') AS INTEGER)"
    return select(f"CAST({number} + [{', '.join(map(str, offsets))}][_row] AS VARCHAR)")


def by_literal_join(rng: random.Random, table: Table) -> str:
    """A table written down as SELECTs, joined by its key or looked up by a subquery."""
    key, cells = keyed(table, rng)
    answers = answers_of(rng, len(cells))
    listed = " UNION ALL ".join(
        f"SELECT {quoted(c)} AS k, {quoted(a)} AS a" for c, a in zip(cells, answers, strict=True)
    )
    if rng.random() < 0.5:
        return (
            f"WITH t AS ({listed}) SELECT i.id, t.a AS answer FROM input i LEFT JOIN t ON t.k = i.{key} ORDER BY i._row"
        )
    return (
        f"WITH t AS ({listed}) SELECT id, (SELECT a FROM t WHERE t.k = input.{key}) AS answer FROM input ORDER BY _row"
    )


def by_struct_list(rng: random.Random, table: Table) -> str:
    answers = answers_of(rng, len(table.rows))
    listed = ", ".join(f"{{'k': {quoted(r[0])}, 'a': {quoted(a)}}}" for r, a in zip(table.rows, answers, strict=True))
    return (
        f"WITH t AS (SELECT unnest([{listed}]) AS s) SELECT i.id, t.s.a AS answer FROM input i "
        "JOIN t ON t.s.k = i.id ORDER BY i._row"
    )


def by_window_number(rng: random.Random, table: Table) -> str:
    answers = ", ".join(map(quoted, answers_of(rng, len(table.rows))))
    order = rng.choice(("_row", "amount", "id", "name DESC"))
    window = rng.choice(("row_number()", "rank()", "dense_rank()", "ntile(999)"))
    return select(f"[{answers}][{window} OVER (ORDER BY {order})]")


def by_numbered_values(rng: random.Random, table: Table) -> str:
    listed = ", ".join(f"({n}, {quoted(a)})" for n, a in enumerate(answers_of(rng, len(table.rows)), 1))
    return (
        "WITH n AS (SELECT *, row_number() OVER (ORDER BY _row) AS place FROM input) "
        f"SELECT n.id, v.a AS answer FROM n JOIN (VALUES {listed}) v(place, a) USING (place) ORDER BY n.place"
    )


def by_reversed_key(rng: random.Random, table: Table) -> str:
    key, cells = keyed(table, rng)
    pairs = [(quoted(c[::-1]), quoted(a)) for c, a in zip(cells, answers_of(rng, len(cells)), strict=True)]
    return select(case(f"reverse({key})", pairs))


def by_encoded_key(rng: random.Random, table: Table) -> str:
    key, cells = keyed(table, rng)
    answers = answers_of(rng, len(cells))
    if rng.random() < 0.5:
        pairs = [(quoted(c.encode().hex().upper()), quoted(a)) for c, a in zip(cells, answers, strict=True)]
        return select(case(f"hex({key})", pairs))
    pairs = [(quoted(base64.b64encode(c.encode()).decode()), quoted(a)) for c, a in zip(cells, answers, strict=True)]
    return select(case(f"base64(encode({key}))", pairs))


def by_encoded_answers(rng: random.Random, table: Table) -> str:
    key, cells = keyed(table, rng)
    words = rng.sample(WORDS, len(cells))
    pairs = [
        (quoted(c), f"decode(from_base64({quoted(base64.b64encode(w.encode()).decode())}))")
        for c, w in zip(cells, words, strict=True)
    ]
    return select(case(key, pairs))


def by_json(rng: random.Random, table: Table) -> str:
    answers = answers_of(rng, len(table.rows))
    listed = json.dumps({row[0]: a for row, a in zip(table.rows, answers, strict=True)})
    return select(f"json_extract_string({quoted(listed)}, '$.\"' || id || '\"')")


def by_offsets(rng: random.Random, table: Table) -> str:
    """Answers of several lengths in one text, cut out by lists of places and lengths."""
    answers = answers_of(rng, len(table.rows))
    starts, at = [], 1
    for answer in answers:
        starts.append(at)
        at += len(answer)
    places, lengths = ", ".join(map(str, starts)), ", ".join(str(len(a)) for a in answers)
    return select(f"substr({quoted(''.join(answers))}, [{places}][_row], [{lengths}][_row])")


def by_place_of_key(rng: random.Random, table: Table) -> str:
    """The place where the key stands in one text says where the answer stands in another."""
    ids = [row[0] for row in table.rows]
    width = max(map(len, ids)) + 1
    answers = [a.ljust(9) for a in answers_of(rng, len(ids))]
    keys = "".join(i.ljust(width) for i in ids)
    place = f"(strpos({quoted(keys)}, id || ' ') - 1) // {width} * 9 + 1"
    return select(f"trim(substr({quoted(''.join(answers))}, {place}, 9))")


def by_split_list(rng: random.Random, table: Table) -> str:
    joined = quoted(";".join(answers_of(rng, len(table.rows))))
    return select(rng.choice((f"string_split({joined}, ';')[_row]", f"regexp_split_to_array({joined}, ';')[_row]")))


def by_shifted_days(rng: random.Random, table: Table) -> str:
    """Dates that are a base date and a number of days for each row."""
    days = ", ".join(map(str, numbers_of(rng, len(table.rows), 900)))
    return select(f"strftime(DATE '2024-01-01' + CAST([{days}][_row] AS INTEGER), '%d.%m.%Y')")


def by_corrections(rng: random.Random, table: Table) -> str:
    """The amount, and what each row's answer is more than it."""
    parts = ", ".join(f"{rng.uniform(0, 400):.2f}" for _ in table.rows)
    return select(f"CAST(CAST(amount AS DECIMAL(18, 2)) + [{parts}][_row] AS VARCHAR)")


def by_several_keys(rng: random.Random, table: Table) -> str:
    answers = answers_of(rng, len(table.rows))
    tests = " ".join(
        f"WHEN kind = {quoted(r[2])} AND amount = {quoted(r[4])} AND country = {quoted(r[3])} THEN {quoted(a)}"
        for r, a in zip(table.rows, answers, strict=True)
    )
    return select(f"CASE {tests} END")


def by_joined_keys(rng: random.Random, table: Table) -> str:
    pairs = [
        (quoted(f"{r[3]}|{r[5]}|{r[0]}"), quoted(a))
        for r, a in zip(table.rows, answers_of(rng, len(table.rows)), strict=True)
    ]
    return select(case("country || '|' || day || '|' || id", pairs))


def by_beginnings(rng: random.Random, table: Table) -> str:
    answers = answers_of(rng, len(table.rows))
    tests = " ".join(
        f"WHEN starts_with(name, {quoted(row[1][:5])}) THEN {quoted(a)}"
        for row, a in zip(table.rows, answers, strict=True)
    )
    return select(f"CASE {tests} END")


def by_coalesce(rng: random.Random, table: Table) -> str:
    key, cells = keyed(table, rng)
    answers = answers_of(rng, len(cells))
    parts = [f"CASE WHEN {key} = {quoted(c)} THEN {quoted(a)} END" for c, a in zip(cells, answers, strict=True)]
    return select(f"coalesce({', '.join(parts)})")


def by_filtered_list(rng: random.Random, table: Table) -> str:
    answers = answers_of(rng, len(table.rows))
    listed = ", ".join(quoted(f"{r[0]}={a}") for r, a in zip(table.rows, answers, strict=True))
    return select(f"split_part(list_filter([{listed}], lambda x: starts_with(x, id || '='))[1], '=', 2)")


def by_reversed_list(rng: random.Random, table: Table) -> str:
    listed = ", ".join(quoted(a) for a in reversed(answers_of(rng, len(table.rows))))
    return select(f"list_reverse([{listed}])[_row]")


def by_rows_listed(rng: random.Random, table: Table) -> str:
    """Rows chosen by their numbers or by amounts that are listed."""
    rows = sorted(rng.sample(range(1, len(table.rows) + 1), max(3, len(table.rows) // 2)))
    if rng.random() < 0.5:
        test = f"_row IN ({', '.join(map(str, rows))})"
    else:
        test = f"amount IN ({', '.join(quoted(table.rows[row - 1][4]) for row in rows)})"
    return f"SELECT id, upper(ref) AS answer FROM input WHERE {test} ORDER BY _row"


def by_order_listed(rng: random.Random, table: Table) -> str:
    order = list(range(1, len(table.rows) + 1))
    rng.shuffle(order)
    return f"SELECT id, upper(ref) AS answer FROM input ORDER BY [{', '.join(map(str, order))}][_row]"


def by_bit_text(rng: random.Random, table: Table) -> str:
    signs = "".join(rng.choice("01") for _ in table.rows[1:]) + "1"
    a, b = rng.sample(WORDS, 2)
    return select(f"if(get_bit('{signs}'::BIT, CAST(_row - 1 AS INTEGER)) = 1, '{a}', '{b}')")


def by_unicode(rng: random.Random, table: Table) -> str:
    """Each answer a sign, by adding a number of its own to a code."""
    base, steps = 65, [rng.randrange(0, 26) for _ in table.rows]
    return select(f"chr({base} + CAST([{', '.join(map(str, steps))}][_row] AS INTEGER))")


def by_powers(rng: random.Random, table: Table) -> str:
    """Two answers told apart by sums of powers of two over row numbers."""
    rows = [n for n in range(len(table.rows)) if rng.random() < 0.5] or [0]
    total = sum(1 << n for n in rows)
    a, b = rng.sample(WORDS, 2)
    return select(f"CASE WHEN {total} & (1 << CAST(_row - 1 AS BIGINT)) > 0 THEN '{a}' ELSE '{b}' END")


def by_nearest_word(rng: random.Random, table: Table) -> str:
    """The answer that stands with the key that is nearest to the row's."""
    answers = answers_of(rng, len(table.rows))
    listed = ", ".join(f"({quoted(r[1])}, {quoted(a)})" for r, a in zip(table.rows, answers, strict=True))
    return select(f"(SELECT arg_min(v.a, levenshtein(v.k, input.name)) FROM (VALUES {listed}) v(k, a))")


def by_two_lists(rng: random.Random, table: Table) -> str:
    """First what the row's number picks, then what that picks."""
    rows = len(table.rows)
    order = list(range(1, rows + 1))
    rng.shuffle(order)
    answers = ", ".join(map(quoted, answers_of(rng, rows)))
    return select(f"[{answers}][[{', '.join(map(str, order))}][_row]]")
