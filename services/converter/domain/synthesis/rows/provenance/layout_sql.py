"""A layout in DuckDB: the lines of a file and the units that a layout cuts them into, as relations."""

from services.converter.domain.synthesis.rows.algebra import Source
from services.converter.domain.synthesis.rows.provenance.layout import Layout
from services.converter.domain.synthesis.rows.provenance.lines import LineTest
from services.converter.domain.synthesis.rows.provenance.sheet import CORNER
from services.converter.domain.synthesis.sqltext import comment, indent, literal


def relations_of(layout: Layout, source: Source, reads: frozenset[str]) -> tuple[str, str]:
    """The names of two relations over ``source``: the lines, and the units.

    Units have section, line, start, stop, width, sides, part, block, and as far as they are read down, head, over,
    top, numbers. ``reads``: those of `full`, `head`, `over`, `top` and `numbers` that somebody asks for.
    """
    lines = source.part("lines", _said(layout.lines_words(), _lines_sql(layout, source.name)))
    tops = depth_sql(layout, lines)
    above = f"line > {tops}" if layout.tops else ""
    origin = lines
    if layout.begins is not None or "full" in reads:
        columns, join = ["line", "cells"], ""
        if "full" in reads:
            filled = source.part("filled", _said("blank cells take the value above", _filled_sql(lines, above)))
            columns.append("down")
            join = f" JOIN {filled} USING (line)"
        if layout.begins is not None:
            test = test_sql(layout, layout.begins, lines)
            if layout.outer is not None:
                above_all = test_sql(layout, layout.outer, lines)
                head = f"CASE WHEN {above_all} THEN []::VARCHAR[] WHEN {test} THEN cells END"
                columns.append(
                    f"last_value(CASE WHEN {above_all} THEN cells END IGNORE NULLS) OVER (ORDER BY line) AS over"
                )
                # A title of several sections begins one without a title, which holds until the next.
                columns += [
                    f"count(CASE WHEN ({above_all}) OR ({test}) THEN 1 END) OVER (ORDER BY line) AS section",
                    f"last_value({head} IGNORE NULLS) OVER (ORDER BY line) AS head",
                    f"({above_all}) OR ({test}) AS begins",
                ]
            else:
                columns += [
                    f"count(CASE WHEN {test} THEN 1 END) OVER (ORDER BY line) AS section",
                    f"last_value(CASE WHEN {test} THEN cells END IGNORE NULLS) OVER (ORDER BY line) AS head",
                    f"{test} AS begins",
                ]
        where = f"\nWHERE {above}" if above else ""
        marked = "SELECT\n    " + ",\n    ".join(columns) + f"\nFROM {lines}{join}{where}"
        origin = source.part("marked", _said(layout.section_words() or "lines below the headings", marked))
        above = ""
    where = _where(layout, above, lines)
    records = source.part("records", _said(layout.record_words(), _records_sql(layout, origin, where, reads)))
    if layout.labels is not None:
        named = ["block", *(["down"] if "full" in reads else [])]
        completed = layout.labels.completed_sql(records, named)
        records = source.part("labelled", _said(layout.labels.words(), completed))
    return lines, source.part("units", _said(layout.unit_words(), _units_sql(layout, lines, records, tops, reads)))


def test_sql(layout: Layout, test: LineTest, lines: str) -> str:
    """A test over the relation of all lines."""
    below = f" WHERE line > {depth_sql(layout, lines)}" if test.is_below and layout.tops else ""
    return test.sql(f"(SELECT arg_min(cells, line) FROM {lines}{below})")


def depth_sql(layout: Layout, lines: str) -> str:
    """How many lines stand on top, by the relation of all lines."""
    if layout.tops != CORNER:
        return str(layout.tops)
    filled = "min(CASE WHEN trim(coalesce(cells[1], '')) <> '' THEN line END)"
    return f"(SELECT coalesce({filled}, max(line) + 1) - 1 FROM {lines})"


def _has(layout: Layout, name: str) -> bool:
    """Whether there are titles of sections (`head`), or of several (`over`)."""
    return (layout.begins if name == "head" else layout.outer) is not None


