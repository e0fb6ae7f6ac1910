"""The sandbox's specification: programs that must not get anywhere, and what is said of each.

After every one of them the same sandbox runs an ordinary program: whatever a child does, the parent lives on.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from services.converter.adapters.duckdb_sandbox import DuckDBSandbox
from services.converter.adapters.sandbox import runner
from services.converter.domain.faults import (
    ProgramFailed,
    ProgramFault,
    ProgramNotAllowed,
    ProgramTimedOut,
    ProgramTooLarge,
)
from services.converter.domain.program import TRAINING_LIMITS, RunLimits
from services.converter.domain.table import Table

TABLE = Table(("name", "amount"), (("ACME", "1"), ("BETA", "2")))
LIMITS = replace(TRAINING_LIMITS, time_s=1.5, output_bytes=4 << 20, output_rows=50_000, temp_bytes=64 << 20)

NOT_ALLOWED = {
    "reads_a_file_by_function": "SELECT * FROM read_csv('/etc/passwd')",
    "reads_text": "SELECT content FROM read_text('/etc/passwd')",
    "reads_bytes": "SELECT content FROM read_blob('/etc/passwd')",
    "reads_json": "SELECT * FROM read_json_auto('/etc/hosts')",
    "reads_parquet_by_name": "SELECT * FROM 'secrets.parquet'",
    "reads_a_file_by_name": "SELECT * FROM '/etc/passwd'",
    "reads_the_network": "SELECT * FROM 'https://192.0.2.1/x.csv'",
    "lists_a_directory": "SELECT * FROM glob('/*')",
    "reads_a_file_in_a_subquery": "SELECT name, (SELECT count(*) FROM read_csv('/etc/passwd')) AS n FROM input",
    "reads_a_file_in_a_cte": "WITH x AS (SELECT * FROM read_text('/etc/passwd')) SELECT content FROM x",
    "reads_a_file_in_a_lateral_join": "SELECT content FROM input, LATERAL (SELECT * FROM read_text(name))",
    "reads_a_file_in_exists": "SELECT name FROM input WHERE EXISTS (SELECT 1 FROM read_text('/etc/passwd'))",
    "reads_a_file_in_a_union": "SELECT name FROM input UNION ALL SELECT content FROM read_text('/etc/passwd')",
    "reads_a_file_under_pivot": "SELECT * FROM read_csv('/etc/passwd') PIVOT (count(*) FOR column0 IN ('root'))",
    "writes_a_file": "COPY (SELECT 1) TO '/tmp/out.csv'",
    "copies_in": "COPY input FROM '/etc/passwd'",
    "attaches_a_database": "ATTACH '/tmp/x.db' AS x",
    "exports_the_database": "EXPORT DATABASE '/tmp/x'",
    "installs_an_extension": "INSTALL httpfs",
    "loads_an_extension": "LOAD httpfs",
    "changes_a_setting": "SET enable_external_access = true",
    "resets_a_setting": "RESET lock_configuration",
    "runs_a_pragma": "PRAGMA database_list",
    "calls_a_procedure": "CALL duckdb_functions()",
    "creates_a_table": "CREATE TABLE x AS SELECT 1",
    "creates_a_macro": "CREATE MACRO f(x) AS x",
    "drops_its_input": "DROP TABLE input",
    "changes_its_input": "UPDATE input SET name = 'x'",
    "inserts": "INSERT INTO input VALUES ('a', 'b')",
    "prepares": "PREPARE p AS SELECT 1",
    "explains": "EXPLAIN ANALYZE SELECT 1",
    "describes": "DESCRIBE input",
    "shows_tables": "SHOW ALL TABLES",
    "two_statements": "SELECT name FROM input; SELECT 1",
    "a_statement_behind_a_comment": "SELECT name FROM input -- done\n; COPY input TO '/tmp/x'",
    "no_statement": "-- nothing\n",
    "not_sql": "import os; os.system('id')",
    "a_parameter": "SELECT $1",
    "a_recursive_cte": "WITH RECURSIVE t(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM t) SELECT x FROM t",
    "a_dynamic_pivot": "PIVOT input ON name USING sum(amount::INT)",
    "sql_as_data": "SELECT * FROM query('SELECT 1')",
    "a_table_named_in_data": "SELECT * FROM query_table('input')",
    "serialised_sql": "SELECT json_execute_serialized_sql(json_serialize_sql('SELECT 1'))",
    "the_environment": "SELECT getenv('HOME')",
    "a_setting_read": "SELECT current_setting('temp_directory')",
    "settings_read": "SELECT * FROM duckdb_settings()",
    "the_catalog": "SELECT table_name FROM information_schema.tables",
    "the_postgres_catalog": "SELECT * FROM pg_catalog.pg_class",
    "the_sqlite_catalog": "SELECT * FROM sqlite_master",
    "another_schema": "SELECT * FROM main.input",
    "a_python_variable": "SELECT * FROM TABLE",
    "a_python_object": "SELECT * FROM tree",
    "the_clock": "SELECT now()",
    "the_date_without_brackets": "SELECT current_date",
    "chance": "SELECT random()",
    "a_fresh_uuid": "SELECT uuid()",
    "a_random_sample": "SELECT name FROM input USING SAMPLE 1",
    "sleep": "SELECT sleep_ms(100000)",
    "a_log_entry": "SELECT write_log('x')",
    "a_session_variable": "SELECT getvariable('x')",
    "rows_from_a_function": "SELECT * FROM range(1000000000)",
    "unnest_in_from": "SELECT * FROM unnest([1, 2])",
    "a_cte_out_of_its_scope": "SELECT * FROM (WITH t AS (SELECT 1) SELECT * FROM t), t",
    "an_endless_condition": "SELECT " + "(" * 20_000 + "1" + ")" * 20_000,
    "negations_without_end": "SELECT " + "NOT " * 100_000 + "true",
    "selects_within_selects": "SELECT * FROM " + "(SELECT * FROM " * 500 + "header" + ")" * 500,
    "a_comment_without_end": "SELECT name FROM input /*",
    "a_bracket_too_many": "SELECT name FROM input) AS t(o1)) TO '/tmp/x'; --",
    "a_statement_behind_a_zero_byte": "SELECT name FROM input\0; COPY input TO '/tmp/x'",
    "a_name_with_a_zero_width_space": "SELECT get\u200benv('HOME')",
    "a_name_in_wide_letters": "SELECT ｇｅｔｅｎｖ('HOME')",
    "a_statement_behind_a_wide_semicolon": "SELECT name FROM input；DROP TABLE input",
    "a_statement_turned_round": "SELECT name FROM input \u202e; DROP TABLE input",
    "half_a_surrogate_pair": "SELECT '\ud800'",
    "a_function_in_quotes": "SELECT \"getenv\"('HOME')",
    "a_function_behind_a_dot": "SELECT 'HOME'.getenv()",
    "a_function_by_its_schema": "SELECT system.main.getenv('HOME')",
    "a_function_within_a_lambda": "SELECT list_transform(['HOME'], lambda x: getenv(x))",
    "a_function_over_columns": "SELECT COLUMNS(c -> getenv(c) IS NULL) FROM input",
    "a_function_that_sorts": "SELECT name FROM input ORDER BY getenv(name)",
    "a_function_that_filters_groups": "SELECT count(*) FILTER (getenv('HOME') <> '') FROM input",
    "a_function_behind_qualify": "SELECT name FROM input QUALIFY row_number() OVER (ORDER BY getenv(name)) = 1",
    "a_file_that_sets_the_limit": "SELECT name FROM input LIMIT (SELECT length(content) FROM read_text('/etc/passwd'))",
    "a_file_to_compare_with": "SELECT name FROM input WHERE name IN (FROM read_text('/etc/passwd') SELECT content)",
    "a_file_joined_by_name": "SELECT name FROM input POSITIONAL JOIN '/etc/passwd'",
    "its_own_spool": "SELECT * FROM 'spool.csv'",
    "rows_deleted_in_a_cte": "WITH x AS (DELETE FROM input RETURNING name) SELECT name FROM x",
    "rows_inserted_in_a_cte": "WITH x AS (INSERT INTO input SELECT * FROM input RETURNING name) SELECT name FROM x",
    "a_summary_as_a_relation": "SELECT * FROM (SUMMARIZE input)",
    "a_call_as_a_relation": "SELECT * FROM (CALL pragma_version())",
    "a_sample_in_a_join": "SELECT a.name FROM input a JOIN input b TABLESAMPLE 50% ON true",
    "settles_the_log": "CHECKPOINT",
    "settles_it_by_force": "FORCE CHECKPOINT",
    "vacuums": "VACUUM",
    "analyses": "ANALYZE",
    "uses_a_schema": "USE memory",
    "creates_a_secret": "CREATE SECRET s (TYPE s3, KEY_ID 'x', SECRET 'y')",
    "creates_a_type": "CREATE TYPE t AS ENUM ('a')",
    "sets_a_variable": "SET VARIABLE x = 1",
    "comments": "COMMENT ON TABLE input IS 'x'",
    "imports_a_database": "IMPORT DATABASE '/tmp/x'",
    "begins_a_transaction": "BEGIN",
    "detaches_a_database": "DETACH memory",
    "executes_what_was_prepared": "EXECUTE p",
    "updates_extensions": "UPDATE EXTENSIONS",
    "alters_its_input": "ALTER TABLE input ADD COLUMN x INT",
    "truncates_its_input": "TRUNCATE input",
    "merges_into_its_input": "MERGE INTO input USING header ON true WHEN MATCHED THEN DELETE",
    "selects_into_a_table": "SELECT * INTO x FROM input",
    "installs_from_an_address": "INSTALL httpfs FROM 'https://192.0.2.1'",
    "loads_a_library": "LOAD '/tmp/x.duckdb_extension'",
    "attaches_an_address": "ATTACH IF NOT EXISTS 'https://192.0.2.1/x.db'",
    "copies_a_database": "COPY FROM DATABASE memory TO x",
    "copies_to_a_process": "COPY input TO PROGRAM 'id'",
    "copies_to_a_device": "COPY (SELECT * FROM input) TO '/dev/stdout'",
    "sniffs_a_file": "SELECT * FROM sniff_csv('/etc/passwd')",
    "the_secrets": "SELECT * FROM duckdb_secrets()",
    "the_metadata_of_a_file": "SELECT * FROM parquet_metadata('/etc/passwd')",
    "a_sequence": "SELECT nextval('s')",
    "the_transaction": "SELECT txid_current()",
    "the_version": "SELECT version()",
    "a_setting_changed_by_function": "SELECT set_config('threads', '9', false)",
    "the_schemas": "SELECT current_schemas(true)",
    "the_log": "SELECT * FROM duckdb_logs()",
    "a_scan_by_function": "SELECT * FROM seq_scan('input')",
    "a_scan_of_memory": "SELECT * FROM pandas_scan(140000000000)",
    "a_plan_as_data": "SELECT * FROM from_substrait('x'::BLOB)",
    "rows_without_end": "SELECT * FROM repeat_row(1, 2, num_rows=1000000000)",
    "the_memory": "SELECT * FROM duckdb_memory()",
    "a_directory_for_each_row": "SELECT g.file FROM input, LATERAL glob(name) g",
    "a_function_in_large_letters": "SELECT GETENV('HOME')",
    "a_function_in_letters_of_another_script": "SELECT gеtenv('HOME')",
    "a_function_behind_a_comment": "SELECT getenv/**/('HOME')",
    "a_function_as_a_default": "SELECT coalesce(NULL, getenv('HOME'))",
    "a_function_in_a_case": "SELECT CASE WHEN true THEN getenv('HOME') END",
    "a_function_in_a_struct": "SELECT {'a': getenv('HOME')}",
    "a_function_in_a_window": "SELECT first_value(getenv('HOME')) OVER () FROM input",
    "a_function_that_replaces_a_column": "SELECT * REPLACE (getenv('HOME') AS name) FROM input",
    "a_function_behind_having": "SELECT name FROM input GROUP BY name HAVING getenv('HOME') = ''",
    "a_function_that_sets_the_limit": "SELECT name FROM input LIMIT length(getenv('HOME'))",
    "a_function_in_values": "SELECT * FROM (VALUES (getenv('HOME')))",
    "a_function_in_a_frame": "SELECT sum(1) OVER (ROWS length(getenv('HOME')) PRECEDING) FROM input",
    "a_function_in_distinct_on": "SELECT DISTINCT ON (getenv('HOME')) name FROM input",
    "a_function_in_a_cube": "SELECT count(*) FROM input GROUP BY CUBE (getenv('HOME'))",
    "a_function_that_sorts_an_aggregate": "SELECT string_agg(name, ',' ORDER BY getenv('HOME')) FROM input",
    "a_function_that_joins": "SELECT a.name FROM input a JOIN input b ON getenv('HOME') = ''",
    "a_function_in_a_pivot": "SELECT * FROM (PIVOT input ON name IN ('a') USING max(getenv('HOME')))",
    "a_function_in_a_slice": "SELECT 'abc'[1:length(getenv('HOME'))]",
    "a_function_that_is_tried": "SELECT TRY(getenv('HOME'))",
    "a_function_in_any": "SELECT 'x' = ANY(SELECT getenv('HOME'))",
    "a_function_in_a_named_window": "SELECT sum(1) OVER w FROM input WINDOW w AS (ORDER BY getenv('HOME'))",
    "a_function_by_code_points": "SELECT U&\"get\\0065nv\"('HOME')",
    "a_version_of_its_input": "SELECT * FROM input AT (VERSION => 1)",
    "another_catalog": "SELECT * FROM memory.main.input",
    "a_file_in_double_quotes": 'SELECT * FROM "/etc/passwd"',
    "a_file_by_address": "SELECT * FROM 'file:///etc/passwd'",
    "its_own_environment": "SELECT * FROM '/proc/self/environ'",
    "a_file_behind_a_link": "SELECT * FROM '/proc/self/fd/3'",
    "files_by_pattern": "SELECT * FROM '/etc/*.conf'",
    "a_data_set_of_a_hub": "SELECT * FROM 'hf://datasets/x/y.csv'",
    "a_bucket": "SELECT * FROM 's3://b/k.parquet'",
    "a_macro_as_a_relation": "SELECT * FROM histogram_values(input, name)",
    "databases_as_a_relation": "FROM (SHOW DATABASES)",
    "a_recursive_cte_by_key": "WITH RECURSIVE t(a) USING KEY (a) AS (SELECT 1 UNION SELECT a + 1 FROM t) FROM t",
    "rows_updated_in_a_cte": "WITH x AS (UPDATE input SET name='x' RETURNING *) SELECT * FROM x",
    "a_file_in_an_asof_join": "SELECT a.name FROM input a ASOF JOIN '/etc/passwd' b ON a.name >= b.column0",
    "a_file_in_dollars": "SELECT * FROM $$/etc/passwd$$",
}

ENDED = {
    "a_text_of_gigabytes": ("SELECT repeat('x', 3000000000)", ProgramTooLarge),
    "padding_of_gigabytes": ("SELECT lpad('x', 2000000000, 'y')", ProgramFault),
    "a_list_of_gigabytes": ("SELECT list_transform(range(500000000), lambda x: x)", ProgramFault),
    "texts_that_double": (
        "WITH a AS (SELECT repeat('x', 100000000) AS v), b AS (SELECT v || v || v AS v FROM a) SELECT v || v FROM b",
        ProgramFault,
    ),
    "a_list_of_texts": ("SELECT list_transform(range(100000), lambda x: repeat('x', 100000))", ProgramFault),
    "a_large_aggregate": (
        "WITH a AS (SELECT unnest(range(100000)) AS x) SELECT string_agg(repeat('x', 100000), '') FROM a",
        ProgramFault,
    ),
    "a_cell_over_the_limit": ("SELECT repeat('x', 2000000)", ProgramTooLarge),
    "rows_over_the_limit": ("SELECT unnest(range(60000))", ProgramTooLarge),
    "bytes_over_the_limit": ("SELECT repeat('x', 1000), unnest(range(20000))", ProgramTooLarge),
    "columns_over_the_limit": ("SELECT " + ", ".join(["1"] * 5_000), ProgramTooLarge),
    "a_program_over_the_limit": ("SELECT '" + "x" * 2_000_000 + "'", ProgramTooLarge),
    "a_cross_join": (
        "WITH a AS (SELECT unnest(range(1000000)) AS x) SELECT sum(a.x * b.x) FROM a, a AS b",
        ProgramTimedOut,
    ),
    "a_function_that_ignores_interrupts": (
        "SELECT levenshtein(repeat('ab', 200000), repeat('ba', 200000))",
        ProgramTimedOut,
    ),
    "a_slow_pattern": (
        "SELECT regexp_matches(repeat('a', 40000000), '(a?){900}b') FROM input",
        ProgramFault,
    ),
    "a_format_of_gigabytes": ("SELECT printf('%2000000000d', 1)", ProgramTooLarge),
    "a_list_resized_to_gigabytes": ("SELECT list_resize([1::BIGINT], 2000000000)", ProgramTooLarge),
    "a_replacement_of_terabytes": (
        "SELECT replace(repeat('a', 1000000), 'a', repeat('b', 1000000))",
        ProgramFault,
    ),
    "a_text_that_doubles_in_a_lambda": (
        "SELECT length(list_reduce(list_transform(range(40), lambda x: 'xxxxxxxxxx'), lambda a, b: a || a))",
        ProgramFault,
    ),
    "windows_that_hold_everything": (
        "WITH a AS (SELECT unnest(range(100000)) AS x) SELECT len(list(x) OVER (ORDER BY x)) FROM a",
        ProgramFault,
    ),
    "relations_that_double": (
        "WITH a0 AS (SELECT name FROM input)"
        + "".join(f", a{i} AS (SELECT x.name FROM a{i - 1} x, a{i - 1} y)" for i in range(1, 30))
        + " SELECT name FROM a29",
        ProgramFault,
    ),
    "sixty_joins": ("SELECT count(*) FROM " + ", ".join(f"input i{i}" for i in range(60)), ProgramFault),
    "a_sum_of_a_hundred_thousand": ("SELECT 1" + "+1" * 100_000, ProgramFault),
    "a_matrix_of_edits": (
        "SELECT damerau_levenshtein(repeat('ab', 100000), repeat('ba', 100000))",
        ProgramFault,
    ),
    "a_bar_of_gigabytes": ("SELECT bar(1, 0, 1, 2000000000)", ProgramFailed),
    "a_format_aligned_to_gigabytes": ("SELECT format('{:>2000000000}', 'x')", ProgramTooLarge),
    "a_text_of_a_long_list": ("SELECT array_to_string(range(100000000), ',')", ProgramTooLarge),
    "a_set_of_a_long_list": ("SELECT len(list_distinct(range(50000000)))", ProgramFault),
    "a_lambda_within_a_lambda": (
        (
            "SELECT list_sum(list_transform(range(100000), "
            "lambda x: list_sum(list_transform(range(100000), lambda y: x * y))))"
        ),
        ProgramFault,
    ),
    "pairs_of_long_lists": ("SELECT len(list_zip(range(50000000), range(50000000)))", ProgramFault),
    "a_list_of_lists": ("SELECT len(flatten(list_transform(range(20000), lambda x: range(20000))))", ProgramFault),
    "letters_exchanged_in_gigabytes": ("SELECT length(translate(repeat('a', 300000000), 'a', 'bb'))", ProgramFault),
    "accents_composed_in_gigabytes": ("SELECT length(nfc_normalize(repeat('é', 100000000)))", ProgramFault),
    "digits_of_digits": ("SELECT length(hex(hex(hex(hex(repeat('a', 100000000))))))", ProgramFault),
    "matches_of_nothing": ("SELECT len(regexp_extract_all(repeat('a', 50000000), ''))", ProgramFault),
    "cells_of_a_long_text": ("SELECT len(string_split(repeat('a,', 100000000), ','))", ProgramFault),
    "a_cube_of_a_million_sets": (
        "SELECT count(*) FROM input GROUP BY CUBE (" + ", ".join(f"name || '{i}'" for i in range(20)) + ")",
        ProgramNotAllowed,
    ),
    "a_distinct_count_in_every_window": (
        (
            "WITH a AS (SELECT unnest(range(300000)) AS x) SELECT count(DISTINCT x % 1000) OVER w, mode(x) OVER w "
            "FROM a WINDOW w AS (ORDER BY x ROWS 100000 PRECEDING)"
        ),
        ProgramFault,
    ),
    "alternatives_without_end": (
        "SELECT regexp_replace(repeat('a', 5000000), '(a*)*(a*)*(a*)*b', 'x', 'g')",
        ProgramTooLarge,
    ),
    "a_text_joined_to_gigabytes": (
        "SELECT concat_ws(repeat('x', 10000000), " + ", ".join(["'a'"] * 1000) + ")",
        ProgramTooLarge,
    ),
    "an_aggregate_by_name": ("SELECT list_aggregate([1, 2], 'random')", ProgramFailed),
    "an_error_of_its_own": ("SELECT error('no')", ProgramFailed),
    "a_cast_that_fails": ("SELECT name::INTEGER FROM input", ProgramFailed),
    "a_column_that_is_not_there": ("SELECT upper(name, name, name) FROM input", ProgramFailed),
}


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDBSandbox]:
    with (
        pytest.MonkeyPatch.context() as patch,
        DuckDBSandbox(limits=LIMITS, directory=tmp_path_factory.mktemp("s")) as s,
    ):
        patch.setattr(runner, "WALL_FACTOR", 100.0)  # on a busy machine too it is the program's own time that ends it
        yield s


# Where DuckDB's code and the sandbox's files are, on disk and in memory.
PLACES = re.compile(r"Stack Trace|site-packages|\.so\b|0x[0-9a-f]{6}|/spool|/output")


def run_ordinary(sandbox: DuckDBSandbox) -> None:
    assert sandbox.run("SELECT name FROM input ORDER BY _row", TABLE).rows == (("ACME",), ("BETA",))


@pytest.mark.parametrize("program", NOT_ALLOWED.values(), ids=NOT_ALLOWED.keys())
def test_program_is_not_allowed(shared_sandbox: DuckDBSandbox, program: str) -> None:
    with pytest.raises(ProgramNotAllowed) as raised:
        shared_sandbox.run(program, TABLE)
    assert not PLACES.search(raised.value.message)
    run_ordinary(shared_sandbox)


@pytest.mark.parametrize(("program", "fault"), ENDED.values(), ids=ENDED.keys())
def test_program_is_ended(sandbox: DuckDBSandbox, program: str, fault: type[ProgramFault]) -> None:
    with pytest.raises(fault) as raised:
        sandbox.run(program, TABLE)
    assert not PLACES.search(raised.value.message)
    run_ordinary(sandbox)


def test_nothing_of_a_run_is_left_behind(tmp_path: Path) -> None:
    with DuckDBSandbox(limits=LIMITS, directory=tmp_path) as sandbox:
        run_ordinary(sandbox)
        with pytest.raises(ProgramTooLarge):
            sandbox.run("SELECT repeat('x', 3000000000)", TABLE)
    assert list(tmp_path.iterdir()) == []


def test_messages_do_not_tell_the_machines_paths(
    sandbox: DuckDBSandbox, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with pytest.raises(ProgramFailed) as raised:
        sandbox.run("SELECT name::INTEGER FROM input", TABLE)
    assert str(tmp_path_factory.getbasetemp()) not in raised.value.message
    assert "ACME" in raised.value.message


class WatchedSandbox(DuckDBSandbox):
    """Keeps the most memory that each child had, also of those that were ended."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.peaks_bytes: list[int] = []

    def _exchange(self, request: Mapping[str, Any], limits: RunLimits) -> list[dict[str, Any]]:
        lines = super()._exchange(request, limits)
        self.peaks_bytes.append(int(lines[-1]["peak_rss_kib"]) << 10)
        return lines


@pytest.mark.parametrize(
    "name",
    [
        "a_text_of_gigabytes",
        "a_list_of_gigabytes",
        "texts_that_double",
        "a_list_of_texts",
        "a_text_that_doubles_in_a_lambda",
        "a_list_resized_to_gigabytes",
        "windows_that_hold_everything",
    ],
)
def test_memory_stays_within_a_tenth_above_its_limit(name: str, tmp_path: Path) -> None:
    limits = replace(LIMITS, time_s=10, process_bytes=320 << 20)
    with WatchedSandbox(limits=limits, directory=tmp_path) as sandbox:
        run_ordinary(sandbox)
        with pytest.raises(ProgramFault):
            sandbox.run(ENDED[name][0], TABLE)
    ordinary, peak = sandbox.peaks_bytes
    assert peak - ordinary < 1.1 * limits.process_bytes
