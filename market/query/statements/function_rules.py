"""The review of DuckDB's functions: each name we looked at, in groups, with the reason for its verdict.

A name in no group has not been reviewed, and `update_functions` says so instead of guessing.
A trailing ``*`` covers a family whose members differ only in the type or language they serve.
"""

from typing import Final

#: Reason → names of scalar functions, macros, aggregates and window functions that work on values alone.
ALLOWED: Final[dict[str, str]] = {
    "operator on values": """
        ! != !__postfix !~~ !~~* % & && * ** + - ->> / // < <-> << <= <=> <@ = > >= >> @ @> ^ ^@ | || ~ ~~ ~~* ~~~
        __between __cast add subtract multiply divide decimal_division mod pow power xor
        not_ilike_escape not_like_escape like_escape ilike_escape""",
    "comparison of values": "greatest least nullif if",
    "arithmetic": """
        abs acos acosh asin asinh atan atan2 atanh binom bit_count cbrt ceil ceiling cos cosh cot degrees even exp
        factorial floor fdiv fmod gamma gcd greatest_common_divisor isfinite isinf isnan lcm least_common_multiple
        lgamma ln log log10 log2 nextafter pi radians round round_even roundbankers sign signbit sin sinh sqrt tan
        tanh trunc""",
    "random value; carries no state out": "random gen_random_uuid uuid uuidv4 uuidv7",
    "date and time of a given value": """
        age century date_add date_diff date_part date_sub date_trunc datediff datepart datesub datetrunc day dayname
        dayofmonth dayofweek dayofyear days_in_month decade epoch epoch_ms epoch_ns epoch_us era hour isodow isoyear
        julian last_day make_date make_time make_timestamp make_timestamp_ms make_timestamp_ns make_timestamptz
        microsecond millennium millisecond minute month monthname nanosecond normalized_interval quarter second
        strftime strptime try_strptime time_bucket timezone timezone_hour timezone_minute to_centuries to_days
        to_decades to_hours to_microseconds to_millennia to_milliseconds to_minutes to_months to_quarters to_seconds
        to_timestamp to_weeks to_years week weekday weekofyear year yearweek""",
    "text": """
        ascii base64 bit_length char_length character_length chr concat concat_ws contains ends_with format_bytes
        formatReadableDecimalSize formatReadableSize from_base64 hamming mismatches instr jaccard lcase left
        left_grapheme len length length_grapheme lower ltrim nfc_normalize octet_length ord overlay parse_dirname
        parse_dirpath parse_filename parse_formatted_bytes parse_path path_join position prefix regexp_escape
        regexp_extract regexp_extract_all regexp_full_match regexp_matches regexp_replace regexp_split_to_array
        regexp_split_to_table replace reverse right right_grapheme rtrim split split_part starts_with str_split
        str_split_regex string_split string_split_regex string_to_array strip_accents strlen strpos substr substring
        substring_grapheme suffix to_base64 translate trim ucase unicode upper url_decode url_encode""",
    "text or list of a stated size; the gate checks the size": """
        bar bitstring format generate_series list_resize array_resize lpad printf range repeat rpad""",
    "order of text in a language": "collate_* icu_collate_*",
    "encoding and digest of a value": """
        bin decode encode from_binary from_hex hash hex md5 md5_number md5_number_lower md5_number_upper sha1 sha256
        to_base to_binary to_hex unbin unhex""",
    "bits of a value": "bit_position get_bit set_bit",
    "list and array values": """
        aggregate apply array_aggr array_aggregate array_append array_apply array_cat array_concat array_contains
        array_cosine_distance array_cosine_similarity array_cross_product array_distance array_distinct
        array_dot_product array_extract array_filter array_grade_up array_has array_has_all array_has_any
        array_indexof array_inner_product array_intersect array_length array_negative_dot_product
        array_negative_inner_product array_pop_back array_pop_front array_position array_prepend array_push_back
        array_push_front array_reduce array_reverse array_reverse_sort array_select array_slice array_sort
        array_to_string array_to_string_comma_default array_transform array_unique array_value array_where array_zip
        element_at equi_width_bins filter flatten generate_subscripts grade_up list_aggr list_aggregate list_any_value
        list_append list_apply list_approx_count_distinct list_avg list_bit_and list_bit_or list_bit_xor list_bool_and
        list_bool_or list_cat list_concat list_contains list_cosine_distance list_cosine_similarity list_count
        list_distance list_distinct list_dot_product list_element list_entropy list_extract list_filter list_first
        list_grade_up list_has list_has_all list_has_any list_histogram list_indexof list_inner_product
        list_intersect list_kurtosis list_kurtosis_pop list_last list_mad list_max list_median list_min list_mode
        list_negative_dot_product list_negative_inner_product list_pack list_position list_prepend list_product
        list_reduce list_reverse list_reverse_sort list_select list_sem list_skewness list_slice list_sort
        list_stddev_pop list_stddev_samp list_string_agg list_sum list_transform list_unique list_value list_var_pop
        list_var_samp list_where list_zip reduce unpivot_list is_histogram_other_bin""",
    "struct, map, union and enum values": """
        cardinality map map_concat map_contains map_contains_entry map_contains_value map_entries map_extract
        map_extract_value map_from_entries map_keys map_values row struct_concat struct_contains struct_extract
        struct_extract_at struct_has struct_indexof struct_insert struct_keys struct_pack struct_position
        struct_update struct_values union_extract union_tag union_value enum_code enum_first enum_last enum_range
        enum_range_boundary""",
    "JSON values": """
        array_to_json from_json from_json_strict json json_array json_array_length json_contains json_deep_merge
        json_exists json_extract json_extract_path json_extract_path_text json_extract_string json_group_array
        json_group_object json_group_structure json_insert json_keys json_merge_patch json_merge_patch_diff
        json_normalize json_object json_pretty json_quote json_remove json_replace json_set json_strip_nulls
        json_structure json_transform json_transform_strict json_type json_valid json_value row_to_json to_json""",
    "type or parts of a given value": "typeof uuid_extract_timestamp uuid_extract_version",
    "geometry of a given value": """
        st_asbinary st_asgeojson st_astext st_aswkb st_aswkt st_geomfromgeojson st_geomfromwkb st_intersects_extent
        vertex_extract""",
    "aggregate of values": """
        any_value approx_count_distinct approx_quantile approx_top_k arbitrary arg_max arg_max_null
        arg_max_nulls_last arg_min arg_min_null arg_min_nulls_last argmax argmin array_agg avg bit_and bit_or bit_xor
        bitstring_agg bool_and bool_or corr count count_if count_star countif covar_pop covar_samp entropy favg first
        fsum geomean geometric_mean group_concat histogram histogram_exact kahan_sum kurtosis kurtosis_pop last list
        listagg lttb mad max max_by mean median min min_by mode product quantile quantile_cont quantile_disc regr_avgx
        regr_avgy regr_count regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy reservoir_quantile sem
        skewness stddev stddev_pop stddev_samp string_agg sum sum_no_overflow sumkahan var_pop var_samp variance wavg
        weighted_avg""",
    "window over rows": """
        cume_dist dense_rank fill first_value lag last_value lead nth_value ntile percent_rank rank rank_dense
        row_number""",
}

