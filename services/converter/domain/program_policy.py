"""Which programs may run: a check on the parse tree that DuckDB's own parser gives (`json_serialize_sql`).

Everything is an allow-list: node kinds, relations, functions. What is not known here is refused, so a newer parser
with new constructs fails closed. The sandbox's limits stand behind this check; neither replaces the other.
"""

from collections.abc import Collection, Mapping
from typing import Any

from services.converter.domain.faults import ProgramNotAllowed
from services.converter.domain.program import RELATIONS

_QUERIES = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "CTE_NODE"})
_SOURCES = frozenset({"BASE_TABLE", "SUBQUERY", "JOIN", "EMPTY", "EXPRESSION_LIST", "PIVOT"})
_MODIFIERS = frozenset(
    {
        "ORDER_MODIFIER",
        "LIMIT_MODIFIER",
        "DISTINCT_MODIFIER",
        "ORDER_DEFAULT",
        "ASCENDING",
        "DESCENDING",
        "ORDER_ASCENDING",
        "ORDER_DESCENDING",
    }
)
_EXPRESSIONS = frozenset(
    {
        "BETWEEN",
        "CASE",
        "CAST",
        "COLLATE",
        "COLUMN_REF",
        "COMPARISON",
        "CONJUNCTION",
        "CONSTANT",
        "FUNCTION",
        "LAMBDA",
        "LAMBDA_REF",
        "OPERATOR",
        "POSITIONAL_REFERENCE",
        "STAR",
        "SUBQUERY",
        "TYPE",
        "WINDOW",
    }
)

