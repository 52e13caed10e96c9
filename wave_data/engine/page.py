"""Keyset pages: a limit, and a cursor that says after which row the next page begins."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from types import SimpleNamespace
from typing import Generic, TypeVar

from pydantic_core import from_json, to_json

from wave_data.engine.conversions import ColumnType
from wave_data.engine.errors import InvalidValue

T = TypeVar("T")

MAX_LIMIT = 1000
_DIGEST_BYTES = 9


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some of the rows of a list; `next_cursor` continues it and is None on the last page."""

    items: list[T]
    next_cursor: str | None


class Pager:
    """Cuts the pages of one operation.

    A cursor holds the sort key of the last row and a digest of the operation, its filters and that key, so that one
    from elsewhere or an altered one is refused.
    """

    def __init__(self, operation: str, keys: Sequence[tuple[str, ColumnType]]) -> None:
        self.operation = operation
        self.keys = tuple(keys)

    def size(self, limit: object) -> int:
        """The checked limit of a page."""
        if not isinstance(limit, int) or isinstance(limit, bool) or not 1 <= limit <= MAX_LIMIT:
            raise InvalidValue(f"{self.operation}: limit must be a whole number from 1 to {MAX_LIMIT}, not {limit!r}")
        return limit

    def read(self, cursor: object, filters: tuple[object, ...]) -> SimpleNamespace:
        """The sort key inside a cursor, one attribute for each column. Raises InvalidValue for a foreign cursor."""
        try:
            if not isinstance(cursor, str):
                raise TypeError("not text")
            raw = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
            digest, payload = raw[:_DIGEST_BYTES], raw[_DIGEST_BYTES:]
            if digest != self._digest(payload, filters) or self._text(raw) != cursor:
                raise ValueError("not of this list")
            values = from_json(payload)
        except (TypeError, ValueError, binascii.Error):
            raise InvalidValue(
                f"{self.operation}: the cursor is not one that this operation gave for these filters;"
                " pass a page's next_cursor, or None for the first page"
            ) from None
        return SimpleNamespace(
            **{
                name: value if kind.from_sqlite is None else kind.from_sqlite(value)
                for (name, kind), value in zip(self.keys, values, strict=True)
            }
        )

    def cut(self, rows: list[T], size: int, filters: tuple[object, ...]) -> Page[T]:
        """The page of `rows`, of which there is one more than `size` when another page follows; it keeps their list."""
        if len(rows) <= size:
            return Page(rows, None)
        del rows[size:]
        last = rows[-1]
        values = [kind.to_sqlite(getattr(last, name)) for name, kind in self.keys]
        payload = to_json(values)
        return Page(rows, self._text(self._digest(payload, filters) + payload))

    def _digest(self, payload: bytes, filters: tuple[object, ...]) -> bytes:
        scope = f"{self.operation}\0{filters!r}\0".encode(errors="surrogatepass")
        return blake2b(scope + payload, digest_size=_DIGEST_BYTES).digest()

    @staticmethod
    def _text(raw: bytes) -> str:
        return urlsafe_b64encode(raw).decode().rstrip("=")
