"""The functions that turn rows into records and scalars.

A reader is compiled once per result type, store and list of columns. It assigns the fields of a record directly
instead of validating each row: the columns were verified against the record when the reader was compiled, and each
value is converted and checked for NULL on its way. A record with validation of its own (validators, constraints,
aliases, private attributes) is validated row by row.
"""

import gc
from collections.abc import Callable, Iterator, Sequence
from difflib import get_close_matches
from functools import cache, partial
from types import NoneType
from typing import Any, NoReturn, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from wave_data.engine.constraints import validation_reason
from wave_data.engine.conversions import NAMES, ColumnType
from wave_data.engine.dialect import Dialect
from wave_data.engine.errors import RowMappingError
from wave_data.engine.records import Column, Result, field_type, json_type, record_in, type_of
from wave_data.engine.types import MASK

Reader = Callable[[list[Any]], list[Any]]
"""Makes records of rows, and empties their list on the way: the records take the memory that the rows leave."""

MANY = 500
"""Rows from which on the garbage collector rests."""
PORTION = 50
"""Rows of a stream that become records at a time.

They are so few that those let go of before the next are made were never seen by the garbage collector, and leave memory
that is still in the processor's cache.
"""

SHARED_KEYS = 29
"""Attributes up to which CPython's instances share the keys of their dictionaries."""


def compile_reader(result: Result, columns: Sequence[Column], dialect: Dialect, query: str) -> Reader:
    """The function that reads rows of these columns. Raises RowMappingError when they do not fit the result."""
    if result.kind is None:
        read, kinds = _scalar_reader(result, columns, dialect, query), dict(enumerate(result.scalars))
    else:
        reader = _RecordReader(result.kind, columns, dialect, query)
        read, kinds = reader.compile(), {position: kind for position, (kind, _) in reader.checked.items()}
    if dialect == "postgres":
        return read
    return _TypeCheck(read, {columns[position].name: (position, kind) for position, kind in kinds.items()}, query).read


def read_many(read: Reader, rows: list[Any]) -> list[Any]:
    """The records of rows; of many while the garbage collector rests, for it would go through them again and again."""
    if len(rows) < MANY:
        return read(rows)
    collects = gc.isenabled()
    gc.disable()
    try:
        return read(rows)
    finally:
        if collects:
            gc.enable()


def read_portions(read: Reader, rows: list[Any], size: int) -> Iterator[list[Any]]:
    """The records of rows, so many at a time; empties the list on the way."""
    while rows:
        portion = rows[:size]
        del rows[:size]
        yield read_many(read, portion)


class _TypeCheck:
    """Verifies the types of columns by the first value that each of them holds: sqlite3 tells no types beforehand."""

    def __init__(self, read: Reader, pending: dict[str, tuple[int, ColumnType]], query: str) -> None:
        self._read = read
        self._pending = pending
        self._query = query

    def read(self, rows: list[Any]) -> list[Any]:
        """The records of rows, whose first one is looked at for types not seen yet."""
        if self._pending and rows:
            self._check(rows[0])
        return self._read(rows)

    def _check(self, row: Sequence[Any]) -> None:
        seen = [column for column, (position, _) in self._pending.items() if row[position] is not None]
        for column in seen:
            position, kind = self._pending[column]
            value = row[position]
            if type(value) not in kind.sqlite or (kind.postgres == ("bool",) and value not in (0, 1)):
                expected = " or ".join(expected.__name__ for expected in kind.sqlite)
                raise RowMappingError(
                    f"{self._query}: column {column} holds a {type(value).__name__}, but {kind.name} takes {expected}"
                )
            del self._pending[column]


def _scalar_reader(result: Result, columns: Sequence[Column], dialect: Dialect, query: str) -> Reader:
    if len(columns) != len(result.scalars):
        names = ", ".join(column.name for column in columns) or "none"
        raise RowMappingError(
            f"{query}: {len(result.scalars)} column(s) expected for {result.name}, found {len(columns)}: {names}"
        )
    for kind, column in zip(result.scalars, columns, strict=True):
        _check_type(kind, column, query, result.name)

    def convert(row: Sequence[Any]) -> Any:
        values = tuple(
            _convert(kind, dialect, value, column.name, query)
            for kind, value, column in zip(result.scalars, row, columns, strict=True)
        )
        return values[0] if len(values) == 1 else values

    def read(rows: list[Any]) -> list[Any]:
        values = [convert(row) for row in rows]
        rows.clear()
        return values

    return read


def _check_type(kind: ColumnType, column: Column, query: str, target: str) -> None:
    if column.type is not None and column.type not in kind.postgres:
        raise RowMappingError(
            f"{query}: column {column.name} has the type {column.type}, but {target} takes {' or '.join(kind.postgres)}"
        )


def _convert(kind: ColumnType, dialect: Dialect, value: Any, column: str, query: str) -> Any:
    if value is None:
        if kind.nullable:
            return None
        raise RowMappingError(f"{query}: column {column} is NULL, but {kind.name} without None was annotated")
    decode = kind.decoder(dialect)
    try:
        return value if decode is None else decode(value)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise RowMappingError(f"{query}: column {column} holds no {kind.name}: {_reason(error)}") from None


