"""The audit log's view of a call: which rows it changed, what they were before and what they are after."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from pydantic import BaseModel

from wave_data.engine.dialect import DIALECTS, Dialect
from wave_data.engine.effects import Effect, Table, key_text, read_effect, rows_before, rows_in, table_of
from wave_data.engine.executor import Executor
from wave_data.engine.function import make_fetch
from wave_data.engine.json_text import encode_json
from wave_data.engine.limits import marker
from wave_data.engine.modules import Query, query_of
from wave_data.engine.records import Result, plain_columns
from wave_data.engine.signature import Shape, Signature
from wave_data.engine.sql_file import Statement
from wave_data.engine.types import MASK, AuditedState, JsonObject, NewId, Text

AuditAction = Literal["create", "update", "transition", "delete", "restore", "reveal"]

MANY_ROWS = "*"
"""The key in the entry of a statement over many rows."""

SUMMARISED = 1000
"""Characters of a text, or of a value's JSON text, beyond which an entry has its size and hash in its place."""


@dataclass(frozen=True)
class AuditedChange:
    """What an entry of the audit log tells of a row, or of many under the key `*`."""

    table_name: Text
    row_key: Text
    action: AuditAction
    actor: Text | None
    before: AuditedState | None = None
    after: AuditedState | None = None
    id: NewId = None


class Auditor:
    """Runs calls that change rows, and writes what they changed with `write`, both in the transaction they are given.

    What `write` and its siblings, the functions of the log itself, change is left out. `actor` gives the name of
    whoever is at work.
    """

    def __init__(
        self, write: Callable[[Executor, Sequence[AuditedChange]], Awaitable[None]], actor: Callable[[], str | None]
    ) -> None:
        self._write = write
        self._log = query_of(write).module
        self._actor = actor

    async def run(self, query: Query, tx: Executor, arguments: tuple[Any, ...]) -> Any:
        """What the call gives."""
        plan = None if query.module is self._log else plan_of(query, tx.dialect)
        if plan is None:
            return await query.run(tx, arguments)
        if plan.is_bulk:
            return await self._run_in_bulk(plan, tx, arguments)
        before = await plan.rows_before(tx, arguments)
        result = await query.run(tx, arguments)
        after = await plan.rows_after(tx, result, list(before))
        changes = [
            self._change(plan, key, before.get(key), after.get(key))
            for key in (before if plan.effect.action == "delete" else after)
            if plan.values(before.get(key)) != plan.values(after.get(key))
        ]
        if changes:
            await self._write(tx, changes)
        return result

    async def reveal(self, db: Executor, table: str, key: str) -> None:
        """Write that a secret was revealed."""
        await self._write(db, [AuditedChange(table, key, "reveal", self._actor())])

    def _change(
        self, plan: "_Plan", key: tuple[Any, ...], before: BaseModel | None, after: BaseModel | None
    ) -> AuditedChange:
        action: AuditAction = "update" if plan.action == "create" and before is not None else plan.action
        old, new = plan.states(before, after)
        return AuditedChange(plan.table.name, key_text(key), action, self._actor(), old, new)

    async def _run_in_bulk(self, plan: "_Plan", tx: Executor, arguments: tuple[Any, ...]) -> Any:
        """Run a statement whose rows are not looked at; one entry tells their number."""
        parameters = plan.query.signature.parameters.values()
        # What can be gone through only once would be used up by counting it.
        given = [list(value) if p.many else value for p, value in zip(parameters, arguments, strict=True)]
        result = await plan.query.run(tx, tuple(given))
        number = _number(result, next((value for p, value in zip(parameters, given, strict=True) if p.many), [None]))
        if number:
            told = {"operation": plan.query.signature.title, "rows": number}
            sides = (told, None) if plan.action == "delete" else (None, told)
            await self._write(tx, [AuditedChange(plan.table.name, MANY_ROWS, plan.action, self._actor(), *sides)])
        return result


def _number(result: Any, rows: Sequence[Any]) -> int:
    """How many rows a statement changed, by its result, or else by what it was given."""
    if isinstance(result, int):
        return int(result)
    return len(rows if result is None else rows_in(result))


async def record_reveal(db: Executor, table: str, key: str) -> None:
    """Tell the observer, where there is one, that a secret of a row goes to the caller."""
    if db.observer is not None:
        await db.observer.reveal(db, table, key)


