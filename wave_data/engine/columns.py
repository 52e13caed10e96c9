"""Columns: what an annotation says of the value that travels."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Len, Lt, MaxLen, MinLen
from pydantic import BaseModel, JsonValue, TypeAdapter

from wave_data.engine import column_kinds as kinds
from wave_data.engine import constraints
from wave_data.engine.conversions import ColumnType
from wave_data.engine.errors import InvalidValue
from wave_data.engine.types import AfterNow, BeforeNow, Default, Masked, Scale, SnapshotLimit, Unlimited, Unset, Utc

T = TypeVar("T")


def column_type(annotation: Any) -> ColumnType:
    """The ColumnType of an annotation. Raises TypeError, with the remedy, for one that no column can hold."""
    metadata: tuple[Any, ...] = ()
    while get_origin(annotation) is Annotated:
        annotation, *outer = get_args(annotation)
        metadata = (*metadata, *outer)
    if any(isinstance(item, BeforeNow) for item in metadata):
        found = kinds.AGE
    elif any(isinstance(item, AfterNow) for item in metadata):
        found = kinds.LEASE_TYPE
    else:
        found = _bare(annotation, next((m for m in metadata if isinstance(m, Scale)), None))
    for item in metadata:
        if isinstance(item, Default):
            found = constraints.with_default(found, item)
        elif isinstance(item, Ge | Gt | Le | Lt | Len | MinLen | MaxLen):
            found = constraints.with_bound(found, item)
        elif isinstance(item, SnapshotLimit):
            found = replace(found, limit="snapshot_text")
        elif isinstance(item, Unlimited):
            found = replace(found, limit="")
        elif isinstance(item, Masked):
            found = replace(found, masked_by=item.flag)
        elif not isinstance(item, Scale | Utc | BeforeNow | AfterNow):
            found = constraints.with_validation(found, annotation, item)
    return found


def check(annotation: Any, value: T, name: str) -> T:
    """The value, where it fits the annotation; for functions that take arguments which no statement binds.

    Raises InvalidValue that names the parameter.
    """
    try:
        column_type(annotation).to_postgres(value)
    except (TypeError, ValueError) as error:
        raise InvalidValue(f"{name}: {error}") from None
    return value


def _bare(annotation: Any, scale: Scale | None) -> ColumnType:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, UnionType):
        return _optional(annotation, scale)
    if origin is Literal:
        return kinds.literal(arguments)
    if annotation in (Any, object, JsonValue, dict) or origin in (dict, Mapping):
        return kinds.json_value(is_object=annotation is dict or origin in (dict, Mapping))
    if origin in (list, Sequence, tuple):
        return kinds.array(column_type(arguments[0]), annotation)
    if annotation is Decimal:
        if scale is None:
            raise TypeError("a Decimal needs its scale: Annotated[Decimal, Scale(14, 6)], or an alias such as Usd")
        return kinds.decimal(scale)
    if isinstance(annotation, type):
        if annotation in kinds.PLAIN:
            return kinds.PLAIN[annotation]
        if issubclass(annotation, Enum):
            return kinds.enum(annotation)
        if issubclass(annotation, BaseModel):
            return kinds.model(TypeAdapter(annotation), annotation.__name__)
    raise TypeError(
        f"no column can hold {annotation!r}: use str, int, float, bool, UUID, datetime, date, bytes, a scaled Decimal, "
        "Literal, Enum, list of these, dict or a pydantic model"
    )


def _optional(annotation: Any, scale: Scale | None) -> ColumnType:
    members = [kind for kind in get_args(annotation) if kind not in (NoneType, Unset)]
    if len(members) != 1:
        raise TypeError(f"one type and None were expected, not {annotation!r}")
    found = _bare(members[0], scale) if scale is not None else column_type(members[0])
    return constraints.or_none(found) if NoneType in get_args(annotation) else found
