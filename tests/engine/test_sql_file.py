"""The lexer and the statements of a `.sql` file."""

import re
from pathlib import Path
from textwrap import dedent

import pytest

from wave_data.engine.errors import QueryError
from wave_data.engine.sql_file import SqlFile, parse_sql, read_sql_file
from wave_data.engine.sql_tokens import tokenise

PATH = Path("queries/shop.sql")


def parse(text: str) -> SqlFile:
    return parse_sql(dedent(text).lstrip("\n"), PATH)


def parameters(sql: str) -> list[str]:
    return [token.text for token in tokenise(sql, PATH) if token.kind == "parameter"]


def rendered(text: str, *given: str, dialect="sqlite") -> tuple[str, list[str]]:
    """The text and the bound names of the only statement, with the optional lines of the given parameters."""
    (statement,) = parse(text).statements

    def keeps(line) -> bool:
        return not line.optional or all(token.parameter[0] in given for token in line.parameters)

    sql = statement.render(dialect, keeps)
    return sql.text, [f"{name}.{attribute}" if attribute else name for name, attribute in sql.slots]


GRAMMAR = {
    # a parameter, wherever SQL lets one stand
    "a parameter": ("WHERE id = :id", [":id"]),
    "two parameters side by side": ("VALUES (:a,:b)", [":a", ":b"]),
    "the same parameter twice": ("WHERE a = :x OR b = :x", [":x", ":x"]),
    "a parameter with an attribute": ("VALUES (:row.title, :row.id)", [":row.title", ":row.id"]),
    "a parameter before a cast": ("SELECT :x::int", [":x"]),
    "a parameter in capitals": ("SELECT :Name", [":Name"]),
    "a parameter with digits and underscores": ("SELECT :_a1_", [":_a1_"]),
    "a parameter that is not ASCII": ("SELECT :größe", [":größe"]),
    "a parameter at the end of a sentence": ("SELECT :x.", [":x"]),
    "a parameter behind an operator": ("SELECT a||:x", [":x"]),
    "a parameter over two lines": ("SELECT\n  :x", [":x"]),
    # quotes
    "a string": ("SELECT ':a'", []),
    "a string with a doubled quote": ("SELECT 'it''s :a', :b", [":b"]),
    "a string over several lines": ("SELECT 'one\n:a\ntwo', :b", [":b"]),
    "a string that ends in a backslash": ("SELECT 'C:\\', :b", [":b"]),
    "an escape string": (r"SELECT E'it\'s :a', :b", [":b"]),
    "an escape string in lower case": (r"SELECT e'\\', :b", [":b"]),
    "an escape string with a doubled quote": (r"SELECT E'it''s :a', :b", [":b"]),
    "a word that ends in e before a string": (r"SELECT type'\', :b", [":b"]),
    "a bit string": ("SELECT B'01', X'1F', :b", [":b"]),
    "a quoted identifier": ('SELECT ":a", :b', [":b"]),
    "a quoted identifier with a doubled quote": ('SELECT "a"":b", :c', [":c"]),
    "a backquoted identifier": ("SELECT `:a`, :b", [":b"]),
    "quotes in quotes": ("""SELECT '"', :a, "'", :b""", [":a", ":b"]),
    "comment signs in a string": ("SELECT '--', :a, '/*', :b", [":a", ":b"]),
    "a dollar quote": ("SELECT $$ :a ' $$, :b", [":b"]),
    "a dollar quote with a tag": ("SELECT $body$ :a $$ :b $body$, :c", [":c"]),
    "a dollar quote whose tag is in capitals": ("SELECT $A$ $a$ :x $A$, :c", [":c"]),
    "a dollar inside a word": ("SELECT a$b$, :c, d$e$", [":c"]),
    # comments
    "a line comment": ("SELECT 1 -- it's :a\n, :b", [":b"]),
    "a block comment": ("SELECT /* :a ' */ :b", [":b"]),
    "a nested block comment": ("SELECT /* one /* two :a */ :b */ :c", [":c"]),
    "a block comment with line comments": ("SELECT /* -- */ :c", [":c"]),
    "minus minus is no arithmetic": ("SELECT 1--:a\n+:b", [":b"]),
    # colons that bind nothing
    "a cast": ("SELECT a::text", []),
    "a cast with a space": ("SELECT a :: text", []),
    "a cast of a cast": ("SELECT a::text::json", []),
    "an array slice of numbers": ("SELECT arr[1:2]", []),
    "an array slice up to a column": ("SELECT arr[1:n]", []),
    "an array slice from a column": ("SELECT arr[n:2]", []),
    "an array slice of an expression": ("SELECT arr[f(1):n]", []),
    "an array slice of an element": ("SELECT arr[other[1]:n]", []),
    "an array slice with spaces": ("SELECT arr[1 : n]", []),
    "an array slice without an end": ("SELECT arr[1:]", []),
    "an array slice between two parameters": ("SELECT arr[:low : :high]", [":low", ":high"]),
    "an array slice in two dimensions": ("SELECT arr[1:n][1:m], :x", [":x"]),
    "an array index": ("SELECT arr[:i]", [":i"]),
    "members of an array": ("SELECT ARRAY[:a,:b, :c]", [":a", ":b", ":c"]),
    "a cast inside an array": ("SELECT ARRAY[:a::int, b::int]", [":a"]),
    "a time of day": ("SELECT '12:30'::time", []),
    # numbers
    "a number with an exponent": ("SELECT 1.5e-3, :a", [":a"]),
    "a negative parameter": ("SELECT -:a", [":a"]),
}