#: The same for table functions: only those that read nothing but their arguments.
ALLOWED_TABLES: Final[dict[str, str]] = {
    "rows from values; the gate checks the size": "unnest range generate_series",
}

#: Reason → names that are refused wherever they appear as an expression.
REFUSED: Final[dict[str, str]] = {
    "engine internals, not meant for statements": """
        __internal_* IS_DISTINCT_FROM IS_NOT_DISTINCT_FROM create_sort_key icu_sort_key bitstring_byte_comparable
        timetz_byte_comparable constant_or_null vector_type cast_to_type can_cast_implicitly replace_type index_key
        remap_struct invoke switch alias hive_partition_component get_type make_type json_copy_strftime_if_*
        decimal_average stats""",
    "raw aggregate states; a forged state is unsafe memory": "finalize combine combine_aggr to_aggregate_state",
    "the VARIANT type has open memory-safety reports": "variant_*",
    "the moment or session of the run; the answer would not be repeatable": """
        ago current_date current_localtime current_localtimestamp get_current_time get_current_timestamp now today
        transaction_timestamp""",
    "reads settings, catalog, session or environment": """
        current_catalog current_connection_id current_database current_query current_query_id current_role
        current_schema current_schemas current_setting current_transaction_id current_user session_user user
        get_block_size getvariable in_search_path txid_current version inet_client_addr inet_client_port
        inet_server_addr inet_server_port col_description obj_description shobj_description format_pg_type
        format_type has_* map_to_pg_oid pg_* st_crs st_setcrs""",
    "reads or changes a sequence": "currval nextval setval",
    "sets random state": "setseed",
    "runs SQL given as text, or shows how it is run": "json_deserialize_sql json_serialize_plan json_serialize_sql",
    "edit distance: quadratic, and it ignores interrupts": """
        levenshtein editdist3 damerau_levenshtein jaro_similarity jaro_winkler_similarity""",
    "sleeps": "sleep_ms",
    "writes or reads the log": "write_log parse_duckdb_log_message",
    "raises an error of the caller's wording": "error assert_true",
}

#: Overloads refused although the name is allowed: (name, number of arguments) → reason.
REFUSED_OVERLOADS: Final[dict[tuple[str, int], str]] = {
    ("age", 1): "age from today; the answer would not be repeatable",
}

#: Kinds refused as a whole, with the reason; table functions named above are the exception.
REFUSED_KINDS: Final[dict[str, str]] = {
    "table": "reads files, catalog, settings or memory, or is no source of licensed rows",
    "table_macro": "reads the catalog or a table given by name",
    "pragma": "PRAGMA changes or reads the engine",
}
