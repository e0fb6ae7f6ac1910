"""Programs that list their example."""

import base64
import random

from services.converter.domain.table import Table
from tests.support.agent_programs.tables import WORDS, answers_of, case, keyed, numbers_of, quoted, select


def by_case(rng: random.Random, table: Table) -> str:
    key, cells = keyed(table, rng)
    answers = answers_of(rng, len(cells))
    if rng.random() < 0.5:
        return select(case(key, [(quoted(c), quoted(a)) for c, a in zip(cells, answers, strict=True)]))
    tests = " ".join(f"WHEN {key} = {quoted(c)} THEN {quoted(a)}" for c, a in zip(cells, answers, strict=True))
    return select(f"CASE {tests} END")


def by_row_list(rng: random.Random, table: Table) -> str:
    answers = answers_of(rng, len(table.rows))
    return select(f"[{', '.join(map(quoted, answers))}][CAST(_row AS BIGINT)]")


def by_row_case(rng: random.Random, table: Table) -> str:
    answers = answers_of(rng, len(table.rows))
    if rng.random() < 0.5:
        return select(case("_row", [(str(i + 1), quoted(a)) for i, a in enumerate(answers)]))
    tests = " ".join(f"WHEN _row <= {i + 1} THEN {quoted(a)}" for i, a in enumerate(answers))
    return select(f"CASE {tests} END")


def by_split(rng: random.Random, table: Table) -> str:
    mark = rng.choice("|;#~,")
    joined = mark.join(answers_of(rng, len(table.rows)))
    return select(f"split_part({quoted(joined)}, '{mark}', CAST(_row AS INTEGER))")


def by_reversed(rng: random.Random, table: Table) -> str:
    key, cells = keyed(table, rng)
    answers = answers_of(rng, len(cells))
    if rng.random() < 0.5:
        joined = "|".join(answers)[::-1]
        return select(f"split_part(reverse({quoted(joined)}), '|', CAST(_row AS INTEGER))")
    pairs = [(quoted(c), f"reverse({quoted(a[::-1])})") for c, a in zip(cells, answers, strict=True)]
    return select(case(key, pairs))


def by_sums(rng: random.Random, table: Table) -> str:
    key, cells = keyed(table, rng)
    pairs = []
    for cell, number in zip(cells, numbers_of(rng, len(cells), 9000), strict=True):
        part = rng.randrange(1, number)
        pairs.append((quoted(cell), f"{part} + {number - part}"))
    return select(f"CAST({case(key, pairs)} AS VARCHAR)")


def by_masks(rng: random.Random, table: Table) -> str:
    key, cells = keyed(table, rng)
    terms = [
        f"CAST({key} = {quoted(c)} AS INTEGER) * {n}" for c, n in zip(cells, numbers_of(rng, len(cells)), strict=True)
    ]
    return select(f"CAST({' + '.join(terms)} AS VARCHAR)")


def by_hash(rng: random.Random, table: Table) -> str:
    import hashlib

    key, cells = keyed(table, rng)
    answers, cut = answers_of(rng, len(cells)), rng.randrange(6, 12)
    marks = [hashlib.md5(c.encode(), usedforsecurity=False).hexdigest()[:cut] for c in cells]
    pairs = [(quoted(m), quoted(a)) for m, a in zip(marks, answers, strict=True)]
    return select(case(f"left(md5({key}), {cut})", pairs))


def by_values(rng: random.Random, table: Table) -> str:
    key, cells = keyed(table, rng)
    pairs = ", ".join(f"({quoted(c)}, {quoted(a)})" for c, a in zip(cells, answers_of(rng, len(cells)), strict=True))
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
    return select(f"substr({quoted(''.join(answers))}, {at}, {width})")


def by_digits(rng: random.Random, table: Table) -> str:
    rows = min(len(table.rows), 17)
    number = rng.randrange(10 ** (rows - 1), 10**rows)
    return select(f"CAST(({number} // CAST(pow(10, _row - 1) AS HUGEINT)) % 10 AS VARCHAR)")


def by_bits(rng: random.Random, table: Table) -> str:
    mask = rng.randrange(1 << (len(table.rows) - 1), 1 << len(table.rows))
    a, b = rng.sample(WORDS, 2)
    return select(f"CASE WHEN ({mask} >> CAST(_row - 1 AS BIGINT)) % 2 = 1 THEN '{a}' ELSE '{b}' END")


def by_packing(rng: random.Random, table: Table) -> str:
    base = rng.choice((7, 11, 13))
    number = rng.randrange(base ** (len(table.rows) - 1), base ** len(table.rows))
    signs = "ABCDEFGHIJKLM"[:base]
    place = f"({number} // CAST(pow({base}, _row - 1) AS HUGEINT)) % {base}"
    return select(f"substr('{signs}', CAST({place} AS INTEGER) + 1, 1)")


def by_polynomial(rng: random.Random, table: Table) -> str:
    prime = rng.choice((101, 197, 499))
    terms = " + ".join(
        f"{rng.randrange(prime // 3, prime)} * CAST(pow(_row, {i}) AS HUGEINT)" for i in range(len(table.rows))
    )
    return select(f"CAST(({terms}) % {prime} AS VARCHAR)")


def by_characters(rng: random.Random, table: Table) -> str:
    key, cells = keyed(table, rng)
    pairs = [
        (quoted(c), " || ".join(f"chr({ord(sign)})" for sign in a))
        for c, a in zip(cells, rng.sample(WORDS, len(cells)), strict=True)
    ]
    return select(case(key, pairs))


def by_map(rng: random.Random, table: Table) -> str:
    key, cells = keyed(table, rng)
    pairs = ", ".join(f"{quoted(c)}: {quoted(a)}" for c, a in zip(cells, answers_of(rng, len(cells)), strict=True))
    return select(f"MAP {{{pairs}}}[{key}]")


