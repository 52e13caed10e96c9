"""client_sessions: the connections of clients, and whether they are still there."""

from collections.abc import AsyncIterator
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from wave_data.engine import Affected, Executor, Page, Record, query
from wave_data.engine.errors import InvalidTransition
from wave_data.engine.types import Age, Default, JsonObject, NewId, Text, UtcDatetime

ConnectionType = Literal["websocket", "http", "grpc"]


class ClientSession(Record):
    """The connection of a client."""

    shown: ClassVar[tuple[str, ...]] = ("id", "client_id", "is_active")

    id: UUID
    client_id: str
    user_id: str | None
    connection_type: ConnectionType
    is_active: bool
    metadata: JsonObject
    last_heartbeat: UtcDatetime
    created_at: UtcDatetime
    updated_at: UtcDatetime

    @property
    def is_authenticated(self) -> bool:
        """Whether the user behind the client is known."""
        return self.user_id is not None


@query
async def create(
    db: Executor,
    client_id: Text,
    connection_type: ConnectionType = "websocket",
    user_id: Text | None = None,
    metadata: Annotated[JsonObject | None, Default({})] = None,
    id: NewId = None,
) -> ClientSession:
    """Insert an active session whose first heartbeat is now. Raises Conflict when the id is taken."""
    ...


@query
async def get(db: Executor, id: UUID) -> ClientSession:
    """The session. Raises NotFound."""
    ...


@query
async def find(db: Executor, id: UUID) -> ClientSession | None:
    """The session, or None."""
    ...


@query
async def find_by_client(db: Executor, client_id: Text) -> ClientSession | None:
    """The client's session: an active one before an inactive one, then the one with the newest heartbeat."""
    ...


@query
async def find_many(
    db: Executor,
    client_id: Text | None = None,
    user_id: Text | None = None,
    is_active: bool | None = None,
    limit: int = 100,
    cursor: str | None = None,
) -> Page[ClientSession]:
    """Sessions, newest first."""
    ...


@query
def iterate(
    db: Executor, client_id: Text | None = None, user_id: Text | None = None, is_active: bool | None = None
) -> AsyncIterator[ClientSession]:
    """All matching sessions, newest first."""
    ...


@query
async def list_by_client(
    db: Executor, client_id: Text, limit: int = 100, cursor: str | None = None
) -> Page[ClientSession]:
    """The sessions of a client, newest first."""
    ...


@query
async def list_by_user(db: Executor, user_id: Text, limit: int = 100, cursor: str | None = None) -> Page[ClientSession]:
    """The sessions of a user, newest first."""
    ...


@query
async def list_active(db: Executor, limit: int = 100, cursor: str | None = None) -> Page[ClientSession]:
    """Active sessions, the newest heartbeat first."""
    ...


@query
async def list_inactive(db: Executor, limit: int = 100, cursor: str | None = None) -> Page[ClientSession]:
    """Inactive sessions, the one changed last first."""
    ...


@query
async def list_stale(
    db: Executor, stale_after: Age, limit: int = 100, cursor: str | None = None, now: UtcDatetime | None = None
) -> Page[ClientSession]:
    """Active sessions whose last heartbeat is longer ago than `stale_after`, the oldest heartbeat first.

    The age counts back from `now`, by default the database's clock; exactly so long ago is not stale.
    """
    ...


@query
async def count(
    db: Executor, client_id: Text | None = None, user_id: Text | None = None, is_active: bool | None = None
) -> int:
    """The number of matching sessions."""
    ...


@query
async def count_active(db: Executor) -> int:
    """The number of active sessions."""
    ...


async def heartbeat(db: Executor, id: UUID) -> ClientSession:
    """Take note that the client is there. Raises NotFound, and InvalidTransition for an inactive session."""
    beaten = await _heartbeat(db, id)
    if beaten is not None:
        return beaten
    session = await get(db, id)
    raise InvalidTransition("client_session", session.id, current="inactive", requested="alive", allowed=("active",))


@query
async def _heartbeat(db: Executor, id: UUID) -> ClientSession | None: ...


@query
async def activate(db: Executor, id: UUID) -> ClientSession:
    """Make a session active, with a heartbeat now, so that it is not stale at once. Raises NotFound."""
    ...


@query
async def deactivate(db: Executor, id: UUID) -> ClientSession:
    """Make a session inactive; one that is so already stays as it is. Raises NotFound."""
    ...


@query
async def cleanup_stale(db: Executor, stale_after: Age, now: UtcDatetime | None = None) -> list[UUID]:
    """Deactivate every stale session, as list_stale tells them; the ids. One that beats meanwhile survives."""
    ...


@query
async def set_user(db: Executor, id: UUID, user_id: Text | None) -> ClientSession:
    """Say which user is behind the client; None for nobody. Raises NotFound."""
    ...


@query
async def set_metadata(db: Executor, id: UUID, metadata: JsonObject) -> ClientSession:
    """Replace the metadata. Raises NotFound."""
    ...


@query
async def merge_metadata(db: Executor, id: UUID, patch: JsonObject) -> ClientSession:
    """Set the top-level keys of the patch; a None is stored as null, the other keys stay. Raises NotFound."""
    ...


@query
async def delete(db: Executor, id: UUID, missing_ok: bool = True) -> bool:
    """Remove the session; whether there was one.

    Raises NotFound when it is absent and missing_ok is False.
    """
    ...


@query
async def delete_inactive(db: Executor, older_than: Age | None = None) -> Affected:
    """Remove the inactive sessions, or those that have been so for longer than `older_than`; how many."""
    ...
