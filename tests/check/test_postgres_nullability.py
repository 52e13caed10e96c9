"""Which columns PostgreSQL's own analysis leaves nullable; every server version gives the same answers."""

import asyncio

import pytest
from postgres_statements import Describe, execute

from wave_data.check.postgres import open_analyser
from wave_data.servers import temporary_database

NEVER_NULL = [
    "1",
    "'a'",
    "TRUE",
    "b.title",
    "b.title AS renamed",
    "(b.title)",
    "b.id::text",
    "CAST(b.pages AS bigint)",
    "b.pages::numeric(10, 2)",
    'b.title COLLATE "C"',
    "b.pages + 1",
    "-b.pages",
    "b.title || '!'",
    "b.pages > 100",
    "b.pages BETWEEN 1 AND 2",
    "b.title LIKE 'a%'",
    "b.title IN ('a', 'b')",
    "NOT b.pages > 3",
    "b.pages > 3 AND b.title <> ''",
    "b.note IS NULL",
    "b.note IS NOT NULL",
    "b.note IS DISTINCT FROM 'a'",
    "(b.note = 'a') IS TRUE",
    "coalesce(b.note, 'none')",
    "coalesce(b.note, b.price::text, b.title)",
    "greatest(b.price, 0)",
    "least(b.price, b.pages)",
    "CASE WHEN b.note IS NULL THEN 1 ELSE 2 END",
    "CASE b.pages WHEN 1 THEN b.title ELSE 'many' END",
    "ARRAY[b.note]",
    "ROW(b.note)",
    "b.tags",
    "b.tags || 'x'::text",
    "cardinality(b.tags)",
    "b.tags @> ARRAY['x']",
    "b.details || '{}'",
    "b.details ? 'a'",
    "b.details - 'a'",
    "jsonb_typeof(b.details)",
    "jsonb_build_object('note', b.note)",
    "to_jsonb(b.title)",
    "concat(b.note, b.title)",
    "concat_ws(', ', b.note)",
    "format('%s', b.note)",
    "lower(b.title)",
    "length(b.title)",
    "substring(b.title, 1, 3)",
    "split_part(b.title, ' ', 1)",
    "round(b.pages::numeric, 2)",
    "now()",
    "CURRENT_TIMESTAMP",
    "CURRENT_USER",
    "gen_random_uuid()",
    "date_trunc('day', b.created_at)",
    "b.created_at + interval '1 day'",
    "b.created_at AT TIME ZONE 'UTC'",
    "extract(epoch FROM b.created_at)",
    "EXISTS (SELECT 1 FROM loans)",
    "ARRAY(SELECT note FROM books)",
    "(SELECT count(*) FROM loans)",
    "(SELECT 1)",
    "(SELECT coalesce(max(number), 0) FROM loans)",
    "b.id IN (SELECT book_id FROM loans)",
    "row_number() OVER (ORDER BY b.id)",
    "count(b.note) OVER ()",
    "sum(b.pages) OVER (ORDER BY b.id)",
    "ntile(4) OVER (ORDER BY b.id)",
    "sum(b.pages) OVER (ORDER BY b.id ROWS BETWEEN 2 PRECEDING AND CURRENT ROW)",
    "sum(b.pages) OVER (ORDER BY b.id ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)",
    "first_value(b.title) OVER (ORDER BY b.id)",
    "last_value(b.title) OVER ()",
    "lag(b.title, 1, 'none') OVER (ORDER BY b.id)",
    "b.ctid",
    "b",
]
"""Expressions over a book that are never NULL."""

