"""The two commands between peers that every client needs: TEXT and DELIVERY_ACK.

They are a profile above the chapters: no relay ever sees them.
"""

from __future__ import annotations

from dataclasses import dataclass

from .packet import Message

TEXT = 0x20
DELIVERY_ACK = 0x27
UUID_BYTES = 16


@dataclass(frozen=True)
class Text:
    """A text; its uuid is what it is acknowledged by, and known again by."""

    uuid: bytes
    text: str

    def encode(self) -> Message:
        """The command as a message."""
        return Message(TEXT, self.uuid + self.text.encode("utf-8"))


@dataclass(frozen=True)
class DeliveryAck:
    """The text of this uuid has arrived."""

    uuid: bytes

    def encode(self) -> Message:
        """The command as a message."""
        return Message(DELIVERY_ACK, self.uuid)


def read(message: Message) -> Text | DeliveryAck | None:
    """What a peer says, or None if it says nothing that has an effect."""
    uuid, rest = message.body[:UUID_BYTES], message.body[UUID_BYTES:]
    if len(uuid) < UUID_BYTES:
        return None
    if message.command == DELIVERY_ACK and not rest:
        return DeliveryAck(uuid)
    if message.command == TEXT:
        try:
            return Text(uuid, rest.decode("utf-8"))
        except UnicodeDecodeError:
            return None
    return None
