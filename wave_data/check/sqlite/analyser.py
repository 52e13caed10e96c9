"""The analyser of a migrated SQLite file: what the database takes, gives, reads and writes."""

import contextlib
import sqlite3
from collections import defaultdict
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path

import apsw
import apsw.ext
from sqlglot import exp

from wave_data.check.cardinality import limit_one
from wave_data.check.facts import ColumnFact, ParameterFact, Refused, StatementFacts
from wave_data.check.sqlite.catalogue import Catalogue, read_catalogue
from wave_data.check.sqlite.plans import Step, plan_facts
from wave_data.check.sqlite.relations import columns_of, inserted_columns
from wave_data.check.sqlite.values import UNKNOWN, Value
from wave_data.check.syntax import parse
from wave_data.engine.compiled import CompiledStatement
from wave_data.engine.dialect import Dialect
from wave_data.schema import Schema
from wave_data.schema.sqlite import read_sqlite
from wave_data.stores.sqlite_opening import FUNCTIONS

Columns = Mapping[str, frozenset[str]]
Described = tuple[str, str | None, str | None, str | None, str | None]
"""A column of a result: its name, declared type, database, table and column there."""


@contextlib.contextmanager
def open_analyser(path: Path) -> Generator["SqliteAnalyser"]:
    """An analyser of the statements of a migrated SQLite file, which it leaves as it is.

    Raises sqlite3.Error or apsw.Error for a file that is no database.
    """
    detailed = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    with contextlib.closing(detailed), contextlib.closing(sqlite3.connect(path, isolation_level=None)) as running:
        # A name in double quotes that no column has would silently be a text.
        detailed.config(apsw.SQLITE_DBCONFIG_DQS_DML, 0)
        running.execute("PRAGMA foreign_keys = ON")
        for name, arity, function in FUNCTIONS:
            detailed.create_scalar_function(  # pyright: ignore[reportUnknownMemberType]
                name, function, arity, deterministic=True
            )
            running.create_function(name, arity, function, deterministic=True)
        yield SqliteAnalyser(detailed, running, read_sqlite(path))


class SqliteAnalyser:
    """What SQLite says of statements.

    Two versions of it are asked: the one of Python's sqlite3, which runs the statements, must take them and gives the
    plans; apsw's tells where columns come from and what is read and written.
    """

    dialect: Dialect = "sqlite"

    def __init__(self, detailed: apsw.Connection, running: sqlite3.Connection, schema: Schema) -> None:
        self.server = f"SQLite {sqlite3.sqlite_version}"
        self._detailed = detailed
        self._running = running
        self._schema = schema
        self._catalogue = read_catalogue(running)

    def describe(self, statement: CompiledStatement) -> StatementFacts:
        """What the database says of one shape of a statement. Raises Refused."""
        text = statement.text
        described = self._query_info(text)
        steps = self._plan(text, len(statement.slots))
        tree = parse(text, "sqlite")
        reads, writes = _touched(self._catalogue, described.actions or [], inserted_columns(tree))
        return StatementFacts(
            parameters=(ParameterFact(),) * len(statement.slots),
            columns=self._columns(tree, statement.nulls, described),
            reads=reads,
            writes=writes,
            plan=plan_facts(steps, tree, self._catalogue, self._schema),
            limit_one=limit_one(text, "sqlite", self._schema),
        )

    def _columns(
        self, tree: exp.Expr | None, nulls: tuple[bool, ...], described: apsw.ext.QueryDetails
    ) -> tuple[ColumnFact, ...]:
        named = described.description_full or ()
        derived = () if tree is None else columns_of(tree, self._catalogue, nulls)
        if not _agree([column[0] for column in named], [column.name for column in derived]):
            # Something in the statement is not known to the parser, so nothing is derived.
            return tuple(self._column(column, UNKNOWN, (column[3], column[4])) for column in named)
        return tuple(
            self._column(column, found.value, found.value.origin) for column, found in zip(named, derived, strict=True)
        )

    def _column(self, described: Described, value: Value, origin: tuple[str | None, str | None] | None) -> ColumnFact:
        table = None if origin is None else self._catalogue.table(origin[0] or "")
        if table is not None and table.is_view:
            origin = described[3], described[4]
            table = self._catalogue.table(origin[0] or "")
        name = (origin[1] or "") if origin is not None else ""
        known = None if table is None else table.columns.get(name.lower())
        return ColumnFact(
            described[0],
            None if known is None else known.type,
            value.nullable,
            None if known is None or table is None else (table.name, known.name),
            value.joins,
            value.null_in_row,
        )

    def _query_info(self, text: str) -> apsw.ext.QueryDetails:
        try:
            return apsw.ext.query_info(  # pyright: ignore[reportUnknownMemberType]
                self._detailed, text, actions=True
            )
        except apsw.Error as error:
            offset = getattr(error, "error_offset", -1)
            shown = len(text.encode()[:offset].decode(errors="ignore")) if offset >= 0 else None
            raise Refused(str(error), shown) from None

    def _plan(self, text: str, parameters: int) -> list[Step]:
        """The plan that Python's own SQLite makes; it must take the statement, and may be the older one."""
        try:
            rows = self._running.execute(f"EXPLAIN QUERY PLAN {text}", (None,) * parameters).fetchall()
        except sqlite3.Error as error:
            raise Refused(f"{error} ({self.server})") from None
        return [Step(number, parent, detail) for number, parent, _, detail in rows]


def _agree(described: list[str], derived: list[str]) -> bool:
    """Whether the columns derived are those that the database describes; an expression's name is not derived."""
    return len(described) == len(derived) and all(
        not own or own.lower() == given.lower() for given, own in zip(described, derived, strict=True)
    )


def _touched(
    catalogue: Catalogue, actions: list[apsw.ext.QueryAction], inserted: Sequence[str]
) -> tuple[Columns, Columns]:
    """The columns that a statement reads and writes, without what its triggers do."""
    reads: dict[str, set[str]] = defaultdict(set)
    writes: dict[str, set[str]] = defaultdict(set)
    for action in actions:
        if action.table_name is None or action.trigger_or_view in catalogue.triggers:
            continue
        table = catalogue.table(action.table_name)
        if table is None:
            continue
        name = (action.column_name or "").lower()
        columns = {table.columns[name].name} if name in table.columns else set[str]()
        if action.action == apsw.SQLITE_READ:
            reads[table.name] |= columns
        elif action.action == apsw.SQLITE_INSERT:
            named = [table.columns[column.lower()].name for column in inserted if column.lower() in table.columns]
            writes[table.name] |= set(named or (column.name for column in table.columns.values()))
        elif action.action in (apsw.SQLITE_UPDATE, apsw.SQLITE_DELETE):
            writes[table.name] |= columns
    return ({t: frozenset(c) for t, c in reads.items()}, {t: frozenset(c) for t, c in writes.items()})