def _where(layout: Layout, above: str, lines: str) -> str:
    """Which lines are in records."""
    tests = [above] if above else []
    if layout.begins is not None:
        tests += {"title": ["NOT begins", "section > 0"], "between": ["NOT begins"], "first": ["section > 0"]}[
            layout.title
        ]
    if layout.outer is not None and layout.title == "first":
        tests.append(f"NOT ({test_sql(layout, layout.outer, lines)})")
    if layout.without is not None:
        tests.append(f"NOT ({test_sql(layout, layout.without, lines)})")
    return f"\nWHERE {' AND '.join(tests)}" if tests else ""


def _lines_sql(layout: Layout, source: str) -> str:
    rows = f"SELECT _row, _cells FROM {source}"
    if layout.names:
        rows = f"SELECT 0 AS _row, list(name ORDER BY position) AS _cells FROM header\nUNION ALL\n{rows}"
    if layout.split and layout.into == "cells":
        split = f"flatten(list_transform(_cells, lambda c: string_split(c, {literal(layout.split)})))"
        rows = f"SELECT _row, {split} AS _cells FROM (\n{indent(rows)}\n)"
    elif layout.split:
        mark = literal(layout.split)
        most = f"coalesce(list_max(list_transform(_cells, lambda c: len(string_split(c, {mark})))), 0)"
        parts = f"SELECT _row, _cells, unnest(range(1, {most} + 1)) AS _part FROM (\n{indent(rows)}\n)"
        cell = f"CASE WHEN contains(c, {mark}) THEN coalesce(string_split(c, {mark})[_part], '') ELSE c END"
        rows = f"SELECT _row, _part, list_transform(_cells, lambda c: {cell}) AS _cells FROM (\n{indent(parts)}\n)"
    order = "_row, _part" if layout.split and layout.into == "lines" else "_row"
    widest = "max(len(_cells)) OVER ()"
    return (
        f"SELECT row_number() OVER (ORDER BY {order}) AS line, list_resize(_cells, {widest}, '') AS cells\n"
        f"FROM (\n{indent(rows)}\n)"
    )


def _records_sql(layout: Layout, origin: str, where: str, reads: frozenset[str]) -> str:
    section = "section" if layout.begins is not None else "0 AS section"
    head = [name for name in ("head", "over") if name in reads and _has(layout, name)]
    none = [f"[]::VARCHAR[] AS {name}" for name in ("head", "over") if name in reads and not _has(layout, name)]
    full = "full" in reads
    if layout.records == "each":
        columns = [section, "line", "[cells] AS block", *head, *none, *(["[down] AS down"] if full else [])]
        columns += ["[line] AS numbers"] if "numbers" in reads else []
        return f"SELECT {', '.join(columns)}\nFROM {origin}{where}"
    lists = ["list(cells ORDER BY line) AS block"] + (["list(down ORDER BY line) AS down"] if full else [])
    lists += ["list(line ORDER BY line) AS numbers"] if "numbers" in reads else []
    heads = [f"arg_min({name}, line) AS {name}" for name in head]
    keys = ["section"] if layout.begins is not None else []
    inner, group = origin + where, list(keys)
    if layout.records == "every":
        window = "PARTITION BY section ORDER BY line" if keys else "ORDER BY line"
        inner = (
            f"(\n    SELECT *, (row_number() OVER ({window}) - 1) // {layout.size} AS number\n"
            f"    FROM {origin}{where.replace(chr(10), chr(10) + '    ')}\n)"
        )
        group.append("number")
    elif layout.records == "keyed":
        first = layout.key if layout.key > 1 else ""
        group.append(f"cells[{first}:{layout.key - 1 + layout.size}]")
    columns = [*(keys or ["0 AS section"]), "min(line) AS line", *lists, *heads, *none]
    end = f"\nGROUP BY {', '.join(group)}" if group else "\nHAVING count(*) > 0"
    return f"SELECT {', '.join(columns)}\nFROM {inner}{end}"


