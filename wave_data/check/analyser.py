"""What asks a database about statements."""

from typing import Protocol

from wave_data.check.facts import StatementFacts
from wave_data.engine.compiled import CompiledStatement
from wave_data.engine.dialect import Dialect


class Analyser(Protocol):
    """A migrated throw-away database that tells what it makes of a statement; nothing that it does stays."""

    @property
    def dialect(self) -> Dialect:
        """The store."""
        ...

    @property
    def server(self) -> str:
        """Name and version, such as `PostgreSQL 18.4`."""
        ...

    def describe(self, statement: CompiledStatement) -> StatementFacts:
        """The facts about one shape. Raises Refused when the database does not take it."""
        ...
