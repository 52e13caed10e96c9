"""dbmate's own table: the versions of the migrations that are applied."""

from wave_data.engine import Executor, query


@query
async def list_versions(db: Executor) -> list[str]:
    """The versions of the applied migrations, oldest first."""
    ...
