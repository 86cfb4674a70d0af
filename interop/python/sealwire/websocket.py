"""One WebSocket connection to a relay, frame by frame.

The library parses and writes RFC 6455; reading and writing stand here, because a
client must see control frames as signs of life, must not follow a redirect to
another host, and must go on reading while its own frames wait.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque

from websockets.client import ClientProtocol
from websockets.exceptions import InvalidURI
from websockets.frames import CloseCode, Frame, Opcode
from websockets.protocol import OPEN, Event
from websockets.uri import parse_uri

_READ_BYTES = 65_536
# Only a relay that takes nothing at all lets so much wait; then it is not read either.
_UNSENT_BYTES = 16 * 1_048_576


class Closed(Exception):
    """The connection has ended, or never began."""


class WebSocket:
    """An open connection. Make it with `connect`."""

    def __init__(
        self,
        protocol: ClientProtocol,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._protocol = protocol
        self._reader = reader
        self._writer = writer
        self._events: deque[Event] = deque()
        writer.transport.set_write_buffer_limits(high=_UNSENT_BYTES)

    @classmethod
    async def connect(cls, url: str, longest: int, patience: float) -> WebSocket:
        """Connects and upgrades; `longest` is the longest message taken in.

        No extension is offered, no proxy asked and no redirect followed.
        """
        try:
            async with asyncio.timeout(patience):
                return await cls._connect(url, longest)
        except (OSError, InvalidURI) as failure:  # TimeoutError is an OSError
            raise Closed(type(failure).__name__) from None

    @classmethod
    async def _connect(cls, url: str, longest: int) -> WebSocket:
        uri = parse_uri(url)
        streams = await asyncio.open_connection(uri.host, uri.port, ssl=uri.secure or None)
        socket = cls(ClientProtocol(uri, max_size=longest), *streams)
        try:
            socket._protocol.send_request(socket._protocol.connect())
            await socket._next_event()
            if socket._protocol.handshake_exc is not None:
                raise Closed("no upgrade")
        except BaseException:
            socket.abort()
            raise
        return socket

    async def receive(self, silence: float) -> bytes | str:
        """The next whole message; Closed if nothing at all comes for so long.

        A part of a frame is something: a slow line may need minutes for a long one.
        """
        parts: list[bytes] = []
        kind = None
        while True:
            event = await self._next_event(silence)
            if not isinstance(event, Frame):
                continue
            if event.opcode in (Opcode.TEXT, Opcode.BINARY):
                kind = event.opcode
            elif event.opcode is not Opcode.CONT:
                continue
            parts.append(bytes(event.data))
            if event.fin:
                return self._message(kind, b"".join(parts))

    def _message(self, kind: Opcode | None, data: bytes) -> bytes | str:
        if kind is Opcode.BINARY:
            return data
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            self._protocol.fail(CloseCode.INVALID_DATA)
            self._flush()
            raise Closed("text that is not UTF-8") from None

    def send(self, message: bytes) -> None:
        """Sends a binary message, now or when the relay takes it; never waits."""
        if self._protocol.state is OPEN:
            self._protocol.send_binary(message)
            self._flush()

    async def close(self, patience: float = 0.3) -> None:
        """Says goodbye, and waits so long at most until the relay has closed."""
        with contextlib.suppress(OSError):  # TimeoutError is an OSError
            async with asyncio.timeout(patience):
                if self._protocol.state is OPEN:
                    self._protocol.send_close(CloseCode.NORMAL_CLOSURE)
                    self._flush()
                while data := await self._reader.read(_READ_BYTES):
                    self._protocol.receive_data(data)
        self.abort()

    def abort(self) -> None:
        """Cuts the connection."""
        self._writer.transport.abort()

    async def _next_event(self, silence: float | None = None) -> Event:
        while not self._events:
            self._flush()
            if self._protocol.close_expected():
                raise Closed(self._end())
            try:
                async with asyncio.timeout(silence):
                    await self._writer.drain()
                    data = await self._reader.read(_READ_BYTES)
            except OSError as failure:  # TimeoutError is an OSError
                raise Closed(type(failure).__name__) from None
            if not data:
                raise Closed("end of the stream")
            self._protocol.receive_data(data)
            self._events.extend(self._protocol.events_received())
        return self._events.popleft()

    def _end(self) -> str:
        received, sent = self._protocol.close_rcvd, self._protocol.close_sent
        if received is not None:
            return f"close code {int(received.code)} of the relay"
        return f"close code {int(sent.code)} to the relay" if sent else "no upgrade"

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            if data:  # the empty string stands for the end, which `close` brings about
                self._writer.write(data)
