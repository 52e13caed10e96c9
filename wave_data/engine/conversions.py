"""The conversions of one value between Python and each store."""

from binascii import unhexlify
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

from wave_data.engine import values
from wave_data.engine.json_text import decode_json
from wave_data.engine.types import PRECISE

Convert = Callable[[Any], Any]


class Inline(NamedTuple):
    """Expressions over `{0}`: where `test` holds for a value, `result` is what it becomes; by default itself."""

    test: str
    result: str = "{0}"

    def write(self, value: str, otherwise: str) -> str:
        """The expression of the converted `value`."""
        return f"({self.result.format(value)} if {self.test.format(value)} else {otherwise})"


@dataclass(frozen=True, eq=False, kw_only=True)
class ColumnType:
    """The conversions of one annotation.

    The `to_` functions raise TypeError or ValueError for a value that does not fit; a `from_` function of None hands
    the driver's value on. `postgres` names the PostgreSQL types that fit. `validated` tells that a row's value must
    still pass the annotation's own validation; `choices` are the values of a Literal.
    `inline` has, for some of the conversions, what serves in place of a call. `steps` has the statements that make {1}
    of {0}, for a column that often holds the value of the row before, whose conversion then serves. `scale` is the
    number of digits after the point of a decimal, which SQLite keeps as a whole number. `clock` tells that the time it
    is serves in place of None, `age` that the moment so long before now is bound. `masked_by` is the column that tells
    whether the value is a secret.
    """

    name: str
    postgres: tuple[str, ...]
    to_postgres: Convert
    to_sqlite: Convert
    from_postgres: Convert | None = None
    from_sqlite: Convert | None = None
    nullable: bool = False
    validated: bool = False
    choices: tuple[str, ...] = ()
    inline: "Mapping[str, Inline]" = field(default_factory=dict[str, "Inline"])
    steps: "Mapping[str, tuple[str, ...]]" = field(default_factory=dict[str, "tuple[str, ...]"])
    scale: int = 0
    clock: bool = False
    age: bool = False
    masked_by: str = ""
    limit: Literal["", "json_text", "snapshot_text"] = ""

    @property
    def sqlite(self) -> tuple[type, ...]:
        """The types that sqlite3 gives for the values that fit."""
        return _SQLITE_TYPES.get(self.postgres[0], (str,))

    def decoder(self, dialect: str) -> Convert | None:
        """The function that turns the value of a row of `dialect` into Python's, or None where it is the same."""
        return self.from_postgres if dialect == "postgres" else self.from_sqlite

    def encoder(self, dialect: str) -> Convert:
        """The function that checks an argument and turns it into what the driver of `dialect` takes."""
        return self.to_postgres if dialect == "postgres" else self.to_sqlite

    def checked(self, value: object) -> Any:
        """An argument as a row gives it back. Raises TypeError and ValueError."""
        carried = self.to_postgres(value)
        return carried if carried is None or self.from_postgres is None else self.from_postgres(carried)


TO_STORES: tuple[str, ...] = ("to_postgres", "to_sqlite")
"""The conversions of an argument."""

_SQLITE_TYPES: dict[str, tuple[type, ...]] = {
    "int2": (int,),
    "numeric": (int,),
    "bool": (int,),
    "float4": (float, int),
    "bytea": (bytes,),
}


NAMES: dict[str, object] = {
    "_UUID": UUID,
    "_datetime": datetime,
    "_UTC": UTC,
    "_decode_json": decode_json,
    "_multiply": PRECISE.multiply,
    "_moment_to_postgres": values.moment,
    "_moment_to_sqlite": values.moment_text,
    "_timestamp": values.timestamp,
    "_from_bytes": int.from_bytes,
    "_unhexlify": unhexlify,
    "_BareUuid": values.BareUuid,
    "_UNKNOWN": values.UNKNOWN,
}
"""What the expressions of `inline` name besides the value."""