MAYBE_NULL = [
    "NULL::text",
    "b.note",
    "b.note || '!'",
    "b.price + 1",
    "b.price > 1",
    "b.note LIKE 'a%'",
    "b.note IN ('a', 'b')",
    "b.title IN ('a', NULL)",
    "b.note = 'a' OR b.title = 'b'",
    "coalesce(b.note, b.price::text)",
    "nullif(b.title, '')",
    "greatest(b.price, NULL)",
    "CASE WHEN b.pages > 3 THEN b.title END",
    "CASE WHEN b.pages > 3 THEN b.title ELSE b.note END",
    "b.tags[1]",
    "b.tags[1:2]",
    "array_length(b.tags, 1)",
    "array_position(b.tags, 'x')",
    "'x' = ANY (b.tags)",
    "unnest(b.tags)",
    "b.details -> 'a'",
    "b.details ->> 'a'",
    "b.details #> '{a,b}'",
    "b.details #>> '{a,b}'",
    "b.details['a']",
    "jsonb_extract_path(b.details, 'a')",
    "jsonb_path_query_first(b.details, '$.a')",
    "(b.details -> 'a') || '{}'",
    "b.details @? '$.a'",
    "concat_ws(b.note, 'a', 'b')",
    "concat(VARIADIC string_to_array(b.note, ','))",
    "substring(b.title FROM '[0-9]+')",
    "regexp_match(b.title, 'x')",
    "to_char(b.created_at, 'YYYY')",
    "extract(day FROM b.created_at)",
    "b.created_at::time",
    "lower(int4range(b.pages, 500))",
    "current_setting('no.such', true)",
    "CURRENT_SCHEMA",
    "twice(b.pages)",
    "lag(b.title) OVER (ORDER BY b.id)",
    "lead(b.title) OVER (ORDER BY b.id)",
    "first_value(b.note) OVER (ORDER BY b.id)",
    "sum(b.price) OVER ()",
    "sum(b.pages) FILTER (WHERE b.pages > 3) OVER ()",
    "sum(b.pages) OVER (ORDER BY b.id ROWS BETWEEN 2 PRECEDING AND 1 PRECEDING)",
    "sum(b.pages) OVER (ORDER BY b.id ROWS BETWEEN 1 FOLLOWING AND 2 FOLLOWING)",
    "sum(b.pages) OVER (ORDER BY b.id ROWS UNBOUNDED PRECEDING EXCLUDE CURRENT ROW)",
    "nth_value(b.title, 2) OVER (ORDER BY b.id)",
    "lag(b.title, 1, b.note) OVER (ORDER BY b.id)",
    "(SELECT title FROM books WHERE id = 0)",
    "(SELECT max(number) FROM loans)",
    "(SELECT count(*) FROM loans HAVING count(*) > 9)",
    "(SELECT count(*) FROM loans GROUP BY state LIMIT 1)",
    "(SELECT count(*) FROM loans LIMIT 0)",
    "(SELECT 1 WHERE FALSE)",
    "b.note IN (SELECT state FROM loans)",
    "b.id IN (SELECT author_id FROM books)",
    "b.pages > ALL (SELECT price FROM books)",
]
"""Expressions over a book that can be NULL, or of which nothing is known."""

