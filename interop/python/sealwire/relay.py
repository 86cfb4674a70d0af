"""Chapter 6: what a client may ask of its relay, and what the relay tells it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from . import WIRE_VERSION, frame, packet
from .frame import Link
from .identity import RELAY_ID, PublicIdentity
from .packet import Message
from .primitives import ID_BYTES, KEY_BYTES, NONCE_BYTES
from .refusals import Refused

HANDSHAKE_REQUEST = 0x01
HANDSHAKE_OK = 0x02
SUBSCRIBE = 0x40
UNSUBSCRIBE = 0x41
PEER_ONLINE = 0x42
PEER_OFFLINE = 0x43
INTRODUCE = 0x46
INTRO_FROM = 0x47
WAKE = 0x48
PUSH_REGISTER = 0x49
SERVER_PING = 0x4A
NOTICE = 0x88
ERROR = 0xFF

ALL_COMMANDS = frozenset(
    {
        HANDSHAKE_REQUEST,
        HANDSHAKE_OK,
        SUBSCRIBE,
        UNSUBSCRIBE,
        PEER_ONLINE,
        PEER_OFFLINE,
        INTRODUCE,
        INTRO_FROM,
        WAKE,
        PUSH_REGISTER,
        SERVER_PING,
        NOTICE,
        ERROR,
    }
)

ID_IN_USE = 0x01
BAD_VERSION = 0x02
RECIPIENT_OFFLINE = 0x03

INTRODUCED_NICKNAME_BYTES = 1_024
PUSH_TOKEN_BYTES = 4_096


# Commands, as a relay reads and a client writes them


@dataclass(frozen=True)
class KeyList:
    """The body of SUBSCRIBE, UNSUBSCRIBE, PEER_ONLINE and PEER_OFFLINE.

    The keys stand as sent: nobody imports them ([relay/subscribe-bytes]).
    """

    command: int
    keys: tuple[bytes, ...]

    def encode(self) -> Message:
        """The command as a message."""
        return Message(self.command, b"".join(self.keys))


@dataclass(frozen=True)
class Introduce:
    """Hand the sender's keys to the target, with a nickname no relay judges."""

    target: bytes
    nickname: bytes

    def encode(self) -> Message:
        """The command as a message."""
        return Message(INTRODUCE, self.target + self.nickname)


@dataclass(frozen=True)
class Wake:
    """Wake the device of the target: a command, and the notifier's event."""

    target: bytes
    kind: int | None

    def encode(self) -> Message:
        """The command as a message."""
        kind = b"" if self.kind is None else bytes([self.kind])
        return Message(WAKE, self.target + kind)


@dataclass(frozen=True)
class PushRegister:
    """Where to push wake-up calls for the sender."""

    kind: int
    token: bytes

    def encode(self) -> Message:
        """The command as a message."""
        return Message(PUSH_REGISTER, bytes([self.kind]) + self.token)


def _read_key_list(command: int) -> Callable[[bytes], KeyList]:
    def read(body: bytes) -> KeyList:
        if len(body) % KEY_BYTES:
            raise Refused("relay/key-list")
        keys = (body[i : i + KEY_BYTES] for i in range(0, len(body), KEY_BYTES))
        return KeyList(command, tuple(keys))

    return read


def _read_introduce(body: bytes) -> Introduce:
    if len(body) < ID_BYTES:
        raise Refused("relay/introduce-length")
    if len(body) > ID_BYTES + INTRODUCED_NICKNAME_BYTES:
        raise Refused("relay/introduce-nickname")
    return Introduce(body[:ID_BYTES], body[ID_BYTES:])


def _read_wake(body: bytes) -> Wake:
    if len(body) < ID_BYTES:
        raise Refused("relay/wake")
    return Wake(body[:ID_BYTES], body[ID_BYTES] if len(body) > ID_BYTES else None)


def _read_push_register(body: bytes) -> PushRegister:
    if not body:
        raise Refused("relay/push-register")
    if len(body) > 1 + PUSH_TOKEN_BYTES:
        raise Refused("relay/push-token")
    return PushRegister(body[0], body[1:])


Command = KeyList | Introduce | Wake | PushRegister

_COMMANDS: dict[int, Callable[[bytes], Command]] = {
    SUBSCRIBE: _read_key_list(SUBSCRIBE),
    UNSUBSCRIBE: _read_key_list(UNSUBSCRIBE),
    INTRODUCE: _read_introduce,
    WAKE: _read_wake,
    PUSH_REGISTER: _read_push_register,
}

# What only a relay sends, and HANDSHAKE_REQUEST, which is over in an open session.
_NOT_OF_A_CLIENT = ALL_COMMANDS - _COMMANDS.keys()


def read_command(message: Message) -> Command:
    """At the relay: a command whose packet was opened."""
    if message.command in _NOT_OF_A_CLIENT:
        raise Refused("relay/direction")
    read = _COMMANDS.get(message.command)
    if read is None:
        raise Refused("relay/unknown-command")
    return read(message.body)