def _reason(error: Exception) -> str:
    """What went wrong, without the value: it may be a secret."""
    return validation_reason(error) if isinstance(error, ValidationError) else type(error).__name__


class _RecordReader:
    """Writes the source of a reader for one record class: a loop that fills the fields of a bare instance."""

    def __init__(self, kind: type[BaseModel], columns: Sequence[Column], dialect: Dialect, query: str) -> None:
        self.kind = kind
        self.columns = columns
        self.dialect: Dialect = dialect
        self.query = query
        self.positions: dict[str, int] = {}
        for position, column in enumerate(columns):
            if column.name in self.positions and column.name in kind.model_fields:
                raise RowMappingError(
                    f"{query}: two columns are named {column.name}; name the ones of the joined table"
                    f' with AS "field.{column.name}"'
                )
            self.positions.setdefault(column.name, position)
        self.scope: dict[str, Any] = {**NAMES, "_explain": self._explain}
        self.checked: dict[int, tuple[ColumnType, str]] = {}
        self.remembered: dict[int, tuple[str, ...]] = {}

    def compile(self) -> Reader:
        body: list[str] = []
        target = self._write(self.kind, "", body)
        unpack = "".join(f"c{position}, " for position in range(len(self.columns)))
        # A tuple is unpacked by one instruction; a Record of asyncpg is not, but gives a tuple when sliced.
        row = "row[:]" if self.dialect == "postgres" else "row"
        source = "\n".join(
            [
                "def read(rows):",
                "    made = []",
                "    append = made.append",
                *(f"    b{position} = m{position} = None" for position in self.remembered),
                "    rows.reverse()",
                "    pop = rows.pop",
                "    while rows:",
                "        row = pop()",
                "        try:",
                f"            {unpack} = {row}",
                *(line for position in self.remembered for line in self._remember(position)),
                *(f"            {line}" for line in body),
                f"            append({target})",
                "        except Exception as error:",
                "            _explain(row, error)",
                "    return made",
            ]
        )
        exec(compile(source, f"<rows of {self.query}>", "exec"), self.scope)
        reader: Reader = self.scope["read"]
        return reader

    def _write(self, kind: type[BaseModel], prefix: str, body: list[str]) -> str:
        """Append the lines that make one record from the columns under a prefix; give the name it ends up in."""
        values = {name: self._field(kind, name, field, prefix, body) for name, field in kind.model_fields.items()}
        target = f"r{len(self.scope)}"
        if not _is_trusted(kind):
            self.scope[target + "v"] = partial(kind.model_validate, by_alias=False, by_name=True)
            pairs = ", ".join(f"{name!r}: {value}" for name, value in values.items() if value is not None)
            body.append(f"{target} = {target}v({{{pairs}}})")
            return target
        shell = target + "s"
        self.scope[shell] = _shell(kind)
        body.append(f"{target} = {shell}()")
        given = {name: value for name, value in values.items() if value is not None}
        assign = f"{target}.{{}} = {{}}"
        if len(values) > SHARED_KEYS:
            # Beyond that limit the copy of a dictionary with the right keys takes half the memory of assignments.
            self.scope[f"{target}k"] = dict.fromkeys(values).copy
            body.append(f"{target}a = {target}.__dict__ = {target}k()")
            assign = f"{target}a[{{!r}}] = {{}}"
        for name, field in kind.model_fields.items():
            value = given.get(name)
            if value is None:
                value = f"{target}d_{name}()"
                self.scope[f"{target}d_{name}"] = _default_of(field)
            body.append(assign.format(name, value))
        self.scope[f"{target}f"] = set(given)  # one for all: records are frozen, and a copy copies it
        self.scope[f"{target}c"] = kind
        body += [
            f"{target}.__pydantic_fields_set__ = {target}f",
            f"{target}.__pydantic_extra__ = None",
            f"{target}.__pydantic_private__ = None",
            f"{target}.__class__ = {target}c",
        ]
        return target

    def _field(self, kind: type[BaseModel], name: str, field: FieldInfo, prefix: str, body: list[str]) -> str | None:
        """The expression of one field's value, or None when its default serves."""
        position = self.positions.get(prefix + name)
        nested = record_in(field.annotation)
        if position is None and nested is not None and self._has_prefix(f"{prefix}{name}."):
            if NoneType not in get_args(field.annotation):
                return self._write(nested, f"{prefix}{name}.", body)
            return self._nested(nested, f"{prefix}{name}.", body)
        if position is None:
            if field.is_required():
                self._missing(kind, prefix + name)
            return None
        column = self.columns[position]
        kind_of_column = field_type(kind, name, self.dialect)
        _check_type(kind_of_column, column, self.query, f"{kind.__name__}.{name}")
        self.checked[position] = (kind_of_column, f"{kind.__name__}.{name}")
        value = self._value(kind_of_column, position)
        flag = kind_of_column.masked_by
        return self._masked(value, f"{prefix}{name}", prefix + flag) if flag else value

    def _masked(self, value: str, column: str, flag: str) -> str:
        """The expression of a value that is masked unless the column `flag` says that it is no secret."""
        if flag not in self.positions:
            raise RowMappingError(f"{self.query}: no column {flag}, which tells whether {column} is a secret")
        self.scope["_mask"] = MASK
        return f"({value} if c{self.positions[flag]} == 0 else _mask)"

    def _value(self, kind: ColumnType, position: int) -> str:
        decode = kind.decoder(self.dialect)
        value = f"c{position}"
        if decode is not None:
            self.scope[f"d{position}"] = decode
            decoded = f"d{position}({value})"
            if kind.steps:
                self.remembered[position] = kind.steps[f"from_{self.dialect}"]
                self.scope["_null"] = _null
                return f"(m{position} if {value} is not None else {'None' if kind.nullable else '_null()'})"
            inline = kind.inline.get(f"from_{self.dialect}")
            if inline is not None:
                decoded = inline.write(value, decoded)
            return f"(None if {value} is None else {decoded})" if kind.nullable else decoded
        if kind.nullable:
            return value
        self.scope["_null"] = _null
        return f"({value} if {value} is not None else _null())"

    def _remember(self, position: int) -> list[str]:
        """The lines that convert the value of a column unless the row before had the same."""
        return [
            f"            if c{position} is not None and c{position} != b{position}:",
            *(f"                {step.format(f'c{position}', f'm{position}')}" for step in self.remembered[position]),
            f"                b{position} = c{position}",
        ]

    def _nested(self, kind: type[BaseModel], prefix: str, body: list[str]) -> str:
        """A record from the columns `prefix…` of a join, None where all of them are NULL."""
        columns = [f"c{p}" for name, p in self.positions.items() if name.startswith(prefix)]
        inner: list[str] = []
        target = self._write(kind, prefix, inner)
        body.append(f"if {' is None and '.join(columns)} is None:")
        body.append(f"    {target} = None")
        body.append("else:")
        body += [f"    {line}" for line in inner]
        return target

    def _has_prefix(self, prefix: str) -> bool:
        return any(column.name.startswith(prefix) for column in self.columns)

    def _missing(self, kind: type[BaseModel], name: str) -> NoReturn:
        near = get_close_matches(name, self.positions, 1)
        hint = f"; did you mean {near[0]}?" if near else ""
        names = ", ".join(self.positions) or "none"
        raise RowMappingError(
            f"{self.query}: no column {name} for {kind.__name__}.{name.rpartition('.')[2]}{hint} (columns: {names})"
        )

    def _explain(self, row: Sequence[Any], error: Exception) -> NoReturn:
        """Name the column that a row failed on."""
        for position, (kind, target) in self.checked.items():
            value = tuple(row)[position]
            if value is None and not kind.nullable:
                raise RowMappingError(
                    f"{self.query}: column {self.columns[position].name} is NULL, but {target} does not allow None"
                ) from None
            _convert(kind, self.dialect, value, self.columns[position].name, self.query)
        raise RowMappingError(f"{self.query}: the row does not make a {self.kind.__name__}: {_reason(error)}") from None


