"""A TCP proxy that holds every request back: `python -m benchmarks.latency HOST PORT SECONDS` prints its own port."""

import asyncio
import sys
from collections import deque


class _Side(asyncio.Protocol):
    """One end of a forwarded connection: what it receives goes to the other end, after a delay."""

    def __init__(self, delay: float) -> None:
        self._delay = delay
        self._waiting: deque[bytes] = deque()
        self.other: asyncio.Transport | None = None

    def data_received(self, data: bytes) -> None:
        self._waiting.append(data)
        if self._delay and self.other is not None:
            asyncio.get_running_loop().call_later(self._delay, self._forward)
        else:
            self._forward()

    def _forward(self) -> None:
        if self.other is not None:
            self.other.write(self._waiting.popleft())

    def connection_lost(self, error: Exception | None) -> None:
        if self.other is not None:
            self.other.close()


class _Client(_Side):
    """The end of the client, whose requests are held back."""

    def __init__(self, host: str, port: int, delay: float) -> None:
        super().__init__(delay)
        self._address = host, port

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.pause_reading()
        self._connecting = asyncio.create_task(self._connect(transport))

    async def _connect(self, transport: asyncio.Transport) -> None:
        server = _Side(0)
        server.other = transport
        self.other, _ = await asyncio.get_running_loop().create_connection(lambda: server, *self._address)
        transport.resume_reading()


async def _serve(host: str, port: int, delay: float) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Client(host, port, delay), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])))