_OPERATORS = """
    + - * / // % ** ^ & | ~ << >> || ~~ !~~ ~~* !~~* ~~~ ^@ @ !__postfix @> <@ && like_escape not_like_escape
    ilike_escape not_ilike_escape
"""
_TEXT = """
    array_to_string ascii base64 bar chr concat concat_ws contains damerau_levenshtein ends_with format from_base64
    from_hex hamming hex instr jaccard jaro_similarity jaro_winkler_similarity lcase left left_grapheme len length
    length_grapheme levenshtein lower lpad ltrim md5 mismatches nfc_normalize ord overlay position prefix printf
    regexp_escape regexp_extract regexp_extract_all regexp_full_match regexp_matches regexp_replace
    regexp_split_to_array repeat replace reverse right right_grapheme rpad rtrim sha1 sha256 split split_part
    starts_with str_split str_split_regex string_split string_split_regex string_to_array strip_accents strlen strpos
    substr substring substring_grapheme suffix to_base to_base64 to_hex translate trim ucase unbin unhex unicode
    upper url_decode url_encode
"""
_NUMBERS = """
    abs acos add asin atan atan2 bin bit_count cbrt ceil ceiling cos cot degrees divide even exp factorial floor fdiv
    fmod gamma gcd greatest greatest_common_divisor isfinite isinf isnan lcm least least_common_multiple lgamma ln log
    log10 log2 mod multiply nextafter pi pow power radians round round_even roundbankers sign signbit sin sqrt
    subtract tan trunc xor error
"""
_DATES = """
    century date_add date_diff date_part date_sub date_trunc datediff datepart datesub datetrunc day dayname
    dayofmonth dayofweek dayofyear decade epoch epoch_ms epoch_ns epoch_us era hour isodow isoyear julian last_day
    make_date make_time make_timestamp make_timestamp_ms make_timestamp_ns microsecond millennium millisecond minute
    month monthname nanosecond quarter second strftime strptime time_bucket timezone to_centuries to_days to_decades
    to_hours to_microseconds to_millennia to_milliseconds to_minutes to_months to_quarters to_seconds to_timestamp
    to_weeks to_years try_strptime week weekday weekofyear year yearweek
"""
_LISTS = """
    aggregate apply array_aggr array_aggregate array_append array_apply array_cat array_concat array_contains
    array_distinct array_extract array_filter array_grade_up array_has array_has_all array_has_any array_indexof
    array_intersect array_length array_pop_back array_pop_front array_position array_prepend array_push_back
    array_push_front array_reduce array_resize array_reverse array_reverse_sort array_select array_slice array_sort
    array_transform array_unique array_value array_where array_zip cardinality element_at filter flatten
    generate_series grade_up list_aggr list_aggregate list_any_value list_append list_apply list_avg list_bool_and
    list_bool_or list_cat list_concat list_contains list_count list_distinct list_element list_extract list_filter
    list_first list_grade_up list_has list_has_all list_has_any list_indexof list_intersect list_last list_max
    list_min list_pack list_position list_prepend list_product list_reduce list_resize list_reverse list_reverse_sort
    list_select list_slice list_sort list_string_agg list_sum list_transform list_unique list_value list_where
    list_zip map map_concat map_contains map_entries map_extract map_extract_value map_from_entries map_keys
    map_values range reduce row struct_extract struct_insert struct_pack struct_values unnest unpivot_list
    generate_subscripts
"""
_CONDITIONS = "if nullif constant_or_null typeof can_cast_implicitly switch"
_AGGREGATES = """
    any_value arg_max arg_max_null arg_min arg_min_null argmax argmin array_agg avg bit_and bit_or bit_xor bool_and
    bool_or count count_if count_star countif entropy favg first fsum geomean geometric_mean group_concat histogram
    kahan_sum kurtosis last list listagg mad max max_by mean median min min_by mode product quantile quantile_cont
    quantile_disc skewness stddev stddev_pop stddev_samp string_agg sum sum_no_overflow sumkahan var_pop var_samp
    variance arbitrary corr covar_pop covar_samp regr_slope regr_intercept
"""
_WINDOWS = """
    cume_dist dense_rank fill first_value lag last_value lead nth_value ntile percent_rank rank rank_dense row_number
"""
ALLOWED_FUNCTIONS = frozenset(
    f"{_OPERATORS} {_TEXT} {_NUMBERS} {_DATES} {_LISTS} {_CONDITIONS} {_AGGREGATES} {_WINDOWS}".split()
)
"""All pure: the same input gives the same output, on any day, with no reach outside of the row or the relation.

coalesce, ifnull, try and grouping are no functions to the parser, but operators.
"""
AGGREGATES = frozenset(_AGGREGATES.split())
"""Those of them that make one value of many rows; some names are functions of lists as well."""
WINDOWS = frozenset(_WINDOWS.split())
"""Those of them that look at other rows."""

_SESSION_NAMES = frozenset(
    {
        "current_catalog",
        "current_database",
        "current_date",
        "current_localtime",
        "current_localtimestamp",
        "current_query",
        "current_role",
        "current_schema",
        "current_time",
        "current_timestamp",
        "current_user",
        "localtime",
        "localtimestamp",
        "session_user",
        "user",
    }
)
"""Words that SQL reads as functions of the session where no column has that name."""


_HOLDERS = (dict, list)


Allowed = set[tuple[int, frozenset[str]]]
"""Parts of trees, by their identities, that were found to be allowed where such relations can be read."""