QUERIES = {
    "an empty table makes count(*) zero": ("SELECT count(*), count(note) FROM books", "--"),
    "other aggregates of no rows are NULL": (
        "SELECT sum(pages), min(title), avg(pages), array_agg(id), jsonb_agg(id), bool_and(TRUE) FROM books",
        "??????",
    ),
    "coalesce mends an aggregate": ("SELECT coalesce(sum(pages), 0) FROM books", "-"),
    "a group has rows": (
        "SELECT author_id, sum(pages), max(title), sum(price), array_agg(price) FROM books GROUP BY author_id",
        "?--?-",
    ),
    "a filter may leave none of a group": (
        "SELECT sum(pages) FILTER (WHERE pages > 3), count(*) FILTER (WHERE pages > 3) FROM books GROUP BY author_id",
        "?-",
    ),
    "a deviation needs two rows": ("SELECT stddev(pages) FROM books GROUP BY author_id", "?"),
    "grouping sets leave columns out": (
        "SELECT title, pages, count(*), sum(pages) FROM books GROUP BY ROLLUP (title, pages)",
        "??-?",
    ),
    "grouping sets leave expressions out": (
        "SELECT coalesce(note, ''), grouping(coalesce(note, '')) FROM books GROUP BY ROLLUP (coalesce(note, ''))",
        "?-",
    ),
    "the empty grouping set has one group": ("SELECT sum(pages), count(*) FROM books GROUP BY ()", "?-"),
    "a grouped expression": ("SELECT lower(title), lower(note) FROM books GROUP BY lower(title), lower(note)", "-?"),
    "an inner join": ("SELECT b.title, a.name FROM books b JOIN authors a ON a.id = b.author_id", "--"),
    "a left join": ("SELECT b.title, a.name, a.born FROM books b LEFT JOIN authors a ON a.id = b.author_id", "-??"),
    "a right join": ("SELECT b.title, a.name FROM books b RIGHT JOIN authors a ON a.id = b.author_id", "?-"),
    "a full join": ("SELECT b.title, a.name FROM books b FULL JOIN authors a ON a.id = b.author_id", "??"),
    "a cross join": ("SELECT b.title, a.name FROM books b CROSS JOIN authors a", "--"),
    "an inner join inside a left join": (
        "SELECT a.name, b.title, l.number FROM authors a LEFT JOIN (books b JOIN loans l ON l.book_id = b.id)"
        " ON b.author_id = a.id",
        "-??",
    ),
    "an inner join behind a left join": (
        "SELECT a.name, b.title, l.state FROM authors a LEFT JOIN books b ON b.author_id = a.id CROSS JOIN loans l",
        "-?-",
    ),
    "an inner join that needs the left join's row": (
        "SELECT a.name, b.title, l.state FROM authors a LEFT JOIN books b ON b.author_id = a.id"
        " JOIN loans l ON l.book_id = b.id",
        "---",
    ),
    "a left join of a left join": (
        "SELECT l.state, b.title, a.name FROM loans l LEFT JOIN books b ON b.id = l.book_id"
        " LEFT JOIN authors a ON a.id = b.author_id",
        "-??",
    ),
    "a full join over a left join": (
        "SELECT l.state, b.title, a.name FROM loans l LEFT JOIN books b ON b.id = l.book_id"
        " FULL JOIN authors a ON a.id = b.author_id",
        "???",
    ),
    "a self join": (
        "SELECT a.name, editor.name FROM authors a LEFT JOIN authors editor ON editor.id = a.editor_id",
        "-?",
    ),
    "coalesce mends a join": (
        "SELECT coalesce(a.name, 'nobody') FROM books b LEFT JOIN authors a ON a.id = b.author_id",
        "-",
    ),
    "USING takes a left join's left side": (
        "SELECT id, l.title, r.title FROM books l LEFT JOIN titles r USING (id)",
        "--?",
    ),
    "USING takes a right join's right side": ("SELECT id FROM titles RIGHT JOIN books USING (id)", "-"),
    "USING merges a full join": ("SELECT id, l.title FROM books l FULL JOIN authors r USING (id)", "-?"),
    "USING merges a full join inside a left join": (
        "SELECT j.id FROM loans LEFT JOIN (books FULL JOIN authors USING (id)) j ON FALSE",
        "?",
    ),
    "a named join": (
        "SELECT j.title, j.name FROM (books b LEFT JOIN authors a ON a.id = b.author_id) AS j",
        "-?",
    ),
    "a whole row of a left join": ("SELECT b, a FROM books b LEFT JOIN authors a ON FALSE", "-?"),
    "a condition that needs a value": ("SELECT note, price FROM books WHERE note IS NOT NULL", "-?"),
    "a comparison needs a value": ("SELECT note, price FROM books WHERE note = 'x' AND price > 1", "--"),
    "a list needs a value": ("SELECT note FROM books WHERE note IN ('x', 'y')", "-"),
    "both arms of OR need a value": ("SELECT note FROM books WHERE note = 'x' OR note = 'y'", "-"),
    "one arm of OR does not": ("SELECT note FROM books WHERE note = 'x' OR pages = 400", "?"),
    "NOT needs a value": ("SELECT note FROM books WHERE NOT note = 'y'", "-"),
    "IS NULL needs none": ("SELECT note FROM books WHERE note IS NULL", "?"),
    "coalesce needs none": ("SELECT note FROM books WHERE coalesce(note, 'x') = 'x'", "?"),
    "IS DISTINCT FROM needs none": ("SELECT note FROM books WHERE note IS DISTINCT FROM 'x'", "?"),
    "a subquery's list needs a value": ("SELECT price FROM books WHERE price IN (SELECT 9.5)", "-"),
    "ALL of nothing needs no value": (
        "SELECT price FROM books WHERE price <> ALL (ARRAY(SELECT 1.0 WHERE FALSE))",
        "?",
    ),
    "a condition on a left join's row": (
        "SELECT b.title, a.name, a.born FROM books b LEFT JOIN authors a ON a.id = b.author_id WHERE a.id IS NOT NULL",
        "--?",
    ),
    "a condition on one side of a full join": (
        "SELECT b.title, a.name FROM books b FULL JOIN authors a ON a.id = b.author_id WHERE b.id > 0",
        "-?",
    ),
    "an inner join's condition needs a value": (
        "SELECT b.author_id FROM books b JOIN authors a ON a.id = b.author_id",
        "-",
    ),
    "a left join's condition needs none of the left side": (
        "SELECT b.author_id, a.id FROM books b LEFT JOIN authors a ON a.id = b.author_id",
        "??",
    ),
    "a subquery": ("SELECT s.title, s.note FROM (SELECT title, note FROM books) AS s", "-?"),
    "a subquery of a left join": (
        "SELECT s.id, s.name FROM (SELECT b.id, a.name FROM books b LEFT JOIN authors a ON a.id = b.author_id) AS s",
        "-?",
    ),
    "a subquery behind a left join": (
        "SELECT s.one, s.title FROM authors a LEFT JOIN (SELECT 1 AS one, title, author_id FROM books) AS s"
        " ON s.author_id = a.id",
        "??",
    ),
    "a lateral subquery": (
        "SELECT a.name, s.name, s.total FROM authors a CROSS JOIN LATERAL"
        " (SELECT a.name, sum(pages) AS total FROM books WHERE author_id = a.id) AS s",
        "--?",
    ),
    "a lateral subquery of a left join": (
        "SELECT s.title FROM authors a LEFT JOIN LATERAL"
        " (SELECT title FROM books WHERE author_id = a.id LIMIT 1) AS s ON TRUE",
        "?",
    ),
    "a scalar subquery of the outer row": ("SELECT (SELECT b.title), (SELECT b.note) FROM books b", "-?"),
    "a correlated count": ("SELECT (SELECT count(*) FROM loans l WHERE l.book_id = b.id) FROM books b", "-"),
    "UNION of what is never NULL": ("SELECT title FROM books UNION SELECT name FROM authors", "-"),
    "UNION with a nullable arm": ("SELECT title FROM books UNION ALL SELECT note FROM books", "?"),
    "UNION with a NULL": ("SELECT id, title FROM books UNION ALL SELECT 0, NULL", "-?"),
    "INTERSECT needs both": ("SELECT note FROM books INTERSECT SELECT title FROM books", "-"),
    "EXCEPT takes the first": ("SELECT title FROM books EXCEPT SELECT note FROM books", "-"),
    "a union of unions": (
        "(SELECT title FROM books UNION SELECT 'a') UNION (SELECT 'b' UNION ALL SELECT note FROM books)",
        "?",
    ),
    "a CTE": ("WITH s AS (SELECT title, note FROM books) SELECT title, note FROM s", "-?"),
    "a CTE used inside a subquery": (
        "WITH s AS (SELECT title, note FROM books) SELECT q.title, q.note FROM (SELECT * FROM s) AS q",
        "-?",
    ),
    "a CTE over a CTE": (
        "WITH s AS (SELECT title, note FROM books), t AS (SELECT coalesce(note, title) AS x, note FROM s)"
        " SELECT * FROM t",
        "-?",
    ),
    "a recursive CTE": (
        "WITH RECURSIVE s (id, depth) AS (SELECT id, 1 FROM authors UNION ALL"
        " SELECT a.id, s.depth + 1 FROM s JOIN authors a ON a.editor_id = s.id) SELECT id, depth FROM s",
        "--",
    ),
    "a recursive CTE that comes upon NULL": (
        "WITH RECURSIVE s (id, up) AS (SELECT id, 0 FROM authors UNION ALL"
        " SELECT s.up, a.editor_id FROM s JOIN authors a ON a.id = s.id WHERE a.id = 1) SELECT id, up FROM s"
        " LIMIT 20",
        "??",
    ),
    "a CTE that changes rows": (
        "WITH s AS (UPDATE books SET pages = 1 RETURNING title, note) SELECT title, note FROM s",
        "-?",
    ),
    "VALUES": ("SELECT * FROM (VALUES (1, 'a'), (2, NULL)) AS v (number, letter)", "-?"),
    "VALUES alone": ("VALUES (1, NULL), (2, 'a')", "-?"),
    "a series": ("SELECT n FROM generate_series(1, 3) AS n", "-"),
    "a series of a left join": ("SELECT n FROM books LEFT JOIN generate_series(1, 0) AS n ON TRUE", "?"),
    "the members of an array": (
        "SELECT t.tag, t.place FROM books, unnest(tags) WITH ORDINALITY AS t (tag, place)",
        "?-",
    ),
    "several functions side by side": (
        "SELECT * FROM ROWS FROM (generate_series(1, 3), generate_series(1, 2)) AS s (a, b)",
        "??",
    ),
    "the members of a JSON array": ("SELECT e FROM jsonb_array_elements('[null]') AS e", "-"),
    "the texts of a JSON array": ("SELECT e FROM jsonb_array_elements_text('[null]') AS e", "?"),
    "a JSON record": ("SELECT r.a FROM jsonb_to_record('{}') AS r (a integer)", "?"),
    "a view": ("SELECT id, title FROM long_books", "??"),
    "a materialised view": ("SELECT id, title FROM titles", "??"),
    "a star": ("SELECT * FROM loans", "----??"),
    "DISTINCT ON": ("SELECT DISTINCT ON (author_id) author_id, title FROM books ORDER BY author_id, id", "?-"),
    "INSERT": ("INSERT INTO authors (id, name, born) VALUES (9, 'Di', '2000-01-01') RETURNING *", "--??"),
    "INSERT of a query": ("INSERT INTO authors (id, name) SELECT 9, 'Di' RETURNING id, born, name || '!'", "-?-"),
    "an upsert": (
        "INSERT INTO authors (id, name) VALUES (1, 'Di') ON CONFLICT (id) DO UPDATE SET name = excluded.name"
        " RETURNING name, born",
        "-?",
    ),
    "UPDATE": ("UPDATE books SET note = 'x' WHERE id = 1 RETURNING id, note, title", "-?-"),
    "UPDATE returns what is there after it": (
        "UPDATE books SET note = NULL WHERE note IS NOT NULL RETURNING note",
        "?",
    ),
    "UPDATE with a left join": (
        "UPDATE loans SET state = 'x' FROM books b LEFT JOIN authors a ON a.id = b.author_id"
        " WHERE b.id = book_id RETURNING state, b.title, a.name",
        "--?",
    ),
    "DELETE": ("DELETE FROM loans WHERE due IS NOT NULL RETURNING due, returned_at", "-?"),
    "DELETE with a join": ("DELETE FROM loans USING books b WHERE b.id = book_id RETURNING b.title, b.note", "-?"),
    "FOR UPDATE": ("SELECT title, note FROM books FOR UPDATE", "-?"),
}
"""Statements, with a mark for each column: `-` never NULL, `?` NULL perhaps."""

