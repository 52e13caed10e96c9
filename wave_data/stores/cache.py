"""The cache of results: rows that `get`, `find` and `find_by_x` found, until they change or grow old."""

import asyncio
import re
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import cache
from time import monotonic, perf_counter
from typing import Any, Protocol

from pydantic import BaseModel

from wave_data.engine.effects import Table, key_text, read_effect, table_of, table_read
from wave_data.engine.executor import Executor
from wave_data.engine.modules import Query
from wave_data.engine.records import plain_columns
from wave_data.engine.sql_file import CLOCK
from wave_data.stores.loop_time import LoopTime
from wave_data.stores.upkeep import Reference

EVERYTHING = "*"
"""The tag of every entry."""

_JSON_AND_ARRAYS = re.compile(r"json|\[\]")


class CacheBackend(Protocol):
    """Where entries are kept: a mapping from texts to records, any of which it may forget at any time.

    A record can be pickled. An entry goes with the first of its tags that is dropped.
    """

    async def get(self, key: str) -> Any | None:
        """The record of a key; None where there is none, or its time is over."""
        ...

    async def put(self, key: str, record: Any, tags: Collection[str], ttl: float) -> int:
        """Keep a record for `ttl` seconds; how many others had to make room for it."""
        ...

    async def drop(self, tags: Collection[str]) -> None:
        """Forget every entry that has one of the tags."""
        ...


class MemoryCache:
    """Entries in this process; with more than `size` of them the one goes that nobody has asked for the longest."""

    def __init__(self, size: int = 1000, clock: Callable[[], float] = monotonic) -> None:
        self._size = size
        self._clock = clock
        self._entries: OrderedDict[str, tuple[float, Any, Collection[str]]] = OrderedDict()
        self._tagged: defaultdict[str, set[str]] = defaultdict(set)

    def __len__(self) -> int:
        return len(self._entries)

    async def get(self, key: str) -> Any | None:
        """The record of a key."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        if entry[0] <= self._clock():
            self._remove(key)
            return None
        self._entries.move_to_end(key)
        return entry[1]

    async def put(self, key: str, record: Any, tags: Collection[str], ttl: float) -> int:
        """Keep a record for a time."""
        self._remove(key)
        evicted = 0
        while len(self._entries) >= self._size:
            self._remove(next(iter(self._entries)))
            evicted += 1
        self._entries[key] = self._clock() + ttl, record, tags
        for tag in tags:
            self._tagged[tag].add(key)
        return evicted

    async def drop(self, tags: Collection[str]) -> None:
        """Forget every entry that has one of the tags."""
        for key in set[str]().union(*(self._tagged.get(tag, ()) for tag in tags)):
            self._remove(key)

    def _remove(self, key: str) -> None:
        entry = self._entries.pop(key, None)
        for tag in entry[2] if entry is not None else ():
            self._tagged[tag].discard(key)
            if not self._tagged[tag]:
                del self._tagged[tag]


@dataclass(frozen=True)
class CacheStats:
    """How often the cache of a database had what was asked for, and had not, and how often it was full."""

    hits: int = 0
    misses: int = 0
    evictions: int = 0


class ResultCache:
    """What the reads of a database found, by function and arguments.

    Entries of a row go when it changes: the caller says so by `drop`, after the commit. What another process changes
    is noticed no sooner than after `ttl` seconds.
    """

    def __init__(self, backend: CacheBackend, ttl: float, references: Iterable[Reference]) -> None:
        self._backend = backend
        self._ttl = ttl
        self._references = list(references)
        self._drops: Counter[str] = Counter()
        self._loop_time = LoopTime()
        self._hits = self._misses = self._evictions = 0

    @property
    def stats(self) -> CacheStats:
        """The counters, from when the database was opened."""
        return CacheStats(self._hits, self._misses, self._evictions)

    async def read(self, query: Query, db: Executor, arguments: tuple[Any, ...]) -> Any:
        """What the call finds, from the cache where it is there."""
        lookup = lookup_of(query)
        if lookup is None:
            return await query.run(db, arguments)
        if self._loop_time.is_used_up:
            await asyncio.sleep(0)
        started = perf_counter()
        key = lookup.prefix + repr(arguments)
        found = await self._backend.get(key)
        if found is not None:
            self._hits += 1
            found = lookup.copy(found)
            self._loop_time.add(perf_counter() - started)
            return found
        self._misses += 1
        drops = self._drops_of(lookup.table.name)
        found = await query.run(db, arguments)
        # What was read while a change was committed may be what was there before.
        if found is not None and drops == self._drops_of(lookup.table.name):
            tags = lookup.tags(found)
            self._evictions += await self._backend.put(key, lookup.copy(found), tags, self._ttl)
            if drops != self._drops_of(lookup.table.name):
                await self._backend.drop(tags[-1:])
        return found

    def _drops_of(self, table: str) -> int:
        return self._drops[table] + self._drops[EVERYTHING]

    async def drop(self, tags: Collection[str]) -> None:
        """Forget the entries of what was changed and committed."""
        if tags:
            self._drops.update({tag.rstrip("?").partition("/")[0] for tag in tags})
            await self._backend.drop(tags)

    def changed(self, query: Query, db: Executor, arguments: tuple[Any, ...], result: Any) -> set[str]:
        """The tags of the entries that a call has made wrong; `result` is what it gave, or the error that it raised."""
        if result in (0, []) or (result is None and query.signature.result is not None):
            return set()
        effect = read_effect(query.statements[db.dialect])
        if effect is None:
            return {EVERYTHING}
        tags = {f"{effect.table}?"}
        if effect.may_meet_rows:
            table = table_of(query, effect.table)
            keys = [] if table is None else [table.key_of(row) for row in table.records_in(result)]
            if table is not None and not keys:
                given = table.key_given(query, effect, arguments)
                keys = [] if given is None else [given]
            tags.update(f"{effect.table}/{key_text(key)}" for key in keys)
            if not keys:
                tags.add(effect.table)
        if effect.action != "insert":
            tags |= self._dependent(effect.table, None if effect.action == "delete" else effect.assigned.keys())
        return tags

    def _dependent(self, table: str, columns: Collection[str] | None) -> set[str]:
        """The tables whose rows a change of these columns of a table's rows, or their deletion, may change as well."""
        found: set[str] = set()
        pending = [
            reference.table
            for reference in self._references
            if reference.referenced_table == table
            and (columns is None or not set(columns).isdisjoint(reference.columns))
        ]
        while pending:
            child = pending.pop()
            if child not in found:
                found.add(child)
                pending += [reference.table for reference in self._references if reference.referenced_table == child]
        return found


