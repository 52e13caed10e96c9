"""The two kinds of SQL, one for each store."""

from typing import Literal

Dialect = Literal["postgres", "sqlite"]
DIALECTS: tuple[Dialect, ...] = ("postgres", "sqlite")