FROM_17 = {
    "MERGE": (
        "MERGE INTO authors a USING books b ON a.id = b.id WHEN MATCHED THEN UPDATE SET born = NULL"
        " WHEN NOT MATCHED BY SOURCE THEN DELETE RETURNING merge_action(), a.name, a.born, b.title",
        "--??",
    ),
}
FROM_18 = {
    "the old row of an INSERT": ("INSERT INTO authors VALUES (9, 'Di') RETURNING old.name, new.name, name", "?--"),
    "both rows of an UPDATE": ("UPDATE authors SET name = 'Di' RETURNING old.name, new.name, old.born", "--?"),
    "the new row of a DELETE": ("DELETE FROM loans RETURNING old.state, new.state", "-?"),
    "the old row of an upsert": (
        "INSERT INTO authors VALUES (9, 'Di') ON CONFLICT (id) DO UPDATE SET name = 'Di' RETURNING old.name",
        "?",
    ),
}


def cases(describe: Describe) -> dict[str, tuple[str, str]]:
    """The statements that the server knows."""
    return {
        **{f"never NULL: {expression}": (f"SELECT {expression} FROM books b", "-") for expression in NEVER_NULL},
        **{f"maybe NULL: {expression}": (f"SELECT {expression} FROM books b", "?") for expression in MAYBE_NULL},
        **QUERIES,
        **(FROM_17 if describe.version >= 17 else {}),
        **(FROM_18 if describe.version >= 18 else {}),
    }


