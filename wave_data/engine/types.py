"""The annotated types of parameters and record fields: what they accept, and how each store carries them."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal, InvalidOperation
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from annotated_types import Ge, Le
from pydantic import AfterValidator, GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from wave_data.engine.identifiers import uuid7
from wave_data.engine.timestamps import timestamp_text, to_utc

__all__ = [
    "LEASE",
    "UNSET",
    "Age",
    "AuditedState",
    "BigCount",
    "BigInteger",
    "ClaimLimit",
    "Count",
    "Default",
    "Integer",
    "Json",
    "JsonObject",
    "Lease",
    "Milliseconds",
    "NewId",
    "NowByDefault",
    "Percent",
    "PositiveCount",
    "RoundedFloat",
    "Scale",
    "Secret",
    "Slug",
    "Snapshot",
    "Text",
    "TextArray",
    "Unset",
    "Usd",
    "UsdAmount",
    "UtcDatetime",
    "timestamp_text",
]


class Unset:
    """The type of UNSET."""

    def __repr__(self) -> str:
        return "UNSET"

    def __bool__(self) -> Literal[False]:
        return False


UNSET: Final = Unset()
"""The default of a field that an update leaves as it is; None clears it."""


LEASE: Final = timedelta(minutes=5)
"""How long a claim holds without a heartbeat, where the worker does not say."""


MASK: Final = "********"
"""What rows show in place of a secret."""


PRECISE = Context(prec=100)
"""The context of the conversions, so that they do not depend on the caller's."""


@dataclass(frozen=True)
class Scale:
    """A decimal of `precision` digits, `scale` of them behind the point: numeric on PostgreSQL, scaled on SQLite."""

    precision: int
    scale: int

    def quantise(self, value: object) -> Decimal:
        """The exact decimal, rounded half to even to the scale.

        Takes Decimal, int and numeric text. Raises TypeError for a float, ValueError for what is not finite or does
        not fit the precision.
        """
        if isinstance(value, bool) or not isinstance(value, Decimal | int | str):
            raise TypeError(f"a Decimal, int or numeric text was expected, not {type(value).__name__}")
        try:
            number = Decimal(value)
        except InvalidOperation:
            raise ValueError("the text is not a decimal number") from None
        if not number.is_finite():
            raise ValueError("a finite number was expected")
        if abs(number) >= self.limit:
            raise ValueError(f"at most {self.precision - self.scale} digits before the point fit")
        rounded = number.quantize(Decimal((0, (1,), -self.scale)), ROUND_HALF_EVEN, PRECISE)
        if abs(rounded) >= self.limit:
            raise ValueError(f"at most {self.precision - self.scale} digits before the point fit")
        return rounded or abs(rounded)

    @property
    def limit(self) -> Decimal:
        """The first number too large for the precision."""
        return Decimal(10) ** (self.precision - self.scale)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(_as_value_error(self.quantise), handler(source))


@dataclass(frozen=True)
class Utc:
    """An aware datetime, kept in UTC."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(to_utc, handler(source))


@dataclass(frozen=True)
class BeforeNow:
    """A span of time, bound as the moment that long before the database's clock."""


class SnapshotLimit:
    """A JSON value held to the limit of snapshots, not that of any JSON value."""


class Unlimited:
    """A JSON value whose size the library bounds itself, so that no limit holds for it."""


@dataclass(frozen=True)
class AfterNow:
    """A span of time, bound as the moment that long after the database's clock."""


@dataclass(frozen=True)
class Masked:
    """A text that is a secret where the column `flag` of its row is true.

    A record that is read from such a row has MASK in its place, and errors of a statement that binds or returns the
    text keep to themselves what the driver repeats of the row.
    """

    flag: str


class Default:
    """What a parameter binds in place of None: a value, a result of a factory, or the time by the database's clock."""

    def __init__(
        self, value: object = None, *, factory: Callable[[], object] | None = None, clock: bool = False
    ) -> None:
        self.value = value
        self.factory = factory
        self.clock = clock

    def __repr__(self) -> str:
        if self.clock:
            return "Default(clock=True)"
        return f"Default({self.value!r})" if self.factory is None else f"Default(factory={self.factory.__name__})"


def _as_value_error(check: Callable[[object], Decimal]) -> Callable[[object], Decimal]:
    def validate(value: object) -> Decimal:
        try:
            return check(value)
        except TypeError as error:
            raise ValueError(str(error)) from None

    return validate


def _to_hundredths(value: float) -> float:
    return float(Decimal(repr(value)).quantize(Decimal("0.01"), ROUND_HALF_UP, PRECISE))


def _check_slug(value: str) -> str:
    if not _SLUG.fullmatch(value):
        raise ValueError(
            "1 to 100 letters, digits, dots, underscores and hyphens were expected, the first a letter or digit"
        )
    return value


_SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")

Text = str
Slug = Annotated[str, AfterValidator(_check_slug)]
Json = Any
JsonObject = dict[str, Any]
Snapshot = Annotated[JsonObject, SnapshotLimit()]
AuditedState = Annotated[JsonObject, Unlimited()]
TextArray = list[str]
Secret = Annotated[str, Masked("is_secret")]
UtcDatetime = Annotated[datetime, Utc()]
Age = Annotated[timedelta, BeforeNow()]
Lease = Annotated[timedelta, AfterNow()]
Integer = Annotated[int, Ge(-(2**31)), Le(2**31 - 1)]
BigInteger = Annotated[int, Ge(-(2**63)), Le(2**63 - 1)]
Count = Annotated[int, Ge(0), Le(2**31 - 1)]
Milliseconds = Annotated[float, Ge(0)]
RoundedFloat = Annotated[float, AfterValidator(_to_hundredths)]
BatchSize = Annotated[int, Ge(1), Le(10_000)]
PositiveCount = Annotated[int, Ge(1), Le(2**31 - 1)]
ClaimLimit = Annotated[int, Ge(1), Le(1000)]
BigCount = Annotated[int, Ge(0), Le(2**63 - 1)]
Usd = Annotated[Decimal, Scale(14, 6)]
UsdAmount = Annotated[Decimal, Scale(14, 6), Ge(0)]
Percent = Annotated[Decimal, Scale(5, 2), Ge(0), Le(100)]
NewId = Annotated[UUID | None, Default(factory=uuid7)]
NowByDefault = Annotated[UtcDatetime | None, Default(clock=True)]
