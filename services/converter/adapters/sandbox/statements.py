"""The SQL around a program: the relations that it reads, and the text lines that it is written as."""

# ruff: noqa: S608 - writing SQL is what this module is for; names and texts go through quote_name and quote_text

from collections.abc import Sequence

from services.converter.adapters.sandbox.marks import mark_before
from services.converter.domain.table import Dialect


def quote_name(name: str) -> str:
    """A name as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def quote_text(text: str) -> str:
    """Text as an SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def spool_scan(
    path: str, width: int, *, counted: bool, delimiter: str, line_end: str, skip: int, longest_bytes: int
) -> str:
    """`read_csv` over a spool: VARCHAR columns ``c1..cN``, and ``n``, the row's count of cells, where it is counted.

    An empty field without quotes is NULL, ``""`` is the empty text. Nothing is detected: every option is given.
    """
    names = (["n"] if counted else []) + [f"c{i + 1}" for i in range(width)]
    kinds = ["INTEGER" if name == "n" else "VARCHAR" for name in names]
    columns = ", ".join(f"{quote_text(n)}: {quote_text(k)}" for n, k in zip(names, kinds, strict=True))
    # DuckDB 2.0.0 reads files of "\r\n" wrongly in strict mode; such files come here without any quotes, where
    # strictness decides nothing.
    strict = "true" if line_end == "\n" else "false"
    end = {"\n": "\\n", "\r\n": "\\r\\n", "\r": "\\r"}[line_end]
    return (
        f"read_csv({quote_text(path)}, auto_detect=false, header=false, columns={{{columns}}}, "
        f"delim={quote_text(delimiter)}, quote='\"', escape='\"', nullstr='', allow_quoted_nulls=false, "
        f"skip={skip}, new_line='{end}', max_line_size={longest_bytes}, strict_mode={strict}, null_padding=false)"
    )


def input_query(scan: str, names: Sequence[str], *, counted: bool) -> str:
    """The relation ``input`` over a scan; without counts every row has all cells."""
    cells = [f"c{i + 1}" for i in range(len(names))]
    present = [f"coalesce({cell}, '')" for cell in cells]
    if counted:
        columns = [f"CASE WHEN n > {i} THEN {value} END" for i, value in enumerate(present)]
        whole = f"[{', '.join(present)}][1:n]"
    else:
        columns = present
        whole = f"[{', '.join(present)}]"
    selected = [f"{value} AS {quote_name(name)}" for value, name in zip(columns, names, strict=True)]
    selected += ["row_number() OVER () AS _row", f"{whole}::VARCHAR[] AS _cells"]
    return f"SELECT {', '.join(selected)} FROM {scan}"


def header_query(header: Sequence[str] | None) -> str:
    """The relation ``header``."""
    if not header:
        return "SELECT NULL::BIGINT AS position, NULL::VARCHAR AS name WHERE false"
    rows = ", ".join(f"({i + 1}, {quote_text(name)})" for i, name in enumerate(header))
    return f"SELECT position::BIGINT AS position, name::VARCHAR AS name FROM (VALUES {rows}) AS h(position, name)"


def written_field(value: str, dialect: Dialect) -> str:
    """SQL text for one output field: ``value`` is an SQL expression of VARCHAR without NULL."""
    quote, escape = dialect.quote, dialect.escape or dialect.quote
    if dialect.quoting == "none" or not quote:
        return value
    inner = value
    if escape != quote:
        inner = f"replace({inner}, {quote_text(escape)}, {quote_text(escape * 2)})"
    inner = f"replace({inner}, {quote_text(quote)}, {quote_text(escape + quote)})"
    quoted = f"({quote_text(quote)} || {inner} || {quote_text(quote)})"
    if dialect.quoting == "all":
        return quoted
    needs = [f"contains({value}, {quote_text(text)})" for text in dict.fromkeys((quote, dialect.delimiter[:1]))]
    needs += [f"contains({value}, chr(10))", f"contains({value}, chr(13))"]
    if dialect.quoting == "nonnumeric":
        needs.append(f"NOT regexp_full_match({value}, '[-+]?[0-9]+([.][0-9]+)?')")
    return f"CASE WHEN {' OR '.join(needs)} THEN {quoted} ELSE {value} END"