# Events, as a client reads them


@dataclass(frozen=True)
class HandshakeOk:
    """The reply, or its repetition in an open session, which changes nothing."""

    version: int


@dataclass(frozen=True)
class IntroFrom:
    """The relay knows a session with these keys; of the person it proves nothing."""

    identity: PublicIdentity
    nickname: str


@dataclass(frozen=True)
class PushRegistered:
    """For the notifier: where to push wake-up calls for `sender`."""

    sender: bytes
    kind: int
    token: bytes


@dataclass(frozen=True)
class ServerPing:
    """A sign of life."""


@dataclass(frozen=True)
class Notice:
    """Text that the relay wrote, and data to whoever shows it."""

    text: str


@dataclass(frozen=True)
class RelayError:
    """An ERROR without a detail, or of a code that this version does not know."""

    code: int


@dataclass(frozen=True)
class BadVersion(RelayError):
    """The relay speaks another version."""

    supported: int


@dataclass(frozen=True)
class RecipientOffline(RelayError):
    """The frame with this nonce did not reach the target."""

    target: bytes
    nonce: bytes


def read_version(body: bytes) -> HandshakeOk:
    """HANDSHAKE_OK."""
    if body[:1] != bytes([WIRE_VERSION]):
        raise Refused("handshake/reply-version")
    return HandshakeOk(body[0])


def read_error(body: bytes) -> RelayError:
    """ERROR. A code that this version does not know is well formed."""
    if not body:
        raise Refused("relay/error")
    code, detail = body[0], body[1:]
    if code == BAD_VERSION:
        if not detail:
            raise Refused("relay/error")
        return BadVersion(code, detail[0])
    if code == RECIPIENT_OFFLINE:
        end = ID_BYTES + NONCE_BYTES
        if len(detail) < end:
            raise Refused("relay/error")
        return RecipientOffline(code, detail[:ID_BYTES], detail[ID_BYTES:end])
    return RelayError(code)


def _read_intro_from(body: bytes) -> IntroFrom:
    if len(body) < 2 * KEY_BYTES:
        raise Refused("relay/intro-from")
    try:
        nickname = body[2 * KEY_BYTES :].decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("relay/intro-from") from None
    keys = PublicIdentity.imported(body[:KEY_BYTES], body[KEY_BYTES : 2 * KEY_BYTES])
    return IntroFrom(keys, nickname)


def _read_push_registered(body: bytes) -> PushRegistered:
    if len(body) < ID_BYTES + 1:
        raise Refused("relay/push-register")
    return PushRegistered(body[:ID_BYTES], body[ID_BYTES], body[ID_BYTES + 1 :])


def _read_server_ping(_body: bytes) -> ServerPing:
    return ServerPing()


def _read_notice(body: bytes) -> Notice:
    try:
        return Notice(body.decode("utf-8"))
    except UnicodeDecodeError:
        raise Refused("relay/notice") from None


Event = HandshakeOk | KeyList | IntroFrom | Wake | PushRegistered | ServerPing | Notice | RelayError

_EVENTS: dict[int, Callable[[bytes], Event]] = {
    HANDSHAKE_OK: read_version,
    PEER_ONLINE: _read_key_list(PEER_ONLINE),
    PEER_OFFLINE: _read_key_list(PEER_OFFLINE),
    INTRO_FROM: _read_intro_from,
    WAKE: _read_wake,
    PUSH_REGISTER: _read_push_registered,
    SERVER_PING: _read_server_ping,
    NOTICE: _read_notice,
    ERROR: read_error,
}


def read_event(message: Message) -> Event:
    """At the client: an event whose packet was opened."""
    read = _EVENTS.get(message.command)
    if read is None:
        raise Refused("relay/event-unknown")
    return read(message.body)


# Frames between a client and its relay


def command_frame(
    client_ed25519_seed: bytes, link: Link, command: Message, nonce: bytes | None = None
) -> bytes:
    """A client's frame to its relay."""
    sealed = packet.seal(link.secret, client_ed25519_seed, command.encode(), nonce)
    return frame.send(link.c2s, RELAY_ID, sealed)


def event_frame(
    relay_ed25519_seed: bytes, link: Link, event: Message, nonce: bytes | None = None
) -> bytes:
    """A relay's own frame to a client."""
    sealed = packet.seal(link.secret, relay_ed25519_seed, event.encode(), nonce)
    built = frame.address(link.s2c, RELAY_ID, sealed)
    if len(built) > frame.LONGEST_SENT:
        raise Refused("frame/relay-limit")
    return built


def open_event(link: Link, relay_ed25519: bytes, message: bytes) -> Message:
    """At the client: the packet of a frame that must be the relay's own.

    The header says which key to ask; the signature says whether the relay spoke
    ([relay/relay-signed]).
    """
    frame.require_relay(link.s2c, message)
    return packet.open_packet(link.secret, relay_ed25519, frame.packet_of(message))
