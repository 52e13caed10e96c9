"""What a function expects of its statement, as names: it can be written down, and held against facts without Python."""

import inspect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from types import NoneType
from typing import Annotated, Any, Literal, get_args
from uuid import UUID

from pydantic import BaseModel

from wave_data.check.facts import ColumnFact, StatementFacts
from wave_data.check.fitting import binds, reads
from wave_data.check.results import can_be_null
from wave_data.engine.columns import column_type
from wave_data.engine.conversions import ColumnType
from wave_data.engine.dialect import Dialect
from wave_data.engine.modules import Query
from wave_data.engine.records import json_type, record_in, type_of
from wave_data.engine.sql_file import Line, SqlText, Statement
from wave_data.engine.types import Scale

_KINDS: dict[str, Any] = {
    "str": str,
    "int": int,
    "float": float,
    "bool": bool,
    "bytes": bytes,
    "UUID": UUID,
    "datetime": datetime,
    "date": date,
    "Decimal": Annotated[Decimal, Scale(1, 0)],
    "json": Any,
}
_NAMES = {column_type(kind).postgres: name for name, kind in _KINDS.items()}
NO_DEFAULT = inspect.Parameter.empty


@dataclass(frozen=True)
class Expected:
    """A type that a function gives or takes, such as `datetime? = None`.

    `default` is `None`, `…` for any other, and empty where there is none.
    """

    type: str
    nullable: bool = False
    default: str = ""

    @classmethod
    def of(cls, kind: ColumnType, default: object = NO_DEFAULT) -> "Expected":
        """What a column type expects."""
        return cls(_name(kind.postgres), kind.nullable, _default(default))

    @classmethod
    def parse(cls, text: str) -> "Expected":
        """The reverse of `str`."""
        bare, _, default = text.partition(" = ")
        return cls(bare.removesuffix("?"), bare.endswith("?"), default)

    def __str__(self) -> str:
        return f"{self.type}{'?' if self.nullable else ''}{' = ' if self.default else ''}{self.default}"

    @property
    def kind(self) -> ColumnType:
        """The type of a column that is read as it. Raises ValueError for a name that `of` never gives."""
        return column_type(_annotation(self.type))


def _default(default: object) -> str:
    return "" if default is NO_DEFAULT else "None" if default is None else "…"


def _name(types: tuple[str, ...]) -> str:
    if all(name.endswith("[]") for name in types):
        return f"list[{_name(tuple(name.removesuffix('[]') for name in types))}]"
    return _NAMES[types]


def _annotation(name: str) -> Any:
    if name.startswith("list["):
        return list[_annotation(name.removeprefix("list[").removesuffix("]"))]  # type: ignore[misc]
    if name not in _KINDS:
        raise ValueError(f"{name} is no type of this release")
    return _KINDS[name]


Fields = Mapping[str, Expected]
"""The fields of a record; one that holds a record has that record's name as its type."""


@dataclass(frozen=True)
class Contract:
    """What one function expects. `parameters` are by slot, such as `id` or `cursor.created_at`.

    `result` says what the rows become and of what: `("page", "wave_sessions.WaveSession")`, `("mapping", "str",
    "int")`, `("nothing",)`. `records` has the fields of every record that the result names, directly or not.
    """

    title: str
    role: str
    parameters: Mapping[str, Expected]
    result: tuple[str, ...]
    records: Mapping[str, Fields] = field(default_factory=dict[str, Fields])

    def optional(self, statement: Statement) -> tuple[str, ...]:
        """The parameters that decide which optional lines of the statement stay."""
        given = {slot.partition(".")[0]: expected for slot, expected in self.parameters.items()}
        names = dict.fromkeys(t.parameter[0] for line in statement.lines if line.optional for t in line.parameters)
        return tuple(name for name in names if name in given and given[name].default)

    def render(self, statement: Statement, dialect: Dialect, shape: Sequence[str]) -> SqlText:
        """The text for a driver when the optional parameters of `shape` are given."""
        kept = self._kept(statement, shape)
        return statement.render(dialect, lambda line: _is_kept(line, kept))

    def slots(self, statement: Statement, shape: Sequence[str]) -> tuple[tuple[str, str | None], ...]:
        """What the placeholders of that text bind; cheaper than the text."""
        kept = self._kept(statement, shape)
        lines = (line for line in statement.lines if _is_kept(line, kept))
        return tuple(dict.fromkeys(t.parameter for line in lines for t in line.tokens if t.kind == "parameter"))

    def _kept(self, statement: Statement, shape: Sequence[str]) -> set[str]:
        names = {slot.partition(".")[0] for slot in self.parameters}
        return names - set(self.optional(statement)) | set(shape)

    def nulls(self, slots: Sequence[tuple[str, str | None]], shape: Sequence[str]) -> tuple[bool, ...]:
        """For each placeholder whether it can be bound to NULL when the optional parameters of `shape` are given."""
        return tuple(self._can_be_null(slot, shape) for slot in slots)

    def _can_be_null(self, slot: tuple[str, str | None], shape: Sequence[str]) -> bool:
        expected = self.parameters.get(slot_name(slot))
        if expected is None or not expected.nullable:
            return False
        return not (slot[1] is None and slot[0] in shape and expected.default == "None")


def _is_kept(line: Line, kept: set[str]) -> bool:
    return not line.optional or all(token.parameter[0] in kept for token in line.parameters)