@cache
def plan_of(query: Query, dialect: Dialect) -> "_Plan | None":
    """How the calls of a query are recorded; None for one whose rows no module finds by a key."""
    effect = read_effect(query.statements[dialect])
    table = None if effect is None else table_of(query, effect.table)
    return None if effect is None or table is None else _Plan(query, effect, table)


class _Plan:
    """How the calls of one query are recorded."""

    def __init__(self, query: Query, effect: Effect, table: Table) -> None:
        self.query = query
        self.effect = effect
        self.table = table
        self.action: AuditAction = _action(query, effect, table)
        self.is_bulk = _is_bulk(query, effect, table)
        self._secrets = {name: kind.masked_by for name, kind in plain_columns(table.kind).items() if kind.masked_by}
        self._fetch_before: Callable[[Executor, tuple[Any, ...]], Awaitable[list[Any]]] | None = None
        if effect.action != "insert" and not self.is_bulk:
            self._fetch_before = make_fetch(_query_of_rows_before(query, table))

    async def rows_before(self, tx: Executor, arguments: tuple[Any, ...]) -> dict[tuple[Any, ...], BaseModel]:
        """The rows that the call is about to meet, by their keys; nobody else can change them any more."""
        if self._fetch_before is not None:
            return {self.table.key_of(row): row for row in await self._fetch_before(tx, arguments)}
        key = self.table.key_given(self.query, self.effect, arguments) if self.effect.may_meet_rows else None
        row = None if key is None else await self.table.finder.read(tx, *key)
        return {} if row is None else {self.table.key_of(row): row}

    async def rows_after(
        self, tx: Executor, result: Any, keys: Sequence[tuple[Any, ...]]
    ) -> dict[tuple[Any, ...], BaseModel]:
        """The rows that the call has written, by their keys: what it gave, or else what is found now."""
        if self.effect.action == "delete":
            return {}
        records = self.table.records_in(result)
        if not records and self.effect.action == "update":
            found = [await self.table.finder.read(tx, *key) for key in keys]
            records = [row for row in found if row is not None]
        return {self.table.key_of(row): row for row in records}

    def values(self, row: BaseModel | None) -> dict[str, Any] | None:
        """The columns of a row, which a record may have more than."""
        return None if row is None else {name: getattr(row, name) for name in self.table.kind.model_fields}

    def states(self, before: BaseModel | None, after: BaseModel | None) -> tuple[JsonObject | None, JsonObject | None]:
        """What an entry has of a row; a text that is a secret on one side is masked on both."""
        sides = [side for side in (before, after) if side is not None]
        hidden = {name for name, flag in self._secrets.items() if any(getattr(side, flag) for side in sides)}
        return self._state(before, hidden), self._state(after, hidden)

    def _state(self, row: BaseModel | None, hidden: set[str]) -> JsonObject | None:
        values = self.values(row)
        return values and {name: MASK if name in hidden else _summary(value) for name, value in values.items()}


def _query_of_rows_before(query: Query, table: Table) -> Query:
    statements: dict[Dialect, Statement] = {
        dialect: rows_before(query.statements[dialect], effect, dialect)
        for dialect in DIALECTS
        if (effect := read_effect(query.statements[dialect])) is not None
    }
    known = query.signature
    signature = Signature(
        known.name, known.module, known.place, known.signature, known.parameters, Shape.LIST, Result.of(table.kind)
    )
    return Query(query.module, signature, statements, "query", query.function)


def _is_bulk(query: Query, effect: Effect, table: Table) -> bool:
    """Whether the rows of a call are many, or new ones that it does not give back."""
    signature = query.signature
    kind = signature.result.kind if signature.result is not None else None
    if signature.shape is Shape.AFFECTED or any(parameter.many for parameter in signature.parameters.values()):
        return True
    return effect.action == "insert" and not (kind is not None and issubclass(kind, table.kind))


def _action(query: Query, effect: Effect, table: Table) -> AuditAction:
    if effect.action == "insert":
        return "create"
    if effect.action == "delete":
        return "delete"
    if "deleted_at" in effect.assigned:
        return "restore" if effect.assigned["deleted_at"] == "NULL" else "delete"
    states = {move.column for move in table.module.moves}
    return "transition" if query.role == "transition" or states & effect.assigned.keys() else "update"


def _summary(value: Any) -> Any:
    """A value as entries have it: a large one as its size and hash."""
    if value.__class__ not in (str, dict, list):
        return value
    text: str = value if isinstance(value, str) else encode_json(value)
    return marker(text) if len(text) > SUMMARISED else value
