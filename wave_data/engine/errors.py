"""Every error that the library raises.

WaveDataError
├── NotFound
├── Conflict
│   ├── InvalidTransition
│   ├── StaleClaim
│   └── BudgetExceeded
├── MissingReference
├── InvalidValue (also a ValueError)
│   └── PayloadTooLarge
├── NotInitialised (also a RuntimeError)
├── ConnectionFailed
├── PoolTimeout
├── PoolClosed
├── QueryTimeout
├── OutcomeUnknown
├── SerializationFailure
├── MigrationError
├── BackupError
├── RowMappingError
└── QueryError
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import ClassVar, cast


class WaveDataError(Exception):
    """The root: catch it to catch everything that the library raises.

    `retryable` says whether the same unit of work may succeed when it is run again as a whole.
    """

    retryable: ClassVar[bool] = False

    def __init__(
        self,
        message: str,
        *,
        entity: str | None = None,
        key: object = None,
        constraint: str | None = None,
    ) -> None:
        super().__init__(message)
        self.entity = entity
        self.key = key
        self.constraint = constraint

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuilt, (type(self), self.args, vars(self))


class NotFound(WaveDataError):
    """The addressed row is absent."""

    def __init__(self, entity: str, key: object) -> None:
        super().__init__(f"{entity} {_shown(key)} not found", entity=entity, key=key)


class Conflict(WaveDataError):
    """A unique key is taken, or other rows forbid the change."""


class InvalidTransition(Conflict):
    """The current status does not allow the move.

    `current` is the status found, `requested` the one asked for, `allowed` those that `current` can move to.
    """

    def __init__(self, entity: str, key: object, *, current: str, requested: str, allowed: Sequence[str]) -> None:
        choices = ", ".join(allowed) if allowed else "nothing: it is final"
        super().__init__(
            f"{entity} {_shown(key)} is {current} and cannot become {requested}; allowed from here: {choices}",
            entity=entity,
            key=key,
        )
        self.current = current
        self.requested = requested
        self.allowed = tuple(allowed)


class StaleClaim(Conflict):
    """The claim does not hold: its lease ran out, it was given back, or the row has ended; nothing was changed.

    `fence` is that of the claim, None where a row under a lease was addressed without one; `current` is the status
    found.
    """

    def __init__(self, entity: str, key: object, *, current: str, fence: int | None) -> None:
        problem = (
            f"{current} under a lease; give the fence of the claim"
            if fence is None
            else f"{current}, and the claim with the fence {fence} does not hold it"
        )
        super().__init__(f"{entity} {_shown(key)} is {problem}", entity=entity, key=key)
        self.current = current
        self.fence = fence


class BudgetExceeded(Conflict):
    """A guarded charge would pass the budget; nothing was charged. `remaining` is what the budget still holds."""

    def __init__(self, message: str, *, remaining: Decimal, entity: str | None = None, key: object = None) -> None:
        super().__init__(message, entity=entity, key=key)
        self.remaining = remaining


class MissingReference(WaveDataError):
    """A row that a foreign key names is absent."""


class InvalidValue(WaveDataError, ValueError):
    """An argument is wrong, or a CHECK refused it."""


class PayloadTooLarge(InvalidValue):
    """A JSON value is larger than the limit."""


class NotInitialised(WaveDataError, RuntimeError):
    """A database was used before it was opened."""


class ConnectionFailed(WaveDataError):
    """The database cannot be reached, or the connection broke before anything could be lost."""

    retryable = True


class PoolTimeout(WaveDataError):
    """No connection became free within the acquire timeout."""


class PoolClosed(WaveDataError):
    """The database is closed or closing."""


class QueryTimeout(WaveDataError):
    """A statement ran longer than the statement timeout."""


class OutcomeUnknown(WaveDataError):
    """The connection broke while a COMMIT or a single write was in flight: it may or may not have happened."""


class SerializationFailure(WaveDataError):
    """Other transactions got in the way (serialisation, deadlock, locked database), retries included."""

    retryable = True


class MigrationError(WaveDataError):
    """A migration failed, or the schema is not the one that the code needs."""


class BackupError(WaveDataError):
    """A backup could not be made, verified or restored."""


class RowMappingError(WaveDataError):
    """A row does not fit the type that its function returns."""


class QueryError(WaveDataError):
    """A statement, its function or their agreement is wrong; also the fallback for other database errors."""


def _rebuilt(kind: type[WaveDataError], args: tuple[object, ...], state: dict[str, object]) -> WaveDataError:
    """A copied or unpickled error: its attributes are kept, whatever its constructor takes."""
    error = kind.__new__(kind, *args)
    error.args = args
    vars(error).update(state)
    return error


def _shown(key: object) -> str:
    if isinstance(key, tuple):
        return "(" + ", ".join(map(str, cast(tuple[object, ...], key))) + ")"
    return str(key)
