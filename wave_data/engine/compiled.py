"""A statement made ready for one store: its text, the function that binds arguments, and the readers of its rows."""

from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from wave_data.engine.columns import ColumnType, Convert, column_type
from wave_data.engine.errors import InvalidValue, QueryError, WaveDataError
from wave_data.engine.page import Pager
from wave_data.engine.records import Column, Reader, compile_reader
from wave_data.engine.signature import Parameter, Signature
from wave_data.engine.sql_file import CLOCK, Dialect, Line, Place, SqlText, Statement
from wave_data.engine.types import UtcDatetime

Bind = Callable[..., Any]


class CompiledStatement:
    """One shape of a statement for one store.

    `bind(db, *arguments)` gives the tuple for the driver (a list of tuples for a bulk statement).
    """

    __slots__ = (
        "_readers",
        "_signature",
        "_sql",
        "bind",
        "dialect",
        "entity",
        "query",
        "reads_only",
        "returns_rows",
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
    ) -> None:
        self.query = signature.title
        self.entity = entity
        self.dialect: Dialect = dialect
        self.text = sql.text
        self.bind = bind
        self.statement = statement
        self.reads_only = not statement.writes
        self.returns_rows = statement.returns_rows
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
    def parameter_count(self) -> int:
        """The number of placeholders."""
        return len(self._sql.slots)

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
        bind = self._binder(sql)
        made = CompiledStatement(self.signature, self.statement, sql, self.dialect, bind, self.entity())
        self[shape] = made
        return made

    def _is_given(self, name: str, given: set[str]) -> bool:
        parameter = self.signature.parameters.get(name)
        return parameter is not None and (parameter.required or name in given)

    def _binder(self, sql: SqlText) -> Bind:
        scope: dict[str, Any] = {}
        many: Parameter | None = None
        values: list[str] = []
        for number, (name, attribute) in enumerate(sql.slots):
            parameter = self.signature.parameters.get(name)
            if name == CLOCK:
                value, convert = "db.now()", _CLOCK.encoder(self.dialect)
            elif parameter is not None and parameter.many:
                many, value = parameter, f"row.{attribute}"
                convert = self._type(parameter, attribute).encoder(self.dialect)
            elif parameter is not None:
                value = name if attribute is None else f"{name}.{attribute}"
                convert = self._type(parameter, attribute).encoder(self.dialect)
            else:
                raise self.signature.fail(f"the statement binds :{name}, which is no parameter")
            scope[f"_{number}"] = convert
            values.append(f"_{number}({value}), ")
        arguments = ", ".join(("db", *self.signature.parameters))
        made = f"({''.join(values)})"
        if many is not None:
            made = f"[{made} for row in {many.name}]"
        binder: Bind = eval(f"lambda {arguments}: {made}", scope)
        return binder

    def _type(self, parameter: Parameter, attribute: str | None) -> ColumnType:
        if self.pager is not None and parameter.name == "cursor":
            return dict(self.pager.keys)[attribute or ""]
        if attribute is None:
            if parameter.type is None:
                raise self.signature.fail(f"parameter {parameter.name} is bound by its attributes only")
            return parameter.type
        return column_type(parameter.attributes[attribute])

    def refuse(self, error: Exception, db: Any, arguments: tuple[Any, ...]) -> NoReturn:
        """Raise the InvalidValue for arguments that `bind` failed on, naming the parameter."""
        signature = self.signature
        given = dict(zip(signature.parameters, arguments, strict=True))
        for name, attribute in dict.fromkeys(t.parameter for t in self.statement.parameters):
            if name not in given or (given[name] is signature.parameters[name].default and name == "cursor"):
                continue
            parameter = signature.parameters[name]
            convert = self._type(parameter, attribute).encoder(self.dialect)
            rows = given[name] if parameter.many else [given[name]]
            try:
                members = list(rows)
            except TypeError:
                raise InvalidValue(f"{signature.title}: {name}: a sequence of rows was expected") from None
            for index, row in enumerate(members):
                shown = (
                    f"{name}[{index}].{attribute}"
                    if parameter.many
                    else f"{name}{f'.{attribute}' if attribute else ''}"
                )
                _try(convert, row, attribute, f"{signature.title}: {shown}")
        raise InvalidValue(f"{signature.title}: {error}") from None


def _try(convert: Convert, row: Any, attribute: str | None, place: str) -> None:
    try:
        convert(row if attribute is None else getattr(row, attribute))
    except WaveDataError as error:
        raise type(error)(f"{place}: {error}") from None
    except (TypeError, ValueError, AttributeError) as error:
        raise InvalidValue(f"{place}: {error}") from None


def optional_parameters(signature: Signature, statement: Statement) -> tuple[str, ...]:
    """The parameters that decide which optional lines stay."""
    names = dict.fromkeys(t.parameter[0] for line in statement.lines if line.optional for t in line.parameters)
    return tuple(n for n in names if n in signature.parameters and not signature.parameters[n].required)


_CLOCK = column_type(UtcDatetime)
