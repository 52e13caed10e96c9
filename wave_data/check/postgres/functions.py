"""What is known of PostgreSQL's own functions: which of them give no NULL.

A strict function gives NULL for a NULL argument; that it gives none otherwise is known of those named here only.
Of what looks as harmless, to_char, to_number, extract and the casts to time give NULL for an infinite or empty
argument, array_length for an empty array, substring for a pattern that does not match, a cast of jsonb for its null.
"""

GROUPS = ("strict", "total", "definite", "first", "counts", "aggregates", "collections", "sets", "parts")
"""What a function can be known as; `Catalogue` explains each."""


def _words(text: str) -> list[str]:
    return text.split()


_SCALARS = _words("""
    bool int2 int4 int8 numeric float4 float8 text varchar bpchar name char oid uuid bytea date timestamp
    timestamptz time timetz interval
""")

# Functions of scalars, casts between them apart.
_OF_SCALARS = _words("""
    abs ceil ceiling floor round trunc sign mod div power pow sqrt cbrt exp ln log gcd lcm degrees radians length
    char_length character_length octet_length bit_length lower upper initcap btrim ltrim rtrim lpad rpad repeat
    replace reverse left right translate split_part strpos position overlay md5 sha224 sha256 sha384 sha512 encode
    decode ascii chr to_hex quote_ident quote_literal starts_with regexp_replace regexp_count regexp_instr
    regexp_like like notlike convert_from convert_to date_trunc date_bin age timezone make_date make_time
    make_timestamp make_timestamptz make_interval to_timestamp to_date justify_days justify_hours justify_interval
    isfinite hashtext hashtextextended nextval setval get_byte set_byte ntile
""")

# Functions whatever the types.
_OF_ANY = _words("""
    array_eq array_ne array_lt array_le array_gt array_ge arraycontains arraycontained arrayoverlap array_cat
    cardinality array_to_string array_fill trim_array record_eq record_ne record_lt record_le record_gt record_ge
    enum_eq enum_ne enum_lt enum_le enum_gt enum_ge jsonb_eq jsonb_ne jsonb_lt jsonb_le jsonb_gt jsonb_ge
    jsonb_contains jsonb_contained jsonb_exists jsonb_exists_any jsonb_exists_all jsonb_concat jsonb_delete
    jsonb_delete_path jsonb_set jsonb_insert jsonb_strip_nulls jsonb_pretty jsonb_typeof json_typeof
    jsonb_array_length json_array_length jsonb_object json_object to_json to_jsonb array_to_json row_to_json
    range_eq range_ne range_contains range_contains_elem elem_contained_by_range range_contained_by range_overlaps
    isempty lower_inc upper_inc lower_inf upper_inf textanycat anytextcat tsvector_matches ts_match_vq ts_match_qv
    to_tsvector to_tsquery plainto_tsquery phraseto_tsquery websearch_to_tsquery ts_rank ts_rank_cd
""")

_DEFINITE = _words("""
    concat json_build_array jsonb_build_array json_build_object jsonb_build_object num_nulls num_nonnulls
    array_append array_prepend now clock_timestamp statement_timestamp transaction_timestamp timeofday
    gen_random_uuid uuidv4 uuidv7 random pi pg_backend_pid current_database version txid_current
    pg_current_xact_id lastval row_number rank dense_rank percent_rank cume_dist
""")

_FIRST = ["concat_ws", "format", "array_remove", "array_replace", "array_positions", "string_to_array"]

_AGGREGATES = _words("""
    first_value last_value sum min max avg bool_and bool_or every bit_and bit_or bit_xor string_agg any_value
""")

_COLLECTIONS = _words("""
    array_agg json_agg jsonb_agg json_object_agg jsonb_object_agg
""")

_SETS = _words("""
    generate_series generate_subscripts json_array_elements jsonb_array_elements json_object_keys
    jsonb_object_keys regexp_split_to_table
""")

MONOTONIC = frozenset({"epoch", "year", "decade", "century", "millennium", "julian"})
"""The parts of a time that are infinite, and not NULL, where the time is."""

QUERY = """
    WITH known AS (
        SELECT p.oid, p.proname::text AS name, p.prokind, p.proisstrict, p.proretset,
               p.prorettype <> ALL (ARRAY['time'::regtype, 'timetz'::regtype]) AND EXISTS (
                   SELECT FROM pg_cast c WHERE c.castfunc = p.oid
               ) AS casts,
               EXISTS (SELECT FROM pg_operator o WHERE o.oprcode = p.oid) AS operates,
               (
                   SELECT bool_and(t.typname = ANY ($1::text[]))
                   FROM unnest(p.proargtypes || p.prorettype) AS used (oid) JOIN pg_type t ON t.oid = used.oid
               ) AS is_scalar,
               p.proname IN ('substring', 'substr') AND p.proargtypes[1] = 'int4'::regtype AS takes_part,
               p.proname IN ('lag', 'lead') AND p.pronargs = 3 AS has_default,
               p.pronamespace = 'pg_catalog'::regnamespace AS is_own
        FROM pg_proc p
    )
    SELECT oid, array_remove(ARRAY[
        CASE WHEN proisstrict AND prokind = 'f' AND NOT proretset THEN 'strict' END,
        CASE WHEN is_own AND prokind IN ('f', 'w') AND NOT proretset AND (
            name = ANY ($3) OR has_default OR is_scalar AND (name = ANY ($2) OR casts OR operates OR takes_part)
        ) THEN 'total' END,
        CASE WHEN is_own AND prokind IN ('f', 'w') AND name = ANY ($4) THEN 'definite' END,
        CASE WHEN is_own AND prokind = 'f' AND name = ANY ($5) THEN 'first' END,
        CASE WHEN is_own AND prokind = 'a' AND name IN ('count', 'regr_count') THEN 'counts' END,
        CASE WHEN is_own AND prokind IN ('a', 'w') AND name = ANY ($6) THEN 'aggregates' END,
        CASE WHEN is_own AND prokind = 'a' AND name = ANY ($7) THEN 'collections' END,
        CASE WHEN is_own AND proretset AND name = ANY ($8) THEN 'sets' END,
        CASE WHEN is_own AND name IN ('extract', 'date_part') THEN 'parts' END
    ], NULL) AS groups
    FROM known
"""
"""Gives the groups of each function, for ARGUMENTS."""

ARGUMENTS = (_SCALARS, _OF_SCALARS, _OF_ANY, _DEFINITE, _FIRST, _AGGREGATES, _COLLECTIONS, _SETS)
