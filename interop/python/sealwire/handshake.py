"""Chapter 5: the hello, and the relay's reply."""

from __future__ import annotations

from . import WIRE_VERSION, packet, primitives
from .frame import Link
from .identity import PublicIdentity, SecretIdentity
from .packet import Message
from .primitives import KEY_BYTES, NONCE_BYTES, SIGNATURE_BYTES
from .refusals import Refused
from .relay import (
    ERROR,
    HANDSHAKE_OK,
    HANDSHAKE_REQUEST,
    ID_IN_USE,
    BadVersion,
    RelayError,
    event_frame,
    open_event,
    read_error,
    read_version,
)

SHORTEST_HELLO = 172
LONGEST_BEFORE_HELLO = 4_096


# The client's side


def hello(client: SecretIdentity, link: Link, nonce: bytes | None = None) -> bytes:
    """The first message of a client: its X25519 key in clear, then a packet."""
    body = client.public.ed25519 + bytes([WIRE_VERSION])
    inner = Message(HANDSHAKE_REQUEST, body).encode()
    return client.public.x25519 + packet.seal(link.secret, client.ed25519_seed, inner, nonce)


def read_reply(link: Link, relay_ed25519: bytes, reply: bytes) -> int:
    """The version of an accepted hello; an authentic ERROR is a refusal too."""
    message = open_event(link, relay_ed25519, reply)
    if message.command == HANDSHAKE_OK:
        return read_version(message.body).version
    if message.command == ERROR:
        raise refusal_of(read_error(message.body))
    raise Refused("handshake/reply-command")


class VersionRefused(Refused):
    """The relay speaks another version, which its user is told."""

    def __init__(self, supported: int) -> None:
        super().__init__("handshake/version")
        self.supported = supported


def refusal_of(error: RelayError) -> Refused:
    """What an ERROR says that came as the reply to a hello."""
    if isinstance(error, BadVersion):
        return VersionRefused(error.supported)
    if error.code == ID_IN_USE:
        return Refused("handshake/id-in-use")
    return Refused("relay/error")


# The relay's side


def accept(relay_x25519_seed: bytes, message: bytes) -> PublicIdentity:
    """Whose hello this is: the relay's order, up to the version.

    The one place where a packet is opened before its signature is verified: the
    key to verify with is inside. The import of the X25519 key is cut in two, so
    that a stranger's garbage costs one X25519 and one tag, and no multiplication.
    """
    if len(message) > LONGEST_BEFORE_HELLO:
        raise Refused("frame/before-hello")
    if len(message) < SHORTEST_HELLO:
        raise Refused("handshake/too-short")
    x25519, body = message[:KEY_BYTES], message[KEY_BYTES:]
    signed, signature = body[:-SIGNATURE_BYTES], body[-SIGNATURE_BYTES:]
    primitives.judge_x25519_bytes(x25519)
    inner = _open_hello(relay_x25519_seed, x25519, signed)
    primitives.judge_x25519_point(x25519)
    if inner.command != HANDSHAKE_REQUEST:
        raise Refused("handshake/hello-command")
    ed25519, version = inner.body[:KEY_BYTES], inner.body[KEY_BYTES]
    primitives.import_ed25519(ed25519)
    try:
        primitives.verify(ed25519, signed, signature)
    except Refused:
        raise Refused("handshake/hello-signature") from None
    if version != WIRE_VERSION:
        raise Refused("handshake/version")
    return PublicIdentity(x25519, ed25519)


def _open_hello(relay_x25519_seed: bytes, x25519: bytes, signed: bytes) -> Message:
    try:
        secret = primitives.x25519(relay_x25519_seed, x25519)
    except Refused:
        # A secret of zeros opens nothing; only keys that fail here give one.
        primitives.judge_x25519_point(x25519)
        raise
    nonce, sealed = signed[:NONCE_BYTES], signed[NONCE_BYTES:]
    try:
        return Message.decode(primitives.aead_open(secret, nonce, sealed))
    except Refused:
        raise Refused("handshake/hello-seal") from None


def reply(relay_ed25519_seed: bytes, link: Link, nonce: bytes | None = None) -> bytes:
    """HANDSHAKE_OK."""
    event = Message(HANDSHAKE_OK, bytes([WIRE_VERSION]))
    return event_frame(relay_ed25519_seed, link, event, nonce)
