"""The client: JSON commands on standard input, JSON events on standard output.

Where the relay is and whose seeds these are, the environment says.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import sys
import threading
from collections.abc import Callable, Mapping
from typing import Any

from sealwire.client import Client, UnknownPeer
from sealwire.connection import Connection, Stopped
from sealwire.identity import PublicIdentity, SecretIdentity
from sealwire.refusals import Refused

EXIT_STOPPED = 1

_KEY = re.compile("[0-9A-Fa-f]{64}")


class BadCommand(Exception):
    """A line of input that is no command."""


class Events:
    """Writes the events, numbered, one a line; nothing comes after a fatal one."""

    def __init__(self) -> None:
        self._last = 0
        self._ended = False

    def show(self, event: str, **members: Any) -> None:
        """Writes one event at once."""
        if self._ended:
            return
        self._ended = members.get("fatal", False)
        self._last += 1
        line = {"seq": self._last, "event": event, **members}
        # Everything outside U+0020..U+007E becomes \uXXXX.
        sys.stdout.buffer.write(json.dumps(line, ensure_ascii=True).encode("ascii") + b"\n")
        sys.stdout.buffer.flush()


# Configuration


def key_of(text: Any) -> bytes:
    """A key of 64 hex digits."""
    if not isinstance(text, str) or not _KEY.fullmatch(text):
        raise BadCommand("a key is 64 hex digits")
    return bytes.fromhex(text)


def configuration(environment: Mapping[str, str]) -> tuple[str, SecretIdentity, PublicIdentity]:
    """The relay's address, the own identity and the relay's imported keys."""

    def key(name: str) -> bytes:
        try:
            return key_of(environment.get(name))
        except BadCommand:
            raise SystemExit(f"client: {name} is not 64 hex digits") from None

    own = SecretIdentity(key("SEALWIRE_X25519_SEED"), key("SEALWIRE_ED25519_SEED"))
    url = environment.get("SEALWIRE_RELAY_URL")
    if not url:
        raise SystemExit("client: SEALWIRE_RELAY_URL is missing")
    try:
        relay = PublicIdentity.imported(key("SEALWIRE_RELAY_X25519"), key("SEALWIRE_RELAY_ED25519"))
    except Refused as refused:
        raise SystemExit(f"client: the relay's keys are {refused}") from None
    return url, own, relay


# Commands


def carry_out(client: Client, events: Events, line: bytes) -> bool:
    """Carries out one line; whether it was `quit`."""
    try:
        command = parse(line)
        if command["cmd"] == "quit":
            return True
        obey(client, events, command)
    except (BadCommand, UnknownPeer, UnicodeEncodeError) as failure:
        detail = str(failure) if isinstance(failure, BadCommand) else type(failure).__name__
        events.show("error", code="bad_command", detail=detail)
    except Refused as refused:
        events.show("error", code="refused", detail=str(refused), clause=refused.clause)
    return False


def parse(line: bytes) -> dict[str, Any]:
    """The object of a line."""
    try:
        command = json.loads(line)
    except ValueError:
        raise BadCommand("the line is not JSON") from None
    if not isinstance(command, dict) or not isinstance(command.get("cmd"), str):
        raise BadCommand("the line is not an object with a cmd")
    return command


def obey(client: Client, events: Events, command: dict[str, Any]) -> None:
    """Carries out a command other than `quit`."""
    match command:
        case {"cmd": "contact", "invite": str(invite)}:
            named = client.add_contact(invite)
            events.show("contact", peer=named.x25519.hex(), ed25519=named.ed25519.hex())
        case {"cmd": "send", "peer": peer, "text": str(text)}:
            client.send_text(key_of(peer), text, command.get("ref"))
        case {"cmd": "subscribe", "peers": list(peers)}:
            client.subscribe([key_of(peer) for peer in peers])
        case {"cmd": "introduce", "peer": peer, "name": str(name)}:
            client.introduce(key_of(peer), name)
        case _:
            raise BadCommand("an unknown cmd, or members that do not fit it")


def read_lines(give: Callable[[bytes | None], None]) -> None:
    """Gives each line of standard input, of any length, and None at its end.

    Unbuffered: a thread that waits inside a buffered reader hinders the exit.
    """
    rest: list[bytes] = []
    while chunk := os.read(0, 65_536):
        *lines, last = chunk.split(b"\n")
        for line in lines:
            give(b"".join((*rest, line)))
            rest = []
        rest.append(last)
    if any(rest):
        give(b"".join(rest))
    give(None)


async def commands(client: Client, events: Events) -> None:
    """Carries out the lines in their order, until `quit` or the end."""
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[bytes | None] = asyncio.Queue()

    def give(line: bytes | None) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed when the client ended
            loop.call_soon_threadsafe(lines.put_nowait, line)

    threading.Thread(target=read_lines, args=(give,), daemon=True).start()
    while (line := await lines.get()) is not None:
        if carry_out(client, events, line):
            return


async def run(url: str, own: SecretIdentity, relay: PublicIdentity) -> int:
    """The client's life; gives the exit code."""
    events = Events()
    client = Client(own, relay, events.show)
    connected = asyncio.create_task(Connection(url, client, events.show).keep())
    told = asyncio.create_task(commands(client, events))
    await asyncio.wait({connected, told}, return_when=asyncio.FIRST_COMPLETED)
    try:
        if connected.done():
            connected.result()
        else:
            connected.cancel()
            await asyncio.wait({connected})
        told.result()
    except Stopped:
        return EXIT_STOPPED
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(run(*configuration(os.environ))))