@dataclass(frozen=True)
class _Lookup:
    """How the results of one function are kept."""

    prefix: str
    table: Table
    chooses: bool
    mutable: tuple[str, ...]

    def tags(self, record: BaseModel) -> list[str]:
        """What the entry of a row goes with: its changes, or any of its table where others might be found instead."""
        name = self.table.name
        return [EVERYTHING, name, f"{name}?" if self.chooses else f"{name}/{key_text(self.table.key_of(record))}"]

    def copy(self, record: Any) -> Any:
        """The record with values of its own where somebody could change them."""
        if not self.mutable:
            return record
        return record.model_copy(update={name: _own(getattr(record, name)) for name in self.mutable})


def _own(value: Any) -> Any:
    """A JSON value that shares nothing that could be changed."""
    if value.__class__ is dict:
        return {key: _own(member) for key, member in value.items()}
    return [_own(member) for member in value] if value.__class__ is list else value


@cache
def lookup_of(query: Query) -> _Lookup | None:
    """How the results of a function are kept; None where they are not.

    They are where it reads one row of one table, and nothing decides on it but the arguments.
    """
    statements = list(query.statements.values())
    names = {table_read(statement) for statement in statements}
    kind = query.signature.result.kind if query.signature.result is not None else None
    name = names.pop()
    if not query.finds_one or kind is None or name is None or names or any(s.writes for s in statements):
        return None
    table = table_of(query, name)
    is_timeless = all(token.text != f":{CLOCK}" for statement in statements for token in statement.tokens)
    if table is None or not is_timeless or not set(table.key) <= kind.model_fields.keys():
        return None
    chooses = any(statement.has_word("ORDER", "LIMIT") for statement in statements)
    fixed = {name for name, column in plain_columns(kind).items() if not _JSON_AND_ARRAYS.search(column.postgres[0])}
    mutable = tuple(name for name in kind.model_fields if name not in fixed)
    # Functions of one statement, as get and find are, share what they find.
    prefix = f"{query.module.name}.{statements[0].names[0]}({','.join(query.signature.parameters)})"
    return _Lookup(prefix, table, chooses, mutable)