@pytest.mark.parametrize("expression", NEVER_NULL)
def test_an_expression_is_never_null(describe: Describe, expression: str) -> None:
    assert describe.nullable(f"SELECT {expression} FROM books b") == [False]


@pytest.mark.parametrize("expression", MAYBE_NULL)
def test_an_expression_may_be_null(describe: Describe, expression: str) -> None:
    assert describe.nullable(f"SELECT {expression} FROM books b") == [True]


@pytest.mark.parametrize(("sql", "marks"), QUERIES.values(), ids=QUERIES)
def test_a_statement(describe: Describe, sql: str, marks: str) -> None:
    assert describe.nullable(sql) == [mark == "?" for mark in marks]


def test_a_statement_of_a_newer_server(describe: Describe) -> None:
    known = {**(FROM_17 if describe.version >= 17 else {}), **(FROM_18 if describe.version >= 18 else {})}
    found = {name: "".join("-?"[null] for null in describe.nullable(sql)) for name, (sql, _) in known.items()}
    assert found == {name: marks for name, (_, marks) in known.items()}


def test_no_column_that_is_never_null_is_null_in_the_rows(describe: Describe) -> None:
    known = cases(describe)
    for rows, (name, (_, marks)) in zip(describe.run(*(sql for sql, _ in known.values())), known.items(), strict=True):
        for row in rows:
            assert all(value is not None for value, mark in zip(row, marks, strict=True) if mark == "-"), name