@pytest.mark.parametrize(("sql", "expected"), GRAMMAR.values(), ids=GRAMMAR.keys())
def test_the_lexer_finds_the_parameters_and_nothing_else(sql, expected):
    assert parameters(sql) == expected


@pytest.mark.parametrize("sql", [sql for sql, _ in GRAMMAR.values()], ids=GRAMMAR.keys())
def test_the_tokens_are_the_whole_text(sql):
    assert "".join(token.text for token in tokenise(sql, PATH)) == sql


def test_tokens_know_their_line_and_column():
    sql = "SELECT 'a\nb', /* c\n d */ :x,\n\t:y"
    places = {t.text: (t.place.line, t.place.column) for t in tokenise(sql, PATH) if t.kind == "parameter"}
    assert places == {":x": (3, 7), ":y": (4, 2)}


MALFORMED = {
    "SQL before the first name": ("SELECT 1;", "1:1: SQL stands before the first name"),
    "a name without a function": ("\n-- name:\nSELECT 1;", "2:1: '-- name:' names no function"),
    "a name of two words": ("-- name: find user\nSELECT 1;", "1:1: '-- name: find user' names no function"),
    "a name with a dash": ("-- name: find-user\nSELECT 1;", "1:1: '-- name: find-user' names no function"),
    "an empty place in a list of names": ("-- name: a,, b\nSELECT 1;", "1:1: '-- name: a,, b' names no function"),
    "an unknown store": ("-- name: a @mysql\nSELECT 1;", "1:1: unknown store @mysql; write @postgres or @sqlite"),
    "a name without a statement": ("-- name: a\n-- only words\n", "1:1: the name has no statement under it"),
    "a name directly before another": ("-- name: a\n-- name: b\nSELECT 1;", "1:1: the name has no statement"),
    "two statements under one name": (
        "-- name: a\nSELECT 1;\n\nSELECT 2;",
        "4:1: a second statement under one name; give it a name of its own",
    ),
    "two statements of one name": (
        "-- name: a\nSELECT 1;\n-- name: a\nSELECT 2;",
        "3:1: 'a' has a statement for postgres already, on line 1",
    ),
    "two variants for one store": (
        "-- name: a @sqlite\nSELECT 1;\n-- name: a @sqlite\nSELECT 2;",
        "3:1: 'a' has a statement for sqlite already, on line 1",
    ),
    "a variant beside a statement for both": (
        "-- name: a\nSELECT 1;\n-- name: b, a @sqlite\nSELECT 2;",
        "3:1: 'a' has a statement for sqlite already, on line 1",
    ),
    "a function named twice": ("-- name: a, a\nSELECT 1;", "1:1: the heading names a function twice"),
    "a stray colon": ("-- name: a\nSELECT\n  a : b;", "3:5: a stray colon"),
    "a colon before a number": ("-- name: a\nSELECT :1;", "2:8: a stray colon"),
    "a colon before a quote": ("-- name: a\nSELECT :'x';", "2:8: a stray colon"),
    "an assignment": ("-- name: a\nSELECT f(x := 1);", "2:12: a stray colon"),
    "a numbered parameter": ("-- name: a\nSELECT $1;", "2:8: a positional parameter $1"),
    "a numbered parameter of SQLite": ("-- name: a\nSELECT ?12;", "2:8: a positional parameter ?12"),
    "an unclosed string": ("-- name: a\nSELECT 'abc;\n", "2:8: the quote ' is never closed"),
    "an unclosed identifier": ('-- name: a\nSELECT "abc;\n', '2:8: the quote " is never closed'),
    "an unclosed dollar quote": ("-- name: a\nSELECT $$abc;\n", "2:8: the quote $ is never closed"),
    "a dollar quote closed by another tag": ("-- name: a\nSELECT $a$abc$b$;\n", "2:8: the quote $ is never closed"),
    "an unclosed comment": ("-- name: a\nSELECT 1\n /* a /* b */", "3:2: the comment is never closed"),
    "an optional line without a parameter": (
        "-- name: a\nSELECT 1\n  AND TRUE --?\n;",
        "3:12: an optional line binds a parameter",
    ),
    "an optional line with the clock only": (
        "-- name: a\nSELECT 1\n  AND x < :now --?\n;",
        "3:16: an optional line binds a parameter",
    ),
    "an optional line that began above": (
        "-- name: a\nSELECT 'one\ntwo' || :x --?\n;",
        "3:12: an optional line is one line",
    ),
    "words behind the sign of an optional line": (
        "-- name: a\nSELECT 1\nWHERE x = :x --? when given\n;",
        "3:14: an optional line ends in `--?`",
    ),
    "a heading that is not at the beginning of its line": (
        "-- name: a\nSELECT 1;\n\n  -- name: b\nSELECT 2;",
        "5:1: a second statement under one name; give it a name of its own",
    ),
}


