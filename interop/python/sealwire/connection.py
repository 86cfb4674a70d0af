"""Staying connected: hello and reply, and the waits between connections."""

from __future__ import annotations

import asyncio
import random

from . import handshake
from .client import Client, Show
from .frame import LONGEST_ACCEPTED
from .refusals import Refused
from .websocket import Closed, WebSocket

OPENING_SECONDS = 10.0  # for TCP and the upgrade; the specification has no such limit
SILENCE_SECONDS = 60.0  # [handshake/silence]
FIRST_BOUND_SECONDS = 1.0  # [handshake/reconnect]
LAST_BOUND_SECONDS = 30.0
LONG_SESSION_SECONDS = 60.0
ID_IN_USE_SECONDS = (5.0, 15.0, 30.0, 65.0)  # [handshake/id-in-use-retry]

# A message that is too long is dropped and the session goes on (chapter 6, "at the
# client"); beyond this it is not even taken in, and the connection ends with 1009.
LONGEST_BUFFERED = 4 * LONGEST_ACCEPTED

_RANDOM = random.SystemRandom()


class Stopped(Exception):
    """The specification forbids a further try; the user was told why."""


class Reconnection:
    """The waits before reconnections: full jitter under a bound that doubles."""

    def __init__(self) -> None:
        self._bound = FIRST_BOUND_SECONDS

    def wait(self, lived: float) -> float:
        """The next wait, after a session that lived so many seconds (0 for none)."""
        if lived >= LONG_SESSION_SECONDS:
            self._bound = FIRST_BOUND_SECONDS
        wait = _RANDOM.uniform(0, self._bound)
        self._bound = min(2 * self._bound, LAST_BOUND_SECONDS)
        return wait


class IdInUse:
    """The waits after id_in_use; an accepted hello ends the series."""

    def __init__(self) -> None:
        self._tries = 0

    def accepted(self) -> None:
        """A session stands: what comes later is another story."""
        self._tries = 0

    def wait(self) -> float | None:
        """The next wait, or None when the tries are used up."""
        if self._tries == len(ID_IN_USE_SECONDS):
            return None
        wait = ID_IN_USE_SECONDS[self._tries] * _RANDOM.uniform(1, 1.2)
        self._tries += 1
        return wait


class Connection:
    """Holds a session for a client, over as many connections as it takes."""

    def __init__(self, url: str, client: Client, show: Show) -> None:
        self._url = url
        self._client = client
        self._show = show
        self._reconnection = Reconnection()
        self._id_in_use = IdInUse()
        self._accepted_at: float | None = None

    async def keep(self) -> None:
        """Connects again and again, until it must stop."""
        now = asyncio.get_running_loop().time
        while True:
            # Counted from the end of the session, not of the goodbye.
            next_at = now()
            try:
                socket = await WebSocket.connect(self._url, LONGEST_BUFFERED, OPENING_SECONDS)
            except Closed as closed:
                next_at = now() + self._wait(str(closed))
            else:
                next_at = await self._session(socket)
            await asyncio.sleep(next_at - now())

    async def _session(self, socket: WebSocket) -> float:
        """One connection from the hello to its end; gives the time of the next."""
        now = asyncio.get_running_loop().time
        self._accepted_at = None
        try:
            await self._greet(socket)
            self._accepted_at = now()
            self._id_in_use.accepted()
            self._client.session_began(socket.send)
            while True:
                self._receive(await socket.receive(SILENCE_SECONDS))
        except Closed as closed:
            return now() + self._wait(str(closed))
        except Refused as refused:  # of the reply; inside the session nothing ends it
            return now() + self._wait_after_refusal(refused)
        finally:
            self._client.session_ended()
            await socket.close()

    async def _greet(self, socket: WebSocket) -> None:
        """Hello and reply. Texts may come before the reply, frames may not."""
        socket.send(handshake.hello(self._client.own, self._client.link))
        while isinstance(reply := await socket.receive(SILENCE_SECONDS), str):
            pass
        handshake.read_reply(self._client.link, self._client.relay_keys.ed25519, reply)

    def _receive(self, message: bytes | str) -> None:
        if isinstance(message, str):
            return  # a sign of life
        try:
            self._client.receive(message)
        except Refused as refused:
            self._show("error", code="dropped", detail=str(refused), clause=refused.clause)

    def _wait(self, detail: str, **members: str) -> float:
        now = asyncio.get_running_loop().time
        lived = now() - self._accepted_at if self._accepted_at is not None else 0.0
        wait = self._reconnection.wait(lived)
        retry = int(wait * 1000)
        self._show("error", code="disconnected", detail=detail, retry_ms=retry, **members)
        return wait

    def _wait_after_refusal(self, refused: Refused) -> float:
        if isinstance(refused, handshake.VersionRefused):
            detail = f"the relay asks for version {refused.supported}"
            self._show("error", code="bad_version", detail=detail, fatal=True)
            raise Stopped
        if refused.clause != "handshake/id-in-use":
            return self._wait(str(refused), clause=refused.clause)
        wait = self._id_in_use.wait()
        detail = "another session holds this id: somebody else may be using it"
        if wait is None:
            self._show("error", code="id_in_use", detail=detail, fatal=True)
            raise Stopped
        retry = int(wait * 1000)
        self._show("error", code="id_in_use", detail=detail, fatal=False, retry_ms=retry)
        return wait