def test_a_parameter_is_null_only_where_none_can_be_given(describe: Describe) -> None:
    sql = "SELECT CAST(:a AS integer), coalesce(note, :b), CAST(:c AS integer) + 1 FROM books"
    assert describe.nullable(sql, (True, True, True)) == [True, True, True]
    assert describe.nullable(sql, (False, False, False)) == [False, False, False]


def test_the_clock_is_never_null(describe: Describe) -> None:
    assert describe.nullable("SELECT :now AS at, coalesce(created_at, :now) FROM books", (False,)) == [False, False]


def test_a_join_tells_its_columns_apart_from_those_that_are_null_themselves(describe: Describe) -> None:
    found = describe.columns(
        "SELECT b.title, a.id AS a_id, a.born AS a_born, l.number AS l_number FROM books b"
        " LEFT JOIN authors a ON a.id = b.author_id LEFT JOIN loans l ON l.book_id = b.id"
    )
    assert (found["title"].joins, found["title"].null_in_row) == (frozenset(), False)
    assert found["a_id"].joins == found["a_born"].joins != found["l_number"].joins
    assert len(found["a_id"].joins) == len(found["l_number"].joins) == 1
    assert not found["a_id"].null_in_row
    assert found["a_born"].null_in_row
    assert not found["l_number"].null_in_row


