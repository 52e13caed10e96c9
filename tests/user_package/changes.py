"""The functions that the stores share, as statements of their own."""

from wave_data import Executor, UtcDatetime, query
from wave_data.engine.types import Json, JsonObject, TextArray


@query
async def merge(db: Executor, target: JsonObject, patch: JsonObject) -> Json:
    """The target with the members of the patch."""
    ...


@query
async def put(db: Executor, target: JsonObject, key: str, value: str | None) -> Json:
    """The target with one member more."""
    ...


@query
async def put_time(db: Executor, target: JsonObject, key: str, value: UtcDatetime) -> Json:
    """The target with a time."""
    ...


@query
async def without(db: Executor, target: JsonObject, key: str) -> Json:
    """The target without a member."""
    ...


@query
async def append(db: Executor, existing: TextArray, added: TextArray) -> TextArray | None:
    """The texts of both, each once."""
    ...


@query
async def list_titles(db: Executor) -> list[str]:
    """Every title, in order."""
    ...
