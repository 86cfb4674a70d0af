"""The texts that were written and are not acknowledged yet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .contacts import Contact
from .peer import Text


@dataclass
class Outgoing:
    """A text on its way. Its nonce is that of the last frame that carried it."""

    contact: Contact
    text: Text
    ref: Any
    nonce: bytes | None = None
    undeliverable: bool = False

    @property
    def peer(self) -> bytes:
        """The recipient's X25519 key."""
        return self.contact.identity.x25519


class Outbox:
    """Texts in the order in which they were written."""

    def __init__(self) -> None:
        self._by_uuid: dict[bytes, Outgoing] = {}
        self._by_nonce: dict[bytes, Outgoing] = {}

    def __iter__(self) -> Iterator[Outgoing]:
        return iter(list(self._by_uuid.values()))

    def add(self, outgoing: Outgoing) -> None:
        """Keeps a text until it is acknowledged."""
        self._by_uuid[outgoing.text.uuid] = outgoing

    def sent(self, outgoing: Outgoing, nonce: bytes) -> None:
        """A frame with this nonce carries the text now; earlier ones are forgotten."""
        self._forget_nonce(outgoing)
        outgoing.nonce, outgoing.undeliverable = nonce, False
        self._by_nonce[nonce] = outgoing

    def acknowledged(self, peer: bytes, uuid: bytes) -> Outgoing | None:
        """Removes the text that its recipient, and nobody else, acknowledges."""
        outgoing = self._by_uuid.get(uuid)
        if outgoing is None or outgoing.peer != peer:
            return None
        del self._by_uuid[uuid]
        self._forget_nonce(outgoing)
        return outgoing

    def failed(self, target: bytes, nonce: bytes) -> Outgoing | None:
        """The text whose last frame did not reach its recipient; once a frame."""
        outgoing = self._by_nonce.get(nonce)
        if outgoing is None or outgoing.contact.identity.id != target:
            return None
        self._forget_nonce(outgoing)
        outgoing.undeliverable = True
        return outgoing

    def _forget_nonce(self, outgoing: Outgoing) -> None:
        if outgoing.nonce is not None:
            self._by_nonce.pop(outgoing.nonce, None)
            outgoing.nonce = None