@pytest.mark.parametrize(
    "joins",
    [
        "LEFT JOIN authors a ON a.id = b.author_id LEFT JOIN authors e ON e.id = a.editor_id",
        "LEFT JOIN (authors a LEFT JOIN authors e ON e.id = a.editor_id) ON a.id = b.author_id",
    ],
)
def test_a_join_that_needs_a_row_misses_its_own_where_that_is_missing(describe: Describe, joins: str) -> None:
    found = describe.columns(f"SELECT a.id AS a_id, e.id AS e_id FROM books b {joins}")
    assert found["a_id"].joins < found["e_id"].joins


def test_a_chain_of_joins_misses_all_that_follows(describe: Describe) -> None:
    found = describe.columns(
        "SELECT a.id AS a_id, e.id AS e_id, c.id AS c_id FROM books b LEFT JOIN authors a ON a.id = b.author_id"
        " LEFT JOIN authors e ON e.id = a.editor_id LEFT JOIN authors c ON c.id = e.editor_id"
    )
    assert [len(found[name].joins) for name in ("a_id", "e_id", "c_id")] == [1, 2, 3]


def test_a_join_that_does_not_need_the_row_stands_for_itself(describe: Describe) -> None:
    found = describe.columns(
        "SELECT a.id AS a_id, e.id AS e_id FROM books b LEFT JOIN authors a ON a.id = b.author_id"
        " LEFT JOIN authors e ON e.id = coalesce(a.editor_id, 1)"
    )
    assert not found["a_id"].joins & found["e_id"].joins


def test_joins_inside_each_other_add_up(describe: Describe) -> None:
    found = describe.columns(
        "SELECT b.id AS b_id, l.number AS l_number FROM authors a"
        " LEFT JOIN (books b LEFT JOIN loans l ON l.book_id = b.id) ON b.author_id = a.id"
    )
    assert found["b_id"].joins < found["l_number"].joins


def test_joins_of_different_subqueries_are_told_apart(describe: Describe) -> None:
    one = "SELECT b.id, a.name FROM books b LEFT JOIN authors a ON a.id = b.author_id"
    found = describe.columns(f"SELECT x.name AS x, y.name AS y FROM ({one}) AS x JOIN ({one}) AS y ON y.id = x.id")
    assert not found["x"].joins & found["y"].joins


def test_a_left_joins_condition_makes_its_own_side_not_null_in_the_row(describe: Describe) -> None:
    found = describe.columns("SELECT b.author_id FROM authors a LEFT JOIN books b ON b.author_id = a.id")["author_id"]
    assert found.nullable
    assert not found.null_in_row


def test_a_cast_of_json_may_give_null(describe: Describe) -> None:
    assert describe.nullable("SELECT details::boolean FROM books") == [True]


def test_a_column_is_as_nullable_as_that_of_any_table_that_inherits_it(describe: Describe) -> None:
    assert describe.nullable("SELECT name FROM places") == [False]


def test_a_child_that_dropped_the_constraint_counts(postgres_url: str, describe: Describe) -> None:
    loosened = "places (name text NOT NULL NO INHERIT); CREATE TABLE towns () INHERITS (places)"
    if describe.version < 18:
        loosened = (
            "places (name text NOT NULL); CREATE TABLE towns () INHERITS (places);"
            "ALTER TABLE towns ALTER COLUMN name DROP NOT NULL"
        )
    with temporary_database(postgres_url) as url:
        asyncio.run(execute(url, f"CREATE TABLE {loosened}"))
        with open_analyser(url) as analyser:
            assert Describe(url, analyser).nullable("SELECT name FROM places") == [True]


def test_a_constraint_that_was_not_validated_counts_for_nothing(postgres_url: str, describe: Describe) -> None:
    if describe.version < 18:
        pytest.skip("PostgreSQL 18 is the first that adds a NOT NULL without looking at the rows")
    with temporary_database(postgres_url) as url:
        asyncio.run(
            execute(url, "CREATE TABLE t (a integer, b integer NOT NULL); ALTER TABLE t ADD NOT NULL a NOT VALID")
        )
        with open_analyser(url) as analyser:
            assert Describe(url, analyser).nullable("SELECT a, b FROM t") == [True, False]