@pytest.mark.parametrize(("text", "expected"), MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_file_is_refused_at_its_place(text, expected):
    with pytest.raises(QueryError, match="^" + re.escape(f"{PATH}:{expected}")):
        parse_sql(text, PATH)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(QueryError, match=re.escape(f"{tmp_path / 'shop.sql'}: cannot read the SQL file")):
        read_sql_file(tmp_path / "shop.sql")


def test_a_file_that_is_not_utf_8(tmp_path):
    path = tmp_path / "shop.sql"
    path.write_bytes(b"-- name: a\nSELECT '\xff';")
    with pytest.raises(QueryError, match=re.escape(f"{path}: the SQL file is not UTF-8 (byte 19)")):
        read_sql_file(path)


def test_line_ends_of_windows(tmp_path):
    path = tmp_path / "shop.sql"
    path.write_bytes(b"-- name: a\r\n-- Notes.\r\nSELECT 1\r\nWHERE a = :a --?\r\n;\r\n-- name: b\r\nSELECT 2;\r\n")
    first, second = read_sql_file(path).statements
    assert (first.documentation, first.names, second.place.line) == ("Notes.", ("a",), 6)
    assert [line.optional for line in first.lines] == [False, True]


def test_a_byte_order_mark_is_no_sql(tmp_path):
    path = tmp_path / "shop.sql"
    path.write_bytes(b"\xef\xbb\xbf-- name: a\nSELECT 1;")
    assert list(read_sql_file(path).names) == ["a"]


def test_an_empty_file_has_no_statement():
    assert parse("-- Nothing yet.\n").statements == ()


def test_a_statement_ends_at_the_next_name():
    file = parse(
        """
        -- name: a
        SELECT 1;

        -- name: b
        SELECT 2
        """
    )
    assert [statement.source for statement in file.statements] == ["SELECT 1", "SELECT 2"]
    assert {name: place.line for name, place in file.names.items()} == {"a": 1, "b": 4}


def test_comment_lines_under_the_name_are_its_documentation():
    (statement,) = parse(
        """
        -- What all queries share.

        -- name: a
        -- Says what it does
        --   in two lines.
        SELECT 1 -- not this
        -- nor this
        ;
        """
    ).statements
    assert statement.documentation == "Says what it does\nin two lines."


def test_several_functions_share_a_statement():
    file = parse("-- name: a,b , c @sqlite\nSELECT 1;\n-- name: a, b, c @postgres\nSELECT 2;")
    assert [s.names for s in file.statements] == [("a", "b", "c"), ("a", "b", "c")]
    assert file.find("b", "sqlite").place.line == 1
    assert file.find("b", "postgres").place.line == 3
    assert file.find("d", "sqlite") is None


def test_a_variant_is_for_its_store_only():
    file = parse("-- name: a @sqlite\nSELECT 1;")
    assert file.find("a", "sqlite") is not None
    assert file.find("a", "postgres") is None


def test_placeholders_are_numbered_by_parameter():
    text = "-- name: a\nSELECT :b, :a.x, :b, :a.y;"
    assert rendered(text) == ("SELECT ?1, ?2, ?1, ?3", ["b", "a.x", "a.y"])
    assert rendered(text, dialect="postgres") == ("SELECT $1, $2, $1, $3", ["b", "a.x", "a.y"])


def test_the_clock_has_its_type_on_postgres():
    text = "-- name: a\nSELECT :now, :nowhere;"
    assert rendered(text, dialect="postgres")[0] == "SELECT $1::timestamptz, $2"
    assert rendered(text)[0] == "SELECT ?1, ?2"


def test_optional_lines_are_left_out():
    text = """
        -- name: a
        SELECT * FROM t
        WHERE TRUE
          AND a = :a             --?
          AND b BETWEEN :b AND :c --?
        LIMIT 1;
        """
    assert rendered(text) == ("SELECT * FROM t\nWHERE TRUE\nLIMIT 1", [])
    assert rendered(text, "a") == ("SELECT * FROM t\nWHERE TRUE\n  AND a = ?1             \nLIMIT 1", ["a"])
    assert rendered(text, "b") == rendered(text)
    assert rendered(text, "b", "c")[1] == ["b", "c"]


def test_a_place_in_the_rendered_text_is_found_again_in_the_file():
    (statement,) = parse(
        "-- name: a\nSELECT *\nFROM t --\nWHERE x = :x --?\n  AND yy = :long_name AND zz = 1;"
    ).statements
    sql = statement.render("postgres", lambda line: not line.optional)
    place = sql.place_of(sql.text.index("zz"))
    assert (place.line, place.column) == (5, 27)


KINDS = {
    "SELECT 1": (False, False, True),
    "VALUES (1)": (False, False, True),
    "WITH a AS (SELECT 1) SELECT * FROM a": (False, False, True),
    "SELECT * FROM t FOR UPDATE": (False, True, True),
    "SELECT * FROM t FOR NO KEY UPDATE SKIP LOCKED": (False, True, True),
    "SELECT * FROM t FOR SHARE": (False, True, True),
    "SELECT 'INSERT'": (False, False, True),
    "SELECT replace(a, 'b', 'c') FROM t": (False, False, True),
    "INSERT INTO t DEFAULT VALUES": (True, True, False),
    "insert into t default values": (True, True, False),
    "INSERT INTO t (a) VALUES (1) RETURNING *": (True, True, True),
    "REPLACE INTO t (a) VALUES (1)": (True, True, False),
    "UPDATE t SET a = 1": (True, True, False),
    "DELETE FROM t": (True, True, False),
    "WITH gone AS (DELETE FROM t RETURNING *) SELECT count(*) FROM gone": (True, True, True),
}


@pytest.mark.parametrize("sql", KINDS)
def test_a_statement_tells_what_it_does(sql):
    (statement,) = parse(f"-- name: a\n{sql};").statements
    assert (statement.changes, statement.writes, statement.returns_rows) == KINDS[sql]