def _units_sql(layout: Layout, lines: str, records: str, tops: str, reads: frozenset[str]) -> str:
    width = "len(block[1])"
    names = ["section", "line", "block", *(["down"] if "full" in reads else [])]
    names += [name for name in ("head", "over", "numbers") if name in reads]
    names += ["said", "labels"] if layout.labels is not None else []
    needs_top = "top" in reads or layout.keep == "headed"
    sides = str(layout.sides)
    if layout.sides == CORNER:
        flags = "list_transform(arg_min(cells, line), lambda c: trim(c) <> '')"
        sides = f"(SELECT coalesce(list_position({flags}, true), max(len(cells)) + 1) - 1 FROM {lines})"
    rows = "SELECT\n    " + ",\n    ".join([*names, f"{width} AS width", f"{sides} AS sides"]) + f"\nFROM {records}"
    if layout.columns == "all":
        start, stop = "sides", "width"
        rows = f"SELECT *, {start} AS start, {stop} AS stop\nFROM (\n{indent(rows)}\n)"
    elif layout.columns in ("each", "groups"):
        size = layout.group if layout.columns == "groups" else 1
        by = f", {size}" if size > 1 else ""
        end = f"width - {layout.trail}" if layout.trail else "width"
        inner = f"SELECT *, unnest(range(sides, {end}{by})) AS start\nFROM (\n{indent(rows)}\n)"
        rows = f"SELECT *, start + {size} AS stop\nFROM (\n{indent(inner)}\n)"
    else:
        line = f"(SELECT arg_min(cells, line) FROM {lines})"
        test = "trim(heads[c + 1]) <> ''" if layout.columns == "spans" else "heads[c + 1] = heads[sides + 1]"
        inner = f"SELECT *, {line} AS heads\nFROM (\n{indent(rows)}\n)"
        lists = f"SELECT *, list_filter(range(sides, width), lambda c: {test}) AS starts\nFROM (\n{indent(inner)}\n)"
        rows = (
            "SELECT * EXCLUDE (starts, heads), unnest(starts) AS start, "
            f"unnest(list_append(starts[2:], width)) AS stop\nFROM (\n{indent(lists)}\n)\nWHERE len(starts) > 0"
        )
    top = ""
    if needs_top:
        top = f",\n    (SELECT list(cells ORDER BY line) FROM {lines} WHERE line <= {tops}) AS top"
    part = "list_transform(block, lambda l: l[start + 1:stop])"
    rows = f"SELECT\n    *,\n    {part} AS part{top}\nFROM (\n{indent(rows)}\n)"
    test = {
        "all": "",
        "any": "len(list_filter(flatten(part), lambda c: trim(c) <> '')) > 0",
        "first": "trim(coalesce(part[1][1], '')) <> ''",
        "told": "regexp_matches(coalesce(part[1][1], ''), '[\\p{L}\\p{N}]')",
        "headed": "trim(coalesce(top[1][start + 1], '')) <> ''",
    }[layout.keep]
    return rows if not test else f"SELECT *\nFROM (\n{indent(rows)}\n)\nWHERE {test}"


def order_of(layout: Layout) -> str:
    """What the units are ordered by."""
    return {"row": "line, start", "column": "start, line", "section": "section, start, line"}[layout.by]


def _said(words: str, body: str) -> str:
    return f"{comment(words)}\n{body}"


def _filled_sql(lines: str, above: str) -> str:
    """`last_value ... IGNORE NULLS` down each column."""
    where = f" WHERE {above}" if above else ""
    places = f"SELECT line, unnest(cells) AS cell, unnest(range(1, len(cells) + 1)) AS place FROM {lines}{where}"
    held = "CASE WHEN trim(cell) <> '' THEN cell END"
    value = f"coalesce(last_value({held} IGNORE NULLS) OVER (PARTITION BY place ORDER BY line), '')"
    return (
        f"SELECT line, list(cell ORDER BY place) AS down\nFROM (\n    SELECT line, place, {value} AS cell\n"
        f"    FROM ({places})\n)\nGROUP BY line"
    )