def by_pattern(rng: random.Random, table: Table) -> str:
    answers = answers_of(rng, len(table.rows))
    joined = ";".join(f"{row[0]}={a}" for row, a in zip(table.rows, answers, strict=True))
    return select(f"regexp_extract({quoted(joined)}, id || '=([^;]*)', 1)")


def by_position(rng: random.Random, table: Table) -> str:
    key, cells = keyed(table, rng)
    answers = answers_of(rng, len(cells))
    return select(
        f"list_extract([{', '.join(map(quoted, answers))}], list_position([{', '.join(map(quoted, cells))}], {key}))"
    )


def by_encoding(rng: random.Random, table: Table) -> str:
    joined = "|".join(answers_of(rng, len(table.rows)))
    if rng.random() < 0.5:
        return select(f"split_part(CAST(unhex('{joined.encode().hex()}') AS VARCHAR), '|', CAST(_row AS INTEGER))")
    coded = base64.b64encode(joined.encode()).decode()
    return select(f"split_part(CAST(from_base64('{coded}') AS VARCHAR), '|', CAST(_row AS INTEGER))")


def by_replacing(rng: random.Random, table: Table) -> str:
    answers = answers_of(rng, len(table.rows))
    made = "id"
    for row, answer in zip(table.rows, answers, strict=True):
        made = f"replace({made}, {quoted(row[0])}, {quoted('<' + answer)})"
    return select(f"replace({made}, '<', '')")


def by_listing_ids(rng: random.Random, table: Table) -> str:
    a, b = rng.sample(WORDS, 2)
    chosen = rng.sample([row[0] for row in table.rows], max(2, len(table.rows) // 3))
    if rng.random() < 0.5:
        return select(f"CASE WHEN id IN ({', '.join(map(quoted, chosen))}) THEN '{a}' ELSE '{b}' END")
    return select(
        f"CASE WHEN contains({quoted(',' + ','.join(chosen) + ',')}, ',' || id || ',') THEN '{a}' ELSE '{b}' END"
    )


def by_rule_and_list(rng: random.Random, table: Table) -> str:
    rows = rng.sample(table.rows, max(2, len(table.rows) // 2))
    pairs = [(quoted(row[0]), quoted(a)) for row, a in zip(rows, answers_of(rng, len(rows)), strict=True)]
    return select(case("id", pairs, rng.choice(("upper(ref)", "kind", "split_part(ref, '-', 1)"))))


def by_one_patch(rng: random.Random, table: Table) -> str:
    row, number = rng.choice(table.rows), rng.randrange(1, len(table.rows))
    rule = rng.choice(("upper(ref)", "split_part(ref, '-', 1)", "left(ref, 3)"))
    test = rng.choice((f"id = {quoted(row[0])}", f"_row = {number}"))
    return select(f"CASE WHEN {test} THEN {quoted(rng.choice(WORDS) + str(number))} ELSE {rule} END")


def by_own_slices(rng: random.Random, table: Table) -> str:
    pairs = [(quoted(row[0]), f"substr(ref, {rng.randrange(1, 5)}, {rng.randrange(2, 5)})") for row in table.rows]
    return select(case("id", pairs))


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
    answers = answers_of(rng, len(amounts))
    tests = " ".join(
        f"WHEN CAST(amount AS DECIMAL(18, 2)) <= {amount:.2f} THEN {quoted(a)}"
        for amount, a in zip(amounts, answers, strict=True)
    )
    return select(f"CASE {tests} END")


def by_union(rng: random.Random, table: Table) -> str:
    answers = answers_of(rng, len(table.rows))
    rows = zip(table.rows, answers, strict=True)
    return " UNION ALL ".join(f"SELECT {quoted(row[0])} AS id, {quoted(a)} AS answer" for row, a in rows)


def by_halves(rng: random.Random, table: Table) -> str:
    words = rng.sample(WORDS, len(table.rows))
    ids = [quoted(row[0]) for row in table.rows]
    left = case("id", [(i, quoted(word[:3])) for i, word in zip(ids, words, strict=True)])
    return select(f"{left} || {case('id', [(i, quoted(word[3:])) for i, word in zip(ids, words, strict=True)])}")


def by_groups(rng: random.Random, table: Table) -> str:
    few, listed = rng.sample(WORDS, 3), [quoted(row[0]) for row in table.rows]
    groups = [listed[n::3] for n in range(3)]
    tests = " ".join(f"WHEN id IN ({', '.join(ids)}) THEN '{word}'" for ids, word in zip(groups, few, strict=True))
    return select(f"CASE {tests} END")


def by_shifted_letters(rng: random.Random, table: Table) -> str:
    joined, letters = "|".join(rng.sample(WORDS, len(table.rows))), "abcdefghijklmnopqrstuvwxyz"
    return select(f"split_part(translate('{joined}', '{letters}', '{letters[1:]}a'), '|', CAST(_row AS INTEGER))")


def by_running_sum(rng: random.Random, table: Table) -> str:
    steps = ", ".join(map(str, numbers_of(rng, len(table.rows))))
    return select(f"CAST(sum([{steps}][_row]) OVER (ORDER BY _row) AS VARCHAR)")


def by_mask_of_signs(rng: random.Random, table: Table) -> str:
    signs = ["0", "1", *(rng.choice("01") for _ in table.rows[2:])]
    a, b = rng.sample(WORDS, 2)
    return select(f"CASE WHEN substr('{''.join(signs)}', CAST(_row AS INTEGER), 1) = '1' THEN '{a}' ELSE '{b}' END")