def _null() -> NoReturn:
    raise ValueError("NULL in a column whose field does not allow None")


def _default_of(field: FieldInfo) -> Callable[[], Any]:
    return lambda: field.get_default(call_default_factory=True)


_PLAIN_CONFIG = {
    "frozen",
    "extra",
    "revalidate_instances",
    "title",
    "json_schema_extra",
    "use_attribute_docstrings",
}


@cache
def _is_trusted(kind: type[BaseModel]) -> bool:
    """Whether validation would leave converted values as they are, so that a row needs none."""
    decorators = kind.__pydantic_decorators__
    own_validation = (
        decorators.field_validators
        or decorators.validators
        or decorators.root_validators
        or decorators.model_validators
        or kind.__private_attributes__
        or kind.__pydantic_post_init__
        or kind.__pydantic_root_model__
        or kind.model_config.get("extra") == "allow"
        or not set(kind.model_config) <= _PLAIN_CONFIG
        or kind.__init__ is not BaseModel.__init__
    )
    return not own_validation and all(
        field.validation_alias is None and (record_in(field.annotation) or not _is_validated(field))
        for field in kind.model_fields.values()
    )


def _is_validated(field: FieldInfo) -> bool:
    return json_type(field.annotation, "sqlite") is None and type_of(field).validated


@cache
def _shell(kind: type[BaseModel]) -> Callable[[], Any]:
    """A class of `kind`'s layout whose bare instances take plain assignments, until they are given `kind` as class.

    Both `__setattr__` and `__delattr__` are replaced: CPython takes its fast path only where neither is Python code.
    """
    namespace = {
        "__slots__": (),
        "__init__": object.__init__,
        "__setattr__": object.__setattr__,
        "__delattr__": object.__delattr__,
        "__module__": kind.__module__,
    }
    shell: Callable[[], Any] = type.__new__(type(kind), f"{kind.__name__}Row", (kind,), namespace)
    return shell
