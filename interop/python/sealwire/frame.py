"""Chapter 4: the eight masked bytes in front of a packet, and the sizes."""

from __future__ import annotations

from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import ChaCha20

from . import primitives
from .identity import RELAY_ID
from .primitives import ID_BYTES, NONCE_BYTES, SIGNATURE_BYTES, TAG_BYTES
from .refusals import Refused

SHORTEST = ID_BYTES + NONCE_BYTES + TAG_BYTES + SIGNATURE_BYTES
LONGEST_SENT = 1_048_576
LONGEST_ACCEPTED = LONGEST_SENT + 64


@dataclass(frozen=True)
class Link:
    """The secrets of a client and its relay: `S` and the two keys of the masks."""

    secret: bytes = field(repr=False)
    c2s: bytes = field(init=False, repr=False)
    s2c: bytes = field(init=False, repr=False)

    def __post_init__(self) -> None:
        derive = primitives.derive
        object.__setattr__(self, "c2s", derive(primitives.ROUTE_CLIENT_TO_RELAY, self.secret))
        object.__setattr__(self, "s2c", derive(primitives.ROUTE_RELAY_TO_CLIENT, self.secret))

    @classmethod
    def between(cls, own_x25519_seed: bytes, other_x25519: bytes) -> Link:
        """The link of one side's seed and the other side's key, imported before."""
        return cls(primitives.x25519(own_x25519_seed, other_x25519))


def mask(key: bytes, nonce: bytes) -> bytes:
    """The first eight bytes of the keystream of block 0."""
    # This library's nonce is the counter, little-endian, and then the nonce.
    initial = bytes(4) + nonce[:12]
    return Cipher(ChaCha20(key, initial), mode=None).encryptor().update(bytes(ID_BYTES))


def address(key: bytes, id_: bytes, packet: bytes) -> bytes:
    """A frame of any length: to `id_` under `K_c2s`, or from it under `K_s2c`."""
    return _xor(id_, mask(key, packet[:NONCE_BYTES])) + packet


def send(c2s: bytes, to: bytes, packet: bytes) -> bytes:
    """At the client: the frame that takes a packet to a peer or to the relay."""
    if ID_BYTES + len(packet) > LONGEST_SENT:
        raise Refused("frame/send-limit")
    _judge_shortest(ID_BYTES + len(packet))
    return address(c2s, to, packet)


def addressed(key: bytes, frame: bytes) -> bytes:
    """The id in the header of a frame whose length was judged."""
    return _xor(frame[:ID_BYTES], mask(key, frame[ID_BYTES : ID_BYTES + NONCE_BYTES]))


def packet_of(frame: bytes) -> bytes:
    """What stands behind the header."""
    return frame[ID_BYTES:]


def read_uplink(c2s: bytes, frame: bytes) -> bytes:
    """At the relay: to whom a frame goes."""
    if len(frame) > LONGEST_SENT:
        raise Refused("frame/too-long")
    _judge_shortest(len(frame))
    return addressed(c2s, frame)


def forward(c2s: bytes, s2c: bytes, sender: bytes, frame: bytes) -> tuple[bytes, bytes]:
    """At the relay: to whom a frame goes, and the frame that its reader gets.

    The packet is neither read nor judged ([frame/opaque], [frame/verbatim]).
    """
    to = read_uplink(c2s, frame)
    return to, address(s2c, sender, packet_of(frame))


def read_downlink(s2c: bytes, frame: bytes) -> bytes:
    """At the client: from whom a frame comes."""
    if len(frame) > LONGEST_ACCEPTED:
        raise Refused("frame/client-limit")
    _judge_shortest(len(frame))
    return addressed(s2c, frame)


def require_relay(s2c: bytes, frame: bytes) -> None:
    """At the client, where only the relay may speak."""
    if read_downlink(s2c, frame) != RELAY_ID:
        raise Refused("frame/relay-header")


def _judge_shortest(length: int) -> None:
    if length < SHORTEST:
        raise Refused("frame/too-short")


def _xor(a: bytes, b: bytes) -> bytes:
    return bytes(x ^ y for x, y in zip(a, b, strict=True))