def check_program(
    tree: Mapping[str, Any],
    columns: Collection[str],
    references: Collection[str] = (),
    allowed: Allowed | None = None,
) -> None:
    """Raise `ProgramNotAllowed` unless the serialised statements are exactly one allowed SELECT.

    ``tree`` is the JSON of `json_serialize_sql`; ``columns`` are the input's column names, ``references`` the names of
    the reference tables that it may read. ``allowed`` spares looking again at what was found in other trees of the same
    columns and references, which must be there as they were as long as it is.
    """
    if tree.get("error"):
        raise ProgramNotAllowed(f"not a SELECT that DuckDB can parse: {tree.get('error_message', 'unknown error')}")
    statements = tree.get("statements") or []
    if len(statements) != 1:
        raise ProgramNotAllowed(f"a program is exactly one SELECT, this text holds {len(statements)} statements")
    if statements[0].get("named_param_map"):
        raise ProgramNotAllowed("parameters are not allowed")
    named = frozenset(name.lower() for name in columns)
    known = allowed if allowed is not None else set()
    found: Allowed = set()
    # An explicit stack: a program may nest deeper than Python may recurse.
    pending: list[tuple[Any, frozenset[str]]] = [(statements[0].get("node"), RELATIONS | frozenset(references))]
    while pending:
        item, scope = pending.pop()
        # Of a tree's values nine in ten are neither lists nor dictionaries, and need not be looked at twice.
        if isinstance(item, list):
            pending.extend((child, scope) for child in item if child.__class__ in _HOLDERS)
        elif isinstance(item, dict):
            if (id(item), scope) in found or (id(item), scope) in known:
                continue
            found.add((id(item), scope))
            _check_node(item, scope, named)
            inner = _enter_ctes(item, scope, pending) if "cte_map" in item else scope
            pending.extend(
                (child, inner) for key, child in item.items() if child.__class__ in _HOLDERS and key != "cte_map"
            )
    # Only now: what is inside of a part is looked at after it.
    known |= found


def _enter_ctes(
    node: Mapping[str, Any], scope: frozenset[str], pending: list[tuple[Any, frozenset[str]]]
) -> frozenset[str]:
    """The scope with the node's own CTEs; each CTE is queued with the scope of those before it."""
    for entry in (node.get("cte_map") or {}).get("map", ()):
        pending.append((entry.get("value"), scope))
        scope = scope | {str(entry.get("key", "")).lower()}
    return scope


def _check_node(node: Mapping[str, Any], scope: frozenset[str], columns: frozenset[str]) -> None:
    kind = node.get("type")
    if "class" in node:
        _check_expression(node, columns)
    elif kind == "BASE_TABLE":
        _check_relation(node, scope)
    elif kind == "TABLE_FUNCTION":
        name = (node.get("function") or {}).get("function_name", "?")
        raise ProgramNotAllowed(f"table functions are not allowed: {name}() in FROM; use unnest in the select list")
    elif kind == "RECURSIVE_CTE_NODE":
        raise ProgramNotAllowed("recursive CTEs are not allowed")
    elif isinstance(kind, str) and kind not in _QUERIES | _SOURCES | _MODIFIERS:
        raise ProgramNotAllowed(f"{kind} is not allowed in a program")
    if node.get("sample") is not None:
        raise ProgramNotAllowed("sampling is not allowed: a program gives the same output every time")


def _check_relation(node: Mapping[str, Any], scope: frozenset[str]) -> None:
    name = str(node.get("table_name", ""))
    qualified = node.get("schema_name") or node.get("catalog_name")
    path = (node.get("qualified_name") or {}).get("path", [name])
    if qualified or len(path) != 1 or name.lower() not in scope:
        shown = ".".join(str(part) for part in path)
        raise ProgramNotAllowed(f'a program reads input, header and its own CTEs, not "{shown}"')
    if node.get("at_clause") is not None:
        raise ProgramNotAllowed("AT is not allowed")


def _check_expression(node: Mapping[str, Any], columns: frozenset[str]) -> None:
    kind = node.get("class")
    if kind not in _EXPRESSIONS:
        raise ProgramNotAllowed(f"{kind} is not allowed in a program")
    if kind in ("FUNCTION", "WINDOW"):
        name = str(node.get("function_name", "")).lower()
        if name not in ALLOWED_FUNCTIONS or node.get("schema") or node.get("catalog") or node.get("export_state"):
            raise ProgramNotAllowed(f"function {name}() is not allowed")
    elif kind == "COLUMN_REF":
        names = node.get("column_names") or []
        word = str(names[0]).lower() if len(names) == 1 else ""
        if word in _SESSION_NAMES and word not in columns:
            raise ProgramNotAllowed(f"{word} is not allowed: a program depends on its input alone")
