"""Records, and what a row of a query becomes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, ClassVar, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict
from pydantic.fields import FieldInfo

from wave_data.engine.columns import column_type
from wave_data.engine.conversions import ColumnType
from wave_data.engine.dialect import Dialect
from wave_data.engine.json_text import decode_json


class Record(BaseModel):
    """An immutable row, or another typed value that a query returns.

    Columns without a field are ignored, so that code keeps running while a newer migration is live.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", revalidate_instances="never")

    shown: ClassVar[tuple[str, ...]] = ()
    """The fields that `repr` shows; all of them when empty."""

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        if not self.shown:
            return super().__repr_args__()
        return [(name, getattr(self, name)) for name in self.shown]


class Column(NamedTuple):
    """A column of a result; `type` is its PostgreSQL type, None where the driver does not tell."""

    name: str
    type: str | None = None


@dataclass(frozen=True)
class Result:
    """What one row becomes: a record, a scalar, or a pair of key and value."""

    kind: type[BaseModel] | None
    scalars: tuple[ColumnType, ...] = ()
    name: str = ""

    @classmethod
    def of(cls, annotation: Any) -> "Result":
        """The result that an annotation describes. Raises TypeError for one that no column can hold."""
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            _check_fields(annotation)
            return cls(annotation, name=annotation.__name__)
        scalar = column_type(annotation)
        if scalar.masked_by:
            raise TypeError(f"a secret comes in a record with its {scalar.masked_by}, which a scalar lacks")
        return cls(None, (scalar,), name=_name(annotation))

    @property
    def has_secrets(self) -> bool:
        """Whether a field of the record may be a secret."""
        return self.kind is not None and _has_secrets(self.kind)

    @classmethod
    def pair(cls, key: Any, value: Any) -> "Result":
        """The result of two columns, a key and its value."""
        return cls(None, (column_type(key), column_type(value)), name=f"({key}, {value})")


@cache
def _check_fields(kind: type[BaseModel]) -> None:
    """Raise TypeError for a field that no column can hold."""
    for name, field in kind.model_fields.items():
        try:
            nested = record_in(field.annotation)
            if nested is not None:
                _check_fields(nested)
            elif json_type(field.annotation, "sqlite") is None:
                type_of(field)
        except TypeError as error:
            raise TypeError(f"{kind.__name__}.{name}: {error}") from None


@cache
def _has_secrets(kind: type[BaseModel]) -> bool:
    nested = (record_in(field.annotation) for field in kind.model_fields.values())
    return any(record is not None and _has_secrets(record) for record in nested) or any(
        found.masked_by for found in plain_columns(kind).values()
    )


def plain_columns(kind: type[BaseModel]) -> dict[str, ColumnType]:
    """The column types of a record's fields, those aside that hold records."""
    return {
        name: type_of(field)
        for name, field in kind.model_fields.items()
        if record_in(field.annotation) is None and json_type(field.annotation, "sqlite") is None
    }


def _name(annotation: Any) -> str:
    return str(getattr(annotation, "__name__", annotation))


def field_annotation(field: FieldInfo) -> Any:
    """The annotation of a record's field as it was written, metadata included."""
    annotation: Any = field.annotation
    for item in field.metadata:
        annotation = Annotated[annotation, item]
    return annotation


def type_of(field: FieldInfo) -> ColumnType:
    """The column type of a record's field."""
    return column_type(field_annotation(field))


@cache
def field_type(kind: type[BaseModel], name: str, dialect: Dialect) -> ColumnType:
    """The column type of a record's field; of a field that is a record, that of a JSON column which holds it."""
    field = kind.model_fields[name]
    return json_type(field.annotation, dialect) or type_of(field)


def record_in(annotation: Any) -> type[BaseModel] | None:
    """The record class of an annotation `R` or `R | None`."""
    kinds = get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)
    found = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Record)]
    return found[0] if len(found) == 1 and set(kinds) <= {found[0], NoneType} else None


def json_type(annotation: Any, dialect: Dialect) -> ColumnType | None:
    """The column type of records inside a JSON value, one or a list, whose members are named after their columns."""
    kind, many = record_in(annotation), False
    if kind is None and get_origin(annotation) is list:
        kind, many = record_in(get_args(annotation)[0]), True
    if kind is None:
        return None
    if _has_secrets(kind):
        raise TypeError(f"{kind.__name__} has a secret, which masked in rows and not in JSON; join its table")
    model = kind
    decoders = {name: _from_json(type_of(field), dialect) for name, field in model.model_fields.items()}

    def read(item: dict[str, Any]) -> BaseModel:
        known = {name: value for name, value in item.items() if name in decoders}
        values = {name: decoders[name](value) for name, value in known.items()}
        return model.model_validate(values, by_alias=False, by_name=True)

    def decode(text: str) -> Any:
        value = decode_json(text)
        return [read(item) for item in value] if many else read(value)

    plain = column_type(dict[str, Any])
    nullable = NoneType in get_args(annotation)
    return replace(plain, name=model.__name__, from_postgres=decode, from_sqlite=decode, nullable=nullable, inline={})


def _from_json(kind: ColumnType, dialect: Dialect) -> Callable[[Any], Any]:
    """How a column's value inside a JSON value is read: as SQLite's text, but for what JSON carries itself."""
    if kind.name in ("json", "object", "array"):
        return lambda value: value
    if kind.name == "decimal" and dialect == "postgres":
        return lambda value: None if value is None else kind.to_postgres(str(value))
    decode = kind.from_sqlite
    return lambda value: value if value is None or decode is None else decode(value)