def contract_of(query: Query) -> Contract:
    """What a function expects."""
    records: dict[str, Fields] = {}
    signature = query.signature
    result = signature.result
    made: tuple[str, ...] = ()
    if result is not None:
        made = tuple(str(Expected.of(kind)) for kind in result.scalars)
        if result.kind is not None:
            made = (_record(result.kind, records),)
    return Contract(
        signature.title,
        query.role,
        dict(_parameters(query)),
        (signature.shape.name.lower(), *made),
        records,
    )


def fields_of(kind: type[BaseModel]) -> tuple[str, dict[str, Fields]]:
    """The name of a record, and the fields of it and of the records in it."""
    records: dict[str, Fields] = {}
    return _record(kind, records), records


def slot_name(slot: tuple[str, str | None]) -> str:
    """A slot as it stands in the SQL, without the colon."""
    name, attribute = slot
    return name if attribute is None else f"{name}.{attribute}"


def _parameters(query: Query) -> Iterator[tuple[str, Expected]]:
    parameters = query.signature.parameters
    shapes = next(iter(query.compiled.values()))
    seen = {token.parameter: None for statement in query.statements.values() for token in statement.parameters}
    for slot in seen:
        if slot[0] in parameters:
            parameter = parameters[slot[0]]
            default = NO_DEFAULT if parameter.required else parameter.default
            yield slot_name(slot), Expected.of(shapes.bound_type(*slot), default)


def _record(kind: type[BaseModel], records: dict[str, Fields]) -> str:
    """The name of a record, whose fields are added to `records`."""
    name = f"{kind.__module__.rpartition('.')[2]}.{kind.__qualname__}"
    if name in records:
        return name
    fields = records[name] = dict[str, Expected]()
    for field_name, info in kind.model_fields.items():
        default = NO_DEFAULT if info.is_required() else info.default
        nested = record_in(info.annotation)
        if nested is not None:
            is_nullable = NoneType in get_args(info.annotation)
            fields[field_name] = Expected(_record(nested, records), is_nullable, _default(default))
        else:
            found = json_type(info.annotation, "postgres") or type_of(info)
            fields[field_name] = Expected.of(found, default)
    return name


Code = Literal["parameter-type", "column-missing", "column-type", "nullable"]


@dataclass(frozen=True)
class Breach:
    """One expectation that the facts do not meet; `subject` is the slot or the column."""

    code: Code
    subject: str
    message: str


def breaches(
    contract: Contract, slots: Sequence[tuple[str, str | None]], dialect: Dialect, facts: StatementFacts
) -> list[Breach]:
    """What of a contract the facts of a shape do not meet; `slots` are the shape's placeholders."""
    found = [*_parameter_breaches(contract, slots, facts)]
    shape, *made = contract.result
    if shape in ("affected", "changed", "nothing"):
        return found
    columns = _Columns(contract, dialect, facts)
    return [*found, *(columns.record(made[0]) if made[0] in contract.records else columns.scalars())]


def _parameter_breaches(
    contract: Contract, slots: Sequence[tuple[str, str | None]], facts: StatementFacts
) -> Iterator[Breach]:
    for slot, fact in zip(slots, facts.parameters, strict=False):
        expected = contract.parameters.get(slot_name(slot))
        if expected is not None and not binds(expected.kind, fact.type):
            shown = slot_name(slot)
            yield Breach("parameter-type", shown, f":{shown} is taken for {fact.type}, and {expected.type} is bound")


class _Columns:
    """The columns of one shape, held against a contract."""

    def __init__(self, contract: Contract, dialect: Dialect, facts: StatementFacts) -> None:
        self.contract = contract
        self.dialect = dialect
        self.all = facts.columns
        self.by_name: dict[str, ColumnFact] = {}
        for column in facts.columns:
            self.by_name.setdefault(column.name, column)

    def scalars(self) -> Iterator[Breach]:
        """As many columns are there as the annotation takes, and fit it."""
        expected = [Expected.parse(text) for text in self.contract.result[1:]]
        if len(expected) != len(self.all):
            names = ", ".join(column.name for column in self.all) or "none"
            yield Breach("column-missing", "", f"{len(expected)} column(s) are expected, and there are: {names}")
            return
        for kind, column in zip(expected, self.all, strict=True):
            yield from self._fit(kind, column, None)

    def record(self, record: str, prefix: str = "", outer: frozenset[int] | None = None) -> Iterator[Breach]:
        """Every field has its column. `outer` has the joins whose missing row makes the whole record None."""
        for name, expected in self.contract.records[record].items():
            column = self.by_name.get(prefix + name)
            under = [c for c in self.all if c.name.startswith(f"{prefix}{name}.")]
            if column is not None:
                is_record = expected.type in self.contract.records
                yield from self._fit(Expected("json", expected.nullable) if is_record else expected, column, outer)
            elif under and expected.type in self.contract.records:
                inner = outer
                if expected.nullable:
                    inner = frozenset[int].intersection(*(c.joins for c in under)) | (outer or frozenset())
                yield from self.record(expected.type, f"{prefix}{name}.", inner)
            elif not expected.default:
                yield Breach("column-missing", prefix + name, f"there is no column {prefix}{name}")

    def _fit(self, expected: Expected, column: ColumnFact, outer: frozenset[int] | None) -> Iterator[Breach]:
        name = column.name
        if not reads(expected.kind, self.dialect, column.type):
            yield Breach("column-type", name, f"column {name} is a {column.type}, and {expected.type} is read from it")
        if can_be_null(column, outer) and not expected.nullable:
            yield Breach("nullable", name, f"column {name} can be NULL, and None is not allowed")
