"""The SQL around a program: the relations that it reads, and the text lines that it is written as."""

# ruff: noqa: S608 - writing SQL is what this module is for; names and texts go through quote_name and quote_text

from collections.abc import Mapping, Sequence

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


def line_query(program: str, width: int, dialect: Dialect, *, cells: bool, cell_bytes: int) -> str:
    """A SELECT of one VARCHAR column, the program's rows as lines of the dialect, in the program's order.

    The ``\\r`` of a ``\\r\\n`` line end is part of the line; the ``\\n`` is written by COPY. A line that would be
    empty although its row has one (empty) cell is written as two quotes, so that it reads back as that cell.
    """
    tail = " || chr(13)" if dialect.line_end == "\r\n" else ""
    lone = quote_text(dialect.quote * 2) if dialect.quoting != "none" and dialect.quote else "''"
    if cells:
        field = written_field("x", dialect)
        whole = (
            f"array_to_string(list_transform(o1, lambda y: list_transform([{_bounded(_present('y'), cell_bytes)}], "
            f"lambda x: {field})[1]), {quote_text(dialect.delimiter)})"
        )
        line = f"CASE WHEN len(o1) = 1 AND coalesce(o1[1], '') = '' THEN {lone} ELSE coalesce({whole}, '') END"
        return f"SELECT {line}{tail} AS line FROM ({program}\n) AS t(o1)"
    aliases = [f"o{i + 1}" for i in range(width)]
    texts = ", ".join(f"{_bounded(_present(alias), cell_bytes)} AS {alias}" for alias in aliases)
    joined = f" || {quote_text(dialect.delimiter)} || ".join(written_field(alias, dialect) for alias in aliases)
    line = f"CASE WHEN o1 = '' THEN {lone} ELSE {joined} END" if width == 1 else joined
    return f"SELECT {line}{tail} AS line FROM (SELECT {texts} FROM ({program}\n) AS t({', '.join(aliases)}))"


def blank_table(number: int, guard: str) -> str:
    """The table ``blank<number>`` of the input rows that a guard selects."""
    return f"CREATE TABLE blank{number} AS SELECT DISTINCT _row FROM ({guard}\n) AS g(_row, value)"


def blank_query(traced: str, width: int, targets: Mapping[int, Sequence[str]]) -> str:
    """A program that returns its input row's number last, without that column and with some cells left empty.

    ``targets`` names, by position, the tables of row numbers for which a column is emptied.
    """
    aliases = [f"p{i + 1}" for i in range(width)]
    columns = []
    for position, alias in enumerate(aliases):
        tests = [f"origin IN (SELECT _row FROM {table})" for table in targets.get(position, ())]
        columns.append(f"CASE WHEN {' OR '.join(tests)} THEN NULL ELSE {alias} END" if tests else alias)
    # Joins may reorder rows, so their order is written down before and restored after.
    return f"SELECT {', '.join(columns)} FROM ({_numbered(traced, aliases)}) ORDER BY place"


def place_query(traced: str, width: int, origins: Sequence[int], limit: int) -> str:
    """A SELECT of (input row, output row) for some input rows, of a program as in `blank_query`."""
    numbered = _numbered(traced, [f"p{i + 1}" for i in range(width)])
    wanted = ", ".join(str(int(origin)) for origin in origins)
    return f"SELECT origin, place FROM ({numbered}) WHERE origin IN ({wanted}) ORDER BY place LIMIT {limit}"


def _numbered(traced: str, aliases: Sequence[str]) -> str:
    return f"SELECT *, row_number() OVER () AS place FROM (\n{traced}\n) AS t({', '.join(aliases)}, origin)"


def copy_lines(query: str, path: str) -> str:
    """COPY of a one-column SELECT to a file of lines, each written as it is."""
    return (
        f"COPY ({query}) TO {quote_text(path)} "
        "(FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '\x01', NULLSTR '', USE_TMP_FILE false)"
    )


def _present(value: str) -> str:
    return f"coalesce({value}::VARCHAR, '')"


def _bounded(value: str, cell_bytes: int) -> str:
    # error() is typed as VARCHAR by the other branch and is evaluated only where the cell is over the limit.
    return f"CASE WHEN strlen({value}) > {cell_bytes} THEN error('{OVERSIZED_CELL}') ELSE {value} END"


OVERSIZED_CELL = "a cell of the output is over the limit"
"""The text by which the child knows its own refusal among DuckDB's errors."""
