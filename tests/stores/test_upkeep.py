"""What looks after a database: VACUUM, ANALYZE, the checks, the plans and the counts."""

import pytest
from user_package import MIGRATIONS, authors, books

from wave_data import InvalidValue, QueryError, connect
from wave_data.engine.identifiers import uuid7
from wave_data.servers.databases import temporary_database
from wave_data.stores.upkeep import BrokenReference

ORPHAN = {
    "sqlite": """
        PRAGMA foreign_keys = OFF;
        INSERT INTO books (id, author_id, title, created_at, updated_at)
        VALUES ('{id}', '{author}', 'Sanditon', '2026-01-01T12:00:00.000000Z', '2026-01-01T12:00:00.000000Z');
        PRAGMA foreign_keys = ON;
    """,
    "postgres": """
        SET session_replication_role = replica;
        INSERT INTO books (id, author_id, title, created_at, updated_at)
        VALUES ('{id}', '{author}', 'Sanditon', now(), now());
        SET session_replication_role = origin;
    """,
}


async def orphan(db):
    """A book whose author is absent, past all checks."""
    await db.run_script(ORPHAN[db.dialect].format(id=uuid7(), author=uuid7()))


async def test_the_space_of_deleted_rows_is_reclaimed(path):
    async with connect(f"sqlite:{path}", migrations=MIGRATIONS) as db:
        for number in range(50):
            await books.create(db, f"{number}", notes={"text": "x" * 20_000})
    full = path.stat().st_size
    async with connect(f"sqlite:{path}", migrations=MIGRATIONS) as db:
        await db.run_script("DELETE FROM books")
        await db.vacuum()
    assert path.stat().st_size < full / 2


async def test_vacuum_and_analyze_leave_the_data(db):
    await books.create(db, "Emma")
    await db.vacuum()
    await db.analyze()
    assert await books.count(db) == 1


async def test_references_that_lead_somewhere(db):
    author = await authors.create(db, "Jane Austen")
    await books.create(db, "Emma", author_id=author.id)
    await books.create(db, "Beowulf")
    assert await db.foreign_key_check() == []


async def test_references_that_lead_nowhere(db):
    await orphan_twice(db)
    assert await db.foreign_key_check() == [BrokenReference("books", "books_author_id_fkey", "authors", 2)]


async def orphan_twice(db):
    await orphan(db)
    await db.run_script("UPDATE books SET title = 'The Watsons'")
    await orphan(db)


async def test_a_database_in_good_order(db):
    await books.create(db, "Emma")
    assert await db.integrity_check() == []


async def test_a_damaged_file(path):
    async with connect(f"sqlite:{path}", migrations=MIGRATIONS) as db:
        for number in range(300):
            await books.create(db, f"title {number}")
    content = bytearray(path.read_bytes())
    for page in range(5, len(content) // 4096):
        content[page * 4096 + 100 : page * 4096 + 200] = b"\xff" * 100
    path.write_bytes(content)
    async with connect(f"sqlite:{path}", migrations=None) as db:
        assert await db.integrity_check()


async def test_switched_off_checks_of_a_server(postgres_url, postgres_template):
    with temporary_database(postgres_url, postgres_template) as url:
        async with connect(url, migrations=MIGRATIONS) as db:
            await db.run_script("ALTER TABLE books DISABLE TRIGGER ALL")
            await db.run_script("ALTER TABLE books ADD CONSTRAINT books_pages_check CHECK (pages >= 0) NOT VALID")
            problems = await db.integrity_check()
    assert "constraint books_pages_check of books is not validated" in problems
    assert any(problem.endswith("of books is switched off") for problem in problems)


async def test_the_rows_of_every_table(db):
    assert await db.table_counts() == {"authors": 0, "books": 0}
    author = await authors.create(db, "Jane Austen")
    for title in ("Emma", "Persuasion"):
        await books.create(db, title, author_id=author.id)
    assert await db.table_counts() == {"authors": 1, "books": 2}


async def test_the_tables_are_counted_with_two_statements_whatever_their_number(db, monkeypatch):
    kind = type(db._reading._idle[0][0])
    asked, rows = [], kind.rows

    async def noted(self, text, arguments=()):
        asked.append(text)
        return await rows(self, text, arguments)

    monkeypatch.setattr(kind, "rows", noted)
    await db.table_counts()
    assert len(asked) == 2


async def test_a_database_without_tables_has_nothing_to_count(tmp_path):
    async with connect(f"sqlite:{tmp_path / 'empty.db'}", migrations=None) as db:
        assert await db.table_counts() == {}
        assert await db.foreign_key_check() == []


async def test_tables_with_strange_names_are_counted(db):
    await db.run_script("""CREATE TABLE "it's ""odd"", really" (id integer)""")
    assert (await db.table_counts())['it\'s "odd", really'] == 0


# Plans


async def test_a_plan_names_the_index(db):
    if db.dialect == "postgres":
        await db.run_script("SET enable_seqscan = off")  # a table of no rows is read as a whole otherwise
    plan = await db.explain("SELECT * FROM books WHERE title = :title", {"title": "Emma"})
    assert any("books_title_key" in line or "autoindex_books_2" in line for line in plan)


async def test_a_plan_takes_values_of_every_kind(db):
    arguments = {"id": uuid7(), "now": db.now(), "pages": 3, "in_print": True, "title": None}
    sql = """
        SELECT * FROM books
        WHERE id = :id AND created_at < :now AND pages > :pages AND in_print = :in_print AND title = :title
    """
    assert await db.explain(sql, arguments)


async def test_what_is_explained_does_not_run(db):
    await books.create(db, "Emma")
    await db.explain("DELETE FROM books WHERE title = :title", {"title": "Emma"})
    assert await books.count(db) == 1


@pytest.mark.parametrize("sql", ["ANALYZE DELETE FROM books", "(ANALYZE) DELETE FROM books", "SELECT 1; SELECT 2"])
async def test_nothing_else_can_be_smuggled_in(db, sql):
    await books.create(db, "Emma")
    with pytest.raises(QueryError, match="explain: "):
        await db.explain(sql)
    assert await books.count(db) == 1


@pytest.mark.parametrize(
    ("sql", "arguments", "named"),
    [
        ("SELECT :a", {}, "a"),
        ("SELECT 1", {"b": 1}, "b"),
        ("SELECT :a, :b", {"a": 1, "c": 2}, "b, c"),
        ("SELECT :a", {"a": object()}, "a"),
    ],
)
async def test_arguments_that_do_not_fit(db, sql, arguments, named):
    with pytest.raises(InvalidValue, match=named):
        await db.explain(sql, arguments)


async def test_a_mistake_in_the_sql_is_told(db):
    with pytest.raises(QueryError, match="nowhere"):
        await db.explain("SELECT * FROM nowhere")
