"""Chapter 3: how a message is sealed, signed and opened."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from . import primitives
from .primitives import NONCE_BYTES, SIGNATURE_BYTES, TAG_BYTES
from .refusals import Refused

HEAD_BYTES = 3  # message id and command
SHORTEST = NONCE_BYTES + HEAD_BYTES + TAG_BYTES + SIGNATURE_BYTES


@dataclass(frozen=True)
class Message:
    """The inner part of a packet. Nobody decides anything by the message id."""

    command: int
    body: bytes
    message_id: int = 0

    def encode(self) -> bytes:
        """The inner bytes."""
        return self.message_id.to_bytes(2, "little") + bytes([self.command]) + self.body

    @classmethod
    def decode(cls, inner: bytes) -> Message:
        """The message of at least three inner bytes."""
        return cls(inner[2], inner[HEAD_BYTES:], int.from_bytes(inner[:2], "little"))


def fresh_nonce() -> bytes:
    """24 random bytes without any structure ([packet/nonce-fresh])."""
    return secrets.token_bytes(NONCE_BYTES)


def pair_key(own_x25519_seed: bytes, other_x25519: bytes) -> bytes:
    """The key of both directions: the raw secret. Derive it once and keep it."""
    return primitives.x25519(own_x25519_seed, other_x25519)


def seal(key: bytes, ed25519_seed: bytes, inner: bytes, nonce: bytes | None = None) -> bytes:
    """A packet of the inner bytes. Only tests have a reason to choose the nonce."""
    nonce = fresh_nonce() if nonce is None else nonce
    signed = nonce + primitives.aead_seal(key, nonce, inner)
    return signed + primitives.sign(ed25519_seed, signed)


def open_packet(key: bytes, sender_ed25519: bytes, packet: bytes) -> Message:
    """The message of a packet from the holder of the one pinned key, imported before.

    The signature comes first ([packet/verify-first]): with one key for both
    directions, nothing else tells the reader's own packet from the other's.
    """
    if len(packet) < SHORTEST:
        raise Refused("packet/too-short")
    signed, signature = packet[:-SIGNATURE_BYTES], packet[-SIGNATURE_BYTES:]
    try:
        primitives.verify(sender_ed25519, signed, signature)
    except Refused:
        raise Refused("packet/signature") from None
    try:
        inner = primitives.aead_open(key, signed[:NONCE_BYTES], signed[NONCE_BYTES:])
    except Refused:
        raise Refused("packet/authentic") from None
    return Message.decode(inner)