def line_query(
    rows: str, width: int, dialect: Dialect, *, cells: bool, cell_bytes: int, marked: Sequence[str] = ()
) -> str:
    """A SELECT of one VARCHAR column ``line``: rows as lines of the dialect, in their order.

    ``rows`` is a SELECT of ``width`` columns, then of the row of the input, the row of the output and the words of its
    ``marked`` bits where there are any: lines have their marks before them then (see `marks`). The ``\\r`` of a
    ``\\r\\n`` line end is part of the line; the ``\\n`` is written by COPY. A line that would be empty although its
    row has one (empty) cell is written as two quotes, so that it reads back as that cell.
    """
    aliases = [f"o{i + 1}" for i in range(1 if cells else width)]
    more = ["origin", "place", *marked] if marked else []
    source = f"({rows}\n) AS t({', '.join([*aliases, *more])})"
    tail = " || chr(13)" if dialect.line_end == "\r\n" else ""
    lone = quote_text(dialect.quote * 2) if dialect.quoting != "none" and dialect.quote else "''"
    if cells:
        field = written_field("x", dialect)
        whole = (
            f"array_to_string(list_transform(o1, lambda y: list_transform([{_bounded(_present('y'), cell_bytes)}], "
            f"lambda x: {field})[1]), {quote_text(dialect.delimiter)})"
        )
        line = f"CASE WHEN len(o1) = 1 AND coalesce(o1[1], '') = '' THEN {lone} ELSE coalesce({whole}, '') END"
    else:
        texts = ", ".join([*(f"{_present(alias)} AS {alias}" for alias in aliases), *more])
        source = f"(SELECT *, concat({', '.join(aliases)}) AS bare FROM (SELECT {texts} FROM {source}))"
        line = _joined(aliases, dialect, cell_bytes)
        line = f"CASE WHEN o1 = '' THEN {lone} ELSE {line} END" if width == 1 else line
    if not marked:
        return f"SELECT {line}{tail} AS line FROM {source}"
    inner = f"SELECT {', '.join([f'{line}{tail} AS line', *more])} FROM {source}"
    return f"SELECT {mark_before('line', marked, 'origin', 'place')} || line AS line FROM ({inner})"


def _joined(aliases: Sequence[str], dialect: Dialect, cell_bytes: int) -> str:
    """The cells as one line. Nearly all rows have nothing to quote, which is seen on all of their text, ``bare``, at
    once; cell by cell is looked at the others only."""
    longest = f"greatest({', '.join(f'strlen({alias})' for alias in aliases)})"
    too_long = f"WHEN strlen(bare) > {cell_bytes} AND {longest} > {cell_bytes} THEN error('{OVERSIZED_CELL}')"
    fields = ", ".join(written_field(alias, dialect) for alias in aliases)
    by_cell = f"concat_ws({quote_text(dialect.delimiter)}, {fields})"
    if dialect.quoting not in ("minimal", "none"):
        return f"CASE {too_long} ELSE {by_cell} END"
    plain = f"concat_ws({quote_text(dialect.delimiter)}, {', '.join(aliases)})"
    if dialect.quoting == "none" or not dialect.quote:
        return f"CASE {too_long} ELSE {plain} END"
    special = " OR ".join(
        f"contains(bare, {text})"
        for text in (quote_text(dialect.quote), quote_text(dialect.delimiter[:1]), "chr(10)", "chr(13)")
    )
    return f"CASE {too_long} WHEN {special} THEN {by_cell} ELSE {plain} END"


def blank_table(number: int, guard: str) -> str:
    """The table ``blank<number>`` of the input rows that a guard selects."""
    return f"CREATE OR REPLACE TABLE blank{number} AS SELECT DISTINCT _row FROM ({guard}\n) AS g(_row, value)"


def copy_lines(query: str, path: str, header: str = "") -> str:
    """COPY of a one-column SELECT to a file of lines, each written as it is, below a line of its own."""
    named = f"SELECT line AS {quote_name(header)} FROM ({query})" if header else query
    return (
        f"COPY ({named}) TO {quote_text(path)} (FORMAT csv, HEADER {'true' if header else 'false'}, "
        "QUOTE '', ESCAPE '', DELIMITER '\x01', NULLSTR '', USE_TMP_FILE false)"
    )


def _present(value: str) -> str:
    return f"coalesce({value}::VARCHAR, '')"


def _bounded(value: str, cell_bytes: int) -> str:
    # error() is typed as VARCHAR by the other branch and is evaluated only where the cell is over the limit.
    return f"CASE WHEN strlen({value}) > {cell_bytes} THEN error('{OVERSIZED_CELL}') ELSE {value} END"


OVERSIZED_CELL = "a cell of the output is over the limit"
"""The text by which the child knows its own refusal among DuckDB's errors."""
