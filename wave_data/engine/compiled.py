"""A statement made ready for one store: its text, the function that binds arguments, and the readers of its rows."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from wave_data.engine.columns import column_type
from wave_data.engine.conversions import NAMES, ColumnType
from wave_data.engine.dialect import Dialect
from wave_data.engine.errors import InvalidValue, QueryError, WaveDataError
from wave_data.engine.executor import Executor
from wave_data.engine.page import Pager
from wave_data.engine.plain_insert import read_plain_insert
from wave_data.engine.readers import Reader, compile_reader
from wave_data.engine.records import Column
from wave_data.engine.signature import Parameter, Signature
from wave_data.engine.sql_file import CLOCK, Line, SqlText, Statement
from wave_data.engine.sql_tokens import Place
from wave_data.engine.types import UtcDatetime

Bind = Callable[..., Any]


class CompiledStatement:
    """One shape of a statement for one store.

    `bind(db, *arguments)` gives the tuple for the driver (a list of tuples for a bulk statement). `nulls` tells for
    each placeholder whether it can be bound to NULL. Where it `has_secrets`, the driver's errors
    may repeat one.
    """

    __slots__ = (
        "_readers",
        "_signature",
        "_sql",
        "bind",
        "dialect",
        "entity",
        "has_result",
        "has_secrets",
        "nulls",
        "plain_insert",
        "query",
        "reads_only",
        "statement",
        "text",
    )

    def __init__(
        self,
        signature: Signature,
        statement: Statement,
        sql: SqlText,
        dialect: Dialect,
        bind: Bind,
        entity: str,
        nulls: tuple[bool, ...] = (),
        has_secrets: bool = False,
    ) -> None:
        self.query = signature.title
        self.entity = entity
        self.dialect: Dialect = dialect
        self.text = sql.text
        self.bind = bind
        self.nulls = nulls
        self.statement = statement
        self.reads_only = not statement.writes
        self.has_result = signature.result is not None
        self.has_secrets = has_secrets
        self.plain_insert = read_plain_insert(statement, sql) if statement.changes else None
        self._signature = signature
        self._sql = sql
        self._readers: dict[tuple[Column, ...], Reader] = {}

    def reader(self, columns: Sequence[Column]) -> Reader:
        """The function that reads rows of these columns. Raises RowMappingError when they do not fit."""
        key = tuple(columns)
        found = self._readers.get(key)
        if found is None:
            result = self._signature.result
            if result is None:
                raise QueryError(f"{self.query}: the function returns no rows, so there is nothing to read")
            place = f"{self.query} ({self.statement.place})"
            found = self._readers[key] = compile_reader(result, key, self.dialect, place)
        return found

    @property
    def slots(self) -> tuple[tuple[str, str | None], ...]:
        """What each placeholder binds: a parameter and, where there is one, its attribute."""
        return self._sql.slots

    def place(self, offset: int | None = None) -> Place:
        """Where the statement, or the character at an offset of its text, stands in its file."""
        return self.statement.place if offset is None else self._sql.place_of(offset)

    def __repr__(self) -> str:
        return f"CompiledStatement({self.query} for {self.dialect})"


class Shapes(dict[int, CompiledStatement]):
    """The shapes of a function's statement on one store, each compiled when it is first called.

    A shape is a set of bits, one for each parameter of `optional` whose argument differs from its default.
    """

    def __init__(
        self,
        signature: Signature,
        statement: Statement,
        dialect: Dialect,
        pager: Pager | None,
        entity: Callable[[], str],
    ) -> None:
        self.signature = signature
        self.statement = statement
        self.dialect: Dialect = dialect
        self.pager = pager
        self.entity = entity
        self.optional = optional_parameters(signature, statement)

    def __missing__(self, shape: int) -> CompiledStatement:
        given = {name for bit, name in enumerate(self.optional) if shape >> bit & 1}

        def keeps(line: Line) -> bool:
            return not line.optional or all(self._is_given(token.parameter[0], given) for token in line.parameters)

        sql = self.statement.render(self.dialect, keeps)

        def bind(*arguments: Any) -> Any:
            # Written at the first call: what is only verified is never bound.
            made.bind = self._binder(sql)
            return made.bind(*arguments)

        nulls = tuple(self._can_be_null(name, attribute, given) for name, attribute in sql.slots)
        made = CompiledStatement(
            self.signature, self.statement, sql, self.dialect, bind, self.entity(), nulls, self._has_secrets(sql)
        )
        self[shape] = made
        return made

    def _is_given(self, name: str, given: set[str]) -> bool:
        parameter = self.signature.parameters.get(name)
        return parameter is not None and (parameter.required or name in given)

    def _has_secrets(self, sql: SqlText) -> bool:
        """Whether a value that the statement binds or returns may be a secret."""
        result = self.signature.result
        bound = any(self._source(name, attribute)[0].masked_by for name, attribute in sql.slots)
        return bound or (result is not None and result.has_secrets)

    def _can_be_null(self, name: str, attribute: str | None, given: set[str]) -> bool:
        """Whether a placeholder can be bound to NULL when the arguments of `given` differ from their defaults."""
        kind = self._source(name, attribute)[0]
        differs_from_none = name in given and self.signature.parameters[name].default is None
        return kind.nullable and not (attribute is None and differs_from_none)

    def _binder(self, sql: SqlText) -> Bind:
        """The function from the executor and the arguments to what the driver takes, written out and compiled."""
        scope: dict[str, Any] = dict(NAMES)
        shared: list[str] = []
        of_row: list[str] = []
        values: list[str] = []
        rows = next((p.name for p in self.signature.parameters.values() if p.many), None)
        for number, (name, attribute) in enumerate(sql.slots):
            kind, given = self._source(name, attribute)
            scope[f"_{number}"] = kind.encoder(self.dialect)
            if rows is not None:
                (of_row if name == rows else shared).append(f" for __given{number} in ({given},)")
                given = f"__given{number}"
            values.append(self._value(kind, number, given))
        made = f"({''.join(f'{value}, ' for value in values)})"
        if rows is not None:
            # `for name in (value,)` assigns: what all rows share is made once, what a row holds is read once.
            made = f"[{made}{''.join(shared)} for __row in {rows}{''.join(of_row)}]"
        if made.count("__db.now()") > 1 or (rows is not None and "__db.now()" in made):
            made = f"(__now := __db.now()) and {made.replace('__db.now()', '__now')}"  # one call, one time
        binder: Bind = eval(f"lambda {', '.join(('__db', *self.signature.parameters))}: {made}", scope)
        return binder

    def _source(self, name: str, attribute: str | None) -> tuple[ColumnType, str]:
        """The type of what a placeholder binds, and the expression that it comes from."""
        if name == CLOCK:
            return _CLOCK, "__db.now()"
        parameter = self.signature.parameters[name]
        owner = "__row" if parameter.many else name
        kind, given = self._type(parameter, attribute), owner if attribute is None else f"{owner}.{attribute}"
        return kind, f"(__db.now() if {given} is None else {given})" if kind.clock else given

    def _value(self, kind: ColumnType, number: int, given: str) -> str:
        """The expression of one bound value: as it is given where a test allows that, else converted."""
        converted = f"_{number}({given})"
        if kind.age:
            return f"_moment_to_{self.dialect}({self._present()}, {converted})"
        if kind.limit:
            return f"__db.limits.{kind.limit}({converted})"
        inline = kind.inline.get(f"to_{self.dialect}")
        if inline is None or not given.replace(".", "").isidentifier():
            return converted
        return inline.write(given, converted)

    def _present(self) -> str:
        """The expression of the moment from which ages count: a parameter `now` where there is one, else the clock."""
        clock = "__db.now()"
        return f"({clock} if {CLOCK} is None else _timestamp({CLOCK}))" if CLOCK in self.signature.parameters else clock

    def bound_type(self, name: str, attribute: str | None) -> ColumnType:
        """The type of what a placeholder of this parameter, and attribute, binds."""
        return self._source(name, attribute)[0]

    def _type(self, parameter: Parameter, attribute: str | None) -> ColumnType:
        if self.pager is not None and parameter.name == "cursor":
            return dict(self.pager.keys)[attribute or ""]
        if attribute is None:
            if parameter.type is None:
                raise self.signature.fail(f"parameter {parameter.name} is bound by its attributes only")
            return parameter.type
        return column_type(parameter.attributes[attribute])

    def _encoder(self, kind: ColumnType, db: Executor) -> Callable[[Any], Any]:
        encode = kind.encoder(self.dialect)
        if not kind.limit:
            return encode
        limited = getattr(db.limits, kind.limit)
        return lambda value: limited(encode(value))

    def refusal(
        self, db: Executor, statement: CompiledStatement, error: Exception, arguments: tuple[Any, ...]
    ) -> WaveDataError:
        """The error for arguments that `bind` failed on, naming the parameter."""
        given = dict(zip(self.signature.parameters, arguments, strict=True))
        slots = [slot for slot in statement.slots if slot[0] != CLOCK]
        for name, attribute in (*slots, (CLOCK, None)) if CLOCK in given else slots:
            parameter = self.signature.parameters[name]
            convert = self._encoder(self._type(parameter, attribute), db)
            shown = f"{name}.{attribute}" if attribute else name
            try:
                if parameter.many:
                    if not isinstance(given[name], Iterable):
                        return InvalidValue(f"{self.signature.title}: {name}: a sequence of rows was expected")
                    for index, row in enumerate(given[name]):
                        shown = f"{name}[{index}].{attribute}"
                        convert(getattr(row, attribute or ""))
                else:
                    convert(given[name] if attribute is None else getattr(given[name], attribute))
            except WaveDataError as found:
                return type(found)(f"{self.signature.title}: {shown}: {found}")
            except (TypeError, ValueError, AttributeError) as found:
                return InvalidValue(f"{self.signature.title}: {shown}: {found}")
        return InvalidValue(f"{self.signature.title}: {error}")


def optional_parameters(signature: Signature, statement: Statement) -> tuple[str, ...]:
    """The parameters that decide which optional lines stay."""
    names = dict.fromkeys(t.parameter[0] for line in statement.lines if line.optional for t in line.parameters)
    return tuple(n for n in names if n in signature.parameters and not signature.parameters[n].required)


_CLOCK = column_type(UtcDatetime)
