"""A PostgreSQL server as seen through a wire that can be listened to and cut."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from types import TracebackType

from wave_data.stores.settings import DatabaseUrl


class Proxy:
    """Forwards connections of the loopback to a server.

    `requests` counts what waits for an answer of the server: one for each Sync, Flush and simple query.
    `before` is asked about each message of the client, by its type and content; when it says so, the wire is cut
    in that moment, before the server has seen the message, or with `after` before the client has seen the answer.
    """

    def __init__(self, url: str) -> None:
        self._target = DatabaseUrl.parse(url)
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.requests = 0
        self.messages: list[tuple[bytes, bytes]] = []
        self.before: Callable[[bytes, bytes], bool] = lambda kind, content: False
        self.after: Callable[[bytes, bytes], bool] = lambda kind, content: False

    async def __aenter__(self) -> "Proxy":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        self.cut()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def url(self) -> str:
        """The URL of the database through the proxy."""
        assert self._server is not None
        port = self._server.sockets[0].getsockname()[1]
        return replace(self._target, host="127.0.0.1", port=port).dbmate

    @property
    def connections(self) -> int:
        """How many connections are open."""
        return len(self._writers) // 2

    def cut(self) -> None:
        """Cut every connection at once."""
        for writer in self._writers:
            writer.transport.abort()

    def listen(self) -> None:
        """Forget what was counted."""
        self.requests = 0
        self.messages.clear()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        far_reader, far_writer = await asyncio.open_connection(self._target.host, self._target.port)
        self._writers |= {writer, far_writer}
        wire = _Wire()
        try:
            await asyncio.gather(
                self._forward_requests(reader, far_writer, wire), self._forward_answers(far_reader, writer, wire)
            )
        except (ConnectionError, asyncio.IncompleteReadError):
            writer.transport.abort()
            far_writer.transport.abort()
        finally:
            self._writers -= {writer, far_writer}
            for each in (writer, far_writer):
                each.close()
                with suppress(ConnectionError):
                    await each.wait_closed()

    async def _forward_requests(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, wire: "_Wire"
    ) -> None:
        length = await reader.readexactly(4)
        writer.write(length + await reader.readexactly(int.from_bytes(length) - 4))
        while True:
            kind = await reader.readexactly(1)
            length = await reader.readexactly(4)
            content = await reader.readexactly(int.from_bytes(length) - 4)
            if kind in b"QSH":
                self.requests += 1
            self.messages.append((kind, content))
            if self.before(kind, content):
                raise ConnectionResetError
            wire.is_doomed = wire.is_doomed or self.after(kind, content)
            writer.write(kind + length + content)

    async def _forward_answers(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, wire: "_Wire") -> None:
        while data := await reader.read(65536):
            if wire.is_doomed and b"Z\x00\x00\x00\x05" in data:
                raise ConnectionResetError
            writer.write(data)
        raise ConnectionResetError


class _Wire:
    """One connection; a doomed one is cut once the server has done its work."""

    is_doomed = False
