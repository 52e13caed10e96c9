"""A small package of queries, and what the stores say of it."""

from dataclasses import replace

from wave_data.check import FactKey
from wave_data.check.facts import ColumnFact, ParameterFact, StatementFacts
from wave_data.engine.dialect import Dialect

SQL = """
    -- name: find
    SELECT id, title FROM books WHERE id = :id;

    -- name: count
    SELECT count(*) FROM books
    WHERE TRUE
      AND status = :status --?
    ;
"""
PYTHON = """
    class Title(Record):
        id: UUID
        title: str | None = None

    @query
    async def find(db: Executor, id: UUID) -> Title | None: ...

    @query
    async def count(db: Executor, status: str | None = None) -> int: ...
"""


def column(name: str, kind: str | None, nullable: bool = False, table: str = "books") -> ColumnFact:
    return ColumnFact(name, kind, nullable, (table, name), null_in_row=nullable)


def facts_of(dialect: Dialect, **others: StatementFacts) -> dict[FactKey, StatementFacts]:
    """What a store says of the two statements; `others` replaces that of a shape of `count`."""
    types = {"postgres": ("uuid", "text", "int8"), "sqlite": ("TEXT", "TEXT", None)}[dialect]
    text = ParameterFact("text" if dialect == "postgres" else None)
    find = StatementFacts(
        parameters=(ParameterFact("uuid" if dialect == "postgres" else None),),
        columns=(column("id", types[0]), column("title", types[1])),
        reads={"books": frozenset(("id", "title"))},
        limit_one=True,
    )
    count = StatementFacts(
        columns=(ColumnFact("count", types[2], False),), reads={"books": frozenset()}, limit_one=True
    )
    by_status = replace(count, parameters=(text,), reads={"books": frozenset({"status"})})
    return {
        FactKey("shop.find", dialect, ()): find,
        FactKey("shop.count", dialect, ()): others.get("all", count),
        FactKey("shop.count", dialect, ("status",)): others.get("by_status", by_status),
    }
