"""Which parts of SQL a licensee may use, as allow-lists over the parser's tree.

A kind or a key that is not listed here is refused, so that what a new DuckDB adds stays out until it is reviewed.
"""

from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Kinds of query, from-clause and modifier → the keys each may carry ("type" and places apart).
NODES: Final[dict[str, frozenset[str]]] = {
    kind: _words(keys)
    for kind, keys in {
        "SELECT_NODE": """modifiers cte_map select_list from_table where_clause group_expressions group_sets having
            qualify sample aggregate_handling""",
        "SET_OPERATION_NODE": "modifiers cte_map children setop_type setop_all",
        "BASE_TABLE": "alias column_name_alias qualified_name table_name schema_name catalog_name sample",
        "SUBQUERY": "alias column_name_alias subquery sample",
        "JOIN": """alias left right condition join_type ref_type using_columns delim_flipped is_implicit
            nearest_count nearest_order_type nearest_approx duplicate_eliminated_columns sample""",
        "EMPTY": "",
        "EXPRESSION_LIST": "alias column_name_alias values expected_names sample",
        "TABLE_FUNCTION": "alias column_name_alias function with_ordinality sample",
        "ORDER_MODIFIER": "orders",
        "DISTINCT_MODIFIER": "distinct_on_targets",
        "LIMIT_MODIFIER": "limit offset limit_type",
        "ORDER_DEFAULT": "expression null_order",
        "ASCENDING": "expression null_order",
        "DESCENDING": "expression null_order",
    }.items()
}

#: The two places a kind of node may stand: as a query, or in FROM.
QUERIES: Final = frozenset({"SELECT_NODE", "SET_OPERATION_NODE"})
SOURCES: Final = frozenset({"BASE_TABLE", "SUBQUERY", "JOIN", "EMPTY", "EXPRESSION_LIST", "TABLE_FUNCTION"})

#: Classes of expression → the keys each may carry ("class", "type", "alias" and places apart).
EXPRESSIONS: Final[dict[str, frozenset[str]]] = {
    kind: _words(keys)
    for kind, keys in {
        "CONSTANT": "literal",
        "COLUMN_REF": "column_names",
        "FUNCTION": """schema catalog function_name qualified_name arguments order_bys filter distinct is_operator
            export_state""",
        "WINDOW": """schema catalog function_name qualified_name
            arguments partitions orders start end start_expr end_expr
            ignore_nulls has_ignore_nulls exclude_clause distinct filter_expr arg_orders""",
        "COMPARISON": "left right",
        "CONJUNCTION": "children",
        "OPERATOR": "children",
        "CAST": "child type_expr try_cast",
        "CASE": "case_checks else_expr",
        "BETWEEN": "input lower upper",
        "SUBQUERY": "subquery subquery_type child comparison_type",
        "STAR": "columns expr relation_name exclude_list qualified_exclude_list replace_list rename_list",
        "LAMBDA": "lhs expr syntax_type",
        "COLLATE": "child collation",
        "POSITIONAL_REFERENCE": "index",
        "TYPE": "type_name children qualified_name",
    }.items()
}

OPERATORS: Final = frozenset({
    "COMPARE_IN", "COMPARE_NOT_IN", "OPERATOR_NOT", "OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL", "OPERATOR_COALESCE",
    "OPERATOR_NULLIF", "OPERATOR_TRY", "OPERATOR_UNPACK", "ARRAY_EXTRACT", "ARRAY_SLICE", "ARRAY_CONSTRUCTOR",
    "STRUCT_EXTRACT", "GROUPING_FUNCTION",
})  # fmt: skip

#: Parts that are neither node nor expression, by the key that holds them.
PARTS: Final[dict[str, frozenset[str]]] = {
    "arguments": frozenset({"name", "expression"}),
    "case_checks": frozenset({"when_expr", "then_expr"}),
    "cte_map": frozenset({"map"}),
    "entry": frozenset({"key", "value"}),
    "value": frozenset({"aliases", "materialized", "query_node"}),
    "literal": frozenset({"kind", "text"}),
    "qualified_name": frozenset({"path"}),
    "exclude_list": frozenset({"column", "table"}),
    "qualified_exclude_list": frozenset({"column", "table"}),
    "replace_list": frozenset({"key", "value"}),
    "rename_list": frozenset({"key", "value"}),
    "key": frozenset({"column", "table"}),
    "sample": frozenset({"sample_size", "is_percentage", "method", "seed", "repeatable", "sample_rate"}),
    "sample_size": frozenset({"type", "is_null", "value"}),
    "type": frozenset({"id"}),
    "subquery": frozenset({"node"}),
}

#: Types a value may be cast to. ENUM, VARIANT, TYPE and names of a user's own are not among them.
TYPES: Final = _words(
    """
    json array bigint bignum binary bit bitstring blob bool boolean bpchar bytea char date datetime dec decimal double
    float float4 float8 geometry guid hugeint int int1 int128 int16 int2 int32 int4 int64 int8 integer integral
    interval list logical long map numeric nvarchar real row short signed smallint string struct text time time_ns
    timestamp timestamp_ms timestamp_ns timestamp_s timestamp_us timestamptz timetz tinyint tuple ubigint uhugeint
    uint128 uint16 uint32 uint64 uint8 uinteger union usmallint utinyint uuid varbinary varchar varint
    """
) | {"time with time zone", "timestamp with time zone", "null"}

#: Written without brackets these are functions unless a column has that name; the gate cannot know, so it refuses.
MOMENT_NAMES: Final = _words("""
    current_catalog current_date current_role current_schema current_time current_timestamp current_user localtime
    localtimestamp session_user user
    """)

#: Expression functions that the binder itself understands and `duckdb_functions()` lists elsewhere or not at all.
BOUND_BY_SYNTAX: Final = frozenset({"unnest"})

#: A name the catalog of the engine uses; a CTE may not borrow it, lest scope be read differently there and here.
CATALOG_PREFIXES: Final = ("duckdb_", "pg_", "sqlite_", "pragma_", "information_schema")
